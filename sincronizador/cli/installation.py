"""A whole installation for trials: identity, CAE files, settings and journal. All of it says PRUEBA."""

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sincronizador.cli import ordering
from sincronizador.core.numbering import Rango
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.files import make_folder, write_atomic, write_many
from sincronizador.folders.layout import Layout
from sincronizador.settings import load
from sincronizador.signing.certificate import load_pkcs12, to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority, sign_cae

RUT = "219999830019"
RAZON_SOCIAL = "ALMACÉN DE PRUEBA S.A."
TIPOS = tuple(int(tipo) for tipo in TipoCfe if not tipo.is_papel)
"""Every type that is numbered when it is issued."""
ULTIMO_NUMERO = 100_000

_YEAR = timedelta(days=365)
_TOML = """\
# Instalación de prueba: no emite nada que valga ante DGI.
# config/sincronizador.toml, en el proyecto, explica cada clave.
pais = "uy"
ambiente = "prueba"
ruta = "{ruta}"
spool = "spool"
diario = "diario.db"

[instalacion]
id = "PRUEBA"

[emisor]
rut = "{rut}"
razon_social = "{razon_social}"
nombre_comercial = "ALMACÉN DE PRUEBA"
sucursal = "1"
domicilio = "18 de Julio 1234"
ciudad = "Montevideo"
departamento = "Montevideo"
web = "www.example.com"
resolucion = "Res. 1/2026"

[certificado]
archivo = "certificado/emisor.p12"
clave = "certificado/clave.txt"

{nube}[salida]
formatos = ["xml", "pdf", "png"]

[impresora.CAJA1]
via = "{via}"
destino = {destino}

[publicacion]
activa = true

# Valores inventados, del orden de los verdaderos.
[ui]
{year} = "6,4000"
{next_year} = "6,7000"
"""

_NUBE = """\
[nube]
url = "{scheme}://127.0.0.1:{port}"
token = "nube/token.txt"
{more}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The paths of an installation that was written."""

    toml: str
    certificado: str
    clave: str
    caes: tuple[str, ...]
    nube: str = ""
    """The TOML of the cloud beside it; empty where this machine numbers alone."""


def prepare_journal(installation: Installation) -> None:
    """
    Install the certificate and import the CAE files, by the orders that a person would give.

    Beside a cloud the CAEs are the cloud's: this machine takes leases of them.
    """
    found = load(installation.toml)
    with open(installation.certificado, "rb") as file:
        facts = load_pkcs12(file.read(), found.certificado.clave.read()).certificate
    args = {"huella": facts.fingerprint, "ambiente": found.ambiente, "titular": facts.titular}
    ordering.carry_out(found, "certificado", args)
    for path in () if installation.nube else installation.caes:
        ordering.carry_out(found, "cae", {"ambiente": found.ambiente}, ordering.read_file(path))


def write_installation(
    folder: str,
    printer: str,
    now: datetime,
    cloud_port: int = 0,
    nube: Mapping[str, int] | None = None,
    *,
    tls: bool = False,
    dgi: int = 0,
) -> Installation:
    """
    Write a whole installation for trials into `folder`: TOML, certificate, CAE files and working folders.

    With a port on loopback also a cloud, ``nube.toml``, that knows the issuer, this installation and the CAEs; `nube`
    is what ``[nube]`` says besides; with `tls` they speak encrypted; with `dgi`, another port, the cloud sends to a DGI
    to test against there. The TOML comes last: where there is one, the rest is complete. `now` is aware. Raises
    `NeedsOperator` (E92xx).
    """
    paths = Installation(
        toml=os.path.join(folder, "sincronizador.toml"),
        certificado=os.path.join(folder, "certificado", "emisor.p12"),
        clave=os.path.join(folder, "certificado", "clave.txt"),
        caes=tuple(os.path.join(folder, "cae", f"cae-{tipo}.xml") for tipo in TIPOS),
        nube=os.path.join(folder, "nube.toml") if cloud_port else "",
    )
    own = (os.path.join(folder, name) for name in ("certificado", "cae", "papel"))
    for path in (*own, *Layout(os.path.join(folder, "spool")).folders):
        make_folder(path, parents=True)
    _write_identity(paths, now)
    if cloud_port:
        _write_cloud(folder, paths, cloud_port, now, tls=tls, dgi=dgi)
    write_atomic(paths.toml, _toml(printer, now.year, cloud_port, nube or {}, tls=tls).encode())
    return paths


def _write_cloud(folder: str, paths: Installation, port: int, now: datetime, *, tls: bool, dgi: int) -> None:
    from sincronizador.cli.cloud_installation import write_cloud

    settings = tomllib.loads(_toml("", now.year, port, {}))
    with open(paths.clave, "rb") as file:
        password = file.read().rstrip(b"\n")
    write_cloud(
        folder,
        port=port,
        emisor=settings["emisor"],
        ajustes={"ui": settings["ui"]},
        certificado=paths.certificado,
        password=password,
        caes=paths.caes,
        code=settings["instalacion"]["id"],
        now=now,
        tls=tls,
        dgi=dgi,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialIdentity:
    """A certificate and CAE files that say PRUEBA."""

    pkcs12: bytes
    password: bytes
    caes: tuple[bytes, ...]
    """One of each of `TIPOS`."""


def trial_identity(rut: str, razon_social: str, now: datetime) -> TrialIdentity:
    """An issuer who can sign for trials; its authority is forgotten."""
    validity = Validity(desde=now - timedelta(days=30), hasta=now + 2 * _YEAR)
    authority = make_authority(validity)
    password = secrets.token_urlsafe(12).encode()
    return TrialIdentity(
        pkcs12=to_pkcs12(issue(authority, validity, rut=rut, titular=f"{razon_social} (PRUEBA)"), password),
        password=password,
        caes=tuple(sign_cae(authority, _rango(tipo, now), rut=rut, autorizado=now.date()) for tipo in TIPOS),
    )


def _write_identity(paths: Installation, now: datetime) -> None:
    made = trial_identity(RUT, RAZON_SOCIAL, now)
    os.chmod(os.path.dirname(paths.clave), 0o700)
    for path, content in ((paths.clave, made.password + b"\n"), (paths.certificado, made.pkcs12)):
        write_atomic(path, content, mode=0o600)
    write_many(zip(paths.caes, made.caes, strict=True))


def _rango(tipo: int, now: datetime) -> Rango:
    vence = (now + 2 * _YEAR).date()
    return Rango(id=f"90{now:%y}0000{tipo}", tipo=tipo, serie="A", desde=1, hasta=ULTIMO_NUMERO, vence=vence)


def _toml(printer: str, year: int, cloud_port: int, nube: Mapping[str, int], *, tls: bool = False) -> str:
    if re.fullmatch(r"[^/\s]+:\d{1,5}", printer):
        via, target = "tcp", printer
    else:
        via, target = "carpeta", "papel" if printer in ("", "carpeta") else os.path.abspath(printer)
    trusted = 'ca = "nube/tls/autoridad.pem"\n' if tls else ""
    more = trusted + "".join(f"{key} = {value}\n" for key, value in nube.items())
    # A JSON string is a TOML string.
    destino = json.dumps(target, ensure_ascii=False)
    return _TOML.format(
        rut=RUT,
        razon_social=RAZON_SOCIAL,
        ruta="nube" if cloud_port else "local",
        nube=_NUBE.format(scheme="https" if tls else "http", port=cloud_port, more=more) if cloud_port else "",
        via=via,
        destino=destino,
        year=year,
        next_year=year + 1,
    )
