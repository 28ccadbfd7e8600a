"""``nube numeros``: what became of every number, and the decision about those in doubt."""

import json
import re
from typing import Any

import click

from sincronizador.cli.nube_acts import audited, issuer_of, opened, toml_path
from sincronizador.cli.terminal import say, say_json
from sincronizador.core import codes
from sincronizador.core.cloud_codes import NOT_ACCEPTED, UNREACHABLE
from sincronizador.errors import NeedsOperator, Unavailable
from sincronizador.toml import Kind, kind_of, parse

_MOST = 10_000
_OK, _NOT_YOU = 200, (401, 403)
WORDS = {
    "document": "comprobante",
    "annulled": "anulado",
    "leased": "reservado",
    "doubtful": "en duda",
    "free": "libre",
}
"""Fates of numbers, as a person reads them."""


@click.command(help="Dice qué fue de cada número de cada CAE, o anula números en duda.")
@click.option("--rut", help="Solo este emisor.")
@click.option("--json", "as_json", is_flag=True, help="Como JSON.")
@click.option(
    "--anular", multiple=True, metavar="101-A-12[:15]", help="Anula un número en duda, o varios seguidos; repetible."
)
@click.option("--motivo", default="", help="Por qué se anulan.")
def numeros(rut: str | None, as_json: bool, anular: tuple[str, ...], motivo: str) -> None:
    """The command."""
    if anular:
        _annul(rut, anular, motivo)
        return
    path = toml_path()
    found = _asked(path) if kind_of(parse(path)) is Kind.INSTALLATION else _own(rut)
    if as_json:
        say_json({"numbers": found})
        return
    if not found:
        say("No hay ningún CAE.")
    for cae in found:
        _show(cae)


def _asked(path: str) -> list[dict[str, Any]]:
    """The table as the cloud tells it to the installation of that TOML. Raises what `Http.request` does."""
    from sincronizador.settings import load
    from sincronizador.web import Http

    nube = load(path).nube
    if nube is None:
        raise codes.MISSING_SETTING.at(clave="la tabla [nube]").as_error(NeedsOperator)
    bearer = {"Authorization": f"Bearer {nube.token.read().decode('ascii', 'replace')}"}
    answer = Http(nube.url, ca=nube.ca or "").request("GET", "/v1/numbers", bearer, None, nube.espera)
    try:
        body = json.loads(answer.body)
        if answer.status == _OK:
            return list(body["numbers"])
        detail = str(body["error"]["message"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        detail = f"contestó algo que no es de una nube, con el estado {answer.status}"
    kind, rule = (NeedsOperator, NOT_ACCEPTED) if answer.status in _NOT_YOU else (Unavailable, UNREACHABLE)
    raise rule.at(detalle=detail).as_error(kind)


def _own(rut: str | None) -> list[dict[str, Any]]:
    from sincronizador.nube import wire

    with opened() as cloud:
        return [
            {"rut": issuer.rut, **wire.numbers(cae)}
            for issuer in cloud.issuers()
            if rut in (None, issuer.rut)
            for cae in cloud.numbers(issuer.rut)
        ]


def _show(cae: dict[str, Any]) -> None:
    say("{doc_type} {series} {from}-{to}  CAE {cae}  vence {expires}".format_map(cae))
    say("  " + ", ".join(f"{WORDS[fate]} {count}" for fate, count in cae["totals"].items()))
    for stretch in cae["fates"]:
        if stretch["fate"] == "doubtful":
            span = str(stretch["from"]) if stretch["from"] == stretch["to"] else f"{stretch['from']}:{stretch['to']}"
            say(f"  en duda: {cae['doc_type']}-{cae['series']}-{span}")


def _annul(rut: str | None, wanted: tuple[str, ...], motivo: str) -> None:
    numbers = _parse(wanted)
    with opened() as cloud:
        issuer = issuer_of(cloud, rut)
        count = sum(
            cloud.annul_doubtful(audited(), issuer, doc_type, series, several, motivo)
            for (doc_type, series), several in numbers.items()
        )
    say(f"Números anulados: {count}.")


def _parse(wanted: tuple[str, ...]) -> dict[tuple[int, str], list[int]]:
    """Type and series -> numbers."""
    found: dict[tuple[int, str], list[int]] = {}
    for text in wanted:
        parts = re.fullmatch(r"(\d{1,4})-([A-Z]{1,2})-(\d{1,9})(?::(\d{1,9}))?", text, re.ASCII)
        if parts is None:
            raise click.UsageError(f"un número va como 101-A-12, o varios como 101-A-12:15, y dice «{text}».")
        first, last = int(parts[3]), int(parts[4] or parts[3])
        if not first <= last < first + _MOST:
            raise click.UsageError(f"«{text}» va de menor a mayor y nombra a lo sumo {_MOST} números.")
        found.setdefault((int(parts[1]), parts[2]), []).extend(range(first, last + 1))
    return found
