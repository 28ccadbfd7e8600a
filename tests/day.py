"""A day of four files, and what must be true at its end whatever happened on the way."""

import os

from walking import TICKET


def drop_a_day(machine):
    """Two sales, one of them dropped twice under other names, a bad file and a repeated bad file."""
    machine.drop("A.txt", TICKET.format(referencia="R-A", precio="89"))
    machine.drop("B.TXT", TICKET.format(referencia="R-B", precio="110"))
    machine.drop("A2.txt", TICKET.format(referencia="r-a", precio="89"))
    machine.drop("C.txt", TICKET.format(referencia="R-C", precio="mucho"))


def judge(machine, companions=("XML", "PDF", "PNG")):
    """What must hold after any history of falls."""
    answers = machine.answers()
    assert {name: answer["ESTADO"] for name, answer in answers.items()} == {
        "A": "FIRMADO_LOCAL", "A2": "FIRMADO_LOCAL", "B": "FIRMADO_LOCAL", "C": "RECHAZADO",
    }  # fmt: skip
    assert answers["A"]["NUMERO"] == answers["A2"]["NUMERO"]
    assert sorted({answers["A"]["NUMERO"], answers["B"]["NUMERO"]}) == ["1", "2"], "numbers without hole or repetition"
    assert answers["A"]["A_PAGAR"] == "89.00"
    assert answers["B"]["A_PAGAR"] == "110.00"
    spool = machine.folder / "spool"
    assert os.listdir(spool / "procesando") == []
    assert [name for name in os.listdir(spool / "entrada") if not name.startswith(".")] == []
    kept = [path for root in ("procesados", "rechazados") for path in (spool / root).rglob("*") if path.is_file()]
    dropped = [path for path in kept if path.suffix.lower() == ".txt"]
    assert len(dropped) == 4
    for path in dropped:
        assert path.with_suffix(".RSP" if path.suffix == ".TXT" else ".rsp") in kept, "a copy of the answer beside it"
    for name in ("A", "B", "A2"):
        for companion in companions:
            assert (spool / "salida" / answers[name][companion]).stat().st_size > 0
    signed = (spool / "salida" / answers["A"]["XML"]).read_bytes()
    assert signed == (spool / "salida" / answers["A2"]["XML"]).read_bytes()
    papers = machine.papers()
    for slug in ("101-A-1", "101-A-2"):
        assert sum(not marked for name, marked in papers if name == slug) <= 1, "two unmarked originals"
        assert any(name == slug for name, _ in papers), "a sale without paper"
