"""The simulated world: one cloud, machines, a network, and everything that anybody outside ever saw."""

import json
import shutil
import sqlite3
from collections import Counter, defaultdict
from itertools import count

from beneath import Boundaries, Disk, Falls, watch
from carrier import Carrier, key_of, verb_of
from shop import Shop
from switchboard import Switchboard
from walking import Clock
from world import KEY, RUT, _copy, _put_back, application, price_of

from sincronizador.core.cloud_codes import UNANSWERED
from sincronizador.core.receipt import cloud_key
from sincronizador.errors import Unanswered
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.store import open_store
from sincronizador.nube.vault import Vault

_DOCUMENTS = (
    "SELECT i.code, d.key, d.doc_type || '-' || d.series || '-' || d.number, d.state, d.extra, d.signed"
    " FROM document d JOIN installation i ON i.id = d.installation WHERE d.state <> 'voided' ORDER BY d.id"
)


class Wire(Carrier):
    """The network of the town; the cloud's end of it may die while it works."""

    def __init__(self, town, *, whole):
        super().__init__()
        self._town = town
        self._whole = whole
        """Through the whole ASGI application, which takes ten times as long."""
        self.full = False
        """The cloud's disk is full."""
        self.requests = Counter()

    def deliver(self, method, path, headers, body):
        verb = verb_of(method, path)
        self.requests[verb] += 1
        if self._whole:
            with self._town.boundaries.serve(), self._town.boundaries.held():
                response = super().deliver(method, path, headers, body)
        else:
            response = self._called(method, path, headers, body)
            if verb == "submit" and response.status in (200, 201):
                self._documents.append(json.loads(response.body))
        return response

    def _called(self, method, path, headers, body):
        town = self._town
        try:
            with town.boundaries.serve():
                return town.switchboard.request(method, path, headers, body)
        except Falls:
            town.say("NUBE CAE")
            town.start_cloud_again()
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered) from None

    def other_document(self, key):
        """One of another key, as if it were of this one; its own while there is no other."""
        return next((dict(one, key=key) for one in self._documents if one["key"] != key), None)

    def arrive_one(self, which):
        verb, request = self.held.pop(which)
        try:
            response = self.deliver(*request)
        except Unanswered:
            return
        self.late.append((verb, key_of(request[1]), response.status))


class Town:
    """One history's world. `told` counts what machines complained of."""

    def __init__(self, ground, template, folder, patch, *, whole=False, with_=frozenset()):
        self.ground, self.template, self.folder, self.patch = ground, template, folder, patch
        self.folder.mkdir(parents=True)
        self.with_ = with_
        """The families of its history: what nobody there uses is not looked at."""
        self.clock = Clock()
        self.boundaries, self.disk = Boundaries(), Disk()
        watch(patch, self.boundaries, self.disk)
        self.log = []
        self.tills = []
        self.drops = count(1)
        self.told = Counter()
        self.papers = []
        """(sale, slug, marked, machine), in the order in which they came out."""
        self.oks = defaultdict(set)
        self.taken_back = []
        self.dropped = {}
        """(machine, file) -> Drop."""
        self.firsts = {}
        """(machine, file) -> (first line, fields) as they were read last."""
        self.errors = set()
        """(sale, price) whose last drop was answered ERROR."""
        self._last = {}
        self.full_pages = 0
        """The most pages that the cloud's base may have now; 0 while there is room."""
        self.cloud = None
        self.carrier = Wire(self, whole=whole)
        self._whole = whole
        if template is not None:
            shutil.copytree(template.nube, folder / "nube")
            self.open()

    # --- the cloud ---

    def open(self, **how):
        """Start the cloud's process over what its base holds; it may fall, and is started again the same way."""
        while True:
            try:
                with self.boundaries.serve():
                    return self._open(**how)
            except Falls:
                self.say("NUBE CAE al arrancar")

    def _open(self, **how):
        store = open_store(self._url, str(self.folder / "nube" / "marca"), clock=self._now, **how)
        self.ground.engine.most_pages = lambda: self.full_pages
        self.cloud = Cloud(store, Vault(KEY), self._now)
        self.switchboard = Switchboard(self.cloud)
        if self._whole:
            self.carrier.app = application(self.cloud)

    def start_cloud_again(self):
        """After its process died: it had no time to write its mark."""
        self.cloud._store._writer.dispose()
        self.open()

    @property
    def _url(self):
        return f"sqlite:///{self.folder}/nube/nube.db"

    def _now(self):
        return self.clock.time

    def fill_cloud(self):
        """No page more fits on the cloud's disk."""
        self.full_pages = self.query("PRAGMA page_count")[0][0]

    def backup(self, name):
        """A copy of the cloud's base, taken while it serves."""
        target = self.folder / "nube" / name
        _copy(self.folder / "nube" / "nube.db", target)
        return target

    def restore(self, copy, *, said):
        """The base is that copy again; the watermark beside it stays. `said`: a person tells so."""
        try:
            with self.boundaries.serve():
                self.cloud.close()
        except Falls:
            # Its mark is behind by what it did in the last second: a person has to say what they do.
            self.cloud._store._writer.dispose()
            said = True
        _put_back(copy, self.folder / "nube" / "nube.db")
        self.open(restored=said)

    def close(self):
        if self.cloud is not None:
            self.cloud.close()
        self.carrier.close()
        for till in self.tills:
            till.switch_off()

    # --- machines ---

    def token(self, code):
        return self.template.tokens[code]

    def shop(self, code, name, *, journal, mark=None, mirror=False, cloud=None):
        """A machine of an installation, in folders of its own, switched on."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copy(journal, folder / "diario.db")
        if mark is not None:
            shutil.copy(mark, folder / "diario.db.marca")
        made = Shop(self, folder, code, name, mirror=mirror, cloud=cloud)
        self.tills.append(made)
        made.switch_on()
        return made

    # --- what is seen from outside ---

    def say(self, *what):
        self.log.append(f"{self.clock.time:%d %H:%M:%S} " + " ".join(str(each) for each in what))

    def note(self, till):
        """Remember what came out of a machine since it was looked at last."""
        for name, page in till.printer.pages[till.seen :]:
            slug = name.split("-copia-")[0]
            self.papers.append((self._sale_of(till, slug), slug, b"COPIA" in page, till.name))
            self.say("PAPEL", till.name, slug, "copia" if b"COPIA" in page else "original")
        till.seen = len(till.printer.pages)
        for file, answer in till.read_new_answers():
            if (till.name, file) in self.dropped:
                self._see(till, file, answer)

    def _sale_of(self, till, slug):
        tipo, serie, numero = slug.split("-")
        rows = till.rows(
            "SELECT job.key FROM document JOIN job ON job.id = document.job"
            " WHERE document.tipo = ? AND document.serie = ? AND document.numero = ?", tipo, serie, numero,
        )  # fmt: skip
        return (till.code, cloud_key(rows[0][0]) if rows else f"nobody's {slug}")

    def remember_drop(self, till, file, drop):
        """A sale that is dropped again is asked for again, whatever was answered before."""
        self.dropped[till.name, file] = drop
        self._last[drop.sale, drop.price] = (till.name, file)
        self.errors.discard((drop.sale, drop.price))

    def forget_answers(self, till):
        """What a machine answered before its journal was restored it may answer otherwise."""
        self.firsts = {name: seen for name, seen in self.firsts.items() if name[0] != till.name}

    def _see(self, till, file, answer):
        drop, first = self.dropped[till.name, file], answer[""]
        before, known = self.firsts.get((till.name, file), ("", {}))
        self.say("RESPUESTA", till.name, file, first, answer.get("ESTADO"), answer.get("NUMERO", ""))
        if before == "OK" and first != "OK":
            self.taken_back.append((file, _slug(known)))
        if before == "ERROR" and first == "OK":
            self.taken_back.append((file, f"ERROR, then {_slug(answer)}"))
        if drop.is_sale and answer.get("EMITIDO") == "SI" and "NUMERO" in answer:
            self.oks[drop.sale].add(_slug(answer))
        self.firsts[till.name, file] = (first, answer)
        newly = first == "ERROR" and before != "ERROR"
        if newly and drop.is_sale and self._last[drop.sale, drop.price] == (till.name, file):
            self.errors.add((drop.sale, drop.price))

    # --- what the cloud has ---

    def rows(self, path, sql, *args):
        db = sqlite3.connect(path)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    def query(self, sql, *args):
        """Rows of the cloud's base; none without one."""
        if self.template is None:
            return []
        return self.rows(self.folder / "nube" / "nube.db", sql, *args)

    def documents(self):
        """(sale, slug, state, extra, price) of every document that the cloud has."""
        return [
            ((code, key), slug, state, bool(extra), price_of(signed))
            for code, key, slug, state, extra, signed in self.query(_DOCUMENTS)
        ]

    def fates(self):
        """Every number of every CAE."""
        return self.cloud.numbers(RUT)


def _slug(answer):
    return "-".join(answer.get(name, "") for name in ("TIPO", "SERIE", "NUMERO"))
