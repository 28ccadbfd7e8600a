"""Assembly: a cloud out of its settings."""

import os
import ssl
from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy.engine import make_url

from sincronizador.core.codes import BAD_SETTING
from sincronizador.countries.uy.schema import Schemas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator
from sincronizador.kernel_clock import is_synchronised
from sincronizador.nube import server_codes
from sincronizador.nube.clerk import Clerk
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import POSTGRESQL, Buzon, Configuracion
from sincronizador.nube.mailbox import Mailbox
from sincronizador.nube.mailbox_folder import REPLIES, FolderMailbox
from sincronizador.nube.mailbox_imap import ImapMailbox
from sincronizador.nube.offices import Offices
from sincronizador.nube.outbox import FolderOutbox, MailOutbox, Outbox
from sincronizador.nube.post import Post
from sincronizador.nube.receipts import Receipts
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.vault import Vault
from sincronizador.schemas import load_schemas
from sincronizador.signing.trust import Authorities


def now() -> datetime:
    """The machine's clock in the law's zone."""
    return datetime.now(Uruguay.zone)


def create_cloud(found: Configuracion, clock: Callable[[], datetime] = now) -> Cloud:
    """A cloud over a new base. Raises `NeedsOperator`, as when there is one already, or a wrong key."""
    refuse_half(found)
    vault = Vault(found.clave.read())
    schemas = _schemas(found)
    store = create_store(url_of(found), found.marca, environment=found.ambiente, clock=clock)
    return Cloud(store, vault, clock, schemas, _offices(found), is_vouched=is_synchronised)


def open_cloud(found: Configuracion, *, restored: bool = False) -> Cloud:
    """The cloud over its base. Raises `NeedsOperator`: none there, another environment's, restored, a wrong key."""
    refuse_half(found)
    vault = Vault(found.clave.read())
    schemas = _schemas(found)
    offices = _offices(found)
    store = open_store(url_of(found), found.marca, clock=now, restored=restored)
    cloud = Cloud(store, vault, now, schemas, offices, is_vouched=is_synchronised)
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


def open_clerk(found: Configuracion, cloud: Cloud) -> Clerk | None:
    """What the sweeps work with; None where the settings have no ``[dgi]``."""
    if found.dgi is None:
        return None
    hour = time.fromisoformat(found.dgi.hora_reporte)
    post = Post(found.correo, found.dgi.huella) if found.correo is not None else None
    return cloud.clerk(receptor=found.dgi.told(found.ambiente)["ruc"], report_at=hour, post=post)


def open_receipts(found: Configuracion, clerk: Clerk | None) -> Receipts | None:
    """What reading the mailbox works with; None without ``[buzon]``. Raises `NeedsOperator` for files that are none."""
    buzon = found.buzon
    if buzon is None or clerk is None:
        return None
    return Receipts(
        clerk=clerk, mailbox=_mailbox(buzon), outbox=_outbox(found, buzon, clerk.post), schemas=_schemas(found),
        window=timedelta(hours=buzon.horas_para_rechazar), authorities=_authorities(buzon),
    )  # fmt: skip


def _outbox(found: Configuracion, buzon: Buzon, post: Post | None) -> Outbox:
    """By mail, where there is a server for it and nobody asks for files."""
    if buzon.respuestas is None and post is not None:
        return MailOutbox(post, trial=found.ambiente == "prueba")
    return FolderOutbox(buzon.respuestas or os.path.join(buzon.carpeta or "", REPLIES))


def _mailbox(buzon: Buzon) -> Mailbox:
    if buzon.carpeta is not None:
        return FolderMailbox(buzon.carpeta, buzon.maximo)
    if buzon.usuario is None or buzon.clave is None:
        raise AssertionError("settings with half an account are refused")
    host, port = buzon.imap
    try:
        context = ssl.create_default_context(cafile=buzon.ca)
    except (OSError, ssl.SSLError) as exc:
        raise BAD_SETTING.at(clave="buzon.ca", valor=buzon.ca, esperado="un PEM").as_error(NeedsOperator) from exc
    return ImapMailbox(
        host, port, buzon.usuario, buzon.clave.read, context, folder=buzon.bandeja, most=buzon.maximo,
        patience=buzon.espera,
    )  # fmt: skip


def _authorities(buzon: Buzon) -> Authorities | None:
    if buzon.autoridades is None:
        return None
    known = Authorities()
    try:
        with open(buzon.autoridades, "rb") as file:
            known.add(file.read())
    except (OSError, ValueError) as exc:
        expected = "un PEM con los certificados de las autoridades"
        finding = BAD_SETTING.at(clave="buzon.autoridades", valor=buzon.autoridades, esperado=expected)
        raise finding.as_error(NeedsOperator) from exc
    return known


def _schemas(found: Configuracion) -> Schemas | None:
    """Raises `NeedsOperator` E9308 for a folder that holds none."""
    folder = found.esquemas.carpeta
    return load_schemas(folder) if folder else None


def _offices(found: Configuracion) -> Offices | None:
    """Raises `NeedsOperator` E3703 for authorities that cannot be read."""
    return Offices(found.dgi, found.ambiente) if found.dgi else None


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
