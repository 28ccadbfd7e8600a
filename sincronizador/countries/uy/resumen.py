"""
The day of an issuer as it is added up for its daily report. Formato Reporte v13.2.

Fed with one signed document at a time, it keeps only sums and ranges of numbers, whatever their count. Amounts are
converted to pesos exactly; they are rounded when the report is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sincronizador.core.finding import Finding, Rule
from sincronizador.countries.uy.fields import NETOS, TOTALES
from sincronizador.countries.uy.figures import day as written
from sincronizador.countries.uy.monedas import MONEDAS
from sincronizador.countries.uy.rangos import Rangos
from sincronizador.countries.uy.rates import Rates, fiscal_rate
from sincronizador.countries.uy.signed import Zone, moment_of, number_of, parse_signed, readable
from sincronizador.countries.uy.threshold import Lado, in_pesos, side
from sincronizador.countries.uy.tipos import ZONE, Familia, TipoCfe

NORM = "Formato Reporte v13.2"
MAX_ROWS = 1_000
"""Rows of amounts of one type."""
MAX_RANGES = 10_000
"""Ranges of numbers of one type, used or annulled. ReporteDiarioCFE.xsd."""

NO_RATE = Rule(
    "E1931",
    "Falta la cotización",
    "El reporte del {dia} espera la cotización de {moneda} al cierre del día hábil anterior al {fecha}.",
    "Importe la tabla de cotizaciones del Banco Central (interbancario, comprador billete) hasta ese día.",
    NORM + ", contenido del archivo",
)
NO_UI = Rule(
    "E1932",
    "Falta el valor de la UI para el reporte",
    "No se sabe si {documento} supera las 5.000 UI: falta el valor de la UI al cierre de {cierre}.",
    "Agregue el valor de la UI de {anio} a la configuración.",
    NORM + ", B-C27",
)
NUMBER_TWICE = Rule(
    "E1933",
    "Número repetido en el reporte",
    "{tipo} serie {serie}, número {numero}, está más de una vez entre lo utilizado y lo anulado del {dia}.",
    "No envíe este reporte: un número tiene un solo destino. Llame a quien mantiene el programa.",
    NORM + ", B-C26",
)
TOO_MANY = Rule(
    "E1934",
    "Reporte con más filas de las que DGI admite",
    "El reporte del {dia} tendría {cuantos} {que} de {tipo} y DGI admite {maximo}.",
    "Consulte a DGI cómo informar ese día.",
    NORM + ", resumen",
)

RULES = (NO_RATE, NO_UI, NUMBER_TWICE, TOO_MANY)

_ZERO, _MOST = Decimal(0), Decimal(10) ** 15
"""The schema knows amounts of up to fifteen digits before the point."""
AMOUNTS = tuple(name for word, name, *_ in TOTALES if word not in ("TOTAL", "NO_FACTURABLE", "A_PAGAR"))
"""Elements of Totales that are summed."""
CON_TOPE = frozenset({101, 102, 103, 201, 202, 203})
"""Types that count what is above 5,000 UI: not those sold for somebody else. Formato Reporte v13.2, B-C27."""
_OWN_RATE = ("UYI", "UYR")
"""Currencies that are converted at the rate of the document itself."""


class Fate(StrEnum):
    """What became of a signed document, as the report counts it."""

    EMITIDO = "emitido"
    RECHAZADO = "rechazado"
    """By DGI: its number is used and annulled."""
    OBSERVADO = "observado"
    """A paper of contingency that DGI observed: it is not counted until it is corrected."""


Lugar = tuple[date, int, bool]
"""What a row of amounts is about: FchEmis, branch, and whether it was paid for others (IndPagCta3ros)."""


@dataclass(slots=True)
class DelTipo:
    """What is known of one type."""

    filas: dict[Lugar, dict[str, Decimal]] = field(default_factory=dict)
    """Sums in pesos, by element of Totales."""
    sobre_tope: int = 0
    """Issued above 5,000 UI."""
    emitidos: Rangos = field(default_factory=Rangos)
    rechazados: Rangos = field(default_factory=Rangos)
    """By DGI."""
    sin_documento: Rangos = field(default_factory=Rangos)
    """Annulled by the issuer: no document has them."""

    @property
    def anulados(self) -> Rangos:
        """Numbers that are no document's."""
        return self.rechazados + self.sin_documento

    @property
    def utilizados(self) -> Rangos:
        """All numbers that have a fate."""
        return self.emitidos + self.anulados


@dataclass(frozen=True, slots=True)
class _Documento:
    """What is counted of one document."""

    tipo: TipoCfe
    serie: str
    numero: int
    lugar: Lugar
    totales: Zone

    @property
    def slug(self) -> str:
        return f"{int(self.tipo)}-{self.serie}-{self.numero}"


class Resumen:
    """The day of one issuer, as it is added up."""

    def __init__(
        self, *, emisor: str, day: date, firmado: datetime, rates: Rates, ui: Mapping[int, Decimal],
        unquoted: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """
        Nothing is in it yet.

        `day`: that of TmstFirma. `firmado`: TmstFirmaEnv, aware, when the report will be signed: what is dated after it
        is converted at its own rate. `unquoted`: currencies that BCU does not quote at all, which also are.
        """
        self.emisor, self.day, self.firmado = emisor, day, firmado
        self._rates, self._ui, self._unquoted = rates, ui, unquoted
        self.tipos: dict[TipoCfe, DelTipo] = {}
        """What is known of each type that has any number."""
        self._findings: dict[Finding, None] = {}

    def add(self, signed: bytes, fate: Fate = Fate.EMITIDO) -> None:
        """
        One more document. Its signature is not verified.

        Raises `Rejected` E1901 for what is no signed CFE, ValueError for one of another issuer or day, and for a fate
        that its type cannot have.
        """
        document = self._read(signed)
        if fate is (Fate.RECHAZADO if document.tipo.is_papel else Fate.OBSERVADO):
            raise ValueError(f"{document.slug} cannot be {fate}")
        if fate is Fate.OBSERVADO:
            return
        if fate is Fate.RECHAZADO:
            found = self.tipos.setdefault(document.tipo, DelTipo())
            found.rechazados.put(document.serie, document.numero, document.numero)
            return
        with readable():
            pesos, over = self._pesos(document), self._is_over(document)
        found = self.tipos.setdefault(document.tipo, DelTipo())
        found.emitidos.put(document.serie, document.numero, document.numero)
        found.sobre_tope += over
        sums = found.filas.setdefault(document.lugar, {})
        for name, amount in pesos.items():
            sums[name] = sums.get(name, _ZERO) + amount

    def annul(self, tipo: int, serie: str, desde: int, hasta: int) -> None:
        """Numbers that were annulled on this day and no document has. Raises ValueError for no range, or of a paper."""
        if TipoCfe(tipo).is_papel or not 1 <= desde <= hasta:
            raise ValueError(f"{tipo} {serie} {desde} to {hasta}")
        self.tipos.setdefault(TipoCfe(tipo), DelTipo()).sin_documento.put(serie, desde, hasta)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Why no report can be made of it: E1931 to E1934."""
        return (*self._findings, *self._repeated(), *self._too_many())

    @property
    def comprobantes(self) -> int:
        """CantComprobantes: numbers used, and papers issued. Formato Reporte v13.2, A-C7."""
        return sum(len(found.utilizados) for found in self.tipos.values())

    def _read(self, signed: bytes) -> _Documento:
        document = parse_signed(signed)
        with readable():
            id_doc = document.zone("Encabezado", "IdDoc")
            emisor = document.zone("Encabezado", "Emisor")
            firmado = moment_of(document.zone()["TmstFirma"]).astimezone(ZONE).date()
            fecha, for_others = date.fromisoformat(id_doc["FchEmis"]), id_doc.get("IndPagCta3ros") == "1"
            found = _Documento(
                tipo=TipoCfe(int(id_doc["TipoCFE"])),
                serie=id_doc["Serie"],
                numero=int(id_doc["Nro"]),
                lugar=(fecha, int(emisor["CdgDGISucur"]), for_others),
                totales=document.zone("Encabezado", "Totales"),
            )
        if (emisor.get("RUCEmisor"), firmado) != (self.emisor, self.day):
            raise ValueError(f"{found.slug} is of {emisor.get('RUCEmisor')} and was signed on {firmado}")
        return found

    def _pesos(self, document: _Documento) -> Mapping[str, Decimal]:
        there = [name for name in AMOUNTS if name in document.totales]
        rate = self._rate(document) if there else _ZERO
        amounts = {name: number_of(document.totales[name]) for name in there}
        if any(abs(amount) >= _MOST for amount in amounts.values()):
            raise ValueError(document.slug)
        return {name: amount * rate for name, amount in amounts.items()}

    def _rate(self, document: _Documento) -> Decimal:
        """Pesos of one of the document's currency. Formato Reporte v13.2, contenido del archivo."""
        tipo, fecha, totales = document.tipo, document.lugar[0], document.totales
        moneda = totales["TpoMoneda"]
        if moneda == "UYU":
            return Decimal(1)
        if moneda not in MONEDAS:
            raise ValueError(moneda)
        is_own = tipo.is_note or tipo.familia is Familia.E_RESG or moneda in _OWN_RATE or moneda in self._unquoted
        if is_own or fecha > self.firmado.astimezone(ZONE).date():
            return number_of(totales["TpoCambio"])
        rate = fiscal_rate(self._rates, moneda, fecha)
        if rate is None:
            told = NO_RATE.at(value=moneda, moneda=moneda, fecha=written(fecha), dia=written(self.day))
            self._findings[told] = None
        return rate or _ZERO

    def _is_over(self, document: _Documento) -> bool:
        if document.tipo not in CON_TOPE:
            return False
        totales, year = document.totales, document.lugar[0].year
        neto = sum((number_of(totales[name]) for _, name, *_ in NETOS if name in totales), _ZERO)
        cotizacion = number_of(totales["TpoCambio"]) if "TpoCambio" in totales else None
        lado = side(in_pesos(neto, cotizacion), year, self._ui)
        if lado is Lado.DUDOSO:
            self._findings[NO_UI.at(documento=document.slug, anio=year, cierre=year - 1)] = None
        return lado is Lado.ALTO

    def _repeated(self) -> Iterator[Finding]:
        for tipo, found in self.tipos.items():
            for serie, numero in found.utilizados.repeated():
                yield NUMBER_TWICE.at(tipo=tipo.nombre, serie=serie, numero=numero, dia=written(self.day))

    def _too_many(self) -> Iterator[Finding]:
        for tipo, found in self.tipos.items():
            counts = (
                (len(found.filas), MAX_ROWS, "filas de montos"),
                (len(list(found.utilizados)), MAX_RANGES, "rangos de números utilizados"),
                (len(list(found.anulados)), MAX_RANGES, "rangos de números anulados"),
            )
            for count, most, what in counts:
                if count > most:
                    yield TOO_MANY.at(dia=written(self.day), tipo=tipo.nombre, que=what, cuantos=count, maximo=most)
