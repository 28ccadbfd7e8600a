"""What a claimed name tells after a crash."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
