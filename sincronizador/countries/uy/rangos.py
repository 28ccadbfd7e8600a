"""Numbers of one type as ranges by series: how the daily report tells them."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

Rango = tuple[int, int]
"""First and last number."""


class Rangos:
    """Ranges of numbers by series. What is put in one after the other stays one range, so that a day takes no room."""

    def __init__(self) -> None:
        self._by_serie: dict[str, list[Rango]] = {}

    def put(self, serie: str, desde: int, hasta: int) -> None:
        """These numbers too."""
        ranges = self._by_serie.setdefault(serie, [])
        if ranges and desde == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], hasta)
        else:
            ranges.append((desde, hasta))

    def __add__(self, other: "Rangos") -> "Rangos":
        """The numbers of both."""
        both = Rangos()
        for each in (self, other):
            for serie, ranges in each._by_serie.items():
                both._by_serie.setdefault(serie, []).extend(ranges)
        return both

    def __len__(self) -> int:
        """How many numbers were put in, repeated ones as often."""
        return sum(last - first + 1 for ranges in self._by_serie.values() for first, last in ranges)

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """Series, first and last of as few ranges as there can be, in order."""
        for serie in sorted(self._by_serie):
            for first, last in _joined(sorted(self._by_serie[serie])):
                yield serie, first, last

    def repeated(self) -> Iterator[tuple[str, int]]:
        """Series and number of what was put in more than once; of numbers in a row the first."""
        for serie, ranges in self._by_serie.items():
            for (_, last), (first, _) in pairwise(sorted(ranges)):
                if first <= last:
                    yield serie, first


def _joined(ranges: Iterable[Rango]) -> Iterator[Rango]:
    start, end = 0, 0
    for first, last in ranges:
        if start and first <= end + 1:
            end = max(end, last)
            continue
        if start:
            yield start, end
        start, end = first, last
    if start:
        yield start, end
