"""Bytes with something changed: what a broken disk, a cut line, another program or an enemy makes of a file."""

import random
from collections.abc import Sequence

NUMBERS = (
    b"0", b"-0", b"1", b"-1", b"7", b"007", b"255", b"256", b"65536", b"2147483648", b"9223372036854775808",
    b"1e400", b"1e-400", b"1E+999999999", b"9" * 400, b"0." + b"0" * 400 + b"1", b"NaN", b"sNaN", b"Infinity", b"-inf",
    b"1_000", b"0x10", b"1.5", b"1,5", b".", b"-", "١٢٣".encode(), "²".encode(), b"31/02/2026", b"0001-01-01",
    b"9999-12-31", b"2026-11-21T25:61:61-99:99", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00",
)  # fmt: skip
TEXTS = (
    b"\0", b"\r", b"\n", b"\r\n", b"\x1a", b"\x1b@\x1dV\x00", b"\x85", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", "\u202e".encode(), "\u2028".encode(),
    "\ufffe".encode(), "\U0010ffff".encode(), "e\u0301".encode(), "ﬁ".encode(), "ß".encode(), "İ".encode(),
    b"../../../etc/passwd", b"%s%n{0}{x.__class__}", b"=cmd|' /C calc'!A0", b"'", b'"', b"\\", b"\\n", b"&lt;", b"&#0;",
    b"&x;", b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<?xml version='1.1'?>", b"<?x y?>", b" xmlns='otro'",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", b"[", b"]", b"{", b"}", b":", b",",
    b";", b"|", b"=", b"#", b"\t", b"null", b"true", b"[[", b"]]", b'"""',
)  # fmt: skip


class Mutator:
    """Changes to bytes, drawn from one seed; `words` are what the format is made of."""

    def __init__(self, seed: int, words: Sequence[bytes] = ()) -> None:
        self._random = random.Random(seed)
        self._words = (*words, *NUMBERS, *TEXTS)
        self._ways = (
            self._flip, self._cut, self._double, self._word, self._word, self._word, self._instead, self._swap,
            self._line, self._number, self._shorten, self._many,
        )  # fmt: skip

    def mutant(self, content: bytes, others: Sequence[bytes]) -> bytes:
        """One to eight changes; sometimes half of another one behind the half of this one."""
        if self._random.random() < 0.1:
            other = self._random.choice(others)
            content = content[: self._place(content)] + other[self._place(other) :]
        for _ in range(1 << self._random.randrange(4)):
            content = self._random.choice(self._ways)(content)
        return content

    def chance(self) -> float:
        """From 0 to 1."""
        return self._random.random()

    def _place(self, content: bytes) -> int:
        return self._random.randint(0, len(content))

    def _span(self, content: bytes) -> tuple[int, int]:
        start = self._place(content)
        return start, min(len(content), start + 1 + int(self._random.paretovariate(0.7)))

    def _flip(self, content: bytes) -> bytes:
        if not content:
            return content
        place = self._random.randrange(len(content))
        return content[:place] + bytes([self._random.randrange(256)]) + content[place + 1 :]

    def _cut(self, content: bytes) -> bytes:
        start, end = self._span(content)
        return content[:start] + content[end:]

    def _double(self, content: bytes) -> bytes:
        start, end = self._span(content)
        return content[:end] + content[start:end] + content[end:]

    def _many(self, content: bytes) -> bytes:
        start, end = self._span(content)
        return content[:end] + content[start : min(end, start + 40)] * self._random.choice((5, 60, 300)) + content[end:]

    def _word(self, content: bytes) -> bytes:
        place = self._place(content)
        return content[:place] + self._random.choice(self._words) + content[place:]

    def _instead(self, content: bytes) -> bytes:
        start, end = self._span(content)
        return content[:start] + self._random.choice(self._words) + content[end:]

    def _swap(self, content: bytes) -> bytes:
        start, end = self._span(content)
        place = self._place(content)
        return content[:place] + content[start:end] + content[place:]

    def _line(self, content: bytes) -> bytes:
        lines = content.split(b"\n")
        one, two = self._random.randrange(len(lines)), self._random.randrange(len(lines))
        lines[one], lines[two] = lines[two], lines[one]
        return b"\n".join(lines)

    def _number(self, content: bytes) -> bytes:
        digits = [place for place, byte in enumerate(content) if 0x30 <= byte <= 0x39]
        if not digits:
            return content
        start = end = self._random.choice(digits)
        while end < len(content) and 0x30 <= content[end] <= 0x39:
            end += 1
        return content[:start] + self._random.choice(NUMBERS) + content[end:]

    def _shorten(self, content: bytes) -> bytes:
        return content[: self._place(content)] if self._random.random() < 0.3 else self._cut(content)
