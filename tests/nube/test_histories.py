"""
Random histories of calls, with replaced machines and restores: what must hold does, whatever comes after what.

The rules of the protocol trial, in the server alone: every number has one fate, none is given twice, leases are
disjoint, the higher attempt wins, what was overtaken stays so, and every paper that was signed is kept or alarmed.
"""

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

from clouds import RUT, Place, Till, draft, rango
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from sincronizador.core.receipt import CloudState, Highest, Said
from sincronizador.errors import Unavailable
from sincronizador.nube.fates import Fate
from sincronizador.nube.leases import Granted
from sincronizador.nube.tables import attempt, installation
from sincronizador.nube.tables import lease as lease_table

KEYS = st.sampled_from(["V1", "V2", "V3"])
COUNTERS = st.integers(1, 4)
TILLS = st.integers(0, 1)
LAST = 4000


class Histories(RuleBasedStateMachine):
    """Two installations, each with the machines that it had."""

    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp(prefix="historia"))
        self.place = Place(f"sqlite:///{self.folder}/nube.db", self.folder).found(caes=(rango(hasta=LAST),))
        self.tills = [Till(self.place, code) for code in ("A", "B")]
        self.machines = [[till] for till in self.tills]
        self.leases = []
        self.tops = {}
        self.papers = {}
        self.numbers = {}
        self.copy = None

    def teardown(self):
        if hasattr(self, "place"):
            self.place.cloud.close()
            shutil.rmtree(self.folder)

    def say(self, till, act):
        """An answer, or None for 503 and for a call that was refused for its epochs."""
        try:
            outcome = act()
        except Unavailable:
            return None
        reply = getattr(outcome, "reply", outcome)
        if getattr(reply, "said", None) is Said.RESTORED:
            till.learn()
            return None
        return reply

    def fenced(self, till, key, attempt, reply):
        """The highest attempt of a key wins for ever, refused calls counted."""
        if reply is None or reply.said is Said.FENCED:
            return
        top = self.tops.get((till.code, key), (0, 0))
        if attempt < top:
            assert reply.said is Said.OVERTAKEN
        else:
            assert reply.said is not Said.OVERTAKEN
            self.tops[till.code, key] = attempt

    @rule(of=TILLS, key=KEYS, counter=COUNTERS, what=st.sampled_from(["Pan", "Vino"]), old=st.booleans())
    def submit(self, of, key, counter, what, old):
        till = self.machines[of][0] if old else self.tills[of]
        try:
            reply = self.say(till, lambda: till.submit(key, draft(what), counter))
        except Unavailable:
            return
        self.fenced(till, key, (till.epoch, counter), reply)
        if reply is not None and reply.said is Said.STORED:
            assert till.epoch == self.tills[of].epoch
            self.remember(till, reply.receipt)

    @rule(of=TILLS, key=KEYS, counter=COUNTERS)
    def void(self, of, key, counter):
        till = self.tills[of]
        reply = self.say(till, lambda: till.void(key, counter))
        self.fenced(till, key, (till.epoch, counter), reply)

    @rule(of=TILLS, key=KEYS)
    def confirm(self, of, key):
        till = self.tills[of]
        found = self.say(till, lambda: till.cloud.find(till.me, key))
        if found is not None and found.receipt is not None:
            self.say(till, lambda: till.confirm(key, found.receipt))

    @rule(of=TILLS, size=st.integers(1, 4), again=st.booleans())
    def lease(self, of, size, again):
        till = self.tills[of]
        name = f"{len(self.leases) - again}"
        granted = self.say(till, lambda: till.lease(size, idempotency=name))
        if isinstance(granted, Granted) and granted.created:
            self.leases.append((till, granted.lease, []))

    @rule(key=KEYS, counter=COUNTERS, data=st.data())
    def sign(self, key, counter, data):
        """Sign with a number of a lease, and hand it over, whoever holds the installation by now."""
        usable = [(till, lease, used) for till, lease, used in self.leases if len(used) <= lease.hasta - lease.desde]
        if not usable:
            return
        till, lease, used = data.draw(st.sampled_from(usable))
        number = lease.desde + len(used)
        used.append(number)
        signed = till.sign(lease, number, draft(f"{key} {number}"))
        late = till.epoch < self.tills["AB".index(till.code)].epoch
        reply = self.say(till, lambda: till.hand_over(key, signed, counter, lease=lease.id))
        if not late:
            self.fenced(till, key, (till.epoch, counter), reply)
        if reply is not None and reply.said is Said.STORED:
            self.remember(till, reply.receipt)
            self.papers[till.code, number] = signed

    @rule(data=st.data())
    def close(self, data):
        if not self.leases:
            return
        till, lease, used = data.draw(st.sampled_from(self.leases))
        self.say(till, lambda: till.cloud.close_lease(till.me, lease.id, used, []))

    @rule(of=TILLS)
    def take_over(self, of):
        till = self.tills[of]
        if len(self.machines[of]) > 3:
            return
        fresh = till.clone(f"m{len(self.machines[of]) + 1}")
        fresh.learn()
        known = fresh.epoch
        raised = fresh.raise_epoch(fresh.machine, known)
        if not raised.granted:
            fresh.epoch = raised.epoch
            raised = fresh.raise_epoch(fresh.machine, raised.epoch)
        assert raised.granted
        assert raised.epoch > known
        self.tills[of] = fresh
        self.machines[of].append(fresh)

    @rule()
    def back_up(self):
        self.copy = self.place.backup()
        self.kept = dict(self.papers)

    @rule()
    def restore(self):
        """The base is of yesterday; the machines tell what they know, and the copy may have forgotten attempts."""
        if self.copy is None or self.place.cloud._store.restores > 2:
            return
        self.place.restore(self.copy)
        for machines in self.machines:
            for machine in machines:
                machine.learn()
        self.tops = {}
        highest = max(self.numbers, default=0)
        highest = max([highest] + [lease.hasta for _, lease, _ in self.leases])
        for of in (0, 1):
            self.tell(of, highest)
        self.copy = None

    def tell(self, of, highest):
        till = self.tills[of]
        for (code, number), signed in self.papers.items():
            if code == till.code:
                outcome = till.hand_over(f"P{number}", signed, 9, lease="")
                if outcome.reply.said is Said.CONFLICT:
                    assert self.place.fate(number) is Fate.DOCUMENT
                    assert till.cloud.find_number(till.me, 101, "A", number)
        known = (Highest(tipo=101, serie="A", numero=highest),) if highest else ()
        till.cloud.recovered(till.me, known)
        self.tops = {}
        with self.place.cloud._store.reading() as db:
            rows = db.execute(
                select(installation.c.code, attempt.c.key, attempt.c.epoch, attempt.c.counter).join(
                    installation, installation.c.id == attempt.c.installation
                )
            )
            self.tops = {(code, key): (epoch, counter) for code, key, epoch, counter in rows}

    def remember(self, till, receipt):
        """A number is given to one content for ever."""
        seen = self.numbers.setdefault(receipt.numero, (till.code, receipt.signed))
        assert seen == (till.code, receipt.signed)

    @invariant()
    def every_number_has_one_fate(self):
        if not hasattr(self, "place"):
            return
        (found,) = self.place.cloud.numbers(RUT)
        assert sum(found.totals.values()) == LAST
        expected = 1
        for stretch in found.stretches:
            assert stretch.first == expected
            expected = stretch.last + 1
        assert expected == LAST + 1

    @invariant()
    def every_document_stands_at_its_number(self):
        if not hasattr(self, "place"):
            return
        for till in self.tills:
            till.learn()
            receipts = self.place.cloud.pull(till.me, "", 500).receipts
            keys = [receipt.key for receipt in receipts if not receipt.extra]
            assert len(keys) == len(set(keys))
            for receipt in receipts:
                assert receipt.state in (CloudState.PREPARED, CloudState.CONFIRMED)
                assert self.place.fate(receipt.numero) is Fate.DOCUMENT

    @invariant()
    def leases_are_disjoint(self):
        if not hasattr(self, "place"):
            return
        with self.place.cloud._store.reading() as db:
            rows = db.execute(select(lease_table.c.first, lease_table.c.last).order_by(lease_table.c.first)).all()
        assert all(before.last < after.first for before, after in pairwise(rows))


Histories.TestCase.settings = settings(
    max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
