"""Print stations made from their settings: the adapter of the door over any way."""

from dataclasses import replace

from sincronizador.core import codes
from sincronizador.core.ticket import Ticket
from sincronizador.errors import NeedsOperator
from sincronizador.printing.door import Printed, Printer
from sincronizador.printing.paper import CODE_PAGES, CodePage, Paper
from sincronizador.printing.transport import Device, Folder, Tcp, Way

_COLUMNS = (48, 42, 32)
_PORT = 9100
_HIGHEST_PAGE = 255


class Station:
    """A print station: paper of one width and code page, and the way to it. See `Printer` for its promises."""

    def __init__(self, name: str, paper: Paper, way: Way) -> None:
        self.name = name
        self._paper = paper
        self._way = way

    def render(self, ticket: Ticket) -> bytes:
        """The bytes for this station's paper."""
        from sincronizador.printing.escpos import encode

        return encode(ticket, self._paper)

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

    def status(self) -> str:
        """Ask by the station's way."""
        return self._way.status()


def make_printer(name: str, via: str, destino: str, columnas: int = 48, pagina_codigos: str = "CP858") -> Printer:
    """
    The station of ``[impresora.NOMBRE]``. Nothing is opened yet.

    `destino` is ``HOST`` or ``HOST:PUERTO`` for ``tcp``, else a path. `pagina_codigos` names a page, with the number
    that this printer gives it when it is not Epson's: ``CP858:13``. Raises `NeedsOperator` (E4010) for a wrong setting.
    """
    if columnas not in _COLUMNS:
        raise _wrong(name, f"columnas = {columnas}; puede ser 48, 42 o 32")
    paper = Paper(columns=columnas, page=_code_page(name, pagina_codigos))
    return Station(name, paper, _way(name, via, destino.strip(), paper))


def _way(name: str, via: str, destino: str, paper: Paper) -> Way:
    if not destino:
        raise _wrong(name, "falta destino")
    if via == "tcp":
        return Tcp(name, *_address(name, destino))
    if via == "dispositivo":
        return Device(name, destino)
    if via == "carpeta":
        return Folder(name, destino, lambda page: _picture(page, paper))
    raise _wrong(name, f'via = "{via}"; puede ser "tcp", "dispositivo" o "carpeta"')


def _address(name: str, destino: str) -> tuple[str, int]:
    """Host and port; an IPv6 address with port is written ``[::1]:9100``."""
    host, port = destino, str(_PORT)
    if destino.startswith("["):
        host, _, rest = destino[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif destino.count(":") == 1:
        host, _, port = destino.partition(":")
    if not _is_host(host) or not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise _wrong(
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
        raise _wrong(name, f'pagina_codigos = "{setting}"; puede ser {", ".join(CODE_PAGES)}')
    if not number:
        return page
    if page.number is None or not number.isascii() or not number.isdigit() or int(number) > _HIGHEST_PAGE:
        raise _wrong(
            name, f'pagina_codigos = "{setting}"; después de los dos puntos va un número de 0 a {_HIGHEST_PAGE}'
        )
    return replace(page, number=int(number))


def _picture(page: bytes, paper: Paper) -> bytes:
    from sincronizador.printing.preview import png

    return png(page, paper)


def _wrong(name: str, detail: str) -> NeedsOperator:
    finding = codes.PRINTER_SETTING.at(impresora=name, detalle=detail)
    return NeedsOperator(finding.code, finding.message)
