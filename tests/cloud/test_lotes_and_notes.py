"""Lotes, annulments and completed receivers on the route of the cloud, online and without a line."""

import csv

import pytest
from walking import TICKET

from sincronizador.core.receipt import CloudState
from sincronizador.providers.fake import Fault

CUT = ("submit", "confirm", "hand_over", "void", "health", "leases", "take", "close", "changes", "epoch")


def ticket(referencia="V1", precio="89"):
    return TICKET.format(referencia=referencia, precio=precio)


def lote(*referencias, precio="89"):
    documents = "".join(ticket(name, precio).replace("[FIN]\n", "") for name in referencias)
    return f"[LOTE]\nREFERENCIA=L\n{documents}[FIN]\n"


def cut(shop):
    for verb in CUT:
        shop.cloud.fail(verb, *[Fault.UNAVAILABLE] * 200)


def heal(shop):
    shop.cloud._faults.clear()
    shop.probe()


def rows(machine, name="L.csv"):
    with (machine.folder / "spool" / "salida" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def documents_of(shop):
    return {receipt.key: receipt for receipt in shop.cloud.books.documents.values()}


def anular(venta, referencia="AN"):
    return f"[ANULAR]\nREFERENCIA={referencia}\nVENTA={venta}\nRAZON=Error\n[FIN]\n"


def test_every_document_of_a_lote_is_numbered_by_the_cloud(shop):
    machine = shop()
    answer = machine.send("L.txt", lote("A", "B", "C"))
    machine.pass_time(seconds=3)
    answer = machine.answer("L.txt")
    assert (answer["ESTADO"], answer["EMITIDOS"]) == ("RESUELTO", "3")
    assert {receipt.state for receipt in documents_of(machine).values()} == {CloudState.CONFIRMED}
    assert documents_of(machine).keys() == {"A", "B", "C"}


def test_without_a_line_a_lote_leaves_the_tills_half_of_the_reserve_and_waits_for_the_cloud(shop):
    machine = shop()
    cut(machine)
    machine.drop("L.txt", lote(*(f"R{n}" for n in range(30))))
    machine.work(rounds=2000)
    for _ in range(6):
        machine.pass_time(seconds=5)
    assert machine.answer("L.txt")["ESTADO"] == "PARCIAL"
    signed = int(machine.answer("L.txt")["EMITIDOS"])
    assert 0 < signed <= machine.house.rules.reserva // 2
    sale = machine.send("V.txt", ticket("V"))
    assert sale["ESTADO"] == "FIRMADO_CONTINGENCIA", "the till goes on"
    heal(machine)
    for _ in range(10):
        machine.pass_time(seconds=30)
        machine.probe()
    answer = machine.answer("L.txt")
    assert (answer["ESTADO"], answer["EMITIDOS"]) == ("RESUELTO", "30")
    assert len({row["NUMERO"] for row in rows(machine)}) == 30
    assert len(documents_of(machine)) == 31


def test_a_document_of_a_lote_is_not_signed_here_because_others_are_before_it(shop):
    """Nobody waits for it at a till: only without a line it is signed here."""
    machine = shop()
    machine.cloud.fail("submit", Fault.LOST)
    machine.send("L.txt", lote("A", "B"))
    for _ in range(5):
        machine.pass_time(seconds=6)
    assert {receipt.state for receipt in documents_of(machine).values()} == {CloudState.CONFIRMED}
    assert machine.answer("L.txt")["EMITIDOS"] == "2"


def test_a_lote_is_withdrawn_with_the_word_of_the_cloud(shop):
    machine = shop()
    machine.cloud.fail("submit", *[Fault.LOST] * 9)
    machine.house.line.allowed = False
    machine.send("L.txt", lote("A", "B"))
    answer = machine.send("R.txt", "[RETIRAR]\nREFERENCIA=L\n[FIN]\n")
    for _ in range(4):
        machine.pass_time(seconds=20)
    answer, sale = machine.answer("R.txt"), machine.answer("L.txt")
    assert answer["ESTADO"] in ("RETIRADO", "NO_RESUELTO")
    assert answer["ESTADO"] == sale["ESTADO"]
    issued = {row["REFERENCIA"] for row in rows(machine) if row["EMITIDO"] == "SI"}
    alive = {r.key for r in documents_of(machine).values() if r.state is not CloudState.VOIDED}
    assert issued == alive, "what the cloud has is what the table says"


def test_a_sale_is_annulled_by_a_note_of_the_cloud_once(shop):
    machine = shop()
    sale = machine.send("V.txt", ticket())
    note = machine.send("A.txt", anular("V1"))
    assert (note["ESTADO"], note["TIPO"], note["A_PAGAR"]) == ("ENVIADO", "102", sale["A_PAGAR"])
    again = machine.send("A2.txt", anular("V1"))
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (note["NUMERO"], "A0001")
    assert len(documents_of(machine)) == 2


def test_an_annulment_that_waits_for_the_cloud_withdraws_what_it_found_and_nothing_that_came_later(shop):
    machine = shop()
    machine.house.line.allowed = False
    machine.cloud.fail("submit", *[Fault.LOST] * 9)
    machine.cloud.fail("void", *[Fault.UNAVAILABLE] * 9)
    machine.send("V.txt", ticket())
    machine.send("A.txt", anular("V1"))
    machine.send("W.txt", ticket())
    machine.send("X.txt", ticket())
    assert {machine.answer(name)["ESTADO"] for name in ("V.txt", "A.txt", "W.txt", "X.txt")} == {"ESPERANDO"}
    machine.cloud._faults.clear()
    for _ in range(4):
        machine.pass_time(seconds=61)
        machine.probe()
    assert machine.answer("V.txt")["ESTADO"] == machine.answer("A.txt")["ESTADO"] == "RETIRADO"
    assert machine.answer("W.txt")["ESTADO"] == machine.answer("X.txt")["ESTADO"] == "ENVIADO"
    assert machine.answer("W.txt")["NUMERO"] == machine.answer("X.txt")["NUMERO"]


def test_an_annulment_whose_answer_was_lost_is_one_note(shop):
    machine = shop()
    machine.send("V.txt", ticket())
    machine.cloud.fail("submit", Fault.LOST, Fault.LOST)
    machine.send("A.txt", anular("V1"))
    for _ in range(4):
        machine.pass_time(seconds=30)
        machine.probe()
    assert machine.answer("A.txt")["ESTADO"] == "ENVIADO"
    alive = {r.key: r for r in documents_of(machine).values() if r.state is not CloudState.VOIDED}
    assert alive.keys() == {"V1", "AN"}
    assert str(alive["AN"].numero) == machine.answer("A.txt")["NUMERO"]


def test_a_sale_that_may_be_in_the_cloud_is_annulled_with_its_word(shop):
    machine = shop()
    machine.cloud.fail("submit", *[Fault.LOST] * 9)
    machine.cloud.fail("void", *[Fault.LOST] * 2)
    machine.house.line.allowed = False
    machine.send("V.txt", ticket())
    first = machine.send("A.txt", anular("V1"))
    assert first[""] == "PENDIENTE"
    for _ in range(6):
        machine.pass_time(seconds=40)
    answer = machine.answer("A.txt")
    assert (answer[""], answer["ESTADO"]) == ("OK", "RETIRADO")
    assert machine.answer("V.txt")["ESTADO"] == "RETIRADO"
    assert not [r for r in documents_of(machine).values() if r.state is not CloudState.VOIDED]


def test_the_note_of_a_sale_signed_here_goes_after_it(shop):
    machine = shop()
    cut(machine)
    machine.send("V.txt", ticket())
    machine.pass_time(seconds=6)
    note = machine.send("A.txt", anular("V1"))
    machine.pass_time(seconds=6)
    note = machine.answer("A.txt")
    assert note["ESTADO"] == "FIRMADO_CONTINGENCIA"
    heal(machine)
    for _ in range(6):
        machine.pass_time(seconds=30)
        machine.probe()
    assert machine.answer("A.txt")["ESTADO"] == "ENVIADO"
    assert documents_of(machine).keys() == {"V1", "AN"}


FACTURA = """[DOCUMENTO]
TIPO=111
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[RECEPTOR]
DOCUMENTO=215555550010
{receptor}
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[FIN]
"""


@pytest.mark.parametrize("lost", [False, True])
def test_a_completed_sale_on_its_way_to_the_cloud_stays_what_it_was(shop, lost):
    machine = shop()
    machine.send("F.txt", FACTURA.format(referencia="F", receptor="NOMBRE=Uno\nDIRECCION=Calle 1\nCIUDAD=Salto"))
    if lost:
        machine.cloud.fail("submit", *[Fault.LOST] * 3)
    machine.send("G.txt", FACTURA.format(referencia="G", receptor="COMPLETAR=SI"))
    machine.send("H.txt", FACTURA.format(referencia="H", receptor="NOMBRE=Uno\nDIRECCION=Calle 2\nCIUDAD=Salto"))
    again = machine.send("G2.txt", FACTURA.format(referencia="G", receptor="COMPLETAR=SI\nNOMBRE=Uno"))
    for _ in range(3):
        machine.pass_time(seconds=5)
    first, again = machine.answer("G.txt"), machine.answer("G2.txt")
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    assert len(documents_of(machine)) == 3
