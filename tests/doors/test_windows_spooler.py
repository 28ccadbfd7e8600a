"""The calls that the spooler of Windows gets, by a stand-in for pywin32. Nothing here was ever tried on Windows."""

import sys
from types import SimpleNamespace

import pytest

from sincronizador.core.job import Impresion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.printing.stations import make_printer


class SpoolerError(Exception):
    """``pywintypes.error``: no OSError."""


@pytest.fixture
def spooler(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    calls: list[tuple[object, ...]] = []

    def noted(name: str):
        return lambda handle, *what: calls.append((name, *what))

    def opened(name: str) -> str:
        if name != "EPSON":
            raise SpoolerError(1801, "OpenPrinter", "invalid")
        return "handle"

    fake = SimpleNamespace(
        error=SpoolerError, calls=calls, status=0, OpenPrinter=opened, ClosePrinter=noted("close"),
        GetPrinter=lambda handle, level: {"Status": fake.status}, StartDocPrinter=noted("doc"),
        StartPagePrinter=noted("page"), WritePrinter=noted("write"), EndPagePrinter=noted("end page"),
        EndDocPrinter=noted("end doc"),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "win32print", fake)
    return fake


def test_a_page_is_a_raw_document(spooler: SimpleNamespace) -> None:
    assert make_printer("CAJA1", "windows", "EPSON").send(b"hola\n", name="x").outcome is Impresion.ENTREGADO
    assert spooler.calls == [
        ("doc", 1, ("x", None, "RAW")), ("page",), ("write", b"hola\n"), ("end page",), ("end doc",), ("close",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "words"), [(0x10, "no tiene papel"), (0x400000, "tapa abierta"), (0x80, "fuera de línea"), (1, "pausa")]
)
def test_what_windows_knows_is_told_before_the_page(spooler: SimpleNamespace, status: int, words: str) -> None:
    spooler.status = status
    with pytest.raises(Unavailable, match=words):
        make_printer("CAJA1", "windows", "EPSON").send(b"hola\n", name="x")
    assert spooler.calls == [("close",)]


def test_an_error_of_the_spooler_leaves_doubt(spooler: SimpleNamespace) -> None:
    def broken(*_: object) -> None:
        raise SpoolerError(6, "WritePrinter", "broken")

    spooler.WritePrinter = broken
    with pytest.raises(Unanswered, match="WritePrinter"):
        make_printer("CAJA1", "windows", "EPSON").send(b"hola\n", name="x")


def test_a_printer_or_a_library_that_is_missing_is_named(
    spooler: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NeedsOperator, match="no tiene la impresora «STAR»"):
        make_printer("CAJA1", "windows", "STAR").status()
    monkeypatch.setitem(sys.modules, "win32print", None)
    with pytest.raises(NeedsOperator, match="pywin32"):
        make_printer("CAJA1", "windows", "EPSON").status()
