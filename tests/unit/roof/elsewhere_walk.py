"""The core walk, to be run where POSIX is missing: a sale from the folder to its answer and paper, and a restart."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from datetime import UTC, datetime  # noqa: E402

import pytest  # noqa: E402
from walking import TICKET, Machine  # noqa: E402

from sincronizador import owner  # noqa: E402
from sincronizador.daemon import assembly, restored, run  # noqa: E402, F401 - everything of a daemon can be imported
from sincronizador.errors import NeedsOperator  # noqa: E402
from sincronizador.settings import load  # noqa: E402
from sincronizador.stopping import Stop  # noqa: E402

folder = Path(sys.argv[1])
settings, now = load(str(folder / "sincronizador.toml")), datetime.now(UTC)
taken = assembly.take_locks(settings, now)
with pytest.raises(NeedsOperator) as caught:
    assembly.take_locks(settings, now)
assert caught.value.code == "E9221", caught.value
ownership = owner.Ownership([str(folder / "spool")], owner.me(now))
ownership.take(tomar=False)
assembly.make_layout(settings).prepare()
room = assembly.make_room(settings)
room.look([], lambda: False)
assert not room.troubles, room.troubles
with pytest.MonkeyPatch.context() as patch:
    machine = Machine(folder, patch)
    sale = TICKET.format(referencia="R-1", precio="89")
    assert machine.send("A.TXT", sale)["ESTADO"] == "FIRMADO_LOCAL"
    machine.switch_on()
    assert machine.send("B.TXT", sale)["AVISO.1.CODIGO"] == "A0001"
    assert machine.send("C.TXT", "[DOCUMENTO]\nNADA=1\n[FIN]\n")[""] == "ERROR"
    assert len(machine.papers()) == 1, machine.papers()
    machine.house.clock.is_synchronised()
    machine.house.journal.close()
ownership.pulse()
ownership.release()
for lock in taken:
    lock.release()
stop = Stop()
assert not stop.wait(0.01)
stop.set()
assert stop.wait(0.01)
print("walked")
