"""Token buckets: time is an argument."""

from hypothesis import given
from hypothesis import strategies as st

from sincronizador.nube.limits import Buckets


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@given(per_minute=st.integers(1, 600), pauses=st.lists(st.floats(0, 5), max_size=200))
def test_nobody_gets_more_than_a_full_bucket_and_what_ran_in(per_minute, pauses):
    clock = Clock()
    buckets = Buckets(per_minute, clock)
    given_out = 0
    for pause in pauses:
        clock.now += pause
        given_out += buckets.take("yo") == 0
    assert given_out <= per_minute + clock.now * per_minute / 60 + 1e-6


def test_the_wait_that_is_told_is_enough():
    clock = Clock()
    buckets = Buckets(2, clock)
    assert [buckets.take("yo") for _ in range(2)] == [0, 0]
    wait = buckets.take("yo")
    assert wait > 0
    clock.now += wait + 1e-6
    assert buckets.take("yo") == 0


def test_zero_is_no_limit():
    buckets = Buckets(0, Clock())
    assert not any(buckets.take("yo") for _ in range(1_000))


def test_only_so_many_callers_are_remembered_and_the_oldest_is_forgotten():
    buckets = Buckets(1, Clock(), known=2)
    assert [buckets.take(name) for name in "abc"] == [0, 0, 0]
    assert buckets.take("c") > 0
    assert buckets.take("a") == 0
