"""The number of a contingency paper: it comes with the document, under the constancia of its booklet."""

from sincronizador.core.finding import Finding
from sincronizador.core.numbering import Folio, Rango
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import found
from sincronizador.countries.uy.tipos import Regimen, TipoCfe
from sincronizador.countries.uy.values import Valores

OBLIGATORY = ("SERIE", "NUMERO", "CONSTANCIA", "CONSTANCIA_DESDE", "CONSTANCIA_HASTA", "CONSTANCIA_VENCE")
FECHA = "FECHA"
"""Of what is issued here it may be left to the day; a paper has its own."""
FIELDS = (*OBLIGATORY, "CONSTANCIA_ESPECIAL", "CONSTANCIA_CAUSAL")
"""What a paper says of its number. Formato CFE v25.2, A3, A4 and zone G."""


def read_folio(documento: Valores, tipo: TipoCfe, regimen: Regimen) -> tuple[Folio | None, list[Finding]]:
    """The number on the paper with its booklet; None for what is numbered when issued, and where some of it lacks."""
    if not tipo.is_papel:
        given = [name for name in FIELDS if documento.has(name)]
        return None, [found(codes.OWN_NUMBER, documento.origen, name, tipo=tipo.nombre) for name in given]
    absent = [name for name in (FECHA, *OBLIGATORY) if not documento.has(name)]
    if absent:
        return None, [
            _trouble(documento, name, f"Falta {name} del papel", "Cópielo del papel, o de la constancia de su libreta.")
            for name in absent
        ]
    vence = documento.date("CONSTANCIA_VENCE")
    if vence is None or any(not documento.text(name) for name in OBLIGATORY[:-1]):
        return None, []  # what could not be read is told already
    # GENERAL is said with no code: that it is said counts.
    said = documento.origen.get("CONSTANCIA_ESPECIAL")
    says_regime = said is not None and "CONSTANCIA_ESPECIAL" not in documento.broken
    rango = Rango(
        id=documento.text("CONSTANCIA"),
        tipo=int(tipo),
        serie=documento.text("SERIE").upper(),
        desde=int(documento.text("CONSTANCIA_DESDE")),
        hasta=int(documento.text("CONSTANCIA_HASTA")),
        vence=vence,
        especial=documento.text("CONSTANCIA_ESPECIAL") if says_regime else regimen.especial,
        causal=documento.text("CONSTANCIA_CAUSAL"),
    )
    return Folio(rango=rango, numero=int(documento.text("NUMERO"))), []


def _trouble(documento: Valores, field: str, detail: str, hint: str) -> Finding:
    return found(codes.PAPER, documento.origen, field, detalle=detail, sugerencia=hint)
