"""A program written for eFactShell, that knows nothing of us: it writes, polls, reads three lines, and asks again."""

import io
import json
import shutil
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
import zxingcpp
from outside import papers
from outside.installation import HOME, Installation, wait_for
from PIL import Image

SAMPLES = HOME.parent / "shared" / "reference" / "uruguay" / "dgi"


class Client:
    """What such a program does: its own file names, its envelope numbers, its patience."""

    def __init__(self, own: Installation, today: date) -> None:
        self.own = own
        self.today = today

    def write(self, envelope: int, *lines: str, tipo: str = "101", till: str = "CAJA1") -> str:
        """Write a sale straight under its name, as it always did; the name."""
        name = f"eFacturaInfo_{envelope}_{self.today}_{time.time_ns() // 1_000_000}.txt"
        records = [
            f"1|219999830019|{envelope}|{self.today}",
            f"2|{tipo}|||{self.today}|1|1|",
            "4|3|UY|0|Consumidor final|||",
            "5|UYU|||||10|22|||||||",
            *(lines or ("6|1|3|Café|2.000|N/A|117.500000|0.000|0.00|||",)),
            "10|Gracias\npor su compra",
            f"13|{till}",
        ]
        with open(self.own.box("entrada") / name, "w", encoding="iso-8859-1", newline="") as file:
            for record in records:
                file.write(f"{record}\r\n")
                file.flush()
        return name

    def read(self, name: str, patience: float = 20.0) -> list[str]:
        """Poll for the reply, then read it at once."""
        path = self.own.box("salida") / name
        wait_for(f"a reply to {name}", path.exists, patience)
        return path.read_bytes().decode("iso-8859-1").split("\r\n")[:-1]

    def ask(self, envelope: int, *lines: str, **more: str) -> list[str]:
        return self.read(self.write(envelope, *lines, **more))

    def qr(self, name: str) -> str:
        """What a reader finds in the picture beside a reply."""
        picture = (self.own.box("salida") / name).with_suffix(".png").read_bytes()
        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
        return code.text


@pytest.fixture
def client(installation: Installation, today: date) -> Client:
    """A client of an installation that runs."""
    (installation.folder / "mapeos").mkdir()
    shutil.copy(HOME / "config" / "mapeos" / "efactshell.toml", installation.folder / "mapeos")
    installation.configure("entrada", mapeos='"mapeos"', espera="0.5")
    installation.start()
    return Client(installation, today)


def test_a_sale_is_answered_in_three_lines_with_its_qr_and_its_paper(client: Client) -> None:
    name = client.write(1)
    state, number, cae = (line.split("|") for line in client.read(name))
    assert state[:2] == ["1", "AE"]
    assert number[:3] == ["2", "A", "1"]
    assert cae[0] == "3"
    assert cae[2:5] == ["A", "1", "100000"]
    assert date.fromisoformat(cae[5]) > client.today
    text = client.qr(name)
    assert text.startswith("https://www.efactura.dgi.gub.uy/consultaQR/cfe?219999830019,101,A,1,235.00,")
    assert (client.own.box("salida") / name).with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    wait_for("a paper", lambda: client.own.papers() or None)
    assert papers.printed_qr(client.own.papers()[0].read_bytes()) == text


def test_asking_again_after_a_silence_never_issues_twice(client: Client) -> None:
    first = client.write(1)
    client.own.kill()
    second = client.write(1)
    client.own.start()
    third = client.write(1)
    replies = [client.read(name) for name in (first, second, third)]
    assert replies[0][1:] == replies[1][1:] == replies[2][1:]
    assert client.ask(2)[1].split("|")[2] == "2"
    wait_for("two papers", lambda: len(client.own.papers()) == 2)


def test_a_used_envelope_with_another_sale_or_another_day_names_the_document(client: Client) -> None:
    client.ask(1)
    other = client.ask(1, "6|1|3|Café|3.000|N/A|117.500000|||||")
    client.today -= timedelta(days=1)
    late = client.ask(1)
    for reply in (other, late):
        assert len(reply) == 1
        assert reply[0].startswith("1|BE|E0104|")
        assert "101-A-1" in reply[0]


def test_a_refusal_has_a_line_for_each_mistake_and_is_cured_under_the_same_envelope(client: Client) -> None:
    reply = client.ask(1, "6|1|99|Café|dos|N/A|117.500000|||||", "6|2|3||1|N/A|1.00|||||")
    assert sorted(tuple(line.split("|")[:5]) for line in reply) == [
        ("1", "BE", "E0205", "5", "CANTIDAD"),
        ("1", "BE", "E0208", "5", "IND_FACT"),
        ("1", "BE", "E0209", "6", "DETALLE"),
    ]
    assert client.ask(1)[1].split("|")[2] == "1"


def test_what_it_received_is_verified_by_a_stranger_without_an_installation(client: Client, tmp_path: Path) -> None:
    name = client.write(1)
    client.read(name)
    signed = (client.own.box("salida") / name).with_suffix(".xml")
    done = client.own.run(
        "verificar-xml", str(signed), "--certificado", client.own.certificate_pem(), "--qr", client.qr(name), "--json"
    )
    (told,) = json.loads(done.stdout)
    assert (done.returncode, told["bien"]) == (0, True)
    checks = {check["que"]: check for check in told["comprobantes"][0]["controles"]}
    assert checks["QR"]["texto"] == "es el de este CFE"
    assert checks["firma"]["juicio"] == "ok"
    changed = tmp_path / "cambiado.xml"
    changed.write_bytes(signed.read_bytes().replace(b">235.00<", b">236.00<"))
    assert client.own.run("verificar-xml", str(changed)).returncode == 1


def test_dgis_own_sobre_is_verified_from_the_command_line(installation: Installation) -> None:
    if not SAMPLES.is_dir():
        pytest.skip("DGI's samples are absent: put them into ../shared/reference/uruguay/dgi")
    done = installation.run("verificar-xml", str(SAMPLES / "Sob_219999830019_Ej_Mod_19072016.xml"))
    assert done.stdout.count("ok    firma: es buena, de DGI-RUC PRUEBA CEDE") == 8
    assert done.stdout.count("ok    totales: las líneas y los totales cierran") == 8
