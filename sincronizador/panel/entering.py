"""Entering by a password, and leaving."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from .access import Access
from .site import site_of
from .words import count


def _form(request: Request) -> Response:
    """The page that asks for the password."""
    access: Access = request.app.state.access
    if request.state.entered or not access.wants_password:
        return RedirectResponse("/", 303)
    return site_of(request).page(request, "entrar.html", mensaje="")


def _enter(request: Request) -> Response:
    """Look at the password that was given."""
    access: Access = request.app.state.access
    site, address = site_of(request), request.client.host if request.client else ""
    if wait := access.people.left(address):
        sentence = f"Hubo muchas contraseñas equivocadas: espere {count(int(wait) + 1, 'segundo', 'segundos')}."
        return site.page(request, "entrar.html", 429, mensaje=sentence)
    session = access.enter(site.form(request).get("clave", ""), address)
    if session is None:
        return site.page(request, "entrar.html", 403, mensaje="Esa no es la contraseña.")
    request.state.give(session)
    return RedirectResponse("/", 303)


def _leave(request: Request) -> Response:
    """End the session."""
    access: Access = request.app.state.access
    access.leave(request.state.visitor)
    return RedirectResponse("/entrar", 303)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/entrar", _form),
    Route("/entrar", _enter, methods=["POST"]),
    Route("/salir", _leave, methods=["POST"]),
)
