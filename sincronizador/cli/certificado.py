"""``certificado``: the issuer's certificate, and the one that follows it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering, passwords, settings
from sincronizador.cli.places import named_toml
from sincronizador.cli.terminal import say, say_sentences
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

if TYPE_CHECKING:
    from sincronizador.engine.pen import IssuerPen
    from sincronizador.settings import Settings
    from sincronizador.signing.certificate import Certificate, Identity


@click.group(help="Instala y muestra el certificado.")
def certificado() -> None:
    """The group."""


@certificado.command(help="Instala un certificado PKCS#12 (.p12, .pfx) donde dice la configuración.")
@click.argument("archivo")
@click.option("--clave", "--clave-archivo", metavar="ARCHIVO", help=passwords.HELP)
@click.option(
    "--ambiente",
    type=click.Choice(["prueba", "produccion"]),
    required=True,
    help="Para qué ambiente es el certificado.",
)
@click.option(
    "--siguiente", is_flag=True, help="Queda al lado del que firma ahora, y lo releva solo antes de que venza."
)
@click.option(
    "--desde",
    type=click.DateTime(["%d/%m/%Y", "%Y-%m-%d"]),
    metavar="FECHA",
    help="Con --siguiente: el día desde el que firma (dd/mm/aaaa), si no es la víspera de que venza el actual.",
)
def instalar(archivo: str, clave: str | None, ambiente: str, siguiente: bool, desde: datetime | None) -> None:
    """Install."""
    from sincronizador.signing.certificate import load_pkcs12

    if desde is not None and not siguiente:
        raise click.UsageError("--desde es para --siguiente.")
    found = settings()
    if ambiente != found.ambiente:
        rule = codes.OTHER_ENVIRONMENT.at(que="El certificado", ambiente=ambiente, propio=found.ambiente)
        raise rule.as_error(NeedsOperator)
    if archivo.startswith("pkcs11:") or found.certificado.is_token:
        _install_token(found, archivo, clave, siguiente)
        return
    identity = load_pkcs12(ordering.read_file(archivo), passwords.ask("Contraseña del certificado", clave))
    if siguiente:
        _install_next(found, identity, desde.replace(tzinfo=_now().tzinfo) if desde else None)
    else:
        _install(found, identity)


def _install(found: "Settings", identity: "Identity") -> None:
    _refuse_useless(found, identity, _now())
    said = _record(found, identity, None)
    _keep(found, identity, found.certificado.archivo)
    if os.path.exists(found.certificado.siguiente):
        os.unlink(found.certificado.siguiente)
        said += " El siguiente que había se quitó."
    _finish(found, said)


def _install_token(found: "Settings", archivo: str, clave: str | None, siguiente: bool) -> None:
    """The key stays where it is: what is installed is that it may sign, and its PIN."""
    from sincronizador.daemon.assembly import load_identity

    if archivo != found.certificado.archivo:
        raise click.UsageError("con un token, ARCHIVO es lo que dice certificado.archivo en la configuración.")
    if siguiente:
        raise click.UsageError("--siguiente es para un archivo: la clave de un token se instala en el momento.")
    kept = clave is None and found.certificado.clave.is_kept()
    pin = found.certificado.clave.read() if kept else passwords.ask("PIN del token", clave)
    identity = load_identity(archivo, pin)
    _refuse_useless(found, identity, _now())
    if not kept:
        _keep_password(found, pin)
    _finish(found, _record(found, identity, None))


def _install_next(found: "Settings", identity: "Identity", wanted: datetime | None) -> None:
    from sincronizador.files import put_in_place
    from sincronizador.signing.succession import change_at

    now = _now()
    with _pen(found) as pen:
        present, next_signs = pen.certificate_at(now), pen.next_signs_at(now)
    since = change_at(present, identity.certificate, wanted, now)
    _refuse_useless(found, identity, max(since, identity.certificate.not_before, now))
    said = _record(found, identity, since)
    if next_signs:
        # What signs now is the next one of the last time: it becomes the present one, which nobody notices.
        put_in_place(found.certificado.siguiente, found.certificado.archivo)
    _keep(found, identity, found.certificado.siguiente)
    if present is not None and present.not_after < since:
        said += f" El que firma ahora vence antes, el {_moment(present.not_after)}: entre tanto no se podrá firmar."
    if found.ruta == "nube":
        said += (
            "\nLa nube tiene que conocerlo antes: guárdelo con «sincronizador certificado ver --pem siguiente.pem» y "
            "agréguelo allá con «sincronizador nube certificado instalar siguiente.pem --sin-clave»."
        )
    _finish(found, said)


def _record(found: "Settings", identity: "Identity", since: datetime | None) -> str:
    """In the journal first: whatever happens then, what the files hold is known."""
    facts = identity.certificate
    args = {"huella": facts.fingerprint, "ambiente": found.ambiente, "titular": facts.titular}
    if since is not None:
        args["desde"] = since.isoformat()
    return ordering.carry_out(found, "certificado", args, facts.der)


def _finish(found: "Settings", said: str) -> None:
    ordering.carry_out(found, "certificado-leer", {})
    say_sentences(said)


@certificado.command(help="Muestra el certificado instalado, y el siguiente si lo hay, y si sirven hoy.")
@click.option("--pem", metavar="ARCHIVO", help="Guarda ahí el siguiente, o el actual si no hay otro, sin su clave.")
def ver(pem: str | None) -> None:
    """Show."""
    from sincronizador.daemon.assembly import load_identity

    found, now = settings(), _now()
    password = found.certificado.clave.read()
    shown = load_identity(found.certificado.archivo, password).certificate
    next_signs, since = _change(found, now)
    _show(found, shown, "El que firmaba antes" if next_signs else "El que firma", now)
    if os.path.exists(found.certificado.siguiente):
        shown = load_identity(found.certificado.siguiente, password).certificate
        say("")
        waits = f"El siguiente, que firma desde el {_moment(since)}" if since else "El siguiente, que no puede firmar"
        _show(found, shown, "El que firma, instalado como siguiente" if next_signs else waits, now)
    if pem:
        from sincronizador.files import write_atomic
        from sincronizador.signing.certificate import to_pem

        write_atomic(pem, to_pem(shown))
        say(f"Guardado en {pem}, sin su clave.")


def _show(found: "Settings", facts: "Certificate", which: str, now: datetime) -> None:
    from sincronizador.signing.certificate import problems

    days = (facts.not_after - now).days
    say(f"{which}:")
    say(f"Titular:  {facts.subject}")
    say(f"Emisor:   {facts.issuer}")
    say(f"RUT:      {facts.rut or 'no lo dice'}")
    ends = f"vence en {days} días" if days >= 0 else "vencido"
    say(f"Vale:     del {_moment(facts.not_before)} al {_moment(facts.not_after)} ({ends})")
    say(f"Huella:   {facts.fingerprint}")
    for problem in problems(facts, rut=found.emisor.rut, ambiente=found.ambiente, now=now):
        say(f"Problema: {problem.message} {problem.hint or ''}".rstrip())


def _change(found: "Settings", now: datetime) -> tuple[bool, datetime | None]:
    """Whether the next one signs already, or from when on it does."""
    try:
        with _pen(found) as pen:
            return pen.next_signs_at(now), pen.next_at(now)
    except NeedsOperator as error:
        say(f"Problema: {error}")
        return False, None


@contextmanager
def _pen(found: "Settings") -> Iterator["IssuerPen"]:
    """The keys as the daemon uses them."""
    from sincronizador.daemon import assembly
    from sincronizador.journal.journal import open_journal

    journal = open_journal(found.diario, read_only=True)
    try:
        yield assembly.make_pen(found, journal)
    finally:
        journal.close()


def _refuse_useless(found: "Settings", identity: "Identity", at: datetime) -> None:
    """Raises `NeedsOperator` for a key that could not sign at that moment."""
    from sincronizador.signing.certificate import problems

    problem = next(
        iter(problems(identity.certificate, rut=found.emisor.rut, ambiente=found.ambiente, now=at)), None
    )  # fmt: skip
    if problem is None:
        return
    error = problem.as_error(NeedsOperator)
    if identity.others:
        others = "; ".join(f"{one.titular}, que vence el {_moment(one.not_after)}" for one in identity.others)
        raise NeedsOperator(error.code, f"{error} El archivo trae además otros: {others}. Exporte el que va, solo.")
    raise error


def _keep(found: "Settings", identity: "Identity", path: str) -> None:
    """
    One file, under the password that the installation has: the daemon knows it already, and there is nothing to do
    twice. Only where it has none yet, a password is kept first.
    """
    from sincronizador.secret_store import keep_file, unit_of
    from sincronizador.signing.certificate import to_pkcs12

    password = _own_password(found)
    keep_file(path, to_pkcs12(identity, password), unit=unit_of(named_toml()))


def _own_password(found: "Settings") -> bytes:
    import secrets

    clave = found.certificado.clave
    if clave.is_kept() and (kept := clave.read()):
        return kept
    made = secrets.token_urlsafe(24).encode()
    _keep_password(found, made)
    return made


def _keep_password(found: "Settings", made: bytes) -> None:
    """Where the settings look for it."""
    from sincronizador.secret_store import keep_credential, keep_file, unit_of

    clave, unit = found.certificado.clave, unit_of(named_toml())
    if clave.path:
        keep_file(clave.path, made + b"\n", unit=unit)
    else:
        keep_credential(clave.credential, made, unit=unit)
        say(f"La contraseña quedó como credencial: reinicie el servicio con «systemctl restart {unit}».")


def _now() -> datetime:
    from sincronizador.countries.uy.tipos import ZONE

    return datetime.now(ZONE)


def _moment(moment: datetime) -> str:
    """By the clocks on the wall of the issuer's country, wherever this machine thinks that it is."""
    return f"{moment.astimezone(_now().tzinfo):%d/%m/%Y %H:%M}"
