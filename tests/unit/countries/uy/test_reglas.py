"""Every rule of the law, kept and broken: data in ``reglas``; a rule without a row there fails here."""

from collections.abc import Sequence
from datetime import date

import pytest
from reglas import ELSEWHERE, KNOWN, REGLAS, TAMBIEN, Regla
from ventas import EMISOR, HOY, uruguay

from sincronizador.core import codes as form
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Reading
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator
from sincronizador.formats.txt import parse

OF_FORM = (
    form.BAD_NUMBER, form.AMBIGUOUS_NUMBER, form.BAD_DATE, form.BAD_VALUE, form.MISSING, form.TOO_LONG, form.TRIMMED,
    form.UNKNOWN_REFERENCE, form.XML_MALFORMED, form.XML_DTD, form.ALREADY_SIGNED,
)  # fmt: skip
"""Rules of no country that this one judges by."""
CODES = sorted(rule.code for rule in (*codes.RULES, *OF_FORM) if rule.code not in ELSEWHERE)


def reading(text: str, *, xml: bool) -> Reading:
    if xml:
        return uruguay().from_xml(text.encode())
    found = parse(text + "\n[FIN]\n", VOCABULARY, "utf-8")
    assert found.findings == ()
    return found


def judged(text: str, regla: Regla) -> Sequence[Finding]:
    read = reading(text, xml=regla.xml)
    if not any(read.sections):
        return read.findings
    country = uruguay(regimen=regla.regimen, **regla.ajustes)
    return (*read.findings, *country.check(country.read(read.sections, HOY), KNOWN, HOY))


def line_of(text: str, wanted: str) -> int | None:
    lines = text.split("\n")
    return len(lines) - lines[::-1].index(wanted) if wanted else None


@pytest.mark.parametrize("code", CODES)
def test_a_file_that_keeps_the_rule_is_taken(code: str) -> None:
    found = judged(REGLAS[code].bien, REGLAS[code])
    assert [finding for finding in found if finding.is_error or finding.code == code] == []


@pytest.mark.parametrize("code", CODES)
def test_a_file_that_breaks_the_rule_is_told_so_and_nothing_else(code: str) -> None:
    regla = REGLAS[code]
    found = judged(regla.mal, regla)
    assert [finding.code for finding in found] == [code], [finding.message for finding in found]
    assert found[0].field == regla.campo
    assert found[0].line == line_of(regla.mal, regla.donde)


@pytest.mark.parametrize("code", CODES)
def test_what_is_told_is_a_whole_sentence_that_says_what_to_do(code: str) -> None:
    found = judged(REGLAS[code].mal, REGLAS[code])[0]
    assert found.message[0].isupper() or found.message[0] == "«" or found.message.split("=")[0].isupper()
    assert found.message.endswith(".")
    assert found.hint is None or found.hint.endswith((".", "?"))
    assert found.hint or not found.is_error
    assert "{" not in found.message + (found.hint or "")


@pytest.mark.parametrize(("code", "bien", "mal", "campo", "regimen"), TAMBIEN)
def test_every_other_way_of_breaking_a_rule_is_told(code: str, bien: str, mal: str, campo: str, regimen: str) -> None:
    good, bad = (judged(text, Regla(bien="", mal="", donde="", regimen=regimen)) for text in (bien, mal))
    assert [finding.code for finding in good if finding.is_error] == []
    assert {(finding.code, finding.field) for finding in bad if finding.is_error} == {(code, campo)}


def test_no_rule_is_without_its_two_files() -> None:
    assert set(REGLAS) == set(CODES)


def test_e1005_an_issuer_that_cannot_be_one_is_not_taken() -> None:
    with pytest.raises(NeedsOperator) as told:
        uruguay(regimen="simplificado")
    assert told.value.code == "E1005"
    assert uruguay(regimen="exonerado")


def test_a1105_the_missing_ui_of_the_year_is_told() -> None:
    [alarm] = Uruguay(EMISOR, Ajustes()).alarms(date(2026, 3, 1))
    assert (alarm.clave, alarm.nivel) == ("ui", "CRITICA")
    assert uruguay().alarms(date(2026, 3, 1)) == ()
