"""The checks of the law: each looks at one thing and gives all it finds; they run in no particular order."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sincronizador.core.codes import UNKNOWN_REFERENCE
from sincronizador.core.emitido import Emitido
from sincronizador.core.finding import Finding
from sincronizador.core.request import Known
from sincronizador.core.sections import Section
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import Comprobante, Receptor, Referencia, found
from sincronizador.countries.uy.emisor import Ajustes, Emisor
from sincronizador.countries.uy.fields import BY_SECTION, NETOS
from sincronizador.countries.uy.read import is_named, target_of
from sincronizador.countries.uy.rut import check_rut
from sincronizador.countries.uy.tipos import Bruto, Familia, IndFact, TipoDoc
from sincronizador.countries.uy.values import clean, plain, round_half_up

TOPE_UI_E_TICKET = 5_000
"""e-Tickets above this many UI, net of IVA, identify the receiver. Formato CFE v25.2, table E, since 2022-11-01."""
DIAS_ADELANTE = timedelta(days=60)
"""FchEmis is at most this far after the day on which DGI receives it. Formato CFE v25.2, A5."""
PRIMERA, ULTIMA = date(2011, 10, 1), date(2050, 12, 31)
"""Days that the schema takes as FchEmis."""
MAX_REFERENCIAS = MAX_PAGOS = 40
MAX_SUBTOTALES = MAX_GLOBALES = MAX_RETENCIONES = 20
MAX_RETENCIONES_LINEA = 5
PAISES_DNI = ("AR", "BR", "CL", "PY")
SIN_BRUTO_3 = frozenset(
    {IndFact.EXENTA, IndFact.MINIMA, IndFact.BASICA, IndFact.OTRA, IndFact.PERCIBIDO, IndFact.SUSPENSO}
)
"""What an issuer who is IVA mínimo or Monotributo cannot bill."""
LARGO_GTIN = {"GTIN8": 8, "GTIN12": 12, "GTIN13": 13, "GTIN14": 14}

_SERIE = re.compile("[A-Z]|[A-Z][A-Z]|[1-9][A-Z]")
_MAX_MONTO = Decimal("999999999999999.99")
_NETOS = ("NETO_BASICA", "NETO_MINIMA", "NETO_OTRA", "EXENTO", "EXPORTACION", "PERCIBIDO", "SUSPENSO")
"""A112 to A118 under the names of the answer."""
_SEGURO = Decimal("0.9")
"""Without the year's UI, what is below this share of the last known threshold is surely below the year's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caso:
    """What a check looks at."""

    comprobante: Comprobante
    known: Known
    today: date
    ajustes: Ajustes


Check = Callable[[Caso], Iterator[Finding]]


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


def check_receptor(caso: Caso) -> Iterator[Finding]:
    """An e-Factura is made out to a RUT with name, address and city; document and country agree."""
    doc, receptor = caso.comprobante, caso.comprobante.receptor
    origen = receptor.origen if receptor else doc.origen
    if receptor and receptor.tipo_doc is not None:
        yield from _country(receptor, receptor.tipo_doc)
    if doc.tipo.familia is not Familia.E_FACT:
        return
    if doc.secreto_profesional and receptor is None:
        return
    name = doc.tipo.nombre
    if receptor is None or not receptor.documento or receptor.tipo_doc is not TipoDoc.RUT:
        detail = f"Una {name} va a nombre de un RUT y falta en [RECEPTOR]"
        hint = "Agregue DOCUMENTO con el RUT del cliente, o emita un e-Ticket."
        yield found(codes.RECEPTOR, origen, "DOCUMENTO", detalle=detail, sugerencia=hint)
    for field in ("NOMBRE", "DIRECCION", "CIUDAD"):
        if receptor is None or not getattr(receptor, field.lower()):
            detail, hint = f"Una {name} lleva {field} del receptor y falta", f"Agregue {field}= en [RECEPTOR]."
            yield found(codes.RECEPTOR, origen, field, detalle=detail, sugerencia=hint)


def _country(receptor: Receptor, kind: TipoDoc) -> Iterator[Finding]:
    pais = receptor.pais
    if kind.is_local and (pais != "UY" or len(receptor.documento) > 12):
        detail = f"Un documento {kind.name} es de Uruguay, de hasta 12 dígitos"
        yield found(
            codes.RECEPTOR, receptor.origen, "PAIS", detalle=detail, sugerencia="Quite PAIS o corrija TIPO_DOC."
        )
    if kind is TipoDoc.DNI and pais not in PAISES_DNI:
        detail = "Un DNI es de Argentina, Brasil, Chile o Paraguay"
        hint = "Agregue PAIS=AR, BR, CL o PY; para otros países use PASAPORTE u OTRO."
        yield found(codes.RECEPTOR, receptor.origen, "PAIS", detalle=detail, sugerencia=hint)


def check_threshold(caso: Caso) -> Iterator[Finding]:
    """Above 5,000 UI, or with withholdings, an e-Ticket says to whom."""
    doc = caso.comprobante
    is_identified = doc.receptor is not None and doc.receptor.is_identified
    if doc.calculo is None or doc.tipo.familia is not Familia.E_TCK or is_identified or doc.secreto_profesional:
        return
    origen = doc.receptor.origen if doc.receptor else doc.origen
    if doc.calculo.totales.retenciones:
        yield found(codes.RETENTION_UNIDENTIFIED, origen, "DOCUMENTO")
    if doc.moneda != "UYU" and doc.cotizacion is None:
        return
    rate = doc.cotizacion if doc.moneda != "UYU" and doc.cotizacion else Decimal(1)
    neto = round_half_up(doc.calculo.totales.neto * rate)
    year, ui = doc.fecha.year, caso.ajustes.ui
    if year in ui:
        tope = TOPE_UI_E_TICKET * ui[year]
        if neto > tope:
            yield found(codes.OVER_LIMIT, origen, "DOCUMENTO", neto=plain(neto), tope=plain(round_half_up(tope)))
    elif neto > _SEGURO * TOPE_UI_E_TICKET * _last_ui(year, ui):
        yield found(codes.UI_UNKNOWN, origen, "DOCUMENTO", neto=plain(neto), anio=year, cierre=year - 1)


def travels_alone(document: Emitido, ui: Mapping[int, Decimal]) -> bool:
    """
    Whether a signed e-Ticket goes to DGI one by one: above 5,000 UI net of IVA, or with withholdings.

    Without the year's UI, what is not surely below travels alone.
    """
    importes = dict(document.importes)
    if "RETENIDO" in importes:
        return True
    neto = sum((Decimal(importes.get(name, "0")) for name in _NETOS), Decimal(0)) * (document.cotizacion or 1)
    year = document.fecha.year
    tope = ui[year] if year in ui else _SEGURO * _last_ui(year, ui)
    return neto > TOPE_UI_E_TICKET * tope


def _last_ui(year: int, ui: Mapping[int, Decimal]) -> Decimal:
    """The last value before a year; the first after it when there is none before; zero when there is none at all."""
    earlier = [known for known in ui if known < year]
    if earlier:
        return ui[max(earlier)]
    return ui[min(ui)] if ui else Decimal(0)


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
    for linea in caso.comprobante.lineas:
        if linea.precio <= 0 and linea.ind_fact is not IndFact.GRATIS:
            field = "PRECIO" if linea.origen.get("PRECIO") else "IMPORTE"
            yield found(codes.PRICE, linea.origen, field, precio=plain(linea.precio))
        for kind, code in linea.codigos:
            if kind in LARGO_GTIN and not is_gtin(code, LARGO_GTIN[kind]):
                yield codes.BAD_GTIN.at(field="CODIGO", line=linea.origen.line, value=code, tipo=kind)
        if linea.agente and not linea.retenciones:
            detail = f"La línea dice AGENTE={linea.agente} y no tiene ninguna [RETENCION]"
            yield found(codes.IVA_NOT_ALLOWED, linea.origen, "AGENTE", detalle=detail)


def is_gtin(code: str, length: int) -> bool:
    """Whether these are the digits of a GTIN, the last one checking the others (GS1, modulus 10)."""
    if len(code) != length or not (code.isascii() and code.isdigit()):
        return False
    return sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(reversed(code))) % 10 == 0


def check_taxes(caso: Caso) -> Iterator[Finding]:
    """An issuer without IVA bills no IVA; lines of another rate say their IVA."""
    doc = caso.comprobante
    if doc.bruto is Bruto.MONOTRIBUTO:
        for linea in doc.lineas:
            if linea.ind_fact in SIN_BRUTO_3:
                detail = f"IVA={linea.ind_fact.name} no va en un comprobante de IVA mínimo o Monotributo"
                yield found(codes.IVA_NOT_ALLOWED, linea.origen, "IVA", detalle=detail)
    if doc.calculo is None:
        return
    totales = doc.calculo.totales
    if bool(totales.neto_otra) != bool(totales.iva_otra):
        detail = "Hay líneas con IVA=OTRA y falta su impuesto"
        if totales.iva_otra:
            detail = f"IVA_OTRA es {totales.iva_otra} y no hay líneas con IVA=OTRA"
        yield codes.OTHER_RATE.at(field="IVA_OTRA", line=doc.origen.line, detalle=detail)


def check_totals(caso: Caso) -> Iterator[Finding]:
    """No sum of a tax is negative, and no total is too long for its element."""
    doc = caso.comprobante
    if doc.calculo is None:
        return
    totales = doc.calculo.totales
    sums = {name: getattr(totales, attribute) for name, _, attribute, _ in NETOS}
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


def check_references(caso: Caso) -> Iterator[Finding]:
    """A note says what it corrects, once each, completely, and in its own family."""
    doc = caso.comprobante
    if doc.tipo.is_note and not doc.referencias:
        yield codes.NO_REFERENCE.at(field="REFERENCIA", line=doc.origen.line)
    seen: set[tuple[int, str, int]] = set()
    for referencia in doc.referencias:
        if not referencia.is_whole:
            continue
        if referencia.is_global:
            yield from _global(referencia)
        elif not is_named(referencia):
            yield from _open(referencia)
        else:
            yield from _named(caso, referencia, seen)
        yield from _rate(referencia)


def _global(referencia: Referencia) -> Iterator[Finding]:
    if not referencia.razon:
        yield found(codes.GLOBAL_REFERENCE, referencia.origen, "RAZON", detalle="Una referencia global exige RAZON")
    for field in ("VENTA", "TIPO", "SERIE", "NUMERO", "FECHA", "MONTO", "MONEDA", "COTIZACION"):
        if getattr(referencia, field.lower()):
            detail = f"Una referencia global no lleva {field}"
            yield found(codes.GLOBAL_REFERENCE, referencia.origen, field, detalle=detail)


def _open(referencia: Referencia) -> Iterator[Finding]:
    absent = [name for name in ("TIPO", "SERIE", "NUMERO") if not getattr(referencia, name.lower())]
    if len(absent) == 3:
        detail = "La referencia no dice a qué comprobante"
    else:
        detail = f"Falta {' y '.join(absent)} en la referencia"
    yield found(codes.REFERENCE_OPEN, referencia.origen, absent[0], detalle=detail)


def _named(caso: Caso, referencia: Referencia, seen: set[tuple[int, str, int]]) -> Iterator[Finding]:
    origen, tipo = referencia.origen, caso.comprobante.tipo
    sale = caso.known.get(target_of(referencia))
    if referencia.venta and sale is None:
        yield found(UNKNOWN_REFERENCE, origen, "VENTA")
        return
    triple = (sale.tipo, sale.serie, sale.numero) if sale else (referencia.tipo, referencia.serie, referencia.numero)
    slug = f"{triple[0]}-{triple[1]}-{triple[2]}"
    field = "VENTA" if referencia.venta else "TIPO"
    if triple in seen:
        yield found(codes.REFERENCE_TWICE, origen, field, referido=slug)
    seen.add(triple)
    if not _SERIE.fullmatch(triple[1]):
        yield found(codes.REFERENCE_OPEN, origen, "SERIE", detalle=f"«{triple[1]}» no es una serie")
    if tipo.is_note and triple[0] not in tipo.referible:
        yield found(codes.OTHER_FAMILY, origen, field, nota=tipo.nombre, referido=triple[0])
    if sale:
        yield from _against(sale, referencia, origen)


def _against(sale: Emitido, referencia: Referencia, origen: Section) -> Iterator[Finding]:
    """What a reference says of a document of ours is true."""
    given = (referencia.tipo, referencia.serie, referencia.numero)
    if referencia.venta and any(given) and given != (sale.tipo, sale.serie, sale.numero):
        yield found(
            codes.REFERENCE_OPEN, origen, "VENTA", detalle=f"VENTA es el comprobante {sale.slug}, no el que se da"
        )
    if referencia.fecha not in (None, sale.fecha):
        yield found(codes.REFERENCE_DATE, origen, "FECHA", dada=referencia.fecha, referido=sale.slug, fecha=sale.fecha)
    if referencia.monto is not None and referencia.monto > sale.total:
        yield found(
            codes.REFERENCE_AMOUNT, origen, "MONTO", dado=referencia.monto, referido=sale.slug, total=sale.total
        )
    for field, ours, theirs in (
        ("MONEDA", referencia.moneda or sale.moneda, sale.moneda),
        ("COTIZACION", referencia.cotizacion or sale.cotizacion, sale.cotizacion),
    ):
        if ours != theirs:
            yield found(codes.REFERENCE_CURRENCY, origen, field, dado=ours, referido=sale.slug, tiene=theirs)


def _rate(referencia: Referencia) -> Iterator[Finding]:
    if referencia.moneda not in ("", "UYU") and referencia.cotizacion is None and not referencia.venta:
        yield found(codes.REFERENCE_RATE, referencia.origen, "COTIZACION", moneda=referencia.moneda)
    if referencia.fecha is not None and not PRIMERA <= referencia.fecha <= ULTIMA:
        yield found(codes.DATE_FAR, referencia.origen, "FECHA", fecha=referencia.fecha, primera=PRIMERA, ultima=ULTIMA)


CHECKS: tuple[Check, ...] = (
    check_dates,
    check_period,
    check_currency,
    check_receptor,
    check_threshold,
    check_sizes,
    check_lines,
    check_taxes,
    check_totals,
    check_collection,
    check_references,
)


def check(caso: Caso) -> list[Finding]:
    """All that the checks find."""
    return [finding for each in CHECKS for finding in each(caso)]


def issuer_problems(emisor: Emisor) -> list[str]:
    """Why documents of this issuer could not be valid, in Spanish; empty when they can."""
    problems = [] if check_rut(emisor.rut) else [f"el rut «{emisor.rut}» no es válido"]
    if not (emisor.sucursal.isascii() and emisor.sucursal.isdigit() and len(emisor.sucursal) <= 4):
        problems.append(f"la sucursal «{emisor.sucursal}» debe ser su código en DGI, de hasta 4 cifras")
    for row in BY_SECTION["EMISOR"].values():
        text = getattr(emisor, row.name.lower(), "")
        if row.length and len(text) > row.length:
            problems.append(f"{row.name.lower()} tiene {len(text)} caracteres y admite {row.length}")
        if row.obligation == "1111" and not text.strip():
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
