"""The machine's clock: what it shows, how long it really was, and whether somebody keeps it right."""

import ctypes
import time
from datetime import datetime

from sincronizador.countries.door import Country

_LIBC = ctypes.CDLL(None, use_errno=True)
_TIME_ERROR = 5
"""What adjtimex(2) returns while the clock is not synchronised; so it does again after somebody set it by hand."""


class _Timex(ctypes.Structure):
    """The beginning of adjtimex(2)'s struct; what follows is of no interest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("rest", ctypes.c_char * 160),
    )


class SystemClock:
    """The machine's clock in a country's zone."""

    def __init__(self, country: Country) -> None:
        self._zone = country.zone

    def now(self) -> datetime:
        """Now."""
        return datetime.now(self._zone)

    def steady(self) -> float:
        """Seconds since the machine was switched on, its sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def is_synchronised(self) -> bool:
        """Whether the kernel's clock is disciplined (NTP), and it is the kernel's clock that we are shown."""
        found = _Timex()
        state: int = _LIBC.adjtimex(ctypes.byref(found))
        return 0 <= state < _TIME_ERROR and abs(found.seconds - time.time()) <= 1
