"""
What a letter holds: the XML files in a message, or the letter itself where it is one.

A stranger wrote all of it. Archives are not unpacked, names are only shown, nothing is fetched, and every count is
bounded.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

MOST_PARTS = 200
"""Of a message; what is behind them makes it one that a person must look at."""
DEEPEST = 30
"""Messages within messages."""
_NAME_LETTERS = 60
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ARCHIVES = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_HEADER = re.compile(rb"\A(?:From |[!-9;-~]{1,76}:)")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """An XML file."""

    name: str
    """As its sender called it, without folders; for people and for the answer, never a path."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A letter and what is in it."""

    reply_to: str
    """An address; empty where it has none, or what cannot be one."""
    xmls: tuple[Enclosure, ...]
    troubles: tuple[str, ...]
    """What was not looked at, and why."""


def open_letter(content: bytes, name: str) -> Opened:
    """What is in a letter, whatever it is."""
    if is_xml(content):
        return Opened(reply_to="", xmls=(Enclosure(name=bare(name), content=content),), troubles=())
    if content.startswith(_ARCHIVES):
        return Opened(reply_to="", xmls=(), troubles=(f"«{bare(name)}» es un archivo comprimido, que no se abre",))
    if not _HEADER.match(content):
        return Opened(reply_to="", xmls=(), troubles=("no es un mensaje ni un XML",))
    try:
        message = message_from_bytes(content)
        return _opened(message)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as exc:
        # What the standard library's parser raises for broken messages is nowhere written.
        return Opened(reply_to="", xmls=(), troubles=(f"el mensaje está mal formado ({type(exc).__name__})",))


def is_xml(content: bytes) -> bool:
    """Whether it begins as XML does, in any of the encodings that are read."""
    bom = next((mark for mark in _BOMS if content.startswith(mark)), b"")
    return content[len(bom) : len(bom) + 200].lstrip(b" \t\r\n\0").startswith(b"<")


def bare(name: str) -> str:
    """A name without folders, in letters that are harmless everywhere."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[^A-Za-z0-9._-]", "_", last)[-_NAME_LETTERS:].lstrip(".")


def _opened(message: Message) -> Opened:
    xmls: list[Enclosure] = []
    troubles: list[str] = []
    for number, part in enumerate(_leaves(message, 0)):
        if number >= MOST_PARTS:
            troubles.append(f"el mensaje tiene más de {MOST_PARTS} partes")
            break
        content, name = _content(part), _filename(part)
        if content.startswith(_ARCHIVES):
            troubles.append(f"trae «{name}», un archivo comprimido, que no se abre")
        elif is_xml(content) and _may_be_xml(part, name):
            xmls.append(Enclosure(name=name, content=content))
    return Opened(reply_to=_reply_to(message), xmls=tuple(xmls), troubles=tuple(troubles))


def _leaves(message: Message, depth: int) -> Iterator[Message]:
    if depth > DEEPEST:
        raise ValueError("too deep")
    inside = message.get_payload()
    if isinstance(inside, list):
        for part in inside:
            if isinstance(part, Message):
                yield from _leaves(part, depth + 1)
    else:
        yield message


def _content(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _filename(part: Message) -> str:
    return bare(_decoded(part.get_filename("")))


def _may_be_xml(part: Message, name: str) -> bool:
    """A page in HTML begins as XML does."""
    return name.lower().endswith(".xml") or part.get_content_type() in (
        "text/xml", "application/xml", "application/octet-stream",
    )  # fmt: skip


def _reply_to(message: Message) -> str:
    for name in ("Reply-To", "From"):
        _, address = parseaddr(_decoded(message.get(name, "")))
        if _ADDRESS.fullmatch(address):
            return address
    return ""


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError):
        return str(value)
