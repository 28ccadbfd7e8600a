"""What a claimed name tells after a crash."""

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sincronizador.core.job import Dropped, Job
from sincronizador.folders.origin import NAME_BYTES, Origin, origin_of

UNIQUE = "0123456789ab"
letters = st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)) | st.sampled_from(
    [os.fsdecode(bytes([byte])) for byte in (0x80, 0xD1, 0xFF)]
)
stems = st.text(letters, max_size=60).filter(lambda stem: len(os.fsencode(stem)) <= NAME_BYTES - 4)
tills = st.text(letters, max_size=8)


@given(stems, st.sampled_from([".txt", ".TXT", ".Xml"]), tills, st.booleans())
@example(f"V1~e{UNIQUE}", ".TXT", "", False)
@example(f"V1~e{UNIQUE}~CAJA1", ".TXT", "", True)
@example(f"V1~e{UNIQUE}", ".TXT", "a~b.c", True)
@example("", ".txt", "\n", False)
def test_a_claimed_name_gives_back_folder_till_and_name(stem: str, extension: str, till: str, only_check: bool) -> None:
    origin = Origin(name=stem + extension, till=till, only_check=only_check)
    claimed = origin.claimed(UNIQUE)
    assert origin_of(claimed) == origin
    assert len(os.fsencode(claimed)) <= 255


ARRIVED = Job.arriving(
    Dropped(name="", till="", only_check=False, claimed="", content=b""),
    sha256="",
    at=datetime(2026, 11, 21, tzinfo=UTC),
)


@given(stems, st.sampled_from([".txt", ".xml", ".X#1"]), tills, st.booleans())
@example(f"V1~h{UNIQUE}", ".txt", "", False)
@example(f"V1~h{UNIQUE}", ".txt", "CAJA1", False)
@example(f"V1~h{UNIQUE}.x", ".txt", "a~b.c", False)
@example("V1", ".txt", "~h.x", True)
def test_no_file_that_somebody_drops_is_taken_for_one_of_the_door(
    stem: str, extension: str, till: str, only_check: bool
) -> None:
    claimed = Origin(name=stem + extension, till=till, only_check=only_check).claimed(UNIQUE)
    assert not replace(ARRIVED, claimed=claimed).is_by_door
    assert not replace(ARRIVED, claimed=f"{claimed}#0001").is_by_door


@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    st.from_regex(r"([A-Z0-9_-]{1,8})?", fullmatch=True),
)
def test_what_comes_by_the_door_is_known_by_its_claimed_name_alone(label: str, till: str) -> None:
    origin = Origin(name=f"{label}-{UNIQUE}.txt", till=till, only_check=False, by_door=True)
    assert origin_of(origin.claimed(UNIQUE)) == origin
    assert replace(ARRIVED, claimed=origin.claimed(UNIQUE)).is_by_door
    # The documents of a lote have its claimed name, with their place behind it.
    assert replace(ARRIVED, claimed=f"{origin.claimed(UNIQUE)}#0001").is_by_door


@given(st.text(letters, min_size=60, max_size=255), tills)
def test_a_name_that_is_too_long_still_fits_when_it_is_claimed(stem: str, till: str) -> None:
    claimed = Origin(name=stem + ".txt", till=till, only_check=False).claimed(UNIQUE)
    assert len(os.fsencode(claimed)) <= 255
    back = origin_of(claimed)
    assert back is not None
    assert back.till == till
    too_long = len(os.fsencode(stem)) + 4 > NAME_BYTES
    assert (len(os.fsencode(back.name)) > NAME_BYTES) == too_long


@pytest.mark.parametrize(
    "name", ["V1.TXT", "V1~e0123.TXT", f"V1~x{UNIQUE}.TXT", f"V1~e{UNIQUE}~DEMASIADO.TXT", "", "."]
)
def test_a_stranger_in_the_folder_is_not_taken_for_a_claim(name: str) -> None:
    assert origin_of(name) is None
