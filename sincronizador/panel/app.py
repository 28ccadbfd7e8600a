"""The panel as an application: its routes, behind the guard; what goes wrong as a page with a sentence."""

from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sincronizador import metrics
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected, SincronizadorError
from sincronizador.settings import Settings

from . import access, acts, door, drawings, entering, live, pages, printers, support
from .guard import Guard
from .site import Site, site_of

_SENTENCES = {
    404: "Esa página no existe, o esa venta no está en el diario.",
    405: "Eso no se puede hacer con esta página.",
}


def _health(request: Request) -> Response:
    """Whether the panel itself serves; nothing about the daemon."""
    del request
    return PlainTextResponse("bien\n")


def _metrics(request: Request) -> Response:
    """The installation in figures; `guard.py` says who may have them."""
    site = site_of(request)
    with site.reading() as db:
        return Response(metrics.text(site.settings, db, datetime.now(ZONE)), media_type=metrics.CONTENT_TYPE)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/salud", _health),
    Route("/metrics", _metrics),
    *acts.ROUTES,
    *drawings.ROUTES,
    *live.ROUTES,
    *pages.ROUTES,
    *printers.ROUTES,
    *support.ROUTES,
    Mount("/static", StaticFiles(packages=[(__package__, "static")]), name="static"),
    *entering.ROUTES,
    *door.ROUTES,
)


def create(settings: Settings, toml: str = "") -> Starlette:
    """
    The panel of an installation, whose settings were read from `toml`.

    Raises `NeedsOperator` when it is open to others without what protects it.
    """
    access.check(settings.panel)
    site, doors = Site(settings, toml), access.Access(settings.panel)
    app = Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(Guard, site=site, access=doors)],
        exception_handlers={SincronizadorError: _trouble, HTTPException: _refused},
    )
    # A path is what it is: nothing is made of one that is almost one of ours.
    app.router.redirect_slashes = False
    app.state.site, app.state.access, app.state.waiters = site, doors, door.make_waiters()
    app.state.ending = False
    return app


def _trouble(request: Request, error: Exception) -> Response:
    status = 409 if isinstance(error, Rejected) else 503
    return _problem(request, status, str(error), getattr(error, "code", ""))


def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    return _problem(request, status, _SENTENCES.get(status, "Ese pedido no se entiende."))


def _problem(request: Request, status: int, sentence: str, code: str = "") -> Response:
    return site_of(request).page(request, "problema.html", status, mensaje=sentence, codigo=code)
