"""What pages show, without a browser: journal rows in, words out."""

import os
from datetime import timedelta
from decimal import Decimal

import pytest
from walking import NOON, TICKET

from sincronizador.core.answer import Estado, Motivo
from sincronizador.core.finding import Finding
from sincronizador.core.job import Impresion, Kind, Step
from sincronizador.journal import jobs, tasks, troubles
from sincronizador.journal.search import Wanted, search
from sincronizador.journal.troubles import Sort
from sincronizador.overview import overview
from sincronizador.panel import excerpt, views_home, views_sale, views_sales, views_troubles, words
from sincronizador.panel.words import Tone
from sincronizador.settings import load

BAD = "[DOCUMENTO]\nTIPO=101\nREFERENCIA={}\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=Ñandú\nPRECIO=dos\nIVA=MINIMA\n[FIN]\n"


def sold(machine, *referencias, precio="100"):
    for referencia in referencias:
        machine.drop(f"{referencia}.txt", TICKET.format(referencia=referencia, precio=precio).encode())
    machine.work()


# Words


def test_every_state_kind_step_and_paper_has_its_words():
    assert set(words.ESTADOS) == set(Estado)
    assert set(words.PAPERS) == set(Impresion)
    assert set(words.KINDS) == set(Kind)
    assert set(words.STEPS) == set(Step)
    assert set(words.MOTIVOS) == set(words.REMEDIES) == set(Motivo)


def test_a_time_is_said_as_a_person_says_it():
    assert words.moment(NOON - timedelta(hours=1), NOON) == "11:00"
    assert words.moment(NOON - timedelta(days=1), NOON) == "ayer 12:00"
    assert words.moment(NOON - timedelta(days=9), NOON) == "12/11/2026 12:00"
    assert words.moment(None, NOON) == ""


def test_amounts_have_their_points_and_comma():
    assert words.money(Decimal("1234567.5"), "UYU") == "$ 1.234.567,50"
    assert words.money(Decimal(10), "USD") == "USD 10,00"


@pytest.mark.parametrize("letter", ["\x1b", "\u202e", "\udcff", "\x00", "\u2028"])
def test_no_stranger_steers_a_page_by_letters_that_are_not_seen(letter):
    assert words.clean(f"a{letter}b") in ("a?b", "a b")


# The line of the file


def finding(line, code="E0205"):
    return Finding(code=code, message="Está mal.", line=line)


def test_a_wrong_line_stands_among_its_neighbours_in_the_files_own_letters():
    content = "uno\r\ndos\r\nCAFÉ\r\ncuatro\r\ncinco\r\nseis\r\nsiete\r\nocho\r\n".encode("cp850")
    found = excerpt.excerpt(content, "cp850", [finding(3), finding(8)])
    assert [(line.number, line.text, bool(line.findings)) for line in found.lines] == [
        (1, "uno", False), (2, "dos", False), (3, "CAFÉ", True), (4, "cuatro", False), (5, "cinco", False),
        (6, "seis", False), (7, "siete", False), (8, "ocho", True),
    ]  # fmt: skip
    far = excerpt.excerpt(b"\n".join(b"%d" % number for number in range(1, 30)), "ascii", [finding(2), finding(20)])
    assert [line.number for line in far.lines if line.after_gap] == [18]


def test_a_finding_of_a_line_that_is_not_there_shows_no_line():
    assert excerpt.excerpt(b"uno\n", "ascii", [finding(99)]).lines == ()


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "utf-16", "cp850", "no-such-codec", ""])
def test_bytes_of_any_kind_are_shown_somehow(encoding):
    found = excerpt.whole(bytes(range(256)) * 3, encoding)
    assert all(line.text.isprintable() for line in found.lines)


def test_a_workbook_is_not_shown_as_lines():
    assert not excerpt.whole(b"PK\x03\x04 and so on", "ascii").readable


def test_a_long_file_and_a_long_line_are_cut():
    found = excerpt.whole(b"x" * 5000 + b"\n" + b"y\n" * 1000, "ascii")
    assert len(found.lines) == excerpt.MOST
    assert found.is_cut
    assert not excerpt.whole(b"one\n", "ascii").is_cut
    assert len(found.lines[0].text) == excerpt.LONGEST + 1


# In trouble


def trouble_of(machine):
    with machine.house.journal.reading() as db:
        return troubles.found(db, machine.clock.now().date() - timedelta(days=7))


def test_a_refused_sale_is_in_trouble_until_it_comes_again(machine):
    machine.drop("malo.txt", BAD.format("V1").encode("cp1252"))
    machine.work()
    [one] = trouble_of(machine)
    assert one.sort is Sort.REFUSED
    with machine.house.journal.reading() as db:
        item = views_troubles.item(db, one, NOON)
    assert [line.text for line in item.source.lines if line.findings] == ["PRECIO=dos"]
    assert "DETALLE=Ñandú" in [line.text for line in item.source.lines]
    assert (item.may_retry, item.may_discard) == (False, False)
    sold(machine, "V1")
    assert trouble_of(machine) == []


def test_one_that_was_refused_long_ago_is_no_longer_told(machine):
    machine.drop("malo.txt", BAD.format("V1").encode())
    machine.work()
    machine.clock.put(days=9)
    assert trouble_of(machine) == []


def test_a_file_that_could_not_be_read_is_told_until_one_of_its_name_comes(machine):
    machine.drop("v.txt", b"hola\n[FIN]\n")
    machine.drop("otro.txt", BAD.format("V2").encode())
    machine.work()
    assert len(trouble_of(machine)) == 2
    machine.drop("v.txt", TICKET.format(referencia="V9", precio="5").encode())
    machine.work()
    assert len(trouble_of(machine)) == 1


def test_what_was_put_aside_comes_first_and_says_what_could_not_be_done(machine):
    machine.drop("malo.txt", BAD.format("V1").encode())
    sold(machine, "V2")
    with machine.house.journal.transaction() as db:
        job = jobs.named(db, "V2")
        tasks.reopen(db, job.id, Step.REPRESENT, tasks.REPRESENT)
        tasks.park_step(db, job.id, Step.REPRESENT, "El disco no deja escribir.")
    first, _ = trouble_of(machine)
    assert (first.sort, first.note) == (Sort.PARKED, "El disco no deja escribir.")
    with machine.house.journal.reading() as db:
        item = views_troubles.item(db, first, NOON)
    assert item.what == "No se pudo escribir los archivos que la acompañan: El disco no deja escribir."
    assert (item.may_retry, item.may_discard) == (True, False)


# The list


def found(machine, **wanted):
    with machine.house.journal.reading() as db:
        return [row.referencia or row.name for row in search(db, Wanted(**wanted), 10).rows]


def test_a_sale_is_found_by_everything_that_a_person_knows_of_it(machine):
    sold(machine, "AB-1", "AB-2", "ZZ-9")
    assert found(machine, text="ab-") == ["AB-2", "AB-1"]
    assert found(machine, text="zz-9.txt") == ["ZZ-9"]
    for number in ("3", "A 3", "a-3", "101-A-3", "101 A 3"):
        assert found(machine, text=number) == ["ZZ-9"], number
    assert found(machine, text="111-A-3") == []
    assert found(machine, text="nunca") == []
    assert found(machine, text="%") == found(machine, text="_") == []


def test_a_file_that_repeats_a_sale_leads_to_it(machine):
    sold(machine, "V1")
    machine.drop("otra.txt", TICKET.format(referencia="V1", precio="100").encode())
    machine.work()
    assert found(machine) == ["V1"]
    assert found(machine, text="otra") == ["V1"]


def test_pages_follow_one_another_and_miss_nothing(machine):
    names = [f"V{number}" for number in range(1, 8)]
    sold(machine, *names)
    told, before = [], 0
    with machine.house.journal.reading() as db:
        while page := search(db, Wanted(before=before), 3):
            told += [row.referencia for row in page.rows]
            before = page.next
            if not before:
                break
    assert told == names[::-1]


def test_days_amounts_and_states_narrow_the_list(machine):
    sold(machine, "BARATA", precio="10")
    machine.clock.put(days=1)
    sold(machine, "CARA", precio="9000")
    machine.drop("malo.txt", BAD.format("MALA").encode())
    machine.work()
    day = NOON.date()
    assert found(machine, last=day) == ["BARATA"]
    assert found(machine, first=day + timedelta(days=1)) == ["MALA", "CARA"]
    assert found(machine, first=day + timedelta(days=5)) == []
    assert found(machine, least=Decimal(11)) == ["CARA"]
    assert found(machine, most=Decimal(11)) == ["BARATA"]
    assert found(machine, estados=(Estado.RECHAZADO,)) == ["MALA"]
    assert found(machine, till="CAJA9") == []
    assert found(machine, text="CARA", last=day) == []


def test_a_search_that_takes_too_long_says_where_to_go_on(machine):
    sold(machine, "V1", "V2")
    with machine.house.journal.reading() as db:
        page = search(db, Wanted(till="NADIE"), 10, seconds=-1)
    assert page.rows == ()
    assert page.looked_at_all or page.next > 0


@pytest.mark.parametrize(
    ("text", "amount"),
    [("10.000", "10000"), ("1.250,50", "1250.50"), ("$ 99", "99"), ("12,5", "12.5"), ("12.5", "12.5"), ("-3", "-3")],
)
def test_an_amount_is_read_as_people_write_it(text, amount):
    assert views_sales.asked({"minimo": text}).wanted.least == Decimal(amount)


@pytest.mark.parametrize("text", ["mucho", "1e99", "NaN", "Infinity", "1,2,3"])
def test_an_amount_that_is_none_is_told_and_looks_for_nothing(text):
    asked = views_sales.asked({"minimo": text, "desde": "el martes", "lote": "x", "antes": "9" * 40})
    assert (asked.wanted.least, asked.wanted.first, asked.wanted.lote, asked.wanted.before) == (None, None, 0, 0)
    assert len(asked.mistakes) == 2


# One sale, and the first page


def test_a_sale_tells_its_story_its_papers_and_what_may_be_done(machine):
    sold(machine, "V1")
    country = machine.house.country
    with machine.house.journal.reading() as db:
        told = views_sale.sale(db, jobs.named(db, "V1"), country, ["CAJA1"], NOON)
    assert told.document == "e-Ticket A 1"
    assert told.story[0].what.startswith("Llegó V1.txt")
    assert dict(told.facts)["Total"] == "$ 100,00"
    assert (told.may_reprint, told.may_retry, told.may_discard, told.drawable) == (True, False, False, True)


def test_a_stopped_service_is_told_before_everything_else(machine):
    sold(machine, "V1")
    settings = load(str(machine.folder / "sincronizador.toml"))
    with machine.house.journal.reading() as db:
        state = views_home.state(overview(settings, db, NOON), db, 3, NOON)
    assert (state.headline, state.tone) == ("Detenido", Tone.MAL)


@pytest.mark.parametrize("days", [-1, 0, 5, 20, 400, None])
def test_the_certificates_card_is_coloured_by_its_days(days):
    class Seen:
        beat = None if days is None else type("Beat", (), {"certificado_dias": days})

    card = views_home._certificate(Seen)
    assert card.tone is {-1: Tone.MAL, 0: Tone.MAL, 5: Tone.MAL, 400: Tone.BIEN}.get(days, Tone.ATENCION)


def test_an_order_about_a_file_of_undecodable_name_is_carried_out_and_told(machine):
    name = os.fsdecode(b"caf\xe9\xff.txt")
    machine.drop(name, b"[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    machine.work()
    with machine.house.journal.reading() as db:
        job = jobs.newest(db, 1)[0]
    outcome = machine.order("reintentar", que="x", pedido=str(job.id))
    assert outcome.ok, outcome.sentence


def test_an_order_may_name_a_file_by_bytes_that_are_no_text(machine):
    name = os.fsdecode(b"caf\xe9\xff.txt")
    machine.drop(name, b"[DOCUMENTO]\nTIPO=101\n[FIN]\n")
    machine.work()
    assert machine.order("reintentar", que=name).ok
