"""The verdict on every kind of answer, given by a carrier in the same process."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest

from sincronizador.core.contribuyente import Consulta, Fuente
from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import Attempt, HandOver, Lease, Receipt, Reply, Said, Standing, Submission, cloud_key
from sincronizador.core.recibido import Recepcion
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.providers.door import Leases, Raised
from sincronizador.providers.open_api import OpenApi
from sincronizador.web import Response

STANDING = Standing(epoch=3, server_epoch="s1")
SIGNED = b"<CFE>firmado</CFE>"
DIGEST = sha256(SIGNED).hexdigest()
DOCUMENT: dict[str, Any] = {
    "key": "V1",
    "kind": "documento",
    "attempt": {"epoch": 3, "counter": 2},
    "state": "prepared",
    "doc_type": 101,
    "series": "A",
    "number": 12,
    "cae": {"id": "90260000001", "from": 1, "to": 100, "expires": "2028-11-21"},
    "signed_xml": b64encode(SIGNED).decode(),
    "sha256": DIGEST,
    "content_sha256": "c0",
    "signed_at": "2026-11-21T12:00:00-03:00",
    "epoch": 3,
    "signed_by": "cloud",
    "extra": False,
    "annex": {"adenda": "ñ", "correo": ""},
    "authority": None,
}
LEASE: dict[str, Any] = {
    "lease": "l/1",
    "cae": {"id": "90260000001", "from": 1, "to": 100, "expires": "2028-11-21", "special": None, "reason": None},
    "doc_type": 101,
    "series": "A",
    "from": 5,
    "to": 9,
    "held": False,
    "closed": False,
}
HEALTH: dict[str, Any] = {
    "status": "ok",
    "detail": "",
    "time": "2026-11-21T15:00:00Z",
    "environment": "prueba",
    "server_epoch": "s1",
    "contingency": {"allowed": True, "reason": ""},
    "min_client": "0.1",
    "installation": None,
    "recovering_since": None,
}
OURS = {"content-type": "application/json", "sincronizador-server-epoch": "s1"}


class Saying:
    """A carrier that always brings the same answer and keeps what was asked."""

    def __init__(self, status: int, body: bytes | object, headers: Mapping[str, str] = OURS) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answer = Response(status=status, headers=headers, body=content)
        self.asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = []

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        deadline: float,
        limit: int = 0,
    ) -> Response:
        self.asked.append((method, path, headers, body))
        return self.answer


def cloud(status: int, body: bytes | object, headers: Mapping[str, str] = OURS) -> OpenApi:
    return OpenApi(Saying(status, body, headers), "t0k3n")


def error(code: str, message: str = "No.", **more: object) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "details": []}, **more}


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


HANDED = HandOver(
    attempt=Attempt(3, 2),
    lease="l/1",
    serie="A",
    numero=12,
    signed=SIGNED,
    anexo=Anexo(),
    signed_at=datetime(2026, 11, 21, 15, tzinfo=UTC),
)
RECEIVED = {
    "issuer": "211003420017", "name": "PROVEEDOR S.A.", "doc_type": 111, "doc_name": "e-Factura", "series": "A",
    "number": 12, "date": "2026-11-21", "signed_at": "2026-11-21T12:00:00-03:00", "currency": "USD", "rate": "40.1",
    "total": "122.00", "amounts": [["TOTAL", "122.00"]], "cae": "90260000001", "security_code": "abcdef",
    "remarks": ["Mire esto."], "state": "RECHAZADO", "reason": "E23", "detail": "No llegó",
    "received_at": "2026-11-21T12:05:00-03:00", "until": "2026-11-22T12:05:00-03:00", "annex": {"adenda": "Gracias"},
    "signed_xml": b64encode(SIGNED).decode(), "sha256": DIGEST,
}  # fmt: skip
VERBS = {
    "submit": lambda it: it.submit("V1", b"{}", STANDING),
    "find": lambda it: it.find("V1", STANDING),
    "confirm": lambda it: it.confirm("V1", 12, DIGEST, STANDING),
    "hand_over": lambda it: it.hand_over("V1", HANDED, STANDING),
    "void": lambda it: it.void("V1", Attempt(3, 2), "se descartó", STANDING),
    "changes": lambda it: it.changes("", 10, STANDING),
    "pull": lambda it: it.pull("", 10, STANDING),
    "raise_epoch": lambda it: it.raise_epoch("m", 3, STANDING),
    "recovered": lambda it: it.recovered((), STANDING),
    "leases": lambda it: it.leases(STANDING),
    "take": lambda it: it.take(101, "1", 5, "k", STANDING),
    "held": lambda it: it.held("9", 1, 2, STANDING),
    "close": lambda it: it.close("l/1", (5,), (6,), STANDING),
    "health": lambda it: it.health(STANDING),
    "received": lambda it: it.received("s.1.2", 10, STANDING),
}
STORED = {
    "submit": DOCUMENT,
    "find": DOCUMENT,
    "confirm": DOCUMENT,
    "hand_over": DOCUMENT,
    "void": {"state": "voided"},
    "changes": {"documents": [DOCUMENT], "cursor": "7", "more": False},
    "pull": {"documents": [DOCUMENT], "cursor": "7", "more": False},
    "raise_epoch": {"epoch": 4},
    "recovered": {},
    "leases": {"leases": [LEASE], "types": [101]},
    "take": LEASE,
    "held": LEASE,
    "close": {**LEASE, "closed": True},
    "health": HEALTH,
    "received": {"documents": [RECEIVED], "cursor": "s.1.3", "more": False},
}
verbs = pytest.mark.parametrize("verb", VERBS)


@verbs
def test_every_verb_understands_its_answer(verb):
    said = VERBS[verb](cloud(200, STORED[verb]))
    assert not isinstance(said, Reply) or said.said is Said.STORED


NOT_OURS = {
    "captive portal": (200, b"<html>Bienvenido</html>", {"content-type": "text/html"}),
    "captive portal with our header": (200, b"<html>", {**OURS, "content-type": "text/html"}),
    "another content type": (200, None, {**OURS, "content-type": "text/html"}),
    "portal's JSON": (200, {"login": True}, {"content-type": "application/json"}),
    "redirect": (302, b"", {"location": "https://portal.example"}),
    "500": (500, error("internal"), OURS),
    "500 bare": (500, b"oops", {}),
    "502": (502, b"<html>Bad Gateway</html>", {"content-type": "text/html"}),
    "504": (504, b"", {}),
    "408": (408, error("timeout"), OURS),
    "503 of a proxy": (503, b"<html>", {"retry-after": "3"}),
    "429 of a proxy": (429, error("too_many_requests"), {"content-type": "application/json"}),
    "401 of a proxy": (401, b"", {"www-authenticate": "Basic"}),
    "410 of a proxy": (410, error("attempt_overtaken"), {"content-type": "application/json"}),
    "410 for another reason": (410, error("gone"), OURS),
    "425 for another reason": (425, error("too_early"), {**OURS, "sincronizador-server-epoch": "s2"}),
    "404 of a router": (404, {"detail": "Not Found"}, OURS),
    "404 of another kind": (404, error("no_route"), OURS),
    "bad JSON": (200, b'{"key": "V1"', OURS),
    "not an object": (200, b"[]", OURS),
    "deep JSON": (200, b"[" * 100_000, OURS),
    "not UTF-8": (200, b'{"key": "\xff"}', OURS),
    "another server_epoch": (200, None, {**OURS, "sincronizador-server-epoch": "s2"}),
    "an error without shape": (409, {"error": "no"}, OURS),
    "204": (204, b"", OURS),
}


@verbs
@pytest.mark.parametrize("answer", NOT_OURS.values(), ids=NOT_OURS.keys())
def test_whatever_is_not_certainly_the_clouds_word_is_unanswered(verb, answer):
    status, body, headers = answer
    with pytest.raises(Unanswered) as raised:
        VERBS[verb](cloud(status, STORED[verb] if body is None else body, headers))
    assert raised.value.code == "E3002"


@verbs
@pytest.mark.parametrize("status", [429, 503])
def test_later_is_said_by_the_cloud_itself(verb, status):
    body = error("no_certificate", "No hay certificado.")
    with pytest.raises(Unavailable, match=r"No hay certificado \(pide esperar 30 s\)\.") as raised:
        VERBS[verb](cloud(status, body, {**OURS, "retry-after": "30"}))
    assert raised.value.code == "E3016"


@verbs
@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_what_time_does_not_mend_needs_the_operator(verb, status):
    with pytest.raises(NeedsOperator, match=r"El token no vale\.") as raised:
        VERBS[verb](cloud(status, error("unauthorized", "El token no vale.")))
    assert raised.value.code == "E3003"


@verbs
def test_a_restored_cloud_is_told_from_one_that_contradicts_itself(verb):
    body = error("server_restored")
    if verb == "health":
        with pytest.raises(Unanswered):
            VERBS[verb](cloud(425, body))
        return
    said = VERBS[verb](cloud(425, body, {**OURS, "sincronizador-server-epoch": "s2"}))
    assert said.said is Said.RESTORED
    with pytest.raises(Unanswered):
        VERBS[verb](cloud(425, body))


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "health"])
def test_a_machine_that_was_overtaken_learns_it_from_any_verb(verb):
    assert VERBS[verb](cloud(410, error("epoch_overtaken"))).said is Said.FENCED


VERDICTS = {
    (404, "not_found"): (Said.UNKNOWN, {"find", "confirm", "held", "close", "received"}),
    (409, "other_content"): (Said.CONFLICT, {"submit", "confirm", "hand_over", "void", "held", "close"}),
    (410, "attempt_overtaken"): (Said.OVERTAKEN, {"submit", "hand_over", "void"}),
    (422, "invalid"): (Said.INVALID, {"submit", "hand_over", "take", "held", "close"}),
}


@verbs
@pytest.mark.parametrize("refusal", VERDICTS, ids=str)
def test_a_verdict_counts_only_where_it_makes_sense(verb, refusal):
    said, where = VERDICTS[refusal]
    it = cloud(refusal[0], error(refusal[1], "Otra cosa."))
    if verb in where:
        reply = VERBS[verb](it)
        assert (reply.said, reply.code, reply.message, reply.receipt) == (said, refusal[1], "Otra cosa.", None)
    else:
        with pytest.raises(Unanswered):
            VERBS[verb](it)


@pytest.mark.parametrize("verb", ["submit", "confirm", "hand_over", "void"])
def test_a_conflict_carries_the_document_that_exists(verb):
    reply = VERBS[verb](cloud(409, error("already_confirmed", document={**DOCUMENT, "number": 13})))
    assert (reply.said, reply.receipt.numero) == (Said.CONFLICT, 13)
    with pytest.raises(Unanswered):
        VERBS[verb](cloud(409, error("already_confirmed", document={**DOCUMENT, "key": "V2"})))


def test_an_invalid_document_says_what_and_where():
    body = error("invalid", "El documento no es válido.")
    body["error"]["details"] = [{"field": "Receptor", "rule": "E1012", "message": "Falta."}]
    (remark,) = VERBS["submit"](cloud(422, body)).remarks
    assert (remark.field, remark.rule, remark.message) == ("Receptor", "E1012", "Falta.")


@pytest.mark.parametrize("verb", ["submit", "find", "confirm", "hand_over"])
@pytest.mark.parametrize(
    "strange",
    [
        {"key": "V2"},
        {"kind": "consulta"},
        {"sha256": "0" * 64},
        {"signed_xml": "no base64!"},
        {"signed_xml": b64encode(b"<CFE>otro</CFE>").decode()},
        {"number": "12"},
        {"number": True},
        {"number": -1},
        {"number": 1 << 63},
        {"state": "lost"},
        {"attempt": {"epoch": 3}},
        {"signed_at": "2026-11-21T12:00:00"},
        {"signed_at": "ayer"},
        {"signed_by": "somebody"},
        {"annex": None},
        {"annex": {"adenda": "\ud800"}},
        {"extra": 0},
        {"authority": 5},
    ],
    ids=str,
)
def test_a_document_of_another_key_or_shape_is_unanswered(verb, strange):
    with pytest.raises(Unanswered):
        VERBS[verb](cloud(200, {**DOCUMENT, **strange}))


@pytest.mark.parametrize("name", sorted(set(DOCUMENT) - {"cae", "authority"}))
def test_a_document_without_one_of_its_fields_is_unanswered(name):
    with pytest.raises(Unanswered):
        VERBS["submit"](cloud(200, without(DOCUMENT, name)))


@pytest.mark.parametrize("verb", ["confirm", "hand_over"])
def test_the_acknowledgement_of_other_bytes_or_of_another_number_is_none(verb):
    other = b"<CFE>otro</CFE>"
    document = {**DOCUMENT, "signed_xml": b64encode(other).decode(), "sha256": sha256(other).hexdigest()}
    for body in (document, {**DOCUMENT, "number": 13}):
        with pytest.raises(Unanswered):
            VERBS[verb](cloud(200, body))


@pytest.mark.parametrize("body", [{}, {"state": "prepared"}, DOCUMENT])
def test_only_voided_acknowledges_a_void(body):
    with pytest.raises(Unanswered):
        VERBS["void"](cloud(200, body))


@pytest.mark.parametrize("body", [LEASE, {**LEASE, "closed": True, "lease": "l/2"}, {}])
def test_only_the_same_lease_closed_acknowledges_its_close(body):
    with pytest.raises(Unanswered):
        VERBS["close"](cloud(200, body))


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"documents": [], "cursor": 7, "more": False},
        {"documents": [[]], "cursor": "7", "more": False},
        {"documents": [{**DOCUMENT, "state": "?"}], "cursor": "7", "more": False},
        {"documents": [], "cursor": "7", "more": "no"},
    ],
    ids=str,
)
def test_a_page_of_another_shape_is_unanswered(page):
    for verb in ("changes", "pull"):
        with pytest.raises(Unanswered):
            VERBS[verb](cloud(200, page))


def test_a_received_document_is_told_whole():
    (found,) = VERBS["received"](cloud(200, STORED["received"])).documents
    assert (found.slug, found.estado, found.motivo) == ("211003420017-111-A-12", Recepcion.RECHAZADO, "E23")
    assert (found.signed, found.adenda, found.avisos) == (SIGNED, "Gracias", ("Mire esto.",))
    assert (found.total, found.cotizacion, found.importes) == (Decimal("122.00"), "40.1", (("TOTAL", "122.00"),))


@pytest.mark.parametrize(
    "strange",
    [
        {"issuer": "../etc"}, {"series": "A/"}, {"series": "a"}, {"number": 0.5}, {"number": -1}, {"doc_type": 7},
        {"state": "OTRO"}, {"total": "x"}, {"total": "NaN"}, {"amounts": [["TOTAL"]]}, {"amounts": [7]},
        {"sha256": "0" * 64}, {"signed_xml": "no"}, {"until": "ayer"}, {"annex": None}, {"remarks": [1]},
    ],
    ids=str,
)  # fmt: skip
def test_a_received_document_of_another_shape_is_unanswered(strange):
    page = {"documents": [{**RECEIVED, **strange}], "cursor": "1", "more": False}
    with pytest.raises(Unanswered):
        VERBS["received"](cloud(200, page))


@pytest.mark.parametrize("types", [None, [True], ["101"]])
def test_leases_of_another_shape_are_unanswered(types):
    with pytest.raises(Unanswered):
        VERBS["leases"](cloud(200, {"leases": [], "types": types}))
    with pytest.raises(Unanswered):
        VERBS["take"](cloud(201, {**LEASE, "cae": {**LEASE["cae"], "expires": "nunca"}}))


def test_a_lease_and_the_types_are_read():
    lease = VERBS["take"](cloud(201, LEASE))
    assert isinstance(lease, Lease)
    assert (lease.id, lease.desde, lease.hasta, lease.cae_hasta, lease.especial) == ("l/1", 5, 9, 100, "")
    assert VERBS["leases"](cloud(200, STORED["leases"])) == Leases(open=(lease,), types=(101,))


def test_an_epoch_raised_by_another_machine_is_told_with_its_number():
    assert VERBS["raise_epoch"](cloud(200, {"epoch": 4})) == Raised(epoch=4, granted=True)
    assert VERBS["raise_epoch"](cloud(409, error("epoch_conflict", epoch=9))) == Raised(epoch=9, granted=False)
    with pytest.raises(Unanswered):
        VERBS["raise_epoch"](cloud(409, error("epoch_conflict")))


@pytest.mark.parametrize(
    "strange",
    [{"status": "fine"}, {"time": "2026-11-21T15:00:00"}, {"server_epoch": "s2"}, {"contingency": None}],
    ids=str,
)
def test_health_of_another_shape_is_unanswered(strange):
    with pytest.raises(Unanswered):
        VERBS["health"](cloud(200, {**HEALTH, **strange}))


def test_health_says_since_when_the_cloud_recovers():
    body = {**HEALTH, "status": "recovering", "detail": "Se recupera.", "recovering_since": "2026-11-20T09:00:00-03:00"}
    health = VERBS["health"](cloud(200, {**body, "installation": {"epoch": 5, "recovered": False}}))
    assert (health.ok, health.detail, health.epoch) == (False, "Se recupera.", 5)
    assert health.recovering_since == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_the_request_says_who_speaks_and_health_says_only_the_token():
    carrier = Saying(200, DOCUMENT)
    OpenApi(carrier, "t0k3n").submit("V1", b"{}", Standing(epoch=3, server_epoch="s1", fenced=True))
    method, path, headers, body = carrier.asked[0]
    assert (method, path, body) == ("PUT", "/v1/documents/V1", b"{}")
    assert headers == {
        "Authorization": "Bearer t0k3n",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Sincronizador-Epoch": "3",
        "Sincronizador-Server-Epoch": "s1",
        "Sincronizador-Fenced": "1",
    }
    carrier = Saying(200, HEALTH)
    OpenApi(carrier, "t0k3n").health(STANDING)
    assert carrier.asked == [
        ("GET", "/v1/health", {"Authorization": "Bearer t0k3n", "Accept": "application/json"}, None)
    ]


def test_what_is_asked_goes_where_the_contract_says():
    asked = {}
    for verb, call in VERBS.items():
        carrier = Saying(200, STORED[verb])
        call(OpenApi(carrier, "t0k3n"))
        method, path, headers, body = carrier.asked[0]
        asked[verb] = (method, path, json.loads(body) if body else None)
        assert (headers.get("Idempotency-Key") == "k") is (verb == "take")
    attempt = {"epoch": 3, "counter": 2}
    assert asked == {
        "submit": ("PUT", "/v1/documents/V1", {}),
        "find": ("GET", "/v1/documents/V1", None),
        "confirm": ("POST", "/v1/documents/V1/confirm", {"number": 12, "sha256": DIGEST}),
        "hand_over": (
            "PUT",
            "/v1/documents/V1/signed",
            {
                "attempt": attempt,
                "lease": "l/1",
                "series": "A",
                "number": 12,
                "signed_xml": b64encode(SIGNED).decode(),
                "annex": {"adenda": "", "correo": ""},
                "signed_at": "2026-11-21T15:00:00+00:00",
                "sha256": DIGEST,
                "contingency": None,
            },
        ),
        "void": ("POST", "/v1/documents/V1/void", {"attempt": attempt, "reason": "se descartó"}),
        "changes": ("GET", "/v1/documents?changed_since=&limit=10", None),
        "pull": ("GET", "/v1/documents?installation=self&cursor=&limit=10", None),
        "raise_epoch": ("POST", "/v1/installations/self/epoch", {"machine": "m", "from": 3}),
        "recovered": ("POST", "/v1/installations/self/recovered", {"numbers": []}),
        "leases": ("GET", "/v1/leases", None),
        "take": ("POST", "/v1/leases", {"doc_type": 101, "branch": "1", "size": 5}),
        "held": ("POST", "/v1/leases/held", {"cae": "9", "from": 1, "to": 2}),
        "close": ("POST", "/v1/leases/l%2F1/close", {"used": [5], "voided": [6]}),
        "health": ("GET", "/v1/health", None),
        "received": ("GET", "/v1/received?changed_since=s.1.2&limit=10", None),
    }


TAXPAYER: dict[str, Any] = {
    "country": "uy",
    "rut": "211428940011",
    "name": "PEÑA S.A.",
    "trade_name": "",
    "kind": "SOCIEDAD ANONIMA",
    "status": "ACTIVO",
    "since": "2001-05-02",
    "address": "AV 18 DE JULIO 1234",
    "city": "MONTEVIDEO",
    "department": "MONTEVIDEO",
    "phones": ["24001234"],
    "emails": [],
    "activities": ["PAN"],
    "source": "DGI",
    "asked_at": "2026-11-21T12:00:00-03:00",
    "offline": False,
}


def test_a_taxpayer_is_read_whole_and_asked_without_a_standing():
    carrier = Saying(200, TAXPAYER)
    found = OpenApi(carrier, "t0k3n").taxpayer("211428940011")
    assert isinstance(found, Consulta)
    assert (found.contribuyente.razon_social, found.contribuyente.telefonos) == ("PEÑA S.A.", ("24001234",))
    assert (found.fuente, found.sin_linea) == (Fuente.DGI, False)
    assert carrier.asked == [
        (
            "GET",
            "/v1/taxpayers/uy/211428940011",
            {"Authorization": "Bearer t0k3n", "Accept": "application/json"},
            None,
        )
    ]


def test_what_is_said_instead_of_a_taxpayer_is_a_verdict():
    detail = {"field": "rut", "rule": "E1511", "message": "Está cancelado."}
    refused = error("invalid")
    refused["error"]["details"] = [detail]
    said = cloud(422, refused).taxpayer("211428940011")
    assert (said.said, [remark.rule for remark in said.remarks]) == (Said.INVALID, ["E1511"])
    assert cloud(404, error("not_found")).taxpayer("211428940011").said is Said.UNKNOWN
    with pytest.raises(Unavailable):
        cloud(503, error("not_ready")).taxpayer("211428940011")


@pytest.mark.parametrize(
    "strange",
    [
        {},
        *(without(TAXPAYER, name) for name in ("rut", "name", "status", "source", "asked_at", "offline")),
        {**TAXPAYER, "rut": "219999830019"},
        {**TAXPAYER, "source": "dgi"},
        {**TAXPAYER, "asked_at": "ayer"},
        {**TAXPAYER, "since": "0000-00-00"},
        {**TAXPAYER, "phones": [24001234]},
        {**TAXPAYER, "phones": "24001234"},
        {**TAXPAYER, "activities": ["\ud800"]},
    ],
)
def test_a_taxpayer_of_another_shape_is_unanswered(strange):
    with pytest.raises(Unanswered):
        cloud(200, strange).taxpayer("211428940011")


@pytest.mark.parametrize(
    "answer",
    [one for name, one in NOT_OURS.items() if name not in ("another server_epoch", "another content type")],
)
def test_a_taxpayer_is_only_told_by_the_cloud_itself(answer):
    status, body, headers = answer
    with pytest.raises(Unanswered):
        cloud(status, body, headers).taxpayer("211428940011")


def test_the_body_of_a_submission_is_the_same_bytes_for_ever():
    submission = Submission(
        attempt=Attempt(3, 2),
        country="uy",
        issuer="219999830019",
        branch="1",
        terminal="CAJA1",
        tipo=101,
        draft="<CFE>ñ</CFE>".encode(),
        anexo=Anexo(adenda="a\nb", correo="ana@example.com", extra=(("X", "1"),)),
    )
    digest = sha256(submission.draft).hexdigest()
    assert (
        cloud(200, {}).compose(submission)
        == (
            '{"annex":{"adenda":"a\\nb","correo":"ana@example.com"},"attempt":{"counter":2,"epoch":3},"branch":"1",'
            '"country":"uy","doc_type":101,"issuer":"219999830019","payload":"<CFE>ñ</CFE>",'
            f'"sha256":"{digest}","terminal":"CAJA1"}}'
        ).encode()
    )


@pytest.mark.parametrize("token", ["", "dos palabras", "raro\n", "ñandú"])
def test_a_token_that_cannot_travel_needs_the_operator(token):
    with pytest.raises(NeedsOperator) as raised:
        OpenApi(Saying(200, HEALTH), token)
    assert raised.value.code == "E3003"


def test_a_receipt_is_read_whole():
    reply = VERBS["find"](cloud(200, {**DOCUMENT, "signed_by": "installation", "authority": "Aceptado."}))
    receipt = reply.receipt
    assert isinstance(receipt, Receipt)
    assert (receipt.signed, receipt.attempt, receipt.signed_here) == (SIGNED, Attempt(3, 2), True)
    assert (receipt.signed_at, receipt.anexo.adenda) == (datetime(2026, 11, 21, 15, tzinfo=UTC), "ñ")
    assert (receipt.authority, receipt.epoch, receipt.content_sha256) == ("Aceptado.", 3, "c0")


@pytest.mark.parametrize("plain", ["V1", "a", "2026.11-21_7", "A" * 50])
def test_a_plain_referencia_is_its_own_key(plain):
    assert cloud_key(plain) == plain


@pytest.mark.parametrize("other", ["", "-V1", "V 1", "V/1", "A" * 51, "ñ", "V1\n", "~V1"])
def test_any_other_referencia_is_a_digest_of_44_letters(other):
    key = cloud_key(other)
    assert (key[0], len(key)) == ("~", 44)
    assert key not in (cloud_key(other + " "), other)
