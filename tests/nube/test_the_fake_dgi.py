"""The sweeps against the DGI to test against, over HTTPS with WS-Security: the real client, the real law."""

import os
from datetime import time
from pathlib import Path

import pytest
from clouds import OTHER_RUT, Place, Till, authority, cae_file, draft, rango
from filing import rows, sell, state

from sincronizador.cli.dgi_prueba import open_server
from sincronizador.nube import configuration, sweeps
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.offices import Offices
from sincronizador.nube.tables import report, sobre
from sincronizador.signing.trust import to_pem

REFERENCE = Path(os.environ.get("SINCRONIZADOR_REFERENCIA", Path(__file__).parents[3] / "shared" / "reference"))
SCHEMAS = REFERENCE / "uruguay" / "xsd" / "1.44.2"
RANGES = (rango(hasta=500), rango(102, hasta=500))


@pytest.fixture
def place(tmp_path):
    made = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path).found(OTHER_RUT, RANGES)
    yield made
    made.cloud.close()


@pytest.fixture
def dgi(place, tmp_path):
    """DGI, which knows this issuer and its CAEs."""
    server = open_server(
        str(tmp_path / "dgi"), 0, str(SCHEMAS) if SCHEMAS.is_dir() else "", clock=lambda: place.clock.at
    )
    server.dgi.notary.trust(to_pem(authority().certificate))
    server.dgi.registers.keep_issuer({"rut": OTHER_RUT}, place.clock.at)
    for given in RANGES:
        server.dgi.registers.keep_cae(cae_file(given, rut=OTHER_RUT))
    with server.running():
        yield server
    server.dgi.close()


@pytest.fixture
def clerk(place, dgi, tmp_path):
    urls = {
        name: dgi.url + path
        for name, path in (
            ("recepcion", "/ePrueba/ws_eprueba"), ("consultas", "/ePrueba/ws_consultasPrueba"),
            ("contribuyentes", "/ePrueba/ws_personaGetActEmpresarialPrueba"),
        )
    }  # fmt: skip
    told = {**urls, "ca": str(tmp_path / "dgi" / "identidad" / "autoridad.pem"), "espera": 10.0}
    offices = Offices(configuration.Dgi.model_validate(told, context=str(tmp_path)), "prueba")
    cloud = place.cloud
    yield Clerk(
        store=cloud._store, pens=cloud._pens, clock=place.clock, authority=offices.client, receptor="219999830019",
        report_at=time(1, 0), is_vouched=lambda: True,
    )  # fmt: skip
    offices.close()


@pytest.fixture
def till(place, clerk):
    return Till(place, rut=OTHER_RUT)


def go(clerk, till, hours=1, times=1):
    for _ in range(times):
        till.place.clock.go(hours=hours)
        sweeps.attend(clerk, OTHER_RUT)


def sold(till, key, price="60000.00", **how):
    return sell(till, key, price, rut=OTHER_RUT, **how)


def test_a_day_of_sales_is_accepted_and_its_report_balances(clerk, till, dgi):
    sold(till, "V1")
    sold(till, "V2", "100.00")
    sold(till, "N1", tipo=102)
    dgi.dgi.cues.add({"donde": "cfe", "filtro": {"numero": 2}, "efecto": {"codigos": ["E05"]}})
    sold(till, "V3")
    go(clerk, till, times=30)
    assert [state(till, key) for key in ("V1", "V2", "N1", "V3")] == ["accepted", "reported", "accepted", "accepted"]
    assert {row.state for row in rows(clerk, sobre)} == {"done"}
    assert [(row.state, row.trouble) for row in rows(clerk, report)] == [("done", "")]


def test_a_rejected_document_is_annulled_in_the_report(clerk, till, dgi):
    dgi.dgi.cues.add({"donde": "cfe", "filtro": {"numero": 1}, "efecto": {"codigos": ["E05"]}})
    sold(till, "V1")
    sold(till, "V2")
    go(clerk, till, times=30)
    assert [state(till, key) for key in ("V1", "V2")] == ["rejected", "accepted"]
    assert [(row.state, row.trouble) for row in rows(clerk, report)] == [("done", "")]


def test_a_late_document_makes_a_corrected_report(clerk, till, dgi):
    receipt = till.submit("V0", draft("V0", rut=OTHER_RUT)).reply.receipt
    sold(till, "V1", "100.00")
    go(clerk, till, times=20)
    till.confirm("V0", receipt)
    go(clerk, till, times=3)
    assert [state(till, key) for key in ("V0", "V1")] == ["reported", "reported"]
    told = [(row.secuencia, row.state, row.trouble) for row in rows(clerk, report)]
    assert told == [(1, "done", ""), (2, "done", "")]


def test_while_dgi_is_down_nothing_is_lost(clerk, till, dgi):
    dgi.down()
    sold(till, "V1")
    go(clerk, till, times=3)
    assert state(till, "V1") == "confirmed"
    assert "E3723" in [alarm.code for alarm in till.cloud.alarms(OTHER_RUT)]
    dgi.up()
    go(clerk, till, times=3)
    assert state(till, "V1") == "accepted"
    assert "E3723" not in [alarm.code for alarm in till.cloud.alarms(OTHER_RUT)]
