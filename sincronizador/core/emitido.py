"""What is known of a signed document, read from its bytes and annex, never from the dropped file."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Anexo:
    """What belongs to a document but is not under the signature. Stored with the signed bytes in one commit."""

    adenda: str = ""
    correo: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    """``[EXTRA]`` fields in order: printable, echoed, not fiscal."""
    pagos: tuple[tuple[str, str], ...] = ()
    """What was handed over and given back: ``("ENTREGADO", "3000.00")``, ``("VUELTO", "560.00")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitido:
    """A signed document. ``Country.emitted`` makes it from the signed bytes."""

    tipo: int
    nombre: str
    """The type's printed name: ``e-Ticket``."""
    serie: str
    numero: int
    referencia: str
    fecha: date
    """FchEmis."""
    firmado: datetime
    """TmstFirma, aware."""
    moneda: str
    cotizacion: Decimal | None
    total: Decimal
    """What is to be paid; where nothing is, the amount that stands for the document, and zero where it has none."""
    importes: tuple[tuple[str, str], ...]
    """Names and values of the amounts in the answer, in order: ``("NETO_BASICA", "1927.05")``; what the contract always
    prints, and the others when they are not zero."""
    codigo_seguridad: str
    hash: str
    """The whole digest, Base64."""
    qr: str
    """The text of the QR."""
    cae: str
    cae_desde: int
    cae_hasta: int
    cae_vence: date
    receptor: str
    """The receiver's document number, or empty."""
    signed: bytes
    anexo: Anexo
    emisor: str = ""
    """The issuer's tax number."""

    @property
    def slug(self) -> str:
        """The natural key: ``101-A-1234``."""
        return f"{self.tipo}-{self.serie}-{self.numero}"
