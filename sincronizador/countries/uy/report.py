"""The daily report of an issuer, and until when it is sent. Formato Reporte v13.2, ReporteDiarioCFE.xsd."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sincronizador.countries.uy.elements import NAMESPACE, element, elements, group, moment, money, zone
from sincronizador.countries.uy.fields import NETOS
from sincronizador.countries.uy.rangos import Rangos
from sincronizador.countries.uy.resumen import CON_TOPE, DelTipo, Lugar, Resumen
from sincronizador.countries.uy.tipos import ZONE, Familia, TipoCfe
from sincronizador.countries.uy.values import round_half_up

MAX_SECUENCIA = 99
HOURS = 18
"""Of the next working day, within which the report of a day is sent."""

_ZERO = Decimal(0)
_SATURDAY = 5
_DOMESTIC = tuple(zip(
    ("TotMntNoGrv", "TotMntExpyAsim", "TotMntImpPerc", "TotMntIVAenSusp", "TotMntIVATasaMin", "TotMntIVATasaBas",
     "TotMntIVAOtra"),
    (name for _, name, *_ in NETOS),
    strict=True,
))  # fmt: skip
"""Element of a row -> element of Totales: the nets."""
_IVA = (("MntIVATasaMin",) * 2, ("MntIVATasaBas", "MntIVATasaBasica"), ("MntIVAOtra",) * 2)
_TASAS = (("IVATasaMin", "10.000"), ("IVATasaBas", "22.000"))
_EXPORT = (("TotMntExpyAsim", "MntExpoyAsim"),)
_RETENIDO, _CREDITO = ("TotMntRetenido", "MntTotRetenido"), ("TotMntCredFisc", "MntTotCredFisc")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fila:
    """What a row of amounts of a family tells, in the order of the schema."""

    name: str
    """``FyT``: its element is ``Mnts_FyT_Item``."""
    adds: tuple[tuple[str, str], ...] = ()
    """Element of the row, element of Totales: what its total is the sum of. Without any there is no total."""
    tasas: tuple[tuple[str, str], ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    """What is told after the total."""


_FYT = _Fila(name="FyT", adds=(*_DOMESTIC, *_IVA), tasas=_TASAS, beside=(_RETENIDO, _CREDITO))
_FILAS: Mapping[Familia, _Fila] = {
    Familia.E_TCK: _FYT,
    Familia.E_FACT: _FYT,
    Familia.E_FACT_EXP: _Fila(name="FExp", adds=_EXPORT),
    Familia.E_REM: _Fila(name="Rem"),
    Familia.E_REM_EXP: _Fila(name="Rem_Exp", adds=_EXPORT),
    Familia.E_RESG: _Fila(name="Res", beside=(_RETENIDO, _CREDITO)),
    Familia.E_BOLETA: _Fila(name="Bol", adds=(_DOMESTIC[0], _DOMESTIC[3]), beside=(_RETENIDO,)),
}
_NOTES = ("", "_Nota_Credito", "_Nota_Debito")
_BLOCKS = {
    first + n: f"Rsmn_{name.format(nota)}"
    for first, name in (
        (101, "Tck{}"), (201, "Tck_Cont{}"), (131, "Tck{}_CtaAj"), (231, "Tck_CtaAj_Cont{}"),
        (111, "Fac{}"), (211, "Fac_Cont{}"), (141, "Fac{}_CtaAj"), (241, "Fac_CtaAj_Cont{}"),
        (121, "Fac_Exp{}"), (221, "Fac_Exp_Cont{}"), (181, "Rem"), (281, "Rem_Cont"), (124, "Rem_Exp"),
        (224, "Rem_Exp_Cont"), (182, "Resg"), (282, "Resg_Cont"), (151, "Bol{}"), (251, "Bol_Cont{}"),
    )
    for n, nota in enumerate(_NOTES if "{}" in name else ("",))
}  # fmt: skip
"""Type -> name of its block, in the order of the schema."""


def compose_report(resumen: Resumen, *, secuencia: int, id_emisor: int | None = None) -> bytes:
    """
    The ``Reporte`` of a day, canonical, to be signed with the certificate inside. A day without documents has no block.

    `secuencia`: 1, and one more each time that the day is told anew. Raises ValueError when the day has findings.
    """
    if resumen.findings or not 1 <= secuencia <= MAX_SECUENCIA:
        raise ValueError(f"sequence {secuencia}, {len(resumen.findings)} findings")
    caratula = elements(
        (
            ("RUCEmisor", resumen.emisor),
            ("FechaResumen", resumen.day.isoformat()),
            ("IDEmisor", "" if id_emisor is None else str(id_emisor)),
            ("SecEnvio", str(secuencia)),
            ("TmstFirmaEnv", moment(resumen.firmado)),
            ("CantComprobantes", str(resumen.comprobantes)),
        )
    )
    inside = f'<Caratula version="1.0">{caratula}</Caratula>{"".join(_blocks(resumen))}'
    return f'<Reporte xmlns="{NAMESPACE}">{inside}</Reporte>'.encode()


def report_name(rut: str, day: date, secuencia: int) -> str:
    """``Rep_217777770013_20261121_01.xml``."""
    return f"Rep_{rut}_{day:%Y%m%d}_{secuencia:02}.xml"


def deadline(day: date, holidays: Collection[date] = ()) -> datetime:
    """
    Until when the report of a day is to be sent: 18 h of the next working day, from Monday to Friday.

    `holidays`: days between Monday and Friday that are not worked.
    """
    working = day + timedelta(days=1)
    while working.weekday() >= _SATURDAY or working in holidays:
        working += timedelta(days=1)
    return datetime.combine(working, time(HOURS), ZONE)


def _blocks(resumen: Resumen) -> Iterator[str]:
    """The summary of each type, in the order of the schema."""
    for code, name in _BLOCKS.items():
        found = resumen.tipos.get(TipoCfe(code))
        if found is not None:
            filas = "".join(_row(TipoCfe(code), lugar, found.filas[lugar]) for lugar in sorted(found.filas))
            data = zone("Montos", (filas,)) + "".join(_counts(TipoCfe(code), found))
            yield f"<{name}>{element('TipoComp', str(code))}<RsmnData>{data}</RsmnData></{name}>"


def _counts(tipo: TipoCfe, found: DelTipo) -> Iterator[str]:
    tope = element("CantDocsMay_topeUI", str(found.sobre_tope)) if tipo in CON_TOPE else ""
    if tipo.is_papel:
        yield tope + element("CantCFCEmi", str(len(found.emitidos)))
        return
    yield element("CantDocsUtil", str(len(found.utilizados)))
    yield tope
    yield element("CantDocsAnulados", str(len(found.anulados)))
    yield element("CantDocsEmi", str(len(found.emitidos)))
    yield _ranges("RngDocsUtil", "RDU_Item", found.utilizados)
    yield _ranges("RngDocsAnulados", "RDA_Item", found.anulados)


def _ranges(name: str, item: str, rangos: Rangos) -> str:
    items = (
        group(item, ("Serie", serie), ("NroDesde", str(first)), ("NroHasta", str(last)))
        for serie, first, last in rangos
    )
    return zone(name, items)


def _row(tipo: TipoCfe, lugar: Lugar, sums: Mapping[str, Decimal]) -> str:
    fecha, sucursal, for_others = lugar
    fila = _FILAS[tipo.familia]

    def told(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, Decimal]]:
        return [(name, round_half_up(sums.get(source, _ZERO))) for name, source in pairs]

    adds = told(fila.adds)
    total = sum((amount for _, amount in adds), _ZERO)
    pairs = (
        ("Fecha", fecha.isoformat()),
        ("CodSuc", str(sucursal)),
        ("IndPagCta3ros", "1" if for_others else ""),
        *((name, money(amount)) for name, amount in adds),
        *fila.tasas,
        *((("TotMntTotal", money(total)),) if fila.adds else ()),
        *((name, money(amount)) for name, amount in told(fila.beside)),
    )
    return group(f"Mnts_{fila.name}_Item", *pairs)
