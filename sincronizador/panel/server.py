"""The panel's process: one event loop and a few threads, beside the daemon, with a clean end."""

import ctypes
import logging
import signal
import ssl
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import anyio.to_thread
from starlette.applications import Starlette

from sincronizador import systemd
from sincronizador.core import codes
from sincronizador.errors import SincronizadorError
from sincronizador.logs import event
from sincronizador.serving import STOP_SECONDS, Connections, listening, make_server, make_tls, url_of
from sincronizador.settings import Panel, Settings
from sincronizador.stopping import Stop

from . import dropping
from .app import create
from .site import Site

log = logging.getLogger(__name__)

THREADS = 6
"""For pages: each opens the journal on its own."""
MOST_CONNECTIONS = 300
HEAD_SECONDS = 10.0
STALLED_SECONDS = 45.0
"""An event loop that did not turn for so long is stuck: systemd is no longer told that all is well."""
_SOON = timedelta(days=14)
_M_ARENA_MAX = -8


def serve(settings: Settings, toml: str) -> None:
    """Serve what that TOML says until SIGTERM or SIGINT. Raises `NeedsOperator` when it must not start."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    stop = Stop(signal.SIGTERM, signal.SIGINT)
    app, tls = create(settings, toml), _tls(settings.panel)
    _prepare(app.state.site)
    with listening(settings.panel.escucha, codes.PANEL_LISTEN) as listener:
        threading.Thread(target=_warm_up, args=(app.state.site,), name="puerta", daemon=True).start()
        server = _Server(app, tls)
        server.run(listener, url_of(listener, tls), stop)
    event(log, "stopped")


class _Server:
    """uvicorn in a thread of its own; the main thread keeps signals and the watchdog."""

    def __init__(self, app: Starlette, tls: ssl.SSLContext | None) -> None:
        self._beat = time.monotonic()
        self._app = app
        connections = Connections(most=MOST_CONNECTIONS, head_seconds=HEAD_SECONDS, not_http=_not_http)
        app.router.lifespan_context = _few_threads
        self._uvicorn = make_server(app, connections, tls, callback_notify=self._live, lifespan="on")

    def run(self, listener: object, url: str, stop: Stop) -> None:
        """Serve on `listener` until told to stop."""
        thread = threading.Thread(target=self._uvicorn.run, args=([listener],), name="http")
        thread.start()
        while thread.is_alive() and not self._uvicorn.started:
            time.sleep(0.005)
        systemd.notify(systemd.READY, f"STATUS=En {url}")
        event(log, "ready", url=url)
        pause = min(systemd.watchdog_seconds() or 10.0, 10.0)
        while thread.is_alive() and not stop.wait(pause):
            if time.monotonic() - self._beat < STALLED_SECONDS:
                systemd.notify(systemd.WATCHDOG)
        systemd.notify(systemd.STOPPING)
        # Open pages would keep it for as long as a request may take.
        self._app.state.ending = True
        self._uvicorn.should_exit = True
        thread.join(STOP_SECONDS + 5)

    async def _live(self) -> None:
        self._beat = time.monotonic()


@asynccontextmanager
async def _few_threads(app: Starlette) -> AsyncIterator[None]:
    del app
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _prepare(site: Site) -> None:
    try:
        dropping.prepare(site.layout)
    except SincronizadorError as error:
        # The door says it to who asks; the pages say what they can.
        event(log, "door_closed", level=logging.WARNING, code=error.code, message=error)


def _warm_up(site: Site) -> None:
    """Make and load what the first request over HTTP will need, so that no customer waits for it."""
    try:
        site.house.country.zone  # noqa: B018 - making the house is the point
    except SincronizadorError as error:
        event(log, "door_closed", level=logging.WARNING, code=error.code, message=error)


def _not_http() -> tuple[dict[str, str], bytes]:
    return {"Content-Type": "text/plain; charset=utf-8"}, b"No es HTTP.\n"


def _tls(panel: Panel) -> ssl.SSLContext | None:
    if panel.tls_certificado is None or panel.tls_clave is None:
        return None
    context, expires = make_tls(panel.tls_certificado, panel.tls_clave, codes.PANEL_TLS)
    if expires - datetime.now(UTC) < _SOON:
        event(log, "tls_certificate", level=logging.WARNING, expires=expires.isoformat())
    return context
