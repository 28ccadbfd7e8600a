"""An issuer's template from its file to the paper, and that the picture of a ticket is the ticket's very bytes."""

import io

from PIL import Image, ImageDraw
from walking import TICKET

from sincronizador.printing import logo
from sincronizador.printing.commands import commands
from sincronizador.printing.paper import Paper
from sincronizador.printing.preview import png

TEMPLATE = """
logo = "logo.png"
encabezado = ["Abierto de 8 a 22"]
pie = ["¡Gracias por su compra!"]
ocultar = ["hora", "desglose_iva"]
[[extra]]
campo = "MESA"
rotulo = "Mesa"
lugar = "cabeza"
"""
SALE = TICKET.replace("[FIN]", "[EXTRA]\nMESA=12\nCLAVE_INTERNA=9\n[FIN]")


def templated(machine):
    image = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(image).ellipse((20, 20, 280, 100), fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    (machine.folder / "logo.png").write_bytes(file.getvalue())
    (machine.folder / "plantilla.toml").write_text(TEMPLATE, "utf-8")
    machine.configure(impresion={"plantilla": str(machine.folder / "plantilla.toml")}, salida={"formatos": ("png",)})
    return logo.rows(file.getvalue(), Paper().dots)


def letters(page):
    return "\n".join(command.data.decode("cp858") for command in commands(page) if not command.name)


def dots(page):
    return b"".join(command.data[6:] for command in commands(page) if command.name == b"\x1dv")


def test_a_ticket_has_the_issuers_logo_texts_and_fields_and_not_what_it_hides(machine):
    rows = templated(machine)
    machine.drop("v1.txt", SALE.format(referencia="V1", precio="110"))
    machine.work()
    (_, page), *_ = machine.printer.pages
    told = letters(page)
    assert dots(page) == b"".join(rows)
    assert "Abierto de 8 a 22" in told
    assert "¡Gracias por su compra!" in told
    assert "Mesa: 12" in told
    assert "interna" not in told.lower()
    assert "21/11/2026 12:00" not in told
    assert "Neto gravado" not in told
    for kept in ("TOTAL", "CAE N.º", "Fecha de vencimiento", "IVA al día", "ADENDA"):
        assert kept in told


def test_the_picture_beside_the_answer_is_that_of_the_bytes_that_were_printed(machine):
    templated(machine)
    machine.drop("v1.txt", SALE.format(referencia="V1", precio="110"))
    machine.work()
    (_, page), *_ = machine.printer.pages
    assert (machine.folder / "spool" / "salida" / "v1.png").read_bytes() == png(page, Paper())


def test_what_is_only_checked_is_drawn_with_the_template_too(machine):
    rows = templated(machine)
    machine.drop("v1.txt", SALE.format(referencia="V1", precio="110"), folder="validar")
    machine.work()
    (path,) = (machine.folder / "spool").rglob("v1*.png")
    picture = Image.open(path).convert("1")
    white = bytes(byte ^ 0xFF for byte in b"".join(rows))
    found = [
        down
        for down in range(picture.height - len(rows))
        if picture.crop((32, down, 32 + 8 * len(rows[0]), down + len(rows))).tobytes() == white
    ]
    assert len(found) == 1
