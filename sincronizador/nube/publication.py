"""
What anybody who holds a document may see of it: its number is asked with its security code, and there is no list.

A number that nobody has and a code that is wrong are the same answer. What does not count is told so and is not given.
"""

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select

from sincronizador.core.emitido import Emitido
from sincronizador.core.receipt import CloudState
from sincronizador.countries.door import Country
from sincronizador.countries.uy.qr import security_code
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.signed import parse_signed
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.nube import documents, forms
from sincronizador.nube.store import Store
from sincronizador.nube.tables import corrected, document

CODE = 6
"""Letters of a security code."""
_NOBODY = "\0" * CODE
"""What the code of a number is that has no document: no question can say it."""
_AT_ONCE = 50
"""Documents read together for an export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One document, and the proof that whoever asks has seen it."""

    rut: str
    tipo: int
    serie: str
    numero: int
    codigo: str

    @property
    def number(self) -> tuple[str, int, str, int]:
        """What is asked about, without the proof."""
        return self.rut, self.tipo, self.serie, self.numero


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is said of a document in that state."""

    estado: str
    frase: str
    vale: bool
    """Only then its amounts, its XML and its PDF are given."""


STANDINGS: Mapping[CloudState, Standing] = {
    CloudState.PREPARED: Standing(
        estado="en_proceso",
        frase="La empresa todavía no terminó de registrarlo. Si lo acaba de recibir, consulte en unos minutos.",
        vale=False,
    ),
    CloudState.CONFIRMED: Standing(estado="emitido", frase="La empresa emitió este comprobante.", vale=True),
    CloudState.SENT: Standing(
        estado="enviado", frase="La empresa emitió este comprobante y lo envió a DGI.", vale=True
    ),
    CloudState.ACCEPTED: Standing(
        estado="aceptado", frase="La empresa emitió este comprobante y DGI lo recibió.", vale=True
    ),
    CloudState.REPORTED: Standing(
        estado="informado", frase="La empresa emitió este comprobante y lo informó a DGI.", vale=True
    ),
    CloudState.OBSERVED: Standing(
        estado="observado", frase="La empresa emitió este comprobante y DGI lo observó.", vale=True
    ),
    CloudState.REJECTED: Standing(
        estado="rechazado",
        frase="DGI rechazó este comprobante: no es válido. Pida a la empresa el que lo sustituye.",
        vale=False,
    ),
    CloudState.VOIDED: Standing(
        estado="anulado", frase="La empresa anuló este comprobante: no es válido.", vale=False
    ),
    CloudState.INVALID: Standing(
        estado="invalido", frase="Este comprobante no se llegó a emitir: no es válido.", vale=False
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A document as whoever holds it may see it."""

    id: int
    rut: str
    emisor: str
    """Its name, as the document says it."""
    standing: Standing
    emitido: Emitido


def read_question(given: Mapping[str, str]) -> Question | Mapping[str, str]:
    """
    The question of ``rut``, ``tipo``, ``serie``, ``numero``, ``codigo`` as people write them; or what is wrong where.

    It depends on what was written alone, never on what is stored.
    """
    rut = re.sub(r"[ .-]", "", given.get("rut", ""))
    tipo, serie, numero = (given.get(name, "").strip() for name in ("tipo", "serie", "numero"))
    codigo, wrong = _code_of(given.get("codigo", "")), {}
    if not check_rut(rut):
        wrong["rut"] = "El RUC de la empresa son 12 cifras: revíselas."
    if not (re.fullmatch("[0-9]{3}", tipo) and int(tipo) in frozenset(TipoCfe)):
        wrong["tipo"] = "Elija el tipo de comprobante."
    if not re.fullmatch("[A-Za-z0-9]{1,2}", serie):
        wrong["serie"] = "La serie son una o dos letras."
    if not re.fullmatch("[0-9]{1,7}", numero):
        wrong["numero"] = "El número son hasta siete cifras."
    if not re.fullmatch(f"[A-Za-z0-9+/]{{{CODE}}}", codigo):
        wrong["codigo"] = f"El código de seguridad son {CODE} letras, cifras o signos, con mayúsculas y minúsculas."
    if wrong:
        return wrong
    return Question(rut=rut, tipo=int(tipo), serie=serie.upper(), numero=int(numero), codigo=codigo)


class Publication:
    """Over one base; `law` is asked for the country of an issuer at a branch. Threads may share it."""

    def __init__(self, store: Store, law: Callable[[str, str], Country]) -> None:
        self._store = store
        self._law = law

    @property
    def is_trial(self) -> bool:
        """Whether nothing in this base is worth anything."""
        return self._store.environment != "produccion"

    def find(self, question: Question) -> Published | None:
        """What is asked for; None where nobody has that number, or the code is another one. Raises `Unavailable`."""
        with self._store.reading() as db:
            row = documents.of_number(db, *question.number)
        code = _NOBODY if row is None else security_code(parse_signed(row.signed).digest)
        # Compared also where there is nothing to compare with.
        if not hmac.compare_digest(code.encode(), question.codigo.encode()) or row is None:
            return None
        return self._published(row)

    def pdf(self, published: Published) -> bytes:
        """Its printable form. The same document gives the same bytes."""
        country = self._law(published.rut, forms.branch_of(published.emitido.signed))
        return forms.render(country, published.emitido, "pdf")

    def signed_on(self, rut: str, day: date) -> Iterator[list[Published]]:
        """
        The documents of an issuer that were signed on a day, some at a time, in the order in which they came.

        Raises `Rejected` E3311, `Unavailable`.
        """
        self._law(rut, "")
        with self._store.reading() as db:
            ids = db.execute(OF_DAY, {"rut": rut, "day": day}).scalars().all()
        for start in range(0, len(ids), _AT_ONCE):
            with self._store.reading() as db:
                rows = db.execute(OF_IDS, {"ids": ids[start : start + _AT_ONCE]}).all()
            yield [self._published(row) for row in rows]

    def codes_before(self, published: Published) -> list[str]:
        """The security codes that a paper's transcription had before it was corrected under its number."""
        if not self._law(published.rut, "").transcribes(published.emitido.tipo):
            return []
        with self._store.reading() as db:
            before = db.execute(select(corrected.c.signed).where(corrected.c.document == published.id)).scalars().all()
        return [security_code(parse_signed(signed).digest) for signed in before]

    def _published(self, row: Row[Any]) -> Published:
        receipt = documents.receipt(row)
        issuer = parse_signed(receipt.signed).zone("Encabezado", "Emisor")
        return Published(
            id=row.id, rut=row.rut, emisor=issuer.get("RznSoc", ""), standing=STANDINGS[receipt.state],
            emitido=self._law(row.rut, "").emitted(receipt.signed, receipt.anexo),
        )  # fmt: skip


def _code_of(text: str) -> str:
    """A security code as it was typed; a plus that an address carried unquoted arrives as a blank."""
    code = text if len(text) == CODE else text.strip()
    return code.replace(" ", "+")


OF_DAY = (
    select(document.c.id)
    .where(document.c.rut == bindparam("rut"), document.c.day == bindparam("day"))
    .order_by(document.c.id)
)
OF_IDS = select(document).where(document.c.id.in_(bindparam("ids", expanding=True))).order_by(document.c.id)
