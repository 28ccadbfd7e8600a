"""A4 of whole documents, rendered: what every sheet carries, and the sizes that the law asks for, measured in ink."""

import io
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

import pytest
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

DPI = 200
MM = 25.4 / DPI
"""Millimetres of a pixel, and what a measure may be off by."""
FAMILIES = (101, 112, 121, 124, 141, 151, 181, 182)
MONOTRIBUTO = ("</FecVenc>", "</FecVenc><CAEEspecial>4</CAEEspecial>")


def pdf_of(document: Emitido) -> bytes:
    return render_pdf(page(document, EMISOR, "produccion", copy=False))


def sheets(content: bytes) -> list[str]:
    """The text of each sheet, blanks squeezed."""
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    return [re.sub(r"\s+", " ", sheet) for sheet in told.decode().split("\f")[:-1]]


def rasters(content: bytes) -> list[Image.Image]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-", "x"], input=content, cwd=folder, check=True)
        return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(Path(folder).glob("x-*.pgm"))]


@dataclass(frozen=True)
class Word:
    """A word of the first sheet, and how high its ink is."""

    text: str
    height_mm: float


@cache
def words(tipo: int, *changes: tuple[str, str]) -> tuple[Word, ...]:
    """The words of a document's first sheet that have capitals or figures, which are what is measured."""
    content = pdf_of(emitido(tipo, *changes))
    told = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True).stdout
    (sheet, *_) = rasters(content)
    found = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<',
        told.decode().partition("</page>")[0],
    )
    return tuple(
        Word(unescape(text), _ink(sheet, *(float(edge) * DPI / 72 for edge in edges)))
        for *edges, text in found
        if re.fullmatch(r"[A-Z0-9]+", unescape(text))
    )


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
    content = pdf_of(document)
    told = sheets(content)
    assert len(told) > 3
    receiver = document.receptor
    for number, sheet in enumerate(told, 1):
        for piece in ("EMPRESA INVENTADA SA", f"RUC {RUT}", receiver, document.nombre, "Serie A N.º 1234"):
            assert piece in sheet, piece
        assert f"Página {number} de {len(told)}" in sheet
        for piece in ("Fecha emisor", "CAE N.º", "vencimiento:", document.hash[:6]):
            assert (piece in sheet) == (number == len(told)), piece
    assert all(f"Artículo {at} de la lista" in " ".join(told) for at in range(1, count + 1))
    seals = [zxingcpp.read_barcodes(image) for image in rasters(content)]
    assert [[seal.text for seal in found] for found in seals] == [[document.qr]] * len(told)


@pytest.mark.parametrize("tipo", FAMILIES)
def test_the_seal_is_22_to_30_mm_wide_and_nothing_is_within_3_mm_of_it(tipo: int) -> None:
    image = rasters(pdf_of(emitido(tipo)))[-1]
    (found,) = zxingcpp.read_barcodes(image)
    at = found.position
    width = (at.top_right.x - at.top_left.x) * MM
    assert 22 <= width <= 30
    clear = round(3 / MM)
    left, top = at.top_left.x, at.top_left.y
    right, foot = at.bottom_right.x, at.bottom_right.y
    for around in (
        (left - clear, top - clear, right + clear, top - 3),
        (left - clear, foot + 3, right + clear, foot + clear),
        (left - clear, top - clear, left - 3, foot + clear),
        (right + 3, top - clear, right + clear, foot + clear),
    ):
        assert image.crop(around).getextrema()[0] > 128


@pytest.mark.parametrize("tipo", FAMILIES)
def test_no_letter_is_lower_than_2_mm(tipo: int) -> None:
    assert min(word.height_mm for word in words(tipo)) >= 2.0 - MM


@pytest.mark.parametrize(
    ("tipo", "told"),
    [
        (101, {RUT, "1234", "CONSUMO", "FINAL"}),
        (112, {RUT, "1234", "RUC", "COMPRADOR", "215555550010"}),
        (151, {RUT, "1234", "RUC", "VENDEDOR", "215555550010"}),
        (181, {RUT, "1234", "RUC", "211003420017"}),
        (121, {RUT, "1234", "RECEPTOR", "NIFE"}),
    ],
)
def test_what_the_law_wants_in_3_mm_is_that_high(tipo: int, told: set[str]) -> None:
    found = {word.text for word in words(tipo) if word.height_mm >= 3.0 - MM}
    assert told <= found


@pytest.mark.parametrize("tipo", FAMILIES)
def test_the_boxes_of_receiver_and_expiry_are_as_large_as_the_law_asks(tipo: int) -> None:
    images = rasters(pdf_of(emitido(tipo)))
    (receiver,) = at_the_left(images[0])
    assert receiver.is_at_least(40, 10)
    expiry = frames(images[-1])[-1]
    assert expiry.is_at_least(20, 10)
    assert expiry.top_mm > 230


def test_the_box_of_a_regime_is_above_the_receivers_and_its_letters_are_3_mm_high() -> None:
    height = {word.text: word.height_mm for word in words(111, MONOTRIBUTO)}
    assert min(height[name] for name in ("MONOTRIBUTO", "SOCIAL", "MIDES")) >= 3.0 - MM
    plain, boxed = (rasters(pdf_of(emitido(111, *changes)))[0] for changes in ((), (MONOTRIBUTO,)))
    (receiver,) = at_the_left(plain)
    regime, below = at_the_left(boxed)
    assert regime.is_at_least(40, 10)
    assert below.height_mm == pytest.approx(receiver.height_mm, abs=MM)


@dataclass(frozen=True)
class Frame:
    """A box on a sheet, in mm."""

    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float

    def is_at_least(self, width_mm: float, height_mm: float) -> bool:
        return self.width_mm >= width_mm and self.height_mm >= height_mm


def at_the_left(image: Image.Image) -> list[Frame]:
    """The boxes that begin at the left edge of a sheet's text; an adenda's is further in."""
    return [frame for frame in frames(image) if frame.left_mm < 14]


def frames(image: Image.Image) -> list[Frame]:
    """The boxes of a sheet from top to foot: two lines one above the other whose ends are joined."""
    dark = image.point(lambda grey: 0 if grey < 140 else 255)
    rows = [dark.crop((0, y, dark.width, y + 1)).tobytes() for y in range(dark.height)]
    shortest = round(15 / MM)
    runs = [
        (y, run.start(), run.end()) for y, row in enumerate(rows) for run in re.finditer(b"\0{%d,}" % shortest, row)
    ]
    found: list[Frame] = []
    for at, (top, left, right) in enumerate(runs):
        for foot, *edges in runs[at + 1 :]:
            joined = foot - top > 5 and edges == [left, right]
            if joined and all(not row[left] and not row[right - 1] for row in rows[top:foot]):
                found.append(Frame(left * MM, top * MM, (right - left) * MM, (foot - top) * MM))
                break
    # A line is several pixels thick, and each of them begins a box.
    return [frame for at, frame in enumerate(found) if at == 0 or frame.top_mm - found[at - 1].top_mm > 4 * MM]
