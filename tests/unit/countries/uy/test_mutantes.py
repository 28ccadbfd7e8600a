"""Documents of every type with one thing changed: what DGI's schema rejects never leaves, and nothing is dropped."""

import os
import random
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from documentos import Documento, documentos, sencillo
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from mutantes import CAMBIOS, TEXTOS, enviado, es_valido, hojas, mudables
from test_xml_entrada import SIGNATURE, issuer_of, samples
from ventas import AHORA, HOY, NS, folio

from sincronizador.core.numbers import NotANumber, parse_date, parse_number
from sincronizador.countries.uy.tipos import TipoCfe
from sincronizador.countries.uy.uruguay import Uruguay

EJEMPLOS = int(os.environ.get("LEY_LARGA", "20")) // 20
"""Documents of each type; of each, `CADA_UNO` mutants."""
CADA_UNO = 30
HOW = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
ORDEN = {"trueque", "al final"}
"""The elements of a CFE that arrives may stand in any order: it is composed anew."""
CALLADOS = {"sin", "texto"}
"""What is absent or empty is filled in, and a text may have the forms that a TXT has: dates, decimals, length."""
CLASES = ("TipoDocRecep", "CodPaisRecep", "TipoDocProp", "CodPaisProp", "DescTipo", "RecargoTipo")
"""What says nothing without the document or the amount that it is of."""
DOCUMENTOS = ("DocRecep", "DocRecepExt", "DocProp", "DocPropExt", "DocMdte")
"""Whose dots, dashes and spaces do not count."""
_MARKS = str.maketrans("", "", " .-/")
TASAS = ("IVATasaMin", "IVATasaBasica")
"""Which are told with an amount of their own, or say nothing."""
MANDADOS = ("PrecioUnitario", "MntBruto")
"""What gives way: a price to its amount, within five cents; gross prices to an issuer without IVA."""
CEROS = ("ValorPago", "ValorDR", "DescVal", "RecargoVal")
"""An entry of zero says nothing at all."""
CUENTAN = ("NroLinDet", "NroSTI", "NroLinDR", "NroLinMP", "NroLinRef")
"""Numbers of lines, which may be absent."""


class Emisor(NamedTuple):
    """Who sends a document, and of what type."""

    pais: Uruguay
    tipo: TipoCfe


@pytest.mark.parametrize("tipo", TipoCfe)
def test_no_mutant_that_is_taken_becomes_an_invalid_document(tipo: TipoCfe, xsd: etree.XMLSchema) -> None:
    @settings(max_examples=EJEMPLOS, phases=[Phase.generate], **HOW)
    @given(
        documento=documentos(tipo),
        changes=st.lists(
            st.tuples(st.floats(0, 0.999), st.sampled_from(["texto", *CAMBIOS]), st.sampled_from(TEXTOS)),
            min_size=CADA_UNO, max_size=CADA_UNO,
        ),
    )  # fmt: skip
    def whatever_is_changed(documento: Documento, changes: list[tuple[float, str, str]]) -> None:
        if documento.errores():
            return
        request = documento.pedido()
        draft = documento.pais.draft(request, {})
        whole = documento.pais.complete(draft, request.folio or folio(tipo), AHORA)
        for place, change, text in changes:
            is_judged(Emisor(documento.pais, tipo), whole, (place, change, text), xsd)

    whatever_is_changed()


def test_neither_does_a_mutant_of_an_official_sample(referencia_uy: Path, xsd: etree.XMLSchema) -> None:
    paths = sorted((referencia_uy / "dgi").glob("Sob_*.xml")) + sorted(
        (referencia_uy / "examples").glob("[12]??_*.xml")
    )
    judged = 0
    for cfe in samples(*paths):
        emisor = Emisor(issuer_of(cfe), TipoCfe(int(cfe.findtext(f".//{NS}TipoCFE") or 0)))
        cfe.remove(cfe.find(SIGNATURE))
        judged += all_are_judged(emisor, etree.tostring(cfe, method="c14n"), xsd)
    assert judged > 900


@pytest.mark.parametrize("tipo", [131, 142, 231])
def test_neither_does_a_mutant_of_one_whose_principal_is_sealed(tipo: int, xsd: etree.XMLSchema) -> None:
    documento = Documento(tipo=TipoCfe(tipo), texto=sencillo(TipoCfe(tipo)))
    pais, request = documento.pais, documento.pedido()
    draft = pais.sealed(pais.draft(request, {}), lambda _: _CIFRADO.encode())
    whole = pais.complete(draft, request.folio or folio(tipo), AHORA)
    assert es_valido(etree.fromstring(whole), xsd), xsd.error_log
    assert all_are_judged(Emisor(pais, TipoCfe(tipo)), whole, xsd) > 50


_CIFRADO = (
    '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">'
    '<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"></xenc:EncryptionMethod>'
    '<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:CipherData>'
    "<xenc:CipherValue>c2VjcmV0bw==</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
    "<xenc:CipherData><xenc:CipherValue>c2VjcmV0bw==</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
)


def all_are_judged(emisor: Emisor, whole: bytes, xsd: etree.XMLSchema) -> int:
    """Every element of a document changed, in the long form in every way; how many mutants that made."""
    chosen, places = random.Random(EJEMPLOS), len(mudables(etree.fromstring(whole), emisor.tipo))
    ways = [(place, change) for place in range(places) for change in chosen.sample([*CAMBIOS], min(EJEMPLOS, 10))]
    for place, change in ways:
        is_judged(emisor, whole, ((place + 0.5) / places, change, chosen.choice(TEXTOS)), xsd)
    return len(ways)


def is_judged(emisor: Emisor, whole: bytes, how: tuple[float, str, str], xsd: etree.XMLSchema) -> None:
    """If the mutant is taken, it becomes a valid document in which nothing that it said is missing."""
    place, change, text = how
    root = etree.fromstring(whole)
    there = mudables(root, emisor.tipo)
    element = there[int(place * len(there))]
    where = f"{change} de {etree.QName(element).localname}: {text!r}"
    CAMBIOS[change](element, text)
    sent, pais = enviado(root, emisor.tipo), emisor.pais
    reading = pais.from_xml(sent)
    request = pais.read(reading.sections, HOY)
    found = [*reading.findings, *pais.check(request, {}, HOY)]
    if any(finding.is_error for finding in found):
        return
    assert es_valido(root, xsd) or change in ORDEN | CALLADOS, where
    again = pais.complete(pais.draft(request, {}), request.folio or folio(emisor.tipo), AHORA)
    result = etree.fromstring(again)
    assert es_valido(result, xsd), f"{where}: {xsd.error_log}"
    nothing = etree.QName(element).localname in CEROS and not text.strip("0. +-")
    if not (found or nothing):
        lost = Counter(meanings(etree.fromstring(sent))) - Counter(meanings(result))
        assert not lost, where


def meanings(root: etree._Element) -> list[tuple[str, str]]:
    """What the leaves say, whatever the form: numbers by value, days as days; a count of lines says nothing."""
    said = []
    for path, text in hojas(root):
        name = path.rpartition("/")[2]
        value = meaning(name, text)
        if name not in CUENTAN + CLASES + TASAS + MANDADOS and not (
            value == "0" and name not in ("MntPagar", "MntTotal")
        ):
            said.append((path, value.translate(_MARKS) if name in DOCUMENTOS else value))
    return said


def meaning(name: str, text: str) -> str:
    """A day in ISO's form, a number without its idle zeros, a yes as 1, any other text without idle blanks."""
    if name.startswith(("Fch", "Fec", "Periodo")):
        return str(parse_date(text) or 0)
    try:
        return str(parse_number(text, decimal="PUNTO", limit=Decimal(10**20)).normalize() + 0)
    except NotANumber:
        return " ".join(text.strip(".").upper().split()).replace("SI", "1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Detalle>", "<Detalle>suelto"),
        ("</Detalle>", "</Detalle>suelto"),
        ("<Totales>", '<Totales a="1">'),
        ("<NroLinDet>1<", '<NroLinDet a="1">1<'),
        ("<NroLinDet>1<", "<NroLinDet><Extra/>1<"),
        ("<NroLinDet>1</NroLinDet>", "<NroLinDet>1</NroLinDet><NroLinDet>1</NroLinDet>"),
        ("</Encabezado>", "<Extra/></Encabezado>"),
        ("</Encabezado>", '<Extra xmlns="urn:otro"/></Encabezado>'),
        ("</Totales>", "</Totales><Totales/>"),
        ("</Detalle>", "</Detalle><MediosPago><Extra/></MediosPago>"),
        ("</Detalle>", "</Detalle><SubTotInfo/><SubTotInfo/>"),
        ("<Emisor>", "<Emisor><Telefono>1</Telefono><Telefono>2</Telefono><Telefono>3</Telefono>"),
        ("<NomItem>", "<CodItem><TpoCod>INT1</TpoCod></CodItem><NomItem>"),
        ("<MontoItem>", "<SubDescuento><DescTipo>1</DescTipo></SubDescuento><MontoItem>"),
        ("</Detalle>", "</Detalle><DscRcgGlobal><Otro><TpoMovDR>D</TpoMovDR></Otro></DscRcgGlobal>"),
        ("<FmaPago>1<", "<FmaPago>-1<"),
    ],
)
def test_what_would_be_dropped_without_a_word_is_refused(old: str, new: str) -> None:
    documento = Documento(tipo=TipoCfe.E_TICKET, texto=_PLANO)
    draft = documento.pais.draft(documento.pedido(), {}).decode()
    assert old in draft
    mutant = draft.replace(old, new, 1).encode()
    reading = documento.pais.from_xml(mutant)
    request = documento.pais.read(reading.sections, HOY)
    found = [*reading.findings, *documento.pais.check(request, {}, HOY)]
    assert any(finding.is_error for finding in found)


_PLANO = "[DOCUMENTO]\nTIPO=101\nREFERENCIA=V1\nFORMA_PAGO=CONTADO\n[ITEM]\nDETALLE=Pan\nPRECIO=100\nIVA=MINIMA\n"


def test_a_withholding_told_twice_in_the_header_is_refused() -> None:
    texto = _PLANO + "AGENTE=R\n[RETENCION]\nCODIGO=2183165\nVALOR=5\n[RECEPTOR]\nDOCUMENTO=12345672\n"
    documento = Documento(tipo=TipoCfe.E_TICKET, texto=texto)
    draft = documento.pais.draft(documento.pedido(), {}).decode()
    head, _, _ = draft.partition("</Totales>")
    told = "<RetencPercep><CodRet>2183165</CodRet><ValRetPerc>5.00</ValRetPerc></RetencPercep>"
    assert told in head
    twice = draft.replace(told, told + told, 1).encode()
    assert [finding.code for finding in documento.pais.from_xml(twice).findings] == ["E1401"]


def test_every_sample_has_elements_to_change() -> None:
    documento = Documento(tipo=TipoCfe.E_TICKET, texto=_PLANO)
    whole = documento.pais.complete(documento.pais.draft(documento.pedido(), {}), folio(101), AHORA)
    names = {etree.QName(element).localname for element in mudables(etree.fromstring(whole), TipoCfe.E_TICKET)}
    assert {"NomItem", "MntPagar", "TipoCFE"} <= names
    assert not names & {"TmstFirma", "Serie", "Nro", "CAEData", "FecVenc"}
    assert etree.fromstring(whole).tag == NS + "CFE"
