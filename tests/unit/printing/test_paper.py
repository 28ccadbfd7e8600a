"""Any text fits any code page, and the bytes are those of the page and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.ticket import Text, Ticket
from sincronizador.printing.commands import commands
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import CODE_PAGES, CodePage, Paper

PAGES = [pytest.param(page, id=name) for name, page in CODE_PAGES.items()]
SPANISH = "áéíóúüñÁÉÍÓÚÜÑ¿¡ºª°€«»“”–—…"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("letter", SPANISH)
def test_no_letter_of_spanish_prose_becomes_a_question_mark(page: CodePage, letter: str) -> None:
    assert "?" not in page.fit(letter)


@pytest.mark.parametrize(
    ("name", "text", "fitted"),
    [
        ("CP858", "PEÑA Y CÍA. 5 €", "PEÑA Y CÍA. 5 €"),
        ("CP850", "PEÑA Y CÍA. 5 €", "PEÑA Y CÍA. 5 EUR"),
        ("CP437", "PEÑA Y CÍA. Nº 1", "PEÑA Y CIA. Nº 1"),
        ("CP1252", "“Peña” – 5 €", "“Peña” – 5 €"),
        ("ASCII", "¿Peña? ¡Sí! ½ …", "Pena? Si! 1/2 ..."),
        ("CP858", "Pen\u0303a Ма", "Peña ??"),
    ],
)
def test_what_a_page_lacks_is_transliterated(name: str, text: str, fitted: str) -> None:
    assert CODE_PAGES[name].fit(text) == fitted


@pytest.mark.parametrize("page", PAGES)
@given(text=st.text())
def test_a_fitted_text_is_printable_on_its_page(page: CodePage, text: str) -> None:
    fitted = page.fit(text)
    assert fitted.encode(page.codec).decode(page.codec) == fitted
    assert not any(letter < " " or letter == "\x7f" for letter in fitted)
    assert page.fit(fitted) == fitted


@pytest.mark.parametrize("page", PAGES)
def test_every_letter_of_a_page_is_sent_as_its_byte(page: CodePage) -> None:
    # The library has tables of its own; a byte that differs from the codec's would print another letter.
    letters = "".join(bytes([code]).decode(page.codec, "ignore") for code in range(0x21, 0x100))
    fitted = page.fit(letters).rstrip()
    sent = encode(Ticket((Text(fitted),)), Paper(columns=len(fitted), page=page))
    assert b"".join(command.data for command in commands(sent) if not command.name) == fitted.encode(page.codec)


@given(text=st.text(st.characters(max_codepoint=0x9F), max_size=60))
def test_no_text_can_command_the_printer(text: str) -> None:
    harmless = encode(Ticket((Text("x"),)), Paper())
    sent = encode(Ticket((Text(text),)), Paper())
    assert {command.name for command in commands(sent)} <= {command.name for command in commands(harmless)} | {b""}
