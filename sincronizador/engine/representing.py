"""REPRESENT: the files beside an answer. They exist whole before the answer names them."""

import json
import logging
import os
from collections.abc import Sequence

from sincronizador import files
from sincronizador.core.emitido import Emitido
from sincronizador.core.job import Job, Task
from sincronizador.core.ticket import Page
from sincronizador.errors import SincronizadorError
from sincronizador.folders.answers import companion_path
from sincronizador.journal import documents, events, jobs, tasks
from sincronizador.journal.journal import Tx

from . import validation
from .case import prepare
from .house import House
from .pauses import pause_after

log = logging.getLogger(__name__)

_BLANK = Page(
    title="", emisor=(), documento=(), receptor=(), datos=(), columns=(), rows=(), totales=(), notas=(),
    qr="QR", pie=(), vencimiento="", adenda="", marca="",
)  # fmt: skip


def warm_up(house: House) -> None:
    """Load what the first paper and the first companion will need, so that no customer waits for imports."""
    from sincronizador.printing.trial import trial_ticket

    for printer in house.printers.values():
        page = printer.render(trial_ticket(printer.name))
        if "png" in house.rules.formatos:
            printer.picture(page)
    if "pdf" in house.rules.formatos:
        from sincronizador.printing.pdf import render_pdf

        render_pdf(_BLANK)


def represent_next(house: House) -> bool:
    """Write the companions of the next signed document; False when there is none."""
    with house.journal.reading() as db:
        due = tasks.due(db, tasks.REPRESENT, house.clock.now().timestamp(), 1)
    if not due:
        return False
    try:
        _represent(house, due[0])
    except Exception as error:
        _later(house, due[0], error)
    return True


def _represent(house: House, task: Task) -> None:
    with house.journal.reading() as db:
        job = jobs.get(db, task.job)
        written = _companions(house, db, job, house.companions(job, job.findings))
    files.write_many((_path(house, job, extension), content) for extension, content in written.items())
    with house.journal.transaction() as db:
        jobs.set_companions(db, job.id, list(written))
        tasks.finish(db, task.id)


def bring_back(house: House, db: Tx, job: Job) -> None:
    """
    Write again what an answer is about to name and is gone.

    A fall between an answer and its commit makes it be written twice, and its reader may have taken the first away
    with everything that it named.
    """
    gone = [extension for extension in job.companions if not os.path.lexists(_path(house, job, extension))]
    if gone:
        again = _companions(house, db, job, gone)
        files.write_many((_path(house, job, extension), content) for extension, content in again.items())


def _path(house: House, job: Job, extension: str) -> str:
    return companion_path(house.layout, job.name, job.till, extension)


def _companions(house: House, db: Tx, job: Job, kinds: Sequence[str]) -> dict[str, bytes]:
    """By kind: of what was only checked all its pictures, or these of a signed document."""
    if job.only_check:
        return validation.pictures(house, prepare(house, job, jobs.content(db, job.id)), db)
    document = jobs.head(db, job)
    signed = documents.signed(db, document.id)
    if signed is None:
        raise AssertionError(f"job {job.id} has nothing to represent")
    emitido = house.country.emitted(*signed)
    station = document.printer or job.printer
    rendered = {extension: render(house, extension, station, emitido) for extension in kinds}
    return {extension: content for extension, content in rendered.items() if content is not None}


def render(house: House, extension: str, station: str, emitido: Emitido) -> bytes | None:
    """One companion; None where there is no such form: no picture without a print station."""
    if extension == "xml":
        return emitido.signed
    if extension == "json":
        return _as_json(emitido)
    if extension == "qr":
        from sincronizador.printing.qr import picture

        return picture(emitido.qr)
    if extension == "pdf":
        from sincronizador.printing.pdf import render_pdf

        return render_pdf(house.country.page(emitido, copy=False))
    printer = house.printers.get(station)
    if printer is None:
        return None
    return printer.picture(printer.render(house.country.ticket(emitido, copy=False)))


def _as_json(emitido: Emitido) -> bytes:
    facts = {
        "tipo": emitido.tipo,
        "serie": emitido.serie,
        "numero": emitido.numero,
        "referencia": emitido.referencia,
        "fecha": emitido.fecha.isoformat(),
        "firmado": emitido.firmado.isoformat(),
        "moneda": emitido.moneda,
        "importes": dict(emitido.importes),
        "cae": emitido.cae,
        "cae_vence": emitido.cae_vence.isoformat(),
        "codigo_seguridad": emitido.codigo_seguridad,
        "hash": emitido.hash,
        "qr": emitido.qr,
        "extra": dict(emitido.anexo.extra),
    }
    return json.dumps(facts, ensure_ascii=False, indent=1).encode()


def _later(house: House, task: Task, error: Exception) -> None:
    """A companion that cannot be written delays nothing but itself."""
    sentence = str(error) if isinstance(error, SincronizadorError) else f"error interno {type(error).__name__}"
    if not isinstance(error, SincronizadorError):
        log.error("event=bug job=%d step=represent", task.job, exc_info=error)
    now = house.clock.now()
    with house.journal.transaction() as db:
        if task.tries == 0:
            events.record(db, task.job, now, "companions_wait", f"No se pudo escribir XML/PDF/PNG: {sentence}")
        tasks.pause(db, task.id, now.timestamp() + pause_after(task.tries), sentence)
