"""eFactShell's records: what each holds, and how a file is cut into them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sincronizador.core.sections import Entry, Section

_RECORD = re.compile(r"(\d{1,2})\|")
_NO_CODE = frozenset({("IND_FACT", "0"), ("GLOBAL", "0")})
"""Written for nothing."""


@dataclass(frozen=True, slots=True)
class Registro:
    """A record: its name, and its fields after the number."""

    nombre: str
    section: str
    fields: tuple[tuple[str, str], ...]
    """Name in eFactShell's manual -> field of the section; empty: not copied as it is."""
    many: bool = False


REGISTROS: Mapping[int, Registro] = {
    1: Registro("sobre", "", (("RutEmisor", ""), ("NroSobre", ""), ("FechaSobre", ""))),
    2: Registro(
        "encabezado",
        "DOCUMENTO",
        (
            ("TipoCFE", "TIPO"), ("Serie", "SERIE"), ("Nro", "NUMERO"), ("FechaEmision", "FECHA"),
            ("IndMontoBruto", ""), ("FormaPago", "FORMA_PAGO"), ("FechaVencimiento", "VENCIMIENTO"),
        ),
    ),
    3: Registro(
        "emisor",
        "EMISOR",
        (
            ("RutEmisor", "RUT"), ("RazonEmisor", "RAZON_SOCIAL"), ("CodDGISucursal", "SUCURSAL"),
            ("DireccionEmisor", "DOMICILIO"), ("CiudadEmisor", "CIUDAD"), ("DptoEmisor", "DEPARTAMENTO"),
        ),
    ),
    4: Registro(
        "receptor",
        "RECEPTOR",
        (
            ("TipoDocReceptor", "TIPO_DOC"), ("CodPaisReceptor", "PAIS"), ("DocReceptor", "DOCUMENTO"),
            ("RznSocReceptor", "NOMBRE"), ("DirReceptor", "DIRECCION"), ("CiudadReceptor", "CIUDAD"),
            ("DptoReceptor", "DEPARTAMENTO"),
        ),
    ),
    5: Registro(
        "totales",
        "TOTALES",
        (
            ("Moneda", ""), ("TpoCambio", ""), ("MntNoGrav", "EXENTO"), ("MntNetoIvaTasaMin", "NETO_MINIMA"),
            ("MntNetoIVATasaBasica", "NETO_BASICA"), ("IvaTasaMin", ""), ("IvaTasaBasica", ""),
            ("MntIVATasaMin", "IVA_MINIMA"), ("MntIVATasaBasica", "IVA_BASICA"), ("MntTotal", "TOTAL"),
            ("CantLinDet", "LINEAS"), ("MontoNF", "NO_FACTURABLE"), ("MntPagar", "A_PAGAR"),
        ),
    ),
    6: Registro(
        "línea",
        "ITEM",
        (
            ("Nro", ""), ("IndicadorFacturacion", "IND_FACT"), ("DescArticulo", "DETALLE"), ("Cant", "CANTIDAD"),
            ("UniMed", "UNIDAD"), ("PrecioUnitario", "PRECIO"), ("DescPorc", "DESCUENTO_PORC"),
            ("DescMonto", "DESCUENTO"), ("RecPorc", "RECARGO_PORC"), ("RecMonto", "RECARGO"), ("MontoItem", "IMPORTE"),
        ),
        many=True,
    ),
    7: Registro(
        "descuento o recargo global",
        "DESCUENTO",
        (("NroLin", ""), ("TipoDR", ""), ("Glosa", "DETALLE"), ("Valor", "VALOR"), ("IndFact", "IND_FACT")),
        many=True,
    ),
    8: Registro(
        "referencia",
        "REFERENCIA",
        (
            ("NroLin", ""), ("IndGlobal", "GLOBAL"), ("TipoCFERef", "TIPO"), ("Serie", "SERIE"),
            ("NroCFERef", "NUMERO"), ("Razon", "RAZON"), ("FechaCFEReferencia", "FECHA"),
        ),
        many=True,
    ),
    10: Registro("adenda", "ADENDA", (("Addenda", ""),), many=True),
    13: Registro("punto de venta", "EXTRA", (("Id", "PUNTO_VENTA"),)),
}  # fmt: skip
OBLIGATORY = (1, 2, 5, 6)
"""Records without which there is no document."""
TOTALES, ADENDA = 5, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One record as it was written."""

    number: int
    line: int
    fields: tuple[str, ...]

    @property
    def registro(self) -> Registro:
        """Its kind."""
        return REGISTROS[self.number]

    def get(self, name: str) -> str:
        """The text of a field by eFactShell's name, empty when absent."""
        place = [label for label, _ in self.registro.fields].index(name)
        return self.fields[place] if place < len(self.fields) else ""


def entries_of(line: Line) -> Iterator[Entry]:
    """The fields of a record that go into a section as they are; empty is absent."""
    for (_, name), text in zip(line.registro.fields, line.fields, strict=False):
        if name and text and (name, text) not in _NO_CODE:
            yield Entry(name, text, line.line)


def section_of(line: Line, *, zero_is_absent: bool = False) -> Iterator[Section]:
    """The section of a record, unless all of it is absent."""
    entries = tuple(entry for entry in entries_of(line) if not zero_is_absent or says_something(entry.text))
    if entries:
        yield Section(line.registro.section, line.line, entries)


def says_something(text: str) -> bool:
    """Whether a number says anything: old programs write their zeros."""
    return bool(text.strip("0., "))


def decode(content: bytes) -> tuple[str, str]:
    """Its encoding and its text: ISO-8859-1, but what is strict UTF-8 or cp1252 is told apart."""
    body = content.rstrip(b"\0\x1a")
    if body.isascii():
        return "ascii", body.decode("ascii")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return encoding.removesuffix("-sig"), body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return "iso-8859-1", body.decode("iso-8859-1")


def records(text: str) -> Iterator[tuple[int, int, str]]:
    """
    Number of record, line of the file, and the rest of each; 0 for what is none.

    Where the first ends in CRLF a lone LF is a line break inside a text; what follows an addendum without a record's
    number belongs to it.
    """
    end = "\r\n" if "\r\n" in text.split("\n", 1)[0] + "\n" else "\n"
    line, begun = 1, 0
    adenda: list[str] = []
    for raw in text.split(end):
        first, line = line, line + 1 + raw.count("\n")
        row = raw.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        found = _RECORD.match(row)
        if adenda and (found is None or int(found[1]) not in REGISTROS):
            adenda.append(row)
            continue
        if adenda:
            yield ADENDA, begun, "\n".join(adenda)
            adenda = []
        if found and int(found[1]) == ADENDA:
            begun, adenda = first, [row[found.end() :]]
        elif row.strip():
            yield (int(found[1]) if found else 0, first, row[found.end() :] if found else row)
    if adenda:
        yield ADENDA, begun, "\n".join(adenda)
