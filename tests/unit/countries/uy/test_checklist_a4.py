"""
The law's chapter on printed forms as a checklist, tried on the PDF of every type.

Formato CFE v25.2, representación impresa, in the numbers of its parts. Each row says what it looks for, for whom, and
how a form loses it: the mutant must be noticed, or the row proves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache

import pytest
from drawn import HEIGHT_MM, WIDTH_MM, Area, Sheet, drawn, everything
from hand_made import emitido
from signed_samples import EMISOR, RUT

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.ticket import Page, Row, Size, Text
from sincronizador.countries.uy.sheet import page
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.printing.a4 import canvas, closing, foot, head, typeset
from sincronizador.printing.pdf import render_pdf

SMALL, LARGE = 2.0, 3.0
"""Millimetres of letters: any, and those of type, RUC, series, boxes and legends."""
ANEXO = Anexo(adenda="Cambios dentro de los 30 días.", extra=(("VENDEDOR", "7"),))
Forms = list[Sheet]
Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Rule:
    """One demand of the law."""

    part: str
    """Its number in the chapter, and what it is."""
    holds: Callable[[Forms, Emitido], bool]
    broken: Callable[[Page, Patch], Page]
    """A form without it; the second may spoil the renderer instead."""
    of: Callable[[TipoCfe], bool] = lambda tipo: True
    """Which types have it."""


def without(*words: str) -> Callable[[Page, Patch], Page]:
    """The form with these words gone wherever they stand."""

    def strip(value):
        if isinstance(value, str):
            for word in words:
                value = value.replace(word, "")
            return value
        if isinstance(value, Text):
            return replace(value, text=strip(value.text))
        if isinstance(value, Row):
            return replace(value, left=strip(value.left), right=strip(value.right))
        return tuple(map(strip, value)) if isinstance(value, tuple) else value

    def broken(made: Page, patch: Patch) -> Page:
        names = [each.name for each in fields(made) if each.name not in ("columns", "qr", "title")]
        return replace(made, **{name: strip(getattr(made, name)) for name in names})

    return broken


def spoiled(module, name: str, value: object) -> Callable[[Page, Patch], Page]:
    """The form as a renderer with another measure draws it."""

    def broken(made: Page, patch: Patch) -> Page:
        patch.setattr(module, name, value)
        return made

    return broken


def small(*names: str) -> Callable[[Page, Patch], Page]:
    """The form with parts of it in letters of 2 mm."""

    def broken(made: Page, patch: Patch) -> Page:
        return replace(
            made, **{name: tuple(replace(text, size=Size.NORMAL) for text in getattr(made, name)) for name in names}
        )

    return broken


def says(*words: str, at_least: float = SMALL, within: Area | None = None) -> Callable[[Forms, Emitido], bool]:
    """Whether all these words are there, as high as that, in that part of their sheet."""

    def holds(forms: Forms, document: Emitido) -> bool:
        found = [next(filter(None, (sheet.find(word) for sheet in forms)), None) for word in words]
        return all(each and each.height >= at_least and (not within or within.holds(each.area)) for each in found)

    return holds


def boxed(words: str, width: float, height: float, at_least: float = LARGE) -> Callable[[Forms, Emitido], bool]:
    """Whether words of that height stand in a box of that size, on the last sheet."""

    def holds(forms: Forms, document: Emitido) -> bool:
        found, box = forms[-1].find(words), forms[-1].box_around(words)
        return bool(found and box and box.width >= width and box.height >= height and found.height >= at_least)

    return holds


TOP_LEFT = Area(5, 5, 120, 100)
TOP_RIGHT = Area(110, 5, 205, 80)


def of(*familias: Familia) -> Callable[[TipoCfe], bool]:
    return lambda tipo: tipo.familia in familias


def electronic(tipo: TipoCfe) -> bool:
    return not tipo.is_papel


def is_named(forms: Forms, document: Emitido) -> bool:
    large = (words for words in forms[0].words if words.height >= LARGE and TOP_RIGHT.holds(words.area))
    return document.nombre in " ".join(words.text for words in large)


def every_letter(forms: Forms, document: Emitido) -> bool:
    return all(words.height >= SMALL for sheet in forms for words in sheet.words)


def border(forms: Forms, document: Emitido) -> bool:
    paper = Area(5, 5, WIDTH_MM - 5, HEIGHT_MM - 5)
    return all(paper.holds(area) for sheet in forms for area in everything(sheet))


def qr_size(forms: Forms, document: Emitido) -> bool:
    return all(22 <= side <= 30 for sheet in forms for side in (sheet.qr.width, sheet.qr.height))


def qr_clear(forms: Forms, document: Emitido) -> bool:
    """3 mm around one of 22 mm, 5 mm around one of 30 mm, and so between."""

    def wanted(sheet: Sheet) -> float:
        return 3 + (sheet.qr.width - 22) / 4

    return not any(
        area is not sheet.qr and area.touches(sheet.qr.grown(wanted(sheet) - 0.2))
        for sheet in forms
        for area in everything(sheet)
    )


def qr_place(forms: Forms, document: Emitido) -> bool:
    return all(sheet.qr.right < WIDTH_MM / 2 and sheet.qr.top > HEIGHT_MM * 0.7 for sheet in forms)


def security_code(forms: Forms, document: Emitido) -> bool:
    found, qr = forms[-1].find(document.codigo_seguridad), forms[-1].qr
    return (
        bool(found and "seguridad" in found.text and found.area.top > qr.foot and found.area.touches(qr.grown(20)))
        and len(document.codigo_seguridad) == 6
    )


def beside_qr(*words: str) -> Callable[[Forms, Emitido], bool]:
    def holds(forms: Forms, document: Emitido) -> bool:
        found = [forms[-1].find(word) for word in words]
        return all(
            each and (each.area.left > forms[-1].qr.right or each.area.top > forms[-1].qr.foot) for each in found
        )

    return holds


def black_on_white(forms: Forms, document: Emitido) -> bool:
    """Everything but the titles of columns and adenda is black, whatever the issuer's colour is."""
    titles = {"Cantidad", "Un.", "Descripción", "P. unitario", "Dto./Rec.", "IVA", "Concepto", "Importe", "ADENDA"}
    titles |= {"Código", "Tasa", "Monto sujeto", "Valor"}
    return not any(any(words.color) and words.text not in titles for sheet in forms for words in sheet.words)


def colored(made: Page, patch: Patch) -> Page:
    patch.setattr(canvas, "BLACK", (0.9, 0.1, 0.1))
    return made


def shrunk(made: Page, patch: Patch) -> Page:
    patch.setitem(typeset.POINTS, Size.NORMAL, 7.9)
    return made


def adenda_box(forms: Forms, document: Emitido) -> bool:
    """Headed, and 5 mm inside what surrounds it."""
    sheet = next((sheet for sheet in forms if sheet.find("ADENDA")), None)
    box = sheet.box_around("ADENDA") if sheet else None
    if not sheet or not box or sheet.box_around("Cambios dentro") != box:
        return False
    others = [area for area in everything(sheet) if area != box and not box.holds(area)]
    return not any(area.touches(box.grown(4.9)) for area in others) and box.left >= head.LEFT / typeset.MM + 4.9


TYPES = [int(tipo) for tipo in TipoCfe if not tipo.is_papel] + [201, 211, 281, 282]
"""The papers of contingency differ from what they transcribe in their names alone."""
RULES = (
    Rule("1 razón social", says("EMPRESA INVENTADA SA", within=TOP_LEFT), without("EMPRESA INVENTADA SA")),
    Rule("1 nombre comercial", says("Almacén Ñandú", within=TOP_LEFT), without("Almacén Ñandú")),
    Rule("1 domicilio", says("Calle Inventada 1234", within=TOP_LEFT), without("Calle Inventada 1234")),
    Rule("1 ciudad", says("Montevideo", within=TOP_LEFT), without("Montevideo")),
    Rule("1 leyenda", says("Habilitación bromatológica 4567", at_least=LARGE), small("emisor")),
    Rule("2 RUC", says(f"RUC {RUT}", at_least=LARGE, within=TOP_RIGHT), without(f"RUC {RUT}")),
    Rule("2 RUC in 3 mm", says(f"RUC {RUT}", at_least=LARGE), small("documento")),
    Rule("2 tipo", is_named, small("documento")),
    Rule("2 serie y número", says("Serie A N.º 1234", at_least=LARGE, within=TOP_RIGHT), without("1234")),
    Rule(
        "2 crédito",
        says("Crédito", at_least=LARGE, within=TOP_RIGHT),
        without("Crédito"),
        of(Familia.E_TCK, Familia.E_FACT),
    ),
    Rule(
        "2 contado",
        says("Contado", at_least=LARGE, within=TOP_RIGHT),
        without("Contado"),
        of(Familia.E_FACT_EXP, Familia.E_BOLETA),
    ),
    Rule(
        "2 bienes de terceros y su dueño",
        says("Bienes de Terceros", "Productores del Este", "RUC 211003420017", at_least=LARGE, within=TOP_RIGHT),
        without("Productores del Este"),
        of(Familia.E_REM, Familia.E_REM_EXP),
    ),
    Rule(
        "2 pagos por cuenta de terceros",
        says("Pagos por cuenta de terceros", at_least=LARGE),
        without("Pagos por cuenta de terceros"),
        of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP),
    ),
    Rule("3 consumo final", boxed("CONSUMO FINAL", 40, 10), without("CONSUMO FINAL"), of(Familia.E_TCK)),
    Rule("3 documento del consumidor", says("CI 12345672 (UY)"), without("CI 12345672"), of(Familia.E_TCK)),
    Rule(
        "3 RUC comprador",
        boxed("RUC COMPRADOR 215555550010", 40, 10),
        without("215555550010"),
        of(Familia.E_FACT, Familia.E_REM, Familia.E_RESG),
    ),
    Rule("3 in 3 mm", boxed("COMPRADOR", 40, 10), small("receptor"), of(Familia.E_FACT, Familia.E_REM)),
    Rule("3 RUC vendedor", boxed("RUC VENDEDOR 215555550010", 40, 10), without("RUC VENDEDOR"), of(Familia.E_BOLETA)),
    Rule(
        "3 del exterior",
        says("IMPORTADORA FICTICIA LTDA", "Rua Inventada 1", "Porto Alegre - RS - BRASIL"),
        without("Rua Inventada 1"),
        of(Familia.E_FACT_EXP, Familia.E_REM_EXP),
    ),
    Rule(
        "3 nombre y domicilio",
        says("PEÑA Y CÍA. & Hnos.", "Avenida Ficticia 100", "Salto - URUGUAY"),
        without("PEÑA Y CÍA. & Hnos."),
        of(Familia.E_FACT, Familia.E_REM, Familia.E_RESG, Familia.E_BOLETA),
    ),
    Rule("4 fecha", says("21/11/2026"), without("21/11/2026")),
    Rule(
        "4 línea: cantidad, precio, importe",
        says("Café molido 250 g", "4", "50,00", "180,00"),
        without("180,00"),
        of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP, Familia.E_BOLETA),
    ),
    Rule(
        "4 línea: cantidad y descripción",
        says("Cajón de manzanas", "2", "un"),
        without("Cajón de manzanas"),
        of(Familia.E_REM, Familia.E_REM_EXP),
    ),
    Rule("4 signo", says("-100,00"), without("-100,00"), of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP)),
    Rule("4 signo en un remito", says("-2"), without("-2"), of(Familia.E_REM)),
    Rule("4 signo en un resguardo", says("-23,76"), without("-23,76"), of(Familia.E_RESG)),
    Rule(
        "4 netos e IVA por tasa",
        says("Neto gravado 22 %", "143,44", "IVA 22 %", "31,56", "Neto gravado 10 %", "90,91", "IVA 10 %", "9,09"),
        without("31,56"),
        of(Familia.E_TCK, Familia.E_FACT),
    ),
    Rule(
        "4 otros montos",
        says("Exento", "Exportación y asimilados", "Impuesto percibido", "IVA en suspenso"),
        without("IVA en suspenso"),
        of(Familia.E_TCK, Familia.E_FACT),
    ),
    Rule("4 total", says("TOTAL A PAGAR", "$ 801,76"), without("$ 801,76"), of(Familia.E_TCK, Familia.E_FACT)),
    Rule("4 moneda extranjera", says("USD", "39,85"), without("39,85"), of(Familia.E_FACT_EXP, Familia.E_REM_EXP)),
    Rule("4 total en moneda", says("TOTAL", "U$S 275,00"), without("U$S"), of(Familia.E_FACT_EXP)),
    Rule("4 moneda", says("UYU"), without("UYU"), of(Familia.E_TCK, Familia.E_FACT, Familia.E_RESG, Familia.E_BOLETA)),
    Rule("4 retenido", says("TOTAL RETENIDO", "$ 1.256,24", "2183165"), without("1.256,24"), of(Familia.E_RESG)),
    Rule(
        "4 descuentos y recargos",
        says("-30,00", "Descuento 15 % (10 % + 10,00)", "Pago contado"),
        without("Pago contado"),
        of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP, Familia.E_BOLETA),
    ),
    Rule("4 referencias", says("A 7 del", "20/11/2026", "Según lo acordado"), without("20/11/2026")),
    Rule(
        "4 monto y moneda de la referencia",
        says("12,50"),
        without("12,50"),
        of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP),
    ),
    Rule(
        "4 medios de pago",
        says("Tarjeta de débito: 60,00", "Efectivo: 100,00"),
        without("60,00"),
        of(Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP, Familia.E_BOLETA),
    ),
    Rule(
        "4 leyenda del documento",
        says("Ley 17.250: relaciones de consumo", at_least=LARGE),
        small("notas"),
        of(Familia.E_TCK, Familia.E_FACT),
    ),
    Rule(
        "4 por cuenta de quién", says("Productores del Este"), without("Productores"), lambda tipo: tipo.is_cuenta_ajena
    ),
    Rule("5 QR de 22 a 30 mm", qr_size, spoiled(canvas, "QR_SIDE", 20 * typeset.MM)),
    Rule("5 blanco alrededor del QR", qr_clear, spoiled(foot, "_BESIDE", foot._QR_LEFT + canvas.QR_SIDE + 5)),
    Rule("5 QR abajo a la izquierda", qr_place, spoiled(foot, "_QR_LEFT", head.MIDDLE)),
    Rule("5 código de seguridad bajo el QR", security_code, lambda made, patch: replace(made, bajo_qr="")),
    Rule("5 fecha de ingreso", beside_qr("Fecha emisor 01/02/2026"), without("Fecha emisor 01/02/2026")),
    Rule(
        "5 dónde se verifica",
        beside_qr("Puede verificar comprobante en", "www.almacen.com.uy"),
        without("www.almacen.com.uy"),
        of(Familia.E_TCK),
    ),
    Rule(
        "5 dónde se verifica en DGI",
        beside_qr("Puede verificar comprobante en", "www.dgi.gub.uy"),
        without("www.dgi.gub.uy"),
        lambda tipo: not tipo.is_e_ticket,
    ),
    Rule("5 IVA al día", beside_qr("IVA al día"), without("IVA al día"), of(Familia.E_TCK, Familia.E_FACT)),
    Rule("5 CAE", beside_qr("CAE N.º 90260000001"), without("90260000001"), electronic),
    Rule("5 rango", beside_qr("A 1 - A 100000"), without("A 1 - A 100000")),
    Rule("5 vencimiento", boxed("Fecha de vencimiento: 21/11/2028", 20, 10), without("21/11/2028")),
    Rule("6 adenda", adenda_box, without("ADENDA", "Cambios dentro de los 30 días.", "Vendedor: 7")),
    Rule("6 márgenes de 5 mm", adenda_box, spoiled(closing, "_INSET", 4 * typeset.MM)),
    Rule("0 letras de 2 mm", every_letter, shrunk),
    Rule("0 borde de 5 mm", border, spoiled(head, "LEFT", 4 * typeset.MM)),
    Rule("0 negro sobre blanco", black_on_white, colored),
)


@cache
def document(tipo: int) -> Emitido:
    return emitido(tipo, anexo=ANEXO)


def form(tipo: int) -> Page:
    return replace(page(document(tipo), EMISOR, "produccion", copy=False), color="#b41e3c")


@cache
def forms(tipo: int) -> Forms:
    return drawn(render_pdf(form(tipo)))


@pytest.mark.parametrize("tipo", TYPES)
def test_the_form_of_every_type_has_all_that_the_law_asks_of_it(tipo: int) -> None:
    rules = [rule for rule in RULES if rule.of(TipoCfe(tipo))]
    assert len(rules) > 24
    assert [rule.part for rule in rules if not rule.holds(forms(tipo), document(tipo))] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.part)
def test_a_form_that_loses_one_of_them_is_noticed(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    tipo = next(int(tipo) for tipo in TipoCfe if rule.of(tipo))
    broken = rule.broken(form(tipo), monkeypatch)
    assert not rule.holds(drawn(render_pdf(broken)), document(tipo))
