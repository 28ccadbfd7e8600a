"""What every page of the panel stands on: settings, journal, templates, orders."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sincronizador import __version__
from sincronizador.core import codes
from sincronizador.countries.door import Country
from sincronizador.daemon.room import Room
from sincronizador.engine.house import House
from sincronizador.errors import Unavailable
from sincronizador.folders import heartbeat
from sincronizador.folders.layout import Layout
from sincronizador.journal import orders
from sincronizador.journal.journal import Journal, Tx, open_journal
from sincronizador.settings import Settings


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__, "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Site:
    """One panel: made once, shared by every request and thread."""

    settings: Settings
    toml: str = ""
    """Where they were read."""
    templates: Environment = field(default_factory=_environment)

    @cached_property
    def layout(self) -> Layout:
        """The working folders."""
        return Layout(self.settings.spool, self.settings.entrada.carpeta, self.settings.salida.carpeta)

    @cached_property
    def country(self) -> Country:
        """The issuer's law, for drawing documents. Raises `NeedsOperator`: wrong schemas or template."""
        from sincronizador.daemon.assembly import COUNTRIES

        return COUNTRIES[self.settings.pais](self.settings)

    @cached_property
    def house(self) -> House:
        """What reads and draws documents as the daemon does; it talks to nobody. Raises `NeedsOperator`."""
        from sincronizador.daemon.assembly import make_checker

        return make_checker(self.settings, Journal(self.settings.diario, mode="ro"))

    @cached_property
    def room(self) -> Room:
        """The room on the disks, to look at. Raises `NeedsOperator`."""
        from sincronizador.daemon.assembly import make_room

        return make_room(self.settings)

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """The journal, for one request. Raises `NeedsOperator` when there is none, or none of this version."""
        journal = open_journal(self.settings.diario, read_only=True)
        try:
            with journal.reading() as db:
                yield db
        finally:
            journal.close()

    def is_alive(self) -> bool:
        """Whether the daemon's heart beats."""
        return heartbeat.beats(self.layout, time.time())

    def order(self, verb: str, args: Mapping[str, str], content: bytes = b"") -> str:
        """
        Have the daemon carry something out; the sentence that says what was done.

        Raises `Rejected` with the sentence that says why not, `Unavailable` when the daemon is stopped (then nothing
        was ordered: an old wish would surprise) or does not answer.
        """
        if not self.is_alive():
            raise codes.PANEL_STOPPED.at().as_error(Unavailable)
        return orders.ask(self.settings.diario, verb, dict(args), content)

    def page(self, request: Request, template: str, status: int = 200, /, **facts: object) -> Response:
        """A page for a person."""
        common = {
            "request": request,
            "settings": self.settings,
            "version": __version__,
            "token": request.state.token,
            "entered": request.state.entered,
        }
        return HTMLResponse(self.templates.get_template(template).render({**common, **facts}), status)

    def form(self, request: Request) -> dict[str, str]:
        """The fields of a form that was posted; of one that is there several times, the last."""
        fields = parse_qs(request.state.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}


def site_of(request: Request) -> Site:
    """The panel that a request is for."""
    site: Site = request.app.state.site
    return site
