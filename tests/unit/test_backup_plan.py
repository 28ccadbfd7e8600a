"""When the day's backup is due, and which old ones go."""

from datetime import datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.backup_plan import AGAIN, KEPT, is_due, too_old
from sincronizador.storage import Stored

ZONE = timezone(timedelta(hours=-3))
THREE = time(3, 0)
NOON = datetime(2026, 11, 21, 12, tzinfo=ZONE)


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "made", "tried", "due"),
    [
        (NOON, None, None, True),
        (NOON, at(21, 3, 1), at(21, 3), False),
        (NOON, at(20, 3, 1), at(20, 3), True),
        (at(21, 2, 59), at(20, 3, 1), at(20, 3), False),
        (at(21, 3, 0), at(20, 3, 1), at(20, 3), True),
        (NOON, at(10, 3), at(10, 3), True),
        (NOON, at(20, 3), at(21, 11, 30), False),
        (NOON, at(20, 3), at(21, 11), True),
        (NOON, at(30, 3), at(30, 3), True),
    ],
    ids=[
        "never yet", "made", "not today", "before its hour", "at its hour", "off for days", "failed half an hour ago",
        "failed an hour ago", "a clock that was put back",
    ],
)  # fmt: skip
def test_it_is_due_once_a_day_from_its_hour_on(now, made, tried, due):
    assert is_due(THREE, now, made, tried) is due


@given(st.integers(0, 23), st.lists(st.booleans(), min_size=60, max_size=60), st.integers(5, 90))
def test_every_day_has_one_however_long_each_takes_and_however_often_it_fails(hour, lucky, minutes):
    now, made, tried, days = at(1, 0), None, None, []
    luck = iter(lucky * 9)
    while now < at(5, 0):
        if is_due(time(hour), now, made, tried):
            assert tried is None or made == tried or now - tried >= AGAIN or (made and made < now)
            tried = now
            if next(luck):
                made = now
                days.append(now)
        now += timedelta(minutes=minutes)
    slots = [(one - timedelta(hours=hour)).date() for one in days]
    assert len(slots) == len(set(slots)), "one a day"


def stored(*days, stem="219-S01"):
    names = [f"respaldo-{stem}-{NOON - timedelta(days=day):%Y%m%d-%H%M%S}.zip" for day in days]
    return [Stored(name=name, size=1, when=NOON) for name in names]


@given(st.lists(st.integers(0, 400), unique=True, max_size=12), st.integers(0, 100))
def test_what_is_old_goes_but_the_newest_stay(days, keep):
    there = stored(*days)
    gone = too_old(there, "219-S01", keep, NOON)
    left = [day for day, one in zip(days, there, strict=True) if one.name not in gone]
    assert sorted(left)[:KEPT] == sorted(days)[:KEPT]
    assert all(day > keep for day in set(days) - set(left))
    assert keep == 0 or all(day <= keep for day in sorted(left)[KEPT:])


def test_what_is_somebody_elses_is_never_touched():
    others = [*stored(90, 91, 92, 93, 94, stem="219-S02"), Stored(name="fotos.zip", size=1, when=NOON)]
    others += [Stored(name="respaldo-219-S01-20200101-000000.zip.tmp", size=1, when=NOON)]
    assert too_old(others, "219-S01", 30, NOON) == []
