"""Files of another form: which are taken, when they are whole, and what becomes of the file that vouches for them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sincronizador.core.dialect import Dialects, Names, Proof
from sincronizador.core.sections import Reading, Sections
from sincronizador.folders.claim import Inbox
from sincronizador.folders.layout import Layout

PLAIN = Proof()


@dataclass(frozen=True)
class Records:
    """A dialect whose files end with a line ``9``, or prove nothing."""

    names: Names
    proof: Proof = PLAIN
    ends: bool = True
    name: str = "registros"
    form: None = None
    companions: tuple[str, ...] = ()

    def missing(self, content: bytes) -> str | None:
        return None if not self.ends or content.rstrip().endswith(b"\n9") else "el registro 9"

    def read(self, content: bytes, name: str) -> Reading:
        return Reading(sections=Sections(()), findings=(), encoding="ascii")


WHOLE = b"1|a\r\n9\r\n"


def inbox_of(layout: Layout, clock, journal, *dialects: Records) -> Inbox:
    return Inbox(
        layout, incompleto=60.0, maximo=100_000, busy=journal.busy, dialects=Dialects(dialects), espera=2.0, clock=clock
    )


def drop(layout: Layout, name: str, content: bytes = WHOLE) -> Path:
    path = Path(layout.entrada) / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["V1.PIP", "v1.pip", "a.b.Pip"])
def test_a_name_is_taken_whatever_its_case(name: str) -> None:
    assert Names(patterns=("*.pip",)).take(name, "")


@pytest.mark.parametrize("name", ["V1.tmp", "V1.$$$", "V1.PART", "V1", ".pip", "V1.", "V1.an_extension_of_20"])
def test_a_pattern_for_everything_takes_none_of_these(name: str) -> None:
    assert not Names(patterns=("*",)).take(name, "")


def test_a_dialect_may_be_of_some_tills_only() -> None:
    names = Names(patterns=("*.txt",), tills=frozenset({"CAJA1", ""}))
    assert [names.take("v.txt", till) for till in ("caja1", "", "CAJA2")] == [True, True, False]


def test_the_first_dialect_that_takes_a_name_has_it() -> None:
    narrow, wide = Records(Names(patterns=("ped*.txt",))), Records(Names(patterns=("*.txt",)))
    dialects = Dialects((narrow, wide))
    assert dialects.of("PED1.TXT", "") is narrow
    assert dialects.of("V1.TXT", "") is wide
    assert dialects.of("V1.XML", "") is None


def test_a_file_with_its_end_record_is_claimed_and_one_without_waits(layout, clock, journal) -> None:
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*.pip",))))
    drop(layout, "V1.PIP")
    half = drop(layout, "V2.PIP", b"1|a\r\n")
    assert [one.name for one in inbox.scan()] == ["V1.PIP"]
    clock.now += 60
    (refused,) = inbox.scan()
    assert refused.trouble is not None
    assert "el registro 9" in refused.trouble[1]
    assert not half.exists()


def test_without_dialect_such_a_file_is_left_alone(layout, clock, journal) -> None:
    drop(layout, "V1.PIP")
    assert inbox_of(layout, clock, journal).scan() == []


def test_what_proves_nothing_rests_before_it_is_taken(layout, clock, journal) -> None:
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*.csv",)), Proof(rest=True), ends=False))
    path = drop(layout, "V1.csv")
    assert inbox.scan() == []
    clock.now += 1.9
    path.write_bytes(WHOLE * 2)
    assert inbox.scan() == []
    clock.now += 1.9
    assert inbox.scan() == []
    clock.now += 0.2
    assert [one.content for one in inbox.scan()] == [WHOLE * 2]


def test_a_marker_is_waited_for_and_leaves_with_its_file(layout, clock, journal) -> None:
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*.pip",)), Proof(marker="OK"), ends=False))
    drop(layout, "V1.PIP")
    clock.now += 5
    assert inbox.scan() == []
    marker = drop(layout, "v1.ok", b"")
    assert [one.name for one in inbox.scan()] == ["V1.PIP"]
    assert not marker.exists()


def test_a_marker_alone_is_never_taken_even_by_a_pattern_for_everything(layout, clock, journal) -> None:
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*",)), Proof(marker="TXT"), ends=False))
    marker = drop(layout, "V1.TXT", b"[DOCUMENTO]\r\nTIPO=101\r\n[FIN]\r\n")
    clock.now += 120
    assert inbox.scan() == []
    assert marker.exists()


def test_a_file_whose_marker_never_comes_is_refused_naming_it(layout, clock, journal) -> None:
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*.pip",)), Proof(marker="ok"), ends=False))
    drop(layout, "V1.PIP")
    assert inbox.scan() == []
    clock.now += 60
    (refused,) = inbox.scan()
    assert refused.trouble is not None
    assert refused.trouble[0] == "E0103"
    assert "V1.ok" in refused.trouble[1]


def test_a_marker_that_a_crash_left_behind_does_not_vouch_for_the_next_file(layout, clock, journal) -> None:
    dialect = Records(Names(patterns=("*.pip",)), Proof(marker="OK"), ends=False)
    drop(layout, "CAJA1/V1.PIP")
    marker = drop(layout, "CAJA1/V1.OK", b"")
    inbox_of(layout, clock, journal, dialect).scan()
    marker.write_bytes(b"")  # as if the machine fell between the claim and this
    (adopted,) = inbox_of(layout, clock, journal, dialect).adopt(journal.known)
    assert (adopted.name, adopted.till) == ("V1.PIP", "CAJA1")
    assert not marker.exists()


def test_a_marker_that_already_vouches_for_the_next_file_stays(layout, clock, journal) -> None:
    dialect = Records(Names(patterns=("*.pip",)), Proof(marker="OK"), ends=False)
    drop(layout, "V1.PIP")
    drop(layout, "V1.OK", b"")
    inbox_of(layout, clock, journal, dialect).scan()
    drop(layout, "V1.PIP")
    marker = drop(layout, "V1.OK", b"")
    inbox_of(layout, clock, journal, dialect).adopt(journal.known)
    assert marker.exists()


def test_a_file_of_a_dialect_waits_for_the_undecided_one_of_its_stem(layout, clock, journal) -> None:
    journal.undecided.add(("", "v1"))
    inbox = inbox_of(layout, clock, journal, Records(Names(patterns=("*.pip",))))
    drop(layout, "V1.PIP")
    assert inbox.scan() == []
    journal.undecided.clear()
    assert [one.name for one in inbox.scan()] == ["V1.PIP"]
