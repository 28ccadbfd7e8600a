"""The catalogue of codes of what others send: the mailbox, their sobres, their documents. Codes are stable for ever."""

from sincronizador.core.finding import Rule

_FORMATO = "Formato Sobre v05; Formato Mensaje de Respuesta v19"

MAILBOX_DOWN = Rule(
    "E3751",
    "No se puede mirar el buzón",
    "No se puede mirar el buzón ({buzon}): {detalle}.",
    "Lo que llegue queda en el buzón y se toma después. Revise la tabla [buzon].",
)
LETTERS_APART = Rule(
    "E3752",
    "Mensajes apartados",
    "Hay {cuantos} mensajes que no se entienden o no se aplican; el primero, {numero}: {detalle}.",
    "Véalos con «sincronizador nube recibidos apartados»; con «--visto NÚMERO» dejan de avisarse.",
)
ANNULLED = Rule(
    "E3753",
    "Comprobantes recibidos que DGI rechazó",
    "{emisor} avisa al emisor {rut} que DGI rechazó comprobantes suyos ya recibidos: {slugs}.",
    "No los use: el proveedor debe emitir otros. El sistema de la empresa lo ve en recibidos/.",
    "Formato Mensaje de Respuesta v19, 3.4",
)
REPLY_STUCK = Rule(
    "E3754",
    "Acuses que no salen",
    "Hay {cuantos} acuses del emisor {rut} sin enviar hace más de {horas} horas; el primero, {nombre}: {detalle}.",
    "Se siguen intentando. Revise el correo, y la dirección del proveedor en el registro de emisores.",
    _FORMATO,
)
NOT_RECEIVED = Rule(
    "E3755",
    "Comprobante que no se recibió",
    "El emisor {rut} no recibió {valor}.",
    "Véalos con «sincronizador nube recibidos listar».",
)
TOO_LATE = Rule(
    "E3756",
    "Comprobante que ya no se puede rechazar",
    "{slug} ya está {estado}: lo que se contestó al proveedor no cambia.",
    "Arregle con el proveedor: le corresponde emitir una nota.",
    _FORMATO,
)
NO_SUCH_REASON = Rule(
    "E3757",
    "Motivo de rechazo que no existe",
    "«{valor}» no es un motivo de rechazo comercial: van de E20 a E60.",
    "Los de la tabla son E20 a E26; los demás se acuerdan con el proveedor y llevan detalle.",
    "Formato Mensaje de Respuesta v19, 4.3",
)
NO_SUCH_LETTER = Rule(
    "E3758",
    "Mensaje que no está apartado",
    "El mensaje {valor} no está entre los apartados.",
    "Véalos con «sincronizador nube recibidos apartados».",
)
NO_ADDRESS = Rule(
    "E3759",
    "Acuse sin dirección",
    "No se sabe a qué dirección mandar {nombre}.",
    "El proveedor no está en el registro de emisores y su mensaje no decía a dónde contestar.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
