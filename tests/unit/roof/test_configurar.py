"""From nothing to a printed ticket: by a person who mistypes, and by a file for forty branches."""

import functools
import os
import re
import shutil
import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador import cli
from sincronizador.cli import first_sale, installation, tryouts
from sincronizador.cli.asking import Answers, Doubtful, Wrong
from sincronizador.cli.first_sale import Sold
from sincronizador.cli.questions import QUESTIONS
from sincronizador.core.contribuyente import Contribuyente
from sincronizador.core.receipt import Health
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.journal import documents, jobs
from sincronizador.journal.journal import open_journal
from sincronizador.settings import load
from sincronizador.signing.certificate import load_pkcs12

ROOT = os.geteuid() == 0
RUT = "219999830019"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty place; what the sale for trial does is tried by its own test."""
    sold = Sold("P.TXT", {"ESTADO": "FIRMADO_LOCAL", "TIPO": "101", "SERIE": "A", "NUMERO": "1"}, "TICKET", False)
    monkeypatch.setattr(first_sale, "sell", lambda *_: sold)
    monkeypatch.setattr(installation, "trial_identity", identity)
    return tmp_path / "casa"


@functools.cache
def made():
    """Once, and with CAEs of two types: keys are slow, and so are twenty imports."""
    whole = _real(RUT, "ALMACÉN DE PRUEBA S.A.", datetime.now(ZONE))
    wanted = [installation.TIPOS.index(tipo) for tipo in (101, 111)]
    return replace(whole, caes=tuple(whole.caes[place] for place in wanted))


def identity(rut, razon_social, now):
    return made()


_real = installation.trial_identity


def run(home, *words, typed=""):
    toml = home / "sincronizador.toml"
    return CliRunner().invoke(cli.main, ["--config", str(toml), "configurar", *words], input=typed)


def test_enter_to_everything_is_an_installation_for_trial_that_works(home):
    done = run(home, typed="\n" * 40)
    assert done.exit_code == 0, done.output
    found = load(str(home / "sincronizador.toml"))
    assert (found.ambiente, found.ruta, found.emisor.rut, found.instalacion.id) == ("prueba", "local", RUT, "S01")
    assert found.impresion.impresora == "CAJA1"
    assert os.stat(found.certificado.clave.path).st_mode & 0o777 == 0o600
    secret = found.certificado.clave.read().decode()
    text = (home / "sincronizador.toml").read_text("utf-8")
    assert secret not in text
    assert "# Una clave desconocida es un error" in text
    facts = load_pkcs12(Path(found.certificado.archivo).read_bytes(), secret.encode()).certificate
    assert (facts.rut, facts.is_test) == (RUT, True)
    with open_journal(found.diario, read_only=True).reading() as db:
        assert {stock.rango.tipo for stock in documents.stocks(db)} >= {101, 111}
    assert "FIRMADO_LOCAL 101 A 1" in done.output
    assert (
        max(
            len(line)
            for line in done.output.splitlines()
            if not line.startswith(("  Secreto", "  Conf", "  Carp", "Se va"))
        )
        < 200
    )


def test_a_person_who_mistypes_is_told_why_and_may_go_back(home):
    typed = [
        "pruba", "prueba", "loca", "12345", "219999830018", "<", "l", "21.999983.0019", "Almacén Ñandú", "-", "gen",
        *[""] * (12 + ROOT), "-",
    ]  # fmt: skip
    done = run(home, typed="\n".join(typed) + "\n" * 40)
    assert done.exit_code == 0, done.output
    assert "«pruba» no es una de las respuestas: prueba, produccion. ¿Quiso decir «prueba»?" in done.output
    assert "«12345» no es un RUT: son 12 cifras" in done.output
    assert done.output.count("Quién numera: local") == 2
    found = load(str(home / "sincronizador.toml"))
    assert (found.emisor.razon_social, list(found.impresora)) == ("Almacén Ñandú", [])


def test_leaving_in_the_middle_leaves_nothing(home):
    done = run(home, typed="\n\n\n")
    assert (done.exit_code, home.exists()) == (130, False)


def test_done_again_it_keeps_what_is_there_and_what_it_does_not_ask(home):
    assert run(home, typed="\n" * 40).exit_code == 0
    path = home / "sincronizador.toml"
    text = path.read_text("utf-8").replace("[salida]", "# mi comentario\n[salida]").replace(
        '# sin_referencia = "error"', 'sin_referencia = "nombre"'
    )  # fmt: skip
    path.write_text(text, "utf-8")
    before = {name: (home / name).read_bytes() for name in ("certificado/emisor.p12", "certificado/certificado.clave")}
    with open_journal(str(home / "diario.db"), read_only=True).reading() as db:
        ranges = len(documents.stocks(db))
    done = run(home, typed="\n" * 40)
    assert done.exit_code == 0, done.output
    assert path.read_text("utf-8") == text
    assert before == {name: (home / name).read_bytes() for name in before}
    with open_journal(str(home / "diario.db"), read_only=True).reading() as db:
        assert len(documents.stocks(db)) == ranges


def test_production_wants_a_word_and_no_certificate_for_trial(home):
    typed = ["produccion", "si", "PRODUCCION", "local", RUT, "ACME S.A.", "", "", "Res. 1/2026", "", "", "Calle 1", "",
             "", "", "6,4", "", "", ""] + ([""] if ROOT else []) + ["prueba", "despues", "", ""]  # fmt: skip
    done = run(home, typed="\n".join(typed) + "\n" * 20)
    assert done.exit_code == 78, done.output
    assert "Escriba PRODUCCION con todas las letras" in done.output
    assert "El certificado de prueba es solo para" in done.output
    assert "No se emitió nada: es producción." in done.output
    assert "certificado instalar ARCHIVO --ambiente produccion" in done.output
    assert load(str(home / "sincronizador.toml")).ambiente == "produccion"


@pytest.fixture
def branch(home, prepared, tmp_path):
    """What a file of answers names, as it comes from head office."""
    folder = tmp_path / "usb"
    folder.mkdir()
    for name in ("certificado/emisor.p12", "certificado/clave.txt", "cae/cae-101.xml", "cae/cae-111.xml"):
        shutil.copy(prepared / name, folder / Path(name).name)
    (folder / "respuestas.toml").write_text(ANSWERS, "utf-8")
    return folder / "respuestas.toml"


ANSWERS = """\
ambiente = "prueba"
ui = "6,4000"
cae = ["cae-101.xml", "cae-111.xml"]
cajas = ["CAJA1", "CAJA2"]
documento = false
[emisor]
rut = "21.999983.0019"
razon_social = "ALMACÉN DE PRUEBA S.A."
sucursal = "12"
domicilio = "Rivera 1"
resolucion = "Res. 1/2026"
[instalacion]
id = "S12"
[certificado]
origen = "archivo"
archivo = "emisor.p12"
clave = "clave.txt"
[impresora.caja1]
via = "carpeta"
destino = "papel"
"""


def test_a_file_of_answers_asks_nothing(home, branch):
    done = run(home, "--respuestas", str(branch))
    assert done.exit_code == 0, done.output
    found = load(str(home / "sincronizador.toml"))
    assert (found.instalacion.id, found.emisor.sucursal, list(found.impresora)) == ("S12", "12", ["CAJA1"])
    assert found.certificado.clave.read() == (branch.parent / "clave.txt").read_bytes().strip()
    for folder in ("entrada/CAJA1", "entrada/CAJA2", "salida/CAJA1"):
        assert (home / "spool" / folder).is_dir()
    with open_journal(found.diario, read_only=True).reading() as db:
        assert sorted(stock.rango.tipo for stock in documents.stocks(db)) == [101, 111]
    assert run(home, "--respuestas", str(branch)).exit_code == 0


def test_the_file_of_answers_of_the_manual_is_one(home, branch):
    manual = (Path(__file__).parents[3] / "docs" / "primera-hora.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    branch.write_text('aceptar = ["impresora.CAJA1.destino"]\ndocumento = false\n' + example, "utf-8")
    done = run(home, "--respuestas", str(branch))
    assert "E9261" not in done.output, done.output
    assert load(str(home / "sincronizador.toml")).impresora["CAJA1"].destino == "192.168.1.50:9100"


def test_of_bad_answers_all_faults_are_told_at_once_and_nothing_is_written(home, branch, tmp_path):
    text = branch.read_text("utf-8").replace('sucursal = "12"', 'sucursall = "12"').replace("0019", "0018")
    text = text.replace("cae-111.xml", "emisor.p12").replace('destino = "papel"', "").replace("Rivera 1", "x" * 99)
    branch.write_text(text.replace('resolucion = "Res. 1/2026"', ""), "utf-8")
    (branch.parent / "clave.txt").write_text("otra\n", "utf-8")
    seen = sorted(path.name for path in tmp_path.iterdir())
    done = run(home, "--respuestas", str(branch))
    assert done.exit_code == 78
    for told in (
        "E9261", "«emisor.sucursall» no se pregunta. ¿Quiso decir «emisor.sucursal»?", "emisor.rut: ",
        "emisor.domicilio: ",
    ):  # fmt: skip
        assert told in done.output, (told, done.output)
    # What hangs on them is not blamed as well.
    assert "certificado.clave" not in done.output
    branch.write_text(branch.read_text("utf-8").replace("0018", "0019"), "utf-8")
    done = run(home, "--respuestas", str(branch))
    for told in ("certificado.clave: E21", "cae: E22"):
        assert told in done.output, (told, done.output)
    assert sorted(path.name for path in tmp_path.iterdir()) == seen


def test_what_is_missing_is_told_all_at_once(home, tmp_path):
    (tmp_path / "r.toml").write_text('ambiente = "produccion"\n', "utf-8")
    done = run(home, "--respuestas", str(tmp_path / "r.toml"))
    for key in ("seguro", "emisor.rut", "emisor.razon_social", "emisor.resolucion", "emisor.domicilio", "ui"):
        assert f"falta «{key}»" in done.output
    assert not home.exists()


def test_a_printer_that_is_off_may_be_vouched_for(home, branch):
    text = branch.read_text("utf-8").replace(
        'via = "carpeta"\ndestino = "papel"', 'via = "tcp"\ndestino = "127.0.0.1:1"'
    )
    branch.write_text(text, "utf-8")
    done = run(home, "--respuestas", str(branch))
    assert (done.exit_code, 'agregue "impresora.CAJA1.destino" a la lista «aceptar»' in done.output) == (78, True)
    assert not home.exists()
    branch.write_text('aceptar = ["impresora.CAJA1.destino"]\n' + text, "utf-8")
    done = run(home, "--respuestas", str(branch))
    assert load(str(home / "sincronizador.toml")).impresora["CAJA1"].destino == "127.0.0.1:1", done.output


def test_a_secret_is_never_taken_for_its_path(home, branch):
    branch.write_text(branch.read_text("utf-8").replace('clave = "clave.txt"', 'clave = "mi-secreto"'), "utf-8")
    done = run(home, "--respuestas", str(branch))
    assert "en las respuestas va la ruta, no el secreto" in done.output
    assert "mi-secreto" not in done.output


class Cloud:
    """One that answers as it is told to."""

    environment = "prueba"
    time = None

    def health(self, standing):
        return Health(ok=True, detail="", time=self.time or datetime.now(ZONE), environment=self.environment,
                      server_epoch="a", contingency_allowed=True, contingency_reason="", min_client="0")  # fmt: skip


def test_a_cloud_of_another_environment_or_hour_is_not_taken(tmp_path, monkeypatch):
    cloud = Cloud()
    monkeypatch.setattr(tryouts, "_cloud", lambda answers: cloud)
    answers = Answers(toml=str(tmp_path / "s.toml"), base=str(tmp_path), now=datetime.now(ZONE))
    answers.given["ambiente"] = "prueba"
    assert tryouts.token("abc", answers) == "abc"
    cloud.environment = "produccion"
    with pytest.raises(Wrong, match="es de produccion"):
        tryouts.token("abc", answers)
    cloud.environment, cloud.time = "prueba", datetime.now(ZONE).replace(year=2020)
    with pytest.raises(Doubtful, match="NTP"):
        tryouts.token("abc", answers)


def test_what_the_authority_has_registered_is_offered():
    who = Contribuyente(
        rut=RUT, razon_social="FERRETERÍA SOL S.A.", nombre_fantasia="Sol", tipo_entidad="", situacion="", inicio=None,
        direccion="Italia 1", ciudad="Salto", departamento="Salto", telefonos=(), correos=(), giros=(),
    )  # fmt: skip
    answers = Answers(toml="/x/s.toml", base="/x", now=datetime.now(ZONE), found={"contribuyente": who})
    offered = {question.key: question.default(answers, "") for question in QUESTIONS if not question.each}
    assert offered["emisor.razon_social"] == "FERRETERÍA SOL S.A."
    assert (offered["emisor.domicilio"], offered["emisor.ciudad"]) == ("Italia 1", "Salto")
    answers.found["contribuyente"] = replace(who, ciudad="")
    assert next(one for one in QUESTIONS if one.key == "emisor.ciudad").default(answers, "") == "Montevideo"


def test_it_ends_with_a_sale_through_the_real_service(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "trial_identity", identity)
    home = tmp_path / "casa"
    done = run(home, typed="\n" * 40)
    assert done.exit_code == 0, done.output
    assert "-> FIRMADO_LOCAL 101 A 1" in done.output
    assert "IMPRESION: IMPRESO" in done.output
    assert "DOCUMENTO DE PRUEBA" in done.output
    assert list((home / "papel-caja1").iterdir())
    with open_journal(str(home / "diario.db"), read_only=True).reading() as db:
        assert jobs.last_id(db) == 1


def test_every_question_has_a_key_of_its_own_and_fits_a_console():
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)
    assert all(len(question.sentence.format("CAJA1")) <= 78 for question in QUESTIONS)
    assert tomllib.loads(ANSWERS)
