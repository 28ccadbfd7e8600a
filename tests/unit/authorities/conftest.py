"""Keys made once a session, an office for each test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback_office import DGI_RUC, VALIDITY, Office, make_tls, open_office, settings_of, signing

from sincronizador.authorities.door import Authority
from sincronizador.nube.offices import Offices
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import TlsFiles, issue, make_authority


@pytest.fixture(scope="session")
def authority() -> Identity:
    return make_authority(VALIDITY)


@pytest.fixture(scope="session")
def issuer(authority: Identity) -> Identity:
    return issue(authority, VALIDITY, rut="217777770013", titular="EMPRESA INVENTADA SA (PRUEBA)")


@pytest.fixture(scope="session")
def dgi(authority: Identity) -> Callable[[bytes], bytes]:
    """DGI's hand: the envelope around a Body's content."""
    return signing(issue(authority, VALIDITY, rut=DGI_RUC, titular="DGI (PRUEBA)"))


@pytest.fixture(scope="session")
def tls(authority: Identity) -> TlsFiles:
    return make_tls(authority)


@pytest.fixture
def office(tls: TlsFiles, tmp_path: Path) -> Iterator[Office]:
    with open_office(tls, tmp_path) as made:
        yield made


@pytest.fixture
def client(office: Office, issuer: Identity) -> Iterator[Authority]:
    offices = Offices(settings_of(office), "prueba")
    yield offices.client(issuer)
    offices.close()


@pytest.fixture(scope="session")
def wsdls() -> Path:
    """DGI's WSDLs, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[4] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's WSDLs are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay" / "xsd" / "ws"
