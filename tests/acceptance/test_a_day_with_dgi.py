"""
A day of sales from dropped files to DGI and back, and the day after, by the real programs: nothing missing, or twice.

Longer, with 500 documents: ``make dia-dgi``.
"""

import os
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from outside import cloud_judge, day
from outside.hands import MISSING
from outside.proxy import PASSING, REFUSED
from outside.town import Town
from outside.working_day import WorkingDay, is_over, is_settled

DOCUMENTS = int(os.environ.get("SINCRONIZADOR_DIA_DGI", "40"))
PAPERS = (201, 211, 281, 282)
NEXT_DAY = timedelta(hours=13, minutes=5)
"""Past noon: five minutes after the reports of a day leave."""
LATER = timedelta(minutes=40)
"""After the longest time that a report waits for documents on their way."""

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.mark.timeout(300 + 6 * DOCUMENTS)
def test_a_day_reaches_dgi_and_its_report_balances_again_after_a_late_document(town: Town, tmp_path: Path) -> None:
    began = time.monotonic()

    def lap(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s: {what}")

    work, line = WorkingDay(town, patience=60 + DOCUMENTS), town.site.line
    work.open(PAPERS, reserve=max(50, DOCUMENTS // 2))
    others = day.others(town.day, PAPERS)
    files = day.mixed(DOCUMENTS, DOCUMENTS - len(others) - 3, town.day)
    online, contingency = files[: len(files) * 2 // 3], files[len(files) * 2 // 3 :]
    for tipo in (111, 113, 182):
        cue = {"donde": "cfe", "filtro": {"tipo": tipo}, "efecto": {"codigos": ["E05"]}, "veces": 1}
        town.dgi.told("guion", cue)
    lap("all run")
    work.until("the rejection", [work.sell("R1", 111)], lambda _, seen: seen["ESTADO"] == "RECHAZADO_DGI")
    work.drop(others)
    work.play(online)
    work.until("everything in the cloud", work.papers, lambda _, seen: seen["ESTADO"] not in ("RECIBIDO", "FIRMADO"))
    lap("online")
    line.become(REFUSED)
    cut = work.play(contingency)
    work.until("what is sold offline", cut, lambda _, seen: seen["ESTADO"] == "FIRMADO_CONTINGENCIA")
    line.become(PASSING)
    work.until("the end of what goes one by one", work.papers, is_settled)
    lap("settled")
    line.become(REFUSED)
    late = [work.sell("TARDE1"), work.sell("TARDE2", 111)]
    work.until("what is handed over late", late, lambda _, seen: seen["ESTADO"] == "FIRMADO_CONTINGENCIA")
    town.put(NEXT_DAY)
    assert work.unbalanced(work.report(1), but=late) == []
    lap("reported")
    line.become(PASSING)
    work.until("what was late in DGI", late, is_settled)
    town.put(NEXT_DAY + LATER)
    assert work.unbalanced(work.report(2)) == []
    lap("reported again")
    work.until("the end of every sale", work.papers, is_over)
    lap("over")
    assert len(work.papers) == DOCUMENTS
    assert Counter(seen["ESTADO"] for _, seen in work.answered())["RECHAZADO_DGI"] == 3
    assert work.signed_on() == {town.day}
    assert len(town.dgi.reports(f"{town.day}")) == 2
    assert list(work.missing()) == []
    assert list(cloud_judge.unsound(town.site.documents())) == []
    assert town.dgi.faults(tmp_path / "enviado", town.site.till.certificate_pem()) == []
    lap("judged")
