"""The pages that only show: the first one, what is in trouble, the sales and each of them, contingencia."""

import os
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sincronizador import native
from sincronizador.errors import NeedsOperator
from sincronizador.journal import alarms, episodes, jobs, leases
from sincronizador.journal.journal import Tx
from sincronizador.journal.search import search

from . import views_home, views_sales, views_troubles
from .acts import number_of
from .frame import Frame, frame, show
from .printers import MESSENGER
from .site import Site, site_of
from .views_sale import sale
from .words import count, moment, whole

_EPISODES = 20


def home(request: Request) -> Response:
    """The first page, also where there is no journal yet."""
    site = site_of(request)
    try:
        with site.reading() as db:
            around = frame(request, site, db)
            lines = views_home.alarm_lines(around.seen, alarms.current(db), around.now)
            found = views_home.cards(around.seen, db, site.country, _disks(site), around.now)
            printers = views_home.printer_cards(
                db, list(site.settings.impresora), {name: text for name, (text, _) in MESSENGER.said.items()}
            )
            return show(request, around, "inicio.html", alarms=lines, cards=[*found, *printers])
    except NeedsOperator as error:
        if error.code != "E9213":
            raise
        return show(request, frame(request, site, None), "inicio.html", alarms=[], cards=[])


def _disks(site: Site) -> list[tuple[str, int]]:
    """Room on the disks of folders and journal: one line each, where they are two; of those that are there."""
    places = {"Carpetas": site.settings.spool, "Diario": os.path.dirname(site.settings.diario)}
    disks: dict[int, tuple[str, int]] = {}
    for name, path in places.items():
        with suppress(OSError):
            disks[os.stat(path).st_dev] = name, native.disk_room(path).free
    return list(disks.values())


def troubles(request: Request) -> Response:
    """What must be seen to first."""
    site = site_of(request)
    with site.reading() as db:
        around = frame(request, site, db)
        found = views_troubles.items(db, around.troubles, around.now)
        papers = views_troubles.papers_in_trouble(db)
    more = len(around.troubles) - len(found)
    return show(request, around, "problemas.html", items=found, papers=papers, more=more)


def sales(request: Request) -> Response:
    """The list, and what was looked for in it."""
    site = site_of(request)
    asked = views_sales.asked(request.query_params)
    with site.reading() as db:
        around = frame(request, site, db)
        found = search(db, asked.wanted, views_sales.SIZE)
    return show(
        request,
        around,
        "ventas.html",
        asked=asked,
        rows=views_sales.rows(found, site.country, around.now),
        next=views_sales.address(asked, found.next) if found.next else "",
        looked_at_all=found.looked_at_all,
        groups=views_sales.GROUPS,
        tills=sorted({*site.settings.caja, *map(str.upper, site.layout.tills())}),
    )


def one_sale(request: Request) -> Response:
    """A sale and everything that happened to it."""
    site = site_of(request)
    printers = list(site.settings.impresora)
    with site.reading() as db:
        around = frame(request, site, db)
        job = jobs.get(db, number_of(db, request))
        told = sale(db, job, site.country, printers, around.now)
    return show(request, around, "venta.html", sale=told, printers=printers)


@dataclass(frozen=True, slots=True)
class Episode:
    """A contingencia, told."""

    began: str
    ended: str
    signed: str
    reason: str
    forced: bool


def contingency(request: Request) -> Response:
    """How the line stands and stood."""
    site = site_of(request)
    with site.reading() as db:
        around = frame(request, site, db)
        told = _episodes(db, around)
        left = leases.usable(db, around.now.date())
        open_ = episodes.current(db)
    return show(
        request,
        around,
        "contingencia.html",
        with_cloud=site.settings.ruta == "nube",
        open=open_,
        episodes=told,
        least=_named(site, min(left.items(), key=lambda one: one[1])) if left else ("", ""),
        numbers=[_named(site, one) for one in sorted(left.items())],
    )


def _named(site: Site, left: tuple[int, int]) -> tuple[str, str]:
    return site.country.type_name(left[0]), whole(left[1])


def _episodes(db: Tx, around: Frame) -> list[Episode]:
    return [
        Episode(
            moment(episode.started_at, around.now),
            moment(episode.ended_at, around.now) if episode.ended_at else "",
            count(sum(row[4] for row in episodes.signed_in(db, episode)), "comprobante", "comprobantes"),
            episode.reason,
            episode.forced,
        )
        for episode in episodes.last(db, _EPISODES)
    ]


ROUTES: tuple[BaseRoute, ...] = (
    Route("/", home),
    Route("/problemas", troubles),
    Route("/ventas", sales),
    Route("/ventas/{pedido:int}", one_sale),
    Route("/contingencia", contingency),
)
