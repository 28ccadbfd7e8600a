"""Secrets: put where they are read again, never where another user of the machine sees them."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from sincronizador import secret as reading
from sincronizador import secret_store as store
from sincronizador.errors import NeedsOperator
from sincronizador.secret import Secret

FAKE = """#!/bin/sh
# What systemd-creds does to bytes, with the name bound in; every argument is written down.
echo "$@" >> "$ARGUMENTS"
env >> "$ARGUMENTS"
for last; do :; done
case $1 in
  encrypt) { printf '%s\\n' "$3"; base64; } ;;
  decrypt) read -r name < "$3"; [ "$name" = "$2" ] || exit 1; tail -n +2 "$3" | base64 -d ;;
esac
"""
SYSTEMCTL = '#!/bin/sh\necho "systemctl $@" >> "$ARGUMENTS"\n'


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with systemd, below a folder; we are root."""
    for name in ("bin", "booted", "store", "units"):
        (tmp_path / name).mkdir()
    for name, text in (("systemd-creds", FAKE), ("systemctl", SYSTEMCTL)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("ARGUMENTS", str(tmp_path / "arguments"))
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setattr(store, "BOOTED", str(tmp_path / "booted"))
    monkeypatch.setattr(store, "UNITS", str(tmp_path / "units"))
    monkeypatch.setattr(store, "STORE", str(tmp_path / "store"))
    monkeypatch.setattr(reading, "STORE", str(tmp_path / "store"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda *_, **__: None)
    return tmp_path


def drop_in(machine: Path, unit: str = "sincronizador.service") -> str:
    """What the unit is told."""
    return (machine / "units" / f"{unit}.d" / "credenciales.conf").read_text()


@pytest.mark.parametrize("secret", [b"hunter2", "peñón €".encode(), b" a b ", b"x" * 5000, b""])
def test_root_under_systemd_keeps_a_credential_that_is_read_again(machine: Path, secret: bytes) -> None:
    assert store.keep("certificado.clave", secret, folder="/nowhere") == "credencial:certificado.clave"
    assert Secret(key="certificado.clave", path="", credential="certificado.clave").read() == secret
    assert stat.S_IMODE((machine / "store" / "certificado.clave").stat().st_mode) == 0o600


def test_a_secret_is_never_an_argument_nor_in_the_environment(machine: Path) -> None:
    store.keep("nube.token", b"hunter2", folder="/nowhere")
    assert Secret(key="nube.token", path="", credential="nube.token").read() == b"hunter2"
    assert "hunter2" not in (machine / "arguments").read_text()


def test_the_unit_is_told_of_each_credential_once(machine: Path) -> None:
    for name in ("certificado.clave", "nube.token", "certificado.clave"):
        store.keep(name, b"hunter2", folder="/nowhere")
    lines = drop_in(machine).splitlines()
    loads = [f"LoadCredentialEncrypted={n}:{machine}/store/{n}" for n in ("certificado.clave", "nube.token")]
    assert lines[1:] == ["[Service]", *loads]
    assert (machine / "arguments").read_text().count("systemctl daemon-reload") == 2


def test_each_issuer_has_its_own_unit(machine: Path) -> None:
    store.keep("acme.certificado.clave", b"one", folder="/x", unit="sincronizador@acme.service")
    store.keep("beta.certificado.clave", b"two", folder="/x", unit="sincronizador@beta.service")
    assert "acme" in drop_in(machine, "sincronizador@acme.service")
    assert "acme" not in drop_in(machine, "sincronizador@beta.service")


def test_a_person_s_own_lines_in_the_drop_in_stay(machine: Path) -> None:
    folder = machine / "units" / "sincronizador.service.d"
    folder.mkdir()
    (folder / "credenciales.conf").write_text("[Service]\nMemoryMax=1G\n")
    store.keep("nube.token", b"x", folder="/x")
    assert drop_in(machine).startswith("[Service]\nMemoryMax=1G\nLoadCredentialEncrypted=nube.token:")


def test_a_credential_of_another_machine_is_a_sentence(machine: Path) -> None:
    (machine / "store" / "nube.token").write_text("--name=other\naHVudGVyMg==\n")
    with pytest.raises(NeedsOperator, match="otra máquina"):
        Secret(key="nube.token", path="", credential="nube.token").read()


def test_without_systemd_a_secret_is_a_file_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BOOTED", str(tmp_path / "absent"))
    kept = store.keep("certificado.clave", b"hunter2", folder=str(tmp_path / "claves"))
    assert kept == str(tmp_path / "claves" / "certificado.clave")
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    assert Secret(key="certificado.clave", path=kept).read() == b"hunter2"


def test_where_systemd_cannot_encrypt_a_secret_is_a_file(machine: Path) -> None:
    (machine / "bin" / "systemd-creds").write_text("#!/bin/sh\nexit 1\n")
    assert store.keep("nube.token", b"x", folder=str(machine)) == str(machine / "nube.token")
    with pytest.raises(NeedsOperator, match="systemd-creds"):
        store.keep_credential("nube.token", b"x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_in_root_s_folder_is_of_the_service_s_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = pwd.getpwnam("nobody")
    known = {"sincronizador-nube": nobody}
    monkeypatch.setattr(pwd, "getpwnam", lambda name: known[name])
    monkeypatch.setattr(store, "BOOTED", str(tmp_path / "absent"))
    kept = store.keep("nube.clave", b"x", folder=str(tmp_path), unit="sincronizador-nube.service")
    assert os.stat(kept).st_uid == nobody.pw_uid
    other = store.keep("nube.clave", b"x", folder=str(tmp_path), unit="otra.service")
    assert os.stat(other).st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_service_s_user_reads_what_root_put_into_a_folder_that_was_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(store, "SERVICE", "nobody.service")
    path = tmp_path / "certificado" / "emisor.p12"
    store.keep_file(str(path), b"p12", unit="nobody.service")
    assert {path.stat().st_uid, path.parent.stat().st_uid} == {nobody.pw_uid}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_puts_into_somebody_s_installation_is_that_user_s(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
    path = tmp_path / "panel" / "clave.txt"
    store.keep_file(str(path), b"x")
    assert {path.stat().st_uid, path.parent.stat().st_uid} == {nobody.pw_uid}


def test_the_real_systemd_creds_opens_what_it_was_given(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"].partition(":")[2])
    try:
        subprocess.run(["systemd-creds", "setup"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        pytest.skip(f"systemd-creds has no key here (apt-get install systemd, and root): {exc}")
    monkeypatch.setattr(store, "_name_in_unit", lambda *_: None)
    store.keep_credential("prueba.clave", "peñón €".encode())
    assert "peñón" not in (machine / "store" / "prueba.clave").read_text()
    assert Secret(key="x", path="", credential="prueba.clave").read() == "peñón €".encode()
