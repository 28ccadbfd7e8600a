"""Numbers out of the folder ``cae/``: imported as a person's order would, once, and answered in words."""

import hashlib

from sincronizador.core import codes
from sincronizador.core.answer import First
from sincronizador.files import printable
from sincronizador.folders.ranges import Dropped, RangeFolder
from sincronizador.journal import documents
from sincronizador.journal.orders import Outcome

from . import orders
from .house import House


def import_dropped(house: House, folder: RangeFolder) -> int:
    """
    Import every file that is due; how many were answered.

    A fall between the import and its answer leaves the file where it was, and it is found imported the next time.
    """
    if not house.layout.is_there:
        # Its disk went away: nothing is made in the place where it belongs.
        return 0
    dropped = folder.due()
    for one in dropped:
        outcome = _outcome(house, one)
        code, _, sentence = ("0", "", outcome.sentence) if outcome.ok else outcome.sentence.partition(": ")
        fields = (
            ("ARCHIVO", printable(one.name)),
            ("ENTRADA_SHA256", hashlib.sha256(one.content).hexdigest()),
            ("AMBIENTE", house.rules.ambiente.upper()),
            ("CODIGO", code),
            ("MENSAJE", sentence),
            ("HORA", house.clock.now().isoformat(timespec="seconds")),
        )
        folder.settle(one.name, First.OK if outcome.ok else First.ERROR, fields)
    return len(dropped)


def _outcome(house: House, one: Dropped) -> Outcome:
    if one.trouble is not None:
        return Outcome(ok=False, sentence=": ".join(one.trouble))
    if house.cloud is not None:
        finding = codes.RANGE_OF_THE_CLOUD.at()
        return Outcome(ok=False, sentence=f"{finding.code}: {finding.message} {finding.hint}")
    with house.journal.reading() as db:
        if (known := documents.range_of(db, one.content)) is not None:
            return Outcome(ok=True, sentence=f"El CAE {known} ya estaba importado; no se hizo nada.")
    return orders.do(house, "cae", {"ambiente": house.rules.ambiente, "archivo": printable(one.name)}, one.content)
