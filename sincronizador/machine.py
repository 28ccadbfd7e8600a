"""Which machine this is: what does not change when it is maintained, and does when its disk lies in another one."""

import hashlib
import os
from collections.abc import Mapping

_KINDS = {
    "sistema": ("/etc/machine-id", "/var/lib/dbus/machine-id"),
    "equipo": ("/sys/class/dmi/id/product_uuid", "/proc/device-tree/serial-number"),
    "placa": ("/sys/class/dmi/id/board_serial",),
}
_CONTAINER = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
"""In a container all of that is of the image, or of the host, and new with every one that is made."""
_NOTHING = ("", "uninitialized", "none", "default string", "to be filled by o.e.m.", "0" * 32)


def identify(root: str = "/") -> Mapping[str, str]:
    """What can be known of this machine here, as digests: the names themselves are nobody's business."""
    if any(os.path.exists(os.path.join(root, sign.lstrip("/"))) for sign in _CONTAINER):
        return {}
    found = {kind: _first(root, paths) for kind, paths in _KINDS.items()}
    return {kind: _digest(value) for kind, value in found.items() if value}


def boot(root: str = "/") -> str:
    """Which start of the kernel this is."""
    return _read(os.path.join(root, "proc/sys/kernel/random/boot_id"))


def is_other(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether these are two machines: what is not known of both is not compared."""
    return any(before[kind] != now[kind] for kind in before.keys() & now.keys())


def _digest(value: str) -> str:
    return hashlib.sha256(f"sincronizador {value}".encode()).hexdigest()[:32]


def _first(root: str, paths: tuple[str, ...]) -> str:
    found = (_read(os.path.join(root, path.lstrip("/"))) for path in paths)
    return next((value for value in found if value.lower() not in _NOTHING and set(value) - set("0fF-")), "")


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read(200).decode("ascii", "replace").strip("\0 \n")
    except OSError:
        return ""
