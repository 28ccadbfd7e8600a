"""Plays histories one after another in a folder of memory, with a mutant or without."""

import logging
import os
import random
import shutil
import tempfile
from contextlib import contextmanager

import pytest
from elsewhere import KINDS
from families import family_of
from ground import Ground
from history import History

MEMORY = "/dev/shm"


class Player:
    """Its ground is made once; every history begins on it anew."""

    def __init__(self, folder):
        self._ground = Ground(folder)
        self._folder = self._ground.folder / "w"

    def play(self, seed, family="", *, mutant=None, fall_at=None, events=None):
        """The history when it is over, with the promises that were not kept."""
        patch = pytest.MonkeyPatch()
        before = random.getstate()
        history = None
        self._ground.put(patch)
        # What the product logs is nobody's to read.
        log = logging.getLogger("sincronizador")
        patch.setattr(log, "handlers", [logging.NullHandler()])
        patch.setattr(log, "propagate", False)
        try:
            family = family or family_of(seed)
            kind = KINDS.get(family, History)
            history = kind(self._ground, self._folder, patch, seed, family, fall_at=fall_at, events=events)
            if mutant is not None:
                mutant.without(patch)
            history.found = history.play()
        finally:
            if history is not None:
                history.town.close()
            patch.undo()
            random.setstate(before)
            shutil.rmtree(self._folder, ignore_errors=True)
        return history


@contextmanager
def playing():
    """A player in a folder that is removed afterwards."""
    memory = os.access(MEMORY, os.W_OK)
    with tempfile.TemporaryDirectory(prefix="simulacion-", dir=MEMORY if memory else None) as folder:
        yield Player(folder)
