"""
Why it does not work: probes that look at one thing each, all at once, none of them for long.

Also where the settings are broken or missing, which is when it is asked for. Nothing of customers is told, and no
secret: probes tell facts of the machine, and what they tell is looked through for secrets all the same.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.inspection import Check, Juicio, mal
from sincronizador.errors import SincronizadorError
from sincronizador.secret import Secret
from sincronizador.settings import Settings, load
from sincronizador.toml import leaves

PATIENCE = 12.0
"""Seconds that a probe may take."""
WORDS = {Juicio.OK: "bien ", Juicio.AVISO: "aviso", Juicio.MAL: "MAL  "}
_USERINFO = re.compile(r"(\w+://)[^/@\s]+@")
_NUMBERS = re.compile(r"(?<![\d.])\d{11,12}(?![\d.])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SHORTEST = 4
"""Letters of a secret that is looked for in what is told; shorter ones are in every text."""
_TOKEN = 16
"""Letters of a word that is looked for on its own."""

Probe = Callable[[], Iterable[Check]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What there is to look at."""

    toml: str
    """Where the settings are, or should be."""
    settings: Settings | None
    trouble: SincronizadorError | None
    """Why there are none."""
    now: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What one probe told."""

    title: str
    checks: tuple[Check, ...]


def scene_of(toml: str, now: datetime) -> Scene:
    """The settings, or why there are none."""
    try:
        return Scene(toml=toml, settings=load(toml), trouble=None, now=now)
    except SincronizadorError as error:
        return Scene(toml=toml, settings=None, trouble=error, now=now)


def examine(scene: Scene, patience: float = PATIENCE) -> list[Part]:
    """Everything, in the order of the probes; one that takes longer is told as that and left behind."""
    from sincronizador.cli import diagnosis_machine, diagnosis_net, diagnosis_work

    probes = {
        **diagnosis_work.probes(scene),
        **diagnosis_net.probes(scene),
        **diagnosis_machine.probes(scene),
    }
    running = [_Running(title, probe) for title, probe in probes.items()]
    deadline = time.monotonic() + patience
    hidden = _secrets(scene.settings)
    return [Part(one.title, tuple(_clean(check, hidden, scene) for check in one.told(deadline))) for one in running]


class _Running:
    """A probe at work: the process does not wait for one that never ends."""

    def __init__(self, title: str, probe: Probe) -> None:
        self.title = title
        self._found: list[Check] = []
        self._thread = threading.Thread(target=self._run, args=(probe,), name=title, daemon=True)
        self._thread.start()

    def _run(self, probe: Probe) -> None:
        try:
            for check in probe():
                self._found.append(check)
        except SincronizadorError as error:
            self._found.append(mal(self.title, f"{error.code} {error}"))
        except Exception as error:  # a probe that breaks is a line, and the others go on
            self._found.append(mal(self.title, f"no se pudo mirar: {type(error).__name__} {error}"))

    def told(self, deadline: float) -> list[Check]:
        self._thread.join(max(0.0, deadline - time.monotonic()))
        found = list(self._found)
        if self._thread.is_alive():
            found.append(mal(self.title, "no terminó de contestar: está colgado o muy lento"))
        return found


def report(parts: Sequence[Part], now: datetime) -> str:
    """The text that is mailed to who helps."""
    from sincronizador import __version__

    lines = [f"Diagnóstico de sincronizador {__version__}, {now:%d/%m/%Y %H:%M:%S %z}"]
    for part in parts:
        lines += ["", part.title, *(f"  {line(check)}" for check in part.checks)]
    return "\n".join(lines) + "\n"


def line(check: Check) -> str:
    """``bien  disco: hay lugar``."""
    return f"{WORDS[check.juicio]} {check.que}: {check.texto}"


def worst(parts: Sequence[Part]) -> Juicio:
    """The gravest of all."""
    found = {check.juicio for part in parts for check in part.checks}
    return next((juicio for juicio in (Juicio.MAL, Juicio.AVISO) if juicio in found), Juicio.OK)


def _secrets(settings: Settings | None) -> list[str]:
    """What must not be told, as far as it can be read."""
    found = []
    for _, value, _ in leaves(settings) if settings else ():
        if isinstance(value, Secret):
            try:
                text = value.read().decode("utf-8", "replace")
            except SincronizadorError:
                continue
            # A file of tokens has several, each behind the name of its till.
            found += [one for one in (text, *text.split()) if len(one) >= (_SHORTEST if one is text else _TOKEN)]
    return found


def _clean(check: Check, hidden: Sequence[str], scene: Scene) -> Check:
    """Without secrets, and without what may be a customer's number or address."""
    own = scene.settings.emisor.rut if scene.settings else ""
    text = check.texto
    for secret in hidden:
        text = text.replace(secret, "(oculto)")
    text = _MAIL.sub("(correo)", _USERINFO.sub(r"\1(oculto)@", text))
    text = _NUMBERS.sub(lambda found: found[0] if found[0] == own else "(número)", text)
    return Check(check.juicio, check.que, " ".join(text.split()))
