"""
The chapter of the printed form, element by element: on every type, on 48, 42 and 32 columns, in the bytes that a
printer receives. And that each check notices when its element is missing, too small or without its box.

Formato CFE v25.2, representación impresa.
"""
# ruff: noqa: E501 - a row of the table is a line

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest
from hand_made import emitido
from printed_roll import Frame, Roll
from signed_samples import EMISOR, RUT

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.ticket import QR, Block, Box, Phrases, Row, Size, Text, Ticket
from sincronizador.countries.uy.representation import ticket
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import Paper

TYPES = tuple(int(tipo) for tipo in TipoCfe if not tipo.is_papel)
WIDTHS = (48, 42, 32)
ANEXO = Anexo(
    adenda="Gracias por su compra.", extra=(("VENDEDOR", "7"),), pagos=(("ENTREGADO", "1000.00"), ("VUELTO", "198.24"))
)
REGIMES = {
    "1": "Contribuyente Exonerado",
    "2": "Contribuyente IVA MINIMO",
    "3": "MONOTRIBUTO",
    "4": "MONOTRIBUTO SOCIAL MIDES",
}


def of(*families: Familia) -> tuple[int, ...]:
    return tuple(tipo for tipo in TYPES if TipoCfe(tipo).familia in families)


E_TICKETS, REMITOS = of(Familia.E_TCK), of(Familia.E_REM, Familia.E_REM_EXP)
SALES, EXPORTS = of(Familia.E_TCK, Familia.E_FACT), of(Familia.E_FACT_EXP)
BOLETAS, RESGUARDOS = of(Familia.E_BOLETA), of(Familia.E_RESG)
VALUED = tuple(tipo for tipo in TYPES if TipoCfe(tipo).familia is not Familia.E_REM)
PAID = (*SALES, *EXPORTS, *BOLETAS)
Texts = Callable[[Emitido], Sequence[str]]


@dataclass(frozen=True)
class Element:
    """Something the law wants on paper."""

    what: str
    norm: str
    """The part of the chapter."""
    types: tuple[int, ...]
    texts: Texts
    is_large: bool = False
    """Letters of 3 mm."""
    box: tuple[float, float] | None = None
    """In a frame at least so wide and so high, mm."""

    def is_on(self, roll: Roll, document: Emitido) -> bool:
        """Whether it is there, as the law wants it."""
        texts = self.texts(document)
        if self.box is None:
            return all(text in (roll.large if self.is_large else roll.words) for text in texts)
        return any(self._is_in(frame, texts) for frame in roll.frames)

    def _is_in(self, frame: Frame, texts: Sequence[str]) -> bool:
        assert self.box is not None
        told = " ".join(
            run.text for line in frame.inside for run in line.runs if not self.is_large or run.letter_mm >= 3
        )
        told = " ".join(told.replace("│", " ").split())
        wide, high = self.box
        return all(text in told for text in texts) and frame.wide_mm >= wide and frame.high_mm >= high


def says(*texts: str) -> Texts:
    return lambda _: texts


def told(document: Emitido) -> TipoCfe:
    return TipoCfe(document.tipo)


SALE_LINES = (
    "Café molido 250 g", "4 un x 50,00 200,00", "Descuento 15 % (10 % + 10,00) -30,00", "Recargo 5 % (10,00) 10,00",
    "Muestra gratis", "Sin cargo", "Propina",
)  # fmt: skip
REFERENCE = ("del 20/11/2026", "U$S 12,50", "Según lo acordado", "Referencia global", "Liquidación 2026/11")

LAW = (
    Element("legal name", "emisor", TYPES, says("EMPRESA INVENTADA SA")),
    Element("trade name", "emisor", TYPES, says("Almacén Ñandú")),
    Element("address", "emisor", TYPES, says("Calle Inventada 1234", "Montevideo")),
    Element("legends of the issuer", "emisor", TYPES, says("Habilitación bromatológica 4567"), is_large=True),
    Element("RUC", "comprobante", TYPES, says(f"RUC {RUT}"), is_large=True),
    Element("type", "comprobante", TYPES, lambda document: (told(document).nombre,), is_large=True),
    Element("series and number", "comprobante", TYPES, says("Serie A N.º 1234"), is_large=True),
    Element("paid at once", "comprobante", (*EXPORTS, *BOLETAS), says("Contado"), is_large=True),
    Element("on credit", "comprobante", SALES, says("Crédito"), is_large=True),
    Element("for third parties", "comprobante", (*SALES, *EXPORTS), says("Pagos por cuenta de terceros"), is_large=True),
    Element("goods of others", "comprobante", REMITOS, says("Bienes de Terceros", "Productores del Este", "211003420017"), is_large=True),
    Element("consumer's box", "receptor", E_TICKETS, says("CONSUMO FINAL"), is_large=True, box=(40, 10)),
    Element("consumer", "receptor", E_TICKETS, says("Ana Pérez", "CI 12345672 (UY)")),
    Element("buyer's box", "receptor", (*of(Familia.E_FACT, Familia.E_REM), *RESGUARDOS), says("RUC COMPRADOR", "215555550010"), is_large=True, box=(40, 10)),
    Element("seller's box", "receptor", BOLETAS, says("RUC VENDEDOR", "215555550010"), is_large=True, box=(40, 10)),
    Element("buyer", "receptor", (*of(Familia.E_FACT, Familia.E_REM), *BOLETAS, *RESGUARDOS), says("PEÑA Y CÍA. & Hnos.", "Avenida Ficticia 100")),
    Element("buyer abroad", "receptor", (*EXPORTS, 124), says("IMPORTADORA FICTICIA LTDA", "Rua Inventada 1", "BRASIL")),
    Element("date", "cuerpo", TYPES, says("21/11/2026")),
    Element("currency", "cuerpo", tuple(set(VALUED) - set(EXPORTS) - {124}), says("Moneda: UYU", "$ ")),
    Element("foreign currency", "cuerpo", (*EXPORTS, 124), says("Moneda: USD", "Tipo de cambio: 39,85")),
    Element("period and due date", "cuerpo", PAID, says("01/11/2026 - 30/11/2026", "21/12/2026")),
    Element("lines", "cuerpo", PAID, says(*SALE_LINES)),
    Element("goods moved", "cuerpo", (181,), says("Cajón de manzanas 2 un", "Royal Gala")),
    Element("goods moved abroad", "cuerpo", (124,), says("Cajón de manzanas", "2 un x 50,00 100,00", "NCM 0808.10.00")),
    Element("withholdings by line", "cuerpo", RESGUARDOS, says("2183165 1.280,00", "60 % de 2.133,33", "Decreto 94/002")),
    Element("sign of what is not billed", "cuerpo", PAID, says("-100,00")),
    Element("sign of what is taken back", "cuerpo", (181,), says("Cajón de peras -2 un")),
    Element("sign of what is taken back", "cuerpo", (124,), says("Cajón de uvas 2 un x 50,00 -100,00")),
    Element("sign of what is annulled", "cuerpo", RESGUARDOS, says("-23,76")),
    Element("net and IVA by rate", "cuerpo", SALES, says("Neto gravado 22 % 143,44", "IVA 22 % 31,56", "Neto gravado 10 % 90,91", "IVA 10 % 9,09")),
    Element("other rates", "cuerpo", SALES, says("Neto gravado otra tasa 100,00", "IVA otra tasa 3,00")),
    Element("without IVA", "cuerpo", SALES, says("Exento 100,00", "Impuesto percibido 100,00", "IVA en suspenso 100,00")),
    Element("exports", "cuerpo", EXPORTS, says("Exportación y asimilados 275,00")),
    Element("global discount", "cuerpo", (*SALES, *EXPORTS, *BOLETAS), says("Pago contado", "-10,00", "Envío", "5,00")),
    Element("total", "cuerpo", SALES, says("Total 778,00", "TOTAL A PAGAR $ 801,76")),
    Element("withholdings", "cuerpo", (*SALES, *BOLETAS), says("Retención/percepción 2183165")),
    Element("total of an export", "cuerpo", EXPORTS, says("TOTAL U$S 275,00")),
    Element("total of a boleta", "cuerpo", BOLETAS, says("TOTAL A PAGAR $ 351,24")),
    Element("total withheld", "cuerpo", RESGUARDOS, says("TOTAL RETENIDO $ 1.256,24")),
    Element("payments", "cuerpo", PAID, says("Tarjeta de débito 60,00", "Efectivo 100,00")),
    Element("change", "ours", PAID, says("VUELTO 198,24"), is_large=True),
    Element("references", "cuerpo", (*PAID, 124), says(*REFERENCE)),
    Element("references without currency", "cuerpo", (181,), says("Referencia: e-Remito A 7 del 20/11/2026")),
    Element("references of an e-Resguardo", "cuerpo", RESGUARDOS, says("Referencia: e-Resguardo A 7 del 20/11/2026", "$ 23,76")),
    Element("legends of the document", "cuerpo", SALES, says("Ley 17.250: relaciones de consumo"), is_large=True),
    Element("security code", "pie", TYPES, lambda document: (f"Código de seguridad: {document.hash[:6]}",)),
    Element("date of entry", "pie", TYPES, says("Fecha emisor 01/02/2026")),
    Element("where to verify", "pie", E_TICKETS, says("Puede verificar comprobante en www.almacen.com.uy")),
    Element("where to verify", "pie", tuple(set(TYPES) - set(E_TICKETS)), says("Puede verificar comprobante en www.dgi.gub.uy")),
    Element("IVA al día", "pie", (*SALES, *EXPORTS), says("IVA al día")),
    Element("CAE", "pie", TYPES, says("CAE N.º 90260000001")),
    Element("range", "pie", TYPES, says("A 1 - A 100000")),
    Element("expiry's box", "pie", TYPES, says("Fecha de vencimiento: 21/11/2028"), is_large=True, box=(20, 10)),
    Element("adenda's box", "adenda", TYPES, says("ADENDA", "Gracias por su compra.", "Vendedor: 7"), box=(20, 0)),
)  # fmt: skip
EVERY = pytest.mark.parametrize("element", LAW, ids=[f"{row.norm}-{row.what}-{row.types[0]}" for row in LAW])


@cache
def document(tipo: int) -> Emitido:
    return emitido(tipo, anexo=ANEXO)


@cache
def form(tipo: int) -> Ticket:
    return ticket(document(tipo), EMISOR, "produccion", copy=False)


def printed(form: Ticket, columns: int = 48) -> Roll:
    paper = Paper(columns=columns)
    return Roll(encode(form, paper), paper)


@cache
def roll(tipo: int, columns: int) -> Roll:
    return printed(form(tipo), columns)


@EVERY
def test_it_is_on_every_paper(element: Element) -> None:
    for tipo in element.types:
        for columns in WIDTHS:
            assert element.is_on(roll(tipo, columns), document(tipo)), f"{tipo} on {columns} columns"


@EVERY
def test_its_check_notices_when_it_is_missing(element: Element) -> None:
    for tipo in element.types[:3]:
        for text in element.texts(document(tipo)):
            assert not element.is_on(printed(without(form(tipo), text)), document(tipo)), f"{tipo} without {text}"


@pytest.mark.parametrize("element", [row for row in LAW if row.is_large], ids=lambda row: f"{row.what}-{row.types[0]}")
def test_its_check_notices_small_letters(element: Element) -> None:
    tipo = element.types[0]
    small = Ticket(tuple(shrunk(block) for block in form(tipo).blocks))
    assert not element.is_on(printed(small), document(tipo))


@pytest.mark.parametrize("element", [row for row in LAW if row.box], ids=lambda row: row.what)
def test_its_check_notices_a_missing_box(element: Element) -> None:
    tipo = element.types[0]
    blocks = form(tipo).blocks
    bare = Ticket(tuple(text for block in blocks for text in (block.lines if isinstance(block, Box) else (block,))))
    assert not element.is_on(printed(bare), document(tipo))


def test_the_check_of_a_box_notices_one_of_less_than_a_centimetre() -> None:
    tight = Ticket(
        tuple(replace(block, is_tight=True) if isinstance(block, Box) else block for block in form(101).blocks)
    )
    low = [row for row in LAW if row.box and 101 in row.types and not row.is_on(printed(tight), document(101))]
    assert [row.what for row in low] == ["consumer's box", "expiry's box"]


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("tipo", TYPES)
def test_the_qr_is_read_from_the_paper_and_has_the_laws_size_and_margin(tipo: int, columns: int) -> None:
    found = roll(tipo, columns)
    text, wide, blank = found.scanned()
    assert text == found.qr_text == document(tipo).qr
    assert 22 <= wide <= 30
    assert blank >= 3


def test_the_check_of_the_margin_notices_letters_beside_the_qr() -> None:
    blocks = form(101).blocks
    at = next(place for place, block in enumerate(blocks) if isinstance(block, QR))
    paper = Paper()
    page = encode(Ticket((Text("M" * 48), blocks[at], Text("M" * 48))), paper)
    feed = page.index(b"\n", page.index(b"M")) + 1
    crowded = page[:feed] + page[feed:].replace(b"\n", b"", 1)
    assert Roll(page, paper).scanned()[2] >= 3
    assert Roll(crowded, paper).scanned()[2] < 3


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("tipo", TYPES)
def test_the_parts_stand_in_the_order_of_narrow_paper_and_within_its_edges(tipo: int, columns: int) -> None:
    found = roll(tipo, columns)
    order = ("EMPRESA INVENTADA SA", f"RUC {RUT}", "Serie A N.º 1234", "215555550010|CONSUMO FINAL|RECEPTOR", "Fecha",
             "TOTAL|Cajón", "Código de seguridad", "CAE N.º", "Fecha de vencimiento", "ADENDA")  # fmt: skip
    places = [re.search(text, found.words).start() for text in order]  # type: ignore[union-attr]
    assert places == sorted(places)
    assert found.below_qr.startswith("Código de seguridad")
    assert all(line.columns <= columns for line in found.lines)
    assert found.cut


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("especial", REGIMES)
def test_an_issuer_of_another_regime_has_its_box_before_the_receiver(especial: str, columns: int) -> None:
    special = ("</FecVenc>", f"</FecVenc><CAEEspecial>{especial}</CAEEspecial>")
    found = printed(ticket(emitido(111, special), EMISOR, "produccion", copy=False), columns)
    regime, receiver, *_ = found.frames
    assert regime.words.startswith(REGIMES[especial])
    assert "RUC COMPRADOR" in receiver.words
    assert regime.wide_mm >= 40
    assert regime.high_mm >= 10
    assert REGIMES[especial] in found.large
    assert ("IVA al día" in found.words) is (especial in "12")


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_copy_and_a_trial_say_so_in_large_letters_at_both_ends(columns: int) -> None:
    made = ticket(document(101), EMISOR, "prueba", copy=True)
    words = printed(made, columns).large
    assert words.startswith("COPIA DOCUMENTO DE PRUEBA - SIN VALOR FISCAL")
    assert words.endswith("COPIA DOCUMENTO DE PRUEBA - SIN VALOR FISCAL")


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_amounts_of_lines_and_totals_end_in_one_column(columns: int) -> None:
    amounts = [line for line in roll(101, columns).lines if re.search(r"\d,\d\d$", line.text)]
    listed = [line for line in amounts if "60 % de" not in line.text]
    assert len(listed) > 25
    assert {line.columns for line in listed} == {columns}


def without(made: Ticket, text: str) -> Ticket:
    """The form with a text's longest word taken out wherever it stands; the text itself may be two sides of a row."""
    longest = max(text.split(), key=len)
    return Ticket(tuple(_erased(block, longest) for block in made.blocks))


def _erased(block: Block, word: str) -> Block:
    match block:
        case Text():
            return replace(block, text=block.text.replace(word, ""))
        case Phrases():
            return replace(block, texts=tuple(text.replace(word, "") for text in block.texts))
        case Row():
            left, middle, right = (side.replace(word, "") for side in (block.left, block.middle, block.right))
            return replace(block, left=left, middle=middle, right=right)
        case Box():
            return replace(block, lines=tuple(replace(line, text=line.text.replace(word, "")) for line in block.lines))
    return block


def shrunk(block: Block) -> Block:
    if isinstance(block, Box):
        return replace(block, lines=tuple(replace(line, size=Size.NORMAL) for line in block.lines))
    return replace(block, size=Size.NORMAL) if isinstance(block, Text | Phrases | Row) else block


def test_the_table_has_a_row_for_every_part_of_the_chapter_and_type() -> None:
    parts = {"emisor", "comprobante", "receptor", "cuerpo", "pie", "adenda"}
    for tipo in TYPES:
        assert {row.norm for row in LAW if tipo in row.types} - {"ours"} == parts
