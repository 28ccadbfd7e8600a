"""The TOML of a mapping as a typed table, and the mapping that it describes."""

import codecs
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sincronizador.core.dialect import Names, Proof
from sincronizador.formats.mapping.answers import Reply, name_problem, template_problem
from sincronizador.formats.mapping.cells import date_problem
from sincronizador.formats.mapping.model import UNWANTED, Condition, Layout, Mapeo, Table, Target, Value
from sincronizador.toml import Tabla, Texto

FORMATS = ("separado", "fijo", "secciones", "csv", "xlsx", "json", "xml")
"""What a mapping describes; any other `formato` is a dialect that is ready."""


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | dict) else value


def _fields(value: object) -> object:
    """A name alone is a column."""
    ways = _listed(value)
    return [{"columna": way} if isinstance(way, str) else way for way in ways] if isinstance(ways, list) else ways


Separador = Annotated[str, Field(min_length=1, max_length=1, pattern=r'[^\r\n"]')]


def _codec(value: str) -> str:
    try:
        if value != "auto":
            "a".encode(value, "replace")  # some codecs are of no text
        return value if value == "auto" else codecs.lookup(value).name
    except (LookupError, UnicodeError):
        raise ValueError("«auto» o el nombre de una codificación, por ejemplo cp850, cp1252 o utf-8") from None


def _date(value: str) -> str:
    if problem := date_problem(value):
        raise ValueError(problem)
    return value


def _extension(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_]{1,16}", value, re.ASCII) or value.lower() in ("tmp", "part"):
        raise ValueError("de 1 a 16 letras y cifras, sin el punto")
    return value


def _template(value: str) -> str:
    if problem := template_problem(value):
        raise ValueError(problem)
    return value


def _answer_field(value: str) -> str:
    if problem := name_problem(value):
        raise ValueError(problem)
    return value


_EXTENSIONS = {"rsp": "rsp", "linea": "txt", "csv": "csv", "json": "json", "xml": "xml"}
"""What an answer is called, by its form, when the mapping does not say."""


def _place(value: object) -> object:
    return [value, value] if isinstance(value, int) and not isinstance(value, bool) else value


def _numbered(value: object) -> object:
    """A list of names is their numbers; what nobody wants keeps its place under a name that no rule can say."""
    if not isinstance(value, list):
        return value
    names = [f"{UNWANTED}{place}" if name in ("", "-") else name for place, name in enumerate(value, 1)]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"nombres distintos; «{twice}» está dos veces")
    return {str(name): place for place, name in enumerate(names, 1)}


def _from_to(value: tuple[int, int]) -> tuple[int, int]:
    if not 0 < value[0] <= value[1]:
        raise ValueError("desde y hasta, contando desde 1, por ejemplo [1, 8]")
    return value


def _marked(value: str) -> str:
    before, star, behind = value.partition("*")
    if not (star and before and "*" not in behind):
        raise ValueError("lo que va antes y después del nombre, con un asterisco en su lugar, por ejemplo ->*<-")
    return value


Textos = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(strict=False)]
Codificacion = Annotated[str, AfterValidator(_codec)]
Lugar = Annotated[
    tuple[int, int], BeforeValidator(_place), Field(strict=False), AfterValidator(_from_to)
]  # fmt: skip


class Condicion(Tabla):
    """``cuando``: what must hold of a column."""

    columna: Texto
    registro: str = ""
    es: Textos | None = None
    no_es: Textos | None = None
    vacio: bool | None = None
    negativo: bool | None = None

    def condition(self) -> Condition:
        """The same for the engine."""
        return Condition(
            column=self.columna,
            record=self.registro,
            one_of=_folded(self.es),
            none_of=_folded(self.no_es),
            empty=self.vacio,
            negative=self.negativo,
        )


Condiciones = Annotated[tuple[Condicion, ...], BeforeValidator(_listed), Field(strict=False)]


class Campo(Tabla):
    """One way to a field."""

    columna: str = ""
    columnas: Textos = ()
    valor: str = ""
    registro: str = ""
    cuando: Condiciones = ()
    une: str = " "
    tabla: str = ""
    toma: str = ""
    fecha: Annotated[str, AfterValidator(_date)] | None = None
    suma_horas: Annotated[int, Field(ge=-24, le=24)] = 0
    decimales: Annotated[int, Field(ge=0, le=10)] | None = None
    signo: Literal["", "quitar", "cobol"] = ""
    ceros: Literal["", "quitar"] = ""
    prefijo: str = ""
    sufijo: str = ""
    defecto: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it is made of."""
        return (self.columna,) if self.columna else self.columnas

    def value(self) -> Value:
        """The same for the engine."""
        return Value(
            columns=self.names,
            constant=self.valor,
            record=self.registro,
            when=tuple(one.condition() for one in self.cuando),
            join=self.une,
            table=self.tabla,
            column=self.toma,
            date=self.fecha or "",
            hours=self.suma_horas,
            decimals=self.decimales,
            zoned=self.signo == "cobol",
            unsigned=self.signo == "quitar",
            unpadded=bool(self.ceros),
            prefix=self.prefijo,
            suffix=self.sufijo,
            default=self.defecto,
        )


class Seccion(Tabla):
    """``[[seccion]]``: a section of our TXT."""

    nombre: Texto
    registro: str = ""
    cuando: Condiciones = ()
    campos: Mapping[Texto, Annotated[tuple[Campo, ...], BeforeValidator(_fields), Field(strict=False, min_length=1)]]

    def target(self) -> Target:
        """The same for the engine."""
        return Target(
            section=self.nombre.upper(),
            record=self.registro,
            when=tuple(one.condition() for one in self.cuando),
            fields={name.upper(): tuple(way.value() for way in ways) for name, ways in self.campos.items()},
        )


class Forma(Tabla):
    """``[forma]``: how the file is cut."""

    separador: Annotated[str, Field(min_length=1)] | None = None
    comillas: bool | None = None
    encabezado: bool | None = None
    tipo: Lugar | None = None
    largo: Annotated[int, Field(ge=0, le=100_000)] = 0
    marca: Annotated[str, AfterValidator(_marked)] = "->*<-"
    pares: bool = False
    agrupa: str = ""
    rellena: Textos = ()
    hoja: str = ""
    espacios: Mapping[Texto, Texto] = {}

    def layout(self, formato: str) -> Layout:
        """The same for the engine, with what the format usually has."""
        rows = formato in ("csv", "xlsx")
        before, _, behind = self.marca.partition("*")
        return Layout(
            separator=self.separador or ("," if formato == "csv" else "|"),
            quoted=rows if self.comillas is None else self.comillas,
            header=rows if self.encabezado is None else self.encabezado,
            kind=self.tipo,
            length=self.largo,
            marker=(before, behind),
            pairs=self.pares,
            group=self.agrupa,
            fill=self.rellena,
            sheet=self.hoja,
            spaces=self.espacios,
        )


class Registro(Tabla):
    """``[registro.X]``: the columns of a kind of record."""

    columnas: Annotated[Mapping[Texto, Lugar], BeforeValidator(_numbered)] = {}
    """Column -> from and to. A list is numbered; a dash in it is a column that nobody wants."""


class Valores(Tabla):
    """``[tabla.X]``: values looked up, here or in a file beside the mapping."""

    valores: Mapping[str, str] = {}
    archivo: str = ""
    clave: str = ""
    separador: Separador = ";"
    codificacion: Codificacion = "auto"
    otro: str | None = None


class Completo(Tabla):
    """``[completo]``: what proves that a file is whole."""

    registro: str = ""
    marca: str = ""
    reposo: bool = False


class Respuesta(Tabla):
    """``[respuesta]``: how the answer is written."""

    formato: Literal["rsp", "linea", "csv", "json", "xml"] = "rsp"
    plantilla: Annotated[str, AfterValidator(_template)] = ""
    campos: Annotated[tuple[Annotated[str, AfterValidator(_answer_field)], ...], Field(strict=False)] = ()
    separador: Separador = ";"
    extension: Annotated[str, AfterValidator(_extension)] = ""
    pendientes: bool = True
    codificacion: Codificacion = "auto"

    def reply(self) -> Reply:
        """The same for the engine."""
        return Reply(
            format=self.formato,
            extension=self.extension or _EXTENSIONS[self.formato],
            pending=self.pendientes,
            template=self.plantilla,
            fields=self.campos,
            separator=self.separador,
            encoding=self.codificacion,
        )


class Mapa(Tabla):
    """The TOML of a mapping, or of the names that a ready dialect takes."""

    nombre: str = ""
    archivos: Annotated[tuple[Texto, ...], Field(strict=False, min_length=1)]
    cajas: Textos = ()
    formato: Texto
    codificacion: Codificacion = "auto"
    decimal: Literal["", "PUNTO", "COMA"] = ""
    documento: str = ""
    ignorar: Textos = ()
    lote: bool = False
    forma: Forma = Forma()
    registro: Mapping[str, Registro] = {}
    seccion: Annotated[tuple[Seccion, ...], Field(strict=False)] = ()
    tabla: Mapping[str, Valores] = {}
    completo: Completo = Completo()
    respuesta: Respuesta = Respuesta()

    def names(self) -> Names:
        """Which files it takes."""
        return Names(patterns=self.archivos, tills=frozenset(caja.upper() for caja in self.cajas))

    def proof(self) -> Proof:
        """What proves that they are whole: rest, when nothing else does."""
        own = self.formato in ("json", "xml", "xlsx")
        proven = own or self.completo.registro or self.completo.marca
        return Proof(marker=self.completo.marca, rest=self.completo.reposo or not proven)

    def mapeo(self, name: str, tables: Mapping[str, Table], largest: int) -> Mapeo:
        """The mapping for the engine."""
        return Mapeo(
            name=name,
            format=self.formato,
            encoding=self.codificacion,
            decimal=self.decimal,
            document=self.documento,
            ignored=frozenset(self.ignorar),
            batch=self.lote,
            layout=self.forma.layout(self.formato),
            records={kind: record.columnas for kind, record in self.registro.items()},
            targets=tuple(seccion.target() for seccion in self.seccion),
            tables=tables,
            end=self.completo.registro,
            largest=largest,
        )


def _folded(texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(text.casefold() for text in texts)
