"""
Live: pages are told that something changed, once a second at most, and fetch themselves anew.

What is looked at are the times of three files: no connection to the journal stays open, so that nothing keeps its log
from being moved into it, and a hundred idle browsers cost the daemon nothing.
"""

import asyncio
import os
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from sincronizador.folders.answers import HEARTBEAT

from .site import Site, site_of

SECONDS = 1.0
"""Between two looks."""
QUIET = 15
"""Looks without a change after which a page is told all the same: a service that stopped changes nothing."""
MOST = 24
"""Browsers that are told at once; more of them use the link to load anew."""

_open: set[int] = set()


async def events(request: Request) -> Response:
    """The stream of changes."""
    if len(_open) >= MOST:
        return PlainTextResponse("Ya hay muchas páginas abiertas.\n", 503)
    return StreamingResponse(_changes(request), media_type="text/event-stream")


async def _changes(request: Request) -> AsyncIterator[str]:
    site, me = site_of(request), id(request)
    _open.add(me)
    try:
        seen, quiet = _look(site), 0
        yield "retry: 5000\n\n"
        while not request.app.state.ending and not await request.is_disconnected():
            await asyncio.sleep(SECONDS)
            now, quiet = _look(site), quiet + 1
            if now != seen or quiet >= QUIET:
                seen, quiet = now, 0
                yield "data: cambio\n\n"
    finally:
        _open.discard(me)


def _look(site: Site) -> tuple[tuple[int, int], ...]:
    paths = (f"{site.settings.diario}-wal", site.settings.diario, os.path.join(site.layout.salida, HEARTBEAT))
    return tuple(map(_when, paths))


def _when(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


ROUTES: tuple[BaseRoute, ...] = (Route("/eventos", events),)
