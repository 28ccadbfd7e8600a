"""What stands in each line: never more than the paper holds, never less than the block says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.ticket import Align, Box, Phrases, Row, Rule, Size, Text
from sincronizador.printing.layout import Line, lines
from sincronizador.printing.paper import CODE_PAGES, DOTS_PER_MM, Paper

PAPERS = st.builds(Paper, columns=st.sampled_from([32, 42, 48]), page=st.sampled_from(list(CODE_PAGES.values())))
WORDS = st.text(st.sampled_from("abcñÁ €0,-"), max_size=130) | st.text(max_size=60)
TEXTS = st.builds(Text, WORDS, st.sampled_from(Align), st.sampled_from(Size), st.booleans())
AMOUNTS = st.text(st.sampled_from("$ 0123456789.,-"), max_size=14)
ROWS = st.builds(Row, WORDS, AMOUNTS, st.sampled_from(Size), middle=st.sampled_from(["", "2 x 1.175,50"]))
PHRASES = st.builds(Phrases, st.lists(WORDS, max_size=6).map(tuple), st.sampled_from(Align), st.sampled_from(Size))
BOXES = st.builds(Box, st.lists(TEXTS, min_size=1, max_size=3).map(tuple))
BLOCKS = TEXTS | PHRASES | ROWS | BOXES | st.builds(Rule, st.booleans())


def shown(line: Line) -> str:
    return "".join(span.text for span in line.spans)


def letters(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(block=BLOCKS, paper=PAPERS)
def test_no_line_is_wider_than_the_paper(block: Text | Phrases | Row | Box | Rule, paper: Paper) -> None:
    assert all(line.columns <= paper.columns for line in lines(block, paper))


@given(text=TEXTS, paper=PAPERS)
def test_nothing_of_a_text_is_lost(text: Text, paper: Paper) -> None:
    fitted = " ".join(paper.page.fit(part) for part in text.text.splitlines())
    assert letters("".join(map(shown, lines(text, paper)))) == letters(fitted)


@given(words=st.lists(st.text(st.sampled_from("abcñé-/"), min_size=1, max_size=20), max_size=12), paper=PAPERS)
def test_a_word_that_fits_a_line_is_never_cut(words: list[str], paper: Paper) -> None:
    printed = " ".join(map(shown, lines(Text(" ".join(words)), paper))).split()
    assert printed == [paper.page.fit(word) for word in words]


@given(row=ROWS, paper=PAPERS)
def test_the_right_side_of_a_row_stands_whole_at_the_right_edge(row: Row, paper: Paper) -> None:
    right = row.right.strip()
    *_, last = lines(row, paper)
    width = paper.letters(last.spans[0].size)
    if len(right) > width:
        return
    assert shown(last).endswith(right)
    assert not right or len(shown(last)) == width
    assert letters("".join(map(shown, lines(row, paper)))) == letters(
        " ".join(paper.page.fit(part) for part in row.left.splitlines()) + row.middle + right
    )


@given(texts=st.lists(st.text("abñé ", min_size=1, max_size=30).map(str.strip).filter(bool)), paper=PAPERS)
def test_phrases_keep_their_order_and_none_is_broken_over_two_lines(texts: list[str], paper: Paper) -> None:
    dot = paper.page.fit(" · ")
    printed = [part for line in lines(Phrases(tuple(texts)), paper) for part in shown(line).split(dot)]
    assert printed == [paper.page.fit(text) for text in texts]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (48, ["Agua mineral sin gas 2,25 l  6 x 78,33    469,98"]),
        (32, ["Agua mineral sin gas 2,25 l", "             6 x 78,33    469,98"]),
    ],
)
def test_what_an_amount_is_made_of_stands_in_a_column_of_its_own(columns: int, expected: list[str]) -> None:
    row = Row("Agua mineral sin gas 2,25 l", "469,98", middle="6 x 78,33")
    assert list(map(shown, lines(row, Paper(columns=columns)))) == expected


@pytest.mark.parametrize(("columns", "size"), [(48, Size.HUGE), (32, Size.LARGE)])
def test_letters_of_double_width_never_cost_a_second_line(columns: int, size: Size) -> None:
    (line,) = lines(Row("TOTAL", "$ 112.413,20", Size.HUGE), Paper(columns=columns))
    assert line.spans[0].size is size


@given(box=BOXES, paper=PAPERS)
def test_a_box_is_closed_all_around_and_a_centimetre_high(box: Box, paper: Paper) -> None:
    drawn = list(lines(box, paper))
    assert {line.columns for line in drawn} == {paper.columns}
    side = "│" if paper.page.framed else "|"
    assert all(shown(line)[0] == shown(line)[-1] == side for line in drawn[1:-1])
    assert all(line.joined for line in drawn[:-1])
    # From the middle of the upper edge to the middle of the lower one.
    inside = sum(line.height for line in drawn) - drawn[0].height / 2 - drawn[-1].height / 2
    assert inside >= 10 * DOTS_PER_MM


def test_a_paragraph_keeps_its_indentation_and_its_empty_lines() -> None:
    assert list(map(shown, lines(Text("  uno\n\ndos"), Paper()))) == ["  uno", "", "dos"]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("Pan", "89,00", ["Pan                        89,00"]),
        (
            "Un detalle que ocupa dos líneas",
            "89,00",
            ["Un detalle que ocupa dos líneas", "                           89,00"],
        ),
        (
            "Un detalle mucho más largo que el papel",
            "89,00",
            ["Un detalle mucho más largo que", " el papel                  89,00"],
        ),
    ],
)
def test_the_amount_ends_the_last_line_of_its_detail(left: str, right: str, expected: list[str]) -> None:
    assert list(map(shown, lines(Row(left, right), Paper(columns=32)))) == expected
