"""The administration over HTTP: its own token, every act, each audited; none without it."""

from base64 import b64encode
from datetime import timedelta

import pytest
from cloud_world import NOW, Speaker, other_rut

from sincronizador.core.numbering import Rango
from sincronizador.signing.certificate import to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae

TOKEN = "administracion-de-prueba-0123456789"


@pytest.fixture
def administered(toml):
    """The TOML with an administration."""
    path = toml.parent / "administracion.token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    with toml.open("a") as file:
        file.write('[administracion]\ntoken = "./administracion.token"\n')
    return toml


@pytest.fixture
def admin(administered, serve):
    return Speaker(serve().url, TOKEN)


def text(content):
    return b64encode(content).decode()


def test_an_issuer_comes_to_life_over_the_api(admin, shop):
    rut = other_rut("21888888002")
    place = shop.settings.emisor.model_dump(exclude={"rut"})
    one = f"/v1/admin/issuers/{rut}"
    kept = admin.call("PUT", one, {"emisor": place, "ajustes": {"ui": {"2026": "6.4", "2027": "6.7"}}})
    assert kept.status == 200, kept.content
    assert kept.json["ajustes"]["ui"] == {"2026": "6.4", "2027": "6.7"}
    branch = admin.call("PUT", one, {"emisor": {**place, "sucursal": "2"}}).json
    assert [found["sucursal"] for found in branch["branches"]] == [place["sucursal"], "2"]
    assert branch["ajustes"] == kept.json["ajustes"]
    assert len(admin.call("GET", "/v1/admin/issuers").json["issuers"]) == 2

    validity = Validity(desde=NOW - timedelta(days=1), hasta=NOW + timedelta(days=300))
    authority = make_authority(validity)
    p12 = to_pkcs12(issue(authority, validity, rut=rut, titular="OTRA (PRUEBA)"), b"clave")
    wrong = admin.call("POST", f"{one}/certificates", {"content": text(p12), "password": "otra"})
    assert (wrong.status, wrong.code) == (422, "invalid")
    assert wrong.json["error"]["details"][0]["rule"].startswith("E21")
    certificate = admin.call("POST", f"{one}/certificates", {"content": text(p12), "password": "clave"}).json
    assert certificate["has_key"] is True
    assert [found["fingerprint"] for found in admin.call("GET", f"{one}/certificates").json["certificates"]] == [
        certificate["fingerprint"]
    ]
    rango = Rango(id="90260009101", tipo=101, serie="A", desde=1, hasta=50, vence=(NOW + timedelta(days=90)).date())
    cae = {"content": text(sign_cae(authority, rango, rut=rut, autorizado=NOW.date()))}
    assert admin.call("POST", f"{one}/caes", cae).json["totals"]["free"] == 50
    assert admin.call("POST", f"{one}/caes", cae).status == 422
    assert admin.call("GET", f"{one}/numbers").json["numbers"][0]["to"] == 50

    made = admin.call("POST", f"{one}/installations", {"code": "S01"}).json
    till = Speaker(admin.url, made["token"])
    till.take_epoch()
    sale = till.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=till.epoch, rut=rut))
    assert sale.status == 201, sale.content

    acts = admin.call("GET", "/v1/admin/audit").json["acts"]
    assert {"issuer", "certificate", "cae", "installation"} <= {act["act"] for act in acts}
    assert all("127.0.0.1" in act["who"] for act in acts if act["rut"] == rut)
    assert not any(made["token"] in act["detail"] for act in acts)


def test_tokens_are_renewed_and_a_dead_installation_leaves_doubts_to_a_person(admin, administered, shop):
    one = f"/v1/admin/issuers/{shop.rut}"
    till = Speaker(admin.url, (administered.parent / "nube" / "token.txt").read_text().strip())
    till.take_epoch()
    fresh = Speaker(admin.url, admin.call("POST", f"{one}/installations/PRUEBA/tokens").json["token"])
    assert admin.call("DELETE", f"{one}/installations/PRUEBA/tokens?but_last=true").json == {"revoked": 1}
    assert (till.call("GET", "/v1/health").status, fresh.call("GET", "/v1/health").status) == (401, 200)
    fresh.epoch, fresh.server_epoch = till.epoch, till.server_epoch
    wish = {"doc_type": 101, "branch": "1", "size": 2}
    assert fresh.call("POST", "/v1/leases", wish, Idempotency_Key="clave-al-azar").status == 201
    dead = admin.call("POST", f"{one}/installations/PRUEBA/dead", {"reason": "se quemó"})
    assert (dead.status, dead.json) == (200, {})
    assert fresh.call("GET", "/v1/health").code == "forbidden"
    (listed,) = admin.call("GET", f"{one}/installations").json["installations"]
    assert (listed["code"], listed["dead"]) == ("PRUEBA", True)
    annulment = {"doc_type": 101, "series": "A", "numbers": [1, 2], "reason": "no hay papel"}
    assert admin.call("POST", f"{one}/numbers/annul", {**annulment, "numbers": [1, 3]}).status == 422
    assert admin.call("POST", f"{one}/numbers/annul", annulment).json == {"annulled": 2}
    assert admin.call("POST", f"{one}/numbers/annul", annulment).status == 422


def test_a_revoked_certificate_signs_nothing_and_an_alarm_says_so(admin, administered, shop):
    one = f"/v1/admin/issuers/{shop.rut}"
    till = Speaker(admin.url, (administered.parent / "nube" / "token.txt").read_text().strip())
    till.take_epoch()
    (certificate,) = admin.call("GET", f"{one}/certificates").json["certificates"]
    path = f"{one}/certificates/{certificate['fingerprint']}/revoke"
    assert admin.call("POST", path, {"reason": "se perdió"}).status == 200
    refused = till.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=till.epoch))
    assert (refused.status, refused.code) == (503, "no_certificate")
    assert int(refused.headers["retry-after"]) >= 1
    alarms = admin.call("GET", f"/v1/admin/alarms?rut={shop.rut}").json["alarms"]
    assert any("certificado" in alarm["sentence"] for alarm in alarms)
    assert admin.call("POST", "/v1/admin/alarms/999/dismiss", {"reason": "visto"}).status == 422


@pytest.mark.parametrize("token", ["", "otro", TOKEN[:-1], TOKEN + "x"])
def test_no_act_without_the_token_of_the_administration(admin, administered, token):
    own = (administered.parent / "nube" / "token.txt").read_text().strip()
    for bearer in (token, own):
        answer = Speaker(admin.url, bearer).call("GET", "/v1/admin/audit")
        assert (answer.status, answer.code) == (401, "unauthorized")


def test_the_token_of_the_administration_is_no_installation(admin):
    assert admin.call("GET", "/v1/documents/V1").status == 401
    assert admin.call("GET", "/v1/health").status == 401


def test_what_is_malformed_is_told_apart_from_what_cannot_be(admin, shop):
    one = f"/v1/admin/issuers/{shop.rut}"
    for method, path, body, status in (
        ("PUT", "/v1/admin/issuers/123", {}, 400),
        ("PUT", one, {"emisor": {}}, 400),
        ("POST", f"{one}/caes", {"content": "no es base64"}, 400),
        ("POST", f"{one}/caes", {"content": text(b"<CAE/>")}, 422),
        ("POST", f"{one}/certificates", {"content": text(b"nada")}, 422),
        ("POST", f"{one}/installations", {"code": "demasiado-largo"}, 400),
        ("POST", f"{one}/installations", {"code": "PRUEBA"}, 422),
        ("POST", f"{one}/installations/NADIE/tokens", None, 422),
        ("GET", "/v1/admin/audit?limit=0", None, 400),
        ("GET", "/v1/admin/alarms?rut=x", None, 400),
        ("DELETE", f"{one}/installations/PRUEBA/tokens?but_last=quizas", None, 400),
    ):
        answer = admin.call(method, path, body)
        assert answer.status == status, (path, answer.content)
        assert answer.code in ("bad_request", "invalid")
