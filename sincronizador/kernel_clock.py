"""Whether somebody keeps the kernel's clock right."""

import ctypes
import time

from sincronizador import native

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


def is_synchronised() -> bool:
    """Whether the kernel's clock is disciplined (NTP), and it is the kernel's clock that we are shown."""
    if native.LIBC is None:
        return False
    found = _Timex()
    state: int = native.LIBC.adjtimex(ctypes.byref(found))
    return 0 <= state < _TIME_ERROR and abs(found.seconds - time.time()) <= 1
