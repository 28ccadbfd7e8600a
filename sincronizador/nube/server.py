"""The server process: lock, TLS, one thread of HTTP, a clean end."""

import json
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

from sincronizador import systemd
from sincronizador.errors import NeedsOperator
from sincronizador.listening import is_loopback
from sincronizador.lock import Lock
from sincronizador.logs import event
from sincronizador.nube import server_codes
from sincronizador.nube.app import make_app
from sincronizador.nube.assembly import libpq_of, open_clerk, open_cloud, open_receipts
from sincronizador.nube.backups import backing_up
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Configuracion, Limites, Tls
from sincronizador.nube.edge import Marks, epoch_mark
from sincronizador.nube.public_api import make_public_app, marks, own_limits
from sincronizador.nube.receipts import ReceiptsLoop
from sincronizador.nube.sweeps import Loop, attend, trouble
from sincronizador.nube.troubles import bad_request
from sincronizador.serving import STOP_SECONDS, Connections, listening, make_server, make_tls, url_of
from sincronizador.stopping import Stop

log = logging.getLogger(__name__)

LOST = 74
"""Exit code after a failed disk (EX_IOERR)."""
STALLED_SECONDS = 45.0
"""An event loop that did not turn for so long is stuck: systemd is no longer told that all is well."""
_MIN_TOKEN = 16
_SOON = timedelta(days=14)


def serve(found: Configuracion, toml: str, *, restored: bool = False) -> None:
    """
    Serve until SIGTERM or SIGINT; the requests in hand are finished.

    `toml`: where they are from. `restored`: a person says that the base was restored from a copy. Raises
    `NeedsOperator` when it must not start.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    stop = Stop(signal.SIGTERM, signal.SIGINT)
    tls = _tls_of(found.tls) if found.tls else None
    with _alone(found), listening(found.escuchar, server_codes.CANNOT_LISTEN) as listener:
        cloud = open_cloud(found, restored=restored)
        try:
            with sweeping(found, cloud), publishing(found, cloud, tls), backing_up(found, toml, cloud):
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
    connections = _connections(own_limits(found.limites), marks)
    server = make_server(app, connections, own, proxy_headers=True, forwarded_allow_ips=list(public.proxy))
    with listening(public.escuchar, server_codes.CANNOT_LISTEN) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="publicacion")
        thread.start()
        try:
            event(log, "publishing", url=url_of(listener, own))
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
        connections = _connections(found.limites, epoch_mark(cloud.server_epoch))
        self._uvicorn = make_server(app, connections, tls, callback_notify=self._live)

    def run(self, listener: socket.socket, stop: Stop) -> None:
        """Serve on `listener` until told to stop."""
        thread = threading.Thread(target=self._uvicorn.run, args=([listener],), name="http")
        thread.start()
        while thread.is_alive() and not self._uvicorn.started:
            time.sleep(0.005)
        systemd.notify(systemd.READY, "STATUS=En marcha")
        event(log, "ready", url=url_of(listener, self._tls))
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


def _connections(limits: Limites, answers: Marks) -> Connections:
    def not_http() -> tuple[dict[str, str], bytes]:
        body = json.dumps(bad_request("no es HTTP").body, ensure_ascii=False).encode()
        return {"Content-Type": "application/json", **answers()}, body

    return Connections(most=limits.conexiones, head_seconds=limits.cabecera, not_http=not_http)


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


def _tls_of(tls: Tls) -> ssl.SSLContext:
    context, expires = make_tls(tls.certificado, tls.clave, server_codes.BAD_TLS)
    left = expires - datetime.now(UTC)
    if left < _SOON:
        level = logging.ERROR if left < timedelta() else logging.WARNING
        event(log, "tls_certificate", level=level, expires=expires.isoformat())
    return context
