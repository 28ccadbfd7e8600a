"""What an administrator does: each act is in the audit, and what cannot be is refused with a sentence."""

from datetime import date

import pytest
from clouds import AJUSTES, EMISOR, OTHER_RUT, PASSWORD, RUT, Till, cae_file, draft, identity, pkcs12, rango

from sincronizador.core.receipt import Said
from sincronizador.errors import NeedsOperator, Refused, Rejected


def refusal(act, *args, **how):
    with pytest.raises((Rejected, NeedsOperator)) as caught:
        act("ana", *args, **how)
    assert str(caught.value)
    return caught.value.code


def test_a_token_is_told_once_and_speaks_for_its_installation(place):
    made, token = place.cloud.add_installation("ana", RUT, "CAJA")
    who = place.cloud.authenticate(token)
    assert (who.installation, who.rut, who.code) == (made.id, RUT, "CAJA")
    assert place.cloud.authenticate(token + "x") is None
    assert place.cloud.authenticate("") is None
    assert place.cloud.authenticate("ñ\ud800") is None


def test_several_tokens_live_while_they_are_exchanged(place):
    _, first = place.cloud.add_installation("ana", RUT, "CAJA")
    second = place.cloud.new_token("ana", RUT, "CAJA")
    assert place.cloud.authenticate(first) == place.cloud.authenticate(second)
    assert place.cloud.revoke_tokens("ana", RUT, "CAJA", but_last=True) == 1
    assert place.cloud.authenticate(first) is None
    assert place.cloud.authenticate(second) is not None
    assert place.cloud.revoke_tokens("ana", RUT, "CAJA") == 1
    assert place.cloud.authenticate(second) is None
    assert [one.tokens for one in place.cloud.installations(RUT)] == [0]


def test_a_token_of_the_other_environment_is_refused_as_such(place):
    _, token = place.cloud.add_installation("ana", RUT, "CAJA")
    with pytest.raises(Refused) as caught:
        place.cloud.authenticate(token.replace("prueba.", "produccion."))
    assert caught.value.code == "E3302"


def test_installations_that_cannot_be_are_refused(place):
    cloud = place.cloud
    assert refusal(cloud.add_installation, OTHER_RUT, "CAJA") == "E3311"
    assert refusal(cloud.add_installation, RUT, "CA JA") == "E3315"
    cloud.add_installation("ana", RUT, "CAJA")
    assert refusal(cloud.add_installation, RUT, "CAJA") == "E3314"
    assert refusal(cloud.new_token, RUT, "OTRA") == "E3313"
    assert refusal(cloud.declare_dead, RUT, "OTRA", "x") == "E3313"
    assert refusal(cloud.declare_dead, RUT, "CAJA", "") == "E3320"


def test_issuers_that_cannot_be_are_refused(empty):
    keep = empty.cloud.keep_issuer
    assert refusal(keep, {**EMISOR, "rut": "123"}, AJUSTES) == "E3312"
    assert refusal(keep, {**EMISOR, "color": "rojo"}, AJUSTES) == "E3312"
    assert refusal(keep, {"rut": RUT}, AJUSTES) == "E3312"
    assert refusal(keep, EMISOR, {"ui": {"2026": "mucho"}}) == "E3312"
    assert refusal(keep, EMISOR, {"color": "rojo"}) == "E3312"
    assert empty.cloud.issuers() == ()


def test_an_issuer_has_branches_and_each_has_its_documents(place, till):
    place.cloud.keep_issuer("ana", {**EMISOR, "sucursal": "2", "ciudad": "Salto"}, AJUSTES)
    (found,) = place.cloud.issuers()
    assert [one.ciudad for one in found.branches] == ["Montevideo", "Salto"]
    content = draft("V1", sucursal="2").replace(b"Montevideo</Ciudad>", b"Salto</Ciudad>")
    assert till.submit("V1", content, branch="2").reply.said is Said.STORED
    place.cloud.keep_issuer("ana", {**EMISOR, "telefono": "29000000"}, AJUSTES)
    assert [one.telefono for one in place.cloud.issuers()[0].branches] == ["29000000", ""]


def test_caes_that_cannot_be_are_refused(place):
    add = place.cloud.import_cae
    assert refusal(add, RUT, b"hola") == "E2201"
    assert refusal(add, RUT, cae_file(rango(name="2"), rut=OTHER_RUT)) == "E2205"
    assert refusal(add, RUT, cae_file(rango(desde=10_000, hasta=20_000, name="2"))) == "E3317"
    assert refusal(add, RUT, cae_file(rango(desde=20_000, hasta=20_001, name=rango().id))) == "E3317"
    assert refusal(add, RUT, cae_file(rango(111, name="2", vence=date(2026, 11, 20)))) == "E2204"
    assert refusal(add, RUT, cae_file(rango(111)).replace(b"<HNro>100<", b"<HNro>900<")) == "E2121"
    assert refusal(add, OTHER_RUT, cae_file(rango())) == "E3311"
    assert len(place.cloud.numbers(RUT)) == 1


def test_certificates_that_cannot_be_are_refused(place):
    install = place.cloud.install_certificate
    assert refusal(install, RUT, pkcs12(OTHER_RUT), PASSWORD) == "E2109"
    assert refusal(install, RUT, pkcs12(), b"otra").startswith("E21")
    assert refusal(install, RUT, b"hola", PASSWORD).startswith("E21")
    assert refusal(place.cloud.know_certificate, RUT, b"hola").startswith("E21")
    assert refusal(place.cloud.revoke_certificate, RUT, "0" * 64, "Robo") == "E3316"


def test_a_known_certificate_does_not_sign_here(place):
    own = identity(RUT, "CAJA (PRUEBA)").certificate
    kept = place.cloud.know_certificate("ana", RUT, own.der)
    assert not kept.has_key
    again = place.cloud.know_certificate("ana", RUT, identity().certificate.der)
    assert again.has_key
    assert {one.titular for one in place.cloud.certificates(RUT)} == {"CAJA (PRUEBA)", "ALMACÉN (PRUEBA)"}


def test_every_act_is_in_the_audit(place):
    cloud = place.cloud
    cloud.add_installation("ana", RUT, "CAJA")
    cloud.new_token("ana", RUT, "CAJA")
    cloud.revoke_tokens("luis", RUT, "CAJA")
    cloud.declare_dead("luis", RUT, "CAJA", "Se quemó")
    acts = cloud.audit(RUT)
    assert [act.act for act in acts] == ["dead", "revoke", "token", "installation", "cae", "certificate", "issuer"]
    assert acts[0].who == "luis"
    assert "Se quemó" in acts[0].detail
    assert all(act.rut == RUT and act.detail.endswith(".") for act in acts)
    assert cloud.audit(OTHER_RUT) == ()
    assert len(cloud.audit(limit=2)) == 2


def test_no_token_is_in_the_audit(place):
    _, token = place.cloud.add_installation("ana", RUT, "CAJA")
    second = place.cloud.new_token("ana", RUT, "CAJA")
    told = " ".join(act.detail for act in place.cloud.audit())
    assert token not in told
    assert second not in told


def test_an_alarm_sounds_once_until_it_is_dismissed(place):
    till = Till(place)
    till.sell("V1")
    lease = till.lease(10).lease
    till.sign_and_hand_over("V1", lease, 2)
    (alarm,) = [one for one in place.cloud.alarms() if one.id]
    assert refusal(place.cloud.dismiss_alarm, alarm.id, "") == "E3320"
    place.cloud.dismiss_alarm("ana", alarm.id, "Se hizo una nota de crédito")
    assert place.alarms() == []
    assert refusal(place.cloud.dismiss_alarm, alarm.id, "Otra vez") == "E3321"
    assert "nota de crédito" in place.cloud.audit()[0].detail


def test_alarms_of_this_moment_go_away_with_their_cause(empty):
    place = empty.found(caes=(rango(hasta=20, vence=date(2026, 12, 15)),))
    till = Till(place)

    def codes():
        return {alarm.code for alarm in place.cloud.alarms(RUT)}

    assert codes() == {"E3509"}
    for n in range(18):
        till.submit(f"V{n}")
    assert codes() == {"E3508", "E3509"}
    place.cloud.import_cae("ana", RUT, cae_file(rango(desde=100, hasta=900, name="2")))
    assert codes() == set()
    till.raise_epoch("m2")
    till.void("V0", counter=1)
    assert codes() == {"E3512"}
    place.cloud.annul_doubtful("ana", RUT, 101, "A", [1], "Nadie la imprimió")
    place.cloud.revoke_certificate("ana", RUT, identity().certificate.fingerprint, "Robo")
    assert codes() == {"E3511"}
