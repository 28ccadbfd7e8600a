"""
A day of a company with two branches that sells in four currencies, and what its daily report must say.

The sums are made of what was dropped, by the norm of the report; of the answers only numbers and states are taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from lxml import etree

from outside import legacy
from outside.answers import Answer
from outside.dialects import Draft
from outside.documents import CFE, SAFE
from outside.every_type import every_type
from outside.judge import PAPER, Drop, Number
from outside.legacy import Planned
from outside.sales import ZERO, Sale, cents

BRANCH = {"SUCURSAL": "2", "DOMICILIO": "Avenida Italia 2000", "CIUDAD": "Canelones", "DEPARTAMENTO": "Canelones"}
"""The second one; the first is the installation's."""
CURRENCIES = {"USD": Decimal("39.85"), "EUR": Decimal("46.10"), "BRL": Decimal("7.05")}
"""What a sale of the day says that they are worth."""
UI = Decimal("6.4000")
"""Of the installation's TOML."""
TOPE = 5_000 * UI

Amounts = Mapping[str, Decimal]
"""Element of the report -> amount in the document's currency."""
Row = tuple[str, str]
"""Day of emission and branch."""

OTHERS: Mapping[int, tuple[str, Decimal | None, Amounts]] = {
    10: ("UYU", None, {"TotMntIVATasaBas": Decimal(200), "MntIVATasaBas": Decimal(44)}),
    11: ("UYU", None, {"TotMntIVATasaMin": Decimal(100), "MntIVATasaMin": Decimal(10), "TotMntRetenido": Decimal(5)}),
    12: ("USD", Decimal("40.50"), {"TotMntExpyAsim": Decimal("99.99")}),
    13: ("UYU", None, {"TotMntNoGrv": Decimal(50)}),
    14: ("UYU", None, {"TotMntIVATasaBas": Decimal(50), "MntIVATasaBas": Decimal(11)}),
    15: ("UYU", None, {"TotMntNoGrv": Decimal(75)}),
    24: ("UYU", None, {"TotMntExpyAsim": Decimal(30)}),
    81: ("UYU", None, {}),
    82: ("UYU", None, {"TotMntRetenido": Decimal(11_000)}),
}
"""What a person adds up of the files of `every_type`: last two figures of the type, or its first two -> the document."""
OF_TOTAL = (
    "TotMntNoGrv", "TotMntExpyAsim", "TotMntIVATasaMin", "TotMntIVATasaBas", "MntIVATasaMin", "MntIVATasaBas",
)  # fmt: skip
"""Elements whose sum is TotMntTotal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A dropped document as the report counts it."""

    drop: Drop
    tipo: int
    fecha: date
    branch: str
    moneda: str
    cotizacion: Decimal | None
    amounts: Amounts

    @property
    def is_note(self) -> bool:
        """Whether it corrects another one."""
        return self.tipo % 10 in (2, 3) and self.tipo % 100 != 82

    @property
    def large(self) -> bool:
        """Whether it is an e-Ticket above 5,000 UI, net."""
        net = sum((value for name, value in self.amounts.items() if name.startswith("TotMnt")), ZERO)
        return self.tipo % 100 < 10 and net * (self.cotizacion or 1) > TOPE


def mixed(seed: int, count: int, day: date) -> list[Planned]:
    """`count` sales and notes of them, of 101 to 113, in four currencies, of two branches, none of them mistaken."""
    rng = Random(seed)
    files: list[Planned] = []
    for index in range(count):
        if index > 5 and rng.random() < 0.45:
            files.append(_note(rng, index, files, day))
        else:
            files.append(_sale(rng, index, day))
    return files


def others(day: date, papers: Sequence[int] = ()) -> list[Drop]:
    """One of each type that is numbered when it is issued, and these of paper."""
    return [drop for drop in every_type(day, "") if drop.tipo < PAPER or drop.tipo in papers]


def _sale(rng: Random, index: int, day: date) -> Planned:
    found = legacy.good(rng, index, day)
    sale = found.sale
    if sale.moneda != "UYU":
        moneda = rng.choice(sorted(CURRENCIES))
        sale = replace(sale, moneda=moneda, cotizacion=CURRENCIES[moneda])
    if sale.tipo == 101 and sale.receptor and rng.random() < 0.3:
        sale = _grown(sale)
    return _placed(rng, replace(found, sale=sale, slow=False))


def _grown(sale: Sale) -> Sale:
    """So much that DGI wants it one by one, and to know where its buyer lives."""
    receptor = sale.receptor and replace(sale.receptor, direccion="Colonia 1234", ciudad="Salto")
    return replace(
        sale, receptor=receptor, a_pagar=None, descuento=None,
        lines=(*sale.lines, legacy.simple("", sale.fecha, precio="60000.00").lines[0]),
    )  # fmt: skip


def _note(rng: Random, index: int, files: Sequence[Planned], day: date) -> Planned:
    return _placed(rng, replace(legacy.note(rng, index, files, day), slow=False, by_number=False))


def _placed(rng: Random, file: Planned) -> Planned:
    """Of the second branch, one in three; an XML that names what it corrects does so by number."""
    if file.style.dialect == "xml":
        return replace(file, by_number=bool(file.sale.refers))
    return replace(file, spoil=_in_branch) if rng.random() < 0.33 else file


def _in_branch(sections: Draft) -> None:
    sections.insert(1, ("EMISOR", list(BRANCH.items())))


def paper_of(file: Planned, drop: Drop) -> Paper:
    """A planned file as the report counts it."""
    sale, of = file.sale, file.sale.importes()
    amounts = {
        "TotMntNoGrv": of["EXENTO"], "TotMntIVATasaMin": of["NETO_MINIMA"], "TotMntIVATasaBas": of["NETO_BASICA"],
        "MntIVATasaMin": of["IVA_MINIMA"], "MntIVATasaBas": of["IVA_BASICA"],
    }  # fmt: skip
    return Paper(
        drop=drop, tipo=sale.tipo, fecha=sale.fecha, branch="2" if file.spoil else "1", moneda=sale.moneda,
        cotizacion=sale.cotizacion, amounts=amounts,
    )  # fmt: skip


def other_paper(drop: Drop, day: date) -> Paper:
    """A file of `every_type` as the report counts it."""
    kind = drop.tipo % 100
    moneda, cotizacion, amounts = OTHERS[kind if kind in OTHERS and kind > 20 else 10 + kind // 10]
    return Paper(
        drop=drop, tipo=drop.tipo, fecha=day, branch="1", moneda=moneda, cotizacion=cotizacion, amounts=amounts
    )  # fmt: skip


class Rates:
    """What the Central Bank quotes on the days before a day; nothing on one of them, as on a Sunday."""

    def __init__(self, day: date) -> None:
        self._quoted = {
            (moneda, day - timedelta(days=back)): rate + Decimal(back) / 100
            for moneda, rate in CURRENCIES.items() for back in range(1, 10) if back != 3
        }  # fmt: skip

    def before(self, moneda: str, day: date) -> Decimal:
        """At the close of the last day before that is quoted."""
        return self._quoted[moneda, max(of for known, of in self._quoted if known == moneda and of < day)]

    def csv(self) -> str:
        """The table that a person imports."""
        rows = (f"{day:%d/%m/%Y};{moneda};{rate}" for (moneda, day), rate in self._quoted.items())
        return "fecha;moneda;cotizacion\n" + "".join(f"{row}\n" for row in rows)

    def told(self) -> list[dict[str, str]]:
        """The same to the DGI to test against."""
        return [{"moneda": moneda, "dia": f"{day}", "valor": f"{rate}"} for (moneda, day), rate in self._quoted.items()]


def disagreeing(
    report: bytes, papers: Sequence[tuple[Paper, Answer]], rates: Rates, annulled: Mapping[int, int]
) -> Iterator[str]:
    """
    Where a report says something else than what was dropped and answered.

    `annulled`: type -> numbers that no document has and the cloud gave up that day.
    """
    root = etree.fromstring(report, SAFE)
    told = {
        int(block.findtext(f"{CFE}TipoComp") or 0): block for block in root if block.find(f"{CFE}RsmnData") is not None
    }
    of: dict[int, list[tuple[Paper, Answer]]] = defaultdict(list)
    for paper, answer in papers:
        of[paper.tipo].append((paper, answer))
    for tipo in sorted(told.keys() ^ (of.keys() | annulled.keys())):
        yield f"type {tipo}: in only one of the report and what was dropped"
    for tipo in sorted(told.keys() & of.keys()):
        yield from (f"type {tipo}: {fault}" for fault in _block(told[tipo], tipo, of[tipo], rates, annulled))
    used = sum(
        int(block.findtext(f".//{CFE}{name}") or 0)
        for block in told.values()
        for name in ("CantDocsUtil", "CantCFCEmi")
    )
    if int(root.findtext(f".//{CFE}CantComprobantes") or 0) != used or used != len(papers) + sum(annulled.values()):
        yield f"CantComprobantes {root.findtext(f'.//{CFE}CantComprobantes')}, its blocks {used}, dropped {len(papers)}"


def _block(
    block: Any, tipo: int, papers: Sequence[tuple[Paper, Answer]], rates: Rates, annulled: Mapping[int, int]
) -> Iterator[str]:  # fmt: skip
    issued = [(paper, answer) for paper, answer in papers if answer["ESTADO"] != "RECHAZADO_DGI"]
    counts = {"CantCFCEmi": len(issued)}
    if tipo < PAPER:
        gone = len(papers) - len(issued) + annulled.get(tipo, 0)
        counts = {"CantDocsUtil": len(issued) + gone, "CantDocsAnulados": gone, "CantDocsEmi": len(issued)}
    if tipo % 100 < 10:
        counts["CantDocsMay_topeUI"] = sum(paper.large for paper, _ in issued)
    for name, count in counts.items():
        if block.findtext(f".//{CFE}{name}") != str(count):
            yield f"{name} is {block.findtext(f'.//{CFE}{name}')}, it should be {count}"
    if tipo < PAPER:
        used, unused = _numbers(block, "RDU_Item"), _numbers(block, "RDA_Item")
        numbers = {answer.number: answer for _, answer in papers if answer.number}
        if used - unused != Counter(
            (serie, number) for (_, serie, number), one in numbers.items() if one["ESTADO"] != "RECHAZADO_DGI"
        ):
            yield f"the ranges say {sorted(used - unused)[:10]}..., answered were {sorted(numbers)[:10]}..."
    yield from _rows(block, _summed([paper for paper, _ in issued], rates))


def _numbers(block: Any, item: str) -> Counter[tuple[str, int]]:
    return Counter(
        (one.findtext(f"{CFE}Serie"), number)
        for one in block.iter(f"{CFE}{item}")
        for number in range(int(one.findtext(f"{CFE}NroDesde")), int(one.findtext(f"{CFE}NroHasta")) + 1)
    )


def _summed(papers: Sequence[Paper], rates: Rates) -> dict[Row, dict[str, Decimal]]:
    """Pesos by row and element; each sum is rounded once."""
    rows: dict[Row, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for paper in papers:
        row = rows[paper.fecha.isoformat(), paper.branch]
        for name, value in paper.amounts.items():
            row[name] += value * _worth(paper, rates)
    found = {key: {name: cents(value) for name, value in row.items()} for key, row in rows.items()}
    for row in found.values():
        row["TotMntTotal"] = sum((row.get(name, ZERO) for name in OF_TOTAL), ZERO)
    return found


def _worth(paper: Paper, rates: Rates) -> Decimal:
    if paper.moneda == "UYU":
        return Decimal(1)
    if paper.is_note:
        assert paper.cotizacion is not None
        return paper.cotizacion
    return rates.before(paper.moneda, paper.fecha)


def _rows(block: Any, expected: Mapping[Row, Mapping[str, Decimal]]) -> Iterator[str]:
    told = {
        (one.findtext(f"{CFE}Fecha"), one.findtext(f"{CFE}CodSuc")): one
        for one in block.iterfind(f".//{CFE}Montos/*")
    }  # fmt: skip
    for key in sorted(told.keys() ^ expected.keys()):
        yield f"a row {key} in only one of the report and what was dropped"
    for key in sorted(told.keys() & expected.keys()):
        said = {child.tag.removeprefix(CFE): Decimal(child.text) for child in told[key] if _is_amount(child.tag)}
        for name in sorted(said.keys() | {name for name, value in expected[key].items() if value}):
            if said.get(name) != expected[key].get(name, ZERO):
                yield f"{key}: {name} is {said.get(name)}, what was dropped makes {expected[key].get(name, ZERO)}"


def _is_amount(tag: str) -> bool:
    return tag.removeprefix(CFE).startswith(("TotMnt", "MntIVA"))


def folios(papers: Sequence[tuple[Paper, Answer]]) -> set[Number]:
    """The numbers of the answers."""
    return {answer.number for _, answer in papers if answer.number}
