"""Everything that can be seen from outside once all is quiet: what the judge looks at, as plain values."""

import csv
import hashlib
import io
import json
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate
from outside.answers import Answer, parse
from outside.cloud import Kept
from outside.installation import txt

from mayhem.counter import Dropped
from mayhem.keeper import Life
from mayhem.premises import Premises
from mayhem.printer import Sheet
from mayhem.witness import Version

OURS = (".rsp", ".csv", ".xml.tmp", ".tmp")
"""What lies in the archive and was not dropped."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A dropped file where it was put aside."""

    path: str
    sha256: str
    answer: Answer | None
    """The copy beside it."""
    rows: tuple[Mapping[str, str], ...]
    """Of the table beside it: the documents of a lote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a shop leaves."""

    route: str
    dropped: Sequence[Dropped]
    archived: Sequence[Archived]
    versions: Mapping[tuple[str, str], Sequence[Version]]
    """Of every answer, by till and stem."""
    asked: Sequence[tuple[Dropped, Answer]]
    """How a sample of sales stands when it is asked for in the end."""
    unread: Sequence[str]
    """What no reader may see, as the witness told."""
    left: Sequence[str]
    """What lies where nothing may lie."""
    pending: Sequence[str]
    kept: Sequence[Kept]
    """What the cloud has."""
    numbers: Mapping[str, Any]
    ranges: Sequence[Mapping[str, Any]]
    sheets: Sequence[Sheet]
    lives: Mapping[str, Sequence[Life]]
    commands: Sequence[tuple[float, float]]
    """When an operator's command ran."""
    pulses: Sequence[tuple[float, int]]
    stalls: Sequence[tuple[float, float]]
    """When nobody on this machine could work."""
    crowd: float
    """How many wanted each processor, when it was worst; at least 1."""
    ended: float
    """On the monotonic clock: when the daemon was switched off."""
    logs: Mapping[str, str]
    certificate: Certificate
    certificate_pem: str
    folder: Path
    faults: Counter[str]
    repeated: Counter[int]
    settled: float
    """Seconds from healing until nothing was pending; negative: never."""


def asked_again(premises: Premises, sample: Sequence[Dropped]) -> list[tuple[Dropped, Answer]]:
    """What ``[CONSULTA]`` answers now about these sales; who gets no answer is not in it."""
    asked = []
    for dropped in sample:
        name = f"Z{premises.book.number():06}.txt"
        content = txt("CONSULTA", REFERENCIA=dropped.referencia)
        premises.till.drop(name, content)
        asked.append((dropped, name))
    end = time.monotonic() + 30 + len(sample)
    answers = []
    for dropped, name in asked:
        while not ((answer := premises.till.peek(name)) and answer.decided) and time.monotonic() < end:
            time.sleep(0.05)
        if answer is not None:
            answers.append((dropped, answer))
    return answers


def archive(spool: Path) -> list[Archived]:
    """Everything that was put aside."""
    return [
        _archived(Path(parent), name)
        for kind in ("procesados", "rechazados")
        for parent, _, names in os.walk(spool / kind)
        for name in names
        if not name.lower().endswith(OURS)
    ]


def left_over(premises: Premises) -> list[str]:
    """Files in `entrada` and `procesando`, and temporary files anywhere."""
    files = [path for path in premises.till.spool.rglob("*") if path.is_file()]
    working = [str(premises.till.box(box)) + os.sep for box in ("entrada", "procesando")]
    return [
        str(path)
        for path in files
        if path.name != ".candado" and (str(path).startswith(tuple(working)) or ".tmp" in path.name.lower())
    ]


def ranges(premises: Premises) -> list[dict[str, Any]]:
    """``cae listar``."""
    return json.loads(premises.till.run("cae", "listar", "--json").stdout)


def _archived(folder: Path, name: str) -> Archived:
    path = folder / name
    stem = name.rpartition(".")[0]
    beside = {
        other.suffix.lower(): other
        for end in ("rsp", "RSP", "csv", "CSV")
        if (other := folder / f"{stem}.{end}").exists()
    }
    answer = parse(beside[".rsp"].read_bytes(), str(beside[".rsp"])) if ".rsp" in beside else None
    rows = csv.DictReader(io.StringIO(beside[".csv"].read_text("latin-1")), delimiter=";") if ".csv" in beside else ()
    return Archived(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), answer, tuple(rows))
