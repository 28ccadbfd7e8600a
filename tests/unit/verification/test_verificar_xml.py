"""``verificar-xml`` as a person types it, where nothing is installed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sincronizador import cli
from sincronizador.signing.certificate import Identity


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SINCRONIZADOR_CONFIG", raising=False)
    return tmp_path


def correr(*args: object) -> Result:
    return CliRunner().invoke(cli.main, ["verificar-xml", *map(str, args)], prog_name="sincronizador")


def test_a_good_document_has_a_line_a_check_and_exit_code_0(nowhere: Path, firmar: Callable[..., bytes]) -> None:
    (nowhere / "v.xml").write_bytes(firmar())
    done = correr("v.xml")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "v.xml: un CFE"
    assert "    ok    firma: es buena, de EMPRESA INVENTADA (PRUEBA)" in lines
    assert not [line for line in lines if " mal " in line]


def test_anything_wrong_is_exit_code_1_and_the_other_files_are_looked_at(
    nowhere: Path, firmar: Callable[..., bytes]
) -> None:
    (nowhere / "a.xml").write_bytes(firmar().replace(b"Caf", b"Taf"))
    (nowhere / "b.xml").write_bytes(firmar())
    done = correr("a.xml", "b.xml")
    assert done.exit_code == 1
    assert "mal   firma: E2121" in done.output
    assert "b.xml: un CFE" in done.output


def test_as_json_a_program_reads_what_a_person_reads(nowhere: Path, firmar: Callable[..., bytes]) -> None:
    (nowhere / "v.xml").write_bytes(firmar())
    (told,) = json.loads(correr("v.xml", "--json").output)
    assert told["bien"] is True
    (document,) = told["comprobantes"]
    assert {"juicio": "ok", "que": "totales", "texto": "las líneas y los totales cierran"} in document["controles"]


def test_the_signers_certificate_may_be_given_as_a_file(
    nowhere: Path, firmar: Callable[..., bytes], identidad: Identity
) -> None:
    (nowhere / "v.xml").write_bytes(firmar(embedded=False))
    assert "use --certificado" in correr("v.xml").output
    pem = x509.load_der_x509_certificate(identidad.certificate.der).public_bytes(Encoding.PEM)
    for content in (identidad.certificate.der, pem):
        (nowhere / "c.cer").write_bytes(content)
        assert "ok    firma: es buena" in correr("v.xml", "--certificado", "c.cer").output


def test_a_stranger_cannot_write_on_the_screen(nowhere: Path) -> None:
    (nowhere / "v.xml").write_bytes("<CFE xmlns='http://cfe.dgi.gub.uy'>\x9b2J\u202e\n</CFE>".encode())
    assert correr("v.xml").output.isprintable() is False  # for its line ends only
    assert all(line.isprintable() for line in correr("v.xml").output.splitlines())


def test_a_folder_without_schemas_is_told_before_anything(nowhere: Path, firmar: Callable[..., bytes]) -> None:
    (nowhere / "v.xml").write_bytes(firmar())
    (nowhere / "xsd").mkdir()
    done = correr("v.xml", "--esquemas", "xsd")
    assert done.exit_code == 78
    assert "E9308" in done.stderr
    assert correr("v.xml", "--esquemas", "no_esta").exit_code == 78


def test_a_file_that_is_not_there_is_a_usage_error(nowhere: Path) -> None:
    done = correr("no.xml")
    assert done.exit_code == 2
    assert "no se puede leer «no.xml»" in done.stderr


def test_an_installation_lends_its_schemas_and_its_certificate(prepared: Path, referencia: Path, nowhere: Path) -> None:
    toml = prepared / "sincronizador.toml"
    own = nowhere / "s.toml"
    text = toml.read_text()
    for name in ("spool", "diario.db", "certificado/emisor.p12", "certificado/clave.txt"):
        text = text.replace(f'"{name}"', f'"{prepared / name}"')
    own.write_text(f'{text}\n[esquemas]\ncarpeta = "{referencia / "xsd" / "1.44.2"}"\n')
    sample = referencia / "examples" / "111_efactura.xml"
    done = CliRunner().invoke(cli.main, ["--config", str(own), "verificar-xml", str(sample)])
    assert "ok    esquema: cumple el esquema de DGI" in done.output
    assert done.exit_code == 0
