"""Identities made once a session: a key costs a tenth of a second."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import Validity, issue, make_authority

VALIDITY = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session")
def authority() -> Identity:
    return make_authority(VALIDITY)


@pytest.fixture(scope="session")
def issuer(authority: Identity) -> Identity:
    return issue(authority, VALIDITY, rut="217777770013", titular="EMPRESA INVENTADA SA (PRUEBA)")


@pytest.fixture(scope="session")
def reference() -> Path:
    """DGI's schemas and samples, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[4] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's samples are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"
