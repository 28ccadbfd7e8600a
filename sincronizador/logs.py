"""
The log: stdlib to stderr, one line an event, for journald to keep and machines to match.

ERROR means that a person must act. No XML and no keys go in here.
"""

import logging
import os
import sys

_PRIORITIES = ((logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (logging.INFO, "<6>"), (logging.NOTSET, "<7>"))
"""Level from which on -> the prefix that journald reads as syslog priority."""


class Lines(logging.Formatter):
    """One line a record; with `journald`, a priority in front instead of time and level, for journald has its own."""

    def __init__(self, *, journald: bool) -> None:
        super().__init__("%(message)s" if journald else "%(asctime)s %(levelname)s %(name)s %(message)s")
        self.journald = journald

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; of a traceback every line carries the priority, or journald would lose it."""
        prefix = next(prefix for level, prefix in _PRIORITIES if record.levelno >= level) if self.journald else ""
        return "\n".join(prefix + _plain(line) for line in super().format(record).splitlines())


def start(level: int = logging.INFO) -> None:
    """Send the log to stderr, in journald's form when stderr is its stream."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(journald="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def event(logger: logging.Logger, name: str, /, *, level: int = logging.INFO, **fields: object) -> None:
    """
    Log one event as ``event=step job=41 verdict=done ms=212``.

    Names are English and stable. Fields that are None are left out; values with spaces, quotes or control characters
    are quoted, so that a line is one event whatever a dropped file is called.
    """
    if logger.isEnabledFor(level):
        given = (f"{key}={_quoted(str(value))}" for key, value in fields.items() if value is not None)
        logger.log(level, "%s", " ".join((f"event={name}", *given)))


def _quoted(text: str) -> str:
    if text and text.isprintable() and not set(text) & set(" \"'=\\"):
        return text
    return '"' + _plain(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _plain(line: str) -> str:
    """Without control characters: whoever reads the log does so in a terminal."""
    if line.isprintable():
        return line
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
