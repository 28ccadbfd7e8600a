"""When a dropped file is whole: histories of writers, with time as an argument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.folders.settle import Seen, Verdict, is_request, judge, look, refusal

PATIENCE = 60.0


@pytest.mark.parametrize("name", ["V1.TXT", "v1.txt", "V1.Xml", "a.b.txt", "..txt", "a\nb.TXT", ".xml", "V1.tmp.txt"])
def test_these_names_are_requests(name: str) -> None:
    assert is_request(name)


@pytest.mark.parametrize(
    "name", ["V1.tmp", "V1.TMP", "V1.$$$", "V1.part", "V1.TXT.PART", "V1.rsp", "V1", "txt", "V1.txt "]
)
def test_these_names_are_left_alone(name: str) -> None:
    assert not is_request(name)


steps = st.lists(
    st.tuples(st.floats(0, 50), st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=30
)


@given(steps)
def test_a_file_is_taken_exactly_when_it_is_whole_and_refused_only_after_its_patience(
    history: list[tuple[float, int, int, bool]],
) -> None:
    now, seen, last_change, before = 1000.0, None, 1000.0, None
    for pause, size, changed, whole in history:
        now += pause
        if before != (size, changed):
            last_change, before = now, (size, changed)
        seen = look(seen, size=size, changed=changed, now=now)
        verdict = judge(seen, None if whole else "la línea [FIN]", ended=True, now=now, incompleto=PATIENCE)
        if whole and size:
            assert verdict is Verdict.TAKE
        else:
            assert verdict is (Verdict.REFUSE if now - last_change >= PATIENCE else Verdict.WAIT)


@given(st.lists(st.floats(0.01, 59.9), min_size=1, max_size=40))
def test_a_slow_writer_that_keeps_growing_is_never_refused(pauses: list[float]) -> None:
    now, seen = 0.0, None
    for size, pause in enumerate(pauses, 1):
        now += pause
        seen = look(seen, size=size, changed=7, now=now)
        assert judge(seen, "la línea [FIN]", ended=True, now=now, incompleto=PATIENCE) is Verdict.WAIT


def test_a_file_with_an_old_date_is_given_the_same_patience() -> None:
    seen = look(None, size=3, changed=0, now=5_000.0)
    assert judge(seen, "la línea [FIN]", ended=True, now=5_059.0, incompleto=PATIENCE) is Verdict.WAIT


def test_a_whole_file_without_a_line_end_is_given_a_moment_to_get_it() -> None:
    seen = look(None, size=9, changed=0, now=0.0)
    verdicts = [judge(seen, None, ended=False, now=now, incompleto=PATIENCE) for now in (0.0, 0.09, 0.1)]
    assert verdicts == [Verdict.WAIT, Verdict.WAIT, Verdict.TAKE]


def test_an_empty_file_is_refused_as_empty_and_another_as_incomplete() -> None:
    empty, half = Seen(size=0, changed=1, since=0), Seen(size=9, changed=1, since=0)
    assert refusal(empty, "la línea [FIN]", incompleto=60.0).code == "E0101"
    finding = refusal(half, "la línea [FIN]", incompleto=60.0)
    assert finding.code == "E0103"
    assert "60 segundos" in finding.message
    assert "[FIN]" in finding.message
