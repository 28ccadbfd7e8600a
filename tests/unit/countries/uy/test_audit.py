"""What is said of documents of all types that somebody else signed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hand_made import signed

from sincronizador.cli.verification import Means, inspect
from sincronizador.core.inspection import Inspection, Juicio
from sincronizador.countries.uy.tipos import Familia, TipoCfe
from sincronizador.schemas import load_schemas

WHOLE = frozenset({Familia.E_FACT_EXP, Familia.E_REM, Familia.E_REM_EXP, Familia.E_BOLETA})
"""Families whose documents made by hand add up; those of the others show on paper what no sale has all at once."""


@pytest.fixture(scope="session")
def medios(referencia_uy: Path) -> Means:
    schemas = load_schemas(str(referencia_uy / "xsd" / "1.44.2"))
    return Means(today=date(2026, 11, 21), schemas=schemas, ui={2026: Decimal("6.40")})


def males(one: Inspection) -> list[str]:
    return [check.texto for check in (*one.checks, *one.parts[0].checks) if check.juicio is Juicio.MAL]


@pytest.mark.parametrize("tipo", list(TipoCfe))
def test_documents_of_all_types_are_read_computed_and_judged(tipo: TipoCfe, medios: Means) -> None:
    seen = inspect(signed(tipo), "x.xml", medios)
    assert seen.parts[0].titulo.startswith(f"{int(tipo)}-")
    assert tipo.nombre in seen.parts[0].titulo
    said = {check.que: check.texto for check in (*seen.checks, *seen.parts[0].checks)}
    assert said["esquema"] == "cumple el esquema de DGI"
    assert said["firma"].startswith(("es buena", "el contenido no cambió"))
    assert f",{int(tipo)}," in said["QR"]
    if tipo.familia in WHOLE:
        assert males(seen) == []


def test_a_total_that_was_changed_is_found_in_every_family(medios: Means) -> None:
    for tipo, element in ((121, "MntTotal"), (151, "MntPagar"), (124, "MntTotal")):
        document = signed(tipo)
        value = document.partition(f"<{element}>".encode())[2].partition(b"<")[0].decode()
        changed = signed(tipo, (f"<{element}>{value}<", f"<{element}>9{value}<"))
        assert any(text.startswith("E1210") for text in males(inspect(changed, "x.xml", medios)))
