"""Each rule that is taken out of the program is noticed by a random history (``make simulacion-mutantes``)."""

import pytest
from mutants import MUTANTS


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if mutant.seed is not None], ids=str)
def test_a_random_history_notices_that_the_rule_is_missing(mutant, player):
    assert player.play(mutant.seed, mutant.family).found == []
    assert player.play(mutant.seed, mutant.family, mutant=mutant).found, f"nobody noticed: {mutant.says}"
