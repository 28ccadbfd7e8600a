"""Documents of all six types, in shapes nobody thought of, against the official schema."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from ventas import AHORA, FACTURADO, NS, completo, folio, hallazgos, item, pedido, uruguay, valores, venta

from sincronizador.core.numbering import Folio
from sincronizador.core.request import Request
from sincronizador.countries.uy.fields import FIELDS
from sincronizador.signing.certificate import Identity

TIPOS = ("101", "102", "103", "111", "112", "113")
textos = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\\x85\u2028\u2029"), min_size=1, max_size=120
)
montos = st.decimals("0.01", "99999.99", places=2)


def notas(tipo: str) -> str:
    base = "101" if tipo < "110" else "111"
    return f"[REFERENCIA]\nTIPO={base}\nSERIE=A\nNUMERO=5\nRAZON=Cambio\n" if tipo[-1] != "1" else ""


@st.composite
def lineas(draw: st.DrawFn, ivas: tuple[str, ...]) -> str:
    iva = draw(st.sampled_from(ivas))
    given_text = draw(textos)
    rows = [f"DETALLE=x{given_text}", f"IVA={iva}", f"CANTIDAD={draw(st.decimals('0.001', '999', places=3))}"]
    rows.append(f"PRECIO={draw(st.decimals('0.01', '9999', places=draw(st.integers(0, 6))))}")
    if draw(st.booleans()):
        rows.append(f"DESCUENTO_PORC={draw(st.decimals('0.001', '99', places=3))}")
    if draw(st.booleans()):
        rows.append(f"RECARGO={draw(st.decimals('0.01', '50', places=2))}")
    if draw(st.booleans()):
        rows.append(f"CODIGO=x{draw(st.integers(0, 10**9))}\nUNIDAD=kg\nDESCRIPCION=y{draw(textos)}")
    if draw(st.integers(0, 5)) == 0:
        valor = draw(montos)
        rows.append(f"AGENTE=R\n[RETENCION]\nCODIGO=218{draw(st.sampled_from(('1410', '3165')))}\nVALOR={valor}")
    return "\n".join(rows)


@st.composite
def ventas(draw: st.DrawFn) -> str:
    tipo = draw(st.sampled_from(TIPOS))
    ivas = ("BASICA", "MINIMA", "EXENTA", "NO_FACTURABLE", "EXPORTACION", "PERCIBIDO", "SUSPENSO")
    rows = draw(st.lists(lineas(ivas), min_size=1, max_size=6))
    rest = FACTURADO if tipo > "110" else '[RECEPTOR]\nDOCUMENTO=12345672\nNOMBRE=<Ana> & "Cía"\n'
    rest += notas(tipo)
    if draw(st.booleans()):
        rest += f"[DESCUENTO]\nPORC={draw(st.decimals('0.001', '90', places=3))}\nDETALLE={'x' + draw(textos)}\n"
    if draw(st.booleans()):
        rest += f"[RECARGO]\nVALOR={draw(montos)}\n"
    if draw(st.booleans()):
        rest += "[PAGO]\nMEDIO=EFECTIVO\n[SUBTOTAL]\nDETALLE=Sub\nVALOR=-1.50\n"
    fields = {"DECIMAL": "PUNTO", "PRECIOS": draw(st.sampled_from(("CON_IVA", "SIN_IVA")))}
    if draw(st.booleans()):
        fields |= {"MONEDA": "U$S", "COTIZACION": str(draw(st.decimals("0.001", "9999.999", places=3)))}
    if draw(st.booleans()):
        fields |= {"VENCIMIENTO": "31/12/2026", "PERIODO_DESDE": "20261101", "PERIODO_HASTA": "2026-11-30"}
    return venta(*rows, tipo=tipo, resto=rest, **fields)


def sin_errores(request: Request) -> bool:
    return not any(finding.is_error for finding in hallazgos(request))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(text=ventas())
def test_whatever_passes_the_checks_is_valid_against_the_schema_and_canonical(
    text: str, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> None:
    request = pedido(text)
    found = [finding for finding in hallazgos(request) if finding.is_error]
    # a price that rounds away or an amount over the threshold is the drawing's doing
    assert {finding.code for finding in found} <= {"E1212", "E1214", "E1215", "E1207"}, found
    if found:
        return
    document = completo(request)
    assert etree.tostring(etree.fromstring(document), method="c14n") == document
    signed = etree.fromstring(firmar(document))
    assert xsd.validate(signed), xsd.error_log
    check_sums(signed)


def check_sums(root: etree._Element) -> None:
    """The formulas of A112 to A130, written again from the norm."""

    def amount(name: str) -> Decimal:
        texts = [element.text for element in root.findall(f".//{NS}Totales/{NS}{name}")]
        return Decimal(texts[0] or "0") if texts else Decimal(0)

    sums: dict[str, Decimal] = {}
    for line in root.iter(NS + "Item"):
        ind = line.findtext(NS + "IndFact") or ""
        sums[ind] = sums.get(ind, Decimal(0)) + Decimal(line.findtext(NS + "MontoItem") or "0")
        parts = [Decimal(line.findtext(NS + name) or "0") for name in ("Cantidad", "PrecioUnitario")]
        extra = [Decimal(line.findtext(NS + name) or "0") for name in ("DescuentoMonto", "RecargoMnt")]
        exact = parts[0] * parts[1] - extra[0] + extra[1]
        assert abs(exact - Decimal(line.findtext(NS + "MontoItem") or "0")) <= Decimal("0.005")
    for line in root.iter(NS + "DRG_Item"):
        ind = line.findtext(NS + "IndFactDR") or ""
        sign = 1 if line.findtext(NS + "TpoMovDR") == "R" else -1
        sums[ind] = sums.get(ind, Decimal(0)) + sign * Decimal(line.findtext(NS + "ValorDR") or "0")
    gross = valores(root, "MntBruto") == ["1"]
    for ind, rate, net, iva in (("2", "0.10", "MntNetoIvaTasaMin", "MntIVATasaMin"),
                                ("3", "0.22", "MntNetoIVATasaBasica", "MntIVATasaBasica")):  # fmt: skip
        expected = sums.get(ind, Decimal(0)) / ((1 + Decimal(rate)) if gross else 1)
        assert amount(net) == expected.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert amount(iva) == (amount(net) * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert amount("MntNoGrv") == sums.get("1", 0) + sums.get("16", 0)
    taxes = ("MntExpoyAsim", "MntImpuestoPerc", "MntIVaenSusp", "MntNetoIvaTasaMin", "MntNetoIVATasaBasica")
    taxes += ("MntNoGrv", "MntNetoIVAOtra", "MntIVATasaMin", "MntIVATasaBasica", "MntIVAOtra")
    assert amount("MntTotal") == sum(amount(name) for name in taxes)
    assert amount("MontoNF") == sums.get("6", 0) - sums.get("7", 0)
    assert amount("MntPagar") == amount("MntTotal") + amount("MntTotRetenido") + amount("MontoNF")
    assert amount("CantLinDet") == len(list(root.iter(NS + "Item")))
    if gross:
        billed = sum(value for ind, value in sums.items() if ind not in ("6", "7"))
        rounding = [
            Decimal(line.findtext(NS + "MontoItem") or "0") * (1 if line.findtext(NS + "IndFact") == "6" else -1)
            for line in root.iter(NS + "Item")
            if line.findtext(NS + "NomItem") == "Redondeo"
        ]
        loose = amount("MontoNF") - sum(rounding)
        assert amount("MntPagar") == billed + amount("MntTotRetenido") + loose
        assert all(abs(value) <= Decimal("0.02") for value in rounding)


EXTREMOS = st.sampled_from((
    "0", "1", "-1", "0.0000001", "-0.005", "99999999999999.999", "99999999999.999999", "999999999999999.99", "9999.999",
    "100", "22", "SI", "NO", "VENTA", "MINIMA", "6", "7", "USD", "UYU", "AR", "99", "4", "2050-12-31", "2026-11-21",
    "2011-09-30", "2026-12-31", "A", "AA", "1A", "Ñ", "a b", "& < > ]]>", "12345672", "215555550010", "x" * 2000,
))  # fmt: skip


@settings(max_examples=600, deadline=None)
@example(tipo="101", changes=[(("TOTALES", "IVA_OTRA"), "-1")])
@given(
    tipo=st.sampled_from(TIPOS),
    changes=st.lists(
        st.sampled_from([(row.section, row.name) for row in FIELDS]).flatmap(
            lambda key: st.tuples(st.just(key), EXTREMOS)
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_any_field_with_any_value_is_refused_or_makes_a_valid_document(
    tipo: str,
    changes: list[tuple[tuple[str, str], str]],
    xsd: etree.XMLSchema,
    firmar: Callable[[bytes], bytes],
) -> None:
    base = venta(item("100"), item("50", "MINIMA"), tipo=tipo, resto=FACTURADO + notas(tipo), DECIMAL="PUNTO")
    request = pedido(changed(base, changes))
    if sin_errores(request):
        signed = etree.fromstring(firmar(completo(request)))
        assert xsd.validate(signed), xsd.error_log


def changed(text: str, changes: list[tuple[tuple[str, str], str]]) -> str:
    """The sale with these fields set, in the first section of that name or in a new one."""
    sections = [part.splitlines() for part in re.split(r"(?m)^(?=\[)", text) if part]
    for (section, name), value in changes:
        target = next((part for part in sections if part[0] == f"[{section}]"), None)
        if target is None:
            target = [f"[{section}]"]
            sections.append(target)
        target[:] = [row for row in target if not row.startswith(name + "=")] + [f"{name}={value}"]
    return "\n".join(row for part in sections for row in part)


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
