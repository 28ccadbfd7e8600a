"""Envelopes: the signed bytes as they are, what goes together, what does not go in."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from firmados import Firmado
from hand_made import signed as muestra
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signed_samples import COMPRADOR, RUT, SAMPLES, identity

from sincronizador.cli.verification import Means, inspect
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.sobre import (
    AROUND,
    MAX_CFES,
    MAX_SOBRE,
    Anulado,
    compose_rechazos,
    compose_sobre,
    compose_sobre_empresas,
    pack,
    rechazos_name,
    room,
    sobre_name,
)
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.errors import Rejected
from sincronizador.schemas import load_schemas
from sincronizador.signing.certificate import load_certificate
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

DGI = "219999830019"
FECHA = datetime(2026, 11, 21, 18, 5, 6, 789, tzinfo=UTC)
DER = identity().certificate.der
FORBIDDEN = frozenset(map(chr, (*range(32), 0xFFFE, 0xFFFF))) - frozenset("\t\n\r")
"""What no XML may hold."""
TEXTOS = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def sobre(documents: Sequence[bytes], **more: object) -> bytes:
    """To DGI."""
    about = {"ruc_emisor": RUT, "ruc_receptor": DGI, "idemisor": 7, "fecha": FECHA, "certificate": DER} | more
    return compose_sobre(documents, **about)  # type: ignore[arg-type]


def entre_empresas(documents: Sequence[tuple[bytes, str]]) -> bytes:
    """To the buyer."""
    return compose_sobre_empresas(
        documents, ruc_emisor=RUT, ruc_receptor=COMPRADOR, idemisor=8, fecha=FECHA, certificate=DER
    )


def test_an_envelope_is_what_dgi_reads_byte_for_byte() -> None:
    one, two = Firmado(numero=1).signed, Firmado(tipo=201, numero=2).signed
    assert sobre([one, two]) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<EnvioCFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula version="1.0">'
        b"<RutReceptor>219999830019</RutReceptor><RUCEmisor>217777770013</RUCEmisor><Idemisor>7</Idemisor>"
        b"<CantCFE>2</CantCFE><Fecha>2026-11-21T15:05:06-03:00</Fecha><X509Certificate>"
        + b64encode(DER) + b"</X509Certificate></Caratula>" + one + two + b"</EnvioCFE>"
    )  # fmt: skip


def test_every_signature_is_good_cut_out_and_where_it_stands() -> None:
    documents = [muestra(tipo) for tipo in TipoCfe] + [sample.signed() for sample in SAMPLES.values()]
    received = take_apart(sobre(documents))
    assert [cfe.alone for cfe in received.cfes] == documents
    for cfe in received.cfes:
        assert verify(cfe.alone, certificate=identity().certificate)
        assert verify(cfe.in_place, certificate=identity().certificate)
    for node in received.tree.iterfind("{http://cfe.dgi.gub.uy}CFE"):
        assert verify(etree.tostring(node, with_tail=False), certificate=identity().certificate)


def test_envelopes_are_what_dgi_and_our_own_judge_expect(referencia_uy: Path) -> None:
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    documents = [muestra(121), muestra(181), muestra(124)]
    thanked = [(document, "Gracias & saludos <a todos>") for document in documents]
    for content in (sobre(documents), entre_empresas(thanked)):
        assert schemas.problems(content) == []
        seen = inspect(content, "Sob.xml", Means(today=date(2026, 11, 21), schemas=schemas, ui={}))
        assert not seen.is_bad, seen
    rechazos = [Anulado(tipo=111, serie="A", numero=9, fecha=date(2026, 11, 20))] * 250
    signed = XmlSigner(identity()).sign(
        compose_rechazos(rechazos, ruc_emisor=RUT, ruc_receptor=COMPRADOR, id_comunicacion=5, tmst=FECHA),
        SignaturePlan(),
    )
    assert schemas.problems(signed) == []


@settings(deadline=None)
@given(st.lists(TEXTOS, min_size=1, max_size=5))
def test_adendas_say_what_they_said_and_break_nothing(adendas: list[str]) -> None:
    document = SAMPLES["101"].signed()
    received = take_apart(entre_empresas([(document, adenda) for adenda in adendas]))
    assert [cfe.alone for cfe in received.cfes] == [document] * len(adendas)
    writable = ["".join(" " if c in FORBIDDEN else c for c in text) for text in adendas]
    assert [cfe.adenda for cfe in received.cfes] == [text.strip() for text in writable]


def test_a_document_without_adenda_has_no_element_for_it() -> None:
    assert b"<Adenda" not in entre_empresas([(SAMPLES["101"].signed(), "")])


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<?xml version='1.0'?><CFE></CFE>",
        b"\xef\xbb\xbf<CFE></CFE>",
        b"<CFE></CFE>\n",
        b"<CFE></CFE><!-- -->",
        b"<eTck></eTck>",
        b"<CFEs></CFEs>",
        b"<ns0:CFE></CFE>",
        b"<CFE/>",
    ],
)
def test_nothing_but_a_cfe_alone_goes_in(document: bytes) -> None:
    with pytest.raises(ValueError, match="not a CFE alone"):
        sobre([document])
    with pytest.raises(ValueError, match="not a CFE alone"):
        entre_empresas([(document, "")])


def test_a_prefixed_cfe_goes_in_as_it_is() -> None:
    document = b'<ns0:CFE xmlns:ns0="http://cfe.dgi.gub.uy" version="1.0"><ns0:eTck></ns0:eTck></ns0:CFE>'
    assert [cfe.alone for cfe in take_apart(sobre([document])).cfes] == [document]


@pytest.mark.parametrize("count", [0, MAX_CFES + 1])
def test_an_envelope_has_one_to_250_documents(count: int) -> None:
    with pytest.raises(ValueError, match=f"an envelope of {count}"):
        sobre([b"<CFE></CFE>"] * count)
    with pytest.raises(ValueError, match=str(count)):
        compose_rechazos(
            [Anulado(tipo=101, serie="A", numero=1, fecha=FECHA.date())] * count,
            ruc_emisor=RUT, ruc_receptor=COMPRADOR, id_comunicacion=1, tmst=FECHA,
        )  # fmt: skip


@pytest.mark.parametrize("number", [-1, 10_000_000_000])
def test_the_number_of_an_envelope_has_up_to_ten_digits(number: int) -> None:
    with pytest.raises(ValueError, match="Idemisor"):
        sobre([b"<CFE></CFE>"], idemisor=number)


def test_an_envelope_larger_than_dgi_takes_is_refused_and_one_byte_less_is_not() -> None:
    empty = len(sobre([b"<CFE></CFE>"]))
    fits = b"<CFE>" + b"x" * (MAX_SOBRE - empty) + b"</CFE>"
    assert len(sobre([fits])) == MAX_SOBRE
    with pytest.raises(Rejected) as caught:
        sobre([fits.replace(b"xx", b"xxx", 1)])
    assert caught.value.code == "E1921"


def test_files_are_named_by_issuer_day_and_number() -> None:
    late = datetime(2026, 11, 22, 2, 59, tzinfo=UTC)
    assert sobre_name(RUT, late, 12) == "Sob_217777770013_20261121_12.xml"
    assert rechazos_name(RUT, 5) == "Rech_217777770013_5.xml"


def test_what_dgi_rejected_is_told_to_its_receiver() -> None:
    told = compose_rechazos(
        [Anulado(tipo=111, serie="A", numero=9, fecha=date(2026, 11, 20))],
        ruc_emisor=RUT, ruc_receptor=COMPRADOR, id_comunicacion=5, tmst=FECHA,
    )  # fmt: skip
    assert told.decode() == (
        '<CFEs_Anulados_x_RechazoDGI xmlns="http://cfe.dgi.gub.uy" version="1.0"><Caratula>'
        "<RUCEmisor>217777770013</RUCEmisor><RUCReceptor>215555550010</RUCReceptor><IDComunicacion>5</IDComunicacion>"
        "<CantCFEAnulados>1</CantCFEAnulados><Tmst>2026-11-21T15:05:06-03:00</Tmst></Caratula><CFEAnulado>"
        "<TipoCFE>111</TipoCFE><Serie>A</Serie><NroCFE>9</NroCFE><FechaCFE>2026-11-20</FechaCFE>"
        "<Motivo_Cod>RD</Motivo_Cod><Motivo_Glosa>Comprobante anulado por rechazo de DGI</Motivo_Glosa></CFEAnulado>"
        "</CFEs_Anulados_x_RechazoDGI>"
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 400_000), st.sampled_from("XY")), max_size=600))
def test_packing_keeps_the_order_and_every_limit(documents: list[tuple[int, str]]) -> None:
    packs = list(pack(documents))
    assert [place for each in packs for place in each] == list(range(len(documents)))
    for each in packs:
        assert 1 <= len(each) <= MAX_CFES
        assert len({documents[place][1] for place in each}) == 1
        assert AROUND + sum(documents[place][0] for place in each) <= MAX_SOBRE
    for one, two in pairwise(packs):
        first = documents[two[0]]
        full = AROUND + sum(documents[place][0] for place in one) + first[0] > MAX_SOBRE
        assert full or len(one) == MAX_CFES or documents[one[0]][1] != first[1], "an envelope with room was closed"


def test_a_document_that_fits_nowhere_stands_alone() -> None:
    assert list(pack([(10, "X"), (MAX_SOBRE + 1, "X"), (10, "X")])) == [range(1), range(1, 2), range(2, 3)]


@settings(deadline=None)
@given(st.lists(TEXTOS, min_size=1, max_size=4))
def test_what_was_packed_fits(adendas: list[str]) -> None:
    document = SAMPLES["101"].signed()
    rooms = sum(room(document, adenda) for adenda in adendas)
    assert len(entre_empresas([(document, adenda) for adenda in adendas])) <= rooms + AROUND
    assert len(sobre([document] * len(adendas))) <= rooms + AROUND


def test_dgis_own_documents_go_into_our_envelope_and_their_signatures_stay_good(referencia_uy: Path) -> None:
    """Signed with prefixes, in ISO-8859-1 and SHA-1, by others: their certificate is that of DGI's envelope."""
    sample = take_apart((referencia_uy / "dgi" / "Sob_219999830019_Ej_Mod_19072016.xml").read_bytes())
    certificate = load_certificate(b64decode(sample.caratula["X509Certificate"]))
    again = take_apart(sobre([cfe.alone for cfe in sample.cfes], certificate=certificate.der))
    assert [cfe.alone for cfe in again.cfes] == [cfe.alone for cfe in sample.cfes]
    assert len(again.cfes) == 8
    for cfe in again.cfes:
        assert verify(cfe.alone, certificate=certificate)
