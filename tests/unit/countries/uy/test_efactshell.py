"""eFactShell's TXT in the words of ours, and its reply."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.core.answer import Answer, Block, First
from sincronizador.core.dialect import Names
from sincronizador.core.finding import MOST_FINDINGS
from sincronizador.core.numbering import Rango
from sincronizador.core.sections import Entry, Reading
from sincronizador.countries.uy.efactshell import EFactShell
from sincronizador.countries.uy.efactshell_records import REGISTROS
from sincronizador.errors import Rejected

NOMBRE = "eFacturaInfo_12_2026-11-21_1795266000000.txt"
RECORDS = (
    "1|217777770013|12|2026-11-21",
    "2|101|||2026-11-21|1|1|",
    "3|217777770013|EMPRESA INVENTADA|1|Calle 1|Montevideo|MONTEVIDEO",
    "4|3|UY|0||||",
    "5|UYU|||||10|22|||||||",
    "6|1|3|Café molido|2.000|N/A|117.550000|0.000|0.00||||",
    "6|2|2|Pan|1.000|kg|89.000000|||||89.00",
)


def leer(*records: str, end: str = "\r\n", encoding: str = "iso-8859-1", libretas: tuple[Rango, ...] = ()) -> Reading:
    """These records as a file."""
    dialect = EFactShell(names=Names(patterns=("efacturainfo_*.txt",)), libretas=libretas)
    return dialect.read("".join(record + end for record in records).encode(encoding), NOMBRE)


def con(number: int, *records: str) -> tuple[str, ...]:
    """The usual records with those of one number replaced."""
    others = [record for record in RECORDS if not record.startswith(f"{number}|")]
    return (*others, *records)


def campos(reading: Reading, section: str) -> dict[str, str]:
    """The fields of the first section of that name."""
    found = reading.sections.first(section)
    return {entry.name: entry.text for entry in found.entries} if found else {}


def codigos(reading: Reading) -> list[tuple[str, int | None]]:
    """What is wrong, and where."""
    return [(finding.code, finding.line) for finding in reading.findings]


def test_every_record_becomes_its_section_and_every_value_keeps_its_line() -> None:
    reading = leer(
        *RECORDS,
        "7|1|D|Contado|10.00|3",
        "7|2|R|Envío|5.00|2",
        "8|1||101|A|2344|Devolución|2026-11-01",
        "10|Gracias",
        "13|CAJA1",
    )
    assert reading.findings == ()
    names = [section.name for section in reading.sections]
    assert names == [
        "DOCUMENTO", "EMISOR", "RECEPTOR", "ITEM", "ITEM", "DESCUENTO", "RECARGO", "REFERENCIA", "EXTRA", "ADENDA",
    ]  # fmt: skip
    assert campos(reading, "DOCUMENTO") == {
        "TIPO": "101", "FECHA": "2026-11-21", "FORMA_PAGO": "1", "DECIMAL": "PUNTO", "PRECIOS": "CON_IVA",
        "REFERENCIA": "12/CAJA1", "MONEDA": "UYU",
    }  # fmt: skip
    assert campos(reading, "EMISOR")["SUCURSAL"] == "1"
    assert campos(reading, "REFERENCIA") == {
        "TIPO": "101", "SERIE": "A", "NUMERO": "2344", "RAZON": "Devolución", "FECHA": "2026-11-01",
    }  # fmt: skip
    assert campos(reading, "RECARGO") == {"DETALLE": "Envío", "VALOR": "5.00", "IND_FACT": "2"}
    assert campos(reading, "EXTRA") == {"PUNTO_VENTA": "CAJA1"}
    second = reading.sections.all("ITEM")[1]
    assert second.get("IND_FACT") == Entry("IND_FACT", "2", 7)
    assert second.text_of("IMPORTE") == "89.00"


def test_without_the_mark_of_gross_prices_they_are_net() -> None:
    assert campos(leer(*con(2, "2|111|||2026-11-21||2|2026-12-21")), "DOCUMENTO")["PRECIOS"] == "SIN_IVA"


def test_an_addendum_goes_on_until_the_next_record_or_the_end() -> None:
    for end, inner in (("\r\n", "\r\n"), ("\r\n", "\n"), ("\n", "\n")):
        adenda = inner.join(("10|Gracias por su compra", "", "T.Doc: E-TICKET ", "99|no es un registro"))
        reading = leer(*RECORDS, adenda, "13|CAJA1", end=end)
        assert reading.findings == ()
        assert reading.sections.all("ADENDA")[0].text == (
            "Gracias por su compra\n\nT.Doc: E-TICKET\n99|no es un registro"
        )
        assert campos(reading, "EXTRA") == {"PUNTO_VENTA": "CAJA1"}


def test_lines_are_counted_as_an_editor_counts_them_whatever_breaks_them() -> None:
    reading = leer(*RECORDS[:5], "6|1|3|Café\nmolido|1|N/A|1.00||||||", "x|", end="\r\n")
    assert reading.sections.all("ITEM")[0].text_of("DETALLE") == "Café\nmolido"
    assert codigos(reading) == [("E0270", 8)]


@pytest.mark.parametrize(
    ("number", "records", "code", "line", "words"),
    [
        (2, (), "E0271", None, "Falta el registro 2 (encabezado)"),
        (6, (), "E0271", None, "Falta el registro 6 (línea)"),
        (2, ("2|101|||2026-11-21|1|1|", "2|111|||2026-11-21|1|1|"), "E0272", 8, "está en la línea 7"),
        (9, ("9|algo",), "E0270", 8, "«algo»"),
        (9, ("sin registro",), "E0270", 8, "«sin registro»"),
        (13, ("13|CAJA1|sobra",), "E0273", 8, "lleva 1 campos y la línea trae 2"),
        (1, ("1|217777770013||2026-11-21",), "E0274", 7, "NroSobre"),
        (1, ("1|219999830019|12|2026-11-21",), "E0274", 2, "como en el registro 1"),
        (2, ("2|101|||2026-11-21|si|1|",), "E0274", 7, "IndMontoBruto"),
        (5, ("5|UYU|||||10|23|||||||",), "E0274", 7, "IvaTasaBasica"),
        (6, ("6|1|3|Pan|1|N/A|1||||||", "6|3|3|Pan|1|N/A|1||||||"), "E0274", 7, "debe ser 2"),
        (7, ("7|1|X|Contado|10.00|3",), "E0274", 8, "D o R"),
    ],
)
def test_what_is_wrong_is_told_with_record_and_line(
    number: int, records: tuple[str, ...], code: str, line: int | None, words: str
) -> None:
    found = leer(*con(number, *records)).findings
    assert [(finding.code, finding.line) for finding in found] == [(code, line)]
    assert words in found[0].message


def test_zeros_that_old_programs_write_are_absent() -> None:
    reading = leer(*con(5, "5|UYU|0.000|0.00||0|10|22|0|0|0.00|0|0|0"), "7|1|D|SIN DESCUENTO|0.00|0", "8|1|0|0||0||")
    assert reading.findings == ()
    assert campos(reading, "TOTALES") == {}
    assert reading.sections.all("DESCUENTO") == ()
    assert "COTIZACION" not in campos(reading, "DOCUMENTO")
    assert "GLOBAL" not in campos(reading, "REFERENCIA")


def test_given_totals_are_there_to_be_checked() -> None:
    reading = leer(*con(5, "5|USD|40.125|0|80.91|192.70|10|22|8.09|42.40|324.10|2||324.10"))
    assert campos(reading, "TOTALES") == {
        "NETO_MINIMA": "80.91", "NETO_BASICA": "192.70", "IVA_MINIMA": "8.09", "IVA_BASICA": "42.40",
        "TOTAL": "324.10", "LINEAS": "2", "A_PAGAR": "324.10",
    }  # fmt: skip
    assert campos(reading, "DOCUMENTO")["COTIZACION"] == "40.125"


def test_the_totals_of_the_manuals_example_lack_a_bar_and_are_taken() -> None:
    reading = leer(*con(5, "5|UYU||||10|22||||||0"))
    assert reading.findings == ()
    assert campos(reading, "TOTALES") == {}


def test_the_reference_is_the_envelope_whatever_the_files_name_or_day() -> None:
    first, later = leer(*RECORDS), leer(*con(1, "1|217777770013|0012|2026-11-23"))
    assert campos(first, "DOCUMENTO")["REFERENCIA"] == campos(later, "DOCUMENTO")["REFERENCIA"] == "12"


def test_a_paper_of_contingency_gets_the_constancia_of_its_booklet() -> None:
    libreta = Rango(id="90260000009", tipo=201, serie="A", desde=51, hasta=100, vence=date(2028, 1, 31))
    inside = leer(*con(2, "2|201|A|0077|2026-11-21|1|1|"), libretas=(libreta,))
    assert campos(inside, "DOCUMENTO")["CONSTANCIA"] == "90260000009"
    assert campos(inside, "DOCUMENTO")["CONSTANCIA_VENCE"] == "2028-01-31"
    for other in ("2|201|A|50|2026-11-21|1|1|", "2|201|B|77|2026-11-21|1|1|", "2|211|A|77|2026-11-21|1|1|"):
        assert "CONSTANCIA" not in campos(leer(*con(2, other), libretas=(libreta,)), "DOCUMENTO")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "cp1252", "utf-8", "utf-8-sig"])
def test_letters_arrive_in_whatever_encoding_was_meant(encoding: str) -> None:
    assert leer(*RECORDS, encoding=encoding).sections.all("ITEM")[0].text_of("DETALLE") == "Café molido"


def test_an_unfinished_file_says_which_record_it_lacks() -> None:
    dialect = EFactShell(names=Names(patterns=("*.txt",)))
    whole = "\r\n".join(RECORDS).encode("iso-8859-1")
    assert dialect.missing(b"") == "el registro 1 (sobre)"
    assert dialect.missing(whole[: whole.index(b"6|1")]) == "el registro 6 (línea)"
    assert dialect.missing(whole) == "el fin de la última línea"
    assert dialect.missing(whole + b"\r\n\x1a") is None
    assert dialect.missing(whole[:40] + bytes(512) + whole[40:] + b"\r\n") is not None, "a hole, as a cut leaves it"
    assert dialect.missing(whole + b"\r\n" + bytes(512)) is None
    assert dialect.proof.rest


def test_a_file_of_rubbish_is_not_told_without_end() -> None:
    assert len(leer(*(f"x{n}" for n in range(5_000))).findings) == MOST_FINDINGS


def test_an_empty_file_cannot_be_read() -> None:
    with pytest.raises(Rejected) as caught:
        leer(" ", "\x00")
    assert caught.value.code == "E0101"


@given(st.lists(st.text(st.characters(codec="iso-8859-1"), max_size=40), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_whatever_a_file_holds_it_is_read_or_told(rows: list[str], end: str) -> None:
    reading = leer("1|", *rows, end=end)
    assert reading.findings
    for section in reading.sections:
        assert all(entry.text and entry.name for entry in section.entries)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="ascii", exclude_characters="|\r\n\x00\x1a"), max_size=9), max_size=11),
        max_size=8,
    )
)
def test_no_line_of_another_record_changes_an_item(extra: list[list[str]]) -> None:
    plain = leer(*RECORDS)
    records = [f"8|{'|'.join(fields)}" for fields in extra]
    assert leer(*RECORDS, *records).sections.all("ITEM") == plain.sections.all("ITEM")


def respuesta(first: First, fields: dict[str, str], *others: Block) -> str:
    form = EFactShell(names=Names(patterns=("*",))).form
    blocks = (Block("RESPUESTA", tuple(fields.items())), *others)
    return form.render(Answer(first=first, blocks=blocks, encoding="cp1252")).decode("iso-8859-1")


def test_the_reply_of_a_document_has_its_three_records() -> None:
    fields = {
        "SERIE": "A", "NUMERO": "1234", "CAE": "90260000001", "CAE_DESDE": "1", "CAE_HASTA": "100000",
        "CAE_VENCE": "2028-11-21", "CODIGO_SEGURIDAD": "Zm9vYm", "CODIGO": "0", "MENSAJE": "Comprobante firmado.",
    }  # fmt: skip
    assert respuesta(First.OK, fields) == (
        "1|AE|0|||Comprobante firmado.\r\n2|A|1234|Zm9vYm\r\n3|90260000001|A|1|100000|2028-11-21\r\n"
    )


def test_a_refusal_says_be_in_its_first_record_and_every_mistake_in_one_line() -> None:
    errors = [
        Block("ERROR.1", (("CODIGO", "E0205"), ("LINEA", "6"), ("CAMPO", "CANTIDAD"), ("MENSAJE", "dos|\r\n«x» – y"))),
        Block("AVISO.1", (("CODIGO", "A0220"), ("MENSAJE", "no importa"))),
        Block("ERROR.2", (("CODIGO", "E0209"), ("MENSAJE", "Falta PRECIO."))),
    ]
    lines = respuesta(First.ERROR, {"CODIGO": "E0205", "MENSAJE": "2 errores"}, *errors).split("\r\n")
    assert lines == ["1|BE|E0205|6|CANTIDAD|dos «x» ? y", "1|BE|E0209|||Falta PRECIO.", ""]
    assert respuesta(First.ERROR, {"CODIGO": "E9101", "MENSAJE": "Descartado."}) == "1|BE|E9101|||Descartado.\r\n"


def test_a_sale_that_waits_is_not_answered_in_this_format() -> None:
    form = EFactShell(names=Names(patterns=("*",))).form
    assert (form.extension, form.pending) == ("txt", False)


def test_the_records_known_are_those_of_its_manual() -> None:
    assert sorted(REGISTROS) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 13]
