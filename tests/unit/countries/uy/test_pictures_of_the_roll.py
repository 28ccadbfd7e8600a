"""
Tickets as they come out of the printer, dot by dot: of every type on 48 columns, some on 42 and 32.

``pytest tests/unit/countries/uy/test_pictures_of_the_roll.py --update-goldens`` draws them anew; they are looked at
before they are committed. They belong to the Pillow of the lock: another one may draw a letter otherwise.
"""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hand_made import emitido, lines_of
from PIL import Image, ImageChops, ImageDraw
from signed_samples import EMISOR, SAMPLES

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.template import PLAIN, Extra, Lugar, Template
from sincronizador.countries.uy.representation import ticket
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.printing.escpos import encode
from sincronizador.printing.paper import CODE_PAGES, Paper
from sincronizador.printing.preview import picture

FOLDER = Path(__file__).parents[3] / "goldens" / "print"
MOST_BYTES = 600_000
ANEXO = Anexo(adenda="Gracias por su compra.", extra=(("VENDEDOR", "7"), ("MESA", "12")))
PAID = Anexo(pagos=(("ENTREGADO", "3000.00"), ("VUELTO", "649.00")))


@cache
def logo() -> bytes:
    """A sun over the sea."""
    image = Image.new("RGB", (600, 300), "white")
    pen = ImageDraw.Draw(image)
    pen.pieslice((150, 20, 450, 320), 180, 360, fill=(230, 140, 20))
    for down in (190, 220, 250):
        pen.line([(at, down + (at // 20 % 2) * 12) for at in range(60, 560, 20)], fill=(20, 60, 130), width=10)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def templated() -> Template:
    return Template(
        logo=logo(),
        encabezado=("Abierto todos los días de 8 a 22",),
        pie=("¡Gracias por su compra!",),
        ocultar=frozenset({"hora", "sucursal", "telefono", "subtotales"}),
        orden=("referencias", "pagos", "informacion"),
        extra=(Extra(campo="MESA", rotulo="Mesa", lugar=Lugar.CABEZA), Extra(campo="VENDEDOR", rotulo="Le atendió")),
    )


def drawn(document: Emitido, paper: Paper, template: Template = PLAIN, *, trial: bool = False) -> Image.Image:
    made = ticket(document, EMISOR, "prueba" if trial else "produccion", template, copy=trial)
    return picture(encode(made, paper), paper).point(lambda value: 255 if value > 127 else 0, "1")


def cases() -> Iterator[tuple[str, Emitido, Paper, Template, bool]]:
    for tipo in (int(tipo) for tipo in TipoCfe if not tipo.is_papel):
        # A note looks like what it corrects: two lines are enough.
        short = (lines_of(tipo, 2),) if tipo % 10 in (2, 3) and tipo != 182 else ()
        yield f"{tipo}-48", emitido(tipo, *short, anexo=ANEXO), Paper(), PLAIN, False
    for columns in (42, 32):
        yield f"101-{columns}", emitido(101, anexo=ANEXO), Paper(columns=columns), PLAIN, False
        yield f"contado-{columns}", SAMPLES["101"].emitido(PAID), Paper(columns=columns), PLAIN, False
    yield "182-32", emitido(182, anexo=ANEXO), Paper(columns=32), PLAIN, False
    yield "contado-48", SAMPLES["101"].emitido(PAID), Paper(), PLAIN, False
    yield "copia-de-prueba-48", SAMPLES["111"].emitido(), Paper(), PLAIN, True
    yield "sin-acentos-32", SAMPLES["111"].emitido(), Paper(columns=32, page=CODE_PAGES["ASCII"]), PLAIN, False
    yield "plantilla-48", emitido(101, anexo=ANEXO), Paper(), templated(), False


CASES = {name: case for name, *case in cases()}


@pytest.mark.parametrize("name", CASES)
def test_every_dot_is_where_somebody_saw_it(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    document, paper, template, trial = CASES[name]
    found = drawn(document, paper, template, trial=trial)
    path = FOLDER / f"{name}.png"
    if request.config.getoption("--update-goldens"):
        found.save(path, optimize=True)
    with Image.open(path) as seen:
        if seen.size == found.size and ImageChops.logical_xor(seen.convert("1"), found).getbbox() is None:
            return
    found.save(tmp_path / f"{name}.png")
    pytest.fail(f"{path} is another picture than {tmp_path / name}.png")


def test_there_is_no_picture_of_nothing_and_together_they_are_small() -> None:
    sizes = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert sorted(sizes) == sorted(CASES)
    assert sum(sizes.values()) < MOST_BYTES
