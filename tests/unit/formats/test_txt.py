"""The form of a TXT."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.finding import MOST_FINDINGS, Finding
from sincronizador.core.sections import Entry, Reading, Section, Vocabulary
from sincronizador.formats.txt import canonical, parse, section_name

VOCABULARY = Vocabulary(
    fields={
        "DOCUMENTO": frozenset({"TIPO", "REFERENCIA", "FECHA", "FORMA_PAGO"}),
        "RECEPTOR": frozenset({"DOCUMENTO", "NOMBRE"}),
        "ITEM": frozenset({"DETALLE", "CANTIDAD", "PRECIO", "IVA"}),
        "EXTRA": frozenset(),
    },
    free=frozenset({"ADENDA"}),
    kin={"": {"RENGLON": "ITEM"}, "ITEM": {"NOMBRE": "DETALLE"}},
)


def read(text: str) -> Reading:
    return parse(text, VOCABULARY, "utf-8")


def errors(text: str) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.line) for finding in read(text).findings]


def only(text: str) -> Finding:
    (finding,) = read(text).findings
    return finding


def value(line: str) -> str:
    reading = read(f"[ITEM]\n{line}\n[FIN]")
    assert reading.findings == ()
    return reading.sections.text_of("ITEM", "DETALLE")


def test_a_sale_is_read_with_the_line_of_every_field() -> None:
    reading = read("[DOCUMENTO]\nTIPO=101\n\n[ITEM]\nDETALLE=Café\n[ITEM]\nDETALLE=Pan\n[FIN]\n")
    assert reading.sections.items == (
        Section("DOCUMENTO", 1, (Entry("TIPO", "101", 2),)),
        Section("ITEM", 4, (Entry("DETALLE", "Café", 5),)),
        Section("ITEM", 6, (Entry("DETALLE", "Pan", 7),)),
    )
    assert (reading.findings, reading.encoding) == ((), "utf-8")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("tail", ["", "\x1a", "\0" * 400, "   \r\n\r\n", "\r\n\x1a\0\0 "])
def test_line_ends_and_what_old_programs_leave_behind_change_nothing(end: str, tail: str) -> None:
    text = end.join(["[ITEM]", "DETALLE=Pan", "[FIN]"]) + tail
    assert read(text) == read("[ITEM]\nDETALLE=Pan\n[FIN]")


@pytest.mark.parametrize(
    "line", ["detalle=x", "  DETALLE  =  x  ", "Detalle=x\t", "DÉTALLE=x", "DETALLE=x\0\0\0", "DE\u0301TALLE=x"]
)
def test_case_accents_and_blanks_around_a_field_do_not_matter(line: str) -> None:
    assert value(line) == "x"


@pytest.mark.parametrize("header", ["[item]", " [ITEM] ", "[Ítem]", "[ ITEM ]", "[ITEM]\0\0"])
def test_case_accents_and_blanks_in_a_header_do_not_matter(header: str) -> None:
    assert read(f"{header}\nDETALLE=x").sections.items[0].name == "ITEM"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"a\nb", "a\nb"),
        (r"a\\nb", r"a\nb"),
        (r"a\\\nb", "a\\\nb"),
        (r"C:\temp\Nada", r"C:\temp\Nada"),
        ("a\\", "a\\"),
        ("a=b;c#d", "a=b;c#d"),
        ("a\x85b\u2028c", "a\x85b\u2028c"),
    ],
)
def test_a_value_keeps_everything_but_its_escapes(written: str, read_as: str) -> None:
    assert value(f"DETALLE={written}") == read_as


@pytest.mark.parametrize(
    "line", ["; nada", "# nada", "  ;DETALLE=no", "", "   ", "\t", "\x0c", "DETALLE=", "DETALLE=  ", "detalle=\\n"]
)
def test_comments_blank_lines_and_empty_fields_say_nothing(line: str) -> None:
    reading = read(f"[ITEM]\n{line}\n[FIN]")
    assert (reading.sections.items, reading.findings) == ((), ())


def test_a_field_that_was_empty_before_is_not_twice() -> None:
    assert value("DETALLE=\nDETALLE=x") == "x"


def test_a_field_twice_is_told_at_the_second() -> None:
    finding = only("[ITEM]\nPRECIO=1\nDETALLE=x\nprecio=1\n[FIN]")
    assert (finding.code, finding.line, finding.field) == ("E0203", 4, "PRECIO")
    assert "línea 2" in finding.message


def test_fields_that_begin_with_x_are_kept_and_never_an_error() -> None:
    reading = read("[ITEM]\nDETALLE=x\nX_MIO=1\nx_mio=2\n[FIN]")
    assert reading.findings == ()
    assert [entry.text for entry in reading.sections.items[0].entries] == ["x", "1", "2"]


def test_a_section_of_any_field_takes_any() -> None:
    reading = read("[EXTRA]\nMesa=4\nMOZO=Ana\n[FIN]")
    assert (reading.findings, reading.sections.text_of("EXTRA", "MESA")) == ((), "4")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CANTIDA", "CANTIDAD"),
        ("PRESIO", "PRECIO"),
        ("REFERENCIA", "[DOCUMENTO]"),
        ("ZZZ", "CANTIDAD, DETALLE, IVA, PRECIO"),
    ],
)
def test_an_unknown_field_names_what_was_meant(name: str, hint: str) -> None:
    finding = only(f"[ITEM]\n{name}=1\n[FIN]")
    assert (finding.code, finding.line, finding.field) == ("E0201", 2, name)
    assert hint in (finding.hint or "")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ITEMS", "[ITEM]"),
        ("DOCUMENTOS", "[DOCUMENTO]"),
        ("QQQ", "[ADENDA], [DOCUMENTO]"),
        ("COBRO", "no está disponible"),
    ],
)
def test_an_unknown_section_names_what_was_meant_and_is_told_once(name: str, hint: str) -> None:
    finding = only(f"[{name}]\nREFERENCIA=1\n[FIN]" if name == "DOCUMENTOS" else f"[{name}]\nDETALLE=x\n[FIN]")
    assert (finding.code, finding.line, finding.value) == ("E0202", 1, name)
    assert hint in (finding.hint or "")


def test_nothing_is_told_of_what_stands_in_a_section_that_nobody_knows() -> None:
    assert errors("[QQQ]\nMONTO=1\nsin igual\n[FIN]") == [("E0202", 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[ITEMS]\nDETALLE=Pan\n[FIN]", "E0202"),
        ("[RENGLON]\nDETALLE=Pan\n[FIN]", "E0202"),
        ("[ITEM]\nDETALE=Pan\n[FIN]", "E0201"),
        ("[ITEM]\nDETA=Pan\n[FIN]", "E0201"),
        ("[ITEM]\nNOMBRE=Pan\n[FIN]", "E0201"),
        ("[ITEM]\nDETALLE: Pan\n[FIN]", "E0204"),
        ("[ITEM]\nDETALLE\tPan\n[FIN]", "E0204"),
        ("[ITEM]\nDetalle Pan\n[FIN]", "E0204"),
    ],
)
def test_what_was_meant_is_read_so_that_nothing_is_told_twice(text: str, code: str) -> None:
    reading = read(text)
    assert [finding.code for finding in reading.findings] == [code]
    assert reading.sections.text_of("ITEM", "DETALLE") == "Pan"
    assert not reading.sections.is_partial


def test_what_was_meant_does_not_take_the_place_of_what_is_there() -> None:
    reading = read("[ITEM]\nDETALE=Pan\nDETALLE=Leche\nDETALLE: Vino\n[FIN]")
    assert [finding.code for finding in reading.findings] == ["E0201", "E0204"]
    assert [entry.text for entry in reading.sections.items[0].entries] == ["Leche"]


@pytest.mark.parametrize(
    "text", ["hola\n[ITEM]\nIVA=1", "[QQQ]\nIVA=1", "[COBRO]\nIVA=1", "[ITEM]\nIVA=1\nveinte y dos"]
)
def test_a_file_says_that_something_in_it_could_not_be_placed(text: str) -> None:
    assert read(text + "\n[FIN]").sections.is_partial
    assert not read("[ITEM]\nIVA=1\nCOLOR=rojo\n[QQQ]\n[FIN]").sections.is_partial


def test_all_findings_come_at_once_in_order_of_line() -> None:
    text = "hola\nqué tal\n[DOCUMENTO]\nTIPO=1\nTIPO=2\nCAJA 3\n[NADA]\n[ITEM]\nCOLOR=azul\n=5\n[FIN]\n"
    assert errors(text) == [("E0210", 1), ("E0203", 5), ("E0204", 6), ("E0202", 7), ("E0201", 9), ("E0204", 10)]


def test_the_adenda_is_free_up_to_a_known_section() -> None:
    text = "[ADENDA]\n\n  Gracias \\n por [su] compra\n; no es comentario\n[total: 5]\nA=B\n\n[item]\nDETALLE=x\n[FIN]"
    reading = read(text)
    assert reading.findings == ()
    assert reading.sections.items[0].text == "  Gracias \\n por [su] compra\n; no es comentario\n[total: 5]\nA=B"
    assert reading.sections.items[1].name == "ITEM"


def test_an_adenda_ends_at_a_section_that_is_only_reserved() -> None:
    assert errors("[ADENDA]\nGracias\n[COBRO]\nMONTO=1\n[FIN]") == [("E0202", 3)]


def test_an_empty_adenda_is_absent() -> None:
    assert read("[ADENDA]\n\n   \n[FIN]").sections.items == ()


def test_what_follows_the_end_is_a_second_request_and_not_lost() -> None:
    assert errors("[ITEM]\nDETALLE=x\n[FIN]\n\n[ITEM]\nDETALLE=y\n[FIN]\n") == [("E0111", 5)]


@pytest.mark.parametrize("where", ["[ITEM]\nDETALLE=a{}b\n[FIN]", "[ADENDA]\na{}b\n[FIN]"])
def test_control_characters_are_refused_because_no_document_can_carry_them(where: str) -> None:
    for char in ("\x1b", "\x07", "\x0b", "\x1a"):
        finding = only(where.format(char))
        assert (finding.code, finding.line) == ("E0208", 2)
        assert f"{ord(char):02X}" in finding.message
        assert char not in (finding.value or "")


def test_a_tab_inside_a_value_is_kept() -> None:
    assert value("DETALLE=a\tb") == "a\tb"


def test_a_file_of_another_kind_is_told_shortly() -> None:
    assert errors("A;1;2\nB;3;4\n" * 5000) == [("E0210", 1)]
    assert len(errors("[ITEM]\n" + "basura\n" * 5000)) == MOST_FINDINGS


@pytest.mark.parametrize(
    "text",
    [
        "[ITEM]\n" + "".join(f"campo{n}=1\n" for n in range(300_000)),
        "[" + "X" * 3_000_000 + "]",
        "".join(f"[S{n}]\n" for n in range(400_000)),
        "[ITEM]\nDETALLE=" + "x" * 4_000_000,
        "[" * 3_000_000,
        "\n" * 3_000_000 + "[FIN]",
    ],
    ids=["fields", "header", "sections", "value", "brackets", "lines"],
)
def test_a_monstrous_file_is_read_in_a_moment(text: str) -> None:
    begin = time.process_time()
    reading = read(text)
    assert time.process_time() - begin < 10
    assert all(len(finding.value or "") < 100 for finding in reading.findings)


NAMES = st.sampled_from(sorted(VOCABULARY.fields["ITEM"]))
PRINTABLE = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"))
VALUES = st.text(alphabet=PRINTABLE, min_size=1, max_size=20).map(str.strip).filter(bool)
NOISE = st.sampled_from(["", "   ", "; nota", "# nota", "\t"])


def render(items: list[dict[str, str]], end: str, shout: bool, blanks: str, noise: str) -> str:
    lines = []
    for item in items:
        lines += [noise, f"{blanks}[{'ITEM' if shout else 'ítem'}]{blanks}"]
        for name, text in item.items():
            escaped = text.replace("\\", "\\\\")
            lines += [f"{blanks}{name if shout else name.lower()}{blanks}={blanks}{escaped}{blanks}", noise]
    return end.join([*lines, "[FIN]", ""])


@given(
    st.lists(st.dictionaries(NAMES, VALUES, min_size=1), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.booleans(),
    st.sampled_from(["", " ", "\t", "\0"]),
    NOISE,
)
def test_whatever_is_written_is_read_back(
    items: list[dict[str, str]], end: str, shout: bool, blanks: str, noise: str
) -> None:
    reading = read(render(items, end, shout, blanks, noise))
    assert reading.findings == ()
    assert [{entry.name: entry.text for entry in section.entries} for section in reading.sections] == items


@given(
    st.text(alphabet=st.sampled_from("[]=;#\\n\r\n\0\x1a ITEMFINADENDA\u0301é"), max_size=120) | st.text(max_size=200)
)
def test_any_text_gives_sections_that_keep_their_promises(text: str) -> None:
    reading = read(text)
    places = [finding.place for finding in reading.findings]
    assert places == sorted(places)
    for section in reading.sections:
        assert section.entries or section.text
        assert all(entry.text == entry.text.strip() != "" for entry in section.entries)
        assert all(entry.name == canonical(entry.name) for entry in section.entries)


@given(st.text(max_size=30))
def test_a_canonical_name_stays_as_it_is(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)
    assert canonical(unicodedata.normalize("NFD", name)) == canonical(name)


@pytest.mark.parametrize("line", ["ITEM", "[ITEM", "ITEM]", "[A=B]", "[A]]", "[[A]", "x [A]", "[A] x"])
def test_what_is_no_header_is_none(line: str) -> None:
    assert section_name(line) is None
