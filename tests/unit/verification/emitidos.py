"""Who signs in these tests, when, and what."""

from datetime import UTC, date, datetime

from sincronizador.signing.identity import Validity

RUT = "217777770013"
HOY = date(2026, 11, 21)
MOMENTO = datetime(2026, 11, 21, 18, 4, 5, tzinfo=UTC)
VALIDITY = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))
TXT = """[DOCUMENTO]
TIPO=101
REFERENCIA=V1
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Café
CANTIDAD=2
PRECIO=117,50
IVA=BASICA
[FIN]
"""
