"""What may be wrong with a file that a mapping reads."""

from sincronizador.core.finding import Rule

UNKNOWN_RECORD = Rule(
    "E0140",
    "Registro desconocido",
    "El mapeo {mapeo} no conoce el registro «{valor}» de la línea {linea}.",
    "{parecido}",
)
NOT_IN_TABLE = Rule(
    "E0141",
    "Valor que no está en la tabla",
    "{campo} sale de la columna «{columna}», que dice «{valor}» y no está en la tabla {tabla} del mapeo {mapeo}.",
    'Agregue el valor a la tabla, o diga en ella qué vale para los demás: otro = "...".',
)
BAD_DAY = Rule(
    "E0142",
    "Fecha que no tiene la forma del mapeo",
    "{campo} sale de la columna «{columna}», que dice «{valor}» y debe ser una fecha {forma}.",
    "Corrija el valor, o la forma de la fecha en el mapeo {mapeo}.",
)
NOT_DIGITS = Rule(
    "E0143",
    "Número que no tiene la forma del mapeo",
    "{campo} sale de la columna «{columna}», que dice «{valor}» y debe ser un número{forma}.",
    "Corrija el valor, o la columna en el mapeo {mapeo}; en un archivo de ancho fijo, vea si las posiciones son esas.",
)
SEVERAL_DOCUMENTS = Rule(
    "E0144",
    "Varios comprobantes en un archivo",
    "El archivo trae {cuantos} comprobantes; el segundo empieza en la línea {linea}.",
    "Deje un archivo por comprobante, o ponga lote = true en el mapeo {mapeo}.",
)
NO_DOCUMENT_HERE = Rule(
    "E0145",
    "Ningún comprobante en el archivo",
    "El archivo no trae ningún comprobante: {detalle}.",
    "Vea con «sincronizador mapeo probar» qué lee el mapeo {mapeo}.",
)
NO_COLUMN = Rule(
    "E0146",
    "Falta una columna",
    "El mapeo {mapeo} usa la columna «{valor}» y el archivo no la tiene.",
    "{parecido}",
)
UNREADABLE_FORM = Rule(
    "E0147",
    "Archivo que no tiene la forma del mapeo",
    "El archivo no se puede leer como {formato}: {detalle}.",
    "Genere el archivo de nuevo, o vea si el mapeo {mapeo} es el de estos archivos.",
)
DOUBLE_COLUMN = Rule(
    "E0148",
    "Columna repetida",
    "El encabezado tiene dos columnas «{valor}».",
    "Deje una sola, o cambie el nombre de una.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
