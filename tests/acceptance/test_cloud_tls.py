"""A cloud that is spoken to encrypted, with an authority of its own; and one whose certificate expired."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from outside.cloud import Cloud, free_port
from outside.installation import Installation, prepare, txt, wait_for

SALE = txt("DOCUMENTO", TIPO=101, REFERENCIA="T1", FORMA_PAGO="CONTADO").replace(b"[FIN]\r\n", b"") + txt(
    "ITEM", DETALLE="Pan", PRECIO="89", IVA="MINIMA"
)


def test_a_sale_goes_encrypted_and_an_expired_certificate_is_told_while_the_till_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    prepare(folder, "--nube", "--puerto-nube", str(free_port()), "--tls")
    till, cloud = Installation(folder), Cloud(folder)
    address = f'"https://127.0.0.1:{cloud.port}"'
    till.configure("nube", url=address, paciencia="1", sondeo="0.5", espera="2")
    _serve(cloud)
    till.start()
    try:
        sent = till.ask("T1.txt", SALE)
        assert (sent.first, sent["EMITIDO"]) == ("OK", "SI")
        assert till.answer("T1.txt", until=lambda seen: seen["ESTADO"] == "ENVIADO").number == sent.number
        cloud.stop()
        _expire(folder / "nube" / "tls")
        _serve(cloud)
        alone = till.ask("T2.txt", SALE.replace(b"T1", b"T2"))
        assert (alone.first, alone["ESTADO"]) == ("OK", "FIRMADO_CONTINGENCIA")
        told = till.run("verificar")
        assert told.returncode == 78
        assert re.search(r"nube: .*venci", told.stdout), told.stdout
    finally:
        till.kill()
        cloud.kill()


def _serve(cloud: Cloud) -> None:
    ready = _times_ready(cloud)
    cloud.launch()
    wait_for("the cloud", lambda: _times_ready(cloud) > ready or None)


def _times_ready(cloud: Cloud) -> int:
    return cloud.log.read_text("utf-8").count("event=ready") if cloud.log.exists() else 0


def _expire(tls: Path) -> None:
    """The same key under a certificate that was valid for a day, the day before yesterday."""
    key = load_pem_private_key((tls / "nube.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3))
        .not_valid_after(now - timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    for path in (tls / "nube.pem", tls / "autoridad.pem"):
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
