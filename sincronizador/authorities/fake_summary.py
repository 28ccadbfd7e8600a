"""A daily report as DGI reads it, and whether it agrees with itself. Formato Reporte v13.2."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from lxml import etree

from sincronizador.authorities.fake_reading import CFE, moment, number, texts, whole

Key = tuple[str, int, str]
"""What amounts are told apart by: Fecha, CodSuc, IndPagCta3ros."""
Range = tuple[str, int, int]
"""Serie, first and last number."""

AMOUNTS: Mapping[str, str] = {
    "TotMntNoGrv": "MntNoGrv",
    "TotMntExpyAsim": "MntExpoyAsim",
    "TotMntImpPerc": "MntImpuestoPerc",
    "TotMntIVAenSusp": "MntIVaenSusp",
    "TotMntIVATasaMin": "MntNetoIvaTasaMin",
    "TotMntIVATasaBas": "MntNetoIVATasaBasica",
    "TotMntIVAOtra": "MntNetoIVAOtra",
    "MntIVATasaMin": "MntIVATasaMin",
    "MntIVATasaBas": "MntIVATasaBasica",
    "MntIVAOtra": "MntIVAOtra",
    "TotMntTotal": "MntTotal",
    "TotMntRetenido": "MntTotRetenido",
    "TotMntCredFisc": "MntTotCredFisc",
}
"""Amount of a report -> the total of a CFE that it sums."""

_APART = ("TotMntTotal", "TotMntRetenido", "TotMntCredFisc")
"""Not addends of the total."""
_RATES = (("TotMntIVATasaMin", "MntIVATasaMin", 10), ("TotMntIVATasaBas", "MntIVATasaBas", 22))
_SLACK = Decimal("0.50")
"""Pesos a document: what rounds to a cent in another currency is some tens of cents at its rate."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumen:
    """One type's block."""

    tipo: int
    groups: Mapping[Key, Mapping[str, Decimal]]
    repeated: Sequence[Key]
    """Keys that more than one row has."""
    utilizados: int
    mayores: int | None
    """CantDocsMay_topeUI."""
    anulados: int
    emitidos: int
    papeles: int
    """CantCFCEmi."""
    usados: Sequence[Range]
    anulaciones: Sequence[Range]

    @property
    def is_papel(self) -> bool:
        """Whether it is of papers of contingency, which have neither ranges nor annulled ones."""
        return self.tipo > 200

    @property
    def documents(self) -> int:
        """Those whose amounts it sums."""
        return self.papeles if self.is_papel else self.emitidos


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporte:
    """The whole of a day."""

    rut: str
    dia: str
    secuencia: int
    id_emisor: str
    firmado: datetime
    comprobantes: int
    resumenes: Sequence[Resumen]
    certificado: str
    """X509Certificate that its signature carries, Base64, or empty."""


def read_reporte(root: etree._Element) -> Reporte:
    """What it says. Raises ValueError for what is missing or badly written."""
    caratula = root.find(CFE + "Caratula")
    if caratula is None:
        raise ValueError("no tiene Caratula")
    said = texts(caratula)
    try:
        return Reporte(
            rut=said["RUCEmisor"],
            dia=date.fromisoformat(said["FechaResumen"]).isoformat(),
            secuencia=whole(said["SecEnvio"]),
            id_emisor=said.get("IDEmisor", ""),
            firmado=moment(said["TmstFirmaEnv"]),
            comprobantes=whole(said["CantComprobantes"]),
            resumenes=[_resumen(block) for block in root if block.find(CFE + "RsmnData") is not None],
            certificado="".join(root.findtext(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate", "").split()),
        )
    except KeyError as exc:
        raise ValueError(f"falta {exc.args[0]}") from exc


def _resumen(block: etree._Element) -> Resumen:
    data = block.find(CFE + "RsmnData")
    counts = texts(data) if data is not None else {}
    groups: dict[Key, Mapping[str, Decimal]] = {}
    repeated = []
    for row in block.iterfind(f"{CFE}RsmnData/{CFE}Montos/*"):
        said = texts(row)
        key = (said["Fecha"], whole(said["CodSuc"]), said.get("IndPagCta3ros", ""))
        if key in groups:
            repeated.append(key)
        groups[key] = {name: number(said[name]) for name in AMOUNTS if name in said}
    return Resumen(
        tipo=whole(block.findtext(CFE + "TipoComp", "")),
        groups=groups,
        repeated=repeated,
        utilizados=whole(counts.get("CantDocsUtil", "0")),
        mayores=whole(counts["CantDocsMay_topeUI"]) if "CantDocsMay_topeUI" in counts else None,
        anulados=whole(counts.get("CantDocsAnulados", "0")),
        emitidos=whole(counts.get("CantDocsEmi", "0")),
        papeles=whole(counts.get("CantCFCEmi", "0")),
        usados=_ranges(block, "RngDocsUtil", "RDU_Item"),
        anulaciones=_ranges(block, "RngDocsAnulados", "RDA_Item"),
    )


def _ranges(block: etree._Element, group: str, item: str) -> list[Range]:
    rows = map(texts, block.iterfind(f"{CFE}RsmnData/{CFE}{group}/{CFE}{item}"))
    return [(row["Serie"], whole(row["NroDesde"]), whole(row["NroHasta"])) for row in rows]


def problems(reporte: Reporte) -> Iterator[str]:
    """Where it does not agree with itself, a Spanish sentence each."""
    told = sum(one.papeles if one.is_papel else one.utilizados for one in reporte.resumenes)
    if reporte.comprobantes != told:
        yield f"CantComprobantes dice {reporte.comprobantes} y los resúmenes suman {told}"
    types = [one.tipo for one in reporte.resumenes]
    if len(set(types)) != len(types):
        yield "un tipo de comprobante está en más de un resumen"
    for resumen in reporte.resumenes:
        yield from (f"tipo {resumen.tipo}: {sentence}" for sentence in _inner(resumen))


def _inner(resumen: Resumen) -> Iterator[str]:
    if not resumen.is_papel:
        yield from _counted(resumen)
    if resumen.repeated:
        yield f"los montos de {resumen.repeated[0]} están más de una vez"
    if resumen.groups and not resumen.documents:
        yield "hay montos y no hay comprobantes emitidos"
    if resumen.documents and not resumen.groups:
        yield "hay comprobantes emitidos y no hay montos"
    if resumen.mayores is not None and resumen.mayores > resumen.documents:
        yield f"CantDocsMay_topeUI dice {resumen.mayores} y hay {resumen.documents} emitidos"
    for key, amounts in resumen.groups.items():
        yield from (f"{sentence} ({key[0]}, sucursal {key[1]})" for sentence in _added(amounts, resumen.documents))


def _counted(resumen: Resumen) -> Iterator[str]:
    if resumen.emitidos != resumen.utilizados - resumen.anulados:
        yield (
            f"CantDocsEmi dice {resumen.emitidos} y CantDocsUtil menos CantDocsAnulados es "
            f"{resumen.utilizados - resumen.anulados}"
        )
    for name, count, ranges in (
        ("CantDocsUtil", resumen.utilizados, resumen.usados),
        ("CantDocsAnulados", resumen.anulados, resumen.anulaciones),
    ):
        told = sum(last - first + 1 for _, first, last in ranges)
        if any(first > last for _, first, last in ranges):
            yield f"un rango de {name} termina antes de empezar"
        elif told != count:
            yield f"{name} dice {count} y sus rangos suman {told}"
        ordered = sorted(ranges)
        if any(one[0] == next_[0] and next_[1] <= one[2] for one, next_ in pairwise(ordered)):
            yield f"los rangos de {name} se superponen"
    for serie, first, last in resumen.anulaciones:
        if not is_covered(serie, first, last, resumen.usados):
            yield f"los anulados {serie} {first} a {last} no están entre los utilizados"


def is_covered(serie: str, first: int, last: int, ranges: Sequence[Range]) -> bool:
    """Whether every number from first to last is in the ranges; those that touch count as one."""
    place = first
    for other, begin, end in sorted(ranges):
        if other == serie and begin <= place <= end:
            place = end + 1
    return place > last


def _added(amounts: Mapping[str, Decimal], documents: int) -> Iterator[str]:
    """The total is the sum of its parts and the taxes follow from the nets, give or take what a document rounds."""
    slack = _SLACK * max(documents, 1)
    parts = sum((value for name, value in amounts.items() if name not in _APART), _ZERO)
    total = amounts.get("TotMntTotal", parts)
    if abs(total - parts) > slack:
        yield f"TotMntTotal dice {total} y sus partes suman {parts}"
    for net, tax, rate in _RATES:
        expected = amounts.get(net, _ZERO) * rate / 100
        if abs(amounts.get(tax, _ZERO) - expected) > slack:
            yield f"{tax} dice {amounts.get(tax, _ZERO)} y de {net} resulta {expected:.2f}"
