"""The door of a print station."""

from dataclasses import dataclass
from typing import Protocol

from sincronizador.core.job import Impresion
from sincronizador.core.ticket import Ticket
from sincronizador.printing.status import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What is known after the bytes were handed over."""

    outcome: Impresion
    """IMPRESO when the printer confirmed (or the file is written), ENTREGADO when it cannot say."""
    detail: str = ""


class Printer(Protocol):
    """A print station. `send` returns when the bytes were handed over; paper is never certain."""

    name: str

    def render(self, ticket: Ticket, *, original: bool = False) -> bytes:
        """The very bytes that will go to the printer; an `original` may end with beeps. Pure: the goldens are these."""
        ...

    def send(self, page: bytes, *, name: str) -> Printed:
        """
        Hand the bytes over; `name` tells a printer that writes files what to call this one.

        Raises `Unavailable` when certainly nothing left (off, unreachable, no paper, cover open before the first byte),
        `Unanswered` when an error came after bytes left or an expected confirmation is missing, `NeedsOperator` when
        a setting is wrong. A repeat prints again: only the caller decides whether it must be marked.
        """
        ...

    def plain(self, ticket: Ticket) -> str:
        """The ticket's lines as this printer's paper carries them, for a terminal. Pure."""
        ...

    def picture(self, page: bytes) -> bytes:
        """The PNG of what the printer makes of a page's bytes, 203 dots to the inch. Pure."""
        ...

    def state(self) -> State:
        """
        What the printer says about itself now.

        Raises `Unavailable` for one that is not reached, `NeedsOperator` when a setting is wrong.
        """
        ...

    def status(self) -> str:
        """
        The printer's state in a Spanish sentence, for `verificar` and `impresora ver`.

        Raises `Unavailable` or `NeedsOperator` with the sentence for one that would not print now.
        """
        ...
