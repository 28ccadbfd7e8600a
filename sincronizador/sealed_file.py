"""
A file that only a passphrase opens: scrypt makes the key, AES-256-GCM seals it in pieces.

Each piece's nonce holds its place and whether it is the last one (the STREAM construction): pieces that are changed,
missing, repeated or in another order do not open. The head is in clear; all of it but its state is sealed with the
pieces.
"""

import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sincronizador import progress
from sincronizador.core import codes
from sincronizador.errors import Rejected
from sincronizador.files import cause_of, printable

_MAGIC = b"SINCRONIZADOR SELLADO 1\n"
_STATES = (b"VIGENTE\n", b"ANULADO\n")
_LABEL = 64
_SALT = 16
_PREFIX = 7
_HEAD = len(_MAGIC) + len(_STATES[0]) + _LABEL + 1 + _SALT + _PREFIX
_PIECE = 1 << 20
_TAG = 16
_LOG_N = 17
"""128 MB and a third of a second for each guess (OWASP's advice for scrypt)."""
_MOST_LOG_N = 20
"""What a stranger's file may ask of this machine."""


@dataclass(frozen=True, slots=True)
class Head:
    """What can be read of one without its passphrase."""

    label: str
    is_void: bool
    """Somebody took it back."""


class Sealer:
    """A file object that can only be written; what is written comes out sealed once `close` was called."""

    def __init__(self, file: BinaryIO, passphrase: str, label: str) -> None:
        salt, self._prefix = secrets.token_bytes(_SALT), secrets.token_bytes(_PREFIX)
        self._file = file
        self._key = AESGCM(_key(passphrase, salt, _LOG_N))
        self._sealed = _MAGIC + label.encode("ascii").ljust(_LABEL) + bytes([_LOG_N]) + salt + self._prefix
        self._held = bytearray()
        self._place = 0
        file.write(_MAGIC + _STATES[0] + self._sealed[len(_MAGIC) :])

    def write(self, content: bytes) -> int:
        """Take more."""
        self._held += content
        while len(self._held) > _PIECE:
            self._put(bytes(self._held[:_PIECE]), is_last=False)
            del self._held[:_PIECE]
        return len(content)

    def flush(self) -> None:
        """Nothing: a piece leaves when it is whole."""

    def close(self) -> None:
        """Seal the last piece; the file itself stays open."""
        self._put(bytes(self._held), is_last=True)

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        self._file.write(self._key.encrypt(_nonce(self._prefix, self._place, is_last=is_last), piece, self._sealed))
        self._place += 1


def read_head(path: str) -> Head:
    """What a sealed file says of itself. Raises `Rejected` E9264 for one that is none or cannot be read."""
    with _opened(path, "rb") as file:
        head = file.read(_HEAD)
    return _parsed(head, path)


def unseal(path: str, passphrase: str) -> Iterator[bytes]:
    """
    What was sealed, piece by piece; it may be believed only when all of it came.

    Raises `Rejected`: E9264 for what is none, E9265 for another passphrase or a damaged file.
    """
    with _opened(path, "rb") as file:
        total = os.fstat(file.fileno()).st_size
        head = file.read(_HEAD)
        _parsed(head, path)
        sealed = head[: len(_MAGIC)] + head[len(_MAGIC) + len(_STATES[0]) :]
        salt, prefix = sealed[-_SALT - _PREFIX : -_PREFIX], sealed[-_PREFIX:]
        key = AESGCM(_key(passphrase, salt, sealed[-_SALT - _PREFIX - 1]))
        piece, place = file.read(_PIECE + _TAG), 0
        while True:
            following = file.read(_PIECE + _TAG)
            try:
                yield key.decrypt(_nonce(prefix, place, is_last=not following), piece, sealed)
            except InvalidTag as exc:
                raise codes.NOT_OPENED.at(detalle=printable(path)).as_error(Rejected) from exc
            progress.tell("Descifro", min(total, (place + 1) * _PIECE), total)
            if not following:
                return
            piece, place = following, place + 1


def make_void(path: str) -> None:
    """Say in its head that it was taken back, durable. Raises `Rejected` E9264."""
    read_head(path)
    with _opened(path, "r+b") as file:
        file.seek(len(_MAGIC))
        file.write(_STATES[1])
        file.flush()
        os.fsync(file.fileno())


def _parsed(head: bytes, path: str) -> Head:
    state = head[len(_MAGIC) : len(_MAGIC) + len(_STATES[0])]
    if len(head) < _HEAD or not head.startswith(_MAGIC) or state not in _STATES or not 0 < _log_n(head) <= _MOST_LOG_N:
        raise codes.NO_MOVE.at(detalle=printable(path), causa="no es un archivo de mudanza").as_error(Rejected)
    start = len(_MAGIC) + len(state)
    return Head(head[start : start + _LABEL].decode("ascii", "replace").strip(), state == _STATES[1])


def _log_n(head: bytes) -> int:
    return head[-_SALT - _PREFIX - 1]


def _key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << log_n, r=8, p=1).derive(passphrase.encode())


def _nonce(prefix: bytes, place: int, *, is_last: bool) -> bytes:
    return prefix + struct.pack(">IB", place, is_last)


@contextmanager
def _opened(path: str, mode: str) -> Iterator[BinaryIO]:
    try:
        with open(path, mode) as file:
            yield file  # type: ignore[misc]
    except OSError as exc:
        raise codes.NO_MOVE.at(detalle=printable(path), causa=cause_of(exc)).as_error(Rejected) from exc
