"""
The machine falls at any boundary of a story with the cloud, and is switched on again: the story ends well.

In CI at every ninth; at all of them: ``make fronteras``.
"""

import os

import pytest
from carrier import FOREVER, Fault
from rules import claim
from walking import Crash
from world import World


def _sells(world):
    till = world.till()

    def story():
        till.drop_sale("V1")
        till.work()

    return till, story, lambda: claim(till.said("V1") == "ENVIADO", f"the sale is {till.said('V1')}")


def _signs_here_and_hands_over(world):
    till = world.till()
    till.line.cut()

    def story():
        till.drop_sale("V1")
        till.work()
        till.pass_time(seconds=5)
        till.line.heal()
        till.probe()
        till.pass_time(seconds=1)

    return till, story, lambda: claim(till.said("V1") == "ENVIADO", f"the sale is {till.said('V1')}")


def _withdraws(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    till.drop_sale("V1")
    till.work()

    def story():
        till.withdraw("V1")

    return (
        till,
        story,
        lambda: claim(
            (till.said("V1"), till.said("R2")) in (("RETIRADO", "RETIRADO"), ("ENVIADO", "ENVIADO")),
            f"the sale is {till.said('V1')}, its withdrawal {till.said('R2')}",
        ),
    )


def _takes_its_leases(world):
    till = world.till(joined=False)

    def story():
        till.probe()

    def ends():
        till.line.cut()
        till.sell("V1")
        till.pass_time(seconds=5)
        found = claim(till.said("V1") == "FIRMADO_CONTINGENCIA", f"the sale is {till.said('V1')}")
        world.settle()
        leased = world.fates()["leased"]
        return [*found, *claim(leased == 59, f"{leased} numbers are leased")]

    return till, story, ends


def _takes_over(world):
    old = world.till()
    old.line.fail("submit", Fault.LOST)
    old.drop_sale("V1")
    old.work()
    copy = old.backup()
    old.line.heal()
    old.pass_time(seconds=2)
    new = world.replace(old, copy, "m2", dead=True)
    name = new.drop_sale("V2")

    def story():
        new.probe()

    return new, story, lambda: claim(new.said(name) == "ENVIADO", f"the new sale is {new.said(name)}")


def _tells_a_restored_cloud(world):
    till = world.till()
    copy = world.backup()
    till.sell("V1")
    world.restore(copy)

    def story():
        for _ in range(3):
            till.probe()
            till.work()

    return till, story, list


STRIDE = int(os.environ.get("FRONTERAS", "9"))
STORIES = (_sells, _signs_here_and_hands_over, _withdraws, _takes_its_leases, _takes_over, _tells_a_restored_cloud)
MAY_DOUBT = (_takes_over, _tells_a_restored_cloud)


def _play(template, folder, telling, fall_at):
    """Play a story, falling once; what is broken afterwards, and how many boundaries there were."""
    with pytest.MonkeyPatch.context() as patch:
        world = World(template, folder, patch)
        try:
            till, story, ends = telling(world)
            till.fate.count, till.fate.fall_at = 0, fall_at
            try:
                story()
            except Crash:
                till.switch_on()
            count, till.fate.fall_at = till.fate.count, None
            world.settle()
            return [*ends(), *world.broken(doubtful=telling in MAY_DOUBT)], count
        finally:
            world.close()


@pytest.mark.parametrize("telling", STORIES, ids=lambda telling: telling.__name__.strip("_"))
def test_a_fall_at_any_boundary_changes_nothing(telling, template, ground):
    broken, boundaries = _play(template, ground / "0", telling, None)
    assert broken == []
    assert boundaries > 5
    found = {}
    for boundary in range(1 + STORIES.index(telling) % STRIDE, boundaries + 1, STRIDE):
        broken, _ = _play(template, ground / str(boundary), telling, boundary)
        if broken:
            found[boundary] = broken
    assert found == {}
