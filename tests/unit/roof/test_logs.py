"""The log: one line an event, whatever a dropped file is called."""

import logging
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador import logs


class Collected(logging.Handler):
    """Keeps the lines."""

    def __init__(self, *, journald: bool = False) -> None:
        super().__init__()
        self.setFormatter(logs.Lines(journald=journald))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def logger_to(handler: logging.Handler) -> logging.Logger:
    """A logger of its own that writes to `handler`."""
    logger = logging.getLogger("roof.test")
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    return logger


def test_an_event_is_one_line_of_keys_and_values() -> None:
    collected = Collected(journald=True)
    logs.event(logger_to(collected), "step", job=41, step="sign", ms=212, key=None)
    assert collected.lines == ["<6>event=step job=41 step=sign ms=212"]


def test_an_error_carries_the_priority_that_journald_knows() -> None:
    collected = Collected(journald=True)
    logs.event(logger_to(collected), "parked", level=logging.ERROR, job=1)
    logs.event(logger_to(collected), "retry", level=logging.WARNING, job=1)
    assert [line[:3] for line in collected.lines] == ["<3>", "<4>"]


def test_without_journald_the_line_begins_with_its_time() -> None:
    collected = Collected()
    logs.event(logger_to(collected), "ready")
    assert collected.lines[0].endswith("INFO roof.test event=ready")


def test_every_line_of_a_traceback_carries_the_priority() -> None:
    collected = Collected(journald=True)
    logger = logger_to(collected)
    try:
        int("línea\notra")
    except ValueError:
        logger.exception("event=bug")
    assert all(line.startswith("<3>") for line in collected.lines[0].splitlines())
    assert "ValueError" in collected.lines[0]


def test_what_is_below_the_level_is_not_even_rendered() -> None:
    class Unprintable:
        def __str__(self) -> str:
            raise AssertionError

    logs.event(logger_to(Collected()), "tick", level=logging.DEBUG, value=Unprintable())


@given(st.text(st.characters(codec=None)))
def test_any_value_stays_on_one_line_and_in_its_field(value: str) -> None:
    collected = Collected(journald=True)
    logs.event(logger_to(collected), "claimed", name=value, job=1)
    [line] = collected.lines
    assert line.isprintable()
    words = shlex.split(line)
    assert [word.split("=")[0] for word in words] == ["<6>event", "name", "job"]
    if value.isprintable() and "\\" not in value:
        assert words[1] == f"name={value}"


def test_starting_the_log_chooses_the_form_by_what_stderr_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        monkeypatch.setenv("JOURNAL_STREAM", "8:1")
        logs.start()
        logs.event(logging.getLogger("sincronizador"), "ready")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert capsys.readouterr().err == "<6>event=ready\n"
