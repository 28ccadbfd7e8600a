"""Documents of all 42 types, in shapes nobody thought of, against the official schema and the norm's formulas."""

import os
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from documentos import Documento, documentos, sencillo
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from ventas import AHORA, HOY, NS, completo, folio, item, pedido, uruguay, valores, venta

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.numbering import Folio
from sincronizador.core.request import Request
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.fields import BY_SECTION, FIELDS, TOTALES
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.signing.certificate import Identity

EJEMPLOS = int(os.environ.get("LEY_LARGA", "12"))
"""Documents drawn of each type; the long form draws 2,000."""
DEL_DIBUJO = {"E1104", "E1207", "E1208", "E1212", "E1214", "E1215"}
"""A price that rounds away, a sum below zero, an amount over the threshold: what a drawing cannot foresee."""
CENT = Decimal("0.01")


@pytest.mark.parametrize("tipo", TipoCfe)
def test_what_passes_the_checks_is_a_document_in_every_respect(
    tipo: TipoCfe, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> None:
    taken = 0

    @settings(max_examples=EJEMPLOS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(documento=documentos(tipo))
    def whatever_is_drawn(documento: Documento) -> None:
        nonlocal taken
        found = documento.errores()
        assert {finding.code for finding in found} <= DEL_DIBUJO, found
        if not found:
            taken += 1
            is_a_document(documento, xsd, firmar)

    whatever_is_drawn()
    assert taken > EJEMPLOS / 4


def is_a_document(documento: Documento, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]) -> None:
    """It is valid, canonical, adds up, comes back out of itself, and says when signed what was calculated."""
    pais, request = documento.pais, documento.pedido()
    draft = pais.draft(request, {})
    document = pais.complete(draft, request.folio or folio(documento.tipo), AHORA)
    assert etree.tostring(etree.fromstring(document), method="c14n") == document
    assert pais.draft_of(document) == draft
    signed = firmar(document)
    root = etree.fromstring(signed)
    assert xsd.validate(root), xsd.error_log
    assert pais.draft_of(signed) == draft
    check_sums(root, by_net=documento.ajustes.get("redondeo") != "diferencia")
    check_emitted(pais.emitted(signed, Anexo()), request)
    comes_back(documento, draft)


def comes_back(documento: Documento, draft: bytes) -> None:
    """A draft is a CFE that a caller could have sent: read, it is the same draft."""
    pais = documento.pais
    reading = pais.from_xml(draft)
    assert reading.findings == ()
    again = pais.read(reading.sections, HOY)
    assert [finding for finding in pais.check(again, {}, HOY) if finding.is_error] == []
    assert pais.draft(again, {}) == draft


def check_emitted(emitido: Emitido, request: Request) -> None:
    """What is read from the signed bytes is what was calculated."""
    assert isinstance(request.document, Comprobante)
    calculo = request.document.calculo
    assert calculo is not None
    totales, importes = calculo.totales, dict(emitido.importes)
    told = {"REDONDEO": calculo.redondeo}
    told |= {name: getattr(totales, attribute) for name, _, attribute, _ in TOTALES}
    absent = {Familia.E_REM: set(told), Familia.E_RESG: {"TOTAL", "A_PAGAR"}, Familia.E_REM_EXP: {"A_PAGAR"}}
    for name in absent.get(request.document.tipo.familia, set()):
        told[name] = Decimal(0)
    sold = [linea for linea in request.document.lineas if linea.detalle == "Redondeo"]
    for name, amount in told.items():
        if not (name == "REDONDEO" and sold):
            assert Decimal(importes.get(name, "0")) == amount, name
    assert (emitido.tipo, emitido.fecha) == (request.document.tipo, request.document.fecha)


def check_sums(root: etree._Element, *, by_net: bool) -> None:
    """The formulas of A112 to A130, written again from the norm; IVA is net times rate, or what gross leaves of it."""
    familia = etree.QName(root[0]).localname

    def number(element: etree._Element, name: str) -> Decimal:
        return Decimal(element.findtext(NS + name) or "0")

    header = root.find(f".//{NS}Totales")
    assert header is not None
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    withheld: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in root.iter(NS + "Item"):
        ind = line.findtext(NS + "IndFact") or ""
        sums[ind] += number(line, "MontoItem")
        for table in line.findall(NS + "RetencPercep"):
            sign = -1 if ind == "9" else 1
            withheld[table.findtext(NS + "CodRet") or ""] += sign * number(table, "ValRetPerc")
        if ind == "5":
            assert number(line, "MontoItem") == number(line, "PrecioUnitario") == 0
        exact = number(line, "Cantidad") * number(line, "PrecioUnitario")
        exact += number(line, "RecargoMnt") - number(line, "DescuentoMonto")
        assert line.find(NS + "MontoItem") is None or abs(exact - number(line, "MontoItem")) <= CENT / 2
    for line in root.iter(NS + "DRG_Item"):
        sign = 1 if line.findtext(NS + "TpoMovDR") == "R" else -1
        sums[line.findtext(NS + "IndFactDR") or ""] += sign * number(line, "ValorDR")
    bruto = "".join(valores(root, "MntBruto"))
    rates = {"2": ("0.10", "MntNetoIvaTasaMin", "MntIVATasaMin", "IVATasaMin"),
             "3": ("0.22", "MntNetoIVATasaBasica", "MntIVATasaBasica", "IVATasaBasica")}  # fmt: skip
    for ind, (rate, net, iva, percent) in rates.items():
        expected = (sums[ind] / ((1 + Decimal(rate)) if bruto == "1" else 1)).quantize(CENT, ROUND_HALF_UP)
        assert number(header, net) == expected
        tax = (expected * Decimal(rate)).quantize(CENT, ROUND_HALF_UP)
        assert abs(number(header, iva) - tax) <= (0 if by_net else CENT)
        assert number(header, percent) == (Decimal(rate) * 100 if expected else 0)
    exempt = ("13", "14", "15", "17") if familia == "eBoleta" else ("1", "16")
    assert number(header, "MntNoGrv") == sum(sums[ind] for ind in exempt)
    assert number(header, "MntExpoyAsim") == (sums[""] - sums["8"] if familia == "eRem_Exp" else sums["10"])
    assert number(header, "MntImpuestoPerc") == sums["11"]
    assert number(header, "MntIVaenSusp") == sums["12"]
    assert number(header, "MntNetoIVAOtra") == sums["4"]
    taxes = ("MntNoGrv", "MntExpoyAsim", "MntImpuestoPerc", "MntIVaenSusp", "MntNetoIvaTasaMin")
    taxes += ("MntNetoIVATasaBasica", "MntNetoIVAOtra", "MntIVATasaMin", "MntIVATasaBasica", "MntIVAOtra")
    assert number(header, "MntTotal") == sum(number(header, name) for name in taxes)
    credit = sum(value for code, value in withheld.items() if code.startswith("2181"))
    assert number(header, "MntTotCredFisc") == credit
    assert number(header, "MntTotRetenido") == sum(withheld.values()) - credit
    told = {part.findtext(NS + "CodRet") or "": number(part, "ValRetPerc") for part in header.iter(NS + "RetencPercep")}
    assert told == dict(withheld)
    assert number(header, "CantLinDet") == len(list(root.iter(NS + "Item")))
    assert number(header, "MontoNF") == sums["6"] - sums["7"]
    if familia not in ("eRem", "eRem_Exp", "eResg"):
        sign = -1 if bruto == "2" else 1
        owed = number(header, "MntTotal") + sign * number(header, "MntTotRetenido") + number(header, "MontoNF")
        assert number(header, "MntPagar") == owed


EXTREMOS = st.sampled_from((
    "0", "1", "-1", "0.0000001", "-0.005", "99999999999999.999", "99999999999.999999", "999999999999999.99", "9999.999",
    "100", "22", "SI", "NO", "VENTA", "MINIMA", "6", "7", "USD", "UYU", "AR", "99", "4", "2050-12-31", "2026-11-21",
    "2011-09-30", "2026-12-31", "A", "AA", "1A", "Ñ", "a b", "& < > ]]>", "12345672", "215555550010", "x" * 2000,
))  # fmt: skip


@settings(max_examples=EJEMPLOS * 30, deadline=None, database=None)
@example(tipo=TipoCfe.E_TICKET, changes=[(("TOTALES", "IVA_OTRA"), "-1")])
@given(
    tipo=st.sampled_from(TipoCfe),
    changes=st.lists(
        st.sampled_from([(row.section, row.name) for row in FIELDS]).flatmap(
            lambda key: st.tuples(
                st.just(key), EXTREMOS | st.sampled_from(sorted(BY_SECTION[key[0]][key[1]].values) or ["7"])
            )
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_any_field_with_any_value_is_refused_or_makes_a_valid_document(
    tipo: TipoCfe,
    changes: list[tuple[tuple[str, str], str]],
    xsd: etree.XMLSchema,
    firmar: Callable[[bytes], bytes],
) -> None:
    documento = Documento(tipo=tipo, texto=changed(sencillo(tipo), changes))
    if not documento.errores():
        is_a_document(documento, xsd, firmar)


@pytest.mark.parametrize("tipo", TipoCfe)
def test_the_plain_document_of_every_type_passes(
    tipo: TipoCfe, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> None:
    documento = Documento(tipo=tipo, texto=sencillo(tipo))
    assert documento.errores() == []
    is_a_document(documento, xsd, firmar)


def changed(text: str, changes: list[tuple[tuple[str, str], str]]) -> str:
    """The sale with these fields set, in the first section of that name or in a new one."""
    sections = [part.splitlines() for part in re.split(r"(?m)^(?=\[)", text) if part]
    for (section, name), value in changes:
        target = next((part for part in sections if part[0] == f"[{section}]"), None)
        if target is None:
            target = [f"[{section}]"]
            sections.append(target)
        target[:] = [row for row in target if not row.startswith(name + "=")] + [f"{name}={value}"]
    return "".join(row + "\n" for part in sections for row in part)


def test_a_completed_document_signed_by_the_house_is_verified_by_xmlsec1(
    tmp_path: Path, identidad: Identity, firmar: Callable[[bytes], bytes], xsd: etree.XMLSchema
) -> None:
    if shutil.which("xmlsec1") is None:
        pytest.skip("needs xmlsec1: apt install xmlsec1")
    signed = firmar(completo(pedido(venta(item("100", CANTIDAD="3"), resto="[ADENDA]\nGracias\n"))))
    assert xsd.validate(etree.fromstring(signed)), xsd.error_log
    assert b"Gracias" not in signed
    (tmp_path / "cfe.xml").write_bytes(signed)
    public = identidad.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(public)
    subprocess.run(
        ["xmlsec1", "--verify", "--pubkey-pem", str(tmp_path / "key.pem"), str(tmp_path / "cfe.xml")],
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("draft", [b"", b"<CFE/>", b"<CFE><eTck><TipoCFE>1</TipoCFE></eTck>"])
def test_only_a_draft_can_be_completed(draft: bytes) -> None:
    with pytest.raises(ValueError, match="draft"):
        uruguay().complete(draft, folio(101), AHORA)


def test_a_range_of_a_special_issuer_is_copied_into_the_document() -> None:
    rango = replace(folio(101).rango, especial="1", causal="003")
    request = pedido(venta(item("1", "EXENTA")))
    document = uruguay().complete(uruguay().draft(request, {}), Folio(rango=rango, numero=9), AHORA)
    assert b"<CAEEspecial>1</CAEEspecial><CausalCAEEsp>003</CausalCAEEsp></CAEData></eTck></CFE>" in document
    assert b'version="1.0"><eTck><TmstFirma>2026-11-21T15:04:05-03:00</TmstFirma><Encabezado>' in document
