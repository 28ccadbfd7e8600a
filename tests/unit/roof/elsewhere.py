"""
A process in which what Windows lacks is missing: run with a script and its arguments. No Windows: paths, locks of open
files, sharing modes and its own calls are those of this machine.

Gone: the modules fcntl, pwd, grp, resource, termios, tty (msvcrt is played with flock); of `os` the calls and flags
below; folders cannot be opened, renamed files do not replace others; no C library, no sockets of Unix, no poll, no
signals but those that Windows knows, no /proc.
"""

import ctypes
import fcntl
import os
import runpy
import select
import shutil
import signal
import socket
import sys
import time
import types

import watchdog.observers  # noqa: F401 - what others import of POSIX, they may keep

MODULES = ("fcntl", "pwd", "grp", "resource", "termios", "tty", "_posixshmem")
_FLAGS = ("O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "ST_RDONLY")
_OWNERS = ("chown", "fchmod", "fchown", "geteuid", "getuid", "lchown")
_OTHERS = ("fork", "major", "minor", "mkfifo", "pipe2", "posix_fallocate", "pread", "pwrite", "statvfs", "sync")
_MASKS = ("pthread_sigmask", "sigpending", "sigtimedwait")
CALLS = (*_FLAGS, *_OWNERS, *_OTHERS)


def _flock(descriptor: int, _mode: int, _bytes: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _no_libc(name, *args, **kwargs):
    if name is None:
        raise TypeError("there is no such library")
    return _CDLL(name, *args, **kwargs)


def _open(path, flags, mode=0o777, *, dir_fd=None):
    if dir_fd is not None:
        raise NotImplementedError("dir_fd")
    if not isinstance(path, int) and os.path.isdir(path):
        raise PermissionError(13, "Permission denied", path)
    if str(path).startswith(("/proc", "/sys", "/etc/machine-id")):
        raise FileNotFoundError(2, "No such file", path)
    return _OPEN(path, flags, mode)


def _rename(source, target, **how):
    if how:
        raise NotImplementedError("dir_fd")
    if os.path.exists(target):
        raise FileExistsError(17, "File exists", source, None, target)
    return _RENAME(source, target)


def _access(path, mode, **how):
    if how:
        raise NotImplementedError("effective_ids")
    return _ACCESS(path, mode)


def _fsync(descriptor):
    if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise PermissionError(13, "Permission denied")
    return _FSYNC(descriptor)


def _pair():
    """Of the network, as Python makes it where there is no other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        return near, server.accept()[0]


_CDLL, _OPEN, _RENAME, _ACCESS, _FSYNC = ctypes.CDLL, os.open, os.rename, os.access, os.fsync
_USAGE = shutil.disk_usage("/")


def take_away() -> None:
    """From now on they are missing."""
    shutil.disk_usage = lambda _: _USAGE
    for name in MODULES:
        sys.modules[name] = None
    played = types.ModuleType("msvcrt")
    played.LK_NBLCK, played.locking = 2, _flock
    sys.modules["msvcrt"] = played
    os.supports_effective_ids, os.supports_dir_fd = set(), set()
    for name in CALLS:
        delattr(os, name)
    os.open, os.rename, os.access, os.fsync = _open, _rename, _access, _fsync
    ctypes.CDLL, socket.socketpair = _no_libc, _pair
    del socket.AF_UNIX, socket.SOCK_CLOEXEC, select.poll, time.CLOCK_BOOTTIME
    for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGKILL", "SIGPIPE", "SIGALRM", *_MASKS):
        delattr(signal, name)


if __name__ == "__main__":
    take_away()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
