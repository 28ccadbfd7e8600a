"""The rules of the law: codes E1xxx and the warnings of the country, each with its sentence, hint and norm."""

from sincronizador.core.finding import Rule

F25 = "Formato CFE v25.2"

SECTION_TWICE = Rule(
    "E1002",
    "Sección repetida",
    "La sección [{seccion}] está dos veces; la primera está en la línea {primera}.",
    "Deje una sola sección [{seccion}].",
)
OTHER_ISSUER = Rule(
    "E1003",
    "RUT de otro emisor",
    "El comprobante es del emisor {valor} y esta instalación emite por {rut}.",
    "Revise a qué instalación escribe su sistema, o quite RUT de [EMISOR].",
    F25 + ", zona A",
)
LOOSE_RETENTION = Rule(
    "E1004",
    "Retención sin línea",
    "La [RETENCION] no sigue a ningún [ITEM].",
    "Escriba cada [RETENCION] después del [ITEM] al que corresponde.",
    F25 + ", zona B",
)
BAD_ISSUER = Rule(
    "E1005",
    "Emisor mal configurado",
    "Los datos de [emisor] en la configuración no sirven para un CFE: {detalle}.",
    "Corrija [emisor] en la configuración.",
    F25 + ", zona A",
)
FOREIGN_FIELD = Rule(
    "E1006",
    "Campo que no va en este comprobante",
    "{campo} no va en un comprobante de tipo {tipo}.",
    "Quite {campo}, o déjelo vacío.",
    F25 + ", tablas de zonas",
)
FOREIGN_SECTION = Rule(
    "E1007",
    "Sección que no va en este comprobante",
    "La sección [{seccion}] no va en un comprobante de tipo {tipo}.",
    "Quite la sección, o revise TIPO.",
    F25 + ", tablas de zonas",
)
PAPER = Rule(
    "E1008",
    "Papel de contingencia incompleto",
    "{detalle}.",
    "{sugerencia}",
    F25 + ", tabla A y zona G",
)
OWN_NUMBER = Rule(
    "E1009",
    "Número que no corresponde",
    "{campo} viene en un comprobante de tipo {tipo}, que se numera al emitirlo.",
    "Quite {campo}; solo los papeles de contingencia (201 a 282) traen su número.",
    F25 + ", A3 y A4",
)

BAD_RUT = Rule(
    "E1101",
    "RUT inválido",
    "El RUT «{valor}» no es válido: son 12 dígitos y el último verifica a los demás.",
    "Revise el RUT con el cliente; si no tiene RUT, emita un e-Ticket con su cédula o sin documento.",
    F25 + ", A62",
)
BAD_CI = Rule(
    "E1102",
    "Cédula inválida",
    "La cédula «{valor}» no es válida: el último dígito no verifica a los demás.",
    "Revise la cédula; si es otro documento, dígalo con TIPO_DOC (PASAPORTE, DNI, OTRO).",
    F25 + ", A62",
)
RECEPTOR = Rule("E1103", "Receptor incompleto", "{detalle}.", "{sugerencia}", F25 + ", A60 a A66.1")
OVER_LIMIT = Rule(
    "E1104",
    "Supera las 5.000 UI sin identificar al receptor",
    "El neto de {neto} pesos supera las 5.000 UI ({tope} pesos) y falta identificar al receptor.",
    "Agregue TIPO_DOC y DOCUMENTO en [RECEPTOR].",
    F25 + ", tabla E",
)
UI_UNKNOWN = Rule(
    "E1105",
    "Falta el valor de la UI",
    "No se sabe si {neto} pesos netos superan las 5.000 UI de {anio}: falta el valor de la UI al cierre de {cierre}.",
    'Agregue [ui] {anio} = "valor" a la configuración, o identifique al receptor.',
    F25 + ", tabla E",
)
RETENTION_UNIDENTIFIED = Rule(
    "E1106",
    "Retención sin receptor identificado",
    "El comprobante tiene retenciones o percepciones y falta identificar al receptor.",
    "Agregue TIPO_DOC y DOCUMENTO en [RECEPTOR].",
    F25 + ", A60",
)
MANDANTE = Rule("E1107", "Mandante", "{detalle}.", "{sugerencia}", F25 + ", zona K")
OWNER = Rule("E1108", "Dueño de los bienes", "{detalle}.", "{sugerencia}", F25 + ", A6.1 a A6.6")
SEALED = Rule(
    "E1109",
    "Complemento Fiscal cifrado que no se entiende",
    "El Complemento Fiscal cifrado no es un EncryptedData completo: {detalle}.",
    "Envíelo en claro, o cifrado con el certificado de DGI según XML Encryption.",
    F25 + ", zona K",
)
FREE_SHOP = Rule(
    "E1111",
    "Free shop sin receptor identificado",
    "Un free shop identifica siempre al receptor y falta identificarlo.",
    "Agregue TIPO_DOC, PAIS y DOCUMENTO en [RECEPTOR]; o quite free_shop de [emisor] en la configuración.",
    F25 + ", A60",
)

DATE_FAR = Rule(
    "E1201",
    "Fecha fuera de plazo",
    "{campo} es {fecha} y solo puede ir del {primera} al {ultima}.",
    "Corrija {campo}; DGI admite fechas de hasta 60 días después del día en que recibe el comprobante.",
    F25 + ", A5",
)
PERIOD = Rule(
    "E1202",
    "Período al revés",
    "PERIODO_HASTA ({hasta}) es anterior a PERIODO_DESDE ({desde}).",
    "Corrija las fechas del período.",
    F25 + ", A8",
)
TOO_MANY = Rule(
    "E1203",
    "Demasiados renglones",
    "Hay {cuantos} {que} y el comprobante admite {maximo}.",
    "Reparta la venta en más de un comprobante.",
    F25 + ", tablas de zonas",
)
NO_RATE = Rule(
    "E1204",
    "Falta la cotización",
    "La moneda es {moneda} y falta COTIZACION.",
    "Agregue COTIZACION= con los pesos por unidad de la moneda.",
    F25 + ", A111",
)
RATE_OF_PESOS = Rule(
    "E1205",
    "Cotización con moneda UYU",
    "El comprobante es en pesos y trae COTIZACION={valor}.",
    "Quite COTIZACION, o ponga la MONEDA que corresponde.",
    F25 + ", A111",
)
IVA_NOT_ALLOWED = Rule(
    "E1206",
    "Impuesto que no corresponde",
    "{detalle}.",
    "Revise IVA en las líneas y PRECIOS en [DOCUMENTO].",
    F25 + ", A10 y zona B, IndFact",
)
TOTAL_RANGE = Rule(
    "E1207",
    "Total fuera de rango",
    "{total} da {monto} y debe estar entre 0 y 999999999999999.99.",
    "Lo que se devuelve va en una nota de crédito, con importes positivos.",
    F25 + ", A112 a A124",
)
OTHER_RATE = Rule(
    "E1208",
    "Falta el IVA de otra tasa",
    "{detalle}.",
    "Ponga IVA_OTRA= en [TOTALES] con el impuesto de las líneas con IVA=OTRA.",
    F25 + ", A118 y A123",
)
TOTALS = Rule(
    "E1210",
    "Los totales no cierran",
    "{campo} dice {dado} y las líneas dan {calculado}.",
    "Revise precios, descuentos y PRECIOS=CON_IVA o SIN_IVA; se toleran {tolerancia} de diferencia.",
    F25 + ", A112 a A130",
)
LINE_AMOUNT = Rule(
    "E1211",
    "El importe de la línea no cierra",
    "IMPORTE dice {dado} y CANTIDAD por PRECIO, con sus descuentos y recargos, da {calculado}.",
    "Revise la línea: IMPORTE va después de los descuentos; con dos de CANTIDAD, PRECIO e IMPORTE alcanza.",
    F25 + ", zona B, MontoItem",
)
PRICE = Rule(
    "E1212",
    "Precio no admitido",
    "PRECIO es {precio} y debe ser mayor que cero.",
    "Una entrega sin cargo lleva IVA=GRATIS; una línea que resta lleva CANTIDAD negativa; una rebaja va en DESCUENTO.",
    F25 + ", zona B, PrecioUnitario",
)
FREE_WITH_PRICE = Rule(
    "E1213",
    "Entrega gratuita con precio",
    "La línea es GRATIS y trae {campo}={valor}.",
    "Ponga PRECIO=0, o el IVA que corresponde.",
    F25 + ", zona B, IndFact 5",
)
LINE_OPEN = Rule(
    "E1214",
    "Línea sin importe",
    "No se puede calcular la línea: {detalle}.",
    "Dé dos de CANTIDAD, PRECIO e IMPORTE.",
    F25 + ", zona B",
)
GLOBAL_DISCOUNT = Rule(
    "E1215",
    "Descuento o recargo global que no se puede aplicar",
    "{detalle}.",
    "Dé VALOR o PORC, y en IVA un impuesto que tengan las líneas.",
    F25 + ", zona D",
)
RETENTION_VALUE = Rule(
    "E1216",
    "Retención sin valor",
    "La retención {codigo} no trae VALOR ni BASE y TASA.",
    "Agregue VALOR=, o BASE= y TASA=.",
    F25 + ", zona B",
)
BAD_GTIN = Rule(
    "E1217",
    "Código GTIN inválido",
    "«{valor}» no es un {tipo}: no coincide el largo o el dígito verificador.",
    "Revise el código de barras, o use TIPO_CODIGO=INT1.",
    F25 + ", zona B, CodItem",
)
COLLECTION = Rule(
    "E1218",
    "Cobranza que no es solo cobranza",
    "Un comprobante con COBRANZA=SI {detalle}.",
    "Deje solo líneas no facturables, sin descuentos globales, y refiera los comprobantes que se cobran.",
    F25 + ", A20",
)
REGIME = Rule(
    "E1219",
    "No corresponde al régimen del emisor",
    "{detalle}.",
    "Revise el comprobante, o regimen en [emisor] de la configuración (el que dicen las constancias de DGI).",
    F25 + ", A10 y zona G, CAEEspecial",
)
EXPORT = Rule("E1220", "Datos de exportación", "{detalle}.", "{sugerencia}", F25 + ", A13 a A15")
VALUE_DATE = Rule(
    "E1221",
    "Fecha valor posterior",
    "FECHA_VALOR ({posterior}) es de un mes posterior al de FECHA ({fecha}).",
    "FECHA_VALOR va solo en e-Resguardos de organismos del Estado, de un mes que no pase del de FECHA.",
    F25 + ", A5.1",
)
BOLETA = Rule("E1222", "Compra de e-Boleta", "{detalle}.", "{sugerencia}", F25 + ", A21 y zona B, IndFact")
IND_FACT = Rule(
    "E1223",
    "Línea que no va en este comprobante",
    "Una línea {que} ({campo}={valor}) no va en un comprobante de tipo {tipo}.",
    "En este tipo se admite {admite}.",
    F25 + ", zona B, IndFact",
)
PARTS = Rule(
    "E1224",
    "Partes de un descuento o recargo",
    "{detalle}.",
    "Las partes solo informan: la línea lleva también su {total}, que es lo que se resta o se suma.",
    F25 + ", zona B",
)
UP_TO_DATE = Rule("E1225", "IVA al día", "{detalle}.", "{sugerencia}", F25 + ", A17")
SECRECY = Rule("E1226", "Secreto profesional que no corresponde", "{detalle}.", "{sugerencia}", F25 + ", A18")
RETENTION = Rule("E1227", "Retención mal dicha", "{detalle}.", "{sugerencia}", F25 + ", zona B, C6 y C20 a C23")

NO_REFERENCE = Rule(
    "E1301",
    "Nota sin referencia",
    "Una nota debe decir qué comprobante corrige y no hay ninguna [REFERENCIA].",
    "Agregue [REFERENCIA] con TIPO, SERIE y NUMERO, con VENTA=, o con GLOBAL=SI y RAZON.",
    F25 + ", zona F",
)
REFERENCE_TWICE = Rule(
    "E1303",
    "Referencia repetida",
    "El comprobante {referido} está referido dos veces.",
    "Deje una sola [REFERENCIA] por comprobante.",
    F25 + ", zona F",
)
OTHER_FAMILY = Rule(
    "E1304",
    "Nota de otra familia",
    "Una {nota} no puede corregir un comprobante de tipo {referido}.",
    "{sugerencia}",
    F25 + ", zona F",
)
REFERENCE_OPEN = Rule(
    "E1305",
    "Referencia incompleta",
    "{detalle}.",
    "Dé TIPO, SERIE y NUMERO, los tres; o VENTA=; o GLOBAL=SI con RAZON.",
    F25 + ", zona F",
)
REFERENCE_DATE = Rule(
    "E1306",
    "Fecha de la referencia",
    "FECHA dice {dada} y el comprobante {referido} es del {fecha}.",
    "Corrija FECHA en [REFERENCIA], o quítela.",
    F25 + ", zona F, FechaCFEref",
)
REFERENCE_AMOUNT = Rule(
    "E1307",
    "Monto de la referencia",
    "MONTO dice {dado} y el comprobante {referido} es de {total}.",
    "MONTO es la parte del comprobante que se afecta, en su moneda.",
    F25 + ", zona F, MntCFEref",
)
REFERENCE_CURRENCY = Rule(
    "E1308",
    "Moneda de la referencia",
    "{campo} dice {dado} y el comprobante {referido} tiene {tiene}.",
    "Use la moneda y la cotización del comprobante referido.",
    F25 + ", zona F, TpoMonedaRef",
)
GLOBAL_REFERENCE = Rule(
    "E1310",
    "Referencia global",
    "{detalle}.",
    "Con GLOBAL=SI va RAZON, y ningún dato de un comprobante.",
    F25 + ", zona F, IndGlobal",
)
REFERENCE_RATE = Rule(
    "E1311",
    "Moneda y cotización de la referencia",
    "{detalle}.",
    "En [REFERENCIA] van MONEDA y COTIZACION del comprobante referido; en pesos, sin COTIZACION.",
    F25 + ", zona F, TpoCambioRef",
)
TAKES_OFF_NOTHING = Rule(
    "E1312",
    "Línea que resta sin decir de qué",
    "Una línea {valor} resta de otro {tipo} y no hay ninguna [REFERENCIA] a uno.",
    "Agregue [REFERENCIA] con TIPO, SERIE y NUMERO del {tipo} que se ajusta.",
    F25 + ", zona B, IndFact 8 y 9",
)

XML_ELEMENT = Rule(
    "E1401",
    "Elemento que no se admite",
    "El elemento {campo} no se admite aquí: {detalle}.",
    "Quítelo del XML; la referencia de campos del manual dice cuáles se admiten.",
    "XSD 1.44.2",
)
XML_NUMBERED = Rule(
    "E1402",
    "CFE que llega numerado",
    "El CFE trae {campo}, que pone esta instalación.",
    "Envíe el CFE sin TmstFirma, Serie, Nro, CAEData ni firma.",
    "XSD 1.44.2",
)

ROUNDED_TOTAL = Rule(
    "A0210",
    "A_PAGAR difiere de las líneas",
    "A_PAGAR dice {dado} y las líneas dan {calculado}; la diferencia va en la línea «Redondeo».",
    norm=F25 + ", A130",
)
ROUNDED = Rule("A0211", "Decimales de más", "{campo} dice {dado} y se redondeó a {usado}.")
TOTAL_DIFFERS = Rule(
    "A0212", "Total que difiere", "{campo} dice {dado} y el comprobante lleva {calculado}.", norm=F25 + ", A112 a A130"
)
HANDED_LESS = Rule("A0213", "ENTREGADO menor que VALOR", "ENTREGADO es {dado} y el pago es de {valor}; no hay vuelto.")
RATE_STRANGE = Rule(
    "A0214",
    "Cotización que llama la atención",
    "COTIZACION={valor} pesos por {moneda} está lejos de lo habitual (entre {minimo} y {maximo}).",
    "Revise que sean pesos por unidad de la moneda, y no al revés.",
    F25 + ", A111",
)
NO_TERMINALS = Rule(
    "A0215",
    "COBRO sin terminales",
    "COBRO={valor} no se usó: en esta instalación no hay terminales de tarjeta.",
    "El cobro con tarjeta va por fuera; la venta se emite igual.",
)
NOTE_LARGER = Rule(
    "A0216",
    "Nota mayor que lo que corrige",
    "La nota es de {total} y el comprobante {referido} es de {suyo}.",
    "Revise el importe: una nota de crédito no devuelve más de lo que se vendió.",
    F25 + ", zona F",
)
NOTE_EARLIER = Rule(
    "A0217",
    "Nota anterior a lo que corrige",
    "La nota es del {fecha} y el comprobante {referido} es del {suya}.",
    "Revise FECHA.",
    F25 + ", A5",
)
BOOKLET_EXPIRED = Rule(
    "A0218",
    "Papel de una libreta vencida",
    "El papel es del {fecha} y su libreta venció el {vence}.",
    "Revise FECHA y CONSTANCIA_VENCE; DGI puede observarlo.",
    F25 + ", zona G",
)
UI_MISSING = Rule(
    "A1105",
    "Falta el valor de la UI del año que viene",
    "Falta [ui] {anio} en la configuración: el valor de la UI al 31 de diciembre de {cierre}.",
    "Agréguelo en cuanto se publique; sin él, los e-Tickets anónimos grandes quedan esperando.",
    F25 + ", tabla E",
)
TAX_FREE_UNIDENTIFIED = Rule(
    "A1110",
    "Tax Free sin receptor identificado",
    "La venta es TAX FREE y no identifica al receptor.",
    "Agregue TIPO_DOC, PAIS y DOCUMENTO del turista en [RECEPTOR]: el reintegro es a su nombre.",
    "Decreto 378/012",
)
CANCELS_NOTHING = Rule(
    "A1212",
    "Línea negativa que no quita otra",
    "CANTIDAD es {valor} y ninguna otra línea del comprobante vende «{detalle}».",
    "Una cantidad negativa solo elimina otra línea del mismo comprobante; una rebaja va en DESCUENTO, y lo que se "
    "devuelve, en una nota de crédito.",
    F25 + ", zona B, Cantidad",
)
ODD_CODE = Rule(
    "A1217",
    "Tipo de código que DGI no nombra",
    "{campo}={valor} no es uno de los tipos de código que nombra DGI.",
    "Use {admite}; un código propio es INT1.",
    F25 + ", zona B, TpoCod",
)
SECRECY_UNTOLD = Rule(
    "A1226",
    "Secreto profesional sin adenda",
    "El comprobante no identifica al receptor por secreto profesional y no trae [ADENDA].",
    "Agregue [ADENDA] con la constancia del secreto profesional: es obligatoria, y se imprime.",
    F25 + ", zona J",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above."""
