"""A shop with its cloud and the line between them, and everything that must be true of the three in the end."""

import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from outside import cloud_judge
from outside.answers import Answer
from outside.cloud import Cloud, Kept
from outside.dialects import Style, write
from outside.installation import Installation, wait_for
from outside.judge import Drop
from outside.legacy import simple
from outside.proxy import Proxy
from outside.shop import case_of, wait_for_all


def owed(referencia: str, today: date, *, precio: str = "122.00", tipo: int = 101) -> Drop:
    """A small sale in a file of its name, which the cloud must have in the end."""
    sale = simple(referencia, today, precio=precio, tipo=tipo)
    return Drop(
        name=f"{referencia}.txt",
        content=write(sale, Style()),
        encoding="ascii",
        referencia=referencia,
        estado="ENVIADO",
        tipo=tipo,
        importes=sale.importes(),
    )


class Site:
    """A shop, its cloud, and the line between them."""

    def __init__(self, till: Installation, cloud: Cloud, line: Proxy) -> None:
        self.till = till
        self.cloud = cloud
        self.line = line
        till.configure("nube", url=f'"http://127.0.0.1:{line.port}"')

    @property
    def token(self) -> str:
        """Of the till's installation."""
        return token_of(self.till)

    def documents(self) -> list[Kept]:
        """What the cloud keeps for the till."""
        return self.cloud.documents(self.token)

    def numbers(self) -> Any:
        """The cloud's table of every number's fate, as the installation may ask for it."""
        return self.cloud.ask(self.token, "GET", "/v1/numbers")

    def leased(self, token: str = "") -> bool:
        """Whether the installation has a lease of every type that can be leased."""
        said = self.cloud.ask(token or self.token, "GET", "/v1/leases")
        held = {lease["doc_type"] for lease in said["leases"] if not lease["closed"]}
        return bool(said["types"]) and held >= set(said["types"])

    def start(self) -> None:
        """Start both and wait until the till could go on alone."""
        self.cloud.start()
        self.till.start()
        wait_for("a lease of every type", self.leased, 30)

    def sell(self, drop: Drop, patience: float = 10.0) -> Answer:
        """Drop it and read the decision, which must be OK within `plazo.decision`."""
        answer = self.till.ask(drop.name, drop.content, patience=patience)
        assert answer.first == "OK", answer
        return answer

    def faults(self, drops: Sequence[Drop], *, doubtful: bool = False, others: Sequence[Kept] = ()) -> list[str]:
        """
        What is wrong once everything has arrived: nothing, or sentences.

        `doubtful` numbers may be owed; `others` are documents of other installations of the issuer.
        """
        wait_for_all(self.till, drops)
        self.quiet()
        table, kept = self.numbers(), self.documents()
        return [
            *cloud_judge.faults(case_of(self.till, drops, alone=False), kept),
            *cloud_judge.uneven(table, doubtful=doubtful),
            *cloud_judge.unfounded(table, [*kept, *others]),
            *cloud_judge.ranges(self.ranges(), table, doubtful=doubtful),
        ]

    def contingency(self) -> bool:
        """What ``contingencia ver`` says."""
        done = self.till.run("contingencia", "ver", "--json")
        assert done.returncode == 0, done.stderr
        return bool(json.loads(done.stdout)["contingencia"])

    def ranges(self) -> list[dict[str, Any]]:
        """The ranges that the till numbers from, leases included."""
        done = self.till.run("cae", "listar", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def quiet(self) -> None:
        """Wait until nothing is on its way to the cloud."""
        wait_for("empty queues of the till", lambda: not any(queue["due"] for queue in self._queues()) or None, 60)

    def _queues(self) -> list[dict[str, Any]]:
        done = self.till.run("estado", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["colas"]

    def end(self) -> None:
        """Kill both."""
        self.till.kill()
        self.cloud.kill()


def token_of(till: Installation) -> str:
    """The token that an installation's TOML names."""
    return Path(os.path.join(till.folder, till.settings["nube"]["token"])).read_text("ascii").strip()
