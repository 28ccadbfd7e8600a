import pytest

from sincronizador.core.ticket import QR, Align, Box, Column, Cut, Feed, Page, Row, Rule, Size, Text, Ticket

URL = (
    "https://www.efactura.dgi.gub.uy/consultaQR/cfe?218617380010,101,A,878,617.50,14/07/2026,"
    "k7LIZIOEOwRU6lh6FU9buVJDwlAAkXEnuZFYpOsBAqQ%3D"
)


@pytest.fixture
def url() -> str:
    """The text of a QR, as DGI wants it."""
    return URL


@pytest.fixture
def ticket() -> Ticket:
    """A ticket with every kind of block."""
    return Ticket(
        (
            Text("PEÑA Y CÍA.", Align.CENTER, Size.HUGE, bold=True),
            Text("Av. 18 de Julio 1234", Align.CENTER),
            Rule(double=True),
            Row("Café molido 250 g, en una bolsa que no cabe en la línea", "2.351,00"),
            Row("TOTAL", "$ 2.440,00", Size.LARGE, bold=True),
            Box((Text("CONSUMO FINAL", Align.CENTER, Size.LARGE),)),
            QR(URL),
            Feed(),
            Text("¡Gracias!", Align.RIGHT),
            Cut(),
        )
    )


@pytest.fixture
def page() -> Page:
    """An A4 form of one sheet."""
    return Page(
        title="e-Factura A 1234",
        emisor=(Text("PEÑA Y CÍA. S.A.", size=Size.LARGE, bold=True), Text("Av. 18 de Julio 1234")),
        documento=(Text("RUC 214844360018", size=Size.LARGE), Text("e-Factura A 1234", size=Size.LARGE, bold=True)),
        receptor=(Text("RUC COMPRADOR 211003420017", size=Size.LARGE, bold=True), Text("Av. Italia 1")),
        datos=(Row("Fecha", "21/11/2026"), Row("Moneda", "UYU")),
        columns=(Column("Cantidad", 0.15, Align.RIGHT), Column("Detalle", 0.6), Column("Importe", 0.25, Align.RIGHT)),
        rows=(("2", "Café molido 250 g", "2.351,00"), ("1", "Pan", "89,00")),
        totales=(Row("IVA 22 %", "423,95"), Row("TOTAL", "$ 2.440,00", Size.LARGE, bold=True)),
        notas=(Text("Forma de pago: efectivo"),),
        qr=URL,
        pie=(Text("Res. 1234/2026"), Text("CAE Nº 90260000001")),
        vencimiento="Fecha de vencimiento 21/11/2028",
        adenda="Gracias por su compra.",
        marca="",
        bajo_qr="Cód. de seguridad: Zm9vYm",
    )
