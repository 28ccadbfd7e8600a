"""The product at work in under a minute: a virtual printer, a real daemon, and a legacy system made of files."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import click

from sincronizador.cli.installation import MONTEVIDEO, Installation, prepare_journal, write_installation
from sincronizador.errors import Unavailable
from sincronizador.files import write_atomic
from sincronizador.folders.answers import answer_name, parse_answer
from sincronizador.printing.virtual import VirtualPrinter

_T = TypeVar("_T")
_PATIENCE = 20.0
"""Seconds that the demonstration waits for anything."""

_TICKET = """\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Café molido 250 g
CANTIDAD=2
PRECIO=1.175,50
IVA=BASICA
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[PAGO]
MEDIO=EFECTIVO
VALOR=2440,00
ENTREGADO=3000
[TOTALES]
A_PAGAR=2440,00
[ADENDA]
¡Gracias por su compra, señora Peña!
[FIN]
"""
_FACTURA = """\
[DOCUMENTO]
TIPO=VENTA
REFERENCIA=F-1
FORMA_PAGO=CREDITO
VENCIMIENTO=31/12/2026
PRECIOS=SIN_IVA
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=21.100342.0017
NOMBRE=PEÑA Y CÍA. S.R.L.
DIRECCION=Av. Italia 2500
CIUDAD=Montevideo
[ITEM]
DETALLE=Servicio de mantenimiento, noviembre
PRECIO=12.500,00
IVA=BASICA
[DESCUENTO]
DETALLE=Cliente preferente
PORC=10
IVA=BASICA
[FIN]
"""
_NOTA = """\
[DOCUMENTO]
TIPO=NOTA_CREDITO
REFERENCIA=NC-1
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Devolución: pan
PRECIO=89
IVA=MINIMA
[REFERENCIA]
VENTA=T-1
RAZON=Devolución de mercadería
[FIN]
"""
_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck><Encabezado>
<IdDoc><TipoCFE>101</TipoCFE><NroInterno>X-1</NroInterno><MntBruto>1</MntBruto><FmaPago>1</FmaPago></IdDoc>
</Encabezado><Detalle>
<Item><NroLinDet>1</NroLinDet><IndFact>3</IndFact><NomItem>Yerba 1 kg</NomItem><Cantidad>2</Cantidad>\
<UniMed>kg</UniMed><PrecioUnitario>250</PrecioUnitario><MontoItem>500</MontoItem></Item>
</Detalle></eTck></CFE>
"""
_BAD = """\
[DOCUMENTO]
TIPO=E-FACTURA
REFERENCIA=MALO-1
FORMA_PAGO=CONTADO
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=211003420018
[ITEM]
DETALLE=Silla
CANTIDAD=dos
PRECIO=1.175
IVA=BASICA
COLOR=rojo
[FIN]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One line of the table at the end."""

    name: str
    milliseconds: float
    values: dict[str, str]

    def cells(self) -> tuple[str, ...]:
        """As people read it."""
        number = f"{self.values.get('TIPO', '')}-{self.values.get('SERIE', '')}-{self.values.get('NUMERO', '')}"
        document = number if "NUMERO" in self.values else self.values.get("CODIGO", "")
        shown = ("ESTADO", "A_PAGAR", "IMPRESION")
        estado, total, printed = (self.values.get(name, "") for name in shown)
        return self.name, estado, document, total, printed, f"{self.milliseconds:.0f}"


class _Legacy:
    """A billing system that can write a file and look for another."""

    def __init__(self, spool: str) -> None:
        self._spool = spool

    def drop(self, name: str, content: bytes) -> None:
        """Write it under another name, then rename it into place."""
        write_atomic(os.path.join(self._spool, "entrada", name), content)

    def wait(self, name: str, *, field: str = "ESTADO", unless: str = "RECIBIDO") -> dict[str, str]:
        """The answer, once `field` says something else than `unless`."""
        path = os.path.join(self._spool, "salida", answer_name(name))
        return _until(lambda: _read_if(path, field, unless), f"la respuesta de {name}")


def show() -> None:
    """Play it all in a new folder beside the caller, and say where everything lies."""
    folder = _new_folder()
    paper = os.path.join(folder, "papel")
    os.makedirs(paper)
    click.echo(f"Preparo una empresa de prueba en {folder}: certificado, CAE y carpetas, todo marcado PRUEBA.")
    with VirtualPrinter("127.0.0.1", 0, paper) as printer:
        address = f"{printer.host}:{printer.port}"
        installation = write_installation(folder, address, datetime.now(MONTEVIDEO))
        prepare_journal(installation)
        legacy = _Legacy(os.path.join(folder, "spool"))
        click.echo(f"Arranco una impresora térmica virtual en {address} y el servicio.\n")
        rows = _play(installation, legacy, printer)
    _print_table(rows)
    _print_paths(folder)


def _play(installation: Installation, legacy: _Legacy, printer: VirtualPrinter) -> list[_Row]:
    rows = []
    with _daemon(installation) as process:
        click.echo("1. El sistema de facturación deja archivos en entrada/ (TXT en cp850, en UTF-8, y un XML):")
        ticket = _TICKET.format(referencia="T-1")
        rows.append(_sale(legacy, "V0000001.TXT", ticket.replace("\n", "\r\n").encode("cp850")))
        rows.append(_sale(legacy, "factura1.txt", _FACTURA.encode()))
        rows.append(_sale(legacy, "venta_x1.xml", _XML.encode()))
        rows.append(_sale(legacy, "nota1.txt", _NOTA.encode("cp1252")))
        click.echo("2. Uno con errores: se rechaza con todo lo que está mal, y no gasta número:")
        rows.append(_sale(legacy, "MALO1.TXT", _BAD.encode()))
        click.echo("3. La misma venta otra vez, con otro nombre: se contesta el mismo comprobante, no se imprime nada:")
        rows.append(_sale(legacy, "V0000001B.TXT", ticket.encode()))
        click.echo("4. Se acaba el papel: la venta se emite igual y el ticket espera.")
        printer.paper_out = True
        rows.append(_sale(legacy, "V0000002.TXT", _TICKET.format(referencia="T-2").encode(), printed=False))
        click.echo("5. Corte: matan el servicio con kill -9 y lo vuelven a arrancar; vuelve el papel.")
        legacy.drop("V0000003.TXT", _TICKET.format(referencia="T-3").encode())
        process.send_signal(signal.SIGKILL)
        process.wait()
    printer.paper_out = False
    with _daemon(installation):
        began = time.monotonic()
        values = legacy.wait("V0000003.TXT", field="IMPRESION", unless="PENDIENTE")
        rows.append(_Row(name="V0000003.TXT", milliseconds=(time.monotonic() - began) * 1000, values=values))
        click.echo(f"   V0000003.TXT -> {values['ESTADO']} {values['TIPO']}-{values['SERIE']}-{values['NUMERO']}")
        waiting = legacy.wait("V0000002.TXT", field="IMPRESION", unless="PENDIENTE")
        click.echo(f"   V0000002.TXT -> IMPRESION={waiting['IMPRESION']}\n")
    return rows


def _sale(legacy: _Legacy, name: str, content: bytes, *, printed: bool = True) -> _Row:
    """Drop a file, wait for its answer, tell it."""
    began = time.monotonic()
    legacy.drop(name, content)
    values = legacy.wait(name)
    elapsed = (time.monotonic() - began) * 1000
    if printed and values.get("IMPRESION") == "PENDIENTE":
        values = legacy.wait(name, field="IMPRESION", unless="PENDIENTE")
    click.echo(f"   {name} -> {values['ESTADO']}  {values.get('MENSAJE', '')}")
    return _Row(name=name, milliseconds=elapsed, values=values)


@contextlib.contextmanager
def _daemon(installation: Installation) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "sincronizador", "--config", installation.toml, "iniciar"]
    with open(os.path.join(os.path.dirname(installation.toml), "servicio.log"), "ab") as log:
        process = subprocess.Popen(command, stderr=log)  # noqa: S603 - our own program
    try:
        beat = os.path.join(os.path.dirname(installation.toml), "spool", "salida", "LATIDO.TXT")
        began = time.time()
        _until(lambda: os.path.exists(beat) and os.path.getmtime(beat) >= began - 0.1, "el servicio")
        yield process
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _until(look: Callable[[], _T | None], what: str) -> _T:
    """What `look` finds, once it finds something. Raises `Unavailable` after `_PATIENCE`."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.002)
    raise Unavailable("E9231", f"La demostración esperó {_PATIENCE:.0f} segundos y no llegó {what}.")


def _read_if(path: str, field: str, unless: str) -> dict[str, str] | None:
    """The fields of an answer, if there is one and `field` says something else than `unless`."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        _, blocks = parse_answer(file.read(), "latin-1")
    values = dict(blocks[0].fields)
    return values if values.get(field) != unless else None


def _print_table(rows: list[_Row]) -> None:
    heads = ("archivo", "ESTADO", "comprobante", "A_PAGAR", "IMPRESION", "ms")
    table = [heads, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_paths(folder: str) -> None:
    click.echo(f"""
Mire lo que quedó en {folder}:
  spool/salida/      respuestas (.RSP), XML firmados, PDF e imágenes de los tickets
  spool/procesados/  los archivos como llegaron, con copia de su respuesta; spool/rechazados/ los que no
  papel/             lo que salió por la impresora, byte por byte (.bin) y en imagen (.png)
Para seguir probando: sincronizador --config {os.path.join(folder, "sincronizador.toml")} iniciar""")


def _new_folder() -> str:
    number, folder = 1, os.path.abspath("demo")
    while os.path.lexists(folder):
        number += 1
        folder = os.path.abspath(f"demo-{number}")
    os.makedirs(folder)
    return folder
