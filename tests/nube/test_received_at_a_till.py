"""A sobre dropped into the mailbox of the cloud ends as files in ``recibidos/`` of a till: once, whatever falls."""

import os
import time
from datetime import date, timedelta

import pytest
from clouds import OTHER_RUT, RUT, identity
from desk import DGI, Desk
from supplier import invoice, sobre
from walking import NOON, Crash
from world import World, found

from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.sobre import Anulado, compose_rechazos
from sincronizador.engine.receiving import leave
from sincronizador.errors import NeedsOperator
from sincronizador.folders.answers import parse_answer
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.mailbox_folder import FolderMailbox
from sincronizador.nube.outbox import FolderOutbox
from sincronizador.nube.receipts import Receipts
from sincronizador.signing.xmldsig import XmlSigner

ONE = f"{OTHER_RUT}-111-A-1"


@pytest.fixture(scope="module")
def template(prepared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mundo") / "w"
    folder.mkdir()
    found(prepared, folder)
    return folder


@pytest.fixture
def world(template, tmp_path, monkeypatch):
    made = World(template, tmp_path / "w", monkeypatch)
    yield made
    made.close()


@pytest.fixture
def till(world):
    made = world.till()
    ask_for(made)
    return made


def ask_for(till):
    till.rules = {"recibidos": True}
    till.switch_on()
    till.probe()


def post_office(world, window=timedelta(hours=24)):
    """The part of the cloud that reads the mailbox."""
    clerk = Clerk(
        store=world.cloud._store, pens=world.cloud._pens, clock=world._now, authority=Desk().line, receptor=DGI,
        report_at=NOON.time(), is_vouched=lambda: True,
    )  # fmt: skip
    folder = world.folder / "buzon"
    mailbox, outbox = FolderMailbox(str(folder), 10_000_000), FolderOutbox(str(folder / "respuestas"))
    return Receipts(clerk=clerk, mailbox=mailbox, outbox=outbox, window=window)


def drop(world, name, content):
    folder = world.folder / "buzon"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    then = time.time() - 60
    os.utime(folder / name, (then, then))
    post_office(world).turn()


def look(till, **later):
    """Some time later the installation asks again."""
    till.world.clock.time += timedelta(**(later or {"minutes": 1}))
    till.probe()


def left(till):
    folder = till.folder / "spool" / "recibidos"
    return sorted(os.listdir(folder)) if folder.exists() else []


def page(till, name):
    first, blocks = parse_answer((till.folder / "spool" / "recibidos" / f"{name}.RSP").read_bytes(), "ascii")
    assert first.value == "OK"
    assert blocks[0].name == "RECIBIDO"
    return dict(blocks[0].fields)


def test_a_sobre_in_the_mailbox_ends_as_files_at_the_till(world, till):
    document = invoice(1, price="1234.50")
    drop(world, "Sob_1.xml", sobre(document, adenda="Entregar en el fondo\nGracias"))
    look(till)
    assert left(till) == [f"{ONE}.RSP", f"{ONE}.XML"]
    assert (till.folder / "spool" / "recibidos" / f"{ONE}.XML").read_bytes() == document
    told = page(till, ONE)
    assert (told["RUT"], told["RAZON_SOCIAL"], told["NOMBRE"]) == (OTHER_RUT, "ALMACEN DE PRUEBA S.A.", "e-Factura")
    assert (told["TIPO"], told["SERIE"], told["NUMERO"], told["FECHA"]) == ("111", "A", "1", "2026-11-21")
    assert (told["MONEDA"], told["TOTAL"], told["A_PAGAR"]) == ("UYU", "1234.50", "1234.50")
    assert (told["ESTADO"], told["XML"], told["CONTRATO"]) == ("RECIBIDO", f"{ONE}.XML", "1")
    assert {told[name][-6:] for name in ("RECIBIDO", "VENCE", "FECHA_FIRMA")} == {"-03:00"}, "the country's own time"
    assert told["ADENDA"].startswith("Entregar en el fondo")
    replies = os.listdir(world.folder / "buzon" / "respuestas" / RUT)
    assert [name for name in replies if name.startswith("M_") and name.endswith(".xml")]


def test_an_installation_that_did_not_ask_has_no_such_folder(world):
    till = world.till()
    drop(world, "Sob_1.xml", sobre(invoice(1)))
    look(till)
    assert left(till) == []


def test_what_the_reader_took_away_is_not_written_again(world, till):
    drop(world, "Sob_1.xml", sobre(invoice(1)))
    look(till)
    for name in left(till):
        (till.folder / "spool" / "recibidos" / name).unlink()
    for _ in range(3):
        look(till)
        till.switch_on()
    assert left(till) == []


def test_every_later_state_is_a_file_of_its_own(world, till):
    drop(world, "Sob_1.xml", sobre(invoice(1), invoice(2)))
    look(till)
    world.cloud.correspondence.reject("Ana", RUT, (OTHER_RUT, 111, "A", 2), "E23", "No llegó")
    world.clock.time += timedelta(hours=25)
    post_office(world).turn()
    look(till)
    anulado = Anulado(tipo=111, serie="A", numero=1, fecha=date(2026, 11, 21))
    told = compose_rechazos([anulado], ruc_emisor=OTHER_RUT, ruc_receptor=RUT, id_comunicacion=1, tmst=NOON)
    drop(world, "Rech_1.xml", XmlSigner(identity(OTHER_RUT), embed_certificate=True).sign(told, SignaturePlan()))
    look(till)
    two = f"{OTHER_RUT}-111-A-2"
    assert left(till) == sorted(
        [f"{ONE}-ACEPTADO.RSP", f"{ONE}-ANULADO_DGI.RSP", f"{ONE}.RSP", f"{ONE}.XML", f"{two}-RECHAZADO.RSP",
         f"{two}.RSP", f"{two}.XML"]
    )  # fmt: skip
    assert page(till, f"{two}-RECHAZADO")["MOTIVO"] == "E23"
    assert page(till, f"{ONE}-ANULADO_DGI")["XML"] == f"{ONE}.XML"


def test_who_asks_late_gets_all_of_it_as_it_is_by_now(world):
    till = world.till()
    drop(world, "Sob_1.xml", sobre(invoice(1)))
    world.clock.time += timedelta(hours=25)
    post_office(world).turn()
    ask_for(till)
    assert left(till) == [f"{ONE}.RSP", f"{ONE}.XML"]
    assert page(till, ONE)["ESTADO"] == "ACEPTADO"
    assert "VENCE" not in page(till, ONE), "nothing can be rejected any more"


def test_a_restored_cloud_tells_it_again_and_nothing_is_written_again(world, till):
    drop(world, "Sob_1.xml", sobre(invoice(1)))
    look(till)
    copy = world.backup()
    for name in left(till):
        (till.folder / "spool" / "recibidos" / name).unlink()
    world.restore(copy)
    world.settle()
    assert left(till) == []
    drop(world, "Sob_2.xml", sobre(invoice(2), idemisor=8))
    look(till)
    assert left(till) == [f"{OTHER_RUT}-111-A-2.RSP", f"{OTHER_RUT}-111-A-2.XML"]


def test_a_fall_at_every_boundary_leaves_the_same_files(world, till):
    number, fell = 0, True
    while fell:
        number += 1
        fell = False
        drop(world, f"Sob_{number}.xml", sobre(invoice(number), idemisor=number))
        till.fate.fall_at = till.fate.count + number
        try:
            look(till)
        except Crash:
            fell = True
            till.switch_on()
        till.fate.fall_at = None
        look(till)
        slug = f"{OTHER_RUT}-111-A-{number}"
        assert [name for name in left(till) if name.startswith(f"{slug}.")] == [f"{slug}.RSP", f"{slug}.XML"]
    assert number > 5
    # As at every start: what a fall left half-written.
    till.house.layout.prepare()
    assert len(left(till)) == 2 * number


def test_a_folder_that_cannot_be_written_is_told_until_it_can(world, till):
    (till.folder / "spool" / "recibidos").write_text("en el camino")
    drop(world, "Sob_1.xml", sobre(invoice(1)))
    till.world.clock.time += timedelta(minutes=1)
    with pytest.raises(NeedsOperator):
        till.probe()
    with pytest.raises(NeedsOperator):
        leave(till.house)
    (till.folder / "spool" / "recibidos").unlink()
    look(till)
    assert left(till) == [f"{ONE}.RSP", f"{ONE}.XML"]
