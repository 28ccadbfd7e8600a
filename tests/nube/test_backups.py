"""The cloud put back to yesterday by its own commands: no number again, the installations complete it."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from clouds import KEY, NOON, PASSWORD, Till

from sincronizador import files
from sincronizador.core.receipt import Highest, Said
from sincronizador.errors import NeedsOperator, Rejected, Unavailable
from sincronizador.nube import assembly, backup, server_codes
from sincronizador.nube.configuration import load
from sincronizador.nube.restoration import MARGIN


class Fall(BaseException):
    """The machine falls."""


@pytest.fixture
def found(place, tmp_path):
    """The settings of a cloud that is there."""
    base = place.url if place.cluster else str(place.path)
    key = tmp_path / "clave.txt"
    key.write_bytes(KEY)
    key.chmod(0o600)
    toml = tmp_path / "nube.toml"
    toml.write_text(f'ambiente = "prueba"\nbase = "{base}"\nmarca = "{place.mark}"\nclave = "{key}"\n')
    return load(str(toml))


def back_up(found):
    return backup.create(found, str(Path(found.marca).parent / "nube.toml"), str(Path(found.marca).parent / "r"), NOON)


def test_a_backup_while_it_serves_holds_everything_and_no_secret(till, place, found):
    sold = [till.sell(f"V{number}") for number in range(3)]
    made = back_up(found)
    assert all(sold)
    assert made.manifest["comprobantes"] == {"219999830019 101": 3}
    assert made.manifest["ultimos"] == {"219999830019 101-A": 3}
    assert os.stat(made.path).st_mode & 0o777 == 0o600
    assert backup.verify(found, made.path).signatures == (0 if place.cluster else 3)
    for name in made.members:
        made.extract(name, f"{made.path}.miembro")
        content = Path(f"{made.path}.miembro").read_bytes()
        for secret in (KEY, PASSWORD, till.token.encode()):
            assert secret not in content


def test_a_restored_cloud_numbers_nothing_until_it_was_told_and_then_no_number_again(till, place, found):
    till.sell("V1")
    made = back_up(found)
    lost = till.sell("V2")
    place.cloud.close()
    backup.restore(found, made.path, NOON)
    place.reopen_closed()
    till.learn()
    with pytest.raises(Unavailable) as caught:
        till.submit("V9")
    assert caught.value.code == "recovering"
    assert till.hand_over("V2", lost.signed, counter=1, lease="").created
    assert till.cloud.recovered(till.me, (Highest(tipo=101, serie="A", numero=2),)).said is Said.STORED
    assert till.submit("V9").reply.receipt.numero == 3 + MARGIN


def test_what_was_there_is_kept_and_can_be_put_back_itself(till, place, found):
    till.sell("V1")
    made = back_up(found)
    till.sell("V2")
    place.cloud.close()
    _, aside = backup.restore(found, made.path, NOON)
    if place.cluster:
        assert backup.open_own(found, aside).manifest["ultimos"] == {"219999830019 101-A": 2}
        backup.restore(found, aside, NOON)
    else:
        with closing(sqlite3.connect(Path(aside) / "nube.db")) as db:
            assert db.execute("SELECT max(number) FROM document").fetchone()[0] == 2
    place.reopen_closed()


def test_a_cloud_that_runs_is_not_restored(till, place, found):
    made = back_up(found)
    if place.cluster:
        with pytest.raises(NeedsOperator) as caught:
            backup.restore(found, made.path, NOON)
        assert caught.value.code == "E3609"
    else:
        with backup.Lock(f"{found.base}.candado") as lock:
            lock.take(NOON)
            with pytest.raises(NeedsOperator) as caught:
                backup.restore(found, made.path, NOON)
        assert caught.value.code == "E3602"


def test_falling_anywhere_while_restoring_is_told_and_doing_it_again_completes_it(place, found, monkeypatch):
    if place.cluster:
        pytest.skip("of PostgreSQL the server's one transaction is the promise")
    till = Till(place)
    till.sell("V1")
    made = back_up(found)
    till.sell("V2")
    place.cloud.close()
    home = Path(found.marca).parent
    template = home.parent / f"{home.name}-antes"
    shutil.copytree(home, template)
    boundary, told = 0, set()
    while True:
        boundary += 1
        shutil.rmtree(home)
        shutil.copytree(template, home)
        count = [0]

        def falling(real, count=count, boundary=boundary):
            def step(*args, **kwargs):
                count[0] += 1
                if count[0] == boundary:
                    raise Fall
                return real(*args, **kwargs)

            return step

        with pytest.MonkeyPatch.context() as patch, suppress(Fall):
            for name in ("replace", "unlink"):
                patch.setattr(os, name, falling(getattr(os, name)))
            for name in ("_rename_noreplace", "_fsync"):
                patch.setattr(files, name, falling(getattr(files, name)))
            backup.restore(found, made.path, NOON)
        if count[0] < boundary:
            break
        if why := refusal(found):
            told.add(why)
            backup.restore(found, made.path, NOON)
        cloud = assembly.open_cloud(found)
        numbers = cloud.numbers("219999830019")[0].totals
        restored = not cloud.health(None).ok
        cloud.close()
        # Either nothing was changed, or it is known that it is a copy of yesterday.
        assert restored or sum(count for fate, count in numbers.items() if fate.value == "document") == 2, boundary
    assert told == {"E3610"}
    shutil.copytree(template, home, dirs_exist_ok=True)
    place.reopen_closed()


def refusal(found):
    """The code with which a start refuses; empty when it does not."""
    try:
        assembly.open_cloud(found).close()
    except NeedsOperator as error:
        return error.code
    return ""


BAD = {
    "empty": (lambda content: b"", "E3402"),
    "text": (lambda content: b"nube" * 5000, "E3450"),
    "cut": (lambda content: content[: len(content) // 2], "E3450"),
    "no header": (lambda content: bytes(4096) + content[4096:], "E3450"),
}


@pytest.mark.parametrize(("harm", "code"), BAD.values(), ids=BAD)
def test_a_damaged_base_is_a_sentence_and_stays_as_it_is(place, found, harm, code):
    if place.cluster:
        pytest.skip("of PostgreSQL the server judges its files")
    place.cloud.close()
    bad = harm(place.path.read_bytes())
    good = place.path.read_bytes()
    place.path.write_bytes(bad)
    try:
        with pytest.raises(NeedsOperator) as caught:
            assembly.open_cloud(found)
        assert caught.value.code == code
        assert "nube respaldo restaurar" in str(caught.value)
        if code == "E3450":
            assert place.path.read_bytes() == bad
    finally:
        for ending in ("-wal", "-shm"):
            Path(f"{place.path}{ending}").unlink(missing_ok=True)
        place.path.write_bytes(good)
        place.reopen_closed()


def test_a_cloud_on_another_machine_is_declared_restored(till, place, found):
    till.sell("V1")
    made = back_up(found)
    place.cloud.close()
    os.unlink(found.marca)
    if not place.cluster:
        for ending in ("", "-wal", "-shm"):
            Path(f"{place.path}{ending}").unlink(missing_ok=True)
    backup.restore(found, made.path, NOON)
    place.reopen_closed()
    assert not place.cloud.health(None).ok


@pytest.mark.parametrize("kind", ["instalacion", "produccion"])
def test_a_backup_of_something_else_is_refused(till, place, found, kind, tmp_path):
    made = back_up(found)
    facts = dict(made.manifest)
    facts.update({"que": "instalacion"} if kind == "instalacion" else {"ambiente": "produccion"})
    names = {}
    for name in made.members:
        made.extract(name, str(tmp_path / f"m-{name}"))
        names[name] = str(tmp_path / f"m-{name}")
    other = str(tmp_path / "otro.zip")
    backup.bundle.write_bundle(other, facts, names)
    with pytest.raises(Rejected) as caught:
        backup.verify(found, other)
    assert caught.value.code == ("E9242" if kind == "instalacion" else "E9243")


def test_without_the_tools_of_postgresql_it_says_what_to_install(till, place, found, monkeypatch):
    if not place.cluster:
        pytest.skip("SQLite needs no tools")
    monkeypatch.setenv("PATH", "/nada")
    with pytest.raises(NeedsOperator, match="postgresql-client") as caught:
        back_up(found)
    assert caught.value.code == server_codes.NO_TOOL.code
