"""The line to the cloud as the engine sees it: contingencia begins and ends here, as episodes of the journal."""

import threading
from collections.abc import Callable
from datetime import datetime

from sincronizador.core.answer import Block
from sincronizador.core.contingency import Hysteresis, Link
from sincronizador.core.receipt import Health
from sincronizador.journal import episodes, events, notices, tasks
from sincronizador.journal.journal import Journal, Tx

FORM = "Comunicación de contingencia"
_WHERE = f"formulario «{FORM}», en el portal e-Factura de DGI, Contingencia"

Fields = tuple[tuple[str, str], ...]


class Line:
    """
    Threads share it. Only the mode is in the journal: a restart counts failures anew, which costs seconds.

    `failed` and `answered` are called outside transactions, by whoever spoke with the cloud.
    """

    def __init__(self, journal: Journal, rules: Hysteresis, place: Fields = ()) -> None:
        """`place`: who and where this is, as the authority's form asks for it."""
        self._journal = journal
        self._rules = rules
        self._place = place
        self._lock = threading.Lock()
        with journal.reading() as db:
            open_ = episodes.current(db)
        self._link = Link()
        self.health: Health | None = None
        """What the last probe was told, until somebody attended to it."""
        self.offer: tuple[datetime | None, tuple[int, ...]] = (None, ())
        """When the cloud last said which types can be leased, and which."""
        self.followed_at: datetime | None = None
        """When it was last asked what became of documents."""
        self.received_at: datetime | None = None
        """When it was last asked what others made out to ours."""
        self.certificates_at: datetime | None = None
        """When the cloud last said what it signs with."""
        self.run_began: float | None = None
        """When the cloud last let this process go on (`Clock.steady`); None: it has to be asked."""
        self.run_asked = ""
        """The run that this process asked for."""
        self.allowed = True
        """Whether the cloud, when it was last heard, let this installation sign by itself."""
        self.numbers = True
        """Whether the cloud, when last heard, numbered: a restored one waits for others, and takes all the same."""
        if open_ is not None:
            self._link = Link(contingency=True, since=open_.started_at, reason=open_.reason, forced=open_.forced)

    @property
    def link(self) -> Link:
        """As it stands."""
        return self._link

    def failed(self, at: datetime, why: str) -> None:
        """One more failure; it may open contingencia."""
        self._move(lambda link: link.failed(at, why, self._rules), at)

    def answered(self, at: datetime) -> bool:
        """
        The cloud answered; it may close contingencia. Whether it had failed before.

        While it does not number, what else it answers says nothing about the line.
        """
        if not self.numbers:
            return False
        failed = self._link.failures > 0
        self._move(lambda link: link.answered(at, self._rules), at)
        return failed

    def force(self, db: Tx, at: datetime, why: str) -> None:
        """A person opens it, in the commit of the order."""
        with self._lock:
            before, self._link = self._link, self._link.force(at, why)
            _record(db, before, self._link, at, self._place)

    def release(self, db: Tx, at: datetime) -> None:
        """A person closes it, in the commit of the order."""
        with self._lock:
            before, self._link = self._link, self._link.release(at)
            _record(db, before, self._link, at, self._place)

    def _move(self, step: Callable[[Link], Link], at: datetime) -> None:
        with self._lock:
            after = step(self._link)
            if after.contingency == self._link.contingency:
                self._link = after
                return
        # The journal before the lock, as orders take them: nobody waits for somebody who waits for him.
        with self._journal.transaction() as db, self._lock:
            before, self._link = self._link, step(self._link)
            _record(db, before, self._link, at, self._place)


def _record(db: Tx, before: Link, after: Link, at: datetime, place: Fields) -> None:
    open_ = episodes.current(db)
    if after.contingency and open_ is None:
        episodes.begin(db, at, after.reason, forced=after.forced)
        events.record(db, None, at, "contingency_begins", f"Empieza la contingencia: {after.reason}.")
        notices.add(db, _begins(at, after.reason, place))
    elif after.contingency and open_ is not None and after.forced and not before.forced:
        episodes.force(db, open_.id, after.reason)
        events.record(
            db, None, at, "contingency_forced", f"La contingencia queda a cargo de una persona: {after.reason}."
        )
    elif not after.contingency and open_ is not None:
        episodes.end(db, open_.id, at)
        events.record(db, None, at, "contingency_ends", "Termina la contingencia.")
        notices.add(db, _ends(db, episodes.get(db, open_.id), at, place))
        # What found no numbers here need not wait any longer.
        tasks.wake_lane(db, tasks.DECISION)
        tasks.wake_lane(db, tasks.CLOUD)


def _begins(at: datetime, reason: str, place: Fields) -> tuple[Block, ...]:
    message = f"Empezó la contingencia: las ventas se firman en esta máquina. Avise a DGI el inicio ({_WHERE})."
    text = (
        f"Inicio de contingencia el {_typed(at)}. Motivo: {reason}. Se siguen emitiendo comprobantes electrónicos, que "
        "se enviarán a DGI cuando vuelva la comunicación."
    )
    fields = (("INICIO", _stamp(at)), ("MOTIVO", reason), ("TEXTO", text))
    return _head(message, at), Block("CONTINGENCIA", (("EVENTO", "INICIO"), ("FORMULARIO", FORM), *place, *fields))


def _ends(db: Tx, episode: episodes.Episode, at: datetime, place: Fields) -> tuple[Block, ...]:
    message = f"Terminó la contingencia: lo firmado aquí se entrega solo. Avise a DGI el final ({_WHERE})."
    signed = episodes.signed_in(db, episode)
    documents = tuple(
        (f"DOCUMENTOS.{n}", f"{count} del tipo {tipo}, serie {serie}, entre {first} y {last}")
        for n, (tipo, serie, first, last, count) in enumerate(signed, 1)
    )
    text = (
        f"Fin de contingencia el {_typed(at)}; empezó el {_typed(episode.started_at)}. Motivo: {episode.reason}. "
        f"Comprobantes electrónicos emitidos mientras tanto: {sum(row[4] for row in signed)}."
    )
    fields = (
        ("INICIO", _stamp(episode.started_at)),
        ("FIN", _stamp(at)),
        ("MOTIVO", episode.reason),
        *(documents or (("DOCUMENTOS", "ninguno"),)),
        ("TEXTO", text),
    )
    return _head(message, at), Block("CONTINGENCIA", (("EVENTO", "FIN"), ("FORMULARIO", FORM), *place, *fields))


def _typed(at: datetime) -> str:
    """As a person types it into a form."""
    return f"{at:%d/%m/%Y} a las {at:%H:%M}"


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _head(message: str, at: datetime) -> Block:
    return Block("RESPUESTA", (("MENSAJE", message), ("HORA", _stamp(at))))
