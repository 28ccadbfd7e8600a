"""What the service tells systemd, by the protocol of sd_notify(3): datagrams to the socket in ``NOTIFY_SOCKET``."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

READY = "READY=1"
STOPPING = "STOPPING=1"
WATCHDOG = "WATCHDOG=1"

_MORE_SECONDS = 30
_ASK_SECONDS = 10.0


def notify(*states: str) -> bool:
    """
    Tell systemd `states`, such as `READY` or ``STATUS=...``; whether anybody was told.

    Outside of systemd nothing happens. A socket that cannot be reached is no reason to stop working: systemd itself
    will miss the `READY` or the `WATCHDOG` and say so.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.connect(address)
            channel.sendall("\n".join(states).encode())
    except OSError:
        return False
    return True


def watchdog_seconds() -> float | None:
    """How often `WATCHDOG` must be sent: half of what systemd waits; None when it does not wait for this process."""
    pid, microseconds = os.environ.get("WATCHDOG_PID", ""), os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or int(microseconds) == 0 or pid not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 2_000_000


def reloading() -> str:
    """What tells that the settings are read again, until the next `READY`."""
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"


@contextmanager
def more_time(status: str) -> Iterator[None]:
    """
    While this lasts systemd is asked for more time, again and again, and shows `status`.

    For what takes as long as there is much of it: a start that copies a large journal does not hang.
    """
    done = threading.Event()

    def ask() -> None:
        while not done.wait(_ASK_SECONDS):
            notify(f"EXTEND_TIMEOUT_USEC={_MORE_SECONDS * 1_000_000}")

    if not notify(f"STATUS={status}"):
        yield
        return
    asking = threading.Thread(target=ask, name="plazo", daemon=True)
    asking.start()
    try:
        yield
    finally:
        done.set()
        asking.join()
