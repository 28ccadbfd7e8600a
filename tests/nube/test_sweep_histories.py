"""
Random histories of sales, sweeps and troubles, and a fall at every commit of one: each document has exactly one end.

What is judged is told by the authority and by the documents, not by what the sweeps remember.
Longer: ``make barridos``.
"""

import os
import random
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import pytest
from clouds import RUT, Place, Till, draft, rango
from desk import DOWN, LOST_ANSWER, LOST_REQUEST, Desk
from filing import clerk_of, rows, sell, state
from lxml import etree

from sincronizador.authorities.door import Fault
from sincronizador.nube import sweeps
from sincronizador.nube.tables import document, shipment, sobre

HISTORIES = int(os.environ.get("SINCRONIZADOR_BARRIDOS", "10"))
STRIDE = 1 if "SINCRONIZADOR_BARRIDOS" in os.environ else 3
"""Of commits at which it falls."""
FAULTS = tuple(Fault(code=code, description="No", detail="") for code in (13, 99, 100, 102, 105))
NS = "{http://cfe.dgi.gub.uy}"


class Fell(BaseException):
    """The process died."""


class Frail:
    """A base whose process dies at the n-th commit from now, just before or just after it."""

    def __init__(self, store):
        self.left = None
        self.after = False
        self.commits = 0
        self._real = store.writing
        store.writing = self._writing

    @contextmanager
    def _writing(self):
        self.commits += 1
        if self.left is not None:
            self.left -= 1
        dies = self.left == 0
        with self._real() as db:
            yield db
            if dies and not self.after:
                raise Fell
        if dies:
            raise Fell


class Story:
    """A cloud, a till, an authority, and what happened."""

    def __init__(self, place):
        self.place = place.found(caes=(rango(hasta=2000), rango(102, hasta=500)))
        self.desk = Desk(place.clock)
        self.desk.strict = False
        self.till = Till(place)
        self.keys = []
        self.prepared = []
        self.falls = 0
        self.renew()

    def renew(self):
        """The process again, on what the base holds."""
        self.clerk = clerk_of(self.place, self.desk)

    def sell(self, big, tipo=101):
        key = f"V{len(self.keys)}"
        sell(self.till, key, "60000.00" if big else "100.00", tipo=tipo)
        self.keys.append(key)

    def sweep(self, **later):
        self.place.clock.go(**later)
        try:
            return sweeps.attend(self.clerk, RUT)
        except Fell:
            self.falls += 1
            self.renew()
            return True

    def rest(self):
        """All troubles are over: what is due is done, and so much time goes by that every day is told."""
        self.desk.coming.clear()
        self.desk.refuse = {key: codes for key, codes in self.desk.refuse.items() if codes[0].startswith("E")}
        self.desk.slow = self.desk.partly = 0
        for key in self.prepared:
            # The till comes back: a note may wait for what it corrects.
            receipt = self.till.cloud.find(self.till.me, key).receipt
            if receipt is not None:
                self.till.confirm(key, receipt)
        for _ in range(60):
            self.sweep(hours=1)

    # --- what must be true at the end ---

    def judge(self):
        papers = rows(self.clerk, document)
        counted = [row for row in papers if row.state not in ("prepared", "voided")]
        for row in counted:
            slug = f"{row.doc_type}-{row.series}-{row.number}"
            has = (RUT, slug) in self.desk.documents
            expected = "reported" if not row.alone else "accepted" if has else "rejected"
            assert row.state == expected, slug
        assert {row.state for row in papers if row not in counted} <= {"prepared", "voided"}
        self.judge_sobres(counted)
        self.judge_reports(counted)

    def judge_sobres(self, counted):
        sent = {}
        for rut, idemisor, content, _ in self.desk.arrived:
            assert sent.setdefault((rut, idemisor), content) == content
        numbers = [row.idemisor for row in rows(self.clerk, sobre)]
        assert numbers == sorted(set(numbers))
        registered = Counter(one["numero"] for _, _, decided in self.desk.sobres.values() for one in decided
                             if one["tipo"] == "101")  # fmt: skip
        assert all(count == 1 for count in registered.values())
        twice = [one for _, _, decided in self.desk.sobres.values() for one in decided if "E02" in one["codes"]]
        assert twice == []
        ends = Counter(row.document for row in rows(self.clerk, shipment) if row.state in ("accepted", "rejected"))
        assert ends == Counter({row.id: 1 for row in counted if row.alone})

    def judge_reports(self, counted):
        told = {}
        for _, day, secuencia, sent in self.desk.reports_arrived:
            assert told.setdefault((day, secuencia, sent in self.desk.reports.values()), sent) == sent
        last = {}
        for (_, day, secuencia), sent in sorted(self.desk.reports.items(), key=lambda item: item[0][2]):
            last[day] = (secuencia, sent)
        first, end = min(row.day for row in counted), self.place.clock().date() - timedelta(days=2)
        day = first
        while day <= end:
            assert self.said(last[day][1]) == self.true(counted, day), day
            day += timedelta(days=1)

    def said(self, sent):
        """Type -> numbers used and annulled."""
        found = {}
        for block in etree.fromstring(sent):
            data = block.find(NS + "RsmnData")
            if data is not None:
                tipo = int(block.findtext(NS + "TipoComp"))
                found[tipo] = (int(data.findtext(NS + "CantDocsUtil")), int(data.findtext(NS + "CantDocsAnulados")))
        return found

    def true(self, counted, day):
        used, gone = Counter(), Counter()
        for row in counted:
            if row.day == day:
                used[row.doc_type] += 1
                gone[row.doc_type] += row.state == "rejected"
        for tipo, annulled in self.annulled(day):
            used[tipo] += annulled
            gone[tipo] += annulled
        return {tipo: (used[tipo], gone[tipo]) for tipo in used}

    def annulled(self, day):
        from sincronizador.nube.tables import annulled, cae

        types = {row.id: row.doc_type for row in rows(self.clerk, cae)}
        return [(types[row.cae], row.last - row.first + 1) for row in rows(self.clerk, annulled) if row.day == day]


@pytest.fixture
def story():
    made = []

    def make(place):
        made.append(place)
        return Story(place)

    yield make
    for place in made:
        place.cloud.close()


def step(story, dice, frail):
    what = dice.choice(("sell", "sell", "small", "note", "prepare", "confirm", "void", "refuse", "way", "fall", "time"))
    till, desk = story.till, story.desk
    if what in ("sell", "small"):
        story.sell(what == "sell")
    elif what == "note" and story.keys:
        story.sell(dice.random() < 0.7, tipo=102)
    elif what == "prepare":
        key = f"P{len(story.prepared)}"
        till.submit(key, draft(key))
        story.prepared.append(key)
    elif what in ("confirm", "void") and story.prepared:
        key = dice.choice(story.prepared)
        receipt = till.cloud.find(till.me, key).receipt
        if receipt is not None and what == "confirm":
            till.confirm(key, receipt)
        elif receipt is not None:
            till.void(key)
    elif what == "refuse":
        desk.refuse[f"101-A-{dice.randrange(1, 30)}"] = (dice.choice(("E05", "E03", "S04", "S06", "S03")),)
    elif what == "way":
        desk.coming.extend(
            dice.choice((DOWN, LOST_REQUEST, LOST_ANSWER, None, *FAULTS)) for _ in range(dice.randrange(4))
        )
        desk.slow, desk.partly = dice.randrange(3), dice.randrange(3)
    elif what == "fall":
        frail.left, frail.after = dice.randrange(1, 6), dice.random() < 0.5
    else:
        story.place.clock.go(hours=dice.choice((1, 5, 20)))
    if what == "fall" or dice.random() < 0.7:
        sweep(story, dice)
    frail.left = None


def sweep(story, dice):
    for _ in range(dice.randrange(1, 4)):
        story.sweep(seconds=dice.choice((1, 60, 1900)))


def tell(story, seed):
    dice = random.Random(seed)
    frail = Frail(story.clerk.store)
    for _ in range(dice.randrange(10, 35)):
        step(story, dice, frail)
    frail.left = None
    if not story.keys:
        story.sell(True)
    story.rest()
    story.judge()


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_document_reaches_one_end_and_every_day_is_told_as_it_was(ground, story, seed):
    tell(story(Place(f"sqlite:///{ground}/nube.db", ground)), seed)


@pytest.mark.parametrize("seed", range(1_000, 1_002))
def test_the_same_on_postgresql(cluster, tmp_path, story, seed):
    tell(story(Place(cluster.new(), tmp_path, cluster)), seed)


def day_of_sales(story):
    """All that may become of a document on one day."""
    story.desk.refuse["101-A-2"] = ("E05",)
    for big in (True, True, False):
        story.sell(big)
    story.sell(True, tipo=102)
    story.till.submit("P0", draft("P0"))
    story.till.void("P0")


@pytest.mark.parametrize("after", [False, True])
def test_a_fall_at_every_commit_loses_and_repeats_nothing(ground, story, after):
    nth, fell = 1 + after, True
    while fell:
        folder = ground / str(nth)
        folder.mkdir()
        told = story(Place(f"sqlite:///{folder}/nube.db", folder))
        frail = Frail(told.clerk.store)
        frail.left, frail.after = None, after
        day_of_sales(told)
        frail.left = nth
        for _ in range(30):
            told.sweep(hours=1)
        frail.left = None
        told.rest()
        told.judge()
        fell, nth = told.falls > 0, nth + STRIDE
    assert nth > 10
    assert state(told.till, "V1") == "rejected"
