"""The checks of the lines: prices, codes, withholdings, and kinds that the type has."""

from collections.abc import Iterator

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.caso import Caso, Check, billed
from sincronizador.countries.uy.comprobante import Linea, Retencion, found
from sincronizador.countries.uy.tipos import Familia, IndFact
from sincronizador.countries.uy.totals import CREDITO_FISCAL
from sincronizador.countries.uy.values import clean, plain

LARGO_GTIN = {"GTIN8": 8, "GTIN12": 12, "GTIN13": 13, "GTIN14": 14}
TIPOS_CODIGO = (*LARGO_GTIN, "PLU", "INT1", "INT2", "ARCE")
"""TpoCod. Formato CFE v25.2, zone B, C2; the schema takes any text."""


def check_lines(caso: Caso) -> Iterator[Finding]:
    """Prices are positive, bar codes are bar codes, what is taken off is there."""
    doc = caso.comprobante
    is_priced = doc.tipo.familia not in (Familia.E_REM, Familia.E_RESG)
    for linea in doc.lineas:
        if is_priced and not _is_price(linea):
            field = "PRECIO" if linea.origen.get("PRECIO") else "IMPORTE"
            yield found(codes.PRICE, linea.origen, field, precio=plain(linea.precio))
        yield from _codes(linea)
        yield from _parts(linea)
        if linea.cantidad < 0 and not any(_is_sold(linea, other) for other in doc.lineas):
            quantity = plain(linea.cantidad)
            yield found(codes.CANCELS_NOTHING, linea.origen, "CANTIDAD", detalle=linea.detalle, valor=quantity)


def _is_price(linea: Linea) -> bool:
    """Whether the price is one: none for what is free, perhaps none for what is taken off, else positive."""
    if linea.ind_fact is IndFact.A_RESTAR:
        return linea.precio >= 0
    return linea.precio > 0 or linea.ind_fact is IndFact.GRATIS


def _is_sold(taken: Linea, linea: Linea) -> bool:
    """Whether this line sells what another one takes back."""
    if linea.cantidad <= 0 or linea.ind_fact is not taken.ind_fact:
        return False
    return linea.detalle == taken.detalle or bool(taken.codigos and linea.codigos == taken.codigos)


def _codes(linea: Linea) -> Iterator[Finding]:
    for kind, code in linea.codigos:
        said = (entry for entry in linea.origen.entries if entry.name.startswith("CODIGO"))
        entry = next((entry for entry in said if clean(entry.text, multiline=False) == code), None)
        field = entry.name if entry else "CODIGO"
        if kind in LARGO_GTIN and not is_gtin(code, LARGO_GTIN[kind]):
            yield found(codes.BAD_GTIN, linea.origen, field, tipo=kind)
        elif kind not in TIPOS_CODIGO:
            admits = ", ".join(TIPOS_CODIGO)
            yield found(codes.ODD_CODE, linea.origen, f"TIPO_{field}", admite=admits)


def check_retentions(caso: Caso) -> Iterator[Finding]:
    """A withholding has a code of DGI, who withholds, and amounts. Formato CFE v25.2, zone B, C6 and C20 to C23."""
    doc = caso.comprobante
    for linea in doc.lineas:
        trouble = ""
        if linea.agente and not linea.retenciones:
            trouble = f"La línea dice AGENTE={linea.agente} y no tiene ninguna [RETENCION]"
            hint = "Agregue la [RETENCION] después de la línea, o quite AGENTE."
        elif linea.retenciones and not linea.agente and doc.tipo.familia is not Familia.E_RESG:
            trouble = "La línea tiene retenciones y falta AGENTE"
            hint = "Agregue AGENTE=R (responsable por lo que se vende) o AGENTE=A (por algo asociado) en el [ITEM]."
        if trouble:
            yield found(codes.RETENTION, linea.origen, "AGENTE", detalle=trouble, sugerencia=hint)
        for retencion in linea.retenciones:
            yield from _withheld(retencion, doc.tipo.familia)


def _withheld(retencion: Retencion, familia: Familia) -> Iterator[Finding]:
    codigo, origen = retencion.codigo, retencion.origen
    detail = ""
    if not (codigo.isascii() and codigo.isdigit() and int(codigo)):
        detail = f"CODIGO={codigo} no es un código de retención"
        hint = "Son el formulario y la línea de DGI, en cifras: 2183165."
    elif familia is Familia.E_BOLETA and codigo.startswith(CREDITO_FISCAL):
        detail, hint = f"Una e-Boleta no lleva créditos fiscales, como {codigo}", "Quite esa [RETENCION]."
    if detail:
        yield found(codes.RETENTION, origen, "CODIGO", detalle=detail, sugerencia=hint)
    for name, amount in (("BASE", retencion.base), ("VALOR", retencion.valor)):
        if amount == 0:
            detail, hint = f"{name} de la retención {codigo} da cero", "Corrija los importes, o quite esa [RETENCION]."
            yield found(codes.RETENTION, origen, name, detalle=detail, sugerencia=hint)


def _parts(linea: Linea) -> Iterator[Finding]:
    """What a discount or surcharge is made of needs the discount or surcharge."""
    for field, total, parts, amount in (
        ("SUBDESCUENTO", "DESCUENTO", linea.subdescuentos, linea.descuento),
        ("SUBRECARGO", "RECARGO", linea.subrecargos, linea.recargo),
    ):
        if parts and not amount:
            detail = f"La línea trae {field} y no trae {total}"
            yield found(codes.PARTS, linea.origen, field, detalle=detail, total=total)


def is_gtin(code: str, length: int) -> bool:
    """Whether these are the digits of a GTIN, the last one checking the others (GS1, modulus 10)."""
    if len(code) != length or not (code.isascii() and code.isdigit()):
        return False
    return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(reversed(code))) % 10 == 0


def check_ind_facts(caso: Caso) -> Iterator[Finding]:
    """Every line and global discount is of a kind that its type has. Schema 1.44.2."""
    doc = caso.comprobante
    allowed = doc.tipo.familia.ind_facts
    admits = ", ".join(ind.name for ind in sorted(allowed))
    for origen, field, ind in billed(doc):
        if ind not in allowed:
            yield found(codes.IND_FACT, origen, field, que=ind.name, tipo=doc.tipo.nombre, admite=admits)
    totales = doc.calculo.totales if doc.calculo else None
    if totales and bool(totales.neto_otra) != bool(totales.iva_otra):
        detail = "Hay líneas con IVA=OTRA y falta su impuesto"
        if totales.iva_otra:
            detail = f"IVA_OTRA es {totales.iva_otra} y no hay líneas con IVA=OTRA"
        yield codes.OTHER_RATE.at(field="IVA_OTRA", line=doc.origen.line, detalle=detail)


CHECKS: tuple[Check, ...] = (check_lines, check_retentions, check_ind_facts)
