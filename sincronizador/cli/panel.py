"""``panel``: the installation in a browser, and the HTTP door: a process of its own."""

import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from sincronizador.cli import passwords, settings
from sincronizador.cli.places import named_toml
from sincronizador.cli.terminal import say
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.secret_store import keep_file, unit_of

if TYPE_CHECKING:
    pass

_YEARS = 10
_BEFORE = timedelta(days=1)
"""The clocks of others may be behind."""


@click.group(help="El panel: la instalación vista en el navegador, y la puerta HTTP.", invoke_without_command=True)
@click.pass_context
def panel(context: click.Context) -> None:
    """Serve, unless something else is asked."""
    for library in ("jinja2", "starlette", "uvicorn"):
        if find_spec(library) is None:
            raise codes.NO_PANEL.at(detalle=library).as_error(NeedsOperator)
    if context.invoked_subcommand is None:
        from sincronizador import logs
        from sincronizador.panel.server import serve

        found = settings()
        logs.start()
        serve(found, named_toml())


@panel.command(help="Fija la contraseña del panel; la pregunta, o la lee de la entrada estándar.")
def clave() -> None:
    """Set."""
    from sincronizador.panel.access import SHORTEST_PASSWORD, hash_password

    found = settings()
    secret = found.panel.clave
    if secret is None:
        raise _no_place('clave = "panel/clave.txt"')
    # Piped in, there is nobody to be asked.
    path = None if sys.stdin.isatty() else "-"
    password = passwords.ask_new("Contraseña", path, shortest=SHORTEST_PASSWORD)
    kept = hash_password(password)
    if not secret.path:
        say(kept.decode("ascii"))
        say(f"Guarde esa línea como la credencial {secret.credential} de sincronizador-panel.service.", err=True)
        return
    _keep(secret.path, kept + b"\n")
    say(f"Contraseña guardada en {secret.path}. Quien estaba adentro tiene que entrar de nuevo.")


@panel.command(help="Agrega un token para la puerta HTTP y lo muestra, una sola vez.")
@click.option("--caja", default="", metavar="CAJA", help="Solo para los pedidos de esta caja.")
def token(caja: str) -> None:
    """Add."""
    found = settings()
    secret = found.panel.token
    if secret is None or not secret.path:
        raise _no_place('token = "panel/tokens.txt"')
    if caja and not (caja.isascii() and caja.replace("-", "").replace("_", "").isalnum() and len(caja) <= 8):
        raise click.UsageError("una caja lleva hasta 8 letras y cifras.")
    known = secret.read() + b"\n" if os.path.exists(secret.path) and os.path.getsize(secret.path) else b""
    made = secrets.token_urlsafe(32)
    _keep(secret.path, known + f"{caja.upper()} {made}".strip().encode() + b"\n")
    say(made)
    say(f"Quedó en {secret.path}; rige desde ya.", err=True)


@panel.command(help="Hace un certificado TLS propio para el panel, con los nombres de panel.nombres.")
def tls() -> None:
    """Make."""
    from sincronizador.listening import address_of
    from sincronizador.signing.identity import Validity, issue_tls, make_authority

    found = settings()
    at, key = found.panel.tls_certificado, found.panel.tls_clave
    if at is None or key is None:
        raise _no_place('tls_certificado = "panel/tls.pem" y tls_clave = "panel/tls.key"')
    if taken := next((path for path in (at, key) if os.path.exists(path)), ""):
        raise click.UsageError(f"«{taken}» ya está; bórrelo si quiere otro certificado.")
    host = address_of(found.panel.escucha)[0]
    names = dict.fromkeys([*found.panel.nombres, *(() if host in ("0.0.0.0", "::") else (host,)), "localhost"])  # noqa: S104 - compared
    now = datetime.now(UTC)
    validity = Validity(desde=now - _BEFORE, hasta=now + timedelta(days=365 * _YEARS))
    authority = make_authority(validity, name=f"Panel de sincronizador {found.instalacion.id}")
    made = issue_tls(authority, validity, list(names))
    _keep(key, made.key)
    _keep(at, made.certificate + made.authority)
    beside = f"{os.path.splitext(at)[0]}-autoridad.pem"
    _keep(beside, made.authority)
    say(f"Certificado para {', '.join(names)} en {at}.")
    say(f"Instale {beside} como autoridad de confianza en las otras máquinas.")


def _no_place(lines: str) -> click.UsageError:
    return click.UsageError(f"falta dónde se guarda: escriba {lines} en [panel] de la configuración.")


def _keep(path: str, content: bytes) -> None:
    """A secret into a file for the service only."""
    keep_file(path, content, unit=unit_of(named_toml()))
