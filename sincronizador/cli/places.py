"""Which TOML a command line is about."""

import os

import click

from sincronizador import native
from sincronizador.cli.ownership import SERVICE_TOML

_OWN = "sincronizador/sincronizador.toml"


def _option() -> str | None:
    named: str | None = click.get_current_context().find_root().params["config"]
    return named


def named_toml() -> str:
    """The one that is there. Raises `NeedsOperator` (E9304) when there is none."""
    from sincronizador.settings import find_toml

    return find_toml(_option())


def new_toml() -> str:
    """The one to be written: the one that is named, for root the service's, else one below the current folder."""
    own = SERVICE_TOML if native.is_root() else _OWN
    return os.path.abspath(_option() or os.environ.get("SINCRONIZADOR_CONFIG") or own)
