"""A rule of the contract, a history that needs it, and the same program without it."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    says: str
    """As `cloud-api.md` has it."""
    history: Callable
    """Plays it in a world; gives a phrase for each promise that was not kept."""
    without: Callable
    """Takes exactly this rule out of the program, with a monkeypatch."""


RULES: list[Rule] = []


def rule(says, *, without):
    """The history of a rule, named like the function."""

    def keep(history):
        RULES.append(Rule(name=history.__name__, says=says, history=history, without=without))
        return history

    return keep


def claim(kept, phrase):
    """A promise of this history alone."""
    return [] if kept else [phrase]


def instead(module, **names):
    """A module with some of its names replaced, for one that uses it."""
    return SimpleNamespace(**{**vars(module), **names})
