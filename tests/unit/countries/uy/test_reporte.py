"""The daily report: what is counted, converted and told of a day of signed documents."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from firmados import CIERRE, DIA, VENTA, VISPERA, Firmado
from hand_made import signed as muestra
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signed_samples import RUT, identity

from sincronizador.cli.verification import Means, inspect
from sincronizador.core.emitido import Anexo
from sincronizador.core.signature import SignaturePlan
from sincronizador.countries.uy.emitted import read_emitido
from sincronizador.countries.uy.received import take_apart
from sincronizador.countries.uy.report import compose_report, deadline, report_name
from sincronizador.countries.uy.resumen import MAX_RANGES, MAX_ROWS, Fate, Resumen
from sincronizador.countries.uy.tipos import ZONE, TipoCfe
from sincronizador.errors import Rejected
from sincronizador.schemas import load_schemas
from sincronizador.signing.verify import verify
from sincronizador.signing.xmldsig import XmlSigner

UI = {2026: Decimal("6.40")}
SINCE_2011 = dict.fromkeys(range(2011, 2027), Decimal(3))
DOLAR = {("USD", VISPERA): Decimal("39.8512")}
NS = {"d": "http://cfe.dgi.gub.uy"}
GOLDEN = Path(__file__).parent / "envios" / "reporte.xml"


def resumen(*firmados: Firmado, **more: object) -> Resumen:
    """The day with these documents in it."""
    given_ = {"emisor": RUT, "day": DIA, "firmado": CIERRE, "rates": DOLAR, "ui": UI} | more
    found = Resumen(**given_)  # type: ignore[arg-type]
    for each in firmados:
        found.add(each.signed)
    return found


def reporte(day: Resumen, secuencia: int = 1) -> etree._Element:
    """Its report, parsed."""
    return etree.fromstring(compose_report(day, secuencia=secuencia))


def texto(node: etree._Element, path: str) -> str:
    """The text at ``Rsmn_Tck/RsmnData/CantDocsUtil``; empty when there is none."""
    return node.findtext("/".join(f"{{{NS['d']}}}{name}" for name in path.split("/")), "")


def montos(node: etree._Element) -> list[dict[str, str]]:
    """Every row of amounts, in order."""
    rows = node.xpath(".//d:Montos/*", namespaces=NS)
    return [{etree.QName(cell).localname: cell.text for cell in row} for row in rows]


def rangos(node: etree._Element, bloque: str, cuales: str) -> list[tuple[str, int, int]]:
    """The ranges of a block."""
    items = node.xpath(f"d:{bloque}/d:RsmnData/d:{cuales}/*", namespaces=NS)
    return [(item[0].text, int(item[1].text), int(item[2].text)) for item in items]


def test_a_day_without_documents_has_no_block() -> None:
    root = reporte(resumen())
    assert [etree.QName(child).localname for child in root] == ["Caratula"]
    assert texto(root, "Caratula/CantComprobantes") == "0"
    assert texto(root, "Caratula/FechaResumen") == "2026-11-20"
    assert texto(root, "Caratula/SecEnvio") == "1"
    assert texto(root, "Caratula/TmstFirmaEnv") == "2026-11-21T00:10:00-03:00"


def test_numbers_are_collapsed_into_ranges_by_series_whatever_their_order() -> None:
    day = resumen(*(Firmado(serie=serie, numero=n) for serie, n in
                    (("A", 3), ("A", 1), ("B", 2), ("A", 2), ("A", 7))))  # fmt: skip
    root = reporte(day)
    assert rangos(root, "Rsmn_Tck", "RngDocsUtil") == [("A", 1, 3), ("A", 7, 7), ("B", 2, 2)]
    assert texto(root, "Rsmn_Tck/RsmnData/CantDocsUtil") == "5"
    assert texto(root, "Rsmn_Tck/RsmnData/CantDocsEmi") == "5"
    assert texto(root, "Rsmn_Tck/RsmnData/CantDocsAnulados") == "0"
    assert root.find(".//d:RngDocsAnulados", NS) is None


def test_what_dgi_rejected_is_used_and_annulled_and_adds_no_amount() -> None:
    day = resumen(Firmado(numero=1, montos=VENTA))
    day.add(Firmado(numero=2, montos=VENTA).signed, Fate.RECHAZADO)
    root = reporte(day)
    data = "Rsmn_Tck/RsmnData/"
    assert [texto(root, data + name) for name in ("CantDocsUtil", "CantDocsAnulados", "CantDocsEmi")] == ["2", "1", "1"]
    assert rangos(root, "Rsmn_Tck", "RngDocsUtil") == [("A", 1, 2)]
    assert rangos(root, "Rsmn_Tck", "RngDocsAnulados") == [("A", 2, 2)]
    assert [row["TotMntTotal"] for row in montos(root)] == ["122.00"]


def test_annulled_numbers_are_used_and_annulled_and_a_type_with_nothing_else_has_no_amounts() -> None:
    day = resumen(Firmado(numero=10, montos=VENTA))
    day.annul(101, "A", 11, 20)
    day.annul(111, "B", 1, 1_000_000)
    root = reporte(day)
    assert rangos(root, "Rsmn_Tck", "RngDocsUtil") == [("A", 10, 20)]
    assert rangos(root, "Rsmn_Tck", "RngDocsAnulados") == [("A", 11, 20)]
    assert texto(root, "Rsmn_Fac/RsmnData/CantDocsUtil") == "1000000"
    assert texto(root, "Rsmn_Fac/RsmnData/CantDocsEmi") == "0"
    assert root.find("d:Rsmn_Fac/d:RsmnData/d:Montos", NS) is None
    assert texto(root, "Caratula/CantComprobantes") == str(11 + 1_000_000)


def test_papers_count_as_issued_without_ranges_and_those_observed_not_at_all() -> None:
    day = resumen(Firmado(tipo=201, numero=51, montos=VENTA))
    day.add(Firmado(tipo=201, numero=52, montos=VENTA).signed, Fate.OBSERVADO)
    day.add(Firmado(tipo=211, numero=9, montos=VENTA).signed, Fate.OBSERVADO)
    root = reporte(day)
    assert texto(root, "Rsmn_Tck_Cont/RsmnData/CantCFCEmi") == "1"
    assert root.find(".//d:RngDocsUtil", NS) is None
    assert root.find(".//d:CantDocsUtil", NS) is None
    assert root.find("d:Rsmn_Fac_Cont", NS) is None
    assert texto(root, "Caratula/CantComprobantes") == "1"


def test_rows_are_apart_by_date_branch_and_payments_for_others_in_that_order() -> None:
    ayer = DIA - timedelta(days=1)
    day = resumen(
        Firmado(numero=1, montos=VENTA, sucursal="2"),
        Firmado(numero=2, montos=VENTA),
        Firmado(numero=3, montos=VENTA, de_terceros=True),
        Firmado(numero=4, montos=VENTA, fecha=ayer),
        Firmado(numero=5, montos=VENTA),
    )
    rows = [(row["Fecha"], row["CodSuc"], row.get("IndPagCta3ros"), row["TotMntTotal"]) for row in montos(reporte(day))]
    assert rows == [
        ("2026-11-19", "1", None, "122.00"),
        ("2026-11-20", "1", None, "244.00"),
        ("2026-11-20", "1", "1", "122.00"),
        ("2026-11-20", "2", None, "122.00"),
    ]


def test_nets_and_taxes_are_told_in_their_places() -> None:
    totales = {
        "MntNoGrv": "1.01", "MntExpoyAsim": "2.02", "MntImpuestoPerc": "3.03", "MntIVaenSusp": "4.04",
        "MntNetoIvaTasaMin": "5.05", "MntNetoIVATasaBasica": "6.06", "MntNetoIVAOtra": "7.07", "MntIVATasaMin": "0.51",
        "MntIVATasaBasica": "1.33", "MntIVAOtra": "8.08", "MntTotal": "38.20", "MntTotRetenido": "-9.09",
        "MntTotCredFisc": "10.10", "MontoNF": "5.00", "MntPagar": "43.20",
    }  # fmt: skip
    assert montos(reporte(resumen(Firmado(tipo=111, montos=totales)))) == [
        {
            "Fecha": "2026-11-20", "CodSuc": "1", "TotMntNoGrv": "1.01", "TotMntExpyAsim": "2.02",
            "TotMntImpPerc": "3.03", "TotMntIVAenSusp": "4.04", "TotMntIVATasaMin": "5.05", "TotMntIVATasaBas": "6.06",
            "TotMntIVAOtra": "7.07", "MntIVATasaMin": "0.51", "MntIVATasaBas": "1.33", "MntIVAOtra": "8.08",
            "IVATasaMin": "10.000", "IVATasaBas": "22.000", "TotMntTotal": "38.20", "TotMntRetenido": "-9.09",
            "TotMntCredFisc": "10.10",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tipo", "row"),
    [
        (121, {"TotMntExpyAsim": "50.00", "TotMntTotal": "50.00"}),
        (124, {"TotMntExpyAsim": "50.00", "TotMntTotal": "50.00"}),
        (151, {"TotMntNoGrv": "30.00", "TotMntIVAenSusp": "20.00", "TotMntTotal": "50.00", "TotMntRetenido": "5.00"}),
        (181, {}),
        (182, {"TotMntRetenido": "5.00", "TotMntCredFisc": "1.00"}),
    ],
)
def test_each_family_tells_its_own_amounts(tipo: int, row: dict[str, str]) -> None:
    totales = {
        121: {"MntExpoyAsim": "50.00", "MntTotal": "50.00"},
        124: {"MntExpoyAsim": "50.00", "MntTotal": "50.00"},
        151: {"MntNoGrv": "30.00", "MntIVaenSusp": "20.00", "MntTotal": "50.00", "MntTotRetenido": "5.00"},
        181: {},
        182: {"MntTotRetenido": "5.00", "MntTotCredFisc": "1.00"},
    }[tipo]
    told = montos(reporte(resumen(Firmado(tipo=tipo, montos=totales))))
    assert told == [{"Fecha": "2026-11-20", "CodSuc": "1"} | row]


def test_a_sale_in_dollars_is_converted_at_the_close_of_the_day_before_and_not_at_its_own_rate() -> None:
    (row,) = montos(reporte(resumen(Firmado(moneda="USD", cambio="41.000", montos=VENTA))))
    assert row["TotMntIVATasaBas"] == "3985.12"
    assert row["MntIVATasaBas"] == "876.73"
    assert row["TotMntTotal"] == "4861.85"


def test_sums_are_rounded_once_and_not_each_document() -> None:
    """A hundred cents at 39.8512 are 39.85 pesos; rounded each, they would be 40.00."""
    cent = {"MntNoGrv": "0.01", "MntTotal": "0.01"}
    day = resumen(*(Firmado(numero=n, moneda="USD", cambio="40.000", montos=cent) for n in range(1, 101)))
    assert [row["TotMntNoGrv"] for row in montos(reporte(day))] == ["39.85"]


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (Firmado(tipo=102, moneda="USD"), "a note"),
        (Firmado(tipo=113, moneda="USD"), "a note"),
        (Firmado(tipo=182, moneda="USD"), "an e-Resguardo"),
        (Firmado(moneda="UYI"), "in UI"),
        (Firmado(moneda="UYR"), "in UR"),
        (Firmado(moneda="USD", fecha=CIERRE.date() + timedelta(days=1)), "dated after the report"),
        (Firmado(moneda="XDR"), "not quoted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_converted_at_the_fiscal_rate_is_at_its_own(one: Firmado, why: str) -> None:
    name = "MntTotRetenido" if one.tipo == 182 else "MntNoGrv"
    day = resumen(replace(one, cambio="7.500", montos={name: "10.00"}), unquoted=frozenset({"XDR"}))
    (row,) = montos(reporte(day))
    assert row["TotMntRetenido" if one.tipo == 182 else "TotMntNoGrv"] == "75.00", why


def test_a_document_of_tomorrow_is_at_the_fiscal_rate_when_the_report_is_signed_that_day() -> None:
    """And the day on which it is signed is that of Uruguay."""
    manana = Firmado(moneda="USD", cambio="7.500", montos={"MntNoGrv": "10.00"}, fecha=CIERRE.date())
    rates = {("USD", DIA): Decimal(40)}
    assert [row["TotMntNoGrv"] for row in montos(reporte(resumen(manana, rates=rates)))] == ["400.00"]
    early = CIERRE.astimezone(UTC).replace(hour=2)  # 23:00 of the 20th in Uruguay
    assert [row["TotMntNoGrv"] for row in montos(reporte(resumen(manana, rates=rates, firmado=early)))] == ["75.00"]


def test_after_a_weekend_the_last_working_day_rules() -> None:
    lunes = date(2026, 11, 23)
    one = Firmado(
        moneda="USD", cambio="1.000", montos={"MntNoGrv": "10.00"}, fecha=lunes,
        firmado=datetime(2026, 11, 23, 9, tzinfo=ZONE),
    )  # fmt: skip
    rates = {("USD", DIA): Decimal(40), ("USD", lunes): Decimal(41), ("EUR", lunes - timedelta(1)): Decimal(50)}
    day = resumen(day=lunes, firmado=CIERRE + timedelta(days=3), rates=rates)
    day.add(one.signed)
    assert [row["TotMntNoGrv"] for row in montos(reporte(day))] == ["400.00"]


def test_a_missing_rate_is_told_once_and_never_guessed() -> None:
    day = resumen(
        Firmado(numero=1, moneda="EUR", cambio="45.000", montos=VENTA),
        Firmado(numero=2, moneda="EUR", cambio="45.000", montos=VENTA),
        Firmado(numero=3, moneda="USD", cambio="45.000", montos=VENTA),
    )
    assert [(finding.code, finding.value) for finding in day.findings] == [("E1931", "EUR")]
    assert "EUR al cierre del día hábil anterior al 20/11/2026" in day.findings[0].message
    with pytest.raises(ValueError, match="1 findings"):
        compose_report(day, secuencia=1)


def test_an_old_rate_is_a_missing_one() -> None:
    old = {("USD", DIA - timedelta(days=8)): Decimal(39)}
    assert [finding.code for finding in resumen(Firmado(moneda="USD", montos=VENTA), rates=old).findings] == ["E1931"]
    week = {("USD", DIA - timedelta(days=7)): Decimal(39)}
    assert resumen(Firmado(moneda="USD", montos=VENTA), rates=week).findings == ()


@pytest.mark.parametrize(
    ("neto", "cambio", "over"),
    [("32000.00", "", 0), ("32000.01", "", 1), ("800.00", "40.000", 0), ("800.01", "40.000", 1)],
)
def test_documents_above_five_thousand_ui_net_are_counted(neto: str, cambio: str, over: int) -> None:
    one = Firmado(moneda="USD" if cambio else "UYU", cambio=cambio, montos={"MntNoGrv": neto, "MntTotal": "1"})
    assert texto(reporte(resumen(one)), "Rsmn_Tck/RsmnData/CantDocsMay_topeUI") == str(over)


def test_only_e_tickets_of_ones_own_count_what_is_above_the_limit() -> None:
    big = {"MntNoGrv": "99999.00"}
    day = resumen(*(Firmado(tipo=tipo, montos=big) for tipo in (101, 102, 103, 201, 202, 203, 131, 231, 111)))
    day.add(Firmado(tipo=101, numero=2, montos=big).signed, Fate.RECHAZADO)
    root = reporte(day)
    counts = root.iterfind(".//d:CantDocsMay_topeUI", NS)
    assert {etree.QName(node.getparent().getparent()).localname: node.text for node in counts} == dict.fromkeys(
        ("Rsmn_Tck", "Rsmn_Tck_Nota_Credito", "Rsmn_Tck_Nota_Debito", "Rsmn_Tck_Cont", "Rsmn_Tck_Cont_Nota_Credito",
         "Rsmn_Tck_Cont_Nota_Debito"), "1"
    )  # fmt: skip


def test_without_the_ui_of_the_year_what_is_surely_below_is_counted_and_the_rest_told() -> None:
    last_year = {2025: Decimal("6.00")}
    assert resumen(Firmado(montos={"MntNoGrv": "27000.00"}), ui=last_year).findings == ()
    found = resumen(Firmado(montos={"MntNoGrv": "27000.01"}), ui=last_year).findings
    assert [finding.code for finding in found] == ["E1932"]
    assert "101-A-1 supera las 5.000 UI: falta el valor de la UI al cierre de 2025" in found[0].message


def test_a_number_has_one_fate() -> None:
    twice = resumen(Firmado(numero=5), Firmado(numero=5))
    both = resumen(Firmado(numero=5))
    both.annul(101, "A", 3, 9)
    annulled = resumen()
    annulled.annul(101, "A", 1, 5)
    annulled.annul(101, "A", 5, 9)
    paper = resumen(Firmado(tipo=201, numero=5), Firmado(tipo=201, numero=5))
    for day in (twice, both, annulled, paper):
        assert [finding.code for finding in day.findings] == ["E1933"]
        assert "número 5," in day.findings[0].message


def test_more_rows_or_ranges_than_dgi_takes_are_told() -> None:
    rows = resumen(*(Firmado(tipo=181, numero=n, sucursal=str(n)) for n in range(1, MAX_ROWS + 2)))
    assert [finding.code for finding in rows.findings] == ["E1934"]
    ranges = resumen()
    for n in range(MAX_RANGES + 1):
        ranges.annul(101, "A", 2 * n + 1, 2 * n + 1)
    assert [finding.code for finding in ranges.findings] == ["E1934", "E1934"]


@pytest.mark.parametrize(
    ("one", "fate"),
    [
        (Firmado(emisor="215555550010"), Fate.EMITIDO),
        (Firmado(firmado=datetime(2026, 11, 21, 0, 0, tzinfo=ZONE)), Fate.EMITIDO),
        (Firmado(firmado=datetime(2026, 11, 20, 2, 59, tzinfo=UTC)), Fate.EMITIDO),
        (Firmado(tipo=201), Fate.RECHAZADO),
        (Firmado(tipo=101), Fate.OBSERVADO),
    ],
)
def test_documents_that_are_not_of_the_day_or_have_an_impossible_fate_are_a_mistake_of_the_caller(
    one: Firmado, fate: Fate
) -> None:
    with pytest.raises(ValueError, match=f"{one.tipo}-A-1"):
        resumen().add(one.signed, fate)


def test_the_day_is_the_one_of_uruguay() -> None:
    day = resumen(Firmado(firmado=datetime(2026, 11, 21, 2, 59, 59, tzinfo=UTC)))
    assert day.comprobantes == 1


@pytest.mark.parametrize("numbers", [(201, "A", 1, 2), (101, "A", 0, 2), (101, "A", 3, 2)])
def test_no_other_numbers_are_annulled(numbers: tuple[int, str, int, int]) -> None:
    with pytest.raises(ValueError, match="A"):
        resumen().annul(*numbers)


@pytest.mark.parametrize(
    "damage", [(b"<Nro>1</Nro>", b""), (b"100.00", b"1e9"), (b"UYU", b""), (b"<TpoMoneda>UYU</TpoMoneda>", b"")]
)
def test_a_document_that_cannot_be_read_is_refused(damage: tuple[bytes, bytes]) -> None:
    with pytest.raises(Rejected) as caught:
        resumen().add(Firmado(montos=VENTA, moneda="UYU").signed.replace(*damage))
    assert caught.value.code == "E1901"


@pytest.mark.parametrize("secuencia", [0, 100])
def test_the_sequence_has_two_digits(secuencia: int) -> None:
    with pytest.raises(ValueError, match=f"sequence {secuencia}"):
        compose_report(resumen(), secuencia=secuencia)


def test_the_file_is_named_by_issuer_day_and_sequence() -> None:
    assert report_name(RUT, DIA, 2) == "Rep_217777770013_20261120_02.xml"


def test_the_issuers_own_number_is_told_when_there_is_one() -> None:
    root = etree.fromstring(compose_report(resumen(), secuencia=3, id_emisor=77))
    assert (texto(root, "Caratula/IDEmisor"), texto(root, "Caratula/SecEnvio")) == ("77", "3")


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 11, 19), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 23)),
        (date(2026, 12, 24), date(2026, 12, 28)),
    ],
)
def test_the_deadline_is_at_six_of_the_next_working_day(day: date, until: date) -> None:
    assert deadline(day, {date(2026, 12, 25)}) == datetime(until.year, until.month, until.day, 18, tzinfo=ZONE)


TIPOS = st.sampled_from([101, 102, 111, 121, 131, 151, 181, 182, 124, 201, 211, 281])
CENTAVOS = st.integers(0, 10_000_000).map(lambda n: f"{Decimal(n) / 100:.2f}")
NETOS = ("MntNoGrv", "MntExpoyAsim", "MntImpuestoPerc", "MntIVaenSusp", "MntNetoIvaTasaMin", "MntNetoIVATasaBasica",
         "MntNetoIVAOtra", "MntIVATasaMin", "MntIVATasaBasica", "MntIVAOtra")  # fmt: skip
TOLD = dict(zip(("TotMntNoGrv", "TotMntExpyAsim", "TotMntImpPerc", "TotMntIVAenSusp", "TotMntIVATasaMin",
                 "TotMntIVATasaBas", "TotMntIVAOtra", "MntIVATasaMin", "MntIVATasaBas", "MntIVAOtra"), NETOS,
                strict=True))  # fmt: skip
FIRMADOS = st.builds(
    Firmado,
    tipo=TIPOS,
    serie=st.sampled_from(["A", "B", "1C"]),
    numero=st.integers(1, 40),
    fecha=st.dates(DIA - timedelta(days=3), DIA + timedelta(days=3)),
    sucursal=st.sampled_from(["1", "2", "15"]),
    moneda=st.sampled_from(["UYU", "USD", "UYI"]),
    cambio=st.sampled_from(["39.123", "40.5"]),
    montos=st.dictionaries(st.sampled_from(NETOS), CENTAVOS),
)
COTIZADO = {("USD", DIA - timedelta(days=n)): Decimal("38.77777") + n for n in range(-3, 5)}


def pesos(one: Firmado, name: str) -> Decimal:
    """An amount in pesos, by the letter of the norm."""
    amount = Decimal(one.montos.get(name, "0"))
    if one.moneda == "UYU":
        return amount
    if one.tipo in {102, 182} or one.moneda == "UYI" or one.fecha > CIERRE.date():
        return amount * Decimal(one.cambio)
    return amount * COTIZADO["USD", one.fecha - timedelta(days=1)]


DRAWN = st.lists(
    st.tuples(FIRMADOS, st.sampled_from(Fate)),
    max_size=30,
    unique_by=lambda pair: (pair[0].tipo, pair[0].serie, pair[0].numero),
)


@settings(deadline=None)
@given(DRAWN, st.lists(st.tuples(st.integers(41, 80), st.integers(0, 3)), max_size=3))
def test_the_report_of_any_day_adds_up(drawn: list[tuple[Firmado, Fate]], annulled: list[tuple[int, int]]) -> None:
    day = resumen(rates=COTIZADO)
    allowed = [(one, Fate.EMITIDO if fate is (Fate.RECHAZADO if one.tipo > 200 else Fate.OBSERVADO) else fate)
               for one, fate in drawn]  # fmt: skip
    for one, fate in allowed:
        day.add(one.signed, fate)
    dead: set[int] = set()
    for first, more in annulled:
        if dead.isdisjoint(range(first, first + more + 1)):
            day.annul(101, "A", first, first + more)
            dead |= set(range(first, first + more + 1))
    root = reporte(day)
    assert texto(root, "Caratula/CantComprobantes") == str(
        sum(fate is not Fate.OBSERVADO for _, fate in allowed) + len(dead)
    )
    for block in root[1:]:
        tipo = int(texto(block, "TipoComp"))
        judge_counts(block, [pair for pair in allowed if pair[0].tipo == tipo], dead if tipo == 101 else set())
        judge_amounts(block, [one for one, fate in allowed if one.tipo == tipo and fate is Fate.EMITIDO])


def judge_counts(block: etree._Element, of_tipo: list[tuple[Firmado, Fate]], dead: set[int]) -> None:
    issued = {(one.serie, one.numero) for one, fate in of_tipo if fate is Fate.EMITIDO}
    rejected = {(one.serie, one.numero) for one, fate in of_tipo if fate is Fate.RECHAZADO} | {("A", n) for n in dead}
    if texto(block, "RsmnData/CantCFCEmi"):
        assert texto(block, "RsmnData/CantCFCEmi") == str(len(issued))
        return
    used, gone = covered(block, "RngDocsUtil"), covered(block, "RngDocsAnulados")
    assert (used, gone) == (issued | rejected, rejected)
    counts = [int(texto(block, f"RsmnData/{name}")) for name in ("CantDocsUtil", "CantDocsAnulados", "CantDocsEmi")]
    assert counts == [len(used), len(gone), len(issued)]


def covered(block: etree._Element, which: str) -> set[tuple[str, int]]:
    """The numbers that the ranges of a block name; they do not touch one another."""
    found = block.xpath(f"d:RsmnData/d:{which}/*", namespaces=NS)
    numbers = [(item[0].text, n) for item in found for n in range(int(item[1].text), int(item[2].text) + 1)]
    edges = {(item[0].text, int(item[2].text) + 1) for item in found}
    assert len(numbers) == len(set(numbers))
    assert edges.isdisjoint((item[0].text, int(item[1].text)) for item in found)
    return set(numbers)


def judge_amounts(block: etree._Element, issued: Iterable[Firmado]) -> None:
    groups: dict[tuple[str, str], list[Firmado]] = {}
    for one in issued:
        groups.setdefault((str(one.fecha), one.sucursal), []).append(one)
    rows = {(row["Fecha"], row["CodSuc"]): row for row in montos(block)}
    assert rows.keys() == groups.keys()
    for key, row in rows.items():
        told = {name: Decimal(row[name]) for name in TOLD if name in row}
        for name, amount in told.items():
            exact = sum((pesos(one, TOLD[name]) for one in groups[key]), Decimal(0))
            assert amount == exact.quantize(Decimal("0.01"), ROUND_HALF_UP), name
        if "TotMntTotal" in row:
            assert Decimal(row["TotMntTotal"]) == sum(told.values())


def of_every_type() -> Resumen:
    """A day with a document of every type, one rejected, numbers annulled."""
    day = Resumen(
        emisor=RUT, day=date(2026, 11, 21), firmado=CIERRE + timedelta(days=1), ui=UI,
        rates={("USD", DIA): Decimal("39.8512"), ("BRL", DIA): Decimal("7.1"), ("EUR", DIA): Decimal(45)},
    )  # fmt: skip
    for tipo in TipoCfe:
        day.add(muestra(tipo))
    day.add(muestra(101, ("<Nro>1234</Nro>", "<Nro>1235</Nro>")), Fate.RECHAZADO)
    day.annul(111, "AB", 1, 30)
    return day


def test_reports_are_canonical_and_verify_and_are_what_dgi_and_our_own_judge_expect(referencia_uy: Path) -> None:
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    signer = XmlSigner(identity(), embed_certificate=True)
    for day in (resumen(), of_every_type()):
        document = compose_report(day, secuencia=1)
        assert etree.tostring(etree.fromstring(document), method="c14n") == document
        report = signer.sign(document, SignaturePlan())
        assert verify(report).certificate == identity().certificate
        assert schemas.problems(report) == []
        seen = inspect(report, "Rep.xml", Means(today=DIA, schemas=schemas, ui=UI))
        assert not seen.is_bad, seen.checks


def test_a_mixed_day_is_told_as_a_person_read_it(request: pytest.FixtureRequest) -> None:
    """Read and added up by hand: 11 numbers; 100 dollars at 39.8512 are 3985.12, and their IVA 876.73."""
    usd = {"moneda": "USD", "cambio": "41.000"}
    day = resumen(
        Firmado(numero=101, montos=VENTA),
        Firmado(numero=102, montos={"MntNoGrv": "40000.00", "MntTotal": "40000.00"}),
        Firmado(numero=104, montos=VENTA, sucursal="2"),
        Firmado(tipo=102, numero=7, montos=VENTA, refs=((101, "A", 101),)),
        Firmado(tipo=111, serie="F", numero=1, montos=VENTA, **usd),
        Firmado(tipo=112, serie="F", numero=1, montos=VENTA, **usd),
        Firmado(tipo=201, serie="C", numero=51, fecha=VISPERA, montos=VENTA),
        Firmado(tipo=181, numero=3),
        Firmado(tipo=182, numero=9, montos={"MntTotRetenido": "60.50"}),
    )
    day.add(Firmado(tipo=111, serie="F", numero=2, montos=VENTA, **usd).signed, Fate.RECHAZADO)
    day.annul(101, "A", 103, 103)
    document = compose_report(day, secuencia=2, id_emisor=5)
    pretty = etree.tostring(etree.fromstring(document), pretty_print=True)
    if request.config.getoption("--update-goldens"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_bytes(pretty)
    assert pretty == GOLDEN.read_bytes()


def test_dgis_own_documents_are_counted_as_they_say(referencia_uy: Path) -> None:
    sample = take_apart((referencia_uy / "dgi" / "Sob_219999830019_Ej_Mod_19072016.xml").read_bytes())
    for cfe in sample.cfes:
        said = read_emitido(cfe.alone, Anexo())
        day = resumen(
            emisor=said.emisor,
            day=said.firmado.astimezone(ZONE).date(),
            ui=dict.fromkeys(range(2011, 2027), Decimal(3)),
        )
        day.add(cfe.alone)
        root = reporte(day)
        assert texto(root, "Caratula/CantComprobantes") == "1"
        (row,) = montos(root)
        assert row["Fecha"] == str(said.fecha)
        amounts = dict(said.importes)
        names = {"TotMntTotal": "TOTAL", "TotMntIVATasaBas": "NETO_BASICA", "MntIVATasaMin": "IVA_MINIMA"}
        for told, name in names.items():
            assert row.get(told, amounts[name]) == amounts[name], (said.slug, told)
