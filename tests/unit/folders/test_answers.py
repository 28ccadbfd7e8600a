"""Answers as a program of 1990 reads them."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sincronizador.core.answer import Answer, Block, First
from sincronizador.folders import answers
from sincronizador.folders.answers import Delivery
from sincronizador.folders.layout import Layout

ENCODINGS = [
    "ascii",
    "cp850",
    "cp1252",
    "latin-1",
    "cp437",
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "",
    "rot-nada",
]
WRITTEN_IN = {"utf-8-sig": "utf-8", "utf-16": "utf-8", "utf-16-le": "utf-8", "": "ascii", "rot-nada": "ascii"}


def answer(*fields: tuple[str, str], encoding: str = "cp850", first: First = First.OK) -> Answer:
    return Answer(first=first, blocks=(Block("RESPUESTA", fields),), encoding=encoding)


def value_of(content: bytes, name: str, encoding: str) -> str:
    _, blocks = answers.parse_answer(content, encoding)
    return dict(blocks[0].fields)[name]


@given(st.text(max_size=700), st.sampled_from(ENCODINGS))
@example("ñ" * 700, "utf-8")
@example("a " * 400, "cp850")
@example(" " * 300 + "x", "ascii")
@example("[RESPUESTA]\r\nESTADO=FIRMADO\r\nTOTAL=1", "cp1252")
@example("«¿Qué?» €5 — “sí”… 1½ ﬁn", "ascii")
def test_any_value_keeps_the_form_of_an_answer(text: str, encoding: str) -> None:
    content = answers.render(answer(("MENSAJE", text), ("CODIGO", "0"), encoding=encoding))
    written = WRITTEN_IN.get(encoding, encoding)
    lines = content.split(b"\r\n")
    assert lines[:2] == [b"OK", b"[RESPUESTA]"]
    assert lines[-1] == b""
    assert all(len(line) + 2 <= 240 for line in lines)
    assert all(line.partition(b"=")[0].split(b".")[0] in (b"MENSAJE", b"CODIGO") for line in lines[2:-1])
    decoded = content.decode(written)
    assert not [c for c in decoded.replace("\r\n", "") if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


words = st.text(st.sampled_from("abcdeñÑáéíóúüÁÉÍÓÚ¿¡º,.0123456789"), min_size=2, max_size=30)
spanish = st.lists(words, min_size=1, max_size=60).map(" ".join)


@given(spanish, st.sampled_from(["cp850", "cp1252", "latin-1", "utf-8"]))
def test_spanish_comes_back_letter_by_letter(text: str, encoding: str) -> None:
    content = answers.render(answer(("MENSAJE", text), encoding=encoding))
    assert value_of(content, "MENSAJE", encoding) == text
    # Most readers trim what they read: a blank lost at a seam would join two words.
    lines = content.decode(encoding).split("\r\n")[2:-1]
    assert "".join(line.partition("=")[2].strip() for line in lines) == text


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("PEÑA Y CÍA. «ñandú» ¿sí?", "ascii", 'PENA Y CIA. "nandu" si?'),
        ("Total € 5 — “ok”…", "cp850", 'Total EUR 5 - "ok"...'),
        ("Total € 5 — “ok”…", "cp1252", "Total € 5 — “ok”…"),
        ("«ñ»", "cp850", "«ñ»"),
        ("日本 ½ ²", "ascii", "?? 1/2 2"),
        ("N\u0303andu\u0301", "cp850", "Ñandú"),
        ("uno\r\ndos\ttres\x00\x1b[31m\u202e", "cp850", "uno dos tres[31m"),
        ("V\udcd1.TXT", "cp850", "V?.TXT"),
    ],
)
def test_what_an_encoding_lacks_is_written_as_people_would(text: str, encoding: str, expected: str) -> None:
    content = answers.render(answer(("MENSAJE", text), encoding=encoding))
    assert value_of(content, "MENSAJE", encoding) == expected


def test_a_long_value_goes_on_under_a_numbered_name() -> None:
    qr = "https://www.efactura.dgi.gub.uy/consultaQR/cfe?" + "0123456789" * 50
    content = answers.render(answer(("QR", qr), ("TOTAL", "1.00")))
    names = [line.partition(b"=")[0] for line in content.split(b"\r\n")[2:-1]]
    assert names == [b"QR", b"QR.2", b"QR.3", b"TOTAL"]
    assert value_of(content, "QR", "cp850") == qr


def test_a_field_with_an_endless_name_keeps_the_line_short() -> None:
    content = answers.render(answer(("X" * 500, "v" * 500), encoding="ascii"))
    assert max(map(len, content.split(b"\r\n"))) <= 238


@pytest.mark.parametrize(
    ("name", "only_check", "expected"),
    [
        ("V1.TXT", False, "V1.RSP"),
        ("v1.txt", False, "v1.rsp"),
        ("v1.TXT", False, "v1.RSP"),
        ("V1.Txt", False, "V1.rsp"),
        ("a.b.xml", True, "a.b.val"),
        ("A.XML", True, "A.VAL"),
        ("..TXT", False, "..RSP"),
    ],
)
def test_an_answer_has_the_name_of_its_file(name: str, only_check: bool, expected: str) -> None:
    assert answers.answer_name(name, only_check=only_check) == expected


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(str(tmp_path))
    made.prepare()
    return made


def test_an_answer_and_its_copy_are_delivered(layout: Layout) -> None:
    day = Path(layout.procesados, "2026-11-21")
    day.mkdir()
    first = Delivery(
        name="V1.TXT",
        till="CAJA1",
        only_check=False,
        answer=answer(("ESTADO", "FIRMADO_LOCAL")),
        beside=str(day / "V1~e0123456789ab~CAJA1.TXT"),
    )
    second = Delivery(name="v2.xml", till="", only_check=True, answer=answer(("ESTADO", "VALIDO")))
    for _ in range(2):
        answers.deliver(layout, [first, second])
    salida = Path(layout.salida)
    assert sorted(path.name for path in (salida / "CAJA1").iterdir()) == ["V1.RSP"]
    assert (salida / "CAJA1" / "V1.RSP").read_bytes() == (day / "V1~e0123456789ab~CAJA1.RSP").read_bytes()
    assert (salida / "v2.val").read_bytes() == b"OK\r\n[RESPUESTA]\r\nESTADO=VALIDO\r\n"
    assert answers.companion_path(layout, "V1.TXT", "CAJA1", "rsp") == str(salida / "CAJA1" / "V1.RSP")
    assert answers.companion_path(layout, "V1.TXT", "CAJA1", "pdf") == str(salida / "CAJA1" / "V1.PDF")


def test_news_are_numbered_by_the_journal_and_counted(layout: Layout) -> None:
    path = answers.publish_news(layout, "CAJA1", 41, answer(("NOVEDAD", "RECHAZADO_DGI"), first=First.ERROR))
    assert path == str(Path(layout.novedades, "CAJA1", "00000041.RSP"))
    assert Path(path).read_bytes().startswith(b"ERROR\r\n")
    assert answers.news_waiting(layout, "CAJA1") == 1
    assert answers.news_waiting(layout, "") == 0


def test_bytes_that_are_no_answer_are_told() -> None:
    for content in (b"", b"[RESPUESTA]\r\n", b"HOLA\r\n", b"OK\r\nA=1\r\n"):
        with pytest.raises(ValueError, match=r"."):
            answers.parse_answer(content)


class CsvForm:
    """Answers of a mapping with ``formato = "csv"``."""

    extension = "csv"
    pending = True

    def render(self, answer: Answer) -> bytes:
        return answer.first.encode()


@pytest.mark.parametrize(("form", "names"), [(None, ["V1.CSV", "V1.RSP"]), (CsvForm(), ["V1.CSV", "V1.tabla.CSV"])])
def test_the_table_of_a_lote_and_its_answer_never_have_one_name(
    tmp_path: Path, form: CsvForm | None, names: list[str]
) -> None:
    layout = Layout(str(tmp_path))
    layout.prepare()
    table = b"N;LINEA\r\n"
    answers.deliver(
        layout, [Delivery(name="V1.TXT", till="", only_check=False, answer=answer(), form=form, table=table)]
    )
    assert sorted(path.name for path in (tmp_path / "salida").iterdir()) == names
    assert (tmp_path / "salida" / answers.table_name("V1.TXT", form)).read_bytes() == table
