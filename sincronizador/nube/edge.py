"""
The outermost layer of a server: what one request may cost, the headers that every answer has, one line of log.

ASGI, around everything else. A body is read whole before anything is done about it, within its size and time.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sincronizador.logs import event
from sincronizador.nube.configuration import Limites
from sincronizador.nube.limits import Buckets
from sincronizador.nube.troubles import Trouble, later

log = logging.getLogger(__name__)

SERVER_EPOCH = "Sincronizador-Server-Epoch"
_MAX_TARGET = 4_000
"""Bytes of a path with its query."""

Marks = Callable[[], Mapping[str, str]]
"""The headers that every answer has, errors and refusals too; it is asked on every answer."""


def epoch_mark(server_epoch: Callable[[], str]) -> Marks:
    """What an installation knows the answers of its cloud by."""
    return lambda: {SERVER_EPOCH: server_epoch()}


class Edge:
    """Around `app`."""

    def __init__(self, app: ASGIApp, marks: Marks, limits: Limites) -> None:
        self._app = app
        self._marks = marks
        self._limits = limits
        self._addresses = Buckets(limits.por_direccion)
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, answer = time.monotonic(), _Answer(send, self._marks, self._limits.espera)
        self._in_hand += 1
        try:
            await self._serve(scope, receive, answer)
        except Trouble as trouble:
            await answer.trouble(trouble)
        except Exception:
            log.exception("event=bug method=%s path=%s", scope["method"], _template(scope))
            await answer.trouble(Trouble(500, "internal"))
        finally:
            self._in_hand -= 1
            _log(scope, answer.status, began)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        if self._in_hand > self._limits.a_la_vez:
            raise later(503, "busy", 1)
        if wait := self._addresses.take(_address(scope)):
            raise later(429, "too_many_requests", wait)
        if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_TARGET:
            raise Trouble(414, "too_large")
        try:
            async with asyncio.timeout(self._limits.espera):
                body = await self._body(scope, receive)
        except TimeoutError:
            raise Trouble(408, "request_timeout", headers={"Connection": "close"}) from None
        if body is not None:
            await self._app(scope, _Whole(body, receive), answer.send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; None when its sender went away."""
        too_large = Trouble(413, "too_large", headers={"Connection": "close"})
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if int(declared) > self._limits.cuerpo:
            raise too_large
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._limits.cuerpo:
                raise too_large
            if not message.get("more_body", False):
                return bytes(body)


class _Whole:
    """What the application receives: the body at once, then whatever the connection says."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class _Answer:
    """The way back: adds the marks, remembers the status, does not wait for ever for the answer's reader."""

    def __init__(self, send: Send, marks: Marks, patience: float) -> None:
        self._send = send
        self._marks = marks
        self._patience = patience
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            ours = [(name.lower().encode(), value.encode()) for name, value in self._marks().items()]
            message = {**message, "headers": [*message.get("headers", ()), *ours]}
        async with asyncio.timeout(self._patience):
            await self._send(message)

    async def trouble(self, trouble: Trouble) -> None:
        """An error, unless the answer began already."""
        if self.status:
            return
        body = json.dumps(trouble.body, ensure_ascii=False).encode()
        facts = {**trouble.headers, "Content-Type": "application/json", "Content-Length": str(len(body))}
        headers = [(name.lower().encode(), value.encode()) for name, value in facts.items()]
        await self.send({"type": "http.response.start", "status": trouble.status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _template(scope: Scope) -> str:
    """The path as it is documented: what is in its place is nobody's business in a log."""
    route: Any = scope.get("route")
    return str(route.path) if route is not None else "-"


def _log(scope: Scope, status: int, began: float) -> None:
    event(
        log,
        "request",
        method=scope["method"],
        path=_template(scope),
        status=status or "none",
        ms=round((time.monotonic() - began) * 1000),
        who=scope.get("state", {}).get("who"),
        client=_address(scope),
    )
