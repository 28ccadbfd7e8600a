"""A signed CFE as zones of named texts: what `emitted` and the printed form read, and the only things they read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from lxml import etree

from sincronizador.core.finding import Rule
from sincronizador.countries.uy.tipos import ZONE, Familia
from sincronizador.errors import Rejected

CFE = "{http://cfe.dgi.gub.uy}"
"""Namespace of every element but the signature's."""
DIGEST_VALUE = "/".join(
    "{http://www.w3.org/2000/09/xmldsig#}" + name for name in ("Signature", "SignedInfo", "Reference", "DigestValue")
)

UNREADABLE = Rule(
    "E1901",
    "Comprobante firmado que no se entiende",
    "El comprobante firmado no se puede leer: {detalle}.",
    "Debe ser un CFE de DGI, completo y firmado, de uno de los tipos de la tabla A.",
    "Formato CFE v25.2",
)

_SKIP = len(CFE)
_DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*", re.ASCII)

Zone = Mapping[str, str]
"""Element -> text of the children of one element that have no children themselves."""
Groups = Mapping[str, Sequence[Zone]]
"""Element -> the zones of the children of that name that have children, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCfe:
    """The root of one document (``eTck``, ``eRem``) and the digest of its signature."""

    body: etree._Element
    digest: str

    def zone(self, *path: str) -> Zone:
        """The texts below one element, ``zone("Encabezado", "IdDoc")``; empty when it is absent."""
        found = self.body.find("/".join(CFE + name for name in path)) if path else self.body
        return texts(found) if found is not None else {}

    def zones(self, *path: str) -> Iterator[Zone]:
        """The texts of each element of that path, in order: ``zones("Detalle", "Item")``."""
        return map(texts, self._elements(path))

    def branches(self, *path: str) -> Iterator[tuple[Zone, Groups]]:
        """The same, each with what is repeated inside it: the codes, discounts and withholdings of an Item."""
        return ((texts(found), groups(found)) for found in self._elements(path))

    def values(self, *path: str) -> list[str]:
        """The texts of an element that may be repeated: ``values("Encabezado", "Emisor", "Telefono")``."""
        return [found.text for found in self._elements(path) if found.text]

    def _elements(self, path: tuple[str, ...]) -> Iterator[etree._Element]:
        return self.body.iterfind("/".join(CFE + name for name in path))


def texts(parent: etree._Element) -> Zone:
    """The texts of the children that hold nothing but text."""
    return {child.tag[_SKIP:]: child.text or "" for child in parent if not len(child)}


def groups(parent: etree._Element) -> Groups:
    """The zones of the children that hold more than text, by name."""
    found: dict[str, list[Zone]] = {}
    for child in parent:
        if len(child):
            found.setdefault(child.tag[_SKIP:], []).append(texts(child))
    return found


def parse_signed(signed: bytes) -> SignedCfe:
    """
    The signed document in `signed`; nothing is verified. Comments and instructions are as if absent.

    Raises `Rejected` E1901 for anything that is not a signed CFE of a family issued here.
    """
    try:
        root = etree.fromstring(signed, _parser())
    except etree.XMLSyntaxError as exc:
        raise _unreadable("no es un XML bien formado") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable("trae una declaración DOCTYPE")
    if root.tag != CFE + "CFE" or not len(root):
        raise _unreadable("no es un CFE")
    if root[0].tag not in _BODIES:
        raise _unreadable("no es de una familia de DGI")
    digest = root.findtext(DIGEST_VALUE, "").strip()
    if not digest:
        raise _unreadable("no tiene firma")
    return SignedCfe(body=root[0], digest=digest)


@contextmanager
def readable() -> Iterator[None]:
    """While a parsed CFE is read: what it lacks or has miswritten is refused as `parse_signed` refuses."""
    try:
        yield
    except KeyError as exc:
        raise _unreadable(f"falta {exc.args[0]}") from exc
    except (ValueError, ArithmeticError) as exc:
        raise _unreadable("un número, una fecha o un código está mal escrito") from exc


def moment_of(text: str) -> datetime:
    """A moment of a signed CFE, aware. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def number_of(text: str) -> Decimal:
    """A decimal of the schema, which knows neither NaN nor exponents: one can fill the memory. Raises ValueError."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _unreadable(detail: str) -> Rejected:
    finding = UNREADABLE.at(detalle=detail)
    return Rejected(finding.code, finding.message)


_BODIES = frozenset(CFE + familia for familia in Familia)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
