"""Whether a dropped file is whole, and what it is about to ask, told from its bytes alone."""

import re
from xml.parsers import expat

from sincronizador.formats.encoding import PADDING, sniff
from sincronizador.formats.txt import END, section_name

HOLE = "una parte del medio, donde solo hay ceros"

_HEAD = 4_096
_GAP = 256
"""NULs in a row that no program pads a field with; a file's missing sector is twice as many, in UTF-16 just as many."""
_HOLE = re.compile(f"\0{{{_GAP},}}[^\0]")
_PADDING_BYTES = PADDING.encode("ascii")


def is_xml(content: bytes) -> bool:
    """Whether the first character that is not blank is ``<``, in whatever encoding."""
    return _head(content).lstrip().startswith("<")


def missing(content: bytes, *, xml: bool) -> str | None:
    """
    What the file still lacks to be whole, in words for a person; None when it is whole.

    A TXT is whole when its last line that is not empty is ``[FIN]``, an XML when its first element is closed; one that
    is malformed, or declares a DTD, is whole: waiting would not cure it. Its content tells which of both it is; `xml`,
    what its name promises, counts while there is none. What has a hole is not whole, whatever its end says.
    """
    if has_hole(content):
        return HOLE
    if is_xml(content):
        return _missing_end_tag(content)
    if not content.strip(_PADDING_BYTES):
        return "el contenido" if xml else f"la línea [{END}]"
    return None if _last_section(content) == END else f"la línea [{END}]"


def has_hole(content: bytes) -> bool:
    """Whether a part in the middle never came: zeros, as a cut of the power or a copy under way leaves them."""
    if bytes(_GAP) not in content:
        return False
    encoding = sniff(content) or "latin-1"
    return _HOLE.search(content.decode(encoding, errors="replace").rstrip(PADDING)) is not None


def first_section(content: bytes) -> str:
    """The canonical name of a TXT's first section (``RETIRAR``); empty for XML and when its head shows none."""
    for line in re.split(r"[\r\n]+", _head(content)):
        if name := section_name(line):
            return name
    return ""


def _head(content: bytes) -> str:
    """The beginning of a file as far as ASCII goes; half a character at its edge is no error."""
    encoding = sniff(content) or "latin-1"
    return content[:_HEAD].decode(encoding, errors="replace").replace("\0", "")


def _last_section(content: bytes) -> str | None:
    encoding = sniff(content)
    if encoding.startswith("utf-16"):
        text = content.decode(encoding, errors="replace")
    else:
        stripped = content.rstrip(_PADDING_BYTES)
        start = max(stripped.rfind(b"\n"), stripped.rfind(b"\r")) + 1
        text = stripped[start:].decode("latin-1")
    return section_name(re.split(r"[\r\n]", text.replace("\0", "").rstrip(PADDING))[-1])


def _written(content: bytes) -> bytes:
    """Without the NULs at the end: a copy over a network gives a file its size first and its bytes later."""
    length = len(content.rstrip(b"\0"))
    half = length % 2 if sniff(content).startswith("utf-16") else 0
    return content[: length + half]


class _Decided(Exception):
    """The parser has seen enough."""


def _missing_end_tag(content: bytes) -> str | None:
    parser = expat.ParserCreate()
    open_tags: list[str] = []
    root: list[str] = []

    def start(name: str, _attributes: object) -> None:
        if not open_tags:
            root.append(name)
        open_tags.append(name)

    def end(_name: str) -> None:
        open_tags.pop()
        if not open_tags:
            raise _Decided

    def doctype(*_: object) -> None:
        raise _Decided

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(_written(content), False)
    except (_Decided, expat.ExpatError, LookupError, ValueError):
        return None
    return f"el cierre </{root[0]}>" if root else "la primera etiqueta"
