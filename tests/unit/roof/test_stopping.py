"""A service is told to stop, and stops at once."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from sincronizador.stopping import Stop

PROJECT = Path(__file__).parents[3]
HEAD = """
import os, signal, sys, threading, time
from sincronizador.stopping import Stop
stop = Stop(signal.SIGTERM, signal.SIGINT)
"""


def ends(script: str) -> str:
    """What it printed; a second of patience, beside the start."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script], cwd=PROJECT, timeout=20, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_a_thread_wakes_whoever_waits() -> None:
    stop, woken = Stop(), []
    waiting = [threading.Thread(target=lambda: woken.append(stop.wait(30))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    began = time.monotonic()
    stop.set()
    for thread in waiting:
        thread.join()
    assert woken == [True] * 3
    assert time.monotonic() - began < 5
    assert stop.wait(0)


def test_nobody_is_told_before_it_is_set() -> None:
    assert not Stop().wait(0.01)


def test_it_may_be_set_more_often_than_a_pipe_holds() -> None:
    stop = Stop()
    for _ in range(70_000):
        stop.set()
    assert stop.wait(0)


def test_a_signal_that_another_thread_gets_wakes_the_main_one() -> None:
    """The kernel may deliver it anywhere: here, where the main thread does not take any."""
    told = ends("""
ready = threading.Event()
def take():
    ready.set()
    time.sleep(10)
threading.Thread(target=take, daemon=True).start()
ready.wait()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
began = time.monotonic()
print(stop.wait(9), time.monotonic() - began < 3)
""")
    assert told.split() == ["True", "True"]


def test_signals_that_interrupt_one_another_do_not_hold_it_up() -> None:
    """Both, thousands of times, while the main thread goes in and out of its wait."""
    told = ends("""
def storm():
    for _ in range(3000):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=storm).start()
for _ in range(3000):
    stop.wait(0.001)
print(stop.wait(5))
""")
    assert told.split() == ["True"]


def test_they_are_the_signals_that_were_named() -> None:
    assert ends("print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, stop.wait(0.01))").split() == ["False"] * 2
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
