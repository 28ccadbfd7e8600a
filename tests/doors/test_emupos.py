"""
A simulator that knows nothing of ours reads our pages: ``emupos``, with the profiles of an Epson and of a clone.

It needs Python 3.13, hence a place of its own: ``python3.13 -m venv X; X/bin/pip install emupos``, then
``EMUPOS=X/bin/emupos make impresoras``.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from sincronizador.core.job import Impresion
from sincronizador.errors import Unavailable
from sincronizador.printing.stations import make_printer
from sincronizador.printing.trial import trial_ticket

zxingcpp = pytest.importorskip("zxingcpp", reason="pip install zxing-cpp")
PROGRAM = os.environ.get("EMUPOS", "")
pytestmark = pytest.mark.skipif(not PROGRAM, reason="EMUPOS=program runs it; see the top of this file")
PROFILES = ("epson-tm-t20iii", "xprinter-xp80t")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Emupos:
    """A printer of each profile, at a port and at a pseudo-terminal."""

    def __init__(self, folder: Path) -> None:
        self._api = free_port()
        self._folder = folder
        self.ports = {profile: free_port() for profile in PROFILES}
        lines = ["schema: 1", f"api: {{ host: 127.0.0.1, port: {self._api} }}", "devices:"]
        for profile, port in self.ports.items():
            lines += [f"  - id: {profile}", "    type: printer", f"    profile: {profile}", "    connections:"]
            lines += [f"      - tcp: {{ port: {port} }}", "      - serial: { pty: true }"]
            lines += [f"    receipts_dir: ./{profile}"]
        (folder / "emupos.yaml").write_text("\n".join(lines))
        environment = {**os.environ, "TMPDIR": str(folder)}
        environment.pop("PYTHONPATH", None)
        self._process = subprocess.Popen([PROGRAM, "run"], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not all((folder / "emupos" / profile).exists() for profile in PROFILES):
            assert self._process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def fault(self, verb: str, profile: str, fault: str) -> None:
        subprocess.run(
            [PROGRAM, "--api", f"http://127.0.0.1:{self._api}", "fault", verb, profile, fault],
            check=True, capture_output=True,
        )  # fmt: skip

    def serial(self, profile: str) -> str:
        return os.path.realpath(self._folder / "emupos" / profile)

    def receipts(self, profile: str) -> list[Path]:
        return sorted((self._folder / profile).glob("*.png"))

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


@pytest.fixture(scope="module")
def emupos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    simulator = Emupos(tmp_path_factory.mktemp("emupos"))
    yield simulator
    simulator.close()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("way", ["tcp", "serie"])
@pytest.mark.parametrize("qr", ["nativo", "imagen"])
def test_a_page_is_confirmed_and_its_qr_is_read_from_the_paper(emupos: Emupos, profile: str, way: str, qr: str) -> None:
    destino = f"127.0.0.1:{emupos.ports[profile]}" if way == "tcp" else emupos.serial(profile)
    printer = make_printer("CAJA1", way, destino, qr=qr, flujo="no")
    before = emupos.receipts(profile)
    printed = printer.send(printer.render(trial_ticket("CAJA1")), name="x")
    assert printed.outcome is Impresion.IMPRESO
    deadline = time.monotonic() + 20
    while len(emupos.receipts(profile)) == len(before):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (paper,) = set(emupos.receipts(profile)) - set(before)
    with Image.open(paper) as image:
        (found,) = zxingcpp.read_barcodes(image)
        middle = (found.position.top_left.x + found.position.top_right.x) / 2
        assert "PRUEBA-DE-IMPRESORA" in found.text
        assert 22 <= (found.position.top_right.x - found.position.top_left.x) / 203 * 25.4 <= 30
        assert abs(middle - image.width / 2) <= 4


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("fault", "words"),
    [("paper-out", "no tiene papel"), ("cover-open", "tapa abierta"), ("offline", "fuera de línea")],
)
def test_its_troubles_are_ours(emupos: Emupos, profile: str, fault: str, words: str) -> None:
    printer = make_printer("CAJA1", "tcp", f"127.0.0.1:{emupos.ports[profile]}")
    emupos.fault("set", profile, fault)
    with pytest.raises(Unavailable, match=words):
        printer.send(b"hola\n", name="x")
    emupos.fault("clear", profile, fault)
    assert printer.status() == "Lista."


@pytest.mark.parametrize("profile", PROFILES)
def test_little_paper_is_told(emupos: Emupos, profile: str) -> None:
    printer = make_printer("CAJA1", "tcp", f"127.0.0.1:{emupos.ports[profile]}")
    emupos.fault("set", profile, "paper-near-end")
    assert printer.status() == "Lista. Queda poco papel."
    emupos.fault("clear", profile, "paper-near-end")
