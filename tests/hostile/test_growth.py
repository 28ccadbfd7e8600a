"""The measure itself: it tells what is quadratic from what is not, in a process full of other things."""

import gc

import pytest
from growth import growth


def letters(size: int) -> bytes:
    return b"x" * size


def a_fixed_cost() -> int:
    return sum(range(200_000))


def each_looks_at_all_before(content: bytes) -> None:
    for place in range(0, len(content), 40):
        sum(content[:place])


def quadratic_behind_a_fixed_cost(content: bytes) -> None:
    a_fixed_cost()
    for place in range(0, len(content), 10):
        content.count(b"y", 0, place)


def a_list_where_a_set_belongs(content: bytes) -> None:
    seen: list[int] = []
    for place in range(0, len(content), 12):
        if place not in seen:
            seen.append(place)


def one_pass(content: bytes) -> None:
    sum(byte for byte in content)


def sorted_once(content: bytes) -> None:
    sorted(f"{place * 7919 % 10007}" for place in range(len(content)))


def only_a_fixed_cost(content: bytes) -> None:
    a_fixed_cost()


def leaves_circles_behind(content: bytes) -> None:
    for _ in content:
        circle: list[object] = []
        circle.append(circle)


@pytest.mark.parametrize(
    "eat",
    [
        each_looks_at_all_before,
        quadratic_behind_a_fixed_cost,
        a_list_where_a_set_belongs,
    ],
)
def test_what_is_quadratic_is_steep(eat) -> None:
    assert growth(eat, letters).steep


@pytest.mark.parametrize("eat", [one_pass, sorted_once, only_a_fixed_cost, leaves_circles_behind])
def test_what_is_not_is_not_whatever_else_the_process_holds(eat) -> None:
    others = [[place] for place in range(400_000)]
    assert not growth(eat, letters).steep
    assert gc.isenabled()
    del others
