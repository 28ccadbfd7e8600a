"""What the acts of ``nube`` share: its settings, its base opened for one act, who did it, lists."""

import getpass
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from sincronizador import native
from sincronizador.cli.terminal import say, say_json
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import NeedsOperator
from sincronizador.files import make_folder, write_atomic

if TYPE_CHECKING:
    from sincronizador.nube.cloud import Cloud
    from sincronizador.nube.configuration import Configuracion
    from sincronizador.secret import Secret

_MOMENTS = ("at", "arrived")
PLACES = ("/etc/sincronizador/nube.toml", "config/nube.toml")
"""Where the cloud's TOML is looked for when neither ``--config`` nor ``SINCRONIZADOR_CONFIG`` names it."""


def toml_path() -> str:
    """The TOML that the command line names. Raises `NeedsOperator` E9304 when there is none."""
    from sincronizador.settings import find_toml

    return find_toml(click.get_current_context().find_root().params["config"], PLACES)


def cloud_settings() -> "Configuracion":
    """The cloud's settings. Raises `NeedsOperator` with everything that is wrong in them."""
    from sincronizador.nube.configuration import load

    return load(toml_path())


def look_for_libraries() -> None:
    """Raises `NeedsOperator` E3605 where the program was installed without what only the cloud uses."""
    from sincronizador.nube import server_codes

    for library in ("alembic", "fastapi", "sqlalchemy", "uvicorn"):
        if find_spec(library) is None:
            raise server_codes.NO_CLOUD.at(detalle=library).as_error(NeedsOperator)


@contextmanager
def opened() -> "Iterator[Cloud]":
    """The cloud over its base, for one act. A server may be running on it."""
    from sincronizador.nube.assembly import open_cloud

    found = cloud_settings()
    with for_its_owner(found):
        cloud = open_cloud(found)
        try:
            yield cloud
        finally:
            cloud.close()


@contextmanager
def for_its_owner(found: "Configuracion") -> Iterator[None]:
    """What root makes beside somebody's base is that user's: the server could not open it otherwise."""
    try:
        yield
    finally:
        if native.is_root():
            _give_away(found)


def _give_away(found: "Configuracion") -> None:
    base = [f"{found.base}{ending}" for ending in ("", "-wal", "-shm")] if found.embedded else []
    secret = [secret.path for secret in _secrets(found) if secret.path]
    for path in (*base, found.marca, *secret):
        folder = os.stat(os.path.dirname(path)) if os.path.exists(path) else None
        if folder is not None and folder.st_uid != 0 and os.stat(path).st_uid == 0:
            os.chown(path, folder.st_uid, folder.st_gid)


def write_missing_secrets(found: "Configuracion") -> list[str]:
    """Write the key and the administration's token where the TOML wants them as files and they are not there."""
    from sincronizador.nube.vault import new_vault_key

    written = []
    for secret in _secrets(found):
        if not secret.path or os.path.exists(secret.path):
            continue
        content = new_vault_key() if secret == found.clave else secrets.token_urlsafe(32).encode()
        make_folder(os.path.dirname(secret.path), parents=True, mode=0o700)
        write_atomic(secret.path, content + b"\n", mode=0o600)
        written.append(secret.path)
    return written


def _secrets(found: "Configuracion") -> "list[Secret]":
    return [found.clave, *((found.administracion.token,) if found.administracion else ())]


def audited() -> str:
    """Who acts, for the audit: the user of this machine, also behind sudo."""
    try:
        import pwd
    except ImportError:
        name = getpass.getuser()
    else:
        uid = int(os.environ.get("SUDO_UID", os.geteuid()))
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = str(uid)
    return f"{name}, en la máquina de la nube"


def issuer_of(cloud: "Cloud", rut: str | None) -> str:
    """The RUT that was given, or that of the only issuer. Raises a usage error when there is none, or several."""
    if rut is not None:
        return rut
    known = [issuer.rut for issuer in cloud.issuers()]
    if len(known) == 1:
        return known[0]
    raise click.UsageError(
        f"hay varios emisores; diga cuál con --rut ({', '.join(known)})."
        if known
        else "todavía no hay ningún emisor; agréguelo con «sincronizador nube emisor agregar»."
    )


def tell(rows: Sequence[Mapping[str, Any]], as_json: bool, line: str, nothing: str) -> None:
    """A list for a person, a `line` each, or as JSON; for a person, when it was by the clocks on the wall."""
    if as_json:
        say_json(rows)
        return
    if not rows:
        say(nothing)
    for row in rows:
        moments = {name: _on_the_wall(row[name]) for name in _MOMENTS if name in row}
        say(line.format_map({**row, **moments}).rstrip())


def _on_the_wall(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(ZONE):%d/%m/%Y %H:%M:%S}"


def put_secret(path: str, secret: str) -> None:
    """A secret into a file for its owner only."""
    write_atomic(os.path.abspath(path), secret.encode() + b"\n", mode=0o600)
