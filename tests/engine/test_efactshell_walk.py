"""eFactShell's files by the real engine: what its clients drop, read back, and ask again."""

import io
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from sincronizador.settings import Libreta

EJEMPLOS = Path(__file__).parents[2] / "config" / "mapeos"
ARCHIVO = "eFacturaInfo_12_2026-11-21_1795266000000.txt"
OTRA_VEZ = "eFacturaInfo_12_2026-11-21_1795266120000.txt"


@pytest.fixture
def shell(machine, tmp_path):
    """A machine that takes eFactShell's files."""
    folder = tmp_path / "mapeos"
    folder.mkdir()
    shutil.copy(EJEMPLOS / "efactshell.toml", folder)
    machine.configure(entrada={"mapeos": str(folder)})
    return machine


def contenido(**changes):
    """The example with some of its texts replaced."""
    text = (EJEMPLOS / ARCHIVO).read_bytes().decode("iso-8859-1")
    for before, after in changes.items():
        text = text.replace(*after) if isinstance(after, tuple) else text.replace(before, after)
    return text.encode("iso-8859-1")


def soltar(machine, name, content):
    """Drop it, wait until it has rested, work, and read the reply's lines; None while there is none."""
    machine.drop(name, content)
    machine.work()
    machine.clock.time += timedelta(seconds=3)
    machine.work()
    return respuesta(machine, name)


def respuesta(machine, name):
    path = machine.folder / "spool" / "salida" / name
    return path.read_bytes().decode("iso-8859-1").split("\r\n")[:-1] if path.exists() else None


def test_the_worked_example_becomes_an_e_ticket_with_its_reply_qr_and_page(shell):
    lines = soltar(shell, ARCHIVO, contenido())
    assert [line.split("|")[:2] for line in lines] == [["1", "AE"], ["2", "A"], ["3", lines[2].split("|")[1]]]
    assert lines[1].split("|")[2] == "1"
    assert lines[2].split("|")[2:5] == ["A", "1", "100000"]
    salida = shell.folder / "spool" / "salida"
    stem = ARCHIVO.removesuffix(".txt")
    picture = Image.open(io.BytesIO((salida / f"{stem}.png").read_bytes()))
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.startswith(
        "https://www.efactura.dgi.gub.uy/consultaQR/cfe?219999830019,101,A,1,310.20,21/11/2026,"
    )
    assert (
        code.text.partition("?")[2].split(",")[6][:6].replace("%2B", "+").replace("%2F", "/")[:4]
        == (lines[1].split("|")[3][:4])
    )
    assert (salida / f"{stem}.pdf").read_bytes().startswith(b"%PDF")
    assert not (salida / f"{stem}.rsp").exists()
    assert len(shell.papers()) == 1


def test_it_is_not_taken_before_it_rested(shell):
    shell.drop(ARCHIVO, contenido())
    shell.work()
    assert respuesta(shell, ARCHIVO) is None
    assert (shell.folder / "spool" / "entrada" / ARCHIVO).exists()


def test_asking_again_with_the_same_envelope_gives_the_same_document(shell):
    first = soltar(shell, ARCHIVO, contenido())
    again = soltar(shell, OTRA_VEZ, contenido())
    assert again[1:] == first[1:]
    assert len(shell.papers()) == 1
    assert (shell.folder / "spool" / "salida" / OTRA_VEZ.replace(".txt", ".png")).exists()


def test_another_sale_under_a_used_envelope_is_refused_and_names_the_document(shell):
    soltar(shell, ARCHIVO, contenido())
    refused = soltar(shell, OTRA_VEZ, contenido(precio=("117.550000", "217.550000")))
    assert len(refused) == 1
    assert refused[0].startswith("1|BE|E0104|")
    assert "101-A-1" in refused[0]
    assert len(shell.papers()) == 1


def test_the_day_after_the_same_envelope_still_issues_nothing(shell):
    soltar(shell, ARCHIVO, contenido())
    shell.clock.time += timedelta(days=1)
    refused = soltar(shell, OTRA_VEZ, contenido(dia=("2026-11-21", "2026-11-22")))
    assert refused[0].startswith("1|BE|E0104|")
    assert len(shell.papers()) == 1


def test_the_same_number_at_another_point_of_sale_is_another_sale(shell):
    first = soltar(shell, ARCHIVO, contenido())
    other = soltar(shell, OTRA_VEZ, contenido(caja=("13|CAJA1", "13|CAJA2")))
    assert first[1].split("|")[2] != other[1].split("|")[2]


def test_every_mistake_is_a_line_with_its_record(shell):
    lines = soltar(shell, ARCHIVO, contenido(cantidad=("2.000|N/A|117", "dos|N/A|117"), pago=("|1|1|", "|1|7|")))
    assert [line.split("|")[:5] for line in lines] == [
        ["1", "BE", "E0208", "2", "FORMA_PAGO"],
        ["1", "BE", "E0205", "6", "CANTIDAD"],
    ]
    assert shell.papers() == []


def test_given_totals_that_do_not_add_up_are_refused(shell):
    lines = soltar(shell, ARCHIVO, contenido(total=("22|||||||", "22|||999.00||||")))
    assert [line.split("|")[2:5] for line in lines] == [["E1210", "5", "TOTAL"]]


def test_a_file_that_never_gets_its_lines_is_refused_with_what_it_lacks(shell):
    shell.drop(ARCHIVO, contenido().partition(b"6|1|")[0])
    shell.work()
    shell.clock.time += timedelta(seconds=61)
    shell.work()
    shell.clock.time += timedelta(seconds=1)
    shell.work()
    assert "el registro 6" in respuesta(shell, ARCHIVO)[0]


def test_a_txt_of_ours_is_read_as_ever_beside_it(shell):
    text = (
        "[DOCUMENTO]\nTIPO=101\nREFERENCIA=R1\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=Pan\nPRECIO=89\nIVA=MINIMA\n[FIN]\n"
    )
    assert shell.send("V1.txt", text)["TIPO"] == "101"


def test_a_paper_of_contingency_is_transcribed_with_the_constancia_of_its_booklet(shell):
    libreta = Libreta(
        tipo=201, serie="A", desde=51, hasta=100, constancia="90260000009", vence=date(2028, 1, 31)
    )  # fmt: skip
    shell.configure(libreta=(libreta,))
    paper = contenido(tipo=("2|101|||", "2|201|A|77|"))
    lines = soltar(shell, ARCHIVO, paper)
    assert lines[1].startswith("2|A|77|")
    assert lines[2] == "3|90260000009|A|51|100|2028-01-31"
    assert shell.papers() == []


def test_a_paper_of_no_booklet_is_refused(shell):
    lines = soltar(shell, ARCHIVO, contenido(tipo=("2|101|||", "2|201|A|77|")))
    assert {line.split("|")[4] for line in lines} == {
        "CONSTANCIA", "CONSTANCIA_DESDE", "CONSTANCIA_HASTA", "CONSTANCIA_VENCE",
    }  # fmt: skip
