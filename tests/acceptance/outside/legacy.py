"""A legacy billing system with bad habits: its sales, its notes, its mistakes, and what each must be answered."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from outside.dialects import (
    Draft,
    Number,
    Style,
    answer_encoding,
    any_style,
    draft,
    encode,
    extension,
    plain_ascii,
    write,
)
from outside.sales import Line, Receptor, Sale, cents, check_ci, check_rut

GOODS = (
    "Café molido 250 g",
    "Ñoquis de sémola",
    "Azúcar rubia",
    "Jabón líquido",
    "Té de manzanilla y menta",
    "Vino añejo «Viñedos del Sur»",
    "Colchón de 2 plazas & sommier",
    "Pañales <talle M>",
    "Reparación de calefón; incluye mano de obra",
    "Libro: Juana de América = poesía",
)
LONG = "Máquina de coser eléctrica con pedal, valija, aceite, agujas número 90 y garantía de dos años por escrito"
NAMES = ("PEÑA Y CÍA.", "Almacén El Ñandú S.R.L.", "José Núñez & Hijos", "Óptica Güemes")
ADENDAS = (
    "Gracias por su compra.",
    "Cambios dentro de 10 días.\n; esto no es un comentario\nVuelva pronto, señora Muñoz.",
    "Línea uno\n\nLínea tres = fin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file that will be dropped, and the answer it must get."""

    stem: str
    style: Style
    sale: Sale
    code: str = "0"
    """CODIGO of the answer: ``0`` or the mistake's."""
    spoil: Callable[[Draft], None] | None = None
    by_number: bool = False
    """A note that names its sale by type, series and number, learnt from the answer."""
    slow: bool = False
    """Written in pieces with pauses, under its final name."""
    again: str = ""
    """Dropped twice: ``name`` (the same name) or ``reference`` (another name, the same content)."""

    @property
    def name(self) -> str:
        """The dropped file's name."""
        suffix = extension(self.style)
        return f"{self.stem}.{suffix.upper() if self.stem.isupper() else suffix}"

    def content(self, target: Number | None = None) -> bytes:
        """The file's bytes; `target` is the document that a note by number corrects."""
        if self.spoil is None:
            return write(self.sale, self.style, target if self.by_number else None)
        sections = draft(self.sale, self.style)
        self.spoil(sections)
        return encode(sections, self.style)

    def avisos(self) -> frozenset[str]:
        """The warnings that its answer must carry."""
        return self.sale.avisos() - ({"A0220"} if self.style.dialect == "xml" else set())

    def encoding(self, content: bytes) -> str:
        """What the answer must be written in."""
        return answer_encoding(content, self.style.encoding)


def unaccented(text: str) -> str:
    """The same text in ASCII."""
    text = text.replace("«", '"').replace("»", '"')
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def mixed(seed: int, count: int, today: date) -> list[Planned]:
    """`count` files: sales, notes of earlier ones (a fifth) and mistakes (a fifth); one in ten is dropped twice."""
    rng = Random(seed)
    files: list[Planned] = []
    for index in range(count):
        kind = rng.random()
        if kind < 0.2 and index > 10:
            files.append(note(rng, index, files, today))
        elif kind < 0.4:
            files.append(_mistaken(rng, index, today))
        else:
            files.append(good(rng, index, today))
        if index % 10 == 3:
            files[-1] = replace(files[-1], again=rng.choice(("name", "reference")))
    return files


def simple(referencia: str, today: date, *, precio: str = "122.00", tipo: int = 101) -> Sale:
    """A small sale where nothing is remarkable."""
    receptor = Receptor(
        tipo_doc="RUT", documento="215555550010", nombre="Cliente SRL", direccion="Calle 1", ciudad="Montevideo"
    )
    return Sale(
        tipo=tipo,
        referencia=referencia,
        fecha=today,
        lines=(Line(detalle="Yerba", cantidad=Decimal(1), precio=Decimal(precio), iva="BASICA"),),
        receptor=receptor if tipo > 110 else None,
    )


def good(rng: Random, index: int, today: date) -> Planned:
    """A sale in some program's habits; its REFERENCIA is ``V`` and the index."""
    style = any_style(rng)
    sale = _sale(rng, f"V{index:06}", today, style)
    return Planned(stem=_stem(rng, index), style=style, sale=sale, slow=rng.random() < 0.4)


def _stem(rng: Random, index: int) -> str:
    return rng.choice(("V{:06}", "v{:06}", "Venta-{:06}", "{:08}", "caja 1 venta {:06}")).format(index)


def _sale(rng: Random, referencia: str, today: date, style: Style) -> Sale:
    con_iva = rng.random() < 0.7
    usd = rng.random() < 0.15
    lines = tuple(_line(rng) for _ in range(rng.choice((1, 1, 2, 3, 6))))
    sale = Sale(
        tipo=rng.choice((101, 101, 111)),
        referencia=referencia,
        fecha=today - timedelta(days=rng.choice((0, 0, 0, 1, 5))),
        lines=lines,
        contado=rng.random() < 0.8,
        con_iva=con_iva,
        moneda="USD" if usd else "UYU",
        cotizacion=Decimal("39.85") if usd else None,
        adenda=rng.choice(ADENDAS) if rng.random() < 0.4 else "",
        extra=(("MESA", "12"), ("MOZO", "Ana")) if style.dialect == "txt" and rng.random() < 0.2 else (),
    )
    sale = replace(sale, receptor=_receptor(rng, sale), descuento=_discount(rng, lines))
    sale = replace(sale, a_pagar=_charged(rng, sale))
    return _in_ascii(sale) if plain_ascii(style.encoding) else sale


def _line(rng: Random) -> Line:
    whole = rng.random() < 0.7
    iva = rng.choice(("BASICA", "BASICA", "MINIMA", "EXENTA", "NO_FACTURABLE"))
    precio = Decimal(rng.randrange(100, 90_000)) / 100
    if not whole:
        weight = Decimal(rng.randrange(100, 1000)) / 1000
        return Line(detalle=rng.choice(GOODS), cantidad=weight, precio=precio, iva=iva, unidad="kg")
    line = Line(
        detalle=LONG if rng.random() < 0.05 else rng.choice(GOODS),
        cantidad=Decimal(rng.randrange(1, 7)),
        precio=precio,
        iva=iva,
        codigo=rng.choice(("", "7730001", "A-12")),
    )
    if iva == "NO_FACTURABLE" or rng.random() < 0.7:
        return line
    if rng.random() < 0.5:
        return replace(line, descuento=Decimal(rng.randrange(1, 100)) / 100)
    return replace(line, precio=Decimal(rng.randrange(1, 90) * 10), descuento_porc=Decimal(rng.choice((5, 10, 15))))


def _receptor(rng: Random, sale: Sale) -> Receptor | None:
    nombre = rng.choice(NAMES)
    address = {"direccion": "18 de Julio 1234 apto. 5", "ciudad": "Paysandú"}
    if sale.tipo == 111:
        rut = None
        while rut is None:
            rut = check_rut(f"21{rng.randrange(10**6):06}001")
        return Receptor(tipo_doc="RUT", documento=rut, nombre=nombre, **address)
    # In dollars even a small sale may be above the threshold where the law asks who buys.
    if sale.moneda == "UYU" and rng.random() < 0.5:
        return None
    if rng.random() < 0.3:
        return Receptor(tipo_doc="PASAPORTE", documento="AB123456", nombre=nombre, pais="AR")
    return Receptor(tipo_doc="CI", documento=check_ci(str(rng.randrange(1_000_000, 5_999_999))), nombre=nombre)


def _discount(rng: Random, lines: tuple[Line, ...]) -> tuple[str, Decimal] | None:
    rate = lines[0].iva
    if rate == "NO_FACTURABLE" or rng.random() < 0.8:
        return None
    return rate, cents(lines[0].importe / 10) or Decimal("0.01")


def _charged(rng: Random, sale: Sale) -> Decimal | None:
    """What the till says was paid: exactly that, or rounded to whole pesos."""
    exact = sale.exact()
    choice = rng.random()
    if choice < 0.5:
        return None
    return exact if choice < 0.8 else max(exact.quantize(Decimal(1)), Decimal(1)).quantize(Decimal("0.01"))


def _in_ascii(sale: Sale) -> Sale:
    lines = tuple(replace(line, detalle=unaccented(line.detalle)) for line in sale.lines)
    receptor = sale.receptor
    if receptor:
        receptor = replace(receptor, nombre=unaccented(receptor.nombre), ciudad=unaccented(receptor.ciudad))
    return replace(sale, lines=lines, receptor=receptor, adenda=unaccented(sale.adenda))


def note(rng: Random, index: int, files: Sequence[Planned], today: date) -> Planned:
    """A note of one of these sales (another sale when none can have one); its REFERENCIA is ``N`` and the index."""
    targets = [file for file in files if file.code == "0" and not file.sale.refers]
    if not targets:
        return good(rng, index, today)
    of = rng.choice(targets)
    style = any_style(rng)
    by_number = style.dialect == "xml" or rng.random() < 0.5
    first = replace(of.sale.lines[0], cantidad=Decimal(1), descuento=Decimal(0), descuento_porc=Decimal(0))
    sale = replace(
        of.sale,
        tipo=of.sale.tipo + rng.choice((1, 1, 2)),
        referencia=f"N{index:06}",
        fecha=today,
        lines=(first,),
        descuento=None,
        a_pagar=None,
        extra=(),
        refers=of.sale.referencia,
    )
    if plain_ascii(style.encoding):
        sale = _in_ascii(sale)
    return Planned(stem=f"N{index:06}", style=style, sale=sale, by_number=by_number, slow=rng.random() < 0.3)


def _mistaken(rng: Random, index: int, today: date) -> Planned:
    code = rng.choice(sorted(MISTAKES))
    style = Style(encoding=rng.choice(("utf-8", "cp850", "cp1252")), newline=rng.choice(("\r\n", "\n", "\r")))
    return mistake(code, f"E{index:06}", style, today)


def mistake(code: str, referencia: str, style: Style, today: date) -> Planned:
    """A file with exactly this mistake."""
    tipo = 111 if code == "E1101" else 101
    sale = replace(simple(referencia, today, tipo=tipo), adenda="Señal de que la dirección está bien.")
    return Planned(stem=referencia, style=style, sale=sale, code=code, spoil=MISTAKES[code])


def _field(sections: Draft, section: str) -> list[tuple[str, str]]:
    return next(fields for name, fields in sections if name == section)


def _put(section: str, name: str, value: str) -> Callable[[Draft], None]:
    """Write this field over what is there, or add it."""

    def spoil(sections: Draft) -> None:
        fields = _field(sections, section)
        fields[:] = [(field, old) for field, old in fields if field != name] + [(name, value)]

    return spoil


def _add(section: str, name: str, value: str) -> Callable[[Draft], None]:
    return lambda sections: _field(sections, section).append((name, value))


def _remove(section: str, name: str) -> Callable[[Draft], None]:
    def spoil(sections: Draft) -> None:
        fields = _field(sections, section)
        fields[:] = [(field, value) for field, value in fields if field != name]

    return spoil


def _section(name: str, *fields: tuple[str, str]) -> Callable[[Draft], None]:
    return lambda sections: sections.insert(1, (name, list(fields)))


MISTAKES: Mapping[str, Callable[[Draft], None]] = {
    "E0105": _remove("DOCUMENTO", "REFERENCIA"),
    "E0106": _put("DOCUMENTO", "AMBIENTE", "PRODUCCION"),
    "E0201": _add("DOCUMENTO", "COLOR", "ROJO"),
    "E0202": _section("CLIENTES", ("NOMBRE", "Ana")),
    "E0203": _add("DOCUMENTO", "FORMA_PAGO", "CONTADO"),
    "E0204": _add("DOCUMENTO", "", "ESTO NO TIENE SIGNO IGUAL"),
    "E0205": _put("ITEM", "CANTIDAD", "dos"),
    "E0206": _put("ITEM", "PRECIO", "1.175"),
    "E0207": _put("DOCUMENTO", "FECHA", "31/02/2026"),
    "E0208": _put("ITEM", "IVA", "CARISIMA"),
    "E0209": _remove("DOCUMENTO", "FORMA_PAGO"),
    "E0220": _put("ITEM", "CODIGO", "X" * 36),
    "E1101": _put("RECEPTOR", "DOCUMENTO", "215555550011"),
    "E1102": _section("RECEPTOR", ("TIPO_DOC", "CI"), ("DOCUMENTO", "12345671"), ("NOMBRE", "Ana")),
    "E1104": _put("ITEM", "PRECIO", "900000,00"),
    "E1210": _section("TOTALES", ("A_PAGAR", "150,00")),
    "E1211": _add("ITEM", "IMPORTE", "130,00"),
    "E1301": _put("DOCUMENTO", "TIPO", "102"),
    "E4001": _put("DOCUMENTO", "IMPRESORA", "NOEXISTE"),
}
"""One mistake each: what it does to a file where nothing else is wrong."""
