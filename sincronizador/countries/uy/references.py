"""The documents that a printed CFE corrects or refers to. Formato CFE v25.2, zone F."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sincronizador.core.ticket import Row
from sincronizador.countries.uy.figures import day, money, price
from sincronizador.countries.uy.signed import SignedCfe, Zone
from sincronizador.countries.uy.tipos import TipoCfe


def referencias(document: SignedCfe) -> Iterator[Row]:
    """Each with its amount in its own currency, the rate of that, and the reason."""
    for reference in document.zones("Referencia", "Referencia"):
        yield _reference(reference)
        if "TpoCambioRef" in reference:
            yield Row("Cotización de la referencia", price(Decimal(reference["TpoCambioRef"])))
        if reference.get("RazonRef"):
            yield Row(f"Motivo: {reference['RazonRef']}", "")


def _reference(fields: Zone) -> Row:
    if "TpoDocRef" not in fields:
        return Row("Referencia global" if fields.get("IndGlobal") == "1" else "Referencia", "")
    name = f"Referencia: {TipoCfe(int(fields['TpoDocRef'])).nombre} {fields['Serie']} {fields['NroCFERef']}"
    when = f" del {day(date.fromisoformat(fields['FechaCFEref']))}" if "FechaCFEref" in fields else ""
    how_much = money(Decimal(fields["MntCFEref"]), fields.get("TpoMonedaRef", "")) if "MntCFEref" in fields else ""
    return Row(name + when, how_much.strip())
