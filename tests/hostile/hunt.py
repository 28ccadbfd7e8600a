"""Mutants of a target's seeds, kept where they reach a line that none had reached, and what they broke."""

import hashlib
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mutator import Mutator
from reach import Reach

from sincronizador.errors import SincronizadorError

LARGEST = 60_000
"""Bytes of a mutant; what large ones cost is asked by doubling sizes."""
SECONDS = 5.0
"""Of processor for one mutant of that size: a hang, however busy the machine is."""


class Hang(BaseException):
    """It took too long. Not an Exception: nothing that is tried may swallow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that eats bytes from outside."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    """Good ones: our own examples and documents."""
    eat: Callable[[bytes], object]
    """Anything but the error family is a finding, and so is an AssertionError: a promise that was not kept."""
    words: tuple[bytes, ...] = ()
    """What the format is made of."""


@dataclass(slots=True, kw_only=True)
class Finding:
    """Something that broke."""

    what: str
    content: bytes
    trace: str


@dataclass(slots=True, kw_only=True)
class Hunt:
    """How far a target was tried."""

    target: Target
    executions: int = 0
    lines: int = 0
    corpus: int = 0
    seconds: float = 0.0
    findings: dict[str, Finding] = field(default_factory=dict)


def hunt(target: Target, *, executions: int = 0, seconds: float = 0.0, seed: int = 0) -> Hunt:
    """Try so many mutants, or for so long; the same seed and number give the same mutants."""
    found, reach = Hunt(target=target), Reach()
    corpus = list(target.seeds())
    mutator, began, until = Mutator(seed, target.words), time.monotonic(), time.monotonic() + seconds
    with reach.watching():
        for content in tuple(corpus):
            _try(found, content)
        executions += len(corpus)
        while found.executions < executions or time.monotonic() < until:
            # The newest reach furthest, the seeds are what people send.
            place = min(int(len(corpus) * mutator.chance() ** 0.7), len(corpus) - 1)
            mutant = mutator.mutant(corpus[place], corpus)[:LARGEST]
            before = len(reach.lines)
            _try(found, mutant)
            if len(reach.lines) > before:
                corpus.append(mutant)
    found.lines, found.corpus, found.seconds = len(reach.lines), len(corpus), time.monotonic() - began
    return found


def _try(found: Hunt, content: bytes) -> None:
    found.executions += 1
    try:
        with bounded(SECONDS):
            found.target.eat(content)
    except SincronizadorError:
        return
    except (Exception, Hang) as exc:
        frames = traceback.extract_tb(exc.__traceback__)
        ours = [frame for frame in frames if "/sincronizador/" in frame.filename] or frames
        what = f"{type(exc).__name__} en {ours[-1].filename.rpartition('/sincronizador/')[2]}:{ours[-1].lineno}"
        if what not in found.findings:
            found.findings[what] = Finding(what=what, content=content, trace=traceback.format_exc())


@contextmanager
def bounded(seconds: float):
    """Raises `Hang` after so many seconds of processor."""

    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def name_of(finding: Finding) -> str:
    """The name of its file."""
    return hashlib.sha256(finding.content).hexdigest()[:12]
