"""Two servers over one PostgreSQL: they number together, and neither needs the other."""

import threading
from base64 import b64decode

import pytest
from click.testing import CliRunner
from cloud_world import Shop, Speaker, confirmation

from sincronizador.cli import main


@pytest.fixture
def pair(prepared, cluster, tmp_path, serve):
    """Two running servers, and the token of their installation."""
    base = cluster.new()
    tomls = []
    for name in ("una", "otra"):
        toml = tmp_path / f"{name}.toml"
        toml.write_text(
            f'ambiente = "prueba"\nbase = "{base}"\nmarca = "./{name}.marca"\nclave = "./nube.clave"\n'
            'escuchar = "127.0.0.1:0"\n'
        )
        tomls.append(toml)

    def run(*arguments):
        done = CliRunner().invoke(main, ["--config", str(tomls[0]), "nube", *map(str, arguments)])
        assert done.exit_code == 0, done.output

    folder = prepared / "certificado"
    run("crear")
    run("emisor", "agregar", "--desde", prepared / "sincronizador.toml")
    run("certificado", "instalar", folder / "emisor.p12", "--clave", folder / "clave.txt")
    run("cae", "importar", *(prepared / "cae").iterdir())
    run("instalacion", "agregar", "S01", "--token-en", tmp_path / "token.txt")
    return [serve(path=toml) for toml in tomls], (tmp_path / "token.txt").read_text().strip()


def test_both_number_at_once_and_no_number_is_given_twice(prepared, pair):
    processes, token = pair
    shop = Shop(prepared)
    speakers = [Speaker(process.url, token) for process in processes]
    for speaker in speakers:
        speaker.take_epoch("la-misma")
    assert speakers[0].epoch == speakers[1].epoch
    assert speakers[0].server_epoch == speakers[1].server_epoch
    bodies = {f"V{number}": shop.submission(f"V{number}", epoch=speakers[0].epoch) for number in range(20)}
    got = {}

    def sell(which, speaker):
        for key, body in bodies.items():
            created = speaker.call("PUT", f"/v1/documents/{key}", body)
            assert created.status in (200, 201), created.content
            confirmed = speaker.call("POST", f"/v1/documents/{key}/confirm", confirmation(created.json))
            got[which, key] = b64decode(confirmed.json["signed_xml"])

    threads = [threading.Thread(target=sell, args=pair) for pair in enumerate(speakers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 40
    assert all(got[0, key] == got[1, key] for key in bodies)
    totals = [speaker.call("GET", "/v1/numbers").json["numbers"] for speaker in speakers]
    assert totals[0] == totals[1]
    assert next(cae["totals"]["document"] for cae in totals[0] if cae["doc_type"] == 101) == 20


def test_one_server_goes_on_when_the_other_is_killed(prepared, pair):
    (first, second), token = pair
    shop, speaker = Shop(prepared), Speaker(first.url, token)
    speaker.take_epoch()
    made = speaker.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=speaker.epoch)).json
    first.stop(9)
    speaker.url = second.url
    assert speaker.call("POST", "/v1/documents/V1/confirm", confirmation(made)).json["state"] == "confirmed"
    later = speaker.call("PUT", "/v1/documents/V2", shop.submission("V2", epoch=speaker.epoch))
    assert (later.status, later.json["number"]) == (201, made["number"] + 1)
