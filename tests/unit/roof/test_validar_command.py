"""``validar``: what a programmer types all day."""

import json
import shutil

import pytest
from click.testing import CliRunner, Result
from walking import TICKET

from sincronizador import cli

SALE = TICKET.format(referencia="R-1", precio="110")
WRONG = SALE.replace("IVA=MINIMA", "IVA=MINIMO")


@pytest.fixture
def here(prepared, tmp_path, monkeypatch):
    """A copy of an installation that was never started, and files beside it."""
    shutil.copytree(prepared, tmp_path / "i")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bien.txt").write_text(SALE, "utf-8")
    (tmp_path / "mal.txt").write_text(WRONG, "utf-8")
    return tmp_path


def validar(*args: str, content: bytes | None = None) -> Result:
    return CliRunner().invoke(cli.main, ["--config", "i/sincronizador.toml", "validar", *args], input=content)


def test_a_good_file_is_shown_as_it_was_understood_and_as_it_would_come_out(here):
    done = validar("bien.txt")
    assert done.exit_code == 0
    assert "bien.txt: está bien" in done.output
    assert "NETO_MINIMA" in done.output
    assert "      IVA=MINIMA" in done.output
    assert "NO ES UN COMPROBANTE" in done.output
    assert "quedan 100000; se imprime en CAJA1." in done.output


def test_a_mistake_is_shown_with_its_line_and_what_was_meant(here):
    done = validar("mal.txt", "--breve")
    assert done.exit_code == 1
    assert done.output.splitlines()[:4] == [
        "mal.txt: 1 error",
        "  E0208 línea 8: IVA no admite «MINIMO»: no es ninguno de sus valores.",
        "           8 | IVA=MINIMO",
        "        ¿Quiso escribir IVA=MINIMA?",
    ]


def test_of_many_files_one_that_cannot_be_read_holds_up_no_other(here):
    done = validar("nada.txt", "mal.txt", "bien.txt")
    assert done.exit_code == 1
    assert "no existe" in done.output
    assert "mal.txt: 1 error" in done.output
    assert "bien.txt: está bien" in done.output
    assert "NO ES UN COMPROBANTE" not in done.output


def test_a_folder_is_what_would_be_taken_from_it(here):
    (here / "caja").mkdir()
    shutil.move(here / "bien.txt", here / "caja" / "A.TXT")
    (here / "caja" / "B.TMP").write_text("a medio escribir")
    assert validar("caja").output.splitlines()[0] == "caja/A.TXT: está bien"
    (here / "vacia").mkdir()
    assert "sin archivos que se tomarían" in validar("vacia").output


def test_the_standard_input_is_read_under_any_name(here):
    assert validar("-", content=SALE.encode("cp850")).exit_code == 0
    assert validar("-", "--como", "V1.XML", content=b"<CFE").exit_code == 1


def test_the_same_as_data(here):
    done = validar("mal.txt", "bien.txt", "--json")
    facts = json.loads(done.output)
    assert done.exit_code == 1
    assert facts["contrato"] == 1
    bad, good = facts["archivos"]
    (finding,) = bad["hallazgos"]
    assert (finding["codigo"], finding["linea"], finding["campo"], finding["error"]) == ("E0208", 8, "IVA", True)
    (document,) = good["documentos"]
    assert (good["valido"], good["pide"], document["valido"], document["tipo"]) == (True, "DOCUMENTO", True, 101)
    assert {"nombre": "A_PAGAR", "dado": None, "calculado": "110.00", "diferencia": None} in document["totales"]
    assert document["destino"] == {"ruta": "local", "numeros": 100_000, "impresora": "CAJA1", "forma": "ticket"}
    assert document["interpretado"].endswith("[FIN]\n")
    assert "e-Ticket" in document["ticket"]
    assert bad["documentos"][0]["ticket"] == ""


def test_pictures_are_written_where_they_are_wanted(here):
    assert validar("bien.txt", "--png", "a.png", "--pdf", "hojas/", "--breve").exit_code == 0
    assert (here / "a.png").read_bytes().startswith(b"\x89PNG")
    (here / "hojas2").mkdir()
    validar("bien.txt", "mal.txt", "--pdf", "hojas2")
    assert [path.name for path in (here / "hojas2").iterdir()] == ["bien.pdf"]


def test_an_installation_without_journal_checks_all_the_same(here):
    (here / "i" / "diario.db").unlink()
    done = validar("bien.txt")
    assert done.exit_code == 0
    assert "no quedan números" in done.output
    assert "No existe el diario" in done.output
    assert not (here / "i" / "diario.db").exists()


def test_pictures_of_files_that_share_a_name_do_not_replace_one_another(here):
    for folder, name in (("uno", "v.txt"), ("dos", "v.txt"), ("tres", "v.TXT")):
        (here / folder).mkdir()
        (here / folder / name).write_text(SALE.replace("R-1", folder), "utf-8")
    assert validar("uno/v.txt", "dos/v.txt", "tres/v.TXT", "--png", "fotos").exit_code == 0
    assert sorted(path.name for path in (here / "fotos").iterdir()) == ["v.png", "v~2.png", "v~3.png"]
    assert validar("dos/v.txt", "--png", "fotos/").exit_code == 0
    assert len(list((here / "fotos").iterdir())) == 3
