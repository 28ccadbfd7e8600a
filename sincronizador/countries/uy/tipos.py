"""The types of document, and the closed sets of codes that their lines and receivers use."""

from datetime import timedelta, timezone
from enum import IntEnum, StrEnum

ZONE = timezone(timedelta(hours=-3), "America/Montevideo")
"""Uruguay's hour, without daylight saving since 2015."""
REDONDEO = "Redondeo"
"""NomItem of the line that carries a missing cent."""


class IndFact(IntEnum):
    """IndFact of a line. Formato CFE v25.2, zone B."""

    EXENTA = 1
    MINIMA = 2
    BASICA = 3
    OTRA = 4
    GRATIS = 5
    NO_FACTURABLE = 6
    NO_FACTURABLE_NEGATIVO = 7
    A_RESTAR = 8
    """A line to take off another e-Remito."""
    A_ANULAR = 9
    """A line that annuls one of another e-Resguardo."""
    EXPORTACION = 10
    PERCIBIDO = 11
    SUSPENSO = 12
    NO_CONTRIBUYENTE = 13
    """Bought from who pays no IVA; 13 to 15 and 17 are of the e-Boleta."""
    IVA_MINIMO = 14
    IMEBA = 15
    MONOTRIBUTO = 16
    MONEDA_EXTRANJERA = 17
    """Foreign currency bought to be sold again."""


class Familia(StrEnum):
    """Root element of a document under ``CFE``."""

    E_TCK = "eTck"
    E_FACT = "eFact"
    E_FACT_EXP = "eFact_Exp"
    E_REM = "eRem"
    E_REM_EXP = "eRem_Exp"
    E_RESG = "eResg"
    E_BOLETA = "eBoleta"

    @property
    def max_lineas(self) -> int:
        """Lines that the schema allows."""
        return 700 if self is Familia.E_TCK else 200

    @property
    def is_remito(self) -> bool:
        """Whether goods travel under it."""
        return self in (Familia.E_REM, Familia.E_REM_EXP)

    @property
    def is_export(self) -> bool:
        """Whether it goes abroad."""
        return self in (Familia.E_FACT_EXP, Familia.E_REM_EXP)

    @property
    def is_sale(self) -> bool:
        """Whether it says how it is paid, with discounts and means of payment: all but e-Remitos and e-Resguardo."""
        return not (self.is_remito or self is Familia.E_RESG)

    @property
    def ind_facts(self) -> frozenset[IndFact]:
        """What a line of it may be. Schema 1.44.2."""
        return _IND_FACTS[self]


_SALE = frozenset({IndFact.GRATIS, IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO})
_DOMESTIC = _SALE | {
    IndFact.EXENTA,
    IndFact.MINIMA,
    IndFact.BASICA,
    IndFact.OTRA,
    IndFact.EXPORTACION,
    IndFact.PERCIBIDO,
    IndFact.SUSPENSO,
    IndFact.MONOTRIBUTO,
}
DE_BOLETA = frozenset({IndFact.NO_CONTRIBUYENTE, IndFact.IVA_MINIMO, IndFact.IMEBA, IndFact.MONEDA_EXTRANJERA})
"""What only an e-Boleta buys."""
_IND_FACTS = {
    Familia.E_TCK: _DOMESTIC,
    Familia.E_FACT: _DOMESTIC,
    Familia.E_FACT_EXP: _SALE | {IndFact.EXPORTACION},
    Familia.E_REM: frozenset({IndFact.A_RESTAR}),
    Familia.E_REM_EXP: frozenset({IndFact.GRATIS, IndFact.A_RESTAR}),
    Familia.E_RESG: frozenset({IndFact.A_ANULAR}),
    Familia.E_BOLETA: _SALE | DE_BOLETA | {IndFact.SUSPENSO},
}


class Clase(StrEnum):
    """What a document does to a sale, in the words that ``TIPO`` takes for it."""

    VENTA = "VENTA"
    NOTA_CREDITO = "NOTA_CREDITO"
    NOTA_DEBITO = "NOTA_DEBITO"


_FAMILIAS = {
    10: Familia.E_TCK,
    11: Familia.E_FACT,
    12: Familia.E_FACT_EXP,
    13: Familia.E_TCK,
    14: Familia.E_FACT,
    15: Familia.E_BOLETA,
}
_ALONE = {124: Familia.E_REM_EXP, 181: Familia.E_REM, 182: Familia.E_RESG}
_COLUMNAS = {
    Familia.E_TCK: 0,
    Familia.E_FACT: 2,
    Familia.E_REM: 4,
    Familia.E_RESG: 5,
    Familia.E_FACT_EXP: 6,
    Familia.E_REM_EXP: 8,
    Familia.E_BOLETA: 9,
}
_PREFIX = {
    Clase.VENTA: "",
    Clase.NOTA_CREDITO: "Nota de Crédito de ",
    Clase.NOTA_DEBITO: "Nota de Débito de ",
}
_NOMBRES = {
    101: "e-Ticket",
    111: "e-Factura",
    121: "e-Factura Exportación",
    124: "e-Remito de Exportación",
    131: "e-Ticket Venta por Cuenta Ajena",
    141: "e-Factura Venta por Cuenta Ajena",
    151: "e-Boleta de entrada",
    181: "e-Remito",
    182: "e-Resguardo",
}
"""Formato CFE v25.2, table A."""


class TipoCfe(IntEnum):
    """TipoCFE. Formato CFE v25.2, table A. From 201 on: what was written on paper while the system was down."""

    E_TICKET = 101
    NC_E_TICKET = 102
    ND_E_TICKET = 103
    E_FACTURA = 111
    NC_E_FACTURA = 112
    ND_E_FACTURA = 113
    E_FACTURA_EXPORTACION = 121
    NC_E_FACTURA_EXPORTACION = 122
    ND_E_FACTURA_EXPORTACION = 123
    E_REMITO_EXPORTACION = 124
    E_TICKET_CUENTA_AJENA = 131
    NC_E_TICKET_CUENTA_AJENA = 132
    ND_E_TICKET_CUENTA_AJENA = 133
    E_FACTURA_CUENTA_AJENA = 141
    NC_E_FACTURA_CUENTA_AJENA = 142
    ND_E_FACTURA_CUENTA_AJENA = 143
    E_BOLETA = 151
    NC_E_BOLETA = 152
    ND_E_BOLETA = 153
    E_REMITO = 181
    E_RESGUARDO = 182
    E_TICKET_PAPEL = 201
    NC_E_TICKET_PAPEL = 202
    ND_E_TICKET_PAPEL = 203
    E_FACTURA_PAPEL = 211
    NC_E_FACTURA_PAPEL = 212
    ND_E_FACTURA_PAPEL = 213
    E_FACTURA_EXPORTACION_PAPEL = 221
    NC_E_FACTURA_EXPORTACION_PAPEL = 222
    ND_E_FACTURA_EXPORTACION_PAPEL = 223
    E_REMITO_EXPORTACION_PAPEL = 224
    E_TICKET_CUENTA_AJENA_PAPEL = 231
    NC_E_TICKET_CUENTA_AJENA_PAPEL = 232
    ND_E_TICKET_CUENTA_AJENA_PAPEL = 233
    E_FACTURA_CUENTA_AJENA_PAPEL = 241
    NC_E_FACTURA_CUENTA_AJENA_PAPEL = 242
    ND_E_FACTURA_CUENTA_AJENA_PAPEL = 243
    E_BOLETA_PAPEL = 251
    NC_E_BOLETA_PAPEL = 252
    ND_E_BOLETA_PAPEL = 253
    E_REMITO_PAPEL = 281
    E_RESGUARDO_PAPEL = 282

    is_papel: bool
    """Whether it transcribes a paper of contingency: its number and constancia are those of the booklet."""
    familia: Familia
    """The root element."""
    clase: Clase
    """Sale, credit note or debit note; e-Remitos and e-Resguardo count as sales."""
    is_note: bool
    """Whether it corrects other documents and therefore refers to them."""
    columna: int
    """Its place in an obligation: T Tn F Fn R G X Xn RX B Bn, as in the tables of Formato CFE v25.2."""

    def __init__(self, code: int) -> None:
        self.is_papel = code > 200
        electronico = code % 100 + 100
        self.familia = _ALONE.get(electronico) or _FAMILIAS[electronico // 10]
        self.clase = Clase.VENTA if electronico in _ALONE else tuple(Clase)[code % 10 - 1]
        self.is_note = self.clase is not Clase.VENTA
        self.columna = _COLUMNAS[self.familia] + self.is_note

    @property
    def electronico(self) -> "TipoCfe":
        """The electronic type whose place a paper took; of an electronic one, itself."""
        return TipoCfe(self - 100) if self.is_papel else self

    @property
    def is_cuenta_ajena(self) -> bool:
        """Whether it sells for somebody else: a Complemento Fiscal says for whom."""
        return self.electronico // 10 in (13, 14)

    @property
    def is_e_ticket(self) -> bool:
        """Whether it is an e-Ticket or a note of one, also for somebody else."""
        return self.familia is Familia.E_TCK

    @property
    def nombre(self) -> str:
        """The printed name: ``Nota de Crédito de e-Ticket``, ``e-Remito Contingencia``."""
        electronico = self.electronico
        name = _PREFIX[self.clase] + _NOMBRES[electronico - tuple(Clase).index(self.clase)]
        return f"{name} Contingencia" if self.is_papel else name

    @property
    def referible(self) -> frozenset[int]:
        """Types that a note of this type may correct: its own family, electronic or on contingency paper."""
        first = self.electronico // 10 * 10
        return frozenset(first + base + n for base in (0, 100) for n in (1, 2, 3))


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


class Bruto(IntEnum):
    """MntBruto: what the prices of the lines hold. Formato CFE v25.2, A-C10."""

    SIN_IVA = 0
    """The element is absent."""
    CON_IVA = 1
    CON_IMEBA = 2
    """The lines of an e-Boleta hold IMEBA and its additionals."""
    MONOTRIBUTO = 3
    """The issuer is IVA mínimo, Monotributo or Monotributo MIDES: there is no IVA to tell apart."""


class Regimen(StrEnum):
    """How DGI taxes the issuer, in the setting's words; its CAEs say it as CAEEspecial. Formato CFE v25.2, zone H."""

    GENERAL = "general"
    EXONERADO = "exonerado"
    IVA_MINIMO = "iva_minimo"
    MONOTRIBUTO = "monotributo"
    MONOTRIBUTO_MIDES = "monotributo_mides"

    @property
    def especial(self) -> str:
        """CAEEspecial; empty for the general one."""
        return str(tuple(Regimen).index(self) or "")

    @property
    def has_no_iva(self) -> bool:
        """Whether its documents tell no IVA apart (MntBruto 3)."""
        return self not in (Regimen.GENERAL, Regimen.EXONERADO)


REFERIBLES = frozenset(int(tipo) for tipo in TipoCfe)
"""TpoDocRef: what a document may refer to. Schema 1.44.2."""
