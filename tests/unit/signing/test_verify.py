"""The verifier over DGI's own samples, and over documents made to deceive it."""

import re
from base64 import b64decode, b64encode
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from sincronizador.core.signature import Digest, SignaturePlan
from sincronizador.errors import Rejected
from sincronizador.signing.certificate import Certificate, Identity, load_certificate
from sincronizador.signing.verify import is_intact, verify
from sincronizador.signing.xmldsig import DS, ENVELOPED, XmlSigner

DOCUMENT = b'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck><Nro>1</Nro></eTck></CFE>'


@pytest.fixture(scope="module")
def signed(issuer: Identity) -> bytes:
    return XmlSigner(issuer, embed_certificate=True).sign(DOCUMENT, SignaturePlan())


def sobre(reference: Path) -> tuple[list[bytes], Certificate]:
    """The CFE of DGI's sample sobre, each cut out as text, and the certificate of its cover."""
    text = (reference / "dgi" / "Sob_219999830019_Ej_Mod_19072016.xml").read_bytes().decode("iso-8859-1")
    documents = [found.encode() for found in re.findall(r"<ns0:CFE[ >].*?</ns0:CFE>", text, re.DOTALL)]
    cover = re.search(r"<DGICFE:X509Certificate>(.*?)</", text, re.DOTALL)
    assert cover is not None
    return documents, load_certificate(b64decode(cover[1]))


def test_the_eight_documents_of_dgis_sample_sobre_verify_and_tell_their_sha1(reference: Path) -> None:
    documents, certificate = sobre(reference)
    assert len(documents) == 8
    assert {verify(document, certificate=certificate).digest for document in documents} == {Digest.SHA1}


def test_a_changed_amount_in_dgis_sample_is_noticed(reference: Path) -> None:
    documents, certificate = sobre(reference)
    changed = documents[0].replace(b"<ns0:MntTotal>", b"<ns0:MntTotal>1", 1)
    with pytest.raises(Rejected, match="su contenido cambió"):
        verify(changed, certificate=certificate)


def test_dgis_cae_and_report_samples_verify_with_the_certificate_they_carry(reference: Path) -> None:
    samples = [*(reference / "dgi").glob("CAE_*.xml"), *(reference / "dgi").glob("Rep_*.xml")]
    assert len(samples) == 3
    for sample in samples:
        content = sample.read_bytes()
        verified = verify(content)
        root = etree.fromstring(content)
        assert verified.digest is Digest.SHA1
        issuer = root.findtext(f".//{{{DS}}}X509IssuerName")
        serial = root.findtext(f".//{{{DS}}}X509SerialNumber")
        assert issuer in (None, verified.certificate.issuer)
        assert serial in (None, str(verified.certificate.serial))


def test_the_projects_examples_verify_with_their_certificate(reference: Path) -> None:
    for name in ("CAE_217777770013_90260000001_e-Ticket.xml", "Rep_217777770013_20261121_01.xml"):
        assert verify((reference / "examples" / name).read_bytes()).digest is Digest.SHA256


def refused(document: bytes, certificate: Certificate | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        verify(document, certificate=certificate)
    return caught.value.code


def test_a_document_without_signature_or_with_it_elsewhere_or_twice_is_not_signed(signed: bytes) -> None:
    signature = signed[signed.index(b"<Signature ") : -len(b"</CFE>")]
    inside = DOCUMENT.replace(b"<Nro>", signature + b"<Nro>")
    assert refused(DOCUMENT) == "E2120"
    assert refused(inside) == "E2120"
    assert refused(signed.replace(b"</CFE>", signature + b"</CFE>")) == "E2120"
    assert refused(signed.replace(b"</CFE>", b"<x></x></CFE>")) == "E2120"
    assert refused(b"hola") == "E2120"
    assert refused(b"") == "E2120"


def test_a_document_that_is_nothing_but_a_signature_is_not_signed() -> None:
    bare = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>'
    for look in (verify, is_intact):
        with pytest.raises(Rejected) as caught:
            look(bare)
        assert caught.value.code == "E2120"


def test_a_doctype_is_refused_before_anything_else(signed: bytes) -> None:
    assert refused(b'<!DOCTYPE CFE [<!ENTITY a "b">]>' + signed) == "E2120"


def test_a_signature_over_a_part_or_with_other_transforms_is_refused(signed: bytes) -> None:
    assert refused(signed.replace(b'URI=""', b'URI="#a"')) == "E2121"
    assert refused(signed.replace(ENVELOPED.encode(), b"http://www.w3.org/TR/1999/REC-xpath-19991116")) == "E2121"
    reference = re.search(rb"<Reference.*</Reference>", signed)
    assert reference is not None
    assert refused(signed.replace(reference[0], reference[0] * 2)) == "E2121"
    assert refused(signed.replace(reference[0], b"")) == "E2121"


@pytest.mark.parametrize("part", [b"SignatureValue", b"X509Certificate", b"DigestValue"])
@pytest.mark.parametrize("content", [b"", b"AAAA", b"%%%", "ñ".encode(), b"<a></a>"])
def test_a_damaged_part_is_a_sentence_and_never_a_crash(signed: bytes, part: bytes, content: bytes) -> None:
    damaged = re.sub(b"<" + part + b">.*?</" + part + b">", b"<%b>%b</%b>" % (part, content, part), signed)
    assert refused(damaged) in ("E2121", "E2122")


@pytest.mark.parametrize("name", ["Añlgorithm", "A١٢lgorithm"])
def test_an_attribute_with_foreign_letters_is_a_sentence_and_never_a_crash(signed: bytes, name: str) -> None:
    damaged = signed.replace(b"CanonicalizationMethod Algorithm", f"CanonicalizationMethod {name}".encode(), 1)
    assert damaged != signed
    assert refused(damaged) == "E2121"


@pytest.mark.parametrize("name", ["SignedInfo", "SignatureValue", "SignatureMethod", "CanonicalizationMethod"])
def test_a_missing_part_is_a_sentence_and_never_a_crash(signed: bytes, name: str) -> None:
    root = etree.fromstring(signed)
    found = root.find(f".//{{{DS}}}{name}")
    assert found is not None
    parent = found.getparent()
    assert parent is not None
    parent.remove(found)
    assert refused(etree.tostring(root)) == "E2121"


def test_the_key_of_another_is_refused(signed: bytes, authority: Identity) -> None:
    assert refused(signed, authority.certificate) == "E2121"


def test_without_any_certificate_it_cannot_be_said(issuer: Identity) -> None:
    assert refused(XmlSigner(issuer).sign(DOCUMENT, SignaturePlan())) == "E2122"


def test_a_signature_that_lacks_anything_at_all_is_told_and_never_a_crash(signed: bytes) -> None:
    count = len(list(etree.fromstring(signed).iter(f"{{{DS}}}*")))
    for place in range(count):
        for damage in ("remove", "clear", "text", "repeat"):
            root = etree.fromstring(signed)
            element = list(root.iter(f"{{{DS}}}*"))[place]
            parent = element.getparent()
            assert parent is not None
            if damage == "remove":
                parent.remove(element)
            elif damage == "repeat":
                parent.append(deepcopy(element))
            elif damage == "text":
                element.text = "ñ"
            else:
                element.clear()
            try:
                verify(etree.tostring(root))
            except Rejected as refusal:
                assert refusal.code in ("E2120", "E2121", "E2122")  # noqa: PT017 - X509Data may change harmlessly


def test_without_a_certificate_the_content_can_still_be_vouched_for(issuer: Identity, reference: Path) -> None:
    without = XmlSigner(issuer).sign(DOCUMENT, SignaturePlan())
    assert is_intact(without)
    assert is_intact(b'<?xml version="1.0"?>\n' + without)
    assert not is_intact(without.replace(b"<Nro>1<", b"<Nro>2<"))
    assert not is_intact(without.replace(b"</Signature>", b"</Signature> "))
    documents, _ = sobre(reference)
    for document in documents:
        assert is_intact(document)  # SHA-1, with line breaks inside its signature
    with pytest.raises(Rejected) as caught:
        is_intact(DOCUMENT)
    assert caught.value.code == "E2120"


def test_a_certificate_whose_names_cannot_be_read_is_told(signed: bytes, issuer: Identity) -> None:
    own = issuer.certificate.der
    broken = own.replace(b"EMPRESA", b"\xff" * 7)
    with pytest.raises(Rejected, match="no se puede leer"):
        verify(signed.replace(b64encode(own), b64encode(broken)))
