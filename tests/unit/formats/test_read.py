"""A dropped file as sections, whatever its form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.sections import Reading, Section, Sections, Vocabulary
from sincronizador.errors import Rejected
from sincronizador.formats.read import read

COUNTRY = Vocabulary(fields={"DOCUMENTO": frozenset({"TIPO", "NOMBRE"})}, free=frozenset({"ADENDA"}))
TXT = "[DOCUMENTO]\r\nNOMBRE=PEÑA Y CÍA.\r\n[ADENDA]\r\n¡Adiós!\r\n[FIN]\r\n"


def from_xml(content: bytes) -> Reading:
    return Reading(sections=Sections((Section("XML", 1, text=repr(content)),)), findings=(), encoding="utf-8")


def refuse(content: bytes) -> Reading:
    raise AssertionError(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp850", "cp1252"])
def test_a_txt_says_the_same_in_every_encoding(encoding: str) -> None:
    reading = read(TXT.encode(encoding), vocabulary=COUNTRY, from_xml=refuse)
    assert reading.findings == ()
    assert reading.encoding == encoding.removesuffix("-sig")
    assert reading.sections.text_of("DOCUMENTO", "NOMBRE") == "PEÑA Y CÍA."
    assert reading.sections.items[1].text == "¡Adiós!"


def test_a_configured_encoding_is_used() -> None:
    reading = read(
        "[DOCUMENTO]\nNOMBRE=éé\n[FIN]".encode("cp1252"), vocabulary=COUNTRY, from_xml=refuse, encoding="cp850"
    )
    assert reading.sections.text_of("DOCUMENTO", "NOMBRE") == "ÚÚ"


@pytest.mark.parametrize("tail", [b"", b"\x1a", b"\r\n\0\0\0"])
def test_an_xml_goes_to_its_country_without_what_old_programs_leave_behind(tail: bytes) -> None:
    reading = read(b"<CFE/>" + tail, vocabulary=COUNTRY, from_xml=from_xml)
    assert reading.sections.items[0].text == repr(b"<CFE/>")


def test_an_xml_in_utf_16_goes_to_its_country_untouched() -> None:
    content = "<CFE/>\n".encode("utf-16-le")
    assert read(content, vocabulary=COUNTRY, from_xml=from_xml).sections.items[0].text == repr(content)


@pytest.mark.parametrize("content", [b"", b"\x1a", b"\0" * 100, bytes(range(1, 200))])
def test_what_is_no_text_is_rejected(content: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        read(content, vocabulary=COUNTRY, from_xml=refuse)
    assert caught.value.code == "E0101"


UNICODE = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"))
LETTERS = {
    codec: "".join(letter for letter in bytes(range(32, 256)).decode(codec, "ignore") if letter.isprintable())
    for codec in ("cp850", "cp1252", "iso8859-1")
} | dict.fromkeys(("utf-8", "utf-8-sig", "utf-16"), UNICODE)


@given(
    st.sampled_from(sorted(LETTERS)).flatmap(
        lambda codec: st.tuples(st.just(codec), st.text(LETTERS[codec], min_size=1))
    ),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.sampled_from(["", "\x1a", "\0\0", "  \r\n"]),
)
def test_a_text_in_its_named_encoding_comes_back(written: tuple[str, str], end: str, tail: str) -> None:
    codec, text = written
    escaped = text.replace("\\", "\\\\")
    content = end.join(["[DOCUMENTO]", f"NOMBRE={escaped}", "[ADENDA]", f"x{text}", "[FIN]", tail]).encode(codec)
    reading = read(content, vocabulary=COUNTRY, from_xml=refuse, encoding=codec)
    assert reading.findings == ()
    expected = unicodedata.normalize("NFC", text)
    assert reading.sections.text_of("DOCUMENTO", "NOMBRE") == expected.strip()
    assert reading.sections.items[-1].text == f"x{expected}".rstrip()
