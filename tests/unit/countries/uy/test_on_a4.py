"""A4 of whole documents: what each of several sheets carries, and the law's sizes measured in ink at 300 dpi."""

import io
import re
import shutil
import subprocess
import tempfile
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from drawn import drawn
from hand_made import emitido, lines_of, signed
from lxml import etree
from PIL import Image, ImageOps
from signed_samples import EMISOR, RUT

from sincronizador.core.emitido import Emitido
from sincronizador.countries.uy.sheet import page
from sincronizador.printing.pdf import render_pdf

zxingcpp = pytest.importorskip("zxingcpp", reason="pip install zxing-cpp")
if shutil.which("pdftoppm") is None or shutil.which("pdftotext") is None:
    pytest.skip("apt install poppler-utils", allow_module_level=True)

DPI = 300
MM = 25.4 / DPI
"""Millimetres of a pixel, and what a measure may be off by."""
MONOTRIBUTO = ("</FecVenc>", "</FecVenc><CAEEspecial>4</CAEEspecial>")
NAMES = {
    101: ("CONSUMO FINAL", "CI 12345672 (UY)", "Ana Pérez"),
    111: ("RUC COMPRADOR 215555550010", "PEÑA Y CÍA. & Hnos."),
    121: ("RECEPTOR NIFE 00000000000191 (BR)", "IMPORTADORA FICTICIA LTDA"),
    151: ("RUC VENDEDOR 215555550010", "PEÑA Y CÍA. & Hnos."),
}
"""How the receiver is named on every sheet."""


def pdf_of(document: Emitido) -> bytes:
    return render_pdf(page(document, EMISOR, "produccion", copy=False))


@cache
def raster(tipo: int) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile", "-", "x"]
        subprocess.run(command, input=pdf_of(emitido(tipo)), cwd=folder, check=True)
        return Image.open(io.BytesIO((Path(folder) / "x.pgm").read_bytes()))


@cache
def heights(tipo: int) -> dict[str, float]:
    """The words of a sheet that have capitals or figures, and how high their ink is in mm."""
    content = pdf_of(emitido(tipo))
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True).stdout
    found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', told.decode())
    return {
        unescape(text): _ink(raster(tipo), *(float(edge) * DPI / 72 for edge in edges))
        for *edges, text in found
        if re.fullmatch(r"[A-Z0-9]+", unescape(text))
    }


def _ink(sheet: Image.Image, left: float, top: float, right: float, foot: float) -> float:
    crop = ImageOps.invert(sheet.crop((round(left), round(top), round(right), round(foot)))).point(
        lambda grey: 255 if grey > 100 else 0
    )
    box = crop.getbbox()
    assert box
    return (box[3] - box[1]) * MM


@pytest.mark.parametrize(("tipo", "count"), [(101, 700), (111, 200), (151, 200), (121, 200)])
def test_every_sheet_of_the_longest_document_says_whose_it_is_and_carries_its_seal(
    tipo: int, count: int, xsd: etree.XMLSchema
) -> None:
    change = lines_of(tipo, count)
    if tipo in (101, 111):
        xsd.assertValid(etree.fromstring(signed(tipo, change)))
    document = emitido(tipo, change)
    sheets = drawn(pdf_of(document))
    assert len(sheets) > 3
    for number, sheet in enumerate(sheets, 1):
        pieces = ("EMPRESA INVENTADA SA", "Almacén Ñandú", f"RUC {RUT}", document.nombre, "Serie A N.º 1234")
        for piece in (*pieces, *NAMES[tipo], "Descripción", f"Página {number} de {len(sheets)}"):
            assert sheet.find(piece), piece
        for piece in ("Fecha emisor", "CAE N.º", "vencimiento:", document.codigo_seguridad, "TOTAL"):
            assert bool(sheet.find(piece)) == (number == len(sheets)), piece
        assert 22 <= sheet.qr.width <= 30
        assert sheet.qr == sheets[0].qr
    told = [words.text for sheet in sheets for words in sheet.words if words.text.startswith("Artículo")]
    assert told == [f"Artículo {at} de la lista" for at in range(1, count + 1)]


@pytest.mark.parametrize("tipo", [101, 124])
def test_the_seal_is_read_and_is_22_to_30_mm_wide_on_blank_paper(tipo: int) -> None:
    image = raster(tipo)
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == emitido(tipo).qr
    at = found.position
    assert 22 <= (at.top_right.x - at.top_left.x) * MM <= 30
    clear, off = round(4 / MM), 8
    left, top = at.top_left.x, at.top_left.y
    right, foot = at.bottom_right.x, at.bottom_right.y
    for around in (
        (left - clear, top - clear, right + clear, top - off),
        (left - clear, foot + off, right + clear, foot + clear),
        (left - clear, top - clear, left - off, foot + clear),
        (right + off, top - clear, right + clear, foot + clear),
    ):
        assert image.crop(around).getextrema()[0] > 128


@pytest.mark.parametrize("tipo", [101, 124])
def test_no_letter_is_lower_than_2_mm(tipo: int) -> None:
    assert min(heights(tipo).values()) >= 2.0 - MM


@pytest.mark.parametrize(
    ("tipo", "told"), [(101, {RUT, "1234", "CONSUMO", "FINAL"}), (124, {RUT, "1234", "RECEPTOR", "NIFE"})]
)
def test_what_the_law_wants_in_3_mm_is_that_high(tipo: int, told: set[str]) -> None:
    assert {text for text in told if heights(tipo)[text] < 3.0 - MM} == set()


def test_the_box_of_a_regime_is_above_the_receivers() -> None:
    sheet = drawn(pdf_of(emitido(111, MONOTRIBUTO)))[0]
    regime, receiver = sheet.box_around("MONOTRIBUTO SOCIAL MIDES"), sheet.box_around("RUC COMPRADOR")
    assert regime is not None
    assert receiver is not None
    assert regime.width >= 40
    assert regime.height >= 10
    assert regime.foot < receiver.top
    words = sheet.find("MONOTRIBUTO SOCIAL MIDES")
    assert words is not None
    assert words.height >= 3.0
