"""The ESC/POS language, read back: a printer's bytes as a row of commands."""

from collections.abc import Iterator
from dataclasses import dataclass

_ESC, _GS, _DLE, _FS = b"\x1b", b"\x1d", b"\x10", b"\x1c"

_ARGUMENTS = {
    **dict.fromkeys((b"\x1b@", b"\x1b2", b"\x1c&", b"\x1c."), 0),
    **dict.fromkeys((b"\x1b" + bytes([letter]) for letter in b"!-3EGJMRVadt{"), 1),
    **dict.fromkeys((b"\x1d!", b"\x1dB", b"\x1dH", b"\x1da", b"\x1df", b"\x1dh", b"\x1dr", b"\x1dw", b"\x10\x04"), 1),
    **dict.fromkeys((b"\x1bB", b"\x1dL", b"\x1dW", b"\x1b$", b"\x1b\\"), 2),
    b"\x1bp": 3,
}
"""Bytes that follow each command of fixed length."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command with its arguments, or a run of letters (its `name` is empty), or a control character."""

    name: bytes
    data: bytes = b""


def commands(content: bytes) -> Iterator[Command]:
    """
    The commands of a page, in order.

    Any bytes will do: an unknown command passes without arguments, one that is cut off at the end is dropped.
    """
    at = 0
    while at < len(content):
        start = at
        if content[at : at + 1] in (_ESC, _GS, _DLE, _FS):
            head = content[at : at + 2]
            body, at = _arguments(head, content, at + 2)
            if at > len(content) or len(head) < 2:
                return
            yield Command(head, content[body:at])
        elif content[at] < 0x20:
            at += 1
            yield Command(content[start:at])
        else:
            while at < len(content) and content[at] >= 0x20:
                at += 1
            yield Command(b"", content[start:at])


def _arguments(head: bytes, content: bytes, at: int) -> tuple[int, int]:
    """Where the arguments of the command at `at` begin and end."""
    if head == b"\x1dV":
        return at, at + (2 if content[at : at + 1] in (b"A", b"B") else 1)
    if head == b"\x1d(":
        return at, at + 3 + int.from_bytes(content[at + 1 : at + 3], "little")
    if head == b"\x1dv":
        wide, tall = (int.from_bytes(content[at + skip : at + skip + 2], "little") for skip in (2, 4))
        return at, at + 6 + wide * tall
    return at, at + _ARGUMENTS.get(head, 0)
