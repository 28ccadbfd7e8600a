"""
An XML file of DGI's world taken apart: its kind, and each CFE in it as a text of its own.

A CFE was signed as a document by itself. Inside an envelope it inherits namespaces that its signature does not know,
so it is cut out by its bytes, never written anew.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from lxml import etree

from sincronizador.core import codes as form
from sincronizador.core.finding import Finding
from sincronizador.countries.uy.signed import CFE, Zone, texts
from sincronizador.errors import Rejected

_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HOLDERS = ("EnvioCFE", "EnvioCFE_entreEmpresas", "CFE_Adenda")


@dataclass(frozen=True, slots=True, kw_only=True)
class CfeText:
    """A CFE cut out of its file, UTF-8 without declaration."""

    alone: bytes
    """Its own bytes: what was signed."""
    in_place: bytes
    """The same with the namespaces that its envelope declares; equal to `alone` when there are none."""
    adenda: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A well-formed file without DTD."""

    root: str
    """Local name of its root: ``EnvioCFE``."""
    encoding: str
    whole: bytes = field(repr=False)
    """All of it, UTF-8 without declaration, on the same lines."""
    cfes: tuple[CfeText, ...] = ()

    @property
    def caratula(self) -> Zone:
        """The texts of its Caratula; empty when it has none."""
        found = self.tree.find(CFE + "Caratula")
        return texts(found) if found is not None else {}

    @property
    def tree(self) -> etree._Element:
        """The file, parsed; comments and instructions are as if absent."""
        return etree.fromstring(self.whole, _parser(bare=True))


def take_apart(content: bytes) -> Received:
    """The file in `content`. Raises `Rejected`: E0107 for what is no well-formed XML, E0109 for one with a DTD."""
    text, encoding = _decode(content)
    whole = _DECLARATION.sub(_line_ends, text, count=1).rstrip().encode()
    cutter = _Cutter(whole)
    cutter.run()
    try:
        root = etree.fromstring(whole, _parser())
    except etree.XMLSyntaxError as exc:
        raise _malformed(str(exc)) from exc
    return Received(
        root=etree.QName(root).localname, encoding=encoding, whole=whole, cfes=tuple(cutter.cfes(_adendas(root)))
    )


def _decode(content: bytes) -> tuple[str, str]:
    named = _ENCODING.match(content[:400])
    bom = next((codec for mark, codec in _BOMS if content.startswith(mark)), "")
    encoding = bom or (named[1].decode("ascii") if named else "utf-8")
    try:
        text = content.decode(encoding)
        text.encode()  # some codecs give halves of characters, which no text has
        return text, encoding.removesuffix("-sig")
    except (LookupError, UnicodeError) as exc:
        raise _malformed(f"no está en la codificación que declara ({encoding})") from exc


def _line_ends(declaration: re.Match[str]) -> str:
    """What stands for the declaration, so that the lines told are those of the file."""
    return "\n" * declaration[0].count("\n")


def _malformed(detail: str) -> Rejected:
    return _rejected(form.XML_MALFORMED.at(detalle=detail))


def _rejected(finding: Finding) -> Rejected:
    return Rejected(finding.code, finding.message)


def _adendas(root: etree._Element) -> list[str]:
    """The text of the Adenda beside each CFE, in order; empty for one without."""
    adendas = []
    for cfe in root.iter(CFE + "CFE"):
        parent = cfe.getparent()
        beside = parent.find(CFE + "Adenda") if parent is not None else None
        adendas.append("".join(str(part) for part in beside.itertext()).strip() if beside is not None else "")
    return adendas


@dataclass(slots=True)
class _Span:
    """Where a CFE lies, and the namespaces around it."""

    start: int
    inherited: dict[str, str]
    tag: str
    end: int = 0


class _Cutter:
    """One pass that finds where each CFE begins and ends."""

    def __init__(self, whole: bytes) -> None:
        self._whole = whole
        self._open: list[tuple[str, dict[str, str]]] = []
        self._spans: list[_Span] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def run(self) -> None:
        """Find them. Raises `Rejected`."""
        try:
            self._parser.Parse(self._whole, True)
        except expat.ExpatError as exc:
            raise _malformed(f"línea {exc.lineno}, «{expat.errors.messages.get(exc.code, exc.code)}»") from exc

    def cfes(self, adendas: list[str]) -> Iterator[CfeText]:
        """Each of them."""
        known = len(adendas) == len(self._spans)
        for place, span in enumerate(self._spans):
            own = self._whole[span.start : span.end]
            in_place = _with_namespaces(own, span)
            adenda = adendas[place] if known else ""
            yield CfeText(alone=own if _parses(own) else in_place, in_place=in_place, adenda=adenda)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        declared = {name: uri for name, uri in attributes.items() if name == "xmlns" or name.startswith("xmlns:")}
        if _local(tag) == "CFE" and (not self._open or _local(self._open[-1][0]) in _HOLDERS):
            around: dict[str, str] = {}
            for _, names in self._open:
                around |= names
            inherited = {name: uri for name, uri in around.items() if name not in declared}
            self._spans.append(_Span(self._parser.CurrentByteIndex, inherited, tag))
        self._open.append((tag, declared))

    def _end(self, tag: str) -> None:
        self._open.pop()
        if self._spans and not self._spans[-1].end and tag == self._spans[-1].tag and self._is_holder():
            place = self._parser.CurrentByteIndex
            # An element that closes itself has no end tag: there it points behind it.
            ends = self._whole.startswith(b"</", place)
            self._spans[-1].end = self._whole.index(b">", place) + 1 if ends else place

    def _is_holder(self) -> bool:
        return not self._open or _local(self._open[-1][0]) in _HOLDERS

    def _doctype(self, *_: object) -> None:
        raise _rejected(form.XML_DTD.at())


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _with_namespaces(own: bytes, span: _Span) -> bytes:
    head = b"<" + span.tag.encode()
    declared = "".join(f' {name}="{_escaped(uri)}"' for name, uri in span.inherited.items())
    return head + declared.encode() + own[len(head) :]


def _escaped(uri: str) -> str:
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _parses(document: bytes) -> bool:
    try:
        etree.fromstring(document, _parser())
    except etree.XMLSyntaxError:
        return False
    return True


def _parser(*, bare: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=bare, remove_pis=bare
    )
