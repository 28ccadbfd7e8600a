"""How long what failed waits for its next try."""

import random
from datetime import datetime, timedelta

from sincronizador.journal.tasks import LONGEST_PAUSE

_FIRST_PAUSE = 1.0


def pause_after(tries: int) -> float:
    """Seconds until the next try: growing, capped, with jitter so that many do not come back at once."""
    return float(min(LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 10)) * random.uniform(0.7, 1.0))  # noqa: S311


def is_over(since: datetime, now: datetime, wait: timedelta) -> bool:
    """Whether a wait has ended; one that begins in the future has, for the clock was put back meanwhile."""
    return not since <= now < since + wait
