"""The folder of mappings: every TOML in it checked, and the dialects that they describe."""

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from sincronizador import toml
from sincronizador.core import codes
from sincronizador.core.dialect import Dialect, Dialects, Names
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Vocabulary
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.files import cause_of
from sincronizador.formats.encoding import decode
from sincronizador.formats.mapping.answers import Form
from sincronizador.formats.mapping.dialect import MappedDialect
from sincronizador.formats.mapping.model import Table
from sincronizador.mapping_checks import clashes, contradictions
from sincronizador.mapping_toml import FORMATS, Mapa, Valores
from sincronizador.toml import Kind

Ready = Callable[[str, Names], Dialect]
"""Makes a dialect that is ready, of that name, for files of those names."""

LARGEST_TABLE = 50_000_000
"""Bytes of a file of looked-up values."""


def load_mappings(folder: str, vocabulary: Vocabulary, ready: Mapping[str, Ready], *, largest: int) -> Dialects:
    """
    The dialects of a folder, in the order of the names of its TOMLs.

    `vocabulary` is what a TXT may hold, `ready` the dialects that need no rules, by their `formato`; `largest` is what
    a packed file may unpack to. Raises `NeedsOperator` with every problem of every file, a sentence each.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith(".toml"))
    except OSError as exc:
        detail = f"no se puede leer «{folder}» ({cause_of(exc)})"
        raise toml.refusal([codes.NO_SETTINGS.at(detalle=detail)]) from exc
    made: list[Dialect] = []
    wrong: list[NeedsOperator] = []
    for name in names:
        try:
            made.append(load_mapping(os.path.join(folder, name), vocabulary, ready, largest=largest))
        except NeedsOperator as error:
            wrong.append(error)
    if wrong:
        raise NeedsOperator(wrong[0].code, "\n".join(map(str, wrong)))
    if between := list(clashes(made)):
        raise toml.refusal(between)
    return Dialects(tuple(made))


def load_mapping(path: str, vocabulary: Vocabulary, ready: Mapping[str, Ready], *, largest: int) -> Dialect:
    """The dialect of one TOML. Raises `NeedsOperator` with every problem in it, a sentence each."""
    mapa = toml.load(path, Kind.MAPPING, Mapa, lambda mapa: contradictions(mapa, vocabulary, frozenset(ready)))
    name = mapa.nombre or os.path.splitext(os.path.basename(path))[0]
    if mapa.formato not in FORMATS:
        return ready[mapa.formato](name, mapa.names())
    problems: list[Finding] = []
    tables = dict(_tables(mapa, os.path.dirname(os.path.abspath(path)), problems))
    if problems:
        raise toml.refusal(problems, path)
    return MappedDialect(
        mapeo=mapa.mapeo(name, tables, largest),
        vocabulary=vocabulary,
        names=mapa.names(),
        proof=mapa.proof(),
        form=None if mapa.respuesta.formato == "rsp" else Form(mapa.respuesta.reply()),
    )


def _tables(mapa: Mapa, folder: str, problems: list[Finding]) -> Iterator[tuple[str, Table]]:
    columns = {name: set[str]() for name in mapa.tabla}
    for seccion in mapa.seccion:
        for way in (way for ways in seccion.campos.values() for way in ways if way.tabla):
            columns[way.tabla].add(way.toma)
    for name, valores in mapa.tabla.items():
        rows: Mapping[str, Mapping[str, str]] = {
            key.strip().casefold(): {"": text.strip()} for key, text in valores.valores.items()
        }
        if valores.archivo:
            rows = _read(name, valores, folder, columns[name], problems)
        yield name, Table(rows=rows, other=valores.otro)


def _read(
    name: str, valores: Valores, folder: str, wanted: Iterable[str], problems: list[Finding]
) -> Mapping[str, Mapping[str, str]]:
    """The rows of a file of values by their key; what is wrong with it goes to `problems`."""
    path = os.path.normpath(os.path.join(folder, valores.archivo))

    def refuse(expected: str) -> Mapping[str, Mapping[str, str]]:
        problems.append(codes.BAD_SETTING.at(clave=f"tabla.{name}.archivo", valor=path, esperado=expected))
        return {}

    try:
        with open(path, "rb") as file:
            text, _ = decode(file.read(LARGEST_TABLE), valores.codificacion)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=valores.separador, strict=True)
        header = [column.strip() for column in reader.fieldnames or ()]
        reader.fieldnames = header
        if absent := sorted({valores.clave, *wanted} - {""} - set(header)):
            return refuse(f"un archivo con la columna «{absent[0]}»; tiene {', '.join(header)}"[:400])
        rows = [{column: str(text or "").strip() for column, text in row.items() if column} for row in reader]
    except OSError as exc:
        return refuse(f"un archivo que se pueda leer ({cause_of(exc)})")
    except (Rejected, csv.Error, UnicodeError) as exc:
        return refuse(f"un archivo de columnas separadas por «{valores.separador}» ({exc})")
    found: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if (key := row[valores.clave].casefold()) in found:
            return refuse(f"un archivo con cada {valores.clave} una sola vez; «{key}» está dos veces")
        if key:
            found[key] = row
    return found
