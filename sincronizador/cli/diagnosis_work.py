"""Probes of the installation itself: settings, journal, certificate, CAE, printers, alarms, what went wrong last."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from sincronizador.cli.ownership import SERVICE_USER
from sincronizador.core.alarm import Nivel
from sincronizador.core.inspection import Check, Juicio, aviso, mal, ok

if TYPE_CHECKING:
    from sincronizador.cli.diagnosis import Probe, Scene
    from sincronizador.settings import Impresora, Settings

_CODE = re.compile(r"\b[EA]\d{4}\b")
_EVENT = re.compile(r"\bevent=(\w+)")
_PATIENCE = 8.0
_LINES = 300
_TROUBLES = ("parked", "held", "rejected", "print_waits", "print_held", "companions_wait", "foreign", "fenced")
"""Events that say what somebody may be looking for."""


def probes(scene: "Scene") -> "dict[str, Probe]":
    """All of them."""
    found: dict[str, Probe] = {"Configuración": partial(_settings, scene), "Registro": _log}
    settings = scene.settings
    if settings is None:
        return found
    found = {"Estado": partial(_standing, settings, scene.now), **found}
    found["Instalación"] = partial(_installation, settings)
    found |= {f"Impresora {name}": partial(_printer, name, table) for name, table in settings.impresora.items()}
    return found | {"Últimos problemas": partial(_troubles, settings)}


def _settings(scene: "Scene") -> Iterator[Check]:
    if scene.trouble is None:
        yield ok("configuración", f"se lee bien: {scene.toml}")
        return
    for sentence in str(scene.trouble).splitlines():
        yield mal("configuración", sentence.strip(" -"))
    if not os.path.exists(scene.toml):
        yield mal("configuración", "«sincronizador configurar» la escribe, preguntando lo necesario")


def _standing(settings: "Settings", now: datetime) -> Iterator[Check]:
    from sincronizador.journal.journal import open_journal
    from sincronizador.overview import overview

    with open_journal(settings.diario, read_only=True).reading() as db:
        seen = overview(settings, db, now)
    yield Check(seen.juicio, "estado", seen.frase)
    yield ok("colas", f"sin decidir {seen.undecided}, por entregar {seen.to_hand_over}, por imprimir {seen.to_print}")
    if seen.parked or seen.held or seen.doubtful:
        waits = f"apartados {seen.parked}, papeles retenidos {seen.held}, dudosos {seen.doubtful}"
        yield aviso("colas", f"{waits}: esperan a una persona («sincronizador estado»)")
    for one in seen.standing:
        grave = mal if one.alarm.nivel is Nivel.CRITICA else aviso
        yield grave(f"alarma {one.alarm.clave}", f"desde el {one.desde:%d/%m/%Y %H:%M}: {one.alarm.sentence}")


def _installation(settings: "Settings") -> Iterator[Check]:
    """What `verificar` opens here; what it asks others is asked by other probes."""
    from sincronizador.cli.verificar import look

    for good, sentence in look(settings, outside=False):
        what, _, text = sentence.partition(": ")
        yield Check(Juicio.OK if good else Juicio.MAL, what if text else "instalación", text or sentence)


def _printer(name: str, table: "Impresora") -> Iterator[Check]:
    from sincronizador.daemon.assembly import make_station
    from sincronizador.printing.stations import look

    found = look(lambda: make_station(name, table))
    told = f"{table.via} {table.destino}: {found.text}"
    yield (ok if found.prints else mal)("impresora", told)


def _troubles(settings: "Settings") -> Iterator[Check]:
    """How often which code came up among the newest events: never what a sale said."""
    from sincronizador.journal import events
    from sincronizador.journal.journal import open_journal

    with open_journal(settings.diario, read_only=True).reading() as db:
        newest = [one for one in events.newest(db, _LINES) if one.name in _TROUBLES]
    counted = Counter(f"{one.name} {' '.join(_CODE.findall(one.detail)[:1])}".strip() for one in newest)
    if not newest:
        yield ok("problemas", f"ninguno entre los últimos {_LINES} hechos del diario")
        return
    last = max(one.at for one in newest)
    told = ", ".join(f"{what} ({times})" for what, times in counted.most_common(8))
    yield aviso("problemas", f"{told}; el último, el {last:%d/%m/%Y %H:%M} (docs/errores.md)")


def _log() -> Iterator[Check]:
    """What the service's log warned of lately: events and codes, no more of its lines."""
    command = ("journalctl", "--unit", SERVICE_USER, "--priority", "warning", "--lines", str(_LINES),
               "--no-pager", "--output", "cat", "--quiet")  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        yield ok("registro", "no hay un registro de systemd que se pueda leer aquí")
        return
    found: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        event = _EVENT.search(line)
        codes = " ".join(dict.fromkeys(_CODE.findall(line)))
        if event or codes:
            found[f"{event[1] if event else ''} {codes}".strip()] += 1
    if found:
        told = ", ".join(f"{what} ({times})" for what, times in found.most_common(8))
        yield aviso("registro", f"avisos y errores del servicio: {told}; «journalctl -u sincronizador -p warning»")
    else:
        yield ok("registro", "el servicio no registró avisos ni errores")
