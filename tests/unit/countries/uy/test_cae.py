"""CAE files: DGI's own, ours, and those that nobody should import."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signed_samples import RUT

from sincronizador.core.numbering import Rango
from sincronizador.countries.uy.cae import RULES, CaeFile, cae_problems, parse_cae
from sincronizador.errors import Rejected
from sincronizador.signing.identity import Validity, make_authority, sign_cae
from sincronizador.signing.verify import verify

RANGO = Rango(id="90260000001", tipo=101, serie="A", desde=1, hasta=1000, vence=date(2028, 11, 20))
HOY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def content() -> bytes:
    validity = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))
    return sign_cae(make_authority(validity), RANGO, rut=RUT, autorizado=date(2026, 11, 20))


def reference() -> Path:
    given_folder = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given_folder) if given_folder else Path(__file__).parents[5] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's samples are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"


def code_of(content: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        parse_cae(content)
    return caught.value.code


def test_a_test_cae_is_valid_for_dgi_verifies_and_reads_back(content: bytes) -> None:
    assert verify(content).certificate.is_test
    cae = parse_cae(content)
    assert (cae.rango, cae.emisor, cae.autorizado) == (RANGO, RUT, date(2026, 11, 20))
    assert (cae.constancia, cae.has_signature) == ("E", True)
    assert not cae_problems(cae, rut=RUT, hoy=HOY)
    schema = etree.XMLSchema(etree.parse(str(reference() / "xsd" / "1.44.2" / "CAE.xsd")))
    schema.assertValid(etree.fromstring(content))


def test_dgis_samples_of_2012_are_read_though_they_lack_ta() -> None:
    found = {cae.rango.tipo: cae for cae in map(parse_cae, _samples())}
    assert found[101].rango == Rango(
        id="90120000194", tipo=101, serie="B", desde=1, hasta=145778, vence=date(2014, 8, 24)
    )
    assert (found[101].constancia, found[101].emisor, found[111].has_signature) == ("", "219999830019", True)
    assert [finding.code for finding in cae_problems(found[111], rut=RUT, hoy=HOY)] == ["E2204", "E2205"]


def _samples() -> list[bytes]:
    return [path.read_bytes() for path in (reference() / "dgi").glob("CAE_*.xml")]


def test_special_regimes_are_kept(content: bytes) -> None:
    special = content.replace(b"</DA>", b"<CAEEspecial>1</CAEEspecial><CausalCAEEsp>123</CausalCAEEsp></DA>")
    rango = parse_cae(special).rango
    assert (rango.especial, rango.causal) == ("1", "123")


@pytest.mark.parametrize(
    "nothing", [b"", b"hola", b"<CAE/>", b"<a>", b"\xff\xfe", b'<?xml version="1.0" encoding="x"?><CAE/>']
)
def test_what_is_no_cae_is_told_as_such(nothing: bytes) -> None:
    assert code_of(nothing) == "E2201"


def test_a_dtd_is_refused_without_being_read(content: bytes) -> None:
    bomb = b'<!DOCTYPE CAE [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + content
    assert code_of(bomb) == "E2201"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<TCFE>101", b"<TCFE>x"),
        (b"<Serie>A", b"<Serie>a"),
        (b"<Serie>A", b"<Serie>ABC"),
        (b"<DNro>1<", b"<DNro>-1<"),
        (b"<DNro>1<", b"<DNro><"),
        (b"<HNro>1000", b"<HNro>10000000"),
        (b"<HNro>1000", "<HNro>١٠".encode()),
        (b"<FVD>2028-11-20", b"<FVD>2028-13-20"),
        (b"<FVD>2028-11-20", b"<FVD>20/11/2028"),
        (b"<RucE>217777770013", b"<RucE>21777"),
        (b"<NA>90260000001", b"<NA>"),
    ],
)
def test_a_field_that_cannot_be_is_named_with_its_value(content: bytes, old: bytes, new: bytes) -> None:
    assert old in content
    assert code_of(content.replace(old, new)) == "E2202"


def test_a_constancia_for_printed_paper_is_not_for_cfe(content: bytes) -> None:
    assert code_of(content.replace(b"<TA>E", b"<TA>F")) == "E2203"


def cae(**changes: object) -> CaeFile:
    fields = {"id": "1", "tipo": 101, "serie": "A", "desde": 1, "hasta": 10, "vence": HOY, **changes}
    rango = Rango(**fields)  # type: ignore[arg-type]
    return CaeFile(rango=rango, emisor=RUT, autorizado=HOY, constancia="E", has_signature=True)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"vence": date(2026, 11, 20)}, ["E2204"]),
        ({"desde": 11}, ["E2206"]),
        ({"desde": 0}, ["E2206"]),
        ({"desde": 10}, []),
        ({"tipo": 201}, ["E2207"]),
        ({"tipo": 181}, []),
        ({"especial": "3"}, ["E2208"]),
        ({"vence": date(2020, 1, 1), "desde": 20, "tipo": 999}, ["E2204", "E2206", "E2207"]),
    ],
)
def test_everything_that_keeps_it_from_numbering_is_told(changes: dict[str, object], codes: list[str]) -> None:
    assert [finding.code for finding in cae_problems(cae(**changes), rut=RUT, hoy=HOY)] == codes


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(junk: bytes) -> None:
    assert code_of(junk) == "E2201"


def test_the_codes_are_in_order() -> None:
    assert [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
