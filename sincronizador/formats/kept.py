"""
A reading kept exactly, as bytes: what a document of a lote is in the journal.

It has no file of its own. Kept with the lines of the file that it came in, it is read again as it was read then, and
its findings name those lines. Deterministic: the same reading is the same bytes.
"""

import json
from dataclasses import asdict
from typing import Any

from sincronizador.core.finding import Finding
from sincronizador.core.sections import Entry, Reading, Section, Sections


def keep(reading: Reading) -> bytes:
    """The bytes of a reading; ASCII."""
    facts = {
        "encoding": reading.encoding,
        "findings": [asdict(finding) for finding in reading.findings],
        "partial": reading.sections.is_partial,
        "sections": [_kept(section) for section in reading.sections],
    }
    return json.dumps(facts, ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode("ascii")


def read_kept(content: bytes) -> Reading:
    """The reading of which these are the bytes. Raises ValueError or KeyError for other bytes."""
    facts = json.loads(content)
    return Reading(
        sections=Sections(tuple(_section(*row) for row in facts["sections"]), is_partial=facts["partial"]),
        findings=tuple(Finding(**finding) for finding in facts["findings"]),
        encoding=facts["encoding"],
    )


def _kept(section: Section) -> list[Any]:
    return [section.name, section.line, section.text, [[e.name, e.text, e.line] for e in section.entries]]


def _section(name: str, line: int, text: str, entries: list[list[Any]]) -> Section:
    return Section(name, line, tuple(Entry(*entry) for entry in entries), text)
