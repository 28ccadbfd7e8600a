"""Whether the figures of a CFE add up, and the rest of its form that no schema sees. Formato CFE v25.2, A112-A130."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from lxml import etree

from sincronizador.authorities.fake_reading import CFE, Documento, number, texts

TOLERANCE = Decimal("0.02")
"""DGI publishes none; what is computed from the gross amount differs from what is computed from the net by a cent."""

_FIRST_WEIGHTS = (4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_NET = {1: {"2": Decimal("1.10"), "3": Decimal("1.22")}}
"""MntBruto -> IndFact -> what its lines are divided by."""
_SALE = {
    "MntNoGrv": ("1", "16"),
    "MntExpoyAsim": ("10",),
    "MntImpuestoPerc": ("11",),
    "MntIVaenSusp": ("12",),
    "MntNetoIvaTasaMin": ("2",),
    "MntNetoIVATasaBasica": ("3",),
    "MntNetoIVAOtra": ("4",),
}
_BOLETA = {"MntNoGrv": ("13", "14", "15", "17"), "MntIVaenSusp": ("12",)}
_SUMMED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "eTck": _SALE,
    "eFact": _SALE,
    "eFact_Exp": {"MntExpoyAsim": ("10",)},
    "eBoleta": _BOLETA,
}
"""Root -> total -> the IndFact of the lines that it sums."""
_ADDENDS = (*_SALE, "MntIVATasaMin", "MntIVATasaBasica", "MntIVAOtra")
_ZERO = Decimal(0)


def problems(documento: Documento, now: datetime) -> Iterator[str]:
    """What is wrong with it, a Spanish sentence each; nothing when it is as the format says."""
    yield from _dates(documento, now)
    yield from _parties(documento)
    body = documento.root[0]
    items = body.findall(f"{CFE}Detalle/{CFE}Item")
    count = documento.totales.get("CantLinDet")
    if count is not None and count != len(items):
        yield f"CantLinDet dice {count} y hay {len(items)} líneas de detalle"
    family = etree.QName(body).localname
    if family in _SUMMED:
        yield from _sums(documento, body, _SUMMED[family])
    if family in _SUMMED or family == "eResg":
        yield from _withheld(documento, body)


def is_rut(text: str) -> bool:
    """Whether the twelfth digit is the check digit of the other eleven."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        return False
    left = sum(weight * int(digit) for weight, digit in zip(_FIRST_WEIGHTS, text, strict=False)) % 11
    return (11 - left) % 11 == int(text[11])


def _dates(documento: Documento, now: datetime) -> Iterator[str]:
    latest = (now + timedelta(days=60)).date().isoformat()
    if documento.fecha > latest:
        yield f"FchEmis {documento.fecha} está a más de 60 días"
    if documento.firmado > now + timedelta(days=1):
        yield f"TmstFirma {documento.firmado_texto} está a más de un día"


def _parties(documento: Documento) -> Iterator[str]:
    if not is_rut(documento.rut):
        yield f"RUCEmisor {documento.rut} no tiene un dígito verificador válido"
    electronic = documento.tipo - 100 if documento.is_papel else documento.tipo
    is_secret = documento.root[0].find(f"{CFE}Encabezado/{CFE}IdDoc/{CFE}SecProf") is not None
    if electronic // 10 in (11, 14) and documento.tipo_receptor != "2" and not is_secret:
        yield "el receptor de una e-Factura se identifica con RUC"
    if documento.tipo_receptor == "2" and not is_rut(documento.receptor):
        yield f"DocRecep {documento.receptor} no es un RUC válido"
    if documento.is_note and documento.root[0].find(f"{CFE}Referencia/{CFE}Referencia") is None:
        yield "una nota debe tener al menos una referencia"


def _sums(documento: Documento, body: etree._Element, summed: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    totals = documento.totales
    bruto = int(body.findtext(f"{CFE}Encabezado/{CFE}IdDoc/{CFE}MntBruto", "0"))
    by_fact = _by_fact(body)
    for name, facts in summed.items():
        expected = sum((by_fact.get(one, _ZERO) / _NET.get(bruto, {}).get(one, Decimal(1)) for one in facts), _ZERO)
        yield from _differs(name, totals.get(name, _ZERO), expected)
    for net, tax, rate in (
        ("MntNetoIvaTasaMin", "MntIVATasaMin", 10),
        ("MntNetoIVATasaBasica", "MntIVATasaBasica", 22),
    ):
        expected = totals.get(net, _ZERO) * rate / 100
        yield from _differs(tax, totals.get(tax, _ZERO), expected)
    total = sum((totals.get(name, _ZERO) for name in _ADDENDS), _ZERO)
    yield from _differs("MntTotal", totals.get("MntTotal", _ZERO), total)
    apart = by_fact.get("6", _ZERO) - by_fact.get("7", _ZERO)
    yield from _differs("MontoNF", totals.get("MontoNF", _ZERO), apart)
    withheld = totals.get("MntTotRetenido", _ZERO) * (-1 if bruto == 2 else 1)
    payable = totals.get("MntTotal", _ZERO) + withheld + apart
    said = totals.get("MntPagar", _ZERO)
    if not (payable < 0 and said == 0):
        yield from _differs("MntPagar", said, payable)


def _by_fact(body: etree._Element) -> dict[str, Decimal]:
    """S(f): the lines of each IndFact with global discounts and surcharges."""
    found: dict[str, Decimal] = {}
    for item in body.iterfind(f"{CFE}Detalle/{CFE}Item"):
        one = texts(item)
        found[one.get("IndFact", "")] = found.get(one.get("IndFact", ""), _ZERO) + number(one.get("MontoItem", "0"))
    for line in body.iterfind(f"{CFE}DscRcgGlobal/{CFE}DRG_Item"):
        one = texts(line)
        sign = -1 if one.get("TpoMovDR") == "D" else 1
        fact = one.get("IndFactDR", "")
        found[fact] = found.get(fact, _ZERO) + sign * number(one.get("ValorDR", "0"))
    return found


def _withheld(documento: Documento, body: etree._Element) -> Iterator[str]:
    """Header codes against those of the lines, and the two totals against the header's."""
    header: dict[str, Decimal] = {}
    for one in body.iterfind(f"{CFE}Encabezado/{CFE}Totales/{CFE}RetencPercep"):
        zone = texts(one)
        header[zone["CodRet"]] = header.get(zone["CodRet"], _ZERO) + number(zone["ValRetPerc"])
    lines: dict[str, Decimal] = {}
    for item in body.iterfind(f"{CFE}Detalle/{CFE}Item"):
        sign = -1 if item.findtext(f"{CFE}IndFact") == "9" else 1
        for one in item.iterfind(f"{CFE}RetencPercep"):
            zone = texts(one)
            lines[zone["CodRet"]] = lines.get(zone["CodRet"], _ZERO) + sign * number(zone["ValRetPerc"])
    for code in sorted(header.keys() | lines.keys()):
        yield from _differs(f"RetencPercep {code}", header.get(code, _ZERO), lines.get(code, _ZERO))
    credit = sum((value for code, value in header.items() if code.startswith("2181")), _ZERO)
    rest = sum(header.values(), _ZERO) - credit
    yield from _differs("MntTotCredFisc", documento.totales.get("MntTotCredFisc", _ZERO), credit)
    yield from _differs("MntTotRetenido", documento.totales.get("MntTotRetenido", _ZERO), rest)


def _differs(name: str, said: Decimal, expected: Decimal) -> Iterator[str]:
    if abs(said - expected) > TOLERANCE:
        yield f"{name} dice {said} y de las líneas resulta {expected:.2f}"
