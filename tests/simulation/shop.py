"""A machine of a simulated shop: the real daemon's start and every step of its loops, one at a time."""

import os
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from carrier import Line
from walking import Crash, FallingJournal
from world import _copy, _put_back

from sincronizador.core.contingency import Hysteresis
from sincronizador.daemon import assembly, marks, restored
from sincronizador.daemon.mirror import FolderMirror
from sincronizador.engine.chores import Chores
from sincronizador.engine.decision import decide
from sincronizador.engine.desk import Desk
from sincronizador.engine.handing import hand_over_next
from sincronizador.engine.intake import Intake
from sincronizador.engine.line import Line as EngineLine
from sincronizador.engine.lots import Lots
from sincronizador.engine.mirroring import mirror_next
from sincronizador.engine.orders import carry_out_next
from sincronizador.engine.printing import Press
from sincronizador.engine.probing import attend, probe
from sincronizador.engine.publishing import Publisher
from sincronizador.engine.switching import switch
from sincronizador.engine.talking import Claims, talk_next
from sincronizador.errors import NeedsOperator, SincronizadorError, Unanswered
from sincronizador.folders.answers import parse_answer
from sincronizador.journal import orders, post, tasks
from sincronizador.journal.post import Phase
from sincronizador.printing.fake import FakePrinter
from sincronizador.printing.paper import Paper
from sincronizador.printing.plain import plain
from sincronizador.providers.open_api import OpenApi

_ROUNDS = 400
_FOLDERS = ("entrada", "validar", "procesando", "procesados", "rechazados", "novedades", "salida")


class SkewedClock:
    """The world's time, as a clock shows it that is wrong."""

    def __init__(self, clock):
        self._clock = clock
        self.wrong = timedelta()

    def now(self):
        return self._clock.now() + self.wrong

    def steady(self):
        return self._clock.steady()

    def is_synchronised(self):
        return False


class Printer(FakePrinter):
    """It may fail, and the machine may fall, before and after the bytes left. Paper is read as its lines."""

    def __init__(self, name, boundaries):
        super().__init__(name)
        self._boundaries = boundaries
        self.unsure = []
        """Names of pages of which nobody knows whether they came out; some did."""

    def render(self, ticket, *, original=False):
        return plain(ticket, Paper()).encode()

    def send(self, page, *, name):
        self._boundaries.tick()
        if self._faults and isinstance(self._faults[0], _LeavesAll):
            self.pages.append((name, page))
        if self._faults and isinstance(self._faults[0], Unanswered):
            self.unsure.append(name)
        printed = super().send(page, name=name)
        self._boundaries.tick()
        return printed


class _LeavesAll(Unanswered):
    """Everything left, and then the line broke."""


def left_nothing():
    return Unanswered("E4021", "se cortó")


def left_all():
    return _LeavesAll("E4021", "se cortó")


class Shop:
    """An installation's machine. Off, it is the files that it left."""

    def __init__(self, town, folder, code, name, *, cloud=None, mirror=False):
        self.town, self.folder, self.code, self.name = town, folder, code, name
        self.boundaries = town.boundaries
        self.clock = SkewedClock(town.clock)
        self.printer = Printer("CAJA1", town.boundaries)
        self.line = Line(town.carrier)
        self.door = cloud or (OpenApi(self.line, town.token(code)) if town.template is not None else None)
        self.mirror = FolderMirror(str(folder / "espejo")) if mirror else None
        self.settings = _settings_at(town.ground.settings, folder, code)
        self.seen = 0
        self.looks = {}
        """Answer files as they were when they were looked at last."""
        self.house = None
        self.refusal = None
        """Why it did not start."""
        self.troubles = {}
        """Step -> what stops it now; as the daemon's loops keep it for the heartbeat."""
        self.marked_at = town.clock.time
        for name_ in _FOLDERS:
            (folder / "spool" / name_).mkdir(parents=True, exist_ok=True)
        if mirror:
            (folder / "espejo").mkdir(exist_ok=True)

    # --- the process ---

    def switch_on(self, *, take=False):
        """What the daemon does at its start; whether it runs now. It may fall, and is started again."""
        self.switch_off()
        for _ in range(20):
            try:
                self._start(take=take)
            except Crash:
                self.switch_off()
            except NeedsOperator as error:
                self.switch_off()
                self.refusal = error
                return False
            else:
                return True
        raise AssertionError(f"{self.name} never starts")

    def switch_off(self):
        """Whatever it had in hand is gone."""
        if self.house is not None:
            self.house.journal.close()
        self.house, self.refusal, self.troubles = None, None, {}

    @property
    def is_on(self):
        return self.house is not None

    def _start(self, *, take):
        settings, now = self.settings, self.clock.now()
        layout = assembly.make_layout(settings)
        opened = assembly.open_or_create(settings, now, anew=take)
        opened.close()
        layout.prepare()
        journal = FallingJournal(settings.diario)
        journal.fate = self.boundaries
        try:
            self._assemble(journal, take=take)
        except BaseException:
            journal.close()
            raise

    def _assemble(self, journal, *, take):
        settings = self.settings
        made, self.pen = assembly.make_house(settings, journal)
        house = replace(made, printers={"CAJA1": self.printer}, clock=self.clock, mirror=self.mirror)
        if self.door is not None:
            rules = replace(made.rules, ruta="nube", reserva=4, paciencia=timedelta(seconds=4))
            line = EngineLine(journal, Hysteresis(failures=3, stable=timedelta(seconds=20)))
            house = replace(house, cloud=self.door, line=line, rules=rules)
        if house.cloud is None:
            self.mark = restored.look_alone(settings, house, tomar=take)
        else:
            self.mark = marks.look_at_mark(settings, journal, self.clock.now(), tomar=take)
            with journal.transaction() as db:
                tasks.release(db, tasks.HAND_OVER)
        self.house = house
        self._put_to_work(house)

    def _put_to_work(self, house):
        inbox = assembly.make_inbox(self.settings, house)
        inbox._clock = lambda: self.town.clock.time.timestamp()  # noqa: PLW0108 - it is another time at each look
        desk, claims, lots, publisher = Desk(), Claims(), Lots(house), Publisher(house)
        intake = Intake(house, inbox, desk, lambda: None)
        self.inbox = inbox
        with_lots, with_mirror = "lotes" in self.town.with_, self.mirror is not None
        self.loops = [
            "intake", "decide", *(["lots"] if with_lots else []), "switch", "talk", "hand_over",
            *(["mirror"] if with_mirror else []), "print", "publish",
        ]  # fmt: skip
        self.steps = {
            "intake": intake.take,
            "decide": lambda: decide(house, desk),
            "lots": lots.advance,
            "switch": lambda: switch(house),
            "talk": lambda: talk_next(house, claims),
            "hand_over": lambda: hand_over_next(house),
            "mirror": lambda: mirror_next(house),
            "print": Press(house, self.printer).print_next,
            "publish": publisher.publish,
            "orders": lambda: carry_out_next(house, self.pen),
            "probe": lambda: probe(house),
            "attend": lambda: attend(house, self.mark.machine),
            "mark": self.keep_mark,
        }

    def all_troubles(self):
        """As the daemon tells the heartbeat."""
        return [*self.troubles.values(), *self.inbox.troubles]

    # --- work ---

    def step(self, name):
        """One look of one loop: an error of the family is kept for the heartbeat, and the loop goes on later."""
        try:
            busy = bool(self.steps[name]())
        except SincronizadorError as error:
            self.troubles[name] = error
            self.town.told[f"{name} {error.code}"] += 1
            return False
        self.troubles.pop(name, None)
        return busy

    def work(self):
        """Until nothing moves any more."""
        for _ in range(_ROUNDS):
            done = [self.step(name) for name in self.loops]
            if not any(done):
                return
        raise AssertionError(f"{self.name} never comes to rest")

    def probe(self, rounds=40):
        """Ask the cloud how it is until nothing more follows, working in between."""
        for _ in range(rounds):
            again = self.step("probe") and self.step("attend")
            self.work()
            if not again:
                return
        raise AssertionError(f"the probe of {self.name} never comes to rest")

    def rest(self):
        """A second later."""
        self.town.clock.time += timedelta(seconds=1)
        self.work()

    def keep_mark(self):
        """As its loop does every second."""
        self.mark = marks.keep_mark(self.settings, self.house.journal, self.mark)
        self.marked_at = self.town.clock.time

    def order(self, verb, **args):
        """A person's order, as the command line places it; its outcome."""
        with self.house.journal.transaction() as db:
            number = orders.place(db, verb, args, b"", self.clock.now())
        for _ in range(20):
            if not self.step("orders"):
                break
        with self.house.journal.reading() as db:
            return orders.outcome(db, number)

    # --- its folders ---

    def drop(self, name, text):
        """A file that is whole from its first moment."""
        path = self.folder / "spool" / "entrada" / name
        path.write_bytes(text.encode())
        date = round(self.town.clock.now().timestamp() * 1e9)
        os.utime(path, ns=(date, date))

    def read_new_answers(self):
        """(file, fields) of every answer that was written or rewritten since the last look."""
        with os.scandir(self.folder / "spool" / "salida") as entries:
            there = {e.name: e for e in entries if e.name.endswith(".RSP")}
        for name in sorted(there):
            facts = there[name].stat()
            look = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
            if self.looks.get(name) != look:
                self.looks[name] = look
                yield name[:-4], self.read_answer(name)

    def read_answer(self, name):
        first, blocks = parse_answer((self.folder / "spool" / "salida" / name).read_bytes())
        return {"": first.value, **dict(blocks[0].fields)}

    def remove_answers(self, chance):
        """Its reader took some answers away."""
        for name in list(self.looks):
            if chance.random() < 0.5:
                (self.folder / "spool" / "salida" / name).unlink(missing_ok=True)
                del self.looks[name]

    # --- its journal ---

    @contextmanager
    def reading(self):
        with self.house.journal.reading() as db:
            yield db

    def rows(self, sql, *args):
        """Of its journal, also while it is off."""
        if self.house is not None:
            with self.reading() as db:
                return db.execute(sql, args).fetchall()
        return self.town.rows(self.settings.diario, sql, *args)

    @property
    def phase(self):
        """What stands between it and its cloud; READY without one."""
        if self.door is None:
            return Phase.READY
        with self.reading() as db:
            return post.read(db).phase

    @property
    def is_fenced(self):
        return self.is_on and self.door is not None and self.phase is Phase.FENCED

    def slugs(self):
        return {slug for (slug,) in self.rows("SELECT tipo || '-' || serie || '-' || numero FROM document")}

    def backup(self, name):
        """A copy of the journal, taken while the machine works."""
        target = self.folder / name
        target.unlink(missing_ok=True)
        _copy(self.settings.diario, target)
        return target

    def put_back(self, copy):
        """The journal is that copy again; it is switched off before."""
        self.switch_off()
        _put_back(copy, self.settings.diario)

    def heartbeat(self):
        """The alarms of its LATIDO.TXT, written now."""
        Chores(self.house, self.pen, self.all_troubles, _not_lost).heartbeat()
        _, blocks = parse_answer(b"OK\r\n" + (self.folder / "spool" / "salida" / "LATIDO.TXT").read_bytes())
        return dict(blocks[0].fields)


def _settings_at(settings, folder, code):
    """The installation's, in folders of its own."""
    return settings.model_copy(
        update={
            "spool": str(folder / "spool"),
            "diario": str(folder / "diario.db"),
            "instalacion": settings.instalacion.model_copy(update={"id": code}),
            "salida": settings.salida.model_copy(update={"formatos": ()}),
        }
    )


def _not_lost(error):
    """A journal that is lost ends a daemon; here it is a fault of the test."""
    raise error
