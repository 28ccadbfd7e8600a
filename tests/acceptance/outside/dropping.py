"""The two ways in which programs hand a file over, and the pieces of a slow one."""

import os
import time
from collections.abc import Sequence
from random import Random

from outside.dialects import fin_offset


def by_rename(folder: str, name: str, content: bytes) -> None:
    """Write beside, then rename into the final name: what the manual recommends."""
    temporary = os.path.join(folder, f"{name[:200]}.tmp")
    with open(temporary, "wb") as file:
        file.write(content)
    os.rename(temporary, os.path.join(folder, name))


def pieces(rng: Random, content: bytes, encoding: str) -> Sequence[bytes]:
    """The file in two to five pieces; the last one begins at the latest where the end mark does."""
    last = max(fin_offset(content, encoding), 1)
    cuts = sorted({rng.randrange(1, last + 1) for _ in range(rng.randrange(1, 5))})
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


def slowly(folder: str, name: str, parts: Sequence[bytes], pause: float = 0.02) -> None:
    """Write under the final name, in pieces with pauses, keeping the file open as old programs do."""
    with open(os.path.join(folder, name), "wb", buffering=0) as file:
        for index, part in enumerate(parts):
            if index:
                time.sleep(pause)
            file.write(part)
