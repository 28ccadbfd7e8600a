"""Issuers, their branches, and the law as it holds for each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.nube import codes
from sincronizador.nube.tables import branch, issuer

COUNTRY = "uy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer."""

    rut: str
    branches: tuple[Emisor, ...]
    """Its places, oldest first; one at least."""
    ajustes: Ajustes
    recovering: bool
    """After a restore, until its installations have sent everything again: nothing is numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledCertificate:
    """A certificate of an issuer."""

    rut: str
    fingerprint: str
    titular: str
    not_before: datetime
    not_after: datetime
    has_key: bool
    """Whether the cloud signs with it; the newest does of those that are not revoked and whose day has come."""
    installed: datetime
    revoked: datetime | None
    since: datetime | None
    """The day of one that was installed to follow another."""


def keep(
    db: Connection, emisor: Mapping[str, Any], ajustes: Mapping[str, Any], *, environment: str, now: datetime
) -> Issuer:
    """Add an issuer or a branch of it, or change it. Raises `Rejected` E3312 for what cannot be."""
    place = _emisor(emisor)
    settings = json.dumps({**ajustes, "ambiente": environment}, sort_keys=True, default=str)
    as_text = json.dumps(asdict(place), sort_keys=True, ensure_ascii=False)
    try:
        law(as_text, settings)
    except NeedsOperator as exc:
        raise codes.BAD_ISSUER.at(detalle=str(exc).rstrip(".")).as_error(Rejected) from exc
    if db.execute(select(issuer.c.rut).where(issuer.c.rut == place.rut)).first() is None:
        db.execute(
            insert(issuer).values(
                rut=place.rut, country=COUNTRY, ajustes=settings, seq=0, touched=now, recovering=False
            )
        )
    db.execute(update(issuer).where(issuer.c.rut == place.rut).values(ajustes=settings))
    there = (branch.c.rut == place.rut, branch.c.code == place.sucursal)
    if db.execute(update(branch).where(*there).values(emisor=as_text)).rowcount == 0:
        db.execute(insert(branch).values(rut=place.rut, code=place.sucursal, emisor=as_text))
    return find(db, place.rut)


def find(db: Connection, rut: str) -> Issuer:
    """An issuer. Raises `Rejected` E3311."""
    row = db.execute(select(issuer).where(issuer.c.rut == rut)).one_or_none()
    if row is None:
        raise codes.UNKNOWN_ISSUER.at(value=rut).as_error(Rejected)
    places = db.execute(select(branch.c.emisor).where(branch.c.rut == rut).order_by(branch.c.id)).scalars()
    return Issuer(
        rut=rut,
        branches=tuple(Emisor(**json.loads(place)) for place in places),
        ajustes=_ajustes(json.loads(row.ajustes)),
        recovering=row.recovering,
    )


def all_issuers(db: Connection) -> tuple[Issuer, ...]:
    """All of them, by RUT."""
    return tuple(find(db, rut) for rut in db.execute(select(issuer.c.rut).order_by(issuer.c.rut)).scalars().all())


def law_at(db: Connection, rut: str, code: str = "", schemas: Schemas | None = None) -> Uruguay | None:
    """The law for an issuer at one of its branches, by default its first; None for a branch it has not."""
    rows: Sequence[Any] = db.execute(_PLACES, {"rut": rut}).all()
    for row in rows:
        if code in ("", row.code):
            return law(row.emisor, row.ajustes, schemas)
    return None


@lru_cache(maxsize=1024)
def law(emisor: str, ajustes: str, schemas: Schemas | None = None) -> Uruguay:
    """The law out of what the base keeps. Raises `NeedsOperator` E1005 for an issuer that cannot be one."""
    return Uruguay(Emisor(**json.loads(emisor)), _ajustes(json.loads(ajustes)), schemas)


def _emisor(given: Mapping[str, Any]) -> Emisor:
    known = {field.name for field in fields(Emisor)}
    if strange := sorted(set(given) - known):
        raise codes.BAD_ISSUER.at(detalle=f"no se entiende «{strange[0]}»").as_error(Rejected)
    try:
        texts = {name: str(value).strip() for name, value in given.items() if name != _FLAG}
        return Emisor(**texts, free_shop=_flag(given.get(_FLAG, False)))
    except TypeError as exc:
        absent = [field.name for field in fields(Emisor) if field.name not in given]
        raise codes.BAD_ISSUER.at(detalle=f"falta «{absent[0]}»").as_error(Rejected) from exc


def _flag(value: object) -> bool:
    word = str(value).strip().upper()
    if word not in _FLAGS:
        raise codes.BAD_ISSUER.at(detalle=f"«{value}» no es SI ni NO").as_error(Rejected)
    return _FLAGS[word]


def _ajustes(given: Mapping[str, Any]) -> Ajustes:
    known = {field.name for field in fields(Ajustes)}
    if strange := sorted(set(given) - known):
        raise codes.BAD_ISSUER.at(detalle=f"no se entiende «{strange[0]}»").as_error(Rejected)
    values = dict(given)
    try:
        if "tolerancia" in values:
            values["tolerancia"] = Decimal(str(values["tolerancia"]))
        values["ui"] = {int(year): Decimal(str(value)) for year, value in values.get("ui", {}).items()}
    except (InvalidOperation, ValueError, AttributeError) as exc:
        raise codes.BAD_ISSUER.at(detalle="la tolerancia o la ui no es un número").as_error(Rejected) from exc
    return Ajustes(**values)


_FLAG = "free_shop"
_FLAGS = {"SI": True, "SÍ": True, "NO": False, "TRUE": True, "FALSE": False}
_PLACES = (
    select(branch.c.code, branch.c.emisor, issuer.c.ajustes)
    .join(issuer, issuer.c.rut == branch.c.rut)
    .where(branch.c.rut == bindparam("rut"))
    .order_by(branch.c.id)
)
