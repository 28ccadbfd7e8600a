"""The requests that belong to no country."""

import pytest

from sincronizador.core.finding import Finding
from sincronizador.core.job import Kind
from sincronizador.core.request import Target
from sincronizador.core.sections import Vocabulary
from sincronizador.formats.requests import GENERIC, RESERVED, Ask, kind_of, read_ask, vocabulary
from sincronizador.formats.txt import parse

COUNTRY = Vocabulary(
    fields={"DOCUMENTO": frozenset({"TIPO"}), "ITEM": frozenset({"PRECIO"})}, free=frozenset({"ADENDA"})
)


def kind(text: str) -> Kind | Finding:
    reading = parse(text, vocabulary(COUNTRY), "ascii")
    assert reading.findings == ()
    return kind_of(reading.sections)


def ask(text: str) -> Ask:
    sections = parse(text, vocabulary(COUNTRY), "ascii").sections
    asked = kind_of(sections)
    assert isinstance(asked, Kind)
    return read_ask(sections, asked)


def refusals(text: str) -> list[tuple[str, str | None, int | None]]:
    return [(finding.code, finding.field, finding.line) for finding in ask(text).findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[DOCUMENTO]\nTIPO=101\n[ITEM]\nPRECIO=1", Kind.DOCUMENTO),
        ("[CONSULTA]\nREFERENCIA=V1", Kind.CONSULTA),
        ("[REIMPRIMIR]\nULTIMO=SI", Kind.REIMPRIMIR),
        ("[RETIRAR]\nREFERENCIA=V1", Kind.RETIRAR),
        ("[CONSULTA_RUT]\nRUT=219999830019", Kind.CONSULTA_RUT),
    ],
)
def test_a_file_asks_for_one_thing(text: str, expected: Kind) -> None:
    assert kind(text) is expected


@pytest.mark.parametrize("text", ["", "[ITEM]\nPRECIO=1", "[RETIRAR]\nREFERENCIA=", "[ADENDA]\nGracias"])
def test_a_file_that_asks_for_nothing_is_refused(text: str) -> None:
    found = kind(text)
    assert isinstance(found, Finding)
    assert found.code == "E0111"


@pytest.mark.parametrize("second", ["[CONSULTA]\nREFERENCIA=V2", "[DOCUMENTO]\nTIPO=102"])
def test_a_file_that_asks_for_two_things_is_refused_at_the_second(second: str) -> None:
    found = kind(f"[DOCUMENTO]\nTIPO=101\n{second}")
    assert isinstance(found, Finding)
    assert (found.code, found.line) == ("E0111", 3)


def test_a_target_is_a_reference_or_a_number() -> None:
    assert ask("[CONSULTA]\nREFERENCIA=V1").target == Target(referencia="V1")
    assert ask("[CONSULTA]\nTIPO=101\nSERIE=a\nNUMERO=000123").target == Target(tipo=101, serie="A", numero=123)


def test_a_reprint_is_read_with_all_it_may_say() -> None:
    asked = ask("[REIMPRIMIR]\nULTIMO=sí\nIMPRESORA=CAJA2\nORIGINAL=si\nMOTIVO=se trancó")
    assert asked == Ask(
        kind=Kind.REIMPRIMIR, target=Target(), ultimo=True, impresora="CAJA2", original=True, motivo="se trancó"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[CONSULTA]\nTIPO=101\nSERIE=A", ("E0209", "NUMERO", 1)),
        ("[CONSULTA]\nTIPO=101\nSERIE=A\nNUMERO=0", ("E0209", "NUMERO", 1)),
        ("[CONSULTA]\nSERIE=A\nNUMERO=1", ("E0209", "TIPO", 1)),
        ("[REIMPRIMIR]\nIMPRESORA=X", ("E0209", "REFERENCIA", 1)),
        ("[REIMPRIMIR]\nULTIMO=NO", ("E0209", "REFERENCIA", 1)),
        ("[REIMPRIMIR]\nULTIMO=QUIZAS", ("E0208", "ULTIMO", 2)),
        ("[REIMPRIMIR]\nULTIMO=SI\nORIGINAL=SI", ("E4003", "MOTIVO", 1)),
        ("[CONSULTA]\nTIPO=101\nSERIE=A\nNUMERO=1.234", ("E0208", "NUMERO", 4)),
        ("[CONSULTA]\nTIPO=E-TICKET\nSERIE=A\nNUMERO=1", ("E0208", "TIPO", 2)),
        ("[CONSULTA]\nTIPO=101\nSERIE=A\nNUMERO=" + "9" * 5000, ("E0208", "NUMERO", 4)),
    ],
)
def test_what_cannot_be_found_is_refused(text: str, expected: tuple[str, str, int]) -> None:
    assert refusals(text) == [expected]


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = "[REIMPRIMIR]\nULTIMO=X\nORIGINAL=Y\nNUMERO=Z"
    assert refusals(text) == [("E0208", "ULTIMO", 2), ("E0208", "ORIGINAL", 3), ("E0208", "NUMERO", 4)]


def test_a_country_keeps_its_own_words() -> None:
    merged = vocabulary(COUNTRY)
    assert merged.fields.keys() == GENERIC.fields.keys() | COUNTRY.fields.keys()
    assert merged.free == GENERIC.free | COUNTRY.free
    assert vocabulary(merged) == merged


def test_no_name_is_both_known_and_reserved() -> None:
    assert not RESERVED & GENERIC.fields.keys()
