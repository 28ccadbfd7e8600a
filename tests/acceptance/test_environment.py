"""What surrounds a sale: numbers, certificates, environment, journal, settings, and what an operator is told."""

import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import pytest
from outside.dialects import Style, write
from outside.identity import DAY, certificate, write_cae, write_p12
from outside.installation import Installation, wait_for
from outside.legacy import simple

UTF8 = Style()
USAGE, CONFIGURATION = 2, 78


@pytest.fixture
def now(today) -> datetime:
    """Noon of today."""
    return datetime.combine(today, clock(12))


@pytest.fixture
def rut(prepared) -> str:
    """The demo's issuer."""
    return Installation(prepared).settings["emisor"]["rut"]


@pytest.fixture
def cae(tmp_path, rut, now):
    """Write a CAE file."""

    def make(tipo=101, first=1, last=100, *, serie="A", days=300, of=None) -> Path:
        return write_cae(
            tmp_path, of or rut, tipo, serie=serie, first=first, last=last, expires=now + days * DAY, today=now
        )

    return make


def sale(referencia, today, **more):
    """The bytes of a small sale."""
    return write(simple(referencia, today, **more), UTF8)


def give(own: Installation, path: Path, ambiente: str = "prueba"):
    """`cae importar`."""
    return own.run("cae", "importar", str(path), "--ambiente", ambiente)


def install(own: Installation, archive: Path, password: Path, ambiente: str = "prueba"):
    """`certificado instalar`."""
    return own.run("certificado", "instalar", str(archive), "--clave", str(password), "--ambiente", ambiente)


def said(done) -> str:
    """Everything that a command said."""
    return done.stdout + done.stderr


def refuses(done, *words: str) -> None:
    """It ended badly with a sentence that holds one of these words, not a traceback."""
    text = said(done)
    assert done.returncode not in (0, USAGE), text
    assert "Traceback" not in text, text
    assert any(word in text.lower() for word in words), text


def waits(own: Installation, name: str, motivo: str):
    """The answer that says that it waits for this."""
    return own.answer(name, until=lambda seen: seen["ESTADO"] == "ESPERANDO" and seen["MOTIVO"] == motivo)


# Numbers


def test_without_a_cae_a_sale_waits_and_goes_out_once_one_is_imported(blank, today, cae):
    blank.start()
    blank.drop("CAE1.txt", sale("CAE1", today))
    waiting = waits(blank, "CAE1.txt", "SIN_NUMEROS")
    assert (waiting.first, waiting["EMITIDO"], waiting["FINAL"], waiting["NUMERO"]) == ("PENDIENTE", "NO", "NO", "")
    assert "CAE" in waiting["MENSAJE"] or "número" in waiting["MENSAJE"]
    checked = blank.run("verificar")
    assert checked.returncode != 0
    assert "CAE" in said(checked)
    assert give(blank, cae()).returncode == 0
    assert blank.answer("CAE1.txt").number == (101, "A", 1)


def test_when_the_numbers_end_the_rest_waits_and_goes_on_with_the_next_range(blank, today, cae):
    assert give(blank, cae(last=3)).returncode == 0
    blank.start()
    names = [f"FIN{index}.txt" for index in range(5)]
    for index, name in enumerate(names):
        blank.drop(name, sale(f"FIN{index}", today))
    for name in names:
        blank.answer(name, until=lambda seen: seen.decided or seen["ESTADO"] == "ESPERANDO")
    states = [blank.peek(name)["ESTADO"] for name in names]
    assert (states.count("FIRMADO_LOCAL"), states.count("ESPERANDO")) == (3, 2)
    assert give(blank, cae(first=50, last=60, serie="B")).returncode == 0
    numbers = sorted(blank.answer(name).number for name in names)
    assert numbers == [(101, "A", 1), (101, "A", 2), (101, "A", 3), (101, "B", 50), (101, "B", 51)]


def test_one_type_without_numbers_does_not_hold_the_others(blank, today, cae):
    assert give(blank, cae()).returncode == 0
    blank.start()
    blank.drop("SIN111.txt", sale("SIN111", today, tipo=111))
    waits(blank, "SIN111.txt", "SIN_NUMEROS")
    assert blank.ask("CON101.txt", sale("CON101", today)).first == "OK"


def test_a_refused_file_is_refused_although_there_are_no_numbers(blank, today):
    blank.start()
    wrong = sale("MAL1", today).replace(b"IVA=BASICA", b"IVA=CARISIMA")
    assert blank.ask("MAL1.txt", wrong)["CODIGO"] == "E0208"


def test_an_expired_cae_gives_no_number(blank, today, cae):
    done = give(blank, cae(days=-5))
    assert "venci" in said(done).lower() or done.returncode == 0, said(done)
    blank.start()
    blank.drop("VENC1.txt", sale("VENC1", today))
    waits(blank, "VENC1.txt", "SIN_NUMEROS")
    assert blank.run("verificar").returncode != 0


def test_a_cae_of_another_issuer_is_refused(blank, cae):
    refuses(give(blank, cae(of="214844360018")), "rut", "ruc", "emisor")


def test_a_cae_that_overlaps_one_that_is_known_is_refused(blank, cae, tmp_path):
    assert give(blank, cae(last=100)).returncode == 0
    refuses(give(blank, cae(first=50, last=150)), "números", "numeros", "rango", "ya ")


def test_the_same_cae_again_changes_nothing(blank, cae, today):
    path = cae(last=2)
    assert give(blank, path).returncode == 0
    give(blank, path)
    blank.start()
    assert [blank.ask(f"DOS{n}.txt", sale(f"DOS{n}", today)).number[2] for n in (1, 2)] == [1, 2]
    blank.drop("DOS3.txt", sale("DOS3", today))
    waits(blank, "DOS3.txt", "SIN_NUMEROS")


@pytest.mark.parametrize("content", [b"", b"no es xml", b"<CAE/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><CAE>&a;</CAE>"])
def test_what_is_no_cae_is_refused(blank, tmp_path, content):
    path = tmp_path / "cae.xml"
    path.write_bytes(content)
    refuses(give(blank, path), "cae", "xml", "archivo")


def test_a_cae_file_that_is_missing_is_said_so(blank, tmp_path):
    done = give(blank, tmp_path / "nada.xml")
    assert done.returncode != 0
    assert "Traceback" not in said(done)


def test_a_cae_of_the_other_environment_is_refused(blank, cae):
    refuses(give(blank, cae(), "produccion"), "ambiente", "prueba", "producci")


def test_ranges_are_listed(blank, cae):
    assert give(blank, cae(last=77)).returncode == 0
    assert "77" in blank.run("cae", "listar").stdout


# Certificates


def test_an_expired_certificate_is_not_installed(blank, rut, now, tmp_path):
    old = certificate(rut, now - 400 * DAY, now - 2 * DAY, subject="EMPRESA PRUEBA")
    refuses(install(blank, *write_p12(tmp_path, "viejo", old)), "venci")


def test_a_certificate_that_is_not_valid_yet_is_not_installed(blank, rut, now, tmp_path):
    young = certificate(rut, now + 10 * DAY, now + 400 * DAY, subject="EMPRESA PRUEBA")
    refuses(install(blank, *write_p12(tmp_path, "futuro", young)), "vigen", "todavía", "desde")


def test_another_issuers_certificate_is_not_installed(blank, now, tmp_path):
    foreign = certificate("214844360018", now - 40 * DAY, now + 400 * DAY, subject="OTRA EMPRESA PRUEBA")
    refuses(install(blank, *write_p12(tmp_path, "ajeno", foreign)), "rut", "ruc", "emisor")


def test_a_wrong_password_is_said_so(blank, rut, now, tmp_path):
    good = certificate(rut, now - 40 * DAY, now + 400 * DAY, subject="EMPRESA PRUEBA")
    archive, password = write_p12(tmp_path, "bueno", good)
    password.write_text("otra\n")
    refuses(install(blank, archive, password), "clave", "contraseña")


@pytest.mark.parametrize("content", [b"", b"no es un certificado"])
def test_what_is_no_certificate_is_refused(blank, tmp_path, content):
    archive, password = tmp_path / "x.p12", tmp_path / "x.clave"
    archive.write_bytes(content)
    password.write_text("x\n")
    password.chmod(0o600)
    refuses(install(blank, archive, password), "certificado", "pkcs", "archivo")


def test_a_certificate_of_the_other_environment_is_refused(blank):
    refuses(install(blank, *blank.identity(), "produccion"), "ambiente", "prueba", "producci")


def test_production_refuses_a_certificate_that_says_prueba(installation):
    installation.forget()
    installation.configure("", ambiente='"produccion"')
    refuses(install(installation, *installation.identity(), "produccion"), "prueba")


def test_a_certificate_that_expires_meanwhile_makes_sales_wait_until_another_is_installed(
    blank, rut, cae, today, tmp_path
):
    assert give(blank, cae()).returncode == 0
    start = datetime.now(UTC)
    short = certificate(rut, start - 40 * DAY, start + timedelta(seconds=12), subject="EMPRESA PRUEBA")
    kept = [Path(shutil.copy2(path, tmp_path)) for path in blank.identity()]
    assert install(blank, *write_p12(tmp_path, "corto", short)).returncode == 0
    blank.start()
    assert blank.ask("CERT1.txt", sale("CERT1", today)).first == "OK"
    time.sleep(12)
    blank.drop("CERT2.txt", sale("CERT2", today))
    waits(blank, "CERT2.txt", "CERTIFICADO")
    assert "venci" in said(blank.run("verificar")).lower()
    assert install(blank, *kept).returncode == 0
    assert blank.answer("CERT2.txt").number == (101, "A", 2)


def test_the_password_is_said_nowhere(installation, today):
    word = installation.identity()[1].read_text().strip()
    installation.start()
    installation.ask("SECRETO1.txt", sale("SECRETO1", today))
    told = "".join(said(installation.run(*words)) for words in (["verificar"], ["estado"], ["certificado", "ver"]))
    assert word not in told + installation.log.read_text()
    assert word not in installation.toml.read_text()


# The daemon and its journal


def test_a_second_daemon_refuses_and_names_the_first(installation, today):
    installation.start()
    second = Installation(installation.folder)
    second.log = installation.folder / "segundo.txt"
    second.launch()
    assert wait_for("the second's end", second.process.poll) not in (0, None)
    assert str(installation.process.pid) in second.log.read_text()
    assert installation.ask("UNO1.txt", sale("UNO1", today)).first == "OK"


def test_a_killed_daemon_leaves_no_lock(installation, today):
    for index in range(3):
        installation.start()
        assert installation.ask(f"MUERTE{index}.txt", sale(f"MUERTE{index}", today)).number[2] == index + 1
        installation.kill()


@pytest.mark.parametrize("box", ["procesados", "salida", "procesando", "novedades", "rechazados"])
def test_a_missing_journal_beside_a_full_spool_refuses_to_start(installation, today, box):
    installation.start()
    installation.ask("DIARIO1.txt", sale("DIARIO1", today))
    installation.stop()
    installation.forget()
    for name in {"procesados", "salida", "procesando", "novedades", "rechazados"} - {box}:
        shutil.rmtree(installation.box(name))
    if box not in ("procesados", "salida"):
        installation.box(box).mkdir(exist_ok=True)
        (installation.box(box) / ("00000001.RSP" if box == "novedades" else "V9.TXT")).write_bytes(b"x")
    installation.launch()
    assert wait_for("its end", installation.process.poll) == CONFIGURATION
    assert "diario" in installation.tail().lower()


def test_a_missing_journal_beside_a_full_entrada_starts(installation, today):
    installation.forget()
    (installation.box("entrada") / "V1.TXT").write_bytes(sale("ENTRADA1", today))
    installation.start()
    assert installation.answer("V1.TXT", until=lambda seen: True)


def test_another_environment_than_the_journals_refuses_to_start(installation):
    installation.configure("", ambiente='"produccion"')
    installation.launch()
    assert wait_for("its end", installation.process.poll) == CONFIGURATION
    assert "ambiente" in installation.tail().lower()


def test_a_damaged_journal_refuses_to_start_with_a_sentence(installation, today):
    installation.start()
    installation.ask("DANO1.txt", sale("DANO1", today))
    installation.stop()
    for path in installation.journal():
        with open(path, "r+b") as file:
            file.write(os.urandom(4096))
    installation.launch()
    assert wait_for("its end", installation.process.poll) not in (0, None)
    assert "Traceback" not in installation.tail()


def test_the_daemon_ends_cleanly_when_told(installation, today):
    installation.start()
    installation.ask("FIN1.txt", sale("FIN1", today))
    assert installation.stop() == 0
    assert not installation.left()


# Settings


@pytest.mark.parametrize(
    ("section", "key", "value", "word"),
    [
        ("entrada", "presios", '"CON_IVA"', "precios"),
        ("entrada", "incompleto", '"mucho"', "incompleto"),
        ("emisor", "rut", '"219999830018"', "rut"),
        ("emisor", "web", '""', "web"),
        ("", "ambiente", '"otro"', "ambiente"),
    ],
)
def test_a_wrong_setting_refuses_to_start_and_names_it(installation, section, key, value, word):
    installation.configure(section, **{key: value})
    installation.launch()
    assert wait_for("its end", installation.process.poll) == CONFIGURATION
    text = installation.tail()
    assert word in text
    assert "Traceback" not in text


def test_a_missing_toml_is_said_so(installation):
    installation.toml.unlink()
    done = installation.run("estado")
    assert done.returncode == CONFIGURATION
    assert "sincronizador.toml" in said(done)


def test_a_password_in_the_toml_is_refused(installation):
    installation.configure("certificado", clave='"secreto123"')
    installation.launch()
    assert wait_for("its end", installation.process.poll) == CONFIGURATION
    assert "secreto123" not in installation.tail()


# What an operator is told


def test_a_sound_installation_is_told_to_be_sound(installation, today):
    installation.start()
    installation.ask("SANO1.txt", sale("SANO1", today))
    done = installation.run("verificar")
    assert done.returncode == 0, said(done)
    for word in ("certificado", "CAE", "diario", "impresora", "reloj"):
        assert word.lower() in done.stdout.lower(), word


def test_the_state_and_the_story_of_a_sale_are_told(installation, today):
    installation.start()
    answer = installation.ask("HIST1.TXT", sale("HIST1", today))
    tipo, serie, numero = answer.number
    slug = f"{tipo}-{serie}-{numero}"
    for what in ("HIST1", slug, "HIST1.TXT"):
        done = installation.run("explicar", what)
        assert done.returncode == 0, said(done)
        assert slug in done.stdout
        assert "HIST1.TXT" in done.stdout
    assert "nunca" in said(installation.run("explicar", "JAMAS")).lower()
    assert installation.run("estado").returncode == 0
    json.loads(installation.run("estado", "--json").stdout)
    assert "HIST1" in installation.run("estado", "HIST1").stdout


def test_the_state_is_told_while_the_daemon_is_down(installation):
    done = installation.run("estado")
    assert "Traceback" not in said(done)
    assert done.stdout.strip()


def test_a_wrong_word_is_a_usage_error(installation):
    assert installation.run("inisiar").returncode == USAGE


def test_a_missing_folder_is_told(installation, today):
    shutil.rmtree(installation.box("procesando"))
    text = said(installation.run("verificar"))
    assert "Traceback" not in text
    installation.start()
    assert installation.ask("FALTA1.txt", sale("FALTA1", today)).first == "OK"
