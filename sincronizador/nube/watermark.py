"""
The watermark: a small file beside the base and outside its backup, by which a restored base is known.

It holds how far the base had come. A base that is behind it, or that parted from it, is a copy of yesterday.
"""

import json
from dataclasses import asdict, dataclass, fields

from sincronizador.errors import NeedsOperator
from sincronizador.files import write_atomic
from sincronizador.nube import codes

_LARGEST = 4_096
"""Bytes; ours has some two hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far a base had come."""

    identity: str
    """Of the base; random, given at creation."""
    server_epoch: str
    restores: int
    """How often it was restored: by so many margins the counters jump the next time."""
    seq: int
    """Transactions that wrote, of all issuers."""

    def is_ahead_of(self, base: "Watermark") -> bool:
        """Whether the base is a copy of an earlier time; one that another server declared restored is not."""
        if base.restores != self.restores:
            return base.restores < self.restores
        return base.server_epoch != self.server_epoch or base.seq < self.seq


def read_watermark(path: str) -> Watermark | None:
    """The watermark at `path`; None when there is none. Raises `NeedsOperator` E3408 for one that is damaged."""
    try:
        with open(path, "rb") as file:
            found = Watermark(**json.loads(file.read(_LARGEST)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError) as exc:
        raise codes.BAD_WATERMARK.at(detalle=path).as_error(NeedsOperator) from exc
    if not all(type(getattr(found, one.name)) is one.type for one in fields(found)):
        raise codes.BAD_WATERMARK.at(detalle=path).as_error(NeedsOperator)
    return found


def write_watermark(path: str, mark: Watermark) -> None:
    """Keep it, whole and durable. Raises `NeedsOperator` (E92xx)."""
    write_atomic(path, json.dumps(asdict(mark)).encode() + b"\n", mode=0o600)
