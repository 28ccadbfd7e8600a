"""Chores: bells that ring at their times, whatever the clock says. A bell that is missed costs nothing."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from sincronizador import __version__
from sincronizador.errors import SincronizadorError
from sincronizador.folders.answers import news_waiting
from sincronizador.folders.heartbeat import Latido, Modo, beat
from sincronizador.journal import post
from sincronizador.journal.journal import Tx
from sincronizador.journal.tasks import print_lane

from . import timekeeping
from .health import examine
from .house import House
from .pen import IssuerPen

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
CHECKPOINT_SECONDS = 30


class Chores:
    """The bells of a running daemon."""

    def __init__(self, house: House, pen: IssuerPen, troubles: Callable[[], Sequence[SincronizadorError]]) -> None:
        self._house = house
        self._pen = pen
        self._troubles = troubles
        self._since = house.clock.now()
        # Larger than any pulse of an earlier run, since that one grew by one in ten seconds too.
        self._pulse = int(max(self._since, timekeeping.latest(house) or self._since).timestamp()) // HEARTBEAT_SECONDS
        self._bells = (
            _Bell("latido", self._beat, HEARTBEAT_SECONDS),
            _Bell("diario", house.journal.checkpoint, CHECKPOINT_SECONDS),
        )

    def start(self) -> None:
        """The first heartbeat, then the bells."""
        self._beat()
        for bell in self._bells:
            bell.start()

    def stop(self) -> None:
        """The last heartbeat says DETENIDO."""
        for bell in self._bells:
            bell.stop()
        self.heartbeat(Modo.DETENIDO)

    def _beat(self) -> None:
        timekeeping.keep(self._house, self._house.clock.now())
        self.heartbeat()

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
        house, now = self._house, self._house.clock.now()
        try:
            with house.journal.reading() as db:
                health = examine(house, db, self._pen.certificate, now, self._troubles())
                modo, since = self._modo(db)
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
                    cola_impresion=queue.due + queue.parked if queue else 0,
                    impresora="" if not station else "ESPERA" if queue and queue.note else "OK",
                    dudosos=health.doubtful,
                    novedades=news_waiting(house.layout, till),
                    quedan=health.left,
                    certificado_dias=health.certificate_days,
                    alarmas=health.alarms,
                )
                beat(house.layout, till, latido)
        except (SincronizadorError, OSError) as error:
            log.error("event=trouble chore=heartbeat message=%r", str(error))  # noqa: TRY400 - no bug, no traceback


class _Bell(threading.Thread):
    """Rings every so many seconds, in a thread of its own, until it is stopped."""

    def __init__(self, name: str, ring: Callable[[], None], seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._ring = ring
        self._seconds = seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        """The thread. What went wrong is told, and it rings again."""
        while not self._stopping.wait(self._seconds):
            try:
                self._ring()
            except SincronizadorError as error:
                log.error("event=trouble chore=%s message=%r", self.name, str(error))  # noqa: TRY400 - no bug
            except Exception:
                log.exception("event=bug chore=%s", self.name)

    def stop(self) -> None:
        """Let it finish what it does, and end."""
        self._stopping.set()
        if self.is_alive():
            self.join()
