"""Where dropped files end."""

from datetime import date
from pathlib import Path

import pytest

from sincronizador.errors import NeedsOperator
from sincronizador.folders.archive import archive
from sincronizador.folders.layout import Layout

DAY = date(2026, 11, 21)
CLAIMED = "V1~e0123456789ab.TXT"


def test_a_file_is_put_aside_unchanged_by_day_and_outcome(layout: Layout) -> None:
    Path(layout.procesando, CLAIMED).write_bytes(b"bytes\x00")
    path = archive(layout, CLAIMED, day=DAY, refused=False)
    assert path == str(Path(layout.procesados, "2026-11-21", CLAIMED))
    assert Path(path).read_bytes() == b"bytes\x00"
    Path(layout.procesando, CLAIMED).write_bytes(b"otros")
    assert archive(layout, CLAIMED, day=DAY, refused=True) == str(Path(layout.rechazados, "2026-11-21", CLAIMED))


def test_putting_aside_again_after_a_crash_changes_nothing(layout: Layout) -> None:
    Path(layout.procesando, CLAIMED).write_bytes(b"uno")
    first = archive(layout, CLAIMED, day=DAY, refused=False)
    assert archive(layout, CLAIMED, day=DAY, refused=False) == first
    assert Path(first).read_bytes() == b"uno"


def test_a_stranger_under_the_same_name_is_not_overwritten(layout: Layout) -> None:
    folder = Path(layout.procesados, "2026-11-21")
    folder.mkdir()
    (folder / CLAIMED).write_bytes(b"suyo")
    Path(layout.procesando, CLAIMED).write_bytes(b"uno")
    path = archive(layout, CLAIMED, day=DAY, refused=False)
    assert path == str(folder / "V1~e0123456789ab~2.TXT")
    assert (folder / CLAIMED).read_bytes() == b"suyo"


def test_links_and_folders_are_put_aside_as_they_are(layout: Layout) -> None:
    Path(layout.procesando, CLAIMED).symlink_to("/etc/passwd")
    path = archive(layout, CLAIMED, day=DAY, refused=True)
    assert Path(path).is_symlink()


def test_a_lost_archive_folder_is_told(layout: Layout) -> None:
    Path(layout.procesados).rmdir()
    with pytest.raises(NeedsOperator) as caught:
        archive(layout, CLAIMED, day=DAY, refused=False)
    assert caught.value.code == "E9204"
