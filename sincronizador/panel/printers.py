"""The printers' page: their queues, and what is asked of them directly, as ``impresora estado`` and ``probar`` do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillAtIt
from datetime import datetime
from threading import Lock

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sincronizador.countries.uy.tipos import ZONE
from sincronizador.engine.paper_queue import waiting
from sincronizador.errors import SincronizadorError
from sincronizador.printing.stations import Station, look

from .drawings import station_of
from .frame import frame, show
from .site import site_of
from .views_printers import stations
from .words import PAPERS, Tone

_PATIENCE = 8.0
"""Seconds that a page waits for a printer; what comes later is told on the next one."""


class Messenger:
    """Talks to printers, one talk with each at a time, and knows what each said last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._busy: set[str] = set()
        self._hands = ThreadPoolExecutor(4, "impresoras")
        self.said: dict[str, tuple[str, Tone]] = {}

    def talk(self, name: str, work: Callable[[], tuple[str, Tone]]) -> None:
        """Begin, unless somebody talks to it already, and wait a little for the end."""
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
        self.said[name] = ("Se le está hablando…", Tone.NEUTRO)
        try:
            self._hands.submit(self._finish, name, work).result(_PATIENCE)
        except StillAtIt:
            self.said[name] = ("Todavía no contestó; lo que diga se verá aquí.", Tone.ATENCION)

    def _finish(self, name: str, work: Callable[[], tuple[str, Tone]]) -> None:
        told = "No se pudo hablar con ella.", Tone.MAL
        try:
            told = work()
        finally:
            at = datetime.now(ZONE)
            self.said[name] = f"A las {at:%H:%M:%S}: {told[0]}", told[1]
            with self._lock:
                self._busy.discard(name)


MESSENGER = Messenger()


def page(request: Request) -> Response:
    """All printers."""
    site = site_of(request)
    with site.reading() as db:
        around = frame(request, site, db)
        found = stations(site.settings.impresora, list(waiting(db)), MESSENGER.said, around.now)
    return show(request, around, "impresoras.html", stations=found, names=list(site.settings.impresora))


def _ask(station: Station) -> tuple[str, Tone]:
    seen = look(lambda: station)
    tone = Tone.BIEN if seen.prints else Tone.MAL
    return seen.text, Tone.ATENCION if seen.prints and seen.state and seen.state.little_paper else tone


def _trial(station: Station) -> tuple[str, Tone]:
    return _send(station, _trial_page(station), f"prueba-{station.name}", "La página de prueba")


def _codes(station: Station) -> tuple[str, Tone]:
    told, tone = _send(station, station.code_sheet(), f"codigos-{station.name}", "La hoja de letras")
    return f"{told} Elija el renglón que se lee bien.", tone


def _send(station: Station, content: bytes, name: str, what: str) -> tuple[str, Tone]:
    try:
        printed = station.send(content, name=name)
    except SincronizadorError as error:
        return f"{what} no salió bien: {error}", Tone.MAL
    word = PAPERS[printed.outcome]
    return f"{what}: {word.text.lower()}. {printed.detail}".rstrip(), word.tone


def _trial_page(station: Station) -> bytes:
    from sincronizador.printing.trial import trial_ticket

    return station.render(trial_ticket(station.name, station.columns), original=True)


def _does(work: Callable[[Station], tuple[str, Tone]]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        name, station = _wanted(request, site_of(request).form(request).get("impresora", ""))
        MESSENGER.talk(name, lambda: work(station))
        return RedirectResponse(f"/impresoras#{name}", 303)

    return endpoint


def _drawn(content: Callable[[Station], bytes]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        _, station = _wanted(request, request.query_params.get("impresora", ""))
        return Response(station.picture(content(station)), media_type="image/png")

    return endpoint


def _wanted(request: Request, name: str) -> tuple[str, Station]:
    settings = site_of(request).settings
    if name not in settings.impresora:
        raise HTTPException(404)
    return name, station_of(settings, name)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/impresoras", page),
    Route("/impresoras/estado", _does(_ask), methods=["POST"]),
    Route("/impresoras/prueba", _does(_trial), methods=["POST"]),
    Route("/impresoras/codigos", _does(_codes), methods=["POST"]),
    Route("/impresoras/prueba.png", _drawn(_trial_page)),
    Route("/impresoras/codigos.png", _drawn(lambda station: station.code_sheet())),
)
