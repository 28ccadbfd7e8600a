"""
Envelopes at DGI's counter: SOAP 1.1 whose Body is signed by WS-Security, taken in and given out.

Made from DGI's description alone, so that what our client sends is judged by another hand. libxml2 does not
canonicalise the relative namespace of the taxpayers' service; the standard library does.
"""

import hashlib
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from lxml import etree

from sincronizador.authorities.fake_codes import Faulted
from sincronizador.authorities.fake_notary import Holder, Notary

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DGI = "http://dgi.gub.uy"
PERSONA = "DGI_Modernizacion_Consolidado"
"""Namespace of the taxpayers' service: a relative URI."""

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_WSSE = _WSS + "wssecurity-secext-1.0.xsd"
_WSU = _WSS + "wssecurity-utility-1.0.xsd"
_X509 = _WSS + "x509-token-profile-1.0#X509v3"
_BASE64 = _WSS + "soap-message-security-1.0#Base64Binary"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SIGNATURES = {_DS + "rsa-sha1": "sha1", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "sha256"}
_DIGESTS = {_DS + "sha1": "sha1", "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}
_NS = {"s": SOAP, "wsse": _WSSE, "wsu": _WSU, "ds": _DS, "exc": _EXC}
_SECURITY = 101

NOT_SIGNED = "No signature in message!"
NOT_TRUSTED = "certificate not trusted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was signed by who it says."""

    caller: Holder
    operation: str
    """Local name of the Body's only child: ``WS_eFactura.EFACRECEPCIONSOBRE``."""
    namespace: str
    element: etree._Element

    def text(self, *path: str) -> str:
        """The text at that path below the operation, in its namespace; empty when there is none."""
        return self.element.findtext("/".join(f"{{{self.namespace}}}{name}" for name in path), "")


def open_envelope(content: bytes, notary: Notary, now: datetime) -> Call:
    """
    The call in a request. Raises `Faulted` 101 for what is no envelope, is not signed or not by a trusted
    certificate, 12 for one that is out of date and 6 for one of nobody's RUC.
    """
    envelope = _parse(content)
    body = envelope.find("s:Body", _NS)
    security = envelope.find("s:Header/wsse:Security", _NS)
    if body is None or len(body) != 1:
        raise Faulted(_SECURITY, "Malformed SOAP envelope")
    signature = security.find("ds:Signature", _NS) if security is not None else None
    if security is None or signature is None:
        raise Faulted(_SECURITY, NOT_SIGNED)
    caller = _holder(security, signature, notary)
    _verify(envelope, body, signature, caller, notary)
    if not notary.trusts(caller.der):
        raise Faulted(_SECURITY, NOT_TRUSTED)
    if not caller.is_valid(now):
        raise Faulted(12, "El certificado está fuera de su vigencia")
    if not caller.rut:
        raise Faulted(6, "El sujeto del certificado no tiene serialNumber RUC")
    child = body[0]
    name = etree.QName(child)
    return Call(caller=caller, operation=name.localname, namespace=name.namespace or "", element=child)


def seal(inner: str, notary: Notary, digest: str = "sha1") -> bytes:
    """An envelope whose Body holds `inner` and is signed with DGI's key; `inner` declares its own namespaces."""
    mark = secrets.token_hex(8)
    body = f'<soapenv:Body xmlns:soapenv="{SOAP}" xmlns:wsu="{_WSU}" wsu:Id="Body-{mark}">{inner}</soapenv:Body>'
    info = _signed_info(f"Body-{mark}", hashlib.new(digest, _canonical(body.encode())).digest(), digest)
    value = b64encode(notary.sign(info.encode(), digest)).decode()
    token = b64encode(notary.certificate).decode()
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header>'
        f'<wsse:Security xmlns:wsse="{_WSSE}" xmlns:wsu="{_WSU}" soapenv:mustUnderstand="1">'
        f'<wsse:BinarySecurityToken wsu:Id="X509-{mark}" EncodingType="{_BASE64}" ValueType="{_X509}">{token}'
        f'</wsse:BinarySecurityToken><ds:Signature xmlns:ds="{_DS}">{info}<ds:SignatureValue>{value}'
        f"</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>"
        f'<wsse:Reference URI="#X509-{mark}" ValueType="{_X509}"/></wsse:SecurityTokenReference></ds:KeyInfo>'
        f"</ds:Signature></wsse:Security></soapenv:Header>{body}</soapenv:Envelope>"
    ).encode()


def fault(trouble: Faulted, namespace: str) -> str:
    """The Fault of a Body. The taxpayers' service writes its detail with capitals; the others as the schema does."""
    kind, told = ("Server", "Error Interno") if trouble.code == 1 and namespace == PERSONA else ("Client", "")
    sentence = told or trouble.detail or trouble.description
    values = (str(trouble.code), trouble.description, trouble.detail)
    names = ("Codigo", "Descripcion", "Detalle") if namespace == PERSONA else ("codigo", "descripcion", "detalle")
    fields = tags(**dict(zip(names, values, strict=True)))
    space = "" if namespace == PERSONA else ' xmlns=""'
    return (
        f'<soapenv:Fault xmlns:soapenv="{SOAP}"><faultcode>soapenv:{kind}</faultcode>'
        f"<faultstring>{escape(sentence)}</faultstring><detail>"
        f'<GenericFault xmlns="http://dgi.gub.uy/faults"><Respuestas{space}><Respuesta>{fields}</Respuesta></Respuestas>'
        f"</GenericFault></detail></soapenv:Fault>"
    )


def cdata(text: str) -> str:
    """A text as character data; one section cannot hold its own end."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def tags(**values: object) -> str:
    """An element for each, in order, its text escaped."""
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise Faulted(_SECURITY, "Malformed SOAP envelope") from exc
    if root.tag != f"{{{SOAP}}}Envelope" or root.getroottree().docinfo.internalDTD is not None:
        raise Faulted(_SECURITY, "Malformed SOAP envelope")
    return root


def _holder(security: etree._Element, signature: etree._Element, notary: Notary) -> Holder:
    """Who the token, that the signature names, belongs to."""
    named = signature.find("ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference", _NS)
    wanted = (named.get("URI") if named is not None else None) or ""
    for token in security.findall("wsse:BinarySecurityToken", _NS):
        if wanted == f"#{token.get(f'{{{_WSU}}}Id')}" and token.get("ValueType", _X509) == _X509:
            try:
                return notary.read(b64decode("".join((token.text or "").split()), validate=True))
            except ValueError as exc:
                raise Faulted(12, "El BinarySecurityToken no es un certificado X.509") from exc
    raise Faulted(_SECURITY, "The signature does not name a BinarySecurityToken of the message")


def _verify(
    envelope: etree._Element, body: etree._Element, signature: etree._Element, caller: Holder, notary: Notary
) -> None:
    """Raises `Faulted` unless the signature is over this very Body, and good."""
    info = signature.find("ds:SignedInfo", _NS)
    references = info.findall("ds:Reference", _NS) if info is not None else []
    mark = body.get(f"{{{_WSU}}}Id")
    over = [one for one in references if mark and one.get("URI") == f"#{mark}"]
    marks = [node.get(f"{{{_WSU}}}Id") for node in envelope.iter("*")]
    if info is None or len(over) != 1 or marks.count(mark) != 1:
        raise Faulted(_SECURITY, "The Body is not signed")
    if _algorithm(info, "ds:CanonicalizationMethod") != _EXC:
        raise Faulted(_SECURITY, "Unsupported canonicalization method")
    by = _SIGNATURES.get(_algorithm(info, "ds:SignatureMethod"))
    if by is None:
        raise Faulted(_SECURITY, "Unsupported signature method")
    for reference in references:
        _check_digest(envelope, reference)
    value = _decoded(signature.findtext("ds:SignatureValue", "", _NS))
    method = info.find("ds:CanonicalizationMethod", _NS)
    if not notary.confirms(caller.der, _canonical(etree.tostring(info, with_tail=False), _prefixes(method)), value, by):
        raise Faulted(_SECURITY, "Signature verification failed")


def _check_digest(envelope: etree._Element, reference: etree._Element) -> None:
    transforms = reference.findall("ds:Transforms/ds:Transform", _NS)
    name = _DIGESTS.get(_algorithm(reference, "ds:DigestMethod"))
    wanted = (reference.get("URI") or "").removeprefix("#")
    found = [node for node in envelope.iter("*") if wanted and node.get(f"{{{_WSU}}}Id") == wanted]
    if [one.get("Algorithm") for one in transforms] != [_EXC] or name is None or len(found) != 1:
        raise Faulted(_SECURITY, "Unsupported reference in signature")
    content = _canonical(etree.tostring(found[0], with_tail=False), _prefixes(transforms[0]))
    if hashlib.new(name, content).digest() != _decoded(reference.findtext("ds:DigestValue", "", _NS)):
        raise Faulted(_SECURITY, "Hash values do not match")


def _prefixes(method: etree._Element | None) -> list[str]:
    """The prefixes that are declared even where nothing visible uses them."""
    named = method.find("exc:InclusiveNamespaces", _NS) if method is not None else None
    return (named.get("PrefixList") or "").split() if named is not None else []


def _canonical(alone: bytes, prefixes: list[str] | None = None) -> bytes:
    """
    Exclusive C14N of an element written with the namespaces in scope.

    It is read again as a document of its own: libxml2 canonicalises subtrees wrongly.
    """
    if f'"{PERSONA}"'.encode() in alone:
        return ET.canonicalize(alone.decode()).encode()
    root = etree.fromstring(alone, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    return etree.tostring(root, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes, with_comments=False)


def _signed_info(mark: str, hashed: bytes, digest: str) -> str:
    """Canonical as written."""
    signed_by = next(name for name, one in _SIGNATURES.items() if one == digest)
    hashed_by = next(name for name, one in _DIGESTS.items() if one == digest)
    return (
        f'<ds:SignedInfo xmlns:ds="{_DS}"><ds:CanonicalizationMethod Algorithm="{_EXC}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{signed_by}"></ds:SignatureMethod><ds:Reference URI="#{mark}">'
        f'<ds:Transforms><ds:Transform Algorithm="{_EXC}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{hashed_by}"></ds:DigestMethod>'
        f"<ds:DigestValue>{b64encode(hashed).decode()}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )


def _algorithm(parent: etree._Element, path: str) -> str:
    found = parent.find(path, _NS)
    return (found.get("Algorithm") or "") if found is not None else ""


def _decoded(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""
