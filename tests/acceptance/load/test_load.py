"""
Load: thousands of files at once, so many a second, folders and journals that are full of the past.

The short form looks for what cannot depend on the machine: order, completeness, turns, memory that does not grow. The
long form is `make carga`: 50,000 files at once, ten minutes at 100/s, 100,000 old answers, a million documents.
"""

import os
import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta

import pytest
from flood import FLOODED, Witness, at_once, busy, lote, sale, steadily, wait_for_answers
from gauge import Gauge, numbers, stalled
from million import SHARED_STEM, multiply

LONG = "CARGA" in os.environ
AT_ONCE = 50_000 if LONG else 1_000
RATE, SECONDS = (100, 600) if LONG else (50, 10)
OLD = 100_000 if LONG else 10_000
DOCUMENTS = 1_000_000 if LONG else 50_000
GROWTH = 40.0
"""MB by which memory may grow while the work goes on; a leak of one answer each would be far more in the long form."""
WAL = 200.0
"""MB."""

pytestmark = pytest.mark.timeout(7200 if LONG else 240)


def told(name, **figures):
    """One line of the table that `pytest -rP` shows."""
    print(f"{name}: " + "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()))


def ready(installation):
    """Started, without pictures: what they cost is another measure."""
    installation.configure("salida", formatos="[]")
    start = time.monotonic()
    installation.start()
    return time.monotonic() - start


def test_a_till_sells_while_another_one_drops_thousands_and_a_lote_is_opened(installation):
    ready(installation)
    gauge, witness = Gauge(installation), Witness(installation)
    salida = installation.box("salida", FLOODED)
    installation.drop("L.txt", lote(AT_ONCE // 10))
    with busy(2):
        start = time.monotonic()
        names = at_once(installation, AT_ONCE)
        wait_for_answers(salida, names[:1])
        first = time.monotonic() - start
        wait_for_answers(salida, names)
        lasted = time.monotonic() - start
    waits, share, curve = witness.stop(), gauge.share(), gauge.stop()
    told(
        "at once", files=AT_ONCE, seconds=lasted, first=first, till_median=statistics.median(waits),
        till_worst=max(waits), MB=max(curve.megabytes), growth=curve.late_slope(), WAL=max(curve.wal),
        beat=curve.longest_beat(), CPU=share,
    )  # fmt: skip
    given = numbers(salida, names)
    assert given == sorted(given), "the numbers of a till follow the order of its files"
    assert len(waits) > 3, "the other till sold while they came"
    assert max(waits) < lasted / 3, "and none of its sales waited for all of them"
    assert curve.late_slope() < GROWTH
    assert max(curve.wal) < WAL
    assert not stalled(installation)


def test_a_constant_stream_is_answered_in_order_and_nothing_grows(installation):
    ready(installation)
    gauge, witness = Gauge(installation), Witness(installation, pause=1.0)
    start = time.monotonic()
    names = steadily(installation, RATE, SECONDS)
    salida = installation.box("salida", FLOODED)
    late = wait_for_answers(salida, names)
    lasted = time.monotonic() - start
    waits, share, curve = witness.stop(), gauge.share(), gauge.stop()
    told(
        "stream", files=len(names), seconds=lasted, late=late, till_median=statistics.median(waits),
        till_worst=max(waits), MB=max(curve.megabytes), growth=curve.late_slope(), WAL=max(curve.wal),
        beat=curve.longest_beat(), CPU=share,
    )  # fmt: skip
    given = numbers(salida, names)
    assert given == sorted(given)
    assert curve.late_slope() < GROWTH
    assert max(curve.wal) < WAL
    assert not stalled(installation)


def test_folders_full_of_old_files_slow_nothing_down(installation):
    fresh = ready(installation)
    quick = Witness(installation, pause=3600).sell()
    installation.stop()
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    for folder in (
        installation.box("salida"),
        installation.box("procesados") / yesterday,
        installation.box("novedades"),
    ):
        folder.mkdir(exist_ok=True)
        for number in range(OLD):
            os.close(os.open(folder / f"{number:08}.RSP", os.O_CREAT | os.O_WRONLY))
    full = ready(installation)
    gauge, witness = Gauge(installation), Witness(installation, pause=0.1)
    time.sleep(12)
    waits, share, curve = witness.stop(), gauge.share(), gauge.stop()
    told(
        "old files", files=3 * OLD, start_before=fresh, start=full, one_before=quick,
        till_median=statistics.median(waits), till_worst=max(waits), MB=max(curve.megabytes), CPU=share,
    )  # fmt: skip
    assert full < 5 * fresh + 5
    assert statistics.median(waits) < 5 * quick + 1
    assert max(curve.megabytes) < 200


def test_a_journal_full_of_documents_answers_like_an_empty_one(installation):
    fresh = ready(installation)
    installation.ask("A.txt", sale("A"))
    installation.stop()
    path = installation.folder / "diario.db"
    multiply(path, 1, DOCUMENTS)
    start = ready(installation)
    gauge, witness = Gauge(installation), Witness(installation, pause=0.1)
    asked = {}
    for words in (("estado", "--json"), ("estado", "M777"), ("explicar", "M777"), ("verificar",)):
        begun = time.monotonic()
        installation.run(*words, patience=120)
        asked[" ".join(words)] = time.monotonic() - begun
    shared = f"{SHARED_STEM}.txt"
    begun = time.monotonic()
    installation.ask(shared, sale("SHARED"))
    asked["a name of thousands"] = time.monotonic() - begun
    repeated = installation.ask("REPE.txt", sale("M777"))
    waits, share, curve = witness.stop(), gauge.share(), gauge.stop()
    told(
        "journal", documents=DOCUMENTS, GB=path.stat().st_size / 1e9, start_before=fresh, start=start,
        till_median=statistics.median(waits), till_worst=max(waits), MB=max(curve.megabytes), CPU=share, **asked,
    )  # fmt: skip
    assert (repeated["NUMERO"], repeated.codes("AVISO")) == ("777", ["A0001"])
    assert highest(path) == DOCUMENTS + len(witness.names) + 1, "one number each, in one row"
    assert start < 5 * fresh + 5
    assert max(curve.megabytes) < 200


def highest(path):
    """The highest number that was given."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute("SELECT max(numero) FROM document WHERE superseded_by IS NULL AND tipo = 101").fetchone()[0]
    finally:
        db.close()
