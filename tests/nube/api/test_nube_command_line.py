"""``nube ...``: from an empty folder to a cloud that numbers, and every act of who administers it."""

import json
import stat
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from click.testing import CliRunner
from cloud_world import NOW, Shop, Speaker, confirmation, signed_bytes

from sincronizador.cli import main
from sincronizador.cli.installation import TIPOS


@pytest.fixture
def run(toml):
    """A command line on the cloud: what it said. It must end well unless told otherwise."""

    def command(*arguments, code=0, path=toml):
        result = CliRunner().invoke(main, ["--config", str(path), "nube", *map(str, arguments)])
        assert result.exit_code == code, result.output
        return result.output

    return command


@pytest.fixture
def bare(prepared, tmp_path):
    """A TOML that names a cloud which does not exist yet."""
    folder = tmp_path / "nueva"
    folder.mkdir()
    path = folder / "nube.toml"
    path.write_text(
        'ambiente = "prueba"\nclave = "./secretos/nube.clave"\nescuchar = "127.0.0.1:0"\n'
        '[administracion]\ntoken = "./secretos/administracion.token"\n'
    )
    return path


def test_a_cloud_is_made_step_by_step_and_numbers(prepared, bare, run, serve):
    secret = bare.parent / "secretos" / "nube.clave"
    assert str(secret) in run("crear", path=bare)
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "E3401" in run("crear", path=bare, code=78)
    assert "todavía no hay ningún emisor" in run("instalacion", "agregar", "S01", path=bare, code=2)
    said = run("emisor", "agregar", "--desde", prepared / "sincronizador.toml", path=bare)
    shop = Shop(prepared)
    assert shop.rut in said
    token = bare.parent / "token.txt"
    said = run("instalacion", "agregar", "S01", "--token-en", token, path=bare)
    assert token.read_text().strip() not in said
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    folder = prepared / "certificado"
    run("certificado", "instalar", folder / "emisor.p12", "--clave", folder / "clave.txt", path=bare)
    caes = sorted((prepared / "cae").iterdir())
    assert run("cae", "importar", *caes, path=bare).count("vence el") == len(caes)
    speaker = Speaker(serve(path=bare).url, token.read_text().strip())
    speaker.take_epoch()
    body = shop.submission("V1", epoch=speaker.epoch)
    assert speaker.call("PUT", "/v1/documents/V1", body).status == 201


def test_a_token_is_added_then_the_old_one_revoked_while_the_server_runs(toml, run, till):
    fresh = toml.parent / "nuevo.txt"
    run("instalacion", "token", "PRUEBA", "--token-en", fresh)
    renewed = Speaker(till.url, fresh.read_text().strip())
    assert [speaker.call("GET", "/v1/health").status for speaker in (till, renewed)] == [200, 200]
    assert "1" in run("instalacion", "revocar", "PRUEBA", "--menos-el-ultimo")
    assert [speaker.call("GET", "/v1/health").status for speaker in (till, renewed)] == [401, 200]
    run("instalacion", "revocar", "PRUEBA")
    assert renewed.call("GET", "/v1/numbers").code == "unauthorized"
    assert json.loads(run("instalacion", "listar", "--json"))[0]["tokens"] == 0
    shown = run("instalacion", "token", "PRUEBA").split()[-1]
    assert Speaker(till.url, shown).call("GET", "/v1/numbers").status == 200


def test_a_dead_installation_is_refused_and_its_numbers_are_decided_by_a_person(run, till):
    wish = {"doc_type": 101, "branch": "1", "size": 3}
    till.call("POST", "/v1/leases", wish, Idempotency_Key="clave-al-azar")
    run("instalacion", "baja", "PRUEBA", "--motivo", "se quemó")
    assert till.call("GET", "/v1/health").code == "forbidden"
    assert "de baja" in run("instalacion", "listar")
    assert "en duda: 101-A-1:3" in run("numeros")
    assert "E3320" in run("numeros", "--anular", "101-A-1:3", code=1)
    assert "E3319" in run("numeros", "--anular", "101-A-1:4", "--motivo", "no salió", code=1)
    assert "anulados: 3" in run("numeros", "--anular", "101-A-1", "--anular", "101-A-2:3", "--motivo", "no salió")
    table = json.loads(run("numeros", "--json"))["numbers"]
    totals = next(cae["totals"] for cae in table if cae["doc_type"] == 101)
    assert (totals["annulled"], totals["doubtful"]) == (3, 0)
    acts = [act["act"] for act in json.loads(run("auditoria", "--json"))]
    assert acts.index("annul") < acts.index("dead")
    newest = run("auditoria", "--cuantos", "1")
    assert "en la máquina de la nube" in newest
    told = datetime.strptime(newest[:19], "%d/%m/%Y %H:%M:%S").replace(tzinfo=timezone(timedelta(hours=-3)))
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=10), "by the clocks on the wall"


@pytest.mark.parametrize("text", ["101-A", "101-A-0x1", "101-A-9:1", "101-A-1:99999999", "101-a-1"])
def test_a_number_that_is_none_is_a_usage_error(run, text):
    assert "va " in run("numeros", "--anular", text, "--motivo", "x", code=2)


def test_an_issuer_is_adjusted_and_the_rest_of_it_stays(run):
    before = json.loads(run("emisor", "listar", "--json"))[0]
    run("emisor", "ajustar", "--telefono", "2900 0000", "--ui", "2027=7,1000", "--tolerancia", "2.00")
    after = json.loads(run("emisor", "listar", "--json"))[0]
    assert after["branches"] == [{**before["branches"][0], "telefono": "2900 0000"}]
    assert after["ajustes"] == {
        **before["ajustes"],
        "tolerancia": "2.00",
        "ui": {**before["ajustes"]["ui"], "2027": "7.1000"},
    }
    assert "E3312" in run("emisor", "ajustar", "--tolerancia", "dos", code=1)
    branch = {**before["branches"][0], "sucursal": "2", "ciudad": "Salto"}
    run("emisor", "agregar", *(f"--{name.replace('_', '-')}={value}" for name, value in branch.items()))
    grown = json.loads(run("emisor", "listar", "--json"))[0]
    assert [branch["ciudad"] for branch in grown["branches"]] == ["Montevideo", "Salto"]
    assert grown["ajustes"] == after["ajustes"]
    run("emisor", "ajustar", "--ciudad", "Salto", code=2)
    run("emisor", "ajustar", "--ui", "2027", code=2)
    assert "E3312" in run("emisor", "agregar", "--rut", "210000000000", "--sucursal", "1", code=1)


def test_certificates_caes_and_alarms_are_listed(run):
    (certificate,) = json.loads(run("certificado", "listar", "--json"))
    assert "firma la nube" in run("certificado", "listar")
    assert len(json.loads(run("cae", "listar", "--json"))) == len(TIPOS)
    assert "quedan 100000" in run("cae", "listar")
    run("certificado", "revocar", certificate["fingerprint"], "--motivo", "se perdió")
    assert "revocado" in run("certificado", "listar")
    assert json.loads(run("alarmas", "--json"))
    assert "E33" in run("alarmas", "--atendida", "12345", "--motivo", "visto", code=1)


def test_a_till_asks_the_cloud_for_the_table_with_its_own_toml(toml, run, till):
    own = toml.parent / "sincronizador.toml"
    own.write_text(
        own.read_text()
        .replace('ruta = "local"', 'ruta = "nube"')
        .replace("[emisor]", f'[nube]\nurl = "{till.url}"\ntoken = "nube/token.txt"\n\n[emisor]', 1)
        if "[nube]" not in own.read_text()
        else own.read_text().replace("http://127.0.0.1:8750", till.url)
    )
    asked = json.loads(run("numeros", "--json", path=own))["numbers"]
    assert asked == till.call("GET", "/v1/numbers").json["numbers"]
    (toml.parent / "nube" / "token.txt").write_text("prueba.ajeno")
    (toml.parent / "nube" / "token.txt").chmod(0o600)
    assert "E3003" in run("numeros", path=own, code=78)
    assert "E9307" in run("alarmas", path=own, code=78)


def test_the_toml_of_the_cloud_is_told_apart_by_the_other_commands(toml):
    result = CliRunner().invoke(main, ["--config", str(toml), "estado"])
    assert (result.exit_code, "E9307" in result.output) == (78, True)


def test_nothing_that_is_secret_lies_open_in_the_base(toml):
    folder = toml.parent / "nube"
    token = (folder / "token.txt").read_text().strip()
    p12 = (toml.parent / "certificado" / "emisor.p12").read_bytes()
    password = (toml.parent / "certificado" / "clave.txt").read_bytes().strip()
    kept = b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("nube.db"))
    for secret in (token.encode(), password, p12[100:140], b"<CAE xmlns"):
        assert secret not in kept
    assert sha256(token.encode()).hexdigest().encode() in kept or sha256(token.encode()).digest() in kept


def test_what_goes_to_dgi_is_told_and_decided(run, tmp_path):
    assert "comprobantes: 0 por enviar" in run("dgi", "estado")
    assert json.loads(run("dgi", "estado", "--json"))[0]["since"] is None
    run("dgi", "desde", "01/11/2026")
    assert "reportes: desde el 2026-11-01" in run("dgi", "estado")
    assert "no es una fecha" in run("dgi", "desde", "ayer", code=2)
    table = tmp_path / "bcu.csv"
    table.write_text("fecha;moneda;cotizacion\n20/11/2026;USD;39,850\n")
    assert "Importadas 1" in run("dgi", "cotizaciones", "importar", table, "--fuente", "BCU")
    assert "39.850" in run("dgi", "cotizaciones", "listar")
    table.write_text("cualquier cosa\n")
    assert "E1941" in run("dgi", "cotizaciones", "importar", table, code=1)
    run("dgi", "rehacer", "01/11/2026")
    assert "E3732" in run("dgi", "resolver", "101-A-1", "--como", "reenviar", "--motivo", "x", code=1)
    assert "Importadas" not in run("auditoria")
    assert "Reportes diarios desde el 01/11/2026" in run("auditoria")


def test_documents_are_published_as_files_for_the_web_site(run, till, shop, tmp_path):
    document = till.call("PUT", "/v1/documents/V1", shop.submission("V1", epoch=till.epoch)).json
    web = tmp_path / "web"
    today = f"{NOW:%d/%m/%Y}"
    assert json.loads(run("publicacion", "exportar", web, "--desde", today, "--json"))["sin_confirmar"] == 1
    till.call("POST", "/v1/documents/V1/confirm", confirmation(document))
    said = run("publicacion", "exportar", web, "--rut", shop.rut, "--desde", today, "--hasta", today)
    assert "1 comprobante escrito" in said
    (published,) = web.glob("d/*/*.xml")
    assert published.read_bytes() == signed_bytes(document)
    assert "0 comprobantes escritos" in run("publicacion", "exportar", web, "--desde", today)
    late = run("publicacion", "exportar", web, "--desde", "02/01/2026", "--hasta", "01/01/2026", code=2)
    assert "es anterior a --desde" in late
    assert "E3311" in run("publicacion", "exportar", web, "--desde", today, "--rut", "211003420017", code=1)


def test_what_goes_to_receivers_is_told_and_decided(run):
    assert run("dgi", "entregas", "listar") == "No hay ninguna entrega.\n"
    assert json.loads(run("dgi", "entregas", "listar", "--pendientes", "--json")) == []
    assert "E3749" in run("dgi", "entregas", "reenviar", "7", code=1)
    assert "no está en el registro" in run("dgi", "receptor", "211003420017")
    assert json.loads(run("dgi", "receptor", "211003420017", "--json"))["emisor_electronico"] is False
