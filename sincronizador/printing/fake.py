"""A print station that only collects, under the same tests as the real ones."""

from collections import deque

from sincronizador.core.job import Impresion
from sincronizador.core.ticket import Ticket
from sincronizador.errors import SincronizadorError
from sincronizador.printing.door import Printed
from sincronizador.printing.paper import Paper
from sincronizador.printing.status import State


class FakePrinter:
    """Keeps what was sent; fails on cue."""

    def __init__(self, name: str = "FALSA", *, outcome: Impresion = Impresion.IMPRESO) -> None:
        self.name = name
        self.pages: list[tuple[str, bytes]] = []
        """Name and bytes of each page that left."""
        self.outcome = outcome
        self._faults: deque[SincronizadorError] = deque()

    def fail_next(self, fault: SincronizadorError) -> None:
        """Raise `fault` at the next `send` that has none before it; nothing is kept of that page."""
        self._faults.append(fault)

    def render(self, ticket: Ticket, *, original: bool = False) -> bytes:  # noqa: ARG002 - it has no voice
        """The bytes for 80 mm paper."""
        from sincronizador.printing.escpos import encode

        return encode(ticket, Paper())

    def plain(self, ticket: Ticket) -> str:
        """The lines of 80 mm paper."""
        from sincronizador.printing.plain import plain

        return plain(ticket, Paper())

    def picture(self, page: bytes) -> bytes:
        """A PNG of 80 mm paper."""
        from sincronizador.printing.preview import png

        return png(page, Paper())

    def send(self, page: bytes, *, name: str) -> Printed:
        """Keep the page, or fail."""
        if self._faults:
            raise self._faults.popleft()
        self.pages.append((name, page))
        return Printed(outcome=self.outcome)

    def state(self) -> State:
        """Always well."""
        return State()

    def status(self) -> str:
        """Always well."""
        return "Lista."
