"""What comes over HTTP, dropped: a file in a folder of its own, that the daemon takes as it takes any other."""

import os
import re
import secrets
import time

from sincronizador import files
from sincronizador.core import codes
from sincronizador.core.job import Job, Step
from sincronizador.errors import Unavailable
from sincronizador.folders.layout import Layout, tills_in
from sincronizador.journal import jobs, tasks
from sincronizador.journal.journal import Tx, version_seen

from .site import Site

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What a sender may call a request."""
TILL = re.compile(r"[A-Za-z0-9_-]{1,8}")
_LOOK_SECONDS = 0.004


def check_open(site: Site) -> None:
    """Raises `Unavailable` E9250 while the daemon is stopped, `NeedsOperator` E92xx while it takes nothing up."""
    if not site.is_alive():
        raise codes.PANEL_STOPPED.at().as_error(Unavailable)
    for trouble in site.room.state():
        raise trouble


def prepare(layout: Layout) -> None:
    """
    Make the folder, so that the daemon looks there from the first request on, and remove what a fall left half-written.

    Before anything is served. Raises `NeedsOperator` (E92xx).
    """
    files.make_folder(layout.http)
    for folder in (layout.http, *(os.path.join(layout.http, till) for till in tills_in(layout.http))):
        files.sweep_temporaries(folder)


def drop(layout: Layout, content: bytes, *, label: str, till: str, extension: str) -> str:
    """
    Leave a request for the daemon, durable when it returns; the name that it has, which nothing else ever had.

    Raises `NeedsOperator` (E92xx); then nothing of it is there.
    """
    files.make_folder(layout.http)
    folder = os.path.join(layout.http, till) if till else layout.http
    files.make_folder(folder)
    name = f"{label or 'http'}-{secrets.token_hex(6)}.{extension}"
    files.write_atomic(os.path.join(folder, name), content)
    return name


def is_waiting(layout: Layout, name: str, till: str) -> bool:
    """Whether what was dropped under that name still waits to be taken."""
    return os.path.exists(os.path.join(layout.http, till, name))


def decided(db: Tx, name: str, seconds: float) -> Job | None:
    """The job of what was dropped, as soon as its decision was told or time is up; None: it was not taken up yet."""
    deadline, seen, job = time.monotonic() + seconds, -1, None
    while True:
        if (now := version_seen(db)) != seen:
            seen, job = now, jobs.by_name(db, name)
            if job is not None and is_told(db, job):
                return job
        if time.monotonic() >= deadline:
            return job
        time.sleep(_LOOK_SECONDS)


def is_told(db: Tx, job: Job) -> bool:
    """Whether its decision may be told: not before the daemon itself says it, for it may still wait for its copy."""
    if not job.estado.decided or job.is_learned:
        return job.estado.decided
    if job.parent is not None:
        # Those of a lote have no answer of their own.
        return not tasks.is_open(db, job.id, Step.MIRROR)
    return jobs.is_published(db, job.id)
