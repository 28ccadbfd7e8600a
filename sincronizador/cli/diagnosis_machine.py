"""Probes of this machine: versions, who works in it, its disks and shares, permissions, systemd."""

import getpass
import os
import platform
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING

from sincronizador import __version__, native
from sincronizador.cli.ownership import SERVICE_USER, service_user
from sincronizador.cli.spanish import count
from sincronizador.core.inspection import Check, aviso, mal, ok
from sincronizador.engine.alarms import LOW_DISK
from sincronizador.files import printable
from sincronizador.folders.layout import Layout, filesystem_of
from sincronizador.secret_store import BOOTED

if TYPE_CHECKING:
    import pwd

    from sincronizador.cli.diagnosis import Probe, Scene
    from sincronizador.settings import Settings

_LIBRARIES = ("cryptography", "lxml", "pydantic", "python-escpos", "requests", "watchdog")
_FEW = 1_000
"""Files that a disk can still take."""
_ASKED = ("LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "Result", "StatusText")
_PATIENCE = 6.0
_NETWORK = ("cifs", "smb", "nfs", "9p", "fuse.sshfs", "vboxsf", "prl_fs", "afs", "ceph", "virtiofs", "drvfs")
_LOST = ("tmpfs", "ramfs")
_POOR = ("vfat", "exfat", "ntfs", "fuseblk")


def probes(scene: "Scene") -> "dict[str, Probe]":
    """All of them."""
    found: dict[str, Probe] = {"Versiones": _versions, "Usuario": partial(_user, scene.toml), "systemd": _systemd}
    if scene.settings is not None:
        found["Discos y carpetas de red"] = partial(_disks, scene.settings)
        found["Permisos"] = partial(_permissions, scene.settings)
    return found


def _versions() -> Iterator[Check]:
    yield ok("programa", f"sincronizador {__version__}, Python {platform.python_version()} ({sys.executable})")
    yield ok("sistema", f"{platform.platform()}, {_distribution()}")
    found = [f"{name} {metadata.version(name)}" for name in _LIBRARIES]
    yield ok("bibliotecas", f"SQLite {sqlite3.sqlite_version}, {ssl.OPENSSL_VERSION}, {', '.join(found)}")


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return "distribución desconocida"


def _user(toml: str) -> Iterator[Check]:
    yield ok("usuario", f"este comando corre como {_own_name()}")
    if native.is_root() and service_user() is None:
        yield aviso("usuario", f"no existe el usuario {SERVICE_USER}, que es el del servicio instalado")
    if os.path.exists(toml):
        status = os.stat(toml)
        yield ok("configuración", f"{printable(toml)} es de {_name(status.st_uid)}, modo {status.st_mode & 0o7777:o}")


def _own_name() -> str:
    return _name(os.geteuid()) if hasattr(os, "geteuid") else getpass.getuser()


def _name(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


# --- disks


def _places(settings: "Settings") -> dict[str, str]:
    """The folders that matter, by what they are."""
    layout = Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta)
    found = {
        "diario": os.path.dirname(settings.diario),
        "trabajo": layout.spool,
        "entrada": layout.entrada,
        "salida": layout.salida,
    }
    return found | ({"espejo": settings.respaldo.espejo} if settings.respaldo.espejo else {})


def _disks(settings: "Settings") -> Iterator[Check]:
    seen: set[str] = set()
    for what, folder in _places(settings).items():
        if not os.path.isdir(folder):
            yield mal(what, f"no existe la carpeta {printable(folder)}: créela, o monte su disco")
            continue
        point, kind = filesystem_of(folder)
        yield _share(what, folder, point, kind)
        if point not in seen:
            yield from _room(what, folder)
        seen.add(point)


def _share(what: str, folder: str, point: str, kind: str) -> Check:
    """Where a folder lies, and what that means for locks, renames and power cuts."""
    told = f"{printable(folder)} está en {kind}, montado en {printable(point)}"
    if kind.startswith(_NETWORK):
        if what == "diario":
            return mal(
                what, f"{told}: una base de datos se daña en una carpeta de red. Pase el diario a un disco local"
            )
        return aviso(
            what,
            f"{told}: por red los candados no siempre valen y no hay aviso de archivos nuevos (se mira cada medio "
            "segundo). Que una sola máquina trabaje ahí, y que quien deja archivos los escriba con otro nombre y "
            "después los renombre",
        )
    if kind in _LOST:
        told = f"{told}: se borra al apagar la máquina"
        return mal(what, f"{told}. Use un disco") if what in ("diario", "espejo") else aviso(what, told)
    if kind in _POOR:
        return aviso(what, f"{told}: no guarda dueños ni permisos; use ext4 o xfs")
    if kind == "overlay":
        return aviso(what, f"{told}, de un contenedor: se pierde con él; monte un volumen")
    return ok(what, told)


def _room(what: str, folder: str) -> Iterator[Check]:
    room = native.disk_room(folder)
    if room.read_only:
        yield mal(what, "el disco está de solo lectura: mire «dmesg» y revise el disco")
    if room.free < LOW_DISK:
        yield mal(what, f"quedan {room.free >> 20} MB en el disco: haga lugar")
    elif room.files is not None and room.files < _FEW:
        yield mal(what, f"quedan {room.files} archivos posibles en el disco (inodos): borre archivos viejos")
    else:
        yield ok(what, f"quedan {room.free >> 20} MB en el disco")


# --- permissions


def _permissions(settings: "Settings") -> Iterator[Check]:
    """Whether the service's user may do what it must; without one, whether this one may."""
    user = service_user()
    layout = Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta)
    folders = [*layout.folders, os.path.dirname(settings.diario)]
    files = [settings.diario, settings.certificado.archivo, settings.certificado.clave.path]
    files += [settings.nube.token.path] if settings.nube and settings.ruta == "nube" else []
    who = user.pw_name if user else _own_name()
    bad = [path for path in folders if os.path.isdir(path) and not _may(user, path, os.R_OK | os.W_OK | os.X_OK)]
    bad += [path for path in files if path and os.path.exists(path) and not _may(user, path, os.R_OK)]
    for path in bad:
        yield mal("permisos", f"{who} no puede usar {printable(path)}: chown {who} {printable(path)}")
    if not bad:
        yield ok("permisos", f"{who} puede usar las carpetas, el diario y el certificado")


def _may(user: "pwd.struct_passwd | None", path: str, wanted: int) -> bool:
    """Whether a user may; by the modes of the path and of every folder above it."""
    if user is None:
        return native.may(path, wanted)
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    above = os.path.dirname(os.path.abspath(path))
    while True:
        if not _allows(user.pw_uid, groups, above, os.X_OK):
            return False
        if above == "/":
            return _allows(user.pw_uid, groups, path, wanted)
        above = os.path.dirname(above)


def _allows(uid: int, groups: list[int], path: str, wanted: int) -> bool:
    status = os.stat(path)
    shift = 6 if status.st_uid == uid else 3 if status.st_gid in groups else 0
    return (status.st_mode >> shift) & wanted == wanted


# --- systemd


def _systemd() -> Iterator[Check]:
    if not os.path.isdir(BOOTED):
        yield aviso("systemd", "esta máquina no arrancó con systemd: alguien tiene que correr «sincronizador iniciar»")
        return
    command = ("systemctl", "show", SERVICE_USER, f"--property={','.join(_ASKED)}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        yield mal("systemd", f"no contesta ({type(error).__name__})")
        return
    state = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    if state.get("LoadState") != "loaded":
        yield aviso("servicio", "no está instalado en systemd")
        return
    told = f"{state['ActiveState']} ({state['SubState']}), {state['UnitFileState']}"
    told += f", {count(int(state['NRestarts']), 'reinicio', 'reinicios')}"
    if state["ActiveState"] != "active":
        yield mal(
            "servicio", f"{told}, {state['Result']}: «systemctl start sincronizador», y «journalctl -u» dice por qué"
        )
    elif state["UnitFileState"] != "enabled":
        yield aviso("servicio", f"{told}: no arranca solo; «systemctl enable sincronizador»")
    else:
        yield ok("servicio", told)
