"""The test page of ``impresora probar``: what a person must see to know that a printer is set up right."""

from sincronizador.core.ticket import QR, Align, Box, Cut, Row, Rule, Size, Text, Ticket

_RULER = "".join(f"{tens:>10}" for tens in range(10, 60, 10))
_WEB = "https://www.efactura.dgi.gub.uy/consultaQR/cfe?210000000000,101,A,1,100.00,01/01/2026,PRUEBA-DE-IMPRESORA"


def trial_ticket(name: str, columns: int = 48) -> Ticket:
    """A page with accents, all sizes, a ruler of `columns`, a box, a QR and a cut. It says that it is no document."""
    return Ticket(
        (
            Text("PRUEBA DE IMPRESORA", Align.CENTER, Size.HUGE, bold=True),
            Text(name, Align.CENTER, Size.LARGE),
            Text("No es un comprobante.", Align.CENTER),
            Rule(double=True),
            Text("Estas letras deben leerse bien:", bold=True),
            Text("áéíóú ÁÉÍÓÚ ñÑ üÜ ¿? ¡! ºª € $"),
            Text("El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío; añoraba a su querido cachorro."),
            Rule(),
            Text(f"La regla debe ocupar un renglón entero ({columns} columnas):", bold=True),
            Text(_RULER[:columns]),
            Text(("1234567890" * 6)[:columns]),
            Row("Izquierda", "derecha"),
            Row("TOTAL", "$ 1.234,56", Size.LARGE, bold=True),
            Box((Text("RECUADRO", Align.CENTER, Size.LARGE),)),
            Text("El QR debe medir entre 22 y 30 mm:", Align.CENTER),
            QR(_WEB),
            Text("Si ve esto y el papel se corta, está lista.", Align.CENTER),
            Cut(),
        )
    )
