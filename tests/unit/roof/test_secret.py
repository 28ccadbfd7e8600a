"""Secrets: read from where they are kept, refused when anybody could read them, never repeated."""

from pathlib import Path

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.secret import Secret


def kept(path: Path, content: bytes = b"hunter2\n", mode: int = 0o600) -> Secret:
    """A secret in a file of that mode."""
    path.write_bytes(content)
    path.chmod(mode)
    return Secret(key="certificado.clave", path=str(path))


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
def test_the_line_end_of_an_editor_is_not_part_of_the_password(tmp_path: Path, content: bytes) -> None:
    assert kept(tmp_path / "clave", content).read() == b"hunter2"


def test_spaces_are_part_of_the_password(tmp_path: Path) -> None:
    assert kept(tmp_path / "clave", b" hunter 2 \n").read() == b" hunter 2 "


def test_a_file_that_anybody_can_read_is_refused(tmp_path: Path) -> None:
    secret = kept(tmp_path / "clave", mode=0o644)
    with pytest.raises(NeedsOperator, match="chmod 600") as caught:
        secret.read()
    assert caught.value.code == "E9306"
    assert "hunter2" not in str(caught.value)


def test_a_file_that_the_group_can_read_is_read_with_a_warning(tmp_path: Path) -> None:
    secret = kept(tmp_path / "clave", mode=0o640)
    assert secret.read() == b"hunter2"
    assert "chmod 600" in (secret.weakness() or "")


def test_a_file_of_its_owner_alone_is_no_weakness(tmp_path: Path) -> None:
    assert kept(tmp_path / "clave").weakness() is None


def test_a_missing_file_is_told_without_repeating_what_may_be_a_password(tmp_path: Path) -> None:
    secret = Secret(key="certificado.clave", path=str(tmp_path / "hunter2"))
    assert secret.weakness() is None
    with pytest.raises(NeedsOperator) as caught:
        secret.read()
    assert "hunter2" not in str(caught.value)


def test_a_credential_is_read_from_where_systemd_puts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "certificado.clave").write_bytes(b"hunter2\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret = Secret(key="certificado.clave", path="", credential="certificado.clave")
    assert secret.read() == b"hunter2"
    assert secret.weakness() is None


def test_a_credential_outside_of_systemd_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(NeedsOperator, match="systemd"):
        Secret(key="certificado.clave", path="", credential="certificado.clave").read()
