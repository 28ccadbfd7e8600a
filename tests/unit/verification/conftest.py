"""DGI's samples, and documents signed in this session."""

import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from emitidos import HOY, MOMENTO, RUT, TXT, VALIDITY

from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.formats.txt import parse
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import issue, make_authority
from sincronizador.signing.xmldsig import XmlSigner


@pytest.fixture(scope="session")
def referencia() -> Path:
    """DGI's schemas and samples, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[4] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's samples are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"


@pytest.fixture(scope="session")
def identidad() -> Identity:
    return issue(make_authority(VALIDITY), VALIDITY, rut=RUT, titular="EMPRESA INVENTADA (PRUEBA)")


@pytest.fixture(scope="session")
def firmar(identidad: Identity) -> Callable[..., bytes]:
    """A signed e-Ticket; `changed` is done to it before it is signed."""
    emisor = Emisor(
        rut=RUT, razon_social="EMPRESA INVENTADA", sucursal="1", domicilio="Calle 1", ciudad="MONTEVIDEO",
        departamento="MONTEVIDEO", web="www.ejemplo.com.uy", resolucion="Res. 1/2026",
    )  # fmt: skip
    country = Uruguay(emisor, Ajustes(ui={2026: Decimal("6.40")}))
    rango = Rango(id="90260000001", tipo=101, serie="A", desde=1, hasta=1000, vence=date(2028, 11, 21))

    def make(
        changed: Callable[[bytes], bytes] = bytes, *, numero: int = 7, at: datetime = MOMENTO, embedded: bool = True
    ) -> bytes:
        request = country.read(parse(TXT, VOCABULARY, "utf-8").sections, HOY)
        document = country.complete(country.draft(request, {}), Folio(rango=rango, numero=numero), at)
        return XmlSigner(identidad, embed_certificate=embedded).sign(changed(document), SignaturePlan())

    return make
