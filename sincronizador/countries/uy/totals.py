"""The totals of a document: sums per tax, IVA, the missing cent, what is paid. Formato CFE v25.2, A112 to A130."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sincronizador.core.finding import Finding
from sincronizador.core.sections import Section
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import Calculo, Global, Linea, Parte, Totales, found
from sincronizador.countries.uy.emisor import Ajustes
from sincronizador.countries.uy.fields import TOTALES
from sincronizador.countries.uy.tipos import DE_BOLETA, Bruto, IndFact
from sincronizador.countries.uy.values import round_half_up

TASA_MINIMA, TASA_BASICA = Decimal("0.10"), Decimal("0.22")
"""In force since 2011-10-01. Formato CFE v25.2, table B."""
CREDITO_FISCAL = "2181"
"""How the codes of tax credits begin; they are not added to what is paid. Formato CFE v25.2, A125."""

_ZERO, _CENT = Decimal("0.00"), Decimal(100)
_OUTSIDE = (None, IndFact.GRATIS, IndFact.NO_FACTURABLE, IndFact.NO_FACTURABLE_NEGATIVO, IndFact.A_RESTAR)
_ATTRIBUTE = {name: attribute for name, _, attribute, _ in TOTALES}

Sums = dict[IndFact | None, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuenta:
    """What a calculation starts from."""

    lineas: Sequence[Linea]
    globales: Sequence[Global]
    bruto: Bruto
    dados: Mapping[str, Decimal]
    """Totals that the file gave, by TXT name."""
    origen: Section
    """Where they were given."""
    max_lineas: int


def calculate(cuenta: Cuenta, ajustes: Ajustes) -> tuple[Calculo | None, list[Finding]]:
    """
    The figures of a document, and what does not agree with the totals that its file gave.

    With gross prices the customer pays the exact sum of the lines; a given ``A_PAGAR`` within the tolerance rules over
    any sum. What the rates cannot reproduce to the cent becomes the line «Redondeo», which is not billable.
    """
    sums = _sum_lines(cuenta.lineas)
    partes, findings = _apply(cuenta.globales, sums)
    if findings:
        return None, findings
    for parte in partes:
        sums[parte.ind_fact] = sums.get(parte.ind_fact, _ZERO) + (-parte.valor if parte.resta else parte.valor)
    totales = _add_up(cuenta, sums, ajustes.redondeo)
    cash = _cash(cuenta, sums, totales)
    target, findings = _target(cuenta, cash, totales, ajustes)
    findings = [_with_other_prices(finding, cuenta, sums, ajustes) for finding in findings]
    if target != totales.a_pagar and len(cuenta.lineas) >= cuenta.max_lineas:
        # There is no room for the line: the other way of rounding misses no cent of the lines.
        totales = _add_up(cuenta, sums, "diferencia")
    redondeo = target - totales.a_pagar
    findings += _compare(cuenta, totales, ajustes)
    totales = replace(totales, no_facturable=totales.no_facturable + redondeo, a_pagar=target)
    return Calculo(partes=tuple(partes), redondeo=redondeo, totales=totales), findings


def _sum_lines(lineas: Iterable[Linea]) -> Sums:
    sums: Sums = {}
    for linea in lineas:
        sums[linea.ind_fact] = sums.get(linea.ind_fact, _ZERO) + linea.importe
    return sums


def _add_up(cuenta: Cuenta, sums: Sums, redondeo: str) -> Totales:
    def of(ind: IndFact | None) -> Decimal:
        return sums.get(ind, _ZERO)

    neto_minima, iva_minima = _iva(of(IndFact.MINIMA), TASA_MINIMA, cuenta.bruto, redondeo)
    neto_basica, iva_basica = _iva(of(IndFact.BASICA), TASA_BASICA, cuenta.bruto, redondeo)
    no_gravado = sum((of(ind) for ind in (IndFact.EXENTA, IndFact.MONOTRIBUTO, *DE_BOLETA)), _ZERO)
    iva_otra = cuenta.dados.get("IVA_OTRA", _ZERO)
    # The lines of an e-Remito de Exportación have no IndFact, but for those that take off another.
    exportacion = of(IndFact.EXPORTACION) + of(None) - of(IndFact.A_RESTAR)
    rest = exportacion + of(IndFact.PERCIBIDO) + of(IndFact.SUSPENSO) + of(IndFact.OTRA)
    total = no_gravado + rest + neto_minima + neto_basica + iva_minima + iva_basica + iva_otra
    retenciones = _retenciones(cuenta.lineas)
    credito = sum((valor for codigo, valor in retenciones if codigo.startswith(CREDITO_FISCAL)), _ZERO)
    retenido = sum((valor for _, valor in retenciones), _ZERO) - credito
    no_facturable = of(IndFact.NO_FACTURABLE) - of(IndFact.NO_FACTURABLE_NEGATIVO)
    return Totales(
        no_gravado=no_gravado,
        exportacion=exportacion,
        percibido=of(IndFact.PERCIBIDO),
        suspenso=of(IndFact.SUSPENSO),
        neto_minima=neto_minima,
        neto_basica=neto_basica,
        neto_otra=of(IndFact.OTRA),
        iva_minima=iva_minima,
        iva_basica=iva_basica,
        iva_otra=iva_otra,
        total=total,
        retenido=retenido,
        credito_fiscal=credito,
        no_facturable=no_facturable,
        a_pagar=total + (-retenido if cuenta.bruto is Bruto.CON_IMEBA else retenido) + no_facturable,
        retenciones=retenciones,
    )


def _iva(amount: Decimal, rate: Decimal, bruto: Bruto, redondeo: str) -> tuple[Decimal, Decimal]:
    """Net and IVA of a sum. A121: IVA is the net times the rate, of the document and never of each line."""
    if bruto is not Bruto.CON_IVA:
        return amount, round_half_up(amount * rate)
    net = round_half_up(amount / (1 + rate))
    return net, amount - net if redondeo == "diferencia" else round_half_up(net * rate)


def _retenciones(lineas: Iterable[Linea]) -> tuple[tuple[str, Decimal], ...]:
    by_code: dict[str, Decimal] = {}
    for linea in lineas:
        sign = -1 if linea.ind_fact is IndFact.A_ANULAR else 1
        for retencion in linea.retenciones:
            by_code[retencion.codigo] = by_code.get(retencion.codigo, _ZERO) + sign * retencion.valor
    return tuple(by_code.items())


def _cash(cuenta: Cuenta, sums: Sums, totales: Totales) -> Decimal:
    """What the customer counts on paying: with gross prices, the sum of the lines."""
    if cuenta.bruto is not Bruto.CON_IVA:
        return totales.a_pagar
    billed = sum((amount for ind, amount in sums.items() if ind not in _OUTSIDE), _ZERO)
    return billed + totales.iva_otra + totales.retenido + totales.no_facturable


def _target(cuenta: Cuenta, cash: Decimal, totales: Totales, ajustes: Ajustes) -> tuple[Decimal, list[Finding]]:
    given = cuenta.dados.get("A_PAGAR")
    if given is None or given == cash:
        return cash, []
    if given == totales.a_pagar:  # the lines hold their own «Redondeo»
        return given, []
    if abs(given - cash) > ajustes.tolerancia:
        return cash, [_disagree(cuenta, "A_PAGAR", cash, ajustes)]
    return given, [found(codes.ROUNDED_TOTAL, cuenta.origen, "A_PAGAR", dado=f"{given:.2f}", calculado=f"{cash:.2f}")]


def _with_other_prices(finding: Finding, cuenta: Cuenta, sums: Sums, ajustes: Ajustes) -> Finding:
    """What is paid does not add up, but would if the prices were meant the other way: then that is the hint."""
    if not finding.is_error or cuenta.bruto not in (Bruto.CON_IVA, Bruto.SIN_IVA):
        return finding
    other = Bruto.SIN_IVA if cuenta.bruto is Bruto.CON_IVA else Bruto.CON_IVA
    asked = replace(cuenta, bruto=other)
    cash = _cash(asked, sums, _add_up(asked, sums, ajustes.redondeo))
    if abs(cuenta.dados["A_PAGAR"] - cash) > ajustes.tolerancia:
        return finding
    hint = f"Con PRECIOS={other.name} las líneas dan {cash:.2f}: póngalo en [DOCUMENTO] si así vienen los precios."
    return replace(finding, hint=hint)


def _compare(cuenta: Cuenta, totales: Totales, ajustes: Ajustes) -> list[Finding]:
    """The other totals that the file gave, against ours before the line «Redondeo»."""
    findings = []
    for name, given in cuenta.dados.items():
        if name == "LINEAS":
            if given != len(cuenta.lineas):
                findings.append(_disagree(cuenta, name, Decimal(len(cuenta.lineas)), ajustes))
            continue
        ours = getattr(totales, _ATTRIBUTE[name])
        if name == "A_PAGAR" or given == ours:
            continue
        if abs(given - ours) > ajustes.tolerancia:
            findings.append(_disagree(cuenta, name, ours, ajustes))
        else:
            findings.append(
                found(codes.TOTAL_DIFFERS, cuenta.origen, name, dado=f"{given:.2f}", calculado=f"{ours:.2f}")
            )
    return findings


def _disagree(cuenta: Cuenta, name: str, ours: Decimal, ajustes: Ajustes) -> Finding:
    given = cuenta.dados[name]
    return found(codes.TOTALS, cuenta.origen, name, dado=given, calculado=ours, tolerancia=ajustes.tolerancia)


def _apply(globales: Iterable[Global], sums: Sums) -> tuple[list[Parte], list[Finding]]:
    """Global discounts and surcharges, one part for each tax; all of them are taken of the lines' sums."""
    partes: list[Parte] = []
    findings: list[Finding] = []
    for entry in globales:
        taxes = {entry.ind_fact: sums.get(entry.ind_fact, _ZERO)} if entry.ind_fact else _taxes(sums)
        trouble = _trouble(entry, taxes)
        if trouble:
            findings.append(found(codes.GLOBAL_DISCOUNT, entry.origen, "VALOR", detalle=trouble))
            continue
        for ind, valor in _spread(entry, taxes).items():
            partes.append(
                Parte(
                    resta=entry.resta, clase=entry.clase, codigo=entry.codigo, detalle=entry.detalle,
                    valor=valor, ind_fact=ind,
                )
            )  # fmt: skip
    return partes, findings


def _taxes(sums: Sums) -> dict[IndFact, Decimal]:
    known = sorted((ind, amount) for ind, amount in sums.items() if ind is not None)
    billed = {ind: amount for ind, amount in known if amount > 0 and ind not in _OUTSIDE}
    loose = sums.get(IndFact.NO_FACTURABLE, _ZERO)
    return billed or ({IndFact.NO_FACTURABLE: loose} if loose > 0 else {})


def _trouble(entry: Global, taxes: Mapping[IndFact, Decimal]) -> str:
    total = sum(taxes.values(), _ZERO)
    if entry.ind_fact in (IndFact.GRATIS, IndFact.A_RESTAR, IndFact.A_ANULAR):
        return f"Un descuento o recargo global no puede ser {entry.ind_fact.name}"
    if entry.valor is None and total <= 0:
        return f"No hay líneas sobre las que calcular el {entry.porc} %"
    if not taxes:
        return "No hay líneas entre las que repartirlo"
    if entry.resta and entry.valor is not None and entry.valor > total:
        return f"Descuenta {entry.valor} y las líneas con ese impuesto suman {total}"
    return ""


def _spread(entry: Global, taxes: Mapping[IndFact, Decimal]) -> dict[IndFact, Decimal]:
    """The amount for each tax; shares of one amount add up to it to the cent."""
    if entry.valor is None:
        rate = (entry.porc or _ZERO) / _CENT
        parts = {ind: round_half_up(amount * rate) for ind, amount in taxes.items()}
    elif len(taxes) == 1:
        parts = dict.fromkeys(taxes, entry.valor)
    else:
        parts, total, running, given = {}, sum(taxes.values(), _ZERO), _ZERO, _ZERO
        for ind, amount in taxes.items():
            running += amount
            parts[ind] = round_half_up(entry.valor * running / total) - given
            given += parts[ind]
    return {ind: part for ind, part in parts.items() if part}
