"""A DGI to test against on a port of its own, an issuer that it trusts, and DGI's schemas where they are."""

import os
from pathlib import Path

import pytest
from issuer_by_hand import NOON, RUT, VALIDITY, Issuer, Line
from lxml import etree

from sincronizador.authorities.fake import FakeDgi
from sincronizador.authorities.fake_server import Server
from sincronizador.cli.dgi_notary import AUTHORITY, open_identity
from sincronizador.cli.dgi_prueba import schema_of
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.identity import issue, make_authority
from sincronizador.signing.trust import to_pem


@pytest.fixture(scope="session")
def dgi_folder(tmp_path_factory):
    """DGI's identity, made once: keys are slow."""
    folder = tmp_path_factory.mktemp("dgi")
    open_identity(str(folder), NOON)
    identity = load_pkcs12((folder / "firma.p12").read_bytes(), (folder / "clave.txt").read_bytes().strip())
    (folder / "firma.pem").write_bytes(to_pem(identity.certificate))
    return folder


@pytest.fixture(scope="session")
def certifier():
    """The authority that issuers' certificates come from."""
    return make_authority(VALIDITY)


@pytest.fixture(scope="session")
def identity(certifier):
    return issue(certifier, VALIDITY, rut=RUT, titular="EMPRESA INVENTADA SA (PRUEBA)")


@pytest.fixture(scope="session")
def xsd_folder():
    """DGI's schemas; None where they are absent: then less is looked at."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = (Path(given) if given else Path(__file__).parents[3] / "shared" / "reference") / "uruguay/xsd/1.44.2"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def answer_schemas(xsd_folder):
    """Root of an answer -> its official schema; empty where the schemas are absent."""
    names = {"ACKSobre": "ACKSobre", "ACKCFE": "ACKCFE_DGI", "ACKRepDiario": "ACKRepDiario"}
    if xsd_folder is None:
        return {}
    return {root: etree.XMLSchema(etree.parse(str(xsd_folder / f"{name}.xsd"))) for root, name in names.items()}


class Clock:
    """DGI's, which tests move."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def means(dgi_folder, certifier, xsd_folder):
    """What a DGI is made of and does not change: its notary, its server's certificate, its schemas."""
    notary, tls = open_identity(str(dgi_folder), NOON)
    notary.trust(to_pem(certifier.certificate))
    return notary, tls, schema_of(str(xsd_folder)) if xsd_folder else None


@pytest.fixture
def server(means, clock):
    notary, tls, schema = means
    dgi = FakeDgi(notary, clock, schema=schema)
    with Server(dgi, tls).running() as found:
        yield found
    dgi.close()


@pytest.fixture
def line(server, dgi_folder):
    return Line(server, str(dgi_folder / AUTHORITY))


@pytest.fixture
def issuer(line, identity, certifier):
    """One with CAEs for the types that tests use."""
    found = Issuer(line, identity, certifier)
    for tipo in (101, 102, 111, 112, 141, 181):
        found.has_cae(tipo)
    return found
