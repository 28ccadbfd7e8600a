"""
How the journal's database answers what the tests ask of it: nothing may read a table that grows from end to end.

The plans of an empty journal are those of one with a million documents, because the program never gathers statistics.
"""

import sqlite3
import sys
from types import SimpleNamespace

GROWING = ("job", "content", "document", "task", "event", "paper", "intent", "news")
"""Tables with rows for every sale."""
SHORT = (
    "job_undecided", "job_behind", "job_part_behind", "job_part_open", "job_lote", "task_due", "task_open",
    "task_noted", "news_due", "paper_doubtful",
)  # fmt: skip
"""Indexes that hold only what is still to be done."""
ALLOWED = {
    "SELECT tipo, count(*) FROM document": "a person asks for it, and it reads numbers only",
    "SELECT tipo, serie, max(numero) FROM (SELECT": "once, after a restore of the cloud",
    "UPDATE document SET acked_at = NULL WHERE acked_at >= ?": "once, after a restore of the cloud",
    "SELECT job.id FROM intent JOIN job": "once, after a restore of the cloud",
    "UPDATE paper SET copia = 1 WHERE outcome = ''": "once, after a restore or a take-over",
    "UPDATE document SET lease = ? WHERE lease = ''": "once for each own CAE, when a machine that ran alone joins",
}
"""The beginnings of statements that may, and why."""

_seen: dict[str, list[str]] = {}


class Planned(sqlite3.Connection):
    """A connection that has every new statement of the program explained; the tests ask and change what they like."""

    def execute(self, statement, parameters=()):
        """As it is."""
        asks = sys._getframe(1).f_globals["__name__"]
        is_ours = asks.startswith("sincronizador.") and asks != "sincronizador.journal.journal"
        if is_ours and statement not in _seen and statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            _seen[statement] = []
            plan = super().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            _seen[statement] = [step for _, _, _, step in plan if reads_all(step)]
        return super().execute(statement, parameters)


def reads_all(step: str) -> bool:
    """Whether a step of a plan reads all of a table that grows."""
    words = step.split()
    return words[0] == "SCAN" and words[1] in GROWING and words[-1] not in SHORT


def explained(real):
    """`sqlite3` for a module whose connections are to be explained."""
    return SimpleNamespace(**{**vars(real), "connect": lambda *a, **k: real.connect(*a, factory=Planned, **k)})


def faults() -> dict[str, list[str]]:
    """Statements that read whole tables, with the steps that do, since the last time."""
    found = {
        statement: steps for statement, steps in _seen.items() if steps and not statement.startswith(tuple(ALLOWED))
    }
    for statement in found:
        _seen[statement] = []
    return found
