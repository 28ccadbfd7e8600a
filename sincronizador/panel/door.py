"""
The HTTP door: the same door as the folder, for systems that prefer HTTP to files. ``docs/http.md`` is its manual.

What is posted is dropped for the daemon, durable, before anything is answered: what came back as 200, 202, 409 or
decided as RECHAZADO is in the house, and any other answer means that nothing of it is. The walk does the rest, once for
each REFERENCIA.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import quote, unquote

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sincronizador import __version__
from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Answer, Block, Estado, First
from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Job, Kind
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.engine import representing, validation
from sincronizador.engine.projection import project, project_uncopied
from sincronizador.errors import NeedsOperator, SincronizadorError, Unavailable
from sincronizador.folders import heartbeat
from sincronizador.formats import whole
from sincronizador.formats.json_request import transcribe
from sincronizador.journal import documents, jobs
from sincronizador.journal.journal import Tx, snapshot, storable

from . import dropping
from .replies import Paths, refused, reply
from .site import Site, site_of

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0
WAITERS = 32
"""Requests that wait for their decision at a time, a thread each."""
_PLACE = "/v1/solicitudes"
_OTHER_CONTENT = (codes.OTHER_CONTENT.code, cloud_codes.CONFLICT.code)
_FORMS = {"xml": "application/xml", "pdf": "application/pdf", "png": "image/png"}
_KINDS = {kind.value: kind for kind in (Kind.DOCUMENTO, Kind.LOTE, Kind.CIERRE, Kind.LISTADO, Kind.ANULAR)}


Work = Callable[[Request], Response]


class _No(Exception):
    """A request that was not taken."""

    def __init__(self, status: int, finding: Finding, **headers: str) -> None:
        super().__init__(finding.message)
        self.status, self.finding = status, finding
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def _bad(detail: str) -> _No:
    return _No(400, codes.BAD_HTTP.at(detalle=detail))


async def _post(request: Request) -> Response:
    """Take a request, and answer with its decision."""
    waiters: anyio.CapacityLimiter = request.app.state.waiters
    if waiters.available_tokens < 1:
        finding = codes.NOT_TAKEN.at(detalle=f"ya hay {WAITERS} pedidos esperando su respuesta")
        return reply(request, 503, refused(finding), {"Retry-After": "1"})
    return await anyio.to_thread.run_sync(partial(_answered, request, _taken), limiter=waiters)


def _get(request: Request) -> Response:
    """How a request is now, or a file of its document."""
    return _answered(request, _found)


def _answered(request: Request, work: Work) -> Response:
    """The only place where an error becomes an answer of the door."""
    try:
        return work(request)
    except _No as error:
        return reply(request, error.status, refused(error.finding), error.headers)
    except (Unavailable, NeedsOperator) as error:
        return reply(request, 503, refused(_finding(error)), {"Retry-After": "10"})
    except SincronizadorError as error:
        return reply(request, 400, refused(_finding(error)))


def _finding(error: SincronizadorError) -> Finding:
    return Finding(code=error.code, message=str(error))


def _taken(request: Request) -> Response:
    site, content, paths = site_of(request), request.state.body, None
    till, seconds, label = _till(request), _seconds(request, site), _label(request)
    is_json = "json" in request.headers.get("content-type", "").partition(";")[0].lower()
    if is_json:
        transcript = transcribe(content)
        content, paths = transcript.content, transcript.paths
    extension = "xml" if whole.is_xml(content) else "txt"
    if (lack := whole.missing(content, xml=extension == "xml")) is not None:
        raise _No(422, codes.INCOMPLETE.at(falta=lack, espera=""))
    if request.query_params.get("validar", "") not in ("", "0"):
        return _checked(request, site, content, till, f"{label or 'http'}.{extension}", paths)
    dropping.check_open(site)
    if site.settings.entrada.sin_referencia != "error":
        _check_reference(site, content, extension)
    with site.reading() as db:
        name = dropping.drop(site.layout, content, label=label, till=till, extension=extension)
        return _told(request, _known(site, db, name, seconds), name, paths)


def _known(site: Site, db: Tx, name: str, seconds: float) -> Answer:
    """What is known of what lies on the disk now: whatever fails from here on, it was taken."""
    try:
        job = dropping.decided(db, name, seconds)
        return _projected(site, db, job.id) if job is not None else _received(site, db, name)
    except Exception:
        log.exception("event=not_told file=%s", name)
        fields = (("ARCHIVO", name), ("ESTADO", Estado.RECIBIDO.value), ("EMITIDO", "NO"))
        return Answer(first=First.PENDIENTE, blocks=(Block("RESPUESTA", fields),), encoding="utf-8")


def _told(request: Request, answer: Answer, name: str, paths: Paths | None) -> Response:
    if answer.first is First.PENDIENTE:
        return reply(request, 202, answer, {"Location": f"{_PLACE}?archivo={quote(name)}"}, paths)
    return reply(request, _status(answer), answer, None, paths)


def _status(answer: Answer) -> int:
    if answer.first is First.OK:
        return 200
    return 409 if dict(answer.blocks[0].fields).get("CODIGO") in _OTHER_CONTENT else 422


def _projected(site: Site, db: Tx, number: int) -> Answer:
    """The answer of a job, as far as it may be told."""
    with snapshot(db):
        job = jobs.get(db, number)
        if not job.estado.decided or dropping.is_told(db, job):
            return project(site.house, db, job)
    if site.settings.respaldo.espejo:
        return project_uncopied(site.house, job)
    return _received(site, db, job.name)


def _received(site: Site, db: Tx, name: str) -> Answer:
    """Of what is in the house and nothing is to be told of yet."""
    dropped = Dropped(name=name, till="", only_check=False, claimed="", content=b"")
    return project(site.house, db, Job.arriving(dropped, sha256="", at=datetime.now(ZONE)))


def _checked(request: Request, site: Site, content: bytes, till: str, name: str, paths: Paths | None) -> Response:
    """What would become of it; nothing of it stays."""
    now = datetime.now(ZONE)
    with site.reading() as db:
        checkup = validation.validate(site.house, db, name, content, now, till=till)
        dropped = Dropped(name=name, till=till, only_check=True, claimed="", content=b"")
        job = replace(
            Job.arriving(dropped, sha256="", at=now), kind=Kind.VALIDAR, decided_at=now, findings=checkup.findings,
            estado=Estado.VALIDO if checkup.is_valid else Estado.INVALIDO, encoding=checkup.encoding or "utf-8",
            result=tuple(block for one in checkup.documents[:1] for block in validation.blocks(one)),
        )  # fmt: skip
        answer = project(site.house, db, job)
    return reply(request, _status(answer), answer, None, paths)


def _check_reference(site: Site, content: bytes, extension: str) -> None:
    """Over HTTP a request is repeated when its answer got lost: without a REFERENCIA that would be another sale."""
    dropped = Dropped(name=f"http.{extension}", till="", only_check=False, claimed="", content=content)
    reading = site.house.read(Job.arriving(dropped, sha256="", at=datetime.now(ZONE)), content)
    for name in ("LOTE", "DOCUMENTO"):
        section = reading.sections.first(name)
        if section is not None and not section.text_of("REFERENCIA"):
            raise _No(422, codes.NO_REFERENCE.at(field="REFERENCIA", line=section.line, seccion=name))
        if section is not None:
            return


def _found(request: Request) -> Response:
    site = site_of(request)
    segments = [unquote(part) for part in request.scope["raw_path"].decode("ascii").split("/")[3:]]
    with site.reading() as db:
        if not segments:
            return _by_name(request, site, db)
        job = _of(request, db, segments[0])
        if len(segments) == 1:
            return reply(request, 200, _projected(site, db, job.id))
        if len(segments) == 2 and segments[1] in _FORMS:
            return _document(site, db, job, segments[1])
    raise _No(404, codes.BAD_HTTP.at(detalle=f"no hay nada en «{request.scope['path'][:200]}»"))


def _by_name(request: Request, site: Site, db: Tx) -> Response:
    name, till = request.query_params.get("archivo", ""), _till(request)
    if not name:
        raise _bad(f"falta qué se busca: {_PLACE}/REFERENCIA o {_PLACE}?archivo=NOMBRE")
    job = jobs.by_name(db, storable(name)) if "/" not in name else None
    if job is not None and job.is_by_door and job.name == name:
        return reply(request, 200, _projected(site, db, job.id))
    if job is None and dropping.LABEL.fullmatch(name) and dropping.is_waiting(site.layout, name, till):
        return reply(request, 200, _received(site, db, name))
    raise _No(404, codes.NEVER_ARRIVED.at(value=name[:200]))


def _of(request: Request, db: Tx, referencia: str) -> Job:
    wanted = request.query_params.get("clase", "")
    if wanted and wanted not in _KINDS:
        raise _bad(f"clase es una de: {', '.join(_KINDS)}")
    key = jobs.key_of(referencia)
    for kind in (_KINDS[wanted],) if wanted else (Kind.DOCUMENTO, Kind.LOTE):
        if key and (job := jobs.latest(db, kind, key)) is not None:
            return job
    raise _No(404, codes.NEVER_ARRIVED.at(value=referencia[:200]))


def _document(site: Site, db: Tx, job: Job, form: str) -> Response:
    signed = documents.signed(db, job.id) if dropping.is_told(db, job) else None
    content = None
    if signed is not None:
        content = representing.render(site.house, form, job.printer, site.house.country.emitted(*signed))
    if content is None:
        raise _No(404, codes.NO_DOCUMENT.at(value=job.referencia or job.name))
    name = f"{documents.slug_of(db, job.id)}.{form}"
    return Response(content, media_type=_FORMS[form], headers={"Content-Disposition": f'inline; filename="{name}"'})


def _till(request: Request) -> str:
    wanted = (request.query_params.get("caja") or request.headers.get("x-sincronizador-caja", "")).upper()
    if wanted and dropping.TILL.fullmatch(wanted) is None:
        raise _bad("caja lleva hasta 8 letras y cifras")
    own = request.state.till
    if own and wanted not in ("", own):
        raise _No(403, codes.NO_ACCESS.at(detalle=f"Ese token es de la caja {own}"))
    return wanted or own


def _seconds(request: Request, site: Site) -> float:
    given = request.query_params.get("espera", "")
    if not given:
        return min(site.settings.plazo.decision, LONGEST_WAIT)
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise _bad("espera es un número de segundos")
    return min(seconds, LONGEST_WAIT)


def _label(request: Request) -> str:
    label = request.query_params.get("archivo", "")
    stem, dot, extension = label.rpartition(".")
    label = stem if dot and extension.lower() in ("txt", "xml", "json") else label
    if label and dropping.LABEL.fullmatch(label) is None:
        raise _bad("archivo lleva letras sin acento, cifras, punto y guiones, hasta 100")
    return label


def _state(request: Request) -> Response:
    """Whether requests are taken now, and the heartbeat's words."""
    site = site_of(request)
    alive, troubles = site.is_alive(), [str(trouble) for trouble in site.room.state()]
    said = heartbeat.fields(site.layout)
    alarms = [value for name, value in said.items() if name.startswith("ALARMA.")]
    return JSONResponse(
        {
            "version": __version__,
            "ambiente": site.settings.ambiente,
            "servicio": "EN_MARCHA" if alive else "DETENIDO",
            "toma_pedidos": alive and not troubles,
            "modo": said.get("MODO", ""),
            "hora": said.get("HORA", ""),
            "alarmas": [*troubles, *alarms],
        }
    )


def make_waiters() -> anyio.CapacityLimiter:
    """The threads that wait, of one application."""
    return anyio.CapacityLimiter(WAITERS)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/v1/estado", _state),
    Route(_PLACE, _post, methods=["POST"]),
    Route(_PLACE, _get),
    Route(f"{_PLACE}/{{rest:path}}", _get),
)
