"""
The product at work: a virtual printer, a DGI to test against, a cloud, a real daemon, a legacy system made of files.

The line to the cloud is cut and comes back, the paper ends, the daemon is killed; no sale gets two documents.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

import click

from sincronizador.cli import nube_acts, show_files
from sincronizador.cli.cloud_installation import DGI
from sincronizador.cli.installation import prepare_journal, write_installation
from sincronizador.cli.nube_numeros import WORDS
from sincronizador.cli.show_stage import Legacy, Stage, free_port
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.printing.virtual import VirtualPrinter

_QUICK = {"sondeo": 1, "estable": 5}
"""Of ``[nube]``, instead of 5 and 60 seconds: who looks on does not want to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sale:
    """A dropped file and what it was first answered."""

    name: str
    milliseconds: float
    estado: str


class _Play:
    """The story, act by act."""

    def __init__(self, stage: Stage, legacy: Legacy, printer: VirtualPrinter) -> None:
        self._stage = stage
        self._legacy = legacy
        self._printer = printer
        self.sales: list[_Sale] = []

    def run(self) -> None:
        """All of it."""
        with contextlib.ExitStack() as running:
            running.enter_context(self._stage.dgi())
            cloud = running.enter_context(self._stage.cloud())
            daemon = running.enter_context(self._stage.daemon())
            reserve = self._stage.wait_for_numbers()
            click.echo(
                f"La nube reservó números a esta máquina por si se corta la línea: {min(reserve.values())} por tipo.\n"
            )
            self._online()
            self._repeated()
            cloud.kill()
            cloud.wait()
            self._cut()
            running.enter_context(self._stage.cloud())
            self._return()
            self._paper_out()
            click.echo(
                "7. Matan el servicio con kill -9 en medio de una venta y lo vuelven a arrancar; vuelve el papel:"
            )
            self._legacy.drop("V0000003.TXT", show_files.TICKET.format(referencia="T-3"))
            daemon.kill()
            daemon.wait()
            self._printer.paper_out = False
            running.enter_context(self._stage.daemon())
            self._started_again()
            self._authority()

    def _online(self) -> None:
        click.echo("1. El sistema de facturación deja archivos en entrada/ (TXT en cp850, en UTF-8, y un XML).")
        click.echo("   Hay línea: la nube da el número y firma.")
        ticket = show_files.TICKET.format(referencia="T-1").replace("\n", "\r\n")
        self._sell("V0000001.TXT", ticket, "cp850")
        self._sell("factura1.txt", show_files.FACTURA.format(referencia="F-1"))
        self._sell("venta_x1.xml", show_files.XML.format(referencia="X-1"))
        self._sell("nota1.txt", show_files.NOTA.format(referencia="NC-1", venta="T-1"), "cp1252")

    def _repeated(self) -> None:
        click.echo("2. Uno con errores: se rechaza con todo lo que está mal, y no gasta número:")
        self._sell("MALO1.TXT", show_files.BAD)
        click.echo("3. La misma venta otra vez, con otro nombre: se contesta el mismo comprobante, no se imprime nada:")
        self._sell("V0000001B.TXT", show_files.TICKET.format(referencia="T-1"))

    def _cut(self) -> None:
        click.echo("4. Se corta: matan la nube. La caja sigue: esta máquina numera de su reserva, firma e imprime.")
        self._sell("CORTE1.TXT", show_files.TICKET.format(referencia="C-1"))
        self._sell("CORTE2.TXT", show_files.FACTURA.format(referencia="C-2"))
        self._sell("CORTE3.TXT", show_files.NOTA.format(referencia="C-3", venta="T-1"))
        click.echo(f"   novedades/00000001.RSP: {self._legacy.news(1)}")

    def _return(self) -> None:
        click.echo("5. Vuelve la nube: lo firmado aquí se le entrega solo, y la contingencia termina.")
        for name in ("CORTE1.TXT", "CORTE2.TXT", "CORTE3.TXT"):
            click.echo(f"   {name} -> {self._legacy.wait_for(name, 'ENVIADO', 'ACEPTADO')['ESTADO']}")
        click.echo(f"   novedades/00000002.RSP: {self._legacy.news(2)}")

    def _paper_out(self) -> None:
        click.echo("6. Se acaba el papel: la venta se emite igual y el ticket espera.")
        self._printer.paper_out = True
        self._sell("V0000002.TXT", show_files.TICKET.format(referencia="T-2"), printed=False)

    def _started_again(self) -> None:
        began = time.monotonic()
        for name in ("V0000003.TXT", "V0000002.TXT"):
            self._legacy.wait(name, field="IMPRESION", unless="PENDIENTE")
            values = self._legacy.wait_for(name, "ENVIADO")
            click.echo(f"   {name} -> {values['ESTADO']} {_number(values)} {values['IMPRESION']}")
            if name == "V0000003.TXT":
                self._note(name, began, values["ESTADO"])

    def _authority(self) -> None:
        click.echo(
            "8. Mientras tanto la nube mandó a DGI (la de prueba) lo que va uno a uno, y preguntó qué fue de eso:"
        )
        for name in ("factura1.txt", "CORTE2.TXT"):
            click.echo(f"   {name} -> {self._legacy.wait_for(name, 'ACEPTADO')['ESTADO']}")
        click.echo("   Los e-Tickets chicos van en el reporte diario, mañana de madrugada.")

    def _sell(self, name: str, text: str, encoding: str = "utf-8", *, printed: bool = True) -> None:
        """Drop a file, wait for its answer and its paper, tell it."""
        began = time.monotonic()
        self._legacy.drop(name, text, encoding)
        values = self._legacy.wait(name)
        self._note(name, began, values["ESTADO"])
        if printed and values.get("IMPRESION") == "PENDIENTE":
            values = self._legacy.wait(name, field="IMPRESION", unless="PENDIENTE")
        click.echo(f"   {name} -> {self.sales[-1].estado} {_number(values)}  {values.get('MENSAJE', '')}")

    def _note(self, name: str, began: float, estado: str) -> None:
        self.sales.append(_Sale(name=name, milliseconds=(time.monotonic() - began) * 1000, estado=estado))


def show() -> None:
    """Play it all in a new folder beside the caller, and say where everything lies."""
    nube_acts.look_for_libraries()
    signal.signal(signal.SIGTERM, _leave)
    folder = _new_folder()
    paper = os.path.join(folder, "papel")
    os.makedirs(paper)
    click.echo(f"Preparo una empresa de prueba en {folder}: certificado, CAE, nube y carpetas, todo marcado PRUEBA.")
    with VirtualPrinter("127.0.0.1", 0, paper) as printer:
        address, port, dgi = f"{printer.host}:{printer.port}", free_port(), free_port()
        installation = write_installation(folder, address, datetime.now(ZONE), port, _QUICK, dgi=dgi)
        prepare_journal(installation)
        click.echo(f"Arranco una impresora virtual en {address}, una DGI de prueba en 127.0.0.1:{dgi},")
        click.echo(f"la nube en 127.0.0.1:{port} y el servicio.")
        stage, legacy = Stage(installation, port, dgi), Legacy(os.path.join(folder, "spool"))
        play = _Play(stage, legacy, printer)
        play.run()
    click.echo("\nLas ventas:")
    _print_table(_sales(play.sales, legacy))
    click.echo("\nLos números de los tipos que se usaron («sincronizador nube numeros» los muestra todos):")
    click.echo("cada uno es exactamente una de cinco cosas.")
    _print_table(_numbers(stage))
    _print_paths(folder, installation.nube, dgi)


def _leave(number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends it as Ctrl+C does: what was started is stopped."""
    sys.exit(128 + number)


def _number(values: dict[str, str]) -> str:
    return f"{values['TIPO']}-{values['SERIE']}-{values['NUMERO']}" if "NUMERO" in values else values.get("CODIGO", "")


def _sales(sales: Sequence[_Sale], legacy: Legacy) -> Iterator[Sequence[str]]:
    yield "archivo", "al contestar", "al final", "comprobante", "A_PAGAR", "IMPRESION", "ms"
    for sale in sales:
        now = legacy.wait(sale.name, field="IMPRESION", unless="PENDIENTE")
        seen = (now["ESTADO"], _number(now), now.get("A_PAGAR", ""), now.get("IMPRESION", ""))
        yield sale.name, sale.estado, *seen, f"{sale.milliseconds:.0f}"


def _numbers(stage: Stage) -> Iterator[Sequence[str]]:
    yield "tipo", "serie", "del CAE", *WORDS.values()
    used = (cae for cae in stage.numbers() if cae["totals"]["document"])
    for cae in used:
        span = f"{cae['from']} a {cae['to']}"
        yield str(cae["doc_type"]), cae["series"], span, *(str(cae["totals"][fate]) for fate in WORDS)


def _print_table(rows: Iterator[Sequence[str]]) -> None:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_paths(folder: str, cloud: str, dgi: int) -> None:
    click.echo(f"""
Mire lo que quedó en {folder}:
  spool/salida/      respuestas (.RSP), XML firmados, PDF e imágenes de los tickets
  spool/novedades/   lo que había que avisar a DGI: cuándo empezó y terminó la contingencia
  spool/procesados/  los archivos como llegaron, con copia de su respuesta; spool/rechazados/ los que no
  papel/             lo que salió por la impresora, byte por byte (.bin) y en imagen (.png)
Para seguir probando, en tres terminales:
  sincronizador nube dgi-prueba --puerto {dgi} --carpeta {os.path.join(folder, DGI)}
  sincronizador --config {cloud} nube servir
  sincronizador --config {os.path.join(folder, "sincronizador.toml")} iniciar""")


def _new_folder() -> str:
    number, folder = 1, os.path.abspath("demo")
    while os.path.lexists(folder):
        number += 1
        folder = os.path.abspath(f"demo-{number}")
    os.makedirs(folder)
    return folder
