"""
THE table: every section and field of a TXT, its official element, obligation, form and norm.

The vocabulary, the reader, the reader of XML and the field reference of the manual are derived from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sincronizador.core.sections import Vocabulary
from sincronizador.countries.uy.monedas import APODOS, MONEDAS
from sincronizador.countries.uy.paises import PAISES
from sincronizador.countries.uy.tipos import REFERIBLES, Bruto, Clase, Familia, IndFact, TipoCfe, TipoDoc


class Kind(StrEnum):
    """Form of a field's value."""

    TEXTO = "texto"
    """A text for people: cut when it is too long."""
    CODIGO = "código"
    """An identifier: never cut."""
    NUMERO = "número"
    ENTERO = "entero"
    FECHA = "fecha"
    OPCION = "opción"
    DOCUMENTO = "documento"
    """Number of an identity document; dots, dashes and spaces are ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A row of the table."""

    section: str
    name: str
    kind: Kind
    element: str
    """Its element below the section's; empty when it is not in the CFE."""
    what: str
    """What it is, in Spanish, for the manual."""
    obligation: str = "3333"
    """One digit each for e-Ticket, its notes, e-Factura, its notes: 1 always, 2 conditional, 3 optional."""
    norm: str = ""
    """Zone and number in Formato CFE v25.2."""
    length: int = 0
    """Longest text, in characters; 0: as the kind says."""
    decimals: int = 0
    limit: Decimal = Decimal(0)
    """Largest absolute value of a number."""
    is_signed: bool = False
    """Whether a number may be negative."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Words that it takes -> the official code. The code itself is taken too."""
    default: str = ""
    """What an absent one is, in Spanish."""
    zero_is_absent: bool = False
    overflows_to: str = ""
    """Field of the same section where the rest of a long text goes on."""

    @property
    def is_obligatory(self) -> bool:
        """Whether no document can do without it, in its section."""
        return self.obligation == "1111" and not self.default


@dataclass(frozen=True, slots=True)
class Seccion:
    """A section: where its elements are in a CFE, and whether it may come more than once."""

    name: str
    path: str = ""
    many: bool = False


SECCIONES = {
    seccion.name: seccion
    for seccion in (
        Seccion("DOCUMENTO", "Encabezado"),
        Seccion("EMISOR", "Encabezado/Emisor"),
        Seccion("RECEPTOR", "Encabezado/Receptor"),
        Seccion("EXPORTACION", "Encabezado/IdDoc"),
        Seccion("ITEM", "Detalle/Item", many=True),
        Seccion("RETENCION", "Detalle/Item/RetencPercep", many=True),
        Seccion("SUBTOTAL", "SubTotInfo/STI_Item", many=True),
        Seccion("DESCUENTO", "DscRcgGlobal/DRG_Item", many=True),
        Seccion("RECARGO", "DscRcgGlobal/DRG_Item", many=True),
        Seccion("PAGO", "MediosPago/MedioPago", many=True),
        Seccion("REFERENCIA", "Referencia/Referencia", many=True),
        Seccion("TOTALES", "Encabezado/Totales"),
    )
}

SI = {"SI": "1", "S": "1", "NO": "", "N": ""}
TIPOS_IVA = {
    **{ind.name: str(int(ind)) for ind in IndFact},
    "22": "3",
    "22.00": "3",
    "10": "2",
    "10.00": "2",
    "0": "1",
    "0.00": "1",
    "TASA BASICA": "3",
    "TASA MINIMA": "2",
    "EXENTO": "1",
}
"""Words of ``IVA``. Its numbers are rates, not codes: those go into ``IND_FACT``."""
IND_FACT = {str(int(ind)): str(int(ind)) for ind in IndFact}
TIPOS_DOC = {**{tipo.name: str(int(tipo)) for tipo in TipoDoc}, "RUC": "2", "CEDULA": "3", "OTROS": "4", "0": ""}
PRECIOS = {"SIN_IVA": str(int(Bruto.SIN_IVA)), "CON_IVA": "1", "MONOTRIBUTO": "3"}
MEDIOS = {
    "EFECTIVO": "Efectivo",
    "DEBITO": "Tarjeta de débito",
    "CREDITO": "Tarjeta de crédito",
    "CHEQUE": "Cheque",
    "TRANSFERENCIA": "Transferencia",
    "BILLETERA": "Billetera electrónica",
    "VALE": "Vale",
    "PUNTOS": "Puntos",
    "CUENTA_CORRIENTE": "Cuenta corriente",
    "OTRO": "Otro",
}
"""Words of ``MEDIO`` and the GlosaMP that they give."""


def _tipos() -> dict[str, str]:
    words = {clase.value: clase.value for clase in Clase}
    for tipo in TipoCfe:
        code = str(int(tipo))
        clase = {Clase.VENTA: "", Clase.NOTA_CREDITO: "NC ", Clase.NOTA_DEBITO: "ND "}[tipo.clase]
        for base in ("E-TICKET", "ETICKET") if tipo.familia is Familia.E_TCK else ("E-FACTURA", "EFACTURA"):
            words[clase + base] = code
        words[tipo.nombre.upper().replace("É", "E")] = code
        words[tipo.name] = code
    return words


CORTO, LARGO = Decimal("999999999999999.99"), Decimal("99999999999.999999")


def _amount(
    section: str,
    name: str,
    element: str,
    what: str,
    *,
    norm: str = "",
    obligation: str = "3333",
    is_signed: bool = False,
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.NUMERO,
        element=element,
        what=what,
        obligation=obligation,
        norm=norm,
        decimals=2,
        limit=CORTO,
        is_signed=is_signed,
    )


def _percent(section: str, name: str, element: str, what: str, *, zero_is_absent: bool = True) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.NUMERO,
        element=element,
        what=what,
        decimals=3,
        limit=Decimal(100),
        zero_is_absent=zero_is_absent,
    )


def _text(
    section: str,
    name: str,
    length: int,
    element: str,
    what: str,
    *,
    obligation: str = "3333",
    norm: str = "",
    default: str = "",
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.TEXTO,
        element=element,
        what=what,
        obligation=obligation,
        norm=norm,
        length=length,
        default=default,
    )


def _code(
    section: str,
    name: str,
    length: int,
    element: str,
    what: str,
    *,
    obligation: str = "3333",
    norm: str = "",
    default: str = "",
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.CODIGO,
        element=element,
        what=what,
        obligation=obligation,
        norm=norm,
        length=length,
        default=default,
    )


def _date(
    section: str, name: str, element: str, what: str, *, obligation: str = "3333", norm: str = "", default: str = ""
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.FECHA,
        element=element,
        what=what,
        obligation=obligation,
        norm=norm,
        default=default,
    )


def _choice(
    section: str,
    name: str,
    element: str,
    values: Mapping[str, str],
    what: str,
    *,
    obligation: str = "3333",
    norm: str = "",
    default: str = "",
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.OPCION,
        element=element,
        what=what,
        obligation=obligation,
        norm=norm,
        values=values,
        default=default,
    )


def _count(
    section: str,
    name: str,
    element: str,
    what: str,
    *,
    limit: int,
    norm: str = "",
    zero_is_absent: bool = False,
    default: str = "",
) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.ENTERO,
        element=element,
        what=what,
        norm=norm,
        limit=Decimal(limit),
        zero_is_absent=zero_is_absent,
        default=default,
    )


def _rate(section: str, name: str, element: str, what: str, norm: str) -> Field:
    return Field(
        section=section,
        name=name,
        kind=Kind.NUMERO,
        element=element,
        what=what,
        obligation="2222",
        norm=norm,
        decimals=3,
        limit=Decimal("9999.999"),
        zero_is_absent=True,
    )


_MONEDA = {**{code: code for code in MONEDAS}, **APODOS}
_PAIS = {code: code for code in PAISES}


def _documento() -> Iterator[Field]:
    s = "DOCUMENTO"
    yield _choice(s, "TIPO", "IdDoc/TipoCFE", _tipos(), "Tipo de comprobante", obligation="1111", norm="A2")
    yield _code(
        s,
        "REFERENCIA",
        50,
        "IdDoc/NroInterno",
        "Identificador único de la venta en su sistema",
        obligation="2222",
        norm="A4.1",
    )
    yield _date(
        s,
        "FECHA",
        "IdDoc/FchEmis",
        "Fecha del comprobante",
        obligation="1111",
        norm="A5",
        default="el día en que se toma el archivo",
    )
    yield _date(s, "PERIODO_DESDE", "IdDoc/PeriodoDesde", "Comienzo del período facturado", norm="A7")
    yield _date(s, "PERIODO_HASTA", "IdDoc/PeriodoHasta", "Fin del período facturado", norm="A8")
    yield _choice(
        s,
        "PRECIOS",
        "IdDoc/MntBruto",
        PRECIOS,
        "Si los precios incluyen IVA",
        obligation="2222",
        norm="A10",
        default="entrada.precios",
    )
    yield _choice(
        s,
        "FORMA_PAGO",
        "IdDoc/FmaPago",
        {"CONTADO": "1", "CREDITO": "2"},
        "Contado o crédito",
        obligation="1111",
        norm="A11",
    )
    yield _date(s, "VENCIMIENTO", "IdDoc/FchVenc", "Vencimiento del pago", norm="A12")
    yield _text(
        s,
        "INFORMACION",
        150,
        "IdDoc/InfoAdicionalDoc",
        "Leyendas obligatorias; se imprimen",
        obligation="2222",
        norm="A16",
    )
    yield _choice(
        s,
        "IVA_AL_DIA",
        "IdDoc/IVAalDia",
        {"SI": "", "NO": "1"},
        "Si el emisor está al día con el IVA",
        obligation="2222",
        norm="A17",
        default="SI",
    )
    yield _choice(
        s,
        "SECRETO_PROFESIONAL",
        "IdDoc/SecProf",
        SI,
        "Permite no identificar al receptor",
        obligation="2222",
        norm="A18",
    )
    yield _choice(
        s, "PAGOS_TERCEROS", "IdDoc/IndPagCta3ros", SI, "Pagos por cuenta de terceros", obligation="2222", norm="A19"
    )
    yield _choice(
        s,
        "COBRANZA",
        "IdDoc/IndCobPropia",
        SI,
        "Cobranza propia: solo líneas no facturables",
        obligation="2222",
        norm="A20",
    )
    yield _choice(
        s,
        "MONEDA",
        "Totales/TpoMoneda",
        _MONEDA,
        "Moneda, código ISO 4217",
        obligation="1111",
        norm="A110",
        default="UYU",
    )
    yield _rate(s, "COTIZACION", "Totales/TpoCambio", "Pesos por unidad de la moneda; obligatoria si no es UYU", "A111")
    yield _code(s, "IMPRESORA", 50, "", "Impresora de esta instalación, o NINGUNA", default="la de la caja")
    yield _count(s, "COPIAS", "", "Papeles además del original; cada uno dice COPIA", limit=99, default="0")
    yield _choice(
        s, "DECIMAL", "", {"PUNTO": "PUNTO", "COMA": "COMA"}, "Separador decimal del archivo", default="entrada.decimal"
    )
    yield _choice(
        s,
        "AMBIENTE",
        "",
        {"PRUEBA": "prueba", "PRODUCCION": "produccion"},
        "Ambiente que espera el sistema",
        default="el de la instalación",
    )


def _partes() -> Iterator[Field]:
    s = "EMISOR"
    own = "el de la instalación"
    yield Field(
        section=s,
        name="RUT",
        kind=Kind.DOCUMENTO,
        element="RUCEmisor",
        length=12,
        default=own,
        obligation="1111",
        what="RUT del emisor; debe ser el de la instalación",
        norm="zona A",
    )
    yield _text(
        s, "RAZON_SOCIAL", 150, "RznSoc", "Nombre o denominación", obligation="1111", norm="zona A", default=own
    )
    yield _text(
        s, "NOMBRE_COMERCIAL", 30, "NomComercial", "Nombre comercial", obligation="2222", norm="zona A", default=own
    )
    yield _text(s, "GIRO", 100, "GiroEmis", "Giro", norm="zona A", default=own)
    yield _code(s, "TELEFONO", 20, "Telefono", "Teléfono", norm="zona A", default=own)
    yield _code(s, "CORREO", 80, "CorreoEmisor", "Correo electrónico", norm="zona A", default=own)
    yield _text(s, "NOMBRE_SUCURSAL", 20, "EmiSucursal", "Nombre de la sucursal", norm="zona A")
    yield _count(s, "SUCURSAL", "CdgDGISucur", "Código de la sucursal en DGI", limit=9999, norm="zona A", default=own)
    yield _text(s, "DOMICILIO", 70, "DomFiscal", "Domicilio fiscal", obligation="1111", norm="zona A", default=own)
    yield _text(s, "CIUDAD", 30, "Ciudad", "Ciudad", obligation="1111", norm="zona A", default=own)
    yield _text(s, "DEPARTAMENTO", 30, "Departamento", "Departamento", obligation="1111", norm="zona A", default=own)
    yield _text(s, "INFORMACION", 150, "InfoAdicionalEmisor", "Información adicional", obligation="2222", norm="zona A")
    s = "RECEPTOR"
    yield _choice(
        s,
        "TIPO_DOC",
        "TipoDocRecep",
        TIPOS_DOC,
        "Clase de documento",
        obligation="2222",
        norm="A60",
        default="según el dígito verificador",
    )
    yield _choice(
        s,
        "PAIS",
        "CodPaisRecep",
        _PAIS,
        "País del documento",
        obligation="2222",
        norm="A61",
        default="UY, o 99 si es extranjero",
    )
    yield Field(
        section=s,
        name="DOCUMENTO",
        kind=Kind.DOCUMENTO,
        element="DocRecep",
        length=20,
        obligation="2222",
        what="Número de documento, hasta 12 si es uruguayo",
        norm="A62",
    )
    yield _text(s, "NOMBRE", 150, "RznSocRecep", "Nombre o denominación", obligation="3322", norm="A63")
    yield _text(s, "DIRECCION", 70, "DirRecep", "Dirección", obligation="3322", norm="A64")
    yield _text(s, "CIUDAD", 30, "CiudadRecep", "Ciudad", obligation="3322", norm="A65")
    yield _text(s, "DEPARTAMENTO", 30, "DeptoRecep", "Departamento", norm="A66")
    yield _text(s, "NOMBRE_PAIS", 30, "PaisRecep", "País, en palabras", norm="A66.1")
    yield _count(s, "CODIGO_POSTAL", "CP", "Código postal", limit=99999, norm="A67", zero_is_absent=True)
    yield _text(s, "INFORMACION", 150, "InfoAdicional", "Información adicional", obligation="2222", norm="A68")
    yield _text(s, "LUGAR_ENTREGA", 100, "LugarDestEnt", "Lugar de entrega", norm="A69")
    yield _code(s, "COMPRA", 50, "CompraID", "Orden de compra del cliente", norm="A70")
    yield _code(s, "CORREO", 80, "", "Adónde mandarle el comprobante; no va en el CFE")
    yield Field(
        section="EXPORTACION",
        name="MODALIDAD",
        kind=Kind.OPCION,
        element="ModVenta",
        obligation="2222",
        what="Servicios exportados (90) o Tax Free (80)",
        norm="A14",
        values={"SERVICIOS": "90", "90": "90", "TAX FREE": "80", "80": "80"},
    )


MAX_CODIGOS = 5
"""CodItem of a line."""


def code_suffixes() -> tuple[str, ...]:
    """Ends of ``CODIGO`` and ``TIPO_CODIGO``: a line may carry several codes."""
    return ("", *(f"_{n}" for n in range(2, MAX_CODIGOS + 1)))


def _lineas() -> Iterator[Field]:
    s = "ITEM"
    for end in code_suffixes():
        yield _code(s, "CODIGO" + end, 35, "CodItem/Cod" if not end else "", "Código del artículo", norm="zona B")
        yield _code(
            s,
            "TIPO_CODIGO" + end,
            10,
            "CodItem/TpoCod" if not end else "",
            "GTIN8, GTIN12, GTIN13, GTIN14, PLU, INT1, INT2 o ARCE",
            norm="zona B",
            default="INT1",
        )
    yield _choice(
        s, "IVA", "", TIPOS_IVA, "Impuesto de la línea; en su lugar puede ir IND_FACT", obligation="2222", norm="zona B"
    )
    yield _choice(
        s, "IND_FACT", "IndFact", IND_FACT, "El código oficial, en lugar de IVA", obligation="2222", norm="zona B"
    )
    yield _choice(
        s, "AGENTE", "IndAgenteResp", {"RESPONSABLE": "R", "AGENTE": "A"}, "Si es agente o responsable", norm="zona B"
    )
    yield Field(
        section=s,
        name="DETALLE",
        kind=Kind.TEXTO,
        element="NomItem",
        length=80,
        obligation="1111",
        norm="zona B",
        overflows_to="DESCRIPCION",
        what="Nombre del artículo",
    )
    yield _text(s, "DESCRIPCION", 1000, "DscItem", "Descripción", norm="zona B")
    yield Field(
        section=s,
        name="CANTIDAD",
        kind=Kind.NUMERO,
        element="Cantidad",
        decimals=3,
        obligation="2222",
        limit=Decimal("99999999999999.999"),
        is_signed=True,
        norm="zona B",
        default="1, o IMPORTE / PRECIO",
        what="Cantidad; negativa solo para anular una línea del mismo comprobante",
    )
    yield _code(s, "UNIDAD", 4, "UniMed", "Unidad de medida", obligation="1111", norm="zona B", default="N/A")
    yield Field(
        section=s,
        name="PRECIO",
        kind=Kind.NUMERO,
        element="PrecioUnitario",
        decimals=6,
        limit=LARGO,
        is_signed=True,
        obligation="2222",
        norm="zona B",
        what="Precio unitario, antes de descuentos",
    )
    yield _amount(
        s,
        "IMPORTE",
        "MontoItem",
        "Importe de la línea, después de sus descuentos y recargos",
        obligation="2222",
        is_signed=True,
    )
    for name, element, what in (("DESCUENTO", "Descuento", "Descuento"), ("RECARGO", "Recargo", "Recargo")):
        monto = "DescuentoMonto" if name == "DESCUENTO" else "RecargoMnt"
        yield Field(
            section=s,
            name=name,
            kind=Kind.NUMERO,
            element=monto,
            decimals=2,
            limit=CORTO,
            zero_is_absent=True,
            what=f"{what} de la línea, en dinero",
            norm="zona B",
        )
        yield _percent(s, name + "_PORC", element + "Pct", f"{what} de la línea, en por ciento")
    s = "RETENCION"
    yield _code(
        s, "CODIGO", 8, "CodRet", "Código de la retención o del crédito fiscal", obligation="1111", norm="zona B"
    )
    yield _percent(s, "TASA", "Tasa", "Tasa, en por ciento", zero_is_absent=False)
    yield _amount(s, "BASE", "MntSujetoaRet", "Monto sujeto a retención", obligation="2222")
    yield _text(s, "INFORMACION", 150, "InfoAdicionalRet", "Información adicional", norm="zona B")
    yield _amount(s, "VALOR", "ValRetPerc", "Importe; si falta, BASE por TASA", obligation="2222")


_TIPOS_REF = {
    **{word: code for word, code in _tipos().items() if code.isdigit()},
    **{str(tipo): str(tipo) for tipo in sorted(REFERIBLES)},
    "0": "",
}


def _zonas() -> Iterator[Field]:
    s = "SUBTOTAL"
    yield _text(s, "DETALLE", 100, "GlosaSTI", "Nombre del subtotal; solo informa", obligation="1111", norm="zona C")
    yield _count(s, "ORDEN", "OrdenSTI", "Orden de impresión", limit=99, zero_is_absent=True)
    yield _amount(s, "VALOR", "ValSubtotSTI", "Importe", obligation="1111", norm="zona C", is_signed=True)
    for s, what in (("DESCUENTO", "Descuento global"), ("RECARGO", "Recargo global")):
        yield _choice(
            s,
            "CLASE",
            "TpoDR",
            {"MONTO": "1", "PORCENTAJE": "2"},
            "Cómo se pactó",
            norm="zona D",
            default="PORCENTAJE si hay PORC",
        )
        yield _count(s, "CODIGO", "CodDR", "Código propio", limit=999, zero_is_absent=True, norm="zona D")
        yield _text(s, "DETALLE", 100, "GlosaDR", what, obligation="1111", norm="zona D", default=what)
        yield _amount(s, "VALOR", "ValorDR", f"{what}, en dinero", obligation="2222", norm="zona D")
        yield _percent(s, "PORC", "", f"{what}, en por ciento")
        yield _choice(
            s,
            "IVA",
            "",
            TIPOS_IVA,
            "Impuesto al que se aplica",
            obligation="2222",
            norm="zona D",
            default="repartido entre las tasas",
        )
        yield _choice(
            s, "IND_FACT", "IndFactDR", IND_FACT, "El código oficial, en lugar de IVA", obligation="2222", norm="zona D"
        )
    s = "PAGO"
    yield _choice(s, "MEDIO", "", {word: word for word in MEDIOS}, "Medio de pago", obligation="2222", norm="zona E")
    yield _count(s, "CODIGO", "CodMP", "Código propio del medio", limit=999, zero_is_absent=True, norm="zona E")
    yield _text(
        s,
        "DETALLE",
        100,
        "GlosaMP",
        "Texto del medio de pago",
        obligation="1111",
        norm="zona E",
        default="el nombre de MEDIO",
    )
    yield _count(s, "ORDEN", "OrdenMP", "Orden de impresión", limit=99, zero_is_absent=True, norm="zona E")
    yield _amount(s, "VALOR", "ValorPago", "Importe pagado", obligation="2222", norm="zona E", is_signed=True)
    yield _amount(s, "ENTREGADO", "", "Lo que entregó el cliente; da el vuelto")
    s = "REFERENCIA"
    yield _choice(
        s, "GLOBAL", "IndGlobal", SI, "Refiere a comprobantes que no se pueden nombrar; exige RAZON", norm="zona F"
    )
    yield _choice(s, "TIPO", "TpoDocRef", _TIPOS_REF, "Tipo del comprobante", obligation="2222", norm="zona F")
    yield _code(s, "SERIE", 2, "Serie", "Serie del comprobante", obligation="2222", norm="zona F")
    yield _count(s, "NUMERO", "NroCFERef", "Número del comprobante", limit=9999999, zero_is_absent=True, norm="zona F")
    yield _code(s, "VENTA", 50, "", "REFERENCIA de una venta nuestra, en lugar de tipo, serie y número")
    yield _text(s, "RAZON", 90, "RazonRef", "Motivo", obligation="2222", norm="zona F")
    yield _date(s, "FECHA", "FechaCFEref", "Fecha del comprobante", norm="zona F")
    yield _amount(s, "MONTO", "MntCFEref", "Parte del comprobante que se afecta, en su moneda", norm="zona F")
    yield _choice(s, "MONEDA", "TpoMonedaRef", _MONEDA, "Moneda del comprobante", norm="zona F")
    yield _rate(s, "COTIZACION", "TpoCambioRef", "Cotización del comprobante", "zona F")


NETOS = (
    ("EXENTO", "MntNoGrv", "no_gravado", "A112"),
    ("EXPORTACION", "MntExpoyAsim", "exportacion", "A113"),
    ("PERCIBIDO", "MntImpuestoPerc", "percibido", "A114"),
    ("SUSPENSO", "MntIVaenSusp", "suspenso", "A115"),
    ("NETO_MINIMA", "MntNetoIvaTasaMin", "neto_minima", "A116"),
    ("NETO_BASICA", "MntNetoIVATasaBasica", "neto_basica", "A117"),
    ("NETO_OTRA", "MntNetoIVAOtra", "neto_otra", "A118"),
)
"""The sums of the lines per tax, without IVA; columns as in `TOTALES`."""
TOTALES = (
    *NETOS,
    ("IVA_MINIMA", "MntIVATasaMin", "iva_minima", "A121"),
    ("IVA_BASICA", "MntIVATasaBasica", "iva_basica", "A122"),
    ("IVA_OTRA", "MntIVAOtra", "iva_otra", "A123"),
    ("TOTAL", "MntTotal", "total", "A124"),
    ("RETENIDO", "MntTotRetenido", "retenido", "A125"),
    ("CREDITO_FISCAL", "MntTotCredFisc", "credito_fiscal", "A125"),
    ("NO_FACTURABLE", "MontoNF", "no_facturable", "A129"),
    ("A_PAGAR", "MntPagar", "a_pagar", "A130"),
)
"""Name in the TXT and in the answers, element, attribute of `comprobante.Totales`, number in the format."""


def _totales() -> Iterator[Field]:
    for name, element, _, norm in TOTALES:
        what = "Lo que paga el cliente: manda" if name == "A_PAGAR" else "Se controla contra lo calculado"
        yield _amount("TOTALES", name, element, what, norm=norm, is_signed=True)
    yield _count("TOTALES", "LINEAS", "CantLinDet", "Cantidad de líneas; se controla", limit=999, norm="A126")


FIELDS: tuple[Field, ...] = (*_documento(), *_partes(), *_lineas(), *_zonas(), *_totales())

BY_SECTION: Mapping[str, Mapping[str, Field]] = {
    section: {field.name: field for field in FIELDS if field.section == section} for section in SECCIONES
}

VOCABULARY = Vocabulary(
    fields={**{section: frozenset(fields) for section, fields in BY_SECTION.items()}, "EXTRA": frozenset()},
    free=frozenset({"ADENDA"}),
)


def field_reference() -> tuple[Field, ...]:
    """The rows of the manual's table, in the order in which a file is written."""
    return FIELDS
