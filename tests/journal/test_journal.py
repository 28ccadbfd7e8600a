"""The journal as a judge: real SQLite, real files."""

import os
import secrets
import sqlite3
import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from sincronizador.core.answer import Estado
from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.job import Dropped, Impresion, Job, Kind, Step
from sincronizador.core.numbering import Rango
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.journal import documents, intents, jobs, lots, papers, tasks
from sincronizador.journal import journal as journal_module
from sincronizador.journal.documents import Origin
from sincronizador.journal.journal import Journal, create, meta, open_journal, remember
from sincronizador.lock import Lock

NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=timezone(timedelta(hours=-3)))


@pytest.fixture
def journal(tmp_path):
    made = create(str(tmp_path / "diario.db"), {"ambiente": "prueba"})
    yield made
    made.close()


def dropped(name="V1.TXT", till="", content=b"x", only_check=False, claimed=None):
    return Dropped(name=name, till=till, only_check=only_check, claimed=claimed or f"c-{name}-{till}", content=content)


def rango(desde=1, hasta=10, tipo=101, serie="A", vence=date(2028, 1, 1), cae="90260000001"):
    return Rango(id=cae, tipo=tipo, serie=serie, desde=desde, hasta=hasta, vence=vence)


def emitido(numero=1):
    return Emitido(
        tipo=101, nombre="e-Ticket", serie="A", numero=numero, referencia="V1", fecha=NOW.date(), firmado=NOW,
        moneda="UYU", cotizacion=None, total=Decimal("1.00"), importes=(), codigo_seguridad="x", hash="x", qr="x",
        cae="9", cae_desde=1, cae_hasta=10, cae_vence=NOW.date(), receptor="", signed=b"<CFE/>",
        anexo=Anexo(adenda="a", extra=(("MESA", "4"),), pagos=(("VUELTO", "1.00"),)),
    )  # fmt: skip


def insert(journal: Journal, **kw):
    with journal.transaction() as db:
        return jobs.insert(db, Job.arriving(dropped(**kw), sha256="s", at=NOW), b"x")


def test_a_job_comes_back_as_it_was_inserted_whatever_its_name(journal):
    """Names of files are bytes; the journal keeps those that no encoding reads."""
    name = b"PE\xd1A \n.TXT".decode("utf-8", "surrogateescape")
    job = insert(journal, name=name, till="CAJA1")
    with journal.reading() as db:
        found = jobs.get(db, job)
        assert (found.name, found.till, found.estado) == (name, "CAJA1", Estado.RECIBIDO)
        assert jobs.content(db, job) == b"x"
        tasks.add(db, job, Step.START, tasks.DECISION)
        assert jobs.is_busy(db, "CAJA1", name.removesuffix(".TXT").lower(), only_check=False)
        assert not jobs.is_busy(db, "", "PE", only_check=False)


def test_numbers_are_given_once_each_without_a_hole_by_many_threads(journal):
    with journal.transaction() as db:
        documents.add_range(db, rango(hasta=60), b"", NOW)
    taken: list[int] = []

    def take():
        for _ in range(20):
            with journal.transaction() as db:
                taken.append(documents.take_number(db, 101, NOW.date())[0].numero)
        journal.close()

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 61))
    with journal.transaction() as db:
        assert documents.take_number(db, 101, NOW.date()) is None


def test_a_number_taken_in_a_transaction_that_fails_is_taken_again(journal):
    with journal.transaction() as db:
        documents.add_range(db, rango(), b"", NOW)

    def take_and_fall():
        with journal.transaction() as db:
            documents.take_number(db, 101, NOW.date())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        take_and_fall()
    with journal.transaction() as db:
        assert documents.take_number(db, 101, NOW.date())[0].numero == 1


def test_the_range_that_expires_first_is_used_first_and_an_expired_one_never(journal):
    with journal.transaction() as db:
        documents.add_range(db, rango(desde=1, vence=date(2026, 11, 20)), b"", NOW)
        documents.add_range(db, rango(desde=101, hasta=101, vence=date(2028, 1, 1), cae="2"), b"", NOW)
        documents.add_range(db, rango(desde=201, hasta=210, vence=date(2027, 1, 1), cae="3"), b"", NOW)
        assert documents.take_number(db, 101, NOW.date())[0].numero == 201
        assert documents.take_number(db, 111, NOW.date()) is None


@pytest.mark.parametrize(("desde", "hasta"), [(1, 10), (10, 20), (5, 6), (0, 1), (1, 1)])
def test_a_range_that_touches_a_known_one_is_refused(journal, desde, hasta):
    with journal.transaction() as db:
        documents.add_range(db, rango(desde=1, hasta=10), b"", NOW)
    with pytest.raises(Rejected, match="ya están"), journal.transaction() as db:
        documents.add_range(db, rango(desde=desde, hasta=hasta, cae="2"), b"", NOW)


def test_one_key_is_bound_by_one_job_only(journal):
    """The index is what makes two documents of one sale impossible, whatever the engine believes."""
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        for job in (first, second):
            jobs.set_read(db, job, kind=Kind.DOCUMENTO, encoding="ascii", route="local", referencia="V1", key="V1",
                          printer="", copies=0)  # fmt: skip
        jobs.settle(db, first, Estado.FIRMADO_LOCAL, at=NOW, bound=True)
    with pytest.raises(Exception, match="UNIQUE"), journal.transaction() as db:
        jobs.settle(db, second, Estado.FIRMADO_LOCAL, at=NOW, bound=True)


def test_a_number_cannot_be_kept_twice(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        documents.keep(db, first, emitido(), Origin())
    with pytest.raises(Exception, match="UNIQUE"), journal.transaction() as db:
        documents.keep(db, second, emitido(), Origin())
    with journal.reading() as db:
        assert documents.signed(db, first) == (b"<CFE/>", emitido().anexo)
        assert documents.signed(db, second) is None


def test_of_two_transcriptions_of_one_paper_only_the_newest_counts(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        documents.keep(db, first, emitido(), Origin())
        documents.supersede(db, first, second)
        documents.keep(db, second, emitido(), Origin())
        assert jobs.of_document(db, 101, "A", 1).id == second
        assert documents.signed(db, first) is not None, "what was told of the first stays evidence"
        assert documents.count_by_type(db) == {101: 1}


def test_a_superseded_transcription_is_not_told_again_to_a_cloud_that_was_restored(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        for job in (first, second):
            documents.keep(db, job, emitido(), Origin(acked_at=NOW))
            if job == first:
                documents.supersede(db, first, second)
        assert documents.forget_acks(db, None) == [second]


def test_a_decision_reaches_the_files_that_joined(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        for job in (first, second):
            jobs.set_read(db, job, kind=Kind.DOCUMENTO, encoding="ascii", route="local", referencia="V1", key="V1",
                          printer="", copies=0)  # fmt: skip
        jobs.settle(db, second, Estado.ESPERANDO, at=NOW, motivo="SIN_NUMEROS", follows=first)
        jobs.settle(db, first, Estado.FIRMADO_LOCAL, at=NOW, bound=True)
        assert jobs.get(db, second).estado is Estado.FIRMADO_LOCAL
        assert jobs.get(db, second).motivo == ""


def test_an_answer_is_behind_until_the_revision_that_was_shown(journal):
    job = insert(journal)
    with journal.transaction() as db:
        assert list(jobs.behind(db, claimed_before=NOW)) == []
        assert [one.job.id for one in jobs.behind(db, claimed_before=NOW + timedelta(seconds=1))] == [job]
        shown = jobs.get(db, job)
        jobs.settle(db, job, Estado.RECHAZADO, at=NOW, findings=[Finding(code="E0101", message="m")])
        jobs.set_written(db, [shown])
        (behind,) = jobs.behind(db, claimed_before=NOW)
        assert not behind.published
        jobs.set_written(db, [behind.job])
        assert list(jobs.behind(db, claimed_before=NOW)) == []
        jobs.set_impresion(db, job, Impresion.DUDOSO)
        (behind,) = jobs.behind(db, claimed_before=NOW)
        assert (behind.published, behind.notable, behind.archived) == (True, True, False)
        assert jobs.owns_its_name(db, behind.job)
        jobs.insert(db, Job.arriving(dropped("v1.xml", claimed="later"), sha256="s", at=NOW), b"")
        assert not jobs.owns_its_name(db, behind.job)


def test_a_lane_waits_with_its_head_but_never_longer_than_the_cap(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    lane = tasks.print_lane("CAJA1")
    with journal.transaction() as db:
        tasks.add(db, first, Step.PRINT, lane)
        tasks.add(db, second, Step.PRINT, lane)
        head = tasks.head(db, lane, 1000.0)
        assert head.job == first
        tasks.pause(db, head.id, 1030.0, "apagada")
        assert tasks.head(db, lane, 1000.0) is None
        assert tasks.head(db, lane, 1031.0).job == first
        # The clock went back by a year: the pause is not a year long.
        assert tasks.head(db, lane, 1030.0 - 3e7).job == first
        tasks.park(db, head.id, "mal")
        assert tasks.head(db, lane, 1000.0).job == second
        assert [(queue.due, queue.parked, queue.note) for queue in tasks.queues(db)] == [(1, 1, "mal")]
        assert tasks.wake(db) == 1
        assert tasks.head(db, lane, 1000.0).job == first


def test_a_decision_that_pauses_lets_the_others_pass(journal):
    first, second = insert(journal, name="A.TXT"), insert(journal, name="B.TXT")
    with journal.transaction() as db:
        for job in (first, second):
            tasks.add(db, job, Step.START, tasks.DECISION)
        tasks.pause(db, tasks.due(db, tasks.DECISION, 0.0, 9)[0].id, 50.0, "sin números")
        assert [task.job for task in tasks.due(db, tasks.DECISION, 10.0, 9)] == [second]


def test_a_paper_with_an_intent_and_no_outcome_may_lie_in_the_printer(journal):
    job = insert(journal)
    with journal.transaction() as db:
        papers.add(db, job=job, document=job, printer="CAJA1", papers=2, copia=False, since=NOW)
        first = papers.pending(db, job, "CAJA1")
        assert (first.half_done, first.copia) == (False, False)
        papers.intend(db, first.id, NOW)
        assert papers.pending(db, job, "CAJA1").half_done
        papers.withdraw(db, first.id)
        assert not papers.pending(db, job, "CAJA1").half_done
        papers.conclude(db, first.id, Impresion.IMPRESO, "", NOW)
        assert papers.pending(db, job, "CAJA1").copia, "the second paper is a copy"


def test_news_of_a_revision_have_one_number(journal):
    job = insert(journal)
    with journal.transaction() as db:
        number = jobs.news_number(db, jobs.get(db, job))
        assert jobs.news_number(db, jobs.get(db, job)) == number
        jobs.settle(db, job, Estado.RECHAZADO, at=NOW)
        assert jobs.news_number(db, jobs.get(db, job)) == number + 1


def test_a_journal_is_named_by_file_reference_or_number(journal):
    job = insert(journal, name="V77.TXT")
    with journal.transaction() as db:
        jobs.set_read(db, job, kind=Kind.DOCUMENTO, encoding="ascii", route="local", referencia="r-1", key="R-1",
                      printer="", copies=0)  # fmt: skip
        documents.keep(db, job, emitido(5), Origin())
        for que in ("R-1", " r-1 ", "101-A-5", "101-a-5", "V77.TXT", "v77"):
            assert jobs.named(db, que).id == job, que
        assert jobs.named(db, "101-A-6") is None


def test_what_is_not_a_journal_is_refused_in_words(tmp_path):
    path = tmp_path / "diario.db"
    with pytest.raises(NeedsOperator, match="No existe"):
        open_journal(str(path))
    path.write_bytes(b"esto no es sqlite" * 100)
    with pytest.raises(NeedsOperator, match="no es un diario"):
        open_journal(str(path))
    path.write_bytes(b"")
    with pytest.raises(NeedsOperator, match="no es un diario"):
        open_journal(str(path))
    path.unlink()
    journal = create(str(path), {})
    with journal.reading() as db:
        db.execute("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(NeedsOperator, match="más nueva"):
        open_journal(str(path))
    with pytest.raises(NeedsOperator, match="ya existe"):
        create(str(path), {})


def test_a_read_only_journal_cannot_be_written(journal):
    with journal.transaction() as db:
        remember(db, "a", "b")
    reader = open_journal(journal.path, read_only=True)
    with reader.reading() as db:
        assert meta(db, "a") == "b"
    with pytest.raises(NeedsOperator, match="escribir"), reader.transaction() as db:
        remember(db, "a", "c")
    reader.close()


def test_the_log_stays_bounded_while_somebody_is_always_reading(journal, monkeypatch):
    """Each reader begins before the one before it ends, so there is never a moment in which nobody reads the log."""
    monkeypatch.setattr(journal_module, "LONG_LOG", 1 << 20)
    stop = threading.Event()

    def read(turn):
        reader = sqlite3.connect(journal.path, isolation_level=None)
        while not stop.is_set():
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM meta").fetchone()
            stop.wait(0.02 + 0.01 * turn)
            reader.execute("COMMIT")
        reader.close()

    readers = [threading.Thread(target=read, args=(turn,)) for turn in range(3)]
    for reader in readers:
        reader.start()
    try:
        longest = 0
        for number in range(60):
            with journal.transaction() as db:
                remember(db, f"k{number % 7}", secrets.token_hex(60_000))
            journal.checkpoint()
            longest = max(longest, os.path.getsize(f"{journal.path}-wal"))
        assert longest < 2 << 20, longest
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def test_a_reader_who_never_ends_keeps_nobody_from_writing(journal, monkeypatch):
    monkeypatch.setattr(journal_module, "LONG_LOG", 1 << 16)
    monkeypatch.setattr(journal_module, "_LOG_WAIT_MS", 50)
    reader = sqlite3.connect(journal.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM meta").fetchone()
    for number in range(3):
        with journal.transaction() as db:
            remember(db, f"k{number}", secrets.token_hex(60_000))
        journal.checkpoint()
    reader.close()
    journal.checkpoint()
    assert os.path.getsize(f"{journal.path}-wal") == 0


def test_looking_at_answers_that_are_behind_keeps_no_old_view_of_the_journal(journal):
    for number in range(3):
        insert(journal, name=f"V{number}.TXT")
    with journal.reading() as db:
        looking = jobs.behind(db, claimed_before=NOW + timedelta(seconds=1))
        next(looking)
    other = open_journal(journal.path)
    with other.transaction() as db:
        remember(db, "a", "b")
    other.close()
    with journal.transaction() as db:
        remember(db, "a", "c")
    assert len(list(looking)) == 2


def test_a_second_owner_is_refused_and_the_first_is_named(tmp_path):
    path = str(tmp_path / "candado")
    first, second = Lock(path), Lock(path)
    first.take(NOW)
    with pytest.raises(NeedsOperator, match=r"proceso \d+ en .*2026-11-21"):
        second.take(NOW)
    first.release()
    with second:
        second.take(NOW)


def test_no_question_of_a_busy_daemon_reads_a_whole_table(journal, monkeypatch):
    """A journal of a million documents answers as fast as an empty one: every plan uses an index."""
    asked = []
    with journal.transaction() as db:
        db.set_trace_callback(asked.append)
        for question in (
            lambda: jobs.is_claimed(db, "x"),
            lambda: jobs.is_busy(db, "", "x", only_check=False),
            lambda: jobs.bound(db, Kind.DOCUMENTO, "x"),
            lambda: jobs.latest(db, Kind.DOCUMENTO, "x"),
            lambda: jobs.undecided(db, Kind.DOCUMENTO, "x", but=1),
            lambda: jobs.named(db, "101-A-1"),
            lambda: jobs.last_signed(db, ""),
            lambda: list(jobs.behind(db, claimed_before=NOW)),
            lambda: jobs.open_jobs(db),
            lambda: jobs.count_undecided(db),
            lambda: jobs.is_crowded(db, 64, NOW),
            lambda: jobs.settle(db, 1, Estado.RECIBIDO, at=NOW),
            lambda: jobs.set_impresion(db, 1, Impresion.IMPRESO),
            lambda: tasks.due(db, tasks.DECISION, 0.0, 9),
            lambda: tasks.head(db, "x", 0.0),
            lambda: tasks.queues(db),
            lambda: tasks.notes(db, 1),
            lambda: tasks.wake(db),
            lambda: papers.pending(db, 1, "CAJA1"),
            lambda: papers.stations(db, 1),
            lambda: papers.coming_original(db, 1),
            lambda: papers.of_job(db, 1),
            lambda: papers.open_of(db, 1),
            lambda: papers.unseen(db),
            lambda: papers.see(db, 1, "x"),
            lambda: tasks.print_tasks(db, 1),
            lambda: tasks.waiting_to_print(db),
            lambda: tasks.is_pausing(db, "x"),
            lambda: papers.of_document(db, 1),
            lambda: papers.doubtful(db),
            lambda: documents.signed(db, 1),
            lambda: documents.newest_of(db, "219999830019"),
            lambda: jobs.about(db, 1),
            lambda: jobs.ended(db, Kind.ANULAR, "x", Estado.RETIRADO),
            lambda: lots.under_way(db),
            lambda: lots.count_parts(db, 1),
            lambda: lots.has_undecided(db, 1),
            lambda: lots.undecided(db, 1),
            lambda: lots.in_hand(db, 0.0),
            lambda: lots.feed(db, 1, 9),
            lambda: tasks.due_parts(db, tasks.DECISION, 0.0, 9, parts=True),
            lambda: lots.end_waiting(db, 1, Estado.RETIRADO, Finding(code="E0001", message=""), NOW),
            lambda: lots.tally(db, 1),
            lambda: lots.rows_of(db, 1),
            lambda: lots.have_moved(db),
            lambda: lots.bring_up(db),
            lambda: intents.waiting(db, tasks.CLOUD, NOW),
        ):
            question()
        db.set_trace_callback(None)
        for statement in asked:
            plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
            for step in plan:
                assert not step.startswith("SCAN") or "USING" in step, (step, statement)


def test_what_asks_for_action_after_an_answer_was_read_for_writing_is_not_forgotten(journal):
    job = insert(journal)
    with journal.transaction() as db:
        jobs.settle(db, job, Estado.FIRMADO_LOCAL, at=NOW)
        shown = jobs.get(db, job)
        jobs.set_impresion(db, job, Impresion.DUDOSO)
        jobs.set_written(db, [shown])
        (behind,) = jobs.behind(db, claimed_before=NOW)
        assert behind.notable
        jobs.set_written(db, [behind.job])
        jobs.set_companions(db, job, ["xml"])
        (behind,) = jobs.behind(db, claimed_before=NOW)
        assert not behind.notable
