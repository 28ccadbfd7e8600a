"""
The judge: what an installation owes for what was dropped into it, checked with files only.

Every function gives sentences about what is wrong; none means that all is well. Nothing of the product is imported: the
oracles are the file contract, the official schema, xmlsec1, zxing-cpp and arithmetic of our own.
"""

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cryptography.x509 import Certificate

from outside import documents, papers
from outside.answers import Answer, form, parse
from outside.documents import AMOUNTS, Document

Number = tuple[int, str, int]
PAPER = 200
"""Types above are transcriptions: their numbers are the booklet's, and nothing is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A file that was dropped, and what it must be answered."""

    name: str
    content: bytes
    encoding: str
    """The answer's."""
    till: str = ""
    referencia: str = ""
    """Empty when its answer need not hold any."""
    code: str = "0"
    estado: str = "FIRMADO_LOCAL"
    tipo: int = 0
    importes: Mapping[str, Decimal] | None = None
    avisos: frozenset[str] = frozenset()
    detalle: str = ""
    """The first line's text, as it was meant."""
    nombre: str = ""
    """The receiver's name."""
    adenda: str = ""

    @property
    def good(self) -> bool:
        """Whether it must become a document."""
        return self.code == "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is judged: the folders after everything was answered, and all that was dropped into them."""

    spool: Path
    drops: Sequence[Drop]
    """In order of time; a file dropped twice is in it twice."""
    trays: Sequence[Path]
    """Folders of printers that print into a folder."""
    certificate: Certificate
    certificate_pem: str
    alone: bool = True
    """Whether one machine numbers all, so that no series has a hole."""

    def answers(self) -> Iterator[tuple[Drop, Answer]]:
        """The newest drop of each stem with its answer."""
        for drop in {(drop.till, stem(drop.name)): drop for drop in self.drops}.values():
            path = answer_path(self.spool / "salida" / drop.till, drop.name)
            if path.exists():
                yield drop, parse(path.read_bytes(), str(path), drop.encoding)


def faults(case: Case) -> list[str]:
    """Everything that is wrong."""
    answered = list(case.answers())
    checks: Iterable[Iterator[str]] = (
        _unanswered(case, answered),
        *(_answer(drop, answer) for drop, answer in answered),
        _one_document_a_sale(answered),
        _holes(answered) if case.alone else iter(()),
        _documents(case, answered),
        _pictures(case, answered),
        _papers(case, answered),
        _archive(case),
        _left_over(case),
    )
    return [fault for check in checks for fault in check]


def told(faults: Sequence[str]) -> str:
    """The faults, at most three of a kind."""
    kinds: dict[str, list[str]] = {}
    for fault in faults:
        kinds.setdefault(re.sub(r"\d+", "", fault.partition(": ")[2] or fault)[:25], []).append(fault)
    shown = [
        line for found in kinds.values() for line in (*found[:3], *([f"... {len(found) - 3} more"] * (len(found) > 3)))
    ]
    return "\n".join([f"{len(faults)} faults", *shown[:100]])


def stem(name: str) -> str:
    """What owns an answer: the name without its extension, case ignored."""
    return name.rpartition(".")[0].casefold()


def answer_path(folder: Path, name: str) -> Path:
    """Where the answer of a dropped file lies: its extension is in the case of the file's."""
    head, _, extension = name.rpartition(".")
    return folder / f"{head}.{'RSP' if extension.isupper() else 'rsp'}"


def _unanswered(case: Case, answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    seen = {(drop.till, stem(drop.name)) for drop, _ in answered}
    owed = {(drop.till, stem(drop.name)): drop for drop in case.drops}
    yield from (f"{drop.name}: no answer" for key, drop in owed.items() if key not in seen)
    owned = Counter(path.with_suffix("").name.casefold() for path in (case.spool / "salida").glob("*.[rR][sS][pP]"))
    known = {name for _, name in owed}
    yield from (f"{name}: {count} answers" for name, count in owned.items() if count > 1)
    yield from (f"{name}: an answer to nothing that was dropped" for name in owned if name not in known)


def _answer(drop: Drop, answer: Answer) -> Iterator[str]:
    def say(fault: str) -> str:
        return f"{drop.name}: {fault}"

    yield from map(say, form(answer, drop.encoding))
    first, estado = ("OK", drop.estado) if drop.good else ("ERROR", "RECHAZADO")
    if (answer.first, answer["ESTADO"], answer["CODIGO"]) != (first, estado, drop.code):
        told = f"{answer.first} {answer['ESTADO']} {answer['CODIGO']} {answer['MENSAJE']}"
        yield say(f"expected {first} {estado} {drop.code}, got {told}")
        return
    if drop.referencia and answer["REFERENCIA"] != drop.referencia:
        yield say(f"REFERENCIA={answer['REFERENCIA']}, dropped {drop.referencia}")
    if answer["ARCHIVO"] not in ("", drop.name):
        yield say(f"ARCHIVO={answer['ARCHIVO']}")
    if answer["ENTRADA_SHA256"] not in ("", hashlib.sha256(drop.content).hexdigest()):
        yield say("ENTRADA_SHA256 is not of the bytes that were dropped")
    if drop.good:
        yield from map(say, _good_answer(drop, answer))
    elif answer["NUMERO"] or not answer.codes("ERROR"):
        yield say("refused, and yet a NUMERO, or no [ERROR.1]")


def _good_answer(drop: Drop, answer: Answer) -> Iterator[str]:
    if drop.tipo and answer["TIPO"] != str(drop.tipo):
        yield f"TIPO={answer['TIPO']}, asked for {drop.tipo}"
    for name, value in (drop.importes or {}).items():
        if Decimal(answer[name] or "NaN") != value:
            yield f"{name}={answer[name]}, the sale makes {value}"
    given = set(answer.codes("AVISO"))
    # A file dropped again is answered with the first's document; its own remarks are not promised.
    right = given - {"A0001"} <= drop.avisos if "A0001" in given else given == drop.avisos
    if not right:
        yield f"warnings {sorted(given)}, expected {sorted(drop.avisos)}"


def _issued(answered: Sequence[tuple[Drop, Answer]]) -> list[tuple[Drop, Answer, Number]]:
    return [(drop, answer, answer.number) for drop, answer in answered if answer.number]


def _one_document_a_sale(answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    of_sale: dict[str, set[Number]] = defaultdict(set)
    of_number: dict[Number, set[str]] = defaultdict(set)
    for _, answer, number in _issued(answered):
        of_sale[answer["REFERENCIA"]].add(number)
        of_number[number].add(answer["REFERENCIA"])
    yield from (f"sale {sale} has the documents {sorted(found)}" for sale, found in of_sale.items() if len(found) > 1)
    yield from (f"{number} belongs to {sorted(found)}" for number, found in of_number.items() if len(found) > 1)


def _holes(answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    used: dict[tuple[int, str], set[int]] = defaultdict(set)
    start: dict[tuple[int, str], int] = {}
    for _, answer, (tipo, serie, numero) in _issued(answered):
        if tipo > PAPER:
            continue
        used[tipo, serie].add(numero)
        start[tipo, serie] = int(answer["CAE_DESDE"])
    for series, numbers in used.items():
        missing = set(range(start[series], max(numbers) + 1)) - numbers
        if missing:
            yield f"series {series}: no sale has {sorted(missing)}"


def _documents(case: Case, answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    paths = []
    for drop, answer, number in _issued(answered):
        path = case.spool / "salida" / drop.till / answer["XML"]
        if not answer["XML"] or not path.is_file():
            yield f"{drop.name}: XML={answer['XML']}, which does not exist"
            continue
        paths.append(str(path))
        document = documents.parse(path.read_bytes())
        for check in (
            documents.invalid(document),
            documents.lines(document),
            documents.not_signed_by(document, case.certificate),
            _same(document, answer, number),
            _texts(document, drop),
        ):
            yield from (f"{drop.name}: {fault}" for fault in check)
    yield from documents.unverified(paths, case.certificate_pem)
    known = {os.path.normcase(path) for path in paths}
    loose = [path for path in (case.spool / "salida").rglob("*.[xX][mM][lL]") if str(path) not in known]
    yield from (f"{path}: an XML that no answer names" for path in loose)


def _same(document: Document, answer: Answer, number: Number) -> Iterator[str]:
    if document.number != number:
        yield f"the answer says {number}, the XML {document.number}"
    for name, element in AMOUNTS.items():
        if Decimal(answer[name] or "NaN") != document.amount(element):
            yield f"{name}={answer[name]}, {element} is {document.text(element) or 'absent'}"
    told = {
        "FECHA": "FchEmis",
        "FECHA_FIRMA": "TmstFirma",
        "MONEDA": "TpoMoneda",
        "CAE": "CAE_ID",
        "CAE_DESDE": "DNro",
        "CAE_HASTA": "HNro",
        "CAE_VENCE": "FecVenc",
    }
    if document.family == "eRem":
        del told["MONEDA"]
    for name, element in told.items():
        if answer[name] != document.text(element):
            yield f"{name}={answer[name]}, {element} is {document.text(element)}"
    if document.text("NroInterno") not in ("", answer["REFERENCIA"]):
        yield f"REFERENCIA={answer['REFERENCIA']}, NroInterno is {document.text('NroInterno')}"
    if answer["HASH"] != document.hash or answer["CODIGO_SEGURIDAD"] != document.hash[:6]:
        yield f"HASH={answer['HASH']}, the digest is {document.hash}"
    if answer["QR"] != document.qr():
        yield f"QR={answer['QR']}, the norm makes {document.qr()}"


def _texts(document: Document, drop: Drop) -> Iterator[str]:
    shown = document.text("NomItem")
    # A text over 80 goes on in DscItem, cut between words or not.
    whole = (shown + document.text("DscItem")).replace(" ", "")
    if drop.detalle and not drop.detalle.replace(" ", "").startswith(shown.replace(" ", "").rstrip(".…")):
        yield f"NomItem «{shown}», dropped «{drop.detalle}»"
    elif drop.detalle and not set(drop.detalle.replace(" ", "")) <= set(whole):
        yield f"NomItem and DscItem lose part of «{drop.detalle}»"
    if drop.nombre and document.text("RznSocRecep") != drop.nombre:
        yield f"RznSocRecep «{document.text('RznSocRecep')}», dropped «{drop.nombre}»"


def _pictures(case: Case, answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    for drop, answer, _ in _issued(answered):
        if not answer["PNG"]:
            continue
        path = case.spool / "salida" / drop.till / answer["PNG"]
        read = papers.picture_qr(path.read_bytes()) if path.is_file() else "nothing: there is no such file"
        if read != answer["QR"]:
            yield f"{drop.name}: {path.name} shows the QR {read}, the answer says {answer['QR']}"


def _papers(case: Case, answered: Sequence[tuple[Drop, Answer]]) -> Iterator[str]:
    known = {number: answer["QR"] for _, answer, number in _issued(answered)}
    originals: Counter[Number] = Counter()
    for tray in case.trays:
        for path in sorted(tray.glob("*.bin")):
            page = path.read_bytes()
            qr = papers.printed_qr(page)
            picture = path.with_suffix(".png")
            if qr is None or known.get(papers.number_in(qr)) != qr:
                yield f"{path.name}: a paper with the QR {qr}, which is of no answer"
                continue
            if not picture.exists() or papers.picture_qr(picture.read_bytes()) != qr:
                yield f"{picture.name}: its picture does not show the QR {qr}"
            originals[papers.number_in(qr)] += not papers.is_copy(page)
    yield from (f"{number}: {count} unmarked papers" for number, count in originals.items() if count > 1)


def unprinted(case: Case) -> list[str]:
    """Documents of which no paper at all came out."""
    printed = set()
    for tray in case.trays:
        for path in tray.glob("*.bin"):
            qr = papers.printed_qr(path.read_bytes())
            printed.add(papers.number_in(qr) if qr else None)
    issued = [number for _, _, number in _issued(list(case.answers()))]
    wrong = [f"{number}: a paper of a paper" for number in issued if number[0] > PAPER and number in printed]
    return wrong + [f"{number}: no paper" for number in issued if number[0] < PAPER and number not in printed]


def _archive(case: Case) -> Iterator[str]:
    kept: dict[str, Counter[bytes]] = {}
    for kind in ("procesados", "rechazados"):
        kept[kind] = Counter(
            _files(case.spool / kind, lambda name: not name.lower().endswith((".rsp", ".val", ".tmp")))
        )
    for drop in {(drop.name, drop.content): drop for drop in case.drops}.values():
        kind = "procesados" if drop.good else "rechazados"
        if drop.content not in kept[kind]:
            other = [name for name, found in kept.items() if drop.content in found]
            yield f"{drop.name}: not kept unchanged in {kind} (in {other or 'neither'})"
    copies = [
        parse(raw) for kind in kept for raw in _files(case.spool / kind, lambda name: name.lower().endswith(".rsp"))
    ]
    files = sum(sum(found.values()) for found in kept.values())
    if len(copies) != files:
        yield f"{files} files in procesados and rechazados, {len(copies)} copies of answers beside them"
    yield from (f"a copy of an answer says {copy.first}: {copy}" for copy in copies if not copy.decided)


def _files(folder: Path, wanted: Callable[[str], bool]) -> Iterator[bytes]:
    for parent, _, names in os.walk(folder):
        for name in filter(wanted, names):
            with open(os.path.join(parent, name), "rb") as file:
                yield file.read()


def _left_over(case: Case) -> Iterator[str]:
    for box in ("entrada", "procesando"):
        for parent, _, names in os.walk(case.spool / box):
            # A lock that keeps a second daemon away from the same folders is no file of anybody's.
            yield from (f"{os.path.join(parent, name)}: left over" for name in names if name != ".candado")
    temporary = [path for path in case.spool.rglob("*") if path.suffix.lower() == ".tmp"]
    yield from (f"{path}: a temporary file left over" for path in temporary)
