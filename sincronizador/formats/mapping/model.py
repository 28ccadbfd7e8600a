"""A mapping as data: what its TOML says, checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ROW = "fila"
"""Kind of the records of a format that does not tell kinds apart."""
DOCUMENT = "documento"
"""Kind of the record that stands for a whole document in JSON and XML."""
FILE = "archivo"
"""Kind of the record of what stands outside the documents in JSON."""
UNWANTED = "\0"
"""Before the name of a column that the mapping leaves out on purpose."""
STEM = "@nombre"
"""A column that every record has: the name of the file without its extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Whether something holds of a record. Texts are compared trimmed, case ignored."""

    column: str
    record: str = ""
    """Kind of the records of the document that are asked instead: one of them suffices."""
    one_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    empty: bool | None = None
    negative: bool | None = None
    """Of a number: less than zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One way to a field's text: columns joined, looked up, turned into what our TXT writes."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    """Instead of columns."""
    record: str = ""
    """Kind of the record of the document whose columns are meant; empty: the one that the section is made of."""
    when: tuple[Condition, ...] = ()
    """All must hold."""
    join: str = " "
    """Between columns that are not empty."""
    table: str = ""
    column: str = ""
    """Of the table's rows, where they have several."""
    date: str = ""
    """How a date is written: ``DDMMAAAA``, ``AAAA-MM-DD``."""
    hours: int = 0
    """Added to a date with its time: a moment in UTC is -3 here."""
    decimals: int | None = None
    """Implied: the last digits, written without separator."""
    zoned: bool = False
    """The last digit carries the sign, as COBOL writes it."""
    unsigned: bool = False
    """The minus is dropped."""
    unpadded: bool = False
    """Zeros in front are dropped."""
    prefix: str = ""
    suffix: str = ""
    default: str = ""
    """When nothing comes out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A section of our TXT and where its fields come from."""

    section: str
    record: str = ""
    """Kind of the records that each give one such section; empty: one a document, from its first record."""
    when: tuple[Condition, ...] = ()
    fields: Mapping[str, tuple[Value, ...]]
    """Field -> the ways to it; the first whose conditions hold counts. A section of free text has the field TEXTO."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Values looked up by a key, case ignored."""

    rows: Mapping[str, Mapping[str, str]]
    """Key, case folded -> column -> text; a table of single values has the column ``""``."""
    other: str | None = None
    """What a key that is not in it gives; None: that is an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the records of a file are told apart and cut into columns. Each format uses what concerns it."""

    separator: str = "|"
    quoted: bool = False
    header: bool = False
    """Whether the first row has the names of the columns."""
    kind: tuple[int, int] | None = None
    """Where the kind of a record stands: from and to, from 1; of columns, or of characters in fixed width."""
    length: int = 0
    """Characters of a record where lines have no end; 0: they have one."""
    marker: tuple[str, str] = ("->", "<-")
    """What stands before and behind the name of a section."""
    pairs: bool = False
    """Whether the lines of a section are ``name=value``."""
    group: str = ""
    """The column that tells the rows of one document from those of the next."""
    fill: tuple[str, ...] = ()
    """Columns whose empty cells say what the row above says."""
    sheet: str = ""
    """Of a workbook; empty: the first."""
    spaces: Mapping[str, str] = field(default_factory=dict)
    """Prefix -> XML namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapeo:
    """A mapping: how files of a customer's format become sections of our TXT."""

    name: str
    format: str
    """``separado``, ``fijo``, ``secciones``, ``csv``, ``xlsx``, ``json``, ``xml``."""
    encoding: str = "auto"
    decimal: str = ""
    """``PUNTO`` or ``COMA``: what separates decimals in the file."""
    document: str = ""
    """What begins a document: a kind of record, or the path to the documents; empty: the file is one."""
    ignored: frozenset[str] = frozenset()
    """Kinds of records that are known and not wanted."""
    batch: bool = False
    """Whether a file may hold several documents."""
    layout: Layout
    records: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    """Kind -> column -> from and to, from 1; of a separated record both are the column's number."""
    targets: tuple[Target, ...]
    """In the order of the TOML: each DOCUMENTO begins another document, made of the same records."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    end: str = ""
    """Kind of the record that ends a whole file."""
    largest: int = 5_000_000
    """Bytes that a packed file may unpack to."""

    wanted: Mapping[str, frozenset[str]] = field(init=False)
    """Kind of record -> its columns that anything is made of."""

    def __post_init__(self) -> None:
        """What is looked at is told by the rules."""
        wanted: dict[str, set[str]] = {}
        for target in self.targets:
            for kind, column in (*_columns(target, self.head), (target.record, "")):
                wanted.setdefault(kind, set()).add(column)
        object.__setattr__(
            self, "wanted", {kind: frozenset(found - {STEM, ""}) for kind, found in wanted.items() if kind}
        )

    def columns(self, kind: str) -> frozenset[str]:
        """The columns of a kind of record that anything is made of."""
        return self.wanted.get(kind, frozenset())

    @property
    def head(self) -> str:
        """The kind of a document's first record."""
        if self.format in ("json", "xml"):
            return DOCUMENT
        return ROW if self.format in ("csv", "xlsx") or not self.document else self.document


def _columns(target: Target, head: str) -> tuple[tuple[str, str], ...]:
    """Kind and name of every column that a section looks at."""
    own = target.record or head
    found = [(one.record or own, one.column) for one in target.when]
    for values in target.fields.values():
        for value in values:
            found += [(value.record or own, column) for column in value.columns]
            found += [(one.record or own, one.column) for one in value.when]
    return tuple(found)
