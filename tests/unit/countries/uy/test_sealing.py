"""The Complemento Fiscal sealed for DGI: the draft stays a draft, the document a document."""

from collections.abc import Callable

import pytest
from documentos import sencillo
from lxml import etree
from ventas import AHORA, HOY, folio, hallazgos, pedido, uruguay

from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.signing.certificate import Identity
from sincronizador.signing.encryption import Sealer

CUENTA_AJENA = [tipo for tipo in TipoCfe if tipo.is_cuenta_ajena]
COMPLEMENTO = b"<Compl_Fiscal><Compl_Fiscal_Data>"


def draft_of(tipo: TipoCfe) -> bytes:
    return uruguay().draft(pedido(sencillo(tipo)), {})


@pytest.mark.parametrize("tipo", CUENTA_AJENA)
def test_a_sealed_document_is_valid_and_comes_back_out_of_itself(
    tipo: TipoCfe, xsd: etree.XMLSchema, identidad: Identity, firmar: Callable[[bytes], bytes]
) -> None:
    country, request = uruguay(), pedido(sencillo(tipo))
    draft = country.sealed(country.draft(request, {}), Sealer(identidad.certificate).encrypt)
    assert COMPLEMENTO not in draft
    signed = firmar(country.complete(draft, request.folio or folio(tipo), AHORA))
    assert xsd.validate(etree.fromstring(signed)), xsd.error_log
    assert country.draft_of(signed) == draft
    reading = country.from_xml(draft)
    assert reading.findings == ()
    again = country.read(reading.sections, HOY)
    assert [finding for finding in hallazgos(again) if finding.is_error] == []
    assert country.draft(again, {}) == draft, "what nobody here can read is kept as it is"


@pytest.mark.parametrize("tipo", [TipoCfe.E_TICKET, TipoCfe.E_FACTURA, TipoCfe.E_REMITO])
def test_where_there_is_nothing_to_seal_nothing_changes(tipo: TipoCfe) -> None:
    draft = draft_of(tipo)
    assert uruguay().sealed(draft, lambda _: b"<x></x>") == draft
    assert uruguay().blinded(draft) == draft


def test_what_is_sealed_stands_alone_and_is_sealed_once() -> None:
    given: list[bytes] = []

    def encrypt(element: bytes) -> bytes:
        given.append(element)
        return b"<x></x>"

    country, draft = uruguay(), draft_of(TipoCfe.E_FACTURA_CUENTA_AJENA)
    once = country.sealed(draft, encrypt)
    assert etree.fromstring(given[0]).tag == "{http://cfe.dgi.gub.uy}Compl_Fiscal_Data"
    assert country.sealed(once, encrypt) == once
    assert len(given) == 1


def test_two_sales_that_differ_in_what_is_sealed_alone_are_alike_to_who_has_no_key(identidad: Identity) -> None:
    country, draft, sealer = uruguay(), draft_of(TipoCfe.E_TICKET_CUENTA_AJENA), Sealer(identidad.certificate)
    first, second = country.sealed(draft, sealer.encrypt), country.sealed(draft, sealer.encrypt)
    assert first != second
    assert country.blinded(first) == country.blinded(second)
    assert country.blinded(draft) == draft, "what is in clear can be compared"


@pytest.mark.parametrize("given", [("SI", True), ("NO", False), ("", None)])
def test_the_file_says_whether_it_wants_to_be_sealed(given: tuple[str, bool | None]) -> None:
    text, wish = given
    lines = sencillo(TipoCfe.E_TICKET_CUENTA_AJENA).replace("[MANDANTE]\n", f"[MANDANTE]\nCIFRAR={text}\n")
    assert pedido(lines).seal is wish
