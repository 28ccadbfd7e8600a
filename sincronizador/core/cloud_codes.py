"""The catalogue of codes about the cloud, as the installation tells them. Codes are stable for ever."""

from sincronizador.core.finding import Rule

UNREACHABLE = Rule(
    "E3001",
    "Sin comunicación con la nube",
    "No hay comunicación con la nube: {detalle}.",
    "Nada se perdió: se sigue intentando solo. Revise la conexión de esta máquina.",
)
UNANSWERED = Rule(
    "E3002",
    "La nube no contestó",
    "No se sabe si la nube recibió el pedido: {detalle}.",
    "Se repite el mismo pedido hasta saberlo; la venta no se emite dos veces.",
)
NOT_ACCEPTED = Rule(
    "E3003",
    "La nube y esta instalación no se aceptan",
    "No se puede trabajar con la nube: {detalle}.",
    "Revise [nube] en la configuración con quien administra la nube.",
)
CONFLICT = Rule(
    "E3004",
    "Otro comprobante en la nube",
    "La nube ya tiene otro comprobante con esta REFERENCIA: {detalle}.",
    "Mire cuál es con «sincronizador nube numeros». Si esta es otra venta, descártela y déjela con otra REFERENCIA;"
    " para preguntar otra vez, «sincronizador reintentar».",
)
MISMATCH = Rule(
    "E3005",
    "Lo que devolvió la nube no es esta venta",
    "Lo que devolvió la nube no es esta venta: {detalle}.",
    "No salió nada. Avise a quien administra la nube; «sincronizador reintentar» vuelve a pedirlo.",
)
REFUSED = Rule(
    "E3006",
    "La nube rechazó el documento",
    "La nube rechazó el documento: {detalle}.",
    "Corrija lo que dice y deje el archivo de nuevo con la misma REFERENCIA.",
)
SILENT = Rule(
    "E3007",
    "Sin respuesta de la nube",
    "La venta espera a la nube: {detalle}.",
    "Se sigue intentando solo; cuando haya números reservados se firma aquí.",
)
HELD = Rule(
    "E3008",
    "En espera después de recuperar la instalación",
    "El pedido quedó en espera cuando esta instalación se recuperó de una copia o cambió de máquina.",
    "Si la venta sigue en pie, deje el archivo de nuevo: es un pedido nuevo con la misma REFERENCIA.",
)
NOT_TAKEN_OVER = Rule(
    "E3009",
    "La nube no aceptó un comprobante firmado aquí",
    "La nube no aceptó {documento}, firmado aquí: {detalle}.",
    "El comprobante vale. Avise a quien administra la nube; «sincronizador reintentar» lo entrega otra vez.",
)
FENCED = Rule(
    "E3010",
    "Otra máquina tomó esta instalación",
    "Otra máquina tomó esta instalación: esta ya no numera, no imprime y no contesta.",
    "Apague esta máquina; si es la que debe seguir, arránquela con «sincronizador iniciar --tomar».",
)
TAKEN = Rule(
    "E3011",
    "La instalación está en uso en otra máquina",
    "La nube conoce esta instalación en otra máquina o con otro diario.",
    "Si la otra ya no trabaja, arranque con «sincronizador iniciar --tomar»; si trabaja, pida otra instalación.",
)
OTHER_MACHINE = Rule(
    "E3012",
    "Diario de otra máquina",
    "El diario {detalle} viene de una copia o de otra máquina: arrancar así podría repetir números.",
    "Si la máquina anterior ya no trabaja, arranque con «sincronizador iniciar --tomar».",
)
VOIDING = Rule(
    "E3013",
    "Se está anulando en la nube",
    "Se pidió a la nube que no emita esta venta: {detalle}.",
    "Espere: cuando la nube conteste, la venta termina, o se responde con el comprobante si ya estaba emitido.",
)
MUST_NOT_SWITCH = Rule(
    "E3014",
    "Puede estar en la nube",
    "La venta puede estar emitida en la nube y esta nube no permite saberlo a tiempo: no se firma aquí.",
    "Espere a que vuelva la conexión.",
)
REGISTERING = Rule(
    "E3015",
    "Todavía sin alta en la nube",
    "Esta instalación todavía no habló con la nube: {detalle}.",
    "La primera vez hace falta conexión; revise [nube] con «sincronizador verificar».",
)
LATER = Rule(
    "E3016",
    "La nube pide esperar",
    "La nube no puede ahora: {detalle}.",
    "Nada se perdió: se sigue intentando solo.",
)
NO_CLOUD = Rule(
    "E3017",
    "Instalación sin nube",
    "Esta instalación no trabaja con una nube.",
    'Con ruta = "nube" y la tabla [nube] en el TOML, sí.',
)
BAD_COPY = Rule(
    "E3018",
    "Copia del espejo que no sirve",
    "La copia «{detalle}» del espejo no se puede usar: {causa}.",
    "Puede ser el único ejemplar de un comprobante: apártela a otra carpeta y avise a soporte; sigue solo.",
)
STALE = Rule(
    "E3019",
    "Otro arranque de esta máquina",
    "La nube conoce otro arranque de esta máquina, o una copia de ella.",
    "Se le pregunta cuál de los dos sigue.",
)
COPIED = Rule(
    "E3020",
    "Hay dos copias de esta máquina",
    "Otra copia de esta máquina sigue con esta instalación ({detalle}): esta ya no numera, no imprime y no contesta.",
    "Apague una de las dos; si es esta la que debe seguir, arránquela con «sincronizador iniciar --tomar».",
)
CLONED = Rule(
    "E3021",
    "Se detuvo una copia de esta máquina",
    "La nube detuvo una copia de esta máquina: los números reservados de antes ya no se usan y se piden otros.",
    "Apague la copia. Lo que haya firmado llega igual a la nube.",
)
UNCOPIED = Rule(
    "E3022",
    "Venta firmada que espera su copia",
    "La venta está firmada y espera su copia en el espejo; hasta entonces no se imprime ni se contesta OK.",
    "Revise el disco o la carpeta de [respaldo] espejo; sigue solo.",
)
NO_LOOKUP = Rule(
    "E3023",
    "No se pudo consultar el RUT",
    "No se pudo consultar el RUT {valor} y esta instalación no lo había consultado antes: {detalle}.",
    "Consulte de nuevo cuando haya comunicación; si no, pida al cliente su constancia de RUT.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
