"""``demo --preparar`` and the commented example: what a newcomer starts from."""

import os
import re
import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

from sincronizador import settings
from sincronizador.cli import main
from sincronizador.cli.installation import RUT, TIPOS, Installation, write_installation
from sincronizador.countries.uy.rut import check_rut
from sincronizador.signing.certificate import load_pkcs12

NOW = datetime(2026, 11, 21, 15, 4, tzinfo=timezone(timedelta(hours=-3)))
EXAMPLE = Path(__file__).parents[3] / "config" / "sincronizador.toml"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One installation for all: its keys take a second."""
    return write_installation(str(tmp_path_factory.mktemp("instalación nueva")), "", NOW)


def test_its_settings_load_and_are_all_for_trials(installation: Installation) -> None:
    got = settings.load(installation.toml)
    assert (got.ambiente, got.ruta, got.publicacion.activa) == ("prueba", "local", True)
    assert got.salida.formatos == ("xml", "pdf", "png")
    assert set(got.ui) == {2026, 2027}
    assert "PRUEBA" in got.emisor.razon_social
    assert check_rut(got.emisor.rut)


def test_its_certificate_opens_with_the_password_that_only_its_owner_can_read(installation: Installation) -> None:
    got = settings.load(installation.toml)
    assert stat.S_IMODE(os.stat(installation.clave).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(installation.certificado).st_mode) == 0o600
    with open(got.certificado.archivo, "rb") as file:
        identity = load_pkcs12(file.read(), got.certificado.clave.read())
    assert identity.certificate.rut == RUT
    assert identity.certificate.not_before < NOW < identity.certificate.not_after
    assert "PRUEBA" in identity.certificate.subject


def test_its_working_folders_and_cae_files_are_there(installation: Installation) -> None:
    got = settings.load(installation.toml)
    assert {"entrada", "validar", "salida", "novedades"} <= set(os.listdir(got.spool))
    assert len(installation.caes) == len(TIPOS)
    assert all(os.path.getsize(path) > 500 for path in installation.caes)
    assert not os.path.exists(got.diario)


@pytest.mark.parametrize(
    ("printer", "via", "destino"),
    [
        ("127.0.0.1:9100", "tcp", "127.0.0.1:9100"),
        ("cocina.local:9100", "tcp", "cocina.local:9100"),
        ('/tmp/con "comillas" y ñ', "carpeta", '/tmp/con "comillas" y ñ'),
        ("/tmp/a:9100", "carpeta", "/tmp/a:9100"),
    ],
)
def test_tickets_go_where_the_option_says(tmp_path: Path, printer: str, via: str, destino: str) -> None:
    got = settings.load(write_installation(str(tmp_path), printer, NOW).toml)
    assert (got.impresora["CAJA1"].via, got.impresora["CAJA1"].destino) == (via, destino)


def test_without_the_option_tickets_go_to_a_folder_beside(installation: Installation) -> None:
    got = settings.load(installation.toml)
    assert got.impresora["CAJA1"].destino == os.path.join(os.path.dirname(installation.toml), "papel")


def test_an_installation_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "sincronizador.toml").write_text("mío")
    done = CliRunner().invoke(main, ["demo", "--preparar", str(tmp_path)])
    assert done.exit_code == 2
    assert "ya hay una instalación" in done.output
    assert os.listdir(tmp_path) == ["sincronizador.toml"]


def test_the_commented_example_loads() -> None:
    assert settings.load(str(EXAMPLE)).ambiente == "prueba"


def test_the_commented_example_names_every_key_and_its_true_default(tmp_path: Path) -> None:
    text = re.sub(
        r"^# (\[{1,2}[\w.]+\]{1,2}|\w+ = .*)$", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    path = tmp_path / "sincronizador.toml"
    path.write_text(text, encoding="utf-8")
    full, plain = settings.load(str(path)), settings.load(str(EXAMPLE))
    assert full.model_fields_set == set(settings.Settings.model_fields)
    told = ("nube", "certificado", "mandante", "entrada", "salida", "respaldo", "conservar", "avisos", "correo")
    for table in (*told, "emisor", "impresion", "totales", "textos", "plazo"):
        assert getattr(full, table).model_fields_set == set(type(getattr(full, table)).model_fields), table
    for table in ("emisor", "totales", "textos", "plazo", "publicacion", "conservar"):
        assert getattr(full, table) == getattr(plain, table), table
    assert full.impresion.model_copy(update={"plantilla": None, "regla": ()}) == plain.impresion
    folders = {"carpeta": None}
    assert full.entrada.model_copy(update={**folders, "mapeos": None}) == plain.entrada
    assert full.salida.model_copy(update=folders) == plain.salida
    secrets = {"webhook_clave": None, "webhook_ca": None, "webhook": None, "correo": ()}
    assert full.avisos.model_copy(update=secrets) == plain.avisos
    assert (full.respaldo.conservar, full.respaldo.s3_region) == (plain.respaldo.conservar, plain.respaldo.s3_region)
    assert (full.pais, full.ruta) == (plain.pais, plain.ruta)
    assert full.impresora["CAJA1"].columnas == settings.Impresora.model_fields["columnas"].default
