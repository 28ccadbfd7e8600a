"""What the working folders tell of documents that a restored journal does not know: answers, tables, signed XML."""

import csv
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sincronizador.folders.answers import parse_answer
from sincronizador.folders.layout import Layout

_LARGEST = 64 << 20
"""Bytes; what is larger is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer said that a sale has this document."""

    referencia: str
    tipo: int
    serie: str
    numero: int

    @property
    def slug(self) -> str:
        """``101-A-1234``."""
        return f"{self.tipo}-{self.serie}-{self.numero}"


def answered(layout: Layout, since: float) -> Iterator[Answered]:
    """The documents that answers and tables name which were written since then (seconds since the epoch)."""
    for path in _files(layout, since):
        lower = path.lower()
        if lower.endswith(".rsp"):
            yield from _in_answer(_read(path))
        elif lower.endswith(".csv"):
            yield from _in_table(_read(path))


def signed(layout: Layout, since: float) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of the XML beside answers; nobody has looked at them yet."""
    for path in _files(layout, since):
        if path.lower().endswith(".xml"):
            yield path, _read(path)


def _files(layout: Layout, since: float) -> Iterator[str]:
    for root in (layout.salida, layout.novedades, layout.procesados):
        for folder, _, names in os.walk(root):
            for name in sorted(names):
                path = os.path.join(folder, name)
                with suppress(OSError):
                    status = os.lstat(path)
                    if status.st_mtime >= since and status.st_size <= _LARGEST:
                        yield path


def _read(path: str) -> bytes:
    """Empty for what is gone or cannot be read."""
    with suppress(OSError), open(path, "rb") as file:
        return file.read()
    return b""


def _in_answer(page: bytes) -> Iterator[Answered]:
    with suppress(ValueError, LookupError):
        _, blocks = parse_answer(page, _encoding(page))
        fields = dict(blocks[0].fields)
        if fields.get("EMITIDO") == "SI" and "NUMERO" in fields:
            yield _answered(fields)


def _in_table(page: bytes) -> Iterator[Answered]:
    for row in csv.DictReader(io.StringIO(page.decode(_encoding(page))), delimiter=";"):
        with suppress(ValueError, KeyError, TypeError):
            if row["EMITIDO"] == "SI":
                yield _answered(row)


def _encoding(page: bytes) -> str:
    """What gives every number, and nearly every name, whatever program the answer was for."""
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _answered(fields: dict[str, str]) -> Answered:
    return Answered(
        referencia=fields["REFERENCIA"],
        tipo=int(fields["TIPO"]),
        serie=fields["SERIE"],
        numero=int(fields["NUMERO"]),
    )
