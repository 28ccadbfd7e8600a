"""The TXT: sections of ``CAMPO=valor`` lines, read together with everything that is wrong with its form."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from sincronizador.core.codes import (
    BAD_VALUE,
    MIXED_REQUEST,
    NO_EQUALS,
    OUTSIDE_SECTION,
    TWICE,
    UNKNOWN_FIELD,
    UNKNOWN_SECTION,
)
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Entry, Reading, Section, Sections, Vocabulary
from sincronizador.formats.encoding import PADDING
from sincronizador.formats.requests import RESERVED

END = "FIN"
MOST_FINDINGS = 100
"""Findings that are told of one file; of a file that is no TXT at all the rest would say nothing new."""

# str.splitlines() would also cut at characters that some systems leave inside a text
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"\[([^\[\]=]*)\]")
_ESCAPE = re.compile(r"\\([\\n])")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class _Row:
    """A line that says something. `name` is empty when the line has no ``=``."""

    line: int
    raw: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A section as it stands in the file; the nameless one is what stands before the first header."""

    name: str
    line: int
    free: bool
    rows: list[_Row] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(row.raw.rstrip() for row in self.rows).strip("\n") if self.free else ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        if self.free:
            return ()
        return tuple(Entry(row.name, row.text, row.line) for row in self.rows if row.name and row.text)


def parse(text: str, vocabulary: Vocabulary, encoding: str) -> Reading:
    """
    The sections of `text`, and at most `MOST_FINDINGS` findings about its form in order of line.

    Known sections come in file order. A field without value is left out, and so is a section without any. Values are
    not interpreted, and whether the text is whole is not asked here.
    Findings: E0111 (something follows ``[FIN]``), E0201 to E0204, E0208 (control characters), E0210.
    """
    lines = _LINE_END.split(text.replace("\0", "").rstrip(PADDING))
    parts, end = _cut(lines, vocabulary)
    known = [part for part in parts if part.name in vocabulary.fields or part.free]
    read = (Section(part.name, part.line, part.entries, part.text) for part in known)
    found = _findings(parts, lines[end:], end, vocabulary)
    return Reading(
        sections=Sections(tuple(section for section in read if section.entries or section.text)),
        findings=tuple(sorted(islice(found, MOST_FINDINGS), key=lambda finding: finding.place)),
        encoding=encoding,
    )


def section_name(line: str) -> str | None:
    """The canonical name in a line that is a section's header, else None."""
    found = _HEADER.fullmatch(line.strip())
    return canonical(found[1]) if found else None


def canonical(name: str) -> str:
    """A name as the contract writes it: trimmed, upper case, without accents."""
    if not name.isascii():
        name = "".join(char for char in unicodedata.normalize("NFD", name) if not unicodedata.combining(char))
    return name.strip().upper()


def _cut(lines: list[str], vocabulary: Vocabulary) -> tuple[list[_Part], int]:
    """The parts of a file, and how many lines it has up to its ``[FIN]``."""
    ends_text = vocabulary.fields.keys() | vocabulary.free | RESERVED | {END}
    parts = [_Part("", 0, free=False)]
    for number, line in enumerate(lines, 1):
        name = section_name(line)
        if name is not None and (not parts[-1].free or name in ends_text):
            if name == END:
                return parts, number
            parts.append(_Part(name, number, free=name in vocabulary.free))
        elif parts[-1].free or _says_something(line):
            parts[-1].rows.append(_row(number, line))
    return parts, len(lines)


def _says_something(line: str) -> bool:
    return line.strip()[:1] not in ("", ";", "#")


def _row(number: int, line: str) -> _Row:
    name, equals, value = line.partition("=")
    text = _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else "\\", value.strip()).strip()
    return _Row(number, line, canonical(name) if equals else "", text)


def _findings(parts: Iterable[_Part], rest: list[str], end: int, vocabulary: Vocabulary) -> Iterator[Finding]:
    for part in parts:
        if not part.name:
            yield from _loose(part)
        elif part.free:
            yield from _controls(part)
        elif part.name in vocabulary.fields:
            yield from _of_fields(part, vocabulary)
        else:
            hint = _near_section(part.name, vocabulary)
            yield UNKNOWN_SECTION.at(line=part.line, value=_shown(part.name), parecido=hint)
    for number, line in enumerate(rest, end + 1):
        if line.strip():
            yield MIXED_REQUEST.at(line=number, value=_shown(line), detalle=f"trae algo más después de [{END}]")
            return


def _loose(part: _Part) -> Iterator[Finding]:
    """Only the first line: a file of another kind has nothing but such lines."""
    for row in part.rows[:1]:
        yield OUTSIDE_SECTION.at(line=row.line, value=_shown(row.raw))


def _of_fields(part: _Part, vocabulary: Vocabulary) -> Iterator[Finding]:
    fields = vocabulary.fields[part.name]
    seen: dict[str, int] = {}
    for row in part.rows:
        if not row.name:
            yield NO_EQUALS.at(line=row.line, value=_shown(row.raw))
            continue
        extra = row.name.startswith("X_")
        if fields and row.name not in fields and not extra:
            hint = _near_field(row.name, part.name, vocabulary)
            yield UNKNOWN_FIELD.at(
                field=_shown(row.name), line=row.line, value=_shown(row.name), seccion=part.name, parecido=hint
            )
        elif row.text and not extra and seen.setdefault(row.name, row.line) != row.line:
            yield TWICE.at(
                field=row.name,
                line=row.line,
                value=_shown(row.text),
                seccion=part.name,
                primera=seen[row.name],
            )
    yield from _controls(part)


def _controls(part: _Part) -> Iterator[Finding]:
    """No XML can carry these characters; most are orders for a printer."""
    for row in part.rows:
        if found := _CONTROL.search(row.raw.strip()):
            code = f"{ord(found[0]):02X}"
            yield BAD_VALUE.at(
                field=part.name if part.free else row.name,
                line=row.line,
                value=_shown(row.raw if part.free else row.text),
                esperado=f"tiene un carácter de control (hexadecimal {code})",
                sugerencia="Quite los caracteres de control, por ejemplo las órdenes de la impresora.",
            )


def _near_section(name: str, vocabulary: Vocabulary) -> str:
    if name in RESERVED:
        return f"[{name}] no está disponible en esta versión."
    options = [*vocabulary.fields, *vocabulary.free]
    near = get_close_matches(_shown(name), options, n=1)
    return f"¿Quiso escribir [{near[0]}]?" if near else "Las secciones son: " + _listed(f"[{each}]" for each in options)


def _near_field(name: str, section: str, vocabulary: Vocabulary) -> str:
    others = [other for other, fields in vocabulary.fields.items() if name in fields]
    if others:
        return f"{name} es un campo de {_listed(f'[{other}]' for other in others)}"
    near = get_close_matches(_shown(name), vocabulary.fields[section], n=1)
    if near:
        return f"¿Quiso escribir {near[0]}?"
    return f"Los campos de [{section}] son: {_listed(vocabulary.fields[section])}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) + "."


def _shown(text: str) -> str:
    text = _CONTROL.sub("·", text.strip())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
