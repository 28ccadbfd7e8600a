"""A CFE with one thing changed, as a caller might send it, and what DGI's schema says of it."""

from collections.abc import Callable, Iterator
from copy import deepcopy

from lxml import etree
from ventas import NS

from sincronizador.countries.uy.tipos import TipoCfe

TEXTOS = (
    "", " ", "0", "-1", "1", "2", "3", "5", "7", "9", "00", "01", "1.", ".5", "+1", "0.001", "1.005", "1E3", "NaN",
    "INF", "0x1", "  7  ", "99999999999999999999", "999999999999999.999", "9999.9999", "100.0001", "A", "AA", "AAA",
    "A1", "Ñ", "a\nb", "x" * 31, "x" * 71, "x" * 151, "x" * 1001, "2026-11-21", "2026-02-30", "2026-11-21Z",
    "2026-11-21-03:00", "20261121", "21/11/2026", "1999-12-31", "2051-01-01", "UYU", "USD", "XXX", "UY", "ZZ", "SI",
    "true", "101", "182", "281", "R", "12345672", "215555550010", "& <!> ]]>",
)  # fmt: skip
"""What may stand where something else should."""
_SIGNATURE = etree.fromstring(
    '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>'
    '<CanonicalizationMethod Algorithm="a"/><SignatureMethod Algorithm="a"/><Reference URI="">'
    '<DigestMethod Algorithm="a"/><DigestValue>AA==</DigestValue></Reference></SignedInfo>'
    "<SignatureValue>AA==</SignatureValue></Signature>"
)
_NUESTROS = ("TmstFirma", "Serie", "Nro", "CAEData")
Cambio = Callable[[etree._Element, str], object]


def _drop(element: etree._Element, _: str) -> None:
    element.getparent().remove(element)


def _double(element: etree._Element, _: str) -> None:
    element.addnext(deepcopy(element))


def _swap(element: etree._Element, _: str) -> None:
    after = element.getnext()
    if after is not None:
        element.addprevious(after)


def _last(element: etree._Element, _: str) -> None:
    element.getparent().append(element)


def _write(element: etree._Element, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def _beside(element: etree._Element, text: str) -> None:
    etree.SubElement(element, NS + "Extra").text = text


def _foreign(element: etree._Element, text: str) -> None:
    etree.SubElement(element, "{urn:otro}Extra").text = text


def _attribute(element: etree._Element, text: str) -> None:
    element.set("a", text.replace("\n", " "))


def _rename(element: etree._Element, _: str) -> None:
    element.tag = f"{element.tag}X"


def _other_space(element: etree._Element, _: str) -> None:
    element.tag = "{urn:otro}" + etree.QName(element).localname


CAMBIOS: dict[str, Cambio] = {
    "texto": _write,
    "sin": _drop,
    "doble": _double,
    "trueque": _swap,
    "al final": _last,
    "hijo": _beside,
    "hijo ajeno": _foreign,
    "atributo": _attribute,
    "otro nombre": _rename,
    "otro espacio": _other_space,
}
"""Name -> what it does to an element."""


def mudables(root: etree._Element, tipo: TipoCfe) -> list[etree._Element]:
    """The elements of a document that a caller writes: all but those that this installation adds."""
    ours = _NUESTROS[: 1 if tipo.is_papel else None]
    body = root[0]
    added = [body.find(NS + name) for name in ours] + [
        body.find(f"{NS}Encabezado/{NS}IdDoc/{NS}{name}") for name in ours
    ]
    outside = {element for top in added if top is not None for element in top.iter()}
    return [element for element in body.iter() if element not in outside and element is not body]


def enviado(root: etree._Element, tipo: TipoCfe) -> bytes:
    """What the caller sends: without what this installation adds."""
    sent = deepcopy(root)
    for name in _NUESTROS[: 1 if tipo.is_papel else None]:
        for parent in (sent[0], sent[0].find(f"{NS}Encabezado/{NS}IdDoc")):
            for element in parent.findall(NS + name) if parent is not None else ():
                parent.remove(element)
    return etree.tostring(sent)


def es_valido(root: etree._Element, xsd: etree.XMLSchema) -> bool:
    """Whether the schema takes the whole document, once it is signed."""
    whole = deepcopy(root)
    whole.append(deepcopy(_SIGNATURE))
    return xsd.validate(whole)


def hojas(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Path and text of what has no children and says something."""
    for leaf in root.iter(etree.Element):
        if not len(leaf) and (leaf.text or "").strip():
            path = [etree.QName(part).localname for part in (leaf, *leaf.iterancestors())]
            yield "/".join(reversed(path)), (leaf.text or "").strip()
