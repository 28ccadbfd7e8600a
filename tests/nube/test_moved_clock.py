"""The cloud's own clock: what shows a time that has passed numbers nothing, and everything else goes on."""

import pytest

from sincronizador.core.receipt import Said
from sincronizador.errors import Unavailable

MOVED = "E3553"


def alarms(place):
    return [alarm.code for alarm in place.cloud.alarms()]


def who(till):
    return till.cloud.authenticate(till.token)


def test_a_clock_that_went_back_numbers_nothing_until_it_is_right_again(till, place):
    granted = till.lease(10)
    till.sell("V1")
    place.clock.go(hours=-1)
    with pytest.raises(Unavailable, match="ya había marcado") as refused:
        till.submit("V2")
    assert refused.value.code == "not_ready"
    assert MOVED in alarms(place)
    told = till.cloud.health(who(till))
    assert not told.ok
    assert "el reloj de la nube marca" in told.detail
    assert till.sign_and_hand_over("V3", granted.lease, 1).reply.said is Said.STORED, "papers are always taken"
    place.clock.go(hours=1)
    assert till.submit("V2").reply.said is Said.STORED
    assert MOVED not in alarms(place)
    assert till.cloud.health(who(till)).ok


def test_some_minutes_are_no_clock_that_went_back(till, place):
    till.sell("V1")
    place.clock.go(minutes=-4)
    assert till.submit("V2").reply.said is Said.STORED


def test_what_was_prepared_is_given_again_whatever_the_clock_shows(till, place):
    first = till.submit("V1").reply.receipt
    place.clock.go(hours=-1)
    assert till.submit("V1").reply.receipt == first
    assert till.confirm("V1", first).reply.said is Said.STORED


def test_a_clock_that_ran_ahead_is_vouched_for_by_a_person(till, place):
    place.clock.go(days=400)
    till.sell("V1")
    place.clock.go(days=-400)
    with pytest.raises(Unavailable):
        till.submit("V2")
    place.cloud.confirm_clock("ana")
    assert till.submit("V2").reply.said is Said.STORED
    assert place.cloud.clock_trouble() == ""
    assert [act.act for act in place.cloud.audit(limit=1)] == ["clock"]


def test_a_clock_that_the_network_keeps_right_is_believed(till, place):
    place.clock.go(hours=3)
    till.sell("V1")
    place.clock.go(hours=-3)
    place.cloud._is_vouched = lambda: True
    assert till.submit("V2").reply.said is Said.STORED
    assert MOVED not in alarms(place)
    place.cloud._is_vouched = lambda: False
    assert till.submit("V3").reply.said is Said.STORED, "what was vouched for is the latest time from then on"
