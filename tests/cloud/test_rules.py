"""Every rule of the contract: a history in which nothing is broken, and in which something is without the rule."""

from sqlite3 import IntegrityError

import pytest
import rules_selling  # noqa: F401 - they fill the table
import rules_serving  # noqa: F401
import rules_standing  # noqa: F401
from rules import RULES


def named(rule):
    return rule.name


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_with_the_rule_every_promise_is_kept(rule, world):
    assert rule.history(world) == []


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_without_the_rule_a_promise_is_broken(rule, world, monkeypatch):
    rule.without(monkeypatch)
    try:
        broken = rule.history(world)
    except (AssertionError, IntegrityError) as error:
        broken = [str(error)]
    assert broken, f"nobody noticed that this rule is missing: {rule.says}"
