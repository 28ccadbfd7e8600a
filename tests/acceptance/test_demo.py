"""`sincronizador demo`, as a newcomer sees it: it shows what it promises, and leaves nothing running."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from outside.installation import COMMAND, environment

AT_MOST = 120.0
"""Seconds: the demonstration is told to take less than two minutes."""


def play(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        # Who runs the tests in the background ignores SIGINT, and so would what they start.
        ["env", "--default-signal=INT", *COMMAND, "demo"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )


def still_running(folder: Path) -> list[str]:
    """Command lines that name the folder: the daemon, the cloud and the DGI of the demonstration."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def table(told: str, head: str) -> list[list[str]]:
    """The rows below the line that begins with `head`."""
    lines = told.partition(f"\n{head}")[2].partition("\n")[2].partition("\n\n")[0].splitlines()
    return [line.split() for line in lines]


def test_the_demonstration_shows_the_cut_the_hand_over_and_what_became_of_every_number(tmp_path: Path) -> None:
    process = play(tmp_path)
    told, log = process.communicate(timeout=AT_MOST)
    assert process.returncode == 0, told + log
    for name in ("CORTE1.TXT", "CORTE2.TXT", "CORTE3.TXT"):
        assert f"{name} -> FIRMADO_CONTINGENCIA" in told
        assert re.search(f"{name} -> (ENVIADO|ACEPTADO)\n", told)
    sales = {row[0]: row for row in table(told, "archivo ")}
    assert len(sales) == 11
    for name in ("factura1.txt", "CORTE2.TXT"):
        assert f"{name} -> ACEPTADO\n" in told
    ends = {name: row[2] for name, row in sales.items() if name != "MALO1.TXT"}
    assert {name for name, end in ends.items() if end == "ACEPTADO"} == {"factura1.txt", "CORTE2.TXT"}
    assert set(ends.values()) == {"ENVIADO", "ACEPTADO"}
    # A printer that is slow to tell how it is leaves a paper that was handed over and no more is known of.
    papers = {name: row[5] for name, row in sales.items() if name != "MALO1.TXT"}
    assert set(papers.values()) <= {"IMPRESO", "ENTREGADO"}, papers
    issued = {row[3] for name, row in sales.items() if name != "MALO1.TXT"}
    numbers = table(told, "tipo ")
    assert sum(int(row[5]) for row in numbers) == len(issued) == 9
    assert {row[0] for row in numbers} == {"101", "102", "111"}
    for row in numbers:
        document, annulled, leased, doubtful, free = map(int, row[5:])
        assert document + annulled + leased + doubtful + free == 100_000
        assert doubtful == 0
    assert still_running(tmp_path) == []


def test_a_demonstration_that_is_stopped_with_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    process = play(tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("1. "):
            break
    assert len(still_running(tmp_path)) == 3
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    deadline = time.monotonic() + 10
    while still_running(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert still_running(tmp_path) == []
