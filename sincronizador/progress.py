"""
How far long work has come: told from inside, heard by whoever waits for it, passed on by nobody in between.

Without a listener it says nothing and costs nothing, as in the service.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]
"""What is being done, a Spanish sentence; how much of it is done; how much there is."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def tell(what: str, done: int, total: int) -> None:
    """So far it is."""
    if (listener := _listener.get()) is not None:
        listener(what, done, total)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Whatever is told meanwhile, in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
