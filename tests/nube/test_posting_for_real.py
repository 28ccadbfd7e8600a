"""From a sale to the wire: a mail server with TLS of its own authority, DGI's schemas, xmlsec1 as the judge."""

import shutil
import subprocess
from email import message_from_bytes
from email.policy import default

import pytest
from clouds import ANEXO, RUT, VALIDITY, authority, identity
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from filing import clerk_of, rows, sell, turn
from mail_servers import PASSWORD, USER, mail_server, server_context
from test_postings import MAIL, clerk, desk, empty, invoice, office, till  # noqa: F401 - fixtures

from sincronizador.countries.uy.received import take_apart
from sincronizador.nube.configuration import Correo
from sincronizador.nube.post import Post
from sincronizador.nube.tables import delivery
from sincronizador.schemas import load_schemas
from sincronizador.signing.identity import issue_tls


@pytest.fixture
def line(tmp_path):
    """What came to a mail server, and the way there."""
    tls = issue_tls(authority(), VALIDITY, ["localhost"])
    (tmp_path / "ca.pem").write_bytes(tls.authority)
    secret = tmp_path / "correo.clave"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    with mail_server(tls=server_context(tls, tmp_path), auth=PASSWORD) as (box, port):
        given = {"servidor": "localhost", "puerto": port, "remitente": "cfe@tienda.example", "usuario": USER}
        files = {"clave": str(secret), "ca": str(tmp_path / "ca.pem")}
        yield box, Post(Correo.model_validate({**given, **files}, context="/"), "sha256")


def attachments(content):
    parts = message_from_bytes(content, policy=default).iter_attachments()
    return {part.get_filename(): part.get_content() for part in parts}


def test_what_arrives_is_valid_and_signed(line, clerk, till, desk, tmp_path, referencia_uy):  # noqa: F811
    box, post = line
    desk.refuse["111-A-2"] = ("E05",)
    made = clerk_of(till.place, desk, post)
    invoice(till, "F1")
    invoice(till, "F2")
    sell(till, "V1", "100.00")
    for _ in range(3):
        turn(made, till)
    assert [row.state for row in rows(made, delivery)] == ["sent"] * 3
    assert sorted(to for _, [to], _ in box.came) == sorted([MAIL, MAIL, ANEXO.correo])
    found = {name: content for *_, mail in box.came for name, content in attachments(mail).items()}
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    pem = tmp_path / "firma.pem"
    pem.write_bytes(x509.load_der_x509_certificate(identity().certificate.der).public_bytes(Encoding.PEM))
    [sobre] = [content for name, content in found.items() if name.startswith("Sob_")]
    [rechazo] = [content for name, content in found.items() if name.startswith("Rech_")]
    cfe = found[f"{RUT}-101-A-1.xml"]
    for content in (sobre, rechazo, cfe):
        assert schemas.problems(content) == []
    if shutil.which("xmlsec1") is None:
        pytest.skip("needs xmlsec1: apt-get install xmlsec1")
    for content in (*(one.alone for one in take_apart(sobre).cfes), rechazo, cfe):
        (tmp_path / "firmado.xml").write_bytes(content)
        command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(pem), str(tmp_path / "firmado.xml")]
        subprocess.run(command, check=True, capture_output=True)


def test_a_wrong_password_holds_everything_back_and_is_told(line, clerk, till, desk, tmp_path):  # noqa: F811
    box, post = line
    (tmp_path / "correo.clave").write_text("otra\n")
    made = clerk_of(till.place, desk, post)
    sell(till, "V1", "100.00")
    turn(made, till)
    turn(made, till, minutes=20)
    assert "E3744" in {alarm.code for alarm in till.cloud.alarms(RUT)}
    assert all("otra" not in alarm.sentence for alarm in till.cloud.alarms(RUT))
    (tmp_path / "correo.clave").write_text(PASSWORD + "\n")
    turn(made, till)
    assert len(box.came) == 1
