"""What an issuer chose to move, add or hide on its printed forms, within what the law leaves free."""

from dataclasses import dataclass
from enum import StrEnum


class Lugar(StrEnum):
    """Where an extra field stands."""

    CABEZA = "cabeza"
    """With date and currency."""
    ADENDA = "adenda"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A field of ``[EXTRA]`` that is printed."""

    campo: str
    """As the file names it: ``VENDEDOR``."""
    rotulo: str
    """What stands before its value."""
    lugar: Lugar = Lugar.ADENDA


ORDEN = ("pagos", "referencias", "informacion")
"""What stands between totals and QR, in the order that it has unless the template says another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The issuer's wishes; without any, the paper is as it always was."""

    logo: bytes = b""
    """PNG or JPEG that can be opened, or nothing."""
    color: str = ""
    """``#rrggbb``, on A4 only."""
    encabezado: tuple[str, ...] = ()
    """Texts below the issuer."""
    pie: tuple[str, ...] = ()
    """The last texts: ``Gracias por su compra``."""
    ocultar: frozenset[str] = frozenset()
    """Names of what is left out; the country says which there are."""
    extra: tuple[Extra, ...] = ()
    """The only extra fields that are printed; none: all of them, under their names."""
    orden: tuple[str, ...] = ORDEN


PLAIN = Template()
"""No wishes."""
