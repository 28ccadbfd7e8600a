"""Signed SOAP messages: made as DGI asks (xmlsec1 is the judge), and opened only where the Body is what was signed."""

import hashlib
import shutil
import subprocess
import xml.etree.ElementTree as ET
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sincronizador.core.signature import Digest
from sincronizador.errors import Rejected
from sincronizador.signing.certificate import Identity
from sincronizador.signing.wsse import SOAP, WSSE, WSU, Seal, open_envelope

DS = "http://www.w3.org/2000/09/xmldsig#"
ABSOLUTE = (
    b'<dgi:Op xmlns:dgi="http://dgi.gub.uy"><dgi:xmlData>&lt;a&gt; \xc3\xb1 &amp;amp; &#13;</dgi:xmlData></dgi:Op>'
)
RELATIVE = (
    b'<dgi:WS_PersonaGetActEmpresarial.Execute xmlns:dgi="DGI_Modernizacion_Consolidado">'
    b"<dgi:Rut>219000090011</dgi:Rut></dgi:WS_PersonaGetActEmpresarial.Execute>"
)
needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")


def xmlsec1(document: bytes, identity: Identity, folder: Path) -> bool:
    path, pem = folder / "e.xml", folder / "c.pem"
    path.write_bytes(document)
    pem.write_bytes(x509.load_der_x509_certificate(identity.certificate.der).public_bytes(Encoding.PEM))
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(pem), "--id-attr:Id", f"{SOAP}:Body", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@needs_xmlsec1
@pytest.mark.parametrize("digest", Digest)
def test_xmlsec1_verifies_our_envelope_and_not_a_changed_one(digest: Digest, issuer: Identity, tmp_path: Path) -> None:
    sealed = Seal(issuer, digest=digest).seal(ABSOLUTE)
    assert xmlsec1(sealed, issuer, tmp_path)
    assert not xmlsec1(sealed.replace(b"&lt;a&gt;", b"&lt;b&gt;"), issuer, tmp_path)
    assert not xmlsec1(sealed.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AA"), issuer, tmp_path)


@pytest.mark.parametrize("digest", Digest)
def test_a_relative_namespace_is_verified_by_other_means_than_ours(digest: Digest, issuer: Identity) -> None:
    sealed = Seal(issuer, digest=digest).seal(RELATIVE)
    root = etree.fromstring(sealed)
    body = ET.canonicalize(etree.tostring(root.find(f"{{{SOAP}}}Body"), with_tail=False).decode()).encode()
    info_element = root.find(f".//{{{DS}}}SignedInfo")
    info = ET.canonicalize(etree.tostring(info_element, with_tail=False).decode()).encode()
    assert b64decode(info_element.findtext(f".//{{{DS}}}DigestValue")) == hashlib.new(digest, body).digest()
    certificate = x509.load_der_x509_certificate(b64decode(root.findtext(f".//{{{WSSE}}}BinarySecurityToken")))
    hashes = {Digest.SHA1: SHA1(), Digest.SHA256: SHA256()}  # noqa: S303 - an option for older gateways
    value = b64decode(root.findtext(f".//{{{DS}}}SignatureValue"))
    certificate.public_key().verify(value, info, PKCS1v15(), hashes[digest])


def test_the_envelope_is_what_the_services_ask_for(issuer: Identity) -> None:
    root = etree.fromstring(Seal(issuer).seal(ABSOLUTE))
    security = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security")
    token = security.find(f"{{{WSSE}}}BinarySecurityToken")
    reference = security.find(f"{{{DS}}}Signature/{{{DS}}}KeyInfo/{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference")
    body = root.find(f"{{{SOAP}}}Body")
    assert security.get(f"{{{SOAP}}}mustUnderstand") == "1"
    assert token.get("ValueType").endswith("#X509v3")
    assert token.get("EncodingType").endswith("#Base64Binary")
    assert b64decode(token.text) == issuer.certificate.der
    assert reference.get("URI") == "#" + token.get(f"{{{WSU}}}Id")
    references = root.findall(f".//{{{DS}}}Reference")
    assert [one.get("URI") for one in references] == ["#" + body.get(f"{{{WSU}}}Id")]


@pytest.mark.parametrize("content", [ABSOLUTE, RELATIVE])
@pytest.mark.parametrize("digest", Digest)
def test_what_is_opened_is_the_body_and_says_who_signed(content: bytes, digest: Digest, issuer: Identity) -> None:
    opened = open_envelope(Seal(issuer, digest=digest).seal(content))
    assert (opened.certificate, opened.digest) == (issuer.certificate, digest)
    assert content.replace(b"&#13;", b"&#xD;") in opened.body
    assert etree.fromstring(opened.body).tag == f"{{{SOAP}}}Body"


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60))
@settings(max_examples=30, deadline=None)
def test_any_text_travels(text: str, issuer: Identity) -> None:
    element = etree.Element("{urn:x}a", nsmap={"p": "urn:x"})
    try:
        element.text = text
    except ValueError:
        return
    body = etree.fromstring(open_envelope(Seal(issuer).seal(etree.tostring(element))).body)
    assert (body[0].text or "") == text


@pytest.mark.parametrize("content", [b"<a>", b"<a/></soapenv:Body><soapenv:Body>", b"<?xml version='1.0'?><a/>"])
def test_what_is_no_xml_is_not_signed(content: bytes, issuer: Identity) -> None:
    with pytest.raises(ValueError, match="XML"):
        Seal(issuer).seal(content)


@needs_xmlsec1
def test_an_envelope_signed_by_xmlsec1_with_a_prefix_list_is_opened(issuer: Identity, tmp_path: Path) -> None:
    """As Java's WSS4J writes them: indented, prefixes of its own, InclusiveNamespaces."""
    exc = "http://www.w3.org/2001/10/xml-exc-c14n#"
    certificate = b64encode(issuer.certificate.der).decode()
    template = f"""<?xml version="1.0" encoding="UTF-8"?>
<S:Envelope xmlns:S="{SOAP}" xmlns:x="urn:nadie" xmlns:w="{WSU}">
  <S:Header><o:Security xmlns:o="{WSSE}" S:mustUnderstand="1">
    <w:Timestamp w:Id="TS"><w:Created>2026-11-22T00:00:00Z</w:Created></w:Timestamp>
    <o:BinarySecurityToken w:Id="X" EncodingType="e#Base64Binary"
      ValueType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
    >{certificate}</o:BinarySecurityToken>
    <Signature xmlns="{DS}"><SignedInfo>
      <CanonicalizationMethod Algorithm="{exc}"><i:InclusiveNamespaces xmlns:i="{exc}" PrefixList="S x"/>
      </CanonicalizationMethod><SignatureMethod Algorithm="{DS}rsa-sha1"/>
      <Reference URI="#B"><Transforms><Transform Algorithm="{exc}">
        <i:InclusiveNamespaces xmlns:i="{exc}" PrefixList="x"/></Transform></Transforms>
        <DigestMethod Algorithm="{DS}sha1"/><DigestValue></DigestValue></Reference>
    </SignedInfo><SignatureValue></SignatureValue>
    <KeyInfo><o:SecurityTokenReference><o:Reference URI="#X"/></o:SecurityTokenReference></KeyInfo></Signature>
  </o:Security></S:Header>
  <S:Body w:Id="B"><r xmlns="http://dgi.gub.uy"><![CDATA[<x a='ñ'/>]]></r></S:Body>
</S:Envelope>"""
    path, key = tmp_path / "t.xml", tmp_path / "k.pem"
    path.write_text(template)
    key.write_bytes(issuer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    command = ["xmlsec1", "--sign", "--privkey-pem", str(key), "--id-attr:Id", f"{SOAP}:Body", str(path)]
    signed = subprocess.run(command, capture_output=True, check=True).stdout
    opened = open_envelope(signed)
    assert (opened.certificate, opened.digest) == (issuer.certificate, Digest.SHA1)
    assert etree.fromstring(opened.body)[0].text == "<x a='ñ'/>"


def _wrapped(sealed: bytes) -> dict[str, bytes]:
    """Envelopes in which what was signed is somewhere, and something else is where a reader looks."""
    head, _, rest = sealed.partition(b"<soapenv:Body")
    body = b"<soapenv:Body" + rest.removesuffix(b"</soapenv:Envelope>")
    forged = body.replace(b"&lt;a&gt;", b"&lt;FALSO&gt;")
    other_id = forged.replace(b'wsu:Id="cuerpo"', b'wsu:Id="otro"')
    no_id = forged.replace(b' wsu:Id="cuerpo"', b"")
    into_header = head.replace(b"</soapenv:Header>", b"<w>" + body + b"</w></soapenv:Header>")
    return {
        "moved into the header, a forged one without id in its place": into_header + no_id + b"</soapenv:Envelope>",
        "moved into the header, a forged one with another id": into_header + other_id + b"</soapenv:Envelope>",
        "moved into the header, a forged one with the same id": into_header + forged + b"</soapenv:Envelope>",
        "a forged one before it": head + other_id + body + b"</soapenv:Envelope>",
        "a forged one after it": head + body + other_id + b"</soapenv:Envelope>",
        "wrapped by a forged one": head
        + no_id.replace(b"</soapenv:Body>", body + b"</soapenv:Body>")
        + b"</soapenv:Envelope>",
        "an element after the body": head + body + b"<x/></soapenv:Envelope>",
        "the whole as part of another": b'<e:Envelope xmlns:e="' + SOAP.encode() + b'"><e:Body>' + sealed
        + b"</e:Body></e:Envelope>",
        "two signatures": sealed.replace(
            b"</wsse:Security>", sealed[sealed.index(b"<ds:Signature ") : sealed.index(b"</wsse:Security>")]
            + b"</wsse:Security>",
        ),
        "a second security header": sealed.replace(
            b"</soapenv:Header>", b'<x:Security xmlns:x="' + WSSE.encode() + b'"/></soapenv:Header>'
        ),
        "the id of the body elsewhere": sealed.replace(b"</soapenv:Header>", b'<x Id="cuerpo"/></soapenv:Header>'),
    }  # fmt: skip


def test_no_wrapping_gets_through(issuer: Identity) -> None:
    sealed = Seal(issuer).seal(ABSOLUTE)
    assert b"FALSO" not in open_envelope(sealed).body
    for name, envelope in _wrapped(sealed).items():
        with pytest.raises(Rejected) as refused:
            open_envelope(envelope)
        assert refused.value.code in ("E2123", "E2124", "E2125"), name


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"&lt;a&gt;", b"&lt;b&gt;", "E2125"),
        (b"xmldsig-more#rsa-sha256", b"xmldsig-more#rsa-md5", "E2125"),
        (b"http://www.w3.org/2001/10/xml-exc-c14n#", b"http://www.w3.org/TR/1999/REC-xslt-19991116", "E2125"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", "E2125"),
        (b"<ds:SignatureValue>", b"<ds:SignatureValue>*", "E2125"),
        (b'URI="#certificado"', b'URI="#otro"', "E2124"),
        (b'URI="#cuerpo"', b'URI=""', "E2124"),
        (b"#X509v3", b"#X509PKIPathv1", "E2124"),
        (b"wsse:Security>", b"wsse:Securidad>", "E2123"),
        (b"<ds:KeyInfo>", b"<ds:KeyInfo/><ds:KeyInfo>", "E2124"),
        (b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope", "E2123"),
        (b"<soapenv:Envelope", b"<!DOCTYPE x><soapenv:Envelope", "E2123"),
        (b"</soapenv:Envelope>", b"", "E2123"),
    ],
)  # fmt: skip
def test_whatever_is_not_whole_is_refused(old: bytes, new: bytes, code: str, issuer: Identity) -> None:
    sealed = Seal(issuer).seal(ABSOLUTE)
    assert old in sealed
    with pytest.raises(Rejected) as refused:
        open_envelope(sealed.replace(old, new))
    assert refused.value.code == code


def test_another_certificate_in_the_token_confirms_nothing(issuer: Identity, authority: Identity) -> None:
    own, other = (b64encode(one.certificate.der) for one in (issuer, authority))
    with pytest.raises(Rejected, match="no la confirma"):
        open_envelope(Seal(issuer).seal(ABSOLUTE).replace(own, other))


def test_a_certificate_whose_names_cannot_be_read_is_told(issuer: Identity) -> None:
    own = issuer.certificate.der
    broken = own.replace(b"EMPRESA", b"\xff" * 7)
    assert broken != own
    with pytest.raises(Rejected, match="no se puede leer"):
        open_envelope(Seal(issuer).seal(ABSOLUTE).replace(b64encode(own), b64encode(broken)))


@pytest.mark.parametrize("document", [b"", b"<html>portal</html>", b'<a xmlns="' + SOAP.encode() + b'"/>'])
def test_what_is_no_envelope_is_told(document: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        open_envelope(document)
    assert refused.value.code == "E2123"


def test_an_envelope_without_signature_is_told_apart() -> None:
    plain = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault/></s:Body></s:Envelope>'.encode()
    with pytest.raises(Rejected) as refused:
        open_envelope(plain)
    assert refused.value.code == "E2124"
