"""
The guard before every page: who may come in from where, and the headers that every answer has.

A browser is the way in for strangers: a page of theirs may name this machine (rebinding), or have the browser post here
with the person's cookies (CSRF). So a request must name this panel as its host; what changes something must come from a
page of this panel and carry its token.
"""

import hashlib
import hmac
import secrets
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sincronizador.listening import address_of

from .site import Site

COOKIE = "sincronizador"
TOKEN_HEADER = "x-sincronizador-token"  # noqa: S105 - a name
LARGEST_FORM = 1_000_000
SAFE = ("GET", "HEAD")

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_PRIVATE = {"cache-control": "no-store"}
_STATIC = {"cache-control": "no-cache"}


class Guard:
    """Around the whole application."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._names = {"localhost", "127.0.0.1", "[::1]", *(name.lower() for name in site.settings.panel.nombres)}
        host = address_of(site.settings.panel.escucha)[0]
        self._names.add(f"[{host}]" if ":" in host else host)
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        visitor = request.cookies.get(COOKIE, "")
        fresh = len(visitor) < 40
        visitor = secrets.token_urlsafe(32) if fresh else visitor
        scope.setdefault("state", {}).update(token=self._token(visitor), entered=False, body=b"")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                caching = _STATIC if scope["path"].startswith("/static/") else _PRIVATE
                ours = {**HEADERS, **caching}
                if fresh:
                    ours["set-cookie"] = f"{COOKIE}={visitor}; Path=/; HttpOnly; SameSite=Strict"
                headers = [*message.get("headers", ()), *((name.encode(), ours[name].encode()) for name in ours)]
                message = {**message, "headers": headers}
            await send(message)

        refusal = self._refusal(request) or await self._refused_form(request, visitor, fresh=fresh)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        await self._app(scope, receive, answer)

    def _refusal(self, request: Request) -> Response | None:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._names:
            return _no(
                421, "Este panel no se llama así: use http://127.0.0.1 con su puerto, o agregue el nombre a [panel]."
            )
        site = request.headers.get("sec-fetch-site", "none")
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.url.scheme}://{hosts[0]}":
            return _no(403, "Ese pedido viene de otra página.")
        if site not in ("same-origin", "none"):
            followed = request.method == "GET" and request.headers.get("sec-fetch-mode") == "navigate"
            if not followed:
                return _no(403, "Ese pedido viene de otra página.")
        return None

    async def _refused_form(self, request: Request, visitor: str, *, fresh: bool) -> Response | None:
        if request.method in SAFE:
            return None
        if request.method != "POST":
            return _no(405, "Aquí solo se lee y se envían formularios.")
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_FORM:
                return _no(413, "Es demasiado grande.")
        request.state.body = bytes(body)
        given = request.headers.get(TOKEN_HEADER) or _field(bytes(body), "token")
        if fresh or not hmac.compare_digest(given.encode(), self._token(visitor).encode()):
            return _no(403, "La página venció: cárguela de nuevo y repita.")
        return None

    def _token(self, visitor: str) -> str:
        return hmac.new(self._key, visitor.encode(), hashlib.sha256).hexdigest()


def _name(host: str) -> str:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
    return f"[{name}]" if ":" in name else name


def _field(body: bytes, name: str) -> str:
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[-1]


def _no(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)
