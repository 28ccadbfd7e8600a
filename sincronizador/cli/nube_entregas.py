"""``nube dgi entregas`` and ``nube dgi receptor``: what goes to receivers, and what a person decides about it."""

from typing import TYPE_CHECKING

import click

from sincronizador.cli.nube_acts import audited, issuer_of, opened
from sincronizador.cli.terminal import say, say_json

if TYPE_CHECKING:
    from sincronizador.nube.dispatch import Sent

_rut = click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
_json = click.option("--json", "as_json", is_flag=True, help="Como JSON.")
_STATES = {
    "made": "por salir",
    "sent": "entregado",
    "answered": "recibido por el receptor",
    "refused": "rechazado por el receptor",
    "failed": "no se pudo entregar",
    "withdrawn": "retirado",
}
_KINDS = {"sobre": "sobre", "rechazo": "aviso de rechazo de DGI", "correo": "correo"}


@click.group(help="Lo que va a los receptores: sobres entre empresas, avisos de rechazo y correos a clientes.")
def entregas() -> None:
    """The group."""


@entregas.command(help="Lista las entregas, la última primero, con lo que se dijo de cada una.")
@_rut
@click.option("--cuantas", type=click.IntRange(1, 100_000), default=60, show_default=True, help="Cuántas a lo sumo.")
@click.option("--pendientes", is_flag=True, help="Solo las que no terminaron, o no se pudieron entregar.")
@_json
def listar(rut: str | None, cuantas: int, pendientes: bool, as_json: bool) -> None:
    """List."""
    with opened() as cloud:
        found = cloud.dispatch.listing(issuer_of(cloud, rut), cuantas, open_only=pendientes)
    if as_json:
        say_json([_facts(one) for one in found])
        return
    if not found:
        say("No hay ninguna entrega.")
    for one in found:
        say(*_lines(one))


@entregas.command(help="Manda una entrega otra vez: igual si alguien la tiene; en otro sobre si nadie la tomó.")
@click.argument("numero", type=click.IntRange(1))
@click.option("--a", "direccion", default="", help="Otra dirección, si es un correo a un cliente.")
@_rut
def reenviar(numero: int, direccion: str, rut: str | None) -> None:
    """Again."""
    with opened() as cloud:
        how = cloud.dispatch.resend(audited(), issuer_of(cloud, rut), numero, direccion)
    say(f"Entrega {numero}: {how}.")


@click.command(help="Dice qué tiene el registro de emisores electrónicos de DGI sobre un RUT.")
@click.argument("rut")
@_json
def receptor(rut: str, as_json: bool) -> None:
    """Tell."""
    with opened() as cloud:
        found, asked = cloud.dispatch.receiver(rut)
    when = f"{asked:%d/%m/%Y %H:%M}" if asked else "todavía no se consultó"
    if found is None:
        told: dict[str, str | None] = {"rut": rut}
    else:
        told = {
            "rut": found.rut, "nombre": found.denominacion, "correo": found.correo, "web_service": found.web_service,
            "desde": found.desde.isoformat() if found.desde else None,
            "hasta": found.hasta.isoformat() if found.hasta else None,
        }  # fmt: skip
    if as_json:
        say_json({**told, "emisor_electronico": found is not None, "registro": asked.isoformat() if asked else None})
    elif found is None:
        say(f"{rut} no está en el registro de emisores electrónicos (registro: {when}).")
    else:
        say(f"{found.rut} {found.denominacion}", f"  correo de intercambio: {found.correo or 'no tiene'}")
        say(f"  servicio web: {found.web_service or 'no tiene'}")
        since, until = (f"{one:%d/%m/%Y}" if one else "" for one in (found.desde, found.hasta))
        say(f"  emisor electrónico desde el {since or '?'}{f' hasta el {until}' if until else ''} (registro: {when})")


def _facts(one: "Sent") -> dict[str, object]:
    return {
        "numero": one.number, "clase": one.kind, "receptor": one.receiver, "via": one.way, "estado": one.state.value,
        "hecha": one.made.isoformat(), "entregada": one.left.isoformat() if one.left else None, "dicho": one.said,
        "comprobantes": [{"comprobante": slug, "respuesta": said} for slug, said in one.documents],
    }  # fmt: skip


def _lines(one: "Sent") -> list[str]:
    to = f"{one.receiver} " if one.receiver else ""
    lines = [f"{one.number}  {_KINDS[one.kind]} a {to}({one.way}): {_STATES[one.state.value]}"]
    lines += [f"    {slug}{f': {said}' if said else ''}" for slug, said in one.documents]
    return [*lines, *([f"    {one.said}"] if one.said else [])]
