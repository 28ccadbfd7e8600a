"""
A shop with something of everything, really running: cloud, line, daemon, printers, panel.

What is in it: issued, refused with its line, waiting, contingencia, a held paper, a doubtful one, a lote, and files
whose names and contents want to be HTML.
"""

import contextlib
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outside.cloud import Cloud, free_port
from outside.installation import COMMAND, Installation, environment, prepare, wait_for
from outside.proxy import REFUSED, Proxy
from outside.site import Site

from sincronizador.cli.show_files import FACTURA, NOTA, TICKET
from sincronizador.printing.virtual import VirtualPrinter

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
HOSTILE_NAME = b'"><img onerror=alert(1)>\xf1\xff.txt'
WRONG = """\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA=M-204
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Café con leche y medialunas
CANTIDAD=dos
PRECIO=340
IVA=MINIMA
[ITEM]
DETALLE=Agua mineral
PRECIO=95
IVA=BASICA
COLOR=azul
[FIN]
"""
HOSTILE = f"""\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA={IMAGE}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE={SCRIPT}
CANTIDAD={SCRIPT}
PRECIO=10
IVA=MINIMA
[FIN]
"""
LOTE = """\
[LOTE]
REFERENCIA=CUOTAS-11
CANTIDAD=3
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA=CUOTA-1
FORMA_PAGO=CREDITO
[ITEM]
DETALLE=Cuota de noviembre
PRECIO=1800
IVA=EXENTA
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA=CUOTA-2
FORMA_PAGO=CREDITO
[ITEM]
DETALLE=Cuota de noviembre
PRECIO=mil ochocientos
IVA=EXENTA
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA=CUOTA-3
FORMA_PAGO=CREDITO
[ITEM]
DETALLE=Cuota de noviembre
PRECIO=1800
IVA=EXENTA
[FIN]
"""
HOSTILE_SALE = f"""\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA=RARA-1
FORMA_PAGO=CONTADO
IMPRESORA=NINGUNA
[ITEM]
DETALLE={SCRIPT}
PRECIO=10
IVA=MINIMA
[ADENDA]
{IMAGE}
[FIN]
"""


@dataclass
class Scene:
    """What a test holds in its hands."""

    site: Site
    printer: VirtualPrinter
    url: str
    panel: "subprocess.Popen[bytes]"
    pages: Path
    """Where the virtual printer puts what was printed."""

    @property
    def till(self) -> Installation:
        """The shop's."""
        return self.site.till

    def printed(self) -> int:
        """How many pages came out so far."""
        return len(list(self.pages.glob("*.bin")))


@contextlib.contextmanager
def playing(folder: Path, *, hostile: bool = True) -> Iterator[Scene]:
    """The scene, set up in `folder`; everything is ended with it."""
    pages = folder / "paginas"
    pages.mkdir(parents=True)
    with contextlib.ExitStack() as ends:
        printer = ends.enter_context(VirtualPrinter("127.0.0.1", 0, str(pages)))
        till, port = _installation(folder / "i", f"{printer.host}:{printer.port}")
        line = ends.enter_context(Proxy(free_port()))
        cloud = Cloud(till.folder)
        line.target = cloud.port
        site = Site(till, cloud, line)
        ends.callback(site.end)
        till.configure("nube", paciencia="1", espera="2", sondeo="0.3", fallas="3", estable="1.5", reserva="50")
        site.start()
        _sell(site, printer, hostile=hostile)
        panel = ends.enter_context(_panel(till, port))
        yield Scene(site, printer, f"http://127.0.0.1:{port}", panel, pages)


def _installation(folder: Path, printer: str) -> tuple[Installation, int]:
    prepare(folder, "--nube", "--puerto-nube", str(free_port()), "--impresora", printer)
    till, port = Installation(folder), free_port()
    till.configure("panel", escucha=f'"127.0.0.1:{port}"')
    till.configure("emisor", nombre_comercial='"ALMACÉN LA ESQUINA"')
    till.configure("salida", formatos='["xml"]')
    till.configure("impresion", vence="2")
    tray = till.folder / "cocina"
    tray.mkdir()
    text = till.toml.read_text("utf-8")
    # Nothing is known of this year's UI: what depends on it waits.
    text = re.sub(r"(?ms)^\[ui\]\n.*?(?=^\[|\Z)", '[ui]\n2020 = "4,4"\n\n', text)
    till.toml.write_text(f'{text}\n[impresora.COCINA]\nvia = "carpeta"\ndestino = "{tray}"\n', "utf-8")
    return till, port


@contextlib.contextmanager
def _panel(till: Installation, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    with (till.folder / "panel.txt").open("ab") as log:
        process = subprocess.Popen(
            [*COMMAND, "--config", str(till.toml), "panel"], stdout=log, stderr=log, env=environment(), cwd=till.folder
        )
    try:
        wait_for("the panel", lambda: _answers(f"http://127.0.0.1:{port}/salud"))
        yield process
    finally:
        process.terminate()
        process.wait(20)
        print((till.folder / "panel.txt").read_text("utf-8", "replace")[-4000:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except OSError:
        return False


def _sell(site: Site, printer: VirtualPrinter, *, hostile: bool) -> None:
    till = site.till
    for number in (1, 2, 3):
        till.ask(f"V000{number}.TXT", TICKET.format(referencia=f"T-{number}").encode("cp850"), till="CAJA1")
    till.ask("factura1.txt", FACTURA.format(referencia="F-1").encode())
    till.ask("nota1.txt", NOTA.format(referencia="NC-1", venta="T-1").encode("cp1252"))
    till.ask("M204.TXT", WRONG.encode("cp850"), till="CAJA1")
    till.ask("cuotas.txt", LOTE.encode())
    till.settle()
    if hostile:
        till.ask("rara.txt", HOSTILE_SALE.encode())
        drop_bytes(till, HOSTILE_NAME, HOSTILE.encode())
    _troubled_papers(till, printer)
    site.line.become(REFUSED)
    till.drop("MAYOR.TXT", TICKET.format(referencia="MAYOR-7").replace("1.175,50", "91.175,50").replace(
        "2440,00", "182440,00").replace("ENTREGADO=3000", "ENTREGADO=200000").encode(), "CAJA1")  # fmt: skip
    till.answer("MAYOR.TXT", "CAJA1", until=lambda answer: answer["ESTADO"] == "ESPERANDO")
    sold = till.ask("C0001.TXT", TICKET.format(referencia="C-1").encode(), till="CAJA1")
    assert sold["ESTADO"] == "FIRMADO_CONTINGENCIA", sold
    till.ask("C0002.TXT", TICKET.format(referencia="C-2").encode(), till="CAJA1")


def _troubled_papers(till: Installation, printer: VirtualPrinter) -> None:
    """One of which nobody knows whether it came out, and one that is held because it is old."""
    printer.dies_after = 300
    till.ask("D0001.TXT", TICKET.format(referencia="D-1").encode(), till="CAJA1")
    till.answer("D0001.TXT", "CAJA1", until=lambda answer: answer["IMPRESION"] == "DUDOSO")
    printer.dies_after = None
    printer.paper_out = True
    till.ask("R0001.TXT", TICKET.format(referencia="R-1").encode(), till="CAJA1")
    wait_for("a held paper", lambda: "retenido" in till.run("impresora", "cola").stdout)
    printer.paper_out = False


def drop_bytes(till: Installation, name: bytes, content: bytes) -> None:
    """A file whose name is nobody's text."""
    box = os.fsencode(till.box("entrada"))
    with open(os.path.join(box, b".tmp." + name[-5:]), "wb") as file:
        file.write(content)
    os.rename(os.path.join(box, b".tmp." + name[-5:]), os.path.join(box, name))
    wait_for("the file to be taken", lambda: not os.path.exists(os.path.join(box, name)))
