"""A disk of a few megabytes that can be filled, emptied, taken away and brought back: a tmpfs, which root may mount."""

import contextlib
import os
import subprocess
from pathlib import Path

MEGABYTE = 1 << 20


class SmallDisk:
    """A mounted tmpfs. Raises OSError where this user may not mount."""

    def __init__(self, folder: Path, *, size: int = 24 * MEGABYTE, files: int = 2_000) -> None:
        self.folder = folder
        folder.mkdir()
        done = mount("-t", "tmpfs", "-o", f"size={size},nr_inodes={files}", "tmpfs", str(folder))
        if done.returncode:
            raise OSError(done.stderr)

    @property
    def free(self) -> int:
        """Bytes that anybody may still write."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self, name: str = "relleno") -> None:
        """Write until not one page is free."""
        with contextlib.suppress(OSError), (self.folder / name).open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * min(max(self.free, 4096), MEGABYTE))

    def take_files(self) -> None:
        """Make empty files until not one more can be made."""
        taken = self.folder / "vacios"
        taken.mkdir()
        with contextlib.suppress(OSError):
            for number in range(100_000):
                (taken / str(number)).touch()

    def make_room(self) -> None:
        """Remove what filled it."""
        for path in self.folder.glob("relleno*"):
            path.unlink()
        for path in (self.folder / "vacios").glob("*"):
            path.unlink()

    def end(self) -> None:
        """Unmount it, whoever still works in it."""
        mount("-l", str(self.folder), command="umount")


def mount(*words: str, command: str = "mount") -> subprocess.CompletedProcess[str]:
    """``mount`` or ``umount`` with these words."""
    return subprocess.run([command, *words], capture_output=True, text=True, check=False)
