"""One finding of a check, and the rule that it comes from."""

from dataclasses import dataclass
from typing import TypeVar

from sincronizador.errors import SincronizadorError

_E = TypeVar("_E", bound=SincronizadorError)

MOST_FINDINGS = 100
"""Findings that are told of one file; of a file that is no TXT at all the rest would say nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong (``E...``) or worth knowing (``A...``) about one place of a dropped file."""

    code: str
    """Stable and public: ``E0205``, ``A0220``."""
    message: str
    """A Spanish sentence that stands alone."""
    field: str | None = None
    """The TXT name of the field, upper case: ``CANTIDAD``."""
    line: int | None = None
    """1-based line of the dropped file."""
    value: str | None = None
    """What was written there."""
    hint: str | None = None
    """What to do about it, in Spanish."""
    norm: str | None = None
    """Where the rule comes from: ``Formato CFE v25.2, A-C60``."""

    @property
    def is_error(self) -> bool:
        """Whether it refuses the document; the others are warnings."""
        return self.code.startswith("E")

    def as_error(self, kind: type[_E]) -> _E:
        """An error of the family that says the same, hint and all."""
        return kind(self.code, " ".join(filter(None, (self.message, self.hint))))

    @property
    def place(self) -> tuple[int, str]:
        """The order of findings in an answer: by line, then by code; those without a line last."""
        return (self.line if self.line is not None else 1 << 30, self.code)


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A check as data: its code, its sentence and its hint as templates, and its norm.

    Templates use ``{campo}``, ``{valor}``, ``{linea}`` and the details given to `at`.
    """

    code: str
    title: str
    """What the code means, for the catalogue: «Número mal escrito»."""
    message: str
    hint: str = ""
    norm: str = ""

    def at(
        self, *, field: str | None = None, line: int | None = None, value: str | None = None, **details: object
    ) -> Finding:
        """The finding of this rule at one place."""
        words = {"campo": field or "", "valor": value or "", "linea": line or "", **details}
        return Finding(
            code=self.code,
            message=self.message.format_map(words),
            field=field,
            line=line,
            value=value,
            hint=self.hint.format_map(words) or None,
            norm=self.norm or None,
        )
