"""What every page has around it: the state, the way to the others, and what became of the last button."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from starlette.requests import Request
from starlette.responses import Response

from sincronizador.countries.uy.tipos import ZONE
from sincronizador.journal.journal import Tx
from sincronizador.journal.troubles import Trouble
from sincronizador.overview import Overview, overview
from sincronizador.settings import Settings

from . import views_home, views_troubles
from .site import Site, site_of
from .views_home import State

LIVE = "x-vivo"
"""The header of a page that is fetched to bring another one up to date."""
_VISITORS = 64
_FAIR = 20
"""Times what an overview took, until it is asked for again."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a button."""

    sentence: str
    ok: bool


class Sayings:
    """What is to be told to whom, once. It stands in no address: nobody can have the panel say what he likes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: OrderedDict[str, Said] = OrderedDict()

    def keep(self, visitor: str, said: Said) -> None:
        """For the next page of a visitor."""
        with self._lock:
            self._told[visitor] = said
            while len(self._told) > _VISITORS:
                self._told.popitem(last=False)

    def take(self, visitor: str) -> Said | None:
        """What the visitor was not told yet."""
        with self._lock:
            return self._told.pop(visitor, None)


SAYINGS = Sayings()


class Glance:
    """
    The last overview, shared by everybody who looks, for as long as is fair: what took long is not asked again at once.

    Of a journal of a million documents it takes a tenth of a second, most of it for counting what waits.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: Overview | None = None
        self._until = 0.0

    def at(self, settings: Settings, db: Tx | None, now: datetime) -> Overview:
        """How the installation is now, or was a moment ago."""
        with self._lock:
            begun = time.monotonic()
            if self._seen is None or begun >= self._until or db is None:
                self._seen = overview(settings, db, now)
                ended = time.monotonic()
                self._until = ended + _FAIR * (ended - begun)
            return self._seen

    def forget(self) -> None:
        """Somebody changed something, and wants to see it."""
        self._until = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The same around every page."""

    state: State
    seen: Overview
    troubles: tuple[Trouble, ...]
    problems: int
    """How many of all sorts."""
    now: datetime
    said: Said | None


def glance_of(request: Request) -> Glance:
    """The panel's."""
    state = request.app.state
    if not hasattr(state, "glance"):
        state.glance = Glance()
    found: Glance = state.glance
    return found


def frame(request: Request, site: Site, db: Tx | None) -> Frame:
    """It, now."""
    now = datetime.now(ZONE)
    seen = glance_of(request).at(site.settings, db, now)
    troubles = tuple(views_troubles.sales(db, now.date())) if db else ()
    problems = len(troubles) + seen.held + seen.doubtful
    said = None if LIVE in request.headers else SAYINGS.take(request.state.token)
    return Frame(views_home.state(seen, db, problems, now), seen, troubles, problems, now, said)


def show(request: Request, around: Frame, template: str, **facts: object) -> Response:
    """A page in its frame."""
    return site_of(request).page(request, template, frame=around, **facts)
