"""What undoes a document is as large as that document, to the cent, for every type and over the whole field table."""

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from documentos import Documento, documentos
from hypothesis import HealthCheck, assume, given, settings
from lxml import etree
from ventas import AHORA, EMISOR, HOY, NS, folio, uruguay

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.request import Known, Target
from sincronizador.core.sections import Sections
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.countries.uy.uruguay import Uruguay

EJEMPLOS = int(os.environ.get("LEY_LARGA", "8"))
"""Documents drawn of each type."""
TAKE_BACK = (Familia.E_REM, Familia.E_REM_EXP, Familia.E_RESG)


def target(document: Emitido) -> Target:
    return Target(tipo=document.tipo, serie=document.serie, numero=document.numero)


@pytest.mark.parametrize("tipo", TipoCfe)
def test_what_undoes_a_document_is_as_large_as_it_to_the_cent(
    tipo: TipoCfe, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> None:
    taken = 0

    @settings(max_examples=EJEMPLOS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(documento=documentos(tipo))
    def whatever_is_drawn(documento: Documento) -> None:
        nonlocal taken
        request, pais = documento.pedido(), documento.pais
        assume(not any(finding.is_error for finding in pais.check(request, {}, HOY)))
        draft = pais.draft(request, {})
        assume(request.fecha <= HOY)
        signed = firmar(pais.complete(draft, request.folio or folio(tipo), AHORA))
        original = pais.emitted(signed, request.anexo)
        sections = pais.reversal(original, "AN-1", "Se equivocó", 2)
        known = {target(original): original}
        wrong = pais.check(pais.read(sections, HOY), known, HOY)
        assume("E1212" not in {finding.code for finding in wrong})  # a price that rounds away
        undone = undo(pais, sections, known, xsd, firmar)
        before, after = amounts(draft), amounts(undone)
        if tipo.electronico.familia in TAKE_BACK:
            assert after == {name: -value for name, value in before.items()}
        else:
            assert after == before
        taken += 1

    whatever_is_drawn()
    assert taken > EJEMPLOS / 5


def undo(
    pais: Uruguay, sections: Sections, known: Known, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]
) -> bytes:
    """The draft of the reversal, which the law lets pass."""
    request = pais.read(sections, HOY)
    found = [finding for finding in pais.check(request, known, HOY) if finding.is_error]
    assert found == [], (found, sections)
    draft = pais.draft(request, known)
    assert {finding.line for finding in pais.check(request, known, HOY)} <= {2, None}, "no line of the sale's file"
    xsd.assertValid(etree.fromstring(firmar(pais.complete(draft, folio(TipoCfe(request.tipo)), AHORA))))
    return draft


def amounts(draft: bytes) -> dict[str, Decimal]:
    """Every amount of Totales that is not zero, but what the rates are."""
    totales = etree.fromstring(draft).find(f".//{NS}Totales")
    assert totales is not None
    found: dict[str, Decimal] = {}
    for leaf in totales.iter():
        name = etree.QName(leaf).localname
        if name.startswith(("Mnt", "Monto", "IVA", "MntIVA", "ValRet")) and "Tasa" not in name.removeprefix("Mnt")[:4]:
            found[name] = found.get(name, Decimal(0)) + Decimal(leaf.text or "0")
    return {name: value for name, value in found.items() if value and not name.startswith("IVATasa")}


GOLDENS = sorted((Path(__file__).parents[3] / "goldens" / "uy").glob("*.cfe.xml"))


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.name)
def test_every_golden_is_undone_to_the_cent(path: Path, xsd: etree.XMLSchema, firmar: Callable[[bytes], bytes]) -> None:
    pais = Uruguay(replace(EMISOR, rut="219999830019"), Ajustes(ui={2026: Decimal("6.40")}))
    document = path.read_bytes().replace(b">\n<", b"><").strip() + b"</CFE>"
    signed = firmar(document)
    original = pais.emitted(signed, Anexo())
    sections = pais.reversal(original, "AN-1", "", 2)
    undone = undo(pais, sections, {target(original): original}, xsd, firmar)
    sign = -1 if TipoCfe(original.tipo).electronico.familia in TAKE_BACK else 1
    assert amounts(undone) == {name: sign * value for name, value in amounts(pais.draft_of(signed)).items()}


@pytest.mark.parametrize(
    ("tipo", "undone"),
    [
        (101, 102), (102, 103), (103, 102), (111, 112), (112, 113), (113, 112), (121, 122), (131, 132), (143, 142),
        (151, 152), (152, 153), (124, 124), (181, 181), (182, 182), (201, 102), (212, 113), (281, 181), (282, 182),
    ],
)  # fmt: skip
def test_each_type_is_undone_by_its_own(tipo: int, undone: int) -> None:
    assert uruguay().reversal_tipo(tipo) == undone
