"""Where a server of ours listens: an address of this machine and a port."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator

from sincronizador.toml import Texto


def _address(value: str) -> str:
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:]+)\]|([0-9.]+|localhost)):(\d{1,5})", value, re.ASCII)
    if found is None or int(found[3]) > 65_535:
        raise ValueError("una dirección de esta máquina y un puerto, por ejemplo 127.0.0.1:8750 o 0.0.0.0:443")
    try:
        ipaddress.ip_address(found[1] or found[2].replace("localhost", "127.0.0.1"))
    except ValueError:
        raise ValueError("una dirección IP y un puerto, por ejemplo 127.0.0.1:8750") from None
    return value


Escucha = Annotated[Texto, AfterValidator(_address)]
"""In a TOML."""


def address_of(escucha: str) -> tuple[str, int]:
    """Host and port of an address to listen on."""
    host, _, port = escucha.rpartition(":")
    return host.strip("[]").replace("localhost", "127.0.0.1"), int(port)


def is_loopback(escucha: str) -> bool:
    """Whether only this machine reaches it."""
    return ipaddress.ip_address(address_of(escucha)[0]).is_loopback
