"""
Writes what the manual takes from the code: ``campos.md``, every field of a TXT, and ``errores.md``, every code.

``python docs/generar.py`` after changing a table; a test fails while they are behind.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.countries.uy import cae, signed
from sincronizador.countries.uy import codes as uy
from sincronizador.countries.uy.fields import SECCIONES, Field, field_reference
from sincronizador.signing import codes as signing

HERE = Path(__file__).parent
FAMILIES = {
    "E01": "El archivo",
    "E02": "La forma de lo escrito",
    "E1": "La ley",
    "E2": "Números y certificados",
    "E4": "Impresión",
    "E9": "Propios del servicio",
    "A": "Avisos: el comprobante sale igual",
}
OBLIGATION = {"1": "sí", "2": "según el caso", "3": "no"}
FEW = 40
"""Values that are listed in the table; of more, the official codes are named."""


def campos() -> str:
    """The page of the fields."""
    lines = [
        "# Todos los campos del TXT",
        "",
        "Hecho por `docs/generar.py` con la tabla que usa el programa; no se edita a mano. El manual es",
        "[integrador.md](integrador.md). «Elemento» es el del CFE en el formato oficial; lo que no lo tiene no va",
        "en el CFE. Un valor se escribe en mayúsculas o minúsculas, con o sin acentos.",
    ]
    for name, fields in groupby(field_reference(), key=lambda field: field.section):
        many = " (puede repetirse)" if SECCIONES[name].many else ""
        lines += ["", f"## [{name}]{many}", ""]
        lines += _table(("Campo", "Qué es", "Valor", "Obligatorio", "Si falta", "Elemento"), map(_field, fields))
    lines += [
        "",
        "## [EXTRA]",
        "",
        "Los campos que quiera. No van en el CFE; se imprimen y vuelven en la respuesta.",
        "",
        "## [ADENDA]",
        "",
        "Texto libre, sin `CAMPO=`.",
    ]
    return "\n".join(lines) + "\n"


def errores() -> str:
    """The page of the codes."""
    lines = [
        "# Todos los códigos",
        "",
        "Hecho por `docs/generar.py` con el catálogo que usa el programa; no se edita a mano. Un código no cambia",
        "nunca de significado. Los `E` rechazan o detienen; los `A` son avisos. La respuesta trae la frase completa",
        "en `MENSAJE` y, casi siempre, qué hacer en `SUGERENCIA`.",
    ]
    rules = sorted(catalogue(), key=lambda rule: rule.code)
    for prefix, title in FAMILIES.items():
        rows = [_rule(rule) for rule in rules if rule.code.startswith(prefix)]
        lines += ["", f"## {title} ({prefix}…)", "", *_table(("Código", "Qué pasó", "Qué hacer", "Norma"), rows)]
    return "\n".join(lines) + "\n"


def catalogue() -> Iterator[Rule]:
    """Every rule there is."""
    for module in (codes, uy, signing, cae, signed):
        yield from (value for value in vars(module).values() if isinstance(value, Rule))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


def _field(field: Field) -> tuple[str, ...]:
    return (
        f"`{field.name}`",
        field.what,
        _value(field),
        _obligation(field.obligation),
        field.default,
        f"`{field.element}`" if field.element else "",
    )


def _value(field: Field) -> str:
    if field.values:
        words = list(field.values)
        return ", ".join(f"`{word}`" for word in words) if len(words) <= FEW else "código oficial"
    if field.length:
        return f"{field.kind}, hasta {field.length}"
    if field.decimals:
        return f"{field.kind}, {field.decimals} decimales"
    return f"{field.kind}, hasta {field.limit}" if field.limit else str(field.kind)


def _obligation(digits: str) -> str:
    """In the norm a note is never asked for more than its document."""
    ticket, invoice = OBLIGATION[digits[0]], OBLIGATION[digits[2]]
    return ticket if ticket == invoice else f"e-Ticket {ticket}; e-Factura {invoice}"


def _rule(rule: Rule) -> tuple[str, ...]:
    return (rule.code, rule.title, _said(rule.hint), rule.norm)


def _said(hint: str) -> str:
    if re.fullmatch(r"\{\w+\}", hint):
        return "Lo dice `SUGERENCIA`."
    return re.sub(r"\{(\w+)\}", r"‹\1›", hint)


if __name__ == "__main__":
    (HERE / "campos.md").write_text(campos(), encoding="utf-8")
    (HERE / "errores.md").write_text(errores(), encoding="utf-8")
