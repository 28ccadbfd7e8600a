"""Print stations made from their settings: the adapter of the door over any way."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sincronizador.core.ticket import Ticket
from sincronizador.errors import SincronizadorError
from sincronizador.printing.door import Printed
from sincronizador.printing.paper import CODE_PAGES, CodePage, CutMode, Paper
from sincronizador.printing.status import State
from sincronizador.printing.transport import Way, misconfigured, unavailable

_COLUMNS = (48, 42, 32)
_PORT = 9100
_QUEUE = re.compile(r"[^\s@#/'\"-][^\s@#/'\"]{0,126}")
_USB = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(\S+))?")
_HIGHEST_PAGE = 255

VIAS = ("tcp", "dispositivo", "carpeta", "cups", "usb", "serie", "windows")


class Station:
    """A print station: paper of one width and code page, and the way to it. See `Printer` for its promises."""

    def __init__(self, name: str, paper: Paper, way: Way) -> None:
        self.name = name
        self._paper = paper
        self._way = way

    @property
    def columns(self) -> int:
        """Letters of a line."""
        return self._paper.columns

    def render(self, ticket: Ticket, *, original: bool = False) -> bytes:
        """The bytes for this station's paper."""
        from sincronizador.printing.escpos import encode

        return encode(ticket, self._paper, original=original)

    def code_sheet(self) -> bytes:
        """A page that shows which code page this printer has under which number."""
        from sincronizador.printing.code_sheet import code_sheet

        return code_sheet(self.name, self._paper)

    def plain(self, ticket: Ticket) -> str:
        """The lines of this station's paper."""
        from sincronizador.printing.plain import plain

        return plain(ticket, self._paper)

    def picture(self, page: bytes) -> bytes:
        """A PNG of the page on this station's paper."""
        return _picture(page, self._paper)

    def send(self, page: bytes, *, name: str) -> Printed:
        """Hand the page over by the station's way."""
        return self._way.send(page, name)

    def state(self) -> State:
        """Ask by the station's way."""
        return self._way.state()

    def status(self) -> str:
        """The same in a sentence."""
        return self.sentence(self.state())

    def sentence(self, state: State) -> str:
        """What a state means for the next page. Raises `Unavailable` when it would not be printed."""
        if state.trouble:
            raise unavailable(self.name, state.trouble)
        return "Conectada; no informa su estado." if state.silent else f"Lista. {state.remark}".strip()


@dataclass(frozen=True, slots=True)
class Look:
    """How a station is, asked now."""

    prints: bool
    text: str
    """In a sentence."""
    state: State | None
    """None for one that was not reached."""


def look(make: Callable[[], Station]) -> Look:
    """Ask a station, which may be set up wrong, for its state."""
    state = None
    try:
        station = make()
        state = station.state()
        return Look(True, station.sentence(state), state)
    except SincronizadorError as error:
        return Look(False, str(error), state)


def make_printer(
    name: str,
    via: str,
    destino: str,
    columnas: int = 48,
    pagina_codigos: str = "CP858",
    *,
    qr: str = "nativo",
    corte: str = "total",
    pitido: int = 0,
    velocidad: int = 9600,
    flujo: str = "rtscts",
) -> Station:
    """
    The station of ``[impresora.NOMBRE]``. Nothing is opened yet, and nothing loaded that other ways need.

    `destino` is ``HOST`` or ``HOST:PUERTO`` for ``tcp``, ``COLA`` or ``COLA@SERVIDOR`` for ``cups``,
    ``VVVV:PPPP`` or ``VVVV:PPPP:SERIE`` for ``usb``, a name for ``windows``, else a path. `pagina_codigos` names a
    page, with the number that this printer gives it when it is not Epson's: ``CP858:13``. `velocidad` and `flujo` are
    of ``serie``. Raises `NeedsOperator` (E4010) for a wrong setting.
    """
    if columnas not in _COLUMNS:
        raise misconfigured(name, f"columnas = {columnas}; puede ser 48, 42 o 32")
    paper = Paper(
        columns=columnas,
        page=_code_page(name, pagina_codigos),
        draws_qr=_choice(name, "qr", qr, ("nativo", "imagen")) == "nativo",
        cut=CutMode(_choice(name, "corte", corte, tuple(CutMode))),
        beeps=pitido,
    )
    destino = destino.strip()
    if not destino:
        raise misconfigured(name, "falta destino")
    way = _serial(name, destino, velocidad, flujo) if via == "serie" else _way(name, via, destino, paper)
    return Station(name, paper, way)


def _way(name: str, via: str, destino: str, paper: Paper) -> Way:
    match via:
        case "tcp":
            from sincronizador.printing.tcp import Tcp

            return Tcp(name, *_address(name, destino))
        case "dispositivo":
            from sincronizador.printing.device import Device

            return Device(name, destino)
        case "carpeta":
            from sincronizador.printing.folder import Folder

            return Folder(name, destino, lambda page: _picture(page, paper))
        case "cups":
            from sincronizador.printing.cups_queue import CupsQueue

            return CupsQueue(name, *_queue(name, destino))
        case "usb":
            from sincronizador.printing.usb_port import UsbPort

            return UsbPort(name, *_usb_device(name, destino))
        case "windows":
            from sincronizador.printing.windows_spooler import WindowsSpooler

            return WindowsSpooler(name, destino)
    raise misconfigured(name, f'via = "{via}"; puede ser {", ".join(VIAS)}')


def _serial(name: str, path: str, velocidad: int, flujo: str) -> Way:
    from sincronizador.printing.serial_port import FLOWS, SPEEDS, SerialPort

    if velocidad not in SPEEDS:
        raise misconfigured(name, f"velocidad = {velocidad}; puede ser {', '.join(map(str, SPEEDS))}")
    return SerialPort(name, path, speed=velocidad, flow=_choice(name, "flujo", flujo, FLOWS))


def _choice(name: str, key: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise misconfigured(name, f'{key} = "{value}"; puede ser {", ".join(choices)}')
    return value


def _queue(name: str, destino: str) -> tuple[str, str]:
    """A queue's name, which is no option of a program, and its server; empty: the one that CUPS finds."""
    queue, _, server = destino.partition("@")
    if not _QUEUE.fullmatch(queue) or server.startswith("-"):
        raise misconfigured(name, f'destino = "{destino}"; debe ser el nombre de una cola, por ejemplo "CAJA1"')
    return queue, server


def _usb_device(name: str, destino: str) -> tuple[int, int, str]:
    found = _USB.fullmatch(destino)
    if not found:
        raise misconfigured(
            name, f'destino = "{destino}"; debe ser VVVV:PPPP como lo dice lsusb, por ejemplo "04b8:0e15"'
        )
    return int(found[1], 16), int(found[2], 16), found[3] or ""


def _address(name: str, destino: str) -> tuple[str, int]:
    """Host and port; an IPv6 address with port is written ``[::1]:9100``."""
    host, port = destino, str(_PORT)
    if destino.startswith("["):
        host, _, rest = destino[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif destino.count(":") == 1:
        host, _, port = destino.partition(":")
    if not _is_host(host) or not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise misconfigured(
            name, f'destino = "{destino}"; debe ser una dirección y un puerto, por ejemplo "192.168.1.50:9100"'
        )
    return host, int(port)


def _is_host(host: str) -> bool:
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False


def _code_page(name: str, setting: str) -> CodePage:
    page_name, _, number = setting.partition(":")
    page = CODE_PAGES.get(page_name.strip().upper())
    if page is None:
        raise misconfigured(name, f'pagina_codigos = "{setting}"; puede ser {", ".join(CODE_PAGES)}')
    if not number:
        return page
    if page.number is None or not number.isascii() or not number.isdigit() or int(number) > _HIGHEST_PAGE:
        raise misconfigured(
            name, f'pagina_codigos = "{setting}"; después de los dos puntos va un número de 0 a {_HIGHEST_PAGE}'
        )
    return replace(page, number=int(number))


def _picture(page: bytes, paper: Paper) -> bytes:
    from sincronizador.printing.preview import png

    return png(page, paper)
