"""
The TXT of eFactShell: records of fields between bars, one document a file, and its reply of two or three lines.

What its client programs do is kept in mind: they wait for ``<stem>.txt`` to appear, then for ``<stem>.png`` (the QR),
and after a silence they ask again with a new file name, the day's date and the same envelope number.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sincronizador.core import codes as form
from sincronizador.core.dialect import Names, Proof
from sincronizador.core.finding import MOST_FINDINGS, Finding, Rule
from sincronizador.core.numbering import Rango
from sincronizador.core.sections import Entry, Reading, Section, Sections
from sincronizador.countries.uy.efactshell_records import (
    ADENDA,
    OBLIGATORY,
    REGISTROS,
    TOTALES,
    Line,
    decode,
    entries_of,
    records,
    says_something,
    section_of,
)
from sincronizador.countries.uy.efactshell_reply import Reply
from sincronizador.errors import Rejected

UNKNOWN_RECORD = Rule(
    "E0270",
    "eFactShell: registro desconocido",
    "La línea {linea} no empieza con un registro de eFactShell: «{valor}».",
    "Cada línea empieza con su número de registro (1 a 8, 10 o 13) y una barra; solo la adenda (10) sigue en otras.",
)
NO_RECORD = Rule(
    "E0271",
    "eFactShell: falta un registro",
    "Falta el registro {registro} ({nombre}).",
    "Agregue la línea que empieza con {registro}|.",
)
RECORD_TWICE = Rule(
    "E0272",
    "eFactShell: registro repetido",
    "El registro {registro} ({nombre}) está dos veces; el primero está en la línea {primera}.",
    "Un archivo lleva un solo comprobante: la respuesta tiene lugar para un solo número.",
)
TOO_MANY_FIELDS = Rule(
    "E0273",
    "eFactShell: campos de más",
    "El registro {registro} ({nombre}) lleva {maximo} campos y la línea trae {cuantos}.",
    "Revise que ningún texto tenga una barra: la barra separa los campos.",
)
BAD_FIELD = Rule(
    "E0274",
    "eFactShell: valor no admitido",
    "{campo}, del registro {registro} ({nombre}), dice «{valor}» y debe ser {esperado}.",
    "Corrija ese campo en el programa que escribe el archivo.",
)

RULES = (UNKNOWN_RECORD, NO_RECORD, RECORD_TWICE, TOO_MANY_FIELDS, BAD_FIELD)

COMPANIONS = ("qr", "pdf")
"""What its clients look for beside the reply: the QR as a picture, and the document."""

_ENVELOPE = re.compile(r"[0-9A-Za-z._-]{1,19}")
_DIGITS = 12
"""More than any number has: what is longer is none."""
_PADDING = b"\0\x1a \t\r\n"
_HOLE = re.compile(rb"\0{256,}[^\0\x1a \t\r\n]")
"""What a cut of the power, or a copy under way, leaves of a part that never came."""
_BOOKLET = ("CONSTANCIA", "CONSTANCIA_DESDE", "CONSTANCIA_HASTA", "CONSTANCIA_VENCE")


@dataclass(frozen=True, slots=True, kw_only=True)
class EFactShell:
    """The `Dialect`."""

    name: str = "efactshell"
    names: Names
    libretas: tuple[Rango, ...] = ()
    """Booklets of contingency papers, whose constancia eFactShell's records do not say."""

    @property
    def proof(self) -> Proof:
        """Nothing in the format tells its end, so it rests."""
        return Proof(rest=True)

    @property
    def form(self) -> Reply:
        """How its answers are written."""
        return Reply()

    @property
    def companions(self) -> tuple[str, ...]:
        """The QR and the PDF."""
        return COMPANIONS

    def missing(self, content: bytes) -> str | None:
        """The first record that every document has and that is not there yet, or the end of the last line."""
        if _HOLE.search(content):
            return "una parte del medio, donde solo hay ceros"
        _, text = decode(content)
        present = {number for number, _, _ in records(text)}
        absent = next((number for number in OBLIGATORY if number not in present), None)
        if absent is not None:
            return f"el registro {absent} ({REGISTROS[absent].nombre})"
        return None if text.endswith(("\n", "\r")) else "el fin de la última línea"

    def read(self, content: bytes, name: str) -> Reading:  # noqa: ARG002 - the file says all there is
        """
        The file in the words of our TXT. The REFERENCIA is the envelope's number, with the point of sale where given.

        Raises `Rejected` E0101 for an empty file.
        """
        if not content.strip(_PADDING):
            raise form.EMPTY.at(detalle="está vacío").as_error(Rejected)
        encoding, text = decode(content)
        reader = _Reader(self.libretas)
        for number, line, rest in records(text):
            reader.take(number, line, rest)
        sections = Sections(tuple(reader.sections()))
        return Reading(sections=sections, findings=tuple(reader.findings[:MOST_FINDINGS]), encoding=encoding)


class _Reader:
    """One reading: the records, and where findings go."""

    def __init__(self, libretas: Sequence[Rango]) -> None:
        self.libretas = libretas
        self.findings: list[Finding] = []
        self.lines: dict[int, list[Line]] = {number: [] for number in REGISTROS}

    def take(self, number: int, line: int, rest: str) -> None:
        """One record."""
        registro = REGISTROS.get(number)
        if registro is None:
            self.findings.append(UNKNOWN_RECORD.at(line=line, value=rest[:60]))
            return
        if self.lines[number] and not registro.many:
            first = self.lines[number][0].line
            self._find(RECORD_TWICE, number, line=line, primera=first)
            return
        fields = (rest,) if number == ADENDA else tuple(field.strip() for field in rest.split("|"))
        if number == TOTALES and fields[4:6] == ("10", "22"):
            # The example of eFactShell's manual lacks one of the bars before the rates, and programs were made by it.
            fields = (*fields[:2], "", *fields[2:])
        if any(fields[len(registro.fields) :]):
            self._find(TOO_MANY_FIELDS, number, line=line, maximo=len(registro.fields), cuantos=len(fields))
        self.lines[number].append(Line(number, line, fields))

    def sections(self) -> Iterator[Section]:
        """The document, in the order of our TXT."""
        for number in OBLIGATORY:
            if not self.lines[number]:
                self._find(NO_RECORD, number)
        head = self._head()
        yield Section("DOCUMENTO", head[0].line if head else 1, tuple(head))
        for number in (3, 4):
            for line in self.lines[number]:
                yield from section_of(line)
        if not self.lines[3]:
            yield from self._issuer()
        yield from self._counted(6)
        for line in self._numbered(7):
            yield from self._global(line)
        yield from self._counted(8)
        for line in self.lines[5]:
            yield from section_of(line, zero_is_absent=True)
        for line in self.lines[13]:
            yield from section_of(line)
        rows = "\n".join(line.fields[0] for line in self.lines[ADENDA]).split("\n")
        if text := "\n".join(row.rstrip() for row in rows).strip():
            yield Section("ADENDA", self.lines[ADENDA][0].line, text=text)

    def _find(
        self, rule: Rule, number: int, *, line: int | None = None, primera: int = 0, maximo: int = 0, cuantos: int = 0
    ) -> None:
        nombre = REGISTROS[number].nombre
        self.findings.append(
            rule.at(line=line, registro=number, nombre=nombre, primera=primera, maximo=maximo, cuantos=cuantos)
        )

    def _bad(self, line: Line, name: str, esperado: str) -> None:
        self.findings.append(
            BAD_FIELD.at(
                field=name, line=line.line, value=line.get(name), registro=line.number, nombre=line.registro.nombre,
                esperado=esperado,
            )
        )  # fmt: skip

    def _head(self) -> list[Entry]:
        """``[DOCUMENTO]``: the header's record, the envelope's number, the currency out of the totals."""
        entries: list[Entry] = []
        for header in self.lines[2][:1]:
            entries += entries_of(header)
            entries += [Entry("DECIMAL", "PUNTO", header.line), self._prices(header)]
            entries += self._booklet(header)
        for envelope in self.lines[1][:1]:
            entries += self._envelope(envelope)
        for totals in self.lines[5][:1]:
            entries += self._currency(totals)
        return entries

    def _prices(self, header: Line) -> Entry:
        gross = header.get("IndMontoBruto")
        if gross not in ("", "0", "1"):
            self._bad(header, "IndMontoBruto", "1, o vacío si los precios no llevan IVA")
        return Entry("PRECIOS", "CON_IVA" if gross == "1" else "SIN_IVA", header.line)

    def _booklet(self, header: Line) -> Iterator[Entry]:
        """What the constancia of a contingency paper's booklet says; its number is not in the file."""
        tipo, serie, numero = header.get("TipoCFE"), header.get("Serie").upper(), header.get("Nro")
        if not (numero.isascii() and numero.isdecimal() and len(numero) <= _DIGITS):
            return
        for libreta in self.libretas:
            same = (str(libreta.tipo), libreta.serie) == (tipo, serie)
            if same and libreta.desde <= int(numero) <= libreta.hasta:
                values = (libreta.id, libreta.desde, libreta.hasta, libreta.vence.isoformat())
                yield from (Entry(name, str(value), header.line) for name, value in zip(_BOOKLET, values, strict=True))
                return

    def _envelope(self, envelope: Line) -> Iterator[Entry]:
        number = envelope.get("NroSobre").lstrip("0")
        for issuer in self.lines[3]:
            if _digits(issuer.get("RutEmisor")) != _digits(envelope.get("RutEmisor")):
                self._bad(issuer, "RutEmisor", f"{envelope.get('RutEmisor') or 'vacío'}, como en el registro 1")
        if not _ENVELOPE.fullmatch(number):
            self._bad(envelope, "NroSobre", "un número de sobre, que no se repita")
            return
        till = self.lines[13][0].get("Id") if self.lines[13] else ""
        yield Entry("REFERENCIA", f"{number}/{till}" if till else number, envelope.line)

    def _currency(self, totals: Line) -> Iterator[Entry]:
        for name, rate in (("IvaTasaMin", 10), ("IvaTasaBasica", 22)):
            if totals.get(name).partition(".")[0] not in ("", "0", str(rate)):
                self._bad(totals, name, f"{rate}, o vacío")
        if moneda := totals.get("Moneda"):
            yield Entry("MONEDA", moneda, totals.line)
        if says_something(cambio := totals.get("TpoCambio")) and moneda != "UYU":
            yield Entry("COTIZACION", cambio, totals.line)

    def _issuer(self) -> Iterator[Section]:
        for envelope in self.lines[1][:1]:
            if rut := envelope.get("RutEmisor"):
                yield Section("EMISOR", envelope.line, (Entry("RUT", rut, envelope.line),))

    def _numbered(self, number: int) -> Iterator[Line]:
        """The records of a kind, whose own numbers tell whether one is lost."""
        name = REGISTROS[number].fields[0][0]
        for place, line in enumerate(self.lines[number], 1):
            if line.get(name).lstrip("0") not in ("", str(place)):
                self._bad(line, name, f"{place}: los renglones van numerados uno tras otro")
            yield line

    def _counted(self, number: int) -> Iterator[Section]:
        for line in self._numbered(number):
            yield from section_of(line)

    def _global(self, line: Line) -> Iterator[Section]:
        moves = line.get("TipoDR").upper()
        if moves not in ("D", "R"):
            self._bad(line, "TipoDR", "D o R")
        if says_something(line.get("Valor")):
            yield Section("RECARGO" if moves == "R" else "DESCUENTO", line.line, tuple(entries_of(line)))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
