"""What an administrator must tell DGI of: when an installation went on by itself, and when it came back."""

from datetime import timedelta

import pytest
from clouds import NOON, RUT, Till, draft

SINCE = NOON - timedelta(minutes=5)
REASON = "No hay comunicación con la nube: 192.168.1.20:8750 no acepta conexiones"


@pytest.fixture
def lease(till):
    return till.lease(10).lease


def told(place, code=None):
    return [one.sentence for one in reversed(place.cloud.alarms(RUT)) if one.id and code in (None, one.code)]


def signs(till, key, lease, numero, since=SINCE, reason=REASON):
    return till.sign_and_hand_over(key, lease, numero, contingency_since=since, contingency_reason=reason)


def test_the_first_document_of_a_contingencia_tells_what_the_form_asks_for(till, place, lease):
    signs(till, "V1", lease, 1)
    signs(till, "V2", lease, 2)
    expected = (
        f"La instalación CAJA (emisor {RUT}, sucursal 1) firma sin línea desde el 21/11/2026 11:55. Motivo: {REASON}. "
        "Comunique a DGI el inicio en el formulario «Comunicación de contingencia» (portal e-Factura, Contingencia) y "
        "dé esta alarma por atendida."
    )
    assert told(place) == [expected]


def test_the_end_is_told_once_the_cloud_numbers_for_the_installation_again(till, place, lease):
    signs(till, "V1", lease, 1)
    signs(till, "V2", lease, 2)
    assert told(place, "E3734") == []
    place.clock.go(minutes=10)
    till.sell("V3")
    till.sell("V4")
    [sentence] = told(place, "E3734")
    assert sentence.startswith(
        f"La instalación CAJA (emisor {RUT}, sucursal 1) volvió a emitir en línea el 21/11/2026 12:10; firmaba sin "
        f"línea desde el 21/11/2026 11:55. Motivo: {REASON}. Entregó hasta ahora: 2 del tipo 101, serie A, entre 1 y 2."
    )
    assert "Comunique a DGI el final" in sentence


def test_what_was_dismissed_is_not_told_again(till, place, lease):
    signs(till, "V1", lease, 1)
    till.sell("V3")
    for alarm in place.cloud.alarms(RUT):
        if alarm.id:
            place.cloud.dismiss_alarm("prueba", alarm.id, "Avisado a DGI.")
    signs(till, "V2", lease, 2)
    signs(till, "V1", lease, 1)
    till.sell("V4")
    assert told(place) == []


def test_each_contingencia_is_told_and_those_that_come_late_are_not(till, place, lease):
    later = NOON + timedelta(hours=3)
    place.clock.go(hours=4)
    signs(till, "V1", lease, 1)
    till.sell("V2")
    signs(till, "V3", lease, 3, since=later, reason="")
    signs(till, "V4", lease, 4)
    assert len(told(place, "E3733")) == 2
    assert "desde el 21/11/2026 15:00. Motivo: sin motivo dicho." in told(place, "E3733")[1]
    till.sell("V5")
    assert ["desde el 21/11/2026 11:55" in one for one in told(place, "E3734")] == [True, False]


def test_each_installation_and_branch_is_told_by_itself(till, place, lease):
    other = Till(place, "DEPOSITO", machine="m2")
    theirs = other.lease(10).lease
    signs(till, "V1", lease, 1)
    signed = other.sign(theirs, theirs.desde, draft("V1", sucursal="7"))
    assert other.hand_over("V1", signed, lease=theirs.id, contingency_since=SINCE, contingency_reason=REASON).created
    assert [("CAJA " in one, "sucursal 7" in one) for one in told(place, "E3733")] == [(True, False), (False, True)]
    other.sell("V2")
    assert ["DEPOSITO" in one for one in told(place, "E3734")] == [True], "the first one still has no line"


def test_a_sale_that_waited_too_long_is_no_contingencia(till, place, lease):
    till.sign_and_hand_over("V1", lease, 1)
    till.sell("V2")
    assert told(place) == []
