"""The end of a CAE: what nobody was given is annulled once and told to DGI; what somebody holds is left alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from clouds import MONTEVIDEO, RUT, Place, Till, draft, rango
from desk import Desk
from filing import clerk_of, rows, sell, turn
from lxml import etree
from sqlalchemy import select

from sincronizador.nube import acts, expiry, sweeps
from sincronizador.nube.tables import annulled, cae, issuer

EXPIRES = date(2026, 11, 23)
AFTER = date(2026, 11, 24)
NS = "{http://cfe.dgi.gub.uy}"


@pytest.fixture
def desk(empty):
    return Desk(empty.clock)


@pytest.fixture
def clerk(empty, desk):
    empty.found(caes=(rango(hasta=100, vence=EXPIRES), rango(102, hasta=50), rango(101, 101, 200)))
    return clerk_of(empty, desk)


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def at(place, day, hour=0, minute=1):
    place.clock.at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=MONTEVIDEO)


def days(clerk, till, until):
    """Sweeps every two hours until that day."""
    while clerk.now().date() < until:
        turn(clerk, till, hours=2)


def ranges(clerk):
    return [(row.first, row.last, row.day) for row in rows(clerk, annulled)]


def told(desk, of):
    """What the last report of a day says of e-Tickets: annulled ranges, used, annulled, issued."""
    newest = max(secuencia for _, day, secuencia in desk.reports if day == of)
    block = etree.fromstring(desk.reports[RUT, of, newest]).find(f".//{NS}Rsmn_Tck")
    if block is None:
        return [], 0, 0, 0
    found = [
        tuple(item.findtext(NS + name) for name in ("Serie", "NroDesde", "NroHasta"))
        for item in block.iter(NS + "RDA_Item")
    ]
    return found, *(
        int(block.findtext(f".//{NS}{name}") or 0) for name in ("CantDocsUtil", "CantDocsAnulados", "CantDocsEmi")
    )


def test_free_numbers_are_annulled_the_day_after_and_the_report_of_that_day_tells_them(clerk, till, desk):
    sell(till, "V1", "100.00")
    sell(till, "V2", "100.00")
    days(clerk, till, AFTER - timedelta(days=1))
    at(till.place, EXPIRES, 23, 59)
    sweeps.attend(clerk, RUT)
    assert ranges(clerk) == [], "it may be used until the end of its last day"
    days(clerk, till, AFTER + timedelta(days=2))
    assert ranges(clerk) == [(3, 100, AFTER)]
    assert told(desk, AFTER) == ([("A", "3", "100")], 98, 98, 0)
    assert [told(desk, day)[0] for day in (EXPIRES, AFTER + timedelta(days=1))] == [[], []]
    assert till.place.fates() == {"document": 2, "annulled": 98, "free": 100}
    [alarm] = [one for one in till.cloud.alarms(RUT) if one.code == "E3735"]
    assert (
        "se anularon 98 números que nadie usó (A 3 a 100), y el reporte diario del 24/11/2026 los dice"
        in alarm.sentence
    )
    assert "reservados" not in alarm.sentence
    till.cloud.dismiss_alarm("prueba", alarm.id, "Visto.")
    days(clerk, till, AFTER + timedelta(days=4))
    assert ranges(clerk) == [(3, 100, AFTER)]
    assert "E3735" not in till.place.alarms()


def test_what_installations_hold_and_what_is_in_doubt_is_never_annulled_for_its_age(clerk, till, desk):
    lease = till.lease(10).lease
    sell(till, "V1", "100.00")
    other = Till(till.place, "OTRA", machine="m2")
    gone = other.lease(5).lease
    other.raise_epoch("m3")
    days(clerk, till, AFTER + timedelta(days=1))
    assert ranges(clerk) == [(17, 100, AFTER)]
    assert [till.place.fate(n).value for n in (lease.desde, lease.hasta, gone.desde, 16)] == [
        "leased", "leased", "doubtful", "doubtful",
    ]  # fmt: skip
    [alarm] = [one for one in till.cloud.alarms(RUT) if one.code == "E3735"]
    assert "Quedan 10 reservados" in alarm.sentence
    assert "y 5 en duda" in alarm.sentence
    before = clerk.now()
    late = till.sign(lease, lease.desde, draft("V9"), datetime(2026, 11, 23, 20, 0, tzinfo=MONTEVIDEO))
    assert till.hand_over("V9", late, lease=lease.id).created, "signed in time, it comes when there is a line"
    till.cloud.close_lease(till.me, lease.id, [lease.desde], [])
    days(clerk, till, AFTER + timedelta(days=3))
    assert ranges(clerk)[1:] == [(2, 10, before.date())]
    assert told(desk, EXPIRES)[3] == 1, "the late document made its day's report anew"


def test_a_held_range_above_the_counter_stays_its_installations(clerk, till):
    sell(till, "V1", "100.00")
    name = next(row.cae for row in rows(clerk, cae) if row.expires == EXPIRES)
    assert till.cloud.held(till.me, name, 40, 60).created
    days(clerk, till, AFTER + timedelta(days=1))
    assert [(first, last) for first, last, _ in ranges(clerk)] == [(2, 39), (61, 100)]
    assert till.place.fate(50).value == "leased"


def test_a_cloud_that_was_off_tells_it_in_the_report_of_the_same_day(clerk, till, desk):
    sell(till, "V1", "100.00")
    turn(clerk, till, hours=1)
    at(till.place, AFTER + timedelta(days=9), 15)
    for _ in range(30):
        turn(clerk, till, hours=1)
    assert ranges(clerk) == [(2, 100, AFTER)]
    assert told(desk, AFTER)[0] == [("A", "2", "100")]
    assert max(secuencia for _, _, secuencia in desk.reports) == 1, "no day was reported twice"


def test_what_expired_before_its_day_could_tell_it_is_told_today(clerk, till, desk, monkeypatch):
    sell(till, "V1", "100.00")
    with monkeypatch.context() as patch:
        patch.setattr(sweeps, "PARTS", sweeps.PARTS[1:])
        days(clerk, till, AFTER + timedelta(days=5))
    assert ranges(clerk) == []
    today = clerk.now().date()
    days(clerk, till, today + timedelta(days=2))
    assert ranges(clerk) == [(2, 100, today)]
    assert told(desk, today)[0] == [("A", "2", "100")]
    assert max(secuencia for _, _, secuencia in desk.reports) == 1, "closed days stay as they are"


def test_a_fall_in_the_middle_leaves_all_or_nothing(clerk, till, desk, monkeypatch):
    sell(till, "V1", "100.00")
    days(clerk, till, EXPIRES)
    at(till.place, AFTER)

    def fall(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(acts, "record", fall)
        with pytest.raises(KeyboardInterrupt):
            expiry.sweep(clerk, RUT)
    assert ranges(clerk) == []
    assert till.place.fates()["free"] == 199
    days(clerk, till, AFTER + timedelta(days=2))
    assert ranges(clerk) == [(2, 100, AFTER)]
    assert told(desk, AFTER)[2] == 99


def test_while_the_base_recovers_nothing_is_annulled(clerk, till):
    sell(till, "V1", "100.00")
    with clerk.store.writing() as db:
        db.execute(issuer.update().values(recovering=True))
    at(till.place, AFTER, 12)
    with clerk.store.reading() as db:
        assert db.execute(select(issuer.c.rut).where(expiry.is_due(clerk))).all() == []
    expiry.sweep(clerk, RUT)
    assert ranges(clerk) == []


def test_before_there_are_reports_nobody_would_be_told(clerk, till):
    at(till.place, AFTER + timedelta(days=5), 12)
    turn(clerk, till)
    assert ranges(clerk) == []
    sell(till, "V1", "100.00")
    turn(clerk, till)
    assert ranges(clerk) == [(1, 100, AFTER + timedelta(days=5))]


def test_a_restored_base_annuls_them_again_on_the_same_day(tmp_path):
    place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path).found(caes=(rango(hasta=100, vence=EXPIRES),))
    desk, till = Desk(place.clock), Till(place)
    sell(till, "V1", "100.00")
    copy = place.backup()
    clerk = clerk_of(place, desk)
    days(clerk, till, AFTER + timedelta(days=1))
    assert ranges(clerk) == [(2, 100, AFTER)]
    place.restore(copy)
    till.learn()
    till.raise_epoch()
    with place.cloud._store.writing() as db:
        db.execute(issuer.update().values(recovering=False))
    clerk = clerk_of(place, desk)
    days(clerk, till, AFTER + timedelta(days=4))
    assert {day for *_, day in ranges(clerk)} == {AFTER}
    place.cloud.close()


def test_a_million_numbers_fit_the_report(referencia_uy, tmp_path):
    place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path)
    place.found(caes=(rango(hasta=1_000_000, vence=EXPIRES), rango(101, 1_000_001, 1_000_100, name="90260000009")))
    desk, till = Desk(place.clock), Till(place)
    clerk = clerk_of(place, desk)
    sell(till, "V1", "100.00")
    days(clerk, till, AFTER + timedelta(days=2))
    assert told(desk, AFTER) == ([("A", "2", "1000000")], 999_999, 999_999, 0)
    schema = etree.XMLSchema(etree.parse(str(referencia_uy / "xsd" / "1.44.2" / "ReporteDiarioCFE.xsd")))
    schema.assertValid(etree.fromstring(desk.reports[RUT, AFTER, 1]))
    place.cloud.close()


def test_a_clock_that_nobody_vouches_for_ends_no_cae(clerk, till, empty):
    sell(till, "V1")
    at(empty, AFTER)
    alone = replace(clerk, is_vouched=lambda: False)
    sweeps.attend(alone, RUT)
    assert rows(clerk, annulled) == []
    sweeps.attend(clerk, RUT)
    assert rows(clerk, annulled) != []
