"""The judge can fail: an outcome in which all is well, spoilt in one thing, and the check that must name it."""

import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from mayhem import judgement
from mayhem.keeper import Life
from mayhem.printer import Sheet
from mayhem.run import Run
from mayhem.stories import Story
from mayhem.witness import Version
from outside.answers import parse

STORIES = (Story.sale, Story.sale, Story.mistake, Story.annulled, Story.lote, Story.paper, Story.withdrawn)


@pytest.fixture(scope="module")
def well(tmp_path_factory):
    """A shop with its cloud on a good day."""
    today = datetime.now(timezone(timedelta(hours=-3))).date()
    folder = tmp_path_factory.mktemp("calma") / "tienda"
    seen = Run(folder, 1, 0, today, cloud=True, pause=0).calm(STORIES)
    assert judgement.faults(seen) == []
    return seen


def sale(seen):
    """A sale that became a document: what was dropped, the key of its answer, the last version of it."""
    for dropped in seen.dropped:
        key = dropped.till, dropped.name.rpartition(".")[0].casefold()
        if dropped.kind == "venta":
            return dropped, key, seen.versions[key][-1]
    raise AssertionError("nothing was sold")


def with_versions(seen, key, versions):
    """Another history of an answer."""
    return replace(seen, versions={**seen.versions, key: versions})


def answered(answer, **fields):
    """The answer with other values; `first` is its first line."""
    raw = answer.raw.decode("latin-1")
    lines = raw.split("\r\n")
    lines[0] = fields.pop("first", lines[0])
    lines = [f"{name}={fields[name]}" if (name := line.partition("=")[0]) in fields else line for line in lines]
    return parse("\r\n".join(lines).encode("latin-1"), answer.path)


def told_again(seen, **fields):
    _, key, last = sale(seen)
    again = Version(last.at + 1, answered(last.answer, **fields), last.xml)
    return with_versions(seen, key, [*seen.versions[key], again])


def kept(seen, **fields):
    """What the cloud has of the sale, with other values."""
    number = sale(seen)[2].answer.number
    return [replace(one, **fields) if one.number == number else one for one in seen.kept]


def sheet_of(seen):
    number = sale(seen)[2].answer.number
    return next(sheet for sheet in seen.sheets if judgement._number(sheet) == number)


def a_lost_file(seen):
    lost = sale(seen)[0].sha256
    return replace(seen, archived=[file for file in seen.archived if file.sha256 != lost])


def a_file_taken_twice(seen):
    return replace(seen, archived=[*seen.archived, next(f for f in seen.archived if f.sha256 == sale(seen)[0].sha256)])


def a_temporary_file(seen):
    return replace(seen, left=["salida/V1.rsp.tmp"])


def a_refused_sale(seen):
    first, *rest = seen.dropped
    return replace(seen, dropped=[replace(first, expects=frozenset({"E0208"})), *rest])


def a_file_without_decision(seen):
    lost = sale(seen)[0].sha256
    return replace(seen, archived=[replace(f, answer=None) if f.sha256 == lost else f for f in seen.archived])


def a_missing_answer(seen):
    key = sale(seen)[1]
    return replace(seen, versions={one: versions for one, versions in seen.versions.items() if one != key})


def half_an_answer(seen):
    return replace(seen, unread=["half an answer: V1.rsp"])


def a_late_decision(seen):
    _, key, last = sale(seen)
    late = replace(last, at=sale(seen)[0].at + 50 * seen.crowd)
    lives = {
        **seen.lives,
        "daemon": [replace(life, ready=life.start, end=last.at + 100 * seen.crowd) for life in seen.lives["daemon"]],
    }
    return replace(with_versions(seen, key, [late]), lives=lives)


def two_numbers_for_a_sale(seen):
    return told_again(seen, NUMERO="99999")


def a_withdrawn_sale_with_a_document(seen):
    return told_again(seen, first="ERROR", ESTADO="RETIRADO")


def two_documents_in_the_cloud(seen):
    return replace(seen, kept=[*seen.kept, *(replace(one, number=(101, "A", 77777)) for one in seen.kept[:1])])


def a_document_that_nobody_was_told(seen):
    return replace(seen, kept=[*seen.kept, replace(seen.kept[0], key="NADIE")])


def a_number_of_two_sales(seen):
    twice = replace(seen.kept[0], key=seen.kept[1].key)
    return replace(seen, kept=[*seen.kept, twice])


def a_number_without_fate(seen):
    caes = [dict(cae) for cae in seen.numbers["numbers"]]
    caes[0]["fates"] = caes[0]["fates"][1:]
    return replace(seen, numbers={"numbers": caes})


def a_decision_taken_back(seen):
    return told_again(seen, first="PENDIENTE", ESTADO="ESPERANDO", NUMERO="")


def an_ok_that_became_an_error(seen):
    return told_again(seen, first="ERROR", ESTADO="RECHAZADO", NUMERO="")


def another_document_in_the_end(seen):
    dropped, answer = seen.asked[0]
    return replace(seen, asked=[(dropped, answered(answer, NUMERO="88888")), *seen.asked[1:]])


def a_second_unmarked_original(seen):
    return replace(seen, sheets=[*seen.sheets, sheet_of(seen)])


def an_original_after_half_an_unmarked_page(seen):
    half = sheet_of(seen).raw[:500]
    return replace(seen, sheets=[Sheet(half, whole=False), *seen.sheets])


def a_paper_of_nothing(seen):
    sheet = sheet_of(seen)
    number = ",".join(map(str, judgement._number(sheet)))
    # Same length: the printer is told how long the QR is.
    other = number[:-1] + ("0" if number[-1] != "0" else "1") if len(number) > 1 else number
    raw = sheet.raw.replace(number.encode() + b",", other[: len(number)].replace("A", "Z").encode() + b",")
    return replace(seen, sheets=[*seen.sheets, Sheet(raw, whole=True)])


def a_paper_that_never_was(seen):
    gone = sheet_of(seen)
    return replace(seen, sheets=[sheet for sheet in seen.sheets if sheet is not gone])


def an_altered_byte(seen):
    signed = next(one.signed for one in seen.kept if one.number == sale(seen)[2].answer.number)
    return replace(seen, kept=kept(seen, signed=signed.replace(b"<NomItem>", b"<NomItem>x", 1)))


def other_bytes_at_the_till(seen):
    _, key, last = sale(seen)
    return with_versions(seen, key, [*seen.versions[key], replace(last, xml="0" * 64)])


def a_document_the_cloud_lost(seen):
    number = sale(seen)[2].answer.number
    return replace(seen, kept=[one for one in seen.kept if one.number != number])


def a_document_that_never_arrived(seen):
    return replace(seen, kept=kept(seen, state="prepared"))


def a_sale_that_stays_behind(seen):
    dropped, answer = seen.asked[0]
    return replace(seen, asked=[(dropped, answered(answer, ESTADO="FIRMADO_CONTINGENCIA"))])


def other_amounts(seen):
    sold = sale(seen)[0]
    dearer = replace(sold, importes={**sold.importes, "TOTAL": sold.importes["TOTAL"] + 1})
    return replace(seen, dropped=[dearer if one is sold else one for one in seen.dropped])


def a_daemon_that_died(seen):
    now = time.monotonic()
    return replace(seen, lives={**seen.lives, "daemon": [Life(now - 5, now - 4, now - 1, 74), *seen.lives["daemon"]]})


def a_daemon_without_a_heart(seen):
    return replace(seen, pulses=[])


def a_bug_in_the_log(seen):
    return replace(seen, logs={**seen.logs, "nube": "x\nTraceback (most recent call last):\n  ...\n"})


def a_server_error(seen):
    return replace(seen, repeated=Counter({500: 1}))


CASES = [
    (a_lost_file, "P1 archivo"),
    (a_file_taken_twice, "P1 archivo"),
    (a_temporary_file, "P1 archivo"),
    (a_refused_sale, "P1 decisión"),
    (a_file_without_decision, "P1 decisión"),
    (a_missing_answer, "P1 respuesta"),
    (half_an_answer, "P1 respuesta"),
    (a_late_decision, "P1 plazo"),
    (two_numbers_for_a_sale, "P2 comprobante"),
    (a_withdrawn_sale_with_a_document, "P2 comprobante"),
    (two_documents_in_the_cloud, "P2 nube"),
    (a_document_that_nobody_was_told, "P2 nube"),
    (a_number_of_two_sales, "P3 números"),
    (a_number_without_fate, "P3 números"),
    (a_decision_taken_back, "P4 versiones"),
    (an_ok_that_became_an_error, "P4 versiones"),
    (another_document_in_the_end, "P4 consulta"),
    (a_second_unmarked_original, "P5 original"),
    (an_original_after_half_an_unmarked_page, "P5 original"),
    (a_paper_of_nothing, "P5 papel"),
    (a_paper_that_never_was, "P5 impresión"),
    (other_bytes_at_the_till, "P6 bytes"),
    (a_document_the_cloud_lost, "P6 bytes"),
    (an_altered_byte, "P6 entrega"),
    (an_altered_byte, "P6 firma"),
    (a_document_that_never_arrived, "P6 entrega"),
    (a_sale_that_stays_behind, "P6 entrega"),
    (other_amounts, "P6 firma"),
    (a_daemon_that_died, "P7 arranque"),
    (a_daemon_without_a_heart, "P7 arranque"),
    (a_bug_in_the_log, "P7 registro"),
    (a_server_error, "P7 registro"),
]


@pytest.mark.parametrize(("spoil", "check"), CASES)
def test_the_judge_names_what_is_wrong(well, spoil, check):
    found = [name for name, _ in judgement.faults(spoil(well))]
    assert check in found, found


def test_every_check_of_the_judge_is_seen_to_fail():
    assert {check for _, check in CASES} == set(judgement.CHECKS)
