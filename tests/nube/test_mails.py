"""The mails that the cloud writes: the same facts give the same bytes, and nothing of them becomes a header."""

from email import message_from_bytes
from email.policy import default

import pytest
from clouds import NOON

from sincronizador.nube.mails import rechazos_mail, sobre_mail

FILE = "Sob_219999830019_20261121_7.xml"
GIVEN = {"file": FILE, "content": "<a>Ñandú</a>\r\n".encode(), "documents": 1, "at": NOON, "trial": False}


def write(company="ALMACÉN S.A.", compose=sobre_mail, **more):
    return compose("cfe@tienda.example", company, "otro@example.com", **{**GIVEN, **more})


def test_the_same_facts_give_the_same_bytes_and_others_another_message():
    assert write() == write()
    ids = {message_from_bytes(write(file=f"Sob_{n}.xml"))["Message-ID"] for n in range(3)}
    assert len(ids) == 3


def test_it_is_seven_bits_in_short_lines_with_the_file_as_it_was():
    written = write(company="Ñ" * 300)
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert b"\n" not in written.replace(b"\r\n", b"")
    mail = message_from_bytes(written, policy=default)
    [part] = mail.iter_attachments()
    assert (part.get_filename(), part.get_content()) == (FILE, GIVEN["content"])
    assert mail["Date"].datetime == NOON


NAMES = (
    "X\r\nBcc: y@example.com", "X\nBcc: y", "a\x00b", 'com"illas <x@y>', "\u2028Bcc: z", "=?utf-8?q?=0ABcc:?=",
    "==??utf-8?q?=0ABcc:?=", "=\x00?utf-8?b?CkJjYzogeA==?=", "a, b@example.com",
)  # fmt: skip


@pytest.mark.parametrize("company", NAMES)
@pytest.mark.parametrize("compose", [sobre_mail, rechazos_mail])
def test_a_name_never_becomes_another_header_or_recipient(company, compose):
    mail = message_from_bytes(write(company, compose), policy=default)
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["From"].addresses] == ["cfe@tienda.example"]
    assert [one.addr_spec for one in mail["To"].addresses] == ["otro@example.com"]
    assert sorted(set(mail.keys())) == sorted(mail.keys()), "each header once"


def test_a_trial_says_so():
    mail = message_from_bytes(write(trial=True), policy=default)
    assert mail["Subject"].startswith("PRUEBA")
    assert "PRUEBA" in mail.get_body().get_content()
