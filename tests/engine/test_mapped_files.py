"""Files of other programs, by the mappings that the project ships, through a whole installation."""

import shutil
from pathlib import Path

import pytest

from sincronizador.folders.answers import parse_answer

SAME = """[DOCUMENTO]
TIPO=VENTA
REFERENCIA=CLI-000123
FECHA=21/11/2026
FORMA_PAGO=CONTADO
[RECEPTOR]
DOCUMENTO=12345672
NOMBRE=PEÑA Y CÍA.
DIRECCION=Av. Italia 2500
CIUDAD=Montevideo
[ITEM]
CODIGO=10
DETALLE=Café molido 250 g
CANTIDAD=2
PRECIO=1175,50
IVA=BASICA
[ITEM]
CODIGO=11
DETALLE=Pan
CANTIDAD=1
PRECIO=89,00
IVA=MINIMA
[ITEM]
CODIGO=12
DETALLE=Azúcar 1 kg
CANTIDAD=3
PRECIO=62,50
DESCUENTO_PORC=10
IVA=BASICA
[FIN]
"""
"""The sale of ``clipper.pip`` as a TXT."""

EXAMPLES = Path(__file__).parents[2] / "config" / "mapeos"


@pytest.fixture
def mapped(machine):
    """A machine with a folder of mappings of its own."""
    folder = machine.folder / "mapeos"
    shutil.copytree(EXAMPLES, folder)
    machine.configure(entrada={"mapeos": str(folder)}, salida={"formatos": ()})
    return machine


def drop(machine, name, folder="entrada"):
    machine.drop(name, (EXAMPLES / name).read_bytes(), folder=folder)
    machine.work()
    for _ in range(6):
        machine.pass_time(seconds=1)


def salida(machine, name):
    return machine.folder / "spool" / "salida" / name


def clipper_answer(machine, name="clipper.rsp"):
    """An answer in the encoding of the pipe files."""
    first, blocks = parse_answer(salida(machine, name).read_bytes(), "cp850")
    others = {f"{block.name}.{field}": value for block in blocks[1:] for field, value in block.fields}
    return {"": first.value, **dict(blocks[0].fields), **others}


def send_clipper(machine, name, **changes):
    content = (EXAMPLES / "clipper.pip").read_bytes().decode("cp850")
    for old, new in changes.values():
        assert old in content
        content = content.replace(old, new)
    machine.drop(f"{name}.pip", content, encoding="cp850")
    machine.work()
    machine.pass_time(seconds=1)
    return clipper_answer(machine, f"{name}.rsp")


def test_a_pipe_file_in_cp850_becomes_a_ticket(mapped):
    drop(mapped, "clipper.pip")
    answer = mapped.answer("clipper.pip")
    assert (answer[""], answer["ESTADO"], answer["TIPO"]) == ("OK", "FIRMADO_LOCAL", "101")
    assert answer["REFERENCIA"] == "CLI-000123"
    assert answer["A_PAGAR"] == "2608.75"
    assert answer["EXTRA.VENDEDOR"] == "JUAN"
    assert not [name for name in answer if name.startswith("AVISO")]


def test_an_xml_of_an_erp_becomes_an_invoice(mapped):
    drop(mapped, "factura-20417.xml")
    answer = mapped.answer("factura-20417.xml")
    assert (answer[""], answer["TIPO"], answer["REFERENCIA"]) == ("OK", "111", "ERP-20417")
    assert answer["NETO_BASICA"] == "13399.99"


def test_a_lote_of_fixed_width_becomes_its_documents(mapped):
    drop(mapped, "LOTE0412.DAT")
    answer = mapped.answer("LOTE0412.DAT")
    assert (answer[""], answer["REFERENCIA"]) == ("OK", "LOTE-000412")
    assert (answer["RECIBIDOS"], answer["EMITIDOS"], answer["RECHAZADOS"]) == ("3", "3", "0")


@pytest.mark.parametrize("name", ["sale.order-2026-11-21.csv", "sale.order-2026-11-21.xlsx"])
def test_an_export_of_orders_becomes_a_document_each(mapped, name):
    drop(mapped, name)
    answer = mapped.answer(name)
    assert (answer[""], answer["EMITIDOS"], answer["RECHAZADOS"]) == ("OK", "2", "0")


@pytest.mark.parametrize("name", ["LATIDO.PIP", "LATIDO.pip", "latido.PIP"])
def test_an_answer_never_takes_the_place_of_the_heartbeat(mapped, name):
    toml = mapped.folder / "mapeos" / "clipper.toml"
    toml.write_text(
        toml.read_text("utf-8") + '\n[respuesta]\nformato = "linea"\nplantilla = "{ESTADO}"\nextension = "txt"\n',
        "utf-8",
    )
    mapped.configure()
    beat = salida(mapped, "LATIDO.TXT")
    beat.write_bytes(b"[LATIDO]\r\n")
    mapped.drop(name, (EXAMPLES / "clipper.pip").read_bytes())
    mapped.work()
    mapped.pass_time(seconds=3)
    assert beat.read_bytes() == b"[LATIDO]\r\n"
    assert [path.name for path in beat.parent.iterdir() if path.suffix.lower() == ".txt"] == ["LATIDO.TXT"]
    answer = mapped.answer(name)
    assert (answer["ESTADO"], answer["CODIGO"]) == ("RECHAZADO", "E0102")
    assert "LATIDO.TXT" in answer["ERROR.1.MENSAJE"]


def test_a_csv_is_kept_as_it_was_dropped_beside_the_table_of_its_lote(mapped):
    name = "sale.order-2026-11-21.csv"
    drop(mapped, name)
    (day,) = (mapped.folder / "spool" / "procesados").iterdir()
    kept = {path.name.partition("~")[2][13:]: path.read_bytes() for path in day.iterdir()}
    assert sorted(kept) == [".csv", ".rsp", ".tabla.csv"]
    assert kept[".csv"] == (EXAMPLES / name).read_bytes()
    assert kept[".tabla.csv"].startswith(b"N;LINEA;REFERENCIA")


def test_orders_of_the_street_are_sales_and_what_came_back_is_a_note(mapped):
    drop(mapped, "pedidos-20261121.json")
    answer = mapped.answer("pedidos-20261121.json")
    assert (answer[""], answer["EMITIDOS"], answer["RECHAZADOS"]) == ("OK", "3", "0")


def test_sections_with_arrows_wait_for_their_marker_and_are_answered_with_a_line(mapped):
    drop(mapped, "venta-774.plano")
    assert not salida(mapped, "venta-774.res").exists()
    mapped.drop("venta-774.ok", b"")
    mapped.work()
    (line,) = salida(mapped, "venta-774.res").read_text(encoding="cp1252").splitlines()
    assert line.startswith("OK;A;1;")
    assert line.endswith(";Comprobante firmado.")


def test_the_same_sale_dropped_again_in_our_own_txt_is_the_same_sale(mapped):
    drop(mapped, "clipper.pip")
    first = mapped.answer("clipper.pip")
    again = mapped.send("otra.txt", SAME)
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first["NUMERO"], "A0001")


def test_the_same_sale_with_another_price_is_refused_naming_the_field(mapped):
    drop(mapped, "clipper.pip")
    answer = send_clipper(mapped, "otra", price=("1175,50", "1175,60"), total=("2608,75", "2608,95"))
    assert (answer["CODIGO"], answer["EXISTENTE.CAMPO"]) == ("E0104", "PRECIO")


def test_what_is_only_checked_is_answered_as_any_checked_file(mapped):
    drop(mapped, "clipper.pip", folder="validar")
    answer = clipper_answer(mapped, "clipper.val")
    assert (answer[""], answer["ESTADO"]) == ("OK", "VALIDO")


def test_a_refused_file_says_the_line_and_the_column(mapped):
    answer = send_clipper(mapped, "malo", iva=("89,00|2", "89,00|7"))
    assert (answer[""], answer["ERROR.1.CODIGO"], answer["ERROR.1.LINEA"]) == ("ERROR", "E0141", "4")
    assert "«iva»" in answer["ERROR.1.MENSAJE"]
    assert "«7»" in answer["ERROR.1.MENSAJE"]
    assert "ERROR.2.CODIGO" not in answer


def test_a_file_without_its_end_record_is_refused_when_it_stopped_growing(mapped):
    content = (EXAMPLES / "clipper.pip").read_bytes()
    mapped.drop("corto.pip", content[: content.index(b"F|")])
    mapped.work()
    mapped.pass_time(seconds=61)
    answer = mapped.answer("corto.pip")
    assert answer["CODIGO"] == "E0103"
    assert "registro F" in answer["MENSAJE"]


def test_an_answer_in_a_form_of_its_own_lies_beside_the_archived_file_too(mapped):
    mapped.drop("venta-774.OK", b"")
    drop(mapped, "venta-774.plano")
    (day,) = (mapped.folder / "spool" / "procesados").iterdir()
    names = sorted(path.suffix for path in day.iterdir())
    assert names == [".plano", ".res"]


def test_after_a_restart_an_unfinished_file_is_read_by_its_mapping(mapped):
    mapped.drop("clipper.pip", (EXAMPLES / "clipper.pip").read_bytes())
    mapped.intake.take()
    mapped.switch_on()
    mapped.work()
    assert mapped.answer("clipper.pip")["ESTADO"] == "FIRMADO_LOCAL"
