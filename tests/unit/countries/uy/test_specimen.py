"""What `validar` shows of a document: the same one in words, its totals, a specimen worth nothing."""

from decimal import Decimal

import pytest
from documentos import Documento, documentos
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ventas import AHORA, FACTURADO, HOY, pedido, uruguay

from sincronizador.countries.uy.fields import VOCABULARY
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.formats.txt import parse
from sincronizador.formats.txt_writer import write

PAN = "[ITEM]\nDETALLE=Pan\nPRECIO={}\nIVA=MINIMA\n"
VENTA = "[DOCUMENTO]\nTIPO={}\nREFERENCIA=V1\nFORMA_PAGO=CONTADO\n"


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(documento=st.sampled_from(TipoCfe).flatmap(documentos))
def test_the_interpreted_document_is_the_same_document(documento: Documento) -> None:
    request, country = documento.pedido(), documento.pais
    assume(not any(finding.is_error for finding in country.check(request, {}, HOY)))
    draft = country.draft(request, {})
    text = write(country.interpreted(request, draft))
    reading = parse(text, VOCABULARY, "utf-8")
    assert reading.findings == (), text
    again = country.read(reading.sections, HOY)
    assert [finding for finding in country.check(again, {}, HOY) if finding.is_error] == [], text
    assert country.draft(again, {}) == draft, text
    assert (again.anexo, again.copias, again.impresora) == (request.anexo, request.copias, request.impresora)


def test_totals_given_stand_beside_ours_with_what_lies_between() -> None:
    request = pedido(VENTA.format(101) + PAN.format(110) + "[TOTALES]\nA_PAGAR=115\nEXENTO=0\n")
    rows = {total.name: (total.given, total.ours, total.difference) for total in uruguay().totals(request)}
    assert rows == {
        "EXENTO": (0, 0, 0),
        "NETO_MINIMA": (None, 100, None),
        "IVA_MINIMA": (None, 10, None),
        "TOTAL": (None, 110, None),
        "A_PAGAR": (115, 110, 5),
    }


def test_totals_of_lines_that_nobody_understands_are_those_given() -> None:
    request = pedido(VENTA.format(101) + PAN.format("mucho") + "[TOTALES]\nA_PAGAR=115\n")
    (total,) = uruguay().totals(request)
    assert (total.name, total.given, total.ours, total.difference) == ("A_PAGAR", Decimal(115), None, None)


@pytest.mark.parametrize("tipo", [101, 111])
def test_a_specimen_can_be_taken_for_no_document(tipo: int) -> None:
    country = uruguay()
    request = pedido(VENTA.format(tipo) + FACTURADO + PAN.format(110))
    emitido = country.specimen(request, country.draft(request, {}), AHORA)
    assert (emitido.numero, emitido.total) == (0, 110)
    assert not any(mark.isalnum() for mark in emitido.serie + emitido.cae + emitido.codigo_seguridad + emitido.hash)
    assert "VALIDACION" in emitido.qr
    assert "dgi" not in emitido.qr
    assert b"SignatureValue" not in emitido.signed
    for form in (country.ticket(emitido, copy=False), country.page(emitido, copy=False)):
        assert "dgi.gub.uy/consultaQR" not in str(form)


def test_prices_meant_the_other_way_are_told_with_what_they_would_come_to() -> None:
    wrong = uruguay().check(pedido(VENTA.format(101) + PAN.format(100) + "[TOTALES]\nA_PAGAR=110\n"), {}, HOY)
    assert [(finding.code, "PRECIOS=SIN_IVA las líneas dan 110.00" in (finding.hint or "")) for finding in wrong] == [
        ("E1210", True)
    ]
    other = uruguay().check(pedido(VENTA.format(101) + PAN.format(100) + "[TOTALES]\nA_PAGAR=150\n"), {}, HOY)
    assert "PRECIOS=CON_IVA o SIN_IVA" in (other[0].hint or "")
