"""
The publication over HTTP: a form and its answer for people, the same in JSON, the XML and the PDF.

Nobody has to say who he is, so it has an address of its own, without the calls of the installations, and limits of its
own: an address may ask so often, and so often may be asked about a number. A refusal takes the same time whatever it
is for: how long a look at the base took says nothing.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from sincronizador.errors import Unavailable
from sincronizador.nube import public_pages
from sincronizador.nube.app import tell_errors, tell_methods
from sincronizador.nube.configuration import Limites, Publicacion
from sincronizador.nube.contract import json_answer
from sincronizador.nube.edge import Edge
from sincronizador.nube.limits import Buckets
from sincronizador.nube.publication import Publication, Published, Question, read_question
from sincronizador.nube.troubles import Trouble, bad_request, later, not_found, of_error

REFUSAL_SECONDS = 0.25
"""From a question to the answer that there is nothing, never sooner."""
_AT_ONCE = 4
"""Questions that are looked up or drawn at the same time: tills sell meanwhile."""
_IN_HAND = 64
_BODY = 10_000
_CONNECTIONS = 500
_HEADERS = {
    "Content-Security-Policy": f"{public_pages.POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_FIELDS = ("rut", "tipo", "serie", "numero", "codigo")
_MEDIA_TYPES = {"xml": "application/xml", "pdf": "application/pdf"}

_T = TypeVar("_T")


def marks() -> dict[str, str]:
    """The headers of every answer of the publication: nothing is kept, framed, guessed at or told to others."""
    return _HEADERS


def own_limits(limits: Limites) -> Limites:
    """What one question may cost, with the patience of the other server; how many there may be is another matter."""
    own = {"cuerpo": _BODY, "por_direccion": 0, "a_la_vez": _IN_HAND, "conexiones": _CONNECTIONS}
    return limits.model_copy(update=own)


def make_public_app(
    publication: Publication, found: Publicacion, limits: Limites, lost: Callable[[], None] = lambda: None
) -> ASGIApp:
    """The whole publication as ASGI; `lost` is called when the base's disk failed."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    router = APIRouter()
    Public(publication, found).add_to(router)
    app.include_router(router)
    tell_errors(app, lost)
    tell_methods(app, [route for route in router.routes if isinstance(route, APIRoute)])
    return Edge(app, marks, own_limits(limits))


class Public:
    """The calls that anybody may make."""

    def __init__(self, publication: Publication, found: Publicacion) -> None:
        self._publication = publication
        self._addresses = Buckets(found.por_direccion)
        self._numbers = Buckets(found.por_comprobante)
        self._room = asyncio.Semaphore(_AT_ONCE)

    def add_to(self, router: APIRouter) -> None:
        """Add the calls."""
        path, methods = "/publico/{rut}/{tipo}/{serie}/{numero}", ["GET", "HEAD"]
        router.add_api_route("/publico", self.people, methods=methods)
        router.add_api_route(f"{path}.xml", self.xml, methods=methods)
        router.add_api_route(f"{path}.pdf", self.pdf, methods=methods)
        router.add_api_route(path, self.machines, methods=methods)

    async def people(self, request: Request) -> Response:
        """The form; with a code, what it leads to."""
        trial = self._publication.is_trial
        given = {name: request.query_params.get(name, "") for name in _FIELDS}

        def again(status: int, notice: str, wrong: Any = None) -> Response:
            return HTMLResponse(public_pages.form(given, wrong=wrong, notice=notice, trial=trial), status)

        if "codigo" not in request.query_params:
            return again(200, "")
        question = read_question(given)
        if not isinstance(question, Question):
            return again(400, public_pages.UNCLEAR, question)
        try:
            published = await self._asked(request, question)
        except (Trouble, Unavailable) as error:
            trouble = error if isinstance(error, Trouble) else of_error(error)
            answer = again(*_told(trouble))
            answer.headers.update(trouble.headers)
            return answer
        files = [(words, f"publico/{address}") for words, address in _files(question, published)]
        back = f"publico?rut={question.rut}"
        return HTMLResponse(public_pages.result(published, files, back, trial=trial))

    async def machines(self, request: Request) -> Response:
        """The same in JSON; the addresses of the files are relative to this one."""
        question = _question(request)
        published = await self._asked(request, question)
        return json_answer(_facts(question, published))

    async def xml(self, request: Request) -> Response:
        """The signed bytes, exact."""
        question = _question(request)
        published = _standing_good(await self._asked(request, question))
        return _file(question, "xml", published.emitido.signed)

    async def pdf(self, request: Request) -> Response:
        """The printable form."""
        question = _question(request)
        published = _standing_good(await self._asked(request, question))
        return _file(question, "pdf", await self._working(self._publication.pdf, published))

    async def _asked(self, request: Request, question: Question) -> Published:
        """Raises `Trouble` 404, the same for whatever there is nothing; 429."""
        until = time.monotonic() + REFUSAL_SECONDS
        wait = self._addresses.take(_neighbourhood(request)) or self._numbers.take(question.number)
        if wait:
            raise later(429, "too_many_requests", wait)
        published = await self._working(self._publication.find, question)
        if published is None:
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            raise not_found()
        return published

    async def _working(self, act: Callable[[Any], _T], what: object) -> _T:
        async with self._room:
            return await run_in_threadpool(act, what)


def _told(trouble: Trouble) -> tuple[int, str]:
    """The status of a trouble and what a person reads about it."""
    words = {404: public_pages.NOT_FOUND, 429: public_pages.TOO_MANY}
    return trouble.status, words.get(trouble.status, public_pages.LATER)


def _question(request: Request) -> Question:
    """Raises `Trouble` 400."""
    given = {name: str(request.path_params.get(name, "")) for name in _FIELDS}
    found = read_question(given | {"codigo": request.query_params.get("codigo", "")})
    if isinstance(found, Question):
        return found
    details = [{"field": name, "rule": "form", "message": message} for name, message in found.items()]
    raise bad_request(f"no se entiende {', '.join(found)}", details)


def _standing_good(published: Published) -> Published:
    if not published.standing.vale:
        raise Trouble(404, "not_found", published.standing.frase)
    return published


def _facts(question: Question, published: Published) -> dict[str, Any]:
    standing, emitido = published.standing, published.emitido
    facts: dict[str, Any] = {
        "rut": question.rut, "emisor": published.emisor, "tipo": emitido.tipo, "nombre": emitido.nombre,
        "serie": emitido.serie, "numero": emitido.numero, "estado": standing.estado, "vale": standing.vale,
        "mensaje": standing.frase,
    }  # fmt: skip
    if standing.vale:
        facts |= {
            "fecha": emitido.fecha.isoformat(), "firmado": emitido.firmado.isoformat(), "moneda": emitido.moneda,
            "total": f"{emitido.total:.2f}", "cae": emitido.cae, "sha256": sha256(emitido.signed).hexdigest(),
            "xml": _address(question, "xml"), "pdf": _address(question, "pdf"),
        }  # fmt: skip
    return facts


def _files(question: Question, published: Published) -> list[tuple[str, str]]:
    """The files of a document, with their addresses below ``publico/``."""
    if not published.standing.vale:
        return []
    folder = "/".join(map(str, question.number[:-1]))
    return [(words, f"{folder}/{_address(question, ending)}") for ending, words in public_pages.FILES.items()]


def _address(question: Question, ending: str) -> str:
    return f"{question.numero}.{ending}?codigo={quote(question.codigo, safe='')}"


def _file(question: Question, ending: str, content: bytes) -> Response:
    name = f"{question.rut}-{question.tipo}-{question.serie}-{question.numero}.{ending}"
    return Response(
        content, media_type=_MEDIA_TYPES[ending], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _neighbourhood(request: Request) -> str:
    """Who asks: an address, or the network of 64 bits of which one subscriber has every address."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))
