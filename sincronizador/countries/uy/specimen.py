"""
What `validar` shows of a document that is not issued: its totals, its canonical TXT, its printed form.

A specimen has no number, no authorisation, no signature and no QR that DGI would answer; nothing in it is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sincronizador.core.emitido import Emitido
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.request import Request
from sincronizador.core.sections import Entry, Section, Sections
from sincronizador.core.total import Total
from sincronizador.countries.uy import compose
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.fields import BY_SECTION, SECCIONES, TOTALES, Kind
from sincronizador.countries.uy.tipos import IndFact
from sincronizador.countries.uy.xml import from_xml

NOTHING = "-----"
"""Series, authorisation and code of what has none."""
LEGEND = "VALIDACION - NO ES UN COMPROBANTE"
"""The text of its QR."""
_DIGEST = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference><DigestValue>'
    f"{NOTHING}-</DigestValue></Reference></SignedInfo></Signature></CFE>"
).encode()
_KEPT_TOTALS = ("A_PAGAR", "IVA_OTRA")
"""Totals that decide something; the others only repeat what follows from the lines."""
_OFFICIAL = ("TIPO", "MONEDA", "PAIS")
"""Fields whose code says it better than a word."""
_TOGETHER = {"RETENCION": "ITEM", "RECARGO": "DESCUENTO"}
"""Sections that stand among others, in the order of the document."""
_ORDER = {name: place for place, name in enumerate(SECCIONES)}


def totals(comprobante: Comprobante) -> Sequence[Total]:
    """The totals that the file gave and those of ours that are not zero, in the order of the answer."""
    given, calculo = dict(comprobante.dados), comprobante.calculo
    found = []
    for name, _, attribute, _ in TOTALES:
        if BY_SECTION["TOTALES"][name].is_foreign(comprobante.tipo.columna):
            continue
        ours = getattr(calculo.totales, attribute) if calculo else None
        if name in given or ours:
            found.append(Total(name=name, given=given.get(name), ours=ours))
    return found


def specimen(request: Request, draft: bytes, at: datetime) -> Emitido:
    """The document that a draft would become, to be looked at; `at` is aware. A paper keeps its own number."""
    folio = request.folio or Folio(
        numero=0,
        rango=Rango(id=NOTHING, tipo=request.tipo, serie=NOTHING, desde=0, hasta=0, vence=request.fecha),
    )
    document = compose.complete(draft, folio, at).removesuffix(b"</CFE>") + _DIGEST
    return replace(read_emitido(document, request.anexo), qr=LEGEND)


def interpreted(request: Request, comprobante: Comprobante, draft: bytes) -> Sections:
    """
    The document as the sections of a TXT, in words: dropped, it would be the same one.

    What follows from the lines (the missing cent, most totals) and from the installation (the issuer) is left out.
    """
    found = [section for section in from_xml(draft).sections if section.name in SECCIONES]
    if comprobante.calculo and comprobante.calculo.redondeo:
        found.remove([section for section in found if section.name == "ITEM"][-1])
    found = [_issuer(comprobante) if section.name == "EMISOR" else section for section in found]
    read = [section for section in map(_in_words, found) if section.entries]
    return Sections((*sorted(_with_more(read, request, comprobante), key=_place), *_beside(request)))


def _place(section: Section) -> int:
    return _ORDER[_TOGETHER.get(section.name, section.name)]


def _issuer(comprobante: Comprobante) -> Section:
    """What the file itself says of the issuer."""
    rows = BY_SECTION["EMISOR"]
    return Section("EMISOR", 0, tuple(entry for entry in comprobante.emisor.origen.entries if entry.name in rows))


def _in_words(section: Section) -> Section:
    rows = BY_SECTION[section.name]
    entries = (
        Entry(entry.name, _word(rows[entry.name].values, entry.text), 0)
        if entry.name in rows and rows[entry.name].kind is Kind.OPCION and entry.name not in _OFFICIAL
        else entry
        for entry in section.entries
        if section.name != "TOTALES" or entry.name in _KEPT_TOTALS
    )
    return replace(section, entries=tuple(_tax(entry) for entry in entries))


def _word(values: Mapping[str, str], code: str) -> str:
    return next((word for word, known in values.items() if known == code), code)


def _tax(entry: Entry) -> Entry:
    return Entry("IVA", IndFact(int(entry.text)).name, 0) if entry.name == "IND_FACT" else entry


def _with_more(read: Sequence[Section], request: Request, comprobante: Comprobante) -> Iterator[Section]:
    """The sections with what the CFE does not carry: printer, copies, mail, what was handed over."""
    pagos = iter(comprobante.pagos)
    for section in read:
        more: tuple[tuple[str, object], ...] = ()
        if section.name == "DOCUMENTO":
            more = (("IMPRESORA", request.impresora), ("COPIAS", request.copias or ""))
        elif section.name == "RECEPTOR":
            more = (("CORREO", request.anexo.correo),)
        elif section.name == "PAGO":
            more = (("ENTREGADO", next(pagos).entregado or ""),)
        extra = tuple(Entry(name, str(value), 0) for name, value in more if value)
        yield replace(section, entries=(*section.entries, *extra))
    if request.anexo.correo and not any(section.name == "RECEPTOR" for section in read):
        yield Section("RECEPTOR", 0, (Entry("CORREO", request.anexo.correo, 0),))


def _beside(request: Request) -> Iterator[Section]:
    anexo = request.anexo
    if anexo.extra:
        yield Section("EXTRA", 0, tuple(Entry(name, value, 0) for name, value in anexo.extra))
    if anexo.adenda:
        yield Section("ADENDA", 0, text=anexo.adenda)
