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
from sincronizador.countries.uy.monedas import MONEDA_DE
from sincronizador.countries.uy.paises import PAISES
from sincronizador.countries.uy.tipos import Bruto, Clase, IndFact, Regimen, TipoCfe, TipoDoc


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
    """Its element below the section's, or below the root with a slash; empty when it is not in the CFE."""
    what: str
    """What it is, in Spanish, for the manual."""
    obligation: str
    """A digit for each group of documents (`TipoCfe.columna`): 1 always, 2 conditional, 3 optional, 0 never."""
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
    def path(self) -> str:
        """Where its element is below the root; empty when it is not in the CFE."""
        return self.element[1:] if self.element.startswith("/") else f"{SECCIONES[self.section].path}/{self.element}"

    def is_obligatory(self, columna: int) -> bool:
        """Whether no document of that group can do without it, in its section."""
        return self.obligation[columna] == "1" and not self.default

    def is_foreign(self, columna: int) -> bool:
        """Whether documents of that group have no such thing."""
        return self.obligation[columna] == "0"


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
        Seccion("TRASLADO", "Encabezado/IdDoc"),
        Seccion("MANDANTE", "Compl_Fiscal/Compl_Fiscal_Data"),
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
PRECIOS = {bruto.name: str(int(bruto)) for bruto in Bruto}
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


_BASES = {
    101: ("E-TICKET", "ETICKET"),
    111: ("E-FACTURA", "EFACTURA"),
    121: ("E-FACTURA EXPORTACION", "EFACTURA EXPORTACION"),
    124: ("E-REMITO EXPORTACION", "EREMITO EXPORTACION"),
    131: ("E-TICKET CUENTA AJENA", "ETICKET CUENTA AJENA"),
    141: ("E-FACTURA CUENTA AJENA", "EFACTURA CUENTA AJENA"),
    151: ("E-BOLETA", "EBOLETA"),
    181: ("E-REMITO", "EREMITO"),
    182: ("E-RESGUARDO", "ERESGUARDO"),
}
"""How the types are written besides their names: with ``NC`` or ``ND`` before, and ``PAPEL`` behind."""


def _tipos() -> dict[str, str]:
    words = {clase.value: clase.value for clase in Clase}
    for tipo in TipoCfe:
        code, position = str(int(tipo)), tuple(Clase).index(tipo.clase)
        for base in _BASES[tipo.electronico - position]:
            words[("", "NC ", "ND ")[position] + base + (" PAPEL" if tipo.is_papel else "")] = code
        words[tipo.nombre.upper().replace("É", "E").replace("Ó", "O")] = code
        words[tipo.name] = code
    return words


_TIPOS = _tipos()
_TIPOS_REF = {**{word: code for word, code in _TIPOS.items() if code.isdigit()}, "0": ""}
_PAIS = {code: code for code in PAISES}
_FORMA_PAGO = {"CONTADO": "1", "CREDITO": "2"}
_AL_DIA = {"SI": "", "NO": "1", "MANDANTE_NO": "2", "AMBOS_NO": "3"}
_SECRETO = {**SI, "MANDANTE": "2"}
_MODALIDAD = {
    "GENERAL": "1",
    "CONSIGNACION": "2",
    "PRECIO_REVISABLE": "3",
    "BIENES_PROPIOS": "4",
    "TAX FREE": "80",
    "SERVICIOS": "90",
    "91": "91",
    "OTRA": "99",
}
_VIA = {"MARITIMA": "1", "AEREA": "2", "TERRESTRE": "3", "NO_APLICA": "8", "OTRA": "9"}
_MOTIVO = {"VENTA": "1", "INTERNO": "2"}
_ESPECIAL = {regimen.name: regimen.especial for regimen in Regimen}
_COMPRA_MONEDA = {"1": "1", "2": "2"}
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
DIGITOS = entero(99_999_999_999, zero_is_absent=True)
NUMERO = entero(9_999_999, zero_is_absent=True)
CAUSAL = entero(999, zero_is_absent=True)
CIFRAR = {"SI": "1", "NO": "0"}
PORCENTAJE = numero(3, "100", zero_is_absent=True)

SIEMPRE, SEGUN, LIBRE = "11111111111", "22222222222", "33333333333"
"""Obligations that are the same for all documents: always, conditional, optional."""
VENTAS, VENTAS_SEGUN = "33330033033", "22220022022"
"""Of what only sales have (all but e-Remitos and e-Resguardo): optional, conditional."""
RENGLON = "33333033333"
"""Of the lines of all but the e-Resguardo, whose lines are withholdings."""
REFERIDO = "22220222222"
"""Of a referred document's amount; an e-Remito has none."""
MANDANTE = "22220000022"
"""Of sales for somebody else, and of the e-Boleta."""
#         T Tn F Fn R G X Xn RX B Bn: the columns of `TipoCfe.columna`

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
    ("CREDITO_FISCAL", "MntTotCredFisc", "credito_fiscal", "A125.1"),
    ("NO_FACTURABLE", "MontoNF", "no_facturable", "A129"),
    ("A_PAGAR", "MntPagar", "a_pagar", "A130"),
)
"""Name in the TXT and in the answers, element, attribute of `comprobante.Totales`, number in the format."""
_GROUPS = {
    **dict.fromkeys(("EXENTO", "SUSPENSO"), "33330000033"),
    "EXPORTACION": "33330033300",
    **dict.fromkeys(("RETENIDO",), "33330300033"),
    "CREDITO_FISCAL": "33330300000",
    "TOTAL": "33330033333",
    **dict.fromkeys(("NO_FACTURABLE", "A_PAGAR"), VENTAS),
    **dict.fromkeys(
        ("PERCIBIDO", "NETO_MINIMA", "NETO_BASICA", "NETO_OTRA", "IVA_MINIMA", "IVA_BASICA", "IVA_OTRA"),
        "33330000000",
    ),
}
"""In which documents there is each total. Schema 1.44.2."""
_FORM = dict.fromkeys(("EXPORTACION", "TOTAL", "RETENIDO", "CREDITO_FISCAL", "NO_FACTURABLE", "A_PAGAR"), CON_SIGNO)

MAX_CODIGOS = 5
"""CodItem of a line."""
MAX_PARTES = 5
"""SubDescuento and SubRecargo of a line."""
OWN = "el de la instalación"

Row = tuple[str, Form, str, str, str, str, str]
"""Name, form, element, obligation, norm, default, what it is."""


def code_suffixes() -> tuple[str, ...]:
    """Ends of ``CODIGO`` and ``TIPO_CODIGO``: a line may carry several codes."""
    return ("", *(f"_{n}" for n in range(2, MAX_CODIGOS + 1)))


def _more_codes() -> Iterator[Row]:
    for end in code_suffixes()[1:]:
        yield ("CODIGO" + end, codigo(35), "", RENGLON, "zona B", "", "Otro código del artículo")
        yield ("TIPO_CODIGO" + end, codigo(10), "", RENGLON, "zona B", "INT1", "De qué clase es")


def part_suffixes() -> tuple[str, ...]:
    """Ends of ``SUBDESCUENTO`` and ``SUBRECARGO``: what a line's discount or surcharge is made of."""
    return ("", *(f"_{n}" for n in range(2, MAX_PARTES + 1)))


def _parts(name: str, what: str) -> Iterator[Row]:
    for end in part_suffixes():
        yield (f"{name}{end}", CON_SIGNO, "", VENTAS, "zona B", "", f"Parte del {what} de la línea; solo informa")
        yield (f"{name}_CLASE{end}", opcion(_CLASE), "", VENTAS, "zona B", "MONTO", "Si es dinero o por ciento")


def _what(total: str) -> str:
    return "Lo que paga el cliente: manda" if total == "A_PAGAR" else "Se controla contra lo calculado"


def _global(what: str) -> tuple[Row, ...]:
    return (
        ("CLASE", opcion(_CLASE), "TpoDR", VENTAS, "zona D", "PORCENTAJE si hay PORC", "Cómo se pactó"),
        ("CODIGO", entero(999, zero_is_absent=True), "CodDR", VENTAS, "zona D", "", "Código propio"),
        ("DETALLE", texto(100), "GlosaDR", "11110011011", "zona D", what, what),
        ("VALOR", MONTO, "ValorDR", VENTAS_SEGUN, "zona D", "", what + ", en dinero"),
        ("PORC", PORCENTAJE, "", VENTAS, "", "", what + ", en por ciento"),
        ("IVA", opcion(TIPOS_IVA), "", VENTAS_SEGUN, "zona D", "repartido entre las tasas", "A qué impuesto"),
        ("IND_FACT", opcion(IND_FACT), "IndFactDR", VENTAS_SEGUN, "zona D", "", "El código oficial, en lugar de IVA"),
    )


_TABLE: Mapping[str, tuple[Row, ...]] = {
    "DOCUMENTO": (
        ("TIPO", opcion(_TIPOS), "IdDoc/TipoCFE", SIEMPRE, "A2", "", "Tipo de comprobante"),
        ("REFERENCIA", codigo(50), "IdDoc/NroInterno", SEGUN, "A4.1", "", "Identificador único de la venta"),
        ("FECHA", FECHA, "IdDoc/FchEmis", SIEMPRE, "A5", "el día en que se toma el archivo", "Fecha del comprobante"),
        ("FECHA_VALOR", FECHA, "IdDoc/FchValor", "00000200000", "A5.1", "", "Fecha valor; solo organismos del Estado"),
        ("PERIODO_DESDE", FECHA, "IdDoc/PeriodoDesde", VENTAS, "A7", "", "Comienzo del período facturado"),
        ("PERIODO_HASTA", FECHA, "IdDoc/PeriodoHasta", VENTAS, "A8", "", "Fin del período facturado"),
        (
            "PRECIOS",
            opcion(PRECIOS),
            "IdDoc/MntBruto",
            VENTAS_SEGUN,
            "A10",
            "entrada.precios",
            "Si los precios incluyen IVA; en una e-Boleta, IMEBA",
        ),
        ("FORMA_PAGO", opcion(_FORMA_PAGO), "IdDoc/FmaPago", "11110011011", "A11", "", "Contado o crédito"),
        ("VENCIMIENTO", FECHA, "IdDoc/FchVenc", VENTAS, "A12", "", "Vencimiento del pago"),
        ("INFORMACION", texto(150), "IdDoc/InfoAdicionalDoc", SEGUN, "A16", "", "Leyendas obligatorias; se imprimen"),
        (
            "IVA_AL_DIA",
            opcion(_AL_DIA),
            "IdDoc/IVAalDia",
            "22220022000",
            "A17",
            "SI",
            "Si el emisor está al día con el IVA, y el mandante",
        ),
        (
            "SECRETO_PROFESIONAL",
            opcion(_SECRETO),
            "IdDoc/SecProf",
            SEGUN,
            "A18",
            "",
            "Permite no identificar al receptor",
        ),
        (
            "PAGOS_TERCEROS",
            opcion(SI),
            "IdDoc/IndPagCta3ros",
            "22220022000",
            "A19",
            "",
            "Pagos por cuenta de terceros",
        ),
        (
            "COBRANZA",
            opcion(SI),
            "IdDoc/IndCobPropia",
            "20200000000",
            "A20",
            "",
            "Cobranza propia: solo líneas no facturables",
        ),
        (
            "COMPRA_MONEDA",
            opcion(_COMPRA_MONEDA),
            "IdDoc/IndCompraMEReventa",
            "00000000022",
            "A21",
            "",
            "Compra de moneda extranjera para reventa: 1 propia, 2 por cuenta ajena",
        ),
        ("MONEDA", opcion(MONEDA_DE), "Totales/TpoMoneda", "11110111111", "A110", "UYU", "Moneda, código ISO 4217"),
        (
            "COTIZACION",
            COTIZACION,
            "Totales/TpoCambio",
            "22220222222",
            "A111",
            "",
            "Pesos por unidad; obligatoria si no es UYU",
        ),
        ("SERIE", codigo(2), "IdDoc/Serie", SEGUN, "A3", "", "Serie del papel de contingencia; solo 201 a 282"),
        (
            "NUMERO",
            entero(9_999_999, zero_is_absent=True),
            "IdDoc/Nro",
            SEGUN,
            "A4",
            "",
            "Número del papel de contingencia",
        ),
        ("CONSTANCIA", DIGITOS, "/CAEData/CAE_ID", SEGUN, "zona G", "", "Constancia de la libreta de contingencia"),
        ("CONSTANCIA_DESDE", NUMERO, "/CAEData/DNro", SEGUN, "zona G", "", "Primer número de la libreta"),
        ("CONSTANCIA_HASTA", NUMERO, "/CAEData/HNro", SEGUN, "zona G", "", "Último número de la libreta"),
        ("CONSTANCIA_VENCE", FECHA, "/CAEData/FecVenc", SEGUN, "zona G", "", "Vencimiento de la libreta"),
        (
            "CONSTANCIA_ESPECIAL",
            opcion(_ESPECIAL),
            "/CAEData/CAEEspecial",
            SEGUN,
            "zona G",
            "el del régimen",
            "Régimen que dice la constancia",
        ),
        ("CONSTANCIA_CAUSAL", CAUSAL, "/CAEData/CausalCAEEsp", SEGUN, "zona G", "", "Causal de la exoneración"),
        ("IMPRESORA", codigo(50), "", LIBRE, "", "la de la caja", "Impresora de esta instalación, o NINGUNA"),
        ("COPIAS", entero(99), "", LIBRE, "", "0", "Papeles además del original; cada uno dice COPIA"),
        ("DECIMAL", opcion(_DECIMAL), "", LIBRE, "", "entrada.decimal", "Separador decimal del archivo"),
        ("AMBIENTE", opcion(_AMBIENTE), "", LIBRE, "", OWN, "Ambiente que espera el sistema"),
    ),
    "EMISOR": (
        ("RUT", documento(12), "RUCEmisor", SIEMPRE, "A40", OWN, "RUT del emisor; no puede ser otro"),
        ("RAZON_SOCIAL", texto(150), "RznSoc", SIEMPRE, "A41", OWN, "Nombre o denominación"),
        ("NOMBRE_COMERCIAL", texto(30), "NomComercial", SEGUN, "A42", OWN, "Nombre comercial"),
        ("GIRO", texto(100), "GiroEmis", LIBRE, "A43", OWN, "Giro"),
        ("TELEFONO", codigo(20), "Telefono", LIBRE, "A44", OWN, "Teléfono"),
        ("TELEFONO_2", codigo(20), "", LIBRE, "A44", "", "Otro teléfono"),
        ("CORREO", codigo(80), "CorreoEmisor", LIBRE, "A45", OWN, "Correo electrónico"),
        ("NOMBRE_SUCURSAL", texto(20), "EmiSucursal", LIBRE, "A46", "", "Nombre de la sucursal"),
        ("SUCURSAL", entero(9999), "CdgDGISucur", SIEMPRE, "A47", OWN, "Código de la sucursal en DGI"),
        ("DOMICILIO", texto(70), "DomFiscal", SIEMPRE, "A48", OWN, "Domicilio fiscal"),
        ("CIUDAD", texto(30), "Ciudad", SIEMPRE, "A49", OWN, "Ciudad"),
        ("DEPARTAMENTO", texto(30), "Departamento", SIEMPRE, "A50", OWN, "Departamento"),
        ("INFORMACION", texto(150), "InfoAdicionalEmisor", SEGUN, "A51", "", "Información adicional"),
    ),
    "RECEPTOR": (
        ("TIPO_DOC", opcion(TIPOS_DOC), "TipoDocRecep", SEGUN, "A60", "según sus dígitos", "Clase de documento"),
        ("PAIS", opcion(_PAIS), "CodPaisRecep", SEGUN, "A61", "UY, o 99 si es extranjero", "País del documento"),
        ("DOCUMENTO", documento(20), "DocRecep", SEGUN, "A62", "", "Número de documento, hasta 12 si es uruguayo"),
        ("NOMBRE", texto(150), "RznSocRecep", "33222222222", "A63", "", "Nombre o denominación"),
        ("DIRECCION", texto(70), "DirRecep", "33222322222", "A64", "", "Dirección"),
        ("CIUDAD", texto(30), "CiudadRecep", "33222322222", "A65", "", "Ciudad"),
        ("DEPARTAMENTO", texto(30), "DeptoRecep", "33333322333", "A66", "", "Departamento"),
        ("NOMBRE_PAIS", texto(30), "PaisRecep", "33333322333", "A66.1", "", "País, en palabras"),
        ("CODIGO_POSTAL", entero(99999, zero_is_absent=True), "CP", LIBRE, "A67", "", "Código postal"),
        ("INFORMACION", texto(150), "InfoAdicional", SEGUN, "A68", "", "Información adicional"),
        ("LUGAR_ENTREGA", texto(100), "LugarDestEnt", RENGLON, "A69", "", "Lugar de entrega"),
        ("COMPRA", codigo(50), "CompraID", RENGLON, "A70", "", "Orden de compra del cliente"),
        ("CORREO", codigo(80), "", LIBRE, "", "", "Adónde mandarle el comprobante; no va en el CFE"),
        (
            "COMPLETAR",
            opcion(SI),
            "",
            LIBRE,
            "",
            "NO",
            "SI: lo que falta se toma del último comprobante a ese documento",
        ),
    ),
    "EXPORTACION": (
        ("CLAUSULA", codigo(3), "ClauVenta", "00000011300", "A13", "", "Cláusula de venta: FOB, CIF... o N/A"),
        (
            "MODALIDAD",
            opcion(_MODALIDAD),
            "ModVenta",
            "22220012100",
            "A14",
            "",
            "Modalidad; en un e-Ticket o una e-Factura, TAX FREE o SERVICIOS",
        ),
        ("VIA", opcion(_VIA), "ViaTransp", "00000011100", "A15", "", "Vía de transporte"),
    ),
    "TRASLADO": (
        ("MOTIVO", opcion(_MOTIVO), "TipoTraslado", "00001000100", "A6", "", "Venta, o traslado interno"),
        ("AJENOS", opcion(SI), "IndPropiedad", "00002000200", "A6.1", "SI con PROPIETARIO", "Los bienes son de otro"),
        (
            "PROPIETARIO_TIPO_DOC",
            opcion(TIPOS_DOC),
            "TipoDocProp",
            "00002000200",
            "A6.2",
            "según sus dígitos",
            "Clase de documento del dueño, si los bienes son de otro",
        ),
        (
            "PROPIETARIO_PAIS",
            opcion(_PAIS),
            "CodPaisProp",
            "00002000200",
            "A6.3",
            "UY, o 99 si es extranjero",
            "País del documento del dueño",
        ),
        ("PROPIETARIO_DOCUMENTO", documento(20), "DocProp", "00002000200", "A6.4", "", "Documento del dueño"),
        ("PROPIETARIO_NOMBRE", texto(150), "RznSocProp", "00002000200", "A6.6", "", "Nombre del dueño"),
    ),
    "MANDANTE": (
        ("RUT", documento(12), "RUCEmisor", MANDANTE, "zona K", OWN, "RUT del emisor; no puede ser otro"),
        ("TIPO_DOC", opcion(TIPOS_DOC), "TipoDocMdte", MANDANTE, "zona K", "según sus dígitos", "Clase de documento"),
        ("PAIS", opcion(_PAIS), "Pais", MANDANTE, "zona K", "UY, o 99 si es extranjero", "País del documento"),
        ("DOCUMENTO", documento(20), "DocMdte", MANDANTE, "zona K", "", "Documento de aquel por cuya cuenta se vende"),
        ("NOMBRE", texto(150), "NombreMdte", MANDANTE, "zona K", "", "Su nombre o denominación"),
        ("CIFRAR", opcion(CIFRAR), "", MANDANTE, "", "SI cuando hay certificado de DGI", "Si solo DGI puede leerlo"),
    ),
    "ITEM": (
        ("CODIGO", codigo(35), "CodItem/Cod", RENGLON, "zona B", "", "Código del artículo"),
        (
            "TIPO_CODIGO",
            codigo(10),
            "CodItem/TpoCod",
            RENGLON,
            "zona B",
            "INT1",
            "GTIN8, GTIN12, GTIN13, GTIN14, PLU, INT1, INT2, ARCE",
        ),
        *_more_codes(),
        (
            "IVA",
            opcion(TIPOS_IVA),
            "",
            "22222022222",
            "zona B",
            "",
            "Impuesto de la línea; en su lugar puede ir IND_FACT",
        ),
        ("IND_FACT", opcion(IND_FACT), "IndFact", "22222022222", "zona B", "", "El código oficial, en lugar de IVA"),
        ("AGENTE", opcion(_AGENTE), "IndAgenteResp", "22220000022", "zona B", "", "R o A; va con las retenciones"),
        (
            "DETALLE",
            texto(80, overflows_to="DESCRIPCION"),
            "NomItem",
            "11111011111",
            "zona B",
            "",
            "Nombre del artículo",
        ),
        ("NCM", codigo(20), "NCM", "00000033300", "zona B", "", "Código NCM de lo que se exporta"),
        ("DESCRIPCION", texto(1000), "DscItem", RENGLON, "zona B", "", "Descripción"),
        (
            "CANTIDAD",
            CANTIDAD,
            "Cantidad",
            "22222022222",
            "zona B",
            "1, o IMPORTE / PRECIO",
            "Negativa solo para anular otra línea",
        ),
        ("UNIDAD", codigo(4), "UniMed", "11111011111", "zona B", "N/A", "Unidad de medida"),
        ("PRECIO", PRECIO, "PrecioUnitario", "22220022222", "zona B", "", "Precio unitario, antes de descuentos"),
        ("IMPORTE", CON_SIGNO, "MontoItem", "22220022222", "zona B", "", "Importe, después de descuentos y recargos"),
        ("DESCUENTO", REBAJA, "DescuentoMonto", VENTAS, "zona B", "", "Descuento de la línea, en dinero"),
        ("DESCUENTO_PORC", PORCENTAJE, "DescuentoPct", VENTAS, "zona B", "", "Descuento de la línea, en por ciento"),
        *_parts("SUBDESCUENTO", "descuento"),
        ("RECARGO", REBAJA, "RecargoMnt", VENTAS, "zona B", "", "Recargo de la línea, en dinero"),
        ("RECARGO_PORC", PORCENTAJE, "RecargoPct", VENTAS, "zona B", "", "Recargo de la línea, en por ciento"),
        *_parts("SUBRECARGO", "recargo"),
    ),
    "RETENCION": (
        ("CODIGO", codigo(8), "CodRet", "11110100011", "zona B", "", "Código de la retención o del crédito fiscal"),
        ("TASA", TASA, "Tasa", "33330300033", "zona B", "", "Tasa, en por ciento"),
        ("BASE", MONTO, "MntSujetoaRet", "22220100022", "zona B", "", "Monto sujeto a retención"),
        ("INFORMACION", texto(150), "InfoAdicionalRet", "33330300033", "zona B", "", "Información adicional"),
        ("VALOR", MONTO, "ValRetPerc", "22220200022", "zona B", "", "Importe; si falta, BASE por TASA"),
        (
            "ANULA",
            opcion(SI),
            "",
            "00000300000",
            "zona B",
            "",
            "En un e-Resguardo: anula una retención de otro, que se refiere",
        ),
    ),
    "SUBTOTAL": (
        ("DETALLE", texto(100), "GlosaSTI", SIEMPRE, "zona C", "", "Nombre del subtotal; solo informa"),
        ("ORDEN", entero(99, zero_is_absent=True), "OrdenSTI", LIBRE, "zona C", "", "Orden de impresión"),
        ("VALOR", CON_SIGNO, "ValSubtotSTI", SIEMPRE, "zona C", "", "Importe"),
    ),
    "DESCUENTO": _global("Descuento global"),
    "RECARGO": _global("Recargo global"),
    "PAGO": (
        ("MEDIO", opcion(_MEDIO), "", VENTAS_SEGUN, "zona E", "", "Medio de pago"),
        ("CODIGO", entero(999, zero_is_absent=True), "CodMP", VENTAS, "zona E", "", "Código propio del medio"),
        ("DETALLE", texto(100), "GlosaMP", "11110011011", "zona E", "el nombre de MEDIO", "Texto del medio de pago"),
        ("ORDEN", entero(99, zero_is_absent=True), "OrdenMP", VENTAS, "zona E", "", "Orden de impresión"),
        ("VALOR", CON_SIGNO, "ValorPago", VENTAS_SEGUN, "zona E", "", "Importe pagado"),
        ("ENTREGADO", MONTO, "", VENTAS, "", "", "Lo que entregó el cliente; da el vuelto"),
        ("COBRO", codigo(50), "", VENTAS, "", "", "REFERENCIA del cobro con tarjeta; todavía no se usa"),
    ),
    "REFERENCIA": (
        ("GLOBAL", opcion(SI), "IndGlobal", LIBRE, "zona F", "", "Refiere a lo que no se puede nombrar; exige RAZON"),
        ("TIPO", opcion(_TIPOS_REF), "TpoDocRef", SEGUN, "zona F", "", "Tipo del comprobante"),
        ("SERIE", codigo(2), "Serie", SEGUN, "zona F", "", "Serie del comprobante"),
        ("NUMERO", entero(9_999_999, zero_is_absent=True), "NroCFERef", SEGUN, "zona F", "", "Número del comprobante"),
        ("VENTA", codigo(50), "", LIBRE, "", "", "REFERENCIA de una venta nuestra, en lugar del número"),
        ("RAZON", texto(90), "RazonRef", SEGUN, "zona F", "", "Motivo"),
        ("FECHA", FECHA, "FechaCFEref", LIBRE, "zona F", "", "Fecha del comprobante"),
        ("MONTO", MONTO, "MntCFEref", REFERIDO, "zona F", "", "Parte del comprobante que se afecta, en su moneda"),
        ("MONEDA", opcion(MONEDA_DE), "TpoMonedaRef", REFERIDO, "zona F", "", "Moneda del comprobante"),
        ("COTIZACION", COTIZACION, "TpoCambioRef", REFERIDO, "zona F", "", "Cotización del comprobante"),
    ),
    "TOTALES": (
        *(
            (name, _FORM.get(name, MONTO), element, _GROUPS[name], norm, "", _what(name))
            for name, element, _, norm in TOTALES
        ),
        ("LINEAS", entero(999), "CantLinDet", LIBRE, "A126", "", "Cantidad de líneas; se controla"),
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
