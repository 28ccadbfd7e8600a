"""What systemd does for a service: starts it, and starts it again however it ended. And the hand that kills it."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Life:
    """From a start to an end, on the monotonic clock."""

    start: float
    ready: float | None = None
    """When it told systemd so."""
    end: float | None = None
    code: int | None = None
    expected: bool = False
    """Whether somebody here ended it."""
    frozen: list[tuple[float, float]] = field(default_factory=list)


class Keeper:
    """A program that is started again `pause` seconds after each end, until `close`."""

    def __init__(self, name: str, launch: Callable[[str], subprocess.Popen[bytes]]) -> None:
        """`launch` is given the address where the program tells that it is ready."""
        self.name = name
        self.pause = 0.1
        self.lives: list[Life] = []
        self._launch = launch
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind("")  # the kernel gives a name that is no file
        self._told.setblocking(False)

    def start(self) -> None:
        """Keep it from now on."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it is there now."""
        process = self._process
        return process is not None and process.poll() is None

    def kill(self, how: signal.Signals = signal.SIGKILL, pause: float = 0.1) -> bool:
        """Send the signal that ends it; it starts again after `pause`. False when it was not there."""
        with self._lock:
            if not self.running or self._process is None:
                return False
            self.pause, self.lives[-1].expected = pause, True
            self._process.send_signal(how)
        return True

    def ready(self, patience: float) -> bool:
        """Wait until it is there and says that it is ready; False when that does not come in time."""
        end = time.monotonic() + patience
        while not (self.running and self.lives[-1].ready):
            if self._closing.wait(0.05) or time.monotonic() > end:
                return False
        return True

    def freeze(self, seconds: float) -> bool:
        """SIGSTOP, and SIGCONT after that long. False when it was not there."""
        process = self._process
        if not self.running or process is None:
            return False
        life, start = self.lives[-1], time.monotonic()
        process.send_signal(signal.SIGSTOP)
        self._closing.wait(seconds)
        process.send_signal(signal.SIGCONT)
        life.frozen.append((start, time.monotonic()))
        return True

    def close(self) -> None:
        """End it for good, as an operator does, and no longer start it."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._told.close()

    def _keep(self) -> None:
        while not self._closing.is_set():
            with self._lock:
                self._hear(None)
                self._process = self._launch(self._address)
                life = Life(time.monotonic())
                self.lives.append(life)
            while self._process.poll() is None and not self._closing.wait(0.02):
                self._hear(life)
            if self._closing.is_set():
                life.expected = True
                self._end(self._process)
            life.end, life.code = time.monotonic(), self._process.returncode
            self._closing.wait(self.pause)
            self.pause = 0.1

    @property
    def _address(self) -> str:
        return "@" + self._told.getsockname()[1:].decode()

    def _hear(self, life: Life | None) -> None:
        """What the program tells systemd; without a life, what the one before left unread."""
        with contextlib.suppress(BlockingIOError):
            while said := self._told.recv(4096):
                if life is not None and b"READY=1" in said:
                    life.ready = life.ready or time.monotonic()

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def soon(rng: Random, most: float) -> float:
    """Seconds until it is started again: mostly at once, sometimes later."""
    return 0.05 if rng.random() < 0.7 else rng.uniform(0.5, most)
