"""
How `configurar` asks: questions are data, which a person answers one by one and a file of answers all at once.

Every answer is tried out before it is taken. The first question that the answers leave open is the next one, so that an
answer may bring further questions along.
"""

import difflib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sincronizador.settings import Settings

NONE = "-"
"""What a person types for nothing, where Enter says something."""


class Wrong(Exception):
    """An answer that cannot be true: a Spanish sentence that says why."""


class Doubtful(Wrong):
    """An answer that did not work just now: a person may say that it is right all the same."""


@dataclass(slots=True, kw_only=True)
class Answers:
    """What was answered so far, by key."""

    toml: str
    """The TOML that is going to be written."""
    base: str
    """What the paths of files that are read are relative to."""
    now: datetime
    """Aware, of the issuer's zone."""
    before: Settings | None = None
    """The installation that is there already."""
    as_root: bool = False
    alone: bool = False
    """Nobody sits there to look at a paper."""
    accepted: frozenset[str] = frozenset()
    """Keys whose answers a person vouches for."""
    given: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    """What never stands in a TOML, by key."""
    found: dict[str, Any] = field(default_factory=dict)
    """What trying an answer out brought to light, for later questions."""

    def get(self, key: str) -> str:
        """An answer; empty where there is none."""
        return self.given.get(key, "")

    def names(self, key: str) -> list[str]:
        """An answer of several values: a line each, or between commas."""
        return listed(self.get(key))


Check = Callable[[str, Answers], str]
"""Gives an answer as it is kept. Raises `Wrong`."""


def nothing(answers: Answers, name: str) -> str:  # noqa: ARG001 - a default
    """Enter says nothing."""
    return ""


def always(answers: Answers, name: str) -> bool:  # noqa: ARG001 - a condition
    """It is asked in any case."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to be known."""

    key: str
    """Its place in a file of answers; ``{}`` stands for each of the names that the answer `each` lists."""
    about: str
    """The heading that it stands under."""
    sentence: str
    check: Check | None = None
    check_of: Callable[[str], Check] | None = None
    """The check for one of several, by its name."""
    choices: Sequence[str] = ()
    default: Callable[[Answers, str], str] = nothing
    """What Enter says."""
    optional: bool = False
    """It may stay empty."""
    secret: bool = False
    """Typed unseen; a file of answers names the file that holds it."""
    when: Callable[[Answers, str], bool] = always
    each: str = ""
    needs: Sequence[str] = ()
    """Answers without which it cannot be tried out."""


@dataclass(frozen=True, slots=True)
class Open:
    """A question that waits for its answer."""

    question: Question
    name: str
    """Which one, of several."""

    @property
    def key(self) -> str:
        """Whose answer it is."""
        return self.question.key.format(self.name)

    @property
    def sentence(self) -> str:
        """What is asked."""
        return self.question.sentence.format(self.name)

    @property
    def needs(self) -> list[str]:
        """Whose answers it is tried out with."""
        return [key.format(self.name) for key in self.question.needs]

    def default(self, answers: Answers) -> str:
        """What Enter says."""
        return self.question.default(answers, self.name)

    def accept(self, text: str, answers: Answers) -> str:
        """The answer as it is kept. Raises `Wrong`."""
        text = "" if text.strip() == NONE and self.question.optional else text.strip()
        if not text and not self.question.optional:
            raise Wrong("Hace falta una respuesta.")
        if self.question.choices:
            text = _chosen(text, self.question.choices)
        check = self.question.check_of(self.name) if self.question.check_of else self.question.check
        try:
            return check(text, answers) if check else text
        except Doubtful:
            if self.key in answers.accepted:
                return text
            raise


def pending(questions: Sequence[Question], answers: Answers) -> Iterator[Open]:
    """The questions that these answers leave open, in order."""
    for question in questions:
        for name in answers.names(question.each) if question.each else [""]:
            found = Open(question, name)
            if found.key not in answers.given and question.when(answers, name):
                yield found


def listed(text: str) -> list[str]:
    """Several values: a line each, or between commas."""
    parts = text.split("\n") if "\n" in text else text.split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def flat(table: Mapping[str, Any], within: str = "") -> dict[str, str]:
    """The values of a TOML of answers by their whole keys, as a person would type them."""
    found: dict[str, str] = {}
    for key, value in table.items():
        name = f"{within}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        elif isinstance(value, bool):
            found[name] = "si" if value else "no"
        elif isinstance(value, list):
            found[name] = "".join(f"{one}\n" for one in value)
        else:
            found[name] = str(value)
    return found


def unknown(given: Mapping[str, str], questions: Sequence[Question], answers: Answers) -> list[str]:
    """A sentence for each key that is none, with the one that may have been meant."""
    known = [
        question.key.format(name)
        for question in questions
        for name in (answers.names(question.each) if question.each else [""])
    ]
    told = []
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            told.append(f"«{key}» no se pregunta." + (f" ¿Quiso decir «{close[0]}»?" if close else ""))
    return told


def _chosen(text: str, choices: Sequence[str]) -> str:
    """A choice by any unmistakable beginning of it, with or without accents."""
    plain = _plain(text)
    begun = [choice for choice in choices if choice == plain] or [one for one in choices if one.startswith(plain)]
    if len(begun) == 1:
        return begun[0]
    close = difflib.get_close_matches(plain, choices, n=1)
    meant = f" ¿Quiso decir «{close[0]}»?" if close else ""
    raise Wrong(f"«{text}» no es una de las respuestas: {', '.join(choices)}.{meant}")


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
