"""A cloud for trials beside an installation for trials: settings, base, key, issuer, token, certificate, CAE files."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sincronizador.files import make_folder, write_atomic
from sincronizador.signing.certificate import load_pkcs12
from sincronizador.signing.identity import Validity, issue_tls, make_authority
from sincronizador.signing.trust import to_pem

_TOML = """\
# Nube de prueba: no emite nada que valga ante DGI.
# config/nube.toml, en el proyecto, explica cada clave.
ambiente = "prueba"
base = "nube/nube.db"
clave = "nube/clave.txt"
escuchar = "127.0.0.1:{port}"
"""
_TLS = """
[tls]
certificado = "nube/tls/nube.pem"
clave = "nube/tls/nube.key"
"""
AUTHORITY = "nube/tls/autoridad.pem"
"""The certificate of the trial's own authority, below the folder: what the installation trusts."""
DGI = "dgi"
"""The folder of the DGI to test against, below the folder."""
_WHO = "la instalación de prueba"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudInstallation:
    """The paths of a cloud that was written."""

    toml: str
    token: str
    """File with the installation's token, for its owner only."""
    base: str


def write_cloud(
    folder: str,
    *,
    port: int,
    emisor: Mapping[str, Any],
    ajustes: Mapping[str, Any],
    certificado: str,
    password: bytes,
    caes: Sequence[str],
    code: str,
    now: datetime,
    tls: bool = False,
    dgi: int = 0,
) -> CloudInstallation:
    """
    Write a whole cloud for trials into `folder`, with one issuer and one installation of it.

    `emisor` has the fields of ``[emisor]`` of the TOML, `ajustes` those of `Ajustes` as the TOML writes them;
    `certificado` and `caes` are paths. `now` is aware. With `tls` it is served encrypted, trusted by an authority of
    its own. With `dgi`, a port, it sends to the DGI to test against there, whose folder is written too.
    Raises `NeedsOperator` and `Rejected` for what cannot be.
    """
    from sincronizador.nube import assembly
    from sincronizador.nube.configuration import load
    from sincronizador.nube.vault import new_vault_key

    home = os.path.join(folder, "nube")
    paths = CloudInstallation(
        toml=os.path.join(folder, "nube.toml"),
        token=os.path.join(home, "token.txt"),
        base=os.path.join(home, "nube.db"),
    )
    make_folder(home, parents=True)
    os.chmod(home, 0o700)
    write_atomic(os.path.join(home, "clave.txt"), new_vault_key() + b"\n", mode=0o600)
    if tls:
        _write_tls(folder, now)
    told = _write_dgi(folder, dgi, certificado, password, caes, now) if dgi else ""
    write_atomic(paths.toml, (_TOML.format(port=port) + (_TLS if tls else "") + told).encode())
    cloud = assembly.create_cloud(load(paths.toml), lambda: now)
    try:
        rut = cloud.keep_issuer(_WHO, emisor, _with_points(ajustes)).rut
        cloud.install_certificate(_WHO, rut, _read(certificado), password)
        for cae in caes:
            cloud.import_cae(_WHO, rut, _read(cae))
        _, token = cloud.add_installation(_WHO, rut, code)
        write_atomic(paths.token, token.encode() + b"\n", mode=0o600)
    finally:
        cloud.close()
    return paths


def _write_dgi(
    folder: str, port: int, certificado: str, password: bytes, caes: Sequence[str], now: datetime
) -> str:  # fmt: skip
    """The DGI to test against; gives the cloud's settings for it."""
    from sincronizador.cli.dgi_prueba import prepare

    trusted = b"".join(to_pem(one) for one in load_pkcs12(_read(certificado), password).chain)
    return "\n" + prepare(os.path.join(folder, DGI), port, trusted=trusted, caes=caes, now=now)


def _with_points(ajustes: Mapping[str, Any]) -> dict[str, Any]:
    """The TOML's amounts may have a decimal comma."""
    ui = {year: str(value).replace(",", ".") for year, value in ajustes.get("ui", {}).items()}
    return {**ajustes, "ui": ui}


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write_tls(folder: str, now: datetime) -> None:
    validity = Validity(desde=now - timedelta(days=1), hasta=now + timedelta(days=365))
    authority = make_authority(validity, name="AUTORIDAD TLS DE PRUEBA")
    made = issue_tls(authority, validity, ("127.0.0.1", "localhost"))
    path = os.path.join(folder, AUTHORITY)
    make_folder(os.path.dirname(path), parents=True)
    write_atomic(path, made.authority)
    write_atomic(os.path.join(folder, "nube", "tls", "nube.pem"), made.certificate)
    write_atomic(os.path.join(folder, "nube", "tls", "nube.key"), made.key, mode=0o600)
