"""
The mails that the cloud writes, as bytes: the same facts give the same mail.

What comes out of a document or of the register is text here: no header has a line end in it, and whoever reads the mail
gets no markup.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sincronizador.core.emitido import Emitido
from sincronizador.countries.uy.figures import day, money
from sincronizador.countries.uy.tipos import ZONE, Familia, TipoCfe

Attachment = tuple[str, str, bytes]
"""Name, ``application/xml`` and content."""

_POLICY = SMTP.clone(cte_type="7bit", raise_on_defect=True)
_LONGEST_NAME = 100
_SIGNATURE = "Este mensaje se envió automáticamente."


def sobre_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, documents: int, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """A sobre on its way to a company. `file`: its name as DGI's format wants it."""
    what = "1 comprobante fiscal electrónico" if documents == 1 else f"{documents} comprobantes fiscales electrónicos"
    body = f"{company} le envía {what}, en el archivo adjunto.\n\n{_SIGNATURE}\n"
    attached = [(file, "application/xml", content)]
    return _mail(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


def rechazos_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, documents: int, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """What tells a company that DGI rejected documents that it was sent."""
    what = "un comprobante que le habíamos enviado" if documents == 1 else "comprobantes que le habíamos enviado"
    body = f"DGI rechazó {what}: no vale. El archivo adjunto dice cuál.\n\n{company}\n\n{_SIGNATURE}\n"
    attached = [(file, "application/xml", content)]
    return _mail(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


def reply_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """What is answered to a company about a sobre that it sent."""
    body = (
        f"{company} responde a su envío de comprobantes fiscales electrónicos, en el archivo adjunto.\n\n{_SIGNATURE}\n"
    )
    attached = [(file, "application/xml", content)]
    return _mail(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


def person_mail(
    sender: str, company: str, to: str, *, emitido: Emitido, pdf: bytes, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """A document for whoever bought: its printable form and the signed XML."""
    title = f"{emitido.nombre} {emitido.serie} {emitido.numero}"
    lines = [f"{company} le envía su comprobante {title}, del {day(emitido.fecha)}."]
    if TipoCfe(emitido.tipo).familia is not Familia.E_REM:
        lines.append(f"Total: {money(emitido.total, emitido.moneda)}.")
    lines += ["", "Adjuntos: la representación impresa (PDF) y el comprobante firmado (XML).", "", _SIGNATURE, ""]
    name = f"{emitido.emisor}-{emitido.slug}"
    attached = [(f"{name}.pdf", "application/pdf", pdf), (f"{name}.xml", "application/xml", emitido.signed)]
    subject = f"{company}: {title}"
    return _mail(sender, company, to, subject, "\n".join(lines), attached, name=f"Cfe_{name}", at=at, trial=trial)


def _mail(
    sender: str, company: str, to: str, subject: str, body: str, attached: Sequence[Attachment], *, name: str,
    at: datetime, trial: bool,
) -> bytes:  # fmt: skip
    """`name` tells this mail from all others of the sender: its Message-ID is made of it."""
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
