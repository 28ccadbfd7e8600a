"""Foreign XML: documents and records found by XPath 1.0, without DTD, entities, network or functions of others."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from .model import DOCUMENT, Mapeo
from .records import Record, Source
from .tables import trimmed

_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))


_Element = etree._Element  # noqa: SLF001 - what all of lxml's functions take and give
_Used = tuple[_Element, str]
"""An element whose text was looked at, or one of its attributes."""


class BadXml(ValueError):
    """Not XML; says where and why, in Spanish."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


class ForbiddenXml(BadXml):
    """XML with a DTD or entities."""


def source_of(content: bytes, mapeo: Mapeo) -> Source:
    """The documents of a file. Raises `BadXml`."""
    root = _root(content)
    paths = _Paths(tuple(mapeo.layout.spaces.items()))
    found = paths.elements(root, mapeo.document) if mapeo.document else [root]
    used: set[_Used] = set()
    place = {element: number for number, element in enumerate(root.iter())}
    documents = tuple(tuple(_records(element, mapeo, paths, used, place)) for element in found)
    encoding = (root.getroottree().docinfo.encoding or "utf-8").lower()
    return Source(documents=documents, encoding=encoding, unused=tuple(dict.fromkeys(_unused(root, used))))


def xpath_problem(path: str, spaces: Mapping[str, str]) -> str:
    """Why this is no XPath with these prefixes, in Spanish; empty when it is one."""
    try:
        compiled = _compiled(path, tuple(spaces.items()))
        compiled(etree.Element("nada"))
    except (etree.XPathError, etree.XPathSyntaxError):
        return "un XPath 1.0, con los prefijos que diga forma.espacios"
    return ""


@lru_cache(maxsize=512)
def _compiled(path: str, spaces: tuple[tuple[str, str], ...]) -> etree.XPath:
    return etree.XPath(path, namespaces=dict(spaces), regexp=False, smart_strings=True)


def _root(content: bytes) -> _Element:
    if any(doctype in content for doctype in _DOCTYPES):
        raise ForbiddenXml("trae una declaración DOCTYPE")
    parser = etree.XMLParser(
        load_dtd=False, no_network=True, resolve_entities=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(f"línea {error.lineno}, «{error.msg}»", error.lineno) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ForbiddenXml("trae una declaración DOCTYPE")
    return root


class _Paths:
    """XPaths of a mapping, with its prefixes."""

    def __init__(self, spaces: tuple[tuple[str, str], ...]) -> None:
        self._spaces = spaces

    def elements(self, at: _Element, path: str) -> list[_Element]:
        """The elements of a path, in document order."""
        found = _compiled(path, self._spaces)(at)
        return [one for one in found if isinstance(one, _Element)] if isinstance(found, list) else []

    def values(self, at: _Element, path: str) -> tuple[str, int | None, list[_Used]]:
        """The text of a path, a line for each of several nodes; where it stands; and what it came from."""
        found = _compiled(path, self._spaces)(at)
        if not isinstance(found, list):
            return _scalar(found), None, []
        found = [node for node in found if isinstance(node, str | _Element)]
        used = [_home(node) for node in found]
        texts = [trimmed(str(etree.tostring(one, method="text", encoding="unicode", with_tail=False))
                 if isinstance(one, _Element) else str(one)) for one in found]  # fmt: skip
        line = cast("int", used[0][0].sourceline) if used else None
        return "\n".join(filter(None, texts)), line, used


def _scalar(value: object) -> str:
    """What an XPath function gave: a number without the decimals that it has not."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else repr(value)
    return trimmed(str(value))


def _home(node: object) -> _Used:
    """Where a node of an XPath's result stands: an element, or the text or attribute of one."""
    if isinstance(node, _Element):
        return node, ""
    text = cast("Any", node)
    return text.getparent(), text.attrname or ""


def _records(
    document: _Element, mapeo: Mapeo, paths: _Paths, used: set[_Used], place: Mapping[_Element, int]
) -> Iterator[Record]:
    """The document's own record, then those of every kind, in document order (`place`)."""
    yield _record(document, DOCUMENT, mapeo, paths, used)
    found = [
        (place[element], number, kind, element)
        for number, kind in enumerate(mapeo.wanted)
        if kind != DOCUMENT
        for element in paths.elements(document, kind)
    ]
    for _, _, kind, element in sorted(found, key=lambda one: one[:2]):
        yield _record(element, kind, mapeo, paths, used)


def _record(element: _Element, kind: str, mapeo: Mapeo, paths: _Paths, used: set[_Used]) -> Record:
    cells, lines = dict[str, str](), dict[str, int]()
    for column in mapeo.columns(kind):
        text, line, looked_at = paths.values(element, column)
        used.update(looked_at)
        if text:
            cells[column] = text
            lines[column] = line or cast("int", element.sourceline)
    return Record(kind, cast("int", element.sourceline), cells, lines)


def _unused(root: _Element, used: set[_Used]) -> Iterator[str]:
    """Texts and attributes that no rule looked at, by their path without numbers."""
    for element in root.iter():
        if (element, "") not in used and (element.text or "").strip() and not len(element):
            yield _path(element)
        for name in element.attrib:
            if (element, str(name)) not in used:
                yield f"{_path(element)}/@{etree.QName(name).localname}"


def _path(element: _Element) -> str:
    parts: Iterable[_Element] = [element, *element.iterancestors()]
    return "/".join(etree.QName(part).localname for part in reversed(list(parts)))
