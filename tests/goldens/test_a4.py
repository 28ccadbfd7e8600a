"""
A4 of every type, as a person looked at it: small pictures in ``print/a4``.

The documents are those of ``uy/`` and ``uy-iva-minimo/``, under one signature so that codes and QR stay. What is
compared is what the PDF draws, to a tenth of a millimetre, with what it drew when the picture was made, which the
picture carries: pixels differ between versions of poppler by more than a missing word does. ``pytest tests/goldens
--update-goldens`` draws those anew that differ; they are looked at before they are committed.
"""

import dataclasses
import hashlib
import io
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from drawn import Sheet, drawn
from PIL import Image, ImageDraw, PngImagePlugin

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.template import PLAIN, Template
from sincronizador.core.ticket import Page
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.sheet import page
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.printing.pdf import render_pdf

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "print" / "a4"
DPI = 72
GREYS = 8
KEY = "dibujo"
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


def fingerprint(sheet: Sheet) -> str:
    """Of all that a sheet draws and where."""

    def rounded(value: object) -> object:
        if isinstance(value, float):
            return round(value, 1)
        return tuple(map(rounded, value)) if isinstance(value, tuple) else value

    return hashlib.sha256(repr(rounded(dataclasses.astuple(sheet))).encode()).hexdigest()


def picture_of(name: str, number: int) -> Path:
    return PICTURES / (f"{name}.png" if number == 1 else f"{name}-{number}.png")


def shown(path: Path) -> str:
    """The fingerprint that a picture carries."""
    if not path.exists():
        return ""
    with Image.open(path) as picture:
        return str(picture.info.get(KEY, ""))


def draw(content: bytes, number: int, path: Path, told: str) -> None:
    command = ["pdftoppm", "-r", str(DPI), "-gray", "-f", str(number), "-singlefile", "-", "x"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(command, input=content, cwd=folder, check=True)
        greys = Image.open(Path(folder, "x.pgm")).quantize(GREYS, dither=Image.Dither.NONE)
    facts = PngImagePlugin.PngInfo()
    facts.add_text(KEY, told)
    greys.save(path, optimize=True, pnginfo=facts)


@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_as_it_was_looked_at(name: str, request: pytest.FixtureRequest) -> None:
    content = render_pdf(FORMS[name])
    for number, sheet in enumerate(drawn(content), 1):
        path, told = picture_of(name, number), fingerprint(sheet)
        if request.config.getoption("--update-goldens") and shown(path) != told:
            draw(content, number, path, told)
        assert shown(path) == told, path.name


def test_a_word_that_is_missing_or_elsewhere_is_noticed() -> None:
    made = FORMS["0006-111-credito"]
    for broken in (
        replace(made, bajo_qr=""),
        replace(made, pie=made.pie[1:]),
        replace(made, datos=made.datos[::-1]),
        replace(made, rows=tuple((*row[:-1], "1,00") for row in made.rows)),
        replace(made, color="#1a4d80"),
    ):
        assert fingerprint(drawn(render_pdf(broken))[0]) != shown(picture_of("0006-111-credito", 1))


def test_there_is_a_picture_of_every_electronic_type_and_none_that_nobody_draws() -> None:
    kept = {path.stem for path in PICTURES.glob("*.png")}
    assert {int(tipo) for tipo in TipoCfe if not tipo.is_papel} <= set(stems())
    assert set(FORMS) <= kept
    assert {stem for stem in kept if stem not in FORMS and stem.rpartition("-")[0] not in FORMS} == set()
    assert sum(path.stat().st_size for path in PICTURES.glob("*.png")) < 900_000
