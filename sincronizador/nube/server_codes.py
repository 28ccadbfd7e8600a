"""The catalogue of codes about the cloud's process: what keeps it from starting. Codes are stable for ever."""

from sincronizador.core.finding import Rule

CANNOT_LISTEN = Rule(
    "E3601",
    "No se puede escuchar",
    "La nube no puede escuchar en {direccion}: {causa}.",
    "Revise «escuchar»; tal vez otro programa usa ese puerto.",
)
SECOND_SERVER = Rule(
    "E3602",
    "Segunda nube sobre la misma base",
    "Ya hay una nube trabajando con esta base: {detalle}.",
    "Detenga aquella. Con una base postgresql:// puede haber varias.",
)
BAD_TLS = Rule(
    "E3603",
    "Certificado TLS que no sirve",
    "No se puede usar el certificado TLS de la nube («{detalle}»): {causa}.",
    "Revise la tabla [tls]: el certificado y los que están sobre él, en PEM, y su clave, sin contraseña.",
)
WEAK_TOKEN = Rule(
    "E3604",
    "Token de administración débil",
    "El token de administración tiene menos de {letras} letras.",
    "Haga uno con «openssl rand -hex 32».",
)
NO_CLOUD = Rule(
    "E3605",
    "Falta instalar la nube",
    "A este sincronizador le falta lo que usa la nube: {detalle}.",
    "Instálelo con «pip install 'sincronizador[nube]'».",
)
OTHER_BASE = Rule(
    "E3606",
    "Base del otro ambiente",
    "La base es de {propio} y la configuración dice {ambiente}.",
    "Cada ambiente lleva su propia base.",
)

NO_TOOL = Rule(
    "E3607",
    "Falta una herramienta de PostgreSQL",
    "No está «{detalle}», con que se respalda una base PostgreSQL.",
    "Instale el cliente de la misma versión que el servidor: en Debian, «apt-get install postgresql-client».",
)
TOOL_FAILED = Rule(
    "E3608",
    "Una herramienta de PostgreSQL falló",
    "«{detalle}» no pudo: {causa}.",
    "Si habla de versiones, el cliente tiene que ser al menos de la versión del servidor.",
)
BASE_IN_USE = Rule(
    "E3609",
    "Base en uso",
    "La base está en uso: hay {cuantas} conexiones a ella.",
    "Detenga todas las nubes que la usan y lo que la mire; después repita el comando.",
)
HALF_RESTORED = Rule(
    "E3610",
    "Restauración a medias",
    "La restauración de un respaldo de la nube quedó a medias ({detalle}): no se puede servir lo que hay.",
    "Repita «sincronizador nube respaldo restaurar ARCHIVO»: empieza de nuevo, y no pierde nada de lo que había.",
)
NO_BASE = Rule(
    "E3611", "Falta la base", "No hay una base de la nube en {detalle}.", "Revise «base» en la configuración."
)
NOT_READ = Rule(
    "E3612",
    "Base que no se puede leer",
    "La base no se puede leer: {causa}.",
    "Si está dañada, recupérela con «sincronizador nube respaldo restaurar ARCHIVO».",
)
FOREIGN_FOLDER = Rule(
    "E3613",
    "Carpeta ajena",
    "{detalle} no lo escribió este programa.",
    "Elija para la publicación una carpeta nueva, o una que ya sea de ella.",
)
SECOND_EXPORT = Rule(
    "E3614",
    "Exportación en curso",
    "En esa carpeta ya está escribiendo otra exportación: {detalle}.",
    "Espere a que termine.",
)
BACKUP_FAILED = Rule(
    "E3615",
    "El respaldo de la nube falló",
    "El respaldo automático de la nube falló: {detalle}",
    "Se intenta otra vez dentro de una hora; al atender esta alarma, mire que haya uno nuevo.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
