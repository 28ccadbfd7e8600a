"""``consultar-rut``: who a RUT is."""

from dataclasses import asdict

import click

from sincronizador.cli import settings
from sincronizador.cli.terminal import say, say_json
from sincronizador.core.cloud_codes import LATER, NO_CLOUD
from sincronizador.core.contribuyente import Consulta
from sincronizador.core.finding import Finding
from sincronizador.core.receipt import Reply, Said
from sincronizador.errors import NeedsOperator, Rejected, Unavailable


@click.command(help="Pregunta a DGI, por medio de la nube, quién es un RUT.")
@click.argument("rut")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def consultar_rut(rut: str, as_json: bool) -> None:
    """The command."""
    found = _asked(rut)
    if as_json:
        who = {name: value for name, value in asdict(found.contribuyente).items() if name != "inicio"}
        since = found.contribuyente.inicio.isoformat() if found.contribuyente.inicio else ""
        say_json(
            {
                **who,
                "inicio": since,
                "fuente": found.fuente.value,
                "consultado": found.consultado.isoformat(),
                "sin_linea": found.sin_linea,
            }
        )
        return
    for name, value in _lines(found):
        say(f"{name + ':':<18}{value}")


def _asked(rut: str) -> Consulta:
    """What the cloud of this installation knows. Raises `Rejected` for what DGI refuses, and what `Cloud` raises."""
    from sincronizador.daemon import assembly

    found = settings()
    number = assembly.COUNTRIES[found.pais](found).taxpayer_number(rut, 1)
    if isinstance(number, Finding):
        raise number.as_error(Rejected)
    cloud = assembly.make_cloud(found)
    if cloud is None:
        raise NO_CLOUD.at().as_error(NeedsOperator)
    said = cloud.taxpayer(number)
    if isinstance(said, Reply):
        raise _refused(said)
    return said


def _refused(reply: Reply) -> Rejected | Unavailable:
    if reply.said is Said.INVALID:
        code = next((remark.rule for remark in reply.remarks if remark.rule), reply.code)
        return Rejected(code, "; ".join(remark.message for remark in reply.remarks) or reply.message)
    return LATER.at(detalle=reply.message.rstrip(".")).as_error(Unavailable)


def _lines(found: Consulta) -> list[tuple[str, str]]:
    who = found.contribuyente
    age = f"{found.consultado:%d/%m/%Y %H:%M}" + (" (ahora no hay comunicación con DGI)" if found.sin_linea else "")
    lines = [
        ("RUT", who.rut),
        ("Razón social", who.razon_social),
        ("Nombre de fantasía", who.nombre_fantasia),
        ("Entidad", who.tipo_entidad),
        ("Situación", who.situacion),
        ("Desde", f"{who.inicio:%d/%m/%Y}" if who.inicio else ""),
        ("Dirección", who.direccion),
        ("Ciudad", who.ciudad),
        ("Departamento", who.departamento),
        ("Teléfonos", ", ".join(who.telefonos)),
        ("Correos", ", ".join(who.correos)),
        ("Giros", "; ".join(who.giros)),
        ("Consultado", age),
    ]
    return [(name, value) for name, value in lines if value]
