"""MIRROR: a second copy of what exists only here, before its paper leaves and its answer says OK."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from typing import Any

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.job import Job, Kind, Task
from sincronizador.core.receipt import cloud_key
from sincronizador.errors import NeedsOperator, Rejected, SincronizadorError
from sincronizador.journal import documents, events, jobs, tasks
from sincronizador.journal.backup import Copy
from sincronizador.journal.journal import Tx

from .house import House
from .issuing import Issued, add_print_tasks, issue
from .learning import learn, waiting_for
from .pauses import pause_after


def mirror_next(house: House) -> bool:
    """Copy the next document; False when none is due or the mirror cannot be written."""
    if house.mirror is None:
        return False
    with house.journal.reading() as db:
        due = tasks.due(db, tasks.MIRROR, house.clock.now().timestamp(), 1)
        if not due:
            return False
        job = jobs.get(db, due[0].job)
        name, content = _copy(house, db, job)
    try:
        house.mirror.write(name, content)
    except NeedsOperator as error:
        _later(house, due[0], error)
        return False
    with house.journal.transaction() as db:
        tasks.finish(db, due[0].id)
        events.record(db, job.id, house.clock.now(), "mirrored", "Copia guardada en el espejo.")
        add_print_tasks(db, job.id)
    return True


def _copy(house: House, db: Tx, job: Job) -> tuple[str, bytes]:
    signed = documents.signed(db, job.id)
    if signed is None:
        raise AssertionError(f"job {job.id} has nothing to mirror")
    emitido, origin = house.country.emitted(*signed), documents.origin(db, job.id)
    return written(
        Copy(
            referencia=job.referencia, key=job.key, slug=emitido.slug, signed=emitido.signed, anexo=emitido.anexo,
            route=job.route, lease=origin.lease, epoch=origin.epoch, counter=origin.counter,
        )
    )  # fmt: skip


def written(copy: Copy) -> tuple[str, bytes]:
    """Name and content of a copy, as a mirror keeps it."""
    content = {
        "key": copy.key,
        "referencia": copy.referencia,
        "route": copy.route,
        "lease": copy.lease,
        "epoch": copy.epoch,
        "counter": copy.counter,
        "anexo": json.loads(documents.dump_anexo(copy.anexo)),
        "signed": b64encode(copy.signed).decode(),
    }
    return f"{copy.slug}.json", json.dumps(content, ensure_ascii=False).encode()


def _later(house: House, task: Task, error: NeedsOperator) -> None:
    with house.journal.transaction() as db:
        tasks.pause(db, task.id, house.clock.now().timestamp() + pause_after(min(task.tries, 3)), str(error))


def adopt_copies(house: House, db: Tx) -> int:
    """
    After a take-over: what the mirror, or the journal that was replaced, has and this one lacks is a document of ours,
    its paper from now on COPIA.

    Returns how many. Raises `NeedsOperator` when the mirror cannot be read, E3018 for a copy that is damaged or not
    ours: it may be the only one of a document, so nothing goes on without it until a person put it aside.
    """
    places = [place for place in (house.mirror, house.rescued) if place is not None]
    return sum(adopt(house, db, _read(house, name, content)) for place in places for name, content in place.read_all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document of ours that was found outside the journal."""

    referencia: str
    key: str
    emitido: Emitido
    origin: documents.Origin
    route: str = ""
    """``nube``: the cloud numbered and signed it."""


def _read(house: House, name: str, content: bytes) -> Found:
    """A copy, once it is certain that this issuer signed its document."""
    try:
        copy: dict[str, Any] = json.loads(content)
        signed, anexo = b64decode(copy["signed"], validate=True), documents.load_anexo(json.dumps(copy["anexo"]))
        origin = documents.Origin(lease=copy["lease"], epoch=copy["epoch"], counter=copy["counter"])
        emitido = genuine(house, signed, anexo)
        return Found(
            referencia=copy["referencia"], key=copy["key"], emitido=emitido, origin=origin, route=copy.get("route", "")
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise _bad(name, "está dañada") from exc
    except Rejected as exc:
        raise _bad(name, str(exc).rstrip(".")) from exc


def genuine(house: House, signed: bytes, anexo: Anexo) -> Emitido:
    """A document once it is certain that this issuer signed it. Raises `Rejected`."""
    emitido = house.country.emitted(signed, anexo)
    signer = house.pen.verify(signed)
    if not signer == emitido.emisor == house.rules.rut:
        raise codes.FOREIGN_SIGNER.at(emisor=emitido.emisor, firma=signer, rut=house.rules.rut).as_error(Rejected)
    return emitido


def _bad(name: str, cause: str) -> SincronizadorError:
    return cloud_codes.BAD_COPY.at(detalle=name, causa=cause).as_error(NeedsOperator)


def adopt(house: House, db: Tx, found: Found) -> bool:
    """Make it a document of this journal, its paper COPIA; False when its number or its sale has one already."""
    emitido, key = found.emitido, found.key
    if jobs.of_document(db, emitido.tipo, emitido.serie, emitido.numero) is not None:
        return False
    if jobs.bound(db, Kind.DOCUMENTO, key) is not None:
        events.record(db, None, house.clock.now(), "mirror_conflict", f"El espejo tiene otro {emitido.slug}.")
        return False
    now = house.clock.now()
    waiting = waiting_for(house, db, cloud_key(key), emitido.signed)
    job = waiting or jobs.get(db, learn(house, db, emitido, found.referencia, key, now))
    alone = house.cloud is None
    issued = Issued(
        emitido=emitido,
        origin=found.origin,
        route="local" if alone else "contingencia",
        estado=Estado.FIRMADO_LOCAL if alone else Estado.FIRMADO_CONTINGENCIA,
        findings=(),
        printer=job.printer if waiting else "",
        copies=0,
        learned=waiting is None,
        copia=True,
    )
    issue(replace(house, mirror=None), db, job.id, issued, now)
    if found.route == "nube" and not alone:
        # The cloud takes it back by its own signature.
        jobs.set_route(db, job.id, found.route)
    jobs.raise_to(db, job.id, found.origin.counter)
    if waiting is None:
        jobs.hush(db, job.id)
    return True
