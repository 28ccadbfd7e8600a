"""The judge of the cloud finds nothing wrong where all is right, and each fault where it was put."""

import hashlib
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from outside import cloud_judge
from outside.cloud import Kept
from outside.judge import Case, Drop

XML = (
    b'<CFE xmlns="http://cfe.dgi.gub.uy"><eTck><TmstFirma>2026-11-21T10:00:00-03:00</TmstFirma>'
    b"<IdDoc><TipoCFE>101</TipoCFE><Serie>A</Serie><Nro>%d</Nro></IdDoc><MntTotal>122.00</MntTotal></eTck></CFE>"
)
PARTS = [(1, 2, "document"), (3, 3, "annulled"), (4, 6, "leased"), (7, 10, "free")]


def kept(nro=1, key="V1", **changes) -> Kept:
    signed = XML % nro
    one = Kept(
        key=key,
        state="confirmed",
        number=(101, "A", nro),
        signed=signed,
        sha256=hashlib.sha256(signed).hexdigest(),
        extra=False,
        signed_by="cloud",
    )
    return replace(one, **changes)


@pytest.fixture
def table():
    totals = {fate: sum(last - first + 1 for first, last, told in PARTS if told == fate) for fate in cloud_judge.FATES}
    parts = [{"from": first, "to": last, "fate": fate} for first, last, fate in PARTS]
    cae = {"cae": "1", "doc_type": 101, "series": "A", "from": 1, "to": 10, "totals": totals, "fates": parts}
    return {"numbers": [cae]}


ROW = {"tipo": 101, "serie": "A", "primero": 4, "ultimo": 6, "siguiente": 4, "usados": 0, "cerrado": False}


def test_a_right_table_is_right(table):
    assert list(cloud_judge.uneven(table)) == []
    assert list(cloud_judge.unfounded(table, [kept(1), kept(2, "V2")])) == []
    assert list(cloud_judge.unsound([kept(1), kept(2, "V2")])) == []
    rows = [
        ROW,
        ROW | {"primero": 1, "ultimo": 2, "siguiente": 3, "usados": 2},
        ROW | {"primero": 2, "ultimo": 3, "siguiente": 2, "usados": 1, "cerrado": True},
    ]
    assert list(cloud_judge.ranges(rows, table)) == []
    assert cloud_judge.fates(table) == {
        (101, "A", number): fate for first, last, fate in PARTS[:3] for number in range(first, last + 1)
    }


def spoiled(table, index, **changes):
    wrong = deepcopy(table)
    wrong["numbers"][0]["fates"][index] |= changes
    return wrong


@pytest.mark.parametrize(
    ("index", "changes", "fault"),
    [
        (1, {"from": 4, "to": 4}, "after 2 comes"),
        (1, {"from": 2}, "after 2 comes"),
        (3, {"to": 9}, "ends at 10"),
        (1, {"fate": "lost"}, "is none"),
        (1, {"fate": "free"}, "the totals are"),
        (1, {"fate": "doubtful"}, "doubtful ["),
    ],
)
def test_a_table_with_a_hole_an_overlap_a_wrong_total_or_a_doubt_is_wrong(table, index, changes, fault):
    assert any(fault in found for found in cloud_judge.uneven(spoiled(table, index, **changes)))


def test_a_doubtful_number_may_be_owed(table):
    doubtful = spoiled(table, 1, fate="doubtful")
    doubtful["numbers"][0]["totals"] |= {"annulled": 0, "doubtful": 1}
    assert list(cloud_judge.uneven(doubtful, doubtful=True)) == []


@pytest.mark.parametrize(
    ("documents", "fault"),
    [
        ([kept(1)], "(101, 'A', 2): its fate is document, and there is none"),
        ([kept(1), kept(2), kept(5, "V5")], "(101, 'A', 5): a document, and its fate is leased"),
        ([kept(1), kept(2), kept(8, "V8")], "(101, 'A', 8): a document, and its fate is free"),
        ([kept(1), kept(2), kept(2, "V2")], "(101, 'A', 2): 2 documents"),
    ],
)
def test_documents_that_the_table_does_not_know_are_found(table, documents, fault):
    assert fault in list(cloud_judge.unfounded(table, documents))


@pytest.mark.parametrize(
    ("documents", "fault"),
    [
        ([kept(sha256="0" * 64)], "V1: sha256"),
        ([kept(number=(101, "A", 7))], "V1: kept as"),
        ([kept(state="prepared")], "still prepared"),
        ([kept(extra=True)], "a second document"),
        ([kept(1), kept(2)], "V1: 2 documents"),
    ],
)
def test_an_unsound_document_is_found(documents, fault):
    assert any(fault in found for found in cloud_judge.unsound(documents))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"siguiente": 5}, "in the cloud {4: 'leased'}"),
        ({"primero": 3, "siguiente": 3}, "in the cloud {3: 'annulled'}"),
        ({"primero": 3}, "in the cloud {3: 'annulled'}"),
        ({"ultimo": 7}, "in the cloud {7: 'free'}"),
        ({"ultimo": 4, "cerrado": True}, "in the cloud {4: 'leased'}"),
        ({"primero": 2, "ultimo": 3, "cerrado": True}, "0 used, in the cloud 1 documents"),
    ],
)
def test_a_range_of_the_till_that_the_cloud_sees_otherwise_is_found(table, changes, fault):
    found = list(cloud_judge.ranges([ROW | changes], table))
    assert len(found) == 1
    assert fault in found[0]


def test_a_closed_range_may_have_doubtful_numbers_only_where_they_are_owed(table):
    doubtful = spoiled(table, 1, fate="doubtful")
    row = ROW | {"primero": 3, "ultimo": 3, "cerrado": True}
    assert list(cloud_judge.ranges([row], doubtful, doubtful=True)) == []
    assert len(list(cloud_judge.ranges([row], doubtful))) == 1


@pytest.fixture
def answered(tmp_path):
    """A shop with one answer, of these fields."""

    def make(**changes: str) -> Case:
        salida = tmp_path / "salida"
        salida.mkdir()
        (salida / "V1.xml").write_bytes(XML % 1)
        fields = {"REFERENCIA": "V1", "TIPO": "101", "SERIE": "A", "NUMERO": "1", "TOTAL": "122.00", "XML": "V1.xml"}
        lines = ["OK", "[RESPUESTA]", *(f"{name}={value}" for name, value in (fields | changes).items())]
        (salida / "V1.rsp").write_bytes("".join(f"{line}\r\n" for line in lines).encode())
        drop = Drop(name="V1.txt", content=b"", encoding="ascii", referencia="V1")
        nobody: Any = None
        return Case(spool=tmp_path, drops=[drop], trays=[], certificate=nobody, certificate_pem="", alone=False)

    return make


def test_an_answer_and_the_cloud_that_say_the_same_agree(answered):
    voided = kept(3, "V3", state="voided")
    assert list(cloud_judge.disagreeing([answered()], [kept(), voided])) == []


@pytest.mark.parametrize(
    ("changes", "documents", "fault"),
    [
        ({}, [], "which the cloud does not have"),
        ({}, [kept(state="voided")], "which the cloud does not have"),
        ({}, [kept(), kept(2, "V2")], "V2: (101, 'A', 2) was answered to nobody"),
        ({}, [kept(signed=XML % 1 + b"\n")], "V1.xml and the cloud's bytes differ"),
        ({}, [kept(key="V9")], "in the cloud V9"),
        ({"TOTAL": "122.01"}, [kept()], "TOTAL=122.01"),
        ({"HASH": "x"}, [kept()], "HASH=x"),
    ],
)
def test_an_answer_and_the_cloud_that_say_different_things_are_found(answered, changes, documents, fault):
    found = list(cloud_judge.disagreeing([answered(**changes)], documents))
    assert any(fault in one for one in found), found


def test_keys_are_normalised_references():
    assert cloud_judge.key_of(" v000123 ") == "V000123"
    assert cloud_judge.key_of("v 1") == "~ik5-nIqqcPM58ygJhuXfkquhgBmUF46s3sDd1gPVRqs"
