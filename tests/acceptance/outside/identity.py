"""Certificates and CAE files, good and bad, made by the tests."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

DAY = timedelta(days=1)
CAE_NAMES = {101: "e-Ticket", 102: "NC_e-Ticket", 103: "ND_e-Ticket", 111: "e-Factura"}


@cache
def key(_which: str = "issuer") -> rsa.RSAPrivateKey:
    """A key, made once a run."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    rut: str, start: datetime, end: datetime, *, subject: str = "EMPRESA DE PRUEBA", issuer: str = "CA DE PRUEBA"
) -> x509.Certificate:
    """A legal person's certificate as the norm asks: serialNumber is ``RUC`` and twelve digits."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, subject),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject),
            x509.NameAttribute(NameOID.COUNTRY_NAME, "UY"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"RUC{rut}"),
        ]
    )
    authority = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, issuer), x509.NameAttribute(NameOID.COUNTRY_NAME, "UY")]
    )
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(authority).public_key(key().public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    return builder.sign(key("authority"), SHA256())


def write_p12(folder: Path, name: str, cert: x509.Certificate, *, word: str = "clave-1") -> tuple[Path, Path]:
    """A PKCS#12 and the file with its password, readable by its owner only."""
    archive, secret = folder / f"{name}.p12", folder / f"{name}.clave"
    locked = BestAvailableEncryption(word.encode())
    archive.write_bytes(pkcs12.serialize_key_and_certificates(name.encode(), key(), cert, None, locked))
    secret.write_text(word + "\n")
    archive.chmod(0o600)
    secret.chmod(0o600)
    return archive, secret


def write_cae(
    folder: Path, rut: str, tipo: int, *, serie: str, first: int, last: int, expires: datetime, today: datetime
) -> Path:
    """A CAE file, signed by an invented authority."""
    number = f"9026{tipo:03}{first % 1000:03}1"
    given = min(today, expires) - 10 * DAY
    data = {
        "RucE": rut,
        "TCFE": tipo,
        "Serie": serie,
        "DNro": first,
        "HNro": last,
        "TA": "E",
        "NA": number,
        "FA": f"{given:%Y-%m-%d}",
        "FVD": f"{expires:%Y-%m-%d}",
    }
    fields = "".join(f"<ns0:{name}>{value}</ns0:{name}>" for name, value in data.items())
    stamp = f"<ns0:TmstFrma>{given:%Y-%m-%d}T10:00:00-03:00</ns0:TmstFrma>"
    text = f'<ns0:CAE xmlns:ns0="http://cfe.dgi.gub.uy" version="1.0">{stamp}<ns0:DA>{fields}</ns0:DA></ns0:CAE>'
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    authority = certificate("214844360018", today - 400 * DAY, today + 400 * DAY, subject="DGI DE PRUEBA")
    signed = signer.sign(etree.fromstring(text), key=key(), cert=[authority])
    path = folder / f"CAE_{rut}_{number}_{serie}_{first}.xml"
    path.write_bytes(etree.tostring(signed, xml_declaration=True, encoding="UTF-8"))
    return path
