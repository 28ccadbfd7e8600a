"""What a dropped file says, before any law: sections of fields, each value with its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sincronizador.core.finding import Finding


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``CAMPO=valor``. The text is trimmed, its escapes are resolved, and it is never empty."""

    name: str
    """Canonical: upper case, no accents."""
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One ``[SECCION]`` in file order, with its fields or, for free text, its lines."""

    name: str
    line: int
    entries: tuple[Entry, ...] = ()
    text: str = ""
    """Free text of ``[ADENDA]`` and ``[IMPRIMIR]``, lines joined by ``\\n``."""

    def get(self, name: str) -> Entry | None:
        """The field of that name, if it is present and not empty."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def text_of(self, name: str) -> str:
        """The text of a field, or the empty string."""
        entry = self.get(name)
        return entry.text if entry else ""


@dataclass(frozen=True, slots=True)
class Sections:
    """A whole dropped file. Sections without any field or text are not in it: empty is absent."""

    items: tuple[Section, ...]
    is_partial: bool = False
    """Something that the file says could not be placed: what seems to be missing, or not to add up, may be that."""

    def __iter__(self) -> Iterator[Section]:
        return iter(self.items)

    def first(self, name: str) -> Section | None:
        """The first section of that name."""
        return next((section for section in self.items if section.name == name), None)

    def all(self, name: str) -> tuple[Section, ...]:
        """All sections of that name, in file order."""
        return tuple(section for section in self.items if section.name == name)

    def with_field(self, section: str, field: str, text: str) -> "Sections":
        """The same, with a field added to the first section of that name, on that section's line."""
        items = list(self.items)
        for place, item in enumerate(items):
            if item.name == section:
                items[place] = replace(item, entries=(*item.entries, Entry(field, text, item.line)))
                break
        return replace(self, items=tuple(items))

    def text_of(self, section: str, field: str) -> str:
        """The text of a field of the first section of that name, or the empty string."""
        found = self.first(section)
        return found.text_of(field) if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A dropped file as it was read: what it says and everything that is wrong with its form."""

    sections: Sections
    findings: tuple[Finding, ...]
    encoding: str
    """Of the file: ``utf-8``, ``cp850``, ``cp1252``, ``ascii`` ...; its answer is written in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The sections and fields that a TXT may hold, by canonical name."""

    fields: Mapping[str, frozenset[str]]
    """Section -> its fields. Fields that begin with ``X_`` are always allowed; a section mapped to no field at all
    (``EXTRA``) takes any."""
    free: frozenset[str]
    """Sections of free text: ``ADENDA``, ``IMPRIMIR``."""
    kin: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Section -> what people write for its fields, and the field they mean; under the empty name, for sections."""
