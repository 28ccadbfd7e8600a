"""A fall at every commit of reading the mailbox, and letters that nobody could foresee: nothing lost, nothing twice."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from clouds import OTHER_RUT, RUT, Till
from desk import Desk
from filing import clerk_of, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supplier import Basket, Outbox, invoice, mail, receipts_of, sobre
from test_sweep_histories import Fell, Frail

from sincronizador.core.receipt import Said
from sincronizador.countries.uy.received import take_apart
from sincronizador.errors import Rejected
from sincronizador.nube.enclosures import bare, open_letter
from sincronizador.nube.tables import letter, received, received_lot, received_sobre, reply

BAD = invoice(3, buyer=OTHER_RUT)
LETTERS = (
    mail(("Sob_1.xml", sobre(invoice(1), invoice(2), BAD)), number=1),
    mail(("a.zip", b"PK\x03\x04"), number=2),
    mail(("Sob_2.xml", sobre(invoice(1, price="7.00"), idemisor=8)), number=3),
    mail(("Sob_1.xml", sobre(invoice(1), invoice(2), BAD)), number=4),
)


def receipts_of_anew(place, basket, outbox, *, left=None, after=False):
    """A process that begins, and dies at its n-th commit, just before or just after it."""
    clerk = clerk_of(place, Desk(place.clock))
    frail = Frail(clerk.store)
    frail.left, frail.after = left, after
    return receipts_of(clerk, timedelta(), basket, outbox)


def falls(place, at, *, after):
    """Read the letters, with a fall at that commit, and then without; whether it fell."""
    basket, outbox, fell = Basket(), Outbox(), False
    for content in LETTERS:
        basket.drop(content)
    try:
        receipts_of_anew(place, basket, outbox, left=at, after=after).turn()
    except Fell:
        fell = True
    place.reopen()
    place.clock.go(seconds=1)
    last = receipts_of_anew(place, basket, outbox)
    last.turn()
    judge(last.clerk, basket, outbox)
    return fell


def judge(clerk, basket, outbox):
    """Whatever fell: this is what there is in the end."""
    assert [(row.number, row.estado) for row in rows(clerk, received)] == [(1, "ACEPTADO"), (2, "ACEPTADO")]
    assert [row.state for row in rows(clerk, letter)] == ["read", "apart", "read", "read"]
    assert [(row.idemisor, row.estado) for row in rows(clerk, received_sobre)] == [(7, "AS"), (8, "AS")]
    assert all(row.reply is not None for row in rows(clerk, received_lot))
    kept = rows(clerk, reply)
    assert [row.name.split("_")[0] for row in kept] == ["M", "ME"] * 2
    assert all(row.sent and row.due is None for row in kept)
    # The same bytes may leave again; never others.
    assert {content for *_, content in outbox.posted} == {row.content for row in kept}
    # A fall between the base and the mark leaves at most the mark undone, where letters are known by their number.
    assert basket.marked.items() <= dict.fromkeys((1, 2, 3, 4), False).items()


@pytest.fixture(scope="module")
def settled(unused, tmp_path_factory):
    """A base with an issuer, closed, to be copied."""
    place = unused.copied(tmp_path_factory.mktemp("emisor")).found()
    place.cloud.close()
    return place


@pytest.mark.parametrize("after", [False, True])
def test_a_fall_at_every_commit_loses_nothing_and_repeats_nothing(settled, ground, after):
    at, fell = 0, True
    while fell:
        at += 1
        folder = ground / str(at)
        folder.mkdir()
        place = settled.copied(folder)
        fell = falls(place, at, after=after)
        place.cloud.close()
    assert at > 10


@pytest.mark.parametrize("at", [2, 7])
def test_a_fall_in_either_base_is_made_good(empty, at):
    assert falls(empty.found(), at, after=at % 2 == 0)


def test_either_base_keeps_what_is_decided_and_tells_it_in_order(empty):
    basket, outbox = Basket(), Outbox()
    receipts = receipts_of(clerk_of(empty.found(), Desk(empty.clock)), timedelta(hours=24), basket, outbox)
    basket.drop(mail(("Sob_1.xml", sobre(invoice(1), invoice(2)))))
    receipts.turn()
    till = Till(empty)
    told = till.cloud.received(till.me, "", 100)
    assert [(one["number"], one["state"]) for one in told["documents"]] == [(1, "RECIBIDO"), (2, "RECIBIDO")]
    assert till.cloud.reject_received(till.me, (OTHER_RUT, 111, "A", 2), "E23", "No llegó").said is Said.STORED
    empty.clock.go(hours=25)
    receipts.turn()
    changed = till.cloud.received(till.me, told["cursor"], 100)["documents"]
    assert [(one["number"], one["state"]) for one in changed] == [(2, "RECHAZADO"), (1, "ACEPTADO")]
    assert [name.split("_")[0] for _, _, name, _ in outbox.posted] == ["M", "ME"]
    empty.cloud.alarms(RUT)


@pytest.fixture
def reader(unused, ground):
    """One base for all examples: what others send piles up."""
    place = unused.copied(ground).found()
    yield receipts_of(clerk_of(place, Desk(place.clock)), timedelta())
    place.cloud.close()


TEXTS = st.text(max_size=300).map(lambda text: f"From: {text}\nTo: {text}\n\n{text}".encode("utf-8", "replace"))


def mutant(data):
    """A good letter or sobre with something wrong in it."""
    content = bytearray(data.draw(st.sampled_from([*LETTERS, sobre(invoice(1)), invoice(1)])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["byte", "cut", "twice", "insert"]))
        size = data.draw(st.integers(1, 400))
        if how == "byte":
            content[place] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del content[place : place + size]
        elif how == "twice":
            content[place:place] = content[place : place + size]
        else:
            content[place:place] = data.draw(st.binary(max_size=40))
        if not content:
            return b""
    return bytes(content)


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(st.data())
def test_whatever_arrives_is_kept_and_has_an_end(reader, data):
    content = mutant(data)
    reader.mailbox.drop(content)
    reader.turn()
    states = {row.state for row in rows(reader.clerk, letter)}
    assert states <= {"read", "plain", "apart"}
    assert not any("error interno" in row.trouble for row in rows(reader.clerk, letter))
    for row in rows(reader.clerk, received):
        assert row.signed in (invoice(1), invoice(2), invoice(1, price="7.00"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=600)
    | st.text(max_size=300).map(lambda text: f"From: {text}\nTo: {text}\n\n{text}".encode("utf-8", "replace"))
)
def test_any_bytes_are_a_letter(content):
    opened = open_letter(content, "a.eml")
    for one in opened.xmls:
        with suppress(Rejected):
            take_apart(one.content)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\Sob.xml", "Sob.xml"),
        ("..", ""),
        ("a\n.xml", "a_.xml"),
        ("ñ" * 99, "_" * 60),
    ],
)
def test_a_name_of_a_file_is_no_path(name, told):
    assert bare(name) == told


def test_a_message_of_thousands_of_parts_and_one_nested_without_end_are_bounded():
    many = b"From: a@b.uy\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n<a/>\n" * 5_000 + b"--x--\n"
    assert any("partes" in trouble for trouble in open_letter(many, "a.eml").troubles)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(3_000))
    assert open_letter(b"From: a@b.uy\n" + deep, "a.eml").troubles


def test_a_bomb_of_entities_or_of_an_archive_is_not_opened(reader):
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(30))
    reader.mailbox.drop(f"<!DOCTYPE x [{lines}]><x>&a29;</x>".encode())
    reader.mailbox.drop(b"<EnvioCFE_entreEmpresas>" + b"<a>" * 100_000)
    reader.turn()
    assert [row.state for row in rows(reader.clerk, letter)] == ["apart", "apart"]


def test_a_thousand_sobres_in_one_letter_are_one_commit(reader):
    dice = random.Random(1)
    files = [(f"S{n}.xml", sobre(invoice(n + 1), idemisor=n + 1)) for n in range(30)]
    dice.shuffle(files)
    reader.mailbox.drop(mail(*files))
    reader.turn()
    assert len(rows(reader.clerk, received)) == 30
    assert {row.rut for row in rows(reader.clerk, received)} == {RUT}
