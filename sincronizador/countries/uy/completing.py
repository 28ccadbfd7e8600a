"""``[RECEPTOR] COMPLETAR=SI``: what a file leaves out of its receiver, from an earlier document to the same one."""

from dataclasses import replace

from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.countries.uy.values import Lectura, Valores, read_values
from sincronizador.countries.uy.xml import from_xml

RECEPTOR = "RECEPTOR"
COMPLETED = ("TIPO_DOC", "PAIS", "NOMBRE", "DIRECCION", "CIUDAD", "DEPARTAMENTO", "NOMBRE_PAIS", "CODIGO_POSTAL")
"""What belongs to the customer, and not to one sale. CORREO too, which is not in the CFE."""


def to_complete(sections: Sections) -> str:
    """The document number of the receiver that is to be completed; empty: none is, or nobody knows which."""
    valores = _receptor(sections)
    return valores.text("DOCUMENTO") if valores is not None and valores.text("COMPLETAR") else ""


def completed(sections: Sections, draft: bytes, correo: str) -> tuple[Sections, tuple[str, ...]]:
    """
    The sections with what `draft` says of the same receiver, on the line of ``[RECEPTOR]``; and what was added.

    What is given wins. A draft to somebody else, or to the same number of another kind or country,
    adds nothing.
    """
    given = _receptor(sections)
    known = _receptor(from_xml(draft).sections)
    if given is None or known is None or given.text("DOCUMENTO") != known.text("DOCUMENTO"):
        return sections, ()
    of_whom = ("TIPO_DOC", "PAIS")
    if given.broken & {*of_whom} or any(given.text(name) not in ("", known.text(name)) for name in of_whom):
        return sections, ()
    told = {name: known.origen.text_of(name) for name in COMPLETED} | {"CORREO": correo}
    line = given.origen.line
    added = tuple(Entry(name, text, line) for name, text in told.items() if text and not given.has(name))
    section = replace(given.origen, entries=(*_without(given.origen, added), *added))
    items = tuple(section if item is given.origen else item for item in sections)
    return replace(sections, items=items), tuple(entry.name for entry in added)


def _without(section: Section, added: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The entries of a section; those that say nothing, and are told now, give way."""
    names = {entry.name for entry in added}
    return tuple(entry for entry in section.entries if entry.name not in names)


def _receptor(sections: Sections) -> Valores | None:
    section = sections.first(RECEPTOR)
    return read_values(section, Lectura(decimal="", recortar=True)) if section is not None else None
