"""
The judge of a shop and its cloud: every number has one fate, and paper, answer and cloud say the same of every sale.

As in `judge`, every function gives sentences about what is wrong. Nothing of the product is imported.
"""

import hashlib
import re
import unicodedata
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from outside import judge
from outside.answers import Answer
from outside.cloud import Kept
from outside.judge import PAPER, Case, Number

FATES = ("document", "annulled", "leased", "doubtful", "free")
LIVE = ("confirmed", "sent", "accepted", "reported", "observed", "rejected")
"""States of a document that was issued."""


def faults(case: Case, kept: Sequence[Kept]) -> list[str]:
    """Everything that is wrong with a shop and what the cloud keeps of it, once all is quiet."""
    checks = (judge.faults(case), judge.unprinted(case), unsound(kept), disagreeing([case], kept))
    return [fault for check in checks for fault in check]


def key_of(referencia: str) -> str:
    """The key under which the cloud keeps a sale."""
    normal = unicodedata.normalize("NFC", referencia).strip().upper()
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}", normal):
        return normal
    return "~" + urlsafe_b64encode(hashlib.sha256(normal.encode()).digest()).decode().rstrip("=")


def fates(table: Mapping[str, Any]) -> dict[Number, str]:
    """The fate of every number that is not free."""
    return {
        (cae["doc_type"], cae["series"], number): part["fate"]
        for cae in table["numbers"]
        for part in cae["fates"]
        if part["fate"] != "free"
        for number in range(part["from"], part["to"] + 1)
    }


def uneven(table: Mapping[str, Any], *, doubtful: bool = False) -> Iterator[str]:
    """Numbers of a CAE that have no fate or two, totals that do not add up, and doubtful ones unless they are owed."""
    for cae in table["numbers"]:
        name = f"CAE {cae['cae']} ({cae['doc_type']} {cae['series']})"
        parts = sorted(cae["fates"], key=lambda part: part["from"])
        edges = [cae["from"] - 1, *(part["to"] for part in parts)]
        for last, part in zip(edges, parts, strict=False):
            if part["from"] != last + 1 or part["to"] < part["from"]:
                yield f"{name}: after {last} comes {part}"
            if part["fate"] not in FATES:
                yield f"{name}: the fate of {part} is none"
        if edges[-1] != cae["to"]:
            yield f"{name}: ends at {cae['to']}, its fates at {edges[-1]}"
        counted: Counter[str] = Counter()
        for part in parts:
            counted[part["fate"]] += part["to"] - part["from"] + 1
        if counted != Counter({fate: count for fate, count in cae["totals"].items() if count}):
            yield f"{name}: the totals are {cae['totals']}, the parts make {dict(counted)}"
        if counted["doubtful"] and not doubtful:
            yield f"{name}: doubtful {[part for part in parts if part['fate'] == 'doubtful']}"


def unfounded(table: Mapping[str, Any], kept: Sequence[Kept]) -> Iterator[str]:
    """Where the table of numbers and the documents (of every installation) contradict each other."""
    known = fates(table)
    of_number = Counter(one.number for one in kept if one.state in LIVE)
    yield from (f"{number}: {count} documents" for number, count in of_number.items() if count > 1)
    for number in of_number:
        # A paper's number is its booklet's: no CAE has it.
        if known.get(number) != ("document" if number[0] < PAPER else None):
            yield f"{number}: a document, and its fate is {known.get(number, 'free')}"
    for number, fate in known.items():
        if fate == "document" and number not in of_number:
            yield f"{number}: its fate is document, and there is none"


def unsound(kept: Sequence[Kept]) -> Iterator[str]:
    """What is wrong with the documents themselves once all is quiet."""
    for one in kept:
        if hashlib.sha256(one.signed).hexdigest() != one.sha256:
            yield f"{one.key}: sha256 is not of the signed bytes"
        if one.document.number != one.number:
            yield f"{one.key}: kept as {one.number}, signed as {one.document.number}"
        if one.state not in (*LIVE, "voided"):
            yield f"{one.key}: {one.number} is still {one.state}"
        if one.extra:
            yield f"{one.key}: {one.number} is a second document of its sale"
    for key, count in Counter(one.key for one in kept if one.state in LIVE).items():
        if count > 1:
            yield f"{key}: {count} documents"


def disagreeing(cases: Sequence[Case], kept: Sequence[Kept]) -> Iterator[str]:
    """Where answers of an installation's machines and its documents in the cloud say different things of a sale."""
    live = {one.number: one for one in kept if one.state in LIVE}
    answered = set()
    for case, drop, answer in ((shop, *pair) for shop in cases for pair in shop.answers()):
        if answer.number is None:
            continue
        answered.add(answer.number)
        if answer.number not in live:
            yield f"{drop.name}: answered {answer.number}, which the cloud does not have"
            continue
        one = live[answer.number]
        companion = case.spool / "salida" / drop.till / answer["XML"]
        if answer["XML"] and companion.read_bytes() != one.signed:
            yield f"{drop.name}: {companion.name} and the cloud's bytes differ"
        yield from (f"{drop.name}: {fault}" for fault in _differs(answer, one))
    yield from (f"{one.key}: {number} was answered to nobody" for number, one in live.items() if number not in answered)


def _differs(answer: Answer, one: Kept) -> Iterator[str]:
    document = one.document
    if key_of(answer["REFERENCIA"]) != one.key:
        yield f"REFERENCIA={answer['REFERENCIA']}, in the cloud {one.key}"
    if answer["HASH"] != document.hash:
        yield f"HASH={answer['HASH']}, in the cloud {document.hash}"
    if Decimal(answer["TOTAL"] or "NaN") != document.amount("MntTotal"):
        yield f"TOTAL={answer['TOTAL']}, in the cloud {document.text('MntTotal')}"


def ranges(rows: Sequence[Mapping[str, Any]], table: Mapping[str, Any], *, doubtful: bool = False) -> Iterator[str]:
    """Where the till's own list of ranges (``cae listar --json``) and the cloud's table contradict each other."""
    known = fates(table)
    for row in rows:
        series = row["tipo"], row["serie"]
        of = {number: known.get((*series, number), "free") for number in range(row["primero"], row["ultimo"] + 1)}
        name = f"range {series} {row['primero']}-{row['ultimo']}, next {row['siguiente']}"
        wrong = _closed(of, doubtful=doubtful) if row["cerrado"] else _open(of, row["siguiente"])
        if wrong:
            yield f"{name}: in the cloud {_few(wrong)}"
        documents = list(of.values()).count("document")
        if documents != row["usados"]:
            yield f"{name}: {row['usados']} used, in the cloud {documents} documents"


def _open(of: Mapping[int, str], following: int) -> dict[int, str]:
    return {number: fate for number, fate in of.items() if fate != ("document" if number < following else "leased")}


def _closed(of: Mapping[int, str], *, doubtful: bool) -> dict[int, str]:
    over = {"document", "annulled", *(["doubtful"] if doubtful else [])}
    return {number: fate for number, fate in of.items() if fate not in over}


def _few(wrong: Mapping[int, str]) -> str:
    shown = dict(list(wrong.items())[:10])
    return f"{shown}{f' and {len(wrong) - 10} more' if len(wrong) > 10 else ''}"
