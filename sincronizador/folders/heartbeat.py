"""LATIDO.TXT: the sign of life that a legacy system looks at."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sincronizador import files
from sincronizador.core.answer import Block
from sincronizador.folders.answers import HEARTBEAT, render_block
from sincronizador.folders.layout import Layout

_PULSE = re.compile(rb"\[LATIDO\]\r\nPULSO=([0-9]{1,12})\r\n")
_LARGEST = 100
STALE_SECONDS = 30.0
"""A heartbeat as old as this is nobody's."""
_WHOLE = 100_000

CONTRATO = 1
"""The version of the file contract; fields and sections may be added, never removed or changed."""


class Modo(StrEnum):
    """MODO of the heartbeat."""

    EN_LINEA = "EN_LINEA"
    CONTINGENCIA = "CONTINGENCIA"
    LOCAL = "LOCAL"
    DETENIDO = "DETENIDO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latido:
    """What a till is told every 10 seconds."""

    pulso: int
    """Grows by one; 30 seconds without growing mean that the service is stopped."""
    version: str
    ambiente: str
    modo: Modo
    desde: datetime
    """Since when in this mode, aware."""
    hora: datetime
    cola_envio: int = 0
    cola_impresion: int = 0
    retenidos: int = 0
    """Of these, the papers that wait for a person."""
    impresora: str = ""
    """The state of the till's printer in words."""
    terminal: str = ""
    dudosos: int = 0
    novedades: int = 0
    quedan: Mapping[int, int]
    """Numbers left, by type of document."""
    certificado_dias: int | None = None
    """Days until the certificate expires; None without certificate."""
    alarmas: Sequence[str] = ()
    """What a person must know, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a LATIDO.TXT that lies there says, as far as it can be read; its sentences are without accents."""

    pulso: int
    modo: Modo
    desde: datetime
    hora: datetime
    version: str
    certificado_dias: int | None
    quedan: Mapping[int, int]
    alarmas: Sequence[str]


def render(latido: Latido) -> bytes:
    """The bytes of LATIDO.TXT: pure ASCII, for nobody knows who reads it."""
    days = latido.certificado_dias
    fields = (
        ("PULSO", str(latido.pulso)),
        ("CONTRATO", str(CONTRATO)),
        ("VERSION", latido.version),
        ("AMBIENTE", latido.ambiente.upper()),
        ("MODO", latido.modo.value),
        ("DESDE", latido.desde.isoformat(timespec="seconds")),
        ("COLA_ENVIO", str(latido.cola_envio)),
        ("COLA_IMPRESION", str(latido.cola_impresion)),
        ("IMPRESORA", latido.impresora),
        ("RETENIDOS", str(latido.retenidos)),
        ("TERMINAL", latido.terminal),
        ("DUDOSOS", str(latido.dudosos)),
        ("NOVEDADES", str(latido.novedades)),
        *((f"QUEDAN.{tipo}", str(left)) for tipo, left in sorted(latido.quedan.items())),
        ("CERTIFICADO_DIAS", "" if days is None else str(days)),
        *((f"ALARMA.{number}", alarm) for number, alarm in enumerate(latido.alarmas, 1)),
        ("HORA", latido.hora.isoformat(timespec="seconds")),
    )
    return render_block(Block("LATIDO", fields), "ascii")


def read(layout: Layout) -> Beat | None:
    """The newest heartbeat; None where there is none, or none that is ours."""
    values = last_beat(layout)
    try:
        desde, hora = (datetime.fromisoformat(values[name]) for name in ("DESDE", "HORA"))
        if desde.tzinfo is None or hora.tzinfo is None:
            return None
        return Beat(
            pulso=int(values["PULSO"]),
            modo=Modo(values["MODO"]),
            desde=desde,
            hora=hora,
            version=values["VERSION"],
            certificado_dias=int(values["CERTIFICADO_DIAS"]) if values["CERTIFICADO_DIAS"] else None,
            quedan={int(name[7:]): int(left) for name, left in values.items() if name.startswith("QUEDAN.")},
            alarmas=tuple(alarms_of(values)),
        )
    except (KeyError, ValueError):
        return None


def last_pulse(layout: Layout) -> int:
    """PULSO of the heartbeat that lies there, so that the next one is higher; 0 where none can be read."""
    try:
        with open(os.path.join(layout.salida, HEARTBEAT), "rb") as file:
            found = _PULSE.match(file.read(_LARGEST))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def last_beat(layout: Layout) -> dict[str, str]:
    """What the installation's LATIDO.TXT says, field by field; empty where there is none."""
    try:
        with open(os.path.join(layout.salida, HEARTBEAT), encoding="ascii", errors="replace") as file:
            lines = file.read(_WHOLE).splitlines()
    except OSError:
        return {}
    return dict(line.partition("=")[::2] for line in lines if "=" in line)


def alarms_of(beat: Mapping[str, str]) -> list[str]:
    """The sentences of its alarms, in order."""
    return [value for name, value in beat.items() if name.startswith("ALARMA.")]


def beats(layout: Layout, now: float) -> bool:
    """Whether the service was alive within the last 30 seconds and did not say that it stops; `now` as `time.time`."""
    try:
        written = os.stat(os.path.join(layout.salida, HEARTBEAT)).st_mtime
    except OSError:
        return False
    return abs(now - written) < STALE_SECONDS and fields(layout).get("MODO", Modo.DETENIDO) != Modo.DETENIDO


def fields(layout: Layout) -> dict[str, str]:
    """What the newest heartbeat says; nothing where there is none."""
    try:
        with open(os.path.join(layout.salida, HEARTBEAT), encoding="ascii", errors="replace") as file:
            pairs = [line.rstrip("\r\n").partition("=") for line in file]
    except OSError:
        return {}
    return {name: value for name, equals, value in pairs if equals}


def beat(layout: Layout, till: str, latido: Latido) -> None:
    """
    Write the till's LATIDO.TXT, whole. Raises `NeedsOperator`.

    Not synced: after a power cut a stale pulse says "stopped", which is the truth until the next one. It takes no room:
    a full disk is what it may have to tell.
    """
    folder = layout.salida_of(till)
    files.write_in_turn(os.path.join(folder, HEARTBEAT), os.path.join(folder, ".latido"), render(latido))
