"""The sweeps against the DGI to test against, over HTTPS with WS-Security: the real client, the real law."""

import pytest
from clouds import OTHER_RUT, Till, draft, rango
from filing import rows, sell, state

from sincronizador.nube import sweeps
from sincronizador.nube.tables import report, sobre

RANGES = (rango(hasta=500), rango(102, hasta=500))


@pytest.fixture
def place(place_of):
    return place_of(RANGES)


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


def test_documents_that_come_late_one_after_another_share_a_corrected_report(clerk, till, dgi):
    late = [(f"L{number}", till.submit(f"L{number}", draft(f"L{number}", rut=OTHER_RUT)).reply.receipt)
            for number in range(6)]  # fmt: skip
    sold(till, "V1", "100.00")
    go(clerk, till, times=20)
    for key, receipt in late:
        till.confirm(key, receipt)
        till.place.clock.go(seconds=5)
        sweeps.attend(clerk, OTHER_RUT)
    go(clerk, till, times=3)
    assert {state(till, key) for key, _ in late} == {"reported"}
    assert [(row.secuencia, row.trouble) for row in rows(clerk, report)] == [(1, ""), (2, ""), (3, "")]


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


OPERATIONS = (
    "EFACRECEPCIONSOBRE",
    "EFACCONSULTARESTADOENVIO",
    "EFACRECEPCIONREPORTE",
    "EFACCONSULTARENVIOSREPORTE",
)
CUTS = {
    "before DGI worked": {"cerrar": True},
    "after DGI worked": {"cerrar": True, "cuando": "despues"},
    "in the answer": {"corte": 300},
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_line_cut_during_an_operation_repeats_and_loses_nothing(clerk, till, dgi, operation, cut):
    cue = {"donde": "servicio", "filtro": {"operacion": operation}, "efecto": CUTS[cut], "veces": 2}
    dgi.dgi.cues.add(cue)
    for key, price in (("V1", "60000.00"), ("V2", "100.00"), ("V3", "60000.00")):
        sold(till, key, price)
    go(clerk, till, times=30)
    assert [one["quedan"] for one in dgi.dgi.cues.listed()] == [0]
    assert [state(till, key) for key in ("V1", "V2", "V3")] == ["accepted", "reported", "accepted"]
    answered = dgi.dgi.memory.rows("SELECT numero, count(*) AS veces FROM respuesta GROUP BY numero ORDER BY numero")
    assert {row["numero"]: row["veces"] for row in answered} == {"1": 1, "3": 1}
    kept = dgi.dgi.memory.rows("SELECT secuencia FROM reporte")
    assert [row["secuencia"] for row in kept] == [1]
    assert [(row.state, row.trouble) for row in rows(clerk, report)] == [("done", "")]
