"""
The TOML as typed settings. Its keys keep their Spanish names; every path in it becomes absolute, relative to the file.

What is wrong is told all at once, a sentence each. A secret never stands in the TOML: see `Secret`.
"""

import codecs
import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from sincronizador import backup_toml, mail_toml, toml
from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.listening import Escucha
from sincronizador.mail_toml import Correo, Direccion
from sincronizador.secret import Secret
from sincronizador.signing.encryption import Cifrado
from sincronizador.signing.token import SCHEME, parse_uri
from sincronizador.toml import Kind, Ruta, Segundos, Tabla, Texto, secret_at

PLACES = ("/etc/sincronizador/sincronizador.toml", "config/sincronizador.toml")
"""Where the TOML is looked for when neither ``--config`` nor ``SINCRONIZADOR_CONFIG`` names it."""


def _decimal(value: object) -> Decimal:
    if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and number >= 0:
            return number
    raise ValueError("un número, por ejemplo 6,1690")


def _codec(value: str) -> str:
    try:
        return value if value == "auto" else codecs.lookup(value).name
    except LookupError:
        raise ValueError("«auto» o el nombre de una codificación, por ejemplo cp850, cp1252 o utf-8") from None


def cloud_url(value: str) -> str:
    """The address of a cloud, without a slash at its end. Raises ValueError with what it should be."""
    found = re.fullmatch(r"(https?)://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?/?", value, re.ASCII)
    if found is None:
        raise ValueError("una dirección, por ejemplo https://nube.example.com")
    if found[1] == "http" and not _is_loopback(found[2]):
        raise ValueError("una dirección https: sin cifrar solo se habla dentro de esta máquina")
    return value.rstrip("/")


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "[::1]") or host.startswith("127.")


def _upper_names(named: Mapping[str, Any]) -> Mapping[str, Any]:
    upper = {name.upper(): value for name, value in named.items()}
    if len(upper) < len(named):
        raise ValueError("una tabla de nombres distintos (mayúsculas y minúsculas valen lo mismo)")
    return upper


def _file_or_token(value: str, info: ValidationInfo) -> str:
    if value.startswith(SCHEME):
        parse_uri(value)
        return value
    return toml.absolute(value, info)


Importe = Annotated[Decimal, BeforeValidator(_decimal)]
Ejercicio = Annotated[int, Field(strict=False, ge=2000, le=2100)]
Codigo = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,8}$")]
Numero = Annotated[int, Field(ge=1, le=9_999_999)]


class Instalacion(Tabla):
    """``[instalacion]``: the place within the issuer."""

    id: Codigo


class Emisor(Tabla):
    """``[emisor]``: who issues. Its check digit and its codes are the country's affair."""

    rut: Texto
    razon_social: Texto
    nombre_comercial: str = ""
    sucursal: Texto
    domicilio: Texto
    ciudad: Texto
    departamento: Texto
    web: Texto
    resolucion: Texto
    telefono: str = ""
    correo: str = ""
    giro: str = ""
    regimen: Literal["general", "exonerado", "iva_minimo", "monotributo", "monotributo_mides"] = "general"
    """What DGI's constancias say of the issuer (CAEEspecial)."""
    free_shop: bool = False
    """Whether this place always identifies the receiver."""


class Nube(Tabla):
    """``[nube]``: the cloud that numbers and signs, and when this machine goes on without it."""

    url: Annotated[Texto, AfterValidator(cloud_url)]
    token: Annotated[Secret, PlainValidator(secret_at("nube.token"))]
    ca: Ruta | None = None
    """Certificates (PEM) of the authority behind the cloud's TLS, when it is no public one."""
    paciencia: Segundos = 4.0
    """From the claim until a sale is signed here."""
    espera: Segundos = 10.0
    """For one answer of the cloud."""
    sondeo: Segundos = 5.0
    """Between two probes."""
    fallas: Annotated[int, Field(ge=1, le=1_000)] = 3
    """In a row, until contingencia opens."""
    estable: Segundos = 60.0
    """Without a failure, until it closes."""
    recibidos: bool = False
    """What other issuers made out to this one is left in ``recibidos/``."""
    reserva: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Numbers of each type to keep at hand for contingencia."""

    @property
    def ajena(self) -> bool:
        """Whether it is on another machine, with a clock of its own."""
        host = self.url.partition("://")[2]
        return not _is_loopback(host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0])


class Certificado(Tabla):
    """``[certificado]``: the PKCS#12 and its password, or the address of a key in a token and its PIN."""

    archivo: Annotated[str, StringConstraints(min_length=1), AfterValidator(_file_or_token), toml.PATH_MARK]
    clave: Annotated[Secret, PlainValidator(secret_at("certificado.clave"))]

    @property
    def is_token(self) -> bool:
        """Whether the key is in a token."""
        return self.archivo.startswith(SCHEME)

    @property
    def siguiente(self) -> str:
        """Beside it, the one that follows it; of a key in a token there is none."""
        return "" if self.is_token else f"{self.archivo}.siguiente"


class Mandante(Tabla):
    """``[mandante]``: who may read for whom it is sold (Complemento Fiscal)."""

    certificado: Ruta
    """DGI's public certificate, in DER or PEM."""
    cifrado: Cifrado = Field(default=Cifrado.TRIPLE_DES, strict=False)


class Libreta(Tabla):
    """``[[libreta]]``: a booklet of contingency papers, for forms of files that have no place for its constancia."""

    tipo: Annotated[int, Field(ge=201, le=282)]
    serie: Annotated[str, StringConstraints(pattern=r"^([A-Z]{1,2}|[1-9][A-Z])$")]
    desde: Numero
    hasta: Numero
    constancia: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}$")]
    vence: date


class Entrada(Tabla):
    """``[entrada]``: how dropped files are taken and read."""

    carpeta: Ruta | None = None
    """Instead of ``entrada/`` below the spool."""
    codificacion: Annotated[str, AfterValidator(_codec)] = "auto"
    decimal: Literal["", "PUNTO", "COMA"] = ""
    precios: Literal["CON_IVA", "SIN_IVA"] = "CON_IVA"
    sin_referencia: Literal["error", "nombre", "cada_archivo"] = "error"
    incompleto: Segundos = 60.0
    espera: Segundos = 2.0
    maximo: Annotated[int, Field(ge=1_000, le=1_000_000_000)] = 5_000_000
    """Bytes."""
    firmados: bool = False
    mapeos: Ruta | None = None
    """The folder of the mappings."""


class Salida(Tabla):
    """``[salida]``: what is written beside an answer, and how long it stays."""

    carpeta: Ruta | None = None
    """Instead of ``salida/`` below the spool."""
    formatos: Annotated[tuple[Literal["xml", "pdf", "png", "json"], ...], Field(strict=False)] = ()
    conservar: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days; 0 for ever."""


def _listed(value: object) -> object:
    """One value where several may stand."""
    return value if isinstance(value, list) else [value]


class Impresora(Tabla):
    """``[impresora.NOMBRE]``: a print station."""

    via: Literal["tcp", "dispositivo", "carpeta", "cups", "usb", "serie", "windows"]
    destino: Texto
    """``host:port``, a queue, a device's numbers, a printer's name; or a path, which is absolute here."""
    columnas: Literal[32, 42, 48] = 48
    pagina_codigos: Texto = "CP858"
    suplente: str = ""
    """The station that takes over its papers while nothing leaves this one."""
    cajon: Literal["no", "efectivo", "siempre"] = "no"
    """Which sales open its cash drawer."""
    qr: Literal["nativo", "imagen"] = "nativo"
    corte: Literal["total", "parcial", "no"] = "total"
    pitido: Annotated[int, Field(ge=0, le=9)] = 0
    velocidad: Literal[1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200] = 9600
    flujo: Literal["rtscts", "xonxoff", "no"] = "rtscts"

    @field_validator("destino")
    @classmethod
    def _path_is_absolute(cls, value: str, info: ValidationInfo) -> str:
        is_path = info.data.get("via") in ("dispositivo", "carpeta", "serie")
        return os.path.normpath(os.path.join(str(info.context), value)) if is_path else value


class Caja(Tabla):
    """``[caja.CAJA1]``: a till."""

    impresora: str = ""
    """Empty: as if it had no table; a rule may name it all the same."""


class Regla(Tabla):
    """``[[impresion.regla]]``: where some papers go, and how many of them."""

    caja: Annotated[tuple[Codigo, ...], BeforeValidator(_listed), Field(strict=False)] = ()
    tipo: Annotated[tuple[Texto | int, ...], BeforeValidator(_listed), Field(strict=False)] = ()
    """Codes or names, as TIPO takes them."""
    via: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""
    """The name of a further paper; empty: the rule is about the original."""
    impresora: str = ""
    copias: Annotated[int, Field(ge=0, le=99)] = 0


class Impresion(Tabla):
    """``[impresion]``: what holds for every print station."""

    impresora: str = ""
    """Where a till without a printer of its own prints."""
    espera_envio: Segundos = 3.0
    plantilla: Ruta | None = None
    """The template of the papers."""
    espera_suplente: Segundos = 30.0
    """Without anything leaving a station, until its papers go to its `suplente`."""
    vence: Annotated[int, Field(ge=0, le=604_800)] = 0
    """Seconds from which on a paper waits for a person; 0: never."""
    regla: Annotated[tuple[Regla, ...], Field(strict=False)] = ()


class Totales(Tabla):
    """``[totales]``: how far the file's totals may be from ours, and how IVA is rounded."""

    tolerancia: Importe = Decimal("1.00")
    redondeo: Literal["linea", "diferencia"] = "linea"


class Textos(Tabla):
    """``[textos]``: what happens to a text that is too long."""

    largos: Literal["recortar", "error"] = "recortar"


class Plazo(Tabla):
    """``[plazo]``: how soon a file is decided."""

    decision: Segundos = 10.0


class Publicacion(Tabla):
    """``[publicacion]``: whether the issuer publishes its documents, so that all of them may go to thermal paper."""

    activa: bool = False


class Respaldo(backup_toml.Respaldo):
    """``[respaldo]``: backups, and where a mirror of the documents is kept."""

    espejo: Ruta | None = None


def _webhook(value: str) -> str:
    found = re.fullmatch(r"(https?)://(\[[0-9a-fA-F:]+\]|[\w.-]+)(:\d{1,5})?(/[!-~]*)?", value, re.ASCII)
    if found is None or (found[1] == "http" and not _is_loopback(found[2])):
        raise ValueError("una dirección https, por ejemplo https://avisos.example.com/sincronizador")
    return value


class Avisos(Tabla):
    """``[avisos]``: who is told what stands in the way, and when."""

    correo: Annotated[tuple[Direccion, ...], Field(strict=False)] = ()
    webhook: Annotated[str, AfterValidator(_webhook)] | None = None
    webhook_clave: Annotated[Secret | None, PlainValidator(secret_at("avisos.webhook_clave"))] = None
    """What its requests are signed with."""
    webhook_ca: Ruta | None = None
    """PEM of the authorities of its server, instead of the public ones."""
    espera: Segundos = 60.0
    """What is over before is not told."""
    calma: Segundos = 600.0
    """What comes back within this is still the same."""
    recordar: Annotated[int, Field(ge=0, le=8_760)] = 24
    """Hours after which what is grave and stands is told again; 0: never."""
    contingencia_horas: Annotated[int, Field(ge=1, le=720)] = 4
    """From which on contingencia is told."""
    cola_minutos: Annotated[int, Field(ge=1, le=10_080)] = 15
    """From which on what waits for a printer, the mirror or the cloud is told."""


class Conservar(Tabla):
    """``[conservar]``: how long is kept what no law wants; days, 0 for ever."""

    procesados: Annotated[int, Field(ge=0, le=36_500)] = 0
    rechazados: Annotated[int, Field(ge=0, le=36_500)] = 0
    diario: Annotated[int, Field(ge=0, le=36_500)] = 400
    """What the journal knows besides documents: refused files, attempts, orders, what is done."""

    @field_validator("diario")
    @classmethod
    def _not_what_is_at_work(cls, value: int) -> int:
        if 0 < value < 60:
            raise ValueError("0 (siempre) o 60 días o más")
        return value


class Espacio(Tabla):
    """``[espacio]``: the room that is kept aside on the disks of folders and journal."""

    reserva: Annotated[int, Field(ge=1, le=10_000)] = 32
    """Megabytes."""


class Esquemas(Tabla):
    """``[esquemas]``: the official XSDs, when the installation has them; every document is checked against them."""

    carpeta: Ruta | None = None


class Panel(Tabla):
    """``[panel]``: the pages for people and the HTTP door, a process of their own."""

    escucha: Escucha = "127.0.0.1:8737"
    """An address of this machine and a port."""
    nombres: Annotated[tuple[Texto, ...], Field(strict=False)] = ()
    """Other names by which browsers may come."""
    clave: Annotated[Secret | None, PlainValidator(secret_at("panel.clave"))] = None
    """The password's hash."""
    token: Annotated[Secret | None, PlainValidator(secret_at("panel.token"))] = None
    """Of systems: one a line, alone or behind its till."""
    tls_certificado: Ruta | None = None
    tls_clave: Ruta | None = None
    """PEM files."""


def _beside_the_spool(data: dict[str, Any]) -> str:
    return os.path.join(os.path.dirname(data.get("spool", "")), "diario.db")


class Settings(Tabla):
    """
    The whole TOML. Every path in it is absolute; what the file leaves out has its default.

    Names of printers and tills are upper case here, however the file writes them.
    """

    pais: Literal["uy"] = "uy"
    ambiente: Literal["prueba", "produccion"]
    ruta: Literal["local", "nube"] = "local"
    """Who numbers and signs: this machine alone, or the cloud, and this machine when there is no line."""
    spool: Ruta = Field(default="spool", validate_default=True)
    """The folder of the working folders."""
    diario: Ruta = Field(default_factory=_beside_the_spool)
    """The journal."""
    instalacion: Instalacion
    emisor: Emisor
    nube: Nube | None = None
    certificado: Certificado
    mandante: Mandante | None = None
    """Without it the Complemento Fiscal goes in clear."""
    libreta: Annotated[tuple[Libreta, ...], Field(strict=False)] = ()
    entrada: Entrada = Entrada()
    salida: Salida = Salida()
    impresora: Annotated[Mapping[Texto, Impresora], AfterValidator(_upper_names)] = {}
    caja: Annotated[Mapping[Codigo, Caja], AfterValidator(_upper_names)] = {}
    impresion: Impresion = Impresion()
    ui: Mapping[Ejercicio, Importe] = {}
    """Year -> value of the UI at the end of the year before."""
    totales: Totales = Totales()
    textos: Textos = Textos()
    plazo: Plazo = Plazo()
    publicacion: Publicacion = Publicacion()
    respaldo: Respaldo = Respaldo()
    conservar: Conservar = Conservar()
    avisos: Avisos = Avisos()
    correo: Correo | None = None
    """The mail server of what `avisos` tells."""
    espacio: Espacio = Espacio()
    esquemas: Esquemas = Esquemas()
    panel: Panel = Panel()

    def unused(self) -> list[str]:
        """The keys that are set and that this version does nothing about."""
        wanted = {
            "[nube]": self.nube is not None and self.ruta == "local",
        }
        return [key for key, value in wanted.items() if value]


def find_toml(option: str | None, places: tuple[str, ...] = PLACES) -> str:
    """
    The TOML to read: the option, ``SINCRONIZADOR_CONFIG``, then `places`.

    Raises `NeedsOperator` (E9304) when nobody names one and there is none.
    """
    named = option or os.environ.get("SINCRONIZADOR_CONFIG")
    found = named or next((place for place in places if os.path.exists(place)), None)
    if found is None:
        raise toml.refusal([codes.NO_SETTINGS.at(detalle=f"no está en {' ni en '.join(places)}")])
    return found


def load(path: str) -> Settings:
    """
    The settings of that TOML.

    Raises `NeedsOperator` with every problem found, a sentence each: E9304 and E9305 for the file, E9301 to E9303 for
    its keys and values. Passwords and certificates are not opened here.
    """
    return toml.load(path, Kind.INSTALLATION, Settings, _contradictions)


def load_text(text: str, path: str) -> Settings:
    """The same of what will be the content of the TOML at `path`."""
    return toml.load_text(text.encode(), os.path.abspath(path), Kind.INSTALLATION, Settings, _contradictions)


def _contradictions(settings: Settings) -> Iterator[Finding]:
    wanted = {f"caja.{till}.impresora": caja.impresora for till, caja in settings.caja.items()}
    wanted["impresion.impresora"] = settings.impresion.impresora
    wanted |= {f"impresora.{name}.suplente": station.suplente for name, station in settings.impresora.items()}
    wanted |= {f"{_rule(place)}.impresora": regla.impresora for place, regla in enumerate(settings.impresion.regla)}
    for key, name in wanted.items():
        if name and name.upper() not in settings.impresora:
            known = ", ".join(settings.impresora) or "ninguna"
            yield codes.BAD_SETTING.at(clave=key, valor=name, esperado=f"una impresora que exista ({known})")
    for name, station in settings.impresora.items():
        if station.suplente.upper() == name:
            yield codes.BAD_SETTING.at(clave=f"impresora.{name}.suplente", valor=name, esperado="otra impresora")
    yield from _wrong_rules(settings)
    if settings.ruta == "nube" and settings.nube is None:
        yield codes.MISSING_SETTING.at(clave='la tabla [nube], que exige ruta = "nube"')
    for place, libreta in enumerate(settings.libreta):
        if libreta.hasta < libreta.desde:
            clave, valor = f"libreta.{place}.hasta", str(libreta.hasta)
            yield codes.BAD_SETTING.at(clave=clave, valor=valor, esperado=f"{libreta.desde} o más")
    if "NINGUNA" in settings.impresora:
        yield codes.BAD_SETTING.at(clave="impresora", valor="NINGUNA", esperado="otro nombre: ese es para no imprimir")
    if settings.avisos.correo and settings.correo is None:
        yield codes.MISSING_SETTING.at(clave="la tabla [correo], que exige avisos.correo")
    if settings.avisos.webhook and settings.avisos.webhook_clave is None:
        yield codes.MISSING_SETTING.at(clave="«webhook_clave» en [avisos], con la que se firman los pedidos al webhook")
    if settings.correo is not None:
        yield from mail_toml.contradictions(settings.correo)
    yield from backup_toml.contradictions(settings.respaldo)
    folders = (settings.spool, settings.entrada.carpeta, settings.salida.carpeta)
    if any(folder and _inside(settings.diario, folder) for folder in folders):
        expected = "un archivo fuera de las carpetas de trabajo"
        yield codes.BAD_SETTING.at(clave="diario", valor=settings.diario, esperado=expected)


def _rule(place: int) -> str:
    return f"impresion.regla {place + 1}"


def _wrong_rules(settings: Settings) -> Iterator[Finding]:
    """What a rule says that cannot be."""
    if not settings.impresion.regla:
        return
    # It brings the whole table of fields along.
    from sincronizador.countries.uy.values import tipo_named

    known = sorted({*settings.caja, *settings.impresora})
    for place, regla in enumerate(settings.impresion.regla):
        for till in regla.caja:
            if till.upper() not in known:
                expected = f"una caja con su tabla [caja.NOMBRE] o con una impresora de ese nombre ({', '.join(known)})"
                yield codes.BAD_SETTING.at(clave=f"{_rule(place)}.caja", valor=till, esperado=expected)
        for tipo in regla.tipo:
            if tipo_named(str(tipo)) is None:
                expected = "un tipo de comprobante como los de TIPO, por ejemplo 111 o e-Factura"
                yield codes.BAD_SETTING.at(clave=f"{_rule(place)}.tipo", valor=str(tipo), esperado=expected)
        if not (regla.via or regla.impresora or regla.copias):
            yield codes.MISSING_SETTING.at(clave=f"«impresora», «copias» o «via» en [{_rule(place)}]")


def _inside(path: str, folder: str) -> bool:
    return os.path.commonpath((path, folder)) == folder
