"""The checks of the law: each looks at one thing and gives all it finds; they run in no particular order."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from sincronizador.core.alarm import Alarm, Nivel
from sincronizador.core.finding import Finding
from sincronizador.countries.uy import checks_lineas, checks_receptor, checks_referencias, checks_regimen, codes
from sincronizador.countries.uy.caso import DIAS_ADELANTE, PRIMERA, ULTIMA, Caso, Check
from sincronizador.countries.uy.checks_referencias import SERIE
from sincronizador.countries.uy.comprobante import found
from sincronizador.countries.uy.emisor import Emisor
from sincronizador.countries.uy.fields import BY_SECTION, NETOS, SIEMPRE
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import Familia, IndFact, Regimen
from sincronizador.countries.uy.values import clean, plain

MAX_REFERENCIAS = MAX_PAGOS = 40
MAX_SUBTOTALES = MAX_GLOBALES = MAX_RETENCIONES = 20
MAX_RETENCIONES_LINEA = 5
PLAUSIBLES = {
    "USD": (Decimal(20), Decimal(100)),
    "EUR": (Decimal(20), Decimal(120)),
    "BRL": (Decimal(2), Decimal(30)),
    "ARS": (Decimal("0.005"), Decimal(2)),
    "UYI": (Decimal(4), Decimal(20)),
    "UYR": (Decimal(1000), Decimal(5000)),
}
"""Pesos for a unit: orders of magnitude, outside of which a slip is likelier than the market. Ours, not the norm's."""

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
    last = min(caso.today, ULTIMA - DIAS_ADELANTE) + DIAS_ADELANTE
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
    check_totals,
    check_collection,
    *checks_lineas.CHECKS,
    *checks_regimen.CHECKS,
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


def alarms(today: date, ui: Mapping[int, Decimal]) -> tuple[Alarm, ...]:
    """From 15 December, and in a year without it: that the UI of the year is missing."""
    year = today.year if today.year not in ui else today.year + 1
    if year in ui or (year > today.year and (today.month, today.day) < (12, 15)):
        return ()
    finding = codes.UI_MISSING.at(anio=year, cierre=year - 1)
    nivel = Nivel.CRITICA if year == today.year else Nivel.AVISO
    return (Alarm("ui", nivel, finding.message, finding.hint or ""),)
