"""What only the authority may read, opened again by a program that nobody here wrote: xmlsec1."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sincronizador.core.signature import SignaturePlan
from sincronizador.errors import NeedsOperator
from sincronizador.signing.certificate import facts
from sincronizador.signing.encryption import KEY_NAME, XENC, Cifrado, Sealer
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import DS, XmlSigner

CFE = "http://cfe.dgi.gub.uy"
CLEAR = (
    f'<Compl_Fiscal_Data xmlns="{CFE}"><RUCEmisor>217777770013</RUCEmisor><TipoDocMdte>2</TipoDocMdte><Pais>UY</Pais>'
    "<DocMdte>219000090011</DocMdte><NombreMdte>PEÑA &amp; CÍA.</NombreMdte></Compl_Fiscal_Data>"
).encode()
needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")


def within(element: bytes) -> bytes:
    head = f'<CFE xmlns="{CFE}" version="1.0"><eTck><Compl_Fiscal>'.encode()
    return head + element + b"</Compl_Fiscal></eTck></CFE>"


def canonical(content: bytes) -> bytes:
    return etree.tostring(etree.fromstring(content), method="c14n", with_comments=False)


@pytest.fixture
def opened(issuer, tmp_path):
    """What xmlsec1 makes of a document with the private key of the certificate."""
    key = tmp_path / "clave.pem"
    key.write_bytes(issuer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def open_(document: bytes) -> bytes:
        path = tmp_path / "cfe.xml"
        path.write_bytes(document)
        command = ["xmlsec1", "--decrypt", f"--privkey-pem:{KEY_NAME}", str(key), str(path)]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return open_


@needs_xmlsec1
@pytest.mark.parametrize("cifrado", list(Cifrado))
def test_the_holder_of_the_key_reads_the_element_again(issuer, opened, cifrado):
    sealed = within(Sealer(issuer.certificate, cifrado).encrypt(CLEAR))
    assert canonical(opened(sealed)) == canonical(within(CLEAR))


@needs_xmlsec1
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # xmlsec1 is a process
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="<&>\ufffe\uffff"), max_size=60))
def test_any_text_of_any_length_comes_back(issuer, opened, text):
    clear = f'<NombreMdte xmlns="{CFE}">{text}</NombreMdte>'.encode()
    assert canonical(opened(within(Sealer(issuer.certificate).encrypt(clear)))) == canonical(within(clear))


@pytest.mark.parametrize("cifrado", list(Cifrado))
def test_a_sealed_document_is_canonical_and_its_signature_verifies(issuer, cifrado):
    document = within(Sealer(issuer.certificate, cifrado).encrypt(CLEAR))
    assert canonical(document) == document
    signed = XmlSigner(issuer).sign(document, SignaturePlan())
    assert verify(signed, certificate=issuer.certificate).certificate == issuer.certificate


def test_nothing_of_the_clear_element_is_left_and_no_two_are_alike(issuer):
    sealer = Sealer(issuer.certificate)
    first, second = sealer.encrypt(CLEAR), sealer.encrypt(CLEAR)
    assert first != second
    assert b"219000090011" not in first
    assert b"Compl_Fiscal_Data" not in first


def test_it_has_the_shape_of_the_sample_of_dgi(issuer, reference):
    sample = etree.fromstring((reference / "dgi" / "Sob_219999830019_fac-Cta_Ajena-enc.xml").read_bytes())
    ours = etree.fromstring(Sealer(issuer.certificate).encrypt(CLEAR))

    def shape(element: etree._Element) -> list[tuple[object, object]]:
        return [(each.tag, dict(each.attrib)) for each in element.iter()]

    found = next(sample.iter(f"{{{XENC}}}EncryptedData"))
    assert shape(ours) == shape(found)
    assert ours.findtext(f".//{{{DS}}}KeyName") == found.findtext(f".//{{{DS}}}KeyName")


def test_a_certificate_whose_key_is_not_rsa_is_refused():
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    with pytest.raises(NeedsOperator, match="RSA"):
        Sealer(facts(made.sign(key, hashes.SHA256())))
