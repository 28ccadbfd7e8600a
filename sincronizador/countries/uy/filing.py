"""
What travels to DGI and to receivers, and in which order. Formato Sobre v05; Formato CFE v25.2, table E.

What must be done about each code that comes back is in `remedies`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sincronizador.core.emitido import Emitido
from sincronizador.countries.uy.consultas import EmisorElectronico
from sincronizador.countries.uy.fields import NETOS
from sincronizador.countries.uy.signed import SignedCfe, moment_of, parse_signed, readable
from sincronizador.countries.uy.threshold import Lado, in_pesos, side
from sincronizador.countries.uy.tipos import TipoCfe, TipoDoc

Clave = tuple[int, str, int]
"""Type, series and number of a document: ``(101, "A", 1234)``."""

_NETOS = tuple(name for name, *_ in NETOS)
"""A112 to A118 under the names of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rumbo:
    """What a signed document says of where it goes."""

    clave: Clave
    firmado: datetime
    referencias: frozenset[Clave]
    """Documents that it refers to."""
    receptor: str
    """RUT of who receives it; empty for anybody else."""


def travels_alone(document: Emitido, ui: Mapping[int, Decimal]) -> bool:
    """
    Whether a signed document goes to DGI one by one: all but e-Tickets and their notes up to 5,000 UI net of IVA.

    Those go only in the daily report, unless they withhold. A paper of contingency goes as what it stands for. `ui`:
    year -> its value; without the year's, what is not surely below travels alone.
    """
    importes = dict(document.importes)
    if not TipoCfe(document.tipo).is_e_ticket or "RETENIDO" in importes:
        return True
    neto = sum((Decimal(importes.get(name, "0")) for name in _NETOS), Decimal(0))
    return side(in_pesos(neto, document.cotizacion), document.fecha.year, ui) in (Lado.ALTO, Lado.DUDOSO)


def read_rumbo(signed: bytes) -> Rumbo:
    """Where a signed document goes. Raises `Rejected` E1901."""
    document = parse_signed(signed)
    with readable():
        id_doc = document.zone("Encabezado", "IdDoc")
        receptor = document.zone("Encabezado", "Receptor")
        is_rut = receptor.get("TipoDocRecep") == str(int(TipoDoc.RUT))
        return Rumbo(
            clave=(int(id_doc["TipoCFE"]), id_doc["Serie"], int(id_doc["Nro"])),
            firmado=moment_of(document.zone()["TmstFirma"]),
            referencias=frozenset(_references(document)),
            receptor=receptor.get("DocRecep", "").strip() if is_rut else "",
        )


def _references(document: SignedCfe) -> Iterable[Clave]:
    for said in document.zones("Referencia", "Referencia"):
        if "NroCFERef" in said:
            yield int(said["TpoDocRef"]), said["Serie"], int(said["NroCFERef"])


def sending_order(documents: Iterable[Rumbo]) -> Sequence[Rumbo]:
    """
    The documents in the order in which they are sent: as they were signed, none before one that it refers to.

    Documents that refer to one another in a circle, which no two that were signed one after the other do, keep theirs.
    """
    waiting = {rumbo.clave: rumbo for rumbo in sorted(documents, key=lambda rumbo: (rumbo.firmado, rumbo.clave))}
    ordered: dict[Clave, Rumbo] = {}
    for clave in waiting:
        _place(clave, waiting, ordered)
    return list(ordered.values())


def _place(clave: Clave, waiting: Mapping[Clave, Rumbo], ordered: dict[Clave, Rumbo]) -> None:
    """Place a document behind all that it refers to, however far that goes."""
    way, seen = [clave], {clave}
    while way:
        rumbo = waiting[way[-1]]
        before = sorted(ref for ref in rumbo.referencias if ref in waiting and ref not in ordered and ref not in seen)
        if before:
            seen.add(before[0])
            way.append(before[0])
        else:
            ordered.setdefault(rumbo.clave, rumbo)
            way.pop()


def receiver_of(rumbo: Rumbo, emisor: str, issuers: Mapping[str, EmisorElectronico], day: date) -> str:
    """
    The RUT of the company that the document is sent to; empty when it is sent to none.

    To electronic issuers of that day, never the issuer itself, and never a paper of contingency, whose paper is what
    they have. `issuers`: the register by RUT.
    """
    found = issuers.get(rumbo.receptor)
    if found is None or rumbo.receptor == emisor or TipoCfe(rumbo.clave[0]).is_papel:
        return ""
    return found.rut if found.is_issuer(day) else ""
