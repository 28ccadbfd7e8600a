"""A Complemento Fiscal that only DGI may read: whether it is one, without reading it. W3C XML Encryption."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9/?#\[\]@!$&'()*+,;=:._~\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What an element is made of: a closed list, narrower than the schema, that holds DGI's sample and ours."""

    parts: tuple[str, ...] = ()
    """Elements in it, in this order."""
    needs: str = ""
    """The one without which it is nothing."""
    many: bool = False
    """Its parts may repeat, in any order; there is at least one."""
    attributes: tuple[str, ...] = ()
    text: str = ""
    """``base64``, ``texto``, or empty: none."""


_METHOD, _KEY, _CIPHER = _XENC + "EncryptionMethod", _DSIG + "KeyInfo", _XENC + "CipherData"
_ABOUT = ("Type", "MimeType", "Encoding")
_SHAPES = {
    _XENC + "EncryptedData": _Shape(parts=(_METHOD, _KEY, _CIPHER), needs=_CIPHER, attributes=_ABOUT),
    _XENC + "EncryptedKey": _Shape(
        parts=(_METHOD, _KEY, _CIPHER, _XENC + "CarriedKeyName"), needs=_CIPHER, attributes=(*_ABOUT, "Recipient")
    ),
    _METHOD: _Shape(parts=(_XENC + "OAEPparams", _DSIG + "DigestMethod"), attributes=("Algorithm",)),
    _DSIG + "DigestMethod": _Shape(attributes=("Algorithm",)),
    _KEY: _Shape(parts=(_DSIG + "KeyName", _XENC + "EncryptedKey", _DSIG + "X509Data"), many=True),
    _DSIG + "X509Data": _Shape(parts=(_DSIG + "X509Certificate", _DSIG + "X509SubjectName"), many=True),
    _CIPHER: _Shape(parts=(_XENC + "CipherValue",), needs=_XENC + "CipherValue"),
    **dict.fromkeys((_DSIG + "KeyName", _DSIG + "X509SubjectName", _XENC + "CarriedKeyName"), _Shape(text="texto")),
    **dict.fromkeys(
        (_XENC + "CipherValue", _XENC + "OAEPparams", _DSIG + "X509Certificate"), _Shape(text="base64")
    ),
}  # fmt: skip


def trouble(text: str) -> str:
    """Why this EncryptedData cannot be one, in Spanish; empty when nothing is wrong with its form."""
    elements = etree.fromstring(text).iter()
    return next((wrong for element in elements for wrong in _troubles(element)), "")


def _troubles(element: etree._Element) -> Iterator[str]:
    shape, name = _SHAPES.get(str(element.tag)), etree.QName(element).localname
    if shape is None:
        parent = element.getparent()
        inside = "Compl_Fiscal" if parent is None else etree.QName(parent).localname
        yield f"{name} no va en {inside}"
        return
    yield from _parts(element, shape, name)
    yield from _attributes(element, shape, name)
    if shape.text == "base64":
        yield from _base64(element.text or "", name)
    elif not shape.text and any((text or "").strip() for text in (element.text, *(part.tail for part in element))):
        yield f"{name} no lleva texto"


def _parts(element: etree._Element, shape: _Shape, name: str) -> Iterator[str]:
    tags = [str(part.tag) for part in element]
    for tag in tags:
        if tag not in shape.parts:
            yield f"{etree.QName(tag).localname} no va en {name}"
            return
    if shape.needs and shape.needs not in tags:
        yield f"falta {etree.QName(shape.needs).localname} en {name}"
    if shape.many and not tags:
        yield f"{name} está vacío"
    if not shape.many and tags != sorted(set(tags), key=shape.parts.index):
        yield f"las partes de {name} no están en su orden, una vez cada una"


def _attributes(element: etree._Element, shape: _Shape, name: str) -> Iterator[str]:
    for attribute in map(str, element.keys()):
        if attribute not in shape.attributes:
            yield f"{name} no lleva {attribute}"
        elif attribute in ("Algorithm", "Type", "Encoding") and not _URI.fullmatch(element.get(attribute, "")):
            yield f"{attribute} de {name} no es una dirección"
    if "Algorithm" in shape.attributes and not element.get("Algorithm"):
        yield f"{name} no dice Algorithm"


def _base64(text: str, name: str) -> Iterator[str]:
    try:
        if not b64decode("".join(text.split()), validate=True):
            yield f"{name} está vacío"
    except (binascii.Error, ValueError):
        yield f"{name} no está en Base64"
