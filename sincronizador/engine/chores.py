"""Chores: bells that ring at their times. What is due is in the journal; a bell that is missed costs nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from sincronizador import __version__
from sincronizador.core import codes
from sincronizador.core.alarm import Nivel
from sincronizador.errors import NeedsOperator, SincronizadorError
from sincronizador.folders.answers import news_waiting
from sincronizador.folders.heartbeat import Latido, Modo, beat, last_pulse
from sincronizador.journal import alarms, post
from sincronizador.journal.journal import CERTIFICATE_ENDS, JournalLost, Tx, meta, remember
from sincronizador.journal.tasks import print_lane

from . import timekeeping
from .alarms import of_trouble
from .health import Health, examine
from .house import House
from .pen import IssuerPen

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10


class Chores:
    """The bells of a running daemon."""

    def __init__(
        self,
        house: House,
        pen: IssuerPen,
        troubles: Callable[[], Sequence[SincronizadorError]],
        lost: Callable[[BaseException], None],
    ) -> None:
        self._house = house
        self._pen = pen
        self._troubles = troubles
        self._lost = lost
        self._told = ""
        """What the last heartbeat failed of."""
        self._known: tuple[Health, Modo, datetime] | None = None
        """What the last heartbeat said."""
        self._since = house.clock.now()
        # Larger than any pulse of an earlier run, also where its last one was taken away.
        latest = max(self._since, timekeeping.latest(house) or self._since)
        self._pulse = max(last_pulse(house.layout), int(latest.timestamp()) // HEARTBEAT_SECONDS)
        self._scheduler = BackgroundScheduler(
            timezone=house.country.zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_job(self.heartbeat, "interval", seconds=HEARTBEAT_SECONDS)

    def start(self) -> None:
        """The first heartbeat, then the bells."""
        self.heartbeat()
        self._scheduler.start()

    def stop(self) -> None:
        """The last heartbeat says DETENIDO."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self.heartbeat(Modo.DETENIDO)

    def wind(self) -> None:
        """Ring now what waits for a time that a clock which was put back will not reach for long."""
        now = self._house.clock.now()
        for bell in self._scheduler.get_jobs():
            if bell.next_run_time > now + timedelta(seconds=2 * HEARTBEAT_SECONDS):
                bell.modify(next_run_time=now)

    def ring(self) -> None:
        """All of them now: something has to be told."""
        for bell in self._scheduler.get_jobs():
            bell.modify(next_run_time=self._house.clock.now())

    def _modo(self, db: Tx) -> tuple[Modo, datetime]:
        """How this installation works now, and since when."""
        house = self._house
        if house.cloud is None:
            return Modo.LOCAL, self._since
        if post.is_fenced(db):
            return Modo.DETENIDO, self._since
        link = house.line.link
        return Modo.CONTINGENCIA if link.contingency else Modo.EN_LINEA, link.since or self._since

    def heartbeat(self, stopped: Modo | None = None) -> None:
        """LATIDO.TXT of every till. A folder that cannot be written is told in the log and in the next one that can."""
        self._pulse += 1
        try:
            self._beat(stopped)
            if stopped is None:
                self._keep_alarms()
            timekeeping.keep(self._house, self._house.clock.now())
        except (SincronizadorError, OSError) as error:
            if str(error) != self._told:
                log.error("event=trouble chore=heartbeat message=%r", str(error))  # noqa: TRY400 - no bug, no traceback
            self._told = str(error)
        except JournalLost as error:
            self._lost(error)
        else:
            self._told = ""

    def _keep_alarms(self) -> None:
        """In the journal, for whoever shows or tells them; in the log once each, as they begin and end."""
        if self._known is None:
            return
        now = self._house.clock.now()
        try:
            with self._house.journal.transaction() as db:
                self._keep_certificate(db, now)
                change = alarms.keep(db, self._known[0].alarms, now, self._house.rules.calma)
        except NeedsOperator as error:
            if error.code != codes.JOURNAL_FULL.code:
                raise
            # The heartbeat says so; the room that is left is for who has work in hand.
            return
        for alarm in change.begun:
            level = logging.ERROR if alarm.nivel is Nivel.CRITICA else logging.WARNING
            log.log(level, "event=alarm key=%s text=%r", alarm.clave, alarm.sentence)
        for one in change.ended:
            log.info("event=alarm_over key=%s seconds=%d", one.alarm.clave, one.lasted(now).total_seconds())

    def _keep_certificate(self, db: Tx, now: datetime) -> None:
        """Until when the one that signs is good, for who shows it and has no key."""
        certificate = self._pen.certificate_at(now)
        ends = certificate.not_after.isoformat() if certificate else ""
        if meta(db, CERTIFICATE_ENDS) != ends:
            remember(db, CERTIFICATE_ENDS, ends)

    def _beat(self, stopped: Modo | None) -> None:
        house, now, troubles = self._house, self._house.clock.now(), self._troubles()
        try:
            with house.journal.reading() as db:
                health = examine(house, db, self._pen.certificate_at(now), now, troubles)
                self._known = health, *self._modo(db)
        except NeedsOperator as error:
            # A journal that cannot be read is what has to be told now, with the figures that were known before.
            if self._known is None:
                raise
            found = dict.fromkeys(map(of_trouble, (error, *troubles)))
            self._known = replace(self._known[0], alarms=tuple(found)), *self._known[1:]
        health, modo, since = self._known
        for till in ("", *house.layout.tills()):
            station = house.station("", till) or ""
            queue = next((queue for queue in health.queues if queue.lane == print_lane(station)), None)
            latido = Latido(
                pulso=self._pulse,
                version=__version__,
                ambiente=house.rules.ambiente,
                modo=stopped or modo,
                desde=since,
                hora=now,
                cola_envio=health.to_hand_over,
                cola_impresion=queue.due + queue.parked + queue.held if queue else 0,
                retenidos=queue.held if queue else 0,
                impresora="" if not station else "ESPERA" if queue and queue.note else "OK",
                dudosos=health.doubtful,
                novedades=news_waiting(house.layout, till),
                quedan=health.left,
                certificado_dias=health.certificate_days,
                alarmas=[alarm.sentence for alarm in health.alarms],
            )
            beat(house.layout, till, latido)
