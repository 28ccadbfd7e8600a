"""Reading signed documents, held to DGI's schema and to xmlsec1 by the samples themselves."""

import os
import shutil
import subprocess
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signed_samples import COMPRADOR, ITEM, REDONDEO, RUT, SAMPLES, Sample, identity

from sincronizador.core.emitido import Anexo
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.errors import Rejected


def reference() -> Path:
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = Path(given) if given else Path(__file__).parents[5] / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip("DGI's schemas are absent: set SINCRONIZADOR_REFERENCIA to the folder that holds uruguay/")
    return folder / "uruguay"


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(reference() / "xsd" / "1.44.2" / "CFEDGI.xsd")))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_valid_for_dgi(name: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(SAMPLES[name].signed()))


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")
def test_every_sample_verifies_with_xmlsec1(tmp_path: Path) -> None:
    pem = tmp_path / "c.pem"
    certificate = x509.load_der_x509_certificate(identity().certificate.der)
    pem.write_bytes(certificate.public_bytes(Encoding.PEM))
    files = []
    for number, sample in enumerate(SAMPLES.values()):
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_bytes(sample.signed())
    for file in files:
        subprocess.run(["xmlsec1", "--verify", "--pubkey-cert-pem", pem, file], check=True, capture_output=True)


def test_it_says_what_the_document_says() -> None:
    emitido = SAMPLES["101"].emitido()
    assert emitido.slug == "101-A-1234"
    assert (emitido.nombre, emitido.referencia, emitido.emisor) == ("e-Ticket", "V0000123", RUT)
    assert emitido.fecha == date(2026, 11, 21)
    assert emitido.firmado == datetime(2026, 11, 21, 15, 4, 5, tzinfo=timezone(timedelta(hours=-3)))
    assert (emitido.moneda, emitido.cotizacion, emitido.total) == ("UYU", None, Decimal("2351.00"))
    assert (emitido.cae, emitido.cae_desde, emitido.cae_hasta) == ("90260000001", 1, 100000)
    assert emitido.cae_vence == date(2028, 11, 21)
    assert emitido.codigo_seguridad == emitido.hash[:6]
    assert emitido.receptor == ""


def test_the_amounts_are_those_of_the_contract_in_its_order() -> None:
    assert SAMPLES["101"].emitido().importes == (
        ("NETO_BASICA", "1927.05"),
        ("IVA_BASICA", "423.95"),
        ("NETO_MINIMA", "0.00"),
        ("IVA_MINIMA", "0.00"),
        ("EXENTO", "0.00"),
        ("NO_FACTURABLE", "0.00"),
        ("TOTAL", "2351.00"),
        ("A_PAGAR", "2351.00"),
    )


def test_the_others_appear_only_when_they_are_not_zero() -> None:
    totales = {
        "MntExpoyAsim": "1.5",
        "MntImpuestoPerc": "2",
        "MntIVaenSusp": "0.00",
        "MntNetoIVAOtra": "3",
        "MntIVAOtra": "0.3",
        "MntTotRetenido": "-4",
    }
    importes = Sample(totales=totales).emitido().importes
    assert importes[8:] == (
        ("EXPORTACION", "1.50"),
        ("PERCIBIDO", "2.00"),
        ("NETO_OTRA", "3.00"),
        ("IVA_OTRA", "0.30"),
        ("RETENIDO", "-4.00"),
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((REDONDEO,), "-0.01"),
        ((REDONDEO | {"IndFact": "6", "MontoItem": "0.50"},), "0.50"),
        ((REDONDEO, REDONDEO | {"IndFact": "6", "MontoItem": "0.03"}), "0.02"),
        ((ITEM | {"NomItem": "Redondeo"},), None),
        ((REDONDEO | {"NomItem": "Redondeos"},), None),
        ((REDONDEO, REDONDEO | {"IndFact": "6"}), None),
    ],
)
def test_redondeo_is_the_sum_of_its_lines_and_not_a_thing_sold_under_that_name(
    lines: tuple[dict[str, str], ...], told: str | None
) -> None:
    assert dict(Sample(items=(ITEM, *lines)).emitido().importes).get("REDONDEO") == told


def test_the_receiver_is_told_by_either_kind_of_document() -> None:
    foreign = {"TipoDocRecep": "5", "CodPaisRecep": "AR", "DocRecepExt": "AAB123"}
    assert Sample(receptor=foreign).emitido().receptor == "AAB123"
    assert SAMPLES["111"].emitido().receptor == COMPRADOR


def test_a_prefixed_document_of_others_reads_the_same() -> None:
    folder = reference() / "examples"
    for name in ("101_eticket", "102_nc_eticket", "111_efactura_usd", "113_nd_efactura"):
        content = (folder / f"{name}.xml").read_bytes()
        emitido = read_emitido(content, Anexo())
        assert str(emitido.tipo) == name[:3]
        assert emitido.signed == content


def test_a_signing_time_without_zone_is_montevideos() -> None:
    signed = SAMPLES["101"].signed().replace(b"15:04:05-03:00", b"15:04:05")
    assert read_emitido(signed, Anexo()).firmado.utcoffset() == timedelta(hours=-3)


def test_comments_hide_nothing() -> None:
    signed = SAMPLES["101"].signed().replace(b"<Nro>1234<", b"<Nro>12<!-- 99 -->34<!-- x --><")
    assert read_emitido(signed, Anexo()).numero == 1234


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Nro>1234</Nro>", b""),
        (b"<Nro>1234</Nro>", b"<Nro>uno</Nro>"),
        (b"<Nro>1234</Nro>", b"<Nro><a>1</a></Nro>"),
        (b"<TipoCFE>101", b"<TipoCFE>999"),
        (b"<TipoCFE>101", b"<TipoCFE>111"),
        (b"<TipoCFE>101", b"<TipoCFE>181"),
        (b"<MntPagar>2351.00", b"<MntPagar>NaN"),
        (b"<MntPagar>2351.00", b"<MntPagar>2.351,00"),
        (b"<MntPagar>2351.00", b"<MntPagar>1e9999999999999"),
        (b"<MntPagar>2351.00", b"<MntPagar>2_351"),
        (b"<MntPagar>2351.00", "<MntPagar>٣".encode()),
        (b"<FchEmis>2026-11-21", b"<FchEmis>21/11/2026"),
        (b"eTck>", b"eRem>"),
        (b"http://cfe.dgi.gub.uy", b"http://otra"),
        (b"<CAEData>", b"<Otra>"),
        (b"</CFE>", b""),
        (b"<CFE ", b'<!DOCTYPE CFE [<!ENTITY a "b">]><CFE '),
    ],
)
def test_what_is_not_a_signed_cfe_is_refused_with_a_sentence(old: bytes, new: bytes) -> None:
    signed = SAMPLES["101"].signed()
    assert old in signed
    with pytest.raises(Rejected) as caught:
        read_emitido(signed.replace(old, new), Anexo())
    assert caught.value.code == "E1901"
    assert str(caught.value).startswith("El comprobante firmado no se puede leer: ")


def test_an_unsigned_cfe_is_refused() -> None:
    with pytest.raises(Rejected, match="no tiene firma"):
        read_emitido(SAMPLES["101"].document(), Anexo())
    for nothing in (b"", b"hola", b"<CFE/>"):
        with pytest.raises(Rejected):
            read_emitido(nothing, Anexo())
