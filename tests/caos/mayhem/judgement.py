"""
The judge of the seven promises. One function for each thing looked at; each gives sentences about what is wrong.

Only what `Outcome` holds is looked at, and nothing of the product is imported.
"""

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

from outside import answers, cloud_judge, documents, judge
from outside.answers import Answer
from outside.judge import PAPER, Number

from mayhem.counter import ISSUED, WITHDRAWN, Dropped, outcome
from mayhem.keeper import Life
from mayhem.outcome import Outcome
from mayhem.printer import Sheet

SAMPLE = 300
"""Documents whose signature xmlsec1 verifies, drawn."""
PLAZO = 20.0
"""Twice what the manual promises for a decision. These three are longer by as much as the machine is crowded."""
BEATS = 25.0
"""A daemon that was there for so long has shown that it lives."""
REFUSES = 78
"""Exit code of a program that somebody must help first (EX_CONFIG)."""
STARTS = 60.0
"""Seconds within which it says that it is ready."""
ALONE = ("venta", "ráfaga", "mala")
"""Kinds of files that stand alone: sales and mistakes."""
TROUBLE = re.compile(
    r"Traceback \(most recent call last\)|event=bug|Exception in |\b(?:ERROR|CRITICAL) (?!\S+ event=alarm )",
    re.MULTILINE,
)
"""What the log tells of a program that broke; a grave alarm is about the world around it."""


def faults(seen: Outcome) -> list[tuple[str, str]]:
    """Everything that is wrong: the name of the check and a sentence."""
    return [(name, fault) for name, check in CHECKS.items() for fault in check(seen)]


# P1


def every_file_is_put_aside_once(seen: Outcome) -> Iterator[str]:
    """P1: each dropped file lies in the archive exactly as often as it was dropped, unchanged."""
    dropped, archived = Counter(one.sha256 for one in seen.dropped), Counter(one.sha256 for one in seen.archived)
    named = {one.sha256: one for one in seen.dropped}
    for sha256 in dropped | archived:
        if archived[sha256] != dropped[sha256]:
            what = _named(named[sha256]) if sha256 in named else "what nobody dropped"
            yield f"{what}: dropped {dropped[sha256]} times, put aside {archived[sha256]} times"
    yield from (f"{path}: left over" for path in seen.left)
    yield from (f"{what}: still pending" for what in seen.pending)


def every_file_has_one_decision(seen: Outcome) -> Iterator[str]:
    """P1: OK or ERROR beside each archived file, and one of those that it may be answered."""
    expects: dict[str, set[str]] = defaultdict(set)
    named = {}
    for one in seen.dropped:
        expects[one.sha256] |= one.expects
        named[one.sha256] = one
    for file in seen.archived:
        if file.sha256 not in named:
            continue
        who = _named(named[file.sha256])
        if file.answer is None or not file.answer.decided:
            yield f"{who}: no decision beside {file.path}"
        elif outcome(file.answer) not in expects[file.sha256]:
            told = f"{outcome(file.answer)} ({file.answer['ESTADO']} {file.answer['CODIGO']} {file.answer['MENSAJE']})"
            yield f"{who}: may be {sorted(expects[file.sha256])}, is {told}"


def every_file_was_answered(seen: Outcome) -> Iterator[str]:
    """P1: its reader saw a decision under the name that was dropped, in the right form."""
    decided = {key: versions for key, versions in seen.versions.items() if any(one.answer.decided for one in versions)}
    encodings = defaultdict(set)
    for one in seen.dropped:
        key = _key(one)
        encodings[key].add(one.encoding if one.kind in ALONE else "")
        if key not in decided:
            yield f"{_named(one)}: nobody saw a decision"
    for key, versions in decided.items():
        if "" not in encodings[key] and len(encodings[key]) == 1:
            wrong = {fault for one in versions for fault in answers.form(one.answer, next(iter(encodings[key])))}
            yield from (f"{'/'.join(key)}: {fault}" for fault in sorted(wrong))
    yield from seen.unread


def decisions_come_in_time(seen: Outcome) -> Iterator[str]:
    """P1: a sale or a mistake that stands alone is decided soon, connection or not, while the daemon is there."""
    for dropped, waited in waits(seen):
        if waited > PLAZO * seen.crowd:
            yield f"{_named(dropped)}: decided after {waited:.1f} s in which the daemon was there"


def waits(seen: Outcome) -> Iterator[tuple[Dropped, float]]:
    """Seconds until the decision of what depends on nothing else, without those in which there was no daemon."""
    counted = Counter(_key(one) for one in seen.dropped)
    for one in seen.dropped:
        key = _key(one)
        decided = [version.at for version in seen.versions.get(key, ()) if version.answer.decided]
        if one.kind in ALONE and counted[key] == 1 and decided:
            yield one, _present(seen, one.at, min(decided))


# P2


def a_sale_has_one_document(seen: Outcome) -> Iterator[str]:
    """P2: whoever was told a number for a sale was told the same one, and no number is of two sales."""
    of_sale, of_number = told(seen)
    yield from (f"sale {sale} has the documents {sorted(found)}" for sale, found in of_sale.items() if len(found) > 1)
    yield from (f"{number} is of {sorted(found)}" for number, found in of_number.items() if len(found) > 1)
    wanted = {one.referencia for one in seen.dropped if one.expects == {ISSUED} and one.referencia}
    yield from (f"sale {sale} has no document" for sale in sorted(wanted - set(of_sale)))
    for sale in {answer["REFERENCIA"].upper() for answer in _withdrawn(seen)} & set(of_sale):
        if not any(one.kind == "retirada y otra vez" and one.referencia == sale for one in seen.dropped):
            races = {one.kind for one in seen.dropped if one.referencia == sale}
            if "carrera de contenidos" not in races:
                yield f"sale {sale} was withdrawn and has {sorted(of_sale[sale])}"


def the_cloud_has_one_document_a_sale(seen: Outcome) -> Iterator[str]:
    """P2: and so says the cloud: exactly the documents that were told, one for each key."""
    if seen.route != "nube":
        return
    live = [one for one in seen.kept if one.state in cloud_judge.LIVE]
    yield from (f"{key}: {count} documents" for key, count in Counter(one.key for one in live).items() if count > 1)
    of_sale, _ = told(seen)
    known = {(cloud_judge.key_of(sale), number) for sale, numbers in of_sale.items() for number in numbers}
    have = {(one.key, one.number) for one in live}
    yield from (f"{key}: {number} was told, and the cloud does not have it" for key, number in sorted(known - have))
    yield from (f"{key}: the cloud has {number}, which nobody was told" for key, number in sorted(have - known))


# P3


def every_number_is_accounted_for(seen: Outcome) -> Iterator[str]:
    """P3: every number of every CAE has one fate, and the machine's own list agrees."""
    if seen.route == "nube":
        yield from cloud_judge.uneven(seen.numbers)
        yield from cloud_judge.unfounded(seen.numbers, seen.kept)
        yield from cloud_judge.ranges(seen.ranges, seen.numbers)
        return
    numbers = {number for number in told(seen)[1] if number[0] < PAPER}
    for row in seen.ranges:
        of = {number for tipo, serie, number in numbers if (tipo, serie) == (row["tipo"], row["serie"])}
        used = set(range(row["primero"], row["siguiente"]))
        if of != used:
            yield f"{row['tipo']} {row['serie']}: no sale has {sorted(used - of)}, not given out {sorted(of - used)}"


# P4


def no_decision_is_taken_back(seen: Outcome) -> Iterator[str]:
    """P4: of every answer, version after version: decided once, decided so for ever, with the same number."""
    often = Counter(_key(one) for one in seen.dropped)
    for key, versions in seen.versions.items():
        by_request: dict[str, list[Answer]] = defaultdict(list)
        for version in versions:
            by_request[version.answer["ENTRADA_SHA256"]].append(version.answer)
        for sequence in by_request.values():
            yield from (f"{'/'.join(key)}: {fault}" for fault in _taken_back(sequence, again=often[key] > 1))


def what_was_decided_still_holds(seen: Outcome) -> Iterator[str]:
    """P4: asked for in the end, a sale is the document that it was."""
    of_sale, _ = told(seen)
    for dropped, answer in seen.asked:
        if of_sale.get(dropped.referencia, set()) != {answer.number}:
            yield f"{_named(dropped)}: was {sorted(of_sale.get(dropped.referencia, ()))}, is {answer.number}: {answer}"


# P5


def one_unmarked_original(seen: Outcome) -> Iterator[str]:
    """P5: of no document more than one unmarked page was begun, whatever came of it."""
    titles = {sheet.title: _number(sheet) for sheet in seen.sheets if sheet.title and sheet.qr}
    unmarked = Counter(
        _number(sheet) or titles.get(sheet.title) or sheet.title
        for sheet in seen.sheets
        if not sheet.copy and sheet.title
    )
    yield from (f"{number}: {count} unmarked originals" for number, count in unmarked.items() if count > 1)


def papers_are_of_documents(seen: Outcome) -> Iterator[str]:
    """P5: what is on paper is a document that was told, with its QR; what transcribes a paper is never printed."""
    qr = {answer.number: answer["QR"] for _, answer in _answers(seen) if answer.number and answer["QR"]}
    of_number = told(seen)[1]
    for sheet in seen.sheets:
        number = _number(sheet)
        if number is None:
            continue
        if number not in of_number or number[0] > PAPER:
            yield f"{number}: on paper, and no document of ours"
        elif sheet.whole and number in qr and qr[number] != sheet.qr:
            yield f"{number}: the paper's QR is {sheet.qr}, the answer's {qr[number]}"


def every_document_has_its_paper(seen: Outcome) -> Iterator[str]:
    """P5: what was said to be printed is on paper; what is not on paper is told as doubtful; nothing waits any more."""
    whole = {_number(sheet) for sheet in seen.sheets if sheet.whole}
    begun = {_number(sheet) for sheet in seen.sheets} | {sheet.title and sheet.title[1:] for sheet in seen.sheets}
    last: dict[Number, Answer] = {}
    for _, answer in _answers(seen):
        if answer.number and answer.number[0] < PAPER and answer["IMPRESION"]:
            last[answer.number] = answer
            if answer["IMPRESION"] == "IMPRESO" and answer.number not in whole:
                yield f"{answer.number}: said to be printed, and no printer printed it"
    last |= {answer.number: answer for _, answer in seen.asked if answer.number}
    for number, answer in last.items():
        if answer["IMPRESION"] == "ENTREGADO" and number not in begun and number[1:] not in begun:
            yield f"{number}: said to be handed over, and no printer saw it"
    for _, answer in seen.asked:
        if answer["IMPRESION"] in ("PENDIENTE", "FALLIDA", "") and answer.number and answer.number[0] < PAPER:
            yield f"{answer.number}: IMPRESION={answer['IMPRESION']} although all printers are well"


# P6


def the_cloud_has_the_same_bytes(seen: Outcome) -> Iterator[str]:
    """P6: what was answered ENVIADO is in the cloud, byte by byte what the answer named."""
    if seen.route != "nube":
        return
    live = {one.number: one for one in seen.kept if one.state in cloud_judge.LIVE}
    for versions in seen.versions.values():
        for version in versions:
            answer = version.answer
            if answer.number is None:
                continue
            one = live.get(answer.number)
            if one is None:
                yield f"{answer.number}: {answer['ESTADO']}, and the cloud does not have it"
            elif version.xml and version.xml != one.sha256:
                yield f"{answer.number}: {answer['XML']} and the cloud's bytes differ"
            elif answer["HASH"] != one.document.hash:
                yield f"{answer.number}: HASH={answer['HASH']}, in the cloud {one.document.hash}"


def all_of_it_arrived(seen: Outcome) -> Iterator[str]:
    """P6: once all is quiet every document is confirmed, and every sale says ENVIADO."""
    yield from cloud_judge.unsound(seen.kept)
    estado = "ENVIADO" if seen.route == "nube" else "FIRMADO_LOCAL"
    for dropped, answer in seen.asked:
        if answer["ESTADO"] != estado:
            yield f"{_named(dropped)}: {answer['ESTADO']} in the end"


def documents_are_signed_and_right(seen: Outcome) -> Iterator[str]:
    """P6: signature, schema, arithmetic and amounts of the documents themselves."""
    sold = {one.referencia: one for one in seen.dropped if one.importes and ISSUED in one.expects}
    rng = Random(len(seen.kept))
    for one in rng.sample(list(seen.kept), min(len(seen.kept), SAMPLE)):
        try:
            document = one.document
        except ValueError as broken:
            yield f"{one.key}: {broken}"
            continue
        for check in (
            documents.invalid(document),
            documents.lines(document),
            documents.not_signed_by(document, seen.certificate),
        ):
            yield from (f"{one.key}: {fault}" for fault in check)
    yield from documents.unverified(_written(seen, rng), seen.certificate_pem)
    for file in seen.archived:
        answer = file.answer
        of = sold.get(answer["REFERENCIA"].upper()) if answer else None
        if answer is None or of is None or of.kind == "carrera de contenidos" or outcome(answer) != ISSUED:
            continue
        wrong = {name: answer[name] for name, value in (of.importes or {}).items() if Decimal(answer[name]) != value}
        if wrong or answer["TIPO"] != str(of.tipo):
            yield f"{_named(of)}: answered {answer['TIPO']} {wrong}, sold {of.tipo} {dict(of.importes or {})}"


# P7


def it_starts_by_itself(seen: Outcome) -> Iterator[str]:
    """P7: nothing ended that nobody ended, all ended well when told to, and the heart beats on after each start."""
    for name, lives in seen.lives.items():
        for life in lives:
            if not life.expected and not _stood_aside(seen, life):
                yield f"{name}: ended by itself with {life.code} after {(life.end or seen.ended) - life.start:.1f} s"
        if lives and lives[-1].code != 0:
            yield f"{name}: told to end, it ended with {lives[-1].code}"
    for life in seen.lives["daemon"]:
        end = life.end or seen.ended
        if life.ready is None and life.end is not None and life.end - life.start > STARTS * seen.crowd:
            yield f"daemon: not ready after {life.end - life.start:.0f} s"
        beats = [life.start, *(at for at, _ in seen.pulses if life.start < at < end), end]
        for last, following in itertools.pairwise(beats):
            if _present(seen, last, following) > BEATS * seen.crowd:
                yield f"daemon: no heartbeat in {following - last:.0f} s"
    if not any(at > seen.lives["daemon"][-1].start for at, _ in seen.pulses):
        yield "daemon: started, and no heartbeat since"
    pulses = [pulse for _, pulse in seen.pulses]
    if pulses != sorted(pulses):
        yield "PULSO went back"


def nothing_broke_inside(seen: Outcome) -> Iterator[str]:
    """P7: no traceback and no bug in the logs, no 500 from the cloud."""
    for name, text in seen.logs.items():
        found = [match.start() for match in TROUBLE.finditer(text)]
        for start in found[:5]:
            yield f"{name}: {text[max(start - 200, 0) : start + 1500]}"
    if seen.repeated[500]:
        yield f"the cloud answered 500 {seen.repeated[500]} times"


CHECKS: Mapping[str, Callable[[Outcome], Iterator[str]]] = {
    "P1 archivo": every_file_is_put_aside_once,
    "P1 decisión": every_file_has_one_decision,
    "P1 respuesta": every_file_was_answered,
    "P1 plazo": decisions_come_in_time,
    "P2 comprobante": a_sale_has_one_document,
    "P2 nube": the_cloud_has_one_document_a_sale,
    "P3 números": every_number_is_accounted_for,
    "P4 versiones": no_decision_is_taken_back,
    "P4 consulta": what_was_decided_still_holds,
    "P5 original": one_unmarked_original,
    "P5 papel": papers_are_of_documents,
    "P5 impresión": every_document_has_its_paper,
    "P6 bytes": the_cloud_has_the_same_bytes,
    "P6 entrega": all_of_it_arrived,
    "P6 firma": documents_are_signed_and_right,
    "P7 arranque": it_starts_by_itself,
    "P7 registro": nothing_broke_inside,
}


def told(seen: Outcome) -> tuple[Mapping[str, set[Number]], Mapping[Number, set[str]]]:
    """Every number that was ever told, by sale and the other way round."""
    of_sale: dict[str, set[Number]] = defaultdict(set)
    of_number: dict[Number, set[str]] = defaultdict(set)
    for sale, number in _told(seen):
        of_sale[sale].add(number)
        of_number[number].add(sale)
    return of_sale, of_number


def sale_of(fault: str, seen: Outcome) -> str:
    """The sale that a sentence is about, for ``explicar``; empty when it names none."""
    known = {one.referencia for one in seen.dropped}
    return next((word for word in re.findall(r"[\w-]+", fault) if word.upper() in known and word), "")


def _told(seen: Outcome) -> Iterator[tuple[str, Number]]:
    for _, answer in _answers(seen):
        if answer.number:
            yield _normal(answer["REFERENCIA"]), answer.number
    for file in seen.archived:
        for row in file.rows:
            if row["NUMERO"]:
                yield _normal(row["REFERENCIA"]), (int(row["TIPO"]), row["SERIE"], int(row["NUMERO"]))


def _answers(seen: Outcome) -> Iterator[tuple[float, Answer]]:
    """Every version that anybody saw and every copy that was kept."""
    yield from ((0.0, file.answer) for file in seen.archived if file.answer)
    yield from ((version.at, version.answer) for versions in seen.versions.values() for version in versions)


def _withdrawn(seen: Outcome) -> Iterator[Answer]:
    return (answer for _, answer in _answers(seen) if outcome(answer) == WITHDRAWN)


def _taken_back(sequence: Sequence[Answer], *, again: bool) -> Iterator[str]:
    decided: Answer | None = None
    for answer in sequence:
        if decided and not answer.decided and not again:
            yield f"was {outcome(decided)}, then {answer['ESTADO']}"
        if not answer.decided:
            continue
        if decided and (decided.first, decided.number) != (answer.first, answer.number):
            yield f"was {decided.first} {decided.number}, then {answer.first} {answer.number}"
        decided = answer


def _present(seen: Outcome, start: float, end: float) -> float:
    """Seconds between the two in which the daemon was there, and the machine let it work."""
    there = 0.0
    for life in seen.lives["daemon"]:
        if life.ready is None:
            continue
        first, last = max(start, life.ready), min(end, life.end or end)
        away = sum(max(0.0, min(last, back) - max(first, gone)) for gone, back in (*life.frozen, *seen.stalls))
        there += max(0.0, last - first - away)
    return there


def _stood_aside(seen: Outcome, life: Life) -> bool:
    """Whether it refused to start beside an operator's command, which had its locks: systemd starts it again."""
    end = life.end or seen.ended
    beside = any(first < end and last > life.start for first, last in seen.commands)
    return life.code == REFUSES and life.ready is None and beside


def _number(sheet: Sheet) -> Number | None:
    if sheet.qr is None:
        return None
    parts = sheet.qr.partition("?")[2].split(",")
    return (int(parts[1]), parts[2], int(parts[3])) if len(parts) == 7 else None


def _written(seen: Outcome, rng: Random) -> Sequence[str]:
    """A sample of the cloud's documents as files, for xmlsec1."""
    folder = seen.folder / "juez"
    folder.mkdir(exist_ok=True)
    paths = []
    for one in rng.sample(list(seen.kept), min(len(seen.kept), SAMPLE)):
        path = Path(folder, "-".join(map(str, one.number)) + ".xml")
        path.write_bytes(one.signed)
        paths.append(str(path))
    return paths


def _normal(referencia: str) -> str:
    return unicodedata.normalize("NFC", referencia).strip().upper()


def _key(dropped: Dropped) -> tuple[str, str]:
    """Who owns its answer: till and stem."""
    return dropped.till, judge.stem(dropped.name)


def _named(dropped: Dropped) -> str:
    return f"{dropped.till or '.'}/{dropped.name} ({dropped.kind}, sale {dropped.referencia or '-'})"
