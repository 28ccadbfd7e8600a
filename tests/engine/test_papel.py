"""Papers of contingency on the walk: their own number, this machine's signature, no paper of ours."""

import os

import pytest
from walking import TICKET

PAPER = """[DOCUMENTO]
TIPO=201
REFERENCIA={referencia}
SERIE=P
NUMERO={numero}
CONSTANCIA=90260000777
CONSTANCIA_DESDE=1
CONSTANCIA_HASTA=50
CONSTANCIA_VENCE=01/05/2027
FECHA=20/11/2026
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""


def paper(referencia="P-1", numero="7", precio="89", **more):
    extra = "".join(f"{name}={value}\n" for name, value in more.items())
    text = PAPER.format(referencia=referencia, numero=numero, precio=precio)
    return text.replace("FORMA_PAGO", extra + "FORMA_PAGO")


def signed(machine, answer):
    return (machine.folder / "spool" / "salida" / answer["XML"]).read_text()


def test_a_paper_is_signed_under_its_own_number_and_constancia(machine):
    answer = machine.send("P.TXT", paper())
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"]) == ("OK", "FIRMADO_LOCAL", "SI")
    assert (answer["TIPO"], answer["SERIE"], answer["NUMERO"], answer["FECHA"]) == ("201", "P", "7", "2026-11-20")
    assert (answer["CAE"], answer["CAE_DESDE"], answer["CAE_HASTA"]) == ("90260000777", "1", "50")
    assert "<Serie>P</Serie><Nro>7</Nro>" in signed(machine, answer)
    assert machine.send("A.TXT", paper().replace("TIPO=201", "TIPO=101"))["ESTADO"] == "RECHAZADO"


def test_it_takes_no_number_of_ours(machine):
    machine.send("P.TXT", paper())
    assert machine.send("V.TXT", TICKET.format(referencia="V", precio="89"))["NUMERO"] == "1"


@pytest.mark.parametrize("printer", ["", "CAJA1", "NINGUNA", "NO_EXISTE"])
def test_nothing_is_printed_of_it_whatever_it_asks_for(machine, printer):
    answer = machine.send("P.TXT", paper(IMPRESORA=printer, COPIAS="2"))
    assert (answer["ESTADO"], answer["IMPRESION"]) == ("FIRMADO_LOCAL", "NO_PEDIDA")
    assert machine.papers() == []
    assert "PNG" not in answer
    assert (machine.folder / "spool" / "salida" / answer["PDF"]).stat().st_size > 0, "a copy for the office, if wanted"


def test_it_is_not_reprinted(machine):
    machine.send("P.TXT", paper())
    answer = machine.send("R.TXT", "[REIMPRIMIR]\nREFERENCIA=P-1\n[FIN]\n")
    assert (answer["ESTADO"], answer["CODIGO"]) == ("NO_RESUELTO", "E4004")
    ordered = machine.order("reimprimir", que="P-1")
    assert not ordered.ok
    assert "E4004" in ordered.sentence
    assert machine.papers() == []


def test_the_last_one_to_reprint_is_the_last_that_was_printed(machine):
    machine.send("V.TXT", TICKET.format(referencia="V", precio="89"))
    machine.send("P.TXT", paper())
    assert machine.send("R.TXT", "[REIMPRIMIR]\nULTIMO=SI\n[FIN]\n")["NUMERO"] == "1"


def test_the_same_paper_dropped_again_is_answered_with_its_document(machine):
    first = machine.send("P.TXT", paper())
    again = machine.send("Q.TXT", paper(precio="89,00"))
    assert (again["NUMERO"], again["HASH"], again["AVISO.1.CODIGO"]) == ("7", first["HASH"], "A0001")


def test_the_number_of_a_paper_is_one_sales_alone(machine):
    machine.send("P.TXT", paper())
    answer = machine.send("Q.TXT", paper("P-2"))
    assert (answer["ESTADO"], answer["CODIGO"]) == ("RECHAZADO", "E2006")
    assert "P-1" in answer["MENSAJE"]
    assert machine.send("Q.TXT", paper("P-2", "8"))["ESTADO"] == "FIRMADO_LOCAL"
    checked = machine.send("C.TXT", paper("P-3"), folder="validar")
    assert (checked["ESTADO"], checked["CODIGO"]) == ("INVALIDO", "E2006")


def test_two_files_of_one_number_in_one_batch_are_one_document_and_one_refusal(machine):
    machine.drop("A.TXT", paper("P-1"))
    machine.drop("B.TXT", paper("P-2"))
    machine.work()
    machine.pass_time(seconds=1)
    assert sorted(answer["ESTADO"] for answer in machine.answers().values()) == ["FIRMADO_LOCAL", "RECHAZADO"]


def test_other_content_under_its_reference_changes_nothing_while_nobody_observed_it(machine):
    machine.send("P.TXT", paper())
    assert machine.send("Q.TXT", paper(precio="90"))["CODIGO"] == "E0104"
    assert machine.send("Q.TXT", paper(numero="8"))["EXISTENTE.CAMPO"] == "NUMERO"


def test_without_certificate_it_waits_as_any_sale_does(machine):
    own = machine.settings.certificado.archivo
    os.rename(own, f"{own}.aparte")
    machine.pen.reload()
    answer = machine.send("P.TXT", paper())
    assert (answer["ESTADO"], answer["MOTIVO"]) == ("ESPERANDO", "CERTIFICADO")
    os.rename(f"{own}.aparte", own)
    machine.pen.reload()
    machine.pass_time(minutes=2)
    assert machine.answer("P.TXT")["ESTADO"] == "FIRMADO_LOCAL"


def test_a_note_finds_the_paper_it_corrects(machine):
    machine.send("P.TXT", paper())
    text = TICKET.format(referencia="N-1", precio="89").replace("TIPO=101", "TIPO=NOTA_CREDITO")
    answer = machine.send("N.TXT", text.replace("[FIN]", "[REFERENCIA]\nVENTA=P-1\nRAZON=Devolución\n[FIN]"))
    assert answer["TIPO"] == "102"
    assert "<TpoDocRef>201</TpoDocRef><Serie>P</Serie><NroCFERef>7</NroCFERef>" in signed(machine, answer)
