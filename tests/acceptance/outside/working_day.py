"""A company's day of sales: what everybody must know before it, what was dropped, what became of it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from outside import cloud_judge, day
from outside.answers import Answer
from outside.authority import digest
from outside.day import Paper, Rates
from outside.day_report import disagreeing
from outside.dialects import Style
from outside.documents import parse
from outside.installation import wait_for
from outside.judge import PAPER, Drop
from outside.legacy import Planned, simple
from outside.shop import LegacySystem
from outside.town import Town

BOOKLET = {"id": "12345678901", "serie": "XA", "desde": 950_001, "hasta": 951_000}
"""Of the papers of `every_type`."""
_PAUSE = 0.3
_PATIENT = 3.0
"""Seconds of waiting after which the clock is hurried."""


class WorkingDay:
    """Of a town."""

    def __init__(self, town: Town, patience: float) -> None:
        self.town = town
        self.patience = patience
        self.papers: list[Paper] = []
        self._rates = Rates(town.day)
        self._waited = 0.0
        self._legacy = LegacySystem(town.site.till, seed=6)

    def open(self, papers: Sequence[int], reserve: int) -> None:
        """Start DGI, the cloud and the till, each with what it must know; types of `papers` have a booklet."""
        site, dgi = self.town.site, self.town.dgi
        dgi.start()
        rut, vence = site.till.settings["emisor"]["rut"], f"{self.town.day.year + 1}-12-31"
        dgi.told("constancias", [{**BOOKLET, "rut": rut, "tipo": tipo, "vence": vence} for tipo in papers])
        dgi.told("cotizaciones", self._rates.told())
        dgi.told("ajustes", {"tope": float(day.TOPE)})
        branch = [word for name, value in day.BRANCH.items() for word in (f"--{name.lower()}", value)]
        site.cloud.order("emisor", "agregar", "--desde", str(site.till.toml), *branch)
        table = site.till.folder / "bcu.csv"
        table.write_text(self._rates.csv(), "utf-8")
        site.cloud.order("dgi", "cotizaciones", "importar", str(table))
        site.till.configure("nube", reserva=str(reserve))
        site.start()

    # What is dropped

    def drop(self, drops: Sequence[Drop]) -> list[Paper]:
        """Files of `every_type`."""
        for drop in drops:
            self.town.site.till.drop(drop.name, drop.content)
        return self._know([day.other_paper(drop, self.town.day) for drop in drops])

    def play(self, files: Sequence[Planned]) -> list[Paper]:
        """Files of the shop's programs, notes by number once their sale is answered."""
        before = len(self._legacy.dropped)
        self._legacy.play(files, pause=0)
        by_name = {drop.name: drop for drop in self._legacy.dropped[before:]}
        return self._know([day.paper_of(file, by_name[file.name]) for file in files])

    def sell(self, referencia: str, tipo: int = 101) -> Paper:
        """A small sale where nothing is remarkable."""
        sale = simple(referencia, self.town.day, tipo=tipo)
        return self.play([Planned(stem=referencia, style=Style(), sale=sale)])[0]

    def _know(self, papers: list[Paper]) -> list[Paper]:
        self.papers += papers
        return papers

    # What is answered

    def answer(self, paper: Paper) -> Answer | None:
        """As it is now."""
        return self.town.site.till.peek(paper.drop.name, encoding=paper.drop.encoding)

    def until(self, what: str, papers: Sequence[Paper], enough: Callable[[Paper, Answer], bool]) -> None:
        """Wait until all of them are answered like that."""
        left = list(papers)

        def look() -> bool:
            self._pause()
            left[:] = [paper for paper in left if (seen := self.answer(paper)) is None or not enough(paper, seen)]
            return not left

        try:
            wait_for(what, look, self.patience)
        except AssertionError as late:
            raise AssertionError(f"{late}: {len(left)} files, one: {self.answer(left[0])}") from None

    def _pause(self) -> None:
        """Between two looks, for the programs that are waited for; what they do every half a minute comes sooner."""
        time.sleep(_PAUSE)
        self._waited += _PAUSE
        if self._waited >= _PATIENT:
            self._waited = 0.0
            self.town.hurry()

    def answered(self, but: Sequence[Paper] = ()) -> list[tuple[Paper, Answer]]:
        """Everything that was dropped, as it is answered now."""
        pairs = [(paper, self.answer(paper)) for paper in self.papers if paper not in but]
        return [(paper, answer) for paper, answer in pairs if answer is not None]

    # What DGI has

    def report(self, secuencia: int) -> bytes:
        """That report of the day, once DGI has looked at it; it must have found nothing wrong with any."""

        def look() -> bytes | None:
            self._pause()
            found = self.town.dgi.reports(f"{self.town.day}")
            assert all(one["estado"] in ("AR", "DR") and not one["diferencias"] for one in found), found
            ends = [one["id"] for one in found if (one["estado"], one["secuencia"]) == ("DR", secuencia)]
            return self.town.dgi.sent("reporte", ends[0]) if ends else None

        return wait_for(f"report {secuencia} of the day", look, self.patience)

    def unbalanced(self, report: bytes, but: Sequence[Paper] = ()) -> list[str]:
        """Where a report differs from what was dropped, some left out."""
        fates = cloud_judge.fates(self.town.site.numbers())
        gone = Counter(tipo for (tipo, _, _), fate in fates.items() if fate == "annulled")
        return list(disagreeing(report, self.answered(but), self._rates, gone))

    def missing(self) -> Iterator[str]:
        """What DGI should have by itself and has not, or has and should not; bytes that are not those of the answer."""
        has = {
            (one["tipo"], one["serie"], one["numero"]): one["sha256"] for one in self.town.dgi.state()["comprobantes"]
        }
        owed = {}
        for paper, answer in self.answered():
            if goes_alone(paper) and answer.number:
                path = self.town.site.till.box("salida") / answer["XML"]
                owed[answer.number] = digest(path.read_bytes())
        yield from (f"{number}: only DGI or only the till has it" for number in has.keys() ^ owed.keys())
        yield from (
            f"{number}: DGI has other bytes" for number in has.keys() & owed.keys() if has[number] != owed[number]
        )

    def signed_on(self) -> set[date]:
        """The days of signature of all documents."""
        salida = self.town.site.till.box("salida")
        signed = (parse((salida / answer["XML"]).read_bytes()) for _, answer in self.answered())
        return {date.fromisoformat(one.text("TmstFirma")[:10]) for one in signed}


def goes_alone(paper: Paper) -> bool:
    """Whether DGI must get it by itself: all but small e-Tickets and their notes."""
    return paper.large or paper.tipo % 100 // 10 not in (0, 3)


def is_settled(paper: Paper, answer: Answer) -> bool:
    """Whether nothing of it is under way before its day is reported."""
    return answer["ESTADO"] in (("ACEPTADO", "RECHAZADO_DGI") if goes_alone(paper) else ("ENVIADO",))


def is_over(paper: Paper, answer: Answer) -> bool:
    """Whether nothing will change any more, and its end is one that it may have."""
    ends = ("ACEPTADO", "RECHAZADO_DGI") if goes_alone(paper) else ("INFORMADO",)
    return answer["FINAL"] == "SI" and answer["ESTADO"] in ends and (paper.tipo > PAPER or bool(answer.number))
