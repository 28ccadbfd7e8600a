"""Where the working folders are, and whether they can be worked in."""

import errno
import itertools
import os
import re
from contextlib import suppress

from sincronizador import files, native
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator

TILL_LENGTH = 8
"""Characters of a till's name: what a DOS program can write."""

_FILES = (".txt", ".xml", ".rsp", ".val", ".pdf", ".png", ".json", ".tmp")
"""A folder called like a request or an answer is no till: its answers would be in the way of theirs."""

_NETWORK = re.compile(r"cifs|smb\w*|nfs\d?|9p|fuse.*|virtiofs|ncpfs|afs|ceph|vboxsf|prl_fs|drvfs|lustre")
"""Filesystems on which the kernel does not tell what other machines do."""
_MOUNTS = "/proc/self/mountinfo"
_OCTAL = re.compile(r"\\([0-7]{3})")


class Layout:
    """
    The seven working folders of an installation, absolute.

    `entrada` and `salida` may lie elsewhere than below `spool`, on the same filesystem: a file is taken and put aside
    by renaming it.
    """

    def __init__(self, spool: str, entrada: str | None = None, salida: str | None = None) -> None:
        self.spool = os.path.abspath(spool)
        self.entrada = os.path.abspath(entrada or os.path.join(spool, "entrada"))
        self.salida = os.path.abspath(salida or os.path.join(spool, "salida"))
        self.validar, self.novedades, self.procesando, self.procesados, self.rechazados = (
            os.path.join(self.spool, name)
            for name in ("validar", "novedades", "procesando", "procesados", "rechazados")
        )

    @property
    def _recibidos(self) -> str:
        return os.path.join(self.spool, "recibidos")

    def recibidos(self) -> str:
        """
        The folder of what other issuers made out to ours, made when it is missing: only who asks for it has it.

        Raises `NeedsOperator` when that is impossible.
        """
        files.make_folder(self._recibidos)
        return self._recibidos

    @property
    def cae(self) -> str:
        """Where an operator drops files with numbers."""
        return os.path.join(self.spool, "cae")

    @property
    def http(self) -> str:
        """Where the HTTP door drops what it takes; the door makes it, so an installation without one has none."""
        return os.path.join(self.spool, "http")

    @property
    def folders(self) -> tuple[str, ...]:
        """All of them."""
        return (
            self.entrada,
            self.validar,
            self.salida,
            self.novedades,
            self.procesando,
            self.procesados,
            self.rechazados,
        )

    @property
    def is_there(self) -> bool:
        """Whether somebody worked there before: not so where the disk of the folders is not mounted."""
        return os.path.isdir(self.procesando)

    def prepare(self) -> None:
        """
        Make what is missing and remove what a crash left half-written. Only the daemon that owns them calls it.

        Modes and groups are left to umask and to the set-group-ID bit of the folder above. Raises the first
        `NeedsOperator` of `troubles`, or that of a folder that cannot be made.
        """
        self.mend()
        for till in ("", *self.tills()):
            for folder in (self.salida_of(till), self.novedades_of(till)):
                files.sweep_temporaries(folder)
        if os.path.isdir(self._recibidos):
            files.sweep_temporaries(self._recibidos)
        if os.path.isdir(self.cae):
            files.sweep_temporaries(self.cae)
        for root in (self.procesados, self.rechazados):
            # A crash leaves its traces where it was working: in the newest days.
            for day in sorted(_subfolders(root))[-2:]:
                files.sweep_temporaries(os.path.join(root, day))

    def mend(self) -> None:
        """Make what is missing, also while others work there. Raises as `prepare`."""
        for folder in self.folders:
            files.make_folder(folder, parents=True)
        for trouble in self.troubles():
            raise trouble

    def troubles(self) -> list[NeedsOperator]:
        """What stops work in the folders: overlapping, missing, no permission, read-only, not on one filesystem."""
        pairs = itertools.permutations(self.folders, 2)
        found = [_overlap(folder) for folder, other in pairs if _is_within(folder, other)]
        found += [files.trouble(error, folder) for folder in self.folders if (error := _refused(folder))]
        if not found:
            home = _disk(self.procesando)
            strangers = [folder for folder in self.folders if _disk(folder) != home]
            found = [files.trouble(OSError(errno.EXDEV, ""), folder) for folder in strangers]
        return found

    def notes(self) -> list[str]:
        """What a person should know about the folders though it stops nothing, a Spanish sentence each."""
        found = []
        if kind := self.network():
            where = files.printable(self.entrada)
            found.append(f"«{where}» está en una carpeta de red ({kind}): se revisa cada medio segundo.")
        for root in (self.entrada, self.validar):
            long = (os.path.join(root, name) for name in sorted(_subfolders(root)) if len(name) > TILL_LENGTH)
            found += [f"«{files.printable(path)}» no se mira: una caja tiene hasta 8 caracteres." for path in long]
        return found

    def network(self) -> str:
        """The kind of network filesystem that `entrada` or `validar` is on (``cifs``, ``nfs4``); else empty."""
        kinds = (filesystem_of(folder)[1] for folder in (self.entrada, self.validar))
        return next((kind for kind in kinds if _NETWORK.fullmatch(kind)), "")

    def mount(self) -> str:
        """Where the filesystem of `spool` is mounted, also while `spool` itself is not there."""
        return filesystem_of(self.spool)[0]

    def tills(self) -> list[str]:
        """The tills there are: first-level folders of `entrada` and `validar` with a name of at most 8 characters."""
        return sorted({till for root in (self.entrada, self.validar) for till in tills_in(root)})

    def salida_of(self, till: str) -> str:
        """The folder of a till's answers, made when it is missing. Raises `NeedsOperator` when that is impossible."""
        return _of_till(self.salida, till)

    def novedades_of(self, till: str) -> str:
        """The folder of a till's news, made when it is missing. Raises `NeedsOperator` when that is impossible."""
        return _of_till(self.novedades, till)


def tills_in(root: str) -> list[str]:
    """The tills below one of the folders that files are dropped into; none where it cannot be listed."""
    return [name for name in _subfolders(root) if is_till(name)]


def is_till(name: str) -> bool:
    """Whether a subfolder of that name is a till."""
    return len(name) <= TILL_LENGTH and not name.startswith(".") and not name.lower().endswith(_FILES)


def _of_till(root: str, till: str) -> str:
    if not till:
        return root
    folder = os.path.join(root, till)
    # Only the last stretch: a root that is missing may be a disk that is not mounted, and nobody would look below it.
    files.make_folder(folder)
    return folder


def _subfolders(root: str) -> list[str]:
    """None for a folder that cannot be listed: `Layout.troubles` and every scan say so."""
    with suppress(OSError), os.scandir(root) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _is_within(folder: str, other: str) -> bool:
    inner, outer = (os.path.join(os.path.realpath(path), "") for path in (folder, other))
    return inner.startswith(outer)


def _overlap(folder: str) -> NeedsOperator:
    finding = codes.OVERLAP.at(detalle=files.printable(folder))
    return NeedsOperator(finding.code, finding.message)


def _refused(folder: str) -> OSError | None:
    if not os.path.isdir(folder):
        return FileNotFoundError(errno.ENOENT, "")
    if native.disk_room(folder).read_only:
        return OSError(errno.EROFS, "")
    if not native.may(folder, os.R_OK | os.W_OK | os.X_OK):
        return PermissionError(errno.EACCES, "")
    return None


def _disk(folder: str) -> tuple[int, str]:
    """What two folders share that can rename to each other: one device, and one mount of it."""
    return os.stat(folder).st_dev, filesystem_of(folder)[0]


def filesystem_of(folder: str) -> tuple[str, str]:
    """Where the filesystem of `folder` is mounted, and its kind."""
    real, best, kind = os.path.realpath(folder), "", ""
    if not os.path.exists(_MOUNTS):
        return os.path.splitdrive(real)[0], ""
    with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            before, _, after = line.partition(" - ")
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), before.split(" ")[4])
            # Of two mounts on one point the later one is seen.
            if len(point) >= len(best) and (real == point or real.startswith(point.rstrip("/") + "/")):
                best, kind = point, after.split(" ")[0]
    return best, kind
