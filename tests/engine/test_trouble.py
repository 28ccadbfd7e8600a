"""What goes wrong around a sale: key, numbers, clock, printer, bugs of ours. The daemon lives, and says what to do."""

import json
import os
from datetime import date, timedelta

import pytest
from walking import NOON, TICKET

from sincronizador.cli.installation import RUT
from sincronizador.core.answer import Estado
from sincronizador.core.numbering import Rango
from sincronizador.engine.decision import decide
from sincronizador.errors import NeedsOperator
from sincronizador.journal import jobs, tasks
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae

VALIDITY = Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=300))


def ticket(referencia="R-1", precio="89", **more):
    extra = "".join(f"{name}={value}\n" for name, value in more.items())
    return TICKET.format(referencia=referencia, precio=precio).replace("FORMA_PAGO", extra + "FORMA_PAGO")


@pytest.fixture(scope="module")
def authority():
    return make_authority(VALIDITY)


def cae_file(authority, *, desde=200_001, hasta=200_010, tipo=101, vence=None, rut=RUT, cae="90260000999"):
    vence = vence or date(2028, 1, 1)
    rango = Rango(id=cae, tipo=tipo, serie="A", desde=desde, hasta=hasta, vence=vence)
    return sign_cae(authority, rango, rut=rut, autorizado=date(2026, 11, 1))


def install(machine, identity):
    """Put another key into the machine's hand, recorded for its environment."""
    machine.pen._load = lambda: identity
    machine.order("certificado", huella=identity.certificate.fingerprint, ambiente="prueba", titular="x")


def test_without_numbers_it_waits_and_goes_on_when_a_range_is_imported(machine, authority):
    with machine.house.journal.transaction() as db:
        db.execute("DELETE FROM rango WHERE tipo = 101")
    answer = machine.send("A.txt", ticket())
    assert (answer["ESTADO"], answer["MOTIVO"], answer["CODIGO"]) == ("ESPERANDO", "SIN_NUMEROS", "E2001")
    assert "cae importar" in answer["ERROR.1.SUGERENCIA"]
    outcome = machine.order("cae", cae_file(authority), ambiente="prueba")
    assert outcome.ok, outcome.sentence
    machine.work()
    assert machine.answer("A.txt")["NUMERO"] == "200001"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"vence": date(2026, 11, 20)}, "venció"),
        ({"rut": "211003420017"}, "RUT"),
        ({"desde": 10, "hasta": 9}, "rango"),
        ({"desde": 1, "hasta": 10}, "ya están importados"),
    ],
)
def test_a_range_that_cannot_be_used_is_refused_in_words(machine, authority, wrong, says):
    outcome = machine.order("cae", cae_file(authority, **wrong), ambiente="prueba")
    assert not outcome.ok
    assert says in outcome.sentence


def test_a_range_of_the_other_environment_changed_or_not_one_is_refused(machine, authority):
    assert "produccion" in machine.order("cae", cae_file(authority), ambiente="produccion").sentence
    changed = cae_file(authority).replace(b"200010", b"900010")
    assert not machine.order("cae", changed, ambiente="prueba").ok
    assert not machine.order("cae", b"hola", ambiente="prueba").ok
    assert not machine.order("cae", b"", ambiente="prueba").ok


def test_an_expired_range_is_not_numbered_from(machine):
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET vence = '2026-11-20'")
    answer = machine.send("A.txt", ticket())
    assert answer["MOTIVO"] == "SIN_NUMEROS"
    assert "20/11/2026" in answer["MENSAJE"]


def test_with_an_expired_certificate_it_waits_and_goes_on_with_the_next_one(machine, authority):
    old = Validity(desde=NOON - timedelta(days=30), hasta=NOON - timedelta(days=1))
    install(machine, issue(authority, old, rut=RUT, titular="VENCIDA (PRUEBA)"))
    answer = machine.send("A.txt", ticket())
    assert (answer["MOTIVO"], answer["CODIGO"]) == ("CERTIFICADO", "E2002")
    assert "vencio el 20/11/2026" in answer["MENSAJE"], "an ASCII request gets an ASCII answer"
    install(machine, issue(authority, VALIDITY, rut=RUT, titular="NUEVA (PRUEBA)"))
    machine.work()
    assert machine.answer("A.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_a_foreign_certificate_or_one_nobody_installed_does_not_sign(machine, authority):
    install(machine, issue(authority, VALIDITY, rut="211003420017", titular="AJENA (PRUEBA)"))
    assert machine.send("A.txt", ticket())["MOTIVO"] == "CERTIFICADO"
    stranger = issue(authority, VALIDITY, rut=RUT, titular="NADIE (PRUEBA)")
    machine.pen._load = lambda: stranger
    machine.pen.reload()
    assert "no fue instalado" in machine.pen.trouble(NOON)


def test_a_clock_that_went_back_stops_signing_until_it_is_right(machine):
    machine.send("A.txt", ticket())
    machine.clock.time -= timedelta(minutes=6)
    answer = machine.send("B.txt", ticket("R-2"))
    assert (answer["MOTIVO"], answer["CODIGO"]) == ("RELOJ", "E2003")
    machine.pass_time(minutes=10)
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_a_clock_that_went_back_a_little_signs(machine):
    machine.send("A.txt", ticket())
    machine.clock.time -= timedelta(minutes=4)
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL"


def test_after_a_jump_while_off_a_person_is_asked(machine):
    machine.send("A.txt", ticket())
    machine.clock.time += timedelta(days=3)
    machine.clock.synchronised = True
    machine.switch_on()
    assert machine.send("B.txt", ticket("R-2"))["ESTADO"] == "FIRMADO_LOCAL", "a synchronised clock is believed"
    machine.clock.time += timedelta(days=3)
    machine.clock.synchronised = False
    machine.switch_on()
    assert machine.send("C.txt", ticket("R-3"))["MOTIVO"] == "RELOJ"
    assert machine.order("reintentar", que="", reloj="si").ok
    machine.work()
    assert machine.answer("C.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_without_the_years_ui_a_big_anonymous_ticket_waits_and_a_small_one_goes_on(machine):
    machine.settings = machine.settings.model_copy(update={"ui": {2025: machine.settings.ui[2026]}})
    machine.configure()
    answer = machine.send("B.txt", ticket(precio="90000,00"))
    assert (answer["ESTADO"], answer["MOTIVO"], answer["CODIGO"]) == ("ESPERANDO", "UI", "E1105")
    assert machine.send("C.txt", ticket("R-2", precio="90,00"))["ESTADO"] == "FIRMADO_LOCAL"


def test_a_bug_parks_its_job_with_an_answer_and_the_line_goes_on(machine, monkeypatch, caplog):
    real = machine.house.country.draft

    def buggy(request, known):
        if request.referencia == "R-MALA":
            raise ZeroDivisionError
        return real(request, known)

    monkeypatch.setattr(type(machine.house.country), "draft", lambda self, request, known: buggy(request, known))
    machine.drop("A.txt", ticket())
    machine.drop("B.txt", ticket("R-MALA"))
    machine.drop("C.txt", ticket("R-3"))
    machine.work()
    machine.pass_time(seconds=1)
    assert [machine.answer(f"{name}.txt")["ESTADO"] for name in "ABC"] == [
        "FIRMADO_LOCAL",
        "ESPERANDO",
        "FIRMADO_LOCAL",
    ]
    parked = machine.answer("B.txt")
    assert (parked["MOTIVO"], parked["CODIGO"]) == ("OPERADOR", "E9001")
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert machine.order("reintentar", que="B.txt").ok
    machine.work()
    assert machine.answer("B.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert sorted(answer["NUMERO"] for answer in machine.answers().values()) == ["1", "2", "3"]


def test_an_unknown_printer_is_told_before_a_number_is_taken(machine):
    answer = machine.send("A.txt", ticket(IMPRESORA="COCINA"))
    assert (answer["ESTADO"], answer["CODIGO"]) == ("RECHAZADO", "E4001")
    assert "CAJA1" in answer["ERROR.1.SUGERENCIA"]
    assert machine.send("B.txt", ticket(IMPRESORA="caja1"))["NUMERO"] == "1"


def test_copies_say_copia(machine):
    machine.send("A.txt", ticket(COPIAS="2"))
    assert machine.papers() == [("101-A-1", False), ("101-A-1", True), ("101-A-1", True)]


def test_nothing_is_printed_where_nothing_is_asked(machine):
    assert machine.send("A.txt", ticket(IMPRESORA="NINGUNA"))["IMPRESION"] == "NO_PEDIDA"
    assert machine.papers() == []


def test_an_e_factura_goes_to_thermal_paper_only_where_it_is_published(machine):
    text = (
        ticket()
        .replace("TIPO=101", "TIPO=111")
        .replace("[ITEM]", "[RECEPTOR]\nTIPO_DOC=RUT\nDOCUMENTO=211003420017\nNOMBRE=X\nDIRECCION=Y\nCIUDAD=Z\n[ITEM]")
    )
    machine.configure(publicacion={"activa": False}, salida={"formatos": ()})
    answer = machine.send("A.txt", text)
    assert (answer["IMPRESION"], answer["AVISO.1.CODIGO"]) == ("NO_PEDIDA", "A4102")
    assert "PNG" not in answer
    assert "XML" not in answer
    assert (machine.folder / "spool" / "salida" / answer["PDF"]).read_bytes().startswith(b"%PDF")
    machine.configure(publicacion={"activa": True})
    assert machine.send("B.txt", text.replace("R-1", "R-2"))["IMPRESION"] == "IMPRESO"


def test_a_printer_with_a_wrong_setting_is_parked_and_printed_after_a_retry(machine):
    machine.printer.fail_next(NeedsOperator("E4010", "mal configurada"))
    answer = machine.send("A.txt", ticket())
    assert (answer["ESTADO"], answer["IMPRESION"]) == ("FIRMADO_LOCAL", "FALLIDA")
    assert machine.order("reintentar", que="R-1").ok
    machine.work()
    assert machine.answer("A.txt")["IMPRESION"] == "IMPRESO"
    assert machine.papers() == [("101-A-1", False)]


def test_a_person_reprints_and_discards(machine):
    machine.send("A.txt", ticket())
    assert machine.order("reimprimir", que="101-A-1", impresora="", original="").ok
    machine.work()
    assert machine.papers() == [("101-A-1", False), ("101-A-1", True)]
    assert not machine.order("reimprimir", que="R-1", impresora="", original="se perdió").ok
    assert not machine.order("reimprimir", que="R-1", impresora="COCINA", original="").ok
    assert "nota de crédito" in machine.order("descartar", que="R-1", motivo="x").sentence
    assert "nunca llegó" in machine.order("descartar", que="NADIE", motivo="x").sentence
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = hasta + 1")
    machine.send("B.txt", ticket("R-2"))
    assert machine.order("descartar", que="R-2", motivo="se fue el cliente").ok
    machine.work()
    answer = machine.answer("B.txt")
    assert (answer[""], answer["ESTADO"]) == ("ERROR", "DESCARTADO")
    assert "se fue el cliente" in answer["MENSAJE"]


def test_an_answer_that_cannot_be_written_holds_up_nobody_else(machine):
    machine.configure(salida={"formatos": ()})
    (machine.folder / "spool" / "salida" / "A.rsp").mkdir()
    machine.drop("A.txt", ticket())
    machine.drop("B.txt", ticket("R-2"))
    with pytest.raises(NeedsOperator):
        machine.work()
    assert machine.answer("B.txt")["NUMERO"] == "2"
    (machine.folder / "spool" / "salida" / "A.rsp").rmdir()
    machine.work()
    assert machine.answer("A.txt")["NUMERO"] == "1"


def test_the_wrong_environment_is_refused(machine):
    assert machine.send("A.txt", ticket(AMBIENTE="PRODUCCION"))["CODIGO"] == "E0106"
    assert machine.send("A.txt", ticket(AMBIENTE="prueba"))["ESTADO"] == "FIRMADO_LOCAL"


def test_a_signed_document_is_refused_or_kept_verbatim(machine):
    machine.send("A.txt", ticket())
    signed = (machine.folder / "spool" / "salida" / "A.xml").read_bytes()
    assert machine.send("S.xml", signed)["CODIGO"] == "E0110"
    with machine.house.journal.transaction() as db:
        for table in ("paper", "task", "event", "document", "content", "job"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608
    machine.configure(entrada={"firmados": True})
    answer = machine.send("S.xml", signed)
    assert (answer["ESTADO"], answer["NUMERO"], answer["REFERENCIA"]) == ("FIRMADO_LOCAL", "1", "R-1")
    assert (machine.folder / "spool" / "salida" / answer["XML"]).read_bytes() == signed
    assert machine.send("S2.xml", signed)["AVISO.1.CODIGO"] == "A0001"
    changed = signed.replace(b"Pan", b"Paz")
    assert machine.send("S3.xml", changed)["ESTADO"] == "RECHAZADO"


def test_a_name_that_no_encoding_reads_is_answered_with_everything_under_it(machine):
    """A Clipper program on a Latin-1 share: the name is bytes, and so it stays."""
    name = b"PE\xd1A.TXT"
    folder = os.fsencode(str(machine.folder / "spool"))
    machine.configure(entrada={"sin_referencia": "nombre"})
    with open(folder + b"/entrada/" + name, "wb") as file:
        file.write(ticket().replace("REFERENCIA=R-1\n", "").encode())
    machine.work()
    assert sorted(entry for entry in os.listdir(folder + b"/salida") if entry.startswith(b"PE")) == [
        b"PE\xd1A.PDF", b"PE\xd1A.PNG", b"PE\xd1A.RSP", b"PE\xd1A.XML",
    ]  # fmt: skip
    with open(folder + b"/salida/PE\xd1A.RSP", "rb") as file:
        answer = file.read()
    assert b"REFERENCIA=PE\\xd1A\r\n" in answer
    assert machine.order("descartar", que="NADIE", motivo="x").sentence


def test_a_bug_in_one_answer_holds_up_nobody_elses(machine, monkeypatch, caplog):
    from sincronizador.engine import publishing

    real = publishing.project

    def buggy(house, db, job):
        if job.name == "A.txt":
            raise ZeroDivisionError
        return real(house, db, job)

    monkeypatch.setattr(publishing, "project", buggy)
    machine.drop("A.txt", ticket())
    machine.drop("B.txt", ticket("R-2"))
    machine.work()
    assert machine.answer("B.txt")["NUMERO"] == "2"
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    machine.switch_on()
    machine.work()
    assert machine.answer("A.txt")["NUMERO"] == "1"


def test_a_bug_at_intake_holds_up_nobody_else(machine, monkeypatch, caplog):
    from sincronizador.engine import intake

    real = intake.jobs.insert

    def buggy(db, job, content):
        if job.name == "A.txt":
            raise ZeroDivisionError
        return real(db, job, content)

    monkeypatch.setattr(intake.jobs, "insert", buggy)
    machine.drop("A.txt", ticket())
    machine.drop("B.txt", ticket("R-2"))
    machine.work()
    assert machine.answer("B.txt")["NUMERO"] == "1"
    assert "event=bug file=A~" in caplog.text
    monkeypatch.undo()
    machine.switch_on()
    machine.work()
    assert machine.answer("A.txt")["NUMERO"] == "2"


def test_paper_steps_aside_for_a_crowd_but_not_for_long(machine, monkeypatch):
    from sincronizador.engine import printing

    monkeypatch.setattr(printing, "CROWD", 3)
    machine.configure(salida={"formatos": ()})
    for number in range(5):
        machine.drop(f"V{number}.txt", ticket(f"R-{number}"))
    machine.work()
    assert len(machine.answers()) == 5
    assert machine.papers() == []
    machine.pass_time(seconds=2)
    assert [name for name, _ in machine.papers()] == [f"101-A-{number}" for number in range(1, 6)]


def test_the_json_companion_says_what_the_answer_says(machine):
    machine.configure(salida={"formatos": ("json",)})
    answer = machine.send("A.TXT", ticket())
    facts = json.loads((machine.folder / "spool" / "salida" / answer["JSON"]).read_text())
    assert answer["JSON"] == "A.JSON"
    assert (str(facts["numero"]), facts["hash"], facts["qr"]) == (answer["NUMERO"], answer["HASH"], answer["QR"])
    assert facts["importes"]["A_PAGAR"] == answer["A_PAGAR"]


def test_a_file_that_cannot_be_taken_is_told_what_to_do(machine):
    (machine.folder / "spool" / "entrada" / "L.TXT").symlink_to("/etc/passwd")
    machine.work()
    answer = machine.answer("L.TXT")
    assert (answer["CODIGO"], answer["EMITIDO"]) == ("E0102", "NO")
    assert "archivo comun" in answer["ERROR.1.SUGERENCIA"]


def test_a_commit_of_arrivals_that_fails_gives_nobody_anothers_content(machine, monkeypatch):
    """SQLite gives the numbers of rows that never were to other rows; what was read for the first must be forgotten."""
    from sincronizador.engine import intake

    real, seen = intake.events.record, []

    def full(db, job, at, name, detail):
        seen.append(name)
        if len(seen) == 2:
            raise NeedsOperator("E9217", "No queda lugar en el disco del diario.")
        real(db, job, at, name, detail)

    machine.drop("A.txt", ticket("R-A", precio="89"))
    machine.drop("B.txt", ticket("R-B", precio="110"))
    for name, age in (("A.txt", 100), ("B.txt", 50)):
        os.utime(machine.folder / "spool" / "entrada" / name, (age, age))
    monkeypatch.setattr(intake.events, "record", full)
    with pytest.raises(NeedsOperator):
        machine.intake.take()
    monkeypatch.setattr(intake.events, "record", real)
    for path in (machine.folder / "spool" / "procesando").iterdir():
        age = 200 if path.name.startswith("B") else 10
        os.utime(path, (age, age))
    machine.work()
    assert (machine.answer("A.txt")["A_PAGAR"], machine.answer("B.txt")["A_PAGAR"]) == ("89.00", "110.00")
    assert (machine.answer("A.txt")["REFERENCIA"], machine.answer("B.txt")["REFERENCIA"]) == ("R-A", "R-B")


def test_what_a_person_ended_meanwhile_is_not_decided_again(machine, monkeypatch):
    """The bug comes to light after the person discarded the file: its decision stands."""
    from sincronizador.engine import decision

    def discarded_then_bug(house, job, content):
        with house.journal.transaction() as db:
            tasks.cancel(db, job.id)
            jobs.settle(db, job.id, Estado.DESCARTADO, at=house.clock.now())
        raise ZeroDivisionError

    monkeypatch.setattr(decision, "prepare", discarded_then_bug)
    monkeypatch.setattr(machine.desk, "put", lambda prepared: None)
    machine.drop("A.txt", ticket())
    machine.work()
    assert machine.answer("A.txt")["ESTADO"] == "DESCARTADO"


def test_answers_that_wait_for_their_files_hold_up_nobody_elses(machine):
    for number in range(70):
        machine.drop(f"V{number:02}.txt", TICKET.format(referencia=f"V{number}", precio="10"))
    for last in ("", "Z.txt"):
        if last:
            machine.drop(last, "[DOCUMENTO]\nTIPO=101\n[FIN]\n", folder="entrada/CAJA2")
        for _ in range(10):
            machine.intake.take()
            decide(machine.house, machine.desk)
    machine.publisher.publish()
    assert machine.answer("Z.txt", folder="entrada/CAJA2")["ESTADO"] == "RECHAZADO"
    assert not machine.answers(), "the others wait for their PDF and PNG"


def test_answers_that_are_only_brought_up_to_date_hold_up_no_decision(machine):
    for number in range(70):
        machine.drop(f"V{number:02}.txt", TICKET.format(referencia=f"V{number}", precio="10"))
    machine.configure(salida={"formatos": ()})
    machine.work()
    machine.pass_time(seconds=1)
    with machine.house.journal.transaction() as db:
        for job in range(1, 71):
            jobs.advance(db, job, Estado.ENVIADO)
    machine.publisher.publish()
    machine.drop("Z.txt", "[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    while not machine.intake.take():
        pass
    decide(machine.house, machine.desk)
    machine.publisher.publish()
    assert machine.answer("Z.txt")["ESTADO"] == "RECHAZADO"
