"""A cloud whose sweeps talk to the DGI to test against, over HTTPS with WS-Security: the real client, the real law."""

import os
from contextlib import contextmanager
from datetime import time
from pathlib import Path

from clouds import OTHER_RUT, authority, cae_file

from sincronizador.cli.dgi_prueba import open_server
from sincronizador.nube import configuration
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.offices import Offices
from sincronizador.signing.trust import to_pem

REFERENCE = Path(os.environ.get("SINCRONIZADOR_REFERENCIA", Path(__file__).parents[3] / "shared" / "reference"))
SCHEMAS = REFERENCE / "uruguay" / "xsd" / "1.44.2"
RECEPTOR = "219999830019"


@contextmanager
def dgi_of(place, ranges):
    """DGI, which knows the issuer of a place and its CAEs, by the clock of the place."""
    schemas = str(SCHEMAS) if SCHEMAS.is_dir() else ""
    server = open_server(str(place.folder / "dgi"), 0, schemas, clock=lambda: place.clock.at)
    server.dgi.notary.trust(to_pem(authority().certificate))
    server.dgi.registers.keep_issuer({"rut": OTHER_RUT}, place.clock.at)
    for given in ranges:
        server.dgi.registers.keep_cae(cae_file(given, rut=OTHER_RUT))
    with server.running():
        yield server
    server.dgi.close()


@contextmanager
def clerk_to(place, dgi):
    """What the sweeps of that place work with."""
    urls = {
        name: dgi.url + path
        for name, path in (
            ("recepcion", "/ePrueba/ws_eprueba"), ("consultas", "/ePrueba/ws_consultasPrueba"),
            ("contribuyentes", "/ePrueba/ws_personaGetActEmpresarialPrueba"),
        )
    }  # fmt: skip
    told = {**urls, "ca": str(place.folder / "dgi" / "identidad" / "autoridad.pem"), "espera": 10.0}
    offices = Offices(configuration.Dgi.model_validate(told, context=str(place.folder)), "prueba")
    cloud = place.cloud
    yield Clerk(
        store=cloud._store, pens=cloud._pens, clock=place.clock, authority=offices.client, receptor=RECEPTOR,
        report_at=time(1, 0), is_vouched=lambda: True,
    )  # fmt: skip
    offices.close()
