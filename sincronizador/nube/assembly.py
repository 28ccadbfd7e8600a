"""Assembly: a cloud out of its settings."""

import os
from collections.abc import Callable
from datetime import datetime, time
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from sincronizador.authorities.dgi import PEER, Dgi, Service, Services
from sincronizador.core.signature import Digest
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator
from sincronizador.nube import server_codes
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import POSTGRESQL, Configuracion
from sincronizador.nube.configuration import Dgi as Settings
from sincronizador.nube.office import Office
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.vault import Vault
from sincronizador.schemas import load_schemas
from sincronizador.signing.certificate import Identity
from sincronizador.signing.wsse import Seal, open_envelope
from sincronizador.web import Http


def now() -> datetime:
    """The machine's clock in the law's zone."""
    return datetime.now(Uruguay.zone)


def create_cloud(found: Configuracion, clock: Callable[[], datetime] = now) -> Cloud:
    """A cloud over a new base. Raises `NeedsOperator`, as when there is one already, or a wrong key."""
    refuse_half(found)
    vault = Vault(found.clave.read())
    schemas = _schemas(found)
    store = create_store(url_of(found), found.marca, environment=found.ambiente, clock=clock)
    return Cloud(store, vault, clock, schemas)


def open_cloud(found: Configuracion, *, restored: bool = False) -> Cloud:
    """The cloud over its base. Raises `NeedsOperator`: none there, another environment's, restored, a wrong key."""
    refuse_half(found)
    vault = Vault(found.clave.read())
    schemas = _schemas(found)
    cloud = Cloud(open_store(url_of(found), found.marca, clock=now, restored=restored), vault, now, schemas)
    if cloud.environment() != found.ambiente:
        own = cloud.environment()
        cloud.close()
        raise server_codes.OTHER_BASE.at(propio=own, ambiente=found.ambiente).as_error(NeedsOperator)
    return cloud


def half_restored(found: Configuracion) -> str:
    """Where a restoration keeps, while it is half done, what it is doing."""
    return f"{found.marca}.restauracion"


def refuse_half(found: Configuracion) -> None:
    """Raises `NeedsOperator` E3610 while a restoration is half done."""
    if os.path.exists(half_restored(found)):
        raise server_codes.HALF_RESTORED.at(detalle=half_restored(found)).as_error(NeedsOperator)


class Lines:
    """Ways to DGI, one for each key. Threads may share it."""

    def __init__(self, found: Configuracion, dgi: Settings) -> None:
        told = dgi.told(found.ambiente)
        self._services = Services(
            reception=_service(told["recepcion"], dgi), queries=_service(told["consultas"], dgi),
            taxpayers=_service(told["contribuyentes"], dgi),
        )  # fmt: skip
        self._dgi, self._ruc = dgi, told["ruc"]
        self._open: dict[str, Dgi] = {}

    def __call__(self, identity: Identity) -> Dgi:
        """The way of who has this key."""
        mark = identity.certificate.fingerprint
        if mark not in self._open:
            seal = Seal(identity, digest=Digest(self._dgi.huella)).seal
            self._open[mark] = Dgi(self._services, seal, open_envelope, ruc=self._ruc, patience=self._dgi.espera)
        return self._open[mark]


def open_office(found: Configuracion, cloud: Cloud) -> Office | None:
    """What the sweeps work with; None where the settings have no ``[dgi]``."""
    if found.dgi is None:
        return None
    ruc, hour = found.dgi.told(found.ambiente)["ruc"], time.fromisoformat(found.dgi.hora_reporte)
    return cloud.office(Lines(found, found.dgi), ruc, hour)


def _service(address: str, dgi: Settings) -> Service:
    parts = urlsplit(address)
    carrier = Http(f"{parts.scheme}://{parts.netloc}", ca=dgi.ca or "", peer=PEER)
    return Service(carrier=carrier, path=parts.path)


def _schemas(found: Configuracion) -> Schemas | None:
    """Raises `NeedsOperator` E9308 for a folder that holds none."""
    folder = found.esquemas.carpeta
    return load_schemas(folder) if folder else None


def url_of(found: Configuracion) -> str:
    """The base as SQLAlchemy names it. Without ``base_clave`` libpq looks for the password, as in PGPASSFILE."""
    if found.embedded:
        return f"sqlite:///{found.base}"
    url = make_url("postgresql+psycopg://" + found.base.removeprefix(POSTGRESQL))
    if found.base_clave is not None:
        url = url.set(password=found.base_clave.read().decode())
    return url.render_as_string(hide_password=False)


def libpq_of(found: Configuracion) -> str:
    """The same base as libpq names it."""
    return make_url(url_of(found)).set(drivername="postgresql").render_as_string(hide_password=False)
