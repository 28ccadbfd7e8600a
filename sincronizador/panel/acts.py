"""Buttons: each is an order to the daemon, as on the command line, and a sentence on the next page."""

import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sincronizador.errors import SincronizadorError
from sincronizador.journal import jobs
from sincronizador.journal.journal import Tx

from .frame import SAYINGS, Said, glance_of
from .site import Site, site_of
from .views_troubles import title_of

_PAGES = re.compile(r"/(problemas|impresoras(#[\w.-]{1,40})?|contingencia|ventas/\d{1,18})?", re.ASCII)
_LONGEST = 200
"""Letters of a reason."""


def number_of(db: Tx, request: Request) -> int:
    """The sale that an address names. Raises HTTPException 404 when there is none."""
    number = int(request.path_params["pedido"])
    if number >= 1 << 62 or number > jobs.last_id(db) or number < 1:
        raise HTTPException(404)
    return number


def say(request: Request, sentence: str, *, ok: bool = True) -> None:
    """For the next page of who asks."""
    SAYINGS.keep(request.state.token, Said(sentence, ok))


def back(form: dict[str, str], otherwise: str) -> Response:
    """To the page that the button was on."""
    page = form.get("volver", "")
    return RedirectResponse(page if _PAGES.fullmatch(page) else otherwise, 303)


def _act(
    verb: str, args: Callable[[dict[str, str]], dict[str, str]] = lambda _: {}, *, needs_reason: bool = False
) -> Callable[[Request], Response]:
    """The endpoint of a button about a sale."""

    def endpoint(request: Request) -> Response:
        site = site_of(request)
        form = site.form(request)
        with site.reading() as db:
            number = number_of(db, request)
            title = title_of(jobs.get(db, number))
        if needs_reason and not form.get("motivo", "").strip():
            say(request, "Escriba el motivo: queda anotado con la venta.", ok=False)
        else:
            _order(request, site, verb, {"que": title, "pedido": str(number), **args(form)})
        return back(form, f"/ventas/{number}")

    return endpoint


def _order(request: Request, site: Site, verb: str, args: dict[str, str]) -> None:
    try:
        say(request, site.order(verb, args))
    except SincronizadorError as error:
        say(request, str(error), ok=False)
    glance_of(request).forget()


def _reason(form: dict[str, str]) -> dict[str, str]:
    return {"motivo": form.get("motivo", "").strip()[:_LONGEST]}


def _at(form: dict[str, str]) -> dict[str, str]:
    return {**_reason(form), "impresora": form.get("impresora", "")}


def _force(request: Request) -> Response:
    form = site_of(request).form(request)
    if reason := _reason(form)["motivo"]:
        _order(request, site_of(request), "contingencia", {"que": "forzar", "motivo": reason})
    else:
        say(request, "Escriba el motivo: queda anotado.", ok=False)
    return back(form, "/contingencia")


def _end(request: Request) -> Response:
    _order(request, site_of(request), "contingencia", {"que": "terminar"})
    return back({}, "/contingencia")


def _retry_all(request: Request) -> Response:
    _order(request, site_of(request), "reintentar", {"que": ""})
    return back({}, "/problemas")


ROUTES: tuple[BaseRoute, ...] = (
    Route("/ventas/{pedido:int}/reintentar", _act("reintentar"), methods=["POST"]),
    Route("/ventas/{pedido:int}/descartar", _act("descartar", _reason, needs_reason=True), methods=["POST"]),
    Route(
        "/ventas/{pedido:int}/reimprimir",
        _act("reimprimir", lambda form: {"impresora": form.get("impresora", ""), "original": ""}),
        methods=["POST"],
    ),
    Route("/papeles/{pedido:int}/liberar", _act("papel-liberar", _at), methods=["POST"]),
    Route("/papeles/{pedido:int}/descartar", _act("papel-descartar", _at, needs_reason=True), methods=["POST"]),
    Route("/problemas/reintentar", _retry_all, methods=["POST"]),
    Route("/contingencia/forzar", _force, methods=["POST"]),
    Route("/contingencia/terminar", _end, methods=["POST"]),
)
