"""The running daemon: one process, few named threads, a clean end."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sincronizador import native, systemd
from sincronizador.core import codes
from sincronizador.engine.chores import Chores
from sincronizador.engine.decision import decide
from sincronizador.engine.desk import Desk
from sincronizador.engine.handing import hand_over_next
from sincronizador.engine.house import House
from sincronizador.engine.importing import import_dropped
from sincronizador.engine.intake import Intake
from sincronizador.engine.looking_up import look_up_next
from sincronizador.engine.lots import Lots
from sincronizador.engine.mirroring import mirror_next
from sincronizador.engine.orders import carry_out_next
from sincronizador.engine.pen import IssuerPen
from sincronizador.engine.printing import Press
from sincronizador.engine.probing import attend, probe
from sincronizador.engine.publishing import Publisher
from sincronizador.engine.receiving import leave
from sincronizador.engine.representing import represent_next, warm_up
from sincronizador.engine.retention import Retention
from sincronizador.engine.switching import switch
from sincronizador.engine.talking import THREADS, Claims, talk_next
from sincronizador.engine.telling import Teller
from sincronizador.engine.worker import STALLED_SECONDS, Loop
from sincronizador.errors import NeedsOperator, SincronizadorError
from sincronizador.folders.layout import Layout
from sincronizador.folders.ranges import RangeFolder
from sincronizador.folders.watch import Watch
from sincronizador.journal import tasks
from sincronizador.journal.journal import Journal, JournalLost
from sincronizador.journal.mark import Mark
from sincronizador.logs import event
from sincronizador.overview import overview
from sincronizador.owner import PULSE_SECONDS, Ownership
from sincronizador.printing.door import Printer
from sincronizador.settings import Settings, load
from sincronizador.stopping import Stop

from . import assembly, marks, reload, restored, status
from .backups import Backups
from .channels import make_channels, make_manners
from .ground import Ground
from .room import Room

log = logging.getLogger(__name__)

PRINTING_SECONDS = 600.0
"""A page takes as long as its printer: one that is busy, or slow at the end of a serial cable, is no reason to die."""
TELLING_SECONDS = 1800.0
"""Each of those who are told may let us wait for as long as a mail may take."""
TRIMMING_SECONDS = 12 * 3600.0
"""Years of answers go a few at a time."""
STOP_SECONDS = 30.0
FULL_SECONDS = 0.02
"""Between two looks whether enough was decided to take more files in."""
LOOK_SECONDS = 1.0
"""Between two looks at folders and room, however often the inbox is scanned."""
CHECKPOINT_SECONDS = 30.0
STATUS_SECONDS = 5.0
"""Between two looks at what systemd shows."""
SUSPICIOUS = 1.0
"""Between two probes while it is not known whether there is a line."""
_M_ARENA_MAX = -8
LOST = 74
"""Exit code after a lost journal (EX_IOERR): systemd starts again from what is on the disk."""


class Daemon:
    """Everything that runs."""

    def __init__(
        self,
        settings: Settings,
        house: House,
        pen: IssuerPen,
        stop: Stop,
        machine: Mark,
        *,
        toml: str,
        room: Room,
        ground: Ground,
        ownership: Ownership,
    ) -> None:
        self._settings = settings
        self._toml = toml
        self._house = house
        self._room = room
        self._ground = ground
        self._looked = 0.0
        self._open = True
        self._mark = machine
        self._ownership = ownership
        self._lost_to: NeedsOperator | None = None
        self._refused: NeedsOperator | None = None
        """Why settings that were read again were not taken."""
        self._status = ""
        self._shown = 0.0
        self._stop = stop
        self._inbox = assembly.make_inbox(settings, house)
        self._watch = Watch(house.layout)
        self._scanned = threading.Event()
        self._cold = True
        self._probed = 0.0
        answers = self._loop("respuestas", Publisher(house).publish, idle=0.2)
        printers = [self._printing(printer, answers) for printer in house.printers.values()]
        represent = self._loop("representacion", self._represent, 0.5, answers)
        desk = Desk()
        followers = [answers, represent, *printers]
        if house.mirror is not None:
            followers.append(self._loop("espejo", lambda: mirror_next(house), 0.25, *followers))
        entrega = self._loop("entrega", lambda: hand_over_next(house), 1.0, *followers)
        claims = Claims()
        talkers = [self._loop(f"nube-{n}", lambda: talk_next(house, claims), 1.0, *followers) for n in range(THREADS)]
        lookups = self._loop("consultas", lambda: look_up_next(house), 1.0, answers)
        cloud = [entrega, lookups, *talkers] if house.cloud else []
        decisions = self._loop("decision", lambda: self._decide(desk), 0.5, *followers, *cloud)
        if house.cloud:
            if house.rules.recibidos:
                # A folder that cannot be written holds up no answer.
                cloud.append(self._loop("recibidos", lambda: leave(house), 1.0))
            attending = self._loop("fondo", lambda: attend(house, self._mark.machine), 1.0, decisions, *cloud)
            cloud += [attending, self._loop("enlace", self._probe, 0.5, attending, decisions, *cloud)]
        lots = self._loop("lotes", Lots(house).advance, 1.0, *followers, *cloud)

        def arrived() -> None:
            decisions.wake()
            lots.wake()

        intake = Intake(house, self._inbox, desk, arrived)
        entrance = self._loop("entrada", lambda: self._take_in(intake), 0, answers)
        orders = self._loop("ordenes", lambda: carry_out_next(house, pen), 0.25, decisions, *followers, *cloud)
        ranges = RangeFolder(house.layout.cae, incompleto=settings.entrada.incompleto)
        importing = self._loop("cae", lambda: import_dropped(house, ranges), 2.0, decisions, *followers)
        marking = self._loop("marca", self._keep_mark, 1.0)
        checkpoints = self._loop("diario", house.journal.checkpoint, CHECKPOINT_SECONDS)
        owning = self._loop("propietario", self._pulse, PULSE_SECONDS)
        self._afterwards = self._make_afterwards(toml)
        self._loops = [*followers, decisions, lots, entrance, orders, importing, checkpoints, owning, marking, *cloud]
        self._chores = Chores(house, pen, self.troubles, self._lost)

    def _make_afterwards(self, toml: str) -> list[Loop]:
        """Loops that begin after the first heartbeat: what was known when the one before stopped may be over."""
        house, settings = self._house, self._settings
        self._teller = Teller(house, make_channels(settings), make_manners(settings))
        self._backups = Backups(house, settings, toml)
        self._retention = Retention(house, assembly.make_keeping(settings))
        return [
            self._loop("respaldos", self._backups.advance, 2.0),
            self._loop("limpieza", self._retention.advance, 5.0, longest=TRIMMING_SECONDS),
            self._loop("avisos", self._teller.tell_next, 5.0, longest=TELLING_SECONDS),
        ]

    def run(self) -> bool:
        """Work until told to stop; True when it is to begin anew, because of what the TOML says now."""
        for loop in self._loops:
            loop.start()
        self._scanned.wait(STALLED_SECONDS)
        self._chores.start()
        for loop in self._afterwards:
            loop.start()
        self._loops += self._afterwards
        self._show(systemd.READY)
        event(log, "ready", printers=len(self._house.printers))
        anew = self._watch_over()
        systemd.notify(*(("STATUS=Recargando la configuración",) if anew else (systemd.STOPPING,)))
        self._end()
        return anew

    def troubles(self) -> list[SincronizadorError]:
        """What keeps a loop, or a dropped file, from its way now."""
        loops = (loop.trouble for loop in self._loops if loop.trouble)
        refused = filter(None, [self._refused])
        return [*self._room.troubles, *loops, *self._inbox.troubles, *self._teller.troubles, *refused]

    def _decide(self, desk: Desk) -> int:
        return decide(self._house, desk) + switch(self._house)

    def _probe(self) -> bool:
        """Now and then; sooner while failures leave open whether there is a line."""
        link = self._house.line.link
        sondeo = self._settings.nube.sondeo if self._settings.nube else 0.0
        pause = min(sondeo, SUSPICIOUS) if link.failures and not link.contingency else sondeo
        if time.monotonic() < self._probed + pause:
            return False
        answered = probe(self._house)
        self._probed = time.monotonic()
        return answered

    def _keep_mark(self, *, closed: bool = False) -> None:
        self._mark = marks.keep_mark(self._settings, self._house.journal, self._mark, closed=closed)

    def _pulse(self) -> None:
        try:
            self._ownership.pulse()
        except NeedsOperator as error:
            if error.code == codes.OWNER_LOST.code:
                # Whoever took the folders over must not find us at work in them.
                self._lost_to = error
                self._stop.set()
            raise

    def _represent(self) -> bool:
        if self._cold:
            # After the first look into the inbox, so that it delays nobody's start.
            self._scanned.wait(STALLED_SECONDS)
            self._cold = False
            warm_up(self._house)
        return represent_next(self._house)

    def _take_in(self, intake: Intake) -> int:
        if time.monotonic() >= self._looked + LOOK_SECONDS:
            self._ground.look()
            loops = [loop.trouble for loop in self._loops if loop.trouble]
            self._open = self._room.look([*loops, *self._inbox.troubles], self._companions_wait)
            self._looked = time.monotonic()
        taken = intake.take(closed=not self._open)
        self._scanned.set()
        if intake.is_full:
            self._stop.wait(FULL_SECONDS)
        else:
            self._watch.wait(found=taken)
        return taken

    def _companions_wait(self) -> bool:
        """Whether one could not be written: they delay nothing, so no loop is in trouble."""
        with self._house.journal.reading() as db:
            return any(queue.tries for queue in tasks.queues(db) if queue.lane == tasks.REPRESENT)

    def _loop(
        self, name: str, work: Callable[[], object], idle: float, *wakes: Loop, longest: float = STALLED_SECONDS
    ) -> Loop:
        return Loop(name, work, idle=idle, lost=self._lost, wakes=wakes, longest=longest)

    def _printing(self, printer: Printer, answers: Loop) -> Loop:
        work = Press(self._house, printer).print_next
        return self._loop(f"impresora-{printer.name}", work, 0.25, answers, longest=PRINTING_SECONDS)

    def _watch_over(self) -> bool:
        fed, pause = 0.0, min(systemd.watchdog_seconds() or STALLED_SECONDS, 10.0)
        while not self._stop.wait(min(pause, LOOK_SECONDS)):
            if reload.asked() and self._takes():
                return True
            if time.monotonic() >= fed + pause:
                fed = time.monotonic()
                self._feed()
            if time.monotonic() >= self._shown + STATUS_SECONDS:
                self._show()
        return False

    def _feed(self) -> None:
        self._chores.wind()
        stalled = [loop.name for loop in self._loops if loop.is_stuck]
        if stalled:
            event(log, "stalled", level=logging.ERROR, loops=",".join(stalled))
        else:
            systemd.notify(systemd.WATCHDOG)

    def _takes(self) -> bool:
        """Whether the settings as they are now can be worked with; if not, that is told and all goes on."""
        systemd.notify(systemd.reloading())
        try:
            reload.look_at(load(self._toml), self._settings, self._house.journal)
        except NeedsOperator as error:
            self._refused = reload.refused(error)
            event(log, "reload_refused", level=logging.ERROR, code=error.code, message=str(error))
            self._chores.ring()
            self._show(systemd.READY)
            return False
        event(log, "reload")
        return True

    def _show(self, *states: str) -> None:
        """What systemd is to show, where it changed."""
        self._shown = time.monotonic()
        try:
            with self._house.journal.reading() as db:
                shown = status.line(overview(self._settings, db, self._house.clock.now()))
        except SincronizadorError as error:
            shown = str(error)
        if states or shown != self._status:
            self._status = shown
            systemd.notify(*states, f"STATUS={shown}")

    def _end(self) -> None:
        """Every loop finishes the step in hand."""
        self._retention.stop()
        for loop in self._loops:
            loop.stop()
        self._watch.wake()
        deadline = time.monotonic() + STOP_SECONDS
        for loop in self._loops:
            loop.join(max(0.0, deadline - time.monotonic()))
        self._watch.close()
        self._backups.stop()
        self._chores.stop()
        self._keep_mark(closed=not any(loop.is_alive() for loop in self._loops))
        event(log, "stopped")
        if self._lost_to is not None:
            raise self._lost_to

    def _lost(self, error: BaseException) -> None:
        event(log, "journal_lost", level=logging.CRITICAL, error=str(error))
        os._exit(LOST)


def run(settings: Settings, toml: str, *, tomar: bool = False) -> None:
    """
    Start, work until SIGTERM or SIGINT, stop. Raises `NeedsOperator` when it must not start.

    `toml`: where they are from; after a SIGHUP of systemd's it begins anew with what that says then, if that can be
    worked with. `tomar`: a person says that this machine takes over from another one, or from a journal that is lost.
    """
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    # Its events only wake the scanner; what it complains about when it is stopped is nobody's affair.
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    # glibc gives every thread a heap of its own and keeps what it freed there: two are enough for what we do.
    if native.LIBC is not None:
        native.LIBC.mallopt(_M_ARENA_MAX, 2)
    reload.listen()
    now = datetime.now(UTC)
    room = assembly.make_room(settings)
    room.make_way()
    taken = assembly.take_locks(settings, now)
    ownership = assembly.make_ownership(settings, now)
    try:
        ownership.take(tomar=tomar)
        with systemd.more_time("Abriendo el diario"):
            journal, layout = _opened(settings, now, tomar=tomar)
            house, pen = assembly.make_house(settings, journal)
            stop = Stop(signal.SIGTERM, signal.SIGINT)
            machine = _stood(settings, house, journal, tomar=tomar)
        ground = Ground(layout, taken, settings.diario, house.clock.now)
        daemon = Daemon(settings, house, pen, stop, machine, toml=toml, room=room, ground=ground, ownership=ownership)
        anew = daemon.run()
        journal.close()
    except JournalLost as error:
        event(log, "journal_lost", level=logging.CRITICAL, error=str(error))
        raise SystemExit(LOST) from error
    finally:
        ownership.release()
        for lock in taken:
            lock.release()
    if anew:
        systemd.notify(systemd.WATCHDOG)
        reload.begin_anew(stop)


def _opened(settings: Settings, now: datetime, *, tomar: bool) -> tuple[Journal, Layout]:
    """The journal, brought to this version, and the folders."""
    layout = assembly.make_layout(settings)
    journal = assembly.open_or_create(settings, now, anew=tomar)
    assembly.look_at_mount(layout, journal)
    layout.prepare()
    for note in (*layout.notes(), *(f"{key} todavía no se usa" for key in settings.unused())):
        event(log, "note", level=logging.WARNING, text=note)
    return journal, layout


def _stood(settings: Settings, house: House, journal: Journal, *, tomar: bool) -> Mark:
    """The mark of this machine, once it is known that it may go on with this journal."""
    if house.cloud is None:
        return restored.look_alone(settings, house, tomar=tomar)
    machine = marks.look_at_mark(settings, journal, house.clock.now(), tomar=tomar)
    with journal.transaction() as db:
        tasks.release(db, tasks.HAND_OVER)
    return machine
