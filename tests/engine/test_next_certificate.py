"""The certificate that follows: it takes over on its day, by itself, and nothing is signed with an expired one."""

import os
from datetime import timedelta

import pytest
from test_trouble import RUT, ticket
from walking import NOON

from sincronizador.core.emitido import Anexo
from sincronizador.engine import timekeeping
from sincronizador.engine.chores import Chores
from sincronizador.engine.health import examine
from sincronizador.engine.mirroring import genuine
from sincronizador.journal.journal import CERTIFICATE_ENDS, meta
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority

DAY = timedelta(days=1)
END = NOON + 20 * DAY
CHANGE = END - DAY


@pytest.fixture(scope="module")
def authority():
    return make_authority(Validity(desde=NOON - 30 * DAY, hasta=NOON + 900 * DAY))


@pytest.fixture(scope="module")
def present(authority):
    return issue(authority, Validity(desde=NOON - 30 * DAY, hasta=END), rut=RUT, titular="ACTUAL (PRUEBA)")


@pytest.fixture(scope="module")
def following(authority):
    validity = Validity(desde=NOON + 10 * DAY, hasta=NOON + 700 * DAY)
    return issue(authority, validity, rut=RUT, titular="SIGUIENTE (PRUEBA)")


def put(machine, identity, path, *, since=None):
    """What `certificado instalar` does, in its order."""
    der = identity.certificate.der
    args = {"huella": identity.certificate.fingerprint, "ambiente": "prueba", "titular": identity.certificate.titular}
    if since is not None:
        args["desde"] = since.isoformat()
    machine.order("certificado", der, **args)
    with open(path, "wb") as file:
        file.write(to_pkcs12(identity, machine.settings.certificado.clave.read()))
    outcome = machine.order("certificado-leer")
    assert outcome.ok, outcome.sentence


@pytest.fixture
def machine(machine, present, following):
    own = machine.settings.certificado
    put(machine, present, own.archivo)
    put(machine, following, own.siguiente, since=CHANGE)
    return machine


def signer(machine, number=-1):
    """Whose certificate the signature of a document names."""
    with machine.house.journal.reading() as db:
        rows = db.execute("SELECT signed FROM document ORDER BY rowid").fetchall()
    signed = bytes(rows[number][0])
    names = {str(one.serial).encode(): one.titular for one in all_of(machine)}
    return next(name for serial, name in names.items() if b">" + serial + b"<" in signed)


def all_of(machine):
    return [one for one in (machine.pen._present.certificate, machine.pen._next.certificate) if one]


def alarms(machine):
    now = machine.clock.now()
    with machine.house.journal.reading() as db:
        return [alarm.texto for alarm in examine(machine.house, db, machine.pen.certificate_at(now), now).alarms]


def sell(machine, referencia):
    return machine.send(f"{referencia}.txt", ticket(referencia))["ESTADO"]


def at(machine, moment):
    """Time goes by until then, the machine being on."""
    while machine.clock.now() < moment:
        machine.clock.time += min(DAY / 2, moment - machine.clock.time)
        machine.work()
        # What the heartbeat does: the mark follows a clock that is right.
        timekeeping.keep(machine.house, machine.clock.now())


def test_the_next_one_takes_over_on_its_day_without_anybody_and_without_a_restart(machine):
    assert sell(machine, "R-1") == "FIRMADO_LOCAL"
    assert signer(machine) == "ACTUAL (PRUEBA)"
    at(machine, CHANGE - timedelta(seconds=2))
    sell(machine, "R-2")
    assert signer(machine) == "ACTUAL (PRUEBA)"
    at(machine, CHANGE)
    assert sell(machine, "R-3") == "FIRMADO_LOCAL"
    assert signer(machine) == "SIGUIENTE (PRUEBA)"
    at(machine, END + 100 * DAY)
    assert sell(machine, "R-4") == "FIRMADO_LOCAL"
    assert signer(machine) == "SIGUIENTE (PRUEBA)"


def test_the_alarm_of_the_end_says_that_the_next_one_is_there_and_ends_with_the_change(machine):
    told = next(text for text in alarms(machine) if "certificado" in text)
    assert "vence en 19 días; el siguiente ya está instalado" in told
    at(machine, CHANGE)
    assert not [text for text in alarms(machine) if "certificado" in text]


def test_a_machine_that_was_off_at_the_moment_of_changing_signs_with_the_next_one(machine):
    sell(machine, "R-1")
    machine.clock.time = END + 5 * DAY
    machine.clock.synchronised = True
    machine.switch_on()
    machine.order("reintentar", reloj="si")
    assert sell(machine, "R-2") == "FIRMADO_LOCAL"
    assert signer(machine) == "SIGUIENTE (PRUEBA)"


def test_a_clock_put_forward_and_back_over_the_moment_never_signs_with_what_is_not_valid(machine):
    at(machine, CHANGE)
    sell(machine, "R-1")
    machine.clock.put(minutes=-3)
    assert sell(machine, "R-2") == "FIRMADO_LOCAL"
    assert signer(machine) == "ACTUAL (PRUEBA)", "it is valid still, and the clock says that its day has not come"
    machine.clock.put(hours=-5)
    assert machine.send("R-3.txt", ticket("R-3"))["MOTIVO"] == "RELOJ"
    machine.clock.put(hours=6)
    machine.work()
    machine.pass_time(minutes=2)
    assert machine.answer("R-3.txt")["ESTADO"] == "FIRMADO_LOCAL"
    assert signer(machine) == "SIGUIENTE (PRUEBA)"


@pytest.mark.parametrize("harm", ["gone", "damaged", "stranger", "revoked password"])
def test_a_next_one_that_is_of_no_use_leaves_the_present_one_at_work_until_its_end(machine, authority, harm):
    path = machine.settings.certificado.siguiente
    if harm == "gone":
        os.unlink(path)
    else:
        other = issue(authority, Validity(desde=NOON, hasta=NOON + 700 * DAY), rut=RUT, titular="NADIE (PRUEBA)")
        content = {"damaged": b"x", "stranger": to_pkcs12(other, machine.settings.certificado.clave.read())}
        with open(path, "wb") as file:
            file.write(content.get(harm, to_pkcs12(other, b"otra")))
    machine.pen.reload()
    at(machine, CHANGE + timedelta(hours=1))
    assert sell(machine, "R-1") == "FIRMADO_LOCAL"
    assert signer(machine) == "ACTUAL (PRUEBA)"
    assert any("Pida el siguiente" in text or "vence en 0 días" in text for text in alarms(machine))
    at(machine, END + timedelta(seconds=2))
    assert machine.send("R-2.txt", ticket("R-2"))["MOTIVO"] == "CERTIFICADO"


def test_what_was_signed_with_an_earlier_certificate_is_known_for_ever(machine, authority):
    sell(machine, "R-1")
    third = issue(authority, Validity(desde=NOON, hasta=NOON + 800 * DAY), rut=RUT, titular="TERCERO (PRUEBA)")
    put(machine, third, machine.settings.certificado.archivo)
    machine.switch_on()
    with machine.house.journal.reading() as db:
        signed = bytes(db.execute("SELECT signed FROM document").fetchone()[0])
    assert genuine(machine.house, signed, Anexo()).numero


def test_both_expired_is_told_of_the_one_that_signed_last(machine):
    at(machine, NOON + 701 * DAY)
    assert "30" not in machine.pen.trouble(machine.clock.now())
    ends = machine.pen._next.certificate.not_after.astimezone(machine.clock.now().tzinfo)
    assert f"{ends:%d/%m/%Y}" in machine.pen.trouble(machine.clock.now())


def test_until_when_it_signs_is_kept_of_the_one_that_signs(machine, present, following):
    def kept():
        Chores(machine.house, machine.pen, list, lost=list).heartbeat()
        with machine.house.journal.reading() as db:
            return meta(db, CERTIFICATE_ENDS)

    assert kept() == present.certificate.not_after.isoformat()
    at(machine, CHANGE)
    assert kept() == following.certificate.not_after.isoformat()
