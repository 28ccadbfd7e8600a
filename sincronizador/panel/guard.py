"""
The guard before everything: who may come in from where, what a request may cost, the headers that every answer has.

A browser is the way in for strangers: a page of theirs may name this machine (rebinding), or have the browser send
something here with the person's cookies (CSRF). So a request must name this panel as its host and come from no other
page; what changes something must carry the token of a page of ours, or be of a kind that no page can send unasked.
"""

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.errors import SincronizadorError
from sincronizador.listening import address_of

from .access import Access
from .replies import MISDIRECTED, refusal
from .site import Site

log = logging.getLogger(__name__)

COOKIE = "sincronizador"
TOKEN_HEADER = "x-sincronizador-token"  # noqa: S105 - a name
LARGEST_FORM = 1_000_000
MOST_HELD = 64_000_000
"""Bytes of bodies of all requests in hand."""
BODY_SECONDS = 30.0
TXT = "text/vnd.sincronizador"
"""The type of a TXT that comes without a token; a page may send text/plain to whom it likes."""
ASKS_FIRST = ("application/json", "application/xml", "text/xml", TXT)
"""Types for which a browser first asks whether it may: and it may not."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no referrer at all, browsers send the forms of our own pages as from nobody ("Origin: null").
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_OPEN = ("/salud", "/entrar")
_STATIC = "/static/"
_OURS = ("same-origin", "none")
"""What a browser says of a page of ours, or of an address that somebody typed; other programs say nothing."""
_API = "/v1/"
_METRICS = "/metrics"
_VISITOR = re.compile(r"[A-Za-z0-9_-]{43}")
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::[0-9]{1,5})?", re.ASCII)
_ELSEWHERE = "viene de otra página, y este panel solo atiende a las suyas"


class _Refused(Exception):
    """A request that goes no further."""

    def __init__(self, status: int, detail: str, rule: Rule = codes.NOT_TAKEN, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.finding = rule.at(detalle=detail)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Guard:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, site: Site, access: Access) -> None:
        self._app = app
        self._access = access
        self._largest = site.settings.entrada.maximo
        self._names = {"localhost", "127.0.0.1", "::1", *(name.lower() for name in site.settings.panel.nombres)}
        self._is_tls = site.settings.panel.tls_certificado is not None
        host, port = address_of(site.settings.panel.escucha)
        self._names.add(host)
        # Browsers tell no port of a host from another: a second installation here has a cookie of its own.
        self._cookie = f"{'__Host-' if self._is_tls else ''}{COOKIE}-{port}"
        self._key = secrets.token_bytes(32)
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = _Answer(send, scope["path"])
        try:
            self._recognise(request, answer)
            await self._serve(request, answer)
        except _Refused as error:
            await answer.instead(request, refusal(request, error.status, error.finding, error.headers))
        except ClientDisconnect:
            pass
        except SincronizadorError as error:
            await answer.instead(request, PlainTextResponse(f"{error}\n", 503))
        except Exception:
            log.exception("event=bug method=%s path=%s", scope["method"], scope["path"])
            await answer.instead(request, PlainTextResponse("E9001: error interno del panel.\n", 500))
        finally:
            self._held -= getattr(request.state, "held", 0)

    async def _serve(self, request: Request, answer: "_Answer") -> None:
        path = request.scope["path"]
        self._check_origin(request)
        is_api = path.startswith(_API) or path == _METRICS
        if is_api:
            self._check_token(request)
        elif self._access.wants_password and not request.state.entered and not _is_open(path):
            return await answer.instead(request, _to_login(request))
        if request.method not in ("GET", "HEAD"):
            if request.method != "POST":
                raise _Refused(405, "aquí solo se lee (GET) y se envía (POST)", allow="GET, HEAD, POST")
            request.state.body = await self._body(request, self._largest if is_api else LARGEST_FORM)
            if not is_api:
                self._check_form(request)
        await self._app(request.scope, request.receive, answer.send)
        return None

    def _recognise(self, request: Request, answer: "_Answer") -> None:
        """Who comes, by the cookie; whoever has none of ours gets one."""
        visitor = request.cookies.get(self._cookie, "")
        is_known = _VISITOR.fullmatch(visitor) is not None
        if not is_known:
            visitor = secrets.token_urlsafe(32)
            # Who comes from another page shows no cookie, and may have one: it is not to be lost.
            elsewhere = request.headers.get("sec-fetch-site", "none") not in _OURS
            if not elsewhere and not request.scope["path"].startswith((_API, _STATIC)):
                answer.give(self.cookie(visitor))
        entered = is_known and self._access.is_inside(visitor)
        state = request.scope.setdefault("state", {})
        state.update(visitor=visitor, is_known=is_known, token=self._token(visitor), entered=entered, body=b"", held=0)
        state["till"] = ""
        state.update(give=lambda value: answer.give(self.cookie(value)))

    def cookie(self, value: str) -> str:
        """The header that gives a visitor a name; it ends with the browser."""
        return f"{self._cookie}={value}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if self._is_tls else ''}"

    def _check_origin(self, request: Request) -> None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._names:
            raise _Refused(MISDIRECTED, "este panel no se llama así; si es un nombre suyo, agréguelo a panel.nombres")
        if len(request.headers.getlist("content-length")) > 1 or (
            "content-length" in request.headers and "transfer-encoding" in request.headers
        ):
            raise _Refused(400, "dice dos largos", connection="close")
        origins = request.headers.getlist("origin")
        # Behind somebody else's TLS a page of ours is https too.
        schemes = ("https",) if self._is_tls else ("http", "https")
        if origins and origins not in [[f"{scheme}://{hosts[0]}"] for scheme in schemes]:
            raise _Refused(403, _ELSEWHERE)
        if request.headers.get("sec-fetch-site", "none") not in _OURS:
            is_followed = request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
            if not is_followed or request.scope["path"].startswith(_API):
                raise _Refused(403, _ELSEWHERE)

    def _check_token(self, request: Request) -> None:
        """A system: with a token where one is wanted; without one it must be none that a page could make up."""
        address = request.client.host if request.client else ""
        if request.scope["path"] == _METRICS and address in ("127.0.0.1", "::1"):
            return
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if self._access.wants_token:
            if wait := self._access.systems.left(address):
                raise _Refused(
                    429, f"hubo muchos tokens equivocados; espere {wait:.0f} s", retry_after=str(int(wait) + 1)
                )
            till = self._access.till_of(token.strip()) if kind.lower() == "bearer" else None
            if till is None:
                if token:
                    self._access.systems.failed(address)
                detail = "Falta el token («Authorization: Bearer ...»), o no es uno de esta instalación"
                raise _Refused(401, detail, codes.NO_ACCESS, www_authenticate="Bearer")
            self._access.systems.passed(address)
            request.state.till = till
        elif request.method == "POST" and _media(request) not in ASKS_FIRST:
            detail = f"sin token, Content-Type debe ser {TXT} (TXT), application/xml o application/json"
            raise _Refused(415, detail)

    async def _body(self, request: Request, largest: int) -> bytes:
        declared = request.headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > largest:
            raise _too_large(largest)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._read(request, largest)
        except TimeoutError:
            raise _Refused(408, "no llegó entero a tiempo", connection="close") from None

    async def _read(self, request: Request, largest: int) -> bytes:
        body = bytearray()
        async for piece in request.stream():
            self._held += len(piece)
            request.state.held += len(piece)
            body += piece
            if len(body) > largest:
                raise _too_large(largest)
            if self._held > MOST_HELD:
                raise _Refused(503, "hay demasiado en la mano", connection="close", retry_after="1")
        return bytes(body)

    def _check_form(self, request: Request) -> None:
        given = request.headers.get(TOKEN_HEADER) or _field(request.state.body, "token")
        if not request.state.is_known or not hmac.compare_digest(given.encode(), request.state.token.encode()):
            raise _Refused(403, "la página venció; cárguela de nuevo y repita")

    def _token(self, visitor: str) -> str:
        return hmac.new(self._key, visitor.encode(), hashlib.sha256).hexdigest()


class _Answer:
    """The way back: adds the headers."""

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        caching = "no-cache" if path.startswith(_STATIC) else "no-store"
        self._headers = {**HEADERS, "cache-control": caching}
        self._began = False

    def give(self, cookie: str) -> None:
        """With a cookie."""
        self._headers["set-cookie"] = cookie

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._began = True
            ours = [(name.encode(), value.encode()) for name, value in self._headers.items()]
            own = [pair for pair in message.get("headers", ()) if pair[0].lower().decode() not in self._headers]
            message = {**message, "headers": [*own, *ours]}
        await self._send(message)

    async def instead(self, request: Request, response: Response) -> None:
        """An answer that is not the application's, unless that began already."""
        if not self._began:
            await response(request.scope, request.receive, self.send)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_STATIC)


def _to_login(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/entrar", 303)
    return PlainTextResponse("Hay que entrar: /entrar\n", 401)


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _too_large(largest: int) -> _Refused:
    return _Refused(413, f"tiene más de {largest} bytes", connection="close")


def _name(host: str) -> str:
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found else ""


def _field(body: bytes, name: str) -> str:
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=1_000).get(name, [""])[-1]
    except ValueError:
        return ""
