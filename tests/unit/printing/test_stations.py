"""Stations are made from settings, or the wrong setting is named."""

import pytest

from sincronizador.core.ticket import Text, Ticket
from sincronizador.errors import NeedsOperator
from sincronizador.printing.stations import make_printer
from sincronizador.printing.tcp import Tcp


@pytest.mark.parametrize(
    ("destino", "address"),
    [
        ("192.168.1.50", ("192.168.1.50", 9100)),
        ("impresora.local:9101", ("impresora.local", 9101)),
        ("[::1]:9102", ("::1", 9102)),
        ("[fe80::1]", ("fe80::1", 9100)),
        ("fe80::1", ("fe80::1", 9100)),
    ],
)
def test_an_address_may_leave_out_its_port(destino: str, address: tuple[str, int]) -> None:
    station = make_printer("CAJA1", "tcp", destino)
    assert isinstance(station._way, Tcp)
    assert station._way._address == address


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"via": "paloma"}, "paloma"),
        ({"destino": " "}, "destino"),
        ({"destino": "host:puerto"}, "host:puerto"),
        ({"destino": "host:0"}, "host:0"),
        ({"destino": "host:70000"}, "host:70000"),
        ({"destino": ":9100"}, ":9100"),
        ({"destino": "caja..1"}, "caja..1"),
        ({"columnas": 40}, "40"),
        ({"pagina_codigos": "CP1251"}, "CP1251"),
        ({"pagina_codigos": "CP858:x"}, "CP858:x"),
        ({"pagina_codigos": "CP858:256"}, "CP858:256"),
        ({"pagina_codigos": "ascii:3"}, "ascii:3"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], named: str) -> None:
    wanted = {"name": "CAJA1", "via": "tcp", "destino": "localhost"} | settings
    with pytest.raises(NeedsOperator, match="CAJA1") as told:
        make_printer(**wanted)
    assert told.value.code == "E4010"
    assert named in str(told.value)


@pytest.mark.parametrize(
    ("setting", "selected"),
    [
        ("CP858", b"\x1c.\x1bR\x00\x1bt\x13"),
        ("cp850", b"\x1c.\x1bR\x00\x1bt\x02"),
        ("CP1252:71", b"\x1c.\x1bR\x00\x1bt\x47"),
        ("ascii", b"\x1bR\x00n"),
    ],
)
def test_the_code_page_may_be_written_in_any_case_and_with_its_number(setting: str, selected: bytes) -> None:
    page = make_printer("CAJA1", "tcp", "localhost", pagina_codigos=setting).render(Ticket((Text("ñ"),)))
    assert page.startswith(b"\x1b@" + selected)
