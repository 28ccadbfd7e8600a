"""Runs at the cloud: a compare-and-set, on both databases; what a copy that was refused costs, and what it does not."""

from dataclasses import replace
from hashlib import sha256

from clouds import RUT, draft

from sincronizador.core.receipt import Attempt, Said
from sincronizador.nube.fates import Fate


def begin(till, run, known="", turn=1, *, name="caja"):
    return till.cloud.begin_run(till.me, run * 16, known * 16, turn, name)


def speak(till, run, key="V1"):
    """Whether this run is heard."""
    reply = till.cloud.find(replace(till.me, run=run * 16), key)
    return reply.said, reply.code


STALE = (Said.STALE, "run_overtaken")


def test_the_first_run_is_anybodys_and_the_same_one_is_granted_again(till):
    assert begin(till, "a").granted
    assert begin(till, "a").granted
    assert speak(till, "a") == (Said.UNKNOWN, "not_found")


def test_a_run_that_knew_the_one_before_goes_on_and_any_other_is_refused(till, place):
    begin(till, "a")
    assert begin(till, "b", "a", 2, name="caja-2").granted
    refused = begin(till, "c", "a", 2)
    assert (refused.granted, refused.name) == (False, "caja-2")
    assert refused.since is not None
    place.reopen()
    assert not begin(till, "c", "a", 2).granted
    assert speak(till, "b")[0] is Said.UNKNOWN
    assert speak(till, "a") == STALE
    assert speak(till, "c") == STALE
    assert till.cloud.find(till.me, "V1").said is Said.UNKNOWN, "who knows nothing of runs works as before"


def test_every_call_of_an_overtaken_run_is_stale_and_changes_nothing(till, place):
    begin(till, "a")
    begin(till, "b", "a", 2)
    before = place.fates()
    stale, cloud = replace(till.me, run="a" * 16), till.cloud
    content = draft("V1")
    said = [
        cloud.submit(stale, "V1", till.submission(content), sha256(content).hexdigest()).reply,
        cloud.confirm(stale, "V1", 1, "0" * 64).reply,
        cloud.void(stale, "V1", Attempt(1, 2), "prueba").reply,
        cloud.take_lease(stale, 101, "1", 5, "una clave"),
        cloud.held(stale, "90260000001", 1, 2),
        cloud.changes(stale, "", 5),
        cloud.pull(stale, "", 5),
        cloud.leases(stale),
        cloud.signing_certificates(stale),
    ]
    assert {(one.said, one.code) for one in said} == {STALE}
    assert place.fates() == before


def test_a_refused_copy_costs_the_leases_once_and_is_told(till, place):
    begin(till, "a")
    lease = till.lease(10).lease
    begin(till, "b", "a", 2)
    for run in ("c", "c", "d", "e"):
        begin(till, run, "a", 2)
    assert till.cloud.leases(till.me).leases == ()
    assert place.fate(lease.desde) is Fate.DOUBTFUL
    assert place.alarms() == ["E3552"]
    assert till.cloud.health(till.cloud.authenticate(till.token)).clones == 1
    again = till.lease(10, idempotency="otra").lease
    begin(till, "f", "a", 2)
    assert [one.id for one in till.cloud.leases(till.me).leases] == [again.id]


def test_a_new_epoch_begins_anew_and_a_base_that_went_back_stops_nobody(till):
    begin(till, "a")
    till.raise_epoch("m2")
    assert begin(till, "b", "", 1).granted
    assert begin(till, "z", "y", 9).granted, "nine runs, of which the base knows one"


def test_after_a_restore_whoever_comes_first_goes_on(till, place):
    begin(till, "a")
    copy = place.backup()
    begin(till, "b", "a", 2)
    place.restore(copy)
    till.learn()
    assert begin(till, "c", "b", 3).granted


def test_the_audit_of_an_issuer_keeps_its_alarm_until_it_is_seen_to(till, place):
    begin(till, "a")
    begin(till, "b", "a", 2)
    begin(till, "c", "a", 2, name="sótano")
    [alarm] = [one for one in till.cloud.alarms(RUT) if one.code == "E3552"]
    assert "se detuvo sótano" in alarm.sentence
    till.cloud.dismiss_alarm("ana", alarm.id, "Se apagó")
    assert [one for one in till.cloud.alarms(RUT) if one.code == "E3552"] == []


def test_a_request_that_arrives_again_late_is_no_copy(till, place):
    begin(till, "a")
    lease = till.lease(10).lease
    begin(till, "b", "a", 2)
    begin(till, "c", "b", 3)
    for run, known, turn in (("b", "a", 2), ("a", "", 1)):
        assert not begin(till, run, known, turn).granted
    place.reopen()
    assert not begin(till, "b", "a", 2).granted
    assert speak(till, "c")[0] is Said.UNKNOWN
    assert [one.id for one in till.cloud.leases(till.me).leases] == [lease.id]
    assert place.alarms() == []
    assert till.cloud.health(till.cloud.authenticate(till.token)).clones == 0


def test_a_request_of_hundreds_of_starts_ago_is_no_copy_and_after_a_month_nobody_remembers(till, place):
    for turn in range(1, 151):
        assert begin(till, f"{turn:04d}", f"{turn - 1:04d}" if turn > 1 else "", turn).granted
    lease = till.lease(10).lease
    assert not begin(till, "0002", "0001", 2).granted
    assert [one.id for one in till.cloud.leases(till.me).leases] == [lease.id]
    assert place.alarms() == []
    place.clock.go(days=31)
    assert begin(till, "0151", "0150", 151).granted
    begin(till, "0002", "0001", 2)
    assert place.alarms() == ["E3552"]
