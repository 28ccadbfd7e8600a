"""How answers leave: the same mail each time, to the address, or the same files with the address beside them."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from clouds import NOON, RUT

from sincronizador.errors import NeedsOperator
from sincronizador.nube.outbox import Answering, FolderOutbox, MailOutbox

ANSWER = Answering(
    rut=RUT, company="ALMACÉN\r\nBcc: x@y.uy", address="cfe@proveedor.com.uy", name="M_7_Sob_1.xml",
    content="<ACKSobre>ñ</ACKSobre>".encode(), made=NOON,
)  # fmt: skip


class Taken:
    """A mail server that keeps what it takes."""

    sender = "cfe@almacen.com.uy"

    def __init__(self):
        self.taken = []

    def mail(self, message, recipient):
        self.taken.append((message, recipient))
        return "250"


def test_an_answer_is_one_mail_with_the_signed_bytes_and_no_header_of_anybody_elses():
    post = Taken()
    for _ in range(2):
        MailOutbox(post, trial=True).post(ANSWER)
    (first, to), second = post.taken
    assert (first, to) == second == (first, ANSWER.address)
    mail = message_from_bytes(first, policy=policy.default)
    assert (mail["From"].addresses[0].addr_spec, mail["To"]) == (Taken.sender, ANSWER.address)
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (ANSWER.name, ANSWER.content)


def test_without_an_address_a_person_must_look():
    with pytest.raises(NeedsOperator, match="dirección"):
        MailOutbox(Taken(), trial=False).post(replace(ANSWER, address=""))


def test_as_files_the_address_lies_beside_and_again_they_are_the_same(tmp_path):
    for _ in range(2):
        FolderOutbox(str(tmp_path / "r")).post(ANSWER)
    folder = tmp_path / "r" / RUT
    assert sorted(path.name for path in folder.iterdir()) == [ANSWER.name, f"{ANSWER.name}.para"]
    assert (folder / ANSWER.name).read_bytes() == ANSWER.content
    assert (folder / f"{ANSWER.name}.para").read_text() == f"{ANSWER.address}\n"
