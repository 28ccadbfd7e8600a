"""Another issuer that sells to ours: its documents, its sobres, its letters, and a mailbox that a test fills."""

from email.message import EmailMessage

from clouds import AJUSTES, EMISOR, NOON, OTHER_RUT, RUT, draft, identity, rango

from sincronizador.core.numbering import Folio
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.sobre import compose_sobre_empresas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.nube import issuers
from sincronizador.nube.mailbox import Letter, Place
from sincronizador.nube.receipts import Receipts
from sincronizador.signing.xmldsig import XmlSigner

ADDRESS = "cfe@proveedor.com.uy"


def invoice(numero=1, *, price="100.00", rut=OTHER_RUT, buyer=RUT, signer=None, embed=True, at=NOON, numbers=None,
            replace=None):  # fmt: skip
    """An e-Factura, signed."""
    receptor = (
        f"<Receptor><TipoDocRecep>2</TipoDocRecep><CodPaisRecep>UY</CodPaisRecep><DocRecep>{buyer}</DocRecep>"
        "<RznSocRecep>ALMACÉN</RznSocRecep><DirRecep>18 de Julio 1234</DirRecep><CiudadRecep>Montevideo</CiudadRecep>"
        "</Receptor>"
    )
    content = draft(price=price, tipo=111, rut=rut).replace(b"eTck>", b"eFact>")
    content = content.replace(b"</Emisor>", b"</Emisor>" + receptor.encode())
    law = Uruguay(Emisor(**{**EMISOR, "rut": rut}), issuers._ajustes(AJUSTES))
    complete = law.complete(content, Folio(rango=numbers or rango(111), numero=numero), at)
    for old, new in (replace or {}).items():
        assert old.encode() in complete
        complete = complete.replace(old.encode(), new.encode())
    pen = XmlSigner(signer or identity(rut), embed_certificate=embed)
    return pen.sign(complete, SignaturePlan())


def sobre(*documents, idemisor=7, rut=OTHER_RUT, buyer=RUT, signer=None, at=NOON, adenda="Gracias"):
    """A sobre of them between companies."""
    certificate = (signer or identity(rut)).certificate.der
    return compose_sobre_empresas(
        [(document, adenda) for document in documents], ruc_emisor=rut, ruc_receptor=buyer, idemisor=idemisor,
        fecha=at, certificate=certificate,
    )  # fmt: skip


def mail(*files, sender=ADDRESS, text="Adjuntamos sus comprobantes.", number=1):
    """A message with these files, each ``(name, content)``."""
    message = EmailMessage()
    message["From"] = f"Proveedor <{sender}>"
    message["To"] = "cfe@almacen.com.uy"
    message["Subject"] = "Sus comprobantes"
    message["Message-ID"] = f"<{number}@proveedor.com.uy>"
    message.set_content(text)
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="xml", filename=name)
    return message.as_bytes()


class Basket:
    """A mailbox in memory, numbered as IMAP does."""

    source = "cesta"

    def __init__(self):
        self.lying = []
        self.marked = {}
        self.trouble = None

    def drop(self, content):
        self.lying.append(content)

    def letters(self, since):
        if self.trouble:
            raise self.trouble
        for number, content in enumerate(self.lying, 1):
            if number > since.last:
                yield Letter(name=f"{number}", content=content, size=len(content), place=Place(validity=1, last=number))

    def put_away(self, letter, *, apart):
        self.marked[letter.place.last] = apart

    def close(self):
        pass


class Outbox:
    """Answers that left, in order: (rut, address, name, content)."""

    def __init__(self):
        self.posted = []
        self.coming = []

    def post(self, answer):
        if self.coming and (trouble := self.coming.pop(0)):
            raise trouble
        self.posted.append((answer.rut, answer.address, answer.name, answer.content))


def receipts_of(clerk, window, basket=None, outbox=None, **more):
    return Receipts(clerk=clerk, mailbox=basket or Basket(), outbox=outbox or Outbox(), window=window, **more)
