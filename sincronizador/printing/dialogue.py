"""What is said with a printer that may answer, around a page: the same over TCP, serial and USB."""

import errno
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

from sincronizador.core.job import Impresion
from sincronizador.printing.door import Printed
from sincronizador.printing.status import (
    ASK_CAUSE,
    ASK_PAPER,
    ASK_PRINTER,
    ASK_PROCESSED,
    State,
    begins_unasked,
    is_flow,
    is_processed,
    is_state,
    ran_out,
    runs_low,
    understand,
)
from sincronizador.printing.transport import PATIENCE, cause, hand_over, unanswered, unavailable


class Link(Protocol):
    """An open connection to a printer."""

    def write(self, rest: memoryview) -> int:
        """Send what it takes; TimeoutError when it takes nothing for too long."""
        ...

    def receive(self, seconds: float) -> bytes | None:
        """What came, waiting so long for it; empty when the printer hung up, None when nothing came."""
        ...

    def finish(self, patience: float) -> None:
        """Say that nothing more comes and see all of it taken; TimeoutError when it is not."""
        ...


class Dialogue(ABC):
    """
    A way that asks before and after the page. A subclass opens the link, once for each page.

    `IMPRESO` needs the printer's answer to GS r, which comes after everything before it was processed; one that only
    knows DLE EOT, or nothing, has the page `ENTREGADO`. What a printer was heard to answer is remembered: when it does
    not answer as before it is busy or dead, and is waited for before anything leaves. It is believed to have no voice
    after it kept silent all the patience: it may have been replaced.
    """

    def __init__(self, station: str, *, patience: float = PATIENCE, pause: float = 1.0) -> None:
        """`patience`: seconds without progress that end a page. `pause`: seconds for the first answer ever."""
        self._station = station
        self._patience = patience
        self._pause = pause
        self._answers = False
        self._confirms = False
        self._owes = False
        """It was asked GS r and has not answered yet: over a cable that answer may come during another page."""

    @abstractmethod
    def _open(self) -> AbstractContextManager[Link]:
        """The link. Raises OSError, or what the door says about a page of which nothing left."""

    def send(self, page: bytes, name: str) -> Printed:  # noqa: ARG002
        """Ask, send, ask again."""
        with self._opened() as talk:
            with self._before_the_page():
                state = self._state(talk)
                if state is not None and state.trouble:
                    raise unavailable(self._station, state.trouble)
                confirms = state is not None and self._can_confirm(talk)
            hand_over(self._station, page, talk.link.write)
            with self._after_the_page():
                if state is None:
                    talk.link.finish(self._patience)
                    return Printed(outcome=Impresion.ENTREGADO, detail="La impresora no informa su estado.")
                return self._confirmed(talk) if confirms else self._still_well(talk)

    def state(self) -> State:
        """Connect and ask, nothing more."""
        with self._opened() as talk, self._before_the_page():
            return self._state(talk) or State(silent=True)

    def _state(self, talk: "_Talk") -> State | None:
        """None for a printer that says nothing about itself. Raises `Unavailable` for one that used to."""
        state = talk.state(self._patience if self._answers else self._pause)
        used_to, self._answers = self._answers, state is not None
        if used_to and state is None:
            raise TimeoutError
        return state

    def _can_confirm(self, talk: "_Talk") -> bool:
        """Whether it answers GS r: a busy one that did before answers when it comes to it."""
        answer = self._processed(talk, self._patience if self._confirms else self._pause)
        used_to, self._confirms = self._confirms, answer is not None
        if used_to and answer is None:
            raise TimeoutError
        return self._confirms

    def _processed(self, talk: "_Talk", patience: float) -> int | None:
        """Answers come in order: where an old one is owed, the last of those that come together is the one meant."""
        answer = talk.processed(patience)
        if answer is not None and self._owes:
            talk.drain()
        self._owes = answer is None
        return answer

    def _confirmed(self, talk: "_Talk") -> Printed:
        answer = self._processed(talk, self._patience)
        if answer is None or ran_out(answer):
            raise unanswered(self._station, self._trouble_now(talk) or "no confirmó la página")
        detail = "La impresora lo confirmó. Queda poco papel." if runs_low(answer) else "La impresora lo confirmó."
        return Printed(outcome=Impresion.IMPRESO, detail=detail)

    def _still_well(self, talk: "_Talk") -> Printed:
        trouble = self._trouble_now(talk)
        if trouble:
            raise unanswered(self._station, trouble)
        return Printed(outcome=Impresion.ENTREGADO, detail="La impresora sigue lista después de recibir la página.")

    def _trouble_now(self, talk: "_Talk") -> str:
        state = talk.state(self._pause)
        return "dejó de responder" if state is None else state.trouble

    @contextmanager
    def _opened(self) -> "Iterator[_Talk]":
        """Whatever fails to open certainly received nothing; what comes up inside is told by those inside."""
        with ExitStack() as stack:
            with self._before_the_page():
                link = stack.enter_context(self._open())
            yield _Talk(link, self._pause)

    @contextmanager
    def _before_the_page(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unavailable(self._station, cause(error)) from error

    @contextmanager
    def _after_the_page(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unanswered(self._station, f"{cause(error)} después de recibir la página") from error


class _Talk:
    """Questions and answers over a link, told from what a printer says unasked."""

    def __init__(self, link: Link, pause: float) -> None:
        self.link = link
        self._pause = pause
        self._heard = bytearray()
        self._unasked = 0
        """Bytes still to come of a status that nobody asked for."""

    def state(self, patience: float) -> State | None:
        """What the printer says about itself now; None when it says nothing in so many seconds."""
        answers: dict[bytes, int] = {}
        for question in (ASK_PRINTER, ASK_CAUSE, ASK_PAPER):
            answer = self._ask(question, is_state, patience if question is ASK_PRINTER else self._pause)
            if answer is None and question is ASK_PRINTER:
                return None
            if answer is not None:
                answers[question] = answer
        return understand(answers)

    def processed(self, patience: float) -> int | None:
        """The answer to GS r: everything sent before it was processed. None when it does not come in time."""
        return self._ask(ASK_PROCESSED, is_processed, patience)

    def drain(self) -> None:
        """Hear what still comes until there is a silence."""
        while self._next(time.monotonic() + self._pause) is not None:
            pass

    def _ask(self, question: bytes, belongs: Callable[[int], bool], patience: float) -> int | None:
        rest = memoryview(question)
        while rest:
            rest = rest[self.link.write(rest) :]
        deadline = time.monotonic() + patience
        while (answer := self._next(deadline)) is not None:
            if belongs(answer):
                return answer
        return None

    def _next(self, deadline: float) -> int | None:
        """The next byte that answers something; None at the deadline."""
        while (said := self._hear(deadline)) is not None:
            if is_flow(said):
                continue
            if self._unasked:
                self._unasked -= 1
            elif begins_unasked(said):
                self._unasked = 3
            else:
                return said
        # The four bytes of a status come together: what comes after this silence is something else.
        self._unasked = 0
        return None

    def _hear(self, deadline: float) -> int | None:
        if not self._heard:
            received = self.link.receive(max(deadline - time.monotonic(), 0))
            if received is None:
                return None
            if not received:
                raise ConnectionResetError(errno.ECONNRESET, "closed by the printer")
            self._heard += received
        return self._heard.pop(0)
