"""What an A4 invoice costs: CPU from the signed bytes to the PDF, with a QR that was never drawn before."""

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sincronizador.core.emitido import Anexo
from sincronizador.core.template import Template
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.sheet import page
from sincronizador.printing.pdf import render_pdf
from sincronizador.printing.qr import symbol

ROUNDS = int(os.environ.get("BENCH_A4", "100"))
GOLDEN = Path(__file__).parents[1] / "tests" / "goldens" / "uy" / "0006-111-credito.cfe.xml"
_SIGNATURE = (
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><Reference>'
    "<DigestValue>k7LIZIOEOwRU6lh6FU9buVJDwlAAkXEnuZFYpOsBAqQ=</DigestValue></Reference></SignedInfo></Signature></CFE>"
)
_EMISOR = Emisor(
    rut="219999830019",
    razon_social="ALMACÉN DE PRUEBA S.A.",
    sucursal="1",
    domicilio="18 de Julio 1234",
    ciudad="Montevideo",
    departamento="Montevideo",
    web="www.almacen.com.uy",
    resolucion="01/02/2026",
)


def report() -> str:
    """Measure; the table."""
    told = [f"An e-Factura of two lines on A4, {ROUNDS} times.", f"{'':34}{'CPU p50':>10}{'max':>10}{'bytes':>10}"]
    for name, template in (("plain", Template()), ("logo and colour", Template(logo=_logo(), color="#1a4d80"))):
        made = _maker(template)
        made()
        cpu = [_cpu(made) for _ in range(ROUNDS)]
        told.append(f"{name:34}{_ms(statistics.median(cpu))}{_ms(max(cpu))}{len(made()):>10}")
    told.append(f"{'the first of a process, all loaded':34}{_ms(_first())}")
    return "\n".join(told)


def _maker(template: Template) -> Callable[[], bytes]:
    signed = (GOLDEN.read_text("utf-8").replace(">\n<", "><").strip() + _SIGNATURE).encode()

    def made() -> bytes:
        symbol.cache_clear()
        document = read_emitido(signed, Anexo(adenda="Gracias por su compra."))
        return render_pdf(page(document, _EMISOR, "produccion", template, copy=False))

    return made


def _cpu(made: Callable[[], bytes]) -> float:
    before = time.process_time()
    made()
    return time.process_time() - before


def _first() -> float:
    """Of a process that has done nothing yet: its imports and fonts are part of it."""
    code = "import time, a4; before = time.process_time(); a4.one(); print(time.process_time() - before)"
    told = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, check=True)
    return float(told.stdout)


def one() -> None:
    """The A4 of the document, once."""
    _maker(Template())()


def _logo() -> bytes:
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (1200, 400), "white")
    ImageDraw.Draw(picture).ellipse((20, 20, 380, 380), fill="#1a4d80")
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:>7.1f} ms"
