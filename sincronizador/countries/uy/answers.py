"""An answer of DGI or of a receiver as named values: bounded, without DTD, refused with what is wrong with it."""

from collections.abc import Callable
from datetime import date, datetime

from lxml import etree

from sincronizador.core.finding import Rule
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected

NORM = "Formato Mensaje de Respuesta v19"
MAX_ANSWER = 8_000_000
"""Bytes; 250 documents with all their reasons have fewer."""

UNREADABLE_ANSWER = Rule(
    "E1911",
    "Respuesta que no se entiende",
    "La respuesta no se puede leer como {que}: {detalle}.",
    "Guárdela y llame a quien mantiene el programa; mientras tanto se vuelve a consultar.",
    NORM,
)

RULES = (UNREADABLE_ANSWER,)

_NUMBER, _RUT, _ESTADO = 10, 12, 2
"""Digits of the longest number, of a RUT, and letters of a state."""


class Answer:
    """
    A file that should be an answer.

    `what`: its name, and that of its root element unless `roots` tells which it may have. Raises `Rejected` E1911 for
    what is none.
    """

    def __init__(
        self, content: bytes, what: str, roots: Callable[[str], bool] | None = None, *, most: int = MAX_ANSWER
    ) -> None:
        self._what = what
        if len(content) > most:
            raise self.unreadable(f"tiene {len(content)} bytes")
        try:
            self.root = take_apart(content).tree
        except Rejected as exc:
            raise self.unreadable(str(exc).rstrip(".")) from exc
        if not (roots or what.__eq__)(local(self.root)):
            raise self.unreadable(f"su raíz es «{local(self.root)[:80]}»")

    def unreadable(self, detail: str) -> Rejected:
        """What is said of it when it is not."""
        return UNREADABLE_ANSWER.at(que=self._what, detalle=detail).as_error(Rejected)

    def zones(self, parent: etree._Element, name: str) -> list[etree._Element]:
        """The children of that name."""
        return [node for node in parent if local(node) == name]

    def zone(self, name: str) -> etree._Element:
        """One of its parts, which must be there."""
        found = self.zones(self.root, name)
        if not found:
            raise self.unreadable(f"le falta {name}")
        return found[0]

    def said(self, name: str) -> "Said":
        """The texts of one of its parts."""
        return Said(self, self.zone(name))


class Said:
    """The texts below one element of an answer as values; what cannot be one makes the answer unreadable."""

    def __init__(self, answer: Answer, parent: etree._Element) -> None:
        self._answer = answer
        self._fields = {local(node): (node.text or "").strip() for node in parent if not len(node)}

    def text(self, name: str) -> str:
        """As it is written; empty when it is absent."""
        return self._fields.get(name, "")

    def rut(self, name: str) -> str:
        """Twelve digits."""
        value = self.text(name)
        if not (len(value) == _RUT and _is_number(value)):
            raise self._wrong(name, value)
        return value

    def number(self, name: str) -> int:
        """A number of up to ten digits."""
        value = self.text(name)
        if not (_is_number(value) and len(value) <= _NUMBER):
            raise self._wrong(name, value)
        return int(value)

    def estado(self, name: str) -> str:
        """Two capitals."""
        value = self.text(name)
        if not (len(value) == _ESTADO and value.isascii() and value.isalpha() and value.isupper()):
            raise self._wrong(name, value)
        return value

    def moment(self, name: str) -> datetime | None:
        """A moment; None when it is absent or miswritten."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=ZONE)

    def day(self, name: str) -> date | None:
        """A day; None when it is absent, miswritten or ``0000-00-00``."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def sure_day(self, name: str) -> date:
        """A day that must be there."""
        found = self.day(name)
        if found is None:
            raise self._wrong(name, self.text(name))
        return found

    def _wrong(self, name: str, value: str) -> Rejected:
        return self._answer.unreadable(f"{name} dice «{value[:40]}»" if value else f"le falta {name}")


def local(node: etree._Element) -> str:
    """Name without namespace: the services and the formats have different ones."""
    return etree.QName(node).localname


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
