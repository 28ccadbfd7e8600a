"""A throw-away identity."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sincronizador.core.signature import SignaturePlan
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import Validity, issue, make_authority
from sincronizador.signing.xmldsig import XmlSigner


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
