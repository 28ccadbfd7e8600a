"""
A4 of every type, as a person looked at it: small pictures in ``print/a4``.

The documents are those of ``uy/`` and ``uy-iva-minimo/``, under one signature so that codes and QR stay. Pictures are
compared in blocks of 2 mm: what draws letters differs between versions of poppler, what is drawn does not; a word that
is missing or elsewhere turns its blocks. ``pytest tests/goldens --update-goldens`` draws those anew that differ; they
are looked at before they are committed.
"""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.template import PLAIN, Template
from sincronizador.core.ticket import Page
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.sheet import page
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.printing.pdf import render_pdf

if shutil.which("pdftoppm") is None:
    pytest.skip("apt install poppler-utils", allow_module_level=True)

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "print" / "a4"
DPI = 72
GREYS = 8
BLOCK = 6
"""Pixels: 2 mm."""
TOLERANCE = 28
"""Of 255, how much the mean of a block may differ."""
EMISOR = Emisor(
    rut="218000260017",
    razon_social="PRUEBA SA",
    sucursal="1",
    domicilio="Av. 18 de Julio 1234",
    ciudad="Montevideo",
    departamento="Montevideo",
    web="https://www.almacen.com.uy/",
    resolucion="01/02/2026",
)
ANEXO = Anexo(adenda="La mercadería viaja por cuenta y riesgo del comprador.", extra=(("VENDEDOR", "María"),))
SIGNATURE = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference>'
    "<DigestValue>k7LIZIOEOwRU6lh6FU9buVJDwlAAkXEnuZFYpOsBAqQ=</DigestValue></Reference></SignedInfo></Signature></CFE>"
)


def emitido(stem: str, folder: str = "uy", anexo: Anexo = ANEXO) -> Emitido:
    """A golden document."""
    text = (FOLDER / folder / f"{stem}.cfe.xml").read_text("utf-8")
    return read_emitido((text.replace(">\n<", "><").strip() + SIGNATURE).encode(), anexo)


def form(document: Emitido, template: Template = PLAIN, *, ambiente: str = "produccion", copy: bool = False) -> Page:
    return page(document, EMISOR, ambiente, template, copy=copy)


def stems() -> dict[int, str]:
    """The first golden document of each type."""
    found: dict[int, str] = {}
    for path in sorted((FOLDER / "uy").glob("*.cfe.xml")):
        stem = path.name.removesuffix(".cfe.xml")
        found.setdefault(int(stem.split("-")[1]), stem)
    return found


def logo() -> bytes:
    picture = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((10, 10, 190, 190), fill="#1a4d80")
    pen.rectangle((220, 60, 590, 140), fill="#1a4d80")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def widened(row: tuple[str, ...], text: str) -> tuple[str, ...]:
    """A line of the document whose description, its longest cell, is that text."""
    longest = max(row, key=len)
    return tuple(text if cell == longest else cell for cell in row)


def odd() -> dict[str, Page]:
    """What no golden document shows."""
    plain = form(emitido("0006-111-credito"))
    return {
        "con-plantilla": form(
            emitido("0006-111-credito"),
            Template(logo=logo(), color="#1a4d80", encabezado=("Abierto de 8 a 22",), pie=("¡Gracias por su compra!",)),
        ),
        "copia-de-prueba": form(emitido("0001-101-contado"), ambiente="prueba", copy=True),
        "tres-hojas": replace(plain, rows=tuple((str(at), *plain.rows[0][1:]) for at in range(1, 31))),
        "linea-de-mil-letras": replace(plain, rows=(*plain.rows, widened(plain.rows[0], "texto largo " * 84))),
        "importes-enormes": replace(
            plain, rows=tuple((*row[:-2], row[-2], "1.234.567.890.123,45") for row in plain.rows)
        ),
        **{
            f"iva-minimo-{path.name[5:8]}": form(emitido(path.name.removesuffix(".cfe.xml"), "uy-iva-minimo"))
            for path in sorted((FOLDER / "uy-iva-minimo").glob("*.cfe.xml"))[:2]
        },
    }


FORMS = {**{stem: form(emitido(stem)) for stem in stems().values()}, **odd()}


def pictures(content: bytes, folder: Path) -> list[Image.Image]:
    subprocess.run(["pdftoppm", "-r", str(DPI), "-gray", "-", "x"], input=content, cwd=folder, check=True)
    return [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(folder.glob("x-*.pgm"))]


def worst_block(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of a block's mean; of pictures of different sizes, all there is."""
    if one.size != other.size:
        return 255
    size = (-(-one.width // BLOCK), -(-one.height // BLOCK))
    one, other = (image.convert("L").resize(size, Image.Resampling.BOX) for image in (one, other))
    return ImageChops.difference(one, other).getextrema()[1]


def save(image: Image.Image, path: Path) -> None:
    greys = image.quantize(GREYS, dither=Image.Dither.NONE)
    greys.save(path, optimize=True)


@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_as_it_was_looked_at(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for number, image in enumerate(pictures(render_pdf(FORMS[name]), tmp_path), 1):
        path = PICTURES / (f"{name}.png" if number == 1 else f"{name}-{number}.png")
        is_same = path.exists() and worst_block(image, Image.open(path)) <= TOLERANCE
        if not is_same and request.config.getoption("--update-goldens"):
            save(image, path)
            is_same = True
        assert is_same, path.name


def test_a_word_that_is_missing_or_elsewhere_is_noticed(tmp_path: Path) -> None:
    made = FORMS["0006-111-credito"]
    golden = Image.open(PICTURES / "0006-111-credito.png")
    for broken in (
        replace(made, bajo_qr=""),
        replace(made, pie=made.pie[1:]),
        replace(made, datos=made.datos[::-1]),
        replace(made, rows=tuple((*row[:-1], "1,00") for row in made.rows)),
    ):
        (image,) = pictures(render_pdf(broken), tmp_path)
        assert worst_block(image, golden) > TOLERANCE


def test_there_is_a_picture_of_every_electronic_type_and_none_that_nobody_draws() -> None:
    drawn = {path.stem for path in PICTURES.glob("*.png")}
    assert {int(tipo) for tipo in TipoCfe if not tipo.is_papel} <= set(stems())
    assert set(FORMS) <= drawn
    assert {stem for stem in drawn if stem not in FORMS and stem.rpartition("-")[0] not in FORMS} == set()
    assert sum(path.stat().st_size for path in PICTURES.glob("*.png")) < 900_000
