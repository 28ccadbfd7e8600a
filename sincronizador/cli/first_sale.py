"""The sale for trial that ends the first hour: a real file, the real service, the real printer."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sincronizador import native
from sincronizador.cli.ownership import SERVICE_TOML, SERVICE_USER, service_user
from sincronizador.cli.show_stage import Legacy, running, until
from sincronizador.core.answer import Estado
from sincronizador.core.job import Impresion
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.folders import heartbeat
from sincronizador.folders.layout import Layout
from sincronizador.journal import documents, jobs
from sincronizador.journal.journal import open_journal
from sincronizador.secret_store import BOOTED
from sincronizador.settings import Settings

_TEXT = """\
[DOCUMENTO]
TIPO=E-TICKET
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Prueba de instalación
PRECIO=100,00
IVA={iva}
[ADENDA]
Si lee esto en papel, la instalación anda: ¡felicitaciones, ñandú!
[FIN]
"""
_STEP = 5.0
"""Seconds after which a person hears that the paper is still waited for."""


@dataclass(frozen=True, slots=True)
class Sold:
    """What became of it."""

    name: str
    answer: dict[str, str]
    ticket: str
    """As text; empty without a document or a printer."""
    is_on_paper: bool
    """Whether somebody can look at the real one."""

    @property
    def is_issued(self) -> bool:
        """Whether there is a document."""
        return Estado(self.answer["ESTADO"]).emitido


def sell(settings: Settings, toml: str, now: datetime) -> Sold:
    """
    Drop a file, as the other system will, and wait for its answer and its paper.

    The service does it; without one, a daemon of our own for as long as it takes. Raises `Unavailable` when nothing
    answers.
    """
    referencia = f"PRUEBA-{now:%Y%m%d-%H%M%S}"
    iva = "BASICA" if settings.emisor.regimen == "general" else "EXENTA"
    legacy, name = Legacy(settings.spool), f"{referencia}.TXT"
    with working(settings, toml):
        legacy.drop(name, _TEXT.format(referencia=referencia, iva=iva))
        answer = legacy.wait(name)
        began = time.monotonic()
        while answer.get("IMPRESION") == "PENDIENTE" and time.monotonic() < began + _STEP:
            time.sleep(0.1)
            answer = legacy.wait(name)
    is_real = any(station.via != "carpeta" for station in settings.impresora.values())
    on_paper = is_real and answer.get("IMPRESION") in (Impresion.IMPRESO, Impresion.ENTREGADO)
    return Sold(name, answer, _plain(settings, referencia), on_paper)


@contextlib.contextmanager
def working(settings: Settings, toml: str) -> Iterator[None]:
    """The service at work: the system's, the one that works already, or one of our own meanwhile."""
    layout = Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta)
    began = datetime.now(ZONE)
    if is_the_systems(toml):
        subprocess.run(("systemctl", "enable", "--quiet", SERVICE_USER), check=False)  # noqa: S603, S607
        subprocess.run(("systemctl", "restart", SERVICE_USER), check=False)  # noqa: S603, S607
        until(lambda: _beats_since(layout, began), "el servicio; vea «journalctl -u sincronizador»")
        yield
        return
    if _beats_since(layout, began - timedelta(seconds=12)):
        yield
        return
    user = service_user()
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "servicio.log")
        ids = (user.pw_uid, user.pw_gid) if user else (None, None)
        with running(log, "--config", toml, "iniciar", user=ids[0], group=ids[1]) as process:
            until(lambda: _beats_since(layout, began) or process.poll() is not None, "el servicio")
            yield


def is_the_systems(toml: str) -> bool:
    """Whether systemd runs the service of this TOML, and we may tell it to."""
    return (
        native.is_root()
        and toml == SERVICE_TOML
        and os.path.isdir(BOOTED)
        and shutil.which("systemctl") is not None
        and subprocess.run(("systemctl", "cat", SERVICE_USER), capture_output=True, check=False).returncode == 0  # noqa: S603, S607
    )


def _beats_since(layout: Layout, moment: datetime) -> bool:
    beat = heartbeat.read(layout)
    return beat is not None and beat.modo is not heartbeat.Modo.DETENIDO and beat.hora >= moment.replace(microsecond=0)


def _plain(settings: Settings, referencia: str) -> str:
    """The ticket as text; empty when there is none."""
    from sincronizador.daemon import assembly

    journal = open_journal(settings.diario, read_only=True)
    house = assembly.make_checker(settings, journal)
    with journal.reading() as db:
        job = jobs.named(db, referencia)
        signed = documents.signed(db, job.id) if job else None
    if signed is None or not house.printers:
        return ""
    ticket = house.country.ticket(house.country.emitted(*signed), copy=False)
    return next(iter(house.printers.values())).plain(ticket)
