"""``nube dgi``: how issuers stand with DGI, and what a person decides about it."""

from datetime import date
from typing import Any

import click

from sincronizador.cli.day import Day
from sincronizador.cli.nube_acts import audited, issuer_of, opened, tell
from sincronizador.cli.nube_entregas import entregas, receptor
from sincronizador.cli.terminal import say, say_json

_rut = click.option("--rut", help="El emisor; si hay uno solo, no hace falta.")
_json = click.option("--json", "as_json", is_flag=True, help="Como JSON.")
_SOURCE = "BCU, interbancario, comprador billete"


class _Slug(click.ParamType[tuple[int, str, int]]):
    name = "comprobante"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str, int]:  # fmt: skip
        """``101-A-1234``."""
        parts = str(value).upper().split("-")
        if len(parts) != 3 or not (parts[0].isdecimal() and parts[2].isdecimal()):
            self.fail(f"«{value}» no es un comprobante: va como 101-A-1234.", param, ctx)
        return int(parts[0]), parts[1], int(parts[2])


@click.group(help="Lo que va a DGI: cómo está, cotizaciones, reportes, y lo que espera a una persona.")
def dgi() -> None:
    """The group."""


@dgi.command(help="Dice, por emisor, qué espera, qué está en camino, qué se rechazó y cómo van los reportes.")
@click.option("--rut", help="Solo este emisor.")
@_json
def estado(rut: str | None, as_json: bool) -> None:
    """Tell."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        found = [admin_wire.standing(one) for one in cloud.paperwork.standings(rut)]
    if as_json:
        say_json(found)
        return
    if not found:
        say("No hay ningún emisor.")
    for one in found:
        say(*_told(one))


@dgi.command(help="Dice desde qué día informa el emisor; sin decirlo, desde el de su primer comprobante.")
@click.argument("fecha", type=Day())
@_rut
def desde(fecha: date, rut: str | None) -> None:
    """Begin."""
    with opened() as cloud:
        chosen = issuer_of(cloud, rut)
        cloud.paperwork.begin_reports(audited(), chosen, fecha)
    say(f"El emisor {chosen} informa desde el {fecha:%d/%m/%Y}.")


@dgi.command(help="Vuelve a mirar un día cerrado: si cambió o DGI no lo aceptó, su reporte sale otra vez.")
@click.argument("fecha", type=Day())
@_rut
def rehacer(fecha: date, rut: str | None) -> None:
    """Again."""
    with opened() as cloud:
        chosen = issuer_of(cloud, rut)
        cloud.paperwork.redo_report(audited(), chosen, fecha)
    say(f"Se mira de nuevo el {fecha:%d/%m/%Y} del emisor {chosen}.")


@dgi.command(help="Decide sobre un comprobante que DGI no aceptó y cuyo número no se anula solo (E06, E09).")
@click.argument("comprobante", type=_Slug())
@click.option("--como", type=click.Choice(["aceptado", "rechazado", "reenviar"]), required=True, help="Qué pasó.")
@click.option("--motivo", default="", help="Por qué.")
@_rut
def resolver(comprobante: tuple[int, str, int], como: str, motivo: str, rut: str | None) -> None:
    """Decide."""
    from sincronizador.nube.paperwork import Resolution

    with opened() as cloud:
        cloud.paperwork.resolve(audited(), issuer_of(cloud, rut), comprobante, Resolution(como), motivo)
    say(f"{'-'.join(map(str, comprobante))}: {como}.")


dgi.add_command(entregas)
dgi.add_command(receptor)


@dgi.group(help="Las cotizaciones con que se informa lo que está en moneda extranjera.")
def cotizaciones() -> None:
    """The group."""


@cotizaciones.command(help="Importa una tabla CSV «fecha;moneda;cotizacion» del Banco Central, toda o nada.")
@click.argument("archivo", type=click.File("rb"))
@click.option("--fuente", default=_SOURCE, show_default=True, help="De dónde sale.")
def importar(archivo: Any, fuente: str) -> None:
    """Import."""
    with opened() as cloud:
        count = cloud.paperwork.import_rates(audited(), archivo.read(), fuente)
    say(f"Importadas {count} cotizaciones. Los reportes que las esperaban salen solos.")


@cotizaciones.command(help="Lista las que hay, la última primero.")
@click.option("--cuantas", type=click.IntRange(1, 100_000), default=60, show_default=True, help="Cuántas a lo sumo.")
@_json
def listar(cuantas: int, as_json: bool) -> None:
    """List."""
    with opened() as cloud:
        rows = [
            {"fecha": f"{one.day}", "moneda": one.currency, "pesos": f"{one.pesos}", "fuente": one.source}
            for one in cloud.paperwork.rates(cuantas)
        ]
    tell(rows, as_json, "{fecha}  {moneda}  {pesos:>12}  {fuente}", "No hay ninguna cotización.")


def _told(one: dict[str, Any]) -> list[str]:
    """An issuer, a line for each thing."""
    lines = [f"Emisor {one['rut']}"]
    if one["trouble"]:
        lines.append(f"  sin DGI desde {one['trouble_since']:.16}: {one['trouble']}")
    lines.append(
        f"  comprobantes: {one['waiting']} por enviar, {one['under_way']} en camino, {one['rejected']} rechazados"
    )
    if one["held"]:
        lines.append(f"  esperan a una persona: {', '.join(one['held'])}")
    first = f"desde el {one['since']}" if one["since"] else "todavía no empezaron"
    last = f", el último que DGI tiene es el del {one['last_report']}" if one["last_report"] else ""
    lines.append(f"  reportes: {first}{last}, {one['reports']} sin la última palabra de DGI")
    lines += [f"  falta el reporte del {day}{f': {why}' if why else ''}" for day, why in one["pending"]]
    return lines
