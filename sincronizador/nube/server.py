"""The server process: lock, TLS, one thread of HTTP, a clean end."""

import logging
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from sincronizador import systemd
from sincronizador.errors import NeedsOperator
from sincronizador.listening import address_of, is_loopback
from sincronizador.lock import Lock
from sincronizador.logs import event
from sincronizador.nube import server_codes
from sincronizador.nube.app import make_app
from sincronizador.nube.assembly import libpq_of, open_clerk, open_cloud, open_receipts
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Configuracion, Limites, Tls
from sincronizador.nube.edge import Marks, epoch_mark
from sincronizador.nube.http import make_protocol
from sincronizador.nube.public_api import make_public_app, marks, own_limits
from sincronizador.nube.receipts import ReceiptsLoop
from sincronizador.nube.sweeps import Loop, attend, trouble
from sincronizador.signing.certificate import load_certificate
from sincronizador.stopping import Stop

log = logging.getLogger(__name__)

LOST = 74
"""Exit code after a failed disk (EX_IOERR)."""
STOP_SECONDS = 10
"""For the requests in hand, after SIGTERM."""
STALLED_SECONDS = 45.0
"""An event loop that did not turn for so long is stuck: systemd is no longer told that all is well."""
_KEEP_ALIVE_SECONDS = 75
"""Longer than the pause between two probes of an idle daemon."""
_MAX_HEAD = 16_384
_MIN_TOKEN = 16
_SOON = timedelta(days=14)


def serve(found: Configuracion, *, restored: bool = False) -> None:
    """
    Serve until SIGTERM or SIGINT; the requests in hand are finished.

    `restored`: a person says that the base was restored from a copy. Raises `NeedsOperator` when it must not start.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    stop = Stop(signal.SIGTERM, signal.SIGINT)
    tls = _tls_of(found.tls) if found.tls else None
    with _alone(found), _listening(found.escuchar) as listener:
        cloud = open_cloud(found, restored=restored)
        try:
            with sweeping(found, cloud), publishing(found, cloud, tls):
                Server(found, cloud, tls).run(listener, stop)
        finally:
            cloud.close()
    event(log, "stopped")


@contextmanager
def publishing(found: Configuracion, cloud: Cloud, tls: ssl.SSLContext | None) -> Iterator[None]:
    """
    Anybody may look up a document that he holds meanwhile, where the settings say so: at an address of its own.

    It has its own loop, so that nothing that is asked there keeps a till waiting. Raises `NeedsOperator` E3601.
    """
    public = found.publicacion
    if public is None:
        yield
        return
    own = None if is_loopback(public.escuchar) else tls
    app = make_public_app(cloud.publication, public, found.limites, _lost)
    config = _config(app, own_limits(found.limites), marks)
    config.proxy_headers, config.forwarded_allow_ips = True, list(public.proxy)
    server = _loaded(config, own)
    with _listening(public.escuchar) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="publicacion")
        thread.start()
        try:
            event(log, "publishing", url=_url(listener, own))
            yield
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS + 5)


@contextmanager
def sweeping(found: Configuracion, cloud: Cloud) -> Iterator[None]:
    """What is due with DGI is done meanwhile, where the settings name it."""
    clerk = open_clerk(found, cloud)
    if clerk is None:
        yield
        return
    with ExitStack() as stack:
        turn: Callable[[str], bool] = partial(attend, clerk)
        if not found.embedded:
            from sincronizador.nube.queue import Queue

            queue = Queue(libpq_of(found), turn, partial(trouble, _lost))
            queue.start()
            stack.callback(queue.stop)
            turn = queue.tell
        if clerk.post is not None:
            stack.callback(clerk.post.close)
        loop = Loop(clerk, turn, _lost)
        loop.start()
        stack.callback(loop.stop)
        cloud.woken = loop.wake
        receipts = open_receipts(found, clerk)
        if receipts is not None and found.buzon is not None:
            reading = ReceiptsLoop(receipts, _lost, found.buzon.cada)
            reading.start()
            stack.callback(reading.stop)
            event(log, "receiving", mailbox=receipts.mailbox.source)
        event(log, "sweeping", dgi=clerk.receptor)
        yield


class Server:
    """uvicorn in a thread of its own; the main thread keeps signals and the watchdog."""

    def __init__(self, found: Configuracion, cloud: Cloud, tls: ssl.SSLContext | None) -> None:
        self._beat = time.monotonic()
        self._tls = tls
        app = make_app(cloud, found.limites, _admin_token(found), _lost)
        config = _config(app, found.limites, epoch_mark(cloud.server_epoch))
        config.callback_notify = self._live
        self._uvicorn = _loaded(config, tls)

    def run(self, listener: socket.socket, stop: Stop) -> None:
        """Serve on `listener` until told to stop."""
        thread = threading.Thread(target=self._uvicorn.run, args=([listener],), name="http")
        thread.start()
        while thread.is_alive() and not self._uvicorn.started:
            time.sleep(0.005)
        systemd.notify(systemd.READY, "STATUS=En marcha")
        event(log, "ready", url=_url(listener, self._tls))
        self._watch_over(thread, stop)
        systemd.notify(systemd.STOPPING)
        self._uvicorn.should_exit = True
        thread.join(STOP_SECONDS + 5)

    async def _live(self) -> None:
        self._beat = time.monotonic()

    def _watch_over(self, thread: threading.Thread, stop: Stop) -> None:
        pause = min(systemd.watchdog_seconds() or 10.0, 10.0)
        while thread.is_alive() and not stop.wait(pause):
            if time.monotonic() - self._beat > STALLED_SECONDS:
                event(log, "stalled", level=logging.ERROR)
            else:
                systemd.notify(systemd.WATCHDOG)


def _config(app: ASGIApp, limits: Limites, answers: Marks) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=make_protocol(limits, answers),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=_MAX_HEAD,
        timeout_notify=1,
    )


def _loaded(config: uvicorn.Config, tls: ssl.SSLContext | None) -> uvicorn.Server:
    config.load()
    config.ssl = tls
    return uvicorn.Server(config)


def _url(listener: socket.socket, tls: ssl.SSLContext | None) -> str:
    host, port = listener.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _lost() -> None:
    """A failed sync is never tried again: systemd starts a process that reads what is on the disk."""
    event(log, "base_lost", level=logging.CRITICAL)
    os._exit(LOST)


def _admin_token(found: Configuracion) -> bytes:
    if found.administracion is None:
        return b""
    token = found.administracion.token.read()
    if len(token) < _MIN_TOKEN:
        raise server_codes.WEAK_TOKEN.at(letras=_MIN_TOKEN).as_error(NeedsOperator)
    return token


@contextmanager
def _alone(found: Configuracion) -> Iterator[None]:
    """One server for an embedded base; PostgreSQL takes several."""
    lock = Lock(f"{found.base}.candado", server_codes.SECOND_SERVER) if found.embedded else None
    if lock is not None:
        lock.take(datetime.now(UTC))
    with lock or nullcontext():
        yield


@contextmanager
def _listening(escuchar: str) -> Iterator[socket.socket]:
    host, port = address_of(escuchar)
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        trouble = server_codes.CANNOT_LISTEN.at(direccion=escuchar, causa=exc.strerror)
        raise trouble.as_error(NeedsOperator) from exc
    with listener:
        # Inherited by every connection: asyncio does it only for sockets that say IPPROTO_TCP, and these do not.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _tls_of(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # The empty password keeps OpenSSL from asking for one at the terminal.
        context.load_cert_chain(tls.certificado, tls.clave, password=lambda: "")
        with open(tls.certificado, "rb") as file:
            facts = load_certificate(file.read())
    except (OSError, NeedsOperator) as exc:
        cause = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
        raise server_codes.BAD_TLS.at(detalle=tls.certificado, causa=cause).as_error(NeedsOperator) from exc
    left = facts.not_after - datetime.now(UTC)
    if left < _SOON:
        level = logging.ERROR if left < timedelta() else logging.WARNING
        event(log, "tls_certificate", level=level, expires=facts.not_after.isoformat())
    return context
