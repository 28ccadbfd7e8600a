"""Documents to look at and to take along: the ticket as it is printed, the signed XML, the PDF, the file as it came."""

import re
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sincronizador.core.emitido import Emitido
from sincronizador.core.job import Job
from sincronizador.daemon.assembly import make_station
from sincronizador.journal import documents, jobs
from sincronizador.printing.stations import Station, make_printer
from sincronizador.settings import Settings

from .acts import number_of
from .site import site_of
from .views_troubles import content_of
from .words import clean

_NAME = re.compile(r"[^\w .()+-]")


def station_of(settings: Settings, name: str) -> Station:
    """The print station of that name; where there is none, plain paper of 80 mm to draw on."""
    table = settings.impresora.get(name)
    return make_station(name, table) if table else make_printer("VISTA", "carpeta", "vista")


def picture(request: Request) -> Response:
    """The ticket, drawn from the bytes that the printer gets."""
    site = site_of(request)
    job, emitido = _issued(request)
    settings = site.settings
    wanted = job.printer if job.printer in settings.impresora else next(iter(settings.impresora), "")
    station = station_of(settings, wanted)
    page = station.render(site.country.ticket(emitido, copy=False))
    return Response(station.picture(page), media_type="image/png")


def signed(request: Request) -> Response:
    """The signed bytes."""
    _, emitido = _issued(request)
    return _download(emitido.signed, f"{emitido.slug}.xml", "application/xml")


def pdf(request: Request) -> Response:
    """On A4."""
    from sincronizador.printing.pdf import render_pdf

    _, emitido = _issued(request)
    page = render_pdf(site_of(request).country.page(emitido, copy=False))
    return _download(page, f"{emitido.slug}.pdf", "application/pdf")


def original(request: Request) -> Response:
    """The file as it came, to be kept and never to be opened by the browser: a stranger wrote it."""
    with site_of(request).reading() as db:
        job = jobs.get(db, number_of(db, request))
        if job.is_learned:
            raise HTTPException(404)
        content = content_of(db, job)
    return _download(content, clean(job.name), "application/octet-stream")


def _issued(request: Request) -> tuple[Job, Emitido]:
    site = site_of(request)
    with site.reading() as db:
        job = jobs.head(db, jobs.get(db, number_of(db, request)))
        kept = documents.signed(db, job.id)
    if kept is None:
        raise HTTPException(404)
    return job, site.country.emitted(*kept)


def _download(content: bytes, name: str, media_type: str) -> Response:
    plain = _NAME.sub("_", name.encode("ascii", "replace").decode().replace("?", "_"))[:100] or "archivo"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:100], safe='')}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})


ROUTES: tuple[BaseRoute, ...] = (
    Route("/ventas/{pedido:int}/ticket.png", picture),
    Route("/ventas/{pedido:int}/comprobante.xml", signed),
    Route("/ventas/{pedido:int}/comprobante.pdf", pdf),
    Route("/ventas/{pedido:int}/archivo", original),
)
