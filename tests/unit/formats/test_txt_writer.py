"""What is written as TXT is read back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.sections import Entry, Section, Sections, Vocabulary
from sincronizador.formats.txt import parse
from sincronizador.formats.txt_writer import write

VOCABULARY = Vocabulary(
    fields={"DOCUMENTO": frozenset({"TIPO", "REFERENCIA"}), "ITEM": frozenset({"DETALLE"}), "EXTRA": frozenset()},
    free=frozenset({"ADENDA"}),
)
NAMES = {"DOCUMENTO": ("TIPO", "REFERENCIA"), "ITEM": ("DETALLE",), "EXTRA": ("MESA", "X_NOTA")}

letters = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\\n=[];#áÑ")
values = st.text(letters, max_size=60).map(lambda text: text.replace("\ufffe", "").strip()).filter(bool)
lines = st.lists(
    st.text(letters, max_size=30).map(lambda text: text.replace("\n", "").rstrip()), min_size=1, max_size=4
)


@st.composite
def section(draw: st.DrawFn) -> Section:
    name = draw(st.sampled_from([*NAMES, "ADENDA"]))
    if name == "ADENDA":
        text = "\n".join(line for line in draw(lines) if not line.lstrip().startswith("["))
        return Section(name, 0, (), text.strip("\n"))
    names = draw(st.lists(st.sampled_from(NAMES[name]), unique=True, min_size=1))
    return Section(name, 0, tuple(Entry(field, draw(values), 0) for field in names))


def without_lines(sections: Sections) -> list[Section]:
    return [
        replace(one, line=0, entries=tuple(replace(entry, line=0) for entry in one.entries)) for one in sections
    ]  # fmt: skip


@given(st.lists(section(), max_size=6))
def test_what_is_written_reads_back_to_the_same_sections(sections: list[Section]) -> None:
    reading = parse(write(sections), VOCABULARY, "utf-8")
    assert without_lines(reading.sections) == [one for one in sections if one.entries or one.text]
    assert reading.findings == ()


def test_a_line_of_free_text_is_never_taken_for_a_section() -> None:
    adenda = Section("ADENDA", 1, (), "Gracias\n[ITEM]\n[FIN]\nvuelva")
    (read,) = parse(write([adenda]), VOCABULARY, "utf-8").sections
    assert read.text == "Gracias\n[ITEM].\n[FIN].\nvuelva"


def test_it_is_what_the_manual_shows() -> None:
    sections = [
        Section("DOCUMENTO", 1, (Entry("TIPO", "101", 2),)),
        Section("ITEM", 3, (Entry("DETALLE", "a\nb\\", 4),)),
    ]
    assert write(sections) == "[DOCUMENTO]\nTIPO=101\n[ITEM]\nDETALLE=a\\nb\\\\\n[FIN]\n"
