"""The text of a dropped file and the encoding it was written in."""

import codecs
import re

from sincronizador.core.codes import EMPTY
from sincronizador.core.letters import MOST_MARKS, is_overloaded, normal
from sincronizador.errors import Rejected

PADDING = " \t\r\n\f\0\x1a"
"""What old programs leave at the end of a file: blanks, NULs, Ctrl-Z."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ODD = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 2_000
"""Characters outside ASCII that are looked at to tell cp850 from cp1252."""

_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ")
_NEIGHBOURS = frozenset("ãõâêôçàÃÕÂÊÔÇÀ")
"""Portuguese, for names from across the border."""
_OPENING = frozenset("¿¡«“‘")
_MARKS = frozenset("ºª°")
_TYPOGRAPHY = frozenset("€”’»–—…·•®©™´½¼¾²³×±\xa0")


def decode(content: bytes, name: str = "auto") -> tuple[str, str]:
    """
    The text in NFC, without BOM, and the name of its encoding.

    ``auto`` takes a BOM, then UTF-16 without one, strict UTF-8, and the one of cp1252 and cp850 that gives Spanish; any
    other `name` is a Python codec. A BOM rules over `name`. The encoding told is what an answer is written in:
    ``ascii`` when nothing else occurs, never one with a BOM of its own but ``utf-16``.
    Raises `Rejected` E0101 for what is empty, binary or not in the named encoding; LookupError for an unknown codec.
    """
    encoding = sniff(content) or _name(content, name)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        raise _unreadable(
            f"no está en {encoding}: hay un byte 0x{content[exc.start]:02X} en la posición {exc.start + 1}"
        ) from exc
    if all(char.isspace() or char in PADDING for char in text):
        raise _unreadable("está vacío")
    if len(_ODD.findall(text)) * 20 > len(text):
        raise _unreadable("no es un texto, parece un archivo binario")
    if is_overloaded(text):
        raise _unreadable(f"tiene más de {MOST_MARKS} acentos sobre una misma letra")
    return normal("NFC", text), _told(encoding)


def sniff(content: bytes) -> str:
    """The codec that the first bytes prove, by a BOM or by the NULs of UTF-16; empty when they prove none."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return encoding
    if len(content) > 1 and (content[0] == 0) != (content[1] == 0):
        return "utf-16-be" if content[0] == 0 else "utf-16-le"
    return ""


def _name(content: bytes, name: str) -> str:
    if name != "auto":
        given = codecs.lookup(name).name
        return "ascii" if content.isascii() else given
    if content.isascii():
        return "ascii"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _code_page(content)
    return "utf-8"


def _told(encoding: str) -> str:
    if encoding.startswith("utf-16"):
        return "utf-16"
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _unreadable(detail: str) -> Rejected:
    return Rejected(EMPTY.code, EMPTY.at(detalle=detail).message)


def _code_page(content: bytes) -> str:
    dos = content.decode("cp850")
    try:
        windows = content.decode("cp1252")
    except UnicodeDecodeError:
        return "cp850"
    return "cp850" if _spanish(dos) > _spanish(windows) else "cp1252"


def _spanish(text: str) -> int:
    """How much the characters outside ASCII look like Spanish where they stand."""
    total = 0
    for count, found in enumerate(_HIGH.finditer(text)):
        if count == _SAMPLE:
            break
        at = found.start()
        total += _points(found[0], text[max(0, at - 2) : at], text[at + 1 : at + 3])
    return total


def _points(char: str, before: str, after: str) -> int:
    inside = before[-1:].isalpha() and after[:1].isalpha()
    if char in _OPENING:
        return 2 if not before[-1:].isalnum() and after[:1].strip() else -3
    if char in _MARKS:
        return 2 if before[-1:].isalnum() and not after[:1].isalpha() else -1
    if char in _TYPOGRAPHY:
        return -2 if inside else 1
    if char not in _SPANISH and char not in _NEIGHBOURS:
        return -3
    if not _case_fits(char, before, after):
        return -2
    return 3 if char in _SPANISH else 1


def _case_fits(char: str, before: str, after: str) -> bool:
    """Whether its case goes with its word: not ``cafÚ``, not ``CAFé``."""
    if char.isupper():
        return not before[-1:].islower() and not (before[-1:].isalpha() and after[:1].islower())
    shouted = len(before) == 2 and before.isupper() and before.isalpha()
    return not shouted and not after[:1].isupper()
