"""Lotes through the real engine: one file, many documents, one answer and one table."""

import csv
from datetime import timedelta

import pytest
from walking import TICKET

from sincronizador.core.job import Impresion, Kind
from sincronizador.engine import opening, restoring
from sincronizador.journal import jobs, lots

DOCUMENT = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[TOTALES]
A_PAGAR={precio}
"""


def lote(*documents, head="REFERENCIA=L-1\n"):
    """A lote of (REFERENCIA, price) pairs, or of texts."""
    cut = [d if isinstance(d, str) else DOCUMENT.format(referencia=d[0], precio=d[1]) for d in documents]
    return f"[LOTE]\n{head}{''.join(cut)}[FIN]\n"


def table(machine, name):
    """The rows of a CSV in ``salida/``."""
    with (machine.folder / "spool" / "salida" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def numbers(machine):
    with machine.house.journal.reading() as db:
        return [row[0] for row in db.execute("SELECT numero FROM document ORDER BY numero")]


def test_every_document_is_issued_and_told_in_one_answer_and_one_table(machine):
    answer = machine.send(
        "L1.txt", lote(("A", "10"), ("B", "20"), ("C", "30"), head="REFERENCIA=L-1\nCANTIDAD=3\nTOTAL=60\n")
    )
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"], answer["FINAL"]) == ("OK", "RESUELTO", "SI", "SI")
    counts = ("RECIBIDOS", "EMITIDOS", "RECHAZADOS", "PENDIENTES")
    assert [answer[name] for name in counts] == ["3", "3", "0", "0"]
    rows = table(machine, answer["CSV"])
    assert [(row["N"], row["LINEA"], row["REFERENCIA"], row["NUMERO"], row["A_PAGAR"]) for row in rows] == [
        ("1", "5", "A", "1", "10.00"), ("2", "15", "B", "2", "20.00"), ("3", "25", "C", "3", "30.00"),
    ]  # fmt: skip
    assert {row["ESTADO"] for row in rows} == {"FIRMADO_LOCAL"}
    assert machine.answers().keys() == {"L1"}, "its documents have no answers of their own"
    assert (machine.folder / "spool" / "salida" / "L1-0002.xml").exists()
    assert [slug for slug, _ in machine.papers()] == ["101-A-1", "101-A-2", "101-A-3"]
    assert not list((machine.folder / "spool" / "procesando").iterdir())
    kept = sorted(path.suffix for path in (machine.folder / "spool" / "procesados").rglob("*") if path.is_file())
    assert kept == [".csv", ".rsp", ".txt"]


def test_a_bad_document_is_refused_alone_with_the_lines_of_the_file(machine):
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "mucho"), ("C", "30")))
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"]) == ("ERROR", "NO_RESUELTO", "SI")
    assert (answer["CODIGO"], answer["EMITIDOS"], answer["RECHAZADOS"]) == ("E0118", "2", "1")
    bad = table(machine, "L1.csv")[1]
    assert (bad["ESTADO"], bad["CODIGO"], bad["LINEA_ERROR"], bad["CAMPO"]) == ("RECHAZADO", "E0205", "19", "PRECIO")
    assert bad["NUMERO"] == ""


def test_the_corrected_lote_issues_only_what_was_missing(machine):
    machine.send("L1.txt", lote(("A", "10"), ("B", "mucho"), ("C", "30")))
    answer = machine.send("L2.txt", lote(("A", "10"), ("B", "20"), ("C", "30")))
    assert (answer[""], answer["EMITIDOS"]) == ("OK", "3")
    assert [row["NUMERO"] for row in table(machine, "L2.csv")] == ["1", "3", "2"]
    assert numbers(machine) == [1, 2, 3]


def test_all_or_nothing_issues_nothing_when_one_is_wrong_and_tells_everything(machine):
    head = "REFERENCIA=L-1\nTODO_O_NADA=SI\n"
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "mucho"), ("A", "30"), head=head))
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"]) == ("ERROR", "RECHAZADO", "NO")
    assert [answer[f"ERROR.{n}.CODIGO"] for n in (1, 2)] == ["E0205", "E0205"]
    assert (answer["ERROR.3.CODIGO"], answer["ERROR.3.LINEA"]) == ("E0117", "24")
    assert numbers(machine) == []
    good = machine.send("L2.txt", lote(("A", "10"), ("B", "20"), head=head))
    assert (good[""], good["EMITIDOS"]) == ("OK", "2")


PAPER = """[DOCUMENTO]
TIPO=201
REFERENCIA={referencia}
FECHA=20/11/2026
SERIE=XA
NUMERO=7
CONSTANCIA=12345678901
CONSTANCIA_DESDE=1
CONSTANCIA_HASTA=100
CONSTANCIA_VENCE=31/12/2027
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO=10
IVA=MINIMA
"""


def test_all_or_nothing_sees_one_paper_twice(machine):
    twice = (PAPER.format(referencia="P1"), PAPER.format(referencia="P2"))
    answer = machine.send("L1.txt", lote(*twice, head="REFERENCIA=L-1\nTODO_O_NADA=SI\n"))
    assert (answer["ESTADO"], answer["ERROR.1.CODIGO"], answer["ERROR.1.LINEA"]) == ("RECHAZADO", "E2006", "24")
    assert numbers(machine) == []


NOTE = """[DOCUMENTO]
TIPO=102
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[REFERENCIA]
VENTA={venta}
RAZON=Devolución
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
"""


@pytest.mark.parametrize("head", ["REFERENCIA=L-1\n", "REFERENCIA=L-1\nTODO_O_NADA=SI\n"])
def test_a_note_may_refer_to_a_sale_before_it_in_the_same_lote(machine, head):
    note = NOTE.format(referencia="N", venta="A", precio="10")
    answer = machine.send("L1.txt", lote(("A", "10"), note, head=head))
    assert (answer[""], answer["EMITIDOS"]) == ("OK", "2")
    backwards = NOTE.format(referencia="N2", venta="Z", precio="10")
    answer = machine.send("L2.txt", lote(backwards, ("Z", "10"), head=head.replace("L-1", "L-2")))
    assert answer[""] == "ERROR", "a note before its sale refers to what nobody knows"


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("REFERENCIA=L-1\nCANTIDAD=3\n", "E0114"),
        ("REFERENCIA=L-1\nTOTAL=31\n", "E0115"),
        ("REFERENCIA=L-1\nTODO_O_NADA=QUIZAS\n", "E0208"),
        ("CANTIDAD=2\n", "E0105"),
        ("REFERENCIA=L-1\n[ADENDA]\nhola\n", "E0116"),
        ("REFERENCIA=L-1\nCANTIDA=2\n", "E0201"),
    ],
)
def test_a_lote_that_is_not_what_it_says_is_refused_whole(machine, head, code):
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "20"), head=head))
    assert (answer["ESTADO"], answer["CODIGO"]) == ("RECHAZADO", code)
    assert numbers(machine) == []


def test_an_empty_document_does_not_give_its_lines_to_the_one_before(machine):
    hollow = DOCUMENT.format(referencia="", precio="20").replace("TIPO=101", "TIPO=").replace("=CONTADO", "=")
    answer = machine.send("L1.txt", lote(("A", "10"), hollow))
    assert (answer["EMITIDOS"], answer["RECHAZADOS"]) == ("1", "1")
    assert table(machine, "L1.csv")[0]["A_PAGAR"] == "10.00"


def test_the_same_lote_again_has_the_same_answer_and_other_content_is_told(machine):
    first = machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    again = machine.send("L2.txt", "; otra vez\n" + lote(("A", "10"), ("B", "20")))
    assert (again[""], again["ESTADO"], again["AVISO.1.CODIGO"]) == ("OK", "RESUELTO", "A0001")
    assert [row["NUMERO"] for row in table(machine, "L2.csv")] == [
        row["NUMERO"] for row in table(machine, first["CSV"])
    ]
    other = machine.send("L3.txt", lote(("A", "10"), ("B", "21")))
    assert (other["CODIGO"], other["EXISTENTE.ARCHIVO"]) == ("E0104", "L1.txt")
    assert numbers(machine) == [1, 2]
    assert len(machine.papers()) == 2


def test_a_document_that_was_issued_alone_is_answered_and_not_issued_twice(machine):
    machine.send("A.txt", TICKET.format(referencia="A", precio="10"))
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    assert (answer[""], answer["EMITIDOS"]) == ("OK", "2")
    rows = table(machine, "L1.csv")
    assert [(row["NUMERO"], row["CODIGO"]) for row in rows] == [("1", "A0001"), ("2", "0")]
    alone = machine.send("B.txt", TICKET.format(referencia="B", precio="20"))
    assert (alone["NUMERO"], alone["AVISO.1.CODIGO"]) == ("2", "A0001")


def test_a_lote_on_its_way_says_how_far_it_has_come(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET ultimo = siguiente WHERE tipo = 101")
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    machine.pass_time(seconds=3)
    answer = machine.answer("L1.txt")
    assert (answer[""], answer["ESTADO"], answer["FINAL"]) == ("PENDIENTE", "PARCIAL", "NO")
    assert [answer[name] for name in ("EMITIDOS", "RECHAZADOS", "PENDIENTES")] == ["1", "0", "1"]
    rows = table(machine, "L1.csv")
    assert [row["ESTADO"] for row in rows] == ["FIRMADO_LOCAL", "ESPERANDO"]
    assert rows[1]["CODIGO"] == "E2001"


def test_a_lote_that_waits_for_numbers_holds_up_no_other_lote(machine):
    machine.send("S.txt", TICKET.format(referencia="S", precio="1000"))
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1 WHERE tipo = 102")
    notes = [NOTE.format(referencia=f"N{n}", venta="S", precio="10") for n in range(100)]
    held = machine.send("L1.txt", lote(*notes))
    assert (held["ESTADO"], held["EMITIDOS"]) == ("PARCIAL", "0")
    answer = machine.send("L2.txt", lote(*((f"V{n}", "10") for n in range(70)), head="REFERENCIA=L-2\n"))
    assert (answer["ESTADO"], answer["EMITIDOS"]) == ("RESUELTO", "70")
    with machine.house.journal.reading() as db:
        (hand,) = lots.in_hand(db, machine.clock.now().timestamp()).values()
    assert 32 < hand.held <= 64
    assert hand.due == 0
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = desde WHERE tipo = 102")
    for _ in range(4):
        machine.pass_time(seconds=61)
    assert machine.answer("L1.txt")["EMITIDOS"] == "100"


def test_a_long_file_does_not_wait_until_a_lote_is_done(machine):
    machine.drop("L1.txt", lote(*((f"V{n}", "10") for n in range(200))))
    machine.intake.take()
    while in_journal(machine, 1) < 200:
        machine.lots.advance()
    machine.drop("L2.txt", lote(("A", "10"), head="REFERENCIA=L-2\n"))
    assert machine.intake.take() == 1
    while not is_known(machine, "L-2"):
        machine.lots.advance()
    assert len(numbers(machine)) < 150


def in_journal(machine, lote):
    with machine.house.journal.reading() as db:
        return lots.count_parts(db, lote)


def is_known(machine, que):
    with machine.house.journal.reading() as db:
        return jobs.named(db, que) is not None


def test_its_documents_are_asked_for_like_any_sale_and_the_lote_by_its_own_reference(machine):
    machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    asked = machine.send("C.txt", "[CONSULTA]\nREFERENCIA=B\n[FIN]\n")
    assert (asked["NUMERO"], asked["ESTADO"]) == ("2", "FIRMADO_LOCAL")
    asked = machine.send("D.txt", "[CONSULTA]\nREFERENCIA=L-1\n[FIN]\n")
    assert (asked["ESTADO"], asked["EMITIDOS"], asked["CSV"]) == ("RESUELTO", "2", "D.csv")
    assert len(table(machine, "D.csv")) == 2
    printed = machine.send("E.txt", "[REIMPRIMIR]\nREFERENCIA=A\n[FIN]\n")
    assert printed["ESTADO"] == "RESUELTO"
    assert machine.papers()[-1] == ("101-A-1", True)
    printed = machine.send("F.txt", "[REIMPRIMIR]\nREFERENCIA=L-1\n[FIN]\n")
    assert printed["CODIGO"] == "E0119"


def test_a_lote_is_withdrawn_as_far_as_it_is_not_signed(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET ultimo = siguiente WHERE tipo = 101")
    machine.send("L1.txt", lote(("A", "10"), ("B", "20"), ("C", "30")))
    answer = machine.send("R.txt", "[RETIRAR]\nREFERENCIA=L-1\n[FIN]\n")
    assert (answer[""], answer["ESTADO"], answer["EMITIDOS"], answer["RECHAZADOS"]) == (
        "ERROR",
        "NO_RESUELTO",
        "1",
        "2",
    )
    assert [row["ESTADO"] for row in table(machine, "L1.csv")] == ["FIRMADO_LOCAL", "RETIRADO", "RETIRADO"]
    assert numbers(machine) == [1]


def test_a_lote_of_which_nothing_is_signed_is_withdrawn_whole(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET vence = '2020-01-01'")
    machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    answer = machine.send("R.txt", "[RETIRAR]\nREFERENCIA=L-1\n[FIN]\n")
    assert (answer[""], answer["ESTADO"]) == ("OK", "RETIRADO")
    assert machine.answer("L1.txt")["ESTADO"] == "RETIRADO"


def test_what_happens_to_a_document_after_the_lote_is_told_is_news(machine):
    extra = DOCUMENT.format(referencia="B", precio="20") + "[EXTRA]\nMESA=4\n"
    answer = machine.send("L1.txt", lote(("A", "10"), extra))
    assert answer["FINAL"] == "SI"
    with machine.house.journal.transaction() as db:
        part = jobs.of_document(db, 101, "A", 2)
        jobs.set_impresion(db, part.id, Impresion.DUDOSO)
    machine.pass_time(seconds=3)
    (news,) = (machine.folder / "spool" / "novedades").iterdir()
    assert "REFERENCIA=B" in news.read_text()
    assert "IMPRESION=DUDOSO" in news.read_text()
    assert "[EXTRA]\nMESA=4" in news.read_text()
    machine.pass_time(seconds=10)
    assert len(list((machine.folder / "spool" / "novedades").iterdir())) == 1


def test_a_file_named_like_a_document_of_a_lote_has_its_own_answer(machine):
    machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    answer = machine.send("L1-0001.txt", TICKET.format(referencia="X", precio="5"))
    assert (answer["ESTADO"], answer["REFERENCIA"]) == ("FIRMADO_LOCAL", "X")


def test_a_large_file_that_is_one_document_is_decided_like_any_other(machine):
    text = TICKET.format(referencia="G", precio="5").replace("[FIN]", "; relleno\n" * 25_000 + "[FIN]")
    assert machine.send("G.txt", text)["ESTADO"] == "FIRMADO_LOCAL"


def test_references_by_name_are_the_stem_with_the_number_of_the_document(machine):
    machine.configure(entrada={"sin_referencia": "nombre"})
    answer = machine.send("L9.txt", lote(("", "10"), ("", "20"), head=""))
    assert (answer["ESTADO"], answer["REFERENCIA"]) == ("RESUELTO", "L9")
    assert [row["REFERENCIA"] for row in table(machine, "L9.csv")] == ["L9-0001", "L9-0002"]


def test_only_checked_a_lote_tells_all_its_documents_in_order_of_line(machine):
    text = lote(("A", "poco"), ("B", "20"), ("C", "mucho"))
    answer = machine.send("L1.txt", text, folder="validar")
    assert (answer["ESTADO"], numbers(machine)) == ("INVALIDO", [])
    lines = [int(answer[f"ERROR.{n}.LINEA"]) for n in range(1, 5)]
    assert lines == sorted(lines)
    assert machine.send("L2.txt", lote(("A", "10"), ("B", "20")), folder="validar")["ESTADO"] == "VALIDO"


def test_extra_fields_are_echoed_in_the_table(machine):
    extra = DOCUMENT.format(referencia="A", precio="10") + "[EXTRA]\nMESA=4\nMOZO=Ana\n"
    machine.send("L1.txt", lote(extra))
    assert table(machine, "L1.csv")[0]["EXTRA"] == "MESA=4|MOZO=Ana"


def test_many_documents_in_the_journal_are_never_told_more_often_than_every_two_seconds(machine):
    machine.drop("L1.txt", lote(*((f"R{n}", str(n + 1)) for n in range(150))))
    machine.work(rounds=2000)
    machine.pass_time(seconds=3)
    assert machine.answer("L1.txt")["EMITIDOS"] == "150"
    assert numbers(machine) == list(range(1, 151))
    machine.clock.time += timedelta(seconds=1)


def test_all_or_nothing_looks_at_a_note_beside_the_sale_before_it(machine):
    note = NOTE.format(referencia="N", venta="A", precio="10").replace("RAZON", "MONTO=11\nRAZON")
    answer = machine.send("L1.txt", lote(("A", "10"), note, head="REFERENCIA=L-1\nTODO_O_NADA=SI\n"))
    assert (answer["ESTADO"], answer["ERROR.1.CAMPO"]) == ("RECHAZADO", "MONTO")
    assert numbers(machine) == []


def test_an_operator_discards_what_is_left_of_a_lote_or_tries_it_again(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET ultimo = siguiente WHERE tipo = 101")
    machine.send("L1.txt", lote(("A", "10"), ("B", "20"), ("C", "30")))
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET ultimo = ultimo + 1 WHERE tipo = 101")
    assert "Se reintentan 2" in machine.order("reintentar", que="L-1").sentence
    machine.work()
    assert "Descartado" in machine.order("descartar", que="L-1", motivo="se repite").sentence
    machine.pass_time(seconds=3)
    assert [row["ESTADO"] for row in table(machine, "L1.csv")] == ["FIRMADO_LOCAL", "FIRMADO_LOCAL", "DESCARTADO"]
    assert machine.answer("L1.txt")["ESTADO"] == "NO_RESUELTO"


def test_a_lote_of_before_a_restore_gives_way_to_the_one_dropped_again(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET ultimo = siguiente WHERE tipo = 101")
    machine.send("L1.txt", lote(("A", "10"), ("B", "20"), ("C", "30")))
    with machine.house.journal.transaction() as db:
        # As after a restore or a take-over: what was unfinished waits to be dropped again.
        for kind in (Kind.DOCUMENTO, Kind.LOTE):
            for job in jobs.unfinished(db, kind, jobs.last_id(db)):
                restoring._hold(db, job, machine.clock.now())
        db.execute("UPDATE rango SET ultimo = ultimo + 9 WHERE tipo = 101")
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "20"), ("C", "30")))
    assert (answer["ESTADO"], answer["EMITIDOS"]) == ("RESUELTO", "3")
    assert [row["NUMERO"] for row in table(machine, "L1.csv")] == ["1", "2", "3"]
    with machine.house.journal.reading() as db:
        assert jobs.open_jobs(db) == []


@pytest.mark.parametrize("at", ["_begin", "_keep_reading"])
def test_a_lote_that_is_discarded_while_it_is_opened_issues_nothing(machine, monkeypatch, at):
    """The order comes from another thread, between two looks of the one that opens."""
    step = getattr(opening, at)

    def late(*given):
        assert machine.order("descartar", que="L1.txt", motivo="no va").ok
        return step(*given)

    monkeypatch.setattr(opening, at, late)
    answer = machine.send("L1.txt", lote(("A", "10"), ("B", "20")))
    assert (answer[""], answer["ESTADO"]) == ("ERROR", "DESCARTADO")
    assert numbers(machine) == []
