"""The security code and the text of the QR. Formato CFE v25.2, representación impresa."""

from datetime import date
from decimal import Decimal
from urllib.parse import quote

from sincronizador.countries.uy.tipos import TipoCfe

CONSULTA = "https://www.efactura.dgi.gub.uy/consultaQR/cfe"
_WITHOUT_AMOUNT = frozenset({TipoCfe.E_REMITO, TipoCfe.E_REMITO_PAPEL})


def security_code(digest: str) -> str:
    """What is printed as «código de seguridad»: the first six characters of the signature's DigestValue."""
    return digest[:6]


def qr_text(*, rut: str, tipo: int, serie: str, numero: int, monto: Decimal, firmado: date, digest: str) -> str:
    """
    The text of the QR: issuer, type, series, number, amount, day of signature and digest, without names.

    The amount is MntPagar; of an e-Resguardo MntTotRetenido, of 124 MntTotal; an e-Remito has none and says ``0``.
    Only the digest is percent-encoded; the day keeps its slashes and the amount its point, as DGI's format shows them.
    """
    amount = "0" if tipo in _WITHOUT_AMOUNT else f"{monto:.2f}"
    fields = (rut, str(tipo), serie, str(numero), amount, f"{firmado:%d/%m/%Y}", quote(digest, safe=""))
    return f"{CONSULTA}?{','.join(fields)}"
