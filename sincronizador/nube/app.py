"""The server's application: the calls, their OpenAPI, errors in one shape, and the edge around it all."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from sincronizador import __version__
from sincronizador.errors import SincronizadorError
from sincronizador.logs import event
from sincronizador.nube import bodies, codes
from sincronizador.nube.admin_api import Administration
from sincronizador.nube.api import Documents
from sincronizador.nube.auth import Door
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Limites
from sincronizador.nube.contract import json_answer
from sincronizador.nube.edge import Edge, epoch_mark
from sincronizador.nube.installation_api import Installations
from sincronizador.nube.received_api import ReceivedDocuments
from sincronizador.nube.troubles import MESSAGES, Trouble, of_act, of_error

log = logging.getLogger(__name__)

_ADMIN = "/v1/admin"
_INTERNAL = 500
_MISSING = 404
_BODIES = (
    bodies.Submission, bodies.Confirmation, bodies.HandOver, bodies.Voiding, bodies.Validation, bodies.LeaseWish,
    bodies.HeldRange, bodies.LeaseEnd, bodies.EpochWish, bodies.RunWish, bodies.Recovery, bodies.IssuerFacts,
    bodies.InstallationWish, bodies.CertificateFile, bodies.CaeFile, bodies.Annulment, bodies.Cause,
    bodies.Rejection,
)  # fmt: skip


def make_app(
    cloud: Cloud, limits: Limites, admin_token: bytes = b"", lost: Callable[[], None] = lambda: None
) -> ASGIApp:
    """
    The whole server as ASGI. Without `admin_token` there is no ``/v1/admin``.

    `lost` is called when the base's disk failed: nothing more can be trusted to it by this process.
    """
    app = FastAPI(
        title="sincronizador: la nube",
        version=__version__,
        description="La API entre una instalación y su nube. Los errores llevan «error.code», estable, y una frase.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    door = Door(cloud, limits, admin_token)
    calls, acts = _router("/v1", "instalacion"), _router(_ADMIN, "administracion")
    Documents(cloud, door).add_to(calls)
    Installations(cloud, door).add_to(calls)
    ReceivedDocuments(cloud, door).add_to(calls)
    Administration(cloud, door).add_to(acts)
    routers = [calls, acts] if admin_token else [calls]
    for router in routers:
        app.include_router(router)
    tell_errors(app, lost)
    tell_methods(app, [route for router in routers for route in router.routes if isinstance(route, APIRoute)])
    _describe_bodies(app)
    return Edge(app, epoch_mark(cloud.server_epoch), limits)


def _router(prefix: str, scheme: str) -> APIRouter:
    """For calls with that kind of token; who has it is judged by the `Door`."""
    return APIRouter(prefix=prefix, dependencies=[Security(HTTPBearer(auto_error=False, scheme_name=scheme))])


def tell_errors(app: FastAPI, lost: Callable[[], None]) -> None:
    """Every error in the shape of the wire; `lost` is called when the base's disk failed."""

    @app.exception_handler(Trouble)
    async def of_the_wire(_: Request, trouble: Trouble) -> Response:
        return _answer(trouble)

    @app.exception_handler(SincronizadorError)
    async def of_the_family(request: Request, error: SincronizadorError) -> Response:
        trouble = of_act(error) if request.url.path.startswith(_ADMIN) else of_error(error)
        if trouble.status == _INTERNAL:
            event(log, "trouble", level=logging.ERROR, code=error.code, text=str(error))
        if error.code == codes.BASE_BROKEN.code:
            lost()
        return _answer(trouble)

    @app.exception_handler(HTTPException)
    async def of_the_framework(_: Request, error: HTTPException) -> Response:
        return _answer(Trouble(error.status_code, "not_found" if error.status_code == _MISSING else "bad_request"))

    @app.exception_handler(RequestValidationError)
    async def of_parameters(_: Request, error: RequestValidationError) -> Response:
        details = [
            {"field": str(found["loc"][-1]), "rule": str(found["type"]), "message": str(found["msg"])}
            for found in error.errors()
        ]
        return _answer(Trouble(400, "bad_request", MESSAGES["bad_request"], details=details))

    @app.exception_handler(Exception)
    async def of_a_bug(_: Request, __: Exception) -> Response:
        return _answer(Trouble(500, "internal"))


def tell_methods(app: FastAPI, routes: Sequence[APIRoute]) -> None:
    """A wrong method is told with those that are right."""

    @app.exception_handler(405)
    async def of_the_method(request: Request, _: Exception) -> Response:
        path = request.url.path
        known = {method for route in routes if route.path_regex.match(path) for method in route.methods or ()}
        return _answer(Trouble(405, "method_not_allowed", headers={"Allow": ", ".join(sorted(known))}))


def _answer(trouble: Trouble) -> Response:
    answer = json_answer(trouble.body, trouble.status)
    answer.headers.update(trouble.headers)
    return answer


def _describe_bodies(app: FastAPI) -> None:
    """Add the bodies' schemas to the OpenAPI: they are read by hand, so FastAPI does not know them."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = plain()
            found.setdefault("components", {}).setdefault("schemas", {}).update(bodies.schemas(*_BODIES))
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]
