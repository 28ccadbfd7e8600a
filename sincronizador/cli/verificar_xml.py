"""``verificar-xml``: what can be said of a CFE, sobre, CAE or report that somebody else made. Needs no installation."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from sincronizador.cli import ordering
from sincronizador.cli.terminal import say, say_json
from sincronizador.errors import NeedsOperator

if TYPE_CHECKING:
    from sincronizador.core.inspection import Inspection
    from sincronizador.settings import Settings
    from sincronizador.signing.certificate import Certificate


@click.command(
    "verificar-xml",
    help="Controla un CFE, sobre, CAE, reporte o acuse de quien sea: firma, certificado, QR, totales. No emite nada.",
)
@click.argument("archivos", nargs=-1, required=True, metavar="ARCHIVO...")
@click.option("--esquemas", metavar="CARPETA", help="Carpeta con los XSD de DGI; si no, la de la configuración.")
@click.option("--certificado", metavar="ARCHIVO", help="Certificado de quien firmó (PEM o DER), si no viene adentro.")
@click.option("--qr", default="", metavar="TEXTO", help="El texto leído de un QR impreso, para compararlo.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def verificar_xml(
    archivos: tuple[str, ...], esquemas: str | None, certificado: str | None, qr: str, *, as_json: bool
) -> int:
    """The command; exit code 1 when anything is wrong."""
    from sincronizador.cli.verification import Means, inspect
    from sincronizador.countries.uy.uruguay import Uruguay
    from sincronizador.schemas import load_schemas
    from sincronizador.signing.certificate import load_certificate

    found = _installation()
    folder = esquemas or (found.esquemas.carpeta if found else None)
    means = Means(
        today=datetime.now(Uruguay.zone).date(),
        schemas=load_schemas(folder) if folder else None,
        certificate=load_certificate(ordering.read_file(certificado)) if certificado else None,
        own=_own(found) if found and not certificado else None,
        ui=found.ui if found else {},
        qr=qr,
    )
    inspections = [inspect(ordering.read_file(archivo), archivo, means) for archivo in archivos]
    if as_json:
        say_json([_as_dict(one) for one in inspections])
    else:
        for one in inspections:
            _show(one, "")
    return int(any(one.is_bad for one in inspections))


def _installation() -> "Settings | None":
    """The settings that the command line names, or those of this machine; there may be none, or none to be used."""
    from sincronizador.cli import settings

    try:
        return settings()
    except NeedsOperator:
        if click.get_current_context().find_root().params["config"]:
            raise
    return None


def _own(found: "Settings") -> "Certificate | None":
    """The installation's certificate, for who may open it."""
    from sincronizador.daemon.assembly import load_identity

    try:
        return load_identity(found.certificado.archivo, found.certificado.clave.read()).certificate
    except NeedsOperator:
        return None


def _show(one: "Inspection", margin: str) -> None:
    """A line a check."""
    say(margin + _one_line(one.titulo))
    for check in one.checks:
        say(f"{margin}  {check.juicio:<5} {check.que}: {_one_line(check.texto)}")
    for part in one.parts:
        _show(part, f"{margin}  ")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _as_dict(one: "Inspection") -> dict[str, object]:
    return {
        "titulo": one.titulo,
        "bien": not one.is_bad,
        "controles": [{"juicio": check.juicio, "que": check.que, "texto": check.texto} for check in one.checks],
        "comprobantes": [_as_dict(part) for part in one.parts],
    }
