"""Runs histories: ``python tests/simulation/run.py --historias 1000``, ``--semilla 17 [--familia todo]``."""
