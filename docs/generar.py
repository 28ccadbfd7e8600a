"""Makes the pages of the manual that are lists of the code: ``errores.md`` and ``campos.md``. ``make docs``."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence

from sincronizador import smtp
from sincronizador.authorities import codes as authorities
from sincronizador.core import cloud_codes, codes
from sincronizador.core.finding import Rule
from sincronizador.countries.uy import (
    answers,
    cae,
    efactshell,
    rates,
    remedies,
    resumen,
    schema,
    signed,
    sobre,
    taxpayer_codes,
)
from sincronizador.countries.uy import codes as law
from sincronizador.countries.uy.fields import FIELDS, SECCIONES, Field, Kind
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.formats.mapping import codes as mapping
from sincronizador.nube import codes as cloud
from sincronizador.nube import exchange_codes, filing_codes, receipt_codes, server_codes
from sincronizador.signing import codes as signing

FOLDER = os.path.dirname(os.path.abspath(__file__))

_FAMILIES = {
    "E01": "El archivo",
    "E014": "Archivos que lee un mapeo",
    "E02": "La forma del archivo",
    "E1": "La ley",
    "E15": "Consulta de RUT",
    "E190": "Documentos firmados",
    "E191": "Respuestas de DGI y de receptores",
    "E192": "Sobres",
    "E193": "Reporte diario",
    "E194": "Tabla de cotizaciones",
    "E20": "Números, certificado y reloj",
    "E21": "Certificados y firmas",
    "E22": "Archivos de CAE",
    "E3": "La nube",
    "E33": "La nube por dentro: quién habla, y su administración",
    "E34": "La nube por dentro: la base",
    "E35": "La nube por dentro: comprobantes y números",
    "E36": "La nube por dentro: el servidor",
    "E37": "La nube y DGI",
    "E374": "La nube y los receptores",
    "E376": "La nube y el servidor de correo",
    "E4": "Impresión",
    "E90": "Errores internos",
    "E91": "Pedidos que se dieron por terminados",
    "E92": "Disco, carpetas y diario",
    "E93": "Configuración",
    "A": "Avisos: el comprobante sale igual",
}
"""Beginning of the codes -> heading, in the order of the page; the longest beginning that fits wins."""


def all_rules() -> list[Rule]:
    """Every rule there is, by code."""
    found = [*codes.RULES, *cloud_codes.RULES, *law.RULES, *signing.RULES, *cae.RULES, signed.UNREADABLE]
    found += [*schema.RULES, *efactshell.RULES, *cloud.RULES, *server_codes.RULES, *filing_codes.RULES]
    found += [*exchange_codes.RULES, *receipt_codes.RULES, *smtp.RULES]
    found += [*mapping.RULES, *authorities.RULES, *answers.RULES, *sobre.RULES, *resumen.RULES, *rates.RULES]
    found += taxpayer_codes.RULES
    return sorted(found, key=lambda rule: (_family(rule.code), rule.code))


def errors_page() -> str:
    """``errores.md``."""
    lines = [
        "# Códigos",
        "",
        "Cada código es para siempre: un programa puede decidir por él. `MENSAJE` y `SUGERENCIA` de la respuesta traen",
        "estas frases con los datos del caso (lo que aquí va entre llaves).",
        "",
        "Esta página se hace del catálogo del programa con `make docs`.",
    ]
    heading = ""
    for rule in all_rules():
        if (title := _FAMILIES[_family(rule.code)]) != heading:
            heading = title
            lines += ["", f"## {heading}", "", "| código | qué es | mensaje | qué hacer |", "|---|---|---|---|"]
        norm = f" ({rule.norm})" if rule.norm else ""
        lines.append(
            f"| `{rule.code}` | {_cell(rule.title)}{_cell(norm)} | {_cell(rule.message)} | {_cell(rule.hint)} |"
        )
    return "\n".join(lines) + "\n"


def fields_page() -> str:
    """``campos.md``."""
    lines = [
        "# Campos del TXT",
        "",
        "Los tipos de comprobante, las secciones que tiene cada uno y todos los campos, con el elemento del CFE",
        "adonde va cada uno. «e-Tickets», «e-Facturas», «e-Facturas de exportación» y «e-Boletas», en plural, son el",
        "comprobante y sus notas, también por cuenta ajena y en papel de contingencia. «Según el caso» quiere decir",
        "que otro dato lo exige; si entonces falta, lo dice un error con su norma ([códigos](errores.md)).",
        "",
        "Esta página se hace de la tabla del programa con `make docs`.",
        *_types(),
        *_sections(),
    ]
    section = ""
    for field in FIELDS:
        if field.section != section:
            section = field.section
            lines += [
                "",
                f"## [{section}]",
                "",
                "| campo | qué es | clase | obligación | admite | elemento del CFE | norma |",
            ]
            lines.append("|---|---|---|---|---|---|---|")
        if not _REPEATED.search(field.name):
            lines.append(_field_row(field))
    lines += [
        "",
        "## [EXTRA]",
        "",
        "Los campos que usted quiera (`MESA`, `MOZO`): no van en el CFE, se imprimen y vuelven en la respuesta.",
        "",
        "## [ADENDA]",
        "",
        "Texto libre, línea por línea, hasta la próxima sección. Se imprime en el recuadro ADENDA.",
    ]
    return "\n".join(lines) + "\n"


_OBLIGATION = {"1": "siempre", "2": "según el caso", "3": "opcional"}
_GROUPS = (
    ((0, 1), "e-Tickets"),
    ((2, 3), "e-Facturas"),
    ((6, 7), "e-Facturas de exportación"),
    ((4, 8), "e-Remitos"),
    ((9, 10), "e-Boletas"),
    ((0,), "e-Ticket"),
    ((1,), "notas de e-Ticket"),
    ((2,), "e-Factura"),
    ((3,), "notas de e-Factura"),
    ((6,), "e-Factura de exportación"),
    ((7,), "notas de e-Factura de exportación"),
    ((4,), "e-Remito"),
    ((8,), "e-Remito de exportación"),
    ((5,), "e-Resguardo"),
    ((9,), "e-Boleta"),
    ((10,), "notas de e-Boleta"),
)
"""Columns of an obligation and what documents of them are called; the first that fit."""
_FAMILIAS = {
    Familia.E_TCK: "e-Ticket",
    Familia.E_FACT: "e-Factura",
    Familia.E_FACT_EXP: "e-Factura de exportación",
    Familia.E_BOLETA: "e-Boleta",
    Familia.E_REM: "e-Remito",
    Familia.E_REM_EXP: "e-Remito de exportación",
    Familia.E_RESG: "e-Resguardo",
}
_REPEATED = re.compile("_[2-5]$")
"""Another of the same, told in the row of the first."""
_FEW = 14
_MANY = 30
_ANSWERS = {
    "Un sobre rechazado": remedies.SOBRE,
    "Un comprobante rechazado por DGI": remedies.CFE,
    "Un papel de contingencia observado": remedies.CFC,
    "Un reporte diario rechazado": remedies.REPORTE,
    "Un comprobante que el cliente no acepta": {
        code: row for code, row in remedies.COMERCIAL.items() if row.que != remedies.SIN_MOTIVO
    },
    "El servicio de DGI responde otra cosa": remedies.SERVICIO,
    "Estados": remedies.ESTADO,
}
"""Heading -> what the page tells under it."""
_ACTS = {
    remedies.Act.DONE: "nada más",
    remedies.Act.RESEND: "se envía otra vez, en otro sobre o reporte",
    remedies.Act.QUERY: "se consulta a DGI",
    remedies.Act.THERE: "ya estaba: se busca lo que respondió",
    remedies.Act.REISSUE: "se anula el número",
    remedies.Act.CORRECT: "espera el papel corregido",
    remedies.Act.WAIT: "se prueba más tarde",
    remedies.Act.NOTE: "avisa",
    remedies.Act.PERSON: "espera a una persona",
}


def answers_page() -> str:
    """``respuestas-dgi.md``."""
    lines = [
        "# Qué responde DGI y qué se hace",
        "",
        "Cada código que DGI, sus servicios o un cliente pueden responder, lo que el programa hace solo y lo que queda",
        "para usted. De varios motivos manda el que salva el número (E02, E09); después, el que lo anula.",
        "",
        "Esta página se hace de la tabla del programa con `make docs`.",
    ]
    for heading, table in _ANSWERS.items():
        lines += ["", f"## {heading}", "", "| código | qué es | el programa | usted |", "|---|---|---|---|"]
        for code, row in table.items():
            lines.append(f"| `{code}` | {_cell(row.que)} | {_ACTS[row.act]} | {_cell(row.sentence)} |")
    return "\n".join(lines) + "\n"


PAGES = {"errores.md": errors_page, "campos.md": fields_page, "respuestas-dgi.md": answers_page}


def _field_row(field: Field) -> str:
    cells = (
        _names(field),
        _cell(field.what),
        _form(field),
        _obligation(field),
        _cell(_admits(field)),
        f"`{field.element}`" if field.element else "",
        field.norm,
    )
    return f"| {' | '.join(cells)} |"


def _names(field: Field) -> str:
    """A field, and those that are another of the same: ``CODIGO, CODIGO_2 a CODIGO_5``."""
    section = (row.name for row in FIELDS if row.section == field.section)
    others = [f"`{name}`" for name in section if _REPEATED.search(name) and name[:-2] == field.name]
    if not others:
        return f"`{field.name}`"
    return f"`{field.name}`, {others[0]} a {others[-1]}" if len(others) > 1 else f"`{field.name}` y {others[0]}"


def _form(field: Field) -> str:
    if field.length:
        return f"{field.kind}, hasta {field.length}"
    if field.kind is Kind.NUMERO:
        return f"{field.kind}, {field.decimals} decimales"
    return str(field.kind)


def _obligation(field: Field) -> str:
    """``siempre; no va en e-Remitos ni e-Resguardo``: what most have, then the others."""
    columns = {digit: [n for n, each in enumerate(field.obligation) if each == digit] for digit in field.obligation}
    absent = columns.pop("0", [])
    most, *others = sorted(columns, key=lambda digit: -len(columns[digit]))
    if len(absent) > len(columns[most]):
        parts = [f"{_OBLIGATION[digit]} en {_named(columns[digit])}" for digit in (most, *others)]
        return "; ".join((*parts, "no va en los demás"))
    parts = [_OBLIGATION[most], *(f"{_OBLIGATION[digit]} en {_named(columns[digit])}" for digit in others)]
    return "; ".join((*parts, *([f"no va en {_named(absent, 'ni')}"] if absent else [])))


def _named(columns: Iterable[int], conjunction: str = "y") -> str:
    """``e-Tickets, e-Facturas y e-Resguardo``."""
    rest, names = set(columns), []
    for group, name in _GROUPS:
        if rest.issuperset(group):
            rest -= set(group)
            names.append(name)
    *most, last = names
    return f"{', '.join(most)} {conjunction} {last}" if most else last


def _types() -> Iterator[str]:
    yield from ("", "## Los tipos", "")
    yield "`TIPO` admite el código, el nombre o estas palabras. Un papel de contingencia es el mismo tipo más 100, y"
    yield "las mismas palabras con `PAPEL` detrás."
    yield from ("", "| código | papel | nombre | en `TIPO` | líneas, hasta |", "|---|---|---|---|---|")
    words = next(field.values for field in FIELDS if (field.section, field.name) == ("DOCUMENTO", "TIPO"))
    for tipo in TipoCfe:
        if not tipo.is_papel:
            known = [f"`{word}`" for word, code in words.items() if code == str(int(tipo)) and "-" in word]
            yield f"| {tipo} | {tipo + 100} | {tipo.nombre} | {known[0]} | {tipo.familia.max_lineas} |"


def _sections() -> Iterator[str]:
    yield from ("", "## Las secciones de cada comprobante", "")
    yield "«siempre»: sin ella no hay comprobante. «sí»: puede ir, y a veces otro dato la exige. `[RECEPTOR]` va"
    yield "siempre, salvo en los e-Tickets; `[REFERENCIA]`, siempre en las notas; `[MANDANTE]`, siempre y solo en"
    yield "lo que se vende, o en la moneda que se compra, por cuenta ajena."
    yield from ("", f"| sección | {' | '.join(_FAMILIAS.values())} |", "|---" * (len(_FAMILIAS) + 1) + "|")
    for section in SECCIONES:
        rows = [field for field in FIELDS if field.section == section]
        cells = (_has(section, rows, familia) for familia in _FAMILIAS)
        yield f"| `[{section}]` | {' | '.join(cells)} |"


def _has(section: str, rows: Sequence[Field], familia: Familia) -> str:
    columna = next(tipo.columna for tipo in TipoCfe if tipo.familia is familia)
    if all(row.is_foreign(columna) for row in rows):
        return "no"
    lines = "RETENCION" if familia is Familia.E_RESG else "ITEM"
    is_head = section in ("DOCUMENTO", "EXPORTACION", "TRASLADO") and any(row.is_obligatory(columna) for row in rows)
    return "siempre" if is_head or section == lines else "sí"


def _admits(field: Field) -> str:
    # The big tables are sets: their order is nobody's.
    words = [f"`{word}`" for word in (sorted(field.values) if len(field.values) > _MANY else field.values)]
    few = ", ".join(words) if len(words) <= _FEW else f"{', '.join(words[:_FEW])} ... ({len(words)})"
    default = f"si falta: {field.default}" if field.default else ""
    return "; ".join(filter(None, (few, default)))


def _family(code: str) -> str:
    order = list(_FAMILIES)
    fitting = [prefix for prefix in order if code.startswith(prefix)]
    return max(fitting, key=len)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _outdated() -> Iterator[str]:
    for name, page in PAGES.items():
        path = os.path.join(FOLDER, name)
        if not os.path.exists(path) or _read(path) != page():
            yield name


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(arguments: Iterable[str]) -> int:
    """Write the pages; with ``--revisar`` only say which are out of date."""
    if "--revisar" in arguments:
        outdated = list(_outdated())
        for name in outdated:
            print(f"docs/{name} no está al día: make docs")
        return int(bool(outdated))
    for name, page in PAGES.items():
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
            file.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
