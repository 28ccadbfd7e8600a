"""The panel's process: one event loop, a clean end."""

import logging
import signal
import socket
import threading
import time

import uvicorn

from sincronizador import systemd
from sincronizador.listening import address_of
from sincronizador.logs import event
from sincronizador.settings import Settings
from sincronizador.stopping import Stop

from .app import create

log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = Stop(signal.SIGTERM, signal.SIGINT)
    host, port = address_of(settings.panel.escucha)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        config = uvicorn.Config(create(settings), ws="none", log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="http")
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.005)
        systemd.notify(systemd.READY, "STATUS=En marcha")
        event(log, "ready", address=settings.panel.escucha)
        while thread.is_alive() and not stop.wait(10.0):
            systemd.notify(systemd.WATCHDOG)
        systemd.notify(systemd.STOPPING)
        server.should_exit = True
        thread.join(10.0)
    event(log, "stopped")
