"""The catalogue of what can be wrong with a certificate, a key or a signature."""

from sincronizador.core.finding import Rule

WRONG_PASSWORD = Rule(
    "E2101",
    "Contraseña del certificado equivocada",
    "La contraseña no abre el certificado.",
    "Revise la contraseña que le dio la certificadora: distingue mayúsculas y espacios. Si está seguro de ella, "
    "el archivo cambió en el camino: cópielo otra vez del original.",
)
NOT_PKCS12 = Rule(
    "E2102",
    "El archivo no es un certificado",
    "El archivo no es un certificado en formato PKCS#12 (.p12 o .pfx): {detalle}.",
    "Exporte el certificado con su clave privada en formato PKCS#12. Si lo tiene en PEM: "
    "openssl pkcs12 -export -in certificado.pem -inkey clave.pem -out certificado.p12",
)
LEGACY = Rule(
    "E2103",
    "Certificado con cifrado antiguo",
    "El certificado está guardado con un cifrado antiguo que esta máquina ya no abre: {detalle}.",
    "Conviértalo: openssl pkcs12 -legacy -in viejo.p12 -out todo.pem -nodes; "
    "openssl pkcs12 -export -in todo.pem -out nuevo.p12; y borre todo.pem.",
)
NO_KEY = Rule(
    "E2104",
    "Certificado sin clave privada",
    "El archivo no trae {falta}, sin lo cual no se puede firmar.",
    "Expórtelo otra vez marcando «incluir la clave privada».",
)
NOT_RSA = Rule(
    "E2105",
    "Clave que no es RSA",
    "La clave del certificado no es RSA, que es la que DGI admite.",
    "Pida a la certificadora un certificado con clave RSA de 2048 bits.",
    "Formato CFE v25.2, firma electrónica",
)
WEAK_KEY = Rule(
    "E2106",
    "Clave demasiado corta",
    "La clave del certificado tiene {bits} bits y se necesitan 2048.",
    "Pida a la certificadora un certificado con clave RSA de 2048 bits.",
)
EXPIRED = Rule(
    "E2107",
    "Certificado vencido",
    "El certificado venció el {fecha}.",
    "Renuévelo e instálelo con «sincronizador certificado instalar ARCHIVO».",
)
NOT_YET_VALID = Rule(
    "E2108",
    "Certificado que todavía no vale",
    "El certificado vale desde el {fecha}.",
    "Espere a esa fecha o revise la hora de la máquina.",
)
FOREIGN_RUT = Rule(
    "E2109",
    "Certificado de otra empresa",
    "El certificado es del RUT {del_certificado} y el emisor es {emisor}.",
    "Instale el certificado de la empresa que emite.",
    "Formato Sobre v05, motivo de rechazo S02",
)
NO_RUT = Rule(
    "E2110",
    "Certificado sin RUT",
    "El certificado no dice de qué RUT es («{sujeto}»).",
    "DGI pide un certificado de persona jurídica, con RUC y doce cifras en el número de serie del titular.",
    "Formato Sobre v05, motivo de rechazo S02",
)
OTHER_ENVIRONMENT = Rule(
    "E2111",
    "Certificado de prueba en producción",
    "El certificado es de prueba («{titular}») y el ambiente es producción.",
    "Instale el certificado verdadero de la empresa.",
)
KEY_MISMATCH = Rule(
    "E2112",
    "Clave y certificado que no se corresponden",
    "La clave privada del archivo no es la del certificado.",
    "Expórtelos otra vez, juntos, desde donde se creó la clave.",
)
CUT_FILE = Rule(
    "E2113",
    "Archivo del certificado cortado o dañado",
    "El archivo del certificado está dañado: {detalle}. No es la contraseña.",
    "Cópielo otra vez del original, o expórtelo de nuevo.",
)
CANNOT_FOLLOW = Rule(
    "E2114",
    "Certificado que no puede ser el siguiente",
    "El certificado no puede quedar como siguiente: {detalle}.",
    "«sincronizador certificado ver» muestra el que firma ahora y hasta cuándo.",
)
BAD_TOKEN = Rule(
    "E2115",
    "Token que no se puede usar",
    "El token con la clave no se puede usar: {detalle}.",
    "Revise «certificado.archivo» y «certificado.clave»; después, «sincronizador certificado instalar pkcs11:...».",
)
TOKEN_AWAY = Rule(
    "E2116",
    "Token que no está",
    "El token con la clave no está: {detalle}.",
    "Conéctelo; se sigue solo.",
)
NOT_SIGNED = Rule(
    "E2120",
    "Documento sin firma",
    "El documento no tiene una firma como última parte de su raíz: {detalle}.",
    "Pida el archivo de nuevo a quien lo emitió; no lo abra y guarde con otro programa.",
)
BAD_SIGNATURE = Rule(
    "E2121",
    "Firma que no verifica",
    "La firma no corresponde al documento: {detalle}.",
    "El archivo se modificó después de firmado, o lo firmó otro. Pida el original.",
)
NO_CERTIFICATE_INSIDE = Rule(
    "E2122",
    "Firma sin certificado",
    "La firma no trae el certificado con que se hizo y no se dio ninguno.",
    "Indique el certificado de quien firmó.",
)

NOT_AN_ENVELOPE = Rule(
    "E2123",
    "Mensaje que no es SOAP",
    "Lo que llegó no es un mensaje SOAP: {detalle}.",
    "Se pide de nuevo solo; si sigue, mire qué hay entre esta máquina y el servicio.",
)
NOT_SEALED = Rule(
    "E2124",
    "Mensaje SOAP sin firma",
    "El mensaje no trae una firma de su contenido: {detalle}.",
    "No se le hace caso. Si sigue, avise a soporte.",
    "OASIS WS-Security 1.0, X.509 Token Profile",
)
BROKEN_SEAL = Rule(
    "E2125",
    "Mensaje SOAP con una firma que no verifica",
    "La firma del mensaje no corresponde a su contenido: {detalle}.",
    "No se le hace caso: alguien lo cambió en el camino, o lo firmó otro.",
    "OASIS WS-Security 1.0, X.509 Token Profile",
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""All of the above, in order of code."""
