"""
The simulation's command: many histories over the cores, one history again with its whole log, all mutants.

``--historias 100000``; ``--semilla 17 [--familia todo] [--frontera 12]``; ``--mutantes 400 [--mutante "no epoch"]``.
"""

import argparse
import gc
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent), str(HERE.parent / "cloud"), str(HERE)]

from families import ALL  # noqa: E402 - where they are is known only now
from mutants import MUTANTS  # noqa: E402
from player import playing  # noqa: E402

from sincronizador.errors import SincronizadorError  # noqa: E402

_SLICE = 500
"""Histories that a process plays before it tells."""


def main():
    asked = _arguments()
    if asked.mutantes:
        return _mutants(asked)
    if asked.semilla is not None:
        return _one(asked.semilla, asked.familia, asked.frontera)
    return _many(asked)


def _arguments():
    parser = argparse.ArgumentParser(description="Historias al azar sobre el programa real, y las siete promesas.")
    parser.add_argument("--historias", type=int, default=1_000)
    parser.add_argument("--desde", type=int, default=0, help="la primera semilla")
    parser.add_argument("--familia", default="", choices=["", *ALL])
    parser.add_argument("--procesos", type=int, default=os.cpu_count())
    parser.add_argument("--semilla", type=int)
    parser.add_argument("--frontera", type=int, help="caer en esta frontera, y en ninguna otra")
    parser.add_argument("--mutantes", type=int, help="tantas semillas por mutante, a lo sumo")
    parser.add_argument("--mutante", action="append", choices=[mutant.name for mutant in MUTANTS], help="solo este")
    return parser.parse_args()


# --- many ---


def play_slice(share, family):
    """`_slice` for a pool, which stops for good at an error that it cannot bring home."""
    try:
        return _slice(share, family)
    except SincronizadorError as error:
        raise RuntimeError(str(error)) from error


def _slice(share, family):
    """A process's share, from a seed to before another: figures, and the seeds that broke a promise."""
    first, last = share
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # A tenth faster.
    figures, broken = Counter(), []
    with playing() as player:
        for seed in range(first, last):
            history = player.play(seed, family)
            figures.update(history.counts)
            figures[f"familia {history.family}"] += 1
            if history.found:
                broken.append((seed, history.family, history.found))
    return figures, broken


def _many(asked):
    began, figures, broken = time.monotonic(), Counter(), []
    last = asked.desde + asked.historias
    slices = [(first, min(first + _SLICE, last)) for first in range(asked.desde, last, _SLICE)]
    # An executor with a limit of tasks stops for good once all of its processes have reached it (CPython 115634).
    with get_context("spawn").Pool(asked.procesos, maxtasksperchild=10) as pool:
        for some, bad in pool.imap_unordered(partial(play_slice, family=asked.familia), slices):
            figures.update(some)
            broken += bad
            for seed, family, found in bad:
                print(f"ROTA: make simulacion SEMILLA={seed} FAMILIA={family}\n      {found[0]}", flush=True)
            spent = time.monotonic() - began
            left = spent / figures["historias"] * (asked.historias - figures["historias"])
            print(f"{figures['historias']:>7} historias, {spent:6.0f} s, faltan {left:6.0f} s", flush=True)
    _print(figures, time.monotonic() - began)
    print(f"Promesas rotas: {len(broken)} historias." if broken else "Ninguna promesa rota.")
    return 1 if broken else 0


def _print(figures, seconds):
    for name in sorted(figures):
        print(f"  {name:55} {figures[name]:>10}")
    print(f"  {'segundos':55} {seconds:>10.0f}")


# --- one ---


def _one(seed, family, boundary):
    with playing() as player:
        history = player.play(seed, family, fall_at=boundary)
    print(f"Semilla {seed}, familia {history.family}, {history.events} sucesos.")
    print("\n".join(history.town.log))
    _print(history.counts, 0)
    print("\n".join(history.found) or "Ninguna promesa rota.")
    return 1 if history.found else 0


# --- mutants ---


def hunt(name, first, most):
    """The first seed from `first` on at which a mutant is noticed, whose history keeps every promise without it."""
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    with playing() as player:
        for seed in range(first, first + most):
            found = player.play(seed, mutant.family, mutant=mutant).found
            if found and not player.play(seed, mutant.family).found:
                return seed, found[0]
    return None


def _mutants(asked):
    missed, most = 0, asked.mutantes
    chosen = [mutant for mutant in MUTANTS if not asked.mutante or mutant.name in asked.mutante]
    with ProcessPoolExecutor(asked.procesos) as pool:
        hunts = [(mutant, pool.submit(hunt, mutant.name, asked.desde, most)) for mutant in chosen]
        for mutant, hunted in hunts:
            caught = hunted.result()
            missed += caught is None
            told = f"semilla {caught[0]:>4}: {caught[1][:90]}" if caught else f"NADIE LO NOTÓ en {most} semillas"
            print(f"{mutant.name:34} {mutant.family:13} {told}", flush=True)
    print(f"{len(hunts) - missed} de {len(hunts)} mutantes descubiertos.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
