"""The closing of a day and the listing of its documents, through the real engine."""

import csv
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from walking import NOON, TICKET, Crash

from sincronizador import cli
from sincronizador.core.answer import Estado
from sincronizador.engine.decision import decide
from sincronizador.journal import jobs

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
[FIN]
"""
DOLLARS = TICKET.replace("FORMA_PAGO=CONTADO", "FORMA_PAGO=CONTADO\nMONEDA=USD\nCOTIZACION=40,000")


def table(machine, name, till=""):
    with (machine.folder / "spool" / "salida" / till / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def closing(*lines, head="FECHA=21/11/2026\n"):
    return "\n".join([f"[CIERRE_DIA]\n{head.strip()}", *lines, "[FIN]\n"])


def total(tipo=101, cantidad="", importe="", **more):
    fields = {"TIPO": tipo, "CANTIDAD": cantidad, "TOTAL": importe, **more}
    return "\n".join(["[CIERRE_TOTAL]", *(f"{name}={value}" for name, value in fields.items())])


def sale(**fields):
    return "\n".join(["[CIERRE_VENTA]", *(f"{name}={value}" for name, value in fields.items())])


@pytest.fixture
def day(machine):
    """Two sales at CAJA1, one at CAJA2, one in dollars, and a note."""
    machine.send("V1.txt", TICKET.format(referencia="V1", precio="100"), folder="entrada/CAJA1")
    machine.send("V2.txt", TICKET.format(referencia="V2", precio="50,25"), folder="entrada/CAJA1")
    machine.send("V3.txt", TICKET.format(referencia="V3", precio="30"), folder="entrada/CAJA2")
    machine.send("V4.txt", DOLLARS.format(referencia="V4", precio="10"), folder="entrada/CAJA2")
    machine.send("N1.txt", NOTE.format(referencia="N1", venta="V2", precio="50,25"), folder="entrada/CAJA1")
    return machine


def test_a_day_that_agrees_is_answered_ok_line_by_line(day):
    answer = day.send(
        "C1.txt",
        closing(
            total(cantidad=3, importe="180,25"), total(cantidad=1, importe="10.00", MONEDA="U$S"),
            total(tipo=102, cantidad=1, importe="50,25"),
        ),
    )  # fmt: skip
    assert (answer[""], answer["ESTADO"], answer["FINAL"], answer["CODIGO"]) == ("OK", "RESUELTO", "SI", "0")
    assert answer["MENSAJE"] == "El cierre coincide con lo emitido."
    head = {name: answer[f"CIERRE.{name}"] for name in ("FECHA", "CAJA", "COINCIDE", "LINEAS", "DIFERENCIAS")}
    assert head == {"FECHA": "2026-11-21", "CAJA": "TODAS", "COINCIDE": "SI", "LINEAS": "3", "DIFERENCIAS": "0"}
    assert (answer["CIERRE.EMITIDOS"], answer["CIERRE.PENDIENTES"]) == ("5", "0")
    assert [answer[f"CIERRE.{n}.RESULTADO"] for n in (1, 2, 3)] == ["COINCIDE"] * 3
    assert (answer["CIERRE.1.CANTIDAD_EMITIDA"], answer["CIERRE.1.TOTAL_EMITIDO"]) == ("3", "180.25")
    rows = table(day, answer["CSV"])
    assert [row["CLASE"] for row in rows] == ["TOTAL"] * 3 + ["VENTA"] * 5
    assert [row["REFERENCIA"] for row in rows[3:]] == ["V1", "V2", "V3", "V4", "N1"]
    assert {row["RESULTADO"] for row in rows[3:]} == {""}, "nobody told sales one by one"


def test_what_differs_is_told_with_both_sides(day):
    answer = day.send(
        "C1.txt", closing(total(cantidad=4, importe="180,25"), total(tipo=102, importe="50,24"), total(111, 2))
    )
    assert (answer[""], answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "NO_RESUELTO", "E0122")
    assert answer["MENSAJE"] == "El cierre del 21/11/2026 no coincide: de 4 lineas difieren 4."
    first = {name: answer[f"CIERRE.1.{name}"] for name in ("LINEA", "RESULTADO", "CANTIDAD", "CANTIDAD_EMITIDA")}
    assert first == {"LINEA": "3", "RESULTADO": "DIFIERE", "CANTIDAD": "4", "CANTIDAD_EMITIDA": "3"}
    assert (answer["CIERRE.2.RESULTADO"], answer["CIERRE.2.DIFERENCIA"]) == ("DIFIERE", "-0.01")
    assert (answer["CIERRE.3.RESULTADO"], answer["CIERRE.3.TIPO"]) == ("FALTA_AQUI", "111")
    untold = {name: answer[f"CIERRE.4.{name}"] for name in ("RESULTADO", "MONEDA", "TOTAL_EMITIDO")}
    assert untold == {"RESULTADO": "FALTA_ALLI", "MONEDA": "USD", "TOTAL_EMITIDO": "10.00"}
    assert "CIERRE.4.LINEA" not in answer


def test_a_till_closes_what_was_dropped_in_its_folder(day):
    mine = closing(total(cantidad=2, importe="150.25"), total(102, 1))
    answer = day.send("C1.txt", mine, folder="entrada/CAJA1")
    assert (answer[""], answer["CIERRE.CAJA"]) == ("OK", "CAJA1")
    assert table(day, "C1.csv", "CAJA1")[0]["RESULTADO"] == "COINCIDE"
    answer = day.send("C2.txt", closing(total(cantidad=2), head="FECHA=21/11/2026\nCAJA=caja1\n"))
    assert (answer[""], answer["CIERRE.CAJA"], answer["CIERRE.DIFERENCIAS"]) == ("ERROR", "CAJA1", "1")
    everything = closing(
        total(cantidad=2, CAJA="CAJA1"), total(cantidad=1, importe="30", CAJA="CAJA2"),
        head="FECHA=21/11/2026\nCAJA=TODAS\n",
    )  # fmt: skip
    answer = day.send("C3.txt", everything, folder="entrada/CAJA1")
    assert [answer.get(f"CIERRE.{n}.RESULTADO") for n in (1, 2, 3, 4)] == ["COINCIDE"] * 2 + ["FALTA_ALLI"] * 2
    assert [answer[f"CIERRE.{n}.CAJA"] for n in (3, 4)] == ["CAJA1", "CAJA2"]


def test_sales_told_one_by_one_say_which_is_missing_on_which_side(day):
    day.send("M.txt", TICKET.format(referencia="MALA", precio="mucho"))
    yesterday = TICKET.replace("TIPO=101", "TIPO=101\nFECHA=20/11/2026").format(referencia="AYER", precio="7")
    day.send("A.txt", yesterday, folder="entrada/CAJA1")
    answer = day.send(
        "C1.txt",
        closing(
            sale(REFERENCIA="v1", TOTAL="100.00", TIPO=101, SERIE="A", NUMERO=1), sale(REFERENCIA="V2", TOTAL="50.00"),
            sale(TIPO=101, SERIE="a", NUMERO=3), sale(REFERENCIA="V9", TOTAL=1), sale(REFERENCIA="MALA"),
            sale(REFERENCIA="AYER"), sale(REFERENCIA="V4", NUMERO=99, MONEDA="UYU"),
        ),
    )  # fmt: skip
    assert (answer["CIERRE.LINEAS"], answer["CIERRE.DIFERENCIAS"]) == ("8", "6")
    rows = {(row["REFERENCIA"] or row["NUMERO"]): row for row in table(day, "C1.csv")}
    assert {name: row["RESULTADO"] for name, row in rows.items()} == {
        "V1": "COINCIDE", "V2": "DIFIERE", "V3": "COINCIDE", "V9": "FALTA_AQUI", "MALA": "FALTA_AQUI",
        "AYER": "FALTA_AQUI", "V4": "DIFIERE", "N1": "FALTA_ALLI",
    }  # fmt: skip
    assert rows["V9"]["MENSAJE"] == "Nunca llego."
    assert rows["MALA"]["MENSAJE"].startswith("Quedo RECHAZADO. PRECIO debe ser un numero")
    assert rows["AYER"]["MENSAJE"] == "Se emitio 101-A-5 con FECHA 2026-11-20, en CAJA1."
    assert rows["V2"]["MENSAJE"] == "El archivo dice 50.00 y se emitio por 50.25."
    assert (
        rows["V4"]["MENSAJE"] == "El archivo dice 101-A-99 y se emitio 101-A-4. El archivo dice UYU y se emitio en USD."
    )
    assert rows["N1"]["MENSAJE"] == "Se emitio 102-A-1 y el archivo no trae esa venta."
    told = [answer.get(f"CIERRE.{n}.REFERENCIA") for n in range(1, 7)]
    assert told == ["V2", "V9", "MALA", "AYER", "V4", "N1"], "what agrees is in the table only"


def test_what_the_authority_refused_does_not_count_as_issued(day):
    with day.house.journal.transaction() as db:
        found = jobs.of_document(db, 101, "A", 3)
        jobs.advance(db, found.id, Estado.RECHAZADO_DGI)
    answer = day.send("C1.txt", closing(sale(REFERENCIA="V3"), total(cantidad=2), head="FECHA=20261121\nCAJA=CAJA2\n"))
    assert (answer["CIERRE.EMITIDOS"], answer["CIERRE.1.RESULTADO"]) == ("1", "FALTA_AQUI")
    row = next(row for row in table(day, "C1.csv") if row["REFERENCIA"] == "V3")
    assert (row["RESULTADO"], row["MENSAJE"]) == ("FALTA_AQUI", "Su comprobante 101-A-3 quedo RECHAZADO_DGI.")


def test_a_sale_that_is_told_by_both_its_names_is_told_twice(day):
    answer = day.send(
        "C1.txt", closing(sale(REFERENCIA="V3"), sale(REFERENCIA="V4"), sale(TIPO=101, SERIE="A", NUMERO=3),
                          head="FECHA=21/11/2026\nCAJA=CAJA2\n"),
    )  # fmt: skip
    assert (answer["CIERRE.DIFERENCIAS"], answer["CIERRE.1.LINEA"], answer["CIERRE.1.RESULTADO"]) == (
        "1",
        "8",
        "DIFIERE",
    )
    assert answer["CIERRE.1.MENSAJE"] == "101-A-3 ya esta en otra linea del archivo."


def test_a_lote_on_its_way_is_pending(day):
    one = TICKET.partition("[FIN]")[0]
    day.drop("L1.txt", f"[LOTE]\nREFERENCIA=L1\n{one.format(referencia='L-A', precio='1')}[FIN]\n")
    day.drop("M1.txt", closing())
    day.intake.take()
    decide(day.house, day.desk)
    day.publisher.publish()
    day.pass_time(seconds=1)
    assert day.answer("M1.txt")["CIERRE.PENDIENTES"] == "1"


def test_a_day_of_which_nothing_is_told_agrees_only_when_nothing_was_sold(day):
    assert day.send("C1.txt", closing(head="FECHA=20/11/2026\n"))[""] == "OK"
    answer = day.send("C2.txt", closing())
    assert (answer[""], answer["CIERRE.LINEAS"], answer["CIERRE.DIFERENCIAS"]) == ("ERROR", "3", "3")


def test_what_waits_is_told_as_pending(day):
    with day.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1")
    day.send("V5.txt", TICKET.format(referencia="V5", precio="1"), folder="entrada/CAJA1")
    answer = day.send("C1.txt", closing(sale(REFERENCIA="V5")))
    assert answer["CIERRE.PENDIENTES"] == "1"
    assert next(row["MENSAJE"] for row in table(day, "C1.csv") if row["REFERENCIA"] == "V5").startswith(
        "Esta ESPERANDO."
    )
    assert day.send("C2.txt", closing(), folder="entrada/CAJA2")["CIERRE.PENDIENTES"] == "0"


def test_a_listing_tells_every_document_of_its_days_and_the_totals(day):
    answer = day.send("L1.txt", "[LISTADO]\nDESDE=20/11/2026\nHASTA=21/11/2026\n[FIN]\n")
    assert (answer[""], answer["ESTADO"], answer["LISTADO.DOCUMENTOS"]) == ("OK", "RESUELTO", "5")
    assert answer["MENSAJE"] == "El listado esta en el CSV."
    totals = [
        tuple(answer[f"TOTAL.{n}.{name}"] for name in ("CAJA", "TIPO", "MONEDA", "CANTIDAD", "TOTAL"))
        for n in (1, 2, 3, 4)
    ]
    assert totals == [
        ("CAJA1", "101", "UYU", "2", "150.25"), ("CAJA1", "102", "UYU", "1", "50.25"),
        ("CAJA2", "101", "USD", "1", "10.00"), ("CAJA2", "101", "UYU", "1", "30.00"),
    ]  # fmt: skip
    rows = table(day, answer["CSV"])
    assert [(row["N"], row["CAJA"], row["REFERENCIA"], row["NUMERO"], row["A_PAGAR"]) for row in rows] == [
        ("1", "CAJA1", "V1", "1", "100.00"), ("2", "CAJA1", "V2", "2", "50.25"), ("3", "CAJA2", "V3", "3", "30.00"),
        ("4", "CAJA2", "V4", "4", "10.00"), ("5", "CAJA1", "N1", "1", "50.25"),
    ]  # fmt: skip
    assert {row["ESTADO"] for row in rows} == {"FIRMADO_LOCAL"}
    answer = day.send("L2.txt", "[LISTADO]\nDESDE=21/11/2026\n[FIN]\n", folder="entrada/CAJA2")
    assert (answer["LISTADO.DOCUMENTOS"], answer["LISTADO.HASTA"]) == ("2", "2026-11-21")
    assert day.send("L3.txt", "[LISTADO]\nDESDE=19/11/2026\nHASTA=20/11/2026\n[FIN]\n")["LISTADO.DOCUMENTOS"] == "0"


def test_the_table_is_of_the_moment_of_the_decision(day):
    day.send("L1.txt", "[LISTADO]\nDESDE=21/11/2026\n[FIN]\n")
    copies = list((day.folder / "spool" / "procesados").rglob("L1*.csv"))
    assert len(copies) == 1
    assert copies[0].read_bytes() == (day.folder / "spool" / "salida" / "L1.csv").read_bytes()
    with day.house.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM listing").fetchone()[0] == 0, "it lies beside its answer now"


def test_only_checked_it_says_whether_it_is_well_written(machine):
    assert machine.send("C1.txt", closing(total(cantidad=1)), folder="validar")["ESTADO"] == "VALIDO"
    wrong = machine.send("C2.txt", closing(total(cantidad="una")), folder="validar")
    assert (wrong["ESTADO"], wrong["CODIGO"]) == ("INVALIDO", "E0208")
    assert not (machine.folder / "spool" / "salida" / "C1.csv").exists()


def test_a_closing_survives_a_fall_at_every_boundary(day):
    text = closing(total(cantidad=3, importe="180.25"), total(cantidad=1, MONEDA="USD"), total(102, 1))
    for boundary in range(1, 400):
        name = f"C{boundary}.txt"
        day.fate.fall_at = day.fate.count + boundary
        try:
            answer = day.send(name, text)
        except Crash:
            day.switch_on()
            day.work()
            day.pass_time(seconds=1)
            answer = day.answer(name)
        else:
            day.fate.fall_at = None
            break
        assert (answer[""], answer["CIERRE.COINCIDE"], len(table(day, answer["CSV"]))) == ("OK", "SI", 8)
    else:
        pytest.fail("it never came to its end")
    assert boundary > 10


def test_an_older_day_is_found_too(day):
    day.clock.time = NOON + timedelta(days=40)
    day.work()
    answer = day.send("C1.txt", closing(total(cantidad=3), total(cantidad=1, MONEDA="USD"), total(102, 1)))
    assert answer[""] == "OK"


def run(machine, *args):
    words = ["--config", str(machine.folder / "sincronizador.toml"), "cierre", *args]
    return CliRunner().invoke(cli.main, words, prog_name="sincronizador")


def test_the_command_line_tells_a_day(day, tmp_path):
    done = run(day, "--fecha", "21/11/2026", "--caja", "caja1", "--csv", str(tmp_path / "dia.csv"))
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "2026-11-21, caja CAJA1: 3 emitidos, 0 sin decidir.",
        "  CAJA1  101  2  UYU 150.25",
        "  CAJA1  102  1  UYU 50.25",
    ]  # fmt: skip
    assert len((tmp_path / "dia.csv").read_bytes().splitlines()) == 4
    found = json.loads(run(day, "--fecha", "20261121", "--json").output)
    assert (found["caja"], found["emitidos"], len(found["totales"])) == ("TODAS", 5, 4)


def test_the_command_line_compares_a_file_without_dropping_it(day, tmp_path):
    file = tmp_path / "cierre.txt"
    file.write_text(closing(total(cantidad=3), total(cantidad=1, MONEDA="USD"), total(102, 1)))
    done = run(day, str(file))
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "El cierre coincide.")
    file.write_text(closing(total(cantidad=4), sale(REFERENCIA="V9")))
    done = run(day, str(file))
    assert done.exit_code == 1
    assert "Línea 3: DIFIERE  101 UYU: el archivo dice 4 por ?; se emitió 3 por 180.25" in done.output
    assert "Línea 7: FALTA_AQUI  V9. Nunca llegó." in done.output
    assert json.loads(run(day, str(file), "--json").output)["coincide"] is False


@pytest.mark.parametrize(
    ("text", "code"),
    [(TICKET.format(referencia="V1", precio="1"), "E0111"), ("[CIERRE_DIA]\nFECHA=x\n[FIN]\n", "E0207"), ("", "E01")],
)
def test_the_command_line_refuses_what_is_no_closing(machine, tmp_path, text, code):
    file = tmp_path / "cierre.txt"
    file.write_text(text)
    done = run(machine, str(file))
    assert done.exit_code == 1
    assert f"Error {code}" in done.output


def test_the_command_line_wants_a_day_or_a_file(machine):
    assert run(machine).exit_code == 2
    assert "no es una fecha" in run(machine, "--fecha", "ayer").output
