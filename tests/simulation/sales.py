"""What is dropped into a folder."""

from dataclasses import dataclass

from walking import TICKET

FACTURA = """[DOCUMENTO]
TIPO=111
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[RECEPTOR]
TIPO_DOC=RUT
DOCUMENTO=21.100342.0017
NOMBRE=PEÑA Y CÍA. S.R.L.
DIRECCION=Av. Italia 2500
CIUDAD=Montevideo
[ITEM]
DETALLE=Servicio
PRECIO={precio}
IVA=BASICA
[FIN]
"""
PAPER = """[DOCUMENTO]
TIPO=201
REFERENCIA={referencia}
SERIE=P
NUMERO={numero}
CONSTANCIA=90260000777
CONSTANCIA_DESDE=1
CONSTANCIA_HASTA=50
CONSTANCIA_VENCE=01/05/2027
FECHA=20/11/2026
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""
ANNULMENT = "[ANULAR]\nREFERENCIA={referencia}\nVENTA={venta}\nRAZON=Error\n[FIN]\n"
WITHDRAWAL = "[RETIRAR]\nREFERENCIA={referencia}\n[FIN]\n"


@dataclass(frozen=True, slots=True)
class Drop:
    """A file as somebody meant it."""

    sale: tuple
    """(code of the installation, key); of a withdrawal what it withdraws."""
    price: str
    kind: str
    """``venta``, ``factura``, ``papel``, ``anular``, ``lote``, ``retirar``."""

    @property
    def is_sale(self):
        """Whether its answer names a document of its own."""
        return self.kind in ("venta", "factura", "papel", "anular")


def text_of(kind, referencia, price, **more):
    """The bytes of a file."""
    forms = {"venta": TICKET, "factura": FACTURA, "papel": PAPER, "anular": ANNULMENT, "retirar": WITHDRAWAL}
    if kind == "lote":
        parts = "".join(TICKET.format(referencia=part, precio=price).replace("[FIN]\n", "") for part in more["parts"])
        return f"[LOTE]\nREFERENCIA={referencia}\n{parts}[FIN]\n"
    return forms[kind].format(referencia=referencia, precio=price, **more)
