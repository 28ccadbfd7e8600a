"""The loops that sweep: woken, by time, one issuer never in another's way, several servers of one base."""

import threading
import time as clock_time

import psycopg
import pytest
from clouds import OTHER_RUT, Place, Till, rango
from desk import DOWN, Desk
from filing import clerk_of, rows, sell, state
from sqlalchemy import func, select, table
from sqlalchemy.engine import make_url

from sincronizador.nube import sweeps
from sincronizador.nube.queue import Queue
from sincronizador.nube.sweeps import Loop, attend
from sincronizador.nube.tables import filer, sobre


@pytest.fixture
def desk(empty):
    return Desk(empty.clock)


@pytest.fixture
def clerk(empty, desk):
    empty.found(caes=(rango(hasta=1000),))
    return clerk_of(empty, desk)


@pytest.fixture
def till(clerk, empty):
    return Till(empty)


def until(what, seconds=20.0):
    end = clock_time.monotonic() + seconds
    while not what():
        assert clock_time.monotonic() < end
        clock_time.sleep(0.02)


@pytest.fixture
def looping(clerk):
    """Starts a loop over what is given; ended afterwards."""
    made = []

    def start(turn=None, tick=0.05):
        loop = Loop(clerk, turn or (lambda rut: attend(clerk, rut)), pytest.fail, tick)
        loop.start()
        made.append(loop)
        return loop

    yield start
    for loop in made:
        loop.stop()


def test_the_agenda_names_whom_something_is_due_for(clerk, till):
    with clerk.store.reading() as db:
        assert sweeps.agenda(db, clerk) == []
    sell(till, "V1")
    with clerk.store.reading() as db:
        assert sweeps.agenda(db, clerk) == [till.rut]


def test_what_is_due_is_found_by_looking(clerk, till, looping):
    sell(till, "V1")
    looping()
    until(lambda: state(till, "V1") == "sent")
    till.place.clock.go(minutes=1)
    until(lambda: state(till, "V1") == "accepted")


def test_a_confirmed_document_wakes_the_loop(clerk, till, looping):
    loop = looping(tick=60.0)
    till.cloud.woken = loop.wake
    clock_time.sleep(0.2)
    sell(till, "V1")
    until(lambda: state(till, "V1") == "sent", 5.0)


def test_what_happens_during_a_sweep_wakes_it_again(clerk, till, looping):
    entered, go = threading.Event(), threading.Event()
    turns = []

    def turn(rut):
        turns.append(rut)
        entered.set()
        go.wait(5)
        return False

    loop = looping(turn, tick=60.0)
    loop.wake("1")
    assert entered.wait(5)
    loop.wake("1")
    go.set()
    until(lambda: len(turns) == 2, 5.0)


def test_a_failing_issuer_holds_nobody_up(clerk, till, empty, desk, looping, monkeypatch):
    empty.found(OTHER_RUT, (rango(hasta=100, name="90260009999"),))
    other = Till(empty, rut=OTHER_RUT)
    real = desk.line
    stuck = threading.Event()

    def line(identity):
        if identity.certificate.rut == till.rut:
            stuck.wait(10)
        return real(identity)

    monkeypatch.setattr(desk, "line", line)
    held = clerk_of(empty, desk)
    looping(lambda rut: attend(held, rut))
    sell(till, "V1")
    sell(other, "V1", replace={till.rut: OTHER_RUT})
    until(lambda: state(other, "V1") == "sent")
    assert state(till, "V1") == "confirmed"
    stuck.set()


def test_a_bug_is_told_and_tried_again_later(clerk, till, desk, monkeypatch, caplog):
    sell(till, "V1")
    monkeypatch.setattr(sweeps, "PARTS", (lambda *_: 1 / 0,))
    attend(clerk, till.rut)
    assert "ZeroDivisionError" in rows(clerk, filer)[0].trouble
    assert any(record.exc_info for record in caplog.records)


def test_two_at_once_never_sweep_one_issuer(clerk, till):
    with clerk.store.alone(f"dgi {till.rut}") as mine:
        assert mine
        sell(till, "V1")
        assert not attend(clerk, till.rut)
        assert state(till, "V1") == "confirmed"
    attend(clerk, till.rut)
    assert state(till, "V1") == "sent"


def libpq(place):
    return make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def shared(cluster, tmp_path):
    """A cloud over a base that several servers may share, with a clerk and a till."""
    place = Place(cluster.new(), tmp_path, cluster).found(caes=(rango(hasta=1000),))
    desk = Desk(place.clock)
    yield place, desk, clerk_of(place, desk), Till(place)
    place.cloud.close()


def test_workers_share_the_work_by_a_queue(shared):
    place, desk, clerk, till = shared
    queues = [Queue(libpq(place), lambda rut: attend(clerk, rut), pytest.fail) for _ in range(2)]
    for queue in queues:
        queue.start()
    loop = Loop(clerk, queues[0].tell, pytest.fail, 0.2)
    try:
        desk.coming.append(DOWN)
        loop.start()
        for number in range(5):
            sell(till, f"V{number}")
        until(lambda: all(_left(till, f"V{number}") for number in range(5)), 40.0)
    finally:
        loop.stop()
        for queue in queues:
            queue.stop()
    papers = [slug for *_, slugs in desk.arrived for slug in slugs]
    assert len(papers) == len(set(papers)) == 5
    assert len({row.idemisor for row in rows(clerk, sobre)}) == len(rows(clerk, sobre))


def test_a_worker_that_is_stopped_while_it_opens_ends(shared):
    place, *_ = shared
    queue = Queue(libpq(place), pytest.fail, pytest.fail)
    queue.start()
    stopping = threading.Thread(target=queue.stop, daemon=True)
    stopping.start()
    stopping.join(30)
    assert not stopping.is_alive()


def test_nothing_of_the_queue_is_left_behind(shared):
    place, _, clerk, till = shared
    queue = Queue(libpq(place), lambda rut: attend(clerk, rut), pytest.fail)
    queue.start()
    jobs = table("procrastinate_jobs", schema=queue.schema)
    try:
        sell(till, "V1")
        queue.tell(till.rut)
        queue.tell(till.rut)
        until(lambda: state(till, "V1") == "sent")
        until(lambda: _count(clerk, jobs) == 0)
    finally:
        queue.stop()


def test_a_killed_worker_leaves_its_issuer_to_the_others(shared):
    """Its connection falls, and with it the lock that it held."""
    place, _, clerk, till = shared
    sell(till, "V1")
    other = psycopg.connect(libpq(place))
    other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"dgi {till.rut}",))
    attend(clerk, till.rut)
    assert state(till, "V1") == "confirmed"
    other.close()
    # The server lets go of it in its own time.
    until(lambda: attend(clerk, till.rut) or state(till, "V1") == "sent")


def _count(clerk, of):
    with clerk.store.reading() as db:
        return db.execute(select(func.count()).select_from(of)).scalar()


def _left(till, key):
    """Whether it left; else a minute goes by."""
    if state(till, key) == "confirmed":
        till.place.clock.go(minutes=1)
        return False
    return True
