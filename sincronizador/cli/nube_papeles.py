"""``nube certificado`` and ``nube cae``: what an issuer signs and numbers with."""

from datetime import datetime

import click

from sincronizador.cli import passwords
from sincronizador.cli.nube_acts import audited, issuer_of, opened, tell
from sincronizador.cli.ordering import read_file
from sincronizador.cli.terminal import say

_rut = click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
_json = click.option("--json", "as_json", is_flag=True, help="Como JSON.")


@click.group(help="Instala y lista certificados.")
def certificado() -> None:
    """The group."""


@certificado.command(
    "instalar", help="Instala el PKCS#12 con que la nube firma, o un certificado que usa una instalación."
)
@click.argument("archivo")
@_rut
@click.option("--clave", "--clave-archivo", metavar="ARCHIVO", help=passwords.HELP)
@click.option("--siguiente", is_flag=True, help="Firma, sin más, desde la víspera de que venza el actual.")
@click.option(
    "--desde",
    type=click.DateTime(["%d/%m/%Y", "%Y-%m-%d"]),
    metavar="FECHA",
    help="Con --siguiente: el día desde el que firma (dd/mm/aaaa).",
)
@click.option("--sin-clave", is_flag=True, help="Es solo un certificado (PEM o DER): con él firman instalaciones.")
def install(
    archivo: str, rut: str | None, clave: str | None, siguiente: bool, desde: datetime | None, sin_clave: bool
) -> None:
    """Install."""
    from sincronizador.countries.uy.tipos import ZONE
    from sincronizador.nube.certificates import Following

    if desde is not None and not siguiente:
        raise click.UsageError("--desde es para --siguiente.")
    following = Following(desde.replace(tzinfo=ZONE) if desde else None) if siguiente else None
    content = read_file(archivo)
    with opened() as cloud:
        issuer = issuer_of(cloud, rut)
        if sin_clave:
            made = cloud.know_certificate(audited(), issuer, content)
        else:
            password = passwords.ask("Contraseña del certificado", clave)
            made = cloud.install_certificate(audited(), issuer, content, password, following)
    day = f"firma desde el {made.since.astimezone(ZONE):%d/%m/%Y %H:%M} " if made.since else ""
    say(f"Certificado de {made.titular}, {day}hasta el {made.not_after:%d/%m/%Y}, huella {made.fingerprint}.")


@certificado.command("listar", help="Lista los certificados, el más nuevo primero.")
@_rut
@_json
def list_certificates(rut: str | None, as_json: bool) -> None:
    """List."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        rows = [admin_wire.certificate(one) for one in cloud.certificates(rut)]
    for row in rows if not as_json else ():
        since = f" desde el {row['since']:.10}" if row["since"] else ""
        row["uso"] = (
            "revocado" if row["revoked"] else f"firma la nube{since}" if row["has_key"] else "firman instalaciones"
        )
    line = "{rut}  {titular}  hasta {not_after:.10}  {uso}  {fingerprint}"
    tell(rows, as_json, line, "No hay ningún certificado.")


@certificado.command("revocar", help="Desde ahora no firma; lo que firmó antes vale.")
@click.argument("huella")
@_rut
@click.option("--motivo", required=True, help="Por qué.")
def revoke(huella: str, rut: str | None, motivo: str) -> None:
    """Revoke."""
    with opened() as cloud:
        cloud.revoke_certificate(audited(), issuer_of(cloud, rut), huella, motivo)
    say(f"Certificado {huella} revocado.")


@click.group(help="Importa y lista los CAE.")
def cae() -> None:
    """The group."""


@cae.command(help="Importa archivos de CAE tal como los entrega DGI.")
@click.argument("archivos", nargs=-1, required=True, metavar="ARCHIVO...")
@_rut
@click.option(
    "--de-instalacion", "holder", metavar="CODIGO", default="", help="La instalación que ya numera con estos CAE."
)
def importar(archivos: tuple[str, ...], rut: str | None, holder: str) -> None:
    """Import."""
    with opened() as cloud:
        issuer = issuer_of(cloud, rut)
        for archivo in archivos:
            made = cloud.import_cae(audited(), issuer, read_file(archivo), held_by=holder)
            span = f"{made.doc_type} {made.series} {made.first} a {made.last}"
            say(f"CAE {made.cae}: {span}, vence el {made.expires:%d/%m/%Y}.")


@cae.command("listar", help="Lista los CAE y lo que queda de cada uno.")
@_rut
@_json
def list_caes(rut: str | None, as_json: bool) -> None:
    """List."""
    from sincronizador.nube.fates import Fate

    with opened() as cloud:
        rows = [
            {
                "rut": issuer.rut,
                "cae": one.cae,
                "tipo": one.doc_type,
                "serie": one.series,
                "desde": one.first,
                "hasta": one.last,
                "quedan": one.totals[Fate.FREE],
                "vence": one.expires.isoformat(),
            }
            for issuer in cloud.issuers()
            if rut in (None, issuer.rut)
            for one in cloud.numbers(issuer.rut)
        ]
    line = "{rut}  {tipo} {serie} {desde}-{hasta}  quedan {quedan}  vence {vence}  CAE {cae}"
    tell(rows, as_json, line, "No hay ningún CAE importado.")
