"""The security code and the text of the QR. Formato CFE v25.2, representación impresa."""

from datetime import date
from decimal import Decimal
from urllib.parse import quote

CONSULTA = "https://www.efactura.dgi.gub.uy/consultaQR/cfe"


def security_code(digest: str) -> str:
    """What is printed as «código de seguridad»: the first six characters of the signature's DigestValue."""
    return digest[:6]


def qr_text(*, rut: str, tipo: int, serie: str, numero: int, monto: Decimal, firmado: date, digest: str) -> str:
    """
    The text of the QR: issuer, type, series, number, amount to pay, day of signature and digest, without names.

    Only the digest is percent-encoded; the day keeps its slashes and the amount its point, as DGI's format shows them.
    """
    fields = (rut, str(tipo), serie, str(numero), f"{monto:.2f}", f"{firmado:%d/%m/%Y}", quote(digest, safe=""))
    return f"{CONSULTA}?{','.join(fields)}"
