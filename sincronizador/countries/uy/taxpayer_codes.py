"""The catalogue of what DGI's RUT service refuses. Codes are stable for ever: the last two digits are DGI's own."""

from sincronizador.core.finding import Rule

_DOC = "DGI, WS_PersonaGetActEmpresarial"

BROKEN = Rule(
    "E1501",
    "Error grave en DGI",
    "DGI tuvo un error grave al consultar el RUT {valor}: {detalle}.",
    "Consulte de nuevo más tarde.",
    _DOC,
)
TOO_LONG = Rule(
    "E1505", "RUT de más de 12 cifras", "DGI dice que el RUT {valor} tiene más de 12 cifras.", "Revise el RUT.", _DOC
)
TYPE_TOO_LONG = Rule(
    "E1506",
    "Tipo de documento demasiado largo",
    "DGI no admite el tipo de documento con que se preguntó por {valor}.",
    "Revise el RUT; si está bien, avise a soporte.",
    _DOC,
)
NOT_A_RUT = Rule("E1507", "No es un RUT", "DGI dice que {valor} no es un RUT.", "Revise el RUT con el cliente.", _DOC)
NO_PREMISES = Rule(
    "E1508",
    "Sin local principal",
    "DGI no tiene un local principal del RUT {valor}.",
    "Pida al cliente su constancia de RUT.",
    _DOC,
)
NO_ADDRESS = Rule(
    "E1509",
    "Local principal sin domicilio",
    "DGI no tiene el domicilio del local principal del RUT {valor}.",
    "Pida al cliente su constancia de RUT.",
    _DOC,
)
NEVER_ACTIVE = Rule(
    "E1510",
    "Nunca tuvo actividad",
    "El RUT {valor} nunca tuvo actividad empresarial en DGI.",
    "No le haga una e-Factura: revise el RUT, o emita un e-Ticket.",
    _DOC,
)
CANCELLED = Rule(
    "E1511",
    "Actividad cancelada",
    "La actividad empresarial del RUT {valor} está cancelada en DGI.",
    "No le haga una e-Factura: revise el RUT, o emita un e-Ticket.",
    _DOC,
)
NOT_YET = Rule(
    "E1512",
    "Actividad que empieza más adelante",
    "La actividad empresarial del RUT {valor} empieza más adelante.",
    "Revise con el cliente desde cuándo puede recibir e-Facturas.",
    _DOC,
)
NOT_FOR_TESTS = Rule(
    "E1514",
    "RUT que no está en el ambiente de prueba",
    "El ambiente de prueba de DGI no conoce el RUT {valor}.",
    "En prueba DGI contesta por unos pocos RUT, como 219999830019 o 211428940011.",
    _DOC,
)
OTHER = Rule(
    "E1520",
    "DGI no contestó la consulta",
    "DGI no contestó la consulta del RUT {valor} (código {codigo}): {detalle}.",
    "Consulte de nuevo más tarde; si sigue, avise a soporte.",
    _DOC,
)
UNREADABLE = Rule(
    "E1521",
    "Respuesta de DGI que no se entiende",
    "Lo que DGI contestó de un RUT no se entiende: {detalle}.",
    "Consulte de nuevo más tarde; si sigue, avise a soporte.",
    _DOC,
)

OF_FAULT = {
    1: BROKEN,
    5: TOO_LONG,
    6: TYPE_TOO_LONG,
    7: NOT_A_RUT,
    8: NO_PREMISES,
    9: NO_ADDRESS,
    10: NEVER_ACTIVE,
    11: CANCELLED,
    12: NOT_YET,
    14: NOT_FOR_TESTS,
}
"""Codigo of a GenericFault -> what it means. 2 to 4 and 13 are not in DGI's list."""

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
