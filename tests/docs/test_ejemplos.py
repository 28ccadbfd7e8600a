"""The client programs of the manual, compiled and run against an answering folder."""

import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from sincronizador.core.job import Kind
from sincronizador.core.numbers import parse_number
from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.formats.read import read
from sincronizador.formats.requests import kind_of, vocabulary
from sincronizador.formats.whole import missing

EXAMPLES = Path(__file__).parents[2] / "docs" / "ejemplos"
PENDING = b"PENDIENTE\r\n[RESPUESTA]\r\nCONTRATO=1\r\nESTADO=RECIBIDO\r\nCODIGO=0\r\nMENSAJE=Recibido.\r\n"
SIGNED = (
    b"OK\r\n[RESPUESTA]\r\nCONTRATO=1\r\nESTADO=FIRMADO_LOCAL\r\nTIPO=101\r\nSERIE=A\r\nNUMERO=1234\r\nA_PAGAR=2440.00\r\n"
    b"QR=https://www.efactura.dgi.gub.uy/consultaQR/cfe?a=1,b=2&c==\r\nCODIGO=0\r\nMENSAJE=Comprobante firmado.\r\n"
    b"[EXTRA]\r\nNUMERO=99\r\nTIPO=mesa\r\n"
)
REFUSED = (
    b"ERROR\r\n[RESPUESTA]\r\nCONTRATO=1\r\nESTADO=RECHAZADO\r\nCODIGO=E0205\r\nMENSAJE=El archivo tiene 2 erro\r\n"
    b"MENSAJE.2=res.\r\n[ERROR.1]\r\nCODIGO=E0205\r\nLINEA=14\r\nCAMPO=CANTIDAD\r\n"
    b"MENSAJE=CANTIDAD debe ser un numero.\r\n"
    b"SUGERENCIA=Escriba 2 (o 1,5).\r\n[ERROR.2]\r\nCODIGO=E0209\r\nMENSAJE=Falta IVA en [ITEM].\r\n"
)
OLD = SIGNED.replace(b"1234", b"999")


def tool(name: str, how: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"falta {name}: {how}")
    return found


def compiled(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Program:
    command: list[str]
    silent: tuple[int, ...] = ()
    """Exit code of a language whose programs tell nothing by it."""


def php(folder: Path) -> Program:
    return Program([tool("php", "apt install php-cli"), str(EXAMPLES / "venta.php")])


def cobol(folder: Path) -> Program:
    cobc = tool("cobc", "apt install gnucobol")
    compiled([cobc, "-x", "-o", "venta", str(EXAMPLES / "venta.cob")], folder)
    return Program([str(folder / "venta")])


def harbour(folder: Path) -> Program:
    hbmk2 = tool("hbmk2", "compile Harbour")
    shutil.copy(EXAMPLES / "venta.prg", folder)
    compiled([hbmk2, "-q", "-gtcgi", "venta.prg", "-oventa"], folder)
    return Program([str(folder / "venta")], silent=(0,))


PROGRAMS = [php, cobol, *([harbour] if shutil.which("hbmk2") else [])]
"""No Debian has Harbour: the Clipper program is tried where somebody built it (https://harbour.github.io)."""


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda program: program.__name__)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    made: Program = request.param(tmp_path_factory.mktemp(request.param.__name__))
    return made


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    for name in ("entrada", "salida", "procesando"):
        (tmp_path / name).mkdir()
    (tmp_path / "salida" / "V0000123.RSP").write_bytes(OLD)
    return tmp_path


class Answering:
    """A folder that answers as the daemon does: whole, by rename, first PENDIENTE."""

    def __init__(self, spool: Path, answer: bytes) -> None:
        self.taken: dict[str, bytes] = {}
        self.early: list[str] = []
        self._spool, self._answer = spool, answer
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Answering":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            for path in (self._spool / "entrada").glob("*.TXT"):
                answer = self._spool / "salida" / f"{path.stem}.RSP"
                if answer.exists():
                    self.early.append(path.name)
                content = path.read_bytes()
                path.rename(self._spool / "procesando" / path.name)
                self.taken[path.name] = content
                self._publish(answer, PENDING)
                time.sleep(0.4)
                self._publish(answer, self._answer)

    def _publish(self, path: Path, content: bytes) -> None:
        beside = path.with_suffix(".tmp")
        beside.write_bytes(content)
        beside.rename(path)


def run(program: Program, spool: Path, seconds: int) -> tuple[int, str]:
    done = subprocess.run(
        [*program.command, str(spool), "V0000123", str(seconds)],
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "TERM": "dumb"},
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


def test_a_client_drops_a_sale_that_is_read_without_a_finding(program: Program, spool: Path) -> None:
    with Answering(spool, SIGNED) as folder:
        run(program, spool, 20)
    assert list(folder.taken) == ["V0000123.TXT"]
    content = folder.taken["V0000123.TXT"]
    assert missing(content, xml=False) is None
    reading = read(content, vocabulary=vocabulary(VOCABULARY), from_xml=lambda _: pytest.fail("no es XML"))
    assert reading.findings == ()
    assert kind_of(reading.sections) is Kind.DOCUMENTO
    assert [item.text_of("DETALLE").replace("é", "e") for item in reading.sections.all("ITEM")] == [
        "Cafe molido 250 g",
        "Pan",
    ]
    assert reading.sections.text_of("DOCUMENTO", "REFERENCIA") == "V0000123"
    decimal = reading.sections.text_of("DOCUMENTO", "DECIMAL")
    numbers = [
        parse_number(item.text_of(name), decimal=decimal)
        for item in reading.sections.all("ITEM")
        for name in ("CANTIDAD", "PRECIO")
    ]
    assert numbers == [2, Decimal("1175.50"), 1, 89]


def test_a_client_deletes_the_old_answer_waits_for_the_decision_and_shows_the_number(
    program: Program, spool: Path
) -> None:
    with Answering(spool, SIGNED) as folder:
        code, shown = run(program, spool, 20)
    assert folder.early == []
    assert "Comprobante 101 A 1234, a pagar 2440.00" in shown
    assert code == 0


def test_a_client_shows_every_error_of_a_refusal(program: Program, spool: Path) -> None:
    with Answering(spool, REFUSED):
        code, shown = run(program, spool, 20)
    assert "RECHAZADO E0205: El archivo tiene 2 errores." in " ".join(shown.split())
    assert "14: CANTIDAD debe ser un numero. Escriba 2 (o 1,5)." in shown
    assert "Falta IVA en [ITEM]." in shown
    assert "Comprobante" not in shown
    assert code in (1, *program.silent)


def test_a_client_gives_up_after_its_limit_and_says_where_to_look(program: Program, spool: Path) -> None:
    begin = time.monotonic()
    code, shown = run(program, spool, 2)
    assert 1 < time.monotonic() - begin < 8
    assert "Sin respuesta" in shown
    assert "LATIDO.TXT" in shown
    assert (spool / "entrada" / "V0000123.TXT").exists()
    assert code in (2, *program.silent)
