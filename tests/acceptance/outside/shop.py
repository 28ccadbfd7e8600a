"""A shop at work: a legacy system that drops planned files, and what it is owed."""

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

from outside.answers import Answer
from outside.dropping import by_rename, pieces, slowly
from outside.installation import Installation, wait_for
from outside.judge import PAPER, Case, Drop, Number
from outside.legacy import Planned

PATIENCE = 90.0
CREDIT_NOTE = 2
"""Last figure of the type of a credit note."""


class LegacySystem:
    """Drops planned files as they come, notes once their sale is answered, and remembers what it dropped."""

    def __init__(self, installation: Installation, seed: int, estado: str = "FIRMADO_LOCAL") -> None:
        self.installation = installation
        self.rng = Random(seed)
        self.estado = estado
        """What every good file is answered in the end."""
        self.dropped: list[Drop] = []
        self._planned: dict[str, Planned] = {}
        """By REFERENCIA, the sales that notes refer to."""
        self._entrada = str(installation.box("entrada"))

    def play(self, files: Sequence[Planned], pause: float) -> None:
        """Drop them all, with this pause between two; what notes refer to is among them or was played before."""
        self._planned |= {file.sale.referencia: file for file in files}
        with ThreadPoolExecutor(6) as hands:
            done = []
            for file in files:
                target = self._planned.get(file.sale.refers)
                done.append(hands.submit(self._drop, file, target, Random(self.rng.random())))
                time.sleep(pause)
            for one in done:
                one.result()

    def _drop(self, file: Planned, target: Planned | None, rng: Random) -> None:
        number = self._number(target) if target else None
        content = file.content(number)
        self._hand_over(file, file.name, content, rng)
        if file.again == "name":
            path = os.path.join(self._entrada, file.name)
            wait_for(f"the claim of {file.name}", lambda: not os.path.exists(path) or None, PATIENCE)
            self._hand_over(file, file.name, content, rng)
        elif file.again == "reference":
            self.installation.answer(file.name, patience=PATIENCE)
            self._hand_over(file, f"otra-{file.name}", content, rng)

    def _number(self, target: Planned) -> Number | None:
        return self.installation.answer(target.name, patience=PATIENCE).number

    def _hand_over(self, file: Planned, name: str, content: bytes, rng: Random) -> None:
        if file.slow:
            slowly(self._entrada, name, pieces(rng, content, file.style.encoding))
        else:
            by_rename(self._entrada, name, content)
        self.dropped.append(self._owed(file, name, content))

    def _owed(self, file: Planned, name: str, content: bytes) -> Drop:
        sale = file.sale
        good = file.code == "0"
        return Drop(
            name=name,
            content=content,
            encoding=file.encoding(content),
            referencia="" if file.code == "E0105" else sale.referencia,
            code=file.code,
            estado=self.estado,
            tipo=sale.tipo if good else 0,
            importes=sale.importes() if good else None,
            avisos=file.avisos() | self._too_much(file) if good else frozenset(),
            detalle=sale.lines[0].detalle,
            nombre=sale.receptor.nombre if sale.receptor and good else "",
        )

    def _too_much(self, file: Planned) -> frozenset[str]:
        """A credit note that gives back more than was sold is issued, with a warning."""
        target = self._planned.get(file.sale.refers)
        if target is None or file.sale.tipo % 10 != CREDIT_NOTE:
            return frozenset()
        more = file.sale.importes()["A_PAGAR"] > target.sale.importes()["A_PAGAR"]
        return frozenset({"A0216"} if more and file.sale.moneda == target.sale.moneda else ())


def wait_for_all(installation: Installation, drops: Sequence[Drop]) -> None:
    """Wait until every answer is as it is owed and nothing is under way; what is not is printed, and judged later."""
    try:
        wait_for("every answer and paper", lambda: not any(_unfinished(installation, drops)) or None, PATIENCE)
        installation.settle(PATIENCE)
    except AssertionError as late:
        waiting = list(_unfinished(installation, drops))
        print(f"{late}: {waiting[:20]} {installation.left()[:20]}\n{installation.tail()}")


def case_of(installation: Installation, drops: Sequence[Drop], *, alone: bool = True) -> Case:
    """What the judge looks at."""
    return Case(
        spool=installation.spool,
        drops=drops,
        trays=installation.trays(),
        certificate=installation.certificate(),
        certificate_pem=installation.certificate_pem(),
        alone=alone,
    )


def _unfinished(installation: Installation, drops: Sequence[Drop]) -> Iterator[str]:
    for drop in drops:
        answer = installation.peek(drop.name)
        if answer is None or not answer.decided or _under_way(answer, drop):
            yield drop.name


def _under_way(answer: Answer, drop: Drop) -> bool:
    """Whether paper, companions or the way to the cloud of an issued document are still to come."""
    companions = answer["XML"] and (answer["PNG"] or drop.tipo > PAPER)
    arrived = answer["ESTADO"] == drop.estado
    return bool(answer.number) and not (answer["IMPRESION"] != "PENDIENTE" and companions and arrived)
