"""A world in one process: machines that walk the real engine, the real cloud behind its real HTTP application."""

import shutil
import sqlite3
import tomllib
from collections import Counter, defaultdict
from datetime import timedelta
from functools import cache, cached_property
from itertools import count
from pathlib import Path

from carrier import Carrier, Line
from walking import NOON, TICKET, Clock, Machine

from sincronizador.core.emitido import Anexo
from sincronizador.core.job import Dropped, Job
from sincronizador.core.numbering import Rango
from sincronizador.core.receipt import Attempt, HandOver, Standing, Submission, cloud_key
from sincronizador.engine.case import key_of, prepare
from sincronizador.engine.standing import take_over
from sincronizador.errors import Unavailable
from sincronizador.journal import post
from sincronizador.journal.post import Phase
from sincronizador.nube.app import make_app
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Limites
from sincronizador.nube.store import create_store, open_store
from sincronizador.nube.vault import Vault, new_vault_key
from sincronizador.providers.open_api import OpenApi
from sincronizador.signing.identity import Validity, make_authority, sign_cae

KEY = new_vault_key()
UI = {"2026": "6.4000", "2027": "6.7000", "2028": "7.0000", "2029": "7.2000"}
RUT = "219999830019"
TYPES = (101, 102, 111)
ROUND = timedelta(seconds=65)
"""Longer than any pause, and than a link must be stable."""
NO_LIMITS = Limites(por_minuto=0, por_direccion=0, rechazos=0)


def found(prepared, folder):
    """Write a world into `folder`: an installation that never numbered alone, and a cloud that knows it."""
    shutil.copytree(prepared, folder / "m")
    with sqlite3.connect(folder / "m" / "diario.db") as db:
        db.execute("DELETE FROM rango")
    db.close()
    clock = Clock()
    (folder / "nube").mkdir()
    store = create_store(_url(folder), str(folder / "nube" / "marca"), environment="prueba", clock=clock.now)
    cloud = Cloud(store, Vault(KEY), clock.now)
    settings = tomllib.loads((prepared / "sincronizador.toml").read_text("utf-8"))
    cloud.keep_issuer("prueba", settings["emisor"], {"ui": UI})
    identity, password = (prepared / "certificado" / name for name in ("emisor.p12", "clave.txt"))
    cloud.install_certificate("prueba", RUT, identity.read_bytes(), password.read_bytes().strip())
    for tipo in TYPES:
        cloud.import_cae("prueba", RUT, (prepared / "cae" / f"cae-{tipo}.xml").read_bytes())
    cloud.close()


def _url(folder):
    return f"sqlite:///{folder}/nube/nube.db"


class _Serving:
    """The cloud that the application serves now: to make an application takes longer than a whole sale."""

    cloud = None

    def __getattr__(self, name):
        return getattr(self.cloud, name)

    def server_epoch(self):
        return self.cloud.server_epoch()


@cache
def _application():
    serving = _Serving()
    return serving, make_app(serving, NO_LIMITS)


def application(cloud):
    """The real application over this cloud, and over no other until it is asked for again."""
    serving, app = _application()
    serving.cloud = cloud
    return app


class World:
    """What is there, and everything that anybody saw: papers, answers. `broken` says which promises were not kept."""

    def __init__(self, template, folder, monkeypatch):
        shutil.copytree(template, folder)
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.clock = Clock()
        self.carrier = Carrier()
        self.tills = []
        self.tokens = {}
        self.drops = count(1)
        self.papers = []
        """(sale, slug, marked, machine), in the order in which they came out."""
        self.oks = defaultdict(set)
        self.errors = set()
        """(sale, price) whose last drop was answered ERROR."""
        self.taken_back = []
        self.dropped = {}
        """(machine, file) -> (sale, price)."""
        self._firsts = {}
        self._last = {}
        self.open()

    def open(self, **how):
        """Start the cloud's process over what its base holds."""
        store = open_store(_url(self.folder), str(self.folder / "nube" / "marca"), clock=self._now, **how)
        self.cloud = Cloud(store, Vault(KEY), self._now)
        self.carrier.app = application(self.cloud)

    def close(self):
        self.cloud.close()
        self.carrier.close()
        for till in self.tills:
            till.house.journal.close()

    def _now(self):
        return self.clock.time

    def till(self, code="PRUEBA", name="m1", *, journal=None, joined=True, cloud=None):
        """A machine of an installation, in folders of its own."""
        folder = self.folder / f"{code}-{name}"
        shutil.copytree(self.folder / "m", folder)
        if journal is not None:
            shutil.copy(journal, folder / "diario.db")
        till = Till(self, folder, code, name, cloud)
        self.tills.append(till)
        if joined:
            till.probe()
            assert till.phase is Phase.READY, till.phase
        return till

    def replace(self, old, journal, name, *, dead=False):
        """A new machine takes over with a copy of the journal; the old one runs on, or is dead."""
        if dead:
            self.tills.remove(old)
            old.house.journal.close()
        new = self.till(old.code, name, journal=journal, joined=False)
        new.raise_epoch(ordered=True)
        return new

    def token(self, code="PRUEBA"):
        """The token of an installation, which is made when it is asked for first."""
        if code not in self.tokens:
            self.tokens[code] = self.cloud.add_installation("prueba", RUT, code)[1]
        return self.tokens[code]

    def import_cae(self, serie, desde, hasta, vence, tipo=101):
        """One more CAE for the cloud."""
        given = Rango(id=f"9126{ord(serie[0])}{tipo}", tipo=tipo, serie=serie, desde=desde, hasta=hasta, vence=vence)
        authority = make_authority(Validity(desde=NOON - timedelta(days=30), hasta=NOON + timedelta(days=700)))
        self.cloud.import_cae("prueba", RUT, sign_cae(authority, given, rut=RUT, autorizado=NOON.date()))

    def speaker(self, code="PRUEBA", epoch=1):
        """A machine of an installation that a test speaks for."""
        return Speaker(self, code, epoch)

    @cached_property
    def scribe(self):
        """A machine that never spoke to the cloud: it writes drafts."""
        folder = self.folder / "escriba"
        shutil.copytree(self.folder / "m", folder)
        return Till(self, folder, "PRUEBA", "escriba")

    def backup(self, name="copia"):
        """A copy of the cloud's base, taken while it serves."""
        target = self.folder / "nube" / name
        target.unlink(missing_ok=True)
        _copy(self.folder / "nube" / "nube.db", target)
        return target

    def restore(self, copy):
        """The base is that copy again; the watermark beside it stays."""
        self.cloud.close()
        _put_back(copy, self.folder / "nube" / "nube.db")
        self.open(restored=True)

    def settle(self, rounds=4):
        """Everything is reachable again, and nobody does anything for some minutes."""
        for till in self.tills:
            till.line.heal()
        self.carrier.arrive()
        for _ in range(rounds):
            self.clock.time += ROUND
            for till in self.tills:
                till.probe()
                till.pass_time(seconds=1)

    def note(self, till):
        """Remember what came out of a machine since it was looked at last."""
        for name, page in till.printer.pages[till.seen :]:
            slug = name.split("-copia-")[0]
            self.papers.append((till.sale_of(slug), slug, b"COPIA" in page, till.name))
        till.seen = len(till.printer.pages)
        for file, answer in till.answers().items():
            if (till.name, file) in self.dropped:
                self._see(till, file, answer)

    def remember_drop(self, machine, file, what):
        """A sale that is dropped again is asked for again, whatever was answered before."""
        self.dropped[machine, file] = what
        self._last[what] = (machine, file)
        self.errors.discard(what)

    def forget_answers(self, till):
        """What a machine answered before its journal was restored it may answer otherwise."""
        self._firsts = {name: first for name, first in self._firsts.items() if name[0] != till.name}

    def _see(self, till, file, answer):
        sale, price = self.dropped[till.name, file]
        first = answer[""]
        before, slug = self._firsts.get((till.name, file), ("PENDIENTE", ""))
        if before == "OK" and first != "OK":
            self.taken_back.append((file, slug))
        if first == "OK":
            slug = "-".join(answer[name] for name in ("TIPO", "SERIE", "NUMERO"))
            self.oks[sale].add(slug)
        self._firsts[till.name, file] = (first, slug)
        if first == "ERROR" and before != "ERROR" and self._last[sale, price] == (till.name, file):
            self.errors.add((sale, price))

    def query(self, sql, *args):
        """Rows of the cloud's base."""
        db = sqlite3.connect(self.folder / "nube" / "nube.db")
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def documents(self):
        """(sale, slug, state, extra, price) of every document that the cloud has."""
        rows = self.query(
            "SELECT i.code, d.key, d.doc_type || '-' || d.series || '-' || d.number, d.state, d.extra, d.signed"
            " FROM document d JOIN installation i ON i.id = d.installation WHERE d.state <> 'voided' ORDER BY d.id"
        )
        return [
            ((code, key), slug, state, bool(extra), price_of(signed)) for code, key, slug, state, extra, signed in rows
        ]

    def fates(self):
        """How many numbers have each fate."""
        totals = Counter()
        for cae in self.cloud.numbers(RUT):
            size = cae.last - cae.first + 1
            assert sum(cae.totals.values()) == size, "the fates are no partition"
            totals.update({fate.value: count for fate, count in cae.totals.items()})
        return totals

    def fate(self, slug):
        """The fate of one number."""
        tipo, serie, numero = slug.split("-")
        for cae in self.cloud.numbers(RUT):
            for stretch in cae.stretches:
                if (cae.doc_type, cae.series) == (int(tipo), serie) and stretch.first <= int(numero) <= stretch.last:
                    return stretch.fate.value
        return "none"

    def broken(self, *, doubtful=False, unfinished=(), extra=False):
        """The promises that were not kept, a phrase for each; those in the arguments are not asked for."""
        return [
            *self._of_sales(several=extra),
            *self._of_papers(),
            *self._of_documents(),
            *([] if doubtful or not self.fates()["doubtful"] else [f"{self.fates()['doubtful']} numbers are doubtful"]),
            *(phrase for till in self.tills for phrase in till.stuck(unfinished)),
        ]

    def _of_sales(self, *, several):
        """One document a sale, one sale a number; paper, answer and cloud agree."""
        live = {slug: sale for sale, slug, state, _, _ in self.documents() if state != "prepared"}
        facts = {(sale, slug) for sale, slug, _, _ in self.papers}
        facts |= {(sale, slug) for sale, slugs in self.oks.items() for slug in slugs}
        numbers, owners = defaultdict(set), defaultdict(set)
        for sale, slug in facts | {(sale, slug) for slug, sale in live.items()}:
            numbers[sale].add(slug)
            owners[slug].add(sale)
        for sale, slugs in numbers.items():
            if len(slugs) > 1 and not several:
                yield f"{sale} has {len(slugs)} documents: {sorted(slugs)}"
        for slug, sales in owners.items():
            if len(sales) > 1:
                yield f"{slug} is of {sorted(sales)}"
        for sale, slug in sorted(facts):
            if live.get(slug) != sale:
                yield f"{slug} of {sale} is on paper or answered OK, and the cloud does not have it"

    def _of_papers(self, lost=frozenset()):
        """One unmarked original; an OK that stays, unless its document is lost."""
        originals = Counter((sale, slug) for sale, slug, marked, _ in self.papers if not marked)
        for (sale, slug), many in originals.items():
            if many > 1:
                yield f"{slug} of {sale} has {many} unmarked originals"
        for file, slug in self.taken_back:
            if slug not in lost:
                yield f"the OK of {file}, {slug}, was taken back"

    def _of_documents(self):
        """Nothing is left prepared; nothing is a document that was answered ERROR."""
        for sale, slug, state, _, price in self.documents():
            if state == "prepared":
                yield f"{slug} of {sale} stays prepared"
            elif (sale, price) in self.errors:
                yield f"{sale} with {price} was answered ERROR, and is a document"


class Till(Machine):
    """A machine with its line to the cloud; what comes out of it is noted."""

    def __init__(self, world, folder, code, name, cloud=None):
        self.world = world
        self.code = code
        self.name = name
        self.seen = 0
        self.line = Line(world.carrier)
        super().__init__(
            folder, world.monkeypatch, cloud or OpenApi(self.line, world.token(code)), machine_name(code, name, 1)
        )
        self.clock = world.clock
        self._epochs = 1
        self.configure(salida={"formatos": ()})

    def work(self, rounds=200):
        try:
            super().work(rounds)
        finally:
            self.world.note(self)

    @property
    def post(self):
        with self.house.journal.reading() as db:
            return post.read(db)

    @property
    def phase(self):
        return self.post.phase

    def sell(self, referencia="V1", price="89", text=TICKET):
        """Drop a sale under a new name and work; the name."""
        name = self.drop_sale(referencia, price, text)
        self.work()
        self.pass_time(seconds=1)
        return name

    def drop_sale(self, referencia="V1", price="89", text=TICKET):
        name = f"V{next(self.world.drops)}"
        sale = (self.code, cloud_key(key_of(referencia)))
        self.world.remember_drop(self.name, name, (sale, f"{float(price):.2f}"))
        self.drop(f"{name}.TXT", text.format(referencia=referencia, precio=price))
        return name

    def withdraw(self, referencia="V1"):
        name = f"R{next(self.world.drops)}"
        self.drop(f"{name}.TXT", f"[RETIRAR]\nREFERENCIA={referencia}\n[FIN]\n")
        self.work()
        self.pass_time(seconds=1)
        return name

    def switch_printer_off(self):
        for _ in range(50):
            self.printer.fail_next(Unavailable("E4020", "apagada"))

    def switch_printer_on(self):
        self.printer._faults.clear()

    def said(self, name):
        """ESTADO of an answer; empty while there is none."""
        return self.answers().get(name, {}).get("ESTADO", "")

    def read_papers(self):
        """Slug and mark of every paper that came out of this machine."""
        return [(slug, marked) for _, slug, marked, machine in self.world.papers if machine == self.name]

    def sale_of(self, slug):
        """Whose document it is as this machine's journal has it."""
        tipo, serie, numero = slug.split("-")
        with self.house.journal.reading() as db:
            row = db.execute(
                "SELECT job.key FROM document JOIN job ON job.id = document.job"
                " WHERE document.tipo = ? AND document.serie = ? AND document.numero = ?", (tipo, serie, numero),
            ).fetchone()  # fmt: skip
        return (self.code, cloud_key(row[0]) if row else f"nobody's {slug}")

    def backup(self, name="copia.db"):
        """A copy of the journal, taken while the machine works."""
        target = self.folder / name
        target.unlink(missing_ok=True)
        _copy(Path(self.settings.diario), target)
        return target

    def restore(self, copy):
        """The journal is that copy again; the mark beside it told so, and a new epoch is asked for."""
        self.house.journal.close()
        _put_back(copy, Path(self.settings.diario))
        self.switch_on()
        self.raise_epoch(ordered=False)

    def raise_epoch(self, *, ordered):
        """What is done at a start that sees a restored journal, or with ``iniciar --tomar``."""
        self._epochs += 1
        self.machine = machine_name(self.code, self.name, self._epochs)
        with self.house.journal.transaction() as db:
            take_over(db, self.clock.now(), ordered=ordered, why="prueba")

    def stuck(self, unfinished):
        """What is not done though everything is reachable."""
        if self.phase not in (Phase.READY, Phase.FENCED):
            yield f"{self.name} is in {self.phase}"
        with self.house.journal.reading() as db:
            waiting = db.execute(
                "SELECT referencia, estado FROM job WHERE decided = 0 AND kind = 'documento'"
            ).fetchall()
            unsent = db.execute(
                "SELECT referencia FROM job JOIN document ON document.job = job.id WHERE acked_at IS NULL"
            ).fetchall()
        for referencia, estado in waiting if self.phase is Phase.READY else ():
            if referencia not in unfinished:
                yield f"{referencia} is {estado} at {self.name}"
        for (referencia,) in unsent:
            yield f"{referencia} of {self.name} never reached the cloud"


class Speaker:
    """What a machine would say, word by word; its papers are those that it prints."""

    def __init__(self, world, code, epoch):
        self.world = world
        self.code = code
        self.epoch = epoch
        self.fenced = False
        self.door = OpenApi(Line(world.carrier), world.token(code))
        self.server_epoch = world.cloud.server_epoch()

    @property
    def standing(self):
        return Standing(epoch=self.epoch, server_epoch=self.server_epoch, fenced=self.fenced)

    def raise_epoch(self, machine):
        raised = self.door.raise_epoch(machine_name(machine), self.epoch, self.standing)
        self.epoch = raised.epoch
        return raised

    def draft(self, price, *, branch="1"):
        """A sale as a machine of this shop would send it."""
        house = self.world.scribe.house
        content = TICKET.format(referencia="V1", precio=price).encode()
        dropped = Dropped(name="V1.TXT", till="", only_check=False, claimed="V1", content=content)
        made = prepare(house, Job.arriving(dropped, sha256="", at=self.world.clock.now()), content)
        return made.draft.replace(b"<CdgDGISucur>1<", f"<CdgDGISucur>{branch}<".encode())

    def submit(self, key="V1", counter=1, price="89", *, branch="1", epoch=None):
        submission = Submission(
            attempt=self.attempt(counter, epoch), country="uy", issuer=RUT, branch=branch, terminal="", tipo=101,
            draft=self.draft(price, branch=branch), anexo=Anexo(),
        )  # fmt: skip
        return self.door.submit(key, self.door.compose(submission), self.standing)

    def confirm(self, receipt):
        return self.door.confirm(receipt.key, receipt.numero, receipt.sha256, self.standing)

    def sell(self, key="V1", counter=1, price="89"):
        receipt = self.submit(key, counter, price).receipt
        self.confirm(receipt)
        return receipt

    def void(self, key="V1", counter=2, *, epoch=None):
        return self.door.void(key, self.attempt(counter, epoch), "prueba", self.standing)

    def give_back(self, receipt, counter=1, *, epoch=None, lease=""):
        """Hand over what the cloud signed."""
        document = HandOver(
            attempt=self.attempt(counter, epoch), lease=lease, serie=receipt.serie, numero=receipt.numero,
            signed=receipt.signed, anexo=receipt.anexo, signed_at=receipt.signed_at,
        )  # fmt: skip
        return self.door.hand_over(receipt.key, document, self.standing)

    def attempt(self, counter, epoch=None):
        return Attempt(self.epoch if epoch is None else epoch, counter)

    def print(self, receipt):
        """The paper of what was adopted; its slug."""
        slug = f"{receipt.tipo}-{receipt.serie}-{receipt.numero}"
        self.world.papers.append(((self.code, receipt.key), slug, False, "a mano"))
        return slug


def price_of(signed):
    """The price of the first line, which tells the contents of one sale apart."""
    between = (
        signed.decode().partition("<PrecioUnitario>")[2].partition("<")[0]
        or signed.decode().partition(":PrecioUnitario>")[2].partition("<")[0]
    )
    return f"{float(between or 0):.2f}"


def _copy(source, target):
    with sqlite3.connect(source) as db, sqlite3.connect(target) as copy:
        db.backup(copy)
    db.close()
    copy.close()


def _put_back(copy, target):
    for end in ("-wal", "-shm"):
        Path(f"{target}{end}").unlink(missing_ok=True)
    shutil.copy(copy, target)


def machine_name(*parts):
    """The random name beside a journal, which is a new one for every epoch that is asked for."""
    return "-".join(str(part) for part in parts).rjust(24, "0")
