"""The lines of a dropped file that are wrong, among their neighbours. Pure; what the file says is a stranger's."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sincronizador.core.finding import Finding

from .words import clean

NEIGHBOURS = 2
"""Lines shown before and after a wrong one."""
LONGEST = 160
"""Letters of a line."""
_LARGEST = 1 << 20
"""Bytes of a file that are looked at for that."""
MOST = 400
"""Lines of a whole file on a page."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file."""

    number: int
    text: str
    findings: tuple[Finding, ...] = ()
    """What is wrong in it."""
    after_gap: bool = False
    """Lines before it are not shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as a page shows it."""

    lines: tuple[Line, ...]
    is_cut: bool = False
    """There is more of it than is shown."""
    readable: bool = True


def lines_of(content: bytes, encoding: str) -> list[str]:
    """The file's lines up to the last with something in it; undecodable bytes and controls as signs."""
    try:
        text = content.decode(encoding or "ascii", "replace")
    except LookupError:
        text = content.decode("ascii", "replace")
    lines = [clean(line.expandtabs(4).rstrip("\x1a\x00 ")) for line in _LINE_END.split(text.removeprefix("\ufeff"))]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def is_text(content: bytes) -> bool:
    """Whether there are lines that a person can read."""
    return not content.startswith(_BINARY)


def excerpt(content: bytes, encoding: str, findings: Sequence[Finding]) -> Source:
    """The wrong lines and their neighbours."""
    if not is_text(content):
        return Source((), readable=False)
    wrong = _by_line(findings)
    told = dict(enumerate(lines_of(content, encoding), 1))
    return Source(tuple(_among_neighbours(told, wrong)))


def _among_neighbours(told: Mapping[int, str], wrong: Mapping[int, tuple[Finding, ...]]) -> Iterator[Line]:
    near = {line + step for line in wrong for step in range(-NEIGHBOURS, NEIGHBOURS + 1)}
    last = 0
    for number in sorted(near & told.keys()):
        yield Line(number, _cut(told[number]), wrong.get(number, ()), after_gap=bool(last) and number != last + 1)
        last = number


def whole(content: bytes, encoding: str) -> Source:
    """The file from its beginning, as much as a page bears."""
    if not is_text(content):
        return Source((), readable=False)
    lines = lines_of(content[:_LARGEST], encoding)
    shown = (Line(number, _cut(text)) for number, text in enumerate(lines[:MOST], 1))
    return Source(tuple(shown), is_cut=len(lines) > MOST or len(content) > _LARGEST)


def _by_line(findings: Sequence[Finding]) -> dict[int, tuple[Finding, ...]]:
    wrong: dict[int, tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.line:
            wrong[finding.line] = (*wrong.get(finding.line, ()), finding)
    return wrong


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
