"""A till with a cloud is put back to yesterday by ``respaldo restaurar``, alone or together with its cloud."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from walking import NOON

from sincronizador.daemon import assembly, backup, marks
from sincronizador.daemon.mirror import FolderMirror
from sincronizador.journal import mark
from sincronizador.journal.post import Phase

ANULAR = """[ANULAR]
REFERENCIA={referencia}
VENTA=V1
RAZON=Devuelto
[FIN]
"""


def back_up(till):
    folder = till.folder / "respaldos"
    return backup.create(till.settings, str(till.folder / "sincronizador.toml"), str(folder), NOON).path


def put_back(till, path, *, lost=False):
    """The backup in place of the journal, which is destroyed before if it is `lost`; then a start."""
    till.house.journal.close()
    if lost:
        for ending in ("", "-wal", "-shm"):
            Path(f"{till.settings.diario}{ending}").unlink(missing_ok=True)
    settings = till.settings.model_copy(update={"ruta": "nube"})
    backup.restore(settings, path, NOON)
    till.switch_on()
    found = marks.look_at_mark(settings, till.house.journal, till.clock.now(), tomar=False)
    till.machine = found.machine
    till.house = replace(till.house, rescued=_rescued(till))
    till.probe()


def _rescued(till):
    folder = assembly.rescued_path(till.settings)
    return FolderMirror(folder) if os.path.isdir(folder) else None


@pytest.fixture
def till(world):
    made = world.till()
    with made.house.journal.reading() as db:
        mark.write(mark.path_of(made.settings.diario), mark.of(db, made.machine))
    return made


def test_it_takes_a_new_epoch_pulls_and_doubles_nothing(world, till):
    till.sell("V1")
    path = back_up(till)
    name = till.sell("V2")
    signed, before = till.answers()[name]["NUMERO"], till.post.epoch
    put_back(till, path, lost=True)
    world.forget_answers(till)
    assert (till.phase, till.post.epoch > before) == (Phase.READY, True)
    again = till.sell("V2")
    assert till.answers()[again]["NUMERO"] == signed
    till.sell("V3")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_it_is_known_though_nothing_happened_since(world, till):
    till.sell("V1")
    path, before = back_up(till), till.post.epoch
    put_back(till, path)
    assert till.post.epoch > before


@pytest.mark.parametrize("mirror", [True, False])
def test_what_was_signed_without_a_line_comes_from_the_mirror_or_the_old_journal(world, till, mirror):
    till.mirror = FolderMirror(str(till.folder / "espejo")) if mirror else None
    os.makedirs(till.folder / "espejo", exist_ok=True)
    till.switch_on()
    till.sell("V1")
    path = back_up(till)
    till.line.cut()
    name = till.sell("V2")
    till.pass_time(seconds=5)
    signed = till.answers()[name]
    assert signed["ESTADO"] == "FIRMADO_CONTINGENCIA"
    till.line.heal()
    put_back(till, path, lost=mirror)
    world.forget_answers(till)
    world.settle()
    again = till.sell("V2")
    assert (till.answers()[again]["NUMERO"], till.answers()[again]["SERIE"]) == (signed["NUMERO"], signed["SERIE"])
    assert world.broken(doubtful=True) == []


def test_both_are_put_back_to_different_times(world, till):
    copy = world.backup()
    till.sell("V1")
    path = back_up(till)
    till.sell("V2")
    till.house.journal.close()
    till.switch_on()
    world.restore(copy)
    put_back(till, path)
    world.forget_answers(till)
    world.settle()
    till.sell("V3")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_note_that_came_back_from_the_cloud_keeps_a_second_one_away(world, till):
    path = back_up(till)
    till.sell("V1")
    till.drop("A1.TXT", ANULAR.format(referencia="A1"))
    till.work()
    till.pass_time(seconds=1)
    world.note(till)
    assert till.answers()["A1"][""] == "OK"
    put_back(till, path, lost=True)
    world.forget_answers(till)
    till.drop("A2.TXT", ANULAR.format(referencia="A2"))
    till.work()
    till.pass_time(seconds=1)
    assert till.answers()["A2"]["CODIGO"] == "E2008"
