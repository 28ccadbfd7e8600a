"""One sale, one document: the rules of the REFERENCIA, by the real engine over real folders."""

from datetime import timedelta

import pytest
from walking import TICKET


def ticket(referencia="R-1", precio="89", **more):
    extra = "".join(f"{name}={value}\n" for name, value in more.items())
    return TICKET.format(referencia=referencia, precio=precio).replace("FORMA_PAGO", extra + "FORMA_PAGO")


def note(venta, referencia="N-1", precio="89"):
    text = ticket(referencia, precio).replace("TIPO=101", "TIPO=NOTA_CREDITO")
    return text.replace("[FIN]", f"[REFERENCIA]\nVENTA={venta}\nRAZON=Devolución\n[FIN]")


@pytest.fixture
def numberless(machine):
    """Without a single number."""
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = hasta + 1")
    return machine


def give_numbers(machine, first=1, last=100_000):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ?, hasta = ?", (first, last))


def test_the_same_sale_under_another_name_is_answered_with_its_document(machine):
    first = machine.send("A.txt", ticket())
    again = machine.send("B.TXT", ticket().replace("\n", "\r\n").replace("PRECIO=89", "precio = 89,00"))
    assert (again["NUMERO"], again["A_PAGAR"]) == (first["NUMERO"], "89.00")
    assert again["AVISO.1.CODIGO"] == "A0001"
    assert again["CODIGO"] == "0"
    assert len(machine.papers()) == 1


def test_the_same_sale_a_day_later_without_a_date_is_still_the_same(machine):
    first = machine.send("A.txt", ticket())
    machine.clock.time += timedelta(days=1)
    assert machine.send("A2.txt", ticket("r-1"))["NUMERO"] == first["NUMERO"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (ticket(precio="90"), "PRECIO"),
        (ticket(FECHA="20/11/2026"), "FECHA"),
        (ticket().replace("TIPO=101", "TIPO=103"), "TIPO"),
        (ticket().replace("[FIN]", "[ITEM]\nDETALLE=Bolsa\nPRECIO=4\nIVA=BASICA\n[FIN]"), None),
    ],
)
def test_other_content_under_a_bound_reference_changes_nothing_and_names_the_field(machine, changed, field):
    machine.send("A.txt", ticket())
    answer = machine.send("B.txt", changed)
    assert (answer[""], answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "RECHAZADO", "E0104")
    assert answer["EXISTENTE.NUMERO"] == "1"
    assert answer["EXISTENTE.TOTAL"] == "89.00"
    if field:
        assert answer["EXISTENTE.CAMPO"] == field
    assert machine.send("C.txt", ticket("R-2"))["NUMERO"] == "2", "no number was wasted"


def test_what_is_not_fiscal_may_differ(machine):
    machine.send("A.txt", ticket())
    text = ticket(IMPRESORA="NINGUNA", COPIAS="3").replace("[FIN]", "[EXTRA]\nMESA=7\n[ADENDA]\nOtra\n[FIN]")
    assert machine.send("B.txt", text)["NUMERO"] == "1"
    assert len(machine.papers()) == 1


def test_a_refusal_frees_the_reference_for_a_corrected_file(machine):
    assert machine.send("A.txt", ticket(precio="mucho"))["ESTADO"] == "RECHAZADO"
    assert machine.send("A.txt", ticket())["ESTADO"] == "FIRMADO_LOCAL"


def test_while_the_first_waits_the_same_content_joins_it_and_both_are_answered(numberless):
    machine = numberless
    first = machine.send("A.txt", ticket())
    assert (first[""], first["ESTADO"], first["MOTIVO"]) == ("PENDIENTE", "ESPERANDO", "SIN_NUMEROS")
    assert first["CODIGO"] == "E2001"
    assert machine.send("B.txt", ticket())["ESTADO"] == "ESPERANDO"
    give_numbers(machine)
    machine.pass_time(minutes=2)
    assert machine.answer("A.txt")["NUMERO"] == machine.answer("B.txt")["NUMERO"] == "1"
    assert len(machine.papers()) == 1


def test_while_the_first_waits_other_content_replaces_it(numberless):
    machine = numberless
    machine.send("A.txt", ticket())
    machine.send("B.txt", ticket(precio="90"))
    gone = machine.answer("A.txt")
    assert (gone[""], gone["ESTADO"]) == ("ERROR", "RETIRADO")
    assert "B.txt" in gone["MENSAJE"]
    give_numbers(machine)
    machine.pass_time(minutes=2)
    assert machine.answer("B.txt")["A_PAGAR"] == "90.00"
    assert machine.answer("A.txt")["ESTADO"] == "RETIRADO", "a decision is never taken back"


def test_a_refused_second_file_leaves_the_waiting_one_alone(numberless):
    machine = numberless
    machine.send("A.txt", ticket())
    assert machine.send("B.txt", ticket(precio="mucho"))["ESTADO"] == "RECHAZADO"
    assert machine.answer("A.txt")["ESTADO"] == "ESPERANDO"


def test_a_file_of_the_same_name_waits_in_the_inbox_until_the_first_is_decided(numberless):
    machine = numberless
    machine.send("A.txt", ticket())
    machine.drop("a.TXT", ticket("R-2"))
    machine.work()
    assert (machine.folder / "spool" / "entrada" / "a.TXT").exists()
    give_numbers(machine)
    machine.pass_time(minutes=2)
    assert machine.answer("a.TXT")["NUMERO"] == "2"


def test_a_note_finds_the_sale_it_corrects(machine):
    machine.send("A.txt", ticket())
    answer = machine.send("N.txt", note("r-1"))
    assert (answer["TIPO"], answer["ESTADO"]) == ("102", "FIRMADO_LOCAL")
    signed = (machine.folder / "spool" / "salida" / answer["XML"]).read_text()
    assert "<TpoDocRef>101</TpoDocRef><Serie>A</Serie><NroCFERef>1</NroCFERef>" in signed


def test_a_note_in_the_same_batch_as_its_sale_finds_it(machine):
    machine.drop("A.txt", ticket())
    machine.drop("B.txt", note("R-1"))
    machine.work()
    assert {name: answer["ESTADO"] for name, answer in machine.answers().items()} == {
        "A": "FIRMADO_LOCAL", "B": "FIRMADO_LOCAL",
    }  # fmt: skip


def test_a_note_of_an_unknown_sale_is_refused(machine):
    answer = machine.send("N.txt", note("NADIE"))
    assert (answer["ESTADO"], answer["EMITIDO"]) == ("RECHAZADO", "NO")


def test_a_note_of_a_sale_that_still_waits_waits_with_it(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = hasta + 1 WHERE tipo = 101")
    machine.send("A.txt", ticket())
    assert machine.send("N.txt", note("R-1"))["ESTADO"] == "ESPERANDO"
    give_numbers(machine)
    machine.pass_time(minutes=2)
    machine.pass_time(minutes=2)
    assert machine.answer("N.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_without_reference_by_name_the_stem_is_the_reference(machine):
    bare = ticket().replace("REFERENCIA=R-1\n", "")
    assert machine.send("A.txt", bare)["CODIGO"] == "E0105"
    machine.configure(entrada={"sin_referencia": "nombre"})
    first = machine.send("V77.txt", bare)
    assert first["REFERENCIA"] == "V77"
    assert machine.send("v77.TXT", bare)["NUMERO"] == first["NUMERO"]


def test_without_reference_by_file_every_file_is_a_new_sale(machine):
    bare = ticket().replace("REFERENCIA=R-1\n", "")
    machine.configure(entrada={"sin_referencia": "cada_archivo"})
    assert [machine.send(f"{name}.txt", bare)["NUMERO"] for name in "ABA"] == ["1", "2", "3"]


def test_a_query_is_answered_with_the_document(machine):
    machine.send("A.txt", ticket())
    for text in ("REFERENCIA=r-1", "TIPO=101\nSERIE=a\nNUMERO=1"):
        answer = machine.send("Q.txt", f"[CONSULTA]\n{text}\n[FIN]\n")
        assert (answer[""], answer["ESTADO"], answer["NUMERO"]) == ("OK", "FIRMADO_LOCAL", "1")
    unknown = machine.send("Q.txt", "[CONSULTA]\nREFERENCIA=NADIE\n[FIN]\n")
    assert (unknown[""], unknown["ESTADO"], unknown["CODIGO"]) == ("ERROR", "NO_RESUELTO", "E0108")


def test_a_withdrawal_takes_back_what_waits_and_answers_what_is_signed(numberless):
    machine = numberless
    machine.send("A.txt", ticket())
    taken = machine.send("W.txt", "[RETIRAR]\nREFERENCIA=R-1\n[FIN]\n")
    assert (taken[""], taken["ESTADO"], taken["EMITIDO"]) == ("OK", "RETIRADO", "NO")
    assert machine.answer("A.txt")["ESTADO"] == "RETIRADO"
    give_numbers(machine)
    machine.pass_time(minutes=2)
    assert machine.papers() == []
    again = machine.send("B.txt", ticket())
    assert again["ESTADO"] == "FIRMADO_LOCAL", "the reference is free again"
    late = machine.send("W2.txt", "[RETIRAR]\nREFERENCIA=R-1\n[FIN]\n")
    assert (late[""], late["ESTADO"], late["NUMERO"]) == ("OK", "FIRMADO_LOCAL", again["NUMERO"])
    assert machine.send("W3.txt", "[RETIRAR]\nREFERENCIA=NADIE\n[FIN]\n")["CODIGO"] == "E0108"


def test_a_withdrawal_of_the_same_name_does_not_wait_for_the_file_it_withdraws(numberless):
    machine = numberless
    machine.send("A.txt", ticket())
    answer = machine.send("A.txt", "[RETIRAR]\nREFERENCIA=R-1\n[FIN]\n")
    assert (answer[""], answer["ESTADO"]) == ("OK", "RETIRADO")


def test_a_reprint_says_copia_and_a_new_original_needs_a_doubt_and_a_motive(machine):
    machine.send("A.txt", ticket())
    copy = machine.send("P.txt", "[REIMPRIMIR]\nREFERENCIA=R-1\n[FIN]\n")
    assert (copy["ESTADO"], copy["IMPRESION"]) == ("RESUELTO", "IMPRESO")
    assert machine.papers() == [("101-A-1", False), ("101-A-1", True)]
    refused = machine.send("P.txt", "[REIMPRIMIR]\nULTIMO=SI\nORIGINAL=SI\nMOTIVO=x\n[FIN]\n")
    assert (refused["ESTADO"], refused["CODIGO"]) == ("NO_RESUELTO", "E4002")
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE job SET impresion = 'DUDOSO' WHERE bound = 1")
    assert machine.send("P.txt", "[REIMPRIMIR]\nREFERENCIA=R-1\nORIGINAL=SI\n[FIN]\n")["CODIGO"] == "E4003"
    again = machine.send("P.txt", "[REIMPRIMIR]\nREFERENCIA=R-1\nORIGINAL=SI\nMOTIVO=se trancó\n[FIN]\n")
    assert again["IMPRESION"] == "IMPRESO"
    assert machine.papers()[-1] == ("101-A-1", False)
    assert machine.answer("A.txt")["IMPRESION"] == "IMPRESO"


def test_the_last_one_is_the_tills(machine):
    machine.send("A.txt", ticket(), folder="entrada/CAJA1")
    machine.send("B.txt", ticket("R-2"), folder="entrada/CAJA2")
    answer = machine.send("P.txt", "[REIMPRIMIR]\nULTIMO=SI\n[FIN]\n", folder="entrada/CAJA1")
    assert answer["NUMERO"] == "1"
    assert machine.send("P.txt", "[REIMPRIMIR]\nULTIMO=SI\n[FIN]\n")["CODIGO"] == "E0108"


def test_validar_tells_everything_and_issues_nothing(machine):
    good = machine.send("A.txt", ticket(), folder="validar")
    assert (good[""], good["ESTADO"], good["EMITIDO"]) == ("OK", "VALIDO", "NO")
    bad = machine.send("B.txt", ticket(precio="mucho", COLOR="rojo"), folder="validar")
    assert (bad[""], bad["ESTADO"]) == ("ERROR", "INVALIDO")
    assert {value for name, value in bad.items() if name.endswith("CODIGO") and name[0] == "E"} == {"E0201", "E0205"}
    assert machine.send("A.txt", ticket())["NUMERO"] == "1"
    assert machine.send("A.txt", ticket(precio="90"), folder="validar")["CODIGO"] == "E0104"
    assert not (machine.folder / "spool" / "salida" / "B.rsp").exists()


@pytest.mark.parametrize("by", ["retirar", "descartar", "archivo"])
def test_what_ends_a_waiting_sale_ends_it_with_every_file_that_joined(numberless, by):
    machine = numberless
    machine.send("A.txt", ticket())
    machine.send("B.txt", ticket())
    if by == "retirar":
        assert machine.send("W.txt", "[RETIRAR]\nREFERENCIA=R-1\n[FIN]\n")["ESTADO"] == "RETIRADO"
    else:
        assert machine.order("descartar", que="R-1" if by == "descartar" else "B.txt", motivo="x").ok
    give_numbers(machine)
    machine.pass_time(minutes=2)
    assert {machine.answer(name)["EMITIDO"] for name in ("A.txt", "B.txt")} == {"NO"}
    assert machine.papers() == []
