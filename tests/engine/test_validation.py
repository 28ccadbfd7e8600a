"""The folder ``validar/``: what its answers say, and that nothing else is touched."""

import io

from PIL import Image
from walking import TICKET

from sincronizador.engine.validation import validate

SALE = TICKET.format(referencia="R-1", precio="110")
TOTALED = SALE.replace("[FIN]", "[TOTALES]\nA_PAGAR={}\n[FIN]")


def test_a_valid_file_is_told_its_totals_its_way_and_how_it_was_understood(machine):
    answer = machine.send("A.txt", TOTALED.format("110"), folder="validar")
    assert (answer[""], answer["ESTADO"]) == ("OK", "VALIDO")
    assert (answer["TOTALES.NETO_MINIMA"], answer["TOTALES.A_PAGAR"]) == ("100.00", "110.00")
    assert "TOTALES.A_PAGAR_DADO" not in answer
    assert (answer["DESTINO.TIPO"], answer["DESTINO.NOMBRE"]) == ("101", "e-Ticket")
    assert (answer["DESTINO.RUTA"], answer["DESTINO.NUMEROS"]) == ("LOCAL", "100000")
    assert (answer["DESTINO.IMPRESORA"], answer["DESTINO.FORMA"]) == ("CAJA1", "TICKET")
    lines = [value for name, value in answer.items() if name.startswith("INTERPRETADO.L.")]
    assert lines[0] == "[DOCUMENTO]"
    assert lines[-1] == "[FIN]"
    assert "IVA=MINIMA" in lines


def test_what_was_understood_is_a_file_that_makes_the_same_document(machine):
    answer = machine.send("A.txt", SALE, folder="validar")
    lines = [value for name, value in answer.items() if name.startswith("INTERPRETADO.L.")]
    first = machine.send("B.txt", SALE)
    again = machine.send("C.txt", "\n".join(lines) + "\n")
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")


def test_a_total_that_does_not_add_up_stands_beside_ours(machine):
    answer = machine.send("A.txt", TOTALED.format("115"), folder="validar")
    assert (answer["ESTADO"], answer["CODIGO"], answer["ERROR.1.LINEA"]) == ("INVALIDO", "E1210", "10")
    assert answer["TOTALES.A_PAGAR"] == "110.00"
    assert (answer["TOTALES.A_PAGAR_DADO"], answer["TOTALES.A_PAGAR_DIFERENCIA"]) == ("115.00", "5.00")
    assert "DESTINO.TIPO" not in answer


def test_its_picture_has_a_name_of_its_own_and_the_sales_stays(machine):
    machine.send("A.TXT", SALE)
    salida = machine.folder / "spool" / "salida"
    before = {path.name: path.read_bytes() for path in salida.iterdir() if not path.name.startswith("LATIDO")}
    answer = machine.send("A.TXT", SALE, folder="validar")
    assert (answer["PNG"], answer["PDF"]) == ("A.VAL.PNG", "A.VAL.PDF")
    assert Image.open(io.BytesIO((salida / "A.VAL.PNG").read_bytes())).height > 1000
    assert (salida / "A.VAL.PDF").read_bytes().startswith(b"%PDF")
    assert {name: (salida / name).read_bytes() for name in before} == before
    assert len(machine.printer.pages) == 1


def test_an_installation_that_wants_no_pictures_gets_none_here_either(machine):
    machine.configure(salida={"formatos": ()})
    assert "PNG" not in machine.send("A.txt", SALE, folder="validar")


def test_who_asks_for_a_sale_does_not_mean_the_file_that_was_only_checked(machine):
    machine.send("A.txt", SALE, folder="validar")
    asked = machine.send("Q.txt", "[CONSULTA]\nREFERENCIA=R-1\n[FIN]\n")
    assert (asked["ESTADO"], asked["CODIGO"]) == ("NO_RESUELTO", "E0108")
    assert machine.send("B.txt", SALE)["NUMERO"] == "1"
    machine.send("A.txt", SALE, folder="validar")
    assert machine.send("Q.txt", "[CONSULTA]\nREFERENCIA=R-1\n[FIN]\n")["NUMERO"] == "1"


def _look(machine, name, text):
    with machine.house.journal.reading() as db:
        before = [*db.iterdump()]
        found = validate(machine.house, db, name, text.encode(), machine.clock.now())
        assert before == [*db.iterdump()]
    return found


def test_looking_changes_nothing(machine):
    found = _look(machine, "A.txt", SALE)
    assert found.is_valid
    assert found.documents[0].way.numbers == 100_000


def test_a_file_without_end_is_told_at_its_last_line(machine):
    found = _look(machine, "A.txt", SALE.removesuffix("[FIN]\n"))
    (finding,) = found.findings
    assert (finding.code, finding.line) == ("E0103", 8)
    assert len(found.documents) == 1


def test_every_document_of_a_lote_is_looked_at(machine):
    lote = "[LOTE]\nREFERENCIA=L-1\nCANTIDAD=3\n" + "".join(
        TICKET.format(referencia=f"R-{number}", precio=precio).removesuffix("[FIN]\n")
        for number, precio in enumerate(("110", "mucho", "55"))
    )
    found = _look(machine, "L.txt", lote + "[FIN]\n")
    assert [(finding.code, finding.line) for finding in found.findings] == [("E0205", 18)]
    assert [(one.line, one.referencia, one.specimen is not None) for one in found.documents] == [
        (4, "R-0", True),
        (12, "R-1", False),
        (20, "R-2", True),
    ]


def test_a_query_is_looked_at_too(machine):
    assert _look(machine, "Q.txt", "[CONSULTA]\nREFERENCIA=R-1\n[FIN]\n").is_valid
    found = _look(machine, "Q.txt", "[CONSULTA]\nREFRENCIA=R-1\n[FIN]\n")
    assert [(finding.code, finding.line) for finding in found.findings] == [("E0201", 2)]
