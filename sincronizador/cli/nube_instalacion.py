"""``nube instalacion``: the places that issue, and their tokens."""

import click

from sincronizador.cli.nube_acts import audited, issuer_of, opened, put_secret, tell
from sincronizador.cli.terminal import say

_rut = click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
_token_en = click.option(
    "--token-en", metavar="ARCHIVO", help="Escribe el token ahí, solo para su dueño, y no lo muestra."
)


@click.group(help="Agrega, lista y da de baja instalaciones, y cambia sus tokens.")
def instalacion() -> None:
    """The group."""


@instalacion.command(help="Agrega una instalación y dice su token, esta única vez.")
@click.argument("codigo")
@_rut
@_token_en
def agregar(codigo: str, rut: str | None, token_en: str | None) -> None:
    """Add."""
    with opened() as cloud:
        made, token = cloud.add_installation(audited(), issuer_of(cloud, rut), codigo)
    say(f"Instalación {made.code} del emisor {made.rut} agregada.")
    _hand_out(token, token_en)


@instalacion.command(help="Lista las instalaciones.")
@click.option("--rut", help="Solo las de este emisor.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def listar(rut: str | None, as_json: bool) -> None:
    """List."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        rows = [admin_wire.installation(one) for one in cloud.installations(rut)]
    for row in rows if not as_json else ():
        row["estado"] = "de baja" if row["dead"] else "al día" if row["recovered"] else "falta que entregue de nuevo"
    line = "{rut}  {code:8}  época {epoch}  tokens {tokens}  {estado}"
    tell(rows, as_json, line, "No hay ninguna instalación.")


@instalacion.command(help="Da otro token; los anteriores valen hasta que se revoquen.")
@click.argument("codigo")
@_rut
@_token_en
def token(codigo: str, rut: str | None, token_en: str | None) -> None:
    """Another token."""
    with opened() as cloud:
        made = cloud.new_token(audited(), issuer_of(cloud, rut), codigo)
    _hand_out(made, token_en)


@instalacion.command(help="Revoca los tokens de una instalación: deja de ser aceptada.")
@click.argument("codigo")
@_rut
@click.option("--menos-el-ultimo", is_flag=True, help="Deja el más nuevo: para terminar un cambio de token.")
def revocar(codigo: str, rut: str | None, menos_el_ultimo: bool) -> None:
    """Revoke."""
    with opened() as cloud:
        count = cloud.revoke_tokens(audited(), issuer_of(cloud, rut), codigo, but_last=menos_el_ultimo)
    say(f"Tokens revocados: {count}.")


@instalacion.command(help="Da de baja una instalación que no va a volver: sus números reservados quedan en duda.")
@click.argument("codigo")
@_rut
@click.option("--motivo", required=True, help="Por qué.")
def baja(codigo: str, rut: str | None, motivo: str) -> None:
    """Declare dead."""
    with opened() as cloud:
        cloud.declare_dead(audited(), issuer_of(cloud, rut), codigo, motivo)
    say(f"Instalación {codigo} dada de baja. Lo que quedó en duda: «sincronizador nube numeros».")


def _hand_out(token: str, path: str | None) -> None:
    if path is None:
        say(f"Token, que no se vuelve a mostrar: {token}")
        return
    put_secret(path, token)
    say(f"Token escrito en {path}.")
