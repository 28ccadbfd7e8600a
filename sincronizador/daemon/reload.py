"""
Settings read again while the service works (``systemctl reload``, SIGHUP).

They are looked at first; what is wrong in them is told, and work goes on as before. Then the process finishes the steps
in hand and becomes itself again: the same start as any other, under the same pid, with nothing left of what was.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import reduce

from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.journal.journal import Journal
from sincronizador.settings import Settings
from sincronizador.stopping import Stop

from . import assembly
from .channels import make_channels

FIXED = (
    "pais", "ambiente", "instalacion.id", "emisor.rut", "diario", "spool", "entrada.carpeta", "salida.carpeta",
)  # fmt: skip
"""What says whose work this is and where it lies: other values are another installation, or one that moves."""
_CAN_WAIT = hasattr(signal, "pthread_sigmask")
"""Where signals can wait until they are looked for."""
_ENDING = frozenset((signal.SIGTERM, signal.SIGINT))


def listen() -> None:
    """
    From now on SIGHUP waits until `asked` looks. To be called before there are threads.

    Blocked it stays through `begin_anew`, and what comes meanwhile is not lost. Only under systemd: in a terminal it
    still means that the terminal is gone. Whoever told the process to end while it began anew is heard now.
    """
    if not _CAN_WAIT:
        return
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    if os.environ.get("NOTIFY_SOCKET"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})


def asked() -> bool:
    """Whether somebody asked since the last look."""
    return _CAN_WAIT and signal.SIGHUP in signal.sigpending() and signal.sigtimedwait({signal.SIGHUP}, 0) is not None


def look_at(new: Settings, old: Settings, journal: Journal) -> None:
    """That a start would take them. Raises `NeedsOperator`: E9247 for what only a restart changes, else as one does."""
    for key in FIXED:
        before, after = (str(reduce(getattr, key.split("."), settings) or "") for settings in (old, new))
        if before != after:
            raise codes.RELOAD_FIXED.at(clave=key, valor=after, esperado=before).as_error(NeedsOperator)
    assembly.make_house(new, journal)
    make_channels(new)


def refused(error: NeedsOperator) -> NeedsOperator:
    """The sentence for whoever asked: that all goes on as before, and why."""
    return codes.RELOAD_REFUSED.at(detalle=f"{error.code} {error}").as_error(NeedsOperator)


def begin_anew(stop: Stop, become: Callable[[str, list[str]], object] = os.execv) -> None:
    """
    The same program with the same arguments, but that nobody takes anything over a second time.

    Returns only when it was told to stop meanwhile.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    if not stop.wait(0):
        become(sys.executable, [argument for argument in sys.orig_argv if argument != "--tomar"])
