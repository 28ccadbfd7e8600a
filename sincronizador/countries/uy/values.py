"""The typed values of one section, read by the table."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sincronizador.core import codes as form
from sincronizador.core.finding import Finding
from sincronizador.core.letters import normal
from sincronizador.core.numbers import AmbiguousNumber, NotADate, NotANumber, parse_date, parse_number
from sincronizador.core.sections import Entry, Section
from sincronizador.countries.uy import codes, guesses
from sincronizador.countries.uy.comprobante import found
from sincronizador.countries.uy.fields import BY_SECTION, SIEMPRE, Field, Kind
from sincronizador.countries.uy.tipos import TipoCfe

STEP = tuple(Decimal(1).scaleb(-places) for places in range(7))
"""The unit of the last place, by decimals."""

_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, and the carriage return, which a signature would turn into a reference."""
_LOOSE = str.maketrans("", "", " _-.,/%")
_TILDE = "\u0303"
"""Ñ is a letter, not an N with an accent."""
_MARKED = re.compile("[0-9]+[-.,/][-.,/0-9]*")
"""A number with a mark inside."""
_MARKS = str.maketrans("", "", " .-/")
_MULTILINE = 150
"""Texts at least this long keep their line breaks."""


def round_half_up(value: Decimal, decimals: int = 2) -> Decimal:
    """`value` with so many decimals, halves away from zero."""
    return value.quantize(STEP[decimals], ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A number in as few digits as it needs: ``2``, ``1.5``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _loosely(word: str) -> str:
    flat = normal("NFD", word.upper())
    kept = (mark for mark in flat if mark == _TILDE or not unicodedata.combining(mark))
    return "".join(kept).translate(_LOOSE)


def _choices(row: Field) -> dict[str, str]:
    words = {_loosely(word): code for word, code in row.values.items()}
    if row.name != "IVA":  # whose numbers are rates
        words.update({code: code for code in row.values.values() if code})
    return words


CHOICES = {
    (row.section, row.name): _choices(row)
    for rows in BY_SECTION.values()
    for row in rows.values()
    if row.kind is Kind.OPCION
}
_COLUMNAS = range(11)
_OBLIGATORY = {
    (name, columna): tuple(row for row in rows.values() if row.is_obligatory(columna))
    for name, rows in BY_SECTION.items()
    for columna in _COLUMNAS
}
_FOREIGN = {
    (name, columna): frozenset(row.name for row in rows.values() if row.is_foreign(columna))
    for name, rows in BY_SECTION.items()
    for columna in _COLUMNAS
}


@dataclass(slots=True)
class Lectura:
    """What reading needs to know, and where it leaves what it finds wrong."""

    decimal: str
    """``PUNTO``, ``COMA`` or empty."""
    recortar: bool
    """Cut long texts; else they are errors."""
    tipo: TipoCfe | None = None
    """Of the document, a sale when nothing is said; None when it could not be read: what depends on it is let be."""
    findings: list[Finding] = field(default_factory=list)


class Valores:
    """
    The typed values of one section.

    A field that is absent, empty by the contract's rules, or unreadable has no value; the last kind is in `broken`.
    """

    __slots__ = ("broken", "dates", "numbers", "origen", "texts")

    def __init__(self, origen: Section) -> None:
        self.origen = origen
        self.texts: dict[str, str] = {}
        self.numbers: dict[str, Decimal] = {}
        self.dates: dict[str, date] = {}
        self.broken: set[str] = set()

    def text(self, name: str) -> str:
        """A text, code, choice, count or document; empty when absent."""
        return self.texts.get(name, "")

    def number(self, name: str) -> Decimal | None:
        """A number, with the decimals that the law allows at most."""
        return self.numbers.get(name)

    def date(self, name: str) -> date | None:
        """A date."""
        return self.dates.get(name)

    @property
    def is_empty(self) -> bool:
        """Whether no field says anything: the section is absent."""
        return not (self.texts or self.numbers or self.dates or self.broken)

    def has(self, name: str) -> bool:
        """Whether the field says anything, readable or not."""
        return name in self.texts or name in self.numbers or name in self.dates or name in self.broken


def read_values(section: Section, lectura: Lectura) -> Valores:
    """The values of a section; what is wrong with them goes to `lectura`."""
    valores = Valores(section)
    rows = BY_SECTION[section.name]
    long: list[tuple[Field, Entry]] = []
    for entry in section.entries:
        row = rows.get(entry.name)
        if row is None:  # X_...: kept and never an error
            continue
        if valores.has(row.name):  # E0203: nobody knows which of them counts
            valores.broken.add(row.name)
            continue
        _READERS[row.kind](row, entry, valores, lectura)
        if row.kind is Kind.TEXTO and len(valores.text(row.name)) > row.length:
            long.append((row, entry))
    for row, entry in sorted(long, key=lambda pair: not pair[0].overflows_to):
        _shorten(row, entry, valores, lectura)
    return valores


def require(valores: Valores, lectura: Lectura) -> None:
    """Report the fields of a section that documents of this type must have and it lacks."""
    columna = lectura.tipo.columna if lectura.tipo else 0
    for row in _OBLIGATORY[valores.origen.name, columna]:
        if not valores.has(row.name) and (lectura.tipo or row.obligation == SIEMPRE):
            missing(valores.origen, row.name, lectura)


def forbid(valores: Valores, lectura: Lectura) -> None:
    """Report the fields that documents of this type do not have; once for a section of nothing else."""
    if lectura.tipo is None:
        return
    foreign = _FOREIGN[valores.origen.name, lectura.tipo.columna]
    if not foreign:
        return
    given = [entry.name for entry in valores.origen.entries if valores.has(entry.name)]
    strange = [name for name in given if name in foreign]
    section, tipo = valores.origen.name, lectura.tipo.nombre
    if strange and len(foreign) == len(BY_SECTION[section]):
        lectura.findings.append(codes.FOREIGN_SECTION.at(line=valores.origen.line, seccion=section, tipo=tipo))
        return
    for name in strange:
        lectura.findings.append(found(codes.FOREIGN_FIELD, valores.origen, name, tipo=tipo))


def foreign_fields(section: str, tipo: TipoCfe) -> frozenset[str]:
    """The fields of a section that documents of a type do not have."""
    return _FOREIGN[section, tipo.columna]


def missing(origen: Section, name: str, lectura: Lectura) -> None:
    """Report that a field is missing."""
    row = BY_SECTION[origen.name][name]
    words = f"; admite {', '.join(list(row.values)[:4])}..." if len(row.values) > 4 else ""
    hint = f"Agregue {name}= ({row.what[0].lower()}{row.what[1:]}{words})."
    lectura.findings.append(form.MISSING.at(field=name, line=origen.line, seccion=origen.name, sugerencia=hint))


def clean(text: str, *, multiline: bool = True) -> str:
    """A text as an XML document may carry it."""
    if not multiline and "\n" in text:
        text = " ".join(text.split())
    return _UNPRINTABLE.sub("", text).strip()


def _fail(row: Field, valores: Valores, lectura: Lectura, finding: Finding) -> None:
    valores.broken.add(row.name)
    lectura.findings.append(finding)


def _bad_value(entry: Entry, esperado: str, sugerencia: str) -> Finding:
    return form.BAD_VALUE.at(
        field=entry.name, line=entry.line, value=entry.text, esperado=esperado, sugerencia=sugerencia
    )


def _too_long(row: Field, entry: Entry, largo: int) -> Finding:
    return form.TOO_LONG.at(field=row.name, line=entry.line, value=entry.text, largo=largo, maximo=row.length)


def _read_text(row: Field, entry: Entry, valores: Valores, _: Lectura) -> None:
    text = clean(entry.text, multiline=row.length >= _MULTILINE)
    if text:
        valores.texts[row.name] = text


def _read_code(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    text = clean(entry.text, multiline=False)
    if len(text) > row.length:
        _fail(row, valores, lectura, _too_long(row, entry, len(text)))
    elif text:
        valores.texts[row.name] = text


def _read_document(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    text = clean(entry.text, multiline=False).translate(_MARKS).upper()
    if len(text) > row.length:
        _fail(row, valores, lectura, _too_long(row, entry, len(text)))
    elif text.strip("0"):
        valores.texts[row.name] = text


def _read_number(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    try:
        value = parse_number(entry.text, decimal=lectura.decimal, limit=row.limit)
    except AmbiguousNumber as both:
        finding = form.AMBIGUOUS_NUMBER.at(
            field=row.name, line=entry.line, value=entry.text,
            lectura_punto=plain(both.as_point), lectura_coma=plain(both.as_comma),
        )  # fmt: skip
        return _fail(row, valores, lectura, finding)
    except NotANumber:
        finding = form.BAD_NUMBER.at(field=row.name, line=entry.line, value=entry.text)
        return _fail(row, valores, lectura, _meant(finding, guesses.of_number(entry.text)))
    if abs(value) > row.limit:
        hint = f"Escriba {row.name} con un número de hasta {plain(row.limit)}."
        return _fail(row, valores, lectura, _bad_value(entry, f"el máximo es {plain(row.limit)}", hint))
    if value < 0 and not row.is_signed:
        hint = f"Escriba {row.name} sin signo; lo que se devuelve va en una nota de crédito."
        return _fail(row, valores, lectura, _bad_value(entry, "no puede ser negativo", hint))
    rounded = round_half_up(value, row.decimals)
    if rounded != value:
        lectura.findings.append(
            codes.ROUNDED.at(field=row.name, line=entry.line, value=entry.text, dado=entry.text, usado=plain(rounded))
        )
    if rounded or not row.zero_is_absent:
        valores.numbers[row.name] = rounded
    return None


def _read_count(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    if not (entry.text.isascii() and entry.text.isdigit()):
        finding = form.BAD_NUMBER.at(field=row.name, line=entry.line, value=entry.text)
        return _fail(row, valores, lectura, finding)
    digits = entry.text.lstrip("0") or "0"
    if len(digits) > 11 or int(digits) > row.limit:
        hint = f"Escriba {row.name} con cifras, hasta {row.limit}."
        return _fail(row, valores, lectura, _bad_value(entry, f"el máximo es {row.limit}", hint))
    if digits != "0" or not row.zero_is_absent:
        valores.texts[row.name] = digits
    return None


def _read_date(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    try:
        day = parse_date(entry.text)
    except NotADate:
        finding = form.BAD_DATE.at(field=row.name, line=entry.line, value=entry.text)
        return _fail(row, valores, lectura, _meant(finding, guesses.of_date(entry.text)))
    if day is not None:
        valores.dates[row.name] = day
    return None


def _read_choice(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    words = CHOICES[row.section, row.name]
    code = words.get(entry.text)
    if code is None and _MARKED.fullmatch(entry.text):  # 1.0 is not 10
        code = row.values.get(entry.text.replace(",", "."))
    elif code is None and entry.text[:1] not in "-.,":  # -1 is not 1
        code = words.get(_loosely(entry.text))
    if code is None:
        _fail(row, valores, lectura, _unknown_choice(row, entry))
    elif code:
        valores.texts[row.name] = code


def tipo_named(text: str) -> int | None:
    """The type that people call so, by its code or by a name that TIPO takes; None for what is no one type."""
    code = CHOICES["DOCUMENTO", "TIPO"].get(_loosely(text), "")
    return int(code) if code.isdigit() else None


def _unknown_choice(row: Field, entry: Entry) -> Finding:
    return _bad_value(entry, *guesses.of_choice(row, entry.text))


def _meant(finding: Finding, hint: str | None) -> Finding:
    """The finding with a guess of what was meant, where there is one."""
    return replace(finding, hint=hint) if hint else finding


def _shorten(row: Field, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    text = valores.texts[row.name]
    if len(text) <= row.length:
        return
    if not lectura.recortar:
        lectura.findings.append(_too_long(row, entry, len(text)))
        valores.texts[row.name] = text[: row.length]
        return
    head = text[: row.length].rstrip()
    detail = "se recortó"
    if row.overflows_to:
        space = text.rfind(" ", row.length // 2, row.length + 1)
        head = text[:space] if space > 0 else text[: row.length]
        rest = text[len(head) :].strip()
        _continue(row, rest, entry, valores, lectura)
        detail = f"sigue en {row.overflows_to}"
    valores.texts[row.name] = head
    lectura.findings.append(
        form.TRIMMED.at(
            field=row.name, line=entry.line, value=entry.text, largo=len(text), maximo=row.length, detalle=detail
        )
    )


def _continue(row: Field, rest: str, entry: Entry, valores: Valores, lectura: Lectura) -> None:
    target = BY_SECTION[row.section][row.overflows_to]
    before = valores.text(target.name)
    valores.texts[target.name] = f"{rest}\n{before}" if before else rest
    if len(before) <= target.length < len(valores.texts[target.name]):
        _shorten(target, entry, valores, lectura)


_READERS: dict[Kind, Callable[[Field, Entry, Valores, Lectura], None]] = {
    Kind.TEXTO: _read_text,
    Kind.CODIGO: _read_code,
    Kind.NUMERO: _read_number,
    Kind.ENTERO: _read_count,
    Kind.FECHA: _read_date,
    Kind.OPCION: _read_choice,
    Kind.DOCUMENTO: _read_document,
}
