"""Whether a dropped file is whole."""

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.formats.whole import first_section, is_xml, missing

TXT = "[DOCUMENTO]\r\nTIPO=101\r\n[ITEM]\r\nDETALLE=Café\r\n[FIN]\r\n"
XML = '<?xml version="1.0"?>\n<!-- x -->\n<CFE a="&lt;"><Item>Café &amp; t\u00e9</Item><B/></CFE>\n'
UTF_16 = [codecs.BOM_UTF16_LE + TXT.encode("utf-16-le"), TXT.encode("utf-16-le"), TXT.encode("utf-16-be")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp850", "cp1252"])
@pytest.mark.parametrize("tail", ["", "\x1a", "\0" * 3000, " \r\n\r\n\t", "\n\x1a\0 \n"])
@pytest.mark.parametrize("end", ["[FIN]", "[fin]", "  [FIN]", "[FIN]   ", "[ Fin ]", "[FIN]\0\0"])
def test_a_txt_is_whole_at_its_last_line(encoding: str, tail: str, end: str) -> None:
    assert missing(f"[ITEM]\r\nDETALLE=Café\r\n{end}{tail}".encode(encoding), xml=False) is None


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-16-be"])
def test_no_beginning_of_a_txt_is_whole(end: str, encoding: str) -> None:
    text = TXT.replace("\r\n", end)
    content, close = text.encode(encoding), len(text[: text.rindex("]")].encode(encoding))
    for length in range(close):
        assert missing(content[:length], xml=False) == "la línea [FIN]", length


@pytest.mark.parametrize(
    "last",
    [
        "X=[FIN]",
        "[FIN] x",
        "[FIN",
        "[FINAL]",
        "; [FIN]",
        "x" * 10_000 + "[FIN]",
        "x" + " " * 10_000 + "[FIN]",
        "[FIN]\n[ITEM]\nA=1",
    ],
)
def test_an_end_that_is_not_its_own_last_line_is_none(last: str) -> None:
    assert missing(f"[ITEM]\n{last}\n".encode(), xml=False) == "la línea [FIN]"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_no_beginning_of_an_xml_is_whole(encoding: str) -> None:
    content = XML.encode(encoding)
    whole = len(XML[: XML.rindex(">") + 1].encode(encoding))
    for length in range(whole):
        assert missing(content[:length], xml=True) is not None, length
    assert missing(content[:whole], xml=True) is missing(content, xml=True) is None


def test_an_xml_says_which_tag_is_open() -> None:
    assert missing(b"<CFE><A></A>", xml=True) == "el cierre </CFE>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_copy_that_got_its_size_before_its_bytes_is_not_whole(encoding: str) -> None:
    content = XML.encode(encoding)
    for length in (4, 30, 60, len(content) - 14):
        padded = content[:length].ljust(len(content), b"\0")
        assert missing(padded, xml=True) is not None, length


@pytest.mark.parametrize(
    "content",
    [
        b"<CFE><A></CFE>",
        b"<CFE>&nada;",
        b"<CFE a=1>",
        b"<<",
        b"<!DOCTYPE a [<!ENTITY b 'c'>",
        b"<?xml version='1.0' encoding='nada'?><CFE>",
        b"<?xml version='1.0' encoding='utf-32'?><CFE>",
        b"<?xml version='1.0' encoding='utf-8'?><CFE>\xf1</CFE>",
    ],
)
def test_a_malformed_xml_is_whole_so_that_it_is_refused_and_not_waited_for(content: bytes) -> None:
    assert missing(content, xml=True) is None


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "cp850"])
def test_an_xml_in_a_declared_code_page_is_followed_to_its_end(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><CFE>ñ</CFE>'.encode(encoding)
    assert missing(content, xml=True) is None
    assert missing(content[:-3], xml=True) == "el cierre </CFE>"


def test_a_dtd_bomb_costs_nothing() -> None:
    levels = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    begin = time.perf_counter()
    assert missing(f'<!DOCTYPE a [<!ENTITY l0 "ja">{levels}]><a>&l12;</a>'.encode(), xml=True) is None
    assert time.perf_counter() - begin < 0.5


def test_the_content_rules_over_the_name() -> None:
    assert missing(XML.encode(), xml=False) is None
    assert missing(TXT.encode(), xml=True) is None
    assert missing(TXT[:-7].encode(), xml=True) == "la línea [FIN]"


@pytest.mark.parametrize(("xml", "lack"), [(True, "el contenido"), (False, "la línea [FIN]")])
@pytest.mark.parametrize("content", [b"", b"\r\n", b"\0\0\0", codecs.BOM_UTF16_LE])
def test_nothing_at_all_is_not_whole(content: bytes, xml: bool, lack: str) -> None:
    if content != codecs.BOM_UTF16_LE:
        assert missing(content, xml=xml) == lack
    assert missing(content, xml=xml)


@pytest.mark.parametrize(
    "content",
    [b"<a/>", b"\r\n <a/>", "<a/>".encode("utf-8-sig"), "\n<a/>".encode("utf-16"), "<a/>".encode("utf-16-be")],
)
def test_an_xml_is_told_by_its_first_character(content: bytes) -> None:
    assert is_xml(content)


@pytest.mark.parametrize("content", [b"", b"[A]", b"x<a/>", "[A]".encode("utf-16"), b"\x1a<"])
def test_anything_else_is_no_xml(content: bytes) -> None:
    assert not is_xml(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp850"])
def test_the_first_section_is_seen_before_the_file_is_read(encoding: str) -> None:
    assert first_section("; peña\r\n\r\n[retirar]\r\nREFERENCIA=V1\r\n[FIN]\r\n".encode(encoding)) == "RETIRAR"


@pytest.mark.parametrize("content", [b"", b"hola", b"\xff\xfe", b"<a/>", b"[" * 5000])
def test_a_file_without_sections_has_no_first(content: bytes) -> None:
    assert first_section(content) == ""


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_judged(content: bytes, xml: bool) -> None:
    assert missing(content, xml=xml) is None or missing(content, xml=xml)
    assert isinstance(first_section(content), str)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "utf-16-be"]))
def test_any_text_with_its_end_is_whole_unless_it_is_xml(text: str, encoding: str) -> None:
    content = f"[ADENDA]\n{text}\n[FIN]\n".encode(encoding, errors="replace")
    assert missing(content, xml=False) is None


@pytest.mark.parametrize(
    "content", [b"[ITEM]\n" + b"A=1\n" * 1_200_000, b"\n" * 5_000_000, b"<a>" + b"<b/>" * 1_200_000]
)
def test_five_megabytes_are_judged_in_a_moment(content: bytes) -> None:
    begin = time.perf_counter()
    assert missing(content, xml=False)
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "utf-16"])
def test_a_txt_with_a_hole_of_zeros_is_not_whole_whatever_its_end_says(encoding: str) -> None:
    content = ("[ITEM]\r\nDETALLE=Azúcar\r\n" * 100 + "[FIN]\r\n").encode(encoding)
    assert missing(content, xml=False) is None
    for start in (0, 512, 1024):
        torn = content[:start] + bytes(512) + content[start + 512 :]
        assert missing(torn, xml=False) is not None, start


@pytest.mark.parametrize("line", ["DETALLE=Pan" + "\0" * 200, "DETALLE\0\0=\0Pan"])
def test_fields_that_are_padded_with_zeros_are_no_holes(line: str) -> None:
    assert missing(f"[ITEM]\r\n{line}\r\n[FIN]\r\n".encode(), xml=False) is None
