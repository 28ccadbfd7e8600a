"""A lote is cut at each document, proves itself by its count and total, and is kept with its lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.job import Kind
from sincronizador.core.sections import Entry, Reading, Section, Sections, Vocabulary
from sincronizador.formats.kept import keep, read_kept
from sincronizador.formats.lote import line_of, read_lote, same
from sincronizador.formats.requests import GENERIC, kind_of
from sincronizador.formats.txt import parse

FIELDS = {"DOCUMENTO": frozenset({"TIPO", "DECIMAL"}), "ITEM": frozenset({"PRECIO"}), "TOTALES": frozenset({"A_PAGAR"})}
VOCABULARY = Vocabulary(fields={**GENERIC.fields, **FIELDS}, free=frozenset({"ADENDA"}))


def reading(text):
    return parse(f"{text}[FIN]\n", VOCABULARY, "utf-8")


def documents(*amounts):
    return "".join(f"[DOCUMENTO]\nTIPO=101\n[TOTALES]\nA_PAGAR={amount}\n" for amount in amounts)


def codes(text, **how):
    return [(finding.code, finding.line) for finding in read_lote(reading(text), **how).findings]


def test_each_document_begins_at_its_section_and_has_what_is_wrong_with_its_form():
    first, second = "[DOCUMENTO]\nTIPO=101\nTIPPO=1\n[ITEM]\nPRECIO=1\n", "[DOCUMENTO]\nTIPO=102\n[ADENDA]\nhola\n"
    text = f"[LOTE]\nREFERENCIA=L\n{first}{second}"
    lote = read_lote(reading(text))
    assert [line_of(document) for document in lote.documents] == [3, 8]
    assert [[section.name for section in one.sections] for one in lote.documents] == [
        ["DOCUMENTO", "ITEM"], ["DOCUMENTO", "ADENDA"],
    ]  # fmt: skip
    assert [[finding.code for finding in one.findings] for one in lote.documents] == [["E0201"], []]
    assert (lote.referencia, lote.todo_o_nada, lote.findings) == ("L", False, ())


@pytest.mark.parametrize(
    ("head", "amounts", "found"),
    [
        ("CANTIDAD=2\nTOTAL=30,50\n", ("10,25", "20.25"), []),
        ("CANTIDAD=3\n", ("1", "2"), [("E0114", 2)]),
        ("CANTIDAD=dos\n", ("1", "2"), [("E0205", 2)]),
        ("TOTAL=31\n", ("10", "20"), [("E0115", 2)]),
        ("TOTAL=mucho\n", ("10", "20"), [("E0205", 2)]),
        ("TOTAL=30\n", ("10", ""), [("E0209", 7)]),
        ("TOTAL=30\n", ("10", "veinte"), [("E0205", 10)]),
        ("TODO_O_NADA=TAL VEZ\n", ("10",), [("E0208", 2)]),
        ("REFERENCIA=L\n", (), [("E0116", 1)]),
        ("REFERENCIA=L\n[ADENDA]\nhola\n", ("10",), [("E0116", 3)]),
    ],
)
def test_it_is_what_it_says_or_none_of_it_counts(head, amounts, found):
    assert codes(f"[LOTE]\n{head}{documents(*amounts)}") == found


def test_an_ambiguous_amount_is_read_as_its_document_or_the_installation_says():
    text = "[LOTE]\nTOTAL=2.000\n" + documents("1.000", "1.000")
    assert [code for code, _ in codes(text)] == ["E0205"] * 3
    assert codes(text, decimal="COMA") == []
    assert codes(text.replace("2.000", "2"), decimal="PUNTO") == []


def test_with_more_findings_than_are_told_nobody_knows_which_documents_are_well_formed():
    bad = "".join("[DOCUMENTO]\nTIPPO=1\n" for _ in range(MOST_FINDINGS + 5))
    assert codes(f"[LOTE]\nREFERENCIA=L\n{bad}") == [("E0116", 1)]


def test_an_empty_document_and_an_empty_head_are_still_there():
    found = reading("[LOTE]\n[DOCUMENTO]\nTIPO=101\n[DOCUMENTO]\nTIPO=\n[ITEM]\nPRECIO=1\n")
    assert [section.name for section in found.sections] == ["LOTE", "DOCUMENTO", "DOCUMENTO", "ITEM"]
    alone = reading("[DOCUMENTO]\nTIPO=\n[ITEM]\nPRECIO=1\n")
    assert [section.name for section in alone.sections] == ["ITEM"], "elsewhere empty is absent"


def test_the_first_section_says_that_it_is_one():
    assert kind_of(reading("[LOTE]\nREFERENCIA=L\n[DOCUMENTO]\nTIPO=101\n").sections) is Kind.LOTE
    late = kind_of(reading("[DOCUMENTO]\nTIPO=101\n[LOTE]\nREFERENCIA=L\n").sections)
    assert isinstance(late, Finding)
    assert (late.code, late.line) == ("E0111", 3)


TEXTS = st.text(max_size=12)
LINES = st.integers(0, 10**6)
SECTIONS = st.builds(
    Section, TEXTS, LINES, st.lists(st.builds(Entry, TEXTS, TEXTS, LINES), max_size=3).map(tuple), TEXTS
)
FINDINGS = st.builds(Finding, code=TEXTS, message=TEXTS, line=st.none() | LINES, field=st.none() | TEXTS)


@given(
    sections=st.lists(SECTIONS, min_size=1, max_size=4),
    findings=st.lists(FINDINGS, max_size=3),
    partial=st.booleans(),
)
def test_what_is_kept_is_read_again_as_it_was_and_always_the_same_bytes(sections, findings, partial):
    one = Reading(sections=Sections(tuple(sections), partial), findings=tuple(findings), encoding="cp850")
    assert read_kept(keep(one)) == one
    assert keep(read_kept(keep(one))) == keep(one)
    assert same(one, read_kept(keep(one)))


@given(amounts=st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=20))
def test_the_total_is_the_exact_sum(amounts):
    total = sum(amounts, Decimal(0))
    text = f"[LOTE]\nCANTIDAD={len(amounts)}\nTOTAL={total:.2f}\n{documents(*(f'{one:.2f}' for one in amounts))}"
    assert codes(text) == []
    assert [code for code, _ in codes(text.replace(f"TOTAL={total:.2f}", f"TOTAL={total + 1:.2f}"))] == ["E0115"]
