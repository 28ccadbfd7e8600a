"""
Random histories over the real daemon and cloud: after each of them the seven promises hold.

More of them: ``make simulacion HISTORIAS=100000``; one again, with its log: ``make simulacion SEMILLA=17``.
"""

import logging
import os
import secrets

import pytest
from families import ALL

from sincronizador.folders.layout import Layout
from sincronizador.nube import certificates, store

_log = logging.getLogger("sincronizador")
COUNT = int(os.environ.get("SIMULACION", "200"))
CHUNKS = 2
EACH = max(1, COUNT // (CHUNKS * len(ALL)))


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("family", ALL)
def test_after_any_history_every_promise_is_kept(family, chunk, player):
    for seed in range(chunk * EACH, (chunk + 1) * EACH):
        found = player.play(seed, family).found
        assert found == [], f"make simulacion SEMILLA={seed} FAMILIA={family}"


def test_the_same_seed_gives_the_same_history(player):
    one, other = (player.play(5, "todo") for _ in range(2))
    assert one.town.log == other.town.log


def test_a_history_leaves_the_product_as_it_was(player):
    before = (store._engine, certificates.load_pkcs12, Layout.troubles, secrets.token_hex, _log.propagate)
    player.play(5, "todo")
    assert (store._engine, certificates.load_pkcs12, Layout.troubles, secrets.token_hex, _log.propagate) == before
    assert store._engine.__module__ == store.__name__
    assert _log.propagate
