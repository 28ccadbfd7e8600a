"""
Random histories over the real engine, journal and cloud.

More of them: ``SINCRONIZADOR_HISTORIAS=500 pytest tests/cloud/test_random_histories.py``; one again, with its log:
``SINCRONIZADOR_SEMILLA=17 pytest tests/cloud/test_random_histories.py -k todo``.
"""

import os

import pytest
from history import ALL, History

FAMILIES = {
    "linea": {"loss", "delay", "crash", "flip"},
    "personas": {"loss", "delay", "crash", "flip", "people", "refuse", "printer"},
    "dos": {"loss", "delay", "crash", "flip", "two", "people"},
    "diario": {"loss", "delay", "crash", "flip", "restore", "people"},
    "otra_maquina": {"loss", "delay", "crash", "flip", "clone", "people"},
    "nube": {"loss", "delay", "crash", "flip", "cloudback", "people"},
    "todo": ALL,
}
COUNT = int(os.environ.get("SINCRONIZADOR_HISTORIAS", "2"))
ONE = os.environ.get("SINCRONIZADOR_SEMILLA")
SEEDS = [int(ONE)] if ONE else range(COUNT)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_after_any_history_every_promise_is_kept(family, seed, template, ground, monkeypatch):
    history = History(template, ground / "w", monkeypatch, seed, frozenset(FAMILIES[family]))
    try:
        history.play()
        broken = history.broken()
    finally:
        history.world.close()
        print("\n".join(history.log))
    assert broken == []
