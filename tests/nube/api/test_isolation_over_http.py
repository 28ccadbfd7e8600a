"""Two issuers with two installations each, with the same keys and numbers: nobody reaches what is another's."""

import pytest
from cloud_world import Process, Shop, Speaker, add_installation, add_issuer, confirmation, copy_of

from sincronizador.cli.installation import TIPOS


@pytest.fixture(scope="module")
def town(prepared, tmp_path_factory):
    """Four installations before one cloud, each with a confirmed V1 of its own."""
    toml = copy_of(prepared, tmp_path_factory.mktemp("pueblo") / "i")
    shop = Shop(toml.parent)
    own = (toml.parent / "nube" / "token.txt").read_text().strip()
    sister = add_installation(toml, shop.rut, "S02")
    rut, strangers = add_issuer(toml, "21888888002", ["PRUEBA", "S02"])
    process = Process(toml)
    speakers = [Speaker(process.url, token) for token in (own, sister, *strangers)]
    for number, speaker in enumerate(speakers):
        speaker.take_epoch(f"maquina-{number}")
        issuer = shop.rut if number < 2 else rut
        body = shop.submission("V1", f"{80 + number},00", epoch=speaker.epoch, rut=issuer)
        created = speaker.call("PUT", "/v1/documents/V1", body)
        assert created.status == 201, created.content
        assert speaker.call("POST", "/v1/documents/V1/confirm", confirmation(created.json)).status == 200
        speaker.document = created.json
        speaker.rut = issuer
    yield shop, speakers
    process.stop()


def test_the_same_key_is_another_document_for_each_installation(town):
    _, speakers = town
    found = [speaker.call("GET", "/v1/documents/V1").json for speaker in speakers]
    assert [one["sha256"] for one in found] == [speaker.document["sha256"] for speaker in speakers]
    assert len({one["sha256"] for one in found}) == 4
    # The sister issues from the same CAE, the strangers from their own: the same number twice, and both right.
    assert [one["number"] for one in found] == [1, 2, 1, 2]


def test_lists_hold_nothing_of_another_installation(town):
    _, speakers = town
    for speaker in speakers:
        for path in ("/v1/documents?installation=self", "/v1/documents?changed_since="):
            listed = speaker.call("GET", path).json["documents"]
            assert [one["sha256"] for one in listed] == [speaker.document["sha256"]]
        numbers = f"type=101&series=A&number={speaker.document['number']}"
        (found,) = speaker.call("GET", f"/v1/documents?{numbers}").json["documents"]
        assert found["sha256"] == speaker.document["sha256"]
    own, sister = speakers[:2]
    numbers = f"type=101&series=A&number={sister.document['number']}"
    assert own.call("GET", f"/v1/documents?{numbers}").json["documents"] == []


def test_nobody_changes_a_document_of_another_installation(town):
    _, speakers = town
    own, sister, stranger, _ = speakers
    for other in (sister, stranger):
        refused = own.call("POST", "/v1/documents/V1/confirm", confirmation(other.document))
        assert refused.status == 409
        assert refused.json["document"]["sha256"] == own.document["sha256"]
    void = {"attempt": {"epoch": own.epoch, "counter": 9}, "reason": "ajeno"}
    assert own.call("POST", "/v1/documents/V1/void", void).json["document"]["sha256"] == own.document["sha256"]
    assert sister.call("GET", "/v1/documents/V1").json["state"] == "confirmed"


def test_an_installation_issues_in_no_other_name(town):
    shop, speakers = town
    own, _, stranger, _ = speakers
    answer = own.call("PUT", "/v1/documents/V2", shop.submission("V2", epoch=own.epoch, rut=stranger.rut))
    assert (answer.status, answer.code) == (403, "forbidden")
    disguised = {**shop.submission("V3", epoch=own.epoch, rut=stranger.rut), "issuer": shop.rut}
    assert own.call("PUT", "/v1/documents/V3", disguised).status == 422
    assert own.call("POST", "/v1/validate", shop.submission("V2", rut=stranger.rut)).status == 403


def test_a_lease_is_nobody_elses(town):
    shop, speakers = town
    own, sister, stranger, _ = speakers
    wish = {"doc_type": 101, "branch": "1", "size": 3}
    taken = own.call("POST", "/v1/leases", wish, Idempotency_Key="la-misma-clave").json
    for other in (sister, stranger):
        assert taken["lease"] not in [one["lease"] for one in other.call("GET", "/v1/leases").json["leases"]]
        ended = other.call("POST", f"/v1/leases/{taken['lease']}/close", {"used": [], "voided": []})
        assert ended.status == 404
        body = shop.hand_over(taken, taken["from"], "C1", epoch=other.epoch)
        assert other.call("PUT", "/v1/documents/C1/signed", body).status == 422
        again = other.call("POST", "/v1/leases", wish, Idempotency_Key="la-misma-clave")
        assert (again.status, again.json["lease"] == taken["lease"]) == (201, False)


def test_numbers_are_told_of_the_own_issuer_only(town):
    _, speakers = town
    own, _, stranger, _ = speakers
    ours = {one["cae"] for one in own.call("GET", "/v1/numbers").json["numbers"]}
    theirs = {one["cae"] for one in stranger.call("GET", "/v1/numbers").json["numbers"]}
    assert len(ours) == len(TIPOS)
    assert theirs == {"90260009101"}
    held = {"cae": "90260009101", "from": 900, "to": 910}
    assert own.call("POST", "/v1/leases/held", held).code == "not_found"


def test_an_epoch_is_raised_for_oneself_only(town):
    _, speakers = town
    own, sister = speakers[:2]
    before = sister.call("GET", "/v1/health").json["installation"]
    own.call("POST", "/v1/installations/self/epoch", {"machine": "una-nueva", "from": own.epoch})
    assert sister.call("GET", "/v1/health").json["installation"] == before


def test_who_has_no_token_is_told_the_same_whoever_there_is(town):
    _, speakers = town
    url = speakers[0].url
    told = {
        Speaker(url, token).call(method, path).content
        for token in ("", "x", "prueba." + "A" * 43, speakers[0].token[:-1], speakers[0].token + "A")
        for method, path in (("GET", "/v1/documents/V1"), ("GET", "/v1/documents/NADIE"), ("PUT", "/v1/documents/V1"))
    }
    assert len(told) == 1
