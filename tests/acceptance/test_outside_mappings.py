"""Another program's files from outside: the mappings of the project, the running daemon, whatever it answers."""

import shutil
from pathlib import Path

import pytest
from outside.installation import HOME, Installation, wait_for

EXAMPLES = HOME / "config" / "mapeos"


@pytest.fixture
def mapped(installation: Installation) -> Installation:
    """An installation with the project's mappings, running."""
    shutil.copytree(EXAMPLES, installation.folder / "mapeos")
    installation.configure("entrada", mapeos='"mapeos"', incompleto="3")
    installation.start()
    return installation


def drop(own: Installation, name: str, content: bytes, till: str = "") -> None:
    """As a program that knows of no renaming: created and written in pieces."""
    box = own.box("entrada", till)
    box.mkdir(exist_ok=True)
    with (box / name).open("wb") as file:
        for start in range(0, len(content), 50):
            file.write(content[start : start + 50])
            file.flush()


def lines(path: Path, encoding: str) -> list[str]:
    """An answer, once it says OK or ERROR."""

    def decided() -> list[str] | None:
        told = path.read_text(encoding).splitlines() if path.exists() else []
        return told if told and not told[0].startswith("PENDIENTE") else None

    return wait_for(path.name, decided)


def fields(path: Path, encoding: str) -> dict[str, str]:
    """The fields of an answer of ours; of several with one name the first."""
    told = lines(path, encoding)
    return {"": told[0], **dict(line.split("=", 1) for line in reversed(told) if "=" in line)}


def test_a_till_of_the_eighties_sells_with_the_files_that_it_always_wrote(mapped):
    drop(mapped, "CLIPPER.PIP", (EXAMPLES / "clipper.pip").read_bytes(), "CAJA1")
    answer = fields(mapped.box("salida", "CAJA1") / "CLIPPER.RSP", "cp850")
    assert (answer[""], answer["REFERENCIA"], answer["TOTAL"]) == ("OK", "CLI-000123", "2608.75")
    wait_for("its paper", lambda: len(mapped.papers()) == 1)


def test_nothing_is_taken_before_its_marker_and_the_answer_is_the_line_that_the_mapping_says(mapped):
    drop(mapped, "venta-774.plano", (EXAMPLES / "venta-774.plano").read_bytes())
    drop(mapped, "clipper.pip", (EXAMPLES / "clipper.pip").read_bytes())
    lines(mapped.box("salida") / "clipper.rsp", "cp850")
    assert (mapped.box("entrada") / "venta-774.plano").exists()
    drop(mapped, "venta-774.OK", b"")
    (line,) = lines(mapped.box("salida") / "venta-774.res", "cp1252")
    first, serie, number, code, *_ = line.split(";")
    assert (first, bool(serie), number.isdigit(), len(code)) == ("OK", True, True, 6)
    assert list(mapped.box("entrada").glob("venta-774*")) == []


def test_a_lote_of_cobol_and_an_export_are_answered_once_for_all(mapped):
    for name, documents in (("LOTE0412.DAT", "3"), ("sale.order-2026-11-21.xlsx", "2"), ("pedidos-20261121.json", "3")):
        drop(mapped, name, (EXAMPLES / name).read_bytes())
        stem, _, extension = name.rpartition(".")
        path = mapped.box("salida") / f"{stem}.{'RSP' if extension.isupper() else 'rsp'}"
        wait_for("all of it", lambda path=path: "PENDIENTES=0" in "\n".join(lines(path, "cp850")))
        answer = fields(path, "cp850")
        assert (answer[""], answer["RECIBIDOS"], answer["EMITIDOS"]) == ("OK", documents, documents), name


def test_half_a_file_is_refused_by_name_and_a_wrong_one_by_line_and_column(mapped):
    whole = (EXAMPLES / "clipper.pip").read_bytes()
    drop(mapped, "media.pip", whole[: whole.index(b"F|")])
    drop(mapped, "mala.pip", whole.replace(b"|V|", b"|Q|"))
    bad = fields(mapped.box("salida") / "mala.rsp", "cp850")
    assert (bad[""], bad["CODIGO"], bad["LINEA"]) == ("ERROR", "E0141", "1")
    assert any("«tipo», que dice «Q»" in line for line in lines(mapped.box("salida") / "mala.rsp", "cp850"))
    half = fields(mapped.box("salida") / "media.rsp", "ascii")
    assert (half[""], half["CODIGO"]) == ("ERROR", "E0103")


def test_a_mapping_with_mistakes_keeps_the_daemon_from_starting_and_says_all_of_them(installation):
    folder = installation.folder / "mapeos"
    shutil.copytree(EXAMPLES, folder)
    path = folder / "clipper.toml"
    path.write_text(
        path.read_text("utf-8").replace('tabla = "iva"', 'tabla = "ivas"').replace("DETALLE =", "DETALE ="), "utf-8"
    )
    installation.configure("entrada", mapeos='"mapeos"')
    done = installation.run("iniciar")
    assert done.returncode == 78
    told = done.stdout + done.stderr
    assert all(word in told for word in ("clipper.toml", "«ivas»", "DETALE", "DETALLE"))


def test_a_mapping_is_tried_before_anything_is_dropped(mapped):
    done = mapped.run("mapeo", "probar", str(EXAMPLES / "factura-20417.xml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "REFERENCIA=ERP-20417" in done.stdout
    assert "Documento/Cabezal/Deposito" in done.stdout
