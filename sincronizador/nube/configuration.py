"""The TOML of the cloud as typed settings, read as the installation's is: see `sincronizador.toml`."""

import ipaddress
import os
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo

from sincronizador import backup_toml, mail_toml, toml
from sincronizador.backup_toml import Respaldo
from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.countries.uy.rut import check_rut
from sincronizador.listening import Escucha, address_of, is_loopback
from sincronizador.secret import Secret
from sincronizador.toml import Kind, Ruta, Segundos, Tabla, Texto, secret_at

POSTGRESQL = "postgresql://"


def _base(value: str, info: ValidationInfo) -> str:
    if not value.startswith(POSTGRESQL):
        if "://" in value:
            raise ValueError(f"la ruta de un archivo, o {POSTGRESQL}USUARIO@MÁQUINA/BASE")
        return os.path.normpath(os.path.join(str(info.context), value))
    if urlsplit(value).password is not None or "password=" in value:
        raise ValueError("una dirección sin contraseña: esa va en «base_clave», o en PGPASSFILE")
    return value


Cuenta = Annotated[int, Field(ge=0, le=10_000_000)]


class Tls(Tabla):
    """``[tls]``: the server's own certificate (PEM, with those above it) and its key."""

    certificado: Ruta
    clave: Ruta


class Administracion(Tabla):
    """``[administracion]``: the bearer token of ``/v1/admin``; without the table there is no such API."""

    token: Annotated[Secret, PlainValidator(secret_at("administracion.token"))]


class Esquemas(Tabla):
    """``[esquemas]``: DGI's XSDs, when the server has them; every document is checked against them."""

    carpeta: Ruta | None = None


class Limites(Tabla):
    """``[limites]``: what one caller may cost. 0 is no limit for the counts per minute."""

    cuerpo: Annotated[int, Field(ge=10_000, le=100_000_000)] = 1_000_000
    """Bytes of a request's body."""
    por_minuto: Cuenta = 12_000
    """Requests of one installation."""
    por_direccion: Cuenta = 60_000
    """Requests from one address; all tills of a shop, or everything behind a proxy, share it."""
    rechazos: Cuenta = 60
    """Requests with a token that is none, from one address."""
    a_la_vez: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Requests in hand."""
    conexiones: Annotated[int, Field(ge=1, le=60_000)] = 1_000
    """Open connections."""
    cabecera: Segundos = 10.0
    """For a request's first lines to arrive."""
    espera: Segundos = 30.0
    """For a body to arrive, and for a piece of an answer to be taken."""


OFFICES = {
    "prueba": {
        "recepcion": "https://efactura.dgi.gub.uy:6443/ePrueba/ws_eprueba",
        "consultas": "https://efactura.dgi.gub.uy:6460/ePrueba/ws_consultasPrueba",
        "contribuyentes": "https://efactura.dgi.gub.uy:6470/ePrueba/ws_personaGetActEmpresarialPrueba",
        "ruc": "219999830019",
    },
    "produccion": {
        "recepcion": "https://efactura.dgi.gub.uy:6443/eFactura/ws_efactura",
        "consultas": "https://efactura.dgi.gub.uy:6440/efactura/ws_consultas",
        "contribuyentes": "https://efactura.dgi.gub.uy:6475/efactura/ws_personaGetActEmpresarial",
        "ruc": "214844360018",
    },
}
"""DGI's own, of each environment: what ``[dgi]`` does not say."""
_DGI = "efactura.dgi.gub.uy"


def _service(value: str) -> str:
    try:
        parts = urlsplit(value)
        extra = parts.username or parts.query or parts.fragment
        if parts.scheme == "https" and parts.hostname and parts.port != 0 and not extra:
            return value
    except ValueError:
        pass
    raise ValueError("una dirección https://MÁQUINA:PUERTO/CAMINO")


def _ruc(value: str) -> str:
    if not check_rut(value):
        raise ValueError("un RUC de doce cifras con su dígito verificador")
    return value


Servicio = Annotated[Texto, AfterValidator(_service)]


class Dgi(Tabla):
    """``[dgi]``: with the table the cloud talks to DGI; each key replaces what `OFFICES` says of the environment."""

    recepcion: Servicio | None = None
    """Sobres, reports, and what became of them."""
    consultas: Servicio | None = None
    contribuyentes: Servicio | None = None
    """What DGI has registered of a RUT."""
    ruc: Annotated[Texto, AfterValidator(_ruc)] | None = None
    """DGI's own: who must have signed its answers."""
    huella: Literal["sha256", "sha1"] = "sha256"
    """Digest and signature of what is asked."""
    ca: Ruta | None = None
    """PEM of the authorities of DGI's servers, instead of the public ones."""
    espera: Segundos = 60.0
    """For an answer."""
    hora_reporte: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "01:00"
    """When on the next day the report of a day is sent."""

    def told(self, environment: str) -> dict[str, str]:
        """Addresses and RUC in that environment."""
        return {key: getattr(self, key) or default for key, default in OFFICES[environment].items()}


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("la dirección IP de un proxy, por ejemplo 127.0.0.1") from None


class Publicacion(Tabla):
    """``[publicacion]``: with the table everybody may look documents up who knows their security code."""

    escuchar: Escucha = "127.0.0.1:8751"
    """Its own address: the calls of the installations are not there."""
    proxy: tuple[Annotated[Texto, AfterValidator(_ip)], ...] = Field(default=("127.0.0.1", "::1"), strict=False)
    """Whose word (X-Forwarded-For) is taken for where a question comes from."""
    por_direccion: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Questions a minute from one address; of IPv6 from one network of 64 bits."""
    por_comprobante: Annotated[int, Field(ge=1, le=100_000)] = 30
    """Questions a minute about one number, whoever asks: nobody tries codes out."""


def _mail_server(value: str) -> str:
    found = re.fullmatch(r"([A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?)(?::(\d{1,5}))?", value, re.ASCII)
    if found is None or int(found[2] or IMAP_PORT) > 65_535:
        raise ValueError("una máquina, o máquina:puerto, por ejemplo imap.ejemplo.com.uy:993")
    return value if found[2] else f"{value}:{IMAP_PORT}"


IMAP_PORT = 993
"""IMAP over TLS from the first byte."""


class Buzon(Tabla):
    """``[buzon]``: where other issuers send their sobres and answers, a folder or an IMAP account."""

    carpeta: Ruta | None = None
    """Files (.eml, .xml) that somebody drops here."""
    servidor: Annotated[Texto, AfterValidator(_mail_server)] | None = None
    usuario: Texto | None = None
    clave: Annotated[Secret | None, PlainValidator(secret_at("buzon.clave"))] = None
    bandeja: Texto = "INBOX"
    """Folder of the account."""
    ca: Ruta | None = None
    """PEM of the authority behind the server's TLS, when it is no public one."""
    espera: Segundos = 60.0
    """For an answer of the server."""
    cada: Segundos = 30.0
    """Between two looks."""
    maximo: Annotated[int, Field(ge=10_000, le=100_000_000)] = 10_000_000
    """Bytes of a message or file; a larger one waits for a person."""
    respuestas: Ruta | None = None
    """Folder for what is answered; without it that goes by ``[correo]``, else into ``respuestas`` in `carpeta`."""
    horas_para_rechazar: Annotated[int, Field(ge=0, le=720)] = 0
    """For how long a received document may be rejected before it is accepted."""
    autoridades: Ruta | None = None
    """PEM of the authorities that issue certificates of issuers; without it, which is for trials, whoever did."""

    @property
    def imap(self) -> tuple[str, int]:
        """Host and port of the account."""
        host, _, port = (self.servidor or "").rpartition(":")
        return host, int(port)


class Correo(mail_toml.Correo):
    """``[correo]``: with the table documents go to their receivers, by mail and by web service; ``[dgi]`` besides."""

    ca_receptores: Ruta | None = None
    """PEM of the authorities of the receivers' web services, instead of the public ones."""


def _beside_the_base(data: dict[str, Any]) -> str:
    base: str = data.get("base", "")
    return "" if base.startswith(POSTGRESQL) else f"{base}.marca"


class Configuracion(Tabla):
    """The whole TOML of the cloud. Every path in it is absolute."""

    ambiente: Literal["prueba", "produccion"]
    base: Annotated[Texto, AfterValidator(_base)] = Field(default="nube.db", validate_default=True)
    """Path of the embedded base, or the address of a PostgreSQL."""
    base_clave: Annotated[Secret | None, PlainValidator(secret_at("base_clave"))] = None
    """Password of the PostgreSQL user."""
    marca: Ruta = Field(default_factory=_beside_the_base)
    """The watermark that tells a restored base: beside the embedded base, never in its backup."""
    clave: Annotated[Secret, PlainValidator(secret_at("clave"))]
    """The key under which certificates and CAE files are stored."""
    escuchar: Escucha = "127.0.0.1:8750"
    tls: Tls | None = None
    administracion: Administracion | None = None
    limites: Limites = Limites()
    esquemas: Esquemas = Esquemas()
    dgi: Dgi | None = None
    correo: Correo | None = None
    publicacion: Publicacion | None = None
    buzon: Buzon | None = None
    respaldo: Respaldo = Respaldo()

    @property
    def embedded(self) -> bool:
        """Whether the base is a file of this machine."""
        return not self.base.startswith(POSTGRESQL)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to listen on."""
        return address_of(self.escuchar)


def load(path: str) -> Configuracion:
    """The settings of the cloud's TOML. Raises `NeedsOperator` with every problem found, as `toml.load` does."""
    return toml.load(path, Kind.CLOUD, Configuracion, _contradictions)


def _contradictions(found: Configuracion) -> Iterator[Finding]:
    listened = (found.escuchar, *((found.publicacion.escuchar,) if found.publicacion else ()))
    for escuchar in listened:
        if found.tls is None and not is_loopback(escuchar):
            host, _ = address_of(escuchar)
            yield codes.MISSING_SETTING.at(clave=f"la tabla [tls]: en {host} se escucha solo con cifrado")
    if found.publicacion and found.publicacion.escuchar == found.escuchar and found.address[1]:
        expected = "otra dirección que la de las instalaciones, o al menos otro puerto"
        yield codes.BAD_SETTING.at(clave="publicacion.escuchar", valor=found.escuchar, esperado=expected)
    if not found.marca:
        yield codes.MISSING_SETTING.at(clave=f"«marca», que exige una base {POSTGRESQL}")
    if found.base_clave is not None and found.embedded:
        expected = "de una base postgresql://; la de esta configuración es un archivo"
        yield codes.BAD_SETTING.at(clave="base_clave", valor="(oculto)", esperado=expected)
    yield from _half_a_mailbox(found)
    yield from _other_offices(found)
    yield from backup_toml.contradictions(found.respaldo)
    if found.correo is not None:
        yield from _mail(found.correo, has_dgi=found.dgi is not None)


def _mail(found: Correo, *, has_dgi: bool) -> Iterator[Finding]:
    if not has_dgi:
        yield codes.MISSING_SETTING.at(clave="la tabla [dgi]: a los receptores se les manda lo que DGI ya tiene")
    yield from mail_toml.contradictions(found)


def _half_a_mailbox(found: Configuracion) -> Iterator[Finding]:
    buzon = found.buzon
    if buzon is None:
        return
    if found.dgi is None:
        yield codes.MISSING_SETTING.at(clave="la tabla [dgi], que exige la tabla [buzon]")
    account = {"servidor": buzon.servidor, "usuario": buzon.usuario, "clave": buzon.clave}
    named = [key for key, value in account.items() if value is not None]
    if buzon.carpeta is None:
        for key in account.keys() - set(named):
            yield codes.MISSING_SETTING.at(clave=f"«buzon.{key}», o «buzon.carpeta» en lugar de una cuenta")
    elif named:
        expected = "una carpeta o una cuenta, no las dos"
        yield codes.BAD_SETTING.at(clave=f"buzon.{named[0]}", valor="(oculto)", esperado=expected)
    if found.ambiente == "produccion" and buzon.autoridades is None:
        what = "las autoridades que emiten los certificados de los emisores, en un PEM; sin ellas cualquiera firma"
        yield codes.MISSING_SETTING.at(clave=f"«buzon.autoridades»: {what}")
    if buzon.carpeta is None and buzon.respuestas is None and found.correo is None:
        where = "la tabla [correo], por donde salen los acuses, o «buzon.respuestas», la carpeta donde se dejan"
        yield codes.MISSING_SETTING.at(clave=where)


def _other_offices(found: Configuracion) -> Iterator[Finding]:
    """What belongs to DGI's other environment: a test document must never reach the real one, nor the other way."""
    told = found.dgi.told(found.ambiente) if found.dgi else {}
    for key, value in told.items():
        of = _environment_of(key, value)
        if of not in ("", found.ambiente):
            expected = f"lo que DGI tiene para {found.ambiente}; eso es de {of}"
            yield codes.BAD_SETTING.at(clave=f"dgi.{key}", valor=value, esperado=expected)
    services = {key: value for key, value in told.items() if key != "ruc"}
    elsewhere = [key for key, value in services.items() if urlsplit(value).hostname != _DGI]
    if 0 < len(elsewhere) < len(services):
        # What is not said is DGI's own: half of what is tried against something else would go to the real one.
        missing = ", ".join(f"«{key}»" for key in services if key not in elsewhere)
        expected = f"que tampoco {missing} sea de DGI: las direcciones son todas de DGI o ninguna"
        yield codes.BAD_SETTING.at(clave=f"dgi.{elsewhere[0]}", valor=services[elsewhere[0]], esperado=expected)


def _environment_of(key: str, value: str) -> str:
    """Whose value this is, where that is known; DGI's testing services say so in their paths."""
    if key == "ruc":
        return next((of for of, offices in OFFICES.items() if offices["ruc"] == value), "")
    parts = urlsplit(value)
    if parts.hostname != _DGI:
        return ""
    return "prueba" if "prueba" in parts.path.lower() else "produccion"
