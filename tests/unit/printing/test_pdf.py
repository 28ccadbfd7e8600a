"""The A4 form: everything is on it, every sheet says whose it is, and the QR can be read from its raster."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sincronizador.core.ticket import Align, Column, Page, Row, Size, Text
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


def test_names_beyond_latin_1_are_whole(page: Page) -> None:
    assert "Łódź Привет ΑΒΓ" in sheets(render_pdf(replace(page, emisor=(Text("Łódź Привет ΑΒΓ"),))))[0]


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


@pytest.mark.parametrize("count", range(30, 50))
def test_an_adenda_that_fits_a_sheet_is_not_divided(page: Page, count: int) -> None:
    adenda = "\n".join(f"nota {at}." for at in range(8))
    texts = sheets(render_pdf(replace(long(page, count), adenda=adenda)))
    assert sum("ADENDA" in text and "nota 0." in text and "nota 7." in text for text in texts) == 1


def test_an_adenda_longer_than_a_sheet_goes_on_overleaf(page: Page) -> None:
    lines = [f"nota {at}." for at in range(200)]
    texts = " ".join(sheets(render_pdf(replace(page, adenda="\n".join(lines)))))
    assert all(line in texts for line in lines)


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
