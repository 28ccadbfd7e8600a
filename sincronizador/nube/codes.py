"""The catalogue of codes of the cloud itself: what its administrator reads. Codes are stable for ever."""

from sincronizador.core.finding import Rule

STRANGER = Rule(
    "E3301",
    "Token desconocido",
    "El token no es de ninguna instalación de esta nube, o fue revocado.",
    "Pida otro con «sincronizador nube instalacion token».",
)
OTHER_ENVIRONMENT_TOKEN = Rule(
    "E3302",
    "Token del otro ambiente",
    "El token es de {del_token} y esta nube es de {ambiente}.",
    "Revise la dirección de la nube y el token en [nube] de la instalación.",
)
DEAD = Rule(
    "E3303",
    "Instalación dada de baja",
    "La instalación {codigo} fue dada de baja.",
    "Si la máquina sigue en uso, dé de alta otra instalación con «sincronizador nube instalacion agregar».",
)
OTHER_ISSUER = Rule(
    "E3304",
    "Token de otro emisor",
    "El token es del emisor {propio} y el pedido es del RUT {valor}.",
    "Revise [emisor] y [nube] en la configuración de la instalación.",
)

UNKNOWN_ISSUER = Rule(
    "E3311",
    "Emisor desconocido",
    "El emisor {valor} no está en esta nube.",
    "Agréguelo con «sincronizador nube emisor agregar».",
)
BAD_ISSUER = Rule("E3312", "Emisor mal dado", "El emisor no se puede guardar: {detalle}.", "Corrija lo que dice.")
UNKNOWN_INSTALLATION = Rule(
    "E3313",
    "Instalación desconocida",
    "El emisor {rut} no tiene una instalación {valor}.",
    "Véalas con «sincronizador nube instalacion listar».",
)
INSTALLATION_EXISTS = Rule(
    "E3314",
    "La instalación ya existe",
    "El emisor {rut} ya tiene una instalación {valor}.",
    "Elija otro código; para otro token, «sincronizador nube instalacion token».",
)
BAD_CODE = Rule(
    "E3315",
    "Código de instalación mal dado",
    "«{valor}» no sirve como código de una instalación.",
    "De 1 a 8 letras, cifras, guiones.",
)
UNKNOWN_CERTIFICATE = Rule(
    "E3316",
    "Certificado desconocido",
    "El emisor {rut} no tiene un certificado con la huella {valor}.",
    "Véalos con «sincronizador nube certificado listar».",
)
CAE_EXISTS = Rule(
    "E3317",
    "El CAE ya está",
    "El CAE {valor} se pisa con el CAE {cae}: {tipo} {serie} {desde} a {hasta}.",
    "Cada CAE se importa una sola vez.",
)
TEST_CAE = Rule(
    "E3318",
    "CAE de prueba en una nube de producción",
    "El CAE está firmado con un certificado de PRUEBA y esta nube es de producción.",
    "Importe el archivo que DGI entregó para producción.",
)
NOT_DOUBTFUL = Rule(
    "E3319",
    "Número que no está en duda",
    "El número {valor} no está en duda: {suerte}.",
    "Solo se anulan a mano los números en duda; véalos con «sincronizador nube numeros».",
)
NO_REASON = Rule("E3320", "Falta el motivo", "Falta decir el motivo.", "Agregue --motivo.")
UNKNOWN_ALARM = Rule("E3321", "Alarma desconocida", "No hay una alarma abierta con el número {valor}.", "")
NOT_OBSERVABLE = Rule(
    "E3322",
    "Comprobante que no se puede observar",
    "{valor} no se puede observar: {estado}.",
    "DGI observa los papeles de contingencia (201 a 282) que recibió; los demás los acepta o los rechaza.",
    "Formato Mensaje de Respuesta v19",
)

BASE_EXISTS = Rule(
    "E3401", "La base ya existe", "Ya hay una base en {detalle}.", "Use la que está, o elija otro lugar."
)
BASE_MISSING = Rule(
    "E3402",
    "Falta la base",
    "No hay una base de la nube en {detalle}.",
    "Revise «base» en la configuración; si se perdió, «sincronizador nube respaldo restaurar ARCHIVO»; para una nueva,"
    " «sincronizador nube crear».",
)
BASE_NEWER = Rule(
    "E3403",
    "Base de una versión más nueva",
    "La base es de una versión más nueva de sincronizador.",
    "Actualice el programa; la base no se tocó.",
)
BASE_DAMAGED = Rule(
    "E3450",
    "Base dañada",
    "La base {detalle} está dañada o no es una base de la nube.",
    "No la borre: sin ella se repetirían números. Recupere el último respaldo con «sincronizador nube respaldo"
    " restaurar ARCHIVO», que guarda aparte lo que hay.",
)
BASE_TROUBLE = Rule(
    "E3404",
    "La base no responde",
    "La base no responde: {detalle}.",
    "Se sigue intentando; si no se arregla solo, revise el servidor de la base o el disco.",
)
BASE_BROKEN = Rule(
    "E3405",
    "La base no se pudo escribir",
    "El disco de la base dio un error y la nube dejó de atender: {detalle}.",
    "Revise el disco y arranque la nube otra vez.",
)
NO_WATERMARK = Rule(
    "E3406",
    "Falta la marca de la base",
    "No está la marca {detalle} y la base ya tiene comprobantes: puede ser una copia.",
    "Si la base se recuperó de una copia, arranque con «sincronizador nube servir --restaurada».",
)
OTHER_WATERMARK = Rule(
    "E3407",
    "Marca de otra base",
    "La marca {detalle} es de otra base.",
    "Revise «marca»; si la base es una copia, arranque con «sincronizador nube servir --restaurada».",
)
BAD_WATERMARK = Rule(
    "E3408",
    "Marca ilegible",
    "La marca {detalle} no se puede leer.",
    "Si se dañó, bórrela y arranque con «sincronizador nube servir --restaurada».",
)
BAD_VAULT_KEY = Rule(
    "E3409",
    "Clave de la bóveda mal dada",
    "La clave de la bóveda debe tener 64 cifras hexadecimales.",
    "Use el archivo que dejó «sincronizador nube crear».",
)
WRONG_VAULT_KEY = Rule(
    "E3410",
    "Clave de la bóveda equivocada",
    "La clave de la bóveda no abre lo que guarda esta base.",
    "Revise «clave» en la configuración: cada base se abre con la clave con que se creó.",
)

PREPARED_ALERT = Rule(
    "E3501",
    "Comprobante preparado y sin adoptar",
    "El comprobante {slug} ({clave}) de la instalación {codigo} está preparado desde el {fecha} y nadie lo adoptó.",
    "Mire esa máquina: al volver, lo adopta o lo anula sola.",
)
TWO_DOCUMENTS = Rule(
    "E3502",
    "Dos comprobantes de una venta",
    "La venta {clave} de la instalación {codigo} tiene otro comprobante, {slug}: su papel puede existir.",
    "Decida con el comercio cuál vale y anule el otro con una nota de crédito.",
)
NUMBER_TAKEN = Rule(
    "E3503",
    "Número que no se puede tomar",
    "La instalación {codigo} entregó {slug} ({clave}) y ese número {suerte}: no se guardó.",
    "El papel puede existir. Guarde el XML de esa máquina y consulte al contador.",
)
CLAIMED = Rule(
    "E3504",
    "Número en duda que apareció",
    "El número de {slug} estaba en duda y la instalación {codigo} lo entregó firmado ({clave}).",
    "Quedó guardado; no hay que hacer nada.",
)
LATE = Rule(
    "E3505",
    "Comprobante de una máquina reemplazada",
    "La instalación {codigo} entregó {slug} ({clave}) desde una máquina que ya fue reemplazada.",
    "Quedó guardado. Verifique que esa máquina esté apagada.",
)
REMARKS = Rule(
    "E3506",
    "Comprobante firmado con observaciones",
    "El comprobante {slug}, firmado por la instalación {codigo}, tiene observaciones: {detalle}.",
    "Quedó guardado. Corrija la causa en esa instalación.",
)
UNKNOWN_CAE = Rule(
    "E3507",
    "Comprobante de un CAE que la nube no tiene",
    "El comprobante {slug} es del CAE {cae}, que esta nube no tiene.",
    "Importe ese CAE con «sincronizador nube cae importar».",
)
CLONED = Rule(
    "E3552",
    "Dos copias de una máquina",
    "La instalación {codigo} arrancó en dos copias de una máquina: sigue {sigue} y se detuvo {otra}.",
    "Apague la que sobra. Los números que tenía reservados quedan en duda hasta que las dos entreguen lo que firmaron.",
)
FEW_NUMBERS = Rule(
    "E3508",
    "Quedan pocos números",
    "Quedan {cuantos} números de {tipo} para el emisor {rut}.",
    "Pida otro CAE en DGI e impórtelo con «sincronizador nube cae importar».",
)
CAE_ENDS = Rule(
    "E3509",
    "CAE por vencer",
    "El CAE {cae} ({tipo}) vence el {fecha} y es el último con números.",
    "Pida otro CAE en DGI e impórtelo con «sincronizador nube cae importar».",
)
CERTIFICATE_ENDS = Rule(
    "E3510",
    "Certificado por vencer",
    "El certificado de {titular} vence el {fecha}.",
    "Renuévelo e instálelo con «sincronizador nube certificado instalar».",
)
NO_CERTIFICATE = Rule(
    "E3511",
    "Sin certificado para firmar",
    "El emisor {rut} no tiene un certificado con el que se pueda firmar: {detalle}.",
    "Instale uno con «sincronizador nube certificado instalar».",
)
DOUBTFUL = Rule(
    "E3512",
    "Números en duda",
    "El emisor {rut} tiene {cuantos} números en duda de {tipo}.",
    "Véalos con «sincronizador nube numeros»; cuando sepa que no hay papel, anúlelos con --anular.",
)
RECOVERING = Rule(
    "E3513",
    "Recuperándose de una copia",
    "La base se recuperó de una copia y faltan las instalaciones {codigos} del emisor {rut}.",
    "Enciéndalas; la que no vuelve se da de baja con «sincronizador nube instalacion baja».",
)

CLOCK_BACK = Rule(
    "E3553",
    "La hora de la nube volvió atrás",
    "No se numera para el emisor {rut}: el reloj de la nube marca {ahora} y ya había marcado {antes}.",
    "Póngala en hora por red (NTP): sigue sola. Si la hora está bien: «sincronizador nube reloj --confirmar».",
)

NO_NUMBERS = Rule(
    "E3521",
    "Sin números",
    "La nube no tiene números de {tipo} para el emisor {rut}.",
    "Importe un CAE con «sincronizador nube cae importar».",
)
OTHER_CONTENT = Rule(
    "E3522", "Otro contenido", "La venta {clave} ya tiene el comprobante {slug}, con otro contenido.", ""
)
ALREADY_CONFIRMED = Rule("E3523", "Ya emitido", "La venta {clave} ya se emitió: {slug}.", "")
OVERTAKEN = Rule("E3524", "Intento superado", "De la venta {clave} hubo un intento posterior.", "")
EPOCH_OVERTAKEN = Rule("E3525", "Máquina reemplazada", "Otra máquina tomó la instalación {codigo}.", "")
RUN_OVERTAKEN = Rule(
    "E3551",
    "Otro arranque",
    "Otro arranque de la instalación {codigo}, o una copia de su máquina, es el que sigue.",
    "",
)
RESTORED = Rule("E3526", "La nube se recuperó", "La nube se recuperó de una copia: primero hay que ponerse al día.", "")
UNKNOWN_KEY = Rule("E3527", "Sin comprobante", "No hay un comprobante de la venta {clave}.", "")
OTHER_NUMBER = Rule(
    "E3528", "No es ese comprobante", "La venta {clave} tiene el comprobante {slug}, no el que se dice.", ""
)
BAD_HASH = Rule("E3529", "Contenido alterado", "El contenido no da el sha256 que dice.", "")
OTHER_COUNTRY = Rule("E3530", "Otro país", "Esta nube no emite comprobantes de «{valor}».", "")
OTHER_TYPE = Rule("E3531", "Otro tipo", "El pedido dice tipo {valor} y el documento es {tipo}.", "")
OTHER_RUT = Rule("E3532", "Otro emisor", "El documento es del RUT {valor} y el emisor es {rut}.", "")
OTHER_BRANCH = Rule("E3533", "Otra sucursal", "El pedido dice sucursal «{valor}» y el documento dice «{sucursal}».", "")
UNKNOWN_BRANCH = Rule(
    "E3534",
    "Sucursal desconocida",
    "La sucursal {valor} del emisor {rut} no está en esta nube.",
    "Agréguela con «sincronizador nube emisor agregar».",
)
NOT_CANONICAL = Rule(
    "E3535",
    "XML que no es canónico",
    "El XML no está en forma canónica: no se puede completar y firmar tal como vino.",
    "",
    "Canonical XML 1.0",
)
FOREIGN_SIGNATURE = Rule(
    "E3536", "Firma que no se acepta", "La firma de {slug} no se acepta: {detalle}.", "Registre ese certificado."
)
OTHER_FOLIO = Rule("E3537", "Otro número", "El pedido dice {valor} y el documento es {slug}.", "")
OUTSIDE = Rule(
    "E3538", "Número fuera de lo reservado", "El número de {slug} no es de una reserva de la instalación.", ""
)
AFTER_CAE = Rule(
    "E3539", "Firmado después de vencer el CAE", "{slug} se firmó el {fecha} y su CAE venció el {vence}.", ""
)
UNKNOWN_LEASE = Rule("E3540", "Reserva desconocida", "La instalación no tiene la reserva «{valor}».", "")
RANGE_CONFLICT = Rule(
    "E3541", "Rango ocupado", "El rango {desde} a {hasta} del CAE {cae} no se puede reservar: {detalle}.", ""
)
CAE_NOT_HERE = Rule("E3542", "CAE desconocido", "El emisor no tiene el CAE {valor} en esta nube.", "")
EPOCH_CONFLICT = Rule(
    "E3543", "Otra máquina", "La instalación {codigo} ya tiene la época {epoca}, de otra máquina.", ""
)
BAD_SIZE = Rule("E3544", "Cantidad mal dada", "Se pueden reservar de 1 a {maximo} números por vez.", "")
WAITS_FOR_ISSUER = Rule(
    "E3545", "Falta un dato del emisor", "La nube no puede juzgar el documento todavía: {detalle}.", "Complételo."
)
OTHER_CAE = Rule("E3546", "Otro CAE", "{slug} no dice del CAE {cae} lo que el CAE dice.", "")
PAPER_UNSIGNED = Rule(
    "E3547",
    "Papel de contingencia sin firmar",
    "Un papel de contingencia (tipo {valor}) trae su número y llega a la nube ya firmado por la instalación.",
    "Entréguelo firmado, como los de contingencia.",
)

NO_OFFICES = Rule(
    "E3561",
    "Nube sin servicios de DGI",
    "Esta nube no habla con DGI.",
    "Agregue la tabla [dgi] a su configuración.",
)
LOOKUPS_BUSY = Rule(
    "E3562", "Demasiadas consultas a la vez", "Hay demasiadas consultas de RUT en curso.", "Consulte de nuevo."
)
OTHER_TAXPAYER = Rule(
    "E3563",
    "DGI contestó por otro RUT",
    "Se consultó el RUT {valor} y la respuesta es del {detalle}.",
    "No se tomó. Si sigue, avise a soporte.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
