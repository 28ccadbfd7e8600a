"""A CFE as DGI reads it: what its checks and the daily report's arithmetic need, straight out of the signed bytes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

CFE = "{http://cfe.dgi.gub.uy}"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
E_TICKETS = frozenset({101, 102, 103, 131, 132, 133})
"""What only travels alone above a threshold: the others always do."""

_KEY = "{http://www.w3.org/2000/09/xmldsig#}"
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referencia:
    """A document that another one refers to."""

    tipo: int
    serie: str
    numero: int
    fecha: str
    monto: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Constancia:
    """CAEData."""

    id: str
    desde: int
    hasta: int
    vence: str
    especial: str
    causal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Documento:
    """One CFE or CFC."""

    rut: str
    tipo: int
    serie: str
    numero: int
    fecha: str
    """FchEmis, ISO."""
    firmado: datetime
    """TmstFirma, aware."""
    firmado_texto: str
    sucursal: str
    de_terceros: bool
    moneda: str
    cambio: Decimal | None
    receptor: str
    tipo_receptor: str
    totales: Mapping[str, Decimal]
    constancia: Constancia
    referencias: Sequence[Referencia]
    complemento: str
    """RUCEmisor of a Complemento Fiscal that is not encrypted."""
    certificado: str
    """X509SerialNumber that the signature names, decimal, or empty."""
    root: etree._Element = field(repr=False)

    @property
    def is_papel(self) -> bool:
        """Whether it transcribes a paper of contingency."""
        return self.tipo > 200

    @property
    def is_e_ticket(self) -> bool:
        """Whether small ones of its type are told by the daily report alone."""
        return (self.tipo - 100 if self.is_papel else self.tipo) in E_TICKETS

    @property
    def is_note(self) -> bool:
        """Whether it corrects others."""
        return self.tipo % 100 // 10 <= 5 and self.tipo % 10 in (2, 3)


def parse_xml(content: bytes) -> etree._Element:
    """A document without DTD; comments are as if absent. Raises ValueError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as exc:
        raise ValueError(f"no es un XML bien formado: {exc}") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("trae una declaración DOCTYPE")
    return root


def read_documento(alone: bytes) -> Documento:
    """What a CFE, cut out of its sobre, says. Raises ValueError for what cannot be read as one."""
    root = parse_xml(alone)
    if root.tag != CFE + "CFE" or not len(root):
        raise ValueError("no es un CFE")
    try:
        return _documento(root, root[0])
    except KeyError as exc:
        raise ValueError(f"falta {exc.args[0]}") from exc


def _documento(root: etree._Element, body: etree._Element) -> Documento:
    id_doc = _zone(body, "Encabezado", "IdDoc")
    emisor = _zone(body, "Encabezado", "Emisor")
    receptor = _zone(body, "Encabezado", "Receptor")
    totales = _zone(body, "Encabezado", "Totales")
    firmado = _zone(body)["TmstFirma"]
    amounts = {name: number(text) for name, text in totales.items() if name not in ("TpoMoneda", "TpoCambio")}
    return Documento(
        rut=emisor["RUCEmisor"],
        tipo=whole(id_doc["TipoCFE"]),
        serie=id_doc["Serie"],
        numero=whole(id_doc["Nro"]),
        fecha=date.fromisoformat(id_doc["FchEmis"]).isoformat(),
        firmado=moment(firmado),
        firmado_texto=firmado,
        sucursal=emisor["CdgDGISucur"],
        de_terceros=id_doc.get("IndPagCta3ros") == "1",
        moneda=totales.get("TpoMoneda", "UYU"),
        cambio=number(totales["TpoCambio"]) if "TpoCambio" in totales else None,
        receptor=receptor.get("DocRecep", ""),
        tipo_receptor=receptor.get("TipoDocRecep", ""),
        totales=amounts,
        constancia=_constancia(_zone(body, "CAEData")),
        referencias=[_referencia(one) for one in _zones(body, "Referencia", "Referencia") if "TpoDocRef" in one],
        complemento=_zone(body, "Compl_Fiscal", "Compl_Fiscal_Data").get("RUCEmisor", ""),
        certificado="".join(root.findtext(f"{SIGNATURE}//{_KEY}X509SerialNumber", "").split()),
        root=root,
    )


def _constancia(zone: Mapping[str, str]) -> Constancia:
    return Constancia(
        id=zone["CAE_ID"],
        desde=whole(zone["DNro"]),
        hasta=whole(zone["HNro"]),
        vence=date.fromisoformat(zone["FecVenc"]).isoformat(),
        especial=zone.get("CAEEspecial", ""),
        causal=zone.get("CausalCAEEsp", ""),
    )


def _referencia(zone: Mapping[str, str]) -> Referencia:
    return Referencia(
        tipo=whole(zone["TpoDocRef"]),
        serie=zone.get("Serie", ""),
        numero=whole(zone.get("NroCFERef", "0")),
        fecha=zone.get("FechaCFEref", ""),
        monto=str(number(zone["MntCFEref"])) if "MntCFEref" in zone else "",
    )


def moment(text: str) -> datetime:
    """A dateTime with its zone. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} no dice su huso horario")
    return found


def number(text: str) -> Decimal:
    """An amount. Raises ValueError."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"«{text[:40]}» no es un número")
    return Decimal(text)


def whole(text: str) -> int:
    """A count or a number of a document. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise ValueError(f"«{text[:40]}» no es un número entero")
    return int(text)


def texts(parent: etree._Element) -> dict[str, str]:
    """Name -> text of the children that have none of their own."""
    return {etree.QName(child).localname: (child.text or "").strip() for child in parent if not len(child)}


def _zone(body: etree._Element, *path: str) -> Mapping[str, str]:
    found = body.find("/".join(CFE + name for name in path)) if path else body
    return texts(found) if found is not None else {}


def _zones(body: etree._Element, *path: str) -> list[dict[str, str]]:
    return [texts(found) for found in body.iterfind("/".join(CFE + name for name in path))]
