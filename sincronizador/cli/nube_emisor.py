"""``nube emisor``: who issues, its branches and its settings."""

from dataclasses import asdict
from typing import Any

import click

from sincronizador.cli.nube_acts import audited, issuer_of, opened, tell
from sincronizador.cli.terminal import say

_FIELDS = {
    "razon_social": "Como está registrada en DGI.",
    "nombre_comercial": "El nombre del comercio.",
    "domicilio": "Calle y número.",
    "ciudad": "La ciudad.",
    "departamento": "El departamento.",
    "web": "Dónde se verifica el comprobante; se imprime.",
    "resolucion": "La resolución, o desde cuándo es emisor electrónico; se imprime.",
    "telefono": "El teléfono.",
    "correo": "El correo.",
    "giro": "El giro.",
    "free_shop": "SI o NO: si es un free shop, que identifica siempre al receptor.",
    "regimen": "general, exonerado, iva_minimo, monotributo o monotributo_mides.",
}
_RULES = {
    "tolerancia": "Cuánto puede diferir un total dado del nuestro.",
    "redondeo": "linea o diferencia.",
    "textos_largos": "recortar o error.",
    "precios": "CON_IVA o SIN_IVA.",
    "decimal": "PUNTO o COMA.",
}


@click.group(help="Agrega, lista y ajusta emisores.")
def emisor() -> None:
    """The group."""


def _with_fields(command: Any) -> Any:
    for name, text in reversed({**_FIELDS, **_RULES}.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, help=text)(command)
    return click.option("--ui", multiple=True, metavar="AÑO=VALOR", help="La UI al fin del año anterior; repetible.")(
        command
    )


@emisor.command(help="Agrega un emisor, u otra sucursal suya.")
@click.option("--desde", metavar="TOML", help="Toma los datos de la configuración de una instalación.")
@click.option("--rut", help="El RUT, doce cifras.")
@click.option("--sucursal", help="El código de la sucursal en DGI.")
@_with_fields
def agregar(desde: str | None, rut: str | None, sucursal: str | None, ui: tuple[str, ...], **given: str | None) -> None:
    """Add."""
    from sincronizador.nube import admin_wire

    fields, rules = _of_installation(desde) if desde else ({}, {})
    fields |= _given({"rut": rut, "sucursal": sucursal, **{name: given[name] for name in _FIELDS}})
    with opened() as cloud:
        known = admin_wire.rules_of(cloud.issuers(), str(fields.get("rut", "")))
    rules = known | rules | _given({name: given[name] for name in _RULES})
    rules["ui"] = {**known.get("ui", {}), **rules.get("ui", {}), **_years(ui)}
    _keep(fields, rules)


@emisor.command(help="Cambia lo que se diga de un emisor; lo demás queda como está.")
@click.option("--rut", help="El RUT; si hay un solo emisor, no hace falta.")
@click.option("--sucursal", help="La sucursal cuyos datos cambian; si hay una sola, no hace falta.")
@_with_fields
def ajustar(rut: str | None, sucursal: str | None, ui: tuple[str, ...], **given: str | None) -> None:
    """Change."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        chosen = issuer_of(cloud, rut)
        found = next((issuer for issuer in cloud.issuers() if issuer.rut == chosen), None)
    if found is None:
        raise click.UsageError(f"no hay un emisor con el RUT {chosen}.")
    branches = [branch for branch in found.branches if sucursal in (None, branch.sucursal)]
    if len(branches) != 1:
        known = ", ".join(branch.sucursal for branch in found.branches)
        raise click.UsageError(f"diga cuál con --sucursal ({known}).")
    rules = admin_wire.rules(found) | _given({name: given[name] for name in _RULES})
    rules["ui"] = {**rules["ui"], **_years(ui)}
    _keep(asdict(branches[0]) | _given({name: given[name] for name in _FIELDS}), rules)


@emisor.command(help="Lista los emisores con sus sucursales.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
def listar(as_json: bool) -> None:
    """List."""
    from sincronizador.nube import admin_wire

    with opened() as cloud:
        found = [admin_wire.issuer(issuer) for issuer in cloud.issuers()]
    if as_json:
        tell(found, True, "", "")
        return
    rows = [
        {**branch, "estado": "en recuperación" if one["recovering"] else ""}
        for one in found
        for branch in one["branches"]
    ]
    line = "{rut}  sucursal {sucursal:4}  {razon_social}  {domicilio}, {ciudad}  {estado}"
    tell(rows, False, line, "No hay ningún emisor.")


def _keep(fields: dict[str, Any], rules: dict[str, Any]) -> None:
    with opened() as cloud:
        kept = cloud.keep_issuer(audited(), fields, rules)
    places = ", ".join(branch.sucursal for branch in kept.branches)
    say(f"Emisor {kept.rut}, {kept.branches[0].razon_social}; sucursales: {places}.")


def _given(values: dict[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _years(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        year, _, value = pair.partition("=")
        if not (year.isascii() and year.isdigit() and value):
            raise click.UsageError(f"--ui va como 2026=6,1690, y dice «{pair}».")
        found[year] = value.replace(",", ".")
    return found


def _of_installation(path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The issuer and the rules of an installation's TOML. Raises `NeedsOperator` for one that is wrong."""
    from sincronizador.settings import load

    found = load(path)
    rules = {
        "precios": found.entrada.precios,
        "decimal": found.entrada.decimal,
        "tolerancia": str(found.totales.tolerancia),
        "redondeo": found.totales.redondeo,
        "textos_largos": found.textos.largos,
        "ui": {str(year): str(value) for year, value in found.ui.items()},
    }
    return found.emisor.model_dump(), rules
