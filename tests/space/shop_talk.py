"""What is asked of a shop on a small disk, from outside."""

from collections.abc import Iterable
from contextlib import closing

from outside.installation import Installation, wait_for

from sincronizador.journal import mark
from sincronizador.journal.journal import connect_read_only

SALE = """[DOCUMENTO]
TIPO=101
REFERENCIA={name}
FORMA_PAGO=CONTADO
[ITEM]
DETALLE=Pan
PRECIO=89
IVA=MINIMA
[FIN]
"""
PATIENCE = 60.0


def lay_out(own: Installation, names: Iterable[str]) -> None:
    """Write sales beside the inbox while there is room, to be dropped by a rename, which takes none."""
    for name in names:
        (own.folder / f"{name}.txt").write_text(SALE.format(name=name), "ascii")


def drop(own: Installation, names: Iterable[str], till: str = "") -> None:
    """Rename what was laid out into the inbox."""
    for name in names:
        (own.folder / f"{name}.txt").rename(own.box("entrada", till) / f"{name}.txt")


def numbers(own: Installation, names: Iterable[str]) -> list[int]:
    """The numbers that these sales were answered with, in order."""
    answers = [own.answer(f"{name}.txt", patience=PATIENCE) for name in names]
    assert {answer["ESTADO"] for answer in answers} == {"FIRMADO_LOCAL"}, [answer["ESTADO"] for answer in answers]
    return sorted(int(answer["NUMERO"]) for answer in answers)


def at_rest(own: Installation, name: str) -> None:
    """Wait until nobody writes any more: its paper is told, and the mark beside the journal is where the journal is."""
    wait_for(f"the paper of {name}", lambda: "IMPRESION=IMPRESO" in own.find(f"{name}.txt").read_text(), PATIENCE)
    journal = own.folder / "diario.db"

    def marked() -> bool:
        with closing(connect_read_only(str(journal))) as db:
            return mark.read(mark.path_of(str(journal))).last == mark.position(db)

    wait_for("a mark that is up to date", marked, PATIENCE)


def heartbeat(own: Installation) -> str:
    """LATIDO.TXT; empty while there is none."""
    path = own.box("salida") / "LATIDO.TXT"
    return path.read_text("ascii") if path.exists() else ""


def told(own: Installation, words: str) -> None:
    """Wait until the heartbeat says so."""
    wait_for(f"«{words}» in LATIDO.TXT", lambda: words in heartbeat(own), PATIENCE)


def not_told(own: Installation, words: str) -> None:
    """Wait until the heartbeat does not say so any more."""
    wait_for(f"LATIDO.TXT without «{words}»", lambda: words not in heartbeat(own) or None, PATIENCE)


def logged(own: Installation, words: str) -> int:
    """In how many lines of the log that is."""
    return sum(words in line for line in own.log.read_text("utf-8").splitlines())


def papers(own: Installation) -> list[str]:
    """The papers that came out, without those that say COPIA."""
    return sorted(path.stem for path in own.papers() if "copia" not in path.stem)
