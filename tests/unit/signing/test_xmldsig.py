"""The signer, judged by programs that nobody here wrote: xmlsec1 and signxml."""

import hashlib
import shutil
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.errors import Rejected
from sincronizador.signing.certificate import Identity
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import DS, XmlSigner, confirms

PLAN = SignaturePlan()
CFE = "http://cfe.dgi.gub.uy"
needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")

SHAPES = {
    "plain": f'<CFE xmlns="{CFE}" version="1.0"><eTck><Nro>1</Nro></eTck></CFE>',
    "accents": f'<CFE xmlns="{CFE}"><a>PEÑA Y CÍA. — 5 €, 日本 😀</a></CFE>',
    "escapes": f'<CFE xmlns="{CFE}"><a>&lt;b&gt; &amp;amp; "comillas" \'x\'</a></CFE>',
    "attributes": f'<CFE xmlns="{CFE}" a="&lt;&amp;&quot;&#9;&#10;&#13;>"><b c="ñ"/></CFE>',
    "line breaks": f'<CFE xmlns="{CFE}"><a>uno&#13;\ndos\ttres\n</a></CFE>',
    "empty elements": f'<CFE xmlns="{CFE}"><a/><b></b></CFE>',
    "empty root": f'<CFE xmlns="{CFE}"/>',
    "no namespace": "<CFE><a>1</a></CFE>",
    "prefixed root": f'<ns0:CFE xmlns:ns0="{CFE}" version="1.0"><ns0:a>1</ns0:a></ns0:CFE>',
    "more prefixes": f'<CFE xmlns:z="urn:z" xmlns="{CFE}" xmlns:b="urn:b?x=1" b:k="1"><z:a/></CFE>',
    "prefix below the root": f'<CFE xmlns="{CFE}"><q:a xmlns:q="urn:q">1</q:a><b xmlns="">2</b></CFE>',
    "text like a tag's declaration": f'<CFE xmlns="{CFE}"><a>uno xmlns="" dos</a></CFE>',
}


def canonical(text: str) -> bytes:
    return etree.tostring(etree.fromstring(text.encode()), method="c14n")


def xmlsec1_says_ok(document: bytes, identity: Identity, folder: Path) -> bool:
    signed, pem = folder / "d.xml", folder / "c.pem"
    signed.write_bytes(document)
    pem.write_bytes(x509.load_der_x509_certificate(identity.certificate.der).public_bytes(Encoding.PEM))
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(pem), str(signed)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@needs_xmlsec1
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("digest", Digest)
def test_xmlsec1_verifies_every_shape_and_refuses_it_once_changed(
    shape: str, digest: Digest, issuer: Identity, tmp_path: Path
) -> None:
    signed = XmlSigner(issuer).sign(canonical(SHAPES[shape]), SignaturePlan(digest=digest))
    assert xmlsec1_says_ok(signed, issuer, tmp_path)
    changed = signed.replace(b"CFE", b"CFX")
    assert not xmlsec1_says_ok(changed, issuer, tmp_path)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("digest", Digest)
def test_our_verifier_accepts_every_shape_with_both_digests(shape: str, digest: Digest, issuer: Identity) -> None:
    signed = XmlSigner(issuer).sign(canonical(SHAPES[shape]), SignaturePlan(digest=digest))
    verified = verify(signed, certificate=issuer.certificate)
    assert (verified.digest, verified.certificate) == (digest, issuer.certificate)


@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_that_xml_can_hold_is_signed_and_verified(text: str, issuer: Identity) -> None:
    root = etree.Element(f"{{{CFE}}}CFE", nsmap={None: CFE})
    try:
        etree.SubElement(root, f"{{{CFE}}}a").text = text
    except ValueError:
        return
    signed = XmlSigner(issuer).sign(etree.tostring(root, method="c14n"), PLAN)
    verify(signed, certificate=issuer.certificate)
    assert etree.tostring(etree.fromstring(signed), method="c14n") == signed


def test_the_document_is_kept_byte_for_byte_and_the_signature_is_its_last_child(issuer: Identity) -> None:
    document = canonical(SHAPES["accents"])
    signed = XmlSigner(issuer).sign(document, PLAN)
    head, _, rest = signed.partition(b"<Signature ")
    assert head + b"</CFE>" == document
    assert rest.endswith(b"</Signature></CFE>")
    assert etree.fromstring(signed)[-1].tag == f"{{{DS}}}Signature"


def test_the_digest_is_of_the_document_as_given_and_signing_again_gives_the_same_bytes(issuer: Identity) -> None:
    document = canonical(SHAPES["plain"])
    signer = XmlSigner(issuer)
    signed = signer.sign(document, PLAN)
    assert signer.sign(document, PLAN) == signed
    assert b64encode(hashlib.sha256(document).digest()).decode() == verify(signed, certificate=issuer.certificate).hash


def test_key_info_names_the_certificate_by_issuer_and_decimal_serial(issuer: Identity) -> None:
    root = etree.fromstring(XmlSigner(issuer).sign(canonical(SHAPES["plain"]), PLAN))
    name = root.findtext(f".//{{{DS}}}X509IssuerName")
    assert name == "CN=AUTORIDAD CERTIFICADORA DE PRUEBA, OU=PRUEBA, O=SINCRONIZADOR - PRUEBA, C=UY"
    assert root.findtext(f".//{{{DS}}}X509SerialNumber") == str(issuer.certificate.serial)
    assert root.find(f".//{{{DS}}}X509Certificate") is None


def test_an_embedded_certificate_is_enough_to_verify(issuer: Identity) -> None:
    signed = XmlSigner(issuer, embed_certificate=True).sign(canonical(SHAPES["plain"]), PLAN)
    assert verify(signed).certificate == issuer.certificate
    embedded = etree.fromstring(signed).findtext(f".//{{{DS}}}X509Certificate")
    assert b64decode(embedded or "") == issuer.certificate.der


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"hola",
        b'<?xml version="1.0"?><CFE></CFE>',
        b"<CFE/>",
        b"<CFE></CFE>\n",
        b"<CFE><a></a></CFX>",
        b"<CFE>uno\r\ndos</CFE>",
        b"<CFE a='1'></CFE>",
        b'<CFE xml:lang="es"></CFE>',
        b"<!-- x --><CFE></CFE>",
    ],
)
def test_what_is_plainly_not_canonical_is_not_signed(document: bytes, issuer: Identity) -> None:
    with pytest.raises(ValueError, match=r"canonical|inherited|goes on"):
        XmlSigner(issuer).sign(document, PLAN)


def test_every_changed_byte_of_the_document_is_noticed(issuer: Identity) -> None:
    signed = XmlSigner(issuer).sign(canonical(SHAPES["plain"]), PLAN)
    for old, new in ((b"<Nro>1<", b"<Nro>2<"), (b'version="1.0"', b'version="1.1"'), (b"<eTck>", b"<eTck> ")):
        with pytest.raises(Rejected) as caught:
            verify(signed.replace(old, new), certificate=issuer.certificate)
        assert caught.value.code == "E2121"


def test_an_empty_namespace_written_into_a_text_is_noticed(issuer: Identity) -> None:
    signed = XmlSigner(issuer).sign(canonical(SHAPES["plain"]), PLAN)
    with pytest.raises(Rejected, match="su contenido cambió"):
        verify(signed.replace(b"<Nro>1<", b'<Nro>1 xmlns=""<'), certificate=issuer.certificate)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("embed", [False, True])
def test_the_fast_way_confirms_what_we_signed_and_nobody_elses(
    shape: str, embed: bool, issuer: Identity, authority: Identity
) -> None:
    signed = XmlSigner(issuer, embed_certificate=embed).sign(canonical(SHAPES[shape]), PLAN)
    assert confirms(signed, issuer.certificate)
    assert not confirms(signed, authority.certificate)
    assert not confirms(canonical(SHAPES[shape]), issuer.certificate)


@given(place=st.integers(0, 5_000), byte=st.integers(0, 255))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_fast_way_confirms_the_slow_way_confirms_too(place: int, byte: int, issuer: Identity) -> None:
    changed = bytearray(XmlSigner(issuer).sign(canonical(SHAPES["accents"]), PLAN))
    changed[place % len(changed)] = byte
    if confirms(bytes(changed), issuer.certificate):
        verify(bytes(changed), certificate=issuer.certificate)
