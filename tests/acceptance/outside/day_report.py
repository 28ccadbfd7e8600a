"""
What a day's report must say, and where it says something else.

The sums are made of what was dropped, by the norm of the report; of the answers only numbers and states are taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from outside.answers import Answer
from outside.day import Paper, Rates
from outside.documents import CFE, SAFE
from outside.judge import PAPER
from outside.sales import ZERO, cents

Row = tuple[str, str]
"""Day of emission and branch."""
OF_TOTAL = (
    "TotMntNoGrv", "TotMntExpyAsim", "TotMntIVATasaMin", "TotMntIVATasaBas", "MntIVATasaMin", "MntIVATasaBas",
)  # fmt: skip
"""Elements whose sum is TotMntTotal."""


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
