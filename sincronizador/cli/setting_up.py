"""
An installation made of answers: settings, secrets, certificate, folders, journal.

Everything is looked at before anything is written. The TOML comes last: where there is one, the rest is complete;
whoever falls before that is asked again and loses nothing.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sincronizador.cli import ordering, ownership
from sincronizador.cli.asking import Answers
from sincronizador.cli.questions import FILE, TRIAL, for_service
from sincronizador.cli.spanish import count
from sincronizador.cli.toml_edit import Place, edited, template
from sincronizador.cli.tryouts import KEPT
from sincronizador.core import codes
from sincronizador.errors import Rejected
from sincronizador.files import make_folder, write_atomic
from sincronizador.folders.layout import Layout
from sincronizador.settings import Settings, load_text
from sincronizador.toml import leaves

_PLAIN = (
    "ambiente", "ruta", "nube.url", "emisor.rut", "emisor.razon_social", "emisor.nombre_comercial", "emisor.regimen",
    "emisor.resolucion", "emisor.web", "emisor.sucursal", "emisor.domicilio", "emisor.ciudad", "emisor.departamento",
    "instalacion.id",
)  # fmt: skip
"""Answers that stand in the TOML as they are."""
_PATHS = ("spool", "diario")
_CERTIFICATE = "emisor.p12"

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is going to be written."""

    answers: Answers
    text: str
    """The TOML, with paths for the secrets that are not kept yet."""
    settings: Settings
    """What it will say."""


def plan(answers: Answers) -> Plan:
    """What these answers come to, looked at as a whole. Raises `NeedsOperator` with all that is wrong with it."""
    from sincronizador.daemon import assembly

    folder = _secrets(answers)
    text = _edited(answers, {key: os.path.join(folder, key) for key in _new_secrets(answers)})
    settings = load_text(text, answers.toml)
    assembly.COUNTRIES[settings.pais](settings)
    if os.path.exists(settings.diario):
        from sincronizador.journal.journal import open_journal

        assembly.check_origin(settings, open_journal(settings.diario, read_only=True))
    else:
        assembly.refuse_lost(settings)
    return Plan(answers=answers, text=text, settings=settings)


def carry_out(made: Plan, tell: Tell) -> Settings:
    """Write it all; a sentence for each thing done. Raises what a disk, or an order, may raise."""
    from sincronizador.secret_store import keep, keep_file

    answers, settings = made.answers, made.settings
    ownership.make_folders(answers.toml, _absolute(answers, _secrets(answers)))
    certificate, password, caes = _identity(answers)
    if certificate:
        keep_file(settings.certificado.archivo, certificate)
        answers.secrets["certificado.clave"] = password
    kept = {
        key: keep(key, answers.secrets[key], folder=_absolute(answers, _secrets(answers)))
        for key in _new_secrets(answers)
    }
    for key, where in kept.items():
        tell(f"Secreto {key}: {where}")
    text = _edited(answers, {key: _relative(answers, where) for key, where in kept.items()})
    settings = load_text(text, answers.toml)
    _make_folders(answers, settings)
    tell(f"Carpetas de trabajo: {settings.spool}")
    _orders(answers, settings, certificate, password, caes, tell)
    write_atomic(answers.toml, text.encode(), mode=0o640 if for_service(answers) else 0o644)
    ownership.give(answers.toml, is_to_be_read=True)
    tell(f"Configuración: {answers.toml}")
    return settings


def _new_secrets(answers: Answers) -> list[str]:
    wanted = []
    if answers.get("certificado.origen") in (FILE, TRIAL):
        wanted.append("certificado.clave")
    if answers.get("ruta") == "nube" and answers.get("nube.token") != KEPT:
        wanted.append("nube.token")
    return wanted


def _edited(answers: Answers, secrets: dict[str, str]) -> str:
    """The TOML that is there, or the one that explains everything, with the answers in their places."""
    if os.path.exists(answers.toml):
        with open(answers.toml, encoding="utf-8-sig") as file:
            return edited(file.read(), _wanted(answers, secrets))
    return edited(template(), _wanted(answers, secrets))


def _wanted(answers: Answers, secrets: dict[str, str]) -> dict[Place, Any]:
    wanted: dict[Place, Any] = {}
    known = {key: value for key, value, _ in leaves(answers.before)} if answers.before else {}
    for key in _PLAIN:
        if answers.get(key) != known.get(key, ""):
            wanted[tuple(key.split("."))] = answers.get(key)
    for key in _PATHS:
        if answers.before is None or getattr(answers.before, key) != _absolute(answers, answers.get(key)):
            wanted[key,] = answers.get(key)
    if answers.get("ruta") == "nube" and (authority := answers.get("nube.ca")) != (known.get("nube.ca") or ""):
        wanted["nube", "ca"] = authority
    known_ui = answers.before.ui.get(answers.now.year) if answers.before else None
    if known_ui is None or known_ui != Decimal(answers.get("ui").replace(",", ".")):
        wanted["ui", str(answers.now.year)] = answers.get("ui")
    if answers.get("certificado.origen") in (FILE, TRIAL) or answers.before is None:
        wanted["certificado", "archivo"] = os.path.join(_secrets(answers), _CERTIFICATE)
        wanted["certificado", "clave"] = os.path.join(_secrets(answers), "certificado.clave")
    wanted |= {tuple(key.split(".")): where for key, where in secrets.items()}
    return wanted | _stations(answers)


def _stations(answers: Answers) -> dict[Place, Any]:
    """Tables of printers, under the names that the TOML spells already; the first one takes what no till sends on."""
    written = _spelled(answers)
    wanted: dict[Place, Any] = {}
    for name in answers.names("impresoras"):
        place = ("impresora", written.get(name, name))
        before = answers.before.impresora.get(name) if answers.before else None
        via, destino = answers.get(f"impresora.{name}.via"), answers.get(f"impresora.{name}.destino")
        if before is None or (before.via, before.destino) != (via, destino):
            wanted[*place, "via"], wanted[*place, "destino"] = via, destino
        if int(answers.get(f"impresora.{name}.columnas")) != (before.columnas if before else 48):
            wanted[*place, "columnas"] = int(answers.get(f"impresora.{name}.columnas"))
    first = next(iter(answers.names("impresoras")), "")
    if first and not (answers.before and answers.before.impresion.impresora):
        wanted["impresion", "impresora"] = first
    return wanted


def _spelled(answers: Answers) -> dict[str, str]:
    """Names of printers in upper case -> as the TOML that is there writes them."""
    from sincronizador import toml

    if answers.before is None:
        return {}
    return {name.upper(): name for name in toml.parse(answers.toml).get("impresora", {})}


def _secrets(answers: Answers) -> str:
    """The folder of certificate and secrets, as the TOML says it."""
    before = answers.before
    if before is None:
        return "certificado"
    return _relative(answers, os.path.dirname(before.certificado.archivo))


def _relative(answers: Answers, path: str) -> str:
    """A path below the TOML's folder by its way from there: the folder may be moved."""
    home = os.path.dirname(answers.toml)
    return os.path.relpath(path, home) if path.startswith(f"{home}{os.sep}") else path


def _absolute(answers: Answers, path: str) -> str:
    return os.path.normpath(os.path.join(os.path.dirname(answers.toml), path))


def _identity(answers: Answers) -> tuple[bytes, bytes, list[bytes]]:
    """Certificate, password and CAE files to be installed; an empty certificate where none is."""
    origin = answers.get("certificado.origen")
    if origin == TRIAL:
        from sincronizador.cli.installation import trial_identity

        made = trial_identity(answers.get("emisor.rut"), answers.get("emisor.razon_social"), answers.now)
        return made.pkcs12, made.password, list(made.caes)
    caes = [ordering.read_file(path) for path in answers.names("cae")]
    if origin == FILE:
        return ordering.read_file(answers.get("certificado.archivo")), answers.secrets["certificado.clave"], caes
    return b"", b"", caes


def _make_folders(answers: Answers, settings: Settings) -> None:
    """The working folders, one below entrada and salida for every till, and what takes the place of a printer."""
    layout = Layout(settings.spool, settings.entrada.carpeta, settings.salida.carpeta)
    tills = answers.names("cajas")
    inside = (os.path.join(folder, till) for till in tills for folder in (layout.entrada, layout.salida))
    ownership.make_working_folders(settings.spool, (*layout.folders, *inside), settings.diario, answers.get("grupo"))
    for name in answers.names("impresoras"):
        station = settings.impresora[name]
        if station.via == "carpeta":
            make_folder(station.destino, parents=True)
            ownership.give(station.destino)


def _orders(
    answers: Answers, settings: Settings, certificate: bytes, password: bytes, caes: list[bytes], tell: Tell
) -> None:
    from sincronizador.signing.certificate import load_pkcs12

    ambiente = settings.ambiente
    if certificate:
        facts = load_pkcs12(certificate, password).certificate
        args = {"huella": facts.fingerprint, "ambiente": ambiente, "titular": facts.titular}
        tell(ordering.carry_out(settings, "certificado", args))
    new = 0
    for content in caes:
        try:
            ordering.carry_out(settings, "cae", {"ambiente": ambiente}, content)
            new += 1
        except Rejected as error:
            if error.code != codes.OVERLAPPING_RANGE.code:
                raise
    if caes:
        known = len(caes) - new
        already = f", {count(known, 'ya estaba', 'ya estaban')}" if known else ""
        tell(f"CAE: {count(new, 'importado', 'importados')}{already}")
    elif not certificate:
        _open_journal(settings, answers.now)


def _open_journal(settings: Settings, now: datetime) -> None:
    """A journal, where there was none and no order made it."""
    from sincronizador.daemon import assembly

    if not os.path.exists(settings.diario):
        taken = assembly.take_locks(settings, now)
        try:
            assembly.open_or_create(settings, now).close()
        finally:
            ordering.give_to_owner(settings)
            for lock in taken:
                lock.release()
