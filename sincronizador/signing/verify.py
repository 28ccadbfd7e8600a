"""Whether a signature is good: the cold path, for documents of others (CAE files, received CFE, answers of DGI)."""

import binascii
import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography import x509
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from sincronizador.core.finding import Rule
from sincronizador.core.signature import Digest
from sincronizador.errors import Rejected
from sincronizador.signing.certificate import Certificate, facts
from sincronizador.signing.codes import BAD_SIGNATURE, NO_CERTIFICATE_INSIDE, NOT_SIGNED
from sincronizador.signing.xmldsig import C14N, DIGEST_METHODS, DS, ENVELOPED, SIGNATURE_METHODS

_NS = {"ds": DS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A signature that is good. Whether its certificate is trusted, in date and of whom it should be is not said."""

    certificate: Certificate
    """Whose key signed."""
    digest: Digest
    """The weaker one of digest and signature. SHA-1 is accepted, for DGI still signs with it, and told."""
    hash: str
    """DigestValue, Base64."""


def verify(document: bytes, *, certificate: Certificate | None = None) -> Verified:
    """
    The signature of a whole document (a CFE cut out of its sobre by the caller), checked with `certificate` or,
    without one, with the certificate that the signature carries.

    Only DGI's form is taken: one Signature, last child of the root, over the whole document, enveloped. Raises
    `Rejected` with E2120 to E2122.
    """
    root = _parse(document)
    signature = _only_signature(root)
    digest, value = _read_signed_info(signature)
    signer, told = _signer(signature, certificate)
    configuration = SignatureConfiguration(
        location="./",
        signature_methods=frozenset({SignatureMethod.RSA_SHA1, SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA1, DigestAlgorithm.SHA256}),
        ignore_ambiguous_key_info=True,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        verification_time=signer.not_valid_before_utc,
    )
    try:
        _Verifier().verify(document, x509_cert=signer, validate_schema=False, expect_config=configuration)
    except InvalidDigest as exc:
        raise _rejected(BAD_SIGNATURE, "su contenido cambió") from exc
    except (SignXMLException, ValueError, etree.LxmlError) as exc:
        # The last one: signxml writes and reads again what it looks at, and a name with foreign letters gets lost; and
        # what names its namespaces in a relative way has no canonical form.
        raise _rejected(BAD_SIGNATURE, "la clave del certificado no la confirma") from exc
    return Verified(certificate=told, digest=digest, hash=value)


def is_intact(document: bytes) -> bool:
    """
    Whether the content is the one that was signed: all that can be told without the signer's certificate.

    Raises `Rejected` as `verify` does for what is not signed in DGI's form.
    """
    root = _parse(document)
    signature = _only_signature(root)
    references = signature.findall("ds:SignedInfo/ds:Reference", _NS)
    _, value = _read_signed_info(signature)
    method = _named(DIGEST_METHODS, references[0].find("ds:DigestMethod", _NS))
    _cut(signature)
    try:
        content = etree.tostring(root.getroottree(), method="c14n", with_comments=False)
    except etree.C14NError as exc:
        raise _rejected(BAD_SIGNATURE, "lo firmado no tiene forma canónica") from exc
    return b64encode(hashlib.new(method, content).digest()).decode("ascii") == value


def _cut(signature: etree._Element) -> None:
    """Take it out as the enveloped transform does: the text behind it stays."""
    before, parent = signature.getprevious(), signature.getparent()
    if parent is None:
        return
    if signature.tail and before is not None:
        before.tail = (before.tail or "") + signature.tail
    elif signature.tail:
        parent.text = (parent.text or "") + signature.tail
    parent.remove(signature)


class _Verifier(XMLVerifier):
    """
    signxml, cured of libxml2's C14N of subtrees: each is canonicalised as a document of its own.

    Its own cure (`excise_empty_xmlns_declarations`) deletes `` xmlns=""`` from texts as well, so a document whose text
    was changed by exactly that would pass.
    """

    def _c14n(self, nodes, algorithm, inclusive_ns_prefixes=None):  # type: ignore[no-untyped-def]
        nodes = nodes if isinstance(nodes, list) else [nodes]
        alone = [etree.fromstring(etree.tostring(node, with_tail=False), _parser()) for node in nodes]
        return super()._c14n(alone, algorithm=algorithm, inclusive_ns_prefixes=inclusive_ns_prefixes)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _parse(document: bytes) -> etree._Element:
    try:
        root = etree.fromstring(document, _parser())
    except etree.XMLSyntaxError as exc:
        raise _rejected(NOT_SIGNED, "no es un XML bien formado") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise _rejected(NOT_SIGNED, "trae una declaración DOCTYPE, que no se acepta")
    return root


def _only_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{{{DS}}}Signature"))
    if not found:
        raise _rejected(NOT_SIGNED, "no hay ninguna")
    if len(found) > 1:
        raise _rejected(NOT_SIGNED, "hay más de una")
    if found[0].getparent() is not root or found[0].getnext() is not None:
        raise _rejected(NOT_SIGNED, "está en otro lugar")
    return found[0]


def _read_signed_info(signature: etree._Element) -> tuple[Digest, str]:
    """Digest and its value out of a SignedInfo of the one form taken; a signature over less than all is none."""
    references = signature.findall("ds:SignedInfo/ds:Reference", _NS)
    transforms = [node.get("Algorithm") for node in signature.iterfind(".//ds:Reference/ds:Transforms/*", _NS)]
    if len(references) != 1 or references[0].get("URI") != "" or transforms not in ([ENVELOPED], [ENVELOPED, C14N]):
        raise _rejected(BAD_SIGNATURE, "no abarca todo el documento en la forma que pide DGI")
    used = (
        _named(DIGEST_METHODS, references[0].find("ds:DigestMethod", _NS)),
        _named(SIGNATURE_METHODS, signature.find("ds:SignedInfo/ds:SignatureMethod", _NS)),
    )
    value = "".join(references[0].findtext("ds:DigestValue", "", _NS).split())
    if not value or not signature.findtext("ds:SignatureValue", "", _NS):
        raise _rejected(BAD_SIGNATURE, "está vacía")
    return Digest.SHA1 if Digest.SHA1 in used else Digest.SHA256, value


def _named(methods: dict[Digest, str], element: etree._Element | None) -> Digest:
    algorithm = element.get("Algorithm") if element is not None else None
    for digest, name in methods.items():
        if name == algorithm:
            return digest
    raise _rejected(BAD_SIGNATURE, "usa un algoritmo que no es RSA con SHA-1 o SHA-256")


def _signer(signature: etree._Element, certificate: Certificate | None) -> tuple[x509.Certificate, Certificate]:
    """The certificate, and what it says: its names are only read when they are asked for."""
    embedded = signature.findtext("ds:KeyInfo/ds:X509Data/ds:X509Certificate", None, _NS)
    if certificate is None and not embedded:
        raise _rejected(NO_CERTIFICATE_INSIDE)
    try:
        signer = x509.load_der_x509_certificate(certificate.der if certificate else b64decode(embedded or ""))
        return signer, facts(signer)
    except (ValueError, binascii.Error) as exc:
        raise _rejected(BAD_SIGNATURE, "el certificado que trae no se puede leer") from exc


def _rejected(rule: Rule, detail: str = "") -> Rejected:
    finding = rule.at(detalle=detail)
    return Rejected(finding.code, finding.message)
