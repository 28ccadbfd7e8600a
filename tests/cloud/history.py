"""Random histories: what a shop, its network, its machines and its operators can do, in any order, from one seed."""

import random
from collections import defaultdict
from datetime import timedelta

from carrier import Fault
from walking import Crash
from world import RUT, World, price_of

from sincronizador.core.contingency import Hysteresis
from sincronizador.engine.decision import decide
from sincronizador.engine.handing import hand_over_next
from sincronizador.engine.mirroring import mirror_next
from sincronizador.engine.printing import print_next
from sincronizador.engine.probing import attend, probe
from sincronizador.engine.switching import switch
from sincronizador.engine.talking import talk_next
from sincronizador.journal.post import Phase
from sincronizador.nube import cloud as nube
from sincronizador.nube import codes, judgement

ALL = frozenset(
    {"loss", "delay", "crash", "flip", "people", "refuse", "printer", "two", "restore", "clone", "cloudback"}
)
_FAULTS = (
    ("loss", Fault.LOST, 0.10),
    ("loss", Fault.GONE, 0.06),
    ("loss", Fault.UNAVAILABLE, 0.04),
    ("loss", Fault.GARBAGE, 0.02),
    ("loss", Fault.BROKEN, 0.02),
    ("delay", Fault.DELAYED, 0.06),
    ("delay", Fault.TWICE, 0.06),
)
_LATE = "SELECT doc_type || '-' || series || '-' || number FROM document WHERE late"
"""Numbers of machines that were replaced, which could not be asked when their sales were decided."""
_MOST_SALES = 8
_MOST_MACHINES = 4
_REFUSED = "13"
"""The price of sales that the cloud refuses while it is strict."""


class History:
    """A world in which things happen. The same seed and families give the same history."""

    def __init__(self, template, folder, patch, seed, families=ALL):
        self.chance = random.Random(seed)
        random.seed(seed)
        self.families = families
        self.world = World(template, folder, patch)
        self.world.strict = False
        patch.setattr(nube, "judge", self._judge)
        self.log = []
        self.calm = True
        self.sales = {}
        """(code, referencia) -> the price that is true now."""
        self.current = {}
        self.journals = {}
        self.lost = set()
        """Numbers whose only copy went with a disk or a backup."""
        self.forgot = set()
        """Refusals that no store remembers."""
        for code in ("PRUEBA", "CAJA2") if "two" in families else ("PRUEBA",):
            self._add(self.world.till(code, f"{code}-0", joined=False))
            self.current[code].probe()
            self.journals[code] = self.current[code].backup()
        self.base = self.world.backup()
        self.calm = False

    def _add(self, till):
        till.rules = {"reserva": 4}
        till.link = Hysteresis(failures=3, stable=timedelta(seconds=20))
        till.switch_on()
        till.line.choose = self._fault
        self.current[till.code] = till

    def _fault(self, verb):
        if self.calm:
            return None
        for family, fault, odds in _FAULTS:
            if family in self.families and self.chance.random() < odds:
                return fault
        return None

    def _judge(self, country, rut, submission, *rest):
        """While it is strict the cloud refuses sales of one price."""
        if self.world.strict and float(price_of(submission.draft)) == float(_REFUSED):
            return judgement.Verdict(errors=(codes.UNKNOWN_BRANCH.at(field="branch", value="13", rut=rut),))
        return judgement.judge(country, rut, submission, *rest)

    def hit(self, family, odds):
        return family in self.families and self.chance.random() < odds

    def play(self, events=200):
        for _ in range(events):
            self._event()
        self._calm_down()

    # --- what happens ---

    def _event(self):
        code = self.chance.choice(list(self.current))
        till = self.current[code]
        if self.chance.random() < 0.15:
            till = self.chance.choice([one for one in self.world.tills if one.code == code])
        self.world.clock.time += timedelta(seconds=self.chance.choice((0, 0.1, 0.3, 1, 1, 2, 4)))
        what = self.chance.random()
        if what < 0.10:
            self._drop(till)
        elif what < 0.16 and "people" in self.families:
            self._person(till)
        elif what < 0.20 and "flip" in self.families:
            till.line.down = not till.line.down
        elif what < 0.22 and "printer" in self.families:
            self._printer(till)
        elif what < 0.26:
            self._late()
        elif what < 0.30:
            self.world.strict = "refuse" in self.families and not self.world.strict
        elif what < 0.33:
            self._disaster(till.code)
        else:
            self._step(till)

    def _drop(self, till):
        known = [sale for sale in self.sales if sale[0] == till.code]
        if len(self.sales) < _MOST_SALES and (not known or self.chance.random() < 0.5):
            sale = (till.code, f"V{len(known)}")
            self.sales[sale] = _REFUSED if self.hit("refuse", 0.3) else str(20 + len(self.sales))
        else:
            sale = self.chance.choice(known)
            self._correct(sale)
        self._say("drop", till.name, sale[1], self.sales[sale])
        till.drop_sale(sale[1], self.sales[sale])

    def _correct(self, sale):
        """What was answered ERROR comes again corrected."""
        told = ((sale[0], sale[1]), f"{float(self.sales[sale]):.2f}")
        if told in self.world.errors and self.chance.random() < 0.8:
            self.sales[sale] = str(100 + self.chance.randrange(800))

    def _person(self, till):
        known = [referencia for code, referencia in self.sales if code == till.code]
        if not known or till is not self.current[till.code]:
            return
        referencia, what = self.chance.choice(known), self.chance.choice(("retirar", "descartar", "reintentar"))
        self._say(what, till.name, referencia)
        self._guarded(till, lambda: self._order(till, what, referencia))

    def _order(self, till, what, referencia):
        if what == "retirar":
            till.drop(f"R{next(self.world.drops)}.TXT", f"[RETIRAR]\nREFERENCIA={referencia}\n[FIN]\n")
        else:
            till.order(what, que=referencia, motivo="prueba")

    def _printer(self, till):
        if till.printer._faults:
            till.switch_printer_on()
        else:
            till.switch_printer_off()

    def _late(self):
        held = self.world.carrier.held
        if held:
            which = self.chance.randrange(len(held))
            self._say("late", held[which][0], held[which][1][1])
            self.world.carrier.arrive_one(which)

    def _step(self, till):
        steps = (
            till.intake.take,
            lambda: decide(till.house, till.desk),
            lambda: switch(till.house),
            lambda: talk_next(till.house, till.claims),
            lambda: talk_next(till.house, till.claims),
            lambda: hand_over_next(till.house),
            lambda: mirror_next(till.house),
            lambda: print_next(till.house, till.printer),
            till.publisher.publish,
            lambda: probe(till.house),
            lambda: attend(till.house, till.machine),
            till.probe,
            till.work,
        )
        self._guarded(till, self.chance.choice(steps))

    def _guarded(self, till, act):
        """It may fall on the way."""
        till.fate.count = 0
        till.fate.fall_at = self.chance.randint(1, 8) if not self.calm and self.hit("crash", 0.10) else None
        try:
            act()
        except Crash:
            self._say("CRASH", till.name)
            till.switch_on()
        finally:
            till.fate.fall_at = None
            self.world.note(till)

    # --- what goes wrong once in a while ---

    def _disaster(self, code):
        what, till = self.chance.random(), self.current[code]
        if what < 0.35:
            self.journals[code] = till.backup(f"copia-{next(self.world.drops)}.db")
        elif what < 0.55:
            self.base = self.world.backup(f"copia-{next(self.world.drops)}")
        elif self.hit("restore", 0.3):
            self._restore(till)
        elif len(self.world.tills) < _MOST_MACHINES and self.hit("clone", 0.3):
            self._take_over(till)
        elif self.hit("cloudback", 0.2):
            self._restore_cloud()

    def _restore(self, till):
        self._say("RESTORE", till.name)
        mine = self._slugs(till)
        self.world.note(till)
        till.restore(self.journals[till.code])
        self.lost |= mine - self._known()
        self.forgot |= self.world.errors
        self.world.forget_answers(till)

    def _take_over(self, till):
        self._say("TAKE-OVER", till.name)
        name = f"{till.code}-{len(self.world.tills)}"
        self._add(self.world.replace(till, self.journals[till.code], name))
        self.forgot |= self.world.errors

    def _restore_cloud(self):
        self._say("CLOUD RESTORED")
        before = self._known()
        self.world.restore(self.base)
        self.lost |= before - self._known()
        self.forgot |= self.world.errors

    def _slugs(self, till):
        with till.house.journal.reading() as db:
            rows = db.execute("SELECT tipo || '-' || serie || '-' || numero FROM document").fetchall()
        return {slug for (slug,) in rows}

    def _known(self):
        """Numbers whose bytes some store holds."""
        there = {slug for _, slug, _, _, _ in self.world.documents()}
        return there.union(*(self._slugs(till) for till in self.world.tills))

    # --- the end ---

    def _calm_down(self):
        self.calm = True
        self.world.strict = False
        for till in self.world.tills:
            till.line.choose = lambda verb: None
            till.switch_printer_on()
        for turn in range(6):
            self.world.settle(3)
            for till in self.current.values():
                if till.phase in (Phase.FENCED, Phase.TAKEN):
                    till.raise_epoch(ordered=True)
            for code, referencia in self.sales:
                till = self.current[code]
                till.order("reintentar", que=referencia)
                if turn in (2, 4):
                    self._drop_what_waits(till, referencia)
                if turn == 5:
                    self._discard_what_waits(till, referencia)
        self.world.settle(3)
        self._decide_about_doubtful_numbers()

    def _drop_what_waits(self, till, referencia):
        with till.house.journal.reading() as db:
            waits = db.execute(
                "SELECT 1 FROM job WHERE referencia = ? AND decided = 0 AND kind = 'documento'", (referencia,)
            ).fetchone()
        if waits:
            till.drop_sale(referencia, self.sales[till.code, referencia])

    def _discard_what_waits(self, till, referencia):
        """What an old file asked for is no more wanted: the sale is a document with other content."""
        with till.house.journal.reading() as db:
            names = db.execute(
                "SELECT name FROM job WHERE key = ? AND decided = 0 AND follows IS NULL AND key IN"
                " (SELECT key FROM job WHERE bound = 1 AND decided = 1)", (referencia,),
            ).fetchall()  # fmt: skip
        for (name,) in names:
            till.order("descartar", que=name.decode(), motivo="la venta es otra")

    def _decide_about_doubtful_numbers(self):
        """A person annuls what no machine claimed."""
        for cae in self.world.cloud.numbers(RUT):
            for stretch in cae.stretches:
                if stretch.fate.value == "doubtful":
                    numbers = range(stretch.first, stretch.last + 1)
                    self.world.cloud.annul_doubtful("prueba", RUT, cae.doc_type, cae.series, numbers, "de nadie")

    def broken(self):
        """The promises that were not kept; where the only copy was lost, or nobody could be asked, none was given."""
        of_machines = [phrase for till in self.current.values() for phrase in till.stuck(())]
        return [*self._of_sales(), *self._of_refusals(), *self.world._of_papers(self.lost), *of_machines]

    def _of_sales(self):
        live = {slug: sale for sale, slug, _, _, _ in self.world.documents()}
        gone = self.lost | {slug for (slug,) in self.world.query(_LATE)}
        facts = {(sale, slug) for sale, slug, _, _ in self.world.papers}
        facts |= {(sale, slug) for sale, slugs in self.world.oks.items() for slug in slugs}
        numbers, owners = defaultdict(set), defaultdict(set)
        for sale, slug in facts | {(sale, slug) for slug, sale in live.items()}:
            numbers[sale].add(slug)
            owners[slug].add(sale)
        for sale, slugs in numbers.items():
            if len(slugs) > 1 and not slugs & gone:
                yield f"{sale} has {sorted(slugs)}"
        for slug, sales in owners.items():
            if len(sales) > 1:
                yield f"{slug} is of {sorted(sales)}"
        for sale, slug in sorted(facts):
            if slug not in self.lost and live.get(slug) != sale:
                yield f"{slug} of {sale} is on paper or answered OK, and the cloud does not have it"

    def _of_refusals(self):
        gone = self.lost | {slug for (slug,) in self.world.query(_LATE)}
        refused = {what for what in self.world.errors - self.forgot if len(self._dropped_at(what)) == 1}
        for sale, slug, state, _, price in self.world.documents():
            if state == "prepared":
                yield f"{slug} of {sale} stays prepared"
            elif (sale, price) in refused and slug not in gone:
                yield f"{sale} with {price} was answered ERROR, and is {slug}"

    def _dropped_at(self, what):
        """The machines where a sale was dropped: each of them answers for itself."""
        return {machine for (machine, _), dropped in self.world.dropped.items() if dropped == what}

    def _say(self, *what):
        self.log.append(f"{self.world.clock.time:%H:%M:%S} " + " ".join(str(each) for each in what))
