"""What a claim makes certain, and that a file which a cut tore is refused, never half-taken."""

import os

import pytest
from disk import SECTOR

from sincronizador.core.dialect import Dialects, Names, Proof
from sincronizador.core.sections import Reading, Sections
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout

WHOLE = b"[RETIRAR]\r\nREFERENCIA=1\r\n[FIN]\r\n"


class Marked:
    """A dialect whose files are vouched for by a marker."""

    name = "con-marca"
    names = Names(patterns=("*.plano",))
    proof = Proof(marker="OK")
    form = None
    companions = ()

    def missing(self, content):
        return None

    def read(self, content, name):
        return Reading(sections=Sections(()), findings=(), encoding="ascii")


@pytest.fixture
def layout(drive):
    made = Layout(str(drive.folder / "spool"))
    made.prepare()
    drive.keep()
    drive.back()
    return made


def inbox_of(layout):
    now = iter(range(0, 10_000, 10))
    return Inbox(
        layout, incompleto=60, maximo=10_000, busy=lambda *_, **__: False, dialects=Dialects((Marked(),)),
        clock=lambda: float(next(now)),
    )  # fmt: skip


def drop(layout, name, content=WHOLE):
    """As most programs do: nothing is synced."""
    with open(os.path.join(layout.entrada, name), "wb") as file:
        file.write(content)


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_claimed_is_ours_whole_though_nobody_synced_it(drive, layout, count):
    for number in range(count):
        drop(layout, f"V{number}.TXT")
    claimed = inbox_of(layout).scan()
    assert len(claimed) == count
    for one in claimed:
        assert drive.durable(f"spool/procesando/{one.claimed}") == WHOLE
        assert drive.durable(f"spool/entrada/{one.name}") is None


def test_what_a_fall_left_claimed_is_certain_before_it_is_adopted(drive, layout):
    drop(layout, "V1.TXT")
    (first,) = inbox_of(layout).scan()
    loose = "V1~e00000000000b.txt"
    os.rename(os.path.join(layout.procesando, first.claimed), os.path.join(layout.procesando, loose))
    (adopted,) = inbox_of(layout).adopt(lambda _: False)
    assert adopted.claimed == loose
    assert drive.durable(f"spool/procesando/{loose}") == WHOLE
    assert drive.durable(f"spool/procesando/{first.claimed}") is None


def test_a_marker_that_vouched_does_not_come_back_to_vouch_for_the_next_file(drive, layout):
    drop(layout, "V1.plano", b"1")
    drop(layout, "V1.OK", b"")
    entrada = os.open(layout.entrada, os.O_RDONLY)
    os.fsync(entrada)
    os.close(entrada)
    inbox = inbox_of(layout)
    taken = inbox.scan() or inbox.scan()
    assert [one.name for one in taken] == ["V1.plano"]
    assert drive.durable("spool/entrada/V1.OK") is None


ITEMS = "".join(
    f"[ITEM]\nDETALLE=Artículo número {n:03} de una venta larga\nPRECIO=10\nIVA=BASICA\n" for n in range(40)
)
SALE = f"[DOCUMENTO]\nTIPO=101\nREFERENCIA=ROTA\nFORMA_PAGO=CONTADO\n{ITEMS}[FIN]\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "utf-16"])
def test_a_sale_with_sectors_missing_is_refused(machine, encoding):
    """Holes of zeros where sectors never came, and files that end early; the end mark is there or is not."""
    content = SALE.encode(encoding)
    count = -(-len(content) // SECTOR)
    assert count > 4
    torn = [content[: place * SECTOR] for place in range(count)]
    torn += [
        content[: place * SECTOR] + bytes(min(SECTOR, len(content) - place * SECTOR)) + content[(place + 1) * SECTOR :]
        for place in range(count)
    ]
    machine.configure(salida={"formatos": ()})
    for number, one in enumerate(torn):
        machine.drop(f"R{number}.txt", one)
    machine.work()
    machine.pass_time(minutes=10)
    salida = machine.folder / "spool" / "salida"
    said = [(salida / f"R{number}.rsp").read_bytes().split(b"\r\n")[0] for number in range(len(torn))]
    assert said == [b"ERROR"] * len(torn)
    assert machine.papers() == []
    machine.drop("ENTERA.txt", content)
    machine.work()
    machine.pass_time(seconds=1)
    assert b"A_PAGAR=400.00" in (salida / "ENTERA.rsp").read_bytes().replace(b"\0", b"")
