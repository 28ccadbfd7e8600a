"""How one certificate follows another: from which moment on, and which cannot."""

from datetime import datetime, timedelta

from sincronizador.errors import NeedsOperator
from sincronizador.signing.certificate import Certificate
from sincronizador.signing.codes import CANNOT_FOLLOW

MARGIN = timedelta(days=1)
"""Before the end of the present one the next one signs: what it signed last is still sent while it is valid."""


def change_at(present: Certificate | None, following: Certificate, wanted: datetime | None, now: datetime) -> datetime:
    """
    From when on `following` signs instead of `present`: a person's wish, or a day before the present one ends.

    It may be past: then at once. Raises `NeedsOperator` E2114 when it cannot follow.
    """
    if present is None or present.not_after <= now:
        raise _refused("no hay uno vigente al que siga; instálelo sin --siguiente")
    if following.fingerprint == present.fingerprint:
        raise _refused("es el mismo que firma ahora")
    if following.not_after <= present.not_after:
        raise _refused(f"vence el {_day(following.not_after, now)}, antes que el que firma ahora")
    if wanted is None:
        return max(following.not_before, present.not_after - MARGIN)
    if wanted < following.not_before:
        raise _refused(f"vale recién desde el {_day(following.not_before, now)}")
    if wanted > present.not_after:
        raise _refused(f"el que firma ahora vence antes, el {_day(present.not_after, now)}")
    return wanted


def _refused(detail: str) -> NeedsOperator:
    return CANNOT_FOLLOW.at(detalle=detail).as_error(NeedsOperator)


def _day(moment: datetime, now: datetime) -> str:
    return f"{moment.astimezone(now.tzinfo):%d/%m/%Y %H:%M}"
