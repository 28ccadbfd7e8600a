"""Online and contingencia out of probes: opened by failures in a row, closed by a stable line, held by a person."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.contingency import Hysteresis, Link

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))
RULES = Hysteresis(failures=3, stable=timedelta(seconds=60))


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def play(events, link=None):
    """The link after events: ``(second, answered)``."""
    link = link or Link()
    for second, answered in events:
        link = link.answered(at(second), RULES) if answered else link.failed(at(second), "se cortó", RULES)
    return link


def test_two_failures_are_not_enough_and_the_third_opens_it_with_its_reason():
    assert not play([(0, False), (1, False)]).contingency
    link = play([(0, False), (1, False), (2, False)])
    assert (link.contingency, link.since, link.reason, link.forced) == (True, at(2), "se cortó", False)


def test_an_answer_in_between_begins_the_count_anew():
    assert not play([(0, False), (1, False), (2, True), (3, False), (4, False)]).contingency


def test_it_closes_only_after_a_minute_without_any_failure():
    opened = play([(0, False), (1, False), (2, False)])
    assert play([(10, True), (69, True)], opened).contingency
    assert not play([(10, True), (70, True)], opened).contingency
    assert play([(10, True), (50, False), (55, True), (114, True)], opened).contingency
    closed = play([(10, True), (50, False), (55, True), (115, True)], opened)
    assert (closed.contingency, closed.since, closed.reason) == (False, at(115), "")


def test_a_further_failure_while_it_is_open_changes_neither_its_beginning_nor_its_reason():
    opened = play([(0, False), (1, False), (2, False)])
    assert opened.failed(at(9), "otra cosa", RULES).since == at(2)
    assert opened.failed(at(9), "otra cosa", RULES).reason == "se cortó"


def test_what_a_person_opened_only_a_person_closes():
    forced = Link().force(at(0), "mudanza")
    steady = play([(second, True) for second in range(1, 400, 10)], forced)
    assert (steady.contingency, steady.forced, steady.reason) == (True, True, "mudanza")
    released = steady.release(at(500))
    assert (released.contingency, released.forced, released.since) == (False, False, at(500))


def test_a_person_may_take_over_one_that_opened_by_itself_and_its_beginning_stays():
    forced = play([(0, False), (1, False), (2, False)]).force(at(30), "sigue mal")
    assert (forced.since, forced.forced) == (at(2), True)


def test_releasing_what_is_not_open_changes_nothing():
    link = play([(0, False)])
    assert link.release(at(1)) == link


@given(st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=60))
def test_the_mode_is_what_the_last_events_say_whatever_came_before(steps):
    """Open needs three failures in a row behind it; closed after open needs sixty seconds of answers."""
    second, link, streak, good_since = 0, Link(), 0, None
    for pause, answered in steps:
        second += pause
        before, link = link, play([(second, answered)], link)
        streak = 0 if answered else streak + 1
        good_since = (good_since if good_since is not None else second) if answered else None
        if link.contingency and not before.contingency:
            assert streak >= RULES.failures
        if before.contingency and not link.contingency:
            assert good_since is not None
            assert second - good_since >= 60
