"""Documents checked against DGI's schemas before they take a number, where an installation has them."""

import os
import shutil
from pathlib import Path

import pytest
from walking import TICKET


@pytest.fixture(scope="session")
def xsd():
    """DGI's schemas, which are not part of the project."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay" / "xsd" / "1.44.2"


@pytest.fixture
def narrow(xsd, tmp_path):
    """Schemas of a day on which DGI allows less."""
    folder = tmp_path / "xsd"
    shutil.copytree(xsd, folder)
    path = folder / "CFEType.xsd"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'<xs:element name="FmaPago"', b'<xs:element name="FmaPago" fixed="2"'))
    return folder


def test_a_sale_that_passes_is_issued_as_ever(machine, xsd):
    machine.configure(esquemas={"carpeta": str(xsd)})
    assert machine.send("V1.txt", TICKET.format(referencia="R1", precio="89"))["NUMERO"] == "1"


def test_what_the_schema_refuses_takes_no_number_and_names_the_line(machine, narrow):
    machine.configure(esquemas={"carpeta": str(narrow)})
    text = TICKET.format(referencia="R1", precio="89")
    told = machine.send("V1.txt", text)
    assert (told[""], told["ERROR.1.CODIGO"], told["ERROR.1.CAMPO"]) == ("ERROR", "E1410", "FORMA_PAGO")
    assert text.splitlines()[int(told["ERROR.1.LINEA"]) - 1] == "FORMA_PAGO=CONTADO"
    assert told["ERROR.1.VALOR"] == "CONTADO"
    assert machine.papers() == []
    other = machine.send("V2.txt", text.replace("R1", "R2").replace("CONTADO", "CREDITO"))
    assert other["NUMERO"] == "1"


def test_validar_tells_the_same(machine, narrow):
    machine.configure(esquemas={"carpeta": str(narrow)})
    told = machine.send("V1.txt", TICKET.format(referencia="R1", precio="89"), folder="validar")
    assert (told["ESTADO"], told["ERROR.1.CODIGO"]) == ("INVALIDO", "E1410")


def test_a_note_is_checked_with_what_it_refers_to(machine, xsd):
    machine.configure(esquemas={"carpeta": str(xsd)})
    machine.send("V1.txt", TICKET.format(referencia="R1", precio="89"))
    note = TICKET.format(referencia="N1", precio="89").replace("TIPO=101", "TIPO=102")
    told = machine.send("N1.txt", note.replace("[FIN]", "[REFERENCIA]\nVENTA=R1\n[FIN]"))
    assert told["ESTADO"] == "FIRMADO_LOCAL"
