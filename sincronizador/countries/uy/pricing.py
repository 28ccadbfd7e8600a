"""The three of a line: quantity, unit price and amount. Two are enough, and a given amount rules."""

from dataclasses import dataclass
from decimal import Decimal

from sincronizador.core.finding import Finding
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.comprobante import found
from sincronizador.countries.uy.values import Valores, plain, round_half_up

TOLERANCE = Decimal("0.05")
"""A given amount this far from quantity times price still rules; the price takes the difference in its decimals."""
LARGEST = Decimal("999999999999999.99")
"""Of an amount, and below of a price and a quantity, in the schema."""
LARGEST_PRICE, LARGEST_QUANTITY = Decimal("99999999999.999999"), Decimal("99999999999999.999")

_ONE, _ZERO, _CENT = Decimal(1), Decimal("0.00"), Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precio:
    """Quantity, price, discount, surcharge and amount of a line, in agreement."""

    cantidad: Decimal
    precio: Decimal
    descuento: Decimal
    recargo: Decimal
    importe: Decimal


def price_line(linea: Valores, *, gratis: bool) -> Precio | Finding:
    """The line's figures out of what was given, or what is wrong with them. Formato CFE v25.2, zone B, MontoItem."""
    if gratis:
        return _free(linea)
    cantidad, precio, importe = linea.number("CANTIDAD"), linea.number("PRECIO"), linea.number("IMPORTE")
    if importe is not None:
        return _by_amount(linea, importe)
    if precio is None:
        return _open(linea, "PRECIO", "faltan PRECIO e IMPORTE")
    return _amount(linea, _ONE if cantidad is None else cantidad, precio)


def _open(linea: Valores, field: str, detail: str) -> Finding:
    return found(codes.LINE_OPEN, linea.origen, field, detalle=detail)


def _by_amount(linea: Valores, importe: Decimal) -> Precio | Finding:
    cantidad, precio, gross = linea.number("CANTIDAD"), linea.number("PRECIO"), _gross(linea, importe)
    if cantidad is None and gross is not None and precio != 0:
        cantidad = gross / precio if precio else _ONE if importe >= 0 else -_ONE
    if cantidad is None:
        return _open(linea, "IMPORTE", "con ese precio o descuento no se puede saber el resto")
    if abs(cantidad) > LARGEST_QUANTITY:
        return _open(linea, "CANTIDAD", f"la cantidad pasa de {LARGEST_QUANTITY}")
    cantidad = round_half_up(cantidad, 3)
    by_price = None if precio is None else _amount(linea, cantidad, precio)
    if isinstance(by_price, Finding) or (by_price and by_price.importe == importe):
        return by_price
    if gross is None or not cantidad:
        field, detail = (
            ("IMPORTE", "con ese descuento no hay precio") if cantidad else ("CANTIDAD", "la cantidad es cero")
        )
        return _open(linea, field, detail)
    if by_price and abs(by_price.importe - importe) > TOLERANCE:
        ours = plain(by_price.importe)
        return found(codes.LINE_AMOUNT, linea.origen, "IMPORTE", dado=plain(importe), calculado=ours)
    return _price(linea, cantidad, importe, gross)


def _free(linea: Valores) -> Precio | Finding:
    for name in ("PRECIO", "IMPORTE", "DESCUENTO", "RECARGO"):
        if linea.number(name):
            return found(codes.FREE_WITH_PRICE, linea.origen, name)
    cantidad = linea.number("CANTIDAD")
    return Precio(
        cantidad=_ONE if cantidad is None else cantidad, precio=_ZERO, descuento=_ZERO, recargo=_ZERO, importe=_ZERO
    )


def _amount(linea: Valores, cantidad: Decimal, precio: Decimal) -> Precio | Finding:
    gross = cantidad * precio
    if abs(gross) > LARGEST:
        return _open(linea, "PRECIO", f"el importe pasa de {LARGEST}")
    descuento, recargo = _part(linea, "DESCUENTO", gross), _part(linea, "RECARGO", gross)
    importe = round_half_up(gross - descuento + recargo)
    return Precio(cantidad=cantidad, precio=precio, descuento=descuento, recargo=recargo, importe=importe)


def _price(linea: Valores, cantidad: Decimal, importe: Decimal, gross: Decimal) -> Precio | Finding:
    descuento, recargo = _part(linea, "DESCUENTO", gross), _part(linea, "RECARGO", gross)
    precio = (importe + descuento - recargo) / cantidad
    if abs(precio) > LARGEST_PRICE:
        return _open(linea, "PRECIO", f"el precio pasa de {LARGEST_PRICE}")
    precio = round_half_up(precio, 6)
    if abs(round_half_up(cantidad * precio - descuento + recargo) - importe) > TOLERANCE:
        detail = f"ningún precio de 6 decimales por {plain(cantidad)} da {plain(importe)}; use una unidad mayor"
        return _open(linea, "PRECIO", detail)
    return Precio(cantidad=cantidad, precio=precio, descuento=descuento, recargo=recargo, importe=importe)


def _part(linea: Valores, name: str, gross: Decimal) -> Decimal:
    given = linea.number(name)
    if given is not None:
        return given
    percent = linea.number(name + "_PORC")
    return _ZERO if percent is None else round_half_up(gross * percent / _CENT)


def _gross(linea: Valores, importe: Decimal) -> Decimal | None:
    """Quantity times price behind an amount; None when a discount of all of it hides the price."""
    rate, fixed = _ONE, importe
    for name, sign in (("DESCUENTO", 1), ("RECARGO", -1)):
        given, percent = linea.number(name), linea.number(name + "_PORC")
        if given is not None:
            fixed += sign * given
        elif percent is not None:
            rate -= sign * percent / _CENT
    if rate <= 0:
        return None if linea.number("PRECIO") is None or linea.number("CANTIDAD") is None else _ZERO
    return fixed / rate
