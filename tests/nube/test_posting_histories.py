"""
Random histories of sales, rejections and troubles on every way, and a fall at every commit of one: what receivers have.

What is judged is what arrived at mail servers, web services and the authority, not what the sweeps remember. SMTP knows
no exactly-once: what may arrive twice is the same mail, and only where an answer was lost or the process fell. Longer:
``SINCRONIZADOR_ENTREGAS=500 pytest tests/nube/test_posting_histories.py``.
"""

import os
import random
from collections import Counter, deque
from email import message_from_bytes
from email.policy import default

import pytest
from clouds import ANEXO, OTHER_RUT, RUT, Place, Till, rango
from desk import DOWN, LOST_ANSWER, LOST_REQUEST, Desk
from filing import clerk_of, rows, sell, to_company
from post_office import NOT_LET_IN, WAIT, PostOffice
from test_postings import COMPANY, MAIL, NOBODY
from test_sweep_histories import Fell, Frail

from sincronizador.countries.uy.acks import parse_rechazos
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.nube import sweeps
from sincronizador.nube.tables import delivery, document

HISTORIES = int(os.environ.get("SINCRONIZADOR_ENTREGAS", "3"))
WITH_WEB = "217777770013"
WEB = "https://ws.example/x"
STRANGER = "219000090011"


class Story:
    """A cloud, a till, the authority, receivers, and what happened."""

    def __init__(self, place):
        self.place = place.found(caes=(rango(hasta=2000), rango(111, hasta=2000)))
        self.desk = Desk(place.clock)
        self.desk.register = {OTHER_RUT: dict(COMPANY), WITH_WEB: {**COMPANY, "URL_WEBSERVICE": WEB}}
        self.office = PostOffice()
        self.office.witness = self.see
        self.till = Till(place)
        self.falls = self.count = self.invoices = 0
        self.early = []
        self.renew()
        self.sweep()

    def renew(self):
        self.clerk = clerk_of(self.place, self.desk, self.office)

    def see(self, signed):
        """What a receiver gets the authority has, unless it only goes there in a report."""
        slug = slug_of(signed)
        at_dgi = {one for *_, slugs in self.desk.arrived for one in slugs}
        if slug.startswith("111") and slug not in at_dgi:
            self.early.append(slug)

    def sell(self, how):
        self.count += 1
        key = f"V{self.count}"
        if how == "person":
            sell(self.till, key, "100.00")
        else:
            self.invoices += 1
            to_company(self.till, key, how, anexo=ANEXO if self.count % 3 == 0 else NOBODY)

    def sweep(self, **later):
        self.place.clock.go(**later)
        with self.clerk.store.reading() as db:
            is_due = RUT in sweeps.agenda(db, self.clerk)
        if not is_due:
            return False
        try:
            return sweeps.attend(self.clerk, RUT)
        except Fell:
            self.falls += 1
            self.renew()
            return True

    def rest(self):
        """All troubles are over, and time goes by until nothing is due."""
        for way in (self.desk.coming, self.desk.register_coming, self.office.coming, *self.office.services.values()):
            way.clear()
        self.desk.slow = self.desk.partly = 0
        for _ in range(9):
            while self.sweep(hours=4):
                pass

    # --- what must be true at the end ---

    def judge(self):
        assert self.early == []
        papers = {slug_of(row.signed): row for row in rows(self.clerk, document)}
        sobres, told = self.at_companies()
        assert all(row.state in ("accepted", "rejected", "reported") for row in papers.values())
        for slug, row in papers.items():
            holding = [number for number, (_, slugs) in sobres.items() if slug in slugs]
            if row.recipient not in (OTHER_RUT, WITH_WEB):
                assert holding == [], slug
            elif row.state == "rejected":
                assert (slug in told) >= bool(holding), slug
            else:
                assert holding, slug
                assert slug not in told
        self.judge_repeats(sobres)
        self.judge_persons(papers)
        assert {row.state for row in rows(self.clerk, delivery)} <= {"sent", "withdrawn"}

    def at_companies(self):
        """Sobres that receivers have, number -> (bytes, slugs); documents that they were told were rejected."""
        sobres, told, arrived = {}, set(), []
        for _, message in self.office.mails:
            mail = message_from_bytes(message, policy=default)
            arrived += [part.get_content() for part in mail.iter_attachments() if part.get_filename()[:3] in _OURS]
        arrived += [content for _, _, content in self.office.taken]
        for content in arrived:
            if b"<CFEs_Anulados_x_RechazoDGI" in content[:200]:
                told |= {f"{one.tipo}-{one.serie}-{one.numero}" for one in parse_rechazos(content).anulados}
                continue
            taken = take_apart(content)
            number = int(taken.caratula["Idemisor"])
            assert sobres.setdefault(number, (content, [slug_of(cfe.alone) for cfe in taken.cfes]))[0] == content
        return sobres, told

    def judge_repeats(self, sobres):
        """A document lies in one sobre, unless one that held something rejected was withdrawn."""
        withdrawn = {row.number for row in rows(self.clerk, delivery) if row.state == "withdrawn"}
        held = Counter(slug for number, (_, slugs) in sobres.items() if number not in withdrawn for slug in slugs)
        assert all(count == 1 for count in held.values())

    def judge_persons(self, papers):
        mails = {}
        for to, message in self.office.mails:
            mail = message_from_bytes(message, policy=default)
            assert mails.setdefault(mail["Message-ID"], (to, message)) == (to, message)
        extra = len(self.office.mails) - len(mails)
        assert extra <= self.office.lost + self.falls
        for slug, row in papers.items():
            is_mailed = f"<Cfe_{RUT}-{slug}@tienda.example>" in mails
            if "correo" in row.anexo and ANEXO.correo in row.anexo and row.state != "rejected":
                assert is_mailed, slug
            elif ANEXO.correo not in row.anexo:
                assert not is_mailed, slug


_OURS = ("Sob", "Rec")


def slug_of(signed):
    doc = parse_signed(signed).zone("Encabezado", "IdDoc")
    return f"{doc['TipoCFE']}-{doc['Serie']}-{doc['Nro']}"


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
    what = dice.choice(("sell", "sell", "sell", "dgi", "mail", "mail", "web", "register", "fall", "time"))
    if what == "sell":
        for _ in range(dice.randrange(1, 4)):
            if dice.random() < 0.3:
                story.desk.refuse[f"111-A-{story.invoices + 1}"] = ("E05",)
            story.sell(dice.choice(("person", OTHER_RUT, OTHER_RUT, WITH_WEB, STRANGER)))
    elif what == "dgi":
        story.desk.coming.extend(dice.choice((DOWN, LOST_REQUEST, LOST_ANSWER, None)) for _ in range(dice.randrange(4)))
        story.desk.slow = dice.randrange(3)
    elif what == "mail":
        troubles = (DOWN, LOST_REQUEST, LOST_ANSWER, WAIT, NOT_LET_IN, None)
        story.office.coming.extend(dice.choice(troubles) for _ in range(dice.randrange(6)))
    elif what == "web":
        troubles = [dice.choice((DOWN, LOST_REQUEST, LOST_ANSWER, None)) for _ in range(dice.randrange(6))]
        story.office.services.setdefault(WEB, deque()).extend(troubles)
    elif what == "register":
        story.desk.register_coming.extend([DOWN] * dice.randrange(3))
        story.desk.register[OTHER_RUT]["MAIL"] = dice.choice((MAIL, "otra@comprador.example"))
    elif what == "fall":
        frail.left, frail.after = dice.randrange(1, 9), dice.random() < 0.5
    else:
        story.place.clock.go(hours=dice.choice((1, 5, 20)))
    if what == "fall" or dice.random() < 0.7:
        for _ in range(dice.randrange(1, 4)):
            story.sweep(seconds=dice.choice((1, 60, 1900)))
    frail.left = None


def tell(story, seed):
    dice = random.Random(seed)
    frail = Frail(story.clerk.store)
    for _ in range(dice.randrange(15, 35)):
        step(story, dice, frail)
    frail.left = None
    story.sell(OTHER_RUT)
    story.rest()
    story.judge()


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_every_receiver_has_what_is_its_own(unused, ground, story, seed):
    tell(story(unused.copied(ground)), seed)


@pytest.mark.parametrize("seed", range(1_000, 1_001))
def test_the_same_on_postgresql(cluster, tmp_path, story, seed):
    tell(story(Place(cluster.new(), tmp_path, cluster)), seed)


def day_of_sales(story):
    """A document for each way, one that is rejected after it was sent, and one before."""
    story.desk.refuse["111-A-1"] = ("E05",)
    for how in (OTHER_RUT, WITH_WEB, "person", OTHER_RUT):
        story.sell(how)


@pytest.mark.parametrize("after", [False, True])
def test_a_fall_at_every_commit_loses_nothing_and_repeats_only_what_is_the_same(unused, ground, story, after):
    nth, fell = 1, True
    while fell:
        folder = ground / str(nth)
        folder.mkdir()
        told = story(unused.copied(folder))
        frail = Frail(told.clerk.store)
        frail.left, frail.after = None, after
        day_of_sales(told)
        frail.left = nth
        for _ in range(4):
            told.sweep(minutes=35)
        frail.left = None
        told.rest()
        told.judge()
        fell, nth = told.falls > 0, nth + 1
    assert nth > 12
