"""DGI's schemas, when an installation has them: what they refuse is told at the field it came from."""

import socket
from decimal import Decimal
from pathlib import Path

import pytest
from ventas import EMISOR, HOY, item, pedido, venta

from sincronizador.core.finding import Finding
from sincronizador.core.request import Request
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.schema import MAX_PROBLEMS, Schemas
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator


@pytest.fixture(scope="session")
def archivos(referencia_uy: Path) -> dict[str, bytes]:
    """DGI's files by name."""
    return {path.name: path.read_bytes() for path in (referencia_uy / "xsd" / "1.44.2").glob("*.xsd")}


@pytest.fixture(scope="session")
def esquemas(archivos: dict[str, bytes]) -> Schemas:
    return Schemas(archivos)


def juzgado(request: Request, esquemas: Schemas) -> list[Finding]:
    """What the country finds with these schemas."""
    return list(Uruguay(EMISOR, Ajustes(ui={2026: Decimal("6.40")}), esquemas).check(request, {}, HOY))


def estrechos(archivos: dict[str, bytes], before: bytes, after: bytes) -> Schemas:
    """Schemas that allow less than ours do."""
    assert before in archivos["CFEType.xsd"]
    return Schemas({**archivos, "CFEType.xsd": archivos["CFEType.xsd"].replace(before, after)})


def test_a_good_sale_passes_the_schema_without_number_or_signature(esquemas: Schemas) -> None:
    request = pedido(venta(item("100,50"), item("20")))
    assert juzgado(request, esquemas) == []


def test_what_the_schema_refuses_is_an_error_at_the_field_of_its_line(archivos: dict[str, bytes]) -> None:
    menos = estrechos(archivos, b'name="UniMed"', b'name="Unidad"')
    text = venta(item("1", UNIDAD="kg"), item("2", UNIDAD="m"))
    found = [finding for finding in juzgado(pedido(text), menos) if finding.code == "E1410"]
    lines = text.splitlines()
    assert [(finding.field, lines[(finding.line or 0) - 1]) for finding in found] == [
        ("UNIDAD", "UNIDAD=kg"),
        ("UNIDAD", "UNIDAD=m"),
    ]
    assert "UniMed (Item 1)" in found[0].message
    assert "is not expected" in found[0].message


def test_a_bad_value_of_the_header_is_told_with_its_value(archivos: dict[str, bytes]) -> None:
    menos = estrechos(archivos, b'<xs:element name="FmaPago"', b'<xs:element name="FmaPago" fixed="2"')
    found = juzgado(pedido(venta(item("1"))), menos)
    assert [(finding.code, finding.field, finding.value) for finding in found] == [("E1410", "FORMA_PAGO", "CONTADO")]


def test_a_document_with_errors_of_its_own_is_not_asked_about(esquemas: Schemas) -> None:
    found = juzgado(pedido(venta(item("1"), FORMA_PAGO="")), esquemas)
    assert {finding.code for finding in found} == {"E0209"}


def test_without_the_schema_of_a_cfe_nothing_starts(archivos: dict[str, bytes]) -> None:
    rest = {name: content for name, content in archivos.items() if name != "CFEDGI.xsd"}
    with pytest.raises(NeedsOperator, match=r"falta CFEDGI\.xsd") as caught:
        Schemas(rest, "/srv/esquemas")
    assert caught.value.code == "E9308"
    assert "/srv/esquemas" in str(caught.value)


@pytest.mark.parametrize("broken", ["DGITypes.xsd", "xmldsig-core-schema.xsd", "CFEType.xsd"])
def test_an_included_file_that_is_missing_or_cut_short_is_named(archivos: dict[str, bytes], broken: str) -> None:
    rest = {name: content for name, content in archivos.items() if name != broken}
    for files in (rest, {**rest, broken: archivos[broken][:500]}):
        with pytest.raises(NeedsOperator, match=r"CFEDGI\.xsd no compila"):
            Schemas(files)


def test_an_include_never_leaves_the_files_given(
    archivos: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in archivos.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "Otro.xsd").write_bytes(archivos["CFEType.xsd"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was asked"))
    for address in ("Otro.xsd", (tmp_path / "Otro.xsd").as_uri(), "http://127.0.0.1:9/Otro.xsd", "../Otro.xsd"):
        entry = archivos["CFEDGI.xsd"].replace(b"CFEType.xsd", address.encode())
        with pytest.raises(NeedsOperator, match="no compila"):
            Schemas({**archivos, "CFEDGI.xsd": entry})


def test_names_in_other_letters_are_the_same_files(archivos: dict[str, bytes], esquemas: Schemas) -> None:
    upper = Schemas({name.upper(): content for name, content in archivos.items()})
    request = pedido(venta(item("1")))
    assert juzgado(request, upper) == juzgado(request, esquemas) == []


def test_a_document_full_of_mistakes_is_not_told_without_end(archivos: dict[str, bytes]) -> None:
    menos = estrechos(archivos, b'name="UniMed"', b'name="Unidad"')
    request = pedido(venta(*(item(str(n + 1)) for n in range(60))))
    told = juzgado(request, menos)
    assert len(told) == MAX_PROBLEMS + 1
    assert "y 40 más" in told[-1].message


def test_what_others_signed_is_judged_by_the_schema_of_its_root(esquemas: Schemas, referencia_uy: Path) -> None:
    samples = referencia_uy / "dgi"
    sobre = (samples / "Sob_219999830019_Ej_Mod_19072016.xml").read_bytes()
    assert esquemas.problems(sobre) == []
    cae = (samples / "CAE_219999830019_90120000194_e-Ticket.xml").read_bytes()
    assert [(finding.code, finding.field) for finding in esquemas.problems(cae)] == [("E1410", "NA")]
    assert [finding.field for finding in esquemas.problems(sobre.replace(b":CantCFE>8<", b":CantCFE>x<"))] == [
        "CantCFE"
    ]
    assert esquemas.knows("Reporte")
    assert not esquemas.knows("html")
