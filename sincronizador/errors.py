"""
The one error family: one class for each answer to "who must act?".

Every error carries a stable code and a sentence in Spanish. Adapters translate foreign exceptions once, at their door,
with ``raise ... from exc``. Anything outside this family that reaches the engine is a bug of ours.
"""


class SincronizadorError(Exception):
    """Base of the family. `code` is stable and public, `str(error)` is a sentence for a person."""

    exit_code = 70

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Rejected(SincronizadorError):
    """The author of the file must correct it: it goes to ``rechazados/`` and the answer says why."""

    exit_code = 1


class Unavailable(SincronizadorError):
    """Nobody must act, time will do: nothing left this machine, so the step is tried again after a growing pause."""

    exit_code = 69


class Unanswered(SincronizadorError):
    """The engine must act: something left and nobody knows what became of it. The intent stays; HALF_DONE decides."""

    exit_code = 75


class Refused(SincronizadorError):
    """The author or the operator must act: the other side understood and said no."""

    exit_code = 1


class NeedsOperator(SincronizadorError):
    """IT must act: an expired certificate, no numbers left, a full disk, a wrong setting."""

    exit_code = 78
