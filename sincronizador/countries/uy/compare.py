"""Is it the same sale? The interpreted fiscal data of two requests with one REFERENCIA, field by field."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest

from sincronizador.core.request import Request
from sincronizador.countries.uy.comprobante import (
    Comprobante,
    DatosEmisor,
    Linea,
    Mandante,
    Pago,
    Receptor,
    Referencia,
    Traslado,
)

Pairs = Iterator[tuple[str, object, object]]
"""TXT name of a field, its value now, its value before."""

Named = DatosEmisor | Receptor | Traslado | Mandante | Linea | Referencia
"""What is compared field by field."""

_RECEPTOR = (
    "documento", "tipo_doc", "pais", "nombre", "direccion", "ciudad", "departamento", "nombre_pais",
    "codigo_postal", "informacion", "lugar_entrega", "compra",
)  # fmt: skip
_LINEA = (
    "codigos", "detalle", "ncm", "descripcion", "cantidad", "unidad", "precio", "importe", "ind_fact", "descuento",
    "descuento_porc", "subdescuentos", "recargo", "recargo_porc", "subrecargos", "agente",
)  # fmt: skip
_TRASLADO = ("motivo", "ajenos", "tipo_doc", "pais", "documento", "nombre")
_MANDANTE = ("tipo_doc", "pais", "documento", "nombre")
_REFERENCIA = ("venta", "tipo", "serie", "numero", "is_global", "razon", "fecha", "monto", "moneda", "cotizacion")
_EMISOR = tuple(name for name in DatosEmisor.__slots__ if name != "origen")
_NAMES = {
    "codigos": "CODIGO",
    "ind_fact": "IVA",
    "is_global": "GLOBAL",
    "subdescuentos": "SUBDESCUENTO",
    "subrecargos": "SUBRECARGO",
    "telefonos": "TELEFONO",
}
_PROPIETARIO = {name: f"PROPIETARIO_{name.upper()}" for name in ("tipo_doc", "pais", "documento", "nombre")}
"""How the fields of an owner are called in a TXT."""


def compare(request: Request, earlier: Request) -> str | None:
    """
    The TXT name of the first field that differs; None: the same sale.

    What follows from the day or the settings (FECHA, PRECIOS, the issuer's data, A_PAGAR) is compared only when the
    later file gives it, and then with what the first one came to.
    """
    now, before = request.document, earlier.document
    if not isinstance(now, Comprobante) or not isinstance(before, Comprobante):
        raise TypeError("requests of another country")
    return next((name for name, one, other in _pairs(now, before) if one != other), None)


def _pairs(now: Comprobante, before: Comprobante) -> Pairs:
    yield "TIPO", now.tipo, before.tipo
    if now.origen.get("FECHA"):
        yield "FECHA", now.fecha, before.fecha
    if now.origen.get("PRECIOS"):
        yield "PRECIOS", now.bruto, before.bruto
    yield "MONEDA", now.moneda, before.moneda
    if now.moneda != "UYU":
        yield "COTIZACION", now.cotizacion, before.cotizacion
    yield "NUMERO", now.folio, before.folio
    for name in (
        "forma_pago", "vencimiento", "periodo_desde", "periodo_hasta", "fecha_valor", "clausula", "modalidad", "via",
        "informacion", "iva_al_dia", "secreto_profesional", "pagos_terceros", "cobranza", "compra_moneda",
    ):  # fmt: skip
        yield name.upper(), getattr(now, name), getattr(before, name)
    given = (name for name in _EMISOR if _says(now.emisor, name))
    yield from _named(given, now.emisor, before.emisor)
    yield from _part("RECEPTOR", _RECEPTOR, now.receptor, before.receptor)
    for name, one, other in _part("TRASLADO", _TRASLADO, now.traslado, before.traslado):
        yield _PROPIETARIO.get(name.lower(), name), one, other
    yield from _mandante(now.mandante, before.mandante)
    for linea, other in zip_longest(now.lineas, before.lineas):
        yield from _linea(linea, other)
    yield from _computed(now, before)
    for referencia, first in zip_longest(now.referencias, before.referencias):
        yield "REFERENCIA", referencia is None, first is None
        if referencia and first:
            yield from _named(_REFERENCIA, referencia, first)
    yield "SUBTOTAL", now.subtotales, before.subtotales


def _says(emisor: DatosEmisor, name: str) -> bool:
    """Whether the file gives it, and not the installation."""
    fields = ("TELEFONO", "TELEFONO_2") if name == "telefonos" else (name.upper(),)
    return any(emisor.origen.get(field) for field in fields)


def _part(section: str, names: Iterable[str], now: Named | None, before: Named | None) -> Pairs:
    yield section, now is None, before is None
    if now and before:
        yield from _named(names, now, before)


def _mandante(now: Mandante | None, before: Mandante | None) -> Pairs:
    """What is encrypted differs each time, and nobody here can read it: then only that there is one is compared."""
    yield "MANDANTE", now is None, before is None
    if now and before and not (now.cifrado or before.cifrado):
        yield from _named(_MANDANTE, now, before)


def _linea(now: Linea | None, before: Linea | None) -> Pairs:
    yield "ITEM", now is None, before is None
    if now and before:
        yield from _named(_LINEA, now, before)
        yield "RETENCION", now.retenciones, before.retenciones


def _computed(now: Comprobante, before: Comprobante) -> Pairs:
    """Global discounts by what they come to, payments and what is paid."""
    if now.calculo is None or before.calculo is None:
        return
    yield "DESCUENTO", now.calculo.partes, before.calculo.partes
    yield "IVA_OTRA", now.calculo.totales.iva_otra, before.calculo.totales.iva_otra
    to_pay, paid = now.calculo.totales.a_pagar, before.calculo.totales.a_pagar
    if any(name == "A_PAGAR" for name, _ in now.dados):
        yield "A_PAGAR", to_pay, paid
    yield "PAGO", [_pago(pago) for pago in now.pagos], [_pago(pago) for pago in before.pagos]


def _pago(pago: Pago) -> tuple[object, ...]:
    return (pago.codigo, pago.detalle, pago.orden, pago.valor)


def _named(names: Iterable[str], now: Named, before: object) -> Pairs:
    for name in names:
        yield _NAMES.get(name, name.upper()), getattr(now, name), getattr(before, name)
