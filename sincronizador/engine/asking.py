"""A question to the cloud: what came back, or which error of the family; the line is told either way."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sincronizador.core.cloud_codes import LATER, STALE
from sincronizador.core.receipt import Reply, Said
from sincronizador.errors import NeedsOperator, SincronizadorError, Unanswered, Unavailable
from sincronizador.journal import tasks

from .house import House

log = logging.getLogger(__name__)

T = TypeVar("T")


def ask(house: House, what: str, call: Callable[[], T], *, by_the_way: bool = False) -> T | SincronizadorError:
    """
    The only place where an exception becomes an outcome of a call to the cloud.

    A bug of ours after the first byte is `Unanswered` too: the intent stays, and nothing is decided on a guess. What
    is asked `by_the_way` may fail for reasons of its own: that says nothing against the line.
    """
    began = time.monotonic()
    failed: SincronizadorError
    try:
        answer = call()
    except (Unavailable, Unanswered, NeedsOperator) as error:
        if error.code == LATER.code:
            # "Not now" is an answer of the cloud: there is a line.
            _answered(house)
            return error
        failed = error
    except Exception as error:
        log.exception("event=bug ask=%s", what)
        failed = Unanswered("E9001", f"error interno {type(error).__name__}")
    else:
        log.info("event=cloud ask=%s ms=%d", what, (time.monotonic() - began) * 1000)
        _answered(house)
        if isinstance(answer, Reply) and answer.said is Said.STALE:
            # Which of two goes on is asked before anything else.
            house.line.run_began = None
            return STALE.at().as_error(Unavailable)
        return answer
    # Told once; while it lasts the alarms say it.
    level = logging.INFO if house.line.link.failures else logging.WARNING
    log.log(level, "event=cloud ask=%s failed=%s message=%r", what, failed.code, str(failed))
    if by_the_way:
        return failed
    house.line.failed(house.clock.now(), str(failed).partition(". ")[0].rstrip("."))
    return failed


def _answered(house: House) -> None:
    if house.line.answered(house.clock.now()):
        # What failed for want of a line need not wait any longer.
        with house.journal.transaction() as db:
            tasks.wake_lane(db, tasks.HAND_OVER)
            tasks.wake_lane(db, tasks.CLOUD)
