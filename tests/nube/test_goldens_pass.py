"""What a daemon drafts, the cloud takes: every golden document, word for word."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from clouds import ANEXO, EMISOR, RUT, law

from sincronizador.core.receipt import Attempt, Submission
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.nube.judgement import judge

FOLDER = Path(__file__).parents[1] / "goldens" / "uy"
GOLDENS = sorted(FOLDER.glob("*.cfe.xml"))


def golden_draft(path):
    """A golden as it was sent: it is kept an element a line, without its signature."""
    return law().draft_of(path.read_bytes().replace(b">\n<", b"><").rstrip(b"\n") + b"</CFE>")


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_every_golden_is_taken(path):
    draft = golden_draft(path)
    tipo = int(path.name.split("-")[1])
    given = Submission(
        attempt=Attempt(1, 1), country="uy", issuer=RUT, branch=EMISOR["sucursal"], terminal="CAJA1", tipo=tipo,
        draft=draft, anexo=ANEXO,
    )  # fmt: skip
    verdict = judge(law(), RUT, given, hashlib.sha256(draft).hexdigest(), date(2026, 11, 21))
    # A paper is never numbered here: it comes signed.
    expected = ["E3547"] if TipoCfe(tipo).is_papel else []
    assert ([finding.code for finding in verdict.errors], verdict.waits) == (expected, "")
