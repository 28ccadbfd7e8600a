"""
A `Disk` as a mounted filesystem: the kernel's FUSE protocol over /dev/fuse, in a process of its own.

Neither libfuse nor a binding: their high-level interface knows paths, where power cuts are about inodes (two names of
one file, an open file without a name, an exchange of names), and what is needed of the protocol is two pages.

The kernel keeps no writes back (no FUSE_WRITEBACK_CACHE): every write(2), truncation and change of a name is a request
that was answered before the caller goes on, so what is volatile is volatile here. Only pages of shared mappings (the
``-shm`` of SQLite, never synced, rebuilt after a cut) wait in the kernel. What it caches of names or attributes is not
believed for longer than a call; what it caches of contents goes with the mount.

syncfs(2) does not reach an ordinary FUSE filesystem (the kernel asks only virtiofs), so whoever means it sets the
attribute `SYNCFS` on any file descriptor of the mount instead: see `launcher.py`.

Run as ``python mount.py FOLDER [journaled]``. Orders come as lines of JSON on stdin, a line of answer for each; the end
of stdin ends it and takes the mount away.
"""

import base64
import ctypes
import errno
import json
import os
import select
import stat
import struct
import sys
import time
from collections.abc import Callable
from copy import deepcopy

from disk import Disk, Inode

SYNCFS = "user.powercut.syncfs"
_MAX_WRITE = 1 << 17
_BUFFER = _MAX_WRITE + 4096
_MNT_FORCE_DETACH = 1 | 2
_BIG_WRITES, _MAX_PAGES = 1 << 5, 1 << 22
_FATTR_MODE, _FATTR_SIZE, _FATTR_MTIME, _FATTR_MTIME_NOW = 1, 8, 32, 256
_NOREPLACE, _EXCHANGE = 1, 2
_DATASYNC = 1
_LIBC = ctypes.CDLL(None, use_errno=True)

_HEAD = struct.Struct("<IIQQIIII")
_ANSWER = struct.Struct("<IiQ")
_ATTR = struct.Struct("<6Q10I")
_ENTRY = struct.Struct("<4Q2I")
_SETATTR = struct.Struct("<II6Q8I")
_PIECE = struct.Struct("<QQIIQII")
_DIRENT = struct.Struct("<QQII")


class Server:
    """The mount, and what the orders ask of it."""

    def __init__(self, folder: str, *, journaled: bool) -> None:
        self.folder = folder
        self.disk = Disk(journaled=journaled)
        self.kept: Disk | None = None
        self.dead = False
        self.countdown: int | None = None
        self.changes = 0
        self.syncs: list[tuple[str, str]] = []
        self.listings: dict[int, list[tuple[bytes, int, int]]] = {}
        self.opened = 0
        self.fuse = -1
        self.mount()

    # The mount

    def mount(self) -> None:
        """Appear in the folder."""
        self.fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        data = f"fd={self.fuse},rootmode=40755,user_id=0,group_id=0,default_permissions,allow_other".encode()
        if _LIBC.mount(b"powercut", self.folder.encode(), b"fuse.powercut", 0, data):
            raise OSError(ctypes.get_errno(), "mount")

    def unmount(self) -> None:
        """Disappear. The kernel forgets what it cached: whoever still holds a file holds nothing."""
        os.close(self.fuse)
        if _LIBC.umount2(self.folder.encode(), _MNT_FORCE_DETACH):
            raise OSError(ctypes.get_errno(), "umount")

    def serve(self) -> None:
        """Until stdin ends."""
        while True:
            poll = select.poll()
            poll.register(self.fuse, select.POLLIN)
            poll.register(0, select.POLLIN)
            for descriptor, _ in poll.poll():
                if descriptor == 0:
                    line = sys.stdin.buffer.readline()
                    if not line:
                        self.unmount()
                        return
                    answer = json.dumps(self.obey(json.loads(line))).encode() + b"\n"
                    os.write(1, answer)
                    break
                self.answer_one()

    # Orders

    def obey(self, order: dict[str, object]) -> object:
        """Carry one out."""
        return getattr(self, f"order_{order.pop('do')}")(**order)

    def order_cut(self, after: int | None) -> None:
        """Die now, or in place of the change that follows so many more (a sync is one)."""
        self.countdown = after
        self.dead = after is None

    def order_look(self) -> dict[str, object]:
        """How it is."""
        return {"dead": self.dead, "changes": self.changes}

    def order_on(self, seed: int) -> dict[str, int]:
        """The power is back: what survived, mounted afresh; what was lost."""
        left, lost = self.disk.survivor(seed)
        self._become(left)
        return lost

    def order_keep(self) -> None:
        """Remember all of it as it is, synced."""
        self.disk.sync_all()
        self.kept = deepcopy(self.disk)

    def order_back(self) -> None:
        """Be again as it was then."""
        self._become(deepcopy(self.kept))

    def order_syncs(self) -> list[tuple[str, str]]:
        """What was synced since this was asked last: kind and path."""
        found, self.syncs = self.syncs, []
        return found

    def order_durable(self, path: str) -> str | None:
        """What is certain to be at a path after a cut now, in base64."""
        content = self.disk.durable(path)
        return None if content is None else base64.b64encode(content).decode()

    def _become(self, disk: Disk) -> None:
        self.unmount()
        self.disk, self.dead, self.countdown, self.changes, self.syncs = disk, False, None, 0, []
        self.mount()

    # The protocol

    def answer_one(self) -> None:
        """Take a request and answer it."""
        try:
            request = os.read(self.fuse, _BUFFER)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR, errno.EAGAIN):
                return
            raise
        _, code, unique, node, *_ = _HEAD.unpack_from(request)
        handler = HANDLERS.get(code, unknown)
        if handler is forget:
            return
        try:
            self._live(handler)
            body = handler(self, node, request[_HEAD.size :])
            head = _ANSWER.pack(_ANSWER.size + len(body), 0, unique)
        except OSError as error:
            body, head = b"", _ANSWER.pack(_ANSWER.size, -(error.errno or errno.EIO), unique)
        try:
            os.writev(self.fuse, (head, body))
        except OSError as error:
            if error.errno != errno.ENOENT:  # whoever asked was killed meanwhile
                raise

    def _live(self, handler: Callable[..., bytes]) -> None:
        if handler in CHANGES and not self.dead:
            self.changes += 1
            if self.countdown is not None:
                self.countdown -= 1
                self.dead = self.countdown < 0
        if self.dead and handler is not begin:
            raise OSError(errno.EIO, "")

    def synced(self, kind: str, node: int) -> None:
        """Write down a sync."""
        self.syncs.append((kind, self.disk.path(node)))


def begin(_: Server, __: int, body: bytes) -> bytes:
    """FUSE_INIT."""
    major, _, ahead, flags = struct.unpack_from("<4I", body)
    return struct.pack(
        "<4IHHIIHH8I", major, 31, ahead, flags & (_BIG_WRITES | _MAX_PAGES), 0, 0, _MAX_WRITE, 1, 32, 0, *[0] * 8
    )


def unknown(_: Server, __: int, ___: bytes) -> bytes:
    """Any other request: the kernel does without, or tells the caller."""
    raise OSError(errno.ENOSYS, "")


def forget(_: Server, __: int, ___: bytes) -> bytes:
    """FUSE_FORGET, which has no answer: nothing is forgotten before the power is."""
    return b""


def lookup(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_LOOKUP."""
    return _entry(server.disk.find(node, body.rstrip(b"\0")))


def getattr_(server: Server, node: int, _: bytes) -> bytes:
    """FUSE_GETATTR."""
    return struct.pack("<QII", 0, 0, 0) + _attributes(server.disk.at(node))


def setattr_(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_SETATTR."""
    valid, _, _, size, _, _, mtime, _, _, nanos, _, mode, *_ = _SETATTR.unpack_from(body)
    inode = server.disk.at(node)
    if valid & _FATTR_SIZE:
        server.disk.truncate(node, size)
    if valid & _FATTR_MODE:
        inode.mode = stat.S_IFMT(inode.mode) | stat.S_IMODE(mode)
    if valid & _FATTR_MTIME_NOW:
        inode.mtime = time.time_ns()
    elif valid & _FATTR_MTIME:
        inode.mtime = mtime * 10**9 + nanos
    return getattr_(server, node, b"")


def mkdir(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_MKDIR."""
    mode, _ = struct.unpack_from("<II", body)
    return _entry(server.disk.make(node, body[8:].rstrip(b"\0"), stat.S_IFDIR | stat.S_IMODE(mode)))


def create(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_CREATE."""
    _, mode, _, _ = struct.unpack_from("<4I", body)
    made = server.disk.make(node, body[16:].rstrip(b"\0"), stat.S_IFREG | stat.S_IMODE(mode))
    return _entry(made) + struct.pack("<QII", 0, 2, 0)


def unlink(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_UNLINK and FUSE_RMDIR."""
    server.disk.unlink(node, body.rstrip(b"\0"))
    return b""


def link(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_LINK."""
    (old,) = struct.unpack_from("<Q", body)
    return _entry(server.disk.link(old, node, body[8:].rstrip(b"\0")))


def rename(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_RENAME."""
    (target,) = struct.unpack_from("<Q", body)
    return _rename(server, node, target, body[8:], 0)


def rename2(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_RENAME2."""
    target, flags, _ = struct.unpack_from("<QII", body)
    return _rename(server, node, target, body[16:], flags)


def open_(_: Server, __: int, ___: bytes) -> bytes:
    """FUSE_OPEN; the flag keeps what is cached, since nobody changes files but through the mount."""
    return struct.pack("<QII", 0, 2, 0)


def nothing(_: Server, __: int, ___: bytes) -> bytes:
    """FUSE_RELEASE and the like."""
    return b""


def read(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_READ."""
    _, offset, size, *_ = _PIECE.unpack_from(body)
    return bytes(server.disk.at(node).content[offset : offset + size])


def write(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_WRITE."""
    _, offset, size, *_ = _PIECE.unpack_from(body)
    server.disk.write(node, offset, body[_PIECE.size : _PIECE.size + size])
    return struct.pack("<II", size, 0)


def opendir(server: Server, node: int, _: bytes) -> bytes:
    """FUSE_OPENDIR: the names as they are now, for those who read them a page at a time."""
    names = list(server.disk.at(node).names.items())
    server.opened += 1
    server.listings[server.opened] = [(name, number, server.disk.at(number).mode) for name, number in names]
    return struct.pack("<QII", server.opened, 0, 0)


def releasedir(server: Server, _: int, body: bytes) -> bytes:
    """FUSE_RELEASEDIR."""
    server.listings.pop(struct.unpack_from("<Q", body)[0], None)
    return b""


def readdir(server: Server, _: int, body: bytes) -> bytes:
    """FUSE_READDIR."""
    opened, offset, size, *_ = _PIECE.unpack_from(body)
    found = b""
    for place, (name, number, mode) in enumerate(server.listings[opened][offset:], offset + 1):
        one = _DIRENT.pack(number, place, len(name), stat.S_IFMT(mode) >> 12) + name
        one += bytes(-len(one) % 8)
        if len(found) + len(one) > size:
            break
        found += one
    return found


def statfs(_: Server, __: int, ___: bytes) -> bytes:
    """FUSE_STATFS."""
    return struct.pack("<5Q10I", 1 << 24, 1 << 23, 1 << 23, 1 << 20, 1 << 19, 4096, 255, 4096, *[0] * 7)


def fsync(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_FSYNC."""
    _, flags, _ = struct.unpack_from("<QII", body)
    server.synced("fdatasync" if flags & _DATASYNC else "fsync", node)
    server.disk.sync_file(node)
    return b""


def fsyncdir(server: Server, node: int, _: bytes) -> bytes:
    """FUSE_FSYNCDIR."""
    server.synced("fsync", node)
    server.disk.sync_folder(node)
    return b""


def syncfs(server: Server, node: int, body: bytes) -> bytes:
    """FUSE_SETXATTR of one name; others do not exist."""
    if body[8:].split(b"\0")[0] != SYNCFS.encode():
        raise OSError(errno.EOPNOTSUPP, "")
    server.synced("syncfs", node)
    server.disk.sync_all()
    return b""


HANDLERS: dict[int, Callable[[Server, int, bytes], bytes]] = {
    1: lookup, 2: forget, 3: getattr_, 4: setattr_, 9: mkdir, 10: unlink, 11: unlink, 12: rename, 13: link, 14: open_,
    15: read, 16: write, 17: statfs, 18: nothing, 20: fsync, 21: syncfs, 25: nothing, 26: begin, 27: opendir,
    28: readdir, 29: releasedir, 30: fsyncdir, 35: create, 36: forget, 42: forget, 45: rename2,
}  # fmt: skip
CHANGES = frozenset((setattr_, mkdir, unlink, rename, rename2, link, write, fsync, fsyncdir, syncfs, create))


def _rename(server: Server, folder: int, target: int, names: bytes, flags: int) -> bytes:
    old, new, _ = names.split(b"\0", 2)
    if flags & _EXCHANGE:
        server.disk.exchange(folder, old, target, new)
    else:
        server.disk.rename(folder, old, target, new, replace=not flags & _NOREPLACE)
    return b""


def _entry(inode: Inode) -> bytes:
    return _ENTRY.pack(inode.number, 0, 0, 0, 0, 0) + _attributes(inode)


def _attributes(inode: Inode) -> bytes:
    seconds, nanos = divmod(inode.mtime, 10**9)
    size = len(inode.content)
    return _ATTR.pack(
        inode.number, size, -(-size // 512), seconds, seconds, seconds, nanos, nanos, nanos, inode.mode,
        inode.links, 0, 0, 0, 4096, 0,
    )  # fmt: skip


if __name__ == "__main__":
    Server(sys.argv[1], journaled="journaled" in sys.argv[2:]).serve()
