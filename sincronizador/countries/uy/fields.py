"""
THE table: every section and field of a TXT, its official element, obligation, form and norm.

The vocabulary, the reader, the reader of XML and the field reference of the manual are derived from it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import partial

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


_TIPOS = _tipos()
_TIPOS_REF = {
    **{word: code for word, code in _TIPOS.items() if code.isdigit()},
    **{str(tipo): str(tipo) for tipo in sorted(REFERIBLES)},
    "0": "",
}
_MONEDA = {**{code: code for code in MONEDAS}, **APODOS}
_PAIS = {code: code for code in PAISES}
_FORMA_PAGO = {"CONTADO": "1", "CREDITO": "2"}
_AL_DIA = {"SI": "", "NO": "1"}
_MODALIDAD = {"SERVICIOS": "90", "90": "90", "TAX FREE": "80", "80": "80"}
_AGENTE = {"RESPONSABLE": "R", "AGENTE": "A"}
_CLASE = {"MONTO": "1", "PORCENTAJE": "2"}
_MEDIO = {word: word for word in MEDIOS}
_DECIMAL = {"PUNTO": "PUNTO", "COMA": "COMA"}
_AMBIENTE = {"PRUEBA": "prueba", "PRODUCCION": "produccion"}

Form = partial[Field]
"""A field's form, waiting for its place in the table."""


def texto(length: int, *, overflows_to: str = "") -> Form:
    """A text of so many characters."""
    return partial(Field, kind=Kind.TEXTO, length=length, overflows_to=overflows_to)


def codigo(length: int) -> Form:
    """An identifier of so many characters."""
    return partial(Field, kind=Kind.CODIGO, length=length)


def documento(length: int) -> Form:
    """A document's number of so many characters."""
    return partial(Field, kind=Kind.DOCUMENTO, length=length)


def entero(limit: int, *, zero_is_absent: bool = False) -> Form:
    """A count or code in digits."""
    return partial(Field, kind=Kind.ENTERO, limit=Decimal(limit), zero_is_absent=zero_is_absent)


def opcion(values: Mapping[str, str]) -> Form:
    """One of some words."""
    return partial(Field, kind=Kind.OPCION, values=values)


def numero(decimals: int, limit: str, *, is_signed: bool = False, zero_is_absent: bool = False) -> Form:
    """A number with so many decimals."""
    return partial(
        Field,
        kind=Kind.NUMERO,
        decimals=decimals,
        limit=Decimal(limit),
        is_signed=is_signed,
        zero_is_absent=zero_is_absent,
    )


FECHA: Form = partial(Field, kind=Kind.FECHA)
MONTO = numero(2, "999999999999999.99")
CON_SIGNO = numero(2, "999999999999999.99", is_signed=True)
REBAJA = numero(2, "999999999999999.99", zero_is_absent=True)
CANTIDAD = numero(3, "99999999999999.999", is_signed=True)
PRECIO = numero(6, "99999999999.999999", is_signed=True)
COTIZACION = numero(3, "9999.999", zero_is_absent=True)
TASA = numero(3, "100")
PORCENTAJE = numero(3, "100", zero_is_absent=True)

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
_FORM = dict.fromkeys(("EXPORTACION", "RETENIDO", "CREDITO_FISCAL", "NO_FACTURABLE", "A_PAGAR"), CON_SIGNO)

MAX_CODIGOS = 5
"""CodItem of a line."""
OWN = "el de la instalación"

Row = tuple[str, Form, str, str, str, str, str]
"""Name, form, element, obligation, norm, default, what it is."""


def code_suffixes() -> tuple[str, ...]:
    """Ends of ``CODIGO`` and ``TIPO_CODIGO``: a line may carry several codes."""
    return ("", *(f"_{n}" for n in range(2, MAX_CODIGOS + 1)))


def _more_codes() -> Iterator[Row]:
    for end in code_suffixes()[1:]:
        yield ("CODIGO" + end, codigo(35), "", "3333", "zona B", "", "Otro código del artículo")
        yield ("TIPO_CODIGO" + end, codigo(10), "", "3333", "zona B", "INT1", "De qué clase es")


def _what(total: str) -> str:
    return "Lo que paga el cliente: manda" if total == "A_PAGAR" else "Se controla contra lo calculado"


def _global(what: str) -> tuple[Row, ...]:
    return (
        ("CLASE", opcion(_CLASE), "TpoDR", "3333", "zona D", "PORCENTAJE si hay PORC", "Cómo se pactó"),
        ("CODIGO", entero(999, zero_is_absent=True), "CodDR", "3333", "zona D", "", "Código propio"),
        ("DETALLE", texto(100), "GlosaDR", "1111", "zona D", what, what),
        ("VALOR", MONTO, "ValorDR", "2222", "zona D", "", what + ", en dinero"),
        ("PORC", PORCENTAJE, "", "3333", "", "", what + ", en por ciento"),
        ("IVA", opcion(TIPOS_IVA), "", "2222", "zona D", "repartido entre las tasas", "Impuesto al que se aplica"),
        ("IND_FACT", opcion(IND_FACT), "IndFactDR", "2222", "zona D", "", "El código oficial, en lugar de IVA"),
    )


_TABLE: Mapping[str, tuple[Row, ...]] = {
    "DOCUMENTO": (
        ("TIPO", opcion(_TIPOS), "IdDoc/TipoCFE", "1111", "A2", "", "Tipo de comprobante"),
        ("REFERENCIA", codigo(50), "IdDoc/NroInterno", "2222", "A4.1", "", "Identificador único de la venta"),
        ("FECHA", FECHA, "IdDoc/FchEmis", "1111", "A5", "el día en que se toma el archivo", "Fecha del comprobante"),
        ("PERIODO_DESDE", FECHA, "IdDoc/PeriodoDesde", "3333", "A7", "", "Comienzo del período facturado"),
        ("PERIODO_HASTA", FECHA, "IdDoc/PeriodoHasta", "3333", "A8", "", "Fin del período facturado"),
        ("PRECIOS", opcion(PRECIOS), "IdDoc/MntBruto", "2222", "A10", "entrada.precios", "Si los precios incluyen IVA"),
        ("FORMA_PAGO", opcion(_FORMA_PAGO), "IdDoc/FmaPago", "1111", "A11", "", "Contado o crédito"),
        ("VENCIMIENTO", FECHA, "IdDoc/FchVenc", "3333", "A12", "", "Vencimiento del pago"),
        ("INFORMACION", texto(150), "IdDoc/InfoAdicionalDoc", "2222", "A16", "", "Leyendas obligatorias; se imprimen"),
        ("IVA_AL_DIA", opcion(_AL_DIA), "IdDoc/IVAalDia", "2222", "A17", "SI", "Si el emisor está al día con el IVA"),
        ("SECRETO_PROFESIONAL", opcion(SI), "IdDoc/SecProf", "2222", "A18", "", "Permite no identificar al receptor"),
        ("PAGOS_TERCEROS", opcion(SI), "IdDoc/IndPagCta3ros", "2222", "A19", "", "Pagos por cuenta de terceros"),
        (
            "COBRANZA",
            opcion(SI),
            "IdDoc/IndCobPropia",
            "2222",
            "A20",
            "",
            "Cobranza propia: solo líneas no facturables",
        ),
        ("MONEDA", opcion(_MONEDA), "Totales/TpoMoneda", "1111", "A110", "UYU", "Moneda, código ISO 4217"),
        (
            "COTIZACION",
            COTIZACION,
            "Totales/TpoCambio",
            "2222",
            "A111",
            "",
            "Pesos por unidad; obligatoria si no es UYU",
        ),
        ("IMPRESORA", codigo(50), "", "3333", "", "la de la caja", "Impresora de esta instalación, o NINGUNA"),
        ("COPIAS", entero(99), "", "3333", "", "0", "Papeles además del original; cada uno dice COPIA"),
        ("DECIMAL", opcion(_DECIMAL), "", "3333", "", "entrada.decimal", "Separador decimal del archivo"),
        ("AMBIENTE", opcion(_AMBIENTE), "", "3333", "", OWN, "Ambiente que espera el sistema"),
    ),
    "EMISOR": (
        ("RUT", documento(12), "RUCEmisor", "1111", "zona A", OWN, "RUT del emisor; no puede ser otro"),
        ("RAZON_SOCIAL", texto(150), "RznSoc", "1111", "zona A", OWN, "Nombre o denominación"),
        ("NOMBRE_COMERCIAL", texto(30), "NomComercial", "2222", "zona A", OWN, "Nombre comercial"),
        ("GIRO", texto(100), "GiroEmis", "3333", "zona A", OWN, "Giro"),
        ("TELEFONO", codigo(20), "Telefono", "3333", "zona A", OWN, "Teléfono"),
        ("CORREO", codigo(80), "CorreoEmisor", "3333", "zona A", OWN, "Correo electrónico"),
        ("NOMBRE_SUCURSAL", texto(20), "EmiSucursal", "3333", "zona A", "", "Nombre de la sucursal"),
        ("SUCURSAL", entero(9999), "CdgDGISucur", "3333", "zona A", OWN, "Código de la sucursal en DGI"),
        ("DOMICILIO", texto(70), "DomFiscal", "1111", "zona A", OWN, "Domicilio fiscal"),
        ("CIUDAD", texto(30), "Ciudad", "1111", "zona A", OWN, "Ciudad"),
        ("DEPARTAMENTO", texto(30), "Departamento", "1111", "zona A", OWN, "Departamento"),
        ("INFORMACION", texto(150), "InfoAdicionalEmisor", "2222", "zona A", "", "Información adicional"),
    ),
    "RECEPTOR": (
        ("TIPO_DOC", opcion(TIPOS_DOC), "TipoDocRecep", "2222", "A60", "según sus dígitos", "Clase de documento"),
        ("PAIS", opcion(_PAIS), "CodPaisRecep", "2222", "A61", "UY, o 99 si es extranjero", "País del documento"),
        ("DOCUMENTO", documento(20), "DocRecep", "2222", "A62", "", "Número de documento, hasta 12 si es uruguayo"),
        ("NOMBRE", texto(150), "RznSocRecep", "3322", "A63", "", "Nombre o denominación"),
        ("DIRECCION", texto(70), "DirRecep", "3322", "A64", "", "Dirección"),
        ("CIUDAD", texto(30), "CiudadRecep", "3322", "A65", "", "Ciudad"),
        ("DEPARTAMENTO", texto(30), "DeptoRecep", "3333", "A66", "", "Departamento"),
        ("NOMBRE_PAIS", texto(30), "PaisRecep", "3333", "A66.1", "", "País, en palabras"),
        ("CODIGO_POSTAL", entero(99999, zero_is_absent=True), "CP", "3333", "A67", "", "Código postal"),
        ("INFORMACION", texto(150), "InfoAdicional", "2222", "A68", "", "Información adicional"),
        ("LUGAR_ENTREGA", texto(100), "LugarDestEnt", "3333", "A69", "", "Lugar de entrega"),
        ("COMPRA", codigo(50), "CompraID", "3333", "A70", "", "Orden de compra del cliente"),
        ("CORREO", codigo(80), "", "3333", "", "", "Adónde mandarle el comprobante; no va en el CFE"),
    ),
    "EXPORTACION": (
        ("MODALIDAD", opcion(_MODALIDAD), "ModVenta", "2222", "A14", "", "Servicios exportados (90) o Tax Free (80)"),
    ),
    "ITEM": (
        ("CODIGO", codigo(35), "CodItem/Cod", "3333", "zona B", "", "Código del artículo"),
        (
            "TIPO_CODIGO",
            codigo(10),
            "CodItem/TpoCod",
            "3333",
            "zona B",
            "INT1",
            "GTIN8, GTIN12, GTIN13, GTIN14, PLU, INT1, INT2, ARCE",
        ),
        *_more_codes(),
        ("IVA", opcion(TIPOS_IVA), "", "2222", "zona B", "", "Impuesto de la línea; en su lugar puede ir IND_FACT"),
        ("IND_FACT", opcion(IND_FACT), "IndFact", "2222", "zona B", "", "El código oficial, en lugar de IVA"),
        ("AGENTE", opcion(_AGENTE), "IndAgenteResp", "3333", "zona B", "", "Si es agente o responsable"),
        ("DETALLE", texto(80, overflows_to="DESCRIPCION"), "NomItem", "1111", "zona B", "", "Nombre del artículo"),
        ("DESCRIPCION", texto(1000), "DscItem", "3333", "zona B", "", "Descripción"),
        (
            "CANTIDAD",
            CANTIDAD,
            "Cantidad",
            "2222",
            "zona B",
            "1, o IMPORTE / PRECIO",
            "Negativa solo para anular otra línea",
        ),
        ("UNIDAD", codigo(4), "UniMed", "1111", "zona B", "N/A", "Unidad de medida"),
        ("PRECIO", PRECIO, "PrecioUnitario", "2222", "zona B", "", "Precio unitario, antes de descuentos"),
        ("IMPORTE", CON_SIGNO, "MontoItem", "2222", "zona B", "", "Importe, después de descuentos y recargos"),
        ("DESCUENTO", REBAJA, "DescuentoMonto", "3333", "zona B", "", "Descuento de la línea, en dinero"),
        ("DESCUENTO_PORC", PORCENTAJE, "DescuentoPct", "3333", "zona B", "", "Descuento de la línea, en por ciento"),
        ("RECARGO", REBAJA, "RecargoMnt", "3333", "zona B", "", "Recargo de la línea, en dinero"),
        ("RECARGO_PORC", PORCENTAJE, "RecargoPct", "3333", "zona B", "", "Recargo de la línea, en por ciento"),
    ),
    "RETENCION": (
        ("CODIGO", codigo(8), "CodRet", "1111", "zona B", "", "Código de la retención o del crédito fiscal"),
        ("TASA", TASA, "Tasa", "3333", "zona B", "", "Tasa, en por ciento"),
        ("BASE", MONTO, "MntSujetoaRet", "2222", "zona B", "", "Monto sujeto a retención"),
        ("INFORMACION", texto(150), "InfoAdicionalRet", "3333", "zona B", "", "Información adicional"),
        ("VALOR", MONTO, "ValRetPerc", "2222", "zona B", "", "Importe; si falta, BASE por TASA"),
    ),
    "SUBTOTAL": (
        ("DETALLE", texto(100), "GlosaSTI", "1111", "zona C", "", "Nombre del subtotal; solo informa"),
        ("ORDEN", entero(99, zero_is_absent=True), "OrdenSTI", "3333", "zona C", "", "Orden de impresión"),
        ("VALOR", CON_SIGNO, "ValSubtotSTI", "1111", "zona C", "", "Importe"),
    ),
    "DESCUENTO": _global("Descuento global"),
    "RECARGO": _global("Recargo global"),
    "PAGO": (
        ("MEDIO", opcion(_MEDIO), "", "2222", "zona E", "", "Medio de pago"),
        ("CODIGO", entero(999, zero_is_absent=True), "CodMP", "3333", "zona E", "", "Código propio del medio"),
        ("DETALLE", texto(100), "GlosaMP", "1111", "zona E", "el nombre de MEDIO", "Texto del medio de pago"),
        ("ORDEN", entero(99, zero_is_absent=True), "OrdenMP", "3333", "zona E", "", "Orden de impresión"),
        ("VALOR", CON_SIGNO, "ValorPago", "2222", "zona E", "", "Importe pagado"),
        ("ENTREGADO", MONTO, "", "3333", "", "", "Lo que entregó el cliente; da el vuelto"),
    ),
    "REFERENCIA": (
        ("GLOBAL", opcion(SI), "IndGlobal", "3333", "zona F", "", "Refiere a lo que no se puede nombrar; exige RAZON"),
        ("TIPO", opcion(_TIPOS_REF), "TpoDocRef", "2222", "zona F", "", "Tipo del comprobante"),
        ("SERIE", codigo(2), "Serie", "2222", "zona F", "", "Serie del comprobante"),
        ("NUMERO", entero(9_999_999, zero_is_absent=True), "NroCFERef", "2222", "zona F", "", "Número del comprobante"),
        ("VENTA", codigo(50), "", "3333", "", "", "REFERENCIA de una venta nuestra, en lugar del número"),
        ("RAZON", texto(90), "RazonRef", "2222", "zona F", "", "Motivo"),
        ("FECHA", FECHA, "FechaCFEref", "3333", "zona F", "", "Fecha del comprobante"),
        ("MONTO", MONTO, "MntCFEref", "3333", "zona F", "", "Parte del comprobante que se afecta, en su moneda"),
        ("MONEDA", opcion(_MONEDA), "TpoMonedaRef", "3333", "zona F", "", "Moneda del comprobante"),
        ("COTIZACION", COTIZACION, "TpoCambioRef", "2222", "zona F", "", "Cotización del comprobante"),
    ),
    "TOTALES": (
        *((name, _FORM.get(name, MONTO), element, "3333", norm, "", _what(name)) for name, element, _, norm in TOTALES),
        ("LINEAS", entero(999), "CantLinDet", "3333", "A126", "", "Cantidad de líneas; se controla"),
    ),
}

FIELDS: tuple[Field, ...] = tuple(
    form(section=section, name=name, element=element, obligation=obligation, norm=norm, default=default, what=what)
    for section, rows in _TABLE.items()
    for name, form, element, obligation, norm, default, what in rows
)

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
