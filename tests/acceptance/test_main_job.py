"""The main job on real input: many files from a program with bad habits, and the judge over what became of them."""

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from outside import judge
from outside.answers import Answer
from outside.dropping import by_rename, pieces, slowly
from outside.installation import Installation, wait_for
from outside.judge import Case, Drop, Number
from outside.legacy import Planned, mixed

FILES = 300
KILLS = 10
PATIENCE = 90.0


class LegacySystem:
    """Drops planned files as they come, notes once their sale is answered, and remembers what it dropped."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self.installation = installation
        self.rng = Random(seed)
        self.dropped: list[Drop] = []
        self._entrada = str(installation.box("entrada"))

    def play(self, files: Sequence[Planned], pause: float) -> None:
        """Drop them all, with this pause between two."""
        of_sale = {file.sale.referencia: file for file in files}
        with ThreadPoolExecutor(6) as hands:
            done = []
            for file in files:
                target = of_sale.get(file.sale.refers)
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
        self.dropped.append(_owed(file, name, content))


def _owed(file: Planned, name: str, content: bytes) -> Drop:
    sale = file.sale
    good = file.code == "0"
    return Drop(
        name=name,
        content=content,
        encoding=file.encoding(content),
        referencia="" if file.code == "E0105" else sale.referencia,
        code=file.code,
        tipo=sale.tipo if good else 0,
        importes=sale.importes() if good else None,
        avisos=file.avisos() if good else frozenset(),
        detalle=sale.lines[0].detalle,
        nombre=sale.receptor.nombre if sale.receptor and good else "",
    )


class Murderer(threading.Thread):
    """Kills the daemon at random moments and starts it again."""

    def __init__(self, installation: Installation, seed: int) -> None:
        super().__init__(daemon=True)
        self.installation = installation
        self.rng = Random(seed)
        self.failure: BaseException | None = None

    def run(self) -> None:
        """Kill KILLS times."""
        try:
            for _ in range(KILLS):
                time.sleep(self.rng.uniform(0.05, 1.5))
                self.installation.kill()
                self.installation.start()
        except BaseException as failure:  # it belongs to the test's thread
            self.failure = failure


def _decided(installation: Installation, drops: Sequence[Drop]) -> Iterator[str]:
    for drop in drops:
        answer = installation.peek(drop.name)
        if answer is None or not answer.decided or _under_way(answer):
            yield drop.name


def _under_way(answer: Answer) -> bool:
    """Whether paper or companions of an issued document are still to come."""
    return bool(answer.number) and (answer["IMPRESION"] == "PENDIENTE" or not (answer["XML"] and answer["PNG"]))


def _judged(installation: Installation, drops: Sequence[Drop]) -> list[str]:
    try:
        wait_for("every answer and paper", lambda: not any(_decided(installation, drops)) or None, PATIENCE)
        installation.settle(PATIENCE)
    except AssertionError as late:
        waiting = list(_decided(installation, drops))
        print(f"{late}: {waiting[:20]} {installation.left()[:20]}\n{installation.tail()}")
    case = Case(
        spool=installation.spool,
        drops=drops,
        trays=installation.trays(),
        certificate=installation.certificate(),
        certificate_pem=installation.certificate_pem(),
    )
    return judge.faults(case) + judge.unprinted(case)


def _told(faults: Sequence[str]) -> str:
    """The faults, at most three of a kind."""
    kinds: dict[str, list[str]] = {}
    for fault in faults:
        kinds.setdefault(re.sub(r"\d+", "", fault.partition(": ")[2] or fault)[:25], []).append(fault)
    shown = [
        line for found in kinds.values() for line in (*found[:3], *([f"... {len(found) - 3} more"] * (len(found) > 3)))
    ]
    return "\n".join([f"{len(faults)} faults", *shown[:100]])


@pytest.mark.timeout(300)
def test_three_hundred_mixed_files_become_one_right_document_each(installation, today):
    legacy = LegacySystem(installation, seed=1)
    installation.start()
    legacy.play(mixed(1, FILES, today), pause=0.01)
    faults = _judged(installation, legacy.dropped)
    assert not faults, _told(faults)


@pytest.mark.timeout(420)
@pytest.mark.parametrize("seed", [2])
def test_the_same_with_ten_kills_in_between(installation, today, seed):
    legacy = LegacySystem(installation, seed)
    installation.start()
    murderer = Murderer(installation, seed)
    murderer.start()
    legacy.play(mixed(seed, FILES, today), pause=0.05)
    murderer.join(PATIENCE)
    if murderer.failure:
        raise murderer.failure
    assert not murderer.is_alive()
    faults = _judged(installation, legacy.dropped)
    assert not faults, _told(faults)


@pytest.mark.timeout(120)
def test_what_lay_waiting_before_the_first_start_is_answered_too(installation, today):
    legacy = LegacySystem(installation, seed=3)
    files = [file for file in mixed(3, 40, today) if not file.sale.refers and not file.again]
    legacy.play(files, pause=0)
    installation.start()
    faults = _judged(installation, legacy.dropped)
    assert not faults, _told(faults)
