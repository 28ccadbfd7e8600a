"""schemathesis over the published OpenAPI, and mutations of what is right: never a 500, nothing undocumented."""

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256

import pytest
from cloud_world import Process, Shop, Speaker, copy_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sincronizador.errors import SincronizadorError
from sincronizador.signing.verify import verify

TOKEN = "administracion-de-prueba-0123456789"
PIECES = [
    *(
        "",
        "0",
        "-1",
        "9" * 30,
        "1e999",
        "NaN",
        "ñ",
        "\u202e",
        "\ufffe",
        "\r\n",
        "١٢٣",
        "2026-13-45",
        "2026-11-21T25:00:00",
    ),
    *("<a/>", "]]>", "<!--", "&x;", "&#0;", "&#x10FFFF;", "<?xml version='1.1'?>", "xmlns='otro'", "<Item>" * 200),
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
]
LONG = bool(os.environ.get("NUBE_LARGO"))
EXAMPLES = 60 if LONG else 3
PHASES = "coverage,fuzzing,stateful" if LONG else "coverage,fuzzing"
_NOT_OURS = "positive_data_acceptance,negative_data_rejection"
"""By design: a body of the right shape may be refused by the law, and what a newer client adds is ignored."""


@pytest.fixture(scope="module")
def open_house(prepared, tmp_path_factory):
    """A cloud without limits on rates, and with an administration."""
    toml = copy_of(prepared, tmp_path_factory.mktemp("abierta") / "i")
    path = toml.parent / "administracion.token"
    path.write_text(TOKEN)
    path.chmod(0o600)
    with toml.open("a") as file:
        file.write('[administracion]\ntoken = "./administracion.token"\n')
        file.write("[limites]\npor_minuto = 0\npor_direccion = 0\nrechazos = 0\n")
    process = Process(toml)
    yield toml, process
    process.stop()
    log = "\n".join(process.log)
    assert "event=bug" not in log, log[log.index("event=bug") :][:4_000]
    assert "event=trouble" not in log, log[log.index("event=trouble") :][:1_000]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("token", "which"), [("", "--exclude-path-regex"), (TOKEN, "--include-path-regex")], ids=["instalacion", "admin"]
)
def test_schemathesis_finds_no_500_and_no_undocumented_answer(open_house, tmp_path, token, which):
    toml, process = open_house
    speaker = Speaker(process.url, token or (toml.parent / "nube" / "token.txt").read_text().strip())
    # An epoch that is above what fuzzing raises: so it is not fenced off after its first luck.
    heads = {**speaker.heads(), "Sincronizador-Epoch": "1000000"}
    heads["Sincronizador-Server-Epoch"] = Speaker(process.url).greet().json["server_epoch"]
    command = [os.path.join(os.path.dirname(sys.executable), "st"), "run", f"{process.url}/v1/openapi.json"]
    command += [part for name, value in heads.items() for part in ("-H", f"{name}: {value}")]
    command += [which, "^/v1/admin", "--exclude-checks", _NOT_OURS, "--phases", PHASES]
    command += ["--max-examples", str(EXAMPLES), "--continue-on-failure", "--no-color"]
    command += [] if LONG else ["--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert not re.search(r"\b0 passed", done.stdout)


def test_the_openapi_names_every_call_of_the_contract(open_house):
    found = Speaker(open_house[1].url).call("GET", "/v1/openapi.json").json
    calls = {f"{method.upper()} {path}" for path, methods in found["paths"].items() for method in methods}
    assert {
        "GET /v1/health",
        "PUT /v1/documents/{key}",
        "GET /v1/documents/{key}",
        "POST /v1/documents/{key}/confirm",
        "PUT /v1/documents/{key}/signed",
        "POST /v1/documents/{key}/void",
        "GET /v1/documents/{key}/xml",
        "GET /v1/documents/{key}/representation",
        "GET /v1/documents",
        "POST /v1/validate",
        "POST /v1/leases",
        "GET /v1/leases",
        "POST /v1/leases/held",
        "POST /v1/leases/{lease}/close",
        "POST /v1/installations/self/epoch",
        "POST /v1/installations/self/recovered",
        "GET /v1/numbers",
    } <= calls
    references = {text for text in json.dumps(found).split('"') if text.startswith("#/components/schemas/")}
    assert references
    assert {text.rpartition("/")[2] for text in references} <= found["components"]["schemas"].keys()


@pytest.fixture(scope="module")
def counter_there(open_house):
    toml, process = open_house
    speaker = Speaker(process.url, (toml.parent / "nube" / "token.txt").read_text().strip(), epoch=2_000_000)
    speaker.greet()
    lease = speaker.call("POST", "/v1/leases", {"doc_type": 101, "branch": "1", "size": 50}, Idempotency_Key="x" * 9)
    return Shop(toml.parent), speaker, lease.json


def still_signed(content, certificate):
    """Whether what was spoilt lies outside of the signature, as white space before the document does."""
    try:
        verify(content, certificate=certificate)
    except SincronizadorError:
        return False
    return True


def mutations(text):
    """The text with a piece of it replaced, doubled, or cut."""
    pieces = st.sampled_from(PIECES)
    place = st.integers(0, len(text))
    return st.builds(lambda at, till, piece: text[:at] + piece + text[max(at, till) :], place, place, pieces)


@settings(max_examples=EXAMPLES * 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoilt_draft_is_refused_and_nothing_falls(counter_there, data):
    shop, speaker, _ = counter_there
    whole = shop.submission("F1", epoch=speaker.epoch)
    payload = data.draw(mutations(whole["payload"]))
    body = {**whole, "payload": payload, "sha256": sha256(payload.encode()).hexdigest()}
    answer = speaker.call("POST", "/v1/validate", body)
    assert answer.status in (200, 400), answer.content
    if answer.status == 200 and payload != whole["payload"]:
        assert answer.json["valid"] is not None
    put = speaker.call("PUT", f"/v1/documents/F{sha256(payload.encode()).hexdigest()[:12]}", body)
    assert put.status in (200, 201, 400, 409, 422), put.content


@settings(max_examples=EXAMPLES * 10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_spoilt_signed_document_is_refused_and_nothing_falls(counter_there, data):
    shop, speaker, lease = counter_there
    signed, at = shop.sign(lease, lease["from"] + data.draw(st.integers(0, 60)), "G1")
    spoilt = data.draw(mutations(signed.decode())).encode()
    body = {
        "attempt": {"epoch": speaker.epoch, "counter": 1},
        "lease": data.draw(st.sampled_from([lease["lease"], None, "otra"])),
        "series": data.draw(st.sampled_from(["A", "B"])),
        "number": lease["from"] + data.draw(st.integers(0, 60)),
        "signed_xml": b64encode(spoilt).decode(),
        "signed_at": at.isoformat(),
        "sha256": sha256(spoilt).hexdigest(),
    }
    answer = speaker.call("PUT", f"/v1/documents/G{sha256(spoilt).hexdigest()[:12]}/signed", body)
    assert answer.status in ((200, 201, 409, 422) if still_signed(spoilt, shop.certificate) else (422,)), answer.content
