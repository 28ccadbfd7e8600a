"""The document that undoes another one whole: its credit note, or the e-Remito or e-Resguardo that takes it back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sincronizador.core.emitido import Emitido
from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.countries.uy.compose import draft_of
from sincronizador.countries.uy.read import SEALED
from sincronizador.countries.uy.tipos import Familia, IndFact, TipoCfe
from sincronizador.countries.uy.values import foreign_fields
from sincronizador.countries.uy.xml import from_xml

_TAKE_BACK = frozenset({Familia.E_REM, Familia.E_REM_EXP, Familia.E_RESG})
"""They have no notes: another one of the same type refers to them, its lines marked as taken back."""
_OF_THE_ORIGINAL = frozenset(
    {
        "TIPO",
        "REFERENCIA",
        "FECHA",
        "VENCIMIENTO",
        "SERIE",
        "NUMERO",
        "CONSTANCIA",
        "CONSTANCIA_DESDE",
        "CONSTANCIA_HASTA",
        "CONSTANCIA_VENCE",
        "CONSTANCIA_ESPECIAL",
        "CONSTANCIA_CAUSAL",
    }
)
"""What of ``[DOCUMENTO]`` is the original's alone."""
_LEFT_OUT = frozenset({"REFERENCIA", "PAGO", "ADENDA", "EXTRA"})
_TOTALS = frozenset({"A_PAGAR", "IVA_OTRA"})
"""What decides how the totals come out; the others follow."""


def reversal_tipo(tipo: int) -> int:
    """The type that undoes one of type `tipo`: 101 -> 102, 102 -> 103, 103 -> 102, 181 -> 181, 201 -> 102."""
    own = TipoCfe(tipo).electronico
    if own.familia in _TAKE_BACK:
        return own
    first = own // 10 * 10 + 1
    return TipoCfe(first + 2 if own == first + 1 else first + 1)


def reversal(document: Emitido, referencia: str, razon: str, sucursal: str, line: int) -> Sections:
    """
    A request for the document that undoes `document`, the same to the cent, dated when it is issued.

    `sucursal` is this installation's: a document of another one is undone as of that. Every value stands on `line`.
    """
    tipo = TipoCfe(document.tipo)
    own = TipoCfe(reversal_tipo(tipo))
    tells = {"TIPO": str(int(own)), "REFERENCIA": referencia}
    takes_back = tipo.familia in _TAKE_BACK
    found = (
        _changed(section, tells, sucursal, takes_back=takes_back)
        for section in from_xml(draft_of(document.signed)).sections
        if section.name not in _LEFT_OUT and not (takes_back and section.name == "TOTALES")
    )
    items = (_of_type(section, own) for section in (*found, _reference(document, razon)))
    return Sections(tuple(_on(section, line) for section in items if section.entries or section.text))


def _of_type(section: Section, tipo: TipoCfe) -> Section:
    """Without what documents of a type do not have; a principal that only DGI can read stays as it is."""
    if section.name == SEALED:
        return section
    foreign = foreign_fields(section.name, tipo)
    return replace(section, entries=tuple(entry for entry in section.entries if entry.name not in foreign))


def _changed(section: Section, tells: Mapping[str, str], sucursal: str, *, takes_back: bool) -> Section:
    entries = section.entries
    if section.name == "DOCUMENTO":
        told = (Entry(name, text, 0) for name, text in tells.items())
        entries = (*told, *(entry for entry in entries if entry.name not in _OF_THE_ORIGINAL))
    elif section.name == "EMISOR":
        entries = entries if section.text_of("SUCURSAL") != sucursal else ()
    elif section.name == "TOTALES":
        entries = tuple(entry for entry in entries if entry.name in _TOTALS)
    elif takes_back and section.name in ("ITEM", "RETENCION"):
        entries = tuple(_taken_back(section))
    return replace(section, entries=entries)


def _taken_back(section: Section) -> Iterator[Entry]:
    """The line with its mark; without it, where the original took back itself."""
    name, mark = ("ANULA", "SI") if section.name == "RETENCION" else ("IND_FACT", str(int(IndFact.A_RESTAR)))
    yield from (entry for entry in section.entries if entry.name != name)
    if section.text_of(name) != mark:
        yield Entry(name, mark, 0)


def _reference(document: Emitido, razon: str) -> Section:
    told = {
        "TIPO": str(document.tipo),
        "SERIE": document.serie,
        "NUMERO": str(document.numero),
        "FECHA": document.fecha.isoformat(),
        "RAZON": razon or "Anulación",
    }
    return Section("REFERENCIA", 0, tuple(Entry(name, text, 0) for name, text in told.items()))


def _on(section: Section, line: int) -> Section:
    return replace(section, line=line, entries=tuple(replace(entry, line=line) for entry in section.entries))
