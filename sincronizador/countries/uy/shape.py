"""How a CFE is built: which elements hold others, which may come more than once, which say nothing without a part."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

NS = "{http://cfe.dgi.gub.uy}"

_CONTAINERS = frozenset({
    "Encabezado", "IdDoc", "Emisor", "Receptor", "Totales", "Detalle", "Item", "CodItem", "SubDescuento", "SubRecargo",
    "RetencPercep", "SubTotInfo", "STI_Item", "DscRcgGlobal", "DRG_Item", "MediosPago", "MedioPago", "Referencia",
    "CAEData", "Compl_Fiscal", "Compl_Fiscal_Data",
})  # fmt: skip
_MOST = {
    "Telefono": 2,
    **dict.fromkeys(("Item", "CodItem", "SubDescuento", "SubRecargo", "RetencPercep"), 700),
    **dict.fromkeys(("STI_Item", "DRG_Item", "MedioPago"), 700),
}
"""How often an element may come; the others once. The checks of the law know the limits below 700."""
_NEEDS = {
    "CodItem": "Cod",
    "SubDescuento": "DescVal",
    "SubRecargo": "RecargoVal",
    "DRG_Item": "ValorDR",
    "STI_Item": "ValSubtotSTI",
}
"""Element -> the part without which nothing would be left of it."""


def misshapen(body: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """
    The elements below a CFE's root that are not built as DGI's are, each with what is wrong, in Spanish.

    Of foreign elements only the first is looked at; what is missing and can be filled in is not wrong. Schema 1.44.2.
    """
    for element in _own(body):
        name = element.tag.removeprefix(NS)
        if element.attrib:
            yield element, "no lleva atributos"
        if name in _CONTAINERS or element is body:
            if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
                yield element, "lleva solo elementos, y ningún texto fuera de ellos"
            yield from _repeated(element)
            if name in _NEEDS and not (element.findtext(NS + _NEEDS[name]) or "").strip():
                yield element, f"falta {_NEEDS[name]}"
        elif len(element):
            yield element, "lleva solo un texto"


def _own(element: etree._Element) -> Iterator[etree._Element]:
    """The element and those of DGI's below it, but for what is in somebody else's."""
    yield element
    for child in element:
        if child.tag.startswith(NS):
            yield from _own(child)


def _repeated(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    seen: Counter[str] = Counter()
    inner = {"Referencia": 700} if element.tag == NS + "Referencia" else {}
    for child in element:
        name = child.tag.removeprefix(NS)
        seen[name] += 1
        if seen[name] > {**_MOST, **inner}.get(name, 1):
            yield child, "está demasiadas veces"
