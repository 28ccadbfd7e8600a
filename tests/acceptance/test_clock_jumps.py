"""The real daemon and the real cloud while somebody moves the hands of the clock (libfaketime)."""

import glob
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from outside.installation import Installation, txt, wait_for
from outside.site import Site

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")
CC = shutil.which("cc")
pytestmark = pytest.mark.skipif(
    not (FAKETIME and CC), reason="no libfaketime or no C compiler: apt-get install faketime gcc libc6-dev"
)
REAL_SLEEP = """
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    return syscall(SYS_clock_nanosleep, clock, flags, until, left) ? errno : 0;
}
"""
"""What sleeps by the monotonic clock: libfaketime 0.9.10 sleeps as much longer as the machine has been up."""


class Hands:
    """The clock of one process, as it is moved while that runs; how long it really was stays true."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faketime"
        self._sleep = folder / "sleep.so"
        subprocess.run(
            [CC, "-shared", "-fPIC", "-x", "c", "-", "-o", self._sleep], input=REAL_SLEEP.encode(), check=True
        )
        self.put("+0")

    def put(self, offset: str) -> None:
        """``-3d``, ``+40m``, ``@1970-01-01 00:00:00``."""
        new = self._file.with_suffix(".new")
        new.write_text(offset + "\n")
        new.replace(self._file)

    @property
    def environment(self) -> Mapping[str, str]:
        """Of the process whose clock it is."""
        return {
            "LD_PRELOAD": f"{self._sleep}:{FAKETIME}",
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    return Hands(tmp_path)


def heartbeat(till: Installation) -> dict[str, str]:
    lines = (till.box("salida") / "LATIDO.TXT").read_text("ascii").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def start(till: Installation, hands: Hands) -> None:
    with till._ready_socket() as ready:
        till.launch(NOTIFY_SOCKET=ready.getsockname(), **hands.environment)
        wait_for("READY of the daemon", lambda: till._said_ready(ready))


def sale(name: str) -> bytes:
    return txt("DOCUMENTO", TIPO=101, REFERENCIA=name, FORMA_PAGO="CONTADO").replace(
        b"[FIN]", b"[ITEM]\r\nDETALLE=Pan\r\nPRECIO=89\r\nIVA=MINIMA\r\n[FIN]"
    )


def test_the_daemon_lives_through_jumps_and_signs_again_alone(installation: Installation, hands: Hands) -> None:
    till = installation
    start(till, hands)
    assert till.ask("A.txt", sale("A"))["ESTADO"] == "FIRMADO_LOCAL"
    hands.put("-3d")
    before = wait_for("a heartbeat of three days ago", lambda: _told(till, "el reloj marca"), 15)
    till.drop("B.txt", sale("B"))
    held = till.answer("B.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)
    assert (held["MOTIVO"], held["CODIGO"]) == ("RELOJ", "E2003")
    wait_for("the next heartbeat", lambda: int(heartbeat(till)["PULSO"]) > int(before["PULSO"]) or None, 15)
    hands.put("+0")
    assert till.answer("B.txt", patience=70)["ESTADO"] == "FIRMADO_LOCAL"
    hands.put("+2d")
    wait_for("the alarm of a jump ahead", lambda: _told(till, "saltó hasta el") or _told(till, "salto hasta el"), 15)
    till.drop("C.txt", sale("C"))
    assert till.answer("C.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)["MOTIVO"] == "RELOJ"
    till.kill()
    hands.put("@1970-01-02 00:00:00")
    start(till, hands)
    till.drop("D.txt", sale("D"))
    assert till.answer("D.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)["MOTIVO"] == "RELOJ"
    hands.put("+0")
    for name in ("C.txt", "D.txt"):
        assert till.answer(name, patience=70)["ESTADO"] == "FIRMADO_LOCAL"
    assert till.stop() == 0


def test_a_cloud_of_another_time_is_told_with_how_far_it_is(site: Site, tmp_path: Path) -> None:
    hands = Hands(tmp_path)
    site.cloud.start()
    start(site.till, hands)
    hands.put("-40m")
    told = wait_for("the alarm of the clocks", lambda: _told(site.till, "40 minutos"), 45)
    alarm = next(value for name, value in told.items() if name.startswith("ALARMA.") and "40 minutos" in value)
    assert "atrasado respecto del de la nube" in alarm
    assert "en hora" in alarm
    assert "40 minutos" in site.till.run("estado").stdout


def _told(till: Installation, words: str) -> dict[str, str] | None:
    """The heartbeat, once an alarm of it says that."""
    try:
        found = heartbeat(till)
    except FileNotFoundError:
        return None
    return found if any(words in value for name, value in found.items() if name.startswith("ALARMA.")) else None
