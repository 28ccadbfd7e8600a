"""
The installed daemon and cloud as processes, each on a drive of its own, while power goes at random.

Short here; `make corte` goes on for minutes (``CORTE=20 make corte``), history after history, each with its own seed,
and prints its figures. ``CORTE_SEMILLA=7`` begins with that one.
"""

import os
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

import neighbourhood
import pytest
from lives import LONG
from neighbourhood import Town
from outside import cloud, installation, judge

MINUTES = float(os.environ.get("CORTE", "0"))
SEED = int(os.environ.get("CORTE_SEMILLA", "1"))
CUTS = 12 if LONG else 2
"""Outages of one history."""


@pytest.fixture(scope="session")
def installations(tmp_path_factory):
    """What `demo --preparar` writes, by route."""
    folder = tmp_path_factory.mktemp("preparadas")
    if LONG:
        installation.prepare(folder / "local")
    installation.prepare(folder / "nube", "--nube", "--puerto-nube", str(cloud.free_port()))
    return folder


@pytest.fixture
def launched(monkeypatch):
    """Whatever is started is started by the launcher."""
    for module in (installation, cloud):
        monkeypatch.setattr(module, "COMMAND", neighbourhood.COMMAND)
    return monkeypatch


def live_through(installations, seed, ruta, cuts):
    """A history: what was wrong in the end, and its figures."""
    today = datetime.now(timezone(timedelta(hours=-3))).date()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as base:
        place = Town(Path(base), installations / ruta, seed, today, ruta=ruta)
        try:
            place.open()
            for _ in range(cuts):
                place.outage()
            return place.end(), place.figures()
        finally:
            place.close()
            print(place.till.tail(), "--- nube", place.cloud.tail() if place.cloud else "", sep="\n")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ruta", ["local", "nube"] if LONG else ["nube"])
def test_nothing_is_lost_or_doubled_when_power_goes(installations, launched, ruta):
    found, figures = live_through(installations, SEED, ruta, CUTS)
    assert not found, f"seed {SEED}: {judge.told(found)}"
    assert figures["cuts"] >= CUTS
    assert figures["documents"] > 3


@pytest.mark.skipif(not LONG, reason="long form: make corte")
@pytest.mark.timeout(0)
def test_history_after_history(installations, launched, capsys):
    end, seed, all_figures = time.monotonic() + MINUTES * 60, SEED, Counter()
    while time.monotonic() < end:
        seed += 1
        ruta = ("nube", "local")[seed % 2]
        found, figures = live_through(installations, seed, ruta, CUTS)
        all_figures += figures
        with capsys.disabled():
            print(f"{seed} {ruta}: {dict(figures)} -> {dict(all_figures)}", flush=True)
        assert not found, f"CORTE_SEMILLA={seed - 1}, {ruta}: {judge.told(found)}"


@pytest.mark.skipif(not LONG, reason="long form: make corte")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("without", "ruta"),
    [("bytes", "local"), ("names", "local"), ("commit", "local"), ("mark", "nube"), ("mirror", "nube"),
     ("watermark", "nube"), ("base-commit", "nube")],
)  # fmt: skip
def test_a_sync_that_is_left_out_is_noticed_from_outside(installations, launched, without, ruta):
    """Within four histories."""
    launched.setenv("POWERCUT_WITHOUT", without)
    for seed in range(SEED, SEED + 4):
        try:
            found, _ = live_through(installations, seed, ruta, CUTS)
        except AssertionError as error:  # it did not start again
            found = [str(error)]
        if found:
            print(judge.told(found))
            return
    pytest.fail(f"nobody noticed that {without} were not synced")
