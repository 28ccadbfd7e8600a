"""``nube recibidos``: what other issuers send, and what a person decides about it."""

import os

import click

from sincronizador.cli.nube_acts import audited, issuer_of, opened, tell
from sincronizador.cli.terminal import say
from sincronizador.files import write_atomic

_rut = click.option("--rut", help="El emisor de aquí; si hay uno solo, no hace falta.")
_json = click.option("--json", "as_json", is_flag=True, help="Como JSON.")


@click.group(help="Lo que mandan otros emisores: comprobantes recibidos, y mensajes que esperan a una persona.")
def recibidos() -> None:
    """The group."""


@recibidos.command(help="Lista los últimos comprobantes recibidos, el más nuevo primero.")
@_rut
@click.option("--cuantos", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Cuántos a lo sumo.")
@_json
def listar(rut: str | None, cuantos: int, as_json: bool) -> None:
    """List."""
    with opened() as cloud:
        found = cloud.correspondence.documents(issuer_of(cloud, rut), cuantos)
    line = "{issuer} {name}  {doc_type} {series} {number}  {date}  {currency} {total:>14}  {state} {reason}"
    tell(found, as_json, line, "No se recibió ningún comprobante.")


@recibidos.command(help="No se acepta un comprobante: se le contesta a quien lo emitió.")
@click.argument("emisor", metavar="RUT")
@click.argument("tipo", type=click.IntRange(101, 999))
@click.argument("serie")
@click.argument("numero", type=click.IntRange(1, 9_999_999))
@click.option("--motivo", required=True, metavar="E20..E60", help="Por qué, con el código de la tabla de DGI.")
@click.option("--detalle", default="", help="Lo que el proveedor debe saber.")
@click.option("--de", "rut", help="El emisor de aquí que lo recibió; si hay uno solo, no hace falta.")
def rechazar(emisor: str, tipo: int, serie: str, numero: int, motivo: str, detalle: str, rut: str | None) -> None:
    """Reject."""
    which = (emisor, tipo, serie.upper(), numero)
    with opened() as cloud:
        cloud.correspondence.reject(audited(), issuer_of(cloud, rut), which, motivo.upper(), detalle)
    say(f"Rechazado {emisor}-{tipo}-{serie.upper()}-{numero}: el acuse sale con la próxima mirada al buzón.")


@recibidos.command(help="Lista los mensajes que no se entendieron; con NÚMERO, guarda uno o lo da por visto.")
@click.argument("numero", type=int, required=False)
@click.option("--guardar", metavar="ARCHIVO", help="Escribe el mensaje, como llegó.")
@click.option("--visto", is_flag=True, help="Ya no se avisa de él.")
@_json
def apartados(numero: int | None, guardar: str | None, visto: bool, as_json: bool) -> None:
    """List, save, or dismiss."""
    if numero is None and (guardar or visto):
        raise click.UsageError("falta el NÚMERO del mensaje.")
    with opened() as cloud:
        if numero is None:
            rows = cloud.correspondence.apart()
            tell(rows, as_json, "{id}  {arrived:.16}  {name}: {trouble}", "No hay ningún mensaje apartado.")
            return
        content = cloud.correspondence.content(numero)
        if guardar:
            write_atomic(os.path.abspath(guardar), content, mode=0o600)
        if visto:
            cloud.correspondence.set_seen(audited(), numero)
    say(f"Mensaje {numero}: {len(content)} bytes{', visto' if visto else ''}.")
