"""ANULAR through the real engine: withdrawn while there is no number, undone by a note once there is."""

import pytest
from walking import TICKET

SALE = """[DOCUMENTO]
TIPO=111
REFERENCIA={referencia}
FORMA_PAGO=CREDITO
VENCIMIENTO=21/12/2026
[RECEPTOR]
DOCUMENTO=215555550010
NOMBRE=Cliente
DIRECCION=Calle 1
CIUDAD=Salto
[ITEM]
DETALLE=Harina
CANTIDAD=3
PRECIO=33,33
IVA=BASICA
[ITEM]
DETALLE=Pan
PRECIO=10,01
IVA=MINIMA
[DESCUENTO]
DETALLE=Amigo
PORC=7
[PAGO]
MEDIO=CHEQUE
[ADENDA]
Gracias.
[FIN]
"""


def anular(referencia="AN-1", **fields):
    lines = "".join(f"{name}={value}\n" for name, value in fields.items())
    return f"[ANULAR]\nREFERENCIA={referencia}\n{lines}RAZON=Se equivocó\n[FIN]\n"


def slugs(machine):
    with machine.house.journal.reading() as db:
        return [f"{t}-{s}-{n}" for t, s, n in db.execute("SELECT tipo, serie, numero FROM document ORDER BY job")]


@pytest.fixture
def numberless(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = hasta + 1")
    return machine


@pytest.mark.parametrize("named", [{"VENTA": "V-1"}, {"TIPO": "111", "SERIE": "A", "NUMERO": "1"}])
def test_a_signed_sale_gets_its_whole_note_to_the_cent(machine, named):
    sale = machine.send("V.txt", SALE.format(referencia="V-1"))
    note = machine.send("A.txt", anular(**named))
    assert (note[""], note["TIPO"], note["REFERENCIA"]) == ("OK", "112", "AN-1")
    amounts = ("NETO_BASICA", "IVA_BASICA", "NETO_MINIMA", "IVA_MINIMA", "NO_FACTURABLE", "TOTAL", "A_PAGAR")
    assert [note[name] for name in amounts] == [sale[name] for name in amounts]
    signed = (machine.folder / "spool" / "salida" / note["XML"]).read_text()
    assert "<TpoDocRef>111</TpoDocRef><Serie>A</Serie><NroCFERef>1</NroCFERef>" in signed
    assert "<RazonRef>Se equivocó</RazonRef>" in signed
    assert "<RznSocRecep>Cliente</RznSocRecep>" in signed
    asked = machine.send("C.txt", "[CONSULTA]\nREFERENCIA=AN-1\n[FIN]\n")
    assert asked["NUMERO"] == note["NUMERO"]


def test_asked_again_in_any_words_it_is_the_same_note(machine):
    machine.send("V.txt", SALE.format(referencia="V-1"))
    first = machine.send("A.txt", anular(VENTA="V-1"))
    again = machine.send("A2.txt", anular(TIPO="111", SERIE="a", NUMERO="1").replace("\n", "\r\n"))
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    machine.clock.time = machine.clock.time.replace(day=24)
    again = machine.send("A3.txt", anular(VENTA="V-1"))
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    assert slugs(machine) == ["111-A-1", "112-A-1"]
    assert len(machine.papers()) <= 2


def test_the_same_reference_for_another_sale_is_other_content(machine):
    machine.send("V.txt", SALE.format(referencia="V-1"))
    machine.send("W.txt", SALE.format(referencia="V-2"))
    machine.send("A.txt", anular(VENTA="V-1"))
    other = machine.send("B.txt", anular(VENTA="V-2"))
    assert (other["CODIGO"], other["EXISTENTE.TIPO"], other["EXISTENTE.NUMERO"]) == ("E0104", "112", "1")


def test_a_sale_is_annulled_once(machine):
    machine.send("V.txt", SALE.format(referencia="V-1"))
    machine.send("A.txt", anular(VENTA="V-1"))
    other = machine.send("B.txt", anular("AN-2", VENTA="V-1"))
    assert (other["ESTADO"], other["CODIGO"], other["ERROR.1.LINEA"]) == ("RECHAZADO", "E2008", "1")
    assert "112-A-1" in other["MENSAJE"]
    assert slugs(machine) == ["111-A-1", "112-A-1"]


def test_a_sale_with_a_note_for_a_part_is_not_annulled_whole(machine):
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    part = TICKET.format(referencia="N-1", precio="40").replace("TIPO=101", "TIPO=102")
    machine.send("N.txt", part.replace("[FIN]", "[REFERENCIA]\nVENTA=V-1\nRAZON=Devolución\n[FIN]"))
    assert machine.send("A.txt", anular(VENTA="V-1"))["CODIGO"] == "E2008"


def test_the_note_of_a_note_takes_it_back(machine):
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    note = machine.send("A.txt", anular(VENTA="V-1"))
    back = machine.send("B.txt", anular("AN-2", VENTA="AN-1"))
    assert (note["TIPO"], back["TIPO"], back["A_PAGAR"]) == ("102", "103", "100.00")


def test_an_unsigned_sale_is_withdrawn_and_stays_so(numberless):
    machine = numberless
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    answer = machine.send("A.txt", anular(VENTA="V-1"))
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"]) == ("OK", "RETIRADO", "NO")
    assert machine.answer("V.txt")["ESTADO"] == "RETIRADO"
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = 1")
    machine.pass_time(minutes=5)
    assert slugs(machine) == []


def test_asked_again_after_the_sale_was_made_anew_the_withdrawal_is_answered_as_before(numberless):
    machine = numberless
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    machine.send("A.txt", anular(VENTA="V-1"))
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = 1")
    machine.send("V2.txt", TICKET.format(referencia="V-1", precio="90"))
    again = machine.send("A2.txt", anular(VENTA="V-1"))
    assert (again[""], again["ESTADO"], again["AVISO.1.CODIGO"]) == ("OK", "RETIRADO", "A0001")
    assert slugs(machine) == ["101-A-1"]


@pytest.mark.parametrize(
    ("text", "code", "estado"),
    [
        (anular(VENTA="NADIE"), "E0108", "NO_RESUELTO"),
        (anular(""), "E0105", "RECHAZADO"),
        (anular(), "E0209", "RECHAZADO"),
        (anular(TIPO="uno", SERIE="A", NUMERO="1"), "E0208", "RECHAZADO"),
        (anular(VENTA="V-1", MOTIVO="x"), "E0201", "RECHAZADO"),
    ],
)
def test_what_cannot_be_understood_undoes_nothing(machine, text, code, estado):
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    answer = machine.send("A.txt", text)
    assert (answer[""], answer["CODIGO"], answer["ESTADO"]) == ("ERROR", code, estado)
    assert slugs(machine) == ["101-A-1"]


def test_only_checked_it_undoes_nothing(machine):
    machine.send("V.txt", TICKET.format(referencia="V-1", precio="100"))
    assert machine.send("A.txt", anular(VENTA="V-1"), folder="validar")["ESTADO"] == "VALIDO"
    assert slugs(machine) == ["101-A-1"]


def test_a_document_of_a_lote_is_annulled_like_any_sale(machine):
    one = TICKET.format(referencia="V-1", precio="100").replace("[FIN]\n", "")
    machine.send("L.txt", f"[LOTE]\nREFERENCIA=L\n{one}{one.replace('V-1', 'V-2')}[FIN]\n")
    assert machine.send("A.txt", anular(VENTA="V-2"))["TIPO"] == "102"
