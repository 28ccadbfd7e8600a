"""Answers of DGI and receivers: read for what they decide, refused in words, and written for others."""

import gzip
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from respuestas import (
    ACEPTADO,
    ESTADO,
    ILEGIBLE,
    ITEM,
    OBSERVADO,
    RECHAZADO,
    RECIBIDO,
    REPORTES,
    SECUENCIA,
    SOBRES,
    YA_ESTABA,
    ack_cfe,
    ack_reporte,
    ack_sobre,
    det,
    service,
)
from signed_samples import COMPRADOR, RUT, identity

from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.acks import (
    AckCfe,
    AckSobre,
    CfeAck,
    Consulta,
    Motivo,
    Original,
    Rechazos,
    ack_cfe_name,
    ack_name,
    compose_ack_cfe,
    compose_ack_sobre,
    parse_ack_cfe,
    parse_ack_report,
    parse_ack_sobre,
    parse_rechazos,
)
from sincronizador.countries.uy.answers import MAX_ANSWER
from sincronizador.countries.uy.consultas import (
    EmisorElectronico,
    parse_emisores,
    parse_envios_reporte,
    parse_envios_sobre,
    parse_estado_cfe,
    parse_respuesta_reporte,
)
from sincronizador.countries.uy.sobre import Anulado, compose_rechazos
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected
from sincronizador.schemas import load_schemas
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

ENTERO = ack_cfe(ACEPTADO, YA_ESTABA, OBSERVADO, ILEGIBLE)
READERS = {
    parse_ack_sobre: RECIBIDO,
    parse_ack_cfe: ENTERO,
    parse_ack_report: SECUENCIA,
    parse_estado_cfe: ESTADO,
    parse_envios_sobre: SOBRES,
    parse_envios_reporte: REPORTES,
    parse_respuesta_reporte: SECUENCIA,
    lambda content: tuple(parse_emisores(content)): f"<Rucemisoresmail><x>{ITEM}</x></Rucemisoresmail>",
}


def test_the_samples_are_what_dgis_schemas_allow(referencia_uy: Path) -> None:
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    for sample in (RECIBIDO, RECHAZADO, ENTERO, SECUENCIA, ack_reporte("<Estado>AR</Estado>")):
        assert schemas.problems(sample.encode()) == []


def test_a_received_envelope_says_with_what_to_ask_and_when() -> None:
    ack = parse_ack_sobre(RECIBIDO.encode())
    assert ack == AckSobre(
        ruc_receptor="219999830019", ruc_emisor=RUT, id_respuesta=5001, archivo="",
        recibido=datetime(2026, 11, 21, 15, 5, 6, tzinfo=ZONE), id_emisor=7, id_receptor=4001, cantidad=3,
        firmado=datetime(2026, 11, 21, 15, 5, 7, tzinfo=ZONE), estado="AS",
        consulta=Consulta(token="VG9rZW4=", desde=datetime(2026, 11, 21, 15, 10, tzinfo=ZONE)),
    )  # fmt: skip
    assert ack.is_received


def test_a_rejected_envelope_says_why() -> None:
    ack = parse_ack_sobre(RECHAZADO.encode())
    assert (ack.is_received, ack.consulta) == (False, None)
    assert [motivo.codigo for motivo in ack.motivos] == ["S05", "S03"]
    assert ack.motivos[0].sentence == "S05 No coinciden cantidad CFE de carátula y contenido. Dice 3 y trae 2"


def test_what_dgi_decided_of_each_document_is_read() -> None:
    ack = parse_ack_cfe(ENTERO.encode())
    assert [(cfe.ordinal, cfe.slug, cfe.estado) for cfe in ack.cfes] == [
        (1, "111-A-10", "AE"), (2, "111-A-11", "BE"), (3, "201-A-51", "CE"), (4, "", "BE"),
    ]  # fmt: skip
    assert ack.cfes[0] == CfeAck(
        ordinal=1, tipo=111, serie="A", numero=10, fecha=date(2026, 11, 21), estado="AE",
        firmado=datetime(2026, 11, 21, 15, 4, 5, tzinfo=ZONE),
    )  # fmt: skip
    assert ack.cfes[1].original == Original(id_respuesta=4900, id_emisor=3, id_receptor=3900, token="T3Ryb1Rva2Vu")
    assert ack.cfes[2].motivos == (Motivo(codigo="C10", glosa="Tipo de cambio no válido", detalle="Era 39,85"),)
    assert [motivo.codigo for motivo in ack.cfes[3].motivos] == ["E05"]
    assert not ack.is_partial


def test_an_answer_about_some_documents_is_partial_also_when_it_repeats_one() -> None:
    assert parse_ack_cfe(ack_cfe(ACEPTADO, OBSERVADO).encode()).is_partial
    assert parse_ack_cfe(ack_cfe(ACEPTADO, ACEPTADO, en_sobre=2).encode()).is_partial
    assert parse_ack_cfe(ack_cfe(en_sobre=2).encode()).is_partial


def test_the_answer_to_a_report_is_read_with_or_without_a_number_of_ours() -> None:
    ack = parse_ack_report(SECUENCIA.encode())
    assert (ack.is_received, ack.id_emisor, ack.id_receptor) == (False, 7, 4001)
    assert [motivo.codigo for motivo in ack.motivos] == ["R05"]
    numberless = ack_reporte("<Estado>AR</Estado>").replace("<IDEmisor>7</IDEmisor>", "<IDEmisor/>")
    received = parse_ack_report(numberless.encode())
    assert (received.is_received, received.id_emisor) == (True, None)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<IDReceptor>4001</IDReceptor>", "", "le falta IDReceptor"),
        ("<IDReceptor>4001<", "<IDReceptor>12345678901<", "IDReceptor dice «12345678901»"),
        ("<IDReceptor>4001<", "<IDReceptor>４００１<", "IDReceptor dice «４００１»"),
        ("<IDReceptor>4001<", "<IDReceptor>-1<", "IDReceptor dice «-1»"),
        ("<RUCEmisor>217777770013<", "<RUCEmisor>21777777001<", "RUCEmisor dice «21777777001»"),
        ("<Estado>AS<", "<Estado>as<", "Estado dice «as»"),
        ("<Estado>AS</Estado>", "", "le falta Estado"),
        ("<Fechahora>2026-11-21T15:10:00-03:00<", "<Fechahora>mañana<", "no dice desde cuándo consultar"),
        ("<ACKSobre ", "<!DOCTYPE a [<!ENTITY b 'c'>]><ACKSobre ", "DOCTYPE"),
        ("</ACKSobre>", "", "no está bien formado"),
        ("ACKSobre", "Otra", "su raíz es «Otra»"),
    ],
)
def test_an_answer_that_cannot_be_read_is_refused_saying_what_is_wrong(old: str, new: str, why: str) -> None:
    assert old in RECIBIDO
    with pytest.raises(Rejected) as caught:
        parse_ack_sobre(RECIBIDO.replace(old, new).encode())
    assert caught.value.code == "E1911"
    assert why in str(caught.value)
    assert "ACKSobre" in str(caught.value)


@pytest.mark.parametrize("name", ["FecHRecibido", "Tmst", "NomArch"])
def test_what_only_describes_may_be_missing_or_miswritten(name: str) -> None:
    for damage in ("", f"<{name}>?</{name}>"):
        pattern = rf"<{name}/>|<{name}>[^<]*</{name}>"
        assert parse_ack_sobre(re.sub(pattern, damage, RECIBIDO).encode()).is_received


def test_an_answer_has_a_largest_size_and_number_of_documents() -> None:
    with pytest.raises(Rejected, match=f"tiene {MAX_ANSWER + 1} bytes"):
        parse_ack_cfe(b" " * (MAX_ANSWER + 1))
    with pytest.raises(Rejected, match="trae 251 comprobantes"):
        parse_ack_cfe(ack_cfe(*(det(n, 111, n, "<Estado>AE</Estado>") for n in range(1, 252))).encode())


def test_reasons_are_bounded() -> None:
    why = f"<Motivo>S05123</Motivo><Glosa>{'g' * 999}</Glosa><Detalle>{'d' * 999}</Detalle>"
    reason = f"<MotivosRechazo>{why}</MotivosRechazo>"
    ack = parse_ack_sobre(ack_sobre("<Estado>BS</Estado>" + reason * 99).encode())
    assert len(ack.motivos) == 30
    assert (ack.motivos[0].codigo, len(ack.motivos[0].glosa), len(ack.motivos[0].detalle)) == ("S05", 100, 500)


def test_an_answer_in_another_encoding_is_read() -> None:
    latin = RECHAZADO.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert "carátula" in parse_ack_sobre(latin).motivos[0].glosa


@settings(deadline=None)
@given(st.sampled_from(list(READERS.items())), st.data())
def test_a_damaged_answer_is_read_or_refused_and_nothing_else(pair: tuple[object, str], data: st.DataObject) -> None:
    reader, sample = pair
    content = bytearray(sample.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=3))
    refused = ""
    try:
        reader(bytes(content))  # type: ignore[operator]
    except Rejected as exc:
        refused = exc.code
    assert refused in ("", "E1911")


CUANDO = datetime(2026, 11, 22, 13, 0, 0, tzinfo=UTC)
NUESTRA = AckSobre(
    ruc_receptor=RUT, ruc_emisor=COMPRADOR, id_respuesta=77, archivo="Sob_215555550010_20261121_1.xml", recibido=CUANDO,
    id_emisor=1, id_receptor=31, cantidad=2, firmado=CUANDO, estado="AS",
    consulta=Consulta(token="VG9rZW4=", desde=CUANDO),
)  # fmt: skip
DECIDIDA = AckCfe(
    ruc_receptor=RUT, ruc_emisor=COMPRADOR, id_respuesta=78, recibido=CUANDO, id_emisor=1, id_receptor=31, en_sobre=3,
    firmado=CUANDO,
    cfes=(
        CfeAck(ordinal=1, tipo=111, serie="A", numero=5, fecha=date(2026, 11, 21), firmado=CUANDO, estado="AE"),
        CfeAck(
            ordinal=3, tipo=112, serie="A", numero=6, fecha=date(2026, 11, 21), firmado=CUANDO, estado="BE",
            motivos=(Motivo(codigo="E24", glosa="Diferencia precios y/o descuentos", detalle="5 & 6 < 7"),),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "ack",
    [
        NUESTRA,
        replace(NUESTRA, archivo="", consulta=None, estado="BS", motivos=(Motivo(codigo="S20", glosa="Ya existe"),)),
    ],
)
def test_what_is_answered_to_an_envelope_is_read_as_it_was_meant(ack: AckSobre) -> None:
    assert parse_ack_sobre(compose_ack_sobre(ack)) == ack


def test_what_is_answered_about_documents_is_read_as_it_was_meant() -> None:
    assert parse_ack_cfe(compose_ack_cfe(DECIDIDA)) == DECIDIDA
    root = etree.fromstring(compose_ack_cfe(DECIDIDA))
    said = {etree.QName(node).localname: node.text for node in root[0]}
    counts = ("CantenSobre", "CantResponden", "CantCFEAceptados", "CantCFERechazados")
    assert [said[name] for name in counts] == ["3", "2", "1", "1"]


def test_our_answers_are_canonical_and_verify_and_are_what_dgis_schema_allows(referencia_uy: Path) -> None:
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    why = Motivo(codigo="S01", glosa="Formato del archivo no es el indicado", detalle="d" * 900)
    many = replace(NUESTRA, estado="BS", consulta=None, motivos=(why,) * 40)
    bad = replace(DECIDIDA.cfes[1], motivos=DECIDIDA.cfes[1].motivos * 20)
    for document in (
        compose_ack_sobre(NUESTRA),
        compose_ack_sobre(many),
        compose_ack_cfe(DECIDIDA),
        compose_ack_cfe(replace(DECIDIDA, cfes=(bad,))),
    ):
        assert etree.tostring(etree.fromstring(document), method="c14n") == document
        signed = XmlSigner(identity(), embed_certificate=True).sign(document, SignaturePlan())
        assert verify(signed)
        assert schemas.problems(signed) == []


@pytest.mark.parametrize("cfes", [(), (CfeAck(ordinal=1, estado="CE"),)])
def test_we_decide_only_what_a_receiver_may(cfes: tuple[CfeAck, ...]) -> None:
    with pytest.raises(ValueError, match="no document"):
        compose_ack_cfe(replace(DECIDIDA, cfes=cfes))


def test_an_answer_without_its_moments_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="when it received"):
        compose_ack_sobre(replace(NUESTRA, recibido=None))


def test_answers_are_named_after_the_envelope() -> None:
    assert ack_name(77, "Sob_1_20261121_1.xml") == "M_77_Sob_1_20261121_1.xml"
    assert ack_cfe_name(78, "Sob_1_20261121_1.xml") == "ME_78_Sob_1_20261121_1.xml"


def test_what_an_issuer_tells_us_that_dgi_rejected_is_read() -> None:
    anulados = (
        Anulado(tipo=111, serie="A", numero=9, fecha=date(2026, 11, 20)),
        Anulado(tipo=112, serie="B", numero=1, fecha=date(2026, 11, 21)),
    )
    told = compose_rechazos(
        anulados, ruc_emisor=COMPRADOR, ruc_receptor=RUT, id_comunicacion=5, tmst=CUANDO
    )  # fmt: skip
    assert parse_rechazos(told) == Rechazos(ruc_emisor=COMPRADOR, ruc_receptor=RUT, anulados=anulados)
    with pytest.raises(Rejected, match="le falta FechaCFE"):
        parse_rechazos(told.replace(b"<FechaCFE>2026-11-20</FechaCFE>", b""))


def test_the_state_of_a_document_is_read_with_and_without_what_is_around_it() -> None:
    for content in (ESTADO, service("ESTADOCFE", ESTADO)):
        found = parse_estado_cfe(content.encode())
        assert (found.estado, found.id_emisor, found.id_receptor) == ("AE", 2020, 129)
        assert found.consulta == Consulta(token="VG9rZW4=", desde=datetime(2026, 11, 21, 15, 10, tzinfo=ZONE))


def test_a_document_that_dgi_does_not_have_has_no_state_and_nothing_to_ask_with() -> None:
    """The service writes empty elements for what it did not find."""
    nothing = "<ParamConsulta><Token/><Fechahora>0000-00-00T00:00:00</Fechahora></ParamConsulta>"
    for inside in (
        f"<EstadoCFE/><IdEmisor>0</IdEmisor><IdReceptor>0</IdReceptor>{nothing}",
        "<EstadoCFE></EstadoCFE><IdEmisor/><IdReceptor/>",
        "",
    ):
        content = f'<Ackconsultaestadocfe xmlns="http://dgi.gub.uy">{inside}</Ackconsultaestadocfe>'
        found = parse_estado_cfe(content.encode())
        assert (found.estado, found.id_emisor, found.id_receptor, found.consulta) == ("", 0, 0, None)


def test_an_envelope_received_without_a_token_gives_nothing_to_ask_with() -> None:
    ack = parse_ack_sobre(RECIBIDO.replace("<Token>VG9rZW4=</Token>", "").encode())
    assert (ack.is_received, ack.consulta) == (True, None)


def test_the_envelopes_that_dgi_has_are_read() -> None:
    for content in (SOBRES, service("ENVIOSSOBRE", SOBRES)):
        received, rejected = parse_envios_sobre(content.encode())
        assert (received.estado, received.id_emisor, received.id_receptor) == ("AS", 7, 4001)
        assert received.enviado == datetime(2026, 11, 21, 15, 5, 6, tzinfo=ZONE)
        assert received.consulta is not None
        assert (rejected.estado, rejected.id_emisor, rejected.consulta) == ("BS", 8, None)
    assert parse_envios_sobre(b'<Ackconsultaenviossobre xmlns="http://dgi.gub.uy"/>') == ()


def test_the_reports_that_dgi_has_are_read() -> None:
    for content in (REPORTES, service("ENVIOSREPORTE", REPORTES)):
        found = parse_envios_reporte(content.encode())
        assert [(one.estado, one.id_emisor, one.id_receptor) for one in found] == [("BR", 0, 900), ("DR", 5, 901)]
        assert found[0].recibido == datetime(2026, 11, 21, 3, 0, tzinfo=ZONE)


def test_the_original_answer_to_a_report_is_read_in_all_its_wrappings() -> None:
    text = SECUENCIA.replace("UTF-8", "ISO-8859-1")
    inside = f'<Ackrepdiario xmlns="http://dgi.gub.uy"><![CDATA[{text}]]></Ackrepdiario>'
    for content in (SECUENCIA, inside, service("RESPUESTAREPORTE", inside + "<Mensajes/>")):
        found = parse_respuesta_reporte(content.encode())
        assert (found.estado, found.motivos[0].glosa) == ("BR", "La secuencia indicada en el reporte no es correcta")
    with pytest.raises(Rejected, match="no trae la respuesta"):
        parse_respuesta_reporte(b"<Ackrepdiario/>")


@pytest.mark.parametrize(
    ("reader", "operation"),
    [(parse_estado_cfe, "ENVIOSSOBRE"), (parse_envios_sobre, "ESTADOCFE"), (parse_envios_reporte, "ESTADOCFE")],
)
def test_the_answer_to_another_question_is_refused(reader: object, operation: str) -> None:
    with pytest.raises(Rejected) as caught:
        reader(service(operation, "<x/>").encode())  # type: ignore[operator]
    assert caught.value.code == "E1911"


def registro(items: str, root: str = "RucEmisoresTransicionMailProv") -> str:
    return f'<{root} xmlns="http://dgi.gub.uy">{items}</{root}>'


def packed(content: str, root: str = "Rucemisorestansicionmailcomprimidoprov") -> bytes:
    text = b64encode(gzip.compress(content.encode())).decode()
    lines = "\n".join(text[place : place + 76] for place in range(0, len(text), 76))
    return f'<{root} xmlns="http://dgi.gub.uy">\n{lines}\n</{root}>'.encode()


REGISTRADO = EmisorElectronico(
    rut="219999830019", denominacion="DGI RUC PRUEBA", desde=date(2014, 1, 1), fin_transicion=date(2014, 4, 30),
    hasta=None, correo="prueba@ejemplo.com.uy", web_service="https://ejemplo.com.uy/ws",
    correo_tecnico="tecnico@ejemplo.com.uy",
)  # fmt: skip


def test_the_register_of_issuers_is_read_plain_wrapped_and_compressed() -> None:
    name = "RucEmisoresTransicionMailProv.RucEmisoresTransicionMailProvItem"
    item = f"<{name}>{ITEM}</{name}>"
    plain = registro(item)
    inside = packed(plain).decode()
    wrapped = service("RUCEMISORESTRANSICIONCOMPRIMIDOPROV", inside).encode()
    for content in (plain.encode(), service("RUCEMISORES", plain).encode(), packed(plain), wrapped):
        assert list(parse_emisores(content)) == [REGISTRADO]
    assert len(list(parse_emisores(packed(registro(item * 3))))) == 3
    assert list(parse_emisores(registro("", "Rucemisoresmail").encode())) == []


def test_a_register_that_cannot_be_unpacked_is_refused() -> None:
    good = packed(registro(f"<x>{ITEM}</x>"))
    text = good.decode().replace("\n", "")
    for content in (text[:-60] + "</Rucemisorestansicionmailcomprimidoprov>", text.replace("H4sI", "H4sIA")):
        with pytest.raises(Rejected) as caught:
            list(parse_emisores(content.encode()))
        assert caught.value.code == "E1911"
    with pytest.raises(Rejected, match="su raíz es «Otra»"):
        list(parse_emisores(b"<Otra/>"))


def test_a_register_that_swells_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"<RUCEMISORES>" + b" " * 70_000_000)
    content = b"<Rucemisores>" + b64encode(bomb) + b"</Rucemisores>"
    with pytest.raises(Rejected, match="más de 64000000 bytes"):
        list(parse_emisores(content))


def test_who_is_in_the_register_is_an_issuer_from_its_first_day_to_its_last() -> None:
    one = replace(REGISTRADO, desde=date(2026, 1, 2), hasta=date(2026, 6, 30))
    days = (date(2026, 1, 1), date(2026, 1, 2), date(2026, 6, 30), date(2026, 7, 1))
    assert [one.is_issuer(day) for day in days] == [False, True, True, False]
    assert replace(one, desde=None, hasta=None).is_issuer(days[0])
