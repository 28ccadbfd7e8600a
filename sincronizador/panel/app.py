"""The panel as an application: its routes, behind the guard; what goes wrong as a page with a sentence."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from sincronizador.errors import Rejected, SincronizadorError
from sincronizador.settings import Settings

from .guard import Guard
from .site import Site, site_of

log = logging.getLogger(__name__)

THREADS = 6
"""For pages: each opens the journal on its own."""
_SENTENCES = {404: "Esa página no existe.", 405: "Eso no se puede hacer con esta página."}


def _health(request: Request) -> Response:
    """Whether the panel itself serves; nothing about the daemon."""
    del request
    return PlainTextResponse("bien\n")


ROUTES: tuple[BaseRoute, ...] = (
    Route("/salud", _health),
    Mount("/static", StaticFiles(packages=[(__package__, "static")]), name="static"),
)


def create(settings: Settings) -> Starlette:
    """The panel of an installation."""
    site = Site(settings)
    app = Starlette(
        routes=list(ROUTES),
        middleware=[Middleware(Guard, site=site)],
        exception_handlers={SincronizadorError: _trouble, HTTPException: _refused, Exception: _bug},
        lifespan=_few_threads,
    )
    app.state.site = site
    return app


@asynccontextmanager
async def _few_threads(app: Starlette) -> AsyncIterator[None]:
    del app
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _trouble(request: Request, error: Exception) -> Response:
    status = 409 if isinstance(error, Rejected) else 503
    return _problem(request, status, str(error), getattr(error, "code", ""))


def _refused(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    return _problem(request, status, _SENTENCES.get(status, "Ese pedido no se entiende."))


def _bug(request: Request, error: Exception) -> Response:
    log.error("event=bug path=%s", request.url.path, exc_info=error)
    return _problem(request, 500, "Error interno del panel; el servicio sigue trabajando.", "E9001")


def _problem(request: Request, status: int, sentence: str, code: str = "") -> Response:
    return site_of(request).page(request, "problema.html", status, mensaje=sentence, codigo=code)
