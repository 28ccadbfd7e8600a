"""A printer of Windows, by its spooler and pywin32, which is loaded when a page needs it. Untried on real hardware."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sincronizador.core.job import Impresion
from sincronizador.printing.door import Printed
from sincronizador.printing.status import State
from sincronizador.printing.transport import misconfigured, unanswered, unavailable

_PAUSED, _ERROR, _JAM, _PAPER_OUT, _OFFLINE, _DOOR_OPEN = 0x1, 0x2, 0x8, 0x10, 0x80, 0x400000
"""``PRINTER_STATUS_*`` of winspool.h."""


class WindowsSpooler:
    """The page is a RAW document of the spooler, which knows nothing about paper that came out."""

    def __init__(self, station: str, printer: str) -> None:
        self._station = station
        self._printer = printer

    def send(self, page: bytes, name: str) -> Printed:
        """Ask for the printer and hand the document over."""
        spooler = self._spooler()
        with self._opened(spooler) as handle:
            state = _state(spooler, handle)
            if state.trouble:
                raise unavailable(self._station, state.trouble)
            try:
                _spool(spooler, handle, page, name)
            except spooler.error as error:
                raise unanswered(self._station, f"el spooler de Windows contestó: {error}") from error
        return Printed(outcome=Impresion.ENTREGADO, detail="El spooler de Windows la recibió; del papel no sabe.")

    def state(self) -> State:
        """What the spooler says about the printer."""
        spooler = self._spooler()
        with self._opened(spooler) as handle:
            return _state(spooler, handle)

    def _spooler(self) -> Any:
        try:
            import win32print
        except ImportError as error:
            detail = 'via = "windows" es solo para Windows, con pywin32 («pip install pywin32»)'
            raise misconfigured(self._station, detail) from error
        return win32print

    @contextmanager
    def _opened(self, spooler: Any) -> Iterator[Any]:
        try:
            handle = spooler.OpenPrinter(self._printer)
        except spooler.error as error:
            raise misconfigured(self._station, f"Windows no tiene la impresora «{self._printer}»") from error
        try:
            yield handle
        finally:
            spooler.ClosePrinter(handle)


def _state(spooler: Any, handle: Any) -> State:
    flags = spooler.GetPrinter(handle, 2)["Status"]
    return State(
        offline=bool(flags & _OFFLINE),
        cover_open=bool(flags & _DOOR_OPEN),
        no_paper=bool(flags & _PAPER_OUT),
        failed=bool(flags & (_ERROR | _JAM)),
        reason="está en pausa en Windows" if flags & _PAUSED else "",
        note="Windows la tiene lista; del papel solo sabe lo que le dice su controlador.",
    )


def _spool(spooler: Any, handle: Any, page: bytes, name: str) -> None:
    spooler.StartDocPrinter(handle, 1, (name or "pagina", None, "RAW"))
    spooler.StartPagePrinter(handle)
    spooler.WritePrinter(handle, page)
    spooler.EndPagePrinter(handle)
    spooler.EndDocPrinter(handle)
