"""
The one way in which anything is written or moved: atomic, durable, never over a stranger's file.

A reader sees the old file or the whole new one. What returned has reached the disk, unless the caller said that it need
not. Nothing else in the project writes files.
"""

import ctypes
import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO

from sincronizador import native
from sincronizador.core import codes
from sincronizador.core.finding import Rule
from sincronizador.errors import NeedsOperator

_PREFIX, _SUFFIX = "~sinc", ".tmp"
_SMALL = 1 << 16
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_LIBC = native.LIBC

_RULES: dict[int, Rule] = {
    errno.ENOSPC: codes.DISK_FULL,
    errno.EDQUOT: codes.DISK_FULL,
    errno.EROFS: codes.READ_ONLY,
    errno.EACCES: codes.NO_PERMISSION,
    errno.EPERM: codes.NO_PERMISSION,
    errno.ENOENT: codes.NO_FOLDER,
    errno.ENOTDIR: codes.NO_FOLDER,
}
_CAUSES = {
    errno.EPERM: "no está permitido",
    errno.EACCES: "no hay permiso",
    errno.ENOENT: "no existe",
    errno.ENOTDIR: "no existe",
    errno.EEXIST: "ya existe",
    errno.ENOSPC: "el disco está lleno",
    errno.EDQUOT: "el disco está lleno",
    errno.EROFS: "el disco es de solo lectura",
    errno.EMFILE: "hay demasiados archivos abiertos",
    errno.ELOOP: "es un enlace",
    errno.EIO: "error de lectura o escritura",
    errno.EXDEV: "las carpetas no están en el mismo disco",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EISDIR: "hay una carpeta con ese nombre",
    errno.ESTALE: "la carpeta de red dejó de estar",
    errno.EADDRINUSE: "otro programa ya la usa",
    errno.EADDRNOTAVAIL: "esa dirección no es de esta máquina",
    errno.ECONNREFUSED: "nadie atiende ahí",
    errno.ECONNRESET: "se cortó",
    errno.EPIPE: "se cortó",
    errno.ETIMEDOUT: "no contesta",
    errno.EHOSTUNREACH: "no hay camino hasta ahí",
    errno.ENETUNREACH: "no hay red",
}


def trouble(error: OSError, path: str) -> NeedsOperator:
    """The sentence for a person about an error of the filesystem at `path`."""
    finding = _RULES.get(error.errno or 0, codes.FILESYSTEM).at(detalle=printable(path), causa=cause_of(error))
    return NeedsOperator(finding.code, finding.message)


def cause_of(error: OSError) -> str:
    """What the system said, in a few Spanish words; its own name for what is too rare to have any."""
    if isinstance(error, TimeoutError):
        return _CAUSES[errno.ETIMEDOUT]
    code = error.errno or 0
    return _CAUSES.get(code, errno.errorcode.get(code, "error desconocido"))


def printable(name: str) -> str:
    """A name of the filesystem for a person: control characters and undecodable bytes as ``?``."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def write_atomic(path: str, content: bytes, *, durable: bool = True, mode: int = 0o666) -> None:
    """
    Put `content` at `path`, whole, in place of what was there, with `mode` less the umask from its first byte on.

    With `durable=False` a power cut may bring back the old file or an empty one: only for what is rewritten anyway.
    Raises `NeedsOperator` (E92xx), then the old file is untouched.
    """
    with _translated(path):
        temporary = _stage(path, content, durable=durable, mode=mode)
        _publish(((temporary, path),))
        if durable:
            _sync_folders((path,))


@contextmanager
def building(path: str, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """
    A file that grows as a temporary beside `path` and takes its name, whole and on the disk, when the block ends.

    If the block raises, nothing of it stays and what was at `path` is untouched. Raises `NeedsOperator` (E92xx).
    """
    temporary = _temporary(path)
    with _translated(path):
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | native.CLOEXEC, mode)
        try:
            with open(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            _forget((temporary,))
            raise
        _publish(((temporary, path),))
        _sync_folders((path,))


def write_many(files: Iterable[tuple[str, bytes]], twins: Iterable[tuple[str, str]] = ()) -> None:
    """
    The promise of `write_atomic` for a batch, with one sync of the filesystem instead of one for each file.

    Files appear in the order given, so what an answer names can come before it; then the twins, each a second name
    ``(path, of)`` for one of the files: making a name costs a tenth of making a file. Where a filesystem has no links,
    a twin is a copy. Raises `NeedsOperator` (E92xx) naming the first folder; files that had not appeared by then are as
    they were. All of them share one filesystem.
    """
    contents, twins = dict(files), tuple(twins)
    if not contents:
        return
    with _translated(next(iter(contents))):
        _publish(_stage_all(contents.items()))
        for path, of in twins:
            _twin(path, of)
        _sync_folders([*contents, *(path for path, _ in twins)])


def write_over(files: Iterable[tuple[str, bytes]]) -> list[bool]:
    """
    Put new contents in place of files that are still there; whether each one was.

    A file that its reader removed stays removed, also when that happens at the last moment. One sync for all of them.
    Raises `NeedsOperator` (E92xx).
    """
    files = tuple(files)
    if not files:
        return []
    with _translated(files[0][0]):
        found = [_take_place(temporary, path) for temporary, path in _stage_all(files)]
        _sync_folders(path for path, _ in files)
    return found


def write_in_turn(path: str, spare: str, content: bytes) -> None:
    """
    Put a small `content` at `path`, whole, by two files that change places: from the second time on it takes no room.

    Not synced. Who still reads what was there before the last time may see it change. Raises `NeedsOperator` (E92xx).
    """
    with _translated(path):
        descriptor = _open_own(spare)
        try:
            # Never emptied first: on a full disk its block would be gone.
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.ftruncate(descriptor, len(content))
        finally:
            os.close(descriptor)
        try:
            _rename(spare, path, _RENAME_EXCHANGE)
        except NotImplementedError:
            os.replace(spare, path)
        except FileNotFoundError:
            _publish(((spare, path),))
            os.replace(_stage(path, content, durable=False), spare)


def _open_own(path: str) -> int:
    """A file of that name alone, to be written over; what leads elsewhere, or is none, is removed first."""
    flags = os.O_WRONLY | os.O_CREAT | native.NOFOLLOW | native.NONBLOCK | native.CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENXIO):
            raise
    else:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            return descriptor
        os.close(descriptor)
    os.unlink(path)
    return os.open(path, flags | os.O_EXCL, 0o666)


def has_room(folder: str) -> bool:
    """Whether a small file can be made in `folder`; False only for want of room."""
    path = _temporary(os.path.join(folder, ""))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | native.CLOEXEC, 0o600)
        try:
            native.allocate(descriptor, _SMALL)
        finally:
            os.close(descriptor)
            _forget((path,))
    except OSError as error:
        return error.errno not in (errno.ENOSPC, errno.EDQUOT)
    return True


def move_new(source: str, target: str, *, own_folder: bool = False) -> bool:
    """
    Move `source` to `target` unless something is there already: then False, and nothing moved.

    With `own_folder` the folder of `source` must be one, and no link to another: strangers may exchange it.
    Not synced: `sync_moved`, or a durable write into the target's folder, does that for many moves at once. Links,
    devices and folders are moved as they are, never followed. Raises `FileNotFoundError` when the source is gone (only
    the caller knows what that means) and `NeedsOperator` (E92xx) for everything else.
    """
    try:
        with _folder_of(source, own=own_folder) as folder:
            _rename_noreplace(source, target, folder)
    except FileExistsError:
        return False
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(source):
            raise
        # A rename writes in two folders; without permission only in the first, that is the one to name.
        writable = os.access(os.path.dirname(target), os.W_OK | os.X_OK)
        mine = isinstance(error, PermissionError) and writable
        raise trouble(error, os.path.dirname(source if mine else target)) from error
    return True


def move_unique(source: str, folder: str, name: str) -> str:
    """Move as `move_new` into `folder` under `name`, or ``~2``, ``~3`` ... before its extension; the new path."""
    stem, extension = os.path.splitext(name)
    target, number = os.path.join(folder, name), 1
    while not move_new(source, target):
        number += 1
        target = os.path.join(folder, f"{stem}~{number}{extension}")
    return target


def make_folder(folder: str, *, parents: bool = False, mode: int = 0o777) -> None:
    """
    Make `folder` unless it is there; its name is durable, or what is put into it would be lost with it.

    Raises `NeedsOperator` (E92xx).
    """
    try:
        os.mkdir(folder, mode)
    except FileExistsError as error:
        if not os.path.isdir(folder):
            raise trouble(NotADirectoryError(errno.ENOTDIR, ""), folder) from error
        return
    except FileNotFoundError as error:
        if not parents:
            raise trouble(error, folder) from error
        make_folder(os.path.dirname(folder), parents=True)
        make_folder(folder, mode=mode)
        return
    except OSError as error:
        raise trouble(error, folder) from error
    sync_folder(os.path.dirname(folder))


def put_in_place(finished: str, path: str) -> None:
    """
    Give a file that somebody else wrote beside `path` that name, whole and durable, in place of what was there.

    Raises `NeedsOperator` (E92xx).
    """
    with _translated(path):
        _fsync(finished, os.O_RDONLY)
        os.replace(finished, path)
        _sync_folders((path,))


def sync_moved(paths: Sequence[str]) -> None:
    """
    Make what was moved into one folder durable: names, and bytes, which whoever wrote them may never have synced.

    One sync of the filesystem for several. Raises `NeedsOperator` (E92xx).
    """
    with _translated(paths[0]):
        if len(paths) == 1 and _is_readable(paths[0]):
            _fsync(paths[0], os.O_RDONLY | native.NOFOLLOW)
        elif not _syncfs(os.path.dirname(paths[0])):
            for path in filter(_is_readable, paths):
                _fsync(path, os.O_RDONLY | native.NOFOLLOW)
        _sync_folders(paths)


def sync_folder(folder: str) -> None:
    """Make names that were made, moved or removed in `folder` durable. Raises `NeedsOperator` (E92xx)."""
    with _translated(os.path.join(folder, "")):
        _sync_folders((os.path.join(folder, ""),))


def sweep_temporaries(folder: str) -> None:
    """Remove what a crash left half-written in `folder`. Only names of our own making, only while nobody writes."""
    with _translated(os.path.join(folder, "")), os.scandir(folder) as entries:
        _forget([entry.path for entry in entries if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)])


@contextmanager
def _translated(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise trouble(error, os.path.dirname(path)) from error


def _temporary(path: str) -> str:
    return os.path.join(os.path.dirname(path), f"{_PREFIX}{secrets.token_hex(6)}{_SUFFIX}")


def _stage(path: str, content: bytes, *, durable: bool, mode: int = 0o666) -> str:
    """A new file beside `path` with the content; removed again if that fails."""
    temporary = _temporary(path)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | native.CLOEXEC, mode)
    try:
        with open(descriptor, "wb", buffering=0) as file:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]
            if durable:
                os.fsync(descriptor)
    except BaseException:
        _forget((temporary,))
        raise
    return temporary


def _stage_all(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Temporaries with their targets, their bytes on the disk; all removed again if that fails."""
    staged: list[tuple[str, str]] = []
    try:
        staged.extend((_stage(path, content, durable=False), path) for path, content in files)
        _sync_all([temporary for temporary, _ in staged])
    except BaseException:
        _forget(temporary for temporary, _ in staged)
        raise
    return staged


def _twin(path: str, of: str) -> None:
    temporary = _temporary(path)
    try:
        os.link(of, temporary)
    except FileNotFoundError:
        raise
    except OSError:
        with open(of, "rb") as file:
            write_atomic(path, file.read())
        return
    try:
        os.replace(temporary, path)
    finally:
        # Renaming one name of a file over another name of it does nothing and leaves both.
        _forget((temporary,))


def _take_place(temporary: str, path: str) -> bool:
    """Exchange the two names, which needs both to be there, and remove what was replaced."""
    try:
        _rename(temporary, path, _RENAME_EXCHANGE)
    except FileNotFoundError:
        return False
    except NotImplementedError:
        if not os.path.lexists(path):
            return False
        os.replace(temporary, path)
    finally:
        _forget((temporary,))
    return True


def _publish(staged: Iterable[tuple[str, str]]) -> None:
    waiting = iter(tuple(staged))
    for temporary, path in waiting:
        try:
            os.replace(temporary, path)
        except BaseException:
            _forget((temporary, *(other for other, _ in waiting)))
            raise


def _forget(temporaries: Iterable[str]) -> None:
    for temporary in temporaries:
        # The error that brought us here is what the caller must hear; a leftover is swept at the next start.
        with suppress(OSError):
            os.unlink(temporary)


def _sync_all(paths: list[str]) -> None:
    """The files' bytes on the disk: one syncfs for several, or where the system has none, one fsync each."""
    if len(paths) == 1:
        _fsync(paths[0], os.O_RDONLY)
        return
    if not _syncfs(os.path.dirname(paths[0]) or "."):
        for path in paths:
            _fsync(path, os.O_RDONLY)


def _syncfs(folder: str) -> bool:
    """Everything of the folder's filesystem on the disk; False where the system knows no such call."""
    if _LIBC is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY | native.DIRECTORY | native.CLOEXEC)
    try:
        if _LIBC.syncfs(descriptor) == 0:
            return True
        if ctypes.get_errno() not in (errno.ENOSYS, errno.EOPNOTSUPP):
            # A failed writeback is never tried again: the second sync would lie.
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return False
    finally:
        os.close(descriptor)


def _is_readable(path: str) -> bool:
    """Whether it is a plain file that may be opened: a pipe, say, would keep us waiting."""
    with suppress(OSError):
        return stat.S_ISREG(os.lstat(path).st_mode) and native.may(path, os.R_OK)
    return False


def _sync_folders(paths: Iterable[str]) -> None:
    if not native.DIRECTORY:
        return
    for folder in dict.fromkeys(os.path.dirname(path) or "." for path in paths):
        try:
            _fsync(folder, os.O_RDONLY | native.DIRECTORY)
        except OSError as error:
            # Some network filesystems know no sync of a folder: what they were told is already on the server.
            if error.errno != errno.EINVAL:
                raise


def _fsync(path: str, flags: int) -> None:
    # Windows syncs only what may be written.
    descriptor = os.open(path, (flags if native.DIRECTORY else flags | os.O_RDWR) | native.CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _folder_of(path: str, *, own: bool) -> Iterator[int]:
    """The folder that a path is in, held open so that nobody can put a link in its place; else where we are."""
    if not own or not native.DIRECTORY:
        yield _AT_FDCWD
        return
    descriptor = os.open(os.path.dirname(path), os.O_PATH | native.DIRECTORY | native.NOFOLLOW | native.CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _rename_noreplace(source: str, target: str, folder: int = _AT_FDCWD) -> None:
    try:
        _rename(source, target, _RENAME_NOREPLACE, folder)
    except NotImplementedError:
        # Only one daemon moves files there (its lock sees to it), so looking is enough.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
        if folder == _AT_FDCWD:
            os.rename(source, target)
        else:
            os.rename(os.path.basename(source), target, src_dir_fd=folder)


def _rename(source: str, target: str, flag: int, folder: int = _AT_FDCWD) -> None:
    """renameat2(2). Raises NotImplementedError where the filesystem lacks the flag, as those of networks do."""
    name = source if folder == _AT_FDCWD else os.path.basename(source)
    if _LIBC is None:
        raise NotImplementedError
    if not _LIBC.renameat2(folder, os.fsencode(name), _AT_FDCWD, os.fsencode(target), flag):
        return
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS):
        raise NotImplementedError
    raise OSError(code, os.strerror(code), source, None, target)
