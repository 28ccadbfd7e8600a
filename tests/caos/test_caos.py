"""`make caos`: the installed programs among kills, cuts and pulled printers; then the judge looks from outside."""

import os
import shutil
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest
from mayhem import figures, judgement
from mayhem.run import Run

SECONDS = float(os.environ.get("CAOS", "0"))
"""Of the long form; zero: the short one."""
SEED = int(os.environ.get("CAOS_SEMILLA") or (Random().randrange(10**6) if SECONDS else 7))
SHORT = 20.0
"""Seconds of mayhem in the short form."""
TOLD = 5
"""Sales whose story is told when something is wrong."""
STUCK = 90.0
"""Seconds without any progress after which nothing more is waited for."""


def play(folder: Path, seconds: float, routes: tuple[str, ...]):
    """A shop of each route, at the same time."""
    today = datetime.now(timezone(timedelta(hours=-3))).date()
    pause = 1.0 if seconds < 300 else 3.0
    runs = {
        route: Run(folder / route, SEED, seconds, today, cloud=route == "nube", pause=pause * len(routes))
        for route in routes
    }
    seen, failures = {}, []

    def one(route: str) -> None:
        try:
            seen[route] = runs[route].play(STUCK)
        except BaseException as failure:  # it belongs to the test's thread
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(route,)) for route in routes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        raise failure
    return runs, seen


def judged(folder: Path, seconds: float, routes: tuple[str, ...]):
    """What was left, told in figures; what is wrong, with the stories of its first sales."""
    runs, seen = play(folder, seconds, routes)
    tables = {route: figures.of(one) for route, one in seen.items()}
    faults = [(route, *fault) for route, one in seen.items() for fault in judgement.faults(one)]
    figures.write(
        folder / "caos.json", SEED, seconds, tables, [(f"{route} {name}", text) for route, name, text in faults]
    )
    print(figures.told(tables))
    for route, name, text in faults[:60]:
        print(f"{route} {name}: {text[:2000]}")
    sales = dict.fromkeys((route, judgement.sale_of(text, seen[route])) for route, _, text in faults)
    for route, sale in [one for one in sales if one[1]][:TOLD]:
        print(runs[route].premises.story(sale))
    assert not faults, f"{len(faults)} faults; seed {SEED}, {seconds:.0f} s; kept in {folder}"
    return seen, tables


@pytest.mark.timeout(600)
@pytest.mark.skipif(SECONDS > 0, reason="the long form runs instead")
def test_nothing_is_lost_and_nothing_is_twice_whatever_breaks(tmp_path):
    _, tables = judged(tmp_path, SHORT, ("nube",))
    _really_broke(tables["nube"])


@pytest.mark.timeout(0)
@pytest.mark.skipif(SECONDS <= 0, reason="the long form: make caos")
def test_for_an_hour_nothing_is_lost_and_nothing_is_twice_whatever_breaks():
    folder = Path(os.environ.get("CAOS_CARPETA", "caos")).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _, tables = judged(folder, SECONDS, ("nube", "local"))
    _really_broke(tables["nube"])


def _really_broke(table) -> None:
    assert table["golpes"]["total"] > 3
    assert table["comprobantes"]["cloud"] > 10
    assert table["comprobantes"]["installation"] > 10
    assert sum(count for what, count in table["fallas"].items() if what.startswith("línea")) > 3
    assert sum(count for what, count in table["fallas"].items() if what.startswith("impresora")) > 3
