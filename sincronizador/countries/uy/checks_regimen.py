"""The checks of who taxes what: the issuer's regime, and the purchases of an e-Boleta."""

from collections.abc import Iterator

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.caso import Caso, Check, billed
from sincronizador.countries.uy.comprobante import Comprobante, found
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, Regimen, TipoDoc

SIN_BRUTO_3 = frozenset(
    {IndFact.EXENTA, IndFact.MINIMA, IndFact.BASICA, IndFact.OTRA, IndFact.PERCIBIDO, IndFact.SUSPENSO}
)
"""What an issuer who is IVA mínimo or Monotributo cannot bill."""
SIN_EXONERADO = SIN_BRUTO_3 - {IndFact.EXENTA}
"""What an exonerated issuer cannot bill."""


def check_boleta(caso: Caso) -> Iterator[Finding]:
    """What an e-Boleta buys agrees with whom it buys from, and how. Formato CFE v25.2, A21, A110, A115 and B-C4."""
    doc = caso.comprobante
    if doc.tipo.familia is not Familia.E_BOLETA or "COMPRA_MONEDA" in doc.ilegibles:
        return
    for origen, field, ind in billed(doc):
        if trouble := _bought(doc, ind):
            yield found(codes.BOLETA, origen, field, detalle=trouble[0], sugerencia=trouble[1])
    if not doc.compra_moneda:
        return
    if doc.compra_moneda == "1" and doc.moneda != "UYU":
        detail, hint = "Con COMPRA_MONEDA=1 se paga en pesos", "Quite MONEDA y COTIZACION, o use COMPRA_MONEDA=2."
        yield found(codes.BOLETA, doc.origen, "MONEDA", detalle=detail, sugerencia=hint)
    if doc.calculo and doc.calculo.redondeo:
        detail = "Una compra de moneda no lleva la línea «Redondeo»"
        hint = "Corrija A_PAGAR: es la suma de las líneas."
        yield found(codes.BOLETA, doc.origen, "A_PAGAR", detalle=detail, sugerencia=hint)


def _bought(doc: Comprobante, ind: IndFact) -> tuple[str, str] | None:
    """What is wrong with buying this, and what to do about it."""
    has_rut = doc.receptor is not None and doc.receptor.tipo_doc is TipoDoc.RUT
    seller = "Revise IVA en la línea y DOCUMENTO en [RECEPTOR]."
    is_currency = ind is IndFact.MONEDA_EXTRANJERA
    if doc.compra_moneda and not is_currency:
        return (
            f"Una compra de moneda (COMPRA_MONEDA={doc.compra_moneda}) es toda de líneas MONEDA_EXTRANJERA",
            "Corrija IVA en la línea, o quite COMPRA_MONEDA.",
        )
    if is_currency and not doc.compra_moneda:
        return (
            "Una línea MONEDA_EXTRANJERA es una compra de moneda para reventa, y falta COMPRA_MONEDA",
            "Agregue COMPRA_MONEDA=1 (propia) o 2 (por cuenta ajena) en [DOCUMENTO], o revise IVA en la línea.",
        )
    if ind is IndFact.NO_CONTRIBUYENTE and has_rut:
        return "Una línea NO_CONTRIBUYENTE es de quien no tiene RUT, y el vendedor está identificado con RUT", seller
    if ind in (IndFact.IVA_MINIMO, IndFact.IMEBA) and not has_rut:
        return f"Una línea {ind.name} es de un contribuyente, y el vendedor no está identificado con RUT", seller
    if ind is IndFact.SUSPENSO and doc.bruto not in (Bruto.CON_IMEBA, Bruto.MONOTRIBUTO):
        return (
            "En una e-Boleta, una línea SUSPENSO va con los precios con IMEBA incluido",
            "Agregue PRECIOS=CON_IMEBA en [DOCUMENTO], con los precios que corresponden.",
        )
    return None


def check_regime(caso: Caso) -> Iterator[Finding]:
    """What an issuer of a special regime cannot bill, and what only one can. Formato CFE v25.2, A10, G5 and K1."""
    doc, regimen = caso.comprobante, caso.regimen
    if doc.tipo.is_cuenta_ajena and regimen.has_no_iva:
        detail = f"Un emisor de régimen {regimen.value} no vende por cuenta ajena"
        yield found(codes.REGIME, doc.origen, "TIPO", detalle=detail)
        return
    if doc.bruto is Bruto.CON_IMEBA and regimen.has_no_iva:
        detail = f"PRECIOS=CON_IMEBA no va en un comprobante de un emisor de régimen {regimen.value}"
        yield found(codes.REGIME, doc.origen, "PRECIOS", detalle=detail)
    if doc.bruto is Bruto.MONOTRIBUTO and not regimen.has_no_iva:
        detail = "PRECIOS=MONOTRIBUTO es de emisores de IVA mínimo o Monotributo"
        yield found(codes.REGIME, doc.origen, "PRECIOS", detalle=f"{detail}, y este es de régimen {regimen.value}")
    for origen, field, ind in billed(doc):
        if ind in doc.tipo.familia.ind_facts and (detail := _against(doc, regimen, ind)):
            yield found(codes.REGIME, origen, field, detalle=detail)


def _against(doc: Comprobante, regimen: Regimen, ind: IndFact) -> str:
    """Why an issuer of a regime does not bill this; empty when one does."""
    if regimen.has_no_iva and ind in SIN_BRUTO_3:
        return f"Una línea {ind.name} no va en un comprobante de un emisor de régimen {regimen.value}"
    if regimen is Regimen.EXONERADO and ind in SIN_EXONERADO:
        return f"Una línea {ind.name} no va en un comprobante de un contribuyente exonerado"
    if ind is IndFact.MONOTRIBUTO and not (regimen.has_no_iva or doc.tipo.is_cuenta_ajena):
        return f"Una línea MONOTRIBUTO es de emisores de IVA mínimo o Monotributo, y este es de régimen {regimen.value}"
    return ""


def check_gross(caso: Caso) -> Iterator[Finding]:
    """IMEBA is in the prices of e-Boletas only. Formato CFE v25.2, A10 and A130."""
    doc = caso.comprobante
    if doc.bruto is Bruto.CON_IMEBA and doc.tipo.familia is not Familia.E_BOLETA:
        detail = f"PRECIOS=CON_IMEBA es de e-Boletas y este comprobante es de tipo {doc.tipo.nombre}"
        yield found(codes.IVA_NOT_ALLOWED, doc.origen, "PRECIOS", detalle=detail)


CHECKS: tuple[Check, ...] = (check_boleta, check_gross, check_regime)
