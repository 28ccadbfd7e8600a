"""
A disk that forgets: what was not synced may be lost, torn or out of order when the power goes. Pure, one seed.

What it guarantees is what POSIX does, which is less than what ext4 does; a program that is right here is right on any
filesystem that people run:

- `sync_file` (fsync, fdatasync) makes the bytes and the length of one file durable, and **not its name**.
- `sync_folder` (fsync of a directory) makes every change of a name in that directory durable, and what those changes
  build on; **not the name of the directory itself** in the one above it.
- `sync_all` (syncfs) makes everything durable.
- A change of names (create, link, unlink, rename, exchange, mkdir, rmdir) is atomic: all or nothing. A rename over
  another name shows the old file or the new one, a move between directories shows the file in one of them, an exchange
  both names as they were or both exchanged.
- Changes that share no name are durable in any order. Of those that do, a later one is never there without the earlier.

At the cut (`survivor`) the seed chooses, of what was not synced:

- names: a prefix of all changes, or any subset that keeps the order of those that share a name. So a name may be there
  without content, a rename or an unlink may be lost while a later change of another name is kept;
- content: the file is cut off after any of its writes and truncations, and of the writes before that every sector of
  512 bytes is there or is not, alone: torn pages, reordered writes, holes of zeros where only the length came.
  A sector shows what was written to it last, or before, or what was synced. Bytes beside those written are never harmed
  (SQLite calls it powersafe overwrite). Different files know nothing of each other.

`journaled=True` is like ext4: names are durable in their order only, and any sync makes all changes of names durable.
What a filesystem promises beyond (that a rename over a file waits for the bytes of the new one, say) is not modelled.
Modes and times survive; nobody's promise hangs on them. A file without a name is gone.
"""

import errno
import stat
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

SECTOR = 512
ROOT = 1

Name = tuple[int, bytes]
"""A name: the directory that it is in, and itself."""


@dataclass(slots=True)
class Inode:
    """A file or a directory, as it is now and as it would be after a cut at its worst."""

    number: int
    mode: int
    mtime: int
    content: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    volatile: list[int | tuple[int, bytes]] = field(default_factory=list)
    """In order: a new length, or bytes written from an offset on."""
    names: dict[bytes, int] = field(default_factory=dict)
    durable_names: dict[bytes, int] = field(default_factory=dict)
    links: int = 0

    @property
    def is_folder(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)


class Disk:
    """The files, in memory. Raises OSError as a filesystem does."""

    def __init__(self, *, journaled: bool = False) -> None:
        self.journaled = journaled
        self.inodes = {ROOT: Inode(ROOT, stat.S_IFDIR | 0o755, time.time_ns(), links=1)}
        self.changes: list[dict[Name, int | None]] = []
        """Changes of names that are not durable yet, in order: each name that is touched, and what it names then."""
        self._last = ROOT

    # Looking

    def at(self, number: int) -> Inode:
        """The inode."""
        return self.inodes[number]

    def find(self, folder: int, name: bytes) -> Inode:
        """What a name names."""
        try:
            return self.inodes[self._folder(folder).names[name]]
        except KeyError:
            raise OSError(errno.ENOENT, "") from None

    def durable(self, path: str) -> bytes | None:
        """What would be at `path` if everything that may be lost were lost; None: no such file."""
        inode = self.inodes[ROOT]
        for part in path.encode().strip(b"/").split(b"/"):
            number = inode.durable_names.get(part)
            if number is None:
                return None
            inode = self.inodes[number]
        return bytes(inode.durable)

    def path(self, number: int) -> str:
        """One of the paths of an inode now; for those who count."""
        below = {number: ""}
        for folder, name in self._parents(number):
            below[folder] = f"{name}/{below[number]}" if below[number] else name
            number = folder
        return below.get(ROOT, "?") or "."

    def _parents(self, number: int) -> Iterator[tuple[int, str]]:
        while number != ROOT:
            found = next(
                (
                    (inode.number, name.decode("utf-8", "replace"))
                    for inode in self.inodes.values()
                    for name, named in inode.names.items()
                    if named == number
                ),
                None,
            )
            if found is None:
                return
            yield found
            number = found[0]

    def _folder(self, number: int) -> Inode:
        inode = self.inodes[number]
        if not inode.is_folder:
            raise OSError(errno.ENOTDIR, "")
        return inode

    # Changing content

    def write(self, number: int, offset: int, data: bytes) -> None:
        """Put bytes there."""
        inode = self.inodes[number]
        _put(inode.content, offset, data)
        inode.volatile.append((offset, data))
        inode.mtime = time.time_ns()

    def truncate(self, number: int, size: int) -> None:
        """Give it that length."""
        inode = self.inodes[number]
        _resize(inode.content, size)
        inode.volatile.append(size)
        inode.mtime = time.time_ns()

    # Changing names

    def make(self, folder: int, name: bytes, mode: int) -> Inode:
        """A new file or directory."""
        if name in self._folder(folder).names:
            raise OSError(errno.EEXIST, "")
        self._last += 1
        made = self.inodes[self._last] = Inode(self._last, mode, time.time_ns())
        self._change({(folder, name): made.number})
        return made

    def link(self, number: int, folder: int, name: bytes) -> Inode:
        """A second name for a file."""
        if name in self._folder(folder).names:
            raise OSError(errno.EEXIST, "")
        self._change({(folder, name): number})
        return self.inodes[number]

    def unlink(self, folder: int, name: bytes) -> None:
        """Remove a name; a directory must be empty."""
        if self.find(folder, name).names:
            raise OSError(errno.ENOTEMPTY, "")
        self._change({(folder, name): None})

    def rename(self, folder: int, name: bytes, target: int, new: bytes, *, replace: bool = True) -> None:
        """Move a name."""
        moved, there = self.find(folder, name), self._folder(target).names.get(new)
        if there is not None and not replace:
            raise OSError(errno.EEXIST, "")
        if there is not None and self.inodes[there].names:
            raise OSError(errno.ENOTEMPTY, "")
        self._change({(folder, name): None, (target, new): moved.number})

    def exchange(self, folder: int, name: bytes, target: int, new: bytes) -> None:
        """Let each name have what the other named."""
        one, other = self.find(folder, name), self.find(target, new)
        self._change({(folder, name): other.number, (target, new): one.number})

    def _change(self, change: dict[Name, int | None]) -> None:
        for (folder, name), number in change.items():
            before = self.inodes[folder].names.get(name)
            if before is not None:
                self.inodes[before].links -= 1
            if number is not None:
                self.inodes[number].links += 1
            _set(self.inodes[folder].names, name, number)
            self.inodes[folder].mtime = time.time_ns()
        self.changes.append(change)

    # Syncing

    def sync_file(self, number: int) -> None:
        """fsync and fdatasync of a file."""
        _settle(self.inodes[number])
        if self.journaled:
            self._keep(self.changes)

    def sync_folder(self, number: int) -> None:
        """fsync of a directory: its changes, and the earlier ones of the names that they touch."""
        wanted: list[dict[Name, int | None]] = []
        touched: set[Name] = set()
        for change in reversed(self.changes):
            if self.journaled or touched & change.keys() or any(folder == number for folder, _ in change):
                wanted.append(change)
                touched |= change.keys()
        self._keep(wanted[::-1])

    def sync_all(self) -> None:
        """syncfs."""
        for inode in self.inodes.values():
            _settle(inode)
        self._keep(self.changes)

    def _keep(self, changes: list[dict[Name, int | None]]) -> None:
        kept = {id(change) for change in changes}
        for change in changes:
            for (folder, name), number in change.items():
                _set(self.inodes[folder].durable_names, name, number)
        self.changes = [change for change in self.changes if id(change) not in kept]

    # The cut

    def survivor(self, seed: int) -> tuple["Disk", Counter[str]]:
        """What is there when the power is back, all of it durable, and what was lost. This disk is spent."""
        rng, lost = Random(seed), Counter[str]()
        self._keep(list(self._surviving(rng, lost)))
        left = Disk(journaled=self.journaled)
        left._last = self._last
        left.inodes = {number: self.inodes[number] for number in self._reachable()}
        for inode in left.inodes.values():
            inode.durable = _torn(inode, rng, lost)
            inode.content, inode.volatile, inode.links = bytearray(inode.durable), [], 0
            inode.names = dict(inode.durable_names)
        left.inodes[ROOT].links = 1
        for inode in left.inodes.values():
            for number in inode.names.values():
                left.inodes[number].links += 1
        return left, lost

    def _surviving(self, rng: Random, lost: Counter[str]) -> Iterator[dict[Name, int | None]]:
        if self.journaled or rng.random() < 0.5:
            prefix = rng.choice((0, len(self.changes), rng.randint(0, len(self.changes))))
            lost["names"] += len(self.changes) - prefix
            yield from self.changes[:prefix]
            return
        likely, gone = rng.choice((0.1, 0.5, 0.9)), set[Name]()
        for change in self.changes:
            if gone & change.keys() or rng.random() > likely:
                gone |= change.keys()
                lost["names"] += 1
            else:
                yield change

    def _reachable(self) -> set[int]:
        found, waiting = {ROOT}, [ROOT]
        while waiting:
            new = set(self.inodes[waiting.pop()].durable_names.values()) - found
            found |= new
            waiting += new
        return found


def _torn(inode: Inode, rng: Random, lost: Counter[str]) -> bytearray:
    """The content of a file after a cut."""
    content = bytearray(inode.durable)
    if not inode.volatile:
        return content
    end = rng.choice((0, len(inode.volatile), rng.randint(0, len(inode.volatile))))
    likely = rng.choice((0.1, 0.5, 0.9, 1.0))
    lost["writes"] += len(inode.volatile) - end
    for one in inode.volatile[:end]:
        if isinstance(one, int):
            _resize(content, one)
            continue
        offset, data = one
        sectors = list(_sectors(offset, data))
        there = [sector for sector in sectors if rng.random() <= likely]
        _resize(content, max(len(content), offset + len(data)))
        for start, piece in there:
            _put(content, start, piece)
        lost["torn"] += 0 < len(there) < len(sectors)
        lost["writes"] += not there
    return content


def _sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    start = 0
    while start < len(data):
        end = min(len(data), start + SECTOR - (offset + start) % SECTOR)
        yield offset + start, data[start:end]
        start = end


def _settle(inode: Inode) -> None:
    for one in inode.volatile:
        if isinstance(one, int):
            _resize(inode.durable, one)
        else:
            _put(inode.durable, *one)
    inode.volatile.clear()


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        _resize(content, offset)
    content[offset : offset + len(data)] = data


def _resize(content: bytearray, size: int) -> None:
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def _set(names: dict[bytes, int], name: bytes, number: int | None) -> None:
    if number is None:
        names.pop(name, None)
    else:
        names[name] = number
