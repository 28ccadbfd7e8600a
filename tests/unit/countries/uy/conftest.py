"""DGI's schema and samples, and a throw-away identity."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from sincronizador.core.signature import SignaturePlan
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import Validity, issue, make_authority
from sincronizador.signing.xmldsig import XmlSigner


@pytest.fixture(scope="session")
def referencia_uy() -> Path:
    """DGI's schemas and samples, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[5] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"


@pytest.fixture(scope="session")
def xsd(referencia_uy: Path) -> etree.XMLSchema:
    """The official schema of a CFE."""
    return etree.XMLSchema(etree.parse(str(referencia_uy / "xsd" / "1.44.2" / "CFEDGI.xsd")))


@pytest.fixture(scope="session")
def identidad() -> Identity:
    """A key and certificate of this session."""
    validity = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))
    return issue(make_authority(validity), validity, rut="217777770013", titular="EMPRESA INVENTADA (PRUEBA)")


@pytest.fixture(scope="session")
def firmar(identidad: Identity) -> Callable[[bytes], bytes]:
    """Signs with it."""
    signer = XmlSigner(identidad)
    return lambda document: signer.sign(document, SignaturePlan())
