"""The checks of the law: each looks at one thing and gives all it finds; they run in no particular order."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import checks_receptor, checks_referencias, codes
from sincronizador.countries.uy.caso import PRIMERA, ULTIMA, Caso, Check
from sincronizador.countries.uy.checks_referencias import SERIE
from sincronizador.countries.uy.comprobante import Linea, found
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.fields import BY_SECTION, NETOS, SIEMPRE
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, Regimen, TipoDoc
from sincronizador.countries.uy.values import clean, plain

DIAS_ADELANTE = timedelta(days=60)
"""FchEmis is at most this far after the day on which DGI receives it. Formato CFE v25.2, A5."""
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

_CLAUSULA = re.compile("[A-Za-z]{1,3}|N/A")
_MODALIDADES = {
    **dict.fromkeys((Familia.E_TCK,), frozenset({"80", "90"})),
    **dict.fromkeys((Familia.E_FACT,), frozenset({"90"})),
    **dict.fromkeys((Familia.E_FACT_EXP, Familia.E_REM_EXP), frozenset({"1", "2", "3", "4", "90", "91", "99"})),
}
_EXONERADO = Regimen.EXONERADO.especial
_MAX_MONTO = Decimal("999999999999999.99")


def check_dates(caso: Caso) -> Iterator[Finding]:
    """FECHA is neither before the regime nor too far ahead."""
    doc = caso.comprobante
    last = min(caso.today + DIAS_ADELANTE, ULTIMA)
    if not PRIMERA <= doc.fecha <= last:
        yield found(codes.DATE_FAR, doc.origen, "FECHA", fecha=doc.fecha, primera=PRIMERA, ultima=last)
    others = (
        ("VENCIMIENTO", doc.vencimiento),
        ("PERIODO_DESDE", doc.periodo_desde),
        ("PERIODO_HASTA", doc.periodo_hasta),
    )
    valor = doc.fecha_valor
    if valor is not None and not PRIMERA <= valor <= ULTIMA:
        yield found(codes.DATE_FAR, doc.origen, "FECHA_VALOR", fecha=valor, primera=PRIMERA, ultima=ULTIMA)
    elif valor is not None and (valor.year, valor.month) > (doc.fecha.year, doc.fecha.month):
        yield found(codes.VALUE_DATE, doc.origen, "FECHA_VALOR", fecha=doc.fecha)
    first = date(2000, 1, 1)
    for name, day in others:
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
    """Prices are positive, bar codes are bar codes, an agent withholds."""
    familia = caso.comprobante.tipo.familia
    is_priced = familia not in (Familia.E_REM, Familia.E_RESG)
    for linea in caso.comprobante.lineas:
        if is_priced and linea.precio <= 0 and linea.ind_fact is not IndFact.GRATIS:
            field = "PRECIO" if linea.origen.get("PRECIO") else "IMPORTE"
            yield found(codes.PRICE, linea.origen, field, precio=plain(linea.precio))
        for kind, code in linea.codigos:
            if kind in LARGO_GTIN and not is_gtin(code, LARGO_GTIN[kind]):
                yield codes.BAD_GTIN.at(field="CODIGO", line=linea.origen.line, value=code, tipo=kind)
        yield from _parts(linea)
        if linea.agente and not linea.retenciones:
            detail = f"La línea dice AGENTE={linea.agente} y no tiene ninguna [RETENCION]"
            yield found(codes.IVA_NOT_ALLOWED, linea.origen, "AGENTE", detalle=detail)


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
    """Every line is of a kind that its type has. Schema 1.44.2."""
    doc = caso.comprobante
    allowed = doc.tipo.familia.ind_facts
    admits = ", ".join(ind.name for ind in sorted(allowed))
    for linea in doc.lineas:
        if linea.ind_fact is not None and linea.ind_fact not in allowed:
            yield codes.IND_FACT.at(
                field="IVA", line=linea.origen.line, value=linea.ind_fact.name, ind_fact=int(linea.ind_fact),
                tipo=doc.tipo.nombre, admite=admits,
            )  # fmt: skip
    totales = doc.calculo.totales if doc.calculo else None
    if totales and bool(totales.neto_otra) != bool(totales.iva_otra):
        detail = "Hay líneas con IVA=OTRA y falta su impuesto"
        if totales.iva_otra:
            detail = f"IVA_OTRA es {totales.iva_otra} y no hay líneas con IVA=OTRA"
        yield codes.OTHER_RATE.at(field="IVA_OTRA", line=doc.origen.line, detalle=detail)


def check_boleta(caso: Caso) -> Iterator[Finding]:
    """From whom an e-Boleta buys agrees with what it buys. Schema 1.44.2, IndFact of Item_Det_Boleta."""
    doc = caso.comprobante
    if doc.tipo.familia is not Familia.E_BOLETA:
        return
    has_rut = doc.receptor is not None and doc.receptor.tipo_doc is TipoDoc.RUT
    for linea in doc.lineas:
        ind, trouble, hint = linea.ind_fact, "", "Revise IVA en la línea y DOCUMENTO en [RECEPTOR]."
        if ind in (IndFact.NO_CONTRIBUYENTE, IndFact.IMEBA) and has_rut:
            trouble = f"IVA={ind.name} es de quien no tiene RUT, y el vendedor está identificado con RUT"
        elif ind is IndFact.IVA_MINIMO and not has_rut:
            trouble = "IVA=IVA_MINIMO es de un contribuyente, y el vendedor no está identificado con RUT"
        elif ind is IndFact.MONEDA_EXTRANJERA and doc.compra_moneda != "1":
            trouble = "IVA=MONEDA_EXTRANJERA es una compra de moneda para reventa, y falta COMPRA_MONEDA=1"
            hint = "Agregue COMPRA_MONEDA=1 en [DOCUMENTO], o revise IVA en la línea."
        if trouble:
            yield found(codes.BOLETA, linea.origen, "IVA", detalle=trouble, sugerencia=hint)


def check_regime(caso: Caso) -> Iterator[Finding]:
    """What an issuer of a special regime cannot bill, and what only one can. Formato CFE v25.2, A10 and zone H."""
    doc, regimen = caso.comprobante, caso.regimen
    if doc.tipo.familia not in (Familia.E_TCK, Familia.E_FACT) or doc.tipo.is_cuenta_ajena:
        return
    for linea in doc.lineas:
        ind = linea.ind_fact
        if ind is None or ind not in doc.tipo.familia.ind_facts:
            continue
        if doc.bruto is Bruto.MONOTRIBUTO and ind in SIN_BRUTO_3:
            detail = f"IVA={ind.name} no va en un comprobante de IVA mínimo o Monotributo"
            yield found(codes.IVA_NOT_ALLOWED, linea.origen, "IVA", detalle=detail)
        elif regimen is Regimen.EXONERADO and ind in SIN_EXONERADO:
            detail = f"IVA={ind.name} no va en un comprobante de un contribuyente exonerado"
            yield found(codes.REGIME, linea.origen, "IVA", detalle=detail)
        elif ind is IndFact.MONOTRIBUTO and not regimen.has_no_iva:
            detail = f"IVA=MONOTRIBUTO es de emisores de IVA mínimo o Monotributo, y este es de régimen {regimen.value}"
            yield found(codes.REGIME, linea.origen, "IVA", detalle=detail)


def check_export(caso: Caso) -> Iterator[Finding]:
    """The clause of a sale abroad, and the kinds of sale that each type has. Formato CFE v25.2, A13 to A15."""
    doc, exportacion = caso.comprobante, caso.comprobante.exportacion
    modalities = _MODALIDADES.get(doc.tipo.familia, frozenset())
    if doc.modalidad and modalities and doc.modalidad not in modalities:
        detail = f"MODALIDAD={exportacion.text_of('MODALIDAD')} no va en un comprobante de tipo {doc.tipo.nombre}"
        hint = f"En este tipo van los códigos {', '.join(sorted(modalities, key=int))}."
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
    check_ind_facts,
    check_boleta,
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
