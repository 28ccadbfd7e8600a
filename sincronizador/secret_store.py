"""
Where a password or a token is put: an encrypted credential where systemd has them, else a file for its owner only.

What is kept travels by pipes and files, never by arguments or the environment, which other users of a machine can see.
"""

import os
import shutil
import subprocess

from sincronizador import native
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.files import make_folder, write_atomic
from sincronizador.secret import CREDENTIAL, STORE

SERVICE = "sincronizador.service"
UNITS = "/etc/systemd/system"
BOOTED = "/run/systemd/system"
"""It exists where systemd is the first process."""

_DROP_IN = "credenciales.conf"
_PATIENCE = 60.0


def unit_of(toml: str) -> str:
    """The unit that runs with those settings: each issuer of a machine has an instance, named as its TOML."""
    name = os.path.basename(toml).removesuffix(".toml")
    return SERVICE if name == "sincronizador" else f"sincronizador@{name}.service"


def keep(name: str, secret: bytes, *, folder: str, unit: str = SERVICE) -> str:
    """
    Keep a secret; what the TOML says of it: ``credencial:NAME``, or the path of its file in `folder`.

    It is a credential of `unit` when root asks and systemd can; the running service has it from its next start on.
    Raises `NeedsOperator` (E92xx) when neither can be written.
    """
    if has_credentials() and _encrypt(name, secret, unit):
        return f"{CREDENTIAL}{name}"
    path = os.path.join(os.path.abspath(folder), name)
    keep_file(path, secret + b"\n", unit=unit)
    return path


def keep_credential(name: str, secret: bytes, *, unit: str = SERVICE) -> None:
    """Keep a secret where ``credencial:NAME`` is read. Raises `NeedsOperator` E9306 when that cannot be done here."""
    if not has_credentials():
        detail = "una credencial de systemd solo la guarda root, en una máquina con systemd 250 o más nuevo"
    elif not _encrypt(name, secret, unit):
        detail = "«systemd-creds encrypt» no la pudo guardar"
    else:
        return
    raise codes.BAD_SECRET.at(clave=f"{CREDENTIAL}{name}", detalle=detail).as_error(NeedsOperator)


def keep_file(path: str, content: bytes, *, unit: str = SERVICE) -> None:
    """A file that only its owner reads: of the service's user when root makes it. Raises `NeedsOperator` (E92xx)."""
    folder = os.path.dirname(path)
    there = _nearest(folder)
    make_folder(folder, parents=True, mode=0o750)
    if native.is_root() and there != folder:
        # One that root keeps closed would keep the service out.
        os.chown(folder, *_owner(there, unit))
    write_atomic(path, content, mode=0o600)
    if native.is_root():
        # The folder may be the user's, who could put a link there.
        os.chown(path, *_owner(folder, unit), follow_symlinks=False)


def has_credentials() -> bool:
    """Whether this process may keep encrypted credentials: as root, under systemd 250 or newer."""
    return native.is_root() and os.path.isdir(BOOTED) and shutil.which("systemd-creds") is not None


def _encrypt(name: str, secret: bytes, unit: str) -> bool:
    # The machine's own key and never its TPM: that would shut the shop after an update of its firmware.
    command = ["systemd-creds", "encrypt", "--with-key=host", f"--name={name}", "-", "-"]
    made = _run(command, secret)
    if made is None:
        return False
    make_folder(STORE, parents=True, mode=0o700)
    write_atomic(os.path.join(STORE, name), made, mode=0o600)
    _name_in_unit(name, unit)
    return True


def _name_in_unit(name: str, unit: str) -> None:
    """A drop-in has the unit load it, beside those that it loads already."""
    path = os.path.join(UNITS, f"{unit}.d", _DROP_IN)
    line = f"LoadCredentialEncrypted={name}:{STORE}/{name}"
    lines = ["# Las credenciales que guardó «sincronizador».", "[Service]"]
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    if line not in lines:
        make_folder(os.path.dirname(path), parents=True, mode=0o755)
        write_atomic(path, "\n".join([*lines, line, ""]).encode(), mode=0o644)
        _run(["systemctl", "daemon-reload"], b"")


def _run(command: list[str], given: bytes) -> bytes | None:
    """What a program answers; None when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            command, input=given, capture_output=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _nearest(folder: str) -> str:
    """The folder, or the nearest above it that is there."""
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder


def _owner(folder: str, unit: str) -> tuple[int, int]:
    """Whoever owns the folder; of root's, the unit's user where there is one."""
    import pwd

    found = os.stat(folder)
    if found.st_uid == 0:
        for name in (unit.partition(".")[0].partition("@")[0], SERVICE.partition(".")[0]):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            return user.pw_uid, user.pw_gid
    return found.st_uid, found.st_gid
