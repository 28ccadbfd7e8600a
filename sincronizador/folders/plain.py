"""Reading what a stranger dropped: only plain files of a decent size are ever opened."""

import errno
import os
import stat

from sincronizador import native
from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.errors import Rejected

_KINDS = (
    (stat.S_ISLNK, "es un enlace simbólico"),
    (stat.S_ISDIR, "es una carpeta"),
    (stat.S_ISFIFO, "es una tubería"),
    (stat.S_ISSOCK, "es un socket"),
    (stat.S_ISCHR, "es un dispositivo"),
    (stat.S_ISBLK, "es un dispositivo"),
)


def stat_plain(path: str, *, maximo: int) -> os.stat_result:
    """The state of a plain file. Raises `Rejected` E0102 for anything else and above `maximo` bytes; OSError."""
    return _plain(os.lstat(path), maximo)


def read_plain(path: str, *, maximo: int) -> bytes:
    """
    The bytes of a plain file.

    Links are not followed, devices and pipes not opened, also when the file is exchanged while we look. Raises
    `Rejected` E0102, and OSError as the system gave it.
    """
    stat_plain(path, maximo=maximo)
    try:
        descriptor = os.open(path, os.O_RDONLY | native.NOFOLLOW | native.NONBLOCK | native.NOCTTY | native.CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise refused(codes.NOT_PLAIN.at(detalle="es un enlace o un dispositivo")) from error
        raise
    with open(descriptor, "rb", buffering=0) as file:
        _plain(os.fstat(descriptor), maximo)
        content = bytearray()
        while len(content) <= maximo and (piece := file.read(1 << 20)):
            content += piece
    if len(content) > maximo:
        raise refused(_too_large(len(content), maximo))
    return bytes(content)


def refused(finding: Finding) -> Rejected:
    """The error of a file that cannot be taken."""
    return Rejected(finding.code, finding.message)


def _plain(status: os.stat_result, maximo: int) -> os.stat_result:
    for is_kind, sentence in _KINDS:
        if is_kind(status.st_mode):
            raise refused(codes.NOT_PLAIN.at(detalle=sentence))
    if status.st_size > maximo:
        raise refused(_too_large(status.st_size, maximo))
    return status


def _too_large(size: int, maximo: int) -> Finding:
    return codes.NOT_PLAIN.at(detalle=f"tiene {size} bytes o más y el máximo es {maximo}")
