"""The route of the cloud: submit, adopt, confirm, print, answer; and the switch to contingencia."""

from datetime import datetime

import pytest
from walking import TICKET

from sincronizador.core.receipt import CloudState
from sincronizador.folders.answers import parse_answer
from sincronizador.journal import post
from sincronizador.journal.post import Phase
from sincronizador.providers.door import Capabilities
from sincronizador.providers.fake import Fault

FOREVER = 60


def ticket(referencia="V1", precio="89"):
    return TICKET.format(referencia=referencia, precio=precio)


def cut(shop, times=FOREVER):
    """No line."""
    for verb in ("submit", "confirm", "hand_over", "void", "health", "leases", "take", "close", "changes", "epoch"):
        shop.cloud.fail(verb, *[Fault.UNAVAILABLE] * times)


def heal(shop):
    """The line is back, and the probe finds it."""
    shop.cloud._faults.clear()
    shop.probe()


def documents_of(shop):
    return {receipt.key: receipt for receipt in shop.cloud.books.documents.values()}


def test_a_machine_joins_and_takes_numbers_for_contingencia(shop):
    machine = shop()
    with machine.house.journal.reading() as db:
        place = post.read(db)
    assert (place.phase, place.epoch) == (Phase.READY, 1)
    assert {lease.tipo for lease in machine.cloud.books.leases.values()} == {101, 102, 111, 112}


def test_a_sale_of_another_branch_is_handed_to_the_cloud_as_that_branch_s(shop):
    machine = shop()
    said = []
    compose = machine.cloud.compose
    machine.cloud.compose = lambda submission: said.append(submission.branch) or compose(submission)
    other = ticket("V2").replace("[ITEM]", "[EMISOR]\nSUCURSAL=7\n[ITEM]")
    for name, content in (("V1.TXT", ticket()), ("V2.TXT", other)):
        assert machine.send(name, content)["ESTADO"] == "ENVIADO"
    assert said == ["1", "7"]


def test_a_sale_is_numbered_by_the_cloud_confirmed_and_printed_once(shop):
    machine = shop()
    answer = machine.send("V1.TXT", ticket())
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"]) == ("OK", "ENVIADO", "SI")
    assert documents_of(machine)["V1"].state is CloudState.CONFIRMED
    assert [marked for _, marked in machine.papers()] == [False]


def test_a_sale_whose_answer_was_lost_has_one_document(shop):
    machine = shop()
    machine.cloud.fail("submit", Fault.LOST, Fault.LOST)
    machine.send("V1.TXT", ticket())
    machine.pass_time(seconds=2)
    machine.pass_time(seconds=3)
    answer = machine.answer("V1.TXT")
    assert answer["ESTADO"] == "ENVIADO"
    assert answer["NUMERO"] == str(documents_of(machine)["V1"].numero)
    assert len(machine.papers()) == 1


def test_what_the_cloud_does_not_answer_in_time_is_signed_here_and_handed_over_later(shop):
    machine = shop()
    cut(machine)
    machine.send("V1.TXT", ticket())
    machine.pass_time(seconds=5)
    answer = machine.answer("V1.TXT")
    assert (answer[""], answer["ESTADO"]) == ("OK", "FIRMADO_CONTINGENCIA")
    assert len(machine.papers()) == 1
    heal(machine)
    machine.pass_time(seconds=60)
    answer = machine.answer("V1.TXT")
    assert answer["ESTADO"] == "ENVIADO"
    assert documents_of(machine)["V1"].numero == int(answer["NUMERO"])
    assert documents_of(machine)["V1"].signed_here


def test_a_sale_that_the_cloud_did_number_and_we_did_not_hear_of_is_signed_here_and_its_number_annulled(shop):
    machine = shop()
    machine.cloud.fail("submit", *[Fault.LOST] * FOREVER)
    machine.send("V1.TXT", ticket())
    first = documents_of(machine)["V1"].numero
    machine.pass_time(seconds=5)
    heal(machine)
    machine.pass_time(seconds=60)
    answer = machine.answer("V1.TXT")
    assert answer["ESTADO"] == "ENVIADO"
    assert int(answer["NUMERO"]) != first
    assert machine.cloud.books.fates[(101, "A", first)] == "annulled"
    assert machine.cloud.books.fates[(101, "A", int(answer["NUMERO"]))] == "document"
    assert len(machine.papers()) == 1


def test_failures_open_contingencia_and_a_stable_link_closes_it_with_news_for_both(shop):
    machine = shop()
    cut(machine)
    for _ in range(3):
        machine.probe()
    assert machine.house.line.link.contingency
    answer = machine.send("V1.TXT", ticket())
    assert answer["ESTADO"] == "FIRMADO_CONTINGENCIA"
    heal(machine)
    machine.probe()
    machine.pass_time(seconds=30)
    machine.probe()
    assert machine.house.line.link.contingency
    machine.pass_time(seconds=31)
    machine.probe()
    assert not machine.house.line.link.contingency
    news = sorted((machine.folder / "spool" / "novedades").glob("*.RSP"))
    texts = [path.read_text("ascii") for path in news]
    assert ["EVENTO=INICIO" in text for text in texts] == [True, False]
    assert "EVENTO=FIN" in texts[1]
    assert "1 del tipo 101" in texts[1]
    pages = [dict(parse_answer(path.read_bytes())[1][1].fields) for path in news]
    for fields, when in zip(pages, ("INICIO", "FIN"), strict=True):
        place = ("RUT", "RAZON_SOCIAL", "SUCURSAL", "DOMICILIO", "INSTALACION")
        assert [fields[name] for name in place] == [
            "219999830019", "ALMACEN DE PRUEBA S.A.", "1", "18 de Julio 1234, Montevideo, Montevideo", "PRUEBA",
        ]  # fmt: skip
        assert fields["FORMULARIO"] == "Comunicacion de contingencia"
        assert fields["MOTIVO"] in fields["TEXTO"]
        assert datetime.fromisoformat(fields[when]).strftime("%d/%m/%Y a las %H:%M") in fields["TEXTO"]
    assert "emitidos mientras tanto: 1." in pages[1]["TEXTO"]
    assert machine.send("V2.TXT", ticket("V2"))["ESTADO"] == "ENVIADO"


def test_contingencia_survives_a_restart_and_a_forced_one_waits_for_a_person(shop):
    machine = shop()
    assert machine.order("contingencia", que="forzar", motivo="mudanza").ok
    machine.switch_on()
    machine.pass_time(minutes=5)
    machine.probe()
    assert machine.send("V1.TXT", ticket())["ESTADO"] == "ENVIADO"
    assert documents_of(machine)["V1"].signed_here
    assert machine.order("contingencia", que="terminar").ok
    machine.send("V2.TXT", ticket("V2"))
    assert not documents_of(machine)["V2"].signed_here


def test_a_refusal_of_the_cloud_is_final_and_frees_the_reference(shop):
    machine = shop()
    machine.cloud.refuses["V1"] = "sucursal desconocida"
    answer = machine.send("V1.TXT", ticket())
    assert (answer[""], answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "RECHAZADO", "E3006")
    assert "sucursal desconocida" in answer["MENSAJE"]
    machine.cloud.refuses.clear()
    assert machine.send("V1.TXT", ticket(precio="90"))["ESTADO"] == "ENVIADO"


def test_a_mixed_up_answer_is_parked_and_nothing_leaves(shop):
    machine = shop()
    machine.send("V0.TXT", ticket("V0", "12"))
    machine.cloud.fail("submit", Fault.MIXED_UP)
    answer = machine.send("V1.TXT", ticket())
    assert (answer["ESTADO"], answer["MOTIVO"], answer["CODIGO"]) == ("ESPERANDO", "OPERADOR", "E3005")
    assert len(machine.papers()) == 1
    assert machine.order("reintentar", que="V1").ok
    machine.work()
    assert machine.answer("V1.TXT")["ESTADO"] == "ENVIADO"


def test_the_same_sale_twice_while_it_is_on_its_way_joins_it_and_another_content_is_refused(shop):
    machine = shop()
    cut(machine, 2)
    machine.send("V1.TXT", ticket())
    machine.send("V1B.TXT", ticket())
    other = machine.send("V1C.TXT", ticket(precio="90"))
    assert (other["CODIGO"], other["EXISTENTE.ESTADO"]) == ("E0104", "RECIBIDO")
    heal(machine)
    machine.pass_time(seconds=3)
    assert machine.answer("V1.TXT")["NUMERO"] == machine.answer("V1B.TXT")["NUMERO"]
    assert len(machine.papers()) == 1


def test_a_withdrawal_is_answered_only_after_the_clouds_word(shop):
    machine = shop()
    machine.cloud.fail("submit", *[Fault.LOST] * FOREVER)
    machine.send("V1.TXT", ticket())
    machine.cloud.fail("void", *[Fault.UNAVAILABLE] * 3)
    asked = machine.send("R1.TXT", "[RETIRAR]\nREFERENCIA=V1\n[FIN]\n")
    assert asked["ESTADO"] == "ESPERANDO"
    assert machine.answer("V1.TXT")["ESTADO"] == "ESPERANDO"
    for _ in range(3):
        machine.pass_time(seconds=20)
    assert machine.answer("R1.TXT")["ESTADO"] == "RETIRADO"
    assert machine.answer("V1.TXT")[""] == "ERROR"
    assert "V1" not in documents_of(machine)
    assert machine.papers() == []


def test_a_discard_that_comes_too_late_is_answered_with_the_document(shop):
    """The cloud has it confirmed, by a machine that was restored since."""
    machine = shop()
    machine.cloud.fail("submit", *[Fault.LOST] * FOREVER)
    machine.send("V1.TXT", ticket())
    machine.cloud.tell("V1", CloudState.CONFIRMED, "")
    assert machine.order("descartar", que="V1", motivo="error").ok
    machine.pass_time(seconds=1)
    answer = machine.answer("V1.TXT")
    assert (answer["ESTADO"], answer["EMITIDO"]) == ("ENVIADO", "SI")


def test_without_numbers_at_hand_the_answer_says_what_it_waits_for(shop):
    machine = shop()
    with machine.house.journal.transaction() as db:
        db.execute("UPDATE rango SET siguiente = ultimo + 1")
    cut(machine)
    machine.send("V1.TXT", ticket())
    machine.pass_time(seconds=9)
    answer = machine.answer("V1.TXT")
    assert (answer[""], answer["ESTADO"], answer["MOTIVO"]) == ("PENDIENTE", "ESPERANDO", "SIN_NUMEROS")
    heal(machine)
    machine.pass_time(seconds=60)
    assert machine.answer("V1.TXT")["ESTADO"] == "ENVIADO"


@pytest.mark.parametrize("idempotent", [True, False])
def test_with_a_provider_that_does_not_fence_what_may_have_left_is_never_signed_here(shop, idempotent):
    machine = shop(capabilities=Capabilities(fences=False, idempotent=idempotent, leases=False), joined=False)
    machine.probe()
    machine.cloud.fail("submit", Fault.LOST)
    machine.cloud.fail("find", *[Fault.UNAVAILABLE] * FOREVER)
    machine.send("V1.TXT", ticket())
    machine.pass_time(seconds=9)
    answer = machine.answer("V1.TXT")
    assert (answer["ESTADO"], answer["MOTIVO"]) == ("ESPERANDO", "NUBE_SIN_RESPUESTA")
    heal(machine)
    machine.pass_time(seconds=60)
    answer = machine.answer("V1.TXT")
    assert answer["ESTADO"] == "ENVIADO"
    assert answer["NUMERO"] == str(documents_of(machine)["V1"].numero)
    assert len(machine.cloud.books.documents) == 1


def test_what_dgi_rejects_is_told_with_its_reason_and_other_content_is_another_document(shop):
    machine = shop()
    first = machine.send("V1.TXT", ticket())
    machine.cloud.tell("V1", CloudState.REJECTED, "E05 formato")
    machine.pass_time(seconds=31)
    machine.probe()
    machine.pass_time(seconds=1)
    answer = machine.answer("V1.TXT")
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"], answer["FINAL"]) == ("ERROR", "RECHAZADO_DGI", "NO", "SI")
    assert (answer["CODIGO"], answer["NUMERO"]) == ("E2016", first["NUMERO"])
    assert "E05 formato" in answer["MENSAJE"]
    assert "anulado" in answer["MENSAJE"]
    same = machine.send("V1B.TXT", ticket())
    assert (same[""], same["ESTADO"], same["CODIGO"]) == ("ERROR", "RECHAZADO_DGI", "E2016"), "it is answered with it"
    assert "E05 formato" in same["MENSAJE"]
    again = machine.send("V1C.TXT", ticket(precio="90"))
    assert (again["ESTADO"], int(again["NUMERO"]) > int(first["NUMERO"])) == ("ENVIADO", True)
    assert machine.answer("V1.TXT")["ESTADO"] == "RECHAZADO_DGI"
    assert machine.send("V1D.TXT", ticket(precio="90"))["NUMERO"] == again["NUMERO"]


def test_what_dgi_rejects_after_its_answer_was_taken_away_is_news(shop):
    machine = shop()
    machine.send("V1.TXT", ticket())
    (machine.folder / "spool" / "salida" / "V1.RSP").unlink()
    machine.cloud.tell("V1", CloudState.REJECTED, "E05 formato")
    machine.pass_time(seconds=31)
    machine.probe()
    machine.pass_time(seconds=1)
    news = [path.read_text("latin-1") for path in sorted((machine.folder / "spool" / "novedades").glob("*.RSP"))]
    assert "ESTADO=RECHAZADO_DGI" in news[-1]
    assert "E05 formato" in news[-1]


def hear(machine):
    machine.pass_time(seconds=31)
    machine.probe()
    machine.pass_time(seconds=1)


def test_what_its_receiver_does_not_want_is_told_and_the_document_stays_what_it_is(shop):
    machine = shop()
    first = machine.send("V1.TXT", ticket())
    machine.cloud.tell("V1", CloudState.ACCEPTED, "", "E24 Precio")
    hear(machine)
    answer = machine.answer("V1.TXT")
    assert (answer[""], answer["ESTADO"], answer["NUMERO"]) == ("OK", "ACEPTADO", first["NUMERO"])
    text = (machine.folder / "spool" / "salida" / "V1.RSP").read_text("latin-1")
    assert "A2004" in text
    assert "E24 Precio" in text
    machine.cloud.tell("V1", CloudState.ACCEPTED, "", "")
    hear(machine)
    assert "A2004" not in (machine.folder / "spool" / "salida" / "V1.RSP").read_text("latin-1")


def test_what_its_receiver_does_not_want_is_news_once_when_its_answer_was_taken_away(shop):
    machine = shop()
    machine.send("V1.TXT", ticket())
    (machine.folder / "spool" / "salida" / "V1.RSP").unlink()
    for state in (CloudState.CONFIRMED, CloudState.SENT, CloudState.ACCEPTED):
        machine.cloud.tell("V1", state, "", "E24 Precio")
        hear(machine)
    news = [path.read_text("latin-1") for path in sorted((machine.folder / "spool" / "novedades").glob("*.RSP"))]
    assert ["E24 Precio" in text for text in news] == [True]
    assert "ESTADO=RECHAZADO" not in news[0]
