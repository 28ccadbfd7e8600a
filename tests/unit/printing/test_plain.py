"""A ticket for a terminal."""

from sincronizador.core.ticket import QR, Align, Cut, Feed, Row, Size, Text, Ticket
from sincronizador.printing.paper import Paper
from sincronizador.printing.plain import plain


def test_a_terminal_shows_the_lines_of_the_paper(ticket):
    for columns in (48, 42, 32):
        told = plain(ticket, Paper(columns=columns)).splitlines()
        assert max(len(line) for line in told if "[QR" not in line) <= columns
        assert any("CONSUMO FINAL" in line for line in told)
        assert any(line.startswith("TOTAL") and line.endswith("$ 2.440,00") for line in told)


def test_each_block_is_where_the_paper_has_it():
    blocks = (
        Text("izq"), Text("medio", Align.CENTER), Text("der", Align.RIGHT), Row("a", "b"), Feed(2), QR("x"), Cut(),
        Text("GRANDE", Align.CENTER, Size.HUGE),
    )  # fmt: skip
    told = plain(Ticket(blocks), Paper(columns=32)).split("\n")
    assert told[0] == "izq"
    assert told[1].strip() == "medio"
    assert 13 <= told[1].index("medio") <= 14
    assert told[2] == " " * 29 + "der"
    assert told[3] == "a" + " " * 30 + "b"
    assert told[4:6] == ["", ""]
    assert told[6].strip() == "[QR: x]"
    assert told[7].startswith("- - -")
    assert told[8].strip() == "GRANDE"
