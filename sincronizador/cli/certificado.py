"""``certificado``: the issuer's certificate."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering, settings
from sincronizador.cli.terminal import say, say_sentences
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

if TYPE_CHECKING:
    from sincronizador.settings import Settings
    from sincronizador.signing.certificate import Certificate


@click.group(help="Instala y muestra el certificado.")
def certificado() -> None:
    """The group."""


@certificado.command(help="Instala un certificado PKCS#12 (.p12, .pfx) donde dice la configuración.")
@click.argument("archivo")
@click.option("--clave", metavar="ARCHIVO", help="Archivo con la contraseña. Si no se dice, se pregunta.")
@click.option(
    "--ambiente",
    type=click.Choice(["prueba", "produccion"]),
    required=True,
    help="Para qué ambiente es el certificado.",
)
def instalar(archivo: str, clave: str | None, ambiente: str) -> None:
    """Install."""
    from sincronizador.signing.certificate import load_pkcs12

    found = settings()
    content = ordering.read_file(archivo)
    password = ordering.read_file(clave).rstrip(b"\r\n") if clave else _ask()
    facts = load_pkcs12(content, password).certificate
    _refuse_useless(found, facts, ambiente)
    _put(found, content, password)
    args = {"huella": facts.fingerprint, "ambiente": ambiente, "titular": facts.titular}
    say_sentences(ordering.carry_out(found, "certificado", args))


@certificado.command(help="Muestra el certificado instalado y si sirve hoy.")
def ver() -> None:
    """Show."""
    from sincronizador.daemon.assembly import load_identity
    from sincronizador.signing.certificate import problems

    found = settings()
    facts = load_identity(found.certificado.archivo, found.certificado.clave.read()).certificate
    say(f"Titular:  {facts.subject}")
    say(f"Emisor:   {facts.issuer}")
    say(f"RUT:      {facts.rut or 'no lo dice'}")
    say(f"Vale:     del {facts.not_before:%d/%m/%Y} al {facts.not_after:%d/%m/%Y}")
    say(f"Huella:   {facts.fingerprint}")
    now = datetime.now().astimezone()
    for problem in problems(facts, rut=found.emisor.rut, ambiente=found.ambiente, now=now):
        say(f"Problema: {problem.message} {problem.hint or ''}".rstrip())


def _ask() -> bytes:
    password: str = click.prompt("Contraseña del certificado", hide_input=True)
    return password.encode()


def _refuse_useless(found: "Settings", facts: "Certificate", ambiente: str) -> None:
    from sincronizador.signing.certificate import problems

    if ambiente != found.ambiente:
        raise codes.OTHER_ENVIRONMENT.at(que="El certificado", ambiente=ambiente, propio=found.ambiente).as_error(
            NeedsOperator
        )
    now = datetime.now().astimezone()
    for problem in problems(facts, rut=found.emisor.rut, ambiente=ambiente, now=now):
        raise problem.as_error(NeedsOperator)


def _put(found: "Settings", content: bytes, password: bytes) -> None:
    """The files where the settings look for them, for their owner only."""
    from sincronizador.secret_store import keep_file

    wanted = [(found.certificado.archivo, content)]
    if found.certificado.clave.path:
        wanted.append((found.certificado.clave.path, password + b"\n"))
    elif found.certificado.clave.read() != password:
        raise codes.BAD_SECRET.at(
            clave="certificado.clave", detalle="no es la contraseña de este certificado"
        ).as_error(NeedsOperator)
    for path, bytes_ in wanted:
        keep_file(path, bytes_)
