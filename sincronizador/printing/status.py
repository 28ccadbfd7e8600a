"""What an ESC/POS printer says about itself: DLE EOT at any moment, GS r once everything before it was processed."""

from collections.abc import Mapping
from dataclasses import dataclass

ASK_PRINTER, ASK_CAUSE, ASK_PAPER = b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04"
ASK_PROCESSED = b"\x1dr\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The answers, understood."""

    offline: bool = False
    cover_open: bool = False
    no_paper: bool = False
    little_paper: bool = False
    failed: bool = False
    silent: bool = False
    """It is there and says nothing about itself."""
    reason: str = ""
    """Another reason why it cannot print, as the end of a Spanish sentence."""
    note: str = ""
    """What else is known, a sentence."""

    @property
    def trouble(self) -> str:
        """Why it cannot print, as the end of a Spanish sentence; empty when it can."""
        reasons = (
            (self.no_paper, "no tiene papel"),
            (self.cover_open, "tiene la tapa abierta"),
            (self.failed, "informa un error mecánico"),
        )
        told = [words for holds, words in reasons if holds]
        if not told and self.offline:
            told = ["está fuera de línea"]
        return " y ".join([*told, self.reason] if self.reason else told)

    @property
    def remark(self) -> str:
        """What is worth knowing although it prints."""
        return f"{'Queda poco papel.' if self.little_paper else ''} {self.note}".strip()


def understand(answers: Mapping[bytes, int]) -> State:
    """The state behind the answers to the questions above; those that were not answered count as good news."""
    printer, cause, paper = (answers.get(question, 0) for question in (ASK_PRINTER, ASK_CAUSE, ASK_PAPER))
    return State(
        offline=bool(printer & 0x08),
        cover_open=bool(cause & 0x04),
        no_paper=bool(cause & 0x20 or paper & 0x60),
        little_paper=bool(paper & 0x0C),
        failed=bool(cause & 0x40),
    )


def is_state(answer: int) -> bool:
    """Whether a byte is an answer to DLE EOT; printers also send others unasked."""
    return answer & 0x93 == 0x12


def is_processed(answer: int) -> bool:
    """Whether a byte is an answer to GS r."""
    return answer & 0x90 == 0x00


def is_flow(answer: int) -> bool:
    """Whether a byte is XON or XOFF, which may come between any two others."""
    return answer in (0x11, 0x13)


def begins_unasked(answer: int) -> bool:
    """Whether a byte is the first of the four of a status sent unasked (ASB); the others look like answers to GS r."""
    return answer & 0x93 == 0x10


def runs_low(answer: int) -> bool:
    """Whether an answer to GS r says that the paper is about to end."""
    return bool(answer & 0x03)


def ran_out(answer: int) -> bool:
    """Whether an answer to GS r says that there is no paper."""
    return bool(answer & 0x0C)
