"""The checks of the law: each looks at one thing and gives all it finds; they run in no particular order."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import checks_receptor, checks_referencias, codes
from sincronizador.countries.uy.caso import DIAS_ADELANTE, PRIMERA, ULTIMA, Caso, Check, billed
from sincronizador.countries.uy.checks_referencias import SERIE
from sincronizador.countries.uy.comprobante import Comprobante, Linea, Retencion, found
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.fields import BY_SECTION, NETOS, SIEMPRE
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, Regimen, TipoDoc
from sincronizador.countries.uy.totals import CREDITO_FISCAL
from sincronizador.countries.uy.values import clean, plain

MAX_REFERENCIAS = MAX_PAGOS = 40
MAX_SUBTOTALES = MAX_GLOBALES = MAX_RETENCIONES = 20
MAX_RETENCIONES_LINEA = 5
SIN_BRUTO_3 = frozenset(
    {IndFact.EXENTA, IndFact.MINIMA, IndFact.BASICA, IndFact.OTRA, IndFact.PERCIBIDO, IndFact.SUSPENSO}
)
"""What an issuer who is IVA mínimo or Monotributo cannot bill."""
SIN_EXONERADO = SIN_BRUTO_3 - {IndFact.EXENTA}
"""What an exonerated issuer cannot bill."""
PLAUSIBLES = {
    "USD": (Decimal(20), Decimal(100)),
    "EUR": (Decimal(20), Decimal(120)),
    "BRL": (Decimal(2), Decimal(30)),
    "ARS": (Decimal("0.005"), Decimal(2)),
    "UYI": (Decimal(4), Decimal(20)),
    "UYR": (Decimal(1000), Decimal(5000)),
}
"""Pesos for a unit: orders of magnitude, outside of which a slip is likelier than the market. Ours, not the norm's."""
LARGO_GTIN = {"GTIN8": 8, "GTIN12": 12, "GTIN13": 13, "GTIN14": 14}
TIPOS_CODIGO = (*LARGO_GTIN, "PLU", "INT1", "INT2", "ARCE")
"""TpoCod. Formato CFE v25.2, zone B, C2; the schema takes any text."""

_CLAUSULA = re.compile("[A-Za-z]{1,3}|N/A")
_ABROAD = ("1", "2", "3", "4", "90", "91", "99")
_MODALIDADES = {
    Familia.E_TCK: ("80", "90"),
    Familia.E_FACT: ("90",),
    Familia.E_FACT_EXP: _ABROAD,
    Familia.E_REM_EXP: _ABROAD,
}
"""ModVenta of each family; a sale for somebody else has none. Formato CFE v25.2, A14."""
_MODALIDAD = {code: word for word, code in BY_SECTION["EXPORTACION"]["MODALIDAD"].values.items()}
_EXONERADO = Regimen.EXONERADO.especial
_MAX_MONTO = Decimal("999999999999999.99")


def check_dates(caso: Caso) -> Iterator[Finding]:
    """FECHA is neither before the regime nor too far ahead."""
    doc = caso.comprobante
    last = min(caso.today + DIAS_ADELANTE, ULTIMA)
    if not PRIMERA <= doc.fecha <= last:
        yield found(codes.DATE_FAR, doc.origen, "FECHA", fecha=doc.fecha, primera=PRIMERA, ultima=last)
    oldest = date(2000, 1, 1)
    others = (
        ("VENCIMIENTO", doc.vencimiento, oldest),
        ("PERIODO_DESDE", doc.periodo_desde, PRIMERA),
        ("PERIODO_HASTA", doc.periodo_hasta, oldest),
    )
    valor = doc.fecha_valor
    if valor is not None and not PRIMERA <= valor <= ULTIMA:
        yield found(codes.DATE_FAR, doc.origen, "FECHA_VALOR", fecha=valor, primera=PRIMERA, ultima=ULTIMA)
    elif valor is not None and (valor.year, valor.month) > (doc.fecha.year, doc.fecha.month):
        yield found(codes.VALUE_DATE, doc.origen, "FECHA_VALOR", fecha=doc.fecha, posterior=valor)
    for name, day, first in others:
        if day is not None and not first <= day <= ULTIMA:
            yield found(codes.DATE_FAR, doc.origen, name, fecha=day, primera=first, ultima=ULTIMA)


def check_period(caso: Caso) -> Iterator[Finding]:
    """The billed period runs forward."""
    desde, hasta = caso.comprobante.periodo_desde, caso.comprobante.periodo_hasta
    if desde and hasta and hasta < desde:
        yield found(codes.PERIOD, caso.comprobante.origen, "PERIODO_HASTA", desde=desde, hasta=hasta)


def check_currency(caso: Caso) -> Iterator[Finding]:
    """A foreign currency needs its rate; pesos have none (a rate of 1 says nothing)."""
    doc = caso.comprobante
    if doc.ilegibles & {"MONEDA", "COTIZACION"}:
        return
    if doc.moneda != "UYU" and doc.cotizacion is None:
        yield found(codes.NO_RATE, doc.origen, "COTIZACION", moneda=doc.moneda)
    if doc.moneda == "UYU" and doc.cotizacion not in (None, 1):
        yield found(codes.RATE_OF_PESOS, doc.origen, "COTIZACION")
    if doc.moneda in PLAUSIBLES and doc.cotizacion is not None:
        least, most = PLAUSIBLES[doc.moneda]
        if not least <= doc.cotizacion <= most:
            rate = plain(doc.cotizacion)
            yield found(codes.RATE_STRANGE, doc.origen, "COTIZACION", moneda=doc.moneda, minimo=least, maximo=most,
                        valor=rate)  # fmt: skip


def check_sizes(caso: Caso) -> Iterator[Finding]:
    """No zone has more entries than the schema takes."""
    doc = caso.comprobante
    lineas = len(doc.lineas) + bool(doc.calculo and doc.calculo.redondeo)
    retenciones = len(doc.calculo.totales.retenciones) if doc.calculo else 0
    partes = len(doc.calculo.partes) if doc.calculo else len(doc.globales)
    counted = (
        ("DETALLE", "líneas", lineas, doc.tipo.familia.max_lineas),
        ("VENTA", "referencias", len(doc.referencias), MAX_REFERENCIAS),
        ("MEDIO", "medios de pago", len(doc.pagos), MAX_PAGOS),
        ("DETALLE", "subtotales", len(doc.subtotales), MAX_SUBTOTALES),
        ("VALOR", "descuentos y recargos globales, contados por impuesto", partes, MAX_GLOBALES),
        ("CODIGO", "códigos de retención", retenciones, MAX_RETENCIONES),
    )
    for field, what, count, limit in counted:
        if count > limit:
            yield codes.TOO_MANY.at(field=field, line=doc.origen.line, cuantos=count, que=what, maximo=limit)
    for linea in doc.lineas:
        count = len(linea.retenciones)
        if count > MAX_RETENCIONES_LINEA:
            line = linea.origen.line
            yield codes.TOO_MANY.at(
                line=line, cuantos=count, que="retenciones en la línea", maximo=MAX_RETENCIONES_LINEA
            )


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


def check_export(caso: Caso) -> Iterator[Finding]:
    """The clause of a sale abroad, and the kinds of sale that each type has. Formato CFE v25.2, A13 to A15."""
    doc, exportacion = caso.comprobante, caso.comprobante.exportacion
    familia = doc.tipo.familia
    modalities = () if doc.tipo.is_cuenta_ajena else _MODALIDADES.get(familia, ())
    if doc.modalidad and familia in _MODALIDADES and doc.modalidad not in modalities:
        detail = f"MODALIDAD={exportacion.text_of('MODALIDAD')} no va en un comprobante de tipo {doc.tipo.nombre}"
        words = ", ".join(f"{_MODALIDAD[code]} ({code})" for code in modalities)
        hint = f"En este tipo se admite {words}." if modalities else "Quite MODALIDAD."
        yield found(codes.EXPORT, exportacion, "MODALIDAD", detalle=detail, sugerencia=hint)
    if doc.clausula and doc.tipo.familia.is_export and not _CLAUSULA.fullmatch(doc.clausula):
        detail = f"CLAUSULA={doc.clausula} no es una cláusula de venta"
        hint = "Son hasta tres letras (FOB, CIF, EXW...), o N/A."
        yield found(codes.EXPORT, exportacion, "CLAUSULA", detalle=detail, sugerencia=hint)


def check_paper(caso: Caso) -> Iterator[Finding]:
    """A paper's number is one of its booklet, whose constancia says what the issuer is."""
    doc, folio = caso.comprobante, caso.comprobante.folio
    if folio is None:
        return
    rango, origen = folio.rango, doc.origen
    troubles = (
        (not SERIE.fullmatch(rango.serie), "SERIE", f"«{rango.serie}» no es una serie"),
        (not rango.desde <= rango.hasta, "CONSTANCIA_DESDE", f"La libreta va del {rango.desde} al {rango.hasta}"),
        (
            rango.desde <= rango.hasta and not rango.desde <= folio.numero <= rango.hasta,
            "NUMERO",
            f"El número {folio.numero} no es de la libreta, que va del {rango.desde} al {rango.hasta}",
        ),
        (
            not PRIMERA <= rango.vence <= ULTIMA,
            "CONSTANCIA_VENCE",
            f"La libreta no puede vencer el {rango.vence}",
        ),
        (
            rango.especial != caso.regimen.especial,
            "CONSTANCIA_ESPECIAL",
            f"La constancia es de otro régimen que el del emisor ({caso.regimen.value})",
        ),
        (
            (rango.especial == _EXONERADO) != bool(rango.causal),
            "CONSTANCIA_CAUSAL",
            "CONSTANCIA_CAUSAL va en la constancia de un contribuyente exonerado, y solo en ella",
        ),
    )
    for is_so, field, detail in troubles:
        if is_so:
            hint = "Cópielo del papel, o de la constancia de su libreta."
            yield found(codes.PAPER, origen, field, detalle=detail, sugerencia=hint)
    if doc.fecha > rango.vence:
        yield found(codes.BOOKLET_EXPIRED, origen, "FECHA", fecha=doc.fecha, vence=rango.vence)


def check_totals(caso: Caso) -> Iterator[Finding]:
    """No sum of a tax is negative, and no total is too long for its element."""
    doc = caso.comprobante
    if doc.calculo is None:
        return
    totales = doc.calculo.totales
    sums = {name: getattr(totales, attribute) for name, _, attribute, _ in NETOS}
    if doc.tipo.familia is Familia.E_REM_EXP:
        sums = {}  # what takes off another e-Remito may be more than what is added
    wrong = {name: amount for name, amount in sums.items() if amount < 0}
    if not wrong and max(abs(totales.total), abs(totales.a_pagar)) > _MAX_MONTO:
        wrong = {"TOTAL": totales.total}
    for name, amount in wrong.items():
        yield codes.TOTAL_RANGE.at(field=name, line=doc.origen.line, total=name, monto=plain(amount))


def check_collection(caso: Caso) -> Iterator[Finding]:
    """A collection bills nothing and refers to what it collects. Formato CFE v25.2, A20."""
    doc = caso.comprobante
    if not doc.cobranza:
        return
    loose = (IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO)
    troubles = (
        (any(linea.ind_fact not in loose for linea in doc.lineas), "tiene líneas que se facturan"),
        (bool(doc.globales), "tiene descuentos o recargos globales"),
        (not doc.referencias, "no tiene ninguna [REFERENCIA]"),
        (doc.tipo.is_note, "no puede ser una nota"),
    )
    for is_so, detail in troubles:
        if is_so:
            yield found(codes.COLLECTION, doc.origen, "COBRANZA", detalle=detail)


CHECKS: tuple[Check, ...] = (
    check_dates,
    check_period,
    check_currency,
    check_export,
    check_paper,
    check_sizes,
    check_lines,
    check_retentions,
    check_ind_facts,
    check_boleta,
    check_gross,
    check_regime,
    check_totals,
    check_collection,
    *checks_receptor.CHECKS,
    *checks_referencias.CHECKS,
)


def check(caso: Caso) -> list[Finding]:
    """All that the checks find."""
    return [finding for each in CHECKS for finding in each(caso)]


def issuer_problems(emisor: Emisor) -> list[str]:
    """Why documents of this issuer could not be valid, in Spanish; empty when they can."""
    problems = [] if check_rut(emisor.rut) else [f"el rut «{emisor.rut}» no es válido"]
    if not (emisor.sucursal.isascii() and emisor.sucursal.isdigit() and len(emisor.sucursal) <= 4):
        problems.append(f"la sucursal «{emisor.sucursal}» debe ser su código en DGI, de hasta 4 cifras")
    if emisor.regimen not in tuple(Regimen):
        problems.append(f"el regimen «{emisor.regimen}» no es uno de {', '.join(Regimen)}")
    for row in BY_SECTION["EMISOR"].values():
        text = getattr(emisor, row.name.lower(), "")
        if row.length and len(text) > row.length:
            problems.append(f"{row.name.lower()} tiene {len(text)} caracteres y admite {row.length}")
        if row.obligation == SIEMPRE and not text.strip():
            problems.append(f"falta {row.name.lower()}")
        if clean(text, multiline=False) != text.strip():
            problems.append(f"{row.name.lower()} tiene saltos de línea o caracteres de control")
    return problems


def alarms(today: date, ui: Mapping[int, Decimal]) -> dict[str, str]:
    """From 15 December, and in a year without it: that the UI of the year is missing."""
    year = today.year if today.year not in ui else today.year + 1
    if year in ui or (year > today.year and (today.month, today.day) < (12, 15)):
        return {}
    finding = codes.UI_MISSING.at(anio=year, cierre=year - 1)
    return {finding.code: f"{finding.message} {finding.hint}"}
