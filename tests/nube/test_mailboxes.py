"""Mailboxes: a folder, and an account on a real IMAP server. What lies there is taken once and never lost."""

import errno
import os
import ssl
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from dovecot import DOVECOT, HOW, PASSWORD, USER, Dovecot
from supplier import invoice, mail, sobre

from sincronizador.errors import NeedsOperator, Unavailable
from sincronizador.nube import mailbox_folder
from sincronizador.nube.mailbox import MOST_AT_ONCE, Place
from sincronizador.nube.mailbox_folder import APART, READ, FolderMailbox
from sincronizador.nube.mailbox_imap import ImapMailbox

MOST = 100_000


def self_signed(host):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    return made.public_bytes(serialization.Encoding.PEM), pem


@pytest.fixture(scope="module")
def server():
    if DOVECOT is None:
        pytest.skip(HOW)
    # Its sockets have long names, and pytest's folders are closed to its user.
    with tempfile.TemporaryDirectory(prefix="imap") as folder:
        Path(folder).chmod(0o755)
        made = Dovecot(Path(folder), *self_signed("localhost"))
        yield made
        made.stop()


def account(server, *, password=PASSWORD, trusted=True, most=MOST, folder="INBOX"):
    context = ssl.create_default_context(cafile=str(server.home / "tls.pem") if trusted else None)
    return ImapMailbox(
        "localhost", server.port, USER, password.encode, context, folder=folder, most=most, patience=20.0
    )


def take(box, since=None, *, apart=False):
    """All that is new, put away; the contents and how far it was read."""
    since, found = since or Place(), []
    for letter in box.letters(since):
        box.put_away(letter, apart=apart)
        found.append(letter)
        since = letter.place
    box.close()
    return found, since


def test_an_account_gives_each_message_once_as_it_lies_there_and_marks_it(server):
    messages = [mail(("Sob_1.xml", sobre(invoice(1))), number=1), mail(number=2)]
    _, start = take(account(server))
    for one in messages:
        server.drop(one)
    found, since = take(account(server), start)
    assert [letter.content.replace(b"\r\n", b"\n") for letter in found] == messages
    assert take(account(server), since) == ([], since)
    assert server.flags()[-2:] == ["S", "S"]


def test_what_a_person_has_read_meanwhile_is_taken_all_the_same(server):
    _, since = take(account(server))
    server.drop(mail(number=3))
    take(account(server), since)
    found, _ = take(account(server), since)
    assert len(found) == 1


def test_what_was_not_put_away_is_there_again(server):
    _, since = take(account(server))
    server.drop(mail(number=4))
    box = account(server)
    first = next(box.letters(since))
    box.close()
    assert [letter.content for letter in take(account(server), since)[0]] == [first.content]


def test_a_message_that_is_too_large_is_told_and_not_read(server):
    _, since = take(account(server))
    server.drop(mail(("a.xml", b"<a>" + b"x" * MOST + b"</a>"), number=5))
    server.drop(mail(number=6))
    found, _ = take(account(server), since, apart=True)
    assert [bool(letter.trouble) for letter in found] == [True, False]
    assert found[0].content == b""
    assert server.flags()[-2:] == ["F", "F"]


def test_a_mailbox_that_was_made_anew_is_read_from_its_beginning(server):
    found, since = take(account(server), Place(validity=1, last=10_000))
    assert len(found) > 0
    assert since.validity != 1


def test_a_look_takes_so_many_and_no_more(server):
    _, since = take(account(server))
    for number in range(MOST_AT_ONCE + 2):
        server.drop(mail(number=100 + number))
    first, since = take(account(server), since)
    second, _ = take(account(server), since)
    assert (len(first), len(second)) == (MOST_AT_ONCE, 2)


def test_a_wrong_password_needs_a_person(server):
    with pytest.raises(NeedsOperator, match="contraseña"):
        take(account(server, password="otra"))


def test_a_server_that_cannot_be_trusted_hears_no_password(server):
    with pytest.raises(NeedsOperator, match="certificado"):
        take(account(server, trusted=False))


def test_a_folder_that_is_not_there_and_a_server_that_is_not(server):
    with pytest.raises(Unavailable):
        take(account(server, folder='Otra "carpeta"'))
    box = account(server)
    box._port = 1
    with pytest.raises(Unavailable):
        take(box)


# --- a folder ---


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "buzon"


def drop(folder, name, content, *, age=10.0):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_files_are_taken_oldest_first_and_moved(folder):
    drop(folder, "b.xml", b"<b/>", age=20)
    drop(folder, "a.eml", b"From: x\n\n", age=10)
    found, _ = take(FolderMailbox(str(folder), MOST))
    assert [(letter.name, letter.content) for letter in found] == [("b.xml", b"<b/>"), ("a.eml", b"From: x\n\n")]
    assert sorted(os.listdir(folder / READ)) == ["a.eml", "b.xml"]
    drop(folder, "a.eml", b"otro")
    take(FolderMailbox(str(folder), MOST), apart=True)
    assert (folder / APART / "a.eml").read_bytes() == b"otro"


def test_two_of_one_name_are_both_kept(folder):
    for content in (b"uno", b"dos"):
        drop(folder, "a.xml", content)
        take(FolderMailbox(str(folder), MOST))
    assert sorted(path.read_bytes() for path in (folder / READ).iterdir()) == [b"dos", b"uno"]


def test_a_file_that_is_being_written_is_waited_for(folder):
    drop(folder, "a.xml", b"<a/>", age=0)
    drop(folder, "b.xml.part", b"<a/>")
    drop(folder, ".c.xml", b"<a/>")
    assert take(FolderMailbox(str(folder), MOST))[0] == []


def test_a_file_that_is_taken_away_meanwhile_is_no_trouble(folder, monkeypatch):
    drop(folder, "a.xml", b"<a/>", age=30)
    gone, left = drop(folder, "b.xml", b"<b/>", age=20), drop(folder, "c.xml", b"<c/>")
    box = FolderMailbox(str(folder), MOST)
    letters = box.letters(Place())
    assert next(letters).name == "a.xml"
    gone.unlink()
    assert [letter.name for letter in letters] == ["c.xml"]
    found = list(os.scandir(folder))
    left.unlink()
    monkeypatch.setattr(mailbox_folder.os, "scandir", lambda _: nullcontext(iter(found)))
    assert [letter.name for letter in box.letters(Place())] == ["a.xml"]


def test_a_file_that_cannot_be_read_is_told_in_spanish(folder, monkeypatch):
    drop(folder, "a.xml", b"<a/>")
    refused = PermissionError(errno.EACCES, "Permission denied")
    monkeypatch.setattr(FolderMailbox, "_content", Mock(side_effect=refused))
    found, _ = take(FolderMailbox(str(folder), MOST), apart=True)
    assert "permiso" in found[0].trouble.lower()
    assert "Permission" not in found[0].trouble


def test_links_pipes_and_folders_are_left_alone(folder, tmp_path):
    secret = tmp_path / "secreto"
    secret.write_text("clave")
    folder.mkdir()
    (folder / "enlace.xml").symlink_to(secret)
    os.mkfifo(folder / "tubo.xml")
    (folder / "carpeta.xml").mkdir()
    assert take(FolderMailbox(str(folder), MOST))[0] == []


def test_a_file_that_is_too_large_is_told_and_not_read(folder):
    drop(folder, "a.xml", b"x" * (MOST + 1))
    found, _ = take(FolderMailbox(str(folder), MOST), apart=True)
    assert (found[0].content, bool(found[0].trouble)) == (b"", True)
    assert (folder / APART / "a.xml").stat().st_size == MOST + 1


def test_a_name_that_is_no_text_harms_nothing(folder):
    folder.mkdir()
    raw = os.fsencode(str(folder)) + b"/\xff\xfe\n.xml"
    with open(raw, "wb") as file:
        file.write(b"<a/>")
    os.utime(raw, (1, 1))
    found, _ = take(FolderMailbox(str(folder), MOST))
    assert [letter.content for letter in found] == [b"<a/>"]
    assert len(os.listdir(folder / READ)) == 1
