"""A provider in memory that signs with an installation's own certificate."""

from datetime import date

from sincronizador.core.emitido import Anexo
from sincronizador.core.numbering import Rango
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy import compose
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.providers.fake import FENCING, FakeCloud
from sincronizador.providers.fake_books import Pen
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.xmldsig import XmlSigner

RANGES = tuple(
    Rango(id=f"9026000{tipo}", tipo=tipo, serie="A", desde=1, hasta=400, vence=date(2028, 11, 21))
    for tipo in (101, 102, 111, 112)
)


def make_cloud(folder, now, capabilities=FENCING):
    """A cloud that signs with the certificate of the installation in `folder`."""
    password = (folder / "certificado" / "clave.txt").read_bytes().strip()
    signer = XmlSigner(load_pkcs12((folder / "certificado" / "emisor.p12").read_bytes(), password))

    def sign(draft, folio, at):
        return signer.sign(compose.complete(draft, folio, at), SignaturePlan())

    def read(signed):
        return read_emitido(signed, Anexo()).tipo, compose.draft_of(signed)

    return FakeCloud(Pen(sign=sign, read=read), RANGES, now, capabilities)
