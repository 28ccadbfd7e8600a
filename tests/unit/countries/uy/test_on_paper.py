"""Paper of all 42 types: what each must say, what it may not, and every word of one document of each family."""

import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hand_made import COMPANY, CONSUMER, MANDANTE, SEALED, emitido, signed
from lxml import etree
from signed_samples import EMISOR, RUT, identity

from sincronizador.core.emitido import Anexo, Emitido
from sincronizador.core.ticket import QR, Box, Cut, Feed, Logo, Phrases, Size, Text
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.representation import ticket
from sincronizador.countries.uy.sheet import page
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import Rejected
from sincronizador.printing.layout import lines
from sincronizador.printing.paper import Paper

PAPERS = Path(__file__).parent / "papers"
TYPES = [int(tipo) for tipo in TipoCfe]
ELECTRONIC = [tipo for tipo in TYPES if tipo < 200]
GOLDEN = (101, 112, 121, 124, 131, 141, 151, 181, 182, 201)
ANEXO = Anexo(adenda="Gracias por su compra.", extra=(("VENDEDOR", "7"),))


def roll(document: Emitido, *, copy: bool = False) -> str:
    """The ticket as it stands on 80 mm paper."""
    told: list[str] = []
    for block in ticket(document, EMISOR, "produccion", copy=copy).blocks:
        match block:
            case QR():
                told.append(f"<QR {block.text}>")
            case Feed() | Cut() | Logo():
                told.append("")
            case _:
                told += ["".join(span.text for span in line.spans).rstrip() for line in lines(block, Paper())]
    return "\n".join(told) + "\n"


def sheet(document: Emitido, *, copy: bool = False) -> str:
    """The A4 form as text: the heads, the table with bars between its cells, what closes it."""
    made = page(document, EMISOR, "produccion", copy=copy)
    table = [" | ".join(column.title for column in made.columns)]
    table += [" | ".join(cell.replace("\n", " / ") for cell in row) for row in made.rows]
    parts = (
        [text.text for text in made.emisor],
        [f"[{made.regimen}]"] if made.regimen else [],
        [text.text for text in made.documento],
        [text.text for text in made.receptor],
        [f"{row.left}: {row.right}" for row in made.datos],
        table,
        [f"{row.left}: {row.right}" for row in made.totales],
        [text.text for text in made.notas],
        [f"<QR {made.qr}>", made.bajo_qr, *(text.text for text in made.pie), f"[{made.vencimiento}]"],
        [f"ADENDA {made.adenda}"] if made.adenda else [],
        [f"marca de agua: {made.marca}"] if made.marca else [],
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def running(told: str) -> str:
    """The words without their line breaks: long names go on in the next line."""
    return " ".join(told.split())


def large(document: Emitido) -> set[str]:
    """What stands on the roll in letters of 3 mm."""
    blocks = ticket(document, EMISOR, "produccion", copy=False).blocks
    found = [text for block in blocks for text in (block.lines if isinstance(block, Box) else (block,))]
    texts = [text for text in found if isinstance(text, Text | Phrases) and text.size is not Size.NORMAL]
    return {told for text in texts for told in (text.texts if isinstance(text, Phrases) else (text.text,))}


FORMS = pytest.mark.parametrize("form", [roll, sheet], ids=["roll", "A4"])


@pytest.mark.parametrize("tipo", TYPES)
def test_the_document_of_every_type_is_valid_for_dgi(tipo: int, xsd: etree.XMLSchema) -> None:
    xsd.assertValid(etree.fromstring(signed(tipo)))


def test_one_whose_principal_is_sealed_is_valid_for_dgi(xsd: etree.XMLSchema) -> None:
    xsd.assertValid(etree.fromstring(signed(131, (MANDANTE, SEALED))))


@pytest.mark.skipif(shutil.which("xmlsec1") is None, reason="apt-get install xmlsec1")
def test_the_document_of_every_type_verifies_with_xmlsec1(tmp_path: Path) -> None:
    pem = tmp_path / "c.pem"
    pem.write_bytes(x509.load_der_x509_certificate(identity().certificate.der).public_bytes(Encoding.PEM))
    for tipo in TYPES:
        (tmp_path / "x.xml").write_bytes(signed(tipo))
        command = ["xmlsec1", "--verify", "--pubkey-cert-pem", pem, tmp_path / "x.xml"]
        subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize("tipo", GOLDEN)
def test_every_word_on_paper_is_as_it_was_read(tipo: int, request: pytest.FixtureRequest) -> None:
    document = emitido(tipo, anexo=ANEXO)
    told = roll(document) + "=== A4 ===\n" + sheet(document)
    path = PAPERS / f"{tipo}.txt"
    if request.config.getoption("--update-goldens"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


@FORMS
@pytest.mark.parametrize("tipo", TYPES)
def test_every_type_says_what_the_law_asks_of_all(tipo: int, form: Callable[[Emitido], str]) -> None:
    document = emitido(tipo)
    told = running(form(document))
    web = "www.almacen.com.uy" if TipoCfe(tipo).is_e_ticket else "www.dgi.gub.uy"
    for words in (
        "EMPRESA INVENTADA SA",
        "Almacén Ñandú",
        "Calle Inventada 1234",
        f"RUC {RUT}",
        TipoCfe(tipo).nombre,
        "Serie A N.º 1234",
        "21/11/2026",
        f"d. de seguridad: {document.hash[:6]}" if form is sheet else f"Código de seguridad: {document.hash[:6]}",
        "Fecha emisor 01/02/2026",
        web,
        " N.º 90260000001",
        "Rango A 1 - A 100000",
        "Fecha de vencimiento: 21/11/2028",
        f"<QR {document.qr}>",
    ):
        assert words in told, words
    # Where the type has no such field, its absence says nothing about the issuer.
    says_iva = TipoCfe(tipo).familia in (Familia.E_TCK, Familia.E_FACT, Familia.E_FACT_EXP)
    assert ("IVA al día" in told) is says_iva


@pytest.mark.parametrize("tipo", TYPES)
def test_type_number_boxes_owner_and_legends_stand_in_letters_of_3_mm(tipo: int) -> None:
    found = large(emitido(tipo))
    assert {TipoCfe(tipo).nombre, f"RUC {RUT}", "Serie A N.º 1234", "Fecha de vencimiento: 21/11/2028"} < found
    legends = {"Habilitación bromatológica 4567", "Portón verde", "Atn. Sra. Souza"}
    assert len(legends & found) == 2
    if TipoCfe(tipo).familia.is_remito:
        assert {"Bienes de Terceros", "Productores del Este", "RUC 211003420017 (UY)"} < found


@pytest.mark.parametrize(
    ("familia", "box"),
    [
        (Familia.E_TCK, ("CONSUMO FINAL",)),
        (Familia.E_FACT, ("RUC COMPRADOR", "215555550010")),
        (Familia.E_FACT_EXP, ("RECEPTOR", "NIFE 00000000000191 (BR)")),
        (Familia.E_REM, ("RUC COMPRADOR", "215555550010")),
        (Familia.E_REM_EXP, ("RECEPTOR", "NIFE 00000000000191 (BR)")),
        (Familia.E_RESG, ("RUC COMPRADOR", "215555550010")),
        (Familia.E_BOLETA, ("RUC VENDEDOR", "215555550010")),
    ],
)
def test_the_receivers_box_is_that_of_the_family(familia: Familia, box: tuple[str, ...]) -> None:
    for tipo in (tipo for tipo in TYPES if TipoCfe(tipo).familia is familia):
        made = page(emitido(tipo), EMISOR, "produccion", copy=False)
        assert [text.text for text in made.receptor if text.size is Size.LARGE and text.bold] == [" ".join(box)]
        blocks = ticket(emitido(tipo), EMISOR, "produccion", copy=False).blocks
        assert box in [tuple(text.text for text in block.lines) for block in blocks if isinstance(block, Box)]


@pytest.mark.parametrize(("tipo", "role"), [(151, "VENDEDOR"), (181, "RECEPTOR")])
def test_who_has_no_ruc_is_boxed_with_the_document_and_its_country(tipo: int, role: str) -> None:
    made = page(emitido(tipo, (COMPANY, CONSUMER)), EMISOR, "produccion", copy=False)
    assert [text.text for text in made.receptor][:2] == [f"{role} CI 12345672 (UY)", "Ana Pérez"]


def test_a_retained_consumer_is_not_called_final() -> None:
    told = sheet(emitido(182, ("<TipoDocRecep>2<", "<TipoDocRecep>3<"), ("215555550010", "12345672")))
    assert "RETENIDO CI 12345672 (UY)\n" in told
    assert "CONSUMO FINAL" not in told


@FORMS
def test_under_professional_secrecy_no_receiver_is_named_and_the_paper_says_why(form: Callable[[Emitido], str]) -> None:
    secret = ("</InfoAdicionalDoc>", "</InfoAdicionalDoc><SecProf>1</SecProf>")
    told = form(emitido(111, (COMPANY, ""), secret))
    assert "RUC COMPRADOR" not in told
    assert "Operación amparada por el secreto profesional" in told


def test_what_an_e_remito_is_worth_is_zero_and_its_qr_says_0() -> None:
    for tipo in (181, 281):
        document = emitido(tipo)
        assert (document.total, document.moneda, document.cotizacion) == (Decimal(0), "UYU", None)
        assert f",{tipo},A,1234,0,21/11/2026," in document.qr
        assert set(dict(document.importes).values()) == {"0.00"}


def test_an_e_resguardo_is_worth_what_it_retains_and_124_its_total() -> None:
    resguardo, remito = emitido(182), emitido(124)
    assert ",182,A,1234,1256.24,21/11/2026," in resguardo.qr
    assert resguardo.total == Decimal("1256.24")
    amounts = dict(resguardo.importes)
    assert (amounts["TOTAL"], amounts["A_PAGAR"]) == ("0.00", "0.00")
    assert (amounts["RETENIDO"], amounts["CREDITO_FISCAL"]) == ("1256.24", "2.00")
    assert ",124,A,1234,100.00,21/11/2026," in remito.qr
    assert dict(remito.importes)["TOTAL"] == dict(remito.importes)["EXPORTACION"] == "100.00"


@FORMS
def test_an_e_remito_has_neither_prices_nor_totals_nor_currency(form: Callable[[Emitido], str]) -> None:
    told = form(emitido(181))
    assert "Tipo de traslado" in told
    for words in ("TOTAL", "Moneda", "P. unitario", "Importe", "Contado", "$"):
        assert words not in told, words
    assert "-2 un" in told.replace(" | ", " ")


@FORMS
def test_signs_are_printed_for_what_is_subtracted(form: Callable[[Emitido], str]) -> None:
    assert "-100,00" in form(emitido(101))
    assert "-100,00" in form(emitido(124))
    assert "-23,76" in form(emitido(182))


def test_a_discount_on_what_is_subtracted_adds() -> None:
    turned = ("<IndFactDR>3</IndFactDR>", "<IndFactDR>7</IndFactDR>")
    told = roll(emitido(101, turned))
    assert "Pago contado (No fact.)                    10,00\n" in told
    assert "Envío (No fact.)                           -5,00\n" in told


@FORMS
def test_the_principal_is_told_when_it_is_in_clear_and_never_when_it_is_sealed(form: Callable[[Emitido], str]) -> None:
    assert "Por cuenta de: Productores del Este, RUC" in form(emitido(141))
    assert "Por cuenta de" not in form(emitido(141, (MANDANTE, SEALED)))


@FORMS
@pytest.mark.parametrize("tipo", [tipo for tipo in TYPES if tipo > 200])
def test_what_transcribes_a_paper_says_so_and_is_no_ticket(tipo: int, form: Callable[[Emitido], str]) -> None:
    told = running(form(emitido(tipo)))
    assert "TRANSCRIPCIÓN DE PAPEL - USO INTERNO" in told
    assert f"{TipoCfe(tipo - 100).nombre} Contingencia Serie A" in told
    assert "Constancia N.º 90260000001" in told
    assert not Uruguay(EMISOR, Ajustes()).roll_allowed(tipo)


@pytest.mark.parametrize("tipo", ELECTRONIC)
def test_thermal_paper_is_free_for_e_tickets_alone(tipo: int) -> None:
    assert Uruguay(EMISOR, Ajustes()).roll_allowed(tipo) is (tipo in (101, 102, 103, 131, 132, 133))
    assert "USO INTERNO" not in roll(emitido(tipo)) + sheet(emitido(tipo))


@FORMS
def test_an_export_tells_clause_and_way_in_words_and_not_what_does_not_apply(form: Callable[[Emitido], str]) -> None:
    told = running(form(emitido(121)))
    for words in ("FOB", "Régimen general - exportación de bienes", "Marítimo", "NCM 0901.21.00", "BRASIL"):
        assert words in told, words
    other = form(emitido(121, (">FOB<", ">N/A<"), ("<ViaTransp>1", "<ViaTransp>8"), ("<ModVenta>1", "<ModVenta>91")))
    assert "Exportación mandante" in other
    assert "Cláusula" not in other
    assert "Vía" not in other


@FORMS
def test_foreign_currency_bought_to_be_sold_again_is_named_so(form: Callable[[Emitido], str]) -> None:
    bought = ("</InfoAdicionalDoc>", "</InfoAdicionalDoc><IndCompraMEReventa>1</IndCompraMEReventa>")
    assert "Compra de moneda extranjera para su reventa\n" in form(emitido(151, bought)).replace(": \n", "\n")


def test_a_seller_whose_prices_hold_imeba_is_paid_what_is_left_of_them() -> None:
    assert "Retención/percepción 2183165              -23,76\nTOTAL A PAGAR" in roll(emitido(151))
    assert "Retención/percepción 2183165               23,76\nTOTAL A PAGAR" in roll(emitido(101))


def test_collections_say_so_right_after_the_type() -> None:
    third = "<IndPagCta3ros>1</IndPagCta3ros>"
    told = roll(emitido(101, (third, third + "<IndCobPropia>1</IndCobPropia>")))
    assert "e-Ticket\nCobranza · Serie A N.º 1234 · Crédito\nPagos por cuenta de terceros\n" in told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("<PeriodoDesde>2026-11-01</PeriodoDesde>", "Período desde: 01/11/2026\n"),
        ("<PeriodoHasta>2026-11-30</PeriodoHasta>", "Período hasta: 30/11/2026\n"),
    ],
)
def test_half_a_period_says_which_half(given: str, told: str) -> None:
    whole = "<PeriodoDesde>2026-11-01</PeriodoDesde><PeriodoHasta>2026-11-30</PeriodoHasta>"
    assert told in sheet(emitido(101, (whole, given)))


def test_both_telephones_are_told() -> None:
    assert "Tel. 2900 0000 / 099 000 000\n" in roll(emitido(101))


def test_subtotals_and_payments_stand_in_the_order_that_the_issuer_gave_them() -> None:
    told = roll(emitido(101))
    assert told.index("Subtotal Almacén") < told.index("Subtotal Bebidas")
    assert told.index("Tarjeta de débito") < told.index("Efectivo")


def test_the_columns_that_a_document_fills_share_the_whole_width() -> None:
    for tipo in TYPES:
        made = page(emitido(tipo), EMISOR, "produccion", copy=False)
        assert sum(Decimal(str(column.width)) for column in made.columns) == 1
        assert all(any(row[at] for row in made.rows) for at in range(len(made.columns)))


def test_a_regime_without_iva_has_its_box_on_a4_and_no_column_for_iva() -> None:
    items = [(f"<IndFact>{ind}<", "<IndFact>16<") for ind in (1, 2, 3, 4, 10, 11, 12)]
    special = ("</FecVenc>", "</FecVenc><CAEEspecial>3</CAEEspecial>")
    made = page(emitido(111, *items, ("<MntBruto>1<", "<MntBruto>3<"), special), EMISOR, "produccion", copy=False)
    assert made.regimen == "MONOTRIBUTO"
    assert "IVA" not in " ".join(column.title for column in made.columns)
    assert not any("IVA al día" in text.text for text in made.pie)


def test_dgis_own_samples_are_read_and_printed(referencia_uy: Path) -> None:
    files = [
        *sorted((referencia_uy / "dgi").glob("Sob_*.xml")),
        *sorted((referencia_uy / "examples").glob("[12]*.xml")),
    ]
    printed = []
    for file in files:
        for cfe in etree.parse(str(file)).iter("{http://cfe.dgi.gub.uy}CFE"):
            document = read_emitido(etree.tostring(cfe), Anexo())
            assert document.codigo_seguridad in roll(document)
            assert document.codigo_seguridad in sheet(document)
            printed.append(document.tipo)
    assert {101, 102, 103, 111, 112, 113, 121, 141, 181, 182, 201} <= set(printed)


@pytest.mark.parametrize("tipo", [101, 121, 124, 141, 151, 181, 182])
def test_a_document_that_lacks_any_element_is_printed_or_refused_and_never_a_crash(tipo: int) -> None:
    original = signed(tipo)
    for place in range(1, len(list(etree.fromstring(original).iter()))):
        for damage in (_without, _emptied, _strange):
            try:
                document = read_emitido(damage(original, place), Anexo())
                ticket(document, EMISOR, "prueba", copy=False)
                page(document, EMISOR, "prueba", copy=False)
            except Rejected as refusal:
                assert refusal.code == "E1901"  # noqa: PT017 - most damages are refused, some are harmless


def _without(content: bytes, place: int) -> bytes:
    root = etree.fromstring(content)
    element = list(root.iter())[place]
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    return etree.tostring(root)


def _emptied(content: bytes, place: int) -> bytes:
    root = etree.fromstring(content)
    list(root.iter())[place].clear()
    return etree.tostring(root)


def _strange(content: bytes, place: int) -> bytes:
    root = etree.fromstring(content)
    list(root.iter())[place].text = "-9ñ"
    return etree.tostring(root)
