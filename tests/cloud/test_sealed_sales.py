"""A sale for somebody else through the cloud: sealed before it leaves, the same bytes at every station."""

from datetime import date, timedelta

import pytest
from walking import NOON

from sincronizador.settings import Mandante
from sincronizador.signing.identity import Validity, make_authority

SALE = """[DOCUMENTO]
TIPO=131
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[MANDANTE]
TIPO_DOC=RUT
DOCUMENTO=211003420017
NOMBRE=PEÑA Y CÍA.
[FIN]
"""


def sale(referencia="M-1", precio="89"):
    return SALE.format(referencia=referencia, precio=precio)


@pytest.fixture(scope="module")
def dgi():
    return make_authority(
        Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700)), name="DGI PRUEBA"
    )


@pytest.fixture
def till(world, dgi):
    """A machine with DGI's certificate; the cloud has numbers of the type."""
    world.import_cae("M", 1, 200, date(2028, 11, 20), tipo=131)
    made = world.till()
    path = made.folder / "dgi.cer"
    path.write_bytes(dgi.certificate.der)
    made.configure(mandante=Mandante(certificado=str(path)))
    made.probe()
    return made


def everything_said(till):
    return b"".join(body for _, _, body in till.line.sent if body)


def at_the_cloud(world):
    return [signed for (signed,) in world.query("SELECT signed FROM document WHERE state <> 'voided'")]


def test_the_cloud_numbers_and_signs_what_it_cannot_read(world, till):
    answer = till.send("M.TXT", sale())
    assert (answer["ESTADO"], answer["TIPO"]) == ("ENVIADO", "131")
    assert b"211003420017" not in everything_said(till)
    (signed,) = at_the_cloud(world)
    assert b"EncryptedData" in signed
    assert b"211003420017" not in signed
    assert [alarm for alarm in world.cloud.alarms() if alarm.id] == []


def test_in_contingencia_the_very_bytes_that_were_sent_are_signed_here(world, till):
    till.line.cut()
    till.send("M.TXT", sale())
    till.pass_time(seconds=5)
    assert till.answer("M.TXT")["ESTADO"] == "FIRMADO_CONTINGENCIA"
    with till.house.journal.reading() as db:
        intended = db.execute("SELECT draft FROM intent").fetchone()[0]
        signed = db.execute("SELECT signed FROM document").fetchone()[0]
    assert till.house.country.draft_of(signed) == intended
    world.settle()
    assert till.answer("M.TXT")["ESTADO"] == "ENVIADO"
    assert at_the_cloud(world) == [signed]


def test_a_restored_journal_knows_the_sale_again_though_it_is_sealed(world, till):
    copy = till.backup()
    first = till.send("M.TXT", sale())
    till.restore(copy)
    world.settle()
    again = till.send("N.TXT", sale())
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")
    assert till.send("O.TXT", sale(precio="90"))["CODIGO"] == "E0104"
    assert len(at_the_cloud(world)) == 1


def know_ui(till, values):
    """The values of the UI that the settings have from now on."""
    till.settings = till.settings.model_copy(update={"ui": values})
    till.house.journal.close()
    till.switch_on()


def test_a_file_that_waited_since_a_restore_is_answered_with_the_sealed_document(world, till):
    known = till.settings.ui
    know_ui(till, {})
    assert till.send("M.TXT", sale())["MOTIVO"] == "UI"
    copy = till.backup()
    know_ui(till, known)
    till.pass_time(minutes=2)
    first = till.answer("M.TXT")
    till.restore(copy)
    world.settle()
    assert (till.answer("M.TXT")["ESTADO"], till.answer("M.TXT")["NUMERO"]) == ("ENVIADO", first["NUMERO"])
    with till.house.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM job").fetchone() == (1,), "it is the file that waited"
    assert len(at_the_cloud(world)) == 1
