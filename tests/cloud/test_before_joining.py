"""A journal that knows it was restored, or taken over, does nothing that counts before it has its new epoch."""

import pytest
from carrier import FOREVER, Fault

from sincronizador.daemon.mirror import FolderMirror
from sincronizador.errors import NeedsOperator
from sincronizador.journal.post import Phase


def test_a_cloud_that_was_restored_meanwhile_is_told_by_a_machine_that_joins(world):
    till = world.till()
    till.sell("V1")
    till.restore(till.backup())
    world.restore(world.backup())
    till.probe()
    till.sell("V2")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_new_machine_joins_a_cloud_that_was_restored(world):
    world.token()
    world.restore(world.backup())
    till = world.till()
    till.sell("V1")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_file_that_the_copy_had_not_decided_is_answered_with_what_became_of_it(world):
    till = world.till()
    till.restore(till.backup())
    name = till.drop_sale("V1")
    till.line.cut()
    till.work()
    copy = till.backup()
    till.line.heal()
    till.probe()
    till.pass_time(seconds=2)
    till.restore(copy)
    till.raise_epoch(ordered=True)
    world.settle()
    assert till.said(name) == "ENVIADO"
    assert world.broken(doubtful=True) == []


def test_who_joined_a_file_that_waited_is_answered_with_its_document(world):
    """The file that it joined turned out to be a sale that the restored journal did not know of."""
    till = world.till()
    copy = till.backup()
    till.sell("V1")
    till.line.cut()
    till.restore(copy)
    names = [till.drop_sale("V1"), till.drop_sale("V1")]
    till.work()
    till.pass_time(seconds=2)
    world.settle()
    assert {till.answers()[name].get("NUMERO") for name in names} == {"21"}
    assert world.broken(doubtful=True) == []


def restored_without_a_line(till, copy):
    till.line.cut()
    till.restore(copy)


def test_no_paper_that_may_have_left_comes_out_unmarked(world):
    till = world.till()
    till.switch_printer_off()
    till.sell()
    copy = till.backup()
    till.switch_printer_on()
    till.pass_time(seconds=5)
    restored_without_a_line(till, copy)
    till.pass_time(seconds=5)
    world.settle()
    assert world.broken(doubtful=True) == []


def test_nothing_is_signed_with_numbers_of_before(world):
    till = world.till()
    till.line.fail("submit", *[Fault.GONE] * FOREVER)
    till.drop_sale("V1")
    till.work()
    copy = till.backup()
    till.line.cut()
    till.sell("V2")
    till.pass_time(seconds=5)
    world.settle()
    restored_without_a_line(till, copy)
    till.pass_time(seconds=10)
    world.settle()
    assert world.broken(doubtful=True, unfinished=["V1"]) == []


def test_a_discard_before_everything_is_known_waits_for_the_cloud(world):
    """The cloud prepared it under the epoch before, and the pull has not told so yet."""
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    till.drop_sale("V1")
    till.work()
    till.restore(till.backup())
    till.line.heal()
    till.line.fail("pull", Fault.GONE)
    till.probe()
    till.withdraw("V1")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_discard_without_a_new_epoch_waits_for_it(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    till.drop_sale("V1")
    till.work()
    till.restore(till.backup())
    till.line.heal()
    till.withdraw("V1")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_discard_under_way_when_the_journal_was_copied_waits_to_be_dropped_again(world):
    till = world.till()
    till.line.fail("submit", *[Fault.LOST] * FOREVER)
    till.drop_sale("V1")
    till.work()
    till.line.fail("void", *[Fault.GONE] * FOREVER)
    till.withdraw("V1")
    copy = till.backup()
    till.line.heal()
    till.pass_time(seconds=5)
    till.restore(copy)
    world.settle()
    assert world.broken(doubtful=True, unfinished=["V1"]) == []


def test_a_file_of_the_copy_is_answered_with_what_the_mirror_knows_of_it(world):
    """It was signed after the copy was made, without a line; its bytes are in the mirror and nowhere else."""
    till = world.till()
    till.mirror = FolderMirror(str(world.folder / "espejo"))
    (world.folder / "espejo").mkdir()
    till.switch_on()
    till.line.cut()
    name = till.drop_sale("V1")
    till.work()
    copy = till.backup()
    till.pass_time(seconds=10)
    number = till.answers()[name]["NUMERO"]
    till.restore(copy)
    till.line.heal()
    till.raise_epoch(ordered=True)
    world.settle()
    assert till.said(name) == "ENVIADO"
    assert till.answers()[name]["NUMERO"] == number
    assert world.broken(doubtful=True) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"signed": "eA=="}', b'{"signed": "%%", "anexo": {}}'])
def test_a_damaged_copy_of_the_mirror_is_named_and_waits_for_a_person(world, content):
    """It may be the only one of a document: no epoch is taken without it, and nothing else is lost."""
    till = world.till()
    folder = world.folder / "espejo"
    folder.mkdir()
    till.mirror = FolderMirror(str(folder))
    till.switch_on()
    (folder / "101-A-7.json").write_bytes(content)
    till.restore(till.backup())
    with pytest.raises(NeedsOperator, match=r"101-A-7\.json") as trouble:
        till.probe()
    assert trouble.value.code == "E3018"
    assert till.phase is Phase.JOIN
    (folder / "101-A-7.json").unlink()
    world.settle()
    till.sell("V1")
    world.settle()
    assert world.broken(doubtful=True) == []


def test_a_journal_copied_before_its_first_contact_answers_no_withdrawal_by_itself(world):
    till = world.till(joined=False)
    copy = till.backup()
    till.probe()
    till.sell("V1")
    till.line.cut()
    till.restore(copy)
    till.drop_sale("V1")
    till.drop("R1.TXT", "[RETIRAR]\nREFERENCIA=V1\n[FIN]\n")
    till.work()
    till.pass_time(seconds=2)
    assert till.said("R1") == "ESPERANDO"
    till.raise_epoch(ordered=True)
    world.settle()
    assert till.said("R1") == "ENVIADO"
    assert world.broken(doubtful=True) == []
