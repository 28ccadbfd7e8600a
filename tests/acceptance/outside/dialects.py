"""How old programs write a sale: TXT and CFE XML, in every encoding, line end and habit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from xml.sax.saxutils import escape

from outside.sales import IND_FACT, Line, Receptor, Sale

Fields = list[tuple[str, str]]
Draft = list[tuple[str, Fields]]
"""A TXT before it is written: sections with their fields; a field without a name is written as a bare line."""

Number = tuple[int, str, int]
"""Type, series and number of a document."""

ACCENTED = {"REFERENCIA": "Referencia", "FORMA_PAGO": "Forma_Pago", "DIRECCION": "Dirección", "CODIGO": "Código"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One program's habits."""

    dialect: str = "txt"
    encoding: str = "utf-8"
    newline: str = "\r\n"
    trailer: str = "\n"
    """What comes after ``[FIN]``."""
    decimal: str = ","
    thousands: str = ""
    date: str = "%d/%m/%Y"
    lower: bool = False
    chatty: bool = False
    """Writes every field every time, empty or zero, and comments."""
    generic: bool = False
    """Writes ``VENTA`` or ``NOTA_CREDITO`` instead of the type's number."""


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp850", "cp1252", "ascii")
XML_ENCODINGS = ("utf-8", "iso-8859-1", "windows-1252", "utf-16", "us-ascii")


def any_style(rng: Random) -> Style:
    """Some program's habits."""
    if rng.random() < 0.2:
        return Style(dialect="xml", encoding=rng.choice(XML_ENCODINGS), newline="\n", trailer=rng.choice(("", "\n")))
    decimal = rng.choice(",.")
    return Style(
        encoding=rng.choice(ENCODINGS),
        newline=rng.choice(("\r\n", "\r\n", "\n", "\r")),
        trailer=rng.choice(("\n", "\n", "", "\n\x1a", "\x1a", "\n\x00\x00\x00", "  \n\n\n")),
        decimal=decimal,
        thousands=rng.choice(("", "." if decimal == "," else ",")),
        date=rng.choice(("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y-%m-%d", "%Y%m%d")),
        lower=rng.random() < 0.3,
        chatty=rng.random() < 0.3,
        generic=rng.random() < 0.3,
    )


def plain_ascii(encoding: str) -> bool:
    """Whether only unaccented texts can be written."""
    return encoding in ("ascii", "us-ascii")


def answer_encoding(content: bytes, encoding: str) -> str:
    """What the answer to this request must be written in."""
    if encoding.startswith("utf-16"):
        return "utf-8"
    return "ascii" if content.isascii() else encoding.removesuffix("-sig")


def extension(style: Style) -> str:
    """Of the dropped file."""
    return "xml" if style.dialect == "xml" else "txt"


def write(sale: Sale, style: Style, target: Number | None = None) -> bytes:
    """The file. A note whose `target` is not given names its sale by REFERENCIA (``VENTA=``)."""
    if style.dialect == "xml":
        return _xml(sale, style, target)
    return encode(draft(sale, style, target), style)


def draft(sale: Sale, style: Style, target: Number | None = None) -> Draft:
    """The sections of its TXT."""
    sections: Draft = [("DOCUMENTO", _documento(sale, style))]
    if sale.receptor:
        sections.append(("RECEPTOR", _receptor(sale.receptor, style)))
    elif style.chatty:
        sections.append(("RECEPTOR", [("TIPO_DOC", "CI"), ("DOCUMENTO", "00000000"), ("NOMBRE", ""), ("PAIS", " ")]))
    sections += [("ITEM", _item(line, style)) for line in sale.lines]
    if sale.descuento:
        sections.append(("DESCUENTO", _descuento(*sale.descuento, style)))
    elif style.chatty:
        sections.append(("DESCUENTO", [("DETALLE", ""), ("VALOR", amount(Decimal("0.00"), style))]))
    if sale.refers:
        sections.append(("REFERENCIA", _target(sale, target)))
    if sale.a_pagar is not None:
        sections.append(("TOTALES", [("A_PAGAR", amount(sale.a_pagar, style))]))
    if sale.extra:
        sections.append(("EXTRA", list(sale.extra)))
    if sale.adenda:
        sections.append(("ADENDA", [("", line) for line in sale.adenda.split("\n")]))
    return sections


def encode(sections: Draft, style: Style) -> bytes:
    """The TXT's bytes."""
    lines = ["; hecho por un programa de 1994", ""] if style.chatty else []
    for section, fields in sections:
        lines.append(f"[{section.lower() if style.lower else section}]")
        lines += [_field(name, value, style) for name, value in fields]
    text = "\n".join([*lines, "[FIN]"]) + style.trailer
    return text.replace("\n", style.newline).encode(style.encoding)


def amount(value: Decimal, style: Style) -> str:
    """An amount with two decimals as this program writes it."""
    text = f"{value:,.2f}"
    return text.replace(",", "t").replace(".", style.decimal).replace("t", style.thousands)


def quantity(value: Decimal, style: Style) -> str:
    """A quantity; three decimals only behind a zero, where they are not ambiguous."""
    text = format(value.normalize(), "f")
    return text.replace(".", style.decimal)


def fin_offset(content: bytes, encoding: str) -> int:
    """Where the end mark begins: a slow writer's last piece starts here, so that the file is whole only at its end."""
    marks = [
        mark.encode(encoding.replace("utf-16", "utf-16-le").removesuffix("-sig")) for mark in ("[FIN]", "[fin]", "</")
    ]
    return max(content.rfind(mark) for mark in marks)


def _field(name: str, value: str, style: Style) -> str:
    if not name:
        return value
    if not style.lower:
        return f"{name}={value}"
    shown = name.lower() if plain_ascii(style.encoding) else ACCENTED.get(name, name.lower())
    return f" {shown} = {value} "


def _documento(sale: Sale, style: Style) -> Fields:
    fields = [
        ("TIPO", _tipo(sale, style)),
        ("REFERENCIA", sale.referencia),
        ("FECHA", sale.fecha.strftime(style.date)),
        ("MONEDA", sale.moneda),
        ("FORMA_PAGO", "CONTADO" if sale.contado else "CREDITO"),
        ("PRECIOS", "CON_IVA" if sale.con_iva else "SIN_IVA"),
    ]
    if sale.cotizacion is not None:
        fields.append(("COTIZACION", amount(sale.cotizacion, style)))
    elif style.chatty:
        fields += [("COTIZACION", amount(Decimal("0.00"), style)), ("VENCIMIENTO", "  /  /  "), ("INFORMACION", "")]
    return fields


def _tipo(sale: Sale, style: Style) -> str:
    if not style.generic:
        return str(sale.tipo)
    return {1: "VENTA", 2: "NOTA_CREDITO", 3: "NOTA_DEBITO"}[sale.tipo % 10]


def _receptor(receptor: Receptor, style: Style) -> Fields:
    documento = receptor.documento
    if style.chatty and receptor.tipo_doc == "CI":
        documento = f"{documento[0]}.{documento[1:4]}.{documento[4:7]}-{documento[7]}"
    fields = [
        ("TIPO_DOC", receptor.tipo_doc),
        ("DOCUMENTO", documento),
        ("NOMBRE", receptor.nombre),
        ("DIRECCION", receptor.direccion),
        ("CIUDAD", receptor.ciudad),
        ("PAIS", receptor.pais),
    ]
    return [(name, value) for name, value in fields if value]


def _item(line: Line, style: Style) -> Fields:
    fields = [
        ("DETALLE", line.detalle),
        ("CANTIDAD", quantity(line.cantidad, style)),
        ("PRECIO", amount(line.precio, style)),
        ("IVA", line.iva),
    ]
    optional = [("CODIGO", line.codigo), ("UNIDAD", line.unidad)]
    if line.descuento or style.chatty:
        optional.append(("DESCUENTO", amount(line.descuento, style)))
    if line.descuento_porc:
        optional.append(("DESCUENTO_PORC", quantity(line.descuento_porc, style)))
    return fields + [(name, value) for name, value in optional if value]


def _descuento(rate: str, value: Decimal, style: Style) -> Fields:
    return [("DETALLE", "Descuento por cliente"), ("VALOR", amount(value, style)), ("IVA", rate)]


def _target(sale: Sale, target: Number | None) -> Fields:
    reason = ("RAZON", "Devuelve mercaderia")
    if target is None:
        return [("VENTA", sale.refers), reason]
    tipo, serie, numero = target
    return [("TIPO", str(tipo)), ("SERIE", serie), ("NUMERO", str(numero)), reason]


def _xml(sale: Sale, style: Style, target: Number | None) -> bytes:
    root = "eFact" if sale.tipo > 110 else "eTck"
    parts = [_xml_iddoc(sale), _xml_receptor(sale.receptor), _xml_totales(sale)]
    body = _tag("Encabezado", "".join(parts)) + _tag("Detalle", "".join(_xml_items(sale.lines)))
    if sale.descuento:
        rate, value = sale.descuento
        body += _tag("DscRcgGlobal", _tag("DRG_Item", _xml_descuento(rate, value)))
    if target:
        fields = zip(("TpoDocRef", "Serie", "NroCFERef"), target, strict=True)
        inner = _tag("NroLinRef", "1") + "".join(_tag(name, str(value)) for name, value in fields)
        body += _tag("Referencia", _tag("Referencia", inner + _tag("RazonRef", "Devuelve mercaderia")))
    cfe = f'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0">{_tag(root, body)}</CFE>'
    if sale.adenda:
        adenda = _tag("Adenda", escape(sale.adenda))
        cfe = f'<CFE_Adenda xmlns="http://cfe.dgi.gub.uy" version="1.0">{cfe}{adenda}</CFE_Adenda>'
    text = f'<?xml version="1.0" encoding="{style.encoding}"?>\n{cfe}{style.trailer}'
    return text.encode(style.encoding)


def _xml_iddoc(sale: Sale) -> str:
    fields = [
        ("TipoCFE", str(sale.tipo)),
        ("NroInterno", sale.referencia),
        ("FchEmis", sale.fecha.isoformat()),
        ("MntBruto", "1" if sale.con_iva else ""),
        ("FmaPago", "1" if sale.contado else "2"),
    ]
    return _tag("IdDoc", _tags(fields))


def _xml_receptor(receptor: Receptor | None) -> str:
    if receptor is None:
        return ""
    code = {"RUT": "2", "CI": "3", "PASAPORTE": "5"}[receptor.tipo_doc]
    number = "DocRecepExt" if code == "5" else "DocRecep"
    fields = [
        ("TipoDocRecep", code),
        ("CodPaisRecep", receptor.pais or "UY"),
        (number, receptor.documento),
        ("RznSocRecep", receptor.nombre),
        ("DirRecep", receptor.direccion),
        ("CiudadRecep", receptor.ciudad),
    ]
    return _tag("Receptor", _tags(fields))


def _xml_totales(sale: Sale) -> str:
    fields = [("TpoMoneda", sale.moneda), ("TpoCambio", str(sale.cotizacion or ""))]
    if sale.a_pagar is not None:
        fields.append(("MntPagar", f"{sale.a_pagar:.2f}"))
    return _tag("Totales", _tags(fields))


def _xml_items(lines: Sequence[Line]) -> list[str]:
    items = []
    for number, line in enumerate(lines, 1):
        discount = cents_text(line.cantidad * line.precio - line.importe) if line.importe else ""
        fields = [
            ("NroLinDet", str(number)),
            ("IndFact", str(IND_FACT[line.iva])),
            ("NomItem", line.detalle[:80]),
            ("DscItem", line.detalle[80:]),
            ("Cantidad", str(line.cantidad)),
            ("UniMed", line.unidad or "N/A"),
            ("PrecioUnitario", str(line.precio)),
            ("DescuentoMonto", discount if line.descuento or line.descuento_porc else ""),
            ("MontoItem", str(line.importe)),
        ]
        items.append(_tag("Item", _tags(fields)))
    return items


def cents_text(value: Decimal) -> str:
    """An amount with two decimals and a point."""
    return f"{value:.2f}"


def _xml_descuento(rate: str, value: Decimal) -> str:
    fields = [
        ("NroLinDR", "1"),
        ("TpoMovDR", "D"),
        ("TpoDR", "1"),
        ("GlosaDR", "Descuento por cliente"),
        ("ValorDR", str(value)),
        ("IndFactDR", str(IND_FACT[rate])),
    ]
    return _tags(fields)


def _tags(fields: Sequence[tuple[str, str]]) -> str:
    return "".join(_tag(name, escape(value)) for name, value in fields if value)


def _tag(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"
