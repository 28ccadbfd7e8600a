"""The types of document that are issued, and the closed sets of codes that their lines and receivers use."""

from enum import IntEnum, StrEnum


class Familia(StrEnum):
    """Root element of a document under ``CFE``."""

    E_TCK = "eTck"
    E_FACT = "eFact"

    @property
    def max_lineas(self) -> int:
        """Lines that the schema allows."""
        return 700 if self is Familia.E_TCK else 200


class Clase(StrEnum):
    """What a document does to a sale, in the words that ``TIPO`` takes for it."""

    VENTA = "VENTA"
    NOTA_CREDITO = "NOTA_CREDITO"
    NOTA_DEBITO = "NOTA_DEBITO"


class TipoCfe(IntEnum):
    """TipoCFE. Formato CFE v25.2, table A."""

    E_TICKET = 101
    NC_E_TICKET = 102
    ND_E_TICKET = 103
    E_FACTURA = 111
    NC_E_FACTURA = 112
    ND_E_FACTURA = 113

    @property
    def familia(self) -> Familia:
        """The root element."""
        return Familia.E_TCK if self < 110 else Familia.E_FACT

    @property
    def clase(self) -> Clase:
        """Sale, credit note or debit note."""
        return tuple(Clase)[self % 10 - 1]

    @property
    def is_note(self) -> bool:
        """Whether it corrects other documents and therefore refers to them."""
        return self.clase is not Clase.VENTA

    @property
    def nombre(self) -> str:
        """The printed name: ``Nota de Crédito de e-Ticket``."""
        name = "e-Ticket" if self.familia is Familia.E_TCK else "e-Factura"
        return _PREFIX[self.clase] + name

    @property
    def referible(self) -> frozenset[int]:
        """Types that a note of this type may correct: its own family, electronic or on contingency paper."""
        first = self // 10 * 10
        return frozenset(first + base + n for base in (0, 100) for n in (1, 2, 3))


_PREFIX = {
    Clase.VENTA: "",
    Clase.NOTA_CREDITO: "Nota de Crédito de ",
    Clase.NOTA_DEBITO: "Nota de Débito de ",
}


def tipo_of(clase: Clase, *, con_rut: bool) -> TipoCfe:
    """The type for a sale or a note: e-Factura and its notes for who has a RUT, e-Ticket for anybody else."""
    return TipoCfe((111 if con_rut else 101) + tuple(Clase).index(clase))


class TipoDoc(IntEnum):
    """TipoDocRecep. Formato CFE v25.2, A-C60."""

    NIE = 1
    RUT = 2
    CI = 3
    OTRO = 4
    PASAPORTE = 5
    DNI = 6
    NIFE = 7

    @property
    def is_local(self) -> bool:
        """Whether Uruguay gave it: it goes into DocRecep; the others go into DocRecepExt."""
        return self in (TipoDoc.NIE, TipoDoc.RUT, TipoDoc.CI)


class IndFact(IntEnum):
    """IndFact of a line. Formato CFE v25.2, zone B."""

    EXENTA = 1
    MINIMA = 2
    BASICA = 3
    OTRA = 4
    GRATIS = 5
    NO_FACTURABLE = 6
    NO_FACTURABLE_NEGATIVO = 7
    EXPORTACION = 10
    PERCIBIDO = 11
    SUSPENSO = 12
    MONOTRIBUTO = 16


class Bruto(IntEnum):
    """MntBruto: what the prices of the lines hold. Formato CFE v25.2, A-C10."""

    SIN_IVA = 0
    """The element is absent."""
    CON_IVA = 1
    MONOTRIBUTO = 3
    """The issuer is IVA mínimo, Monotributo or Monotributo MIDES: there is no IVA to tell apart."""


REFERIBLES = frozenset(
    {base + n for base in (101, 111, 121, 131, 141, 151) for n in (0, 1, 2)}
    | {base + n for base in (201, 211, 221, 231, 241, 251) for n in (0, 1, 2)}
    | {124, 181, 182, 224, 281, 282}
)
"""TpoDocRef: what a document may refer to."""
