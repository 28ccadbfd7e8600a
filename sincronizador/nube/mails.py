"""The mails that the cloud writes, as bytes: the same facts give the same mail."""

from datetime import datetime

from sincronizador.core.emitido import Emitido
from sincronizador.countries.uy.figures import day, money
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.mail import compose

_SIGNATURE = "Este mensaje se envió automáticamente."


def sobre_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, documents: int, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """A sobre on its way to a company. `file`: its name as DGI's format wants it."""
    what = "1 comprobante fiscal electrónico" if documents == 1 else f"{documents} comprobantes fiscales electrónicos"
    body = f"{company} le envía {what}, en el archivo adjunto.\n\n{_SIGNATURE}\n"
    attached = [(file, "application/xml", content)]
    return compose(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


def rechazos_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, documents: int, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """What tells a company that DGI rejected documents that it was sent."""
    what = "un comprobante que le habíamos enviado" if documents == 1 else "comprobantes que le habíamos enviado"
    body = f"DGI rechazó {what}: no vale. El archivo adjunto dice cuál.\n\n{company}\n\n{_SIGNATURE}\n"
    attached = [(file, "application/xml", content)]
    return compose(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


def reply_mail(
    sender: str, company: str, to: str, *, file: str, content: bytes, at: datetime, trial: bool
) -> bytes:  # fmt: skip
    """What is answered to a company about a sobre that it sent."""
    body = (
        f"{company} responde a su envío de comprobantes fiscales electrónicos, en el archivo adjunto.\n\n{_SIGNATURE}\n"
    )
    attached = [(file, "application/xml", content)]
    return compose(sender, company, to, f"{company}: {file}", body, attached, name=file, at=at, trial=trial)


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
    return compose(sender, company, to, subject, "\n".join(lines), attached, name=f"Cfe_{name}", at=at, trial=trial)
