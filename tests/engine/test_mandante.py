"""For whom a sale was made, so that only DGI reads it: sealed once, the same bytes wherever the sale goes."""

import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from walking import NOON

from sincronizador.daemon import assembly
from sincronizador.errors import NeedsOperator
from sincronizador.settings import Mandante
from sincronizador.signing.encryption import KEY_NAME
from sincronizador.signing.identity import Validity, make_authority

RUT = "219999830019"
SALE = """[DOCUMENTO]
TIPO=131
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[MANDANTE]
TIPO_DOC=RUT
DOCUMENTO={mandante}
NOMBRE=PEÑA Y CÍA.
{cifrar}
[FIN]
"""
needs_xmlsec1 = pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")


def sale(referencia="M-1", mandante="211003420017", cifrar=""):
    return SALE.format(referencia=referencia, mandante=mandante, cifrar=cifrar)


@pytest.fixture(scope="module")
def dgi():
    return make_authority(
        Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700)), name="DGI PRUEBA"
    )


@pytest.fixture
def sealing(machine, dgi):
    """A machine with DGI's certificate."""
    path = machine.folder / "dgi.cer"
    path.write_bytes(dgi.certificate.der)
    machine.configure(mandante=Mandante(certificado=str(path)))
    return machine


def signed(machine, answer):
    return (machine.folder / "spool" / "salida" / answer["XML"]).read_bytes()


def test_without_certificate_it_goes_in_clear(machine):
    answer = machine.send("M.TXT", sale())
    assert answer["ESTADO"] == "FIRMADO_LOCAL"
    assert b"<DocMdte>211003420017</DocMdte>" in signed(machine, answer)


def test_who_wants_it_sealed_and_has_no_certificate_is_told(machine):
    answer = machine.send("M.TXT", sale(cifrar="CIFRAR=SI"))
    assert (answer["ESTADO"], answer["AVISO.1.CODIGO"]) == ("FIRMADO_LOCAL", "A2003")
    assert answer["AVISO.1.LINEA"] == "13"


@needs_xmlsec1
def test_with_a_certificate_only_its_owner_reads_it(sealing, dgi, tmp_path):
    content = signed(sealing, sealing.send("M.TXT", sale()))
    assert b"211003420017" not in content
    assert "PEÑA".encode() not in content
    key, cfe = tmp_path / "dgi.pem", tmp_path / "cfe.xml"
    key.write_bytes(dgi.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    cfe.write_bytes(content)
    opened = subprocess.run(
        ["xmlsec1", "--decrypt", f"--privkey-pem:{KEY_NAME}", str(key), str(cfe)], capture_output=True, check=True
    ).stdout
    data = next(etree.fromstring(opened).iter("{http://cfe.dgi.gub.uy}Compl_Fiscal_Data"))
    assert [child.text for child in data] == [RUT, "2", "UY", "211003420017", "PEÑA Y CÍA."]


def test_a_file_that_does_not_want_it_sealed_is_obeyed(sealing):
    answer = sealing.send("M.TXT", sale(cifrar="CIFRAR=NO"))
    assert b"<DocMdte>211003420017</DocMdte>" in signed(sealing, answer)


def test_the_same_sale_again_is_known_by_its_file_and_not_by_what_it_was_sealed_into(sealing):
    first = sealing.send("M.TXT", sale())
    again = sealing.send("N.TXT", sale() + "\n")
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    other = sealing.send("O.TXT", sale(mandante="219000090011"))
    assert (other["CODIGO"], other["EXISTENTE.CAMPO"]) == ("E0104", "DOCUMENTO")


def test_what_it_says_is_in_no_log(sealing, caplog):
    caplog.set_level("DEBUG")
    sealing.send("M.TXT", sale())
    assert "211003420017" not in caplog.text


@pytest.mark.parametrize(("content", "code"), [(None, "E2014"), (b"nada", "E2102")])
def test_a_certificate_that_cannot_be_used_is_a_sentence(machine, content, code):
    path = machine.folder / "dgi.cer"
    if content is not None:
        path.write_bytes(content)
    settings = machine.settings.model_copy(update={"mandante": Mandante(certificado=str(path))})
    with pytest.raises(NeedsOperator) as caught:
        assembly.make_seal(settings)
    assert caught.value.code == code
    assert re.search("dgi.cer|certificado", str(caught.value))
