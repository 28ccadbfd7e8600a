"""The printers: what waits at each, and what a person may do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sincronizador.engine.paper_queue import DOUBTFUL, HELD, Waiting
from sincronizador.settings import Impresora

from .words import Tone, Word, clean, moment

_STATES = {
    "en cola": Word("En cola", Tone.NEUTRO),
    "en pausa": Word("En pausa", Tone.ATENCION),
    HELD: Word("Retenido", Tone.MAL, "Si todavía hace falta, «Dejar salir»."),
    "apartado": Word("Apartado", Tone.MAL),
    DOUBTFUL: Word("Dudoso", Tone.MAL, "Mire la impresora: si no salió, imprima una copia."),
}
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that waits, or of which nobody knows."""

    job: int
    title: str
    what: str
    word: Word
    since: str
    why: str
    may_release: bool
    may_reprint: bool


@dataclass(frozen=True, slots=True)
class Station:
    """A printer on its page."""

    name: str
    way: str
    columns: int
    code_page: str
    papers: tuple[Paper, ...]
    more: int
    said: str
    """What it told when it was asked last, or what became of a trial page."""
    tone: Tone


def stations(
    tables: Mapping[str, Impresora], waiting: Sequence[Waiting], said: Mapping[str, tuple[str, Tone]], now: datetime
) -> list[Station]:
    """All of them; one that is no longer in the settings too, while papers wait for it."""
    gone = [name for name in dict.fromkeys(paper.printer for paper in waiting) if name not in tables]
    return [_station(name, tables.get(name), waiting, said, now) for name in (*tables, *gone)]


def _station(
    name: str,
    table: Impresora | None,
    waiting: Sequence[Waiting],
    said: Mapping[str, tuple[str, Tone]],
    now: datetime,
) -> Station:
    here = [paper for paper in waiting if paper.printer == name]
    text, tone = said.get(name, ("", Tone.NEUTRO))
    return Station(
        name=name,
        way=f"{table.via} {clean(table.destino)}" if table else "ya no está en la configuración",
        columns=table.columnas if table else 0,
        code_page=table.pagina_codigos if table else "",
        papers=tuple(_paper(paper, now) for paper in here[:SHOWN]),
        more=max(0, len(here) - SHOWN),
        said=text,
        tone=tone,
    )


def _paper(paper: Waiting, now: datetime) -> Paper:
    word = _STATES[paper.state]
    which = " ".join(filter(None, (paper.document.replace("-", " "), clean(paper.referencia)))) or clean(paper.name)
    return Paper(
        job=paper.job,
        title=which,
        what=paper.what.capitalize(),
        word=word,
        since=moment(paper.since, now),
        why=" ".join(filter(None, (paper.why, word.meaning))),
        may_release=paper.state != DOUBTFUL,
        may_reprint=paper.state == DOUBTFUL and bool(paper.document),
    )
