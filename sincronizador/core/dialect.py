"""Another form of dropped files than our TXT and the country's XML: which names have it, and how it is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from sincronizador.core.answer import Answer
from sincronizador.core.sections import Reading

UNFINISHED = (".tmp", ".$$$", ".part")
"""Names that end so are never taken, whatever a pattern says."""

LONGEST_EXTENSION = 16
"""Characters after the last dot of a name that a dialect takes; there must be one at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Which dropped files have a form, by their name alone."""

    patterns: tuple[str, ...]
    """``*.pip``, ``pedido?.csv``: as a shell understands them, case ignored."""
    tills: frozenset[str] = frozenset()
    """The tills (upper case; the empty one is the folder itself) whose files are meant; none: all of them."""

    def take(self, name: str, till: str) -> bool:
        """Whether a file of that name in that till is meant."""
        lower = name.lower()
        stem, dot, extension = lower.rpartition(".")
        if not (stem and dot and 0 < len(extension) <= LONGEST_EXTENSION) or lower.endswith(UNFINISHED):
            return False
        if self.tills and till.upper() not in self.tills:
            return False
        return any(fnmatchcase(lower, pattern.lower()) for pattern in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """
    What proves that such a file is whole, besides what its content lacks.

    Without a marker, and with a content that proves nothing, only rest is left: size and date unchanged for a while.
    """

    marker: str = ""
    """Extension of the file that its writer leaves beside it when it is whole: ``OK`` for ``V1.OK``; empty: none."""
    rest: bool = False
    """Whether it is taken only after it rested."""


class AnswerForm(Protocol):
    """How answers are written, where that is not our ``.rsp``."""

    @property
    def extension(self) -> str:
        """Of the answer's file, without the dot: ``txt``."""
        ...

    @property
    def pending(self) -> bool:
        """Whether an answer is written before the decision; a reader that only waits for a file must see no other."""
        ...

    def render(self, answer: Answer) -> bytes:
        """The bytes of an answer."""
        ...


class Dialect(Protocol):
    """A form of dropped files. Pure: the same bytes are the same sections, today and when they are read again."""

    @property
    def name(self) -> str:
        """What people call it: the name of its mapping."""
        ...

    @property
    def names(self) -> Names:
        """Which files have it."""
        ...

    @property
    def proof(self) -> Proof:
        """What proves that a file is whole, besides `missing`."""
        ...

    @property
    def form(self) -> AnswerForm | None:
        """How its answers are written; None: as ours."""
        ...

    @property
    def companions(self) -> tuple[str, ...]:
        """What is written beside its answers in any case: ``("png",)``."""
        ...

    def missing(self, content: bytes) -> str | None:
        """What the content still lacks to be whole, in words for a person: «el registro 9»; None when nothing."""
        ...

    def read(self, content: bytes, name: str) -> Reading:
        """
        The file in the words of our TXT, every value with its line or row in the file.

        `name` is the dropped one. Raises `Rejected` E0101 for what cannot be read at all.
        """
        ...


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialects of an installation, in the order in which names are offered to them."""

    items: tuple[Dialect, ...] = ()

    def __iter__(self) -> Iterator[Dialect]:
        return iter(self.items)

    def of(self, name: str, till: str) -> Dialect | None:
        """The first that takes a file of that name in that till; None: it is a TXT or XML of ours, or nothing."""
        if not self.items or name.startswith(".") or self.is_marker(name):
            return None
        return next((dialect for dialect in self.items if dialect.names.take(name, till)), None)

    def is_marker(self, name: str) -> bool:
        """Whether a file of that name vouches for another one, and is nothing by itself."""
        extension = name.rpartition(".")[2].casefold()
        return any(extension == dialect.proof.marker.casefold() for dialect in self.items if dialect.proof.marker)


NO_DIALECTS = Dialects()
"""Of an installation that takes our TXT and the country's XML only."""
