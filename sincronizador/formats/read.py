"""A dropped file as sections, whatever its form."""

from collections.abc import Callable

from sincronizador.core.sections import Reading, Vocabulary
from sincronizador.formats.encoding import PADDING, decode, sniff
from sincronizador.formats.txt import parse
from sincronizador.formats.whole import is_xml


def read(
    content: bytes, *, vocabulary: Vocabulary, from_xml: Callable[[bytes], Reading], encoding: str = "auto"
) -> Reading:
    """
    What a dropped file says; its content tells XML from TXT, not its name.

    `vocabulary` is what a TXT may hold, `from_xml` reads the country's XML. `encoding` is for a TXT; an XML declares
    its own. Raises `Rejected` E0101 for what is no text, and what `from_xml` raises.
    """
    if is_xml(content):
        return from_xml(content if sniff(content).startswith("utf-16") else content.rstrip(PADDING.encode("ascii")))
    text, encoding = decode(content, encoding)
    return parse(text, vocabulary, encoding)
