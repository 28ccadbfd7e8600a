"""A backup's file: whole under its name or not there, and never believed beyond its sums."""

import json
import os
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador import bundle
from sincronizador.errors import NeedsOperator, Rejected

WHEN = datetime(2026, 11, 22, 5, 0, tzinfo=timezone(timedelta(hours=-3)))


@pytest.fixture
def made(tmp_path):
    (tmp_path / "diario.db").write_bytes(bytes(range(256)) * 5_000)
    (tmp_path / "s.toml").write_text("ambiente = 'prueba'")
    path = str(tmp_path / "respaldo.zip")
    facts = {"que": "instalacion", "cuando": WHEN.isoformat(), "programa": "9"}
    members = {"diario.db": str(tmp_path / "diario.db"), "sincronizador.toml": str(tmp_path / "s.toml")}
    bundle.write_bundle(path, facts, members)
    return path


def test_what_was_put_in_comes_out(made, tmp_path):
    found = bundle.open_bundle(made)
    found.check()
    found.extract("diario.db", str(tmp_path / "fuera"))
    assert (tmp_path / "fuera").read_bytes() == (tmp_path / "diario.db").read_bytes()
    assert (found.when, found.manifest["que"], sorted(found.members)) == (
        WHEN, "instalacion", ["diario.db", "sincronizador.toml"],
    )  # fmt: skip
    assert os.stat(made).st_mode & 0o777 == 0o600


def _rewritten(path, change):
    """The same zip with other contents: sums of the zip itself are right again."""
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    change(contents)
    with zipfile.ZipFile(path, "w") as new:
        for name, content in contents.items():
            new.writestr(name, content)


def _manifest(**changes):
    def change(contents):
        facts = {**json.loads(contents[bundle.MANIFEST]), **changes}
        contents[bundle.MANIFEST] = json.dumps(facts).encode()

    return change


BAD = {
    "another journal": lambda contents: contents.update({"diario.db": b"x"}),
    "a longer journal": lambda contents: contents.update({"diario.db": contents["diario.db"] + b"x"}),
    "a member too many": lambda contents: contents.update({"../fuera": b"x"}),
    "a member too few": lambda contents: contents.pop("sincronizador.toml"),
    "no manifest": lambda contents: contents.pop(bundle.MANIFEST),
    "a manifest that is no JSON": lambda contents: contents.update({bundle.MANIFEST: b"{"}),
    "a manifest that is a list": lambda contents: contents.update({bundle.MANIFEST: b"[]"}),
    "no time": _manifest(cuando="ayer"),
    "members of no kind": _manifest(miembros={"diario.db": 3, "sincronizador.toml": None}),
    "an endless manifest": lambda contents: contents.update({bundle.MANIFEST: b" " * 2_000_000}),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
def test_what_the_manifest_does_not_vouch_for_is_refused(made, change):
    _rewritten(made, change)
    with pytest.raises(Rejected) as caught:
        bundle.open_bundle(made).check()
    assert caught.value.code == "E9242"


def test_a_newer_form_says_so(made):
    _rewritten(made, _manifest(formato=2))
    with pytest.raises(Rejected, match="versión más nueva") as caught:
        bundle.open_bundle(made)
    assert caught.value.code == "E9244"


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 100, None])
def test_a_file_that_is_none_is_a_sentence(tmp_path, content):
    path = tmp_path / "r.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Rejected) as caught:
        bundle.open_bundle(str(path))
    assert caught.value.code == ("E9242" if content is not None else "E9241")


@given(data=st.data())
def test_no_damage_passes_and_none_is_a_traceback(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("b")
    (folder / "d").write_bytes(b"diario" * 200)
    path = str(folder / "r.zip")
    bundle.write_bundle(path, {"cuando": WHEN.isoformat(), "programa": "9"}, {"diario.db": str(folder / "d")})
    with open(path, "rb") as file:
        good = file.read()
    place = data.draw(st.integers(0, len(good) - 1))
    bad = data.draw(st.sampled_from((good[:place], good[:place] + bytes([good[place] ^ 0x41]) + good[place + 1 :])))
    with open(path, "wb") as file:
        file.write(bad)
    try:
        found = bundle.open_bundle(path)
        found.check()
    except Rejected:
        return
    # Names, dates and comments of the zip itself are nobody's promise; what it holds is.
    found.extract("diario.db", str(folder / "e"))
    assert (folder / "e").read_bytes() == b"diario" * 200


def test_a_backup_that_could_not_be_written_is_not_there(tmp_path):
    with pytest.raises((NeedsOperator, FileNotFoundError)):
        bundle.write_bundle(str(tmp_path / "no" / "r.zip"), {}, {})
    (tmp_path / "d").write_bytes(b"x")
    with pytest.raises(TypeError):
        bundle.write_bundle(str(tmp_path / "r.zip"), {"cuando": object()}, {"diario.db": str(tmp_path / "d")})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d"]


def test_two_backups_of_one_second_have_two_names(tmp_path):
    first = bundle.free_path(str(tmp_path), "x", WHEN)
    with open(first, "wb"):
        assert bundle.free_path(str(tmp_path), "x", WHEN) == first.replace(".zip", "~2.zip")
