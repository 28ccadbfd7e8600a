"""What the paper must carry, element by element: Formato CFE v25.2, representación impresa."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signed_samples import E_FACTURA, EMISOR, ITEM, REDONDEO, RUT, SAMPLES, Sample

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.ticket import QR, Box, Cut, Phrases, Row, Size, Text, Ticket
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.lines import line_of
from sincronizador.countries.uy.representation import ticket
from sincronizador.countries.uy.sheet import page
from sincronizador.errors import Rejected

PRUEBA = "DOCUMENTO DE PRUEBA - SIN VALOR FISCAL"


def texts(printed: Ticket) -> list[Text]:
    """Every text, those in boxes too."""
    found = []
    for block in printed.blocks:
        match block:
            case Text():
                found.append(block)
            case Phrases():
                found += [Text(text, block.align, block.size, block.bold) for text in block.texts]
            case Box():
                found += block.lines
    return found


def paper(printed: Ticket) -> str:
    """All that is printed, a block or phrase a line."""
    lines = []
    for block in printed.blocks:
        match block:
            case Text():
                lines.append(block.text)
            case Phrases():
                lines += block.texts
            case Row():
                lines.append(" | ".join((block.left, *filter(None, (block.middle,)), block.right)))
            case Box():
                lines.append("[" + " / ".join(text.text for text in block.lines) + "]")
    return "\n".join(lines)


def roll(emitido: Emitido, *, copy: bool = False, ambiente: str = "produccion") -> Ticket:
    return ticket(emitido, EMISOR, ambiente, copy=copy)


def sheet(emitido: Emitido, *, copy: bool = False, ambiente: str = "produccion") -> str:
    """All texts of the A4 page, a line each."""
    made = page(emitido, EMISOR, ambiente, copy=copy)
    parts = [Text(made.bajo_qr), *made.emisor, *made.documento, *made.receptor, *made.notas, *made.pie]
    rows = [f"{row.left} | {row.right}" for row in (*made.datos, *made.totales)]
    cells = [" | ".join(row) for row in made.rows]
    return "\n".join([*(part.text for part in parts), *rows, *cells, made.vencimiento, made.adenda, made.marca])


NAMES = {
    "101": "e-Ticket",
    "102": "Nota de Crédito de e-Ticket",
    "103": "Nota de Débito de e-Ticket",
    "111": "e-Factura",
    "112": "Nota de Crédito de e-Factura",
    "113": "Nota de Débito de e-Factura",
}


@pytest.mark.parametrize("form", [lambda emitido: paper(roll(emitido)), sheet], ids=["roll", "A4"])
@pytest.mark.parametrize("tipo", NAMES)
def test_every_type_carries_every_element_of_the_law(tipo: str, form) -> None:  # type: ignore[no-untyped-def]
    emitido = SAMPLES[tipo].emitido()
    told = form(emitido)
    web = "www.almacen.com.uy" if tipo < "110" else "www.dgi.gub.uy"
    box = "CONSUMO FINAL" if tipo < "110" else "RUC COMPRADOR"
    for element in (
        "EMPRESA INVENTADA SA",
        "Calle Inventada 1234",
        "Montevideo",
        f"RUC {RUT}",
        NAMES[tipo],
        "Serie A N.º 1234",
        "Crédito" if tipo == "111" else "Contado",
        box,
        "" if tipo < "110" else "215555550010",
        "21/11/2026",
        "Moneda | UYU" if form is sheet else "Moneda: UYU",
        "Café molido 250 g",
        "1.175,50",
        "2.351,00",
        "Neto gravado 22 % | 1.927,05",
        "IVA 22 % | 423,95",
        "TOTAL | $ 2.351,00",
        f"d. de seguridad: {emitido.hash[:6]}" if form is sheet else f"Código de seguridad: {emitido.hash[:6]}",
        "Fecha emisor 01/02/2026",
        f"Puede verificar comprobante en {web}",
        "IVA al día",
        "CAE N.º 90260000001\nRango A 1 - A 100000\n",
        "21/11/2028",
    ):
        assert element in told, element


@pytest.mark.parametrize("name", SAMPLES)
def test_the_qr_is_the_documents_and_the_paper_ends_with_a_cut(name: str) -> None:
    emitido = SAMPLES[name].emitido()
    printed = roll(emitido)
    assert [block for block in printed.blocks if isinstance(block, QR)] == [QR(emitido.qr)]
    assert printed.blocks[-1] == Cut()
    assert page(emitido, EMISOR, "produccion", copy=False).qr == emitido.qr


def test_what_the_law_wants_in_letters_of_3_mm_is_large() -> None:
    large = {text.text for text in texts(roll(SAMPLES["111"].emitido())) if text.size is not Size.NORMAL}
    for text in (f"RUC {RUT}", "e-Factura", "Serie A N.º 1234", "Crédito", "RUC COMPRADOR", "215555550010"):
        assert text in large
    assert "Fecha de vencimiento: 21/11/2028" in large


def test_an_identified_consumer_is_named_below_the_box() -> None:
    told = paper(roll(SAMPLES["101 identified"].emitido()))
    assert "[CONSUMO FINAL]\nAna Pérez\nCI 12345672 (UY)\n" in told


def test_a_foreign_document_says_its_country() -> None:
    receptor = {"TipoDocRecep": "5", "CodPaisRecep": "AR", "DocRecepExt": "AAB123", "RznSocRecep": "Juan"}
    assert "Pasaporte AAB123 (AR)" in paper(roll(Sample(receptor=receptor).emitido()))


def test_a_buyer_is_named_with_address_whatever_characters_it_has() -> None:
    told = paper(roll(SAMPLES["111"].emitido()))
    assert "PEÑA Y CÍA. <SRL> & Hnos.\nAvenida Ficticia 100\nSalto\n" in told


def test_one_plain_unit_is_one_line_and_anything_else_shows_how_it_adds_up() -> None:
    plain = ITEM | {"Cantidad": "1", "PrecioUnitario": "89", "MontoItem": "89.00", "NomItem": "Pan"}
    kilos = ITEM | {"Cantidad": "0.250", "UniMed": "kg", "PrecioUnitario": "400", "MontoItem": "100.00"}
    surcharged = plain | {"NomItem": "Envío", "RecargoMnt": "11.00", "MontoItem": "100.00"}
    told = paper(roll(Sample(items=(plain, kilos, surcharged)).emitido()))
    assert "Pan | 89,00\n" in told
    assert "Café molido 250 g | 0,25 kg x 400,00 | 100,00\n" in told
    assert "Envío | 1 x 89,00 | 89,00\n  Recargo | 11,00\n" in told
    assert "N/A" not in told


def test_a_discount_and_what_it_is_taken_from_add_up_to_the_line() -> None:
    told = paper(roll(SAMPLES["101 with everything"].emitido()))
    assert "Café molido 250 g | 2 x 1.175,50 | 2.351,00\n  Descuento 10 % | -235,10\n" in told


@given(
    gross=st.decimals(min_value=1, max_value=10**6, places=2), discount=st.decimals(min_value=0, max_value=1, places=2)
)
def test_the_figures_of_a_line_always_add_up(gross: Decimal, discount: Decimal) -> None:
    item = ITEM | {"DescuentoMonto": str(discount), "MontoItem": str(gross - discount)}
    line = line_of(item)

    def value(text: str) -> Decimal:
        return Decimal(text.replace(".", "").replace(",", "."))

    assert value(line.bruto) + sum(value(text) for _, text in line.ajustes) == value(line.importe)


def test_what_is_subtracted_has_its_sign_and_what_is_free_says_so() -> None:
    back = ITEM | {"IndFact": "7", "NomItem": "Envase", "Cantidad": "1", "PrecioUnitario": "10", "MontoItem": "10.00"}
    free = ITEM | {"IndFact": "5", "NomItem": "Muestra", "Cantidad": "1", "PrecioUnitario": "0", "MontoItem": "0.00"}
    told = paper(roll(Sample(items=(ITEM, back, free)).emitido()))
    assert "Envase | -10,00\n" in told
    assert "Muestra | Sin cargo\n" in told


def test_the_missing_cent_is_told_with_the_totals_and_not_among_the_goods() -> None:
    told = paper(roll(SAMPLES["101 with everything"].emitido()))
    assert "Total | 2.351,00\nRedondeo | -0,01\nTOTAL A PAGAR | $ 2.350,99\n" in told
    assert told.count("Redondeo") == 1


def test_other_things_not_billable_are_told_beside_the_missing_cent() -> None:
    tip = ITEM | {"IndFact": "6", "NomItem": "Propina", "MontoItem": "50.00"}
    totales = {"MontoNF": "49.99", "MntPagar": "2400.99", "CantLinDet": "3"}
    told = paper(roll(Sample(items=(ITEM, tip, REDONDEO), totales=totales).emitido()))
    assert "Total | 2.351,00\nNo facturable | 50,00\nRedondeo | -0,01\nTOTAL A PAGAR | $ 2.400,99\n" in told


def test_every_amount_of_the_totals_is_told_under_its_name() -> None:
    totales = {
        "MntNoGrv": "1.00",
        "MntExpoyAsim": "2.00",
        "MntImpuestoPerc": "3.00",
        "MntIVaenSusp": "4.00",
        "MntNetoIvaTasaMin": "5.00",
        "MntIVATasaMin": "0.50",
        "MntNetoIVAOtra": "6.00",
        "MntIVAOtra": "0.60",
    }
    told = paper(roll(Sample(totales=totales).emitido()))
    for line in (
        "Exento | 1,00",
        "Exportación y asimilados | 2,00",
        "Impuesto percibido | 3,00",
        "IVA en suspenso | 4,00",
        "Neto gravado 10 % | 5,00",
        "IVA 10 % | 0,50",
        "Neto gravado otra tasa | 6,00",
        "IVA otra tasa | 0,60",
    ):
        assert line in told


def test_withholdings_and_fiscal_credits_are_told_by_code() -> None:
    told = paper(roll(SAMPLES["111 with retentions"].emitido()))
    assert "Retención/percepción 2183165 | 100,00\nTOTAL A PAGAR | $ 2.451,00\nCrédito fiscal 2181466 | 2,00\n" in told


def test_subtotals_global_discounts_and_payments_are_told() -> None:
    told = paper(roll(SAMPLES["101 with everything"].emitido()))
    assert "Subtotal Bebidas | 500,00\nPago contado (22 %) | -100,00\n" in told
    assert "Tarjeta de débito | 2.351,00\n" in told


def test_the_change_is_told_below_the_payments() -> None:
    anexo = Anexo(pagos=(("ENTREGADO", "3000.00"), ("VUELTO", "649.00")))
    assert "Entregado | 3.000,00\nVUELTO | 649,00\n" in paper(roll(SAMPLES["101"].emitido(anexo)))
    change = next(
        block for block in roll(SAMPLES["101"].emitido(anexo)).blocks if getattr(block, "left", "") == "VUELTO"
    )
    assert isinstance(change, Row)
    assert change.size is Size.HUGE


def test_a_note_says_what_it_corrects() -> None:
    told = paper(roll(SAMPLES["102"].emitido()))
    assert "Referencia: e-Ticket A 7 del 20/11/2026 | $ 1.250,00\nMotivo: Devolución | \n" in told
    assert "Referencia: e-Factura Contingencia A 7" in paper(roll(SAMPLES["112"].emitido()))
    assert "Referencia global | \nMotivo: Bonificación anual" in paper(roll(SAMPLES["103"].emitido()))
    assert "Referencia: e-Ticket A 7 del 20/11/2026: $ 1.250,00" in sheet(SAMPLES["102"].emitido())


def test_a_foreign_currency_shows_its_symbol_and_rate() -> None:
    told = paper(roll(SAMPLES["111 in dollars"].emitido()))
    assert "Moneda: USD\nTipo de cambio: 39,85\n" in told
    assert "TOTAL | U$S 2.351,00" in told


def test_dates_and_legends_that_must_be_printed_are() -> None:
    told = paper(roll(SAMPLES["101 with everything"].emitido()))
    assert "Vencimiento del pago: 21/12/2026" in told
    assert "Ley 17.250: relaciones de consumo" in told
    marks = {"FmaPago": "1", "IndPagCta3ros": "1"}
    assert "Pagos por cuenta de terceros" in paper(roll(Sample(id_doc=marks).emitido()))
    assert "Cobranza" in paper(roll(Sample(id_doc={"IndCobPropia": "1"}).emitido()))
    period = {"PeriodoDesde": "2026-11-01", "PeriodoHasta": "2026-11-30"}
    assert "Período: 01/11/2026 - 30/11/2026" in paper(roll(Sample(id_doc=period).emitido()))


def test_the_hour_is_printed_only_when_it_is_of_the_documents_day() -> None:
    assert "Fecha: 21/11/2026 15:04\n" in paper(roll(SAMPLES["101"].emitido()))
    assert "Fecha: 20/11/2026\n" in paper(roll(Sample(id_doc={"FchEmis": "2026-11-20"}).emitido()))


@pytest.mark.parametrize(
    ("especial", "box", "al_dia"),
    [
        ("1", "[Contribuyente Exonerado - Causal 101]", True),
        ("2", "[Contribuyente IVA MINIMO]", True),
        ("3", "[MONOTRIBUTO]", False),
        ("4", "[MONOTRIBUTO SOCIAL MIDES]", False),
    ],
)
def test_special_taxpayers_have_their_box(especial: str, box: str, al_dia: bool) -> None:
    cae = {"CAEEspecial": especial} | ({"CausalCAEEsp": "101"} if especial == "1" else {})
    told = paper(roll(Sample(cae=cae).emitido()))
    assert box in told
    assert ("IVA al día" in told) is al_dia


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "IVA al día"),
        ("1", "No IVA al día emisor"),
        ("2", "No IVA al día mandante"),
        ("3", "No IVA al día emisor y mandante"),
    ],
)
def test_who_is_behind_with_iva_says_so_in_the_words_of_the_format(code: str, told: str) -> None:
    lines = paper(roll(Sample(id_doc={"IVAalDia": code}).emitido())).splitlines()
    assert [line for line in lines if "IVA al día" in line] == [told]


def test_an_issuer_without_iva_mentions_none_in_lines_and_totals() -> None:
    item = ITEM | {"IndFact": "16"}
    totales = {"MntNetoIVATasaBasica": "", "IVATasaMin": "", "IVATasaBasica": "", "MntIVATasaBasica": ""}
    sample = Sample(id_doc={"MntBruto": "3"}, items=(item,), totales={**totales, "MntNoGrv": "2351.00"})
    emitido = sample.emitido()
    made = page(emitido, EMISOR, "produccion", copy=False)
    told = paper(roll(emitido)) + sheet(emitido) + " ".join(column.title for column in made.columns)
    assert "Subtotal | 2.351,00" in told
    assert "Exento" not in told
    assert not re.search(r"IVA(?! al día)", told)


def test_the_legal_name_goes_first_and_the_trade_name_large_below_it() -> None:
    first, second, *_ = roll(SAMPLES["101 with everything"].emitido()).blocks
    assert (first, second) == (
        Text("EMPRESA INVENTADA SA", align=first.align, bold=True),  # type: ignore[union-attr]
        Text("Almacén Ñandú", align=second.align, size=Size.HUGE, bold=True),  # type: ignore[union-attr]
    )


@pytest.mark.parametrize(
    ("resolucion", "printed"),
    [
        ("01/02/2026", "Fecha emisor 01/02/2026"),
        ("123/2026", "Res. 123/2026"),
        ("Res. 123/2026", "Res. 123/2026"),
        ("Resolución 123/2026", "Resolución 123/2026"),
    ],
)
def test_the_resolution_or_the_date_of_entry_is_printed_as_the_law_words_it(resolucion: str, printed: str) -> None:
    emisor = replace(EMISOR, resolucion=resolucion)
    assert f"\n{printed}\n" in paper(ticket(SAMPLES["101"].emitido(), emisor, "produccion", copy=False))


def test_adenda_and_extra_stand_in_their_box_after_the_document() -> None:
    anexo = Anexo(adenda="Gracias por su compra.\n\nVuelva", extra=(("MESA", "4"), ("PUNTOS_CLUB", "120")))
    told = paper(roll(SAMPLES["101"].emitido(anexo)))
    assert told.endswith("[ADENDA / Gracias por su compra. /  / Vuelva / Mesa: 4 / Puntos club: 120]")
    assert "ADENDA" not in paper(roll(SAMPLES["101"].emitido()))


def test_in_the_test_environment_both_ends_of_the_paper_say_so() -> None:
    emitido = SAMPLES["101"].emitido()
    lines = paper(roll(emitido, ambiente="prueba")).splitlines()
    assert (lines[0], lines[-1]) == (PRUEBA, PRUEBA)
    made = page(emitido, EMISOR, "prueba", copy=False)
    assert made.marca == "PRUEBA"
    assert PRUEBA in sheet(emitido, ambiente="prueba")
    assert "PRUEBA" not in paper(roll(emitido)) + sheet(emitido)


def test_a_copy_says_so_at_both_ends_and_an_original_nowhere() -> None:
    emitido = SAMPLES["101"].emitido()
    lines = paper(roll(emitido, copy=True)).splitlines()
    assert (lines[0], lines[-1]) == ("COPIA", "COPIA")
    assert page(emitido, EMISOR, "prueba", copy=True).marca == "COPIA - PRUEBA"
    assert "COPIA" not in paper(roll(emitido)) + sheet(emitido)


def test_the_table_of_a_page_is_whole() -> None:
    made = page(SAMPLES["101 with everything"].emitido(), EMISOR, "produccion", copy=False)
    assert sum(Decimal(str(column.width)) for column in made.columns) == 1
    assert made.rows == (("2", "Café molido 250 g\nDescuento 10 %", "1.175,50", "-235,10", "22 %", "2.115,90"),)
    assert made.title == "e-Ticket A 1234"


def test_an_e_factura_priced_with_iva_prints_like_any_other() -> None:
    sample = Sample(id_doc=E_FACTURA | {"MntBruto": "1"}, receptor=SAMPLES["111"].receptor)
    assert "TOTAL | $ 2.351,00" in paper(roll(sample.emitido()))


@pytest.mark.parametrize("name", ["101 with everything", "101 identified", "102", "111 with retentions"])
def test_a_document_that_lacks_any_element_is_printed_or_refused_and_never_a_crash(name: str) -> None:
    signed = SAMPLES[name].signed()
    for place in range(len(list(etree.fromstring(signed).iter()))):
        for damage in (_without, _emptied, _strange):
            damaged = damage(signed, place)
            try:
                emitido = read_emitido(damaged, Anexo())
                ticket(emitido, EMISOR, "prueba", copy=False)
                page(emitido, EMISOR, "prueba", copy=False)
            except Rejected as refusal:
                assert refusal.code == "E1901"  # noqa: PT017 - most damages are refused, some are harmless


def _without(signed: bytes, place: int) -> bytes:
    root = etree.fromstring(signed)
    element = list(root.iter())[place]
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    return etree.tostring(root)


def _emptied(signed: bytes, place: int) -> bytes:
    root = etree.fromstring(signed)
    list(root.iter())[place].clear()
    return etree.tostring(root)


def _strange(signed: bytes, place: int) -> bytes:
    root = etree.fromstring(signed)
    list(root.iter())[place].text = "-9ñ"
    return etree.tostring(root)
