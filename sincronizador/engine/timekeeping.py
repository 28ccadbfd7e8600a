"""
Which time may be trusted: the journal's latest, what a clock that nobody moves would show, the cloud's.

Nothing is signed while the clock is in doubt. The doubt ends by itself once the clock is right again, or once somebody
who knows vouches for it: the kernel's synchronisation, the cloud of another machine, a person.
"""

from datetime import datetime, timedelta

from sincronizador.journal import events
from sincronizador.journal.journal import Tx, meta, remember

from .house import House

BACKWARDS = timedelta(minutes=5)
"""How far the clock may lie before the latest time that was trusted."""
FORWARDS = timedelta(days=1)
"""How far it may have jumped ahead, without anybody who vouches for it."""
SKEW = timedelta(minutes=2)
"""From which on it is said that the cloud's clock and ours differ; what is nearer vouches for ours."""
APART = timedelta(hours=1)
"""From which on nothing is issued: the day of a document is no longer certain."""
_KEEP = timedelta(hours=1)
"""So often the latest time is kept while nothing is signed, so that a restart after quiet days is no jump."""


def latest(house: House) -> datetime | None:
    """The latest time that was trusted; None before the first document."""
    with house.journal.reading() as db:
        trusted = meta(db, "reloj")
    return datetime.fromisoformat(trusted) if trusted else None


def clock_trouble(house: House, db: Tx, now: datetime) -> str:
    """Why the clock cannot be trusted, the end of a Spanish sentence; the empty string when it can."""
    trusted = meta(db, "reloj")
    detail = "" if _is_vouched(house, now) else _apart(house, db, now) or _moved(house, trusted, now)
    if not detail and trusted:
        house.pace.accept(now, house.clock.steady())
    return detail


def trust(house: House, db: Tx, now: datetime) -> None:
    """Keep the latest time that was trusted. Only while there is no `clock_trouble`."""
    trusted = meta(db, "reloj")
    if trusted and now < datetime.fromisoformat(trusted) - BACKWARDS:
        events.record(db, None, now, "clock", f"La hora quedó bien: se dejó de lado la marca {_told(trusted)}.")
    elif trusted > now.isoformat():
        return
    remember(db, "reloj", now.isoformat())
    house.pace.accept(now, house.clock.steady())


def confirm(house: House, db: Tx, now: datetime) -> None:
    """A person says that the clock is right, whatever it showed before and whatever the cloud's shows."""
    remember(db, "reloj", now.isoformat())
    skew = house.pace.skew(now, house.clock.steady())
    remember(db, "desfase_confirmado", str(round(skew.total_seconds())) if skew is not None else "")
    house.pace.accept(now, house.clock.steady())
    events.record(db, None, now, "clock", "Una persona confirmó la hora.")


def keep(house: House, now: datetime) -> None:
    """While nothing is signed the latest time is kept too, now and then."""
    with house.journal.reading() as db:
        trusted = meta(db, "reloj")
        if not trusted or clock_trouble(house, db, now) or now < datetime.fromisoformat(trusted) + _KEEP:
            return
    with house.journal.transaction() as db:
        trust(house, db, now)


def hear(house: House, cloud: datetime) -> None:
    """The cloud said what time it is. Now and then that is kept, for a process that has not heard it yet."""
    house.pace.hear(cloud, house.clock.steady())
    with house.journal.reading() as db:
        kept = meta(db, "hora_nube")
    if not kept or abs(cloud - datetime.fromisoformat(kept)) >= _KEEP:
        with house.journal.transaction() as db:
            remember(db, "hora_nube", cloud.isoformat())


def acked_at(house: House, db: Tx, now: datetime) -> datetime:
    """
    When the cloud said that it has something: the later one of both clocks.

    After a restore it says in its own time since when it may have lost what it had, and ours may be years behind.
    """
    skew, kept = house.pace.skew(now, house.clock.steady()), meta(db, "hora_nube")
    if skew is None and kept:
        skew = datetime.fromisoformat(kept) - now
    return now + max(skew or timedelta(), timedelta())


def by_our_clock(house: House, moment: datetime, now: datetime) -> datetime:
    """When that was by the clock here, if it is behind the cloud's: nothing that it dated since is left out."""
    skew = house.pace.skew(now, house.clock.steady()) or timedelta()
    return moment - max(skew, timedelta())


def skew_alarm(house: House, now: datetime) -> str:
    """What to do about clocks that differ, a sentence; empty while they do not."""
    skew = house.pace.skew(now, house.clock.steady())
    if skew is None or abs(skew) <= SKEW:
        return ""
    where = "atrasado" if skew > timedelta() else "adelantado"
    remedy = "ponga esta máquina en hora, por red (NTP)"
    if house.clock.is_synchronised():
        remedy = "el de esta máquina se pone en hora por red, avise a quien administra la nube"
    return f"El reloj de esta máquina está {_long(skew)} {where} respecto del de la nube: {remedy}."


def _is_vouched(house: House, now: datetime) -> bool:
    if house.clock.is_synchronised():
        return True
    skew = house.pace.skew(now, house.clock.steady())
    # A cloud on this machine has this machine's clock.
    return house.rules.nube_ajena and skew is not None and abs(skew) <= SKEW


def _apart(house: House, db: Tx, now: datetime) -> str:
    skew, confirmed = house.pace.skew(now, house.clock.steady()), meta(db, "desfase_confirmado")
    if skew is None or not house.rules.nube_ajena or abs(skew) <= APART:
        return ""
    if confirmed and abs(skew - timedelta(seconds=int(confirmed))) <= SKEW:
        return ""
    return f"marca {now:%d/%m/%Y %H:%M} y el de la nube {now + skew:%d/%m/%Y %H:%M}"


def _moved(house: House, trusted: str, now: datetime) -> str:
    if not trusted:
        return ""
    latest = datetime.fromisoformat(trusted)
    if now < latest - BACKWARDS:
        return f"marca {now:%d/%m/%Y %H:%M} y el último comprobante se firmó el {_told(trusted)}"
    if house.pace.ahead(now, house.clock.steady(), latest) > FORWARDS:
        return f"saltó hasta el {now:%d/%m/%Y %H:%M} desde el {_told(trusted)}"
    return ""


def _told(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%d/%m/%Y %H:%M}"


def _long(skew: timedelta) -> str:
    minutes = round(abs(skew.total_seconds()) / 60)
    if minutes < 120:
        return f"{minutes} minutos"
    hours = round(minutes / 60)
    return f"{hours} horas" if hours < 48 else f"{round(hours / 24)} días"
