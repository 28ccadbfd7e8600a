"""A Complemento Fiscal that only DGI may read: whether it is one, without reading it. W3C XML Encryption."""

import binascii
from base64 import b64decode

from lxml import etree

_XENC = "{http://www.w3.org/2001/04/xmlenc#}"
_DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
_METHOD, _KEY, _CIPHER = _XENC + "EncryptionMethod", _DSIG + "KeyInfo", _XENC + "CipherData"
_ORDER = (_METHOD, _KEY, _CIPHER, _XENC + "EncryptionProperties")
_KEY_ORDER = (*_ORDER, _XENC + "ReferenceList", _XENC + "CarriedKeyName")


def trouble(text: str) -> str:
    """Why this EncryptedData cannot be one, in Spanish; empty when nothing is wrong with its form."""
    return _inside(etree.fromstring(text), _ORDER)


def _inside(element: etree._Element, order: tuple[str, ...]) -> str:
    """What is wrong with an EncryptedData or EncryptedKey: its parts, in their order and once each."""
    tags = [str(part.tag) for part in element]
    foreign = [tag for tag in tags if tag not in order]
    if foreign:
        return f"{etree.QName(foreign[0]).localname} no va en {etree.QName(element).localname}"
    if _CIPHER not in tags:
        return f"falta CipherData en {etree.QName(element).localname}"
    if tags != sorted(set(tags), key=order.index):
        return f"las partes de {etree.QName(element).localname} no están en su orden, una vez cada una"
    return next(filter(None, map(_part, element)), "")


def _part(part: etree._Element) -> str:
    if part.tag == _METHOD and not part.get("Algorithm"):
        return "EncryptionMethod no dice Algorithm"
    if part.tag == _KEY:
        if not len(part):
            return "KeyInfo está vacío"
        keys = part.iterchildren(_XENC + "EncryptedKey")
        return next(filter(None, (_inside(key, _KEY_ORDER) for key in keys)), "")
    return _cipher(part) if part.tag == _CIPHER else ""


def _cipher(part: etree._Element) -> str:
    values = list(part)
    if len(values) != 1 or values[0].tag != _XENC + "CipherValue" or len(values[0]):
        return "CipherData lleva un CipherValue"
    try:
        content = b64decode("".join((values[0].text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return "CipherValue no está en Base64"
    return "" if content else "CipherValue está vacío"
