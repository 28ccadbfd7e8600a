"""The catalogue of codes about talking with the tax authority. Codes are stable for ever."""

from sincronizador.core.finding import Rule

UNREACHABLE = Rule(
    "E3701",
    "Sin comunicación con DGI",
    "No hay comunicación con DGI: {detalle}.",
    "Nada se perdió: se sigue intentando solo. Revise la conexión de la nube.",
)
UNANSWERED = Rule(
    "E3702",
    "DGI no contestó",
    "No se sabe si DGI recibió el pedido: {detalle}.",
    "Se repite el mismo pedido hasta saberlo; DGI no cuenta dos veces lo mismo.",
)
NOT_ACCEPTED = Rule(
    "E3703",
    "No se puede trabajar con DGI",
    "No se puede trabajar con DGI: {detalle}.",
    "Revise [dgi] en la configuración de la nube y la hora de la máquina.",
)
NOT_DGI = Rule(
    "E3704",
    "Respuesta que no firmó DGI",
    "La respuesta está firmada por «{sujeto}» y no por DGI (RUC {ruc}): no se le hizo caso.",
    "Revise las direcciones y «ruc» en [dgi]; si están bien, avise a soporte antes de seguir.",
)
SEAL_REFUSED = Rule(
    "E3705",
    "DGI no acepta la firma de los pedidos",
    "DGI no acepta la firma de los pedidos: «{detalle}».",
    "El certificado debe ser el que la empresa declaró en DGI para este ambiente; si lo es, pruebe con otra «huella» en"
    " [dgi].",
)
RECEIVER_UNREACHABLE = Rule(
    "E3706",
    "Sin comunicación con un receptor",
    "No hay comunicación con el servicio web del receptor: {detalle}.",
    "Se sigue intentando solo; si no vuelve, va por correo.",
)
RECEIVER_UNANSWERED = Rule(
    "E3707",
    "Un receptor no contestó",
    "No se sabe si el receptor tomó lo que se le mandó: {detalle}.",
    "Se repite lo mismo hasta saberlo; si no vuelve, va por correo.",
)
RECEIVER_NOT_ACCEPTED = Rule(
    "E3708",
    "No se puede trabajar con el servicio web de un receptor",
    "No se puede trabajar con el servicio web del receptor: {detalle}.",
    "Se sigue intentando; si no se arregla, va por correo.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
