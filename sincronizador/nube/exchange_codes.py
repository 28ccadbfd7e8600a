"""The catalogue of codes of what goes to receivers and what they say of it. Codes are stable for ever."""

from sincronizador.core.finding import Rule

SOBRE_UNWANTED = Rule(
    "E3741",
    "Sobre que un receptor rechazó",
    "{nombre} (RUT {receptor}) rechazó el sobre {numero} del emisor {rut}, con {cuantos} comprobantes: {detalle}.",
    "Ante DGI los comprobantes valen igual. Corrija la causa con el receptor y mándelos en otro sobre: "
    "«sincronizador nube dgi entregas reenviar {numero}».",
    "Formato Mensaje de Respuesta v19",
)
DOCUMENT_UNWANTED = Rule(
    "E3742",
    "Comprobante que su receptor no acepta",
    "{nombre} (RUT {receptor}) no acepta {slug} del emisor {rut}: {detalle}.",
    "El comprobante sigue valiendo ante DGI: si el receptor tiene razón, emita una nota de crédito.",
    "Formato Mensaje de Respuesta v19",
)
ADDRESS_REFUSED = Rule(
    "E3743",
    "Correo que no se pudo entregar",
    "No se pudo entregar {que} a «{direccion}»: {detalle}.",
    "Revise la dirección. Para mandarlo otra vez: «sincronizador nube dgi entregas reenviar {numero}».",
)
MAIL_DOWN = Rule(
    "E3744",
    "Sin servidor de correo",
    "Desde el {fecha} no se puede mandar correo por el emisor {rut}: {detalle}.",
    "Se sigue intentando y no se pierde nada. Revise la tabla [correo] y la conexión.",
)
NO_ACKNOWLEDGEMENT = Rule(
    "E3745",
    "Receptores que no acusan recibo",
    "El emisor {rut} tiene {cuantos} sobres entregados hace más de {dias} días sin acuse del receptor; el primero, el "
    "{numero} a {nombre} (RUT {receptor}).",
    "Pregúnteles si los recibieron; «sincronizador nube dgi entregas listar» los dice todos.",
)
REGISTER_OLD = Rule(
    "E3746",
    "Registro de emisores electrónicos viejo",
    "No se puede actualizar el registro de emisores electrónicos de DGI desde el {fecha}: {detalle}.",
    "Se usa el que hay. Se sigue intentando; si DGI contesta lo demás, avise a quien mantiene el programa.",
)
UNDELIVERABLE = Rule(
    "E3747",
    "Comprobante que no se puede mandar a su receptor",
    "{slug} del emisor {rut} no se puede mandar a su receptor: {detalle}.",
    "Quedó guardado. Mándelo a mano, o avise a quien mantiene el programa.",
)
NO_ADDRESS = Rule(
    "E3748",
    "Emisor electrónico sin correo de intercambio",
    "{nombre} (RUT {receptor}) es emisor electrónico y no tiene una dirección de intercambio que sirva: no se le mandó "
    "{slug} del emisor {rut}.",
    "Mándeselo a mano y pídale que la declare en DGI.",
)
UNKNOWN_DELIVERY = Rule(
    "E3749",
    "Entrega que no existe, o que todavía está en camino",
    "{valor} no es una entrega del emisor {rut} que se pueda mandar otra vez.",
    "Véalas con «sincronizador nube dgi entregas listar».",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
