"""`explicar` finds what a person means, and tells it in order."""

import pytest
from click.testing import CliRunner
from walking import TICKET

from sincronizador import cli
from sincronizador.settings import load


@pytest.fixture
def shop(machine):
    """Sales, one of them twice, a lote, and a file whose name comes back every day."""
    machine.configure(salida={"formatos": ()})
    machine.send("V1.TXT", TICKET.format(referencia="V-1", precio="89"))
    machine.pass_time(minutes=5)
    machine.send("OTRA.TXT", TICKET.format(referencia="V-1", precio="89"))
    machine.send("FACT.TXT", TICKET.format(referencia="D-1", precio="89"))
    machine.pass_time(days=1)
    machine.send("FACT.TXT", TICKET.format(referencia="D-2", precio="89"))
    parts = "".join(TICKET.format(referencia=f"L-1-{n}", precio=str(n)).removesuffix("[FIN]\n") for n in (1, 2, 3))
    machine.send("LOTE.TXT", f"[LOTE]\nREFERENCIA=L-1\nCANTIDAD=3\n{parts}[FIN]\n")
    machine.work()
    machine.order("reimprimir", que="V-1", impresora="CAJA1")
    machine.work()
    return machine


def explain(machine, *words):
    path = str(machine.folder / "sincronizador.toml")
    assert load(path).diario == machine.settings.diario
    done = CliRunner().invoke(cli.main, ["--config", path, "explicar", *words])
    return done.exit_code, done.output.splitlines()


def test_a_sale_is_known_by_all_its_names(shop):
    for que in ("V-1", "v-1", "101-A-1", "a 1", "A-1", "101 A 1", "V1.TXT", "v1", "OTRA.TXT"):
        code, lines = explain(shop, que)
        assert (code, lines[0]) == (0, "V-1: FIRMADO_LOCAL 101-A-1")


def test_its_story_is_in_order_with_clock_times_and_days(shop):
    _, lines = explain(shop, "V-1")
    assert lines[1] == "21/11/2026"
    story = [line.strip() for line in lines[2:] if line.startswith("  ")]
    assert "V1.TXT: Llegó V1.TXT" in story[0]
    assert [line[:8] for line in story] == sorted(line[:8] for line in story[:-2]) + [line[:8] for line in story[-2:]]
    first = {word: next(n for n, line in enumerate(story) if word in line) for word in ("Llegó V1", "A 1", "Va a la")}
    assert list(first.values()) == sorted(first.values())
    assert any("+5 min" in line and "OTRA.TXT: Llegó" in line for line in story)
    assert "22/11/2026" in lines
    assert any("Se pidió una copia" in line for line in story)


def test_a_file_name_that_came_back_lists_both(shop):
    code, lines = explain(shop, "FACT.TXT")
    assert (code, len(lines)) == (1, 3)
    assert "D-2  101-A-3" in lines[1]
    assert "D-1  101-A-2" in lines[2]


def test_a_document_of_a_lote_says_where_it_came_in(shop):
    for que in ("L-1-2", "L-1/2", "LOTE.TXT/2"):
        code, lines = explain(shop, que)
        assert (code, lines[0][:5], lines[1]) == (0, "L-1-2", "Documento 2 del lote L-1 (LOTE.TXT, línea 12).")
    assert explain(shop, "L-1")[1][0].startswith("L-1: ")
    assert explain(shop, "L-1/9")[0] == 1


def test_an_order_has_a_story_too(shop):
    with shop.house.journal.reading() as db:
        (last,) = db.execute("SELECT max(id) FROM orders").fetchone()
    code, lines = explain(shop, "--orden", str(last))
    assert (code, lines[0]) == (0, f"Orden {last}: reimprimir que=V-1, impresora=CAJA1")
    assert lines[-1].endswith("Se imprime V-1 en CAJA1, marcado COPIA.")
    assert explain(shop, "--orden", "99")[0] == 1


def test_what_never_came_is_told_as_that(shop):
    code, lines = explain(shop, "JAMAS")
    assert (code, "nunca llegó" in lines[0]) == (1, True)
    assert explain(shop)[0] == 2
    assert explain(shop, "V-1", "--orden", "1")[0] == 2
