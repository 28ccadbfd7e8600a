"""The QR's text, against real ones and against what a browser will make of it."""

from datetime import date
from decimal import Decimal
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from sincronizador.countries.uy.qr import qr_text, security_code


def test_it_is_the_text_of_a_real_ticket() -> None:
    real = (
        "https://www.efactura.dgi.gub.uy/consultaQR/cfe?218617380010,101,A,878,617.50,14/07/2026,"
        "k7LIZIOEOwRU6lh6FU9buVJDwlAAkXEnuZFYpOsBAqQ%3D"
    )
    made = qr_text(
        rut="218617380010",
        tipo=101,
        serie="A",
        numero=878,
        monto=Decimal("617.5"),
        firmado=date(2026, 7, 14),
        digest="k7LIZIOEOwRU6lh6FU9buVJDwlAAkXEnuZFYpOsBAqQ=",
    )
    assert made == real


@given(st.text("ABCXYZabcxyz0189+/=", min_size=44, max_size=44))
def test_only_letters_digits_and_percent_signs_stand_for_the_digest(digest: str) -> None:
    text = qr_text(rut="1", tipo=101, serie="A", numero=1, monto=Decimal(1), firmado=date(2026, 1, 1), digest=digest)
    last = text.rpartition(",")[2]
    assert last.replace("%", "").isalnum()
    assert unquote(last) == digest
    assert text.count(",") == 6
    assert security_code(digest) == digest[:6]
