"""
The catalogue of codes that belong to no country: file, form, numbers and certificates, printing, ours.

Codes are stable for ever. A country adds its own (``countries/uy/codes.py``); `docs/errores.md` is made from all.
"""

from sincronizador.core.finding import Rule

EMPTY = Rule(
    "E0101",
    "Archivo vacío o ilegible",
    "El archivo está vacío o no se puede leer: {detalle}.",
    "Genere el archivo de nuevo y déjelo otra vez en la carpeta de entrada.",
)
NOT_PLAIN = Rule(
    "E0102",
    "Tamaño o clase de archivo",
    "El archivo no se puede tomar: {detalle}.",
    "Deje un archivo común, de hasta 5 MB, con un nombre de hasta 200 caracteres.",
)
INCOMPLETE = Rule(
    "E0103",
    "Archivo que nunca se completó",
    "El archivo no está completo: le falta {falta}{espera}.",
    "La última línea del TXT debe ser [FIN]; un XML debe llegar hasta el cierre de su primera etiqueta.",
)
OTHER_CONTENT = Rule(
    "E0104",
    "La REFERENCIA ya se usó con otro contenido",
    "La REFERENCIA «{valor}» ya tiene el comprobante {existente} y este archivo dice otra cosa en {difiere}.",
    "Si es otra venta, use otra REFERENCIA. Si es una corrección, emita una nota de crédito del comprobante existente.",
)
NO_REFERENCE = Rule(
    "E0105",
    "Falta la REFERENCIA",
    "Falta REFERENCIA en [{seccion}]: es lo que evita emitir dos veces la misma venta.",
    "Agregue REFERENCIA= con el identificador único de la venta en su sistema (hasta 50 caracteres).",
)
ENVIRONMENT = Rule(
    "E0106",
    "Ambiente equivocado",
    "El archivo pide AMBIENTE={valor} y esta instalación es de {ambiente}.",
    "Revise a qué carpeta escribe su sistema o quite AMBIENTE del archivo.",
)
XML_MALFORMED = Rule(
    "E0107",
    "XML mal formado",
    "El XML no está bien formado: {detalle}.",
    "Genere el XML con una biblioteca de XML; revise etiquetas sin cerrar, «&» sueltos y la codificación.",
)
UNKNOWN_REFERENCE = Rule(
    "E0108",
    "No se conoce ese comprobante",
    "No hay ningún comprobante con {campo} «{valor}» en esta instalación.",
    "Revise la REFERENCIA o el tipo, la serie y el número.",
)
NEVER_ARRIVED = Rule(
    "E0112",
    "Nunca llegó",
    "«{valor}» nunca llegó: no hay REFERENCIA, número ni archivo con ese nombre.",
    "Revise cómo se llama el archivo y en qué carpeta lo deja su sistema.",
)
NO_DOCUMENT = Rule(
    "E0113",
    "Sin comprobante",
    "{valor} no tiene comprobante que imprimir.",
    "Vea qué pasó con «sincronizador explicar».",
)
XML_DTD = Rule(
    "E0109",
    "XML con DTD o entidades",
    "El XML trae una declaración DOCTYPE o entidades, que no se aceptan por seguridad.",
    "Quite la declaración <!DOCTYPE ...> y escriba los textos directamente.",
)
ALREADY_SIGNED = Rule(
    "E0110",
    "CFE que llega firmado",
    "El CFE llega firmado y esta instalación firma ella misma.",
    "Envíe el CFE sin firma ni número, o ponga entrada.firmados = true si su sistema es quien firma.",
)
MIXED_REQUEST = Rule(
    "E0111",
    "Pedido que no se entiende",
    "No se entiende qué pide el archivo: {detalle}.",
    "Un archivo lleva un solo pedido: [DOCUMENTO], [CONSULTA], [REIMPRIMIR], [RETIRAR], [ANULAR], [LOTE], "
    "[LISTADO], [CIERRE_DIA], [IMPRIMIR] o [ABRIR_CAJON].",
)
LOTE_COUNT = Rule(
    "E0114",
    "El lote no trae los comprobantes que dice",
    "CANTIDAD dice {valor} y el archivo trae {documentos} comprobantes.",
    "Genere el archivo de nuevo: al lote le faltan o le sobran documentos. No se emitió ninguno.",
)
LOTE_TOTAL = Rule(
    "E0115",
    "El lote no suma lo que dice",
    "TOTAL dice {valor} y los A_PAGAR de los comprobantes suman {suma}.",
    "TOTAL es la suma simple de los A_PAGAR, sin mirar tipo ni moneda. No se emitió ninguno.",
)
LOTE_FORM = Rule(
    "E0116",
    "Lote mal armado",
    "El lote no se puede tomar: {detalle}.",
    "Un lote es [LOTE] y después un [DOCUMENTO] por comprobante, cada uno con sus secciones. No se emitió ninguno.",
)
LOTE_REPEATED = Rule(
    "E0117",
    "REFERENCIA repetida en el lote",
    "La REFERENCIA «{valor}» ya está en el lote, en el documento de la línea {primera}.",
    "Cada documento del lote lleva su propia REFERENCIA.",
)
LOTE_INCOMPLETE = Rule(
    "E0118",
    "Lote con comprobantes sin emitir",
    "De {documentos} comprobantes del lote se emitieron {emitidos}; quedaron sin emitir {rechazados}.",
    "Mire en el CSV cuáles y por qué, corríjalos y deje el lote otra vez: los ya emitidos no se repiten.",
)
LOTE_TARGET = Rule(
    "E0119",
    "Es un lote",
    "«{valor}» es un lote, no un comprobante.",
    "Pida la REFERENCIA o el número de cada comprobante: están en el CSV del lote.",
)
CLOSING_FORM = Rule(
    "E0120",
    "Sección que no va en ese pedido",
    "[{valor}] no va en un archivo de [{pedido}].",
    "Quite la sección, o deje lo que pide en otro archivo.",
)
CLOSING_REPEATED = Rule(
    "E0121",
    "Línea repetida en el cierre",
    "La línea {linea} dice otra vez lo que ya dice la línea {primera}.",
    "Cada total (caja, tipo y moneda) y cada venta va una sola vez.",
)
CLOSING_DIFFERS = Rule(
    "E0122",
    "El cierre no coincide",
    "El cierre del {fecha} no coincide: de {lineas} líneas difieren {diferencias}.",
    "Mire en el CSV cuáles: FALTA_AQUI es lo que su sistema dice y no se emitió, FALTA_ALLI lo que se emitió y su "
    "sistema no dice.",
)
CLOSING_MANY = Rule(
    "E0123",
    "Demasiadas ventas en el cierre",
    "El cierre trae más de {maximo} ventas.",
    "Cierre cada caja en su archivo, con CAJA=, o mande solo los totales.",
)
UNKNOWN_FIELD = Rule("E0201", "Campo desconocido", "No existe el campo «{valor}» en [{seccion}].", "{parecido}")
UNKNOWN_SECTION = Rule("E0202", "Sección desconocida", "No existe la sección [{valor}].", "{parecido}")
TWICE = Rule(
    "E0203",
    "Campo repetido",
    "{campo} está dos veces en [{seccion}]; la primera está en la línea {primera}.",
    "Deje una sola línea {campo}=.",
)
NO_EQUALS = Rule(
    "E0204",
    "Línea sin =",
    "La línea {linea} no tiene la forma CAMPO=valor: «{valor}».",
    "Escriba el nombre del campo, el signo = y el valor; un comentario empieza con punto y coma.",
)
BAD_NUMBER = Rule(
    "E0205",
    "Número mal escrito",
    "{campo} debe ser un número y llegó «{valor}».",
    "Escriba {campo} con cifras, por ejemplo 2 o 1175,50.",
)
AMBIGUOUS_NUMBER = Rule(
    "E0206",
    "Número ambiguo",
    "{campo} dice «{valor}», que puede leerse {lectura_punto} o {lectura_coma}.",
    "Escriba dos decimales (por ejemplo 1175,00) o ponga DECIMAL=COMA o DECIMAL=PUNTO en [DOCUMENTO].",
)
BAD_DATE = Rule(
    "E0207",
    "Fecha mal escrita",
    "{campo} debe ser una fecha y llegó «{valor}».",
    "Escriba la fecha como 21/11/2026, 2026-11-21 o 20261121.",
)
BAD_VALUE = Rule("E0208", "Valor no admitido", "{campo} no admite «{valor}»: {esperado}.", "{sugerencia}")
MISSING = Rule("E0209", "Falta un campo obligatorio", "Falta {campo} en [{seccion}].", "{sugerencia}")
OUTSIDE_SECTION = Rule(
    "E0210",
    "Línea fuera de sección",
    "La línea {linea} está antes de la primera sección: «{valor}».",
    "El archivo debe empezar con una sección, por ejemplo [DOCUMENTO].",
)
TOO_LONG = Rule(
    "E0220",
    "Texto demasiado largo",
    "{campo} tiene {largo} caracteres y admite {maximo}.",
    "Acorte {campo} a {maximo} caracteres.",
)

NO_NUMBERS = Rule(
    "E2001",
    "Sin números autorizados",
    "No hay números de {tipo} para emitir: {detalle}.",
    "Pida un CAE a DGI e impórtelo con «sincronizador cae importar ARCHIVO»; el comprobante espera y sale solo.",
)
NO_CERTIFICATE = Rule(
    "E2002",
    "Certificado que no sirve",
    "No se puede firmar: {detalle}.",
    "Instale uno vigente con «sincronizador certificado instalar ARCHIVO»; el comprobante espera y sale solo.",
)
WAITS_FOR_SALE = Rule(
    "E2004",
    "Espera a la venta a la que se refiere",
    "La venta {valor} a la que se refiere todavía no tiene número.",
    "Sale solo cuando aquella venta se firme.",
)
PAPER_TAKEN = Rule(
    "E2006",
    "Papel ya transcripto",
    "El papel {documento} ya se transcribió con la REFERENCIA «{existente}».",
    "Revise SERIE y NUMERO del papel: cada papel se transcribe una sola vez.",
)
PAPER_RENUMBERED = Rule(
    "E2007",
    "Corrección con otro número",
    "La REFERENCIA {valor} transcribió el papel {existente}, que DGI observó, y el archivo dice otro.",
    "Corrija con el mismo TIPO, SERIE y NUMERO; si el error era el número, use otra REFERENCIA.",
)
ALREADY_ANNULLED = Rule(
    "E2008",
    "La venta ya tiene una nota",
    "La venta {valor} ya tiene el comprobante {existente} (REFERENCIA «{referencia}»), que la anula o la corrige.",
    "Si falta anular una parte, emita la nota por esa parte con [DOCUMENTO] y [REFERENCIA] VENTA=.",
)
UNCONFIRMED = Rule(
    "E2009",
    "Números por confirmar después de recuperar un respaldo",
    "No se numera {tipo}: esta instalación se recuperó de una copia y no se sabe hasta qué número se usó.",
    "Mire el último que salió en papel y dígalo con «sincronizador cae confirmar»; el comprobante espera y sale solo.",
)
LOST_DOCUMENT = Rule(
    "E2010",
    "Venta que ya se contestó antes de recuperar un respaldo",
    "La venta {valor} ya se contestó con el comprobante {documento}, y el diario que se recuperó no lo tiene.",
    "Si el cliente tiene el papel, no la repita. Para emitirla otra vez, con otro número: «sincronizador reintentar».",
)
NOTHING_TO_CONFIRM = Rule(
    "E2015",
    "Nada que confirmar",
    "No se puede confirmar {detalle}.",
    "Mire qué falta confirmar con «sincronizador cae listar».",
)
REJECTED_BY_AUTHORITY = Rule(
    "E2016",
    "DGI rechazó el comprobante",
    "DGI rechazó {documento}: {detalle}. Ese número queda anulado y así se informa.",
    "Corrija lo que dice y deje la venta de nuevo con la misma REFERENCIA: sale con otro número. Recupere el papel.",
    "Formato Mensaje de Respuesta v19",
)
FOREIGN_SIGNER = Rule(
    "E2005",
    "CFE firmado por otro",
    "El CFE es de {emisor}, lo firma {firma} y aquí emite {rut}.",
    "Deje en esta carpeta solo comprobantes de esta empresa.",
)
OVERLAPPING_RANGE = Rule(
    "E2011",
    "CAE ya importado",
    "Los números {serie} {desde} a {hasta} del tipo {tipo} ya están importados (CAE {cae}).",
    "Revise si ya importó este archivo con «sincronizador cae listar».",
)
TEST_RANGE = Rule(
    "E2012",
    "CAE de prueba en producción",
    "El CAE está firmado con un certificado de PRUEBA y esta instalación es de produccion.",
    "Importe el CAE que DGI entregó para producción.",
)
OTHER_ENVIRONMENT = Rule(
    "E2013",
    "De otro ambiente",
    "{que} es de {ambiente} y esta instalación es de {propio}.",
    "Cada ambiente lleva su propia instalación: revise qué configuración está usando.",
)
CERTIFICATE_FILE = Rule(
    "E2014",
    "No se puede leer el certificado",
    "no se puede leer el certificado «{detalle}»: {causa}.",
    "Instálelo con «sincronizador certificado instalar ARCHIVO».",
)
CLOCK = Rule(
    "E2003",
    "Reloj dudoso",
    "No se firma porque el reloj de la máquina no es de fiar: {detalle}.",
    "Corrija la hora de la máquina; si la hora está bien, confírmelo con «sincronizador reintentar --reloj».",
)

UNKNOWN_PRINTER = Rule(
    "E4001",
    "Impresora desconocida",
    "No existe la impresora «{valor}».",
    "Las impresoras de esta instalación son: {impresoras}.",
)
NOT_PRINTED_YET = Rule(
    "E4002",
    "El original está por salir",
    "No se puede imprimir otro original de {valor}: el primero está {estado}.",
    "Espere a que salga, o pida una copia sin ORIGINAL=SI.",
)
PAPER_NOT_PRINTED = Rule(
    "E4004",
    "Un papel de contingencia no se imprime",
    "{valor} transcribe un papel que el cliente ya tiene: no se imprime.",
    'Para una copia interna, salida.formatos = ["pdf"].',
)
NO_MOTIVE = Rule(
    "E4003",
    "Falta el motivo",
    "Imprimir de nuevo un original exige MOTIVO.",
    "Agregue MOTIVO= con la razón, por ejemplo «se trancó el papel».",
)
PRINTER_SETTING = Rule(
    "E4010",
    "Impresora mal configurada",
    "La impresora «{impresora}» está mal configurada: {detalle}.",
    "Corrija [impresora.{impresora}] en el TOML.",
)
PRINTER_UNAVAILABLE = Rule(
    "E4011",
    "La impresora no está lista",
    "La impresora «{impresora}» no está lista: {detalle}.",
    "Revise que esté encendida, conectada, con papel y con la tapa cerrada; lo que espera sale solo.",
)
PRINT_UNANSWERED = Rule(
    "E4012",
    "No se sabe si salió el papel",
    "No se sabe si la impresora «{impresora}» imprimió: {detalle}.",
    "Mire si salió el papel; el que se imprima de nuevo dirá COPIA.",
)
DRAWER_SHUT = Rule(
    "E4013",
    "El cajón no se abrió",
    "El cajón de la impresora «{impresora}» no se abrió en {segundos} segundos, y ya no se abre solo.",
    "Ábralo con la llave; revise la impresora y pídalo de nuevo.",
)
PRINT_DROPPED = Rule("E4014", "Papel descartado", "Una persona descartó el papel: {detalle}.")
NO_PAPERS = Rule(
    "E4015",
    "No hay papeles que esperen",
    "«{valor}» no tiene ningún papel que espere{donde}.",
    "«sincronizador impresora cola» muestra lo que espera.",
)

OURS = Rule(
    "E9001",
    "Error interno",
    "Hubo un error interno y el archivo quedó apartado: {detalle}.",
    "Avise a soporte con el nombre del archivo; nada se perdió. Se puede reintentar con «sincronizador reintentar».",
)
WITHDRAWN = Rule(
    "E9101",
    "Pedido retirado",
    "El pedido se retiró: {detalle}.",
    "Si la venta sigue en pie, deje el archivo de nuevo.",
)
DISCARDED = Rule(
    "E9102",
    "Pedido descartado",
    "El pedido se descartó: {detalle}.",
    "Si la venta sigue en pie, deje el archivo de nuevo.",
)

DISK_FULL = Rule(
    "E9201",
    "Disco lleno",
    "No se puede escribir en «{detalle}»: el disco está lleno.",
    "Libere espacio en el disco; el trabajo sigue solo.",
)
READ_ONLY = Rule(
    "E9202",
    "Disco de solo lectura",
    "No se puede escribir en «{detalle}»: el disco está montado como solo lectura.",
    "Revise el disco y vuelva a montarlo con escritura.",
)
NO_PERMISSION = Rule(
    "E9203",
    "Sin permiso",
    "No hay permiso para trabajar en «{detalle}».",
    "Dé al usuario del servicio permiso de lectura y escritura sobre esa carpeta.",
)
NO_FOLDER = Rule(
    "E9204",
    "Falta una carpeta",
    "No existe la carpeta «{detalle}».",
    "El servicio la vuelve a crear; si no puede, revise el disco y los permisos de la carpeta de arriba.",
)
FILESYSTEM = Rule(
    "E9205",
    "Error del disco",
    "El sistema no dejó trabajar en «{detalle}»: {causa}.",
    "Revise el disco y la carpeta; el registro tiene el detalle.",
)
OVERLAP = Rule(
    "E9206",
    "Carpetas encimadas",
    "La carpeta «{detalle}» está dentro de otra carpeta de trabajo o es la misma.",
    "Dé a entrada, salida y las demás una carpeta propia a cada una.",
)
UNMOUNTED = Rule(
    "E9207",
    "Disco sin montar",
    "«{detalle}» está vacía y en otro disco: estaba en el montado en «{antes}» y ahora en el montado en «{ahora}».",
    "Monte el disco que falta; el trabajo sigue solo. Si el cambio es a propósito, cree allí la carpeta «procesando».",
)
NO_ROOM = Rule(
    "E9208",
    "Poco lugar en el disco",
    "Queda poco lugar en el disco de «{detalle}» ({causa}): no se toman archivos nuevos; esperan donde están.",
    "Libere espacio en el disco; el trabajo sigue solo.",
)

UNKNOWN_SETTING = Rule(
    "E9301", "Clave desconocida en el TOML", "No existe la clave «{clave}» en {donde}.", "{parecido}"
)
BAD_SETTING = Rule("E9302", "Valor no admitido en el TOML", "{clave} vale «{valor}» y debe ser {esperado}.")
MISSING_SETTING = Rule("E9303", "Falta una clave en el TOML", "Falta {clave}.")
NO_SETTINGS = Rule(
    "E9304",
    "Sin configuración",
    "No hay configuración: {detalle}.",
    "«sincronizador configurar» la escribe; si está en otro lugar, indíquela con --config ARCHIVO.",
)
BROKEN_TOML = Rule(
    "E9305",
    "TOML mal escrito",
    "«{archivo}» no es un TOML bien escrito: {detalle}.",
    "Revise comillas, corchetes y signos = alrededor de ese lugar.",
)
BAD_SECRET = Rule("E9306", "Contraseña que no se puede leer", "{clave}: {detalle}.")
OTHER_TOML = Rule(
    "E9307",
    "Configuración de otra clase",
    "«{archivo}» es la configuración de {es} y aquí hace falta la de {esperado}.",
    "Indique la otra con --config ARCHIVO.",
)
LEGAL_PART = Rule(
    "E9308",
    "La plantilla oculta lo que la ley exige",
    "ocultar dice «{parte}», y eso no se puede quitar del papel: lo exige DGI (Formato CFE v25.2, representación "
    "impresa, {lugar}).",
    "Saque «{parte}» de ocultar.",
    norm="Formato CFE v25.2, representación impresa",
)

ALREADY_ISSUED = Rule(
    "E9103",
    "Ya está emitido",
    "{valor} ya está emitido.",
    "Corríjalo con una nota de crédito.",
)
ALREADY_DECIDED = Rule(
    "E9104", "Ya está decidido", "{valor} ya está decidido ({estado}).", "No hay nada que descartar."
)

JOURNAL_EXISTS = Rule(
    "E9211", "El diario ya existe", "El diario {detalle} ya existe.", "Use otra ruta en «diario», o ese diario."
)
JOURNAL_CREATE = Rule(
    "E9212",
    "No se puede crear el diario",
    "No se puede crear el diario {detalle}: {causa}.",
    "Revise la carpeta y sus permisos.",
)
JOURNAL_MISSING = Rule(
    "E9213", "No existe el diario", "No existe el diario {detalle}.", "Lo crea el primer «sincronizador iniciar»."
)
JOURNAL_FOREIGN = Rule(
    "E9214",
    "No es un diario",
    "El archivo {detalle} no es un diario de sincronizador, o quedó a medio crear.",
    "Revise «diario» en la configuración; si ese era el diario, recupere un respaldo con"
    " «sincronizador respaldo restaurar ARCHIVO».",
)
JOURNAL_OLDER = Rule(
    "E9220",
    "Diario de una versión anterior",
    "El diario {detalle} es de una versión anterior del programa.",
    "Reinicie el servicio: al arrancar lo pone al día, con una copia al lado.",
)
JOURNAL_NEWER = Rule(
    "E9215",
    "Diario de una versión más nueva",
    "El diario {detalle} es de una versión más nueva de sincronizador.",
    "Instale esa versión o una posterior.",
)
JOURNAL_DAMAGED = Rule(
    "E9216",
    "Diario dañado",
    "El diario está dañado o no es un diario.",
    "No lo borre: sin él se repetirían números. Detenga el servicio y recupere el último respaldo con"
    " «sincronizador respaldo restaurar ARCHIVO», que guarda aparte lo que hay.",
)
JOURNAL_FULL = Rule(
    "E9217",
    "Disco del diario lleno",
    "No queda lugar en el disco del diario.",
    "Libere espacio en el disco; el trabajo sigue solo.",
)
JOURNAL_CLOSED = Rule(
    "E9218",
    "No se puede usar el diario",
    "No se puede abrir o escribir el diario: {causa}.",
    "Revise los permisos del archivo y de su carpeta.",
)
JOURNAL_BUSY = Rule(
    "E9219", "Diario ocupado", "El diario está ocupado por otro programa.", "Cierre el programa que lo tiene abierto."
)
SECOND_DAEMON = Rule(
    "E9221",
    "Segundo servicio",
    "Ya hay un sincronizador trabajando en estas carpetas: {detalle}.",
    "Detenga aquel, o use otras carpetas para este.",
)
OWNER_GONE = Rule(
    "E9228",
    "Carpetas de otra máquina",
    "En estas carpetas trabajaba otra máquina, que ya no da señales: {detalle}.",
    "Si está apagada y no va a volver, arranque con «sincronizador iniciar --tomar».",
)
OWNER_LOST = Rule(
    "E9226",
    "Otro servicio tomó las carpetas",
    "Otro servicio tomó la carpeta {detalle} ({otro}): este se detiene.",
    "Si es este el que debe seguir, detenga aquel y arranque este con «sincronizador iniciar --tomar».",
)
OTHER_EQUIPMENT = Rule(
    "E9227",
    "Diario de otro equipo",
    "El diario {detalle} es de otro equipo: si aquel sigue trabajando, los dos darían los mismos números.",
    "Si este reemplaza a aquel, que ya no trabaja, arranque con «sincronizador iniciar --tomar».",
)
LOCK_FILE = Rule(
    "E9222", "No se puede abrir el candado", "No se puede abrir el candado {detalle}: {causa}.", "Revise los permisos."
)
LOST_JOURNAL = Rule(
    "E9223",
    "Falta el diario",
    "No está el diario {detalle} y las carpetas ya tienen trabajo ({evidencia}). Sin el diario se repetirían números.",
    "Recupere su respaldo con «sincronizador respaldo restaurar ARCHIVO»; si es una instalación nueva, vacíe esas"
    " carpetas.",
)
OTHER_JOURNAL = Rule(
    "E9224",
    "Diario de otra instalación",
    "El diario {detalle} es de {campo} = {valor} y la configuración dice {esperado}.",
    "Cada ambiente y cada emisor llevan su propio diario y sus propias carpetas.",
)
JOURNAL_GONE = Rule(
    "E9225",
    "Diario borrado con el servicio andando",
    "El diario {detalle} fue borrado o reemplazado con el servicio andando: no se toman archivos nuevos.",
    "No detenga el servicio (proceso {pid}), que todavía lo tiene abierto: recupérelo de /proc/{pid}/fd, o vuelva a "
    "montar su disco.",
)
HALF_RESTORED = Rule(
    "E9229",
    "Restauración a medias",
    "La restauración del respaldo {detalle} quedó a medias: no se puede trabajar con lo que hay.",
    "Repita «sincronizador respaldo restaurar ARCHIVO»: empieza de nuevo, y no pierde nada de lo que había.",
)
NO_ANSWER = Rule(
    "E9231",
    "El servicio no respondió",
    "El servicio no respondió todavía.",
    "La orden quedó anotada y la hará cuando pueda.",
)

BACKUP_UNREADABLE = Rule(
    "E9241", "Respaldo que no se puede leer", "No se puede leer el respaldo {detalle}: {causa}.", "Revise la ruta."
)
BACKUP_DAMAGED = Rule(
    "E9242",
    "Respaldo que no sirve",
    "El respaldo {detalle} no sirve: {causa}.",
    "Use otro respaldo; este no se tocó, y lo que hay en la máquina tampoco.",
)
BACKUP_FOREIGN = Rule(
    "E9243",
    "Respaldo de otro",
    "El respaldo {detalle} es de {campo} = {valor} y la configuración dice {esperado}.",
    "Cada instalación se recupera de sus propios respaldos.",
)
BACKUP_NEWER = Rule(
    "E9244",
    "Respaldo de una versión más nueva",
    "El respaldo {detalle} lo hizo una versión más nueva de sincronizador ({version}).",
    "Instale esa versión o una posterior.",
)
BACKUP_RUNNING = Rule(
    "E9245", "Ya se está haciendo un respaldo", "Ya se está haciendo un respaldo: {detalle}.", "Espere a que termine."
)
BACKUP_FAILED = Rule(
    "E9246",
    "No se pudo hacer el respaldo",
    "No se pudo hacer el respaldo en {detalle}: {causa}.",
    "Revise ese disco y que tenga lugar para dos copias del diario.",
)
RELOAD_FIXED = Rule(
    "E9247",
    "Eso no cambia con el servicio en marcha",
    "«{clave}» no cambia con el servicio en marcha: dice «{valor}» y se está trabajando con «{esperado}».",
    "Vuelva a poner lo que decía; o, si es lo que quiere, detenga el servicio y arránquelo.",
)
RELOAD_REFUSED = Rule(
    "E9248",
    "Configuración nueva rechazada",
    "No se tomó la configuración nueva y se sigue con la de antes: {detalle}",
    "Corríjala y repita «systemctl reload».",
)
PANEL_STOPPED = Rule(
    "E9250",
    "El servicio está detenido",
    "El servicio está detenido: no se hizo nada.",
    "Arránquelo («systemctl start sincronizador») y vuelva a intentarlo.",
)
NO_PANEL = Rule(
    "E9251",
    "El panel no está instalado",
    "Esta instalación no trae el panel: falta {detalle}.",
    "Instálelo con «pip install sincronizador[panel]».",
)
PANEL_LISTEN = Rule(
    "E9252",
    "El panel no puede escuchar",
    "El panel no puede escuchar en {direccion}: {causa}.",
    "Revise panel.escucha; tal vez otro programa usa ese puerto.",
)
BAD_JSON = Rule(
    "E9253",
    "JSON que no es un pedido",
    "El JSON no es un pedido: {detalle}.",
    'La forma es {{"DOCUMENTO": {{...}}, "ITEM": [{{...}}]}}: docs/http.md.',
)
NOT_TAKEN = Rule(
    "E9254",
    "Pedido HTTP que no se tomó",
    "El pedido no se tomó: {detalle}.",
    "No quedó nada de él: corríjalo y mándelo de nuevo.",
)
NO_ACCESS = Rule(
    "E9255",
    "Sin permiso para entrar",
    "{detalle}.",
    "Quien administra la instalación da la contraseña y el token: docs/http.md.",
)
OPEN_PANEL = Rule(
    "E9256",
    "Panel abierto a la red sin protección",
    "panel.escucha es {direccion}, que se alcanza desde otras máquinas: falta {detalle}.",
    "Póngalo («sincronizador panel clave», «sincronizador panel tls») o escuche en 127.0.0.1: docs/panel.md.",
)
PANEL_TLS = Rule(
    "E9257",
    "Certificado TLS del panel que no sirve",
    "No se puede usar el certificado TLS del panel («{detalle}»): {causa}.",
    "Revise panel.tls_certificado y panel.tls_clave: PEM, la clave sin contraseña.",
)
BAD_HTTP = Rule(
    "E9258", "Pedido HTTP mal hecho", "El pedido está mal hecho: {detalle}.", "docs/http.md dice cómo se pide."
)
BAD_ANSWERS = Rule(
    "E9261",
    "Respuestas que no sirven",
    "Con las respuestas de {detalle} no se puede configurar; no se escribió nada:",
    "Corrija lo que dice cada línea y repita el comando.",
)
MOVED = Rule(
    "E9262",
    "La instalación se mudó a otra máquina",
    "Esta instalación se exportó el {cuando} para seguir en otra máquina ({archivo}): aquí no numera más.",
    "Si no se va a importar en ninguna otra, vuelva atrás con «sincronizador mudar deshacer».",
)
NOT_MOVED = Rule(
    "E9263",
    "No hay mudanza que deshacer",
    "No hay nada que deshacer: {detalle}.",
    "«sincronizador estado» dice cómo está la instalación.",
)
NO_MOVE = Rule(
    "E9264",
    "No es un archivo de mudanza",
    "No se puede usar {detalle}: {causa}.",
    "Es el archivo que hizo «sincronizador mudar exportar» en la máquina vieja.",
)
NOT_OPENED = Rule(
    "E9265",
    "No se pudo abrir la mudanza",
    "No se pudo abrir {detalle}: la frase es otra, o el archivo está cortado o dañado.",
    "Escriba la frase que puso al exportar; si es esa, copie el archivo otra vez.",
)
ALREADY_HERE = Rule(
    "E9266",
    "Ya hay una instalación",
    "No se importa sobre una instalación: ya está {detalle}.",
    "Importe en una máquina sin instalación, o diga con --config otro lugar.",
)
HOOK_UNREACHABLE = Rule(
    "E9270",
    "Sin comunicación con el webhook",
    "No hay comunicación con el webhook de los avisos: {detalle}.",
    "Los avisos esperan y salen juntos cuando la haya.",
)
HOOK_UNANSWERED = Rule(
    "E9271",
    "El webhook no contestó",
    "No se sabe si el webhook tomó un aviso: {detalle}.",
    "Se manda otra vez, con el mismo «id».",
)
HOOK_NOT_ACCEPTED = Rule(
    "E9272",
    "Webhook que no es de fiar",
    "No se le puede hablar al webhook de los avisos: {detalle}.",
    "Revise «webhook» y «webhook_ca» en [avisos].",
)
HOOK_REFUSED = Rule(
    "E9273",
    "El webhook no tomó el aviso",
    "El webhook de los avisos contestó {detalle}.",
    "Debe contestar 200 a 299. Se manda otra vez más tarde.",
)
STORE_UNREACHABLE = Rule(
    "E9274",
    "Sin comunicación con el lugar de los respaldos",
    "No se pudo trabajar con {detalle}: {causa}.",
    "Se intenta otra vez más tarde.",
)
STORE_REFUSED = Rule(
    "E9275",
    "El lugar de los respaldos no deja trabajar",
    "No se puede trabajar con {detalle}: {causa}.",
    "Revise «destino», «s3_usuario» y «s3_clave» en [respaldo], y qué permisos tienen.",
)
MISSING_EXTRA = Rule(
    "E9276",
    "Falta una parte del programa",
    "Falta una parte del programa: {detalle}.",
    "Instálela con «pip install sincronizador[{extra}]».",
)
STORED_OTHERWISE = Rule(
    "E9277",
    "El respaldo no quedó como se escribió",
    "Lo que se leyó de {detalle} no es lo que se había escrito, y se borró.",
    "Revise ese disco o ese servicio.",
)
NOBODY_TO_TELL = Rule(
    "E9278",
    "No hay a quién avisar",
    "La configuración no dice a quién avisar.",
    "Ponga «correo» o «webhook» en [avisos].",
)
RANGE_OF_THE_CLOUD = Rule(
    "E9280",
    "CAE que se importa en la nube",
    "Aquí numera la nube: este CAE no se importó.",
    "Impórtelo en ella: «sincronizador nube cae importar ARCHIVO».",
)

REPEATED = Rule(
    "A0001", "Archivo repetido", "Esta venta ya estaba emitida; se responde con el mismo comprobante y no se imprime."
)
OBSERVED = Rule(
    "A2001",
    "DGI observó un papel de contingencia",
    "DGI observó el papel {documento}: {detalle}.",
    "Corrija el archivo y déjelo de nuevo con la misma REFERENCIA, SERIE y NUMERO.",
    "Formato Mensaje de Respuesta v19",
)
CORRECTED = Rule("A2002", "Papel corregido", "Lo reemplazó el archivo {detalle}, que transcribe el mismo papel.", "")
IN_CLEAR = Rule(
    "A2003",
    "Complemento Fiscal en claro",
    "CIFRAR=SI y esta instalación no tiene el certificado de DGI: el mandante va en claro.",
    "Ponga el certificado en [mandante] de la configuración.",
)
UNWANTED = Rule(
    "A2004",
    "El receptor no acepta el comprobante",
    "El receptor de {documento} no lo acepta: {detalle}. Ante DGI el comprobante sigue valiendo.",
    "Si tiene razón, emita una nota de crédito; si no, arréglelo con él.",
    "Formato Mensaje de Respuesta v19",
)
TRIMMED = Rule("A0220", "Texto recortado", "{campo} tenía {largo} caracteres y admite {maximo}; {detalle}.")
OLD_LOOKUP = Rule(
    "A0301",
    "Consulta de RUT sin comunicación",
    "No se pudo consultar ahora: esto es lo que DGI decía el {fecha}, hace {dias} días.",
    "Consulte de nuevo cuando vuelva la comunicación.",
)
COMPLETED = Rule(
    "A0302",
    "Receptor completado",
    "{campos} del receptor {valor} se tomaron del comprobante {documento}.",
    "Si cambió algún dato del cliente, escríbalo en [RECEPTOR]: lo que el archivo trae manda.",
)
NOTHING_TO_COMPLETE = Rule(
    "A0303",
    "Receptor que no se pudo completar",
    "No hay ningún comprobante anterior a {valor} del que completar sus datos.",
    "Escriba en [RECEPTOR] NOMBRE, DIRECCION, CIUDAD y lo demás que haga falta; la próxima vez ya se conocen.",
)
A4_INSTEAD = Rule(
    "A4102",
    "Se emite en A4",
    "Este tipo de comprobante no va a papel térmico si no está publicado; su representación es el PDF.",
    norm="Formato CFE v25.2, representación impresa",
)
PRINT_DIVERTED = Rule(
    "A4103",
    "El papel fue a otra impresora",
    "El papel fue a la impresora {otra}, porque {impresora} no estaba lista.",
    "Búsquelo en {otra}.",
)
PRINT_HELD = Rule(
    "A4104",
    "El papel espera a una persona",
    "El papel no salió a tiempo en la impresora {impresora} y ya no sale solo.",
    "«sincronizador impresora cola liberar {valor}» lo saca; «impresora cola descartar {valor}» lo da por terminado.",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""


def hint_of(code: str) -> str | None:
    """What to do about a code, where that does not depend on the case."""
    hint = next((rule.hint for rule in RULES if rule.code == code), "")
    return None if "{" in hint else hint or None


def parted(sentence: str) -> tuple[str, str]:
    """A sentence of the error family as what happened and what to do, where that does not depend on the case."""
    hints = (rule.hint for rule in RULES if rule.hint and "{" not in rule.hint)
    hint = max((hint for hint in hints if sentence.endswith(f" {hint}")), key=len, default="")
    return (sentence.removesuffix(f" {hint}"), hint) if hint else (sentence, "")
