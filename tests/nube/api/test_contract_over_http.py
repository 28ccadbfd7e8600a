"""Every call of the contract over a real socket: statuses, codes and bodies as the wire says."""

import itertools
from base64 import b64decode
from hashlib import sha256

from cloud_world import confirmation, signed_bytes


def put(counter, market, key, *, counter_of_attempt=1, precio="89,00", **more):
    body = market.submission(key, precio, epoch=counter.epoch, counter=counter_of_attempt, **more)
    return counter.call("PUT", f"/v1/documents/{key}", body)


def lease(counter, size=5, key="clave-al-azar-1"):
    wish = {"doc_type": 101, "branch": "1", "size": size}
    answer = counter.call("POST", "/v1/leases", wish, Idempotency_Key=key)
    assert answer.status in (200, 201), answer.content
    return answer.json


def test_health_says_who_it_is_to_anybody_and_more_to_an_installation(counter):
    stranger = counter.call("GET", "/v1/health", Authorization=None)
    assert stranger.status == 200
    assert stranger.headers["sincronizador-server-epoch"] == stranger.json["server_epoch"] == counter.server_epoch
    assert stranger.json["installation"] is None
    own = counter.call("GET", "/v1/health").json
    assert own["status"] == "ok"
    assert own["environment"] == "prueba"
    assert own["installation"] == {"epoch": counter.epoch, "recovered": True, "clones": 0}


def test_a_document_is_prepared_found_confirmed_and_told_again(counter, market):
    created = put(counter, market, "V1")
    assert created.status == 201, created.content
    document = created.json
    assert document["state"] == "prepared"
    assert document["signed_by"] == "cloud"
    assert document["attempt"] == {"epoch": counter.epoch, "counter": 1}
    assert document["annex"] == {"adenda": "Gracias", "correo": ""}
    assert sha256(signed_bytes(document)).hexdigest() == document["sha256"]
    assert market.country.draft_of(signed_bytes(document)) == market.draft("V1")
    assert sha256(market.draft("V1")).hexdigest() == document["content_sha256"]
    again = put(counter, market, "V1")
    assert (again.status, again.json) == (200, document)
    confirmed = counter.call("POST", "/v1/documents/V1/confirm", confirmation(document))
    assert confirmed.status == 200
    assert confirmed.json == {**document, "state": "confirmed"}
    assert counter.call("GET", "/v1/documents/V1").json == confirmed.json
    assert counter.call("GET", "/v1/documents/V1?kind=documento").json == confirmed.json


def test_the_forms_of_a_document_are_its_bytes_a_pdf_and_a_picture(counter, market):
    document = put(counter, market, "V2").json
    xml = counter.call("GET", "/v1/documents/V2/xml")
    assert xml.content == signed_bytes(document)
    assert xml.headers["content-type"] == "application/xml"
    pdf = counter.call("GET", "/v1/documents/V2/representation?format=pdf")
    assert (pdf.content[:5], pdf.headers["content-type"]) == (b"%PDF-", "application/pdf")
    roll = counter.call("GET", "/v1/documents/V2/representation?format=roll")
    assert (roll.content[:4], roll.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert counter.call("GET", "/v1/documents/V2/representation?format=word").code == "bad_request"


def test_other_content_is_a_conflict_with_the_document_that_exists(counter, market):
    document = put(counter, market, "V3").json
    counter.call("POST", "/v1/documents/V3/confirm", confirmation(document))
    other = put(counter, market, "V3", precio="90,00", counter_of_attempt=2)
    assert other.status == 409
    assert other.json["document"]["number"] == document["number"]
    wrong = {"number": document["number"] + 1, "sha256": document["sha256"]}
    assert counter.call("POST", "/v1/documents/V3/confirm", wrong).status == 409


def test_a_corrected_file_supersedes_what_was_only_prepared(counter, market):
    first = put(counter, market, "V4").json
    second = put(counter, market, "V4", precio="90,00", counter_of_attempt=2)
    assert second.status == 201
    assert second.json["number"] != first["number"]
    late = put(counter, market, "V4")
    assert (late.status, late.code) == (410, "attempt_overtaken")


def test_a_void_is_final_for_its_attempt_also_for_a_key_that_nobody_knew(counter, market):
    void = {"attempt": {"epoch": counter.epoch, "counter": 2}, "reason": "descartado"}
    for _ in range(2):
        answer = counter.call("POST", "/v1/documents/V5/void", void)
        assert (answer.status, answer.json) == (200, {"state": "voided"})
    assert put(counter, market, "V5").code == "attempt_overtaken"
    document = put(counter, market, "V6").json
    counter.call("POST", "/v1/documents/V6/confirm", confirmation(document))
    kept = counter.call("POST", "/v1/documents/V6/void", void)
    assert (kept.status, kept.code) == (409, "already_confirmed")
    assert kept.json["document"]["number"] == document["number"]


def test_a_document_that_breaks_the_law_is_refused_with_its_fields_and_for_that_attempt(counter, market):
    body = market.submission("V7", epoch=counter.epoch)
    body["payload"] = body["payload"].replace("<MntTotal>", "<MntTotal>1")
    body["sha256"] = sha256(body["payload"].encode()).hexdigest()
    for _ in range(2):
        answer = counter.call("PUT", "/v1/documents/V7", body)
        assert (answer.status, answer.code) == (422, "invalid")
        assert all(set(detail) == {"field", "rule", "message"} for detail in answer.json["error"]["details"])
        assert answer.json["error"]["details"]
    dry = counter.call("POST", "/v1/validate", body)
    assert (dry.status, dry.json["valid"]) == (200, False)
    good = {name: value for name, value in market.submission("V7").items() if name != "attempt"}
    assert counter.call("POST", "/v1/validate", good).json == {"valid": True, "details": []}
    assert counter.call("GET", "/v1/documents/V7").code == "not_found"


def test_another_server_epoch_changes_nothing(counter, market):
    body = market.submission("V8", epoch=counter.epoch)
    answer = counter.call("PUT", "/v1/documents/V8", body, Sincronizador_Server_Epoch="otra")
    assert (answer.status, answer.code) == (425, "server_restored")
    assert counter.call("GET", "/v1/documents/V8").status == 404


def test_a_lease_is_taken_once_per_idempotency_key_numbered_from_and_closed(counter, market):
    taken = lease(counter, key="clave-de-la-prueba")
    assert lease(counter, key="clave-de-la-prueba") == taken
    assert taken["to"] - taken["from"] == 4
    assert taken["cae"]["from"] <= taken["from"]
    assert (taken["held"], taken["closed"]) == (False, False)
    listed = counter.call("GET", "/v1/leases").json
    assert taken in listed["leases"]
    assert 101 in listed["types"]
    body = market.hand_over(taken, taken["from"], "C1", epoch=counter.epoch)
    body["contingency"] = {"started_at": body["signed_at"], "reason": "sin línea"}
    handed = counter.call("PUT", "/v1/documents/C1/signed", body)
    assert handed.status == 201, handed.content
    assert handed.json["signed_by"] == "installation"
    assert signed_bytes(handed.json) == b64decode(body["signed_xml"])
    assert counter.call("PUT", "/v1/documents/C1/signed", body).status == 200
    foreign = market.hand_over(taken, taken["to"] + 100, "C2", epoch=counter.epoch)
    assert counter.call("PUT", "/v1/documents/C2/signed", foreign).status == 422
    ended = {"used": [taken["from"]], "voided": []}
    closed = counter.call("POST", f"/v1/leases/{taken['lease']}/close", ended)
    assert (closed.status, closed.json["closed"]) == (200, True)
    assert counter.call("POST", "/v1/leases/no-existe/close", ended).code == "not_found"


def test_a_held_range_needs_a_cae_of_the_issuer_and_free_numbers(counter):
    cae = next(one for one in counter.call("GET", "/v1/numbers").json["numbers"] if one["doc_type"] == 111)
    wish = {"cae": cae["cae"], "from": 500, "to": 600}
    held = counter.call("POST", "/v1/leases/held", wish)
    assert held.status == 201, held.content
    assert (held.json["held"], held.json["from"], held.json["to"]) == (True, 500, 600)
    assert counter.call("POST", "/v1/leases/held", {**wish, "cae": "0"}).code == "not_found"
    assert counter.call("POST", "/v1/leases/held", {**wish, "from": 550, "to": 700}).code == "range_conflict"
    assert counter.call("POST", "/v1/leases/held", {**wish, "from": 9, "to": 8}).code == "bad_request"


def test_every_number_has_exactly_one_fate(counter, market):
    put(counter, market, "N1")
    for cae in counter.call("GET", "/v1/numbers").json["numbers"]:
        assert sum(cae["totals"].values()) == cae["to"] - cae["from"] + 1
        edges = [(stretch["from"], stretch["to"]) for stretch in cae["fates"]]
        assert edges[0][0] == cae["from"]
        assert edges[-1][1] == cae["to"]
        assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(edges))


def test_documents_are_pulled_followed_and_found_by_number(counter, market):
    document = put(counter, market, "P1").json
    put(counter, market, "P2")
    first = counter.call("GET", "/v1/documents?installation=self&limit=1").json
    assert (len(first["documents"]), first["more"]) == (1, True)
    pulled, cursor = [], ""
    while True:
        page = counter.call("GET", f"/v1/documents?installation=self&cursor={cursor}&limit=2").json
        pulled += page["documents"]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert {"P1", "P2"} <= {one["key"] for one in pulled}
    since = counter.call("GET", "/v1/documents?changed_since=").json["cursor"]
    assert counter.call("GET", f"/v1/documents?changed_since={since}").json["documents"] == []
    confirmed = counter.call("POST", "/v1/documents/P1/confirm", confirmation(document)).json
    assert counter.call("GET", f"/v1/documents?changed_since={since}").json["documents"] == [confirmed]
    number = f"type=101&series={document['series']}&number={document['number']}"
    assert counter.call("GET", f"/v1/documents?{number}").json == {"documents": [confirmed]}
    assert counter.call("GET", "/v1/documents").code == "bad_request"
    assert counter.call("GET", "/v1/documents?changed_since=&limit=501").code == "bad_request"


def test_an_epoch_is_raised_by_compare_and_set(till, shop):
    wish = {"machine": "otra-maquina", "from": till.epoch}
    again = till.call("POST", "/v1/installations/self/epoch", {"machine": "maquina-1", "from": 0})
    assert again.json == {"epoch": till.epoch}
    raised = till.call("POST", "/v1/installations/self/epoch", wish)
    assert raised.json == {"epoch": till.epoch + 1}
    conflict = till.call("POST", "/v1/installations/self/epoch", {**wish, "machine": "una-tercera"})
    assert (conflict.status, conflict.code) == (409, "epoch_conflict")
    assert conflict.json["epoch"] == till.epoch + 1
    body = shop.submission("V1", epoch=till.epoch)
    overtaken = till.call("PUT", "/v1/documents/V1", body)
    assert (overtaken.status, overtaken.code) == (410, "epoch_overtaken")
    recovered = till.call("POST", "/v1/installations/self/recovered", {"numbers": []})
    assert (recovered.status, recovered.json) == (200, {})


def test_what_is_not_in_the_contract_is_an_error_in_the_same_shape(counter):
    for method, path, status, code in (
        ("GET", "/", 404, "not_found"),
        ("GET", "/v2/health", 404, "not_found"),
        ("DELETE", "/v1/documents/V1", 405, "method_not_allowed"),
        ("PUT", "/v1/documents/no%20es%20clave", 400, "bad_request"),
        ("PUT", "/v1/documents/" + "x" * 51, 400, "bad_request"),
        ("GET", "/v1/documents/..%2F..%2Fetc%2Fpasswd", 404, "not_found"),
        ("GET", "/v1/admin/issuers", 404, "not_found"),
        ("GET", "/v1/documents/" + "x" * 5_000, 414, "too_large"),
    ):
        answer = counter.call(method, path, {} if method == "PUT" else None)
        assert (answer.status, answer.code) == (status, code), path
        assert set(answer.json["error"]) == {"code", "message", "details"}
        assert answer.headers["sincronizador-server-epoch"] == counter.server_epoch


def test_a_malformed_request_names_its_fields(counter, market):
    body = market.submission("V9", epoch=counter.epoch)
    for wrong, field in (
        ({**body, "attempt": {"epoch": "1", "counter": 1}}, "attempt.epoch"),
        ({**body, "attempt": {"epoch": 2**70, "counter": 1}}, "attempt.epoch"),
        ({**body, "sha256": "x"}, "sha256"),
        ({**body, "terminal": "a\0b"}, "terminal"),
    ):
        answer = counter.call("PUT", "/v1/documents/V9", wrong)
        assert (answer.status, answer.code) == (400, "bad_request")
        assert [detail["field"] for detail in answer.json["error"]["details"]] == [field]
    assert counter.call("PUT", "/v1/documents/V9", b"{").code == "bad_request"
    assert counter.call("PUT", "/v1/documents/V9", body, Sincronizador_Epoch="tres").code == "bad_request"
    assert put(counter, market, "V9", novedad="de un cliente más nuevo").status == 201
