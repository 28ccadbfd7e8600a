"""
A day's report against the documents that arrived one by one.

What always travels alone must agree to the cent; of e-Tickets DGI has only the large ones, so there the report must
hold at least these.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from sqlite3 import Row

from sincronizador.authorities.fake_archive import Archive
from sincronizador.authorities.fake_cfes import is_e_ticket
from sincronizador.authorities.fake_reading import Documento, read_documento
from sincronizador.authorities.fake_registers import Registers
from sincronizador.authorities.fake_summary import AMOUNTS, Key, Reporte, Resumen, is_covered
from sincronizador.countries.uy.tipos import ZONE

_CENT = Decimal("0.01")
_UNSURE = Decimal("0.05")
"""Of what was converted at the document's own rate because the fiscal one is not on file here."""
_ZERO = Decimal(0)
_NOTHING: Mapping[Key, Mapping[str, Decimal]] = {}
_OWN_RATE = frozenset({"UYI", "UYR"})


@dataclass(slots=True)
class _Group:
    """What the documents of one key sum up to, in pesos."""

    amounts: dict[str, Decimal] = field(default_factory=dict)
    slack: dict[str, Decimal] = field(default_factory=dict)

    def add(self, documento: Documento, rate: Decimal, *, is_sure: bool) -> None:
        for name, own in AMOUNTS.items():
            value = documento.totales.get(own, _ZERO) * rate
            rounded = value.quantize(_CENT, ROUND_HALF_UP)
            self.amounts[name] = self.amounts.get(name, _ZERO) + rounded
            if documento.moneda != "UYU":
                unsure = _CENT if is_sure else _CENT + abs(rounded) * _UNSURE
                self.slack[name] = self.slack.get(name, _ZERO) + unsure


def differences(reporte: Reporte, archive: Archive, registers: Registers) -> list[str]:
    """Where the report and the documents signed on its day disagree, a Spanish sentence each."""
    rows = archive.cfes_signed(reporte.rut, reporte.dia)
    told = {resumen.tipo: resumen for resumen in reporte.resumenes}
    found = list(_overlaps(reporte, archive))
    for tipo in sorted({row["tipo"] for row in rows} | told.keys()):
        own = [row for row in rows if row["tipo"] == tipo]
        resumen = told.get(tipo)
        if resumen is None:
            if any(_counts(row) for row in own):
                found.append(f"tipo {tipo}: se recibieron {len(own)} comprobantes y el reporte no los informa")
            continue
        found += [f"tipo {tipo}: {sentence}" for sentence in _compared(resumen, own, registers)]
    return found


def _overlaps(reporte: Reporte, archive: Archive) -> Iterator[str]:
    """A number is used on one day."""
    for resumen in reporte.resumenes:
        others = archive.ranges(reporte.rut, resumen.tipo, reporte.dia)
        for serie, first, last in resumen.usados:
            for row in others:
                if row["serie"] == serie and row["desde"] <= last and first <= row["hasta"]:
                    place = f"se informó también en el reporte del {row['dia']}"
                    yield f"tipo {resumen.tipo}: {serie} {first} a {last} {place}"


def _counts(row: Row) -> bool:
    """Whether it is a document that a report must tell of: an observed paper is not."""
    return not (row["tipo"] > 200 and row["estado"] == "CE")


_WITHOUT_LARGE = frozenset({131, 132, 133, 231, 232, 233})
"""Sales for others do not say how many are above the threshold. Formato Reporte Diario, B-C27."""


def _compared(resumen: Resumen, rows: Sequence[Row], registers: Registers) -> Iterator[str]:
    rows = [row for row in rows if _counts(row)]
    emitted = [row for row in rows if row["estado"] != "BE" or not _in(row, resumen.anulaciones)]
    if not resumen.is_papel:
        yield from _numbers(resumen, rows)
    if is_e_ticket(resumen.tipo):
        if resumen.mayores is not None and resumen.mayores > len(emitted):
            yield f"CantDocsMay_topeUI dice {resumen.mayores} y se recibieron {len(emitted)}"
        tope = registers.setting("tope")
        if tope is not None and resumen.tipo not in _WITHOUT_LARGE:
            yield from _large(resumen, emitted, Decimal(str(tope)))
        if len(emitted) > resumen.documents:
            yield f"se recibieron {len(emitted)} y el reporte dice {resumen.documents} emitidos"
    elif resumen.documents != len(emitted):
        yield f"el reporte dice {resumen.documents} emitidos y se recibieron {len(emitted)}"
    yield from _sums(resumen, emitted, registers)


def _numbers(resumen: Resumen, rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        name = f"{row['serie']} {row['numero']}"
        if not _in(row, resumen.usados):
            yield f"{name} se recibió y no está entre los utilizados"
        elif row["estado"] != "BE" and _in(row, resumen.anulaciones):
            yield f"{name} se recibió, estado {row['estado']}, y el reporte lo da por anulado"


def _in(row: Row, ranges: Sequence[tuple[str, int, int]]) -> bool:
    return is_covered(row["serie"], row["numero"], row["numero"], ranges)


def _large(resumen: Resumen, rows: Sequence[Row], tope: Decimal) -> Iterator[str]:
    large = sum(net_in_pesos(read_documento(row["xml"])) > tope for row in rows)
    if (resumen.mayores or 0) != large:
        yield f"CantDocsMay_topeUI dice {resumen.mayores or 0} y se recibieron {large} mayores que el tope"


def net_in_pesos(documento: Documento) -> Decimal:
    """A112 to A118: what is compared with the threshold of 5.000 UI."""
    names = ("MntNoGrv", "MntExpoyAsim", "MntImpuestoPerc", "MntIVaenSusp", "MntNetoIvaTasaMin",
             "MntNetoIVATasaBasica", "MntNetoIVAOtra")  # fmt: skip
    net = sum((documento.totales.get(name, _ZERO) for name in names), _ZERO)
    return net * (documento.cambio or 1)


def _sums(resumen: Resumen, rows: Sequence[Row], registers: Registers) -> Iterator[str]:
    groups: dict[Key, _Group] = {}
    for row in rows:
        documento = read_documento(row["xml"])
        key = (documento.fecha, int(documento.sucursal), "1" if documento.de_terceros else "")
        rate, is_sure = _rate(documento, registers)
        groups.setdefault(key, _Group()).add(documento, rate, is_sure=is_sure)
    at_least = is_e_ticket(resumen.tipo)
    said = resumen.groups or _NOTHING
    for key in sorted(groups.keys() | (said.keys() if not at_least else set())):
        place = f"{key[0]}, sucursal {key[1]}{', por cuenta de terceros' if key[2] else ''}"
        if key not in said or key not in groups:
            what = "faltan los montos" if key not in said else "hay montos y no se recibió ningún comprobante"
            yield f"{what} de {place}"
            continue
        for name, value in said[key].items():
            yield from _one(name, value, groups[key], place, at_least=at_least)
        yield from _left_out(said[key], groups[key], place, resumen.tipo)


def _one(name: str, value: Decimal, group: _Group, place: str, *, at_least: bool) -> Iterator[str]:
    expected, slack = group.amounts.get(name, _ZERO), group.slack.get(name, _ZERO)
    is_less = value < expected - slack and expected > 0
    if is_less if at_least else abs(value - expected) > slack:
        yield f"{name} dice {value} y de los comprobantes resulta {expected} ({place})"


def _left_out(said: Mapping[str, Decimal], group: _Group, place: str, tipo: int) -> Iterator[str]:
    """Amounts that the documents have and the report does not tell, though its type has room for them."""
    for name, value in group.amounts.items():
        if value and name not in said and name in _room(tipo):
            yield f"falta {name}, que de los comprobantes resulta {value} ({place})"


def _room(tipo: int) -> frozenset[str]:
    kind = tipo % 100 // 10
    if kind in (0, 1, 3, 4):
        return frozenset(AMOUNTS)
    if kind == 2:
        return frozenset({"TotMntExpyAsim", "TotMntTotal"})
    if kind == 5:
        return frozenset({"TotMntNoGrv", "TotMntIVAenSusp", "TotMntTotal", "TotMntRetenido"})
    return frozenset({"TotMntRetenido", "TotMntCredFisc"}) if tipo % 100 == 82 else frozenset()


def _rate(documento: Documento, registers: Registers) -> tuple[Decimal, bool]:
    """What a document's currency is worth in the report, and whether that is sure. Formato Reporte v13.2."""
    own = documento.cambio or Decimal(1)
    if documento.moneda == "UYU":
        return Decimal(1), True
    postdated = documento.fecha > documento.firmado.astimezone(ZONE).date().isoformat()
    is_own = documento.is_note or documento.moneda in _OWN_RATE or documento.tipo % 100 == 82 or postdated
    if is_own:
        return own, True
    known = registers.rate_before(documento.moneda, documento.fecha)
    return (known, True) if known is not None else (own, False)
