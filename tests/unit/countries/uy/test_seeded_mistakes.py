"""
Good files of every type with mistakes sown into them: exactly those are told, each on its line.

A mistake that is told twice, or that makes something else look wrong, costs its reader an hour. At most one is sown
into each section.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from documentos import Documento, documentos
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ventas import HOY

from sincronizador.core.finding import Finding
from sincronizador.core.sections import Reading
from sincronizador.countries.uy.fields import BY_SECTION, Field, Kind
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.formats.txt import parse

FREE = ("ADENDA", "EXTRA")
DECIDING = ("SECRETO_PROFESIONAL", "PAIS")
"""Words that the receiver is judged by: with a wrong one, what it would have allowed is asked for too."""


@dataclass
class Line:
    """A line of a file, and the mistakes sown there."""

    text: str
    section: str
    group: int
    """Which section of the file."""
    wrong: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of its field; empty for a header."""
        return self.text.partition("=")[0] if "=" in self.text else ""

    @property
    def value(self) -> str:
        """Of its field."""
        return self.text.partition("=")[2]

    @property
    def row(self) -> Field | None:
        """What the table says of its field."""
        return BY_SECTION.get(self.section, {}).get(self.name)


class Soil:
    """A file into which mistakes are sown."""

    def __init__(self, documento: Documento, draw: st.DrawFn, *, spared: str = "") -> None:
        self.documento = documento
        self.draw = draw
        self.lines: list[Line] = []
        self.sown: set[int] = set()
        self.spared = spared
        """A field that stays as it is."""
        section, group = "", 0
        for text in (documento.texto + "[FIN]").split("\n"):
            if (text.startswith("[") and section != "ADENDA") or text == "[FIN]":
                section, group = text[1:-1], group + 1
            self.lines.append(Line(text, section, group))

    def one(self, fits: Callable[[Line], object]) -> Line | None:
        """A line that fits, in a section without a mistake."""
        free = [line for line in self.lines if line.group not in self.sown and line.section != "FIN"]
        found = [line for line in free if fits(line) and not (self.spared and line.name == self.spared)]
        if not found:
            return None
        line = self.draw(st.sampled_from(found))
        self.sown.add(line.group)
        return line

    def header(self, line: Line) -> Line:
        """The first line of its section."""
        return next(one for one in self.lines if one.group == line.group)

    def insert(self, after: Line, text: str, code: str) -> None:
        """A line more."""
        self.lines.insert(self.lines.index(after) + 1, Line(text, after.section, after.group, [code]))

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines) + "\n"

    @property
    def expected(self) -> list[tuple[str, int]]:
        """Codes and lines, as they must be told."""
        return sorted((code, number) for number, line in enumerate(self.lines, 1) for code in line.wrong)


Mistake = Callable[[Soil], bool]
"""Sows itself; whether it found a place."""


def _of_kind(*kinds: Kind) -> Callable[[Line], object]:
    return lambda line: line.row is not None and line.row.kind in kinds and line.name not in DECIDING and line.value


def _value(kinds: tuple[Kind, ...], value: str, code: str) -> Mistake:
    def sow(soil: Soil) -> bool:
        line = soil.one(_of_kind(*kinds))
        if line:
            line.text, line.wrong = f"{line.name}={value}", [code]
        return line is not None

    return sow


def field_misspelt(soil: Soil) -> bool:
    line = soil.one(lambda line: line.row and len(line.name) > 5 and not any(mark.isdigit() for mark in line.name))
    if line:
        assert line.row is not None
        slip = line.name[:2] + line.name[3:]
        soil.sown.add(line.group)
        line.text, line.wrong = f"{slip}={line.value}", ["E0201"]
    return line is not None


def field_unknown(soil: Soil) -> bool:
    line = soil.one(lambda line: line.section in BY_SECTION)
    if line:
        soil.insert(line, "COLOR=rojo", "E0201")
    return line is not None


def section_misspelt(soil: Soil) -> bool:
    line = soil.one(lambda line: line.text == f"[{line.section}]")
    if line:
        line.text, line.wrong = f"[{line.section}S]", ["E0202"]
    return line is not None


def section_unknown(soil: Soil) -> bool:
    last = max(line.group for line in soil.lines if line.section not in (*FREE, "FIN"))
    end = [line for line in soil.lines if line.group == last][-1]
    for text in ("AUTOR=x", "[FOTOGRAFIA]"):
        soil.lines.insert(soil.lines.index(end) + 1, Line(text, "", -1, ["E0202"] if text[0] == "[" else []))
    return True


def field_twice(soil: Soil) -> bool:
    line = soil.one(lambda line: line.row and line.value)
    if line:
        soil.insert(line, line.text, "E0203")
    return line is not None


def colon(soil: Soil) -> bool:
    line = soil.one(lambda line: line.row and line.value.strip() and not set(line.value) & set("=\\") and _short(line))
    if line:
        line.text, line.wrong = f"{line.name}: {line.value}", ["E0204"]
    return line is not None


def _short(line: Line) -> bool:
    return len(line.text) < 900


def junk(soil: Soil) -> bool:
    line = soil.one(lambda line: line.section in BY_SECTION)
    if line:
        soil.insert(line, "una línea que sobra", "E0204")
    return line is not None


def control(soil: Soil) -> bool:
    line = soil.one(_of_kind(Kind.TEXTO))
    if line:
        line.text, line.wrong = f"{line.name}=x\x1bE", ["E0208"]
    return line is not None


def code_too_long(soil: Soil) -> bool:
    line = soil.one(_of_kind(Kind.CODIGO))
    if line:
        assert line.row is not None
        line.text, line.wrong = f"{line.name}={'X' * (line.row.length + 1)}", ["E0220"]
    return line is not None


def missing(soil: Soil) -> bool:
    columna = soil.documento.tipo.columna
    fields = Counter(line.group for line in soil.lines if line.value)
    line = soil.one(lambda line: line.row and line.row.is_obligatory(columna) and fields[line.group] > 2)
    if line:
        soil.header(line).wrong.append("E0209")
        soil.lines.remove(line)
    return line is not None


def wrong_digit(soil: Soil) -> bool:
    kinds = {line.group: line.value for line in soil.lines if line.section == "RECEPTOR" and line.name == "TIPO_DOC"}
    codes = {"RUT": "E1101", "CI": "E1102"}
    line = soil.one(
        lambda line: line.section == "RECEPTOR" and line.name == "DOCUMENTO" and kinds.get(line.group) in codes
    )
    if line:
        digits = f"{line.value[:-1]}{(int(line.value[-1]) + 1) % 10}"
        line.text, line.wrong = f"DOCUMENTO={digits}", [codes[kinds[line.group]]]
    return line is not None


MISTAKES: dict[str, Mistake] = {
    "campo mal escrito": field_misspelt,
    "campo desconocido": field_unknown,
    "sección mal escrita": section_misspelt,
    "sección desconocida": section_unknown,
    "campo repetido": field_twice,
    "dos puntos": colon,
    "línea suelta": junk,
    "número en letras": _value((Kind.NUMERO, Kind.ENTERO), "dos", "E0205"),
    "fecha imposible": _value((Kind.FECHA,), "31/02/2026", "E0207"),
    "palabra desconocida": _value((Kind.OPCION,), "CARISIMA", "E0208"),
    "orden de impresora": control,
    "código largo": code_too_long,
    "campo que falta": missing,
    "dígito equivocado": wrong_digit,
}


def told(documento: Documento, text: str) -> tuple[Reading, list[Finding]]:
    """The errors of a file, its form and its law."""
    country = documento.pais
    reading = parse(text, country.vocabulary, "utf-8")
    request = country.read(reading.sections, HOY)
    found = (*reading.findings, *country.check(request, {}, HOY))
    return reading, [finding for finding in found if finding.is_error]


def judge(soil: Soil) -> None:
    _, found = told(soil.documento, soil.text)
    assert sorted((finding.code, finding.line or 0) for finding in found) == soil.expected, (soil.text, found)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake_in_a_file_is_one_finding_on_its_line(mistake: str) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
    @given(documento=st.sampled_from(TipoCfe).flatmap(documentos), data=st.data())
    def check(documento: Documento, data: st.DataObject) -> None:
        assume(not documento.errores())
        soil = Soil(documento, data.draw)
        assume(MISTAKES[mistake](soil))
        judge(soil)

    check()


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    documento=st.sampled_from(TipoCfe).flatmap(documentos),
    mistakes=st.lists(st.sampled_from(list(MISTAKES)), min_size=2, max_size=5, unique=True),
    data=st.data(),
)
def test_many_mistakes_are_told_all_at_once_and_nothing_else(
    documento: Documento, mistakes: list[str], data: st.DataObject
) -> None:
    assume(not documento.errores())
    # What a file must have follows from its type: with a wrong one nothing else is asked for.
    soil = Soil(documento, data.draw, spared="TIPO")
    assume([mistake for mistake in mistakes if MISTAKES[mistake](soil)])
    judge(soil)
