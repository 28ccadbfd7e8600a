"""The A4 form: everything is on it, every sheet says whose it is, and the QR can be read from its raster."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from sincronizador.core.ticket import Align, Column, Page, Row, Size, Text
from sincronizador.engine.representing import _BLANK
from sincronizador.printing.a4.color import CONTRAST, accent, contrast
from sincronizador.printing.pdf import render_pdf

zxingcpp = pytest.importorskip("zxingcpp", reason="pip install zxing-cpp")
if shutil.which("pdftoppm") is None or shutil.which("pdftotext") is None:
    pytest.skip("apt install poppler-utils", allow_module_level=True)

DPI = 200


def sheets(content: bytes) -> list[str]:
    """The text of each sheet, blanks squeezed."""
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    return [re.sub(r"\s+", " ", sheet) for sheet in told.decode().split("\f")[:-1]]


def rasters(content: bytes, folder: Path) -> list[Image.Image]:
    (folder / "x.pdf").write_bytes(content)
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "x.pdf", "x"], cwd=folder, check=True)
    return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(folder.glob("x-*.pgm"))]


def long(page: Page, count: int = 90) -> Page:
    return replace(page, rows=tuple((str(at), f"Artículo {at} de la lista", "1,00") for at in range(1, count + 1)))


def test_one_sheet_carries_everything(page: Page) -> None:
    (text,) = sheets(render_pdf(page))
    wanted = [text.text for part in (page.emisor, page.documento, page.receptor, page.notas, page.pie) for text in part]
    wanted += [side for row in (*page.datos, *page.totales) for side in (row.left, row.right)]
    wanted += [cell for row in page.rows for cell in row] + [column.title for column in page.columns]
    wanted += [page.vencimiento, "ADENDA", page.adenda, page.bajo_qr, "Página 1 de 1"]
    assert [words for words in wanted if words not in text] == []


def test_no_adenda_and_no_box_for_it(page: Page) -> None:
    assert "ADENDA" not in sheets(render_pdf(replace(page, adenda=" \n")))[0]


def test_every_further_sheet_says_whose_it_is_and_only_the_last_closes(page: Page) -> None:
    texts = sheets(render_pdf(long(page)))
    assert len(texts) > 1
    for number, text in enumerate(texts, 1):
        for words in ("PEÑA Y CÍA. S.A.", "RUC 214844360018", "e-Factura A 1234", "211003420017"):
            assert words in text
        assert f"Página {number} de {len(texts)}" in text
        for words in ("Res. 1234/2026", "Fecha de vencimiento", "Zm9vYm"):
            assert (words in text) == (number == len(texts))
    assert " ".join(texts).count("$ 2.440,00") == 1
    assert all(f"Artículo {at} de la lista" in " ".join(texts) for at in range(1, 91))


def test_the_qr_of_every_sheet_is_read_back_between_22_and_30_mm(page: Page, tmp_path: Path) -> None:
    images = rasters(render_pdf(replace(long(page), marca="COPIA - PRUEBA")), tmp_path)
    assert len(images) > 1
    for image in images:
        (found,) = zxingcpp.read_barcodes(image)
        assert found.text == page.qr
        width = (found.position.top_right.x - found.position.top_left.x) / DPI * 25.4
        assert 22 <= width <= 30
        left, top = found.position.top_left.x, found.position.top_left.y
        clear = round(3 / 25.4 * DPI)
        around = image.crop((left - clear, top - clear, left - 2, top + round(width / 25.4 * DPI)))
        assert around.getextrema()[0] > 128


def test_nothing_is_drawn_within_five_millimetres_of_the_edge(page: Page, tmp_path: Path) -> None:
    (image,) = rasters(render_pdf(replace(page, marca="COPIA - PRUEBA")), tmp_path)
    edge = round(5 / 25.4 * DPI)
    inner = (edge, edge, image.width - edge, image.height - edge)
    blank = image.copy()
    blank.paste(255, inner)
    assert blank.getextrema() == (255, 255)
    assert (round(image.width / DPI * 25.4), round(image.height / DPI * 25.4)) == (210, 297)


def test_the_same_page_gives_the_same_bytes(page: Page) -> None:
    foreign = replace(page, emisor=(Text("Łódź Привет"),))
    assert render_pdf(page) == render_pdf(page)
    assert render_pdf(foreign) == render_pdf(foreign)


def test_letters_beyond_latin_1_are_whole_and_what_no_font_has_is_told_in_others(page: Page) -> None:
    names = "Łódź Привет ΑΒΓ € “sí” ½ 3.er – É ✓ → 日本 \x1b\u200bfin"
    (text,) = sheets(render_pdf(replace(page, emisor=(Text(names),))))
    assert "Łódź Привет ΑΒΓ € “sí” ½ 3.er – É ✓ → ?? fin" in text


def test_every_font_is_embedded_in_part_and_its_letters_can_be_copied(page: Page) -> None:
    foreign = replace(page, emisor=(Text("✓"),))
    told = subprocess.run(["pdffonts", "-"], input=render_pdf(foreign), capture_output=True, check=True).stdout.decode()
    fonts = [line.split() for line in told.splitlines()[2:]]
    assert {font[0].partition("+")[2] for font in fonts} == {"Roboto-Bold", "DejaVuSansMono", "Roboto-Regular"}
    assert all(font[-5:-2] == ["yes", "yes", "yes"] for font in fonts), told


def test_the_file_says_what_it_is_and_is_small(page: Page) -> None:
    content = render_pdf(page)
    told = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True).stdout.decode()
    for words in (r"Title: +e-Factura A 1234\n", r"Author: +PEÑA Y CÍA. S.A.\n", r"A4"):
        assert re.search(words, told), words
    assert b"/Lang (es-UY)" in content
    assert len(content) < 30_000


def test_text_is_read_in_the_order_in_which_a_person_does(page: Page) -> None:
    told = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=render_pdf(page), capture_output=True, check=True
    ).stdout.decode()
    order = ("PEÑA", "RUC 2148", "RUC COMPRADOR", "Fecha", "Detalle", "Café", "Pan", "TOTAL", "ADENDA", "Zm9vYm", "CAE")
    places = [told.index(words) for words in order]
    assert places == sorted(places)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns at every opportunity."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_documents_made_at_once_are_those_made_one_by_one(page: Page) -> None:
    """Composed letters are looked up by a place in the font that all of them share."""
    letters = [chr(code) for code in range(0xC0, 0x240)]
    pages = [replace(page, qr="QR", emisor=(Text("".join(letters[at % 5 :: 2]), bold=True),)) for at in range(30)]
    one_by_one = [render_pdf(each) for each in pages]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2):
            assert list(pool.map(render_pdf, pages)) == one_by_one


def bounds(content: bytes) -> dict[str, tuple[float, float]]:
    """The left and right edge of each word, in points."""
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True).stdout
    found = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)<', told.decode())
    return {word: (float(left), float(right)) for left, right, word in found}


def test_decimal_commas_stand_one_below_the_other(page: Page) -> None:
    first, *others = page.columns
    rows = tuple((cell, "x", "1,00") for cell in ("7", "12,5", "0,1234", "1.000,75", "según"))
    edges = bounds(render_pdf(replace(page, columns=(replace(first, decimal=True), *others), rows=rows)))
    ends = {word: right for word, (_, right) in edges.items()}
    figure = 8.5 * 0.5615
    comma = ends["7"]
    assert ends["0,1234"] - comma == pytest.approx(8.5 * 0.196 + 4 * figure, abs=0.3)
    assert ends["0,1234"] - ends["12,5"] == pytest.approx(3 * figure, abs=0.3)
    assert ends["0,1234"] - ends["1.000,75"] == pytest.approx(2 * figure, abs=0.3)
    assert ends["según"] == pytest.approx(ends["0,1234"], abs=0.3)


def test_no_amount_is_divided_however_large_it_is(page: Page) -> None:
    huge = "-1.234.567.890.123.456,78"
    assert huge in bounds(render_pdf(replace(page, rows=(("1", "Café " * 40, huge),))))
    assert huge in bounds(render_pdf(replace(page, totales=(Row("TOTAL", huge, Size.LARGE, bold=True),))))


@pytest.mark.parametrize("count", range(30, 56))
def test_totals_never_stand_on_a_sheet_without_a_line(page: Page, count: int) -> None:
    """Whatever the count: at some they do not fit below the last line and take it with them."""
    (closing,) = (text for text in sheets(render_pdf(long(page, count))) if "TOTAL" in text)
    assert f"Artículo {count} de la lista" in closing
    assert "Detalle" in closing


def test_more_references_than_a_sheet_holds_are_all_there(page: Page) -> None:
    notes = tuple(Text(f"Referencia {at}.") for at in range(150))
    texts = sheets(render_pdf(replace(page, notas=notes)))
    assert all(f"Referencia {at}." in " ".join(texts) for at in range(150))
    assert sum("TOTAL" in text for text in texts) == 1


def test_a_logo_stands_at_the_top_and_takes_less_than_a_fifth(page: Page, tmp_path: Path) -> None:
    for size in ((2000, 100), (100, 1000), (900, 300)):
        content = io.BytesIO()
        Image.new("RGBA", size, (200, 0, 0, 255)).save(content, "PNG")
        pdf = render_pdf(replace(page, logo=content.getvalue()))
        (folder := tmp_path / str(size)).mkdir()
        (folder / "x.pdf").write_bytes(pdf)
        subprocess.run(["pdftoppm", "-r", "72", "x.pdf", "x"], cwd=folder, check=True)
        (picture,) = (Image.open(path) for path in folder.glob("x-*.ppm"))
        red = Image.eval(picture.getchannel("R"), lambda value: 255 if value > 150 else 0)
        green = Image.eval(picture.getchannel("G"), lambda value: 255 if value < 60 else 0)
        left, top, right, foot = ImageChops.darker(red, green).getbbox()
        assert (right - left) * (foot - top) < picture.width * picture.height / 5
        assert right - left <= picture.width / 2
        assert foot < picture.height / 5
        assert (right - left) / (foot - top) == pytest.approx(size[0] / size[1], rel=0.3)
        assert "PEÑA" in sheets(pdf)[0]


@given(color=st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True))
def test_any_colour_can_be_read_on_white_and_a_dark_one_stays_as_it_is(color: str) -> None:
    given = tuple(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    made = accent(color)
    assert contrast(made) >= CONTRAST
    assert made == given or contrast(given) < CONTRAST
    assert accent("") == (0, 0, 0)


def test_a_line_longer_than_a_sheet_goes_on_overleaf(page: Page) -> None:
    lines = [f"renglón {at}." for at in range(150)]
    texts = " ".join(sheets(render_pdf(replace(page, rows=(("1", "\n".join(lines), "1,00"),)))))
    assert all(line in texts for line in lines)


def test_a_long_line_begins_where_there_is_room_and_a_short_one_is_kept_whole(page: Page) -> None:
    def divided(count: int) -> bool:
        names = "\n".join(f"renglón {at}." for at in range(count))
        before = long(page, 38).rows
        first, second = sheets(render_pdf(replace(page, rows=(*before, ("1", names, "1,00")))))
        assert f"renglón {count - 1}." in second
        return "renglón 0." in first

    assert divided(20)
    assert not divided(8)


@pytest.mark.parametrize("count", range(36, 46))
def test_an_adenda_that_fits_a_sheet_is_not_divided(page: Page, count: int) -> None:
    adenda = "\n".join(f"nota {at}." for at in range(8))
    texts = sheets(render_pdf(replace(long(page, count), adenda=adenda)))
    assert sum("ADENDA" in text and "nota 0." in text and "nota 7." in text for text in texts) == 1


def test_an_adenda_longer_than_a_sheet_goes_on_overleaf(page: Page) -> None:
    lines = [f"nota {at}." for at in range(200)]
    texts = sheets(render_pdf(replace(page, adenda="\n".join(lines))))
    assert all(line in " ".join(texts) for line in lines)
    assert all("ADENDA" in text for text in texts)


def test_amounts_do_not_run_into_long_names(page: Page) -> None:
    row = Row("Un nombre larguísimo de un total que no entra en su columna ni queriendo mucho, de verdad", "$ 1,00")
    (text,) = sheets(render_pdf(replace(page, totales=(row,), datos=(Row("Período", "un valor " * 12),))))
    assert "$ 1,00" in text
    assert text.count("valor") == 12


LETTERS = st.text(st.sampled_from("abcñ €Łж—\n\t\x1b") | st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(st.tuples(LETTERS, LETTERS), max_size=40),
    widths=st.sampled_from([(0.5, 0.5), (0.999, 0.001), (1.0, 0.0)]),
    note=LETTERS,
)
def test_no_text_and_no_column_stops_a_document(
    cells: list[tuple[str, str]], widths: tuple[float, float], note: str
) -> None:
    strange = Page(
        title=note,
        emisor=(Text(note),),
        documento=(),
        receptor=(),
        datos=(Row(note, note * 3),),
        columns=(Column("a", widths[0]), Column("b", widths[1], Align.RIGHT)),
        rows=tuple(cells),
        totales=(Row(note * 5, note, Size.LARGE),),
        notas=(Text(note),),
        qr="x",
        pie=(),
        vencimiento=note,
        adenda=note * 20,
        marca=note,
    )
    assert render_pdf(strange).startswith(b"%PDF-")


def test_a_blank_sheet_is_drawn_too() -> None:
    """With it a service loads what its first invoice will need."""
    assert render_pdf(_BLANK).startswith(b"%PDF")
