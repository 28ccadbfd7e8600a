"""What of ``requirements.lock`` an installation needs: without what only development does."""

import re
from collections.abc import Iterable
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def runtime(lock: str, requirements: Iterable[str]) -> list[str]:
    """
    The lock's entries, with their hashes, of these requirements and of all that they need in turn.

    What a package needs is read from the environment that runs this, where the whole lock is installed. Raises
    `KeyError` for what the lock does not have.
    """
    entries = {canonicalize_name(entry.partition("==")[0]): entry for entry in re.split(r"\n(?=\S)", lock) if entry}
    wanted = [needed for text in requirements if _applies(needed := Requirement(text), "")]
    seen: set[tuple[str, str]] = set()
    while wanted:
        needed = wanted.pop()
        for known in {(canonicalize_name(needed.name), extra) for extra in ("", *needed.extras)} - seen:
            seen.add(known)
            name, extra = known
            wanted += [other for text in metadata.requires(name) or () if _applies(other := Requirement(text), extra)]
    return [entries[name] for name in sorted({name for name, _ in seen})]


def _applies(needed: Requirement, extra: str) -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": extra})
