"""How what an eater takes grows with what it is given, measured so that a crowded machine does not change it."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from hunt import bounded

from sincronizador.errors import SincronizadorError

TIMES = 8
"""How much larger the large one is: what is linear takes 8 times as long, what is quadratic 64."""
STEEPEST = 22.0
"""Between the two: a busy neighbour makes one measure twice as long, hardly three times."""
FIRST, LAST = 1_000, 64_000
"""Bytes of the small one, at least and at most."""
ENOUGH = 0.005
"""Seconds that the small one takes more than the first; less is mostly what any file costs."""
PATIENCE = 1.0
"""Seconds of processor for rounds that may still find that it is not steep."""
LONGEST = 20.0
"""Of processor for one measure: it hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The best measures of a small content and of one `TIMES` as large."""

    size: int
    small: float
    large: float

    @property
    def steep(self) -> bool:
        """More than linear, or n log n."""
        return self.large > STEEPEST * self.small

    @property
    def per_byte(self) -> float:
        """Seconds for each byte of the large one."""
        return self.large / (self.size * TIMES)


def growth(eat: Callable[[bytes], object], make: Callable[[int], bytes]) -> Growth:
    """
    The growth of `eat` with the sizes of `make`. Raises `Hang`.

    It is steep only where it is in every round: noise makes a measure longer, never shorter.
    """
    with _undisturbed():
        size = _size(eat, make)
        one, many = make(size), make(size * TIMES)
        small = min(_cost(eat, one) for _ in range(3))
        found = Growth(size=size, small=small, large=_cost(eat, many))
        until = time.thread_time() + PATIENCE
        while found.steep and time.thread_time() < until:
            small, large = min(found.small, _cost(eat, one)), min(found.large, _cost(eat, many))
            found = Growth(size=size, small=small, large=large)
    return found


def _size(eat: Callable[[bytes], object], make: Callable[[int], bytes]) -> int:
    """The first that takes long enough to be measured."""
    first = make(FIRST)
    _cost(eat, first)  # What is read once, as a schema, is read now.
    least, size = _cost(eat, first), FIRST
    while size < LAST and _cost(eat, make(size)) < least + ENOUGH:
        size *= 2
    return size


def _cost(eat: Callable[[bytes], object], content: bytes) -> float:
    began = time.thread_time()
    with suppress(SincronizadorError), bounded(LONGEST):
        eat(content)
    return time.thread_time() - began


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without collections: one of all that a process of tests holds takes longer than what is measured."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
