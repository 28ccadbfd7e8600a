"""The rules of a mapping: from the records of a document to the sections of our TXT."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sincronizador.core.finding import Finding, Rule
from sincronizador.core.sections import Entry, Section

from . import codes
from .cells import implied, is_negative, read_date, unpadded, unsigned, zoned
from .model import STEM, Condition, Mapeo, Table, Target, Value
from .records import Record

TEXT = "TEXTO"
"""The field of a section of free text."""


def sections_of(
    mapeo: Mapeo, head: Sequence[Record], document: Sequence[Record], stem: str, free: frozenset[str]
) -> Iterator[tuple[tuple[Section, ...], tuple[Finding, ...]]]:
    """
    The documents of our TXT that are made of one document of the file, each with its findings.

    `head` stands before all documents, `stem` is the file's name, `free` the sections of free text.
    """
    for targets in _parts(mapeo.targets):
        made = _Made(mapeo, tuple(head), tuple(document), stem, free)
        if made.holds(targets[0].when, made.of(targets[0].record)):
            sections = tuple(made.sections(targets))
            yield sections, tuple(made.findings)


def batch_of(mapeo: Mapeo, records: Sequence[Record], stem: str) -> tuple[Section, tuple[Finding, ...]]:
    """The ``[LOTE]`` of a file, out of all its records; its REFERENCIA is the file's name, if nothing else is."""
    target = next((one for one in mapeo.targets if one.section == "LOTE"), None)
    made = _Made(mapeo, (), tuple(records), stem, frozenset())
    entries = tuple(made.entries(target, made.of(target.record))) if target is not None else ()
    if not any(entry.name == "REFERENCIA" for entry in entries):
        entries = (Entry("REFERENCIA", stem, 1), *entries)
    return Section("LOTE", 1, entries), tuple(made.findings)


def _parts(targets: Iterable[Target]) -> list[tuple[Target, ...]]:
    """The rules of each document that a document of the file is made into."""
    parts: list[list[Target]] = []
    for target in targets:
        if target.section == "LOTE":
            continue
        if target.section == "DOCUMENTO" or not parts:
            parts.append([])
        parts[-1].append(target)
    return [tuple(part) for part in parts]


@dataclass(slots=True)
class _Made:
    """A document while its sections are made."""

    mapeo: Mapeo
    head: tuple[Record, ...]
    document: tuple[Record, ...]
    stem: str
    free: frozenset[str]
    findings: list[Finding] = field(default_factory=list)

    def of(self, kind: str) -> Record:
        """The first record of a kind, in the document or before all; without one, an empty record."""
        if not kind:
            return self.document[0]
        found = (record for record in (*self.document, *self.head) if record.kind == kind)
        return next(found, Record(kind, self.document[0].line, {}))

    def sections(self, targets: Sequence[Target]) -> Iterator[Section]:
        """Those that come once, then one for each record, in the order of the file; free text in one piece."""
        once = [target for target in targets if not target.record or target.section == "DOCUMENTO"]
        made = [section for target in once if (section := self._section(target, self.of(target.record)))]
        each: dict[str, list[Target]] = {}
        for target in targets:
            if target.record and target.section != "DOCUMENTO":
                each.setdefault(target.record, []).append(target)
        for record in (*self.head, *self.document):
            made += filter(None, (self._section(target, record) for target in each.get(record.kind, ())))
        yield from _joined(made, self.free)

    def _section(self, target: Target, record: Record) -> Section | None:
        if not self.holds(target.when, record):
            return None
        entries = tuple(self.entries(target, record))
        if target.section in self.free:
            text = "\n".join(entry.text for entry in entries)
            return Section(target.section, record.line, (), text) if text else None
        return self._with_decimal(Section(target.section, record.line, entries)) if entries else None

    def _with_decimal(self, section: Section) -> Section:
        """What separates decimals in this file is said once, where our TXT says it."""
        if section.name != "DOCUMENTO" or not self.mapeo.decimal or section.get("DECIMAL"):
            return section
        return replace(section, entries=(*section.entries, Entry("DECIMAL", self.mapeo.decimal, section.line)))

    def entries(self, target: Target, record: Record) -> Iterator[Entry]:
        """The fields of a section that have a value."""
        for name, ways in target.fields.items():
            for value in ways:
                if self.holds(value.when, record):
                    if entry := self._entry(name, value, record):
                        yield entry
                    break

    def holds(self, conditions: Iterable[Condition], record: Record) -> bool:
        """Whether all of them hold of a record, or of one of those that they name."""
        return all(self._holds(one, record) for one in conditions)

    def _holds(self, condition: Condition, record: Record) -> bool:
        if not condition.record:
            return _is(condition, self._text(record, condition.column))
        asked = [one for one in (*self.head, *self.document) if one.kind == condition.record]
        return any(_is(condition, self._text(one, condition.column)) for one in asked)

    def _text(self, record: Record, column: str) -> str:
        return self.stem if column == STEM else record.text(column)

    def _entry(self, name: str, value: Value, record: Record) -> Entry | None:
        source = self.of(value.record) if value.record else record
        line = source.line_of(value.columns[0]) if value.columns else source.line
        text = value.constant or value.join.join(
            filter(None, (self._text(source, column) for column in value.columns))
        )  # fmt: skip
        text = self._turned(name, value, text, line)
        if text and not value.constant:
            text = f"{value.prefix}{text}{value.suffix}"
        text = (text or value.default).strip()
        return Entry(name, text, line) if text else None

    def _turned(self, name: str, value: Value, text: str, line: int) -> str:
        """The text after its table, date, decimals and signs; what cannot be turned is told, and nothing comes out."""

        def refuse(rule: Rule, **details: object) -> str:
            column = ", ".join(value.columns)
            self.findings.append(
                rule.at(field=name, line=line, value=text[:80], columna=column, mapeo=self.mapeo.name, **details)
            )
            return ""

        if text and value.table:
            found = _looked_up(self.mapeo.tables[value.table], text, value.column)
            text = refuse(codes.NOT_IN_TABLE, tabla=value.table) if found is None else found
        if text and value.date:
            day = read_date(text, value.date, value.hours)
            return refuse(codes.BAD_DAY, forma=value.date) if day is None else day
        text = zoned(text) if value.zoned else text
        if text and value.decimals is not None:
            number = implied(text, value.decimals)
            forma = f" de solo cifras, las {value.decimals} últimas decimales"
            text = refuse(codes.NOT_DIGITS, forma=forma) if number is None else number
        text = unpadded(text) if value.unpadded else text
        return unsigned(text) if value.unsigned else text


def _looked_up(table: Table, text: str, column: str) -> str | None:
    row = table.rows.get(text.strip().casefold())
    return table.other if row is None else row.get(column, "")


def _is(condition: Condition, text: str) -> bool:
    """Every one of its tests."""
    folded = text.casefold()
    tests: list[tuple[bool, Callable[[], bool]]] = [
        (condition.one_of is not None, lambda: folded in (condition.one_of or ())),
        (condition.none_of is not None, lambda: folded not in (condition.none_of or ())),
        (condition.empty is not None, lambda: (not text) is condition.empty),
        (condition.negative is not None, lambda: is_negative(text) is condition.negative),
    ]
    return all(test() for asked, test in tests if asked)


def _joined(sections: Iterable[Section], free: frozenset[str]) -> list[Section]:
    """Free text of several records is one text, where the first of it stood."""
    made: list[Section] = []
    texts: dict[str, tuple[int, list[str]]] = {}
    for section in sections:
        if section.name not in free:
            made.append(section)
        elif section.name in texts:
            texts[section.name][1].append(section.text)
        else:
            texts[section.name] = (len(made), [section.text])
            made.append(section)
    for place, parts in texts.values():
        made[place] = replace(made[place], text="\n".join(parts))
    return made
