"""The service's state as ``systemctl status`` shows it: one line for a person."""

import textwrap

from sincronizador.overview import Overview, Situacion

_LONGEST = 200
"""Letters of an alarm; `estado` has all of it."""
_SAID = frozenset(("contingencia",))
"""Alarms that the situation already says."""


def line(seen: Overview) -> str:
    """``En línea: numera y firma la nube. 3 por imprimir. No quedan números de e-Ticket. Y 2 alarmas más.``"""
    waiting = {
        "por decidir": seen.undecided,
        "por imprimir": seen.to_print,
        # Alone there is nobody to hand anything to, until there is a cloud.
        "por entregar": 0 if seen.situacion is Situacion.LOCAL else seen.to_hand_over,
        "apartados": seen.parked,
    }
    queues = ", ".join(f"{number} {what}" for what, number in waiting.items() if number)
    first, *more = [one.alarm.sentence for one in seen.standing if one.alarm.family not in _SAID] or [""]
    others = f"Y {len(more)} {'alarma' if len(more) == 1 else 'alarmas'} más." if more else ""
    return " ".join(
        part
        for part in (seen.frase, queues and f"{queues}.", textwrap.shorten(first, _LONGEST, placeholder="..."), others)
        if part
    )
