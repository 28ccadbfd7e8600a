"""An installation without threads: real engine, journal, folders, key and printer bytes, one step after another."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from sincronizador import files
from sincronizador.core.contingency import Hysteresis
from sincronizador.daemon import assembly
from sincronizador.engine.decision import decide
from sincronizador.engine.desk import Desk
from sincronizador.engine.handing import hand_over_next
from sincronizador.engine.intake import Intake
from sincronizador.engine.line import Line
from sincronizador.engine.looking_up import look_up_next
from sincronizador.engine.lots import Lots
from sincronizador.engine.mirroring import mirror_next
from sincronizador.engine.orders import carry_out_next
from sincronizador.engine.printing import Press, print_next
from sincronizador.engine.probing import attend, probe
from sincronizador.engine.publishing import Publisher
from sincronizador.engine.receiving import leave
from sincronizador.engine.representing import represent_next
from sincronizador.engine.switching import switch
from sincronizador.engine.talking import Claims, talk_next
from sincronizador.folders.answers import parse_answer
from sincronizador.journal import orders
from sincronizador.journal.journal import Journal
from sincronizador.printing.fake import FakePrinter
from sincronizador.settings import load

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))

TICKET = """[DOCUMENTO]
TIPO=101
REFERENCIA={referencia}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO={precio}
IVA=MINIMA
[FIN]
"""


class Crash(BaseException):
    """The machine falls."""


class Fate:
    """Counts boundaries and falls at the chosen one."""

    def __init__(self):
        self.count = 0
        self.fall_at = None

    def tick(self):
        self.count += 1
        if self.fall_at is not None and self.count >= self.fall_at:
            self.fall_at = None
            raise Crash


class FallingJournal(Journal):
    """A journal around which the machine may fall: before a transaction, before its commit, after it."""

    fate: Fate

    @contextmanager
    def transaction(self):
        self.fate.tick()
        with super().transaction() as db:
            yield db
            self.fate.tick()
        self.fate.tick()


class FallingPrinter(FakePrinter):
    """The machine may fall before the page leaves, and after it left."""

    fate: Fate

    def send(self, page, *, name):
        self.fate.tick()
        printed = super().send(page, name=name)
        self.fate.tick()
        return printed


class Clock:
    """A clock that only moves when it is looked at, or is put to another time."""

    def __init__(self):
        self.time = NOON
        self.synchronised = False
        self._put = timedelta()

    def now(self):
        self.time += timedelta(milliseconds=1)
        return self.time

    def steady(self):
        return (self.time - self._put).timestamp()

    def is_synchronised(self):
        return self.synchronised

    def put(self, **how):
        """Somebody moves the hands; no time goes by."""
        self.time += timedelta(**how)
        self._put += timedelta(**how)


class Machine:
    """An installation without threads: it works until nothing is left to do, and may be switched on again."""

    def __init__(self, folder, monkeypatch, cloud=None, machine="m1"):
        self.cloud = cloud
        self.machine = machine
        self.rules = {}
        self.link = Hysteresis()
        self.mirror = None
        self.fate = Fate()
        self.folder = folder
        self.clock = Clock()
        self.printer = FallingPrinter("CAJA1")
        self.printer.fate = self.fate
        self.others = {}
        """Further print stations by name, of a machine that was put together with `fit`."""
        self.settings = load(str(folder / "sincronizador.toml"))
        for name in ("_publish", "_rename"):
            monkeypatch.setattr(files, name, self._falling(getattr(files, name)))
        self.switch_on()

    def _falling(self, real):
        def both(*args):
            self.fate.tick()
            result = real(*args)
            self.fate.tick()
            return result

        return both

    def switch_on(self):
        """A new process over what is on the disk."""
        if hasattr(self, "house"):
            self.house.journal.close()
        journal = FallingJournal(self.settings.diario)
        journal.fate = self.fate
        made, self.pen = assembly.make_house(self.settings, journal)
        self.house = replace(made, printers={"CAJA1": self.printer, **self.others}, clock=self.clock)
        if self.cloud is not None:
            known = {"ruta": "nube", "reserva": 20, "paciencia": timedelta(seconds=4), **self.rules}
            rules = replace(made.rules, **known)
            line = Line(journal, self.link, assembly.place_of(self.settings))
            self.house = replace(self.house, cloud=self.cloud, line=line, rules=rules, mirror=self.mirror)
        self.presses = [Press(self.house, printer) for printer in self.house.printers.values()]
        self.claims = Claims()
        inbox = assembly.make_inbox(self.settings, self.house)
        inbox._clock = self.clock.steady
        self.desk = Desk()
        self.lots = Lots(self.house)
        self.publisher = Publisher(self.house)
        self.intake = Intake(self.house, inbox, self.desk, lambda: None)

    def work(self, rounds=200):
        """Until nothing moves any more."""
        for _ in range(rounds):
            done = [
                self.intake.take(),
                decide(self.house, self.desk),
                self.lots.advance(),
                switch(self.house),
                talk_next(self.house, self.claims),
                look_up_next(self.house),
                hand_over_next(self.house),
                mirror_next(self.house),
                represent_next(self.house),
                self._print(),
                self.publisher.publish(),
                leave(self.house),
            ]
            if not any(done):
                return
        raise AssertionError("the machine never comes to rest")

    def _print(self):
        if not self.others:
            return print_next(self.house, self.printer)
        return any(list(map(Press.print_next, self.presses)))

    def probe(self, rounds=30):
        """Ask the cloud how it is until nothing more follows, working in between."""
        for _ in range(rounds):
            again = probe(self.house) and attend(self.house, self.machine)
            self.work()
            if not again:
                return
        raise AssertionError("the probe never comes to rest")

    def configure(self, **tables):
        """Change settings and start again: ``configure(entrada={"sin_referencia": "nombre"})``."""
        update = {
            name: getattr(self.settings, name).model_copy(update=value) if isinstance(value, dict) else value
            for name, value in tables.items()
        }
        self.settings = self.settings.model_copy(update=update)
        self.house.journal.close()
        self.switch_on()

    def fit(self, toml="", *, own="", names=(), impresion=""):
        """Further print stations, the last with what `toml` says; `own` is of CAJA1's table. Then start again."""
        path = self.folder / "sincronizador.toml"
        stations = "".join(f'[impresora.{name}]\nvia = "carpeta"\ndestino = "."\n' for name in names)
        text = path.read_text("utf-8").replace("[impresora.CAJA1]\n", f"[impresora.CAJA1]\n{own}\n")
        general = f'[impresion]\nimpresora = "CAJA1"\n{impresion}\n'
        path.write_text(f"{text}\n{general}{stations}{toml}", "utf-8")
        self.settings = load(str(path))
        for name in names:
            self.others[name] = FallingPrinter(name)
            self.others[name].fate = self.fate
        self.house.journal.close()
        self.switch_on()

    def drop(self, name, text, *, encoding="utf-8", folder="entrada"):
        """Drop a file."""
        path = self.folder / "spool" / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))

    def send(self, name, text, **how):
        """Drop a file, work, and read its answer."""
        self.drop(name, text, **how)
        self.work()
        self.pass_time(seconds=1)
        return self.answer(name, folder=how.get("folder", "entrada"))

    def answer(self, name, *, folder="entrada"):
        """The fields of an answer; its first line under the empty name, its other sections under ``SECTION.FIELD``."""
        head, _, extension = name.rpartition(".")
        ending = "val" if folder.startswith("validar") else "rsp"
        till = folder.partition("/")[2]
        ending = ending.upper() if extension.isupper() else ending
        path = self.folder / "spool" / "salida" / till / f"{head}.{ending}"
        first, blocks = parse_answer(path.read_bytes())
        others = {f"{block.name}.{field}": value for block in blocks[1:] for field, value in block.fields}
        return {"": first.value, **dict(blocks[0].fields), **others}

    def order(self, verb, content=b"", **args):
        """Have an order carried out by this machine."""
        with self.house.journal.transaction() as db:
            number = orders.place(db, verb, args, content, self.clock.now())
        while carry_out_next(self.house, self.pen):
            pass
        with self.house.journal.reading() as db:
            return orders.outcome(db, number)

    def pass_time(self, **how):
        """Let time go by, and work."""
        self.clock.time += timedelta(**how)
        self.work()

    def answers(self):
        found = {}
        for path in sorted((self.folder / "spool" / "salida").iterdir()):
            if path.suffix.lower() == ".rsp":
                first, blocks = parse_answer(path.read_bytes())
                found[path.stem] = {"": first.value, **dict(blocks[0].fields)}
        return found

    def papers(self):
        """Number of the document and whether it says COPIA, for every page that left."""
        return [(name.split("-copia-")[0], b"COPIA" in page) for name, page in self.printer.pages]
