"""
The installed programs on drives that lose power: a till, its cloud, its mirror, each on a disk of its own.

Paper and memory are outside the drives. The legacy system is careful with some files (synced, with their folder) and
careless with others, which a cut may take away or tear: those it hands over again while they lack the right answer.
"""

import os
import shutil
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from random import Random

from drive import Drive
from outside import cloud_judge, judge, papers
from outside.cloud import Cloud
from outside.installation import Installation, wait_for
from outside.judge import Drop, Number
from outside.legacy import Planned, mixed
from outside.printer import TcpPrinter
from outside.shop import case_of
from outside.site import Site

COMMAND = (sys.executable, str(Path(__file__).with_name("launcher.py")))
"""Instead of that of `outside.installation`."""
PAUSE = 0.05
"""Between two files that are handed over."""
PATIENCE = 90.0


class Shelf(list[bytes]):
    """Papers as they come out, and whether their document was certain to be in the mirror then."""

    def __init__(self, mirror: Drive | None) -> None:
        super().__init__()
        self._mirror = mirror
        self.mirrored: dict[Number, bool] = {}

    def append(self, page: bytes) -> None:
        """A connection to the printer ended."""
        if self._mirror is not None and (number := number_of(page)) is not None:
            name = f"{'-'.join(map(str, number))}.json"
            self.mirrored.setdefault(number, self._mirror.durable(f"espejo/{name}") is not None)
        super().append(page)


def number_of(page: bytes) -> Number | None:
    """What the QR of a page says; None for what is no page, or half of one."""
    try:
        qr = papers.printed_qr(page)
        return None if qr is None else papers.number_in(qr)
    except (IndexError, ValueError):
        return None


class Town:
    """A till and what belongs to it, for one history of cuts."""

    def __init__(self, base: Path, prepared: Path, seed: int, today: date, *, ruta: str) -> None:
        self.rng = Random(seed)
        self.base = base
        self.drives = {name: Drive(base / name) for name in ("caja", "nube", "espejo")[: 1 if ruta == "local" else 3]}
        self.ruta = ruta
        self.printer = TcpPrinter()
        self.printer.jobs = Shelf(self.drives.get("espejo"))
        self.files: Iterator[Planned] = iter(_plain(seed, today))
        self.drops: dict[str, Drop] = {}
        self.certain: set[str] = set()
        """Names of files that were synced."""
        self.seen: dict[str, tuple[Number, str]] = {}
        """The first OK that was seen of each name: its number and the hash of its document."""
        self.torn: list[str] = []
        """Answers that were seen and are none."""
        self.faults: list[str] = []
        self._watching = threading.Event()
        self.till = self._till(prepared)
        self.cloud = self._cloud(prepared) if ruta == "nube" else None
        for drive in self.drives.values():
            drive.keep()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def _till(self, prepared: Path) -> Installation:
        till = Installation.copied(prepared, self.drives["caja"].folder / "i")
        till.log = self.base / "caja.txt"
        till.configure("impresora.CAJA1", via='"tcp"', destino=f'"127.0.0.1:{self.printer.port}"')
        till.configure("salida", formatos='["xml"]')
        till.configure("entrada", incompleto="2")
        if self.ruta == "nube":
            more = {"paciencia": "1", "espera": "2", "sondeo": "0.3", "fallas": "3", "estable": "1", "reserva": "50"}
            till.configure("nube", **more)
            (self.drives["espejo"].folder / "espejo").mkdir()
            till.configure("respaldo", espejo=f'"{self.drives["espejo"].folder / "espejo"}"')
        return till

    def _cloud(self, prepared: Path) -> Cloud:
        shutil.copytree(prepared, self.drives["nube"].folder / "i")
        found = Cloud(self.drives["nube"].folder / "i")
        found.log = self.base / "nube.txt"
        self.till.configure("nube", url=f'"http://127.0.0.1:{found.port}"')
        return found

    # Time

    def open(self) -> None:
        """Start it all; over what is on the disks."""
        if self.cloud is not None and self.cloud.process is None:
            self.cloud.start()
        if self.till.process is None:
            self.till.start()
        if not self._watcher.is_alive():
            self._watcher.start()

    def outage(self) -> None:
        """The power goes somewhere while files are handed over; a while later it is back, and who died starts again."""
        gone = self._choose()
        for name in gone:
            self.drives[name].cut(after=self.rng.randint(0, 300))
        end = time.monotonic() + 6
        while time.monotonic() < end and not any(self.drives[name].dead for name in gone):
            self.hand_over()
        for name in gone:
            self.drives[name].cut()
        if "caja" in gone:
            self.till.kill()
        elif self.rng.random() < 0.7:
            self._go_on_alone()
        if "nube" in gone:
            self.cloud.kill()
        for name in gone:
            self.drives[name].on(self.rng.getrandbits(32))
        self._look_at_what_is_left(gone)
        self.open()

    def _choose(self) -> tuple[str, ...]:
        if self.ruta == "local":
            return ("caja",)
        return self.rng.choice(
            (("caja",), ("caja", "espejo"), ("nube",), ("nube",), ("caja", "nube"), tuple(self.drives))
        )

    def _go_on_alone(self) -> None:
        """Long enough to sell without the cloud."""
        end = time.monotonic() + self.rng.uniform(1, 4)
        while time.monotonic() < end:
            self.hand_over()

    def _look_at_what_is_left(self, gone: Sequence[str]) -> None:
        if "caja" in gone:
            self.faults += _damage(self.till.folder / "diario.db", self.base)
            self.faults += self._half_answers()
            for path in self.till.box("entrada").glob("*.tmp"):
                path.unlink()
        if "nube" in gone:
            self.faults += _damage(self.cloud.folder / "nube" / "nube.db", self.base)

    def _half_answers(self) -> Iterator[str]:
        for path in self.till.box("salida").glob("*.[rR][sS][pP]"):
            content = path.read_bytes()
            if not content.startswith((b"OK\r\n", b"ERROR\r\n", b"PENDIENTE\r\n")) or not content.endswith(b"\r\n"):
                yield f"half an answer was left: {path.name}: {content[:80]!r}"

    # The legacy system

    def hand_over(self) -> None:
        """Drop the next file."""
        time.sleep(PAUSE)
        file = next(self.files)
        drop = _owed(file, "ENVIADO" if self.ruta == "nube" else "FIRMADO_LOCAL")
        self.drops[drop.name] = drop
        self._drop(drop, durably=self.rng.random() < 0.7)

    def _drop(self, drop: Drop, *, durably: bool) -> None:
        path = self.till.box("entrada") / drop.name
        with suppress(OSError):
            _write(path.with_name(f"{drop.name}.tmp"), drop.content, durably=durably)
            os.rename(path.with_name(f"{drop.name}.tmp"), path)
            if durably:
                _sync(path.parent)
                self.certain.add(drop.name)

    def insist(self) -> None:
        """Hand over again what was not certain to be there, and is not answered as it should be."""
        self.till.settle(PATIENCE)
        for drop in self.drops.values():
            if drop.name in self.certain:
                continue
            answer = wait_for(f"a decision of {drop.name}", lambda drop=drop: self._decided(drop), PATIENCE)
            if answer is True or answer["CODIGO"] != drop.code:
                if answer is not True:
                    self.till.find(drop.name).unlink()
                self._drop(drop, durably=True)

    def _decided(self, drop: Drop):
        """Its answer; True when there is none and none will come."""
        answer = self.till.peek(drop.name)
        if answer is None:
            return True
        return answer if answer.decided else None

    # Judging

    def _watch(self) -> None:
        while not self._watching.wait(0.05):
            for name in list(self.drops):
                if name not in self.seen:
                    self._look(name)

    def _look(self, name: str) -> None:
        try:
            answer = self.till.peek(name)
        except OSError:
            return
        except (AssertionError, ValueError) as error:
            self.torn.append(f"{name}: {error}")
            return
        if answer is not None and answer.first == "OK" and answer.number:
            self.seen[name] = (answer.number, answer["HASH"])

    def end(self) -> list[str]:
        """Let it come to rest, and say what is wrong."""
        self.insist()
        drops = list(self.drops.values())
        _wait_for_all(self.till, drops)
        case = case_of(self.till, drops, alone=self.ruta == "local")
        case = judge.Case(
            spool=case.spool, drops=drops, trays=(), certificate=case.certificate, certificate_pem=case.certificate_pem,
            alone=case.alone,
        )  # fmt: skip
        found = [*self.faults, *self.torn, *judge.faults(case), *self._taken_back(case), *self._papers(case)]
        if self.cloud is not None:
            found += self._cloud_faults(case)
        return found

    def _taken_back(self, case: judge.Case) -> Iterator[str]:
        now = {drop.name: answer for drop, answer in case.answers()}
        for name, (number, digest) in self.seen.items():
            answer = now.get(name)
            if answer is None or (answer.number, answer["HASH"]) != (number, digest):
                yield f"{name}: was answered {number}, and now {answer and answer.number}"

    def _papers(self, case: judge.Case) -> Iterator[str]:
        issued = {answer.number for _, answer in case.answers() if answer.number}
        originals: Counter[Number] = Counter()
        printed = set()
        for page in list(self.printer.jobs):
            if (number := number_of(page)) is None:
                continue
            printed.add(number)
            originals[number] += not papers.is_copy(page)
        yield from (f"{number}: {count} unmarked papers" for number, count in originals.items() if count > 1)
        yield from (f"{number}: a paper of no document" for number in printed - issued)
        yield from (f"{number}: no paper" for number in issued - printed if number[0] < judge.PAPER)

    def _cloud_faults(self, case: judge.Case) -> Iterator[str]:
        site = _Site(self.till, self.cloud)
        site.quiet()
        table, kept = site.numbers(), site.documents()
        yield from cloud_judge.unsound(kept)
        yield from cloud_judge.disagreeing([case], kept)
        yield from cloud_judge.uneven(table)
        yield from cloud_judge.unfounded(table, kept)
        yield from cloud_judge.ranges(site.ranges(), table)
        own = {one.number for one in kept if one.signed_by == "installation"}
        shelf = self.printer.jobs
        yield from (f"{one}: its paper left before its mirror copy" for one in own if shelf.mirrored.get(one) is False)
        mirror = self.drives["espejo"]
        for one in own:
            if mirror.durable(f"espejo/{'-'.join(map(str, one))}.json") is None:
                yield f"{one}: signed here and not in the mirror"

    def figures(self) -> Counter[str]:
        """What happened."""
        found = sum((drive.lost for drive in self.drives.values()), Counter[str]())
        found["cuts"] = sum(drive.cuts for drive in self.drives.values())
        found["files"] = len(self.drops)
        found["documents"] = len(self.seen)
        found["papers"] = sum(number_of(page) is not None for page in self.printer.jobs)
        found["mirrored"] = sum(self.printer.jobs.mirrored.values())
        return found

    def close(self) -> None:
        """Take it all down."""
        self._watching.set()
        self.till.kill()
        if self.cloud is not None:
            self.cloud.kill()
        for drive in self.drives.values():
            drive.close()
        self.printer.__exit__(None, None, None)


class _Site(Site):
    """A till and its cloud with nothing between them."""

    def __init__(self, till: Installation, of: Cloud) -> None:
        self.till = till
        self.cloud = of


def _plain(seed: int, today: date) -> list[Planned]:
    """Files that refer to no other, each handed over once."""
    return [file for file in mixed(seed, 20_000, today) if not file.sale.refers and not file.again]


def _owed(file: Planned, estado: str) -> Drop:
    content, sale, good = file.content(), file.sale, file.code == "0"
    return Drop(
        name=file.name,
        content=content,
        encoding=file.encoding(content),
        referencia="" if file.code == "E0105" else sale.referencia,
        code=file.code,
        estado=estado,
        tipo=sale.tipo if good else 0,
        importes=sale.importes() if good else None,
        avisos=file.avisos() if good else frozenset(),
    )


def _wait_for_all(till: Installation, drops: Sequence[Drop]) -> None:
    try:
        wait_for("the answers", lambda: not any(_unfinished(till, drops)) or None, PATIENCE)
        till.settle(PATIENCE)
    except AssertionError as late:
        print(f"{late}: {list(_unfinished(till, drops))[:20]} {till.left()[:20]}\n{till.tail()}")


def _unfinished(till: Installation, drops: Sequence[Drop]) -> Iterator[str]:
    for drop in drops:
        answer = till.peek(drop.name)
        if (
            answer is None
            or not answer.decided
            or (
                answer.number
                and (answer["IMPRESION"] == "PENDIENTE" or not answer["XML"] or answer["ESTADO"] != drop.estado)
            )
        ):
            yield drop.name


def _write(path: Path, content: bytes, *, durably: bool) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        if durably:
            os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damage(base: Path, outside: Path) -> list[str]:
    """What SQLite says of a base after a cut, asked of a copy."""
    copy = outside / "copia"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for end in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copy(f"{base}{end}", copy / f"base{end}")
    try:
        with closing(sqlite3.connect(copy / "base")) as db:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    return [] if said == "ok" else [f"{base.name} after a cut: {said}"]
