"""The plan of a day of a company with two branches that sells in four currencies, and what its documents are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from outside import legacy
from outside.dialects import Draft
from outside.every_type import every_type
from outside.judge import PAPER, Drop
from outside.legacy import Planned
from outside.sales import ZERO, Sale

BRANCH = {"SUCURSAL": "2", "DOMICILIO": "Avenida Italia 2000", "CIUDAD": "Canelones", "DEPARTAMENTO": "Canelones"}
"""The second one; the first is the installation's."""
CURRENCIES = {"USD": Decimal("39.85"), "EUR": Decimal("46.10"), "BRL": Decimal("7.05")}
"""What a sale of the day says that they are worth."""
UI = Decimal("6.4000")
"""Of the installation's TOML."""
TOPE = 5_000 * UI

Amounts = Mapping[str, Decimal]
"""Element of the report -> amount in the document's currency."""

OTHERS: Mapping[int, tuple[str, Decimal | None, Amounts]] = {
    10: ("UYU", None, {"TotMntIVATasaBas": Decimal(200), "MntIVATasaBas": Decimal(44)}),
    11: ("UYU", None, {"TotMntIVATasaMin": Decimal(100), "MntIVATasaMin": Decimal(10), "TotMntRetenido": Decimal(5)}),
    12: ("USD", Decimal("40.50"), {"TotMntExpyAsim": Decimal("99.99")}),
    13: ("UYU", None, {"TotMntNoGrv": Decimal(50)}),
    14: ("UYU", None, {"TotMntIVATasaBas": Decimal(50), "MntIVATasaBas": Decimal(11)}),
    15: ("UYU", None, {"TotMntNoGrv": Decimal(75)}),
    24: ("UYU", None, {"TotMntExpyAsim": Decimal(30)}),
    81: ("UYU", None, {}),
    82: ("UYU", None, {"TotMntRetenido": Decimal(11_000)}),
}
"""What a person adds up of the files of `every_type`: last two figures of the type, or first two -> the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A dropped document as the report counts it."""

    drop: Drop
    tipo: int
    fecha: date
    branch: str
    moneda: str
    cotizacion: Decimal | None
    amounts: Amounts

    @property
    def is_note(self) -> bool:
        """Whether it corrects another one."""
        return self.tipo % 10 in (2, 3) and self.tipo % 100 != 82

    @property
    def large(self) -> bool:
        """Whether it is an e-Ticket above 5,000 UI, net."""
        net = sum((value for name, value in self.amounts.items() if name.startswith("TotMnt")), ZERO)
        return self.tipo % 100 < 10 and net * (self.cotizacion or 1) > TOPE


def mixed(seed: int, count: int, day: date) -> list[Planned]:
    """`count` sales and notes of them, of 101 to 113, in four currencies, of two branches, none of them mistaken."""
    rng = Random(seed)
    files: list[Planned] = []
    for index in range(count):
        if index > 5 and rng.random() < 0.45:
            files.append(_note(rng, index, files, day))
        else:
            files.append(_sale(rng, index, day))
    return files


def others(day: date, papers: Sequence[int] = ()) -> list[Drop]:
    """One of each type that is numbered when it is issued, and these of paper."""
    return [drop for drop in every_type(day, "") if drop.tipo < PAPER or drop.tipo in papers]


def _sale(rng: Random, index: int, day: date) -> Planned:
    found = legacy.good(rng, index, day)
    sale = found.sale
    if sale.moneda != "UYU":
        moneda = rng.choice(sorted(CURRENCIES))
        sale = replace(sale, moneda=moneda, cotizacion=CURRENCIES[moneda])
    if sale.tipo == 101 and sale.receptor and rng.random() < 0.3:
        sale = _grown(sale)
    return _placed(rng, replace(found, sale=sale, slow=False))


def _grown(sale: Sale) -> Sale:
    """So much that DGI wants it one by one, and to know where its buyer lives."""
    receptor = sale.receptor and replace(sale.receptor, direccion="Colonia 1234", ciudad="Salto")
    return replace(
        sale, receptor=receptor, a_pagar=None, descuento=None,
        lines=(*sale.lines, legacy.simple("", sale.fecha, precio="60000.00").lines[0]),
    )  # fmt: skip


def _note(rng: Random, index: int, files: Sequence[Planned], day: date) -> Planned:
    return _placed(rng, replace(legacy.note(rng, index, files, day), slow=False, by_number=False))


def _placed(rng: Random, file: Planned) -> Planned:
    """Of the second branch, one in three; an XML that names what it corrects does so by number."""
    if file.style.dialect == "xml":
        return replace(file, by_number=bool(file.sale.refers))
    return replace(file, spoil=_in_branch) if rng.random() < 0.33 else file


def _in_branch(sections: Draft) -> None:
    sections.insert(1, ("EMISOR", list(BRANCH.items())))


def paper_of(file: Planned, drop: Drop) -> Paper:
    """A planned file as the report counts it."""
    sale, of = file.sale, file.sale.importes()
    amounts = {
        "TotMntNoGrv": of["EXENTO"], "TotMntIVATasaMin": of["NETO_MINIMA"], "TotMntIVATasaBas": of["NETO_BASICA"],
        "MntIVATasaMin": of["IVA_MINIMA"], "MntIVATasaBas": of["IVA_BASICA"],
    }  # fmt: skip
    return Paper(
        drop=drop, tipo=sale.tipo, fecha=sale.fecha, branch="2" if file.spoil else "1", moneda=sale.moneda,
        cotizacion=sale.cotizacion, amounts=amounts,
    )  # fmt: skip


def other_paper(drop: Drop, day: date) -> Paper:
    """A file of `every_type` as the report counts it."""
    kind = drop.tipo % 100
    moneda, cotizacion, amounts = OTHERS[kind if kind in OTHERS and kind > 20 else 10 + kind // 10]
    return Paper(
        drop=drop, tipo=drop.tipo, fecha=day, branch="1", moneda=moneda, cotizacion=cotizacion, amounts=amounts
    )  # fmt: skip


class Rates:
    """What the Central Bank quotes on the days before a day; nothing on one of them, as on a Sunday."""

    def __init__(self, day: date) -> None:
        self._quoted = {
            (moneda, day - timedelta(days=back)): rate + Decimal(back) / 100
            for moneda, rate in CURRENCIES.items() for back in range(1, 10) if back != 3
        }  # fmt: skip

    def before(self, moneda: str, day: date) -> Decimal:
        """At the close of the last day before that is quoted."""
        return self._quoted[moneda, max(of for known, of in self._quoted if known == moneda and of < day)]

    def csv(self) -> str:
        """The table that a person imports."""
        rows = (f"{day:%d/%m/%Y};{moneda};{rate}" for (moneda, day), rate in self._quoted.items())
        return "fecha;moneda;cotizacion\n" + "".join(f"{row}\n" for row in rows)

    def told(self) -> list[dict[str, str]]:
        """The same to the DGI to test against."""
        return [{"moneda": moneda, "dia": f"{day}", "valor": f"{rate}"} for (moneda, day), rate in self._quoted.items()]
