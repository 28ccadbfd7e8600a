"""DGI's own samples before the DGI to test against, and the program's own documents before its arithmetic."""

from datetime import datetime
from pathlib import Path

import pytest

from sincronizador.authorities import fake_arithmetic, fake_summary
from sincronizador.authorities.fake_reading import parse_xml, read_documento
from sincronizador.authorities.fake_summary import read_reporte
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.tipos import ZONE

GOLDENS = sorted((Path(__file__).parents[1] / "goldens").glob("uy*/*.cfe.xml"))
LATER = datetime(2027, 1, 1, tzinfo=ZONE)
SOBRE = "Sob_219999830019_Ej_Mod_19072016.xml"


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_the_figures_of_the_programs_documents_add_up(path):
    """Two hands that never met: the composer of the country, and DGI's formulas as the fake DGI has them."""
    documento = read_documento(path.read_bytes() + b"</CFE>")
    assert list(fake_arithmetic.problems(documento, LATER)) == []


def test_there_are_documents_to_look_at():
    assert len(GOLDENS) > 30


def test_the_figures_of_dgis_own_sobre_add_up(referencia_uy):
    cfes = take_apart((referencia_uy / "dgi" / SOBRE).read_bytes()).cfes
    assert len(cfes) == 8
    for cfe in cfes:
        assert list(fake_arithmetic.problems(read_documento(cfe.alone), LATER)) == []


def test_dgis_own_sobre_is_refused_for_what_is_wrong_with_it_today(issuer, referencia_uy):
    """It is another issuer's, under a certificate that is out of date; its form is good."""
    content = (referencia_uy / "dgi" / SOBRE).read_bytes().decode("iso-8859-1")
    got = issuer.receive("EFACRECEPCIONSOBRE", content)
    assert got.estado == ["BS"]
    assert set(got.motivos) == {"S02", "S03"}
    assert got.find("CantidadCFE") == ["8"]


def test_dgis_own_report_adds_up(referencia_uy):
    content = (referencia_uy / "dgi" / "Rep_219000090011_20120511_01_Ej_Mod_27032014.xml").read_bytes()
    reporte = read_reporte(parse_xml(content))
    assert (reporte.rut, reporte.dia, reporte.comprobantes) == ("219000090011", "2012-07-26", 28)
    assert list(fake_summary.problems(reporte)) == []


def test_the_references_own_report_adds_up(referencia_uy):
    content = (referencia_uy / "examples" / "Rep_217777770013_20261121_01.xml").read_bytes()
    assert list(fake_summary.problems(read_reporte(parse_xml(content)))) == []
