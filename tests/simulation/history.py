"""Random histories: what a shop, its network, its machines and its operators can do, in any order, from one seed."""

import logging
import random
from collections import Counter
from datetime import datetime, timedelta
from sqlite3 import IntegrityError

from beneath import throw_the_dice
from carrier import Fault
from families import ALL, ODDS, family_of
from ground import CODES
from people import People
from promises import Promises
from reports import Reports
from sales import Drop, text_of
from shop import left_all, left_nothing
from sqlalchemy.exc import DatabaseError
from town import Town
from troubles import MIDNIGHT, Troubles
from walking import NOON, Crash
from world import price_of

from sincronizador.core.receipt import cloud_key
from sincronizador.errors import NeedsOperator, SincronizadorError, Unavailable
from sincronizador.journal.post import Phase
from sincronizador.nube import cloud as nube
from sincronizador.nube import codes, judgement

_FAULTS = (
    ("loss", Fault.LOST, 0.10),
    ("loss", Fault.GONE, 0.06),
    ("loss", Fault.UNAVAILABLE, 0.04),
    ("loss", Fault.GARBAGE, 0.02),
    ("loss", Fault.BROKEN, 0.02),
    ("loss", Fault.MIXED_UP, 0.02),
    ("delay", Fault.DELAYED, 0.09),
    ("delay", Fault.TWICE, 0.08),
)
_STEPS = (
    *("intake", "decide", "switch", "talk", "talk", "talk", "hand_over", "mirror", "lots", "print", "print"),
    *("publish", "probe", "attend", "full probe", "work", "work", "work", "orders"),
)  # fmt: skip
_REFUSED = "13"
"""The price of sales that the cloud refuses while it is strict."""
_WHOLE = 0.02
"""The share of histories that go through the whole HTTP application."""
_LONG = 0.05


class Bugs(logging.Handler):
    """Whatever the product swallowed as a bug of its own."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.found = []

    def emit(self, record):
        if "event=bug" in record.getMessage():
            self.found.append(record.getMessage() + (f": {record.exc_info[1]!r}" if record.exc_info else ""))


class History(People, Troubles, Promises):
    """
    A world in which things happen. The same seed and family give the same history.

    `fall_at`: it falls at exactly this boundary, and at no other: see `every_boundary`.
    """

    def __init__(self, ground, folder, patch, seed, family="", *, fall_at=None, events=None):
        self.seed, self.family = seed, family or family_of(seed)
        self.families = ALL[self.family]
        self.chance = random.Random(f"{self.family} {seed}")
        random.seed(seed)
        throw_the_dice(patch, seed)
        self.events = events or (120 if self.chance.random() < _LONG else self.chance.randint(18, 44))
        self.most_sales = 8 if self.events > 100 else 4
        self.fall_once = fall_at
        self.counts = Counter()
        self.bugs = Bugs()
        self.town = self._make_town(ground, folder, patch)
        self.say = self.town.say
        patch.setattr(nube, "judge", self._judge)
        self.strict, self.calm = self.hit("refuse", 0.5), True
        self.sales = {}
        """(code, referencia) -> (kind, price, more) as they are wanted now."""
        self.current, self.copies = {}, {}
        self.lost = set()
        """Numbers whose only copy went with a disk or a backup."""
        self.forgotten_halfway = set()
        """Given out, which the only journal forgot; in the cloud only prepared, so that other content may replace them:
        then their numbers are told as doubtful."""
        self.lost_beside_a_mirror = set()
        self.forgot = set()
        """Refusals that no store remembers."""
        self.forgotten = set()
        """Files of which no journal knows any more, or whose machine was replaced."""
        self.reports = Reports(self.town)
        self._begin()

    def _make_town(self, ground, folder, patch):
        alone = "two" not in self.families and self.chance.random() < 0.8
        template = ground.template(scarce=self.hit("scarce", 0.6), codes=CODES[: 1 if alone else 2])
        whole = self.fall_once is None and self.chance.random() < _WHOLE
        self.counts["por la aplicación entera"] += whole
        return Town(ground, template, folder, patch, whole=whole, with_=self.families)

    def _begin(self):
        self._settle_in()
        if self.hit("days", 0.5):
            self.town.clock.time = datetime.combine(NOON.date(), MIDNIGHT, NOON.tzinfo)
        self.reports.look()
        self.town.disk.closed = "espejo" if self.hit("mirror", 0.4) else ""
        self.calm = False
        self.town.boundaries.fall_at = self.fall_once
        self.town.boundaries.passed = 0

    def _settle_in(self):
        """The machines that there are, switched on."""
        for code in CODES if "two" in self.families else CODES[:1]:
            journal = self.town.template.journal(code)
            mirror = self.hit("mirror", 0.8)
            till = self.town.shop(code, f"{code}-0", journal=journal, mark=f"{journal}.marca", mirror=mirror)
            till.line.choose = self._fault
            self.current[code] = till
            self.copies[code] = till.backup("copia-0.db")
            till.line.down = self.hit("mirror", 0.6)
        self.base = self.town.backup("copia-0")
        self.town.clock.time = NOON + timedelta(minutes=10)

    # --- chance ---

    def hit(self, family, odds):
        return family in self.families and self.chance.random() < odds

    def _fault(self, verb):
        if self.calm:
            return None
        for family, fault, odds in _FAULTS:
            mine = ODDS.get(self.family, {})
            if self.hit(family, mine.get(f"{verb} {fault.name}", mine.get(fault.name, odds))):
                if fault is Fault.MIXED_UP and (verb != "submit" or self.town.carrier.other_document("") is None):
                    return None
                self.counts[f"red: {fault.name}"] += 1
                self.say("  ", verb, fault.name)
                return fault
        return None

    def _judge(self, country, rut, submission, *rest):
        """While it is strict the cloud refuses sales of one price."""
        if self.strict and float(price_of(submission.draft)) == float(_REFUSED):
            return judgement.Verdict(errors=(codes.UNKNOWN_BRANCH.at(field="branch", value="13", rut=rut),))
        return judgement.judge(country, rut, submission, *rest)

    # --- what happens ---

    def play(self):
        """All of it; gives the promises that were not kept."""
        root = logging.getLogger("sincronizador")
        root.addHandler(self.bugs)
        try:
            for _ in range(self.events):
                self._event()
            self.calm_down()
            return list(self.broken())
        except (AssertionError, IntegrityError, DatabaseError, SincronizadorError) as error:
            return [f"P7 it stopped: {error!r}"]
        finally:
            root.removeHandler(self.bugs)
            self._count()

    def _event(self):
        till = self._somebody()
        self._pass_time(timedelta(seconds=self.chance.choice((0, 0.1, 0.3, 1, 1, 2, 4))))
        what = self.chance.random()
        if what < 0.14:
            self._drop(till)
        elif what < (0.27 if self.family == "tardes" else 0.21) and "people" in self.families:
            self.person(till)
        elif what < 0.24 and "flip" in self.families:
            till.line.down = not till.line.down
            self.counts["línea cortada"] += till.line.down
            self.say("LINEA", till.name, "cortada" if till.line.down else "vuelve")
        elif what < 0.26 and "printer" in self.families:
            self._printer(till)
        elif what < 0.30:
            self._late()
        elif what < 0.32 and "refuse" in self.families:
            self.strict = not self.strict
        elif what < 0.40:
            self.trouble(till)
        else:
            self._step(till)

    def _somebody(self):
        till = self.current[self.chance.choice(list(self.current))]
        if self.chance.random() < (0.35 if "clone" in self.families else 0.15):
            till = self.chance.choice([one for one in self.town.tills if one.code == till.code])
        return till

    def _pass_time(self, how):
        before = self.town.clock.time
        self.town.clock.time += how
        if self.town.clock.time.date() != before.date():
            self.reports.look()
        for till in self.town.tills:
            if till.is_on and self.town.clock.time - till.marked_at >= timedelta(seconds=1):
                self._guarded(till, lambda till=till: till.step("mark"), falls=False)

    def _drop(self, till):
        known = [sale for sale in self.sales if sale[0] == till.code]
        if not known or (len(self.sales) < self.most_sales and self.chance.random() < 0.6):
            sale = self._new_sale(till.code, known)
        else:
            sale = self.chance.choice(known)
            self._correct(sale)
        kind, price, more = self.sales[sale]
        self._put(till, Drop(_keyed(sale), f"{float(price):.2f}", kind), text_of(kind, sale[1], price, **more))

    def _put(self, till, drop, text):
        name = f"F{next(self.town.drops)}"
        self.say("DEJA", till.name, name, drop.kind, drop.sale[1], drop.price)
        self.counts["archivos"] += 1
        self.town.remember_drop(till, name, drop)
        till.drop(f"{name}.TXT", text)

    def _new_sale(self, code, known):
        kind, more, name = "venta", {}, f"V{len(known)}"
        price = str(20 + len(self.sales))
        if self.chance.random() < 0.15:
            kind = "factura"
        if known and self.hit("notes", 0.35):
            kind, more = "anular", {"venta": self.chance.choice(known)[1]}
        elif self.hit("lotes", 0.3):
            kind, more = "lote", {"parts": [f"{name}.{n}" for n in range(self.chance.randint(2, 4))]}
        elif self.hit("papers", 0.3):
            kind, more = "papel", {"numero": 1 + len(self.sales) + 20 * CODES.index(code)}
        elif self.hit("refuse", 0.3):
            price = _REFUSED
        self.sales[code, name] = (kind, price, more)
        return code, name

    def _correct(self, sale):
        """What was answered ERROR comes again corrected."""
        kind, price, more = self.sales[sale]
        if (_keyed(sale), f"{float(price):.2f}") in self.town.errors and self.chance.random() < 0.8:
            self.sales[sale] = (kind, str(100 + self.chance.randrange(800)), more)

    def _printer(self, till):
        fault = self.chance.choice(
            (lambda: Unavailable("E4020", "apagada"), left_nothing, left_all, lambda: NeedsOperator("E4001", "rota"))
        )
        if till.printer._faults:
            till.printer._faults.clear()
            return
        many = self.chance.choice((1, 1, 3))
        for _ in range(many):
            till.printer.fail_next(fault())
        self.counts["impresora"] += 1
        self.say("IMPRESORA", till.name, many, type(fault()).__name__)

    def _late(self):
        held = self.town.carrier.held
        if held:
            which = self.chance.randrange(len(held))
            self.say("TARDE", held[which][0], held[which][1][1])
            self.counts["red: llegó tarde"] += 1
            self.town.carrier.arrive_one(which)

    def _step(self, till):
        name = self.chance.choice(_STEPS)
        acts = {"full probe": till.probe, "work": till.work}
        self._guarded(till, acts.get(name) or (lambda: till.step(name)))

    def _guarded(self, till, act, *, falls=True):
        """It may fall on the way; who is off does nothing."""
        if not till.is_on:
            return
        boundaries = self.town.boundaries
        if falls and self.fall_once is None and not self.calm and self.hit("crash", 0.10):
            boundaries.fall_at = boundaries.passed + self.chance.randint(1, 8)
        try:
            act()
        except Crash:
            self.say("CAJA CAE", till.name)
            till.switch_on()
        finally:
            if self.fall_once is None:
                boundaries.fall_at = None
            self.town.note(till)

    # --- the end ---

    def calm_down(self):
        """Everything is healed, whoever has to decides, and time passes."""
        self.passed = self.town.boundaries.passed
        self.calm, self.strict = True, False
        self.town.boundaries.fall_at = None
        self.heal()
        self.town.carrier.arrive()
        for turn in range(9):
            self._quiet_minute()
            if turn > 0 and not self._restless():
                break
            self.help_on(turn)
        self._quiet_minute()
        self.annul_doubtful()

    def _quiet_minute(self):
        self._pass_time(timedelta(seconds=65))
        for till in self.town.tills:
            if till.is_on:
                till.probe()
                till.rest()
                self.town.note(till)

    def _restless(self):
        return any(
            till.phase is not Phase.READY
            or till.rows("SELECT 1 FROM job WHERE decided = 0 LIMIT 1")
            or till.rows("SELECT 1 FROM document WHERE acked_at IS NULL LIMIT 1")
            for till in self.current.values()
        )

    def _count(self):
        town, counts = self.town, self.counts
        counts["historias"], counts["eventos"] = 1, self.events
        counts["caídas de cajas"], counts["caídas de la nube"] = (
            town.boundaries.falls["caja"],
            town.boundaries.falls["nube"],
        )
        for what, many in town.disk.refused.items():
            counts[what] += many
        counts["pedidos a la nube"] = sum(town.carrier.requests.values())
        counts["papeles"] = len(town.papers)
        counts["fronteras"] = town.boundaries.passed


def _keyed(sale):
    return sale[0], cloud_key(sale[1])
