"""How answers to other issuers leave: by mail, or as files that somebody carries."""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sincronizador import files
from sincronizador.errors import NeedsOperator
from sincronizador.nube import mails, receipt_codes
from sincronizador.nube.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """An answer that leaves: the same one each time."""

    rut: str
    """Of ours, who answers."""
    company: str
    address: str
    """Empty where nobody knows one."""
    name: str
    content: bytes
    made: datetime


class Outbox(Protocol):
    """A way out."""

    def post(self, answer: Answering) -> None:
        """
        Let it leave; the same bytes again do no harm.

        Raises `Unavailable`, `Unanswered`, `Refused`, `NeedsOperator`: it is tried again.
        """
        ...


class MailOutbox:
    """By the mail server of the cloud."""

    def __init__(self, post: Post, *, trial: bool) -> None:
        """`trial`: what is said has no value, and the mail says so."""
        self._post = post
        self._trial = trial

    def post(self, answer: Answering) -> None:
        """Hand it over. Raises `NeedsOperator` E3759 without an address."""
        if not answer.address:
            raise receipt_codes.NO_ADDRESS.at(nombre=answer.name).as_error(NeedsOperator)
        mail = mails.reply_mail(
            self._post.sender, answer.company, answer.address, file=answer.name, content=answer.content, at=answer.made,
            trial=self._trial,
        )  # fmt: skip
        self._post.mail(mail, answer.address)


class FolderOutbox:
    """
    Files in a folder of whom answers: the XML, and beside it (``.para``) to which address it goes.

    Whoever carries them takes them away; the same one written again has the same name and the same bytes.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def post(self, answer: Answering) -> None:
        """Write it. Raises `NeedsOperator` (E92xx)."""
        folder = os.path.join(self._folder, answer.rut)
        files.make_folder(folder, parents=True)
        path = os.path.join(folder, answer.name)
        # In this order: who sees the XML knows where it goes.
        files.write_many([(f"{path}.para", f"{answer.address}\n".encode()), (path, answer.content)])
