"""One sale, one document: what a REFERENCIA binds, frees and finds."""

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

import pytest
from outside import papers
from outside.dialects import Style, write
from outside.identity import DAY, write_cae
from outside.installation import Installation, txt, wait_for
from outside.legacy import simple

UTF8 = Style()
XML = Style(dialect="xml")


def sold(own: Installation, referencia, today, **more):
    """A sale that is answered OK under its REFERENCIA as name."""
    answer = own.ask(f"{referencia}.txt", write(simple(referencia, today, **more), UTF8))
    assert answer.first == "OK", answer
    return answer


def papers_of(own: Installation, number) -> list[bool]:
    """For each paper of this document, in order: whether it is marked."""
    pages = [path.read_bytes() for path in own.papers()]
    found = [(papers.printed_qr(page), page) for page in pages]
    return [papers.is_copy(page) for qr, page in found if qr and papers.number_in(qr) == number]


def printed(own: Installation, number, count):
    """Wait for that many papers of this document; whether each is marked."""

    def look():
        found = papers_of(own, number)
        return found if len(found) >= count else None

    return wait_for(f"{count} papers of {number}", look)


@pytest.fixture
def cae(blank, tmp_path, today, import_cae):
    """Make and import a CAE of the blank installation."""
    now = datetime.combine(today, time(12))
    rut = blank.settings["emisor"]["rut"]

    def give(tipo=101, first=1, last=1000, serie="A"):
        import_cae(
            write_cae(tmp_path, rut, tipo, serie=serie, first=first, last=last, expires=now + 300 * DAY, today=now)
        )

    return give


def waits(own: Installation, name, motivo="SIN_NUMEROS"):
    """The answer that says that it waits."""
    return own.answer(name, until=lambda seen: seen["ESTADO"] == "ESPERANDO" and seen["MOTIVO"] == motivo)


# Bound


def test_the_same_sale_again_gets_the_same_document_and_no_paper(running, today):
    first = sold(running, "IGUAL1", today)
    printed(running, first.number, 1)
    again = running.ask("IGUAL1.txt", write(simple("IGUAL1", today), UTF8))
    assert (again.first, again.number, again.codes("AVISO")) == ("OK", first.number, ["A0001"])
    assert papers_of(running, first.number) == [False]


def test_the_same_sale_under_another_name_case_and_dialect_gets_the_same_document(running, today):
    first = sold(running, "IGUAL2", today)
    sale = replace(simple("igual2 ", today), adenda="Otra adenda no hace otra venta.")
    by_xml = running.ask("otro-igual2.xml", write(replace(sale, referencia="IGUAL2"), XML))
    assert (by_xml.number, by_xml.codes("AVISO")) == (first.number, ["A0001"]), by_xml
    lower = running.ask("otro-igual2b.txt", write(sale, Style(decimal=".", encoding="utf-16", date="%Y%m%d")))
    assert (lower.number, lower.codes("AVISO")) == (first.number, ["A0001"]), lower


@pytest.mark.parametrize(
    ("old", "new", "campo"),
    [
        (b"PRECIO=122,00", b"PRECIO=123,00", "PRECIO"),
        (b"CANTIDAD=1", b"CANTIDAD=2", "CANTIDAD"),
        (b"DETALLE=Yerba", b"DETALLE=Azucar", "DETALLE"),
        (b"FORMA_PAGO=CONTADO", b"FORMA_PAGO=CREDITO", "FORMA_PAGO"),
        (b"IVA=BASICA", b"IVA=MINIMA", "IVA"),
    ],
)
def test_another_sale_under_a_bound_reference_changes_nothing(running, today, old, new, campo):
    referencia = f"OTRA-{campo}"
    first = sold(running, referencia, today)
    answer = running.ask(f"{referencia}-b.txt", write(simple(referencia, today), UTF8).replace(old, new))
    assert (answer.first, answer["CODIGO"]) == ("ERROR", "E0104"), answer
    existing = answer.section("EXISTENTE")
    assert (int(existing["TIPO"]), existing["SERIE"], int(existing["NUMERO"])) == first.number
    assert (existing["CAMPO"], Decimal(existing["TOTAL"])) == (campo, Decimal("122.00"))
    assert sold(running, referencia, today).number == first.number


def test_what_is_not_fiscal_does_not_make_another_sale(running, today):
    first = sold(running, "ADORNO1", today)
    content = write(simple("ADORNO1", today), UTF8).replace(
        b"FORMA_PAGO", b"COPIAS=2\r\nIMPRESORA=NINGUNA\r\nFORMA_PAGO"
    )
    content = content.replace(b"[FIN]", b"[EXTRA]\r\nMESA=4\r\n[ADENDA]\r\nHola\r\n[FIN]")
    again = running.ask("ADORNO1-b.txt", content)
    assert (again.number, again.codes("AVISO")) == (first.number, ["A0001"]), again


def test_a_file_without_its_date_is_the_same_sale(running, today):
    first = sold(running, "FECHA1", today)
    stated = f"FECHA={today:%d/%m/%Y}\r\n".encode()
    again = running.ask("FECHA1-b.txt", write(simple("FECHA1", today), UTF8).replace(stated, b""))
    assert (again.number, again.codes("AVISO")) == (first.number, ["A0001"]), again


def test_a_corrected_file_after_a_refusal_is_a_new_attempt(running, today):
    wrong = write(simple("CORRIGE1", today), UTF8).replace(b"IVA=BASICA", b"IVA=BASIKA")
    assert running.ask("CORRIGE1.txt", wrong)["CODIGO"] == "E0208"
    right = sold(running, "CORRIGE1", today)
    assert not right.codes("AVISO")


def test_a_reference_outlives_the_daemon(installation, today):
    installation.start()
    first = sold(installation, "DURA1", today)
    assert installation.stop() == 0
    installation.start()
    again = installation.ask("DURA1-b.txt", write(simple("DURA1", today), UTF8))
    assert (again.number, again.codes("AVISO")) == (first.number, ["A0001"])


def test_a_note_finds_its_sale_by_reference_and_by_number(running, today):
    sale = sold(running, "VENTA1", today, tipo=111)
    by_reference = running.ask("NC1.txt", write(replace(simple("NC1", today, tipo=112), refers="VENTA1"), UTF8))
    by_number = running.ask(
        "ND1.txt", write(replace(simple("ND1", today, tipo=113), refers="VENTA1"), UTF8, sale.number)
    )
    assert (by_reference.first, by_reference["TIPO"], by_number.first, by_number["TIPO"]) == ("OK", "112", "OK", "113")


def test_a_note_of_an_unknown_sale_is_refused(running, today):
    note = replace(simple("NC2", today, tipo=102), refers="NUNCA-EXISTIO")
    assert running.ask("NC2.txt", write(note, UTF8)).first == "ERROR"


def test_a_note_of_the_other_family_is_refused(running, today):
    sold(running, "VENTA2", today)
    note = replace(simple("NC3", today, tipo=112), refers="VENTA2")
    assert running.ask("NC3.txt", write(note, UTF8)).first == "ERROR"


# Not bound yet: waiting for numbers


def test_the_same_sale_joins_one_that_waits_and_both_get_one_document(blank, today, cae):
    blank.start()
    content = write(simple("UNE1", today), UTF8)
    blank.drop("UNE1.txt", content)
    waits(blank, "UNE1.txt")
    blank.drop("UNE1-b.txt", content)
    waits(blank, "UNE1-b.txt")
    cae()
    first, second = (blank.answer(name) for name in ("UNE1.txt", "UNE1-b.txt"))
    assert first.first == second.first == "OK"
    assert first.number == second.number == (101, "A", 1)
    printed(blank, first.number, 1)
    assert sold(blank, "UNE2", today).number == (101, "A", 2)
    assert papers_of(blank, first.number) == [False]


def test_another_sale_takes_the_place_of_one_that_waits(blank, today, cae):
    blank.start()
    blank.drop("CAMBIA1.txt", write(simple("CAMBIA1", today), UTF8))
    waits(blank, "CAMBIA1.txt")
    blank.drop("CAMBIA1-b.txt", write(simple("CAMBIA1", today, precio="244.00"), UTF8))
    withdrawn = blank.answer("CAMBIA1.txt")
    assert (withdrawn.first, withdrawn["ESTADO"]) == ("ERROR", "RETIRADO")
    assert b"CAMBIA1-b" in withdrawn.raw
    cae()
    second = blank.answer("CAMBIA1-b.txt")
    assert (second.number, second["A_PAGAR"]) == ((101, "A", 1), "244.00")


def test_a_sale_that_waits_is_withdrawn(blank, today, cae):
    blank.start()
    blank.drop("RET1.txt", write(simple("RET1", today), UTF8))
    waits(blank, "RET1.txt")
    asked = blank.ask("RETIRA1.txt", txt("RETIRAR", REFERENCIA="RET1"))
    assert (asked.first, asked["ESTADO"]) == ("OK", "RETIRADO"), asked
    own = blank.answer("RET1.txt")
    assert (own.first, own["ESTADO"], own["EMITIDO"], own["FINAL"]) == ("ERROR", "RETIRADO", "NO", "SI")
    cae()
    assert sold(blank, "RET1", today).number == (101, "A", 1)


def test_a_withdrawal_under_the_stem_of_the_waiting_sale_does_not_wait(blank, today):
    blank.start()
    blank.drop("RET2.txt", write(simple("RET2", today), UTF8))
    waits(blank, "RET2.txt")
    blank.drop("RET2.txt", txt("RETIRAR", REFERENCIA="RET2"))
    assert blank.answer("RET2.txt")["ESTADO"] == "RETIRADO"


def test_an_operator_discards_a_sale_that_waits(blank, today, cae):
    blank.start()
    blank.drop("DES1.txt", write(simple("DES1", today), UTF8))
    waits(blank, "DES1.txt")
    assert blank.run("descartar", "DES1", "--motivo", "se cobró en otra caja").returncode == 0
    own = blank.answer("DES1.txt")
    assert (own.first, own["ESTADO"]) == ("ERROR", "DESCARTADO")
    assert "se cobr" in own["MENSAJE"]
    cae()
    assert sold(blank, "DES1", today).number == (101, "A", 1)


# Withdrawals and questions


def test_a_signed_sale_is_not_withdrawn(running, today):
    sale = sold(running, "RET3", today)
    asked = running.ask("RETIRA3.txt", txt("RETIRAR", REFERENCIA="RET3"))
    assert (asked.first, asked.number) == ("OK", sale.number)
    assert asked["ESTADO"] != "RETIRADO"


def test_a_sale_never_seen_is_not_withdrawn(running):
    asked = running.ask("RETIRA4.txt", txt("RETIRAR", REFERENCIA="NUNCA4"))
    assert (asked["ESTADO"], asked["CODIGO"]) == ("NO_RESUELTO", "E0108")


def test_a_question_is_answered_with_the_document(running, today):
    sale = sold(running, "CON1", today)
    tipo, serie, numero = sale.number
    by_reference = running.ask("PREG1.txt", txt("CONSULTA", REFERENCIA="con1"))
    by_number = running.ask("PREG2.txt", txt("CONSULTA", TIPO=tipo, SERIE=serie, NUMERO=numero))
    for asked in (by_reference, by_number):
        assert (asked.first, asked.number, asked["QR"]) == ("OK", sale.number, sale["QR"]), asked


@pytest.mark.parametrize("section", ["CONSULTA", "REIMPRIMIR", "RETIRAR"])
def test_what_is_unknown_is_not_resolved(running, section):
    asked = running.ask(f"NOHAY-{section}.txt", txt(section, REFERENCIA="NO-HAY"))
    assert (asked.first, asked["ESTADO"], asked["CODIGO"]) == ("ERROR", "NO_RESUELTO", "E0108")


def test_a_request_without_a_key_is_new_every_time(running, today):
    sold(running, "CON2", today)
    content = txt("CONSULTA", REFERENCIA="CON2")
    first, second = running.ask("PREG3.txt", content), running.ask("PREG3.txt", content)
    assert first.first == second.first == "OK"
    assert not second.codes("AVISO")


# Reprints


@pytest.mark.parametrize("how", ["REFERENCIA", "NUMERO", "ULTIMO"])
def test_a_reprint_says_that_it_is_a_copy(running, today, how):
    sale = sold(running, f"REI-{how}", today)
    printed(running, sale.number, 1)
    tipo, serie, numero = sale.number
    target = {
        "REFERENCIA": {"REFERENCIA": f"REI-{how}"},
        "NUMERO": {"TIPO": tipo, "SERIE": serie, "NUMERO": numero},
        "ULTIMO": {"ULTIMO": "SI"},
    }
    asked = running.ask(f"COPIA-{how}.txt", txt("REIMPRIMIR", **target[how]))
    assert (asked.first, asked["ESTADO"]) == ("OK", "RESUELTO"), asked
    assert asked["IMPRESION"] in ("IMPRESO", "ENTREGADO")
    assert printed(running, sale.number, 2) == [False, True]


def test_the_last_document_is_the_last_of_that_till(running, today):
    mine = running.ask("T1.txt", write(simple("ULT1", today), UTF8), till="CAJA7")
    printed(running, mine.number, 1)
    sold(running, "ULT2", today)
    asked = running.ask("T2.txt", txt("REIMPRIMIR", ULTIMO="SI"), till="CAJA7")
    assert asked["ESTADO"] == "RESUELTO", asked
    assert printed(running, mine.number, 2) == [False, True]


def test_a_till_that_never_sold_has_no_last_document(running):
    asked = running.ask("T3.txt", txt("REIMPRIMIR", ULTIMO="SI"), till="CAJA8")
    assert (asked["ESTADO"], asked["CODIGO"]) == ("NO_RESUELTO", "E0108")


def test_a_second_original_is_refused_once_the_first_is_certain(running, today):
    sale = sold(running, "ORI1", today)
    printed(running, sale.number, 1)
    running.answer("ORI1.txt", until=lambda seen: seen["IMPRESION"] == "IMPRESO")
    asked = running.ask("ORI1-b.txt", txt("REIMPRIMIR", REFERENCIA="ORI1", ORIGINAL="SI", MOTIVO="se tranco"))
    assert asked.first == "ERROR", asked
    assert papers_of(running, sale.number) == [False]


def test_copies_asked_for_say_that_they_are_copies(running, today):
    content = write(simple("COP1", today), UTF8).replace(b"FORMA_PAGO", b"COPIAS=2\r\nFORMA_PAGO")
    sale = running.ask("COP1.txt", content)
    assert printed(running, sale.number, 3) == [False, True, True]


def test_nothing_is_printed_where_none_is_asked_for(running, today):
    content = write(simple("SINPAP", today), UTF8).replace(b"FORMA_PAGO", b"IMPRESORA=NINGUNA\r\nFORMA_PAGO")
    sale = running.ask("SINPAP.txt", content)
    assert sale["IMPRESION"] == "NO_PEDIDA"
    sold(running, "TRAS-SINPAP", today)
    assert papers_of(running, sale.number) == []


def test_an_operator_reprints_by_command(running, today):
    sale = sold(running, "REIOP1", today)
    printed(running, sale.number, 1)
    assert running.run("reimprimir", "REIOP1").returncode == 0
    assert printed(running, sale.number, 2) == [False, True]
