"""What receivers answer: read once, twice, late, and about what is not ours."""

from datetime import timedelta

import pytest
from clouds import OTHER_RUT, RUT
from filing import rows, state, turn
from sqlalchemy import update
from test_postings import clerk, desk, invoice, kinds, office, till  # noqa: F401 - fixtures
from test_postings import empty as empty  # noqa: PLC0414 - the same

from sincronizador.countries.uy.acks import AckCfe, AckSobre, CfeAck, Motivo
from sincronizador.nube import exchange
from sincronizador.nube.tables import delivery, document, parcel


@pytest.fixture
def sent(clerk, till):  # noqa: F811
    """Two documents in a sobre that its receiver has; its row."""
    invoice(till, "F1")
    invoice(till, "F2")
    turn(clerk, till)
    return rows(clerk, delivery)[0]


def about(sent, **more):
    return {
        "ruc_receptor": OTHER_RUT, "ruc_emisor": RUT, "id_respuesta": 7, "id_emisor": sent.number, "id_receptor": 9,
        **more,
    }  # fmt: skip


def sobre(clerk, sent, estado="AS", *codes, **more):  # noqa: F811
    motivos = tuple(Motivo(codigo=code, glosa="No") for code in codes)
    ack = AckSobre(**about(sent, estado=estado, motivos=motivos, cantidad=2, **more))
    with clerk.store.writing() as db:
        return exchange.apply_ack_sobre(db, RUT, ack, clerk.now())


def cfes(clerk, sent, *decided, at=None, **more):  # noqa: F811
    found = tuple(
        CfeAck(ordinal=place, tipo=111, serie="A", numero=numero, estado=estado,
               motivos=tuple(Motivo(codigo=code, glosa="Precio o descuento") for code in codes))
        for place, (numero, estado, *codes) in enumerate(decided, 1)
    )  # fmt: skip
    ack = AckCfe(**about(sent, en_sobre=2, cfes=found, firmado=at or clerk.now(), **more))
    with clerk.store.writing() as db:
        return exchange.apply_ack_cfe(db, RUT, ack, clerk.now())


def followed(till, cursor=""):  # noqa: F811
    page = till.cloud.changes(till.me, cursor, 100)
    return {one.key: one.receiver for one in page.receipts}, page.cursor


def test_an_acknowledgement_is_kept_once(clerk, sent):  # noqa: F811
    assert sobre(clerk, sent)
    assert sobre(clerk, sent)
    assert kinds(clerk) == [("sobre", "answered")]


def test_what_is_there_already_counts_as_received(clerk, sent):  # noqa: F811
    assert sobre(clerk, sent, "BS", "S20")
    assert kinds(clerk) == [("sobre", "answered")]


def test_a_rejected_sobre_is_told_and_changes_no_document(clerk, till, sent):  # noqa: F811
    assert sobre(clerk, sent, "BS", "S05")
    assert kinds(clerk) == [("sobre", "refused")]
    assert "E3741" in till.place.alarms()
    assert state(till, "F1") == "sent"
    assert sobre(clerk, sent, "AS")
    assert kinds(clerk) == [("sobre", "answered")]
    assert sobre(clerk, sent, "BS", "S05")
    assert kinds(clerk) == [("sobre", "answered")]
    assert till.place.alarms().count("E3741") == 1


def test_a_commercial_rejection_is_told_and_the_document_stays_what_it_is(clerk, till, sent):  # noqa: F811
    _, cursor = followed(till)
    assert cfes(clerk, sent, (1, "BE", "E24"), (2, "AE"))
    assert [(row.estado, row.reasons) for row in rows(clerk, parcel)] == [("BE", "E24 Precio o descuento"), ("AE", "")]
    told, after = followed(till, cursor)
    assert told == {"F1": "E24 Precio o descuento"}
    assert till.place.alarms().count("E3742") == 1
    turn(clerk, till)
    assert state(till, "F1") == "accepted"
    assert cfes(clerk, sent, (1, "BE", "E24"), (2, "AE"), at=clerk.now() - timedelta(hours=1))
    _, last = followed(till, after)
    assert followed(till, last)[0] == {}
    assert till.place.alarms().count("E3742") == 1


def test_of_two_decisions_the_one_that_was_signed_last_counts(clerk, till, sent):  # noqa: F811
    now = clerk.now()
    cfes(clerk, sent, (1, "AE"), at=now)
    cfes(clerk, sent, (1, "BE", "E20"), at=now - timedelta(minutes=5))
    assert followed(till)[0]["F1"] == ""
    cfes(clerk, sent, (1, "BE", "E20"), at=now + timedelta(minutes=5))
    assert followed(till)[0]["F1"].startswith("E20")
    cfes(clerk, sent, (1, "AE"), at=now + timedelta(minutes=6))
    assert followed(till)[0]["F1"] == ""


@pytest.mark.parametrize(
    "strange",
    [{"ruc_receptor": "217777770013"}, {"ruc_emisor": "217777770013"}, {"id_emisor": 1}],
)
def test_an_answer_from_somebody_else_or_about_nothing_of_ours_changes_nothing(clerk, till, sent, strange):  # noqa: F811
    before = rows(clerk, delivery)
    assert not sobre(clerk, sent, "BS", "S01", **strange)
    assert not cfes(clerk, sent, (1, "BE", "E24"), **strange)
    assert rows(clerk, delivery) == before
    assert "E3742" not in till.place.alarms()


def test_a_document_that_is_not_in_the_sobre_is_not_decided_about(clerk, till, sent):  # noqa: F811
    assert cfes(clerk, sent, (3, "BE", "E24"))
    assert {row.estado for row in rows(clerk, parcel)} == {""}


def test_what_dgi_rejected_is_no_commercial_matter(clerk, till, sent):  # noqa: F811
    with clerk.store.writing() as db:
        db.execute(update(document).where(document.c.key == "F1").values(state="rejected"))
    cfes(clerk, sent, (1, "BE", "E24"))
    assert "E3742" not in till.place.alarms()
