"""Papers on their way: rules, further papers, another station in time of need, what is too old, and a person's word."""

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from walking import TICKET

from sincronizador.cli import main
from sincronizador.engine import alarms, validation
from sincronizador.engine.decision import decide
from sincronizador.engine.printing import Press, print_next
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.journal import events, jobs, papers

OFF = Unavailable("E4011", "La impresora «CAJA1» no está lista: no responde.")
SLIP = "[PAPEL]\nIMPRESORA={printer}\n[IMPRIMIR]\nMesa 5\n  2 x Milanesa\n[FIN]\n"
DRAWER = "[ABRIR_CAJON]\n[FIN]\n"


def sale(referencia="R-1", precio="89", more=""):
    return TICKET.format(referencia=referencia, precio=precio).replace("[FIN]", f"{more}[FIN]")


def reprint(**fields):
    return "[REIMPRIMIR]\n" + "".join(f"{name}={value}\n" for name, value in fields.items()) + "[FIN]\n"


def pages(machine, name="CAJA1"):
    """What came out at a station: the page's name, and the marks on it."""
    printer = machine.house.printers[name]
    marks = {"COPIA": b"COPIA", "VIA": "VÍA DEPÓSITO".encode("cp858"), "CAJON": b"\x1bp\x00"}
    return [(page_name, {mark for mark, sign in marks.items() if sign in page}) for page_name, page in printer.pages]


def off(machine, times=1, name="CAJA1"):
    for _ in range(times):
        machine.house.printers[name].fail_next(OFF)


def story(machine, que):
    with machine.house.journal.reading() as db:
        return [event.name for event in events.story(db, jobs.wanted(db, que).id)]


VIAS = '[[impresion.regla]]\nvia = "Depósito"\nimpresora = "deposito"\ntipo = ["e-Ticket", 111]\n'
SUBSTITUTE = 'suplente = "CAJA2"'


@pytest.fixture
def warehouse(machine):
    machine.fit(VIAS, names=("DEPOSITO",))
    return machine


# --- rules ---


def test_without_rules_everything_is_as_it_was(machine):
    answer = machine.send("A.txt", sale())
    assert pages(machine) == [("101-A-1", set())]
    assert not [name for name in answer if name.startswith("VIA")]


def test_a_via_goes_to_its_station_marked_and_is_told_apart_from_the_original(warehouse):
    answer = warehouse.send("A.txt", sale())
    assert pages(warehouse) == [("101-A-1", set())]
    assert pages(warehouse, "DEPOSITO") == [("101-A-1-via-Depósito", {"VIA"})]
    assert answer["IMPRESION"] == "IMPRESO"
    assert {name: value for name, value in answer.items() if name.startswith("VIA")} == {
        "VIA.1.NOMBRE": "Deposito", "VIA.1.IMPRESORA": "DEPOSITO", "VIA.1.PAPEL": "IMPRESO",
    }  # fmt: skip


def test_a_via_that_cannot_leave_holds_up_no_original_and_changes_nothing_of_its_answer(warehouse):
    off(warehouse, 9, "DEPOSITO")
    for number in "12":
        answer = warehouse.send(f"{number}.txt", sale(f"R-{number}"))
        assert (answer["IMPRESION"], answer["VIA.1.PAPEL"], answer["CODIGO"]) == ("IMPRESO", "PENDIENTE", "0")
    assert len(pages(warehouse)) == 2
    warehouse.house.printers["DEPOSITO"]._faults.clear()
    warehouse.pass_time(minutes=2)
    assert [name for name, _ in pages(warehouse, "DEPOSITO")] == ["101-A-1-via-Depósito", "101-A-2-via-Depósito"]
    warehouse.pass_time(seconds=5)
    assert warehouse.answer("2.txt")["VIA.1.PAPEL"] == "IMPRESO"


@pytest.mark.parametrize("fault", [Unanswered("E4012", "se cortó"), NeedsOperator("E4010", "mal")])
def test_what_happens_to_a_via_is_no_news_of_the_sale(warehouse, fault):
    warehouse.house.printers["DEPOSITO"].fail_next(fault)
    answer = warehouse.send("A.txt", sale())
    assert answer["IMPRESION"] == "IMPRESO"
    assert answer["VIA.1.PAPEL"] == ("DUDOSO" if isinstance(fault, Unanswered) else "FALLIDA")
    assert not list((warehouse.folder / "spool" / "novedades").iterdir())


def test_an_original_that_waits_holds_up_no_via(warehouse):
    off(warehouse, 3)
    answer = warehouse.send("A.txt", sale())
    assert (answer["IMPRESION"], answer["VIA.1.PAPEL"]) == ("PENDIENTE", "IMPRESO")


def test_a_sale_that_is_not_to_be_printed_has_no_vias(warehouse):
    answer = warehouse.send("A.txt", sale().replace("FORMA_PAGO", "IMPRESORA=NINGUNA\nFORMA_PAGO"))
    assert answer["IMPRESION"] == "NO_PEDIDA"
    assert pages(warehouse, "DEPOSITO") == []


RULES = """
[caja.CAJA1]
[[impresion.regla]]
caja = "caja1"
tipo = ["e-ticket"]
impresora = "oficina"
copias = 1
"""


@pytest.mark.parametrize(
    ("fields", "till", "expected"),
    [
        ("", "/CAJA1", {"OFICINA": 2}),
        ("", "", {"CAJA1": 1}),
        ("IMPRESORA=CAJA1\n", "/CAJA1", {"CAJA1": 2}),
        ("IMPRESORA=NINGUNA\n", "/CAJA1", {}),
        ("COPIAS=3\n", "/CAJA1", {"OFICINA": 4}),
        ("COPIAS=0\n", "/CAJA1", {"OFICINA": 2}),
    ],
)
def test_a_rule_says_where_and_how_many_unless_the_file_does(machine, fields, till, expected):
    machine.fit(RULES, names=("OFICINA",))
    machine.send("A.txt", sale().replace("FORMA_PAGO", f"{fields}FORMA_PAGO"), folder=f"entrada{till}")
    found = {name: pages(machine, name) for name in ("CAJA1", "OFICINA") if pages(machine, name)}
    assert {name: len(printed) for name, printed in found.items()} == expected
    for printed in found.values():
        assert [bool(marks) for _, marks in printed] == [False] + [True] * (len(printed) - 1)


def test_a_via_that_may_be_out_comes_once_more_as_a_copy_of_it(warehouse):
    off(warehouse, 2, "DEPOSITO")
    warehouse.send("A.txt", sale())
    with warehouse.house.journal.transaction() as db:
        papers.intend(db, papers.pending(db, 1, "DEPOSITO").id, warehouse.clock.now())
    warehouse.pass_time(minutes=2)
    ((name, marks),) = pages(warehouse, "DEPOSITO")
    assert name.startswith("101-A-1-via-Depósito-copia-")
    assert marks == {"VIA", "COPIA"}


# --- another station in time of need ---


def test_after_a_while_without_a_printer_the_paper_goes_to_the_other_one_once(machine):
    machine.fit(own=SUBSTITUTE, names=("CAJA2",))
    off(machine, 99)
    answer = machine.send("A.txt", sale())
    assert (answer["IMPRESION"], pages(machine, "CAJA2")) == ("PENDIENTE", [])
    for _ in range(12):
        machine.pass_time(seconds=3)
    assert pages(machine, "CAJA2") == [("101-A-1", set())]
    answer = machine.answer("A.txt")
    assert (answer["IMPRESION"], answer["AVISO.1.CODIGO"]) == ("IMPRESO", "A4103")
    assert answer["AVISO.1.MENSAJE"] == "El papel fue a la impresora CAJA2, porque CAJA1 no estaba lista."
    assert "print_diverted" in story(machine, "R-1")
    machine.send("B.txt", sale("R-2"))
    assert [name for name, _ in pages(machine, "CAJA2")] == ["101-A-1", "101-A-2"], "known to be off: no second wait"
    machine.printer._faults.clear()
    machine.send("C.txt", sale("R-3"))
    assert pages(machine) == [("101-A-3", set())], "back again"


def test_a_doubtful_paper_goes_nowhere_else(machine):
    machine.fit(own=SUBSTITUTE, names=("CAJA2",))
    machine.printer.fail_next(Unanswered("E4012", "se cortó"))
    off(machine, 99)
    machine.send("A.txt", sale())
    machine.pass_time(minutes=5)
    assert (machine.answer("A.txt")["IMPRESION"], pages(machine, "CAJA2")) == ("DUDOSO", [])


def test_what_may_lie_in_a_printer_waits_for_that_printer(machine):
    machine.fit(own=SUBSTITUTE, names=("CAJA2",))
    off(machine, 2)
    machine.send("A.txt", sale())
    with machine.house.journal.transaction() as db:
        papers.intend(db, papers.pending(db, 1, "CAJA1").id, machine.clock.now())
    off(machine, 99)
    machine.pass_time(minutes=5)
    assert pages(machine, "CAJA2") == []
    machine.printer._faults.clear()
    machine.pass_time(minutes=2)
    ((name, marks),) = pages(machine)
    assert (name.startswith("101-A-1-copia-"), marks) == (True, {"COPIA"})


def test_two_printers_that_stand_in_for_one_another_do_not_pass_a_paper_to_and_fro(machine):
    machine.fit('suplente = "CAJA1"\n', own=SUBSTITUTE, names=("CAJA2",))
    off(machine, 99)
    off(machine, 99, "CAJA2")
    machine.send("A.txt", sale())
    for _ in range(20):
        machine.pass_time(minutes=1)
    assert story(machine, "R-1").count("print_diverted") == 1
    machine.house.printers["CAJA2"]._faults.clear()
    machine.pass_time(minutes=2)
    assert pages(machine, "CAJA2") == [("101-A-1", set())]


# --- what is too old ---


@pytest.fixture
def late(machine):
    """A machine whose only sale is older than its paper may be."""
    machine.fit(impresion="vence = 600")
    off(machine, 99)
    machine.send("A.txt", sale())
    for _ in range(11):
        machine.pass_time(minutes=1)
    machine.printer._faults.clear()
    machine.pass_time(minutes=2)
    return machine


def test_a_paper_that_is_too_old_waits_for_a_person_and_says_so(late):
    assert pages(late) == []
    answer = late.answer("A.txt")
    assert (answer["IMPRESION"], answer["AVISO.1.CODIGO"]) == ("PENDIENTE", "A4104")
    assert "impresora cola liberar R-1" in answer["AVISO.1.SUGERENCIA"]
    assert late.order("reintentar").ok
    late.pass_time(hours=1)
    assert pages(late) == [], "no general retry lets it out"
    late.send("B.txt", sale("R-2"))
    assert pages(late) == [("101-A-2", set())], "newer ones pass"


def test_a_person_lets_it_out(late):
    outcome = late.order("papel-liberar", que="R-1", impresora="", motivo="el cliente lo espera")
    assert (outcome.ok, outcome.sentence) == (True, "Sale un papel de R-1 en CAJA1.")
    late.work()
    assert pages(late) == [("101-A-1", set())]
    assert late.answer("A.txt")["IMPRESION"] == "IMPRESO"
    assert "AVISO.1.CODIGO" not in late.answer("A.txt")
    assert {"print_held", "print_released"} <= set(story(late, "R-1"))
    assert not late.order("papel-liberar", que="R-1", impresora="", motivo="").ok


def test_what_waits_for_its_copy_in_the_mirror_is_let_out_by_nobody(machine):
    machine.house = replace(machine.house, mirror=SimpleNamespace(write=lambda *_: None))
    machine.drop("A.txt", sale())
    machine.intake.take()
    decide(machine.house, machine.desk)
    assert not machine.order("papel-liberar", que="R-1", impresora="", motivo="").ok
    assert not print_next(machine.house, machine.printer)


def test_what_waits_is_shown_with_its_reason(late):
    late.printer.fail_next(Unanswered("E4012", "Se cortó."))
    late.send("B.txt", sale("R-2"))
    off(late, 9)
    late.send("C.txt", sale("R-3"))
    late.send("D.txt", DRAWER)
    config = str(late.folder / "sincronizador.toml")

    def cola(*more):
        done = CliRunner().invoke(main, ["--config", config, "impresora", "cola", *more])
        assert done.exit_code == 0, done.output
        return done.output

    rows = json.loads(cola("--json"))
    assert [(row["papel"], row["estado"], row["referencia"], row["archivo"]) for row in rows] == [
        ("cajón", "en pausa", "", "D.txt"), ("original", "retenido", "R-1", "A.txt"),
        ("original", "en pausa", "R-3", "C.txt"), ("original", "dudoso", "R-2", "B.txt"),
    ]  # fmt: skip
    assert {row["impresora"] for row in rows} == {"CAJA1"}
    assert "  retenido  original  101-A-1 R-1  desde 21/11/2026 12:00:00  El papel no salió a tiempo" in cola()


def test_a_person_ends_it_and_an_original_may_be_asked_for_again(late):
    assert late.order("papel-descartar", que="R-1", impresora="", motivo="ya se fue").ok
    late.pass_time(minutes=5)
    assert (pages(late), late.answer("A.txt")["IMPRESION"]) == ([], "FALLIDA")
    answer = late.send("B.txt", reprint(REFERENCIA="R-1", ORIGINAL="SI", MOTIVO="volvió"))
    assert (answer["ESTADO"], answer["IMPRESION"]) == ("RESUELTO", "IMPRESO")
    ((_, marks),) = pages(late)
    assert marks == set()
    assert late.answer("A.txt")["IMPRESION"] == "IMPRESO"


def test_a_via_that_is_held_or_ended_is_told_in_its_own_section(warehouse):
    off(warehouse, 9, "DEPOSITO")
    warehouse.send("A.txt", sale())
    assert warehouse.order("papel-descartar", que="R-1", impresora="deposito", motivo="roto").ok
    warehouse.work()
    answer = warehouse.answer("A.txt")
    assert (answer["IMPRESION"], answer["VIA.1.PAPEL"], answer["ESTADO"]) == ("IMPRESO", "FALLIDA", "FIRMADO_LOCAL")


def test_a_paper_that_a_person_ended_while_it_was_leaving_tells_what_became_of_it(machine):
    real = machine.printer.send

    def ended(page, *, name):
        assert machine.order("papel-descartar", que="R-1", impresora="", motivo="no se espera más").ok
        return real(page, name=name)

    machine.printer.send = ended
    machine.send("A.txt", sale())
    assert (len(pages(machine)), machine.answer("A.txt")["IMPRESION"]) == (1, "IMPRESO")


def test_a_doubt_is_counted_until_somebody_looked(machine):
    machine.printer.fail_next(Unanswered("E4012", "se cortó"))
    machine.send("A.txt", sale())
    with machine.house.journal.reading() as db:
        assert papers.doubtful(db) == 1
        assert next(alarms._print_alarms(db)).texto == "No se sabe si salió un papel."
    assert machine.order("papel-descartar", que="R-1", impresora="", motivo="salió bien").ok
    with machine.house.journal.reading() as db:
        assert papers.doubtful(db) == 0
    assert machine.answer("A.txt")["IMPRESION"] == "DUDOSO"
    assert not machine.order("papel-descartar", que="R-1", impresora="", motivo="otra vez").ok


# --- another original ---


def test_an_original_is_printed_again_only_when_nobody_saw_the_first(machine):
    machine.send("A.txt", sale())
    answer = machine.send("B.txt", reprint(REFERENCIA="R-1", ORIGINAL="SI", MOTIVO="se trancó"))
    assert (answer["ESTADO"], answer["CODIGO"]) == ("NO_RESUELTO", "E4002")
    machine.printer.fail_next(Unanswered("E4012", "se cortó"))
    machine.send("C.txt", sale("R-2"))
    off(machine, 1)
    for name in ("D.txt", "E.txt"):
        machine.drop(name, reprint(REFERENCIA="R-2", ORIGINAL="SI", MOTIVO="se trancó"))
    machine.work()
    assert machine.answer("E.txt")["CODIGO"] == "E4002", "one is on its way"
    machine.pass_time(minutes=3)
    assert [marks for name, marks in pages(machine) if "A-2" in name] == [set()]
    assert machine.answer("C.txt")["IMPRESION"] == machine.answer("D.txt")["IMPRESION"] == "IMPRESO"
    assert "reprint" in story(machine, "R-2")


def test_another_original_that_did_not_come_out_leaves_the_doubt_about_the_first(machine):
    machine.printer.fail_next(Unanswered("E4012", "se cortó"))
    machine.send("A.txt", sale())
    off(machine, 9)
    machine.send("B.txt", reprint(REFERENCIA="R-1", ORIGINAL="SI", MOTIVO="se trancó"))
    assert machine.order("papel-descartar", que="R-1", impresora="", motivo="apareció el primero").ok
    machine.pass_time(seconds=5)
    asked = machine.answer("B.txt")
    assert (asked["ESTADO"], asked["CODIGO"], asked["IMPRESION"]) == ("NO_RESUELTO", "E4014", "FALLIDA")
    assert "apareció el primero" in asked["MENSAJE"] or "aparecio el primero" in asked["MENSAJE"]
    assert machine.answer("A.txt")["IMPRESION"] == "DUDOSO"


def test_the_last_one_of_a_till(machine):
    machine.send("A.txt", sale("R-1"), folder="entrada/CAJA1")
    machine.send("B.txt", sale("R-2"), folder="entrada/CAJA2")
    answer = machine.send("C.txt", reprint(ULTIMO="SI"), folder="entrada/CAJA1")
    assert (answer["ESTADO"], answer["NUMERO"]) == ("RESUELTO", "1")
    name, marks = pages(machine)[-1]
    assert (name.startswith("101-A-1-copia-"), marks) == (True, {"COPIA"})


def test_a_sale_whose_paper_is_a_copy_from_the_start_is_not_pending_for_ever(machine):
    off(machine, 2)
    machine.send("A.txt", sale())
    with machine.house.journal.transaction() as db:
        papers.mark_all(db)
    machine.pass_time(minutes=2)
    assert [marks for _, marks in pages(machine)] == [{"COPIA"}]
    assert machine.answer("A.txt")["IMPRESION"] == "IMPRESO"


# --- texts and drawers ---


def test_a_text_comes_out_between_legends_that_nobody_takes_for_a_document(machine):
    answer = machine.send("A.txt", SLIP.format(printer="CAJA1"))
    assert (answer["ESTADO"], answer["EMITIDO"], answer["IMPRESION"]) == ("RESUELTO", "NO", "IMPRESO")
    ((name, page),) = machine.printer.pages
    assert name == "texto-1"
    assert page.count(b"DOCUMENTO NO FISCAL") == 2
    assert b"  2 x Milanesa" in page
    assert b"\x1d(k" not in page, "no QR"
    assert story(machine, "A.txt")[-1] == "printed"


def test_a_long_text_says_it_again_and_again(machine):
    machine.send("A.txt", "[IMPRIMIR]\n" + "renglón\n" * 200 + "[FIN]\n")
    ((_, page),) = machine.printer.pages
    assert page.count(b"DOCUMENTO NO FISCAL") == 9
    answer = machine.send("B.txt", "[IMPRIMIR]\n" + "renglón\n" * 501 + "[FIN]\n")
    assert (answer["ESTADO"], answer["CODIGO"]) == ("NO_RESUELTO", "E0208")


@pytest.mark.parametrize("request_", [SLIP, "[ABRIR_CAJON]\nIMPRESORA={printer}\n[FIN]\n"])
def test_a_text_or_drawer_of_a_printer_that_nobody_has(machine, request_):
    answer = machine.send("A.txt", request_.format(printer="NADIE"))
    assert (answer[""], answer["ESTADO"], answer["CODIGO"], answer["ERROR.1.LINEA"]) == (
        "ERROR", "NO_RESUELTO", "E4001", "2",
    )  # fmt: skip
    checked = machine.send("B.txt", request_.format(printer="CAJA1"), folder="validar")
    assert checked["ESTADO"] == "VALIDO"
    assert machine.printer.pages == []
    for name, wrong in (("CAJA1", []), ("NADIE", ["E4001"])):
        with machine.house.journal.reading() as db:
            now, content = machine.clock.now(), request_.format(printer=name).encode()
            found = validation.validate(machine.house, db, "V.txt", content, now).findings
        assert [finding.code for finding in found] == wrong


def test_the_drawer_opens_without_paper_and_before_the_papers_that_wait(machine):
    answer = machine.send("A.txt", DRAWER)
    assert (answer["ESTADO"], answer["CAJON"]) == ("RESUELTO", "ENVIADO")
    assert pages(machine) == [("cajon-1", {"CAJON"})]
    off(machine, 2)
    machine.send("B.txt", sale())
    answer = machine.send("C.txt", DRAWER.replace("[FIN]", "MOTIVO=cambio\n[FIN]"))
    assert answer["CAJON"] == "ENVIADO"
    assert [name for name, _ in pages(machine)] == ["cajon-1", "cajon-3"]


def test_a_drawer_that_nobody_waits_for_any_more_stays_shut(machine):
    off(machine, 99)
    assert machine.send("A.txt", DRAWER)["ESTADO"] == "RECIBIDO"
    for _ in range(3):
        machine.pass_time(minutes=1)
    machine.printer._faults.clear()
    machine.pass_time(minutes=1)
    answer = machine.answer("A.txt")
    assert (answer["ESTADO"], answer["CODIGO"], answer["CAJON"]) == ("NO_RESUELTO", "E4013", "FALLIDO")
    assert pages(machine) == []


def test_a_drawer_that_may_have_opened_is_not_opened_again(machine):
    off(machine, 2)
    machine.send("A.txt", DRAWER)
    with machine.house.journal.transaction() as db:
        papers.intend(db, papers.pending(db, 1, "CAJA1").id, machine.clock.now())
    machine.pass_time(seconds=5)
    assert (machine.answer("A.txt")["CAJON"], pages(machine)) == ("DUDOSO", [])


CASH = "[PAGO]\nMEDIO=EFECTIVO\nVALOR=89\nENTREGADO=100\n"
CARD = "[PAGO]\nMEDIO=DEBITO\nVALOR=89\n"


@pytest.mark.parametrize(
    ("cajon", "paid", "opens"),
    [("efectivo", CASH, True), ("efectivo", CARD, False), ("efectivo", "", False), ("siempre", CARD, True),
     ("no", CASH, False)],
)  # fmt: skip
def test_a_sale_opens_the_drawer_once_as_the_station_says(machine, cajon, paid, opens):
    machine.fit(own=f'cajon = "{cajon}"')
    machine.send("A.txt", sale(more=paid).replace("FORMA_PAGO", "COPIAS=1\nFORMA_PAGO"))
    machine.send("B.txt", reprint(REFERENCIA="R-1"))
    assert ["CAJON" in marks for _, marks in pages(machine)] == [opens, False, False]


def test_a_ticket_that_comes_out_late_or_elsewhere_opens_no_drawer(machine):
    machine.fit('cajon = "siempre"\n', own=f'{SUBSTITUTE}\ncajon = "siempre"', names=("CAJA2",))
    off(machine, 99)
    machine.send("A.txt", sale())
    for _ in range(12):
        machine.pass_time(seconds=3)
    assert pages(machine, "CAJA2") == [("101-A-1", set())]
    off(machine, 99, "CAJA2")
    machine.send("B.txt", sale("R-2"))
    machine.pass_time(minutes=2)
    for printer in machine.house.printers.values():
        printer._faults.clear()
    machine.pass_time(minutes=2)
    assert ("101-A-2", set()) in [*pages(machine), *pages(machine, "CAJA2")]


# --- falls ---


def test_a_disk_that_is_full_while_a_paper_goes_elsewhere_costs_no_second_one(machine, monkeypatch):
    machine.fit(impresion="espera_suplente = 300", own=SUBSTITUTE, names=("CAJA2",))
    off(machine, 99)
    machine.send("A.txt", sale())
    press = Press(machine.house, machine.printer)
    press._silent_since = machine.clock.steady() - 300
    machine.clock.time += timedelta(minutes=2)
    real = papers.divert

    def full(*args):
        monkeypatch.setattr(papers, "divert", real)
        raise NeedsOperator("E9202", "disco lleno")

    monkeypatch.setattr(papers, "divert", full)
    with pytest.raises(NeedsOperator):
        press.print_next()
    assert press.print_next()
    machine.pass_time(minutes=2)
    assert pages(machine, "CAJA2") == [("101-A-1", set())]
