"""Where POSIX is missing, as far as that can be played here, the walk is walked. It is no test on Windows."""

import pkgutil
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import sincronizador

HERE = Path(__file__).parent
DOCUMENT = Path(__file__).parents[3] / "docs" / "windows.md"
SALE = """\
[DOCUMENTO]
TIPO=e-Ticket
REFERENCIA=V1
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO=10,00
IVA=BASICA
[FIN]
"""
POSIX_ONLY = re.compile(r"sincronizador\.(printing\.(device|serial_port|cups_queue)|nube(\..*)?|panel(\..*)?)")
"""Ways to printers that Windows has not, and the servers, which are not offered there."""


def elsewhere(script: Path, *args: str) -> str:
    command = [sys.executable, str(HERE / "elsewhere.py"), str(script), *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_sale_is_walked_without_what_windows_lacks(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "i")
    assert elsewhere(HERE / "elsewhere_walk.py", str(tmp_path / "i")) == "walked\n"


def test_the_service_starts_answers_and_stops_there(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "i")
    script = tmp_path / "service.py"
    script.write_text("import sys\nfrom sincronizador.cli import main\nmain()\n")
    command = [sys.executable, HERE / "elsewhere.py", script, "--config", tmp_path / "i/sincronizador.toml", "iniciar"]
    spool = tmp_path / "i" / "spool"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        try:
            while "event=ready" not in (line := service.stderr.readline()):
                assert line, "it ended before it was ready"
            (spool / "entrada" / "V1.txt").write_text(SALE)
            end = time.monotonic() + 20
            while not (answer := spool / "salida" / "V1.rsp").exists():
                assert time.monotonic() < end
                time.sleep(0.05)
            assert "ESTADO=FIRMADO_LOCAL" in answer.read_text("ascii")
        finally:
            service.terminate()
            _, log = service.communicate(timeout=30)
    assert (service.returncode, "Traceback" in log) == (0, False), log


def test_every_module_of_the_daemon_and_its_commands_can_be_imported(tmp_path: Path) -> None:
    names = [one.name for one in pkgutil.walk_packages(sincronizador.__path__, "sincronizador.")]
    names = [name for name in names if not POSIX_ONLY.fullmatch(name) and "__main__" not in name]
    assert len(names) > 150
    script = tmp_path / "all.py"
    script.write_text("import importlib\n" + "".join(f"importlib.import_module({name!r})\n" for name in names))
    elsewhere(script)


def test_the_page_says_first_that_it_is_untested_and_its_services_are_well_formed() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert "no se probó" in text.split("\n\n")[1]
    services = [ET.fromstring(block) for block in re.findall(r"```xml\n(.*?)```", text, re.DOTALL)]  # noqa: S314
    assert [service.findtext("id") for service in services] == ["sincronizador", "sincronizador-panel"]
    for service in services:
        assert service.findtext("executable", "").endswith("sincronizador.exe")
        assert service.find("onfailure") is not None
