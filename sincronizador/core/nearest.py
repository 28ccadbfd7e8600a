"""What a person meant by a word that is not among those expected."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 80
"""Letters of a word that are looked at; what is longer was meant as something else."""
_SHORTEST = 3
"""Letters of an abbreviation that says enough."""
_CLOSE = 0.7
"""`difflib.SequenceMatcher.ratio` from which two words are taken for the same: a slip or two."""
_MARKS = str.maketrans("", "", " _-./")


def nearest(word: str, options: Iterable[str]) -> str | None:
    """
    The option that was meant: the same but for blanks and dashes, a slip away, or abbreviated; None when none is near.

    Of several options the nearest; an abbreviation of several is none of them. `word` and `options` are upper case.
    """
    flat: dict[str, str] = {}
    for option in options:
        flat.setdefault(option.translate(_MARKS), option)
    short = word[:_LONGEST].translate(_MARKS)
    if near := get_close_matches(short, flat, n=1, cutoff=_CLOSE):
        return flat[near[0]]
    begun = [option for option in flat if len(short) >= _SHORTEST and option.startswith(short)]
    return flat[begun[0]] if len(begun) == 1 else None
