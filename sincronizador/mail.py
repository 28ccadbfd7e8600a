"""
A mail as bytes: the same facts give the same mail.

What comes from elsewhere is text here: no header has a line end in it, and whoever reads the mail gets no markup.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sincronizador.countries.uy.tipos import ZONE

Attachment = tuple[str, str, bytes]
"""Name, ``application/xml`` and content."""

_POLICY = SMTP.clone(cte_type="7bit", raise_on_defect=True)
_LONGEST_NAME = 100


def compose(
    sender: str, company: str, to: str, subject: str, body: str, attached: Sequence[Attachment] = (), *,
    name: str, at: datetime, trial: bool,
) -> bytes:  # fmt: skip
    """
    A mail of `company`, which writes as `sender`, to one address; of a `trial` it says that it is one.

    `name` tells this mail from all others of the sender: its Message-ID is made of it.
    """
    mail, local = EmailMessage(policy=_POLICY), name.removesuffix(".xml")
    notice = "PRUEBA, sin valor" if trial else ""
    mail["From"] = Address(_plain(company)[:_LONGEST_NAME], addr_spec=sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = _plain(f"{notice}: {subject}" if notice else subject)
    mail["Date"] = format_datetime(at.astimezone(ZONE))
    mail["Message-ID"] = f"<{local}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{notice}.\n\n{body}" if notice else body, cte="quoted-printable")
    for file, kind, content in attached:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=file)
    # Python draws one at random: the same mail must be the same bytes.
    mail.set_boundary(f"=_{hashlib.sha256(local.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def _plain(text: str) -> str:
    """
    On one line, without what no header may have.

    Nor what looks like an encoded word (RFC 2047): Python decodes it on its way out, line ends and all.
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split()).replace("=?", "= ?")
