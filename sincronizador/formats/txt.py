"""The TXT: sections of ``CAMPO=valor`` lines, read together with everything that is wrong with its form."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
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
from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.nearest import nearest
from sincronizador.core.sections import Entry, Reading, Section, Sections, Vocabulary
from sincronizador.formats.encoding import PADDING
from sincronizador.formats.requests import RESERVED

END = "FIN"

# str.splitlines() would also cut at characters that some systems leave inside a text
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"\[([^\[\]=]*)\]")
_NO_EQUALS = re.compile(r"(?P<name>[^:\t]*?)\s*[:\t]\s*(?P<value>\S.*)|(?P<word>\S+)\s+(?P<rest>\S.*)")
_SERIAL = re.compile(r"(.*)_\d")
_ESCAPE = re.compile(r"\\([\\n])")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_SHOWN = 80
_HEADS = frozenset({"LOTE", "DOCUMENTO"})
_BARE = frozenset({"ABRIR_CAJON"})
"""What asks for something by its name alone."""
_LONGEST_LOOKED_AT = 2_000
"""Letters of a line without ``=`` in which a name and a value are looked for."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line that says something. `name` is empty when the line has no ``=``."""

    line: int
    raw: str
    name: str
    text: str
    meant: str
    """The field that it is read as: `name`, or the one that was meant by it; empty for none."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A section as it stands in the file; the nameless one is what stands before the first header."""

    written: str
    name: str
    """What it is read as: `written`, or the section that was meant by it."""
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
        return tuple(Entry(row.meant, row.text, row.line) for row in self.rows if row.meant and row.text)


class _Guesses:
    """
    What was meant by names that the vocabulary lacks. A file is refused for them, but read as if they were right, so
    that nothing is told of it twice. Only the first of them are looked up: a file of nonsense is read as fast as any.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[tuple[str, str], str | None] = {}

    def section(self, name: str) -> str | None:
        """The section meant by `name`."""
        return self._meant("", name, (*self._vocabulary.fields, *self._vocabulary.free))

    def field(self, section: str, name: str) -> str | None:
        """The field of `section` meant by `name`; None when it is a field of another section."""
        if any(name in fields for fields in self._vocabulary.fields.values()):
            return self._vocabulary.kin.get(section, {}).get(name)
        return self._meant(section, name, self._vocabulary.fields[section])

    def _meant(self, section: str, name: str, options: Iterable[str]) -> str | None:
        if (section, name) not in self._known:
            if len(self._known) >= MOST_FINDINGS:
                return None
            kin = self._vocabulary.kin.get(section, {})
            near = name if name in kin else nearest(name, (*options, *kin))
            self._known[section, name] = kin.get(near, near) if near else None
        return self._known[section, name]


def parse(text: str, vocabulary: Vocabulary, encoding: str) -> Reading:
    """
    The sections of `text`, and at most `MOST_FINDINGS` findings about its form in order of line.

    Known sections come in file order. A field without value is left out, and so is a section without any. Values are
    not interpreted, and whether the text is whole is not asked here.
    Findings: E0111 (something follows ``[FIN]``), E0201 to E0204, E0208 (control characters), E0210.
    """
    lines = _LINE_END.split(text.replace("\0", "").rstrip(PADDING))
    guesses = _Guesses(vocabulary)
    parts, end = _cut(lines, vocabulary, guesses)
    known = [part for part in parts if part.name in vocabulary.fields or part.free]
    read = (Section(part.name, part.line, part.entries, part.text) for part in known)
    # In a lote an empty [DOCUMENTO] is no absent one: what follows it is not of the document before.
    kept = _BARE | (_HEADS if any(part.name == "LOTE" for part in known) else frozenset[str]())
    found = _findings(parts, lines[end:], end, vocabulary)
    return Reading(
        sections=Sections(
            tuple(section for section in read if section.entries or section.text or section.name in kept),
            is_partial=any(_is_lost(part, vocabulary) for part in parts),
        ),
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


def _cut(lines: list[str], vocabulary: Vocabulary, guesses: _Guesses) -> tuple[list[_Part], int]:
    """The parts of a file, and how many lines it has up to its ``[FIN]``."""
    ends_text = vocabulary.fields.keys() | vocabulary.free | RESERVED | {END}
    parts = [_Part("", "", 0, free=False)]
    end = len(lines)
    for number, line in enumerate(lines, 1):
        name = section_name(line)
        if name is not None and (not parts[-1].free or name in ends_text):
            if name == END:
                end = number
                break
            meant = name if name in ends_text else guesses.section(name) or name
            parts.append(_Part(name, meant, number, free=meant in vocabulary.free))
        elif parts[-1].free or _says_something(line):
            parts[-1].rows.append(_row(number, line))
    for part in parts:
        if part.name in vocabulary.fields:
            _guess_fields(part, vocabulary.fields[part.name], guesses)
    return parts, end


def _guess_fields(part: _Part, fields: frozenset[str], guesses: _Guesses) -> None:
    """Read its lines as the fields that were meant, where the section does not have those already."""
    if not fields:
        return
    given = {row.name for row in part.rows}
    for place, row in enumerate(part.rows):
        if row.name in fields or row.name.startswith("X_"):
            continue
        name, text = (row.name, row.text) if row.name else _without_equals(row.raw)
        meant = name if name in fields else (guesses.field(part.name, name) or "") if name else ""
        if meant in given or (not row.name and name != meant):
            meant = ""
        part.rows[place] = replace(row, meant=meant, text=text)


def _without_equals(raw: str) -> tuple[str, str]:
    """Name and value of ``CAMPO: valor``, ``CAMPO valor`` or the two with a tab between; empty for other lines."""
    found = _NO_EQUALS.fullmatch(raw.strip()[:_LONGEST_LOOKED_AT])
    return (canonical(found["name"] or found["word"] or ""), found["value"] or found["rest"]) if found else ("", "")


def _is_lost(part: _Part, vocabulary: Vocabulary) -> bool:
    """Whether something in it belongs to the file and nobody knows where."""
    if part.free or not part.rows:
        return False
    return part.name not in vocabulary.fields or any(not (row.name or row.meant) for row in part.rows)


def _says_something(line: str) -> bool:
    return line.strip()[:1] not in ("", ";", "#")


def _row(number: int, line: str) -> _Row:
    name, equals, value = line.partition("=")
    text = _ESCAPE.sub(lambda found: "\n" if found[1] == "n" else "\\", value.strip()).strip()
    name = canonical(name) if equals else ""
    return _Row(number, line, name, text, name)


def _findings(parts: Iterable[_Part], rest: list[str], end: int, vocabulary: Vocabulary) -> Iterator[Finding]:
    for part in parts:
        if not part.written:
            yield from _loose(part)
            continue
        if part.written not in vocabulary.fields and part.written not in vocabulary.free:
            hint = _near_section(part, vocabulary)
            yield UNKNOWN_SECTION.at(line=part.line, value=_shown(part.written), parecido=hint)
        if part.free:
            yield from _controls(part)
        elif part.name in vocabulary.fields:
            yield from _of_fields(part, vocabulary)
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
            yield _no_equals(row)
            continue
        extra = row.name.startswith("X_")
        if fields and row.name not in fields and not extra:
            hint = _near_field(row, part.name, vocabulary)
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


def _no_equals(row: _Row) -> Finding:
    finding = NO_EQUALS.at(line=row.line, value=_shown(row.raw))
    return replace(finding, hint=f"¿Quiso escribir {row.meant}={_shown(row.text)}?") if row.meant else finding


def _near_section(part: _Part, vocabulary: Vocabulary) -> str:
    if part.written in RESERVED:
        return f"[{part.written}] no está disponible en esta versión."
    if part.name != part.written:
        return f"¿Quiso escribir [{part.name}]?"
    return "Las secciones son: " + _listed(f"[{each}]" for each in (*vocabulary.fields, *vocabulary.free))


def _near_field(row: _Row, section: str, vocabulary: Vocabulary) -> str:
    if row.meant:
        return f"¿Quiso escribir {row.meant}?"
    others = [other for other, fields in vocabulary.fields.items() if row.name in fields]
    if others:
        return f"{row.name} es un campo de {_listed(f'[{other}]' for other in others)}"
    fields = vocabulary.fields[section]
    if near := nearest(row.name, fields):
        return f"¿Quiso escribir {near}? Ya hay uno en esta sección."
    return f"Los campos de [{section}] son: {_listed(name for name in fields if not _is_serial(name, fields))}"


def _is_serial(name: str, fields: frozenset[str]) -> bool:
    """Whether it is one more of another field: ``CODIGO_2``."""
    found = _SERIAL.fullmatch(name)
    return found is not None and found[1] in fields


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) + "."


def _shown(text: str) -> str:
    text = _CONTROL.sub("·", text.strip())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
