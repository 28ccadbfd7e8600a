"""What somebody may have meant by a value that a field does not take, as the end of a finding."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from sincronizador.core.nearest import nearest
from sincronizador.core.numbers import NotADate, parse_date
from sincronizador.countries.uy.fields import Field

_MOST_LISTED = 20
"""Words that a sentence may list."""
_FEW = 10
"""Words that it may list although one of them was meant."""
_OFTEN = 4
"""Of more, the first are named."""
_MEANT: Mapping[str, Mapping[str, str]] = {
    "FORMA_PAGO": {
        "CHEQUE": "CONTADO",
        "CTA CTE": "CREDITO",
        "CUENTA CORRIENTE": "CREDITO",
        "DEBITO": "CONTADO",
        "EFECTIVO": "CONTADO",
        "TARJETA": "CONTADO",
    },
    "IVA": {
        "21": "BASICA",
        "23": "BASICA",
        "GRAVADO": "BASICA",
        "NO GRAVADO": "EXENTA",
        "SIN IVA": "EXENTA",
    },
    "MEDIO": {"CTA CTE": "CUENTA_CORRIENTE", "CONTADO": "EFECTIVO", "TARJETA": "DEBITO o CREDITO"},
    "MONEDA": {
        "DOLAR": "USD",
        "DOLARES": "USD",
        "EURO": "EUR",
        "EUROS": "EUR",
        "PESO": "UYU",
        "PESOS": "UYU",
        "REALES": "BRL",
        "PESOS ARGENTINOS": "ARS",
    },
    "PAIS": {
        "ALEMANIA": "DE",
        "ARGENTINA": "AR",
        "BOLIVIA": "BO",
        "BRASIL": "BR",
        "CHILE": "CL",
        "CHINA": "CN",
        "COLOMBIA": "CO",
        "ESPANA": "ES",
        "ESTADOS UNIDOS": "US",
        "FRANCIA": "FR",
        "ITALIA": "IT",
        "MEXICO": "MX",
        "PARAGUAY": "PY",
        "PERU": "PE",
        "URUGUAY": "UY",
        "USA": "US",
        "VENEZUELA": "VE",
    },
    "PRECIOS": {"BRUTO": "CON_IVA", "FINAL": "CON_IVA", "NETO": "SIN_IVA"},
    "TIPO": {"BOLETA": "E-TICKET", "FACTURA": "E-FACTURA", "TICKET": "E-TICKET"},
    "TIPO_DOC": {"DOCUMENTO": "CI", "PASSPORT": "PASAPORTE"},
}
"""Field -> other words, and ours for them."""
_TIMED = re.compile(r"(\S+)[ T]\d{1,2}:\d\d(:\d\d)?(\.\d+)?")
_DATED = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second>\d{1,2})[-/.](?P<year>\d{4})")
_AMOUNT = re.compile(r"[^\d.,-]*(?P<whole>-?\d[\d.,]*?)[.,](?P<cents>\d\d)[^\d.,]*")
_MONTHS = 12
_LONGEST = 60
"""Letters of a value that are looked at."""
_YEARS = range(1900, 3000)


def of_choice(row: Field, text: str) -> tuple[str, str]:
    """What a field takes and which of it was meant by `text`."""
    word = _flat(text[:_LONGEST])
    meant = _MEANT.get(row.name, {}).get(word) or nearest(word, [*row.values, *_MEANT.get(row.name, {})])
    meant = _MEANT.get(row.name, {}).get(meant or "", meant)
    words = _words(row)
    is_short = len(words) <= (_FEW if meant else _MOST_LISTED)
    takes = f"puede ser {', '.join(words)}" if is_short else "no es ninguno de sus valores"
    if meant:
        return takes, f"¿Quiso escribir {row.name}={meant}?"
    if is_short:
        return takes, f"Escriba {row.name} con uno de esos valores."
    if row.name == "TIPO":
        return takes, "Escriba VENTA, NOTA_CREDITO, NOTA_DEBITO o el código del tipo, por ejemplo TIPO=101."
    return takes, f"Escriba {row.name} con su código, por ejemplo {', '.join(words[:_OFTEN])}."


def of_date(text: str) -> str | None:
    """What was meant by a date that is none; None when nobody can tell."""
    text = text[:_LONGEST]
    if timed := _TIMED.fullmatch(text):
        return f"La fecha va sin hora: {timed[1]}." if _is_date(timed[1]) else None
    found = _DATED.fullmatch(text)
    if found is None or int(found["year"]) not in _YEARS:
        return None
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    if second > _MONTHS >= first and _is_date(f"{second}/{first}/{year}"):
        return f"Va el día y después el mes: {second:02}/{first:02}/{year}."
    if _is_date(f"{first}/{second}/{year}"):
        return f"¿Quiso escribir {first:02}/{second:02}/{year}?"
    if 1 <= second <= _MONTHS:
        return f"Ese día no existe: el mes {second} de {year} tiene {_days(year, second)} días."
    return None


def of_number(text: str) -> str | None:
    """What was meant by a number that is none: the same with one separator; None when nobody can tell."""
    found = _AMOUNT.fullmatch(text[:_LONGEST])
    if found is None:
        return None
    whole = "".join(mark for mark in found["whole"] if mark not in ".,")
    return f"¿Quiso escribir {whole},{found['cents']}?"


def _words(row: Field) -> list[str]:
    """One word for each code, the first that the table has."""
    first: dict[str, str] = {}
    for word, code in row.values.items():
        if code or word == "NO":
            first.setdefault(code, word)
    return list(first.values())


def _flat(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.upper())
    return "".join(mark for mark in marks if not unicodedata.combining(mark)).strip(" .%")


def _is_date(text: str) -> bool:
    try:
        return parse_date(text) is not None
    except NotADate:
        return False


def _days(year: int, month: int) -> int:
    return (date(year + month // _MONTHS, month % _MONTHS + 1, 1) - date(year, month, 1)).days
