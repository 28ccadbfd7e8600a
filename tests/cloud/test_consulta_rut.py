"""``[CONSULTA_RUT]``: answered at once, with what DGI says, with what it said before, or that nobody can say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from walking import NOON

from sincronizador.core.contribuyente import Consulta, Contribuyente, Fuente
from sincronizador.providers.door import Capabilities
from sincronizador.providers.fake import Fault

RUT = "211428940011"
ASK = f"[CONSULTA_RUT]\nRUT={RUT}\n[FIN]\n"
WHO = Contribuyente(
    rut=RUT, razon_social="PEÑA Y CÍA S.A.", nombre_fantasia="", tipo_entidad="SOCIEDAD ANONIMA", situacion="ACTIVO",
    inicio=None, direccion="AV 18 DE JULIO 1234", ciudad="MONTEVIDEO", departamento="MONTEVIDEO",
    telefonos=("24001234", "099123456"), correos=("a@example.com",), giros=("PAN", "MASAS"),
)  # fmt: skip


def known(machine, **how):
    given = Consulta(contribuyente=WHO, fuente=Fuente.DGI, consultado=machine.clock.time, sin_linea=False)
    machine.cloud.taxpayers[RUT] = replace(given, **how)


def test_a_taxpayer_is_answered_in_a_section_of_its_own(shop):
    machine = shop()
    known(machine)
    answer = machine.send("R1.TXT", ASK)
    assert (answer[""], answer["ESTADO"], answer["EMITIDO"], answer["FINAL"]) == ("OK", "RESUELTO", "NO", "SI")
    assert answer["CODIGO"] == "0"
    told = {name.partition(".")[2]: value for name, value in answer.items() if name.startswith("CONTRIBUYENTE.")}
    asked = told.pop("CONSULTADO")
    assert asked.startswith("2026-11-21T12:00:0")
    assert asked.endswith("-03:00")
    assert told == {
        "RUT": RUT, "RAZON_SOCIAL": "PENA Y CIA S.A.", "SITUACION": "ACTIVO", "DIRECCION": "AV 18 DE JULIO 1234",
        "CIUDAD": "MONTEVIDEO", "DEPARTAMENTO": "MONTEVIDEO", "TELEFONO": "24001234", "CORREO": "a@example.com",
        "GIRO.1": "PAN", "GIRO.2": "MASAS", "FUENTE": "DGI", "EDAD_DIAS": "0",
    }  # fmt: skip
    assert not any(name.startswith(("AVISO", "ERROR")) for name in answer)


@pytest.mark.parametrize("written", ["21.142.894.0011", "21-142894/001-1", " 211428940011 "])
def test_a_rut_may_be_written_as_people_write_it(shop, written):
    machine = shop()
    known(machine)
    assert machine.send("R1.TXT", ASK.replace(RUT, written))["CONTRIBUYENTE.RUT"] == RUT


@pytest.mark.parametrize("written", ["211428940012", "123", "PAN", "２１１４２８９４００１１"])
def test_what_is_no_rut_is_never_asked(shop, written):
    machine = shop()
    answer = machine.send("R1.TXT", ASK.replace(RUT, written))
    assert (answer[""], answer["ESTADO"], answer["ERROR.1.CODIGO"]) == ("ERROR", "NO_RESUELTO", "E1101")
    assert (answer["ERROR.1.LINEA"], answer["ERROR.1.CAMPO"]) == ("2", "RUT")
    assert "taxpayer" not in machine.cloud.calls


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[CONSULTA_RUT]\nRUT=\n[FIN]\n", "E0111"),
        ("[CONSULTA_RUT]\nRUC=211428940011\n[FIN]\n", "E0201"),
        (ASK.replace("[FIN]", "[CONSULTA]\nREFERENCIA=V1\n[FIN]"), "E0111"),
    ],
)
def test_a_question_that_is_not_one_is_told(shop, text, code):
    answer = shop().send("R1.TXT", text)
    assert (answer[""], answer["CODIGO"]) == ("ERROR", code)


def test_what_dgi_refuses_is_told_with_its_code(shop):
    machine = shop()
    machine.cloud.taxpayers[RUT] = "La actividad empresarial del RUT está cancelada en DGI."
    answer = machine.send("R1.TXT", ASK)
    assert (answer[""], answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "NO_RESUELTO", "E1511")
    assert "cancelada" in answer["MENSAJE"]


def test_what_the_cloud_kept_is_told_with_its_age(shop):
    machine = shop()
    known(machine, fuente=Fuente.CACHE, consultado=NOON - timedelta(days=12), sin_linea=True)
    answer = machine.send("R1.TXT", ASK)
    assert (answer[""], answer["CONTRIBUYENTE.FUENTE"], answer["CONTRIBUYENTE.EDAD_DIAS"]) == ("OK", "CACHE", "12")
    assert answer["AVISO.1.CODIGO"] == "A0301"
    assert "09/11/2026, hace 12" in answer["AVISO.1.MENSAJE"]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.GARBAGE, Fault.LOST])
def test_without_a_line_the_last_answer_of_this_installation_is_told_again(shop, fault):
    machine = shop()
    known(machine)
    first = machine.send("R1.TXT", ASK)
    machine.pass_time(days=3)
    machine.cloud.fail("taxpayer", fault)
    again = machine.send("R2.TXT", ASK)
    assert (again[""], again["ESTADO"], again["AVISO.1.CODIGO"]) == ("OK", "RESUELTO", "A0301")
    assert (again["CONTRIBUYENTE.FUENTE"], again["CONTRIBUYENTE.EDAD_DIAS"]) == ("CACHE", "3")
    for name in ("RAZON_SOCIAL", "CONSULTADO", "GIRO.2"):
        assert again[f"CONTRIBUYENTE.{name}"] == first[f"CONTRIBUYENTE.{name}"]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.GARBAGE, Fault.LOST])
def test_without_a_line_whom_nobody_knows_is_told_at_once(shop, fault):
    machine = shop()
    machine.cloud.fail("taxpayer", fault)
    answer = machine.send("R1.TXT", ASK)
    assert (answer[""], answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "NO_RESUELTO", "E3023")


def test_a_look_up_that_fails_says_nothing_against_the_line(shop):
    machine = shop()
    machine.cloud.fail("taxpayer", *[Fault.LOST] * 30)
    for n in range(30):
        machine.send(f"R{n}.TXT", ASK)
    assert machine.house.line.link.failures == 0
    assert not machine.house.line.link.contingency


def test_in_contingencia_nobody_is_asked(shop):
    machine = shop()
    known(machine)
    assert machine.order("contingencia", que="forzar", motivo="mudanza").ok
    answer = machine.send("R1.TXT", ASK)
    assert answer["CODIGO"] == "E3023"
    assert "taxpayer" not in machine.cloud.calls


def test_a_cloud_that_asks_nobody_is_told(shop):
    answer = shop().send("R1.TXT", ASK)
    assert (answer["CODIGO"], "no habla con DGI" in answer["MENSAJE"]) == ("E3023", True)


def test_a_cloud_without_look_up_is_not_asked(shop):
    machine = shop(capabilities=Capabilities(fences=False, idempotent=True, leases=False), joined=False)
    assert machine.send("R1.TXT", ASK)["CODIGO"] == "E3023"
    assert machine.cloud.calls.count("taxpayer") == 0


def test_a_fall_between_the_question_and_its_answer_asks_again(shop, monkeypatch):
    machine = shop()
    known(machine)
    asked = machine.cloud.taxpayer

    def falls(rut):
        monkeypatch.setattr(machine.cloud, "taxpayer", asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(machine.cloud, "taxpayer", falls)
    with pytest.raises(KeyboardInterrupt):
        machine.send("R1.TXT", ASK)
    machine.house.journal.close()
    machine.switch_on()
    machine.work()
    assert machine.answer("R1.TXT")["ESTADO"] == "RESUELTO"


def test_in_validar_only_the_form_is_looked_at(shop):
    machine = shop()
    assert machine.send("R1.TXT", ASK, folder="validar")["ESTADO"] == "VALIDO"
    wrong = machine.send("R2.TXT", ASK.replace(RUT, "211428940012"), folder="validar")
    assert (wrong["ESTADO"], wrong["CODIGO"]) == ("INVALIDO", "E1101")
    assert "taxpayer" not in machine.cloud.calls


def test_a_rut_is_no_referencia(shop):
    machine = shop()
    known(machine)
    machine.send("R1.TXT", ASK)
    answer = machine.send("C1.TXT", f"[CONSULTA]\nREFERENCIA={RUT}\n[FIN]\n")
    assert (answer["ESTADO"], answer["CODIGO"]) == ("NO_RESUELTO", "E0108")
