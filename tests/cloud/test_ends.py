"""Numbers and certificates that end or change, and clocks that differ: what the till does and says."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from test_the_route import cut, documents_of, heal, ticket
from walking import NOON

from sincronizador.cli.installation import RUT
from sincronizador.core.job import Kind
from sincronizador.engine.health import examine
from sincronizador.journal import documents, jobs
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority
from sincronizador.signing.xmldsig import confirms


def alarms(machine):
    with machine.house.journal.reading() as db:
        found = examine(machine.house, db, machine.pen.certificate, machine.clock.now())
    return " ".join(alarm.sentence for alarm in found.alarms)


def short_lived(shop):
    """A machine whose leases are of a CAE that expires in ten days; another CAE follows."""
    machine = shop(joined=False)
    first, *others = machine.cloud.books.ranges
    soon = replace(first, vence=(NOON + timedelta(days=10)).date(), hasta=30)
    later = replace(first, id="90260009999", desde=1001, hasta=1400)
    machine.cloud.books.ranges = (soon, later, *others)
    machine.probe()
    return machine


def leases_of(machine, tipo=101):
    with machine.house.journal.reading() as db:
        return [stock for stock in documents.stocks(db) if stock.rango.tipo == tipo]


def test_a_lease_of_a_cae_that_expired_gives_no_number_and_is_closed_and_annulled(shop):
    machine = short_lived(shop)
    cut(machine)
    machine.send("V1.TXT", ticket())
    machine.pass_time(seconds=5)
    assert machine.answer("V1.TXT")["NUMERO"] == "1"
    machine.pass_time(days=11)
    machine.send("V2.TXT", ticket("V2"))
    machine.pass_time(seconds=9)
    waiting = machine.answer("V2.TXT")
    assert (waiting["ESTADO"], waiting["MOTIVO"]) == ("ESPERANDO", "SIN_NUMEROS")
    heal(machine)
    machine.pass_time(seconds=60)
    machine.probe()
    assert machine.answer("V2.TXT")["ESTADO"] == "ENVIADO"
    assert int(machine.answer("V2.TXT")["NUMERO"]) > 1000
    old = leases_of(machine)[0]
    assert old.closing == "done"
    assert machine.cloud.books.fates[(101, "A", 1)] == "document"
    assert machine.cloud.books.fates[(101, "A", 2)] == "annulled"


def test_a_lease_that_is_used_up_is_replaced_and_the_sales_go_on(shop):
    machine = shop()
    cut(machine)
    for number in range(20):
        machine.send(f"V{number}.TXT", ticket(f"V{number}"))
    machine.pass_time(seconds=5)
    machine.send("DE_MAS.TXT", ticket("DE_MAS"))
    machine.pass_time(seconds=9)
    assert machine.answer("DE_MAS.TXT")["MOTIVO"] == "SIN_NUMEROS"
    assert "No quedan números de e-Ticket" in alarms(machine)
    heal(machine)
    for _ in range(30):
        machine.pass_time(seconds=10)
        machine.probe()
    assert machine.answer("DE_MAS.TXT")["ESTADO"] == "ENVIADO"
    assert all(receipt.state == "confirmed" for receipt in documents_of(machine).values())
    assert sum(stock.left for stock in leases_of(machine)) >= 10


def test_what_ends_soon_is_told_in_time(shop):
    machine = short_lived(shop)
    assert "vence en 10 días" in alarms(machine)
    machine.clock.time = datetime.combine(date(2028, 11, 1), NOON.timetz())
    assert "El certificado vence en" in alarms(machine)


def test_a_clock_that_differs_from_the_clouds_is_told_and_stops_nothing(shop):
    machine = shop()
    machine.cloud._now = lambda: machine.clock.time + timedelta(minutes=20)
    machine.probe()
    assert "20 minutos atrasado" in alarms(machine)
    assert machine.send("V1.TXT", ticket())["ESTADO"] == "ENVIADO"
    machine.cloud._now = lambda: machine.clock.time
    machine.probe()
    assert "difieren" not in alarms(machine)


def new_certificate(world):
    """The cloud signs with another certificate of the issuer from now on."""
    validity = Validity(desde=NOON - timedelta(days=2), hasta=NOON + timedelta(days=300))
    identity = issue(make_authority(validity), validity, rut=RUT, titular="OTRO (PRUEBA)")
    world.cloud.install_certificate("ana", RUT, to_pkcs12(identity, b"x"), b"x")
    return identity.certificate


def test_the_cloud_may_sign_with_a_certificate_of_its_own_and_change_it_while_the_till_sells(world):
    """The first sale after a change may not wait for the probe that asks for it: then it is signed here."""
    till = world.till()
    for name in ("V1", "V2"):
        till.pass_time(seconds=20)
        certificate = new_certificate(world)
        till.sell(f"{name}-PRIMERA")
        world.settle()
        till.sell(name)
        world.settle()
        with till.house.journal.reading() as db:
            signed, _ = documents.signed(db, jobs.latest(db, Kind.DOCUMENTO, name).id)
        assert confirms(signed, certificate)
    assert world.broken() == []


def test_what_is_signed_with_a_certificate_that_nobody_vouches_for_is_parked(world, monkeypatch):
    till = world.till()
    till.pass_time(seconds=20)
    new_certificate(world)
    monkeypatch.setattr(type(world.cloud), "signing_certificates", lambda *_: ())
    name = till.drop_sale("V1")
    till.work()
    for _ in range(3):
        till.pass_time(seconds=1)
        till.probe()
    assert till.said(name) == "ESPERANDO"
    assert till.answers()[name]["CODIGO"] == "E3005"
    assert till.read_papers() == []
