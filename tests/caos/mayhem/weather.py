"""What goes wrong: threads that kill and freeze the programs, break the line and pull the printers, out of one seed."""

import contextlib
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from outside.proxy import DEAF, MUTE, PASSING, REFUSED, STALLED, Line, Proxy, Way

from mayhem.keeper import Keeper, soon
from mayhem.printer import TROUBLES, Mood, Printer

if TYPE_CHECKING:
    from mayhem.premises import Premises

LINES: Mapping[str, Line] = {
    "rechaza": REFUSED,
    "se estanca": STALLED,
    "pierde pedidos": DEAF,
    "pierde respuestas": MUTE,
    "demora": Line(delay=0.5),
    "corta tras el pedido": Line(loses="^(PUT|POST)"),
    "corta respuestas": Line(cuts_at=150),
    "cierra de un lado": Line(cuts_at=0),
    "corta pedidos": Line(trims=200),
    "corta pedidos y calla": Line(trims=300, down=Way.DROP),
    "contesta otro": Line(
        stranger=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<h1>Wi-Fi</h1>\r\n"
    ),
}
LATEST = 200
"""Most requests that are repeated are among so many latest."""


class Weather:
    """`faults` counts what was done, by kind; `long` allows outages of minutes."""

    def __init__(self, premises: "Premises", rng: Random, *, long: bool) -> None:
        self.faults: Counter[str] = Counter()
        self.repeated: Counter[int] = Counter()
        """Answers to requests that came once more: status -> how many."""
        self.failures: list[BaseException] = []
        self._premises = premises
        self._rng = rng
        self._most = 150.0 if long else 4.0
        self._over = threading.Event()
        self._storm = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        premises = self._premises
        works: list[tuple[Callable[[Random], None], Random]] = [(self._kill, self._fork()), (self._order, self._fork())]
        works += [((lambda rng, one=one: self._pull(one, rng)), self._fork()) for one in premises.printers]
        if premises.line is not None:
            works += [(self._break_line, self._fork()), (self._repeat, self._fork())]
        self._threads = [threading.Thread(target=self._go_on, args=work, daemon=True) for work in works]
        self._threads.append(threading.Thread(target=self._change, args=(self._fork(),), daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more; and everything is healed."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self._premises.line is not None:
            self._premises.line.become(PASSING)
        for printer in self._premises.printers:
            printer.become(Mood.WELL)

    def _fork(self) -> Random:
        return Random(self._rng.random())

    def _go_on(self, work: Callable[[Random], None], rng: Random) -> None:
        try:
            while not self._over.wait(rng.uniform(0.2, 2.0)):
                if self._storm.wait(0.5) and not self._over.is_set():
                    work(rng)
        except BaseException as failure:  # it belongs to the test's thread
            self.failures.append(failure)

    def _change(self, rng: Random) -> None:
        """Storms, and lulls in which everything may catch up."""
        while not self._over.wait(rng.uniform(2, 5)):
            self._storm.set()
            self._over.wait(rng.uniform(4, 10))
            self._storm.clear()

    # The programs

    def _kill(self, rng: Random) -> None:
        keepers: Sequence[Keeper] = self._premises.keepers
        victims = keepers if rng.random() < 0.15 else [rng.choice(keepers)]
        how = rng.random()
        for victim in victims:
            victim.ready(10)
        self._over.wait(rng.uniform(0.2, 2.5))
        for victim in victims:
            if how < 0.6:
                self._count(victim.kill(pause=soon(rng, 6)), f"kill -9 {victim.name}")
            elif how < 0.75:
                self._count(victim.kill(signal.SIGTERM, soon(rng, 6)), f"SIGTERM {victim.name}")
            else:
                self._count(victim.freeze(rng.uniform(1, 5)), f"SIGSTOP {victim.name}")
        if rng.random() < 0.3:  # also while it starts
            self._over.wait(rng.uniform(0.1, 1.3))
            for victim in victims:
                self._count(victim.kill(), f"kill -9 {victim.name} al arrancar")

    def _order(self, rng: Random) -> None:
        """A person at the command line."""
        premises = self._premises
        self._over.wait(rng.uniform(4, 12))
        if premises.line is not None and rng.random() < 0.6:
            self._count(premises.command("contingencia", "forzar", "--motivo", "prueba"), "contingencia forzada")
            self._over.wait(rng.uniform(0.5, 4))
            while not premises.command("contingencia", "terminar"):
                time.sleep(0.5)
        elif premises.backs_up:
            number = premises.book.number()
            self._count(premises.command("respaldo", "crear", str(premises.folder / f"respaldo-{number}")), "respaldo")
        else:
            self._count(premises.command("reintentar"), "reintentar")

    # The line

    def _break_line(self, rng: Random) -> None:
        line = self._line
        name = rng.choice(list(LINES))
        self.faults[f"línea {name}"] += 1
        line.become(LINES[name])
        self._last(rng)
        line.become(PASSING)
        if rng.random() < 0.4:
            self.faults["línea cortada"] += 1
            line.cut()
        self._over.wait(rng.uniform(0.3, 6))

    def _repeat(self, rng: Random) -> None:
        """Old requests come once more, most of them soon."""
        old = self._line.seen("^(PUT|POST)")
        if not old:
            return
        request = rng.choice(old if rng.random() < 0.2 else old[-LATEST:])
        with contextlib.suppress(OSError, IndexError):
            status = int(self._line.repeat(request, patience=5).split(None, 2)[1])
            self.repeated[status] += 1
            self.faults["pedido repetido"] += 1

    @property
    def _line(self) -> Proxy:
        if self._premises.line is None:
            raise AssertionError("there is no line")
        return self._premises.line

    # The printers

    def _pull(self, printer: Printer, rng: Random) -> None:
        mood = rng.choice(TROUBLES)
        printer.drops_at = rng.randrange(1, 1500)
        self.faults[f"impresora {mood}"] += 1
        before = len(printer.sheets)
        printer.become(mood)
        self._over.wait(rng.uniform(0.3, 4))
        if mood in (Mood.DROPS, Mood.SWALLOWS):  # else hardly a page meets it
            end = time.monotonic() + 6
            while len(printer.sheets) == before and time.monotonic() < end and not self._over.wait(0.05):
                pass
        printer.become(Mood.WELL)
        self._over.wait(rng.uniform(0.5, 6))

    def _count(self, done: bool, what: str) -> None:
        self.faults[what] += done

    def _last(self, rng: Random) -> None:
        """Mostly moments; in the long form now and then minutes."""
        rare = rng.random() < 0.05
        self._over.wait(rng.uniform(4, self._most) if rare and self._most > 4 else rng.uniform(0.3, 4))
