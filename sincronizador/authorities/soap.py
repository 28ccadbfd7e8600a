"""SOAP 1.1 as DGI speaks it: what a request's Body holds, and what an answer's Body says."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from sincronizador.authorities.door import Fault

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

_DECLARATION = re.compile(r"\A\s*<\?xml\s[^>]*\?>\s*")
_MOST_TOLD = 300
_RETURN = "\r"


class StrangeError(ValueError):
    """Why an answer is none: a Spanish clause."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service, as its WSDL names it."""

    namespace: str
    procedure: str
    """``WS_eFactura``: the first part of the names of its elements."""
    method: str
    typed: bool = False
    """Whether the answer is elements of the WSDL's own, not a document in a text."""

    @property
    def element(self) -> str:
        """The request's element."""
        return f"{self.procedure}.{self.method}"

    @property
    def action(self) -> str:
        """SOAPAction: no slash between the namespace and ``action``, and an A before the name (sic)."""
        return f"{self.namespace}action/A{self.procedure.upper()}.{self.method}"

    def request(self, inside: str) -> bytes:
        """What the Body holds; `inside` is XML whose names have the prefix ``dgi``."""
        return f'<dgi:{self.element} xmlns:dgi="{self.namespace}">{inside}</dgi:{self.element}>'.encode()


def text(name: str, value: object) -> str:
    """An element with a text, for `Operation.request`."""
    return f"<dgi:{name}>{escape(str(value), {_RETURN: '&#13;'})}</dgi:{name}>"


def group(name: str, **values: object) -> str:
    """An element with elements."""
    return f"<dgi:{name}>{''.join(text(*pair) for pair in values.items())}</dgi:{name}>"


def answer(body: bytes, operation: Operation) -> bytes | Fault:
    """
    What a verified Body says to the request of `operation`: the document it carries, or a fault.

    A document within a text is given as such, in UTF-8 and without its declaration, which told the encoding it had
    elsewhere. Raises `StrangeError`.
    """
    said = _children(_parsed(body))
    if len(said) != 1:
        raise StrangeError("el cuerpo no tiene una respuesta")
    if said[0].tag == f"{{{SOAP}}}Fault":
        return _fault(said[0])
    if said[0].tag != f"{{{operation.namespace}}}{operation.element}Response":
        raise StrangeError(f"contestó otra cosa que {operation.method}")
    document = _document(said[0], typed=operation.typed)
    root = _parsed(document)
    return _exception(root) if _local(root) == "respuestas" else document


def body_of(envelope: bytes) -> bytes:
    """The Body of an envelope, whoever signed it, for `answer`. Raises `StrangeError`."""
    root = _parsed(envelope)
    body = root.find(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None:
        raise StrangeError("contestó algo que no es un sobre SOAP 1.1")
    return etree.tostring(body, encoding="utf-8", with_tail=False)


def complaint(envelope: bytes) -> str:
    """The sentence of a fault that nobody signed, as what stands before the service gives; empty for anything else."""
    try:
        found = _parsed(envelope).findtext(f"{{{SOAP}}}Body/{{{SOAP}}}Fault/faultstring", "")
    except StrangeError:
        return ""
    return " ".join(found.split())[:_MOST_TOLD]


def _document(response: etree._Element, *, typed: bool) -> bytes:
    """The document in a response: the text of its innermost element, or what it carries."""
    place = response
    while len(below := _children(place)) == 1:
        place = below[0]
    written = "" if below else (place.text or "").strip()
    if written.startswith("<"):
        return _DECLARATION.sub("", written).encode()
    carried = _children(response)
    if not typed or len(carried) != 1:
        raise StrangeError("la respuesta no trae un documento")
    return etree.tostring(carried[0], encoding="utf-8", with_tail=False)


def _fault(fault: etree._Element) -> Fault:
    told = next((one for one in fault.iter() if _local(one) == "respuestas"), None)
    if told is None:
        for one in fault.iter("detail"):
            if written := "".join(map(str, one.itertext())).strip():
                told = _parsed(_DECLARATION.sub("", written).encode())
    if told is None or _local(told) != "respuestas":
        raise StrangeError(f"contestó un error sin código: «{(fault.findtext('faultstring') or '')[:_MOST_TOLD]}»")
    return _exception(told)


def _exception(told: etree._Element) -> Fault:
    """ExcepcionesServicios and GenericFault: the same words, in lower case and with a capital."""
    words = {_local(one): " ".join((one.text or "").split()) for one in told.iter()}
    if not re.fullmatch("[0-9]{1,6}", words.get("codigo", "")):
        raise StrangeError("contestó un error sin código")
    return Fault(
        code=int(words["codigo"]),
        description=words.get("descripcion", "")[:_MOST_TOLD],
        detail=words.get("detalle", "")[:_MOST_TOLD],
    )


def _parsed(document: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as exc:
        raise StrangeError("contestó algo que no es XML, o está cortado") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise StrangeError("contestó un XML con DOCTYPE")
    return root


def _children(element: etree._Element) -> list[etree._Element]:
    return list(element.iterchildren("*"))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()
