"""The set of test documents for DGI: made once, whoever falls; replaced when rejected; never in production."""

import re
from datetime import timedelta

import pytest
from clouds import EMISOR, OTHER_RUT, Place, rango
from dgi_line import RECEPTOR

from sincronizador.errors import Refused
from sincronizador.nube import sweeps
from sincronizador.nube.homologation import CODE, MOST_REJECTED, TYPES, Homologation

RANGES = tuple(rango(tipo, hasta=500) for tipo in TYPES)
WANTED = 3


@pytest.fixture
def place(place_of):
    return place_of(RANGES)


def homologation(place, wanted=WANTED):
    """The command, begun again."""
    return Homologation(place.cloud, OTHER_RUT, who="prueba", receptor=RECEPTOR, wanted=wanted)


def follow(place, clerk, times=8, **later):
    """The command and the server beside it, for a while; the progress at the end, and how many it made."""
    told, made = homologation(place), 0
    for _ in range(times):
        made += told.advance(place.clock())
        place.clock.go(**(later or {"minutes": 10}))
        sweeps.attend(clerk, OTHER_RUT)
    return told.progress(place.clock()), made


def received(dgi, estado="AE"):
    """Type -> how many DGI has."""
    found = dgi.dgi.memory.rows("SELECT tipo, count(*) AS n FROM cfe WHERE estado = ? GROUP BY tipo", estado)
    return {row["tipo"]: row["n"] for row in found}


def test_the_whole_set_is_received_with_its_report(place, dgi, clerk):
    progress, made = follow(place, clerk)
    assert made == WANTED * len(TYPES)
    assert received(dgi) == dict.fromkeys(TYPES, WANTED)
    assert progress.is_accepted
    assert not progress.is_complete
    signed = {row["dia"] for row in dgi.dgi.memory.rows("SELECT dia FROM cfe")}
    assert signed == {f"{progress.day}"}
    progress, made = follow(place, clerk, times=30, hours=1)
    assert progress.is_complete
    assert made == 0
    assert progress.day == place.clock().date() - timedelta(days=1)


def test_notes_correct_documents_of_the_set(place, dgi, clerk):
    follow(place, clerk)
    for first in (101, 111):
        kept = dgi.dgi.memory.rows("SELECT tipo, numero, xml FROM cfe WHERE tipo BETWEEN ? AND ?", first, first + 2)
        bases = {row["numero"] for row in kept if row["tipo"] == first}
        for note in (first + 1, first + 2):
            notes = [bytes(row["xml"]) for row in kept if row["tipo"] == note]
            assert {re.search(rb"<NroCFERef>(\d+)<", one)[1].decode() for one in notes} == {str(one) for one in bases}


def test_what_is_rejected_is_replaced(place, dgi, clerk):
    for tipo in (101, 113):
        cue = {"donde": "cfe", "filtro": {"tipo": tipo}, "efecto": {"codigos": ["E05"]}, "veces": 2}
        dgi.dgi.cues.add(cue)
    progress, made = follow(place, clerk, times=14)
    assert made == WANTED * len(TYPES) + 4
    assert received(dgi) == dict.fromkeys(TYPES, WANTED)
    assert {one.tipo: one.rejected for one in progress.types if one.rejected} == {101: 2, 113: 2}
    assert all("E05" in reason for one in progress.types for reason in one.reasons)


def test_it_stops_where_dgi_rejects_everything(place, dgi, clerk):
    dgi.dgi.cues.add({"donde": "cfe", "filtro": {"tipo": 111}, "efecto": {"codigos": ["E05"]}, "veces": 0})
    progress, _ = follow(place, clerk, times=14)
    (stuck,) = [one for one in progress.types if one.is_stuck]
    assert (stuck.tipo, stuck.accepted) == (111, 0)
    assert MOST_REJECTED < stuck.rejected <= MOST_REJECTED + WANTED
    assert received(dgi) == dict.fromkeys((101, 102, 103), WANTED)


class Fell(BaseException):
    pass


@pytest.mark.parametrize("verb", ["submit", "confirm"])
@pytest.mark.parametrize("after", [False, True])
def test_a_fall_anywhere_makes_no_document_more(place, dgi, clerk, monkeypatch, verb, after):
    real, left = getattr(place.cloud, verb), [0]

    def falling(*args):
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Fell
        said = real(*args)
        if left[0] == 0:
            raise Fell
        return said

    monkeypatch.setattr(place.cloud, verb, falling)
    falls = 0
    for nth in (1, 2, 4, 3, 1, 2, 5, 1):
        left[0] = nth
        try:
            follow(place, clerk, times=2)
        except Fell:
            falls += 1
    left[0] = 0
    progress, _ = follow(place, clerk)
    assert falls > 4
    assert received(dgi) == dict.fromkeys(TYPES, WANTED)
    assert progress.is_accepted
    assert all(place.fates(tipo, OTHER_RUT).get("document") == WANTED for tipo in TYPES)


def test_a_set_that_its_day_did_not_complete_begins_again_the_next_day(place, dgi, clerk):
    told = homologation(place)
    told.advance(place.clock())
    dgi.down()
    place.clock.go(hours=14)
    dgi.up()
    progress, made = follow(place, clerk, times=12)
    assert made == WANTED * len(TYPES)
    assert progress.is_accepted
    assert progress.day == place.clock().date()


def test_it_refuses_a_cloud_of_production(tmp_path):
    place = Place(f"sqlite:///{tmp_path}/nube.db", tmp_path, environment="produccion")
    place.cloud.keep_issuer("prueba", {**EMISOR, "rut": OTHER_RUT}, {"ui": {}})
    with pytest.raises(Refused) as refused:
        homologation(place)
    assert refused.value.code == "E3780"
    assert CODE not in [one.code for one in place.cloud.installations()]
    place.cloud.close()
