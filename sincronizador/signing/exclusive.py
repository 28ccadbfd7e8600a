"""
Exclusive XML canonicalisation (exc-c14n), for messages of which a part is signed.

libxml2 refuses to canonicalise what is in a namespace with a relative URI, as DGI's RUT service is, and does subtrees
wrongly. This is the one way for all: expat tells names as they are written, and nothing is guessed back from URIs.
"""

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

LARGEST = 64_000_000
"""Bytes of a message: DGI's register of issuers, whole, has some tens of millions."""
DEEPEST = 64
MOST_ELEMENTS = 1_500_000
MOST_PREFIXES = 64
"""Namespaces in scope at one place."""

_XML = "http://www.w3.org/XML/1998/namespace"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"}
_IN_TEXT = re.compile("[&<>\r]")
_IN_ATTRIBUTE = re.compile('[&<"\t\n\r]')


class NotXmlError(ValueError):
    """Why some bytes are no message: not well formed, or with what no message may have. Spanish, within a sentence."""


class Element:
    """An element as written: its prefixes are kept, and what they mean where it stands."""

    __slots__ = ("attributes", "children", "name", "scope")

    def __init__(self, name: str, attributes: tuple[tuple[str, str], ...], scope: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        """Without the declarations of namespaces."""
        self.scope = scope
        """Prefix (empty: the default) -> URI."""
        self.children: list[Element | str] = []

    @property
    def tag(self) -> tuple[str, str]:
        """URI and local name."""
        return _expanded(self.name, self.scope, default=True)

    @property
    def text(self) -> str:
        """What is written in it, without what its elements hold."""
        return "".join(child for child in self.children if isinstance(child, str))

    def get(self, uri: str, local: str) -> str | None:
        """The value of an attribute."""
        for name, value in self.attributes:
            if _expanded(name, self.scope, default=False) == (uri, local):
                return value
        return None

    def elements(self) -> "list[Element]":
        """Its elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def all(self, uri: str, local: str) -> "list[Element]":
        """Its elements of that name."""
        return [child for child in self.elements() if child.tag == (uri, local)]

    def walk(self) -> "Iterator[Element]":
        """It and everything below it."""
        yield self
        for child in self.elements():
            yield from child.walk()


def read(document: bytes) -> Element:
    """
    The root of a document. Comments are left out.

    Raises `NotXmlError`: not well formed, a DTD, a processing instruction, larger or deeper than messages are.
    """
    if len(document) > LARGEST:
        raise NotXmlError(f"tiene más de {LARGEST} bytes")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.ProcessingInstructionHandler = reader.instruction
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError) as exc:  # the second: an encoding that Python does not know
        raise NotXmlError("no es un XML bien formado") from exc
    return reader.root


def canonical(element: Element, inclusive: tuple[str, ...] = ()) -> bytes:
    """
    The element and all in it as exc-c14n writes them, without comments.

    `inclusive` are prefixes (``#default``: the default namespace) that are declared as inclusive c14n would: the
    PrefixList of InclusiveNamespaces.
    """
    out: list[str] = []
    _write(element, {}, frozenset("" if prefix == "#default" else prefix for prefix in inclusive), out)
    return "".join(out).encode()


class _Reader:
    """Handlers of expat that build the tree."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._count = 0

    def doctype(self, *_: object) -> None:
        raise NotXmlError("trae una declaración DOCTYPE, que no se acepta")

    def instruction(self, *_: object) -> None:
        raise NotXmlError("trae una instrucción de proceso, que no se acepta")

    def start(self, name: str, attributes: list[str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise NotXmlError("tiene demasiados elementos, o demasiado hondos")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        above = self._open[-1].scope if self._open else {"xml": _XML}
        declared = {key[6:]: uri for key, uri in pairs if key == "xmlns" or key.startswith("xmlns:")}
        plain = tuple(pair for pair in pairs if pair[0] != "xmlns" and not pair[0].startswith("xmlns:"))
        element = Element(name, plain, _scope(above, declared) if declared else above)
        _check(element)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].children.append(data)


def _scope(above: Mapping[str, str], declared: Mapping[str, str]) -> Mapping[str, str]:
    for prefix, uri in declared.items():
        reserved = prefix == "xmlns" or uri == _XMLNS or (prefix == "xml") != (uri == _XML)
        if reserved or (prefix and not uri) or ":" in prefix:
            raise NotXmlError("declara mal un espacio de nombres")
    scope = {**above, **declared}
    if len(scope) > MOST_PREFIXES:
        raise NotXmlError("declara demasiados espacios de nombres")
    return scope


def _check(element: Element) -> None:
    """Raises for names that have no meaning, or two attributes that have one: readers would differ about it."""
    element.tag  # noqa: B018 - raises
    names = [_expanded(name, element.scope, default=False) for name, _ in element.attributes]
    if len(set(names)) < len(names):
        raise NotXmlError("repite un atributo")


def _expanded(name: str, scope: Mapping[str, str], *, default: bool) -> tuple[str, str]:
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return (scope.get("", "") if default else ""), local
    if prefix not in scope or not prefix or not local:
        raise NotXmlError("usa un espacio de nombres que no declara")
    return scope[prefix], local


def _write(element: Element, rendered: Mapping[str, str], inclusive: frozenset[str], out: list[str]) -> None:
    scope = element.scope
    prefixes = {name.rpartition(":")[0] for name, _ in element.attributes if ":" in name}
    prefixes |= {element.name.rpartition(":")[0], *(prefix for prefix in inclusive if prefix in scope)}
    declared = {
        prefix: uri
        for prefix in sorted(prefixes - {"xml"})
        if rendered.get(prefix, "") != (uri := scope.get(prefix, ""))
    }
    out.append(f"<{element.name}")
    for prefix, uri in declared.items():
        out.append(f' xmlns{":" if prefix else ""}{prefix}="{_escaped(_IN_ATTRIBUTE, uri)}"')
    for name, value in sorted(element.attributes, key=lambda pair: _expanded(pair[0], scope, default=False)):
        out.append(f' {name}="{_escaped(_IN_ATTRIBUTE, value)}"')
    out.append(">")
    below = {**rendered, **declared} if declared else rendered
    for child in element.children:
        if isinstance(child, str):
            out.append(_escaped(_IN_TEXT, child))
        else:
            _write(child, below, inclusive, out)
    out.append(f"</{element.name}>")


def _escaped(special: re.Pattern[str], text: str) -> str:
    return special.sub(lambda found: _SPECIAL[found[0]], text)
