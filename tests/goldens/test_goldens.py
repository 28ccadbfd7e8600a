"""
Whole documents, from the dropped file to paper and answer, as a person reads them.

The files of ``uy/`` are dropped in order into one installation with a fixed clock; those of ``uy-iva-minimo/`` into one
whose issuer is IVA mínimo. Of the signed document all but the
signature is compared: its digest is in the answer. ``pytest tests/goldens --update-goldens`` writes them anew; the
difference is read before it is committed.
"""

import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from walking import NOON

from sincronizador.core.numbering import Rango
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.printing.commands import commands
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.identity import Validity, make_authority, sign_cae

FOLDER = Path(__file__).parent
NS = "{http://cfe.dgi.gub.uy}"
VENCE = date(2028, 11, 20)


def readable_xml(signed):
    """The document without its signature, an element a line."""
    return signed.decode().partition("<Signature")[0].replace("><", ">\n<") + "\n"


def readable_ticket(page):
    """The lines of a ticket, its QR in words."""
    lines, line = [], ""
    for command in commands(page):
        if not command.name:
            line += command.data.decode("cp858")
        elif command.name == b"\n":
            lines.append(line.rstrip())
            line = ""
        elif command.name == b"\x1d(" and command.data[4:6] == b"P0":
            lines.append(f"<QR {command.data[6:].decode()}>")
    return "\n".join(lines) + "\n"


def files(folder):
    """The files to drop, in order."""
    return sorted(path.name for path in folder.iterdir() if re.fullmatch(r"\d{4}-[^.]*\.(txt|xml)", path.name))


def walk(machine, folder):
    """What came of each file, by the extension of its golden, and the signed bytes."""
    found, signed = {}, {}
    for name in files(folder):
        before = len(machine.printer.pages)
        machine.drop(name, (folder / name).read_bytes())
        machine.work()
        stem = name.rpartition(".")[0]
        salida = machine.folder / "spool" / "salida"
        found[f"{stem}.rsp"] = (salida / f"{stem}.rsp").read_text("utf-8").replace("\r\n", "\n")
        if (salida / f"{stem}.xml").exists():
            signed[stem] = (salida / f"{stem}.xml").read_bytes()
            found[f"{stem}.cfe.xml"] = readable_xml(signed[stem])
        for _, page in machine.printer.pages[before:]:
            found[f"{stem}.ticket.txt"] = readable_ticket(page)
    return found, signed


@pytest.fixture
def day(machine):
    """A day of the shop."""
    return walk(machine, FOLDER / "uy")


@pytest.fixture
def small(machine):
    """A day of an issuer who is IVA mínimo, with CAEs that say so."""
    machine.configure(emisor={"regimen": "iva_minimo"})
    with machine.house.journal.transaction() as db:
        db.execute("DELETE FROM rango")
    authority = make_authority(Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700)))
    for tipo in (101, 111):
        rango = Rango(id=f"9026100{tipo}", tipo=tipo, serie="M", desde=1, hasta=100, vence=VENCE, especial="2")
        content = sign_cae(authority, rango, rut=machine.settings.emisor.rut, autorizado=NOON.date())
        assert machine.order("cae", content, ambiente="prueba").ok
    return walk(machine, FOLDER / "uy-iva-minimo")


def compare(found, folder, request):
    """With what a person read, or write it for them to read."""
    if request.config.getoption("--update-goldens"):
        for name, text in found.items():
            (folder / name).write_text(text, "utf-8")
    golden = {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.name not in files(folder)}
    assert sorted(found) == sorted(golden)
    for name, text in golden.items():
        assert found[name] == text, name


def test_every_document_is_as_it_was_read(day, request):
    compare(day[0], FOLDER / "uy", request)


def test_every_document_of_an_issuer_without_iva_is_as_it_was_read(small, request, xsd):
    compare(small[0], FOLDER / "uy-iva-minimo", request)
    for stem, signed in small[1].items():
        assert xsd.validate(etree.fromstring(signed)), f"{stem}: {xsd.error_log}"


def test_there_is_one_of_every_electronic_type_and_of_papers_and_dgi_would_take_them(day, xsd):
    tipos = set()
    for stem, signed in day[1].items():
        root = etree.fromstring(signed)
        assert xsd.validate(root), f"{stem}: {xsd.error_log}"
        tipos.add(int(root.findtext(f".//{NS}TipoCFE")))
    assert tipos >= {tipo for tipo in TipoCfe if not tipo.is_papel} | {201, 211, 281, 282}


def test_the_signature_of_every_document_is_verified_by_xmlsec1(day, machine, tmp_path):
    if shutil.which("xmlsec1") is None:
        pytest.skip("needs xmlsec1: apt install xmlsec1")
    pem = tmp_path / "cert.pem"
    pem.write_bytes(x509.load_der_x509_certificate(certificate(machine)).public_bytes(Encoding.PEM))
    for stem, signed in day[1].items():
        (tmp_path / "cfe.xml").write_bytes(signed)
        command = ["xmlsec1", "--verify", "--pubkey-cert-pem", str(pem), str(tmp_path / "cfe.xml")]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0, stem


def certificate(machine):
    """The installation's certificate, DER."""
    config = machine.settings.certificado
    with open(config.archivo, "rb") as file:
        return load_pkcs12(file.read(), config.clave.read()).certificate.der
