"""
The bundle for who helps: how the installation is, without anything secret.

Nothing is copied as it is: settings are told key by key, passwords, tokens and keys by where they are and not by what
they are; of sales only their states, no file and no document.
"""

import io
import json
import platform
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import metadata
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sincronizador import __version__
from sincronizador.core import codes
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import SincronizadorError, Unavailable
from sincronizador.journal import alarms, documents, episodes, jobs, tasks
from sincronizador.journal.journal import Tx, meta, open_journal
from sincronizador.secret import Secret
from sincronizador.settings import Settings

from .frame import frame, show
from .site import site_of

JOBS = 200
"""The newest sales whose states are told."""
LOG_LINES = 500
_LOG_SECONDS = 10.0
_DIAGNOSIS_SECONDS = 25.0
"""Twice what its probes may take."""
_UNITS = ("sincronizador", "sincronizador-panel")
_LIBRARIES = ("click", "cryptography", "lxml", "pydantic", "python-escpos", "requests", "starlette", "uvicorn")
HIDDEN = "(no se muestra)"
_ONE = Lock()
"""A bundle costs a process: one at a time."""


def bundle(settings: Settings, toml: str, now: datetime) -> bytes:
    """The zip. What cannot be read is told in its place; nothing here raises for it."""
    members = {
        "LEAME.txt": _README.format(when=f"{now:%d/%m/%Y %H:%M}"),
        "versiones.json": _json(_versions()),
        "configuracion.json": _json(redacted(settings)),
        "servicio.json": _json(_journal(settings, now)),
        "diagnostico.txt": _diagnosis(toml),
        "registro.txt": _log(),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in members.items():
            packed.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), text.encode("utf-8", "backslashreplace"))
    return file.getvalue()


_README = """\
Paquete de soporte de sincronizador, hecho el {when}.
Dice cómo está la instalación: versiones, configuración sin secretos, estado, alarmas, colas, las últimas ventas (solo
sus estados) y lo que ve «sincronizador diagnostico» con los permisos del panel.
No lleva contraseñas, tokens, certificados, comprobantes ni archivos de ventas.
"""


def redacted(settings: Settings) -> dict[str, Any]:
    """The settings with every secret as where it is."""
    return {name: _shown(getattr(settings, name)) for name in type(settings).model_fields}


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return HIDDEN
    if hasattr(type(value), "model_fields"):
        return redacted(value)
    if isinstance(value, Mapping):
        return {str(key): _shown(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_shown(one) for one in value]
    return value if isinstance(value, (bool, int, float, type(None))) else _address(str(value))


def _address(text: str) -> str:
    """An address without what may be a key in it: of a webhook, its path is its password."""
    found = urlsplit(text) if "://" in text else None
    if found is None or not found.netloc:
        return text
    port = f":{found.port}" if found.port else ""
    return f"{found.scheme}://{found.hostname}{port}" + (f"/{HIDDEN}" if found.path.strip("/") or found.query else "")


def _versions() -> dict[str, str]:
    found = {name: _version(name) for name in _LIBRARIES}
    return {
        "sincronizador": __version__,
        "python": sys.version.split()[0],
        "sistema": platform.platform(),
        "sqlite": sqlite3.sqlite_version,
        **found,
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "no está"


def _journal(settings: Settings, now: datetime) -> dict[str, Any]:
    from sincronizador.overview import overview

    try:
        journal = open_journal(settings.diario, read_only=True)
    except SincronizadorError as error:
        return {"diario": str(error)}
    try:
        with journal.reading() as db:
            seen = overview(settings, db, now)
            return {
                "situacion": seen.situacion,
                "frase": seen.frase,
                "alarmas": [
                    {"clave": one.alarm.clave, "texto": one.alarm.texto, "desde": one.desde.isoformat()}
                    for one in alarms.current(db)
                ],
                "colas": [
                    {"cola": queue.lane, "pendientes": queue.due, "apartadas": queue.parked, "nota": queue.note}
                    for queue in tasks.queues(db)
                ],
                "epoca": meta(db, "epoch"),
                "emitidos": documents.count_by_type(db),
                "contingencias": [
                    [one.started_at.isoformat(), one.ended_at.isoformat() if one.ended_at else "", one.reason]
                    for one in episodes.last(db, 20)
                ],
                "ventas": _sales(db),
            }
    except SincronizadorError as error:
        return {"diario": str(error)}
    finally:
        journal.close()


def _sales(db: Tx) -> list[dict[str, Any]]:
    return [
        {
            "id": job.id, "clase": job.kind, "caja": job.till, "llego": job.claimed_at.isoformat(),
            "ruta": job.route, "estado": job.estado, "motivo": job.motivo, "impresion": job.impresion,
            "hallazgos": [one.code for one in job.findings],
            "pendiente": [(step, state, note) for step, state, note in tasks.notes(db, job.id) if state != "done"],
        }
        for job in jobs.newest(db, JOBS)
    ]  # fmt: skip


def _diagnosis(toml: str) -> str:
    """In a process of its own: of what its probes leave open or hang in, nothing stays here."""
    command = (sys.executable, "-m", "sincronizador", "--config", toml, "diagnostico", "--archivo", "-")
    told = _run(command, _DIAGNOSIS_SECONDS)
    return told or "El diagnóstico no terminó: haga «sincronizador diagnostico» en esta máquina.\n"


def _log() -> str:
    units = [word for unit in _UNITS for word in ("--unit", unit)]
    command = ("journalctl", "--no-pager", "--quiet", "--lines", str(LOG_LINES), "--output", "short-iso", *units)
    if (told := _run(command, _LOG_SECONDS)) is None:
        return "En esta máquina no se puede leer el registro con journalctl.\n"
    return told or "El registro está vacío, o este usuario no lo puede leer.\n"


def _run(command: Sequence[str], seconds: float) -> str | None:
    """What a program says, however it ends; None where there is none, or it takes too long."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"


def page(request: Request) -> Response:
    """What the bundle has, and the button."""
    site = site_of(request)
    with site.reading() as db:
        around = frame(request, site, db)
    return show(request, around, "soporte.html", versions=_versions())


def download(request: Request) -> Response:
    """The bundle."""
    site, now = site_of(request), datetime.now(ZONE)
    name = f"soporte-{site.settings.instalacion.id}-{now:%Y%m%d-%H%M}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if not _ONE.acquire(blocking=False):
        raise codes.NOT_TAKEN.at(detalle="ya se está haciendo un paquete de soporte").as_error(Unavailable)
    try:
        content = bundle(site.settings, site.toml, now)
    finally:
        _ONE.release()
    return Response(content, media_type="application/zip", headers=headers)


ROUTES: tuple[BaseRoute, ...] = (Route("/soporte", page), Route("/soporte/paquete.zip", download))
