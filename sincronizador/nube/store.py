"""The base: SQLite beside the server, or PostgreSQL."""

from collections.abc import Callable
from datetime import datetime


class Store:
    """An open base."""


def create_store(url: str, watermark: str, *, environment: str, clock: Callable[[], datetime]) -> Store:
    """
    A new base for one environment and its watermark file beside it.

    `url` is ``sqlite:////path/nube.db`` or ``postgresql+psycopg://...`` (SQLAlchemy). Raises `NeedsOperator` when there
    is a base already.
    """
    raise NotImplementedError


def open_store(url: str, watermark: str, *, clock: Callable[[], datetime], restored: bool = False) -> Store:
    """
    An existing base, its schema brought up to date.

    A base that is behind its watermark was restored: it gets a new server_epoch and waits for its installations.
    `restored`: a person says so. Raises `NeedsOperator`: missing or foreign base, a watermark that is missing beside a
    base with documents (names ``nube servir --restaurada``) or of another base.
    """
    raise NotImplementedError
