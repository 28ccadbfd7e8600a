"""What is wrong in the TOML of a mapping beyond its form: names that nothing has, rules that nobody could follow."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from sincronizador.core import codes
from sincronizador.core.dialect import Dialect
from sincronizador.core.finding import Finding
from sincronizador.core.nearest import nearest
from sincronizador.core.sections import Vocabulary
from sincronizador.formats.mapping.json_source import path_problem
from sincronizador.formats.mapping.model import DOCUMENT, FILE, ROW, STEM, UNWANTED
from sincronizador.formats.mapping.rules import TEXT
from sincronizador.formats.mapping.xml_source import xpath_problem
from sincronizador.mapping_toml import FORMATS, Campo, Condicion, Mapa, Seccion

_FORMA = {
    "separado": frozenset({"separador", "comillas", "encabezado", "tipo", "agrupa", "rellena"}),
    "fijo": frozenset({"tipo", "largo", "agrupa", "rellena"}),
    "secciones": frozenset({"marca", "separador", "pares"}),
    "csv": frozenset({"separador", "comillas", "encabezado", "agrupa", "rellena"}),
    "xlsx": frozenset({"hoja", "encabezado", "agrupa", "rellena"}),
    "json": frozenset[str](),
    "xml": frozenset({"espacios"}),
}
"""What each format takes of ``[forma]``: what nobody heeds is a mistake."""
_ONE_SOURCE = "de una columna, de columnas o de un valor: uno solo de los tres"


def contradictions(mapa: Mapa, vocabulary: Vocabulary, ready: frozenset[str]) -> Iterator[Finding]:
    """Everything of that kind, in the order of the file."""
    yield from _names(mapa)
    if mapa.formato not in FORMATS:
        if mapa.formato not in ready:
            yield _unknown("formato", mapa.formato, (*FORMATS, *sorted(ready)), "un formato")
        for key in sorted(mapa.model_fields_set - {"nombre", "archivos", "cajas", "formato"}):
            yield _bad(key, "algo", f"nada: el formato {mapa.formato} ya sabe cómo son sus archivos")
        return
    if not mapa.seccion:
        yield codes.MISSING_SETTING.at(clave="la tabla [[seccion]]: qué se hace con cada registro")
    yield from _layout(mapa)
    for number, seccion in enumerate(mapa.seccion, 1):
        yield from _seccion(mapa, seccion, f"seccion {number}", vocabulary)
    yield from _tables(mapa)
    yield from _respuesta(mapa)


def _names(mapa: Mapa) -> Iterator[Finding]:
    for pattern in mapa.archivos:
        if "." not in pattern and "*" not in pattern:
            yield _bad("archivos", pattern, "nombres con su extensión, por ejemplo *.pip")
    marca = mapa.completo.marca
    if marca and not re.fullmatch(r"[A-Za-z0-9_$]{1,16}", marca, re.ASCII):
        yield _bad("completo.marca", marca, "la extensión del archivo que avisa, sin el punto, por ejemplo OK")
    elif marca and _is_request(marca.lower(), mapa.archivos):
        yield _bad("completo.marca", marca, "otra extensión: los archivos con esa son pedidos, y la marca se borra")


def _is_request(extension: str, archivos: Iterable[str]) -> bool:
    """Whether files that end so are taken themselves."""
    endings = (one.lower().rpartition(".")[2] for one in archivos if "." in one)
    # A pattern for whatever extension means all files but the markers.
    return extension in ("txt", "xml") or any(end != "*" and fnmatchcase(extension, end) for end in endings)


def clashes(dialects: Sequence[Dialect]) -> Iterator[Finding]:
    """Mappings that take for a request what vouches for the requests of another one."""
    for marked in dialects:
        for other in dialects:
            marker, patterns = marked.proof.marker, other.names.patterns
            if marked is not other and marker and _is_request(marker.lower(), patterns):
                expected = f"otra extensión: el mapeo {other.name} toma {', '.join(patterns)}, y la marca se borra"
                yield _bad(f"completo.marca del mapeo {marked.name}", marker, expected)


def _layout(mapa: Mapa) -> Iterator[Finding]:
    forma, formato = mapa.forma, mapa.formato
    layout = forma.layout(formato)
    for key in sorted(forma.model_fields_set - _FORMA[formato]):
        yield _bad(f"forma.{key}", "algo", f"nada: no es del formato {formato}")
    if "codificacion" in mapa.model_fields_set and formato in ("xlsx", "xml"):
        yield _bad("codificacion", mapa.codificacion, f"nada: un {formato} ya la dice")
    if mapa.registro and (formato in ("json", "xml") or layout.header):
        yield _bad("registro", ", ".join(mapa.registro), "nada: los nombres están en el archivo")
    if layout.quoted and len(layout.separator) != 1:
        yield _bad("forma.separador", layout.separator, "un solo carácter, porque hay comillas")
    if layout.header and forma.tipo:
        yield _bad("forma.tipo", str(forma.tipo[0]), "nada: un archivo con encabezado tiene filas de una sola clase")
    if formato == "fijo" and not mapa.registro:
        yield codes.MISSING_SETTING.at(clave=f"la tabla [registro.{ROW}] con sus columnas")
    if _typed(mapa) and not mapa.documento and any(not one.registro for one in mapa.seccion):
        yield codes.MISSING_SETTING.at(clave="«documento»: el registro con que empieza cada comprobante")
    kinds = _kinds(mapa)
    for key, kind in (("documento", mapa.documento), ("completo.registro", mapa.completo.registro)):
        if kind and kinds is not None and kind not in kinds:
            yield _unknown(key, kind, kinds, "un registro")
    if mapa.documento and (problem := _path_problem(mapa, mapa.documento)):
        yield _bad("documento", mapa.documento, problem)
    if mapa.completo.registro and formato not in ("separado", "fijo", "secciones"):
        yield _bad("completo.registro", mapa.completo.registro, "nada: ese formato ya dice dónde termina")


def _typed(mapa: Mapa) -> bool:
    """Whether its records are of several kinds."""
    return mapa.formato == "secciones" or (mapa.formato in ("separado", "fijo") and mapa.forma.tipo is not None)


def _kinds(mapa: Mapa) -> tuple[str, ...] | None:
    """The kinds of records that there may be; None when the file alone decides."""
    if mapa.formato in ("json", "xml") or (mapa.formato == "secciones" and mapa.forma.pares):
        return None
    return tuple(dict.fromkeys((*mapa.registro, *(() if _typed(mapa) else (ROW,)))))


def _path_problem(mapa: Mapa, path: str) -> str:
    if mapa.formato == "json":
        return "" if path in (DOCUMENT, FILE) else path_problem(path)
    if mapa.formato == "xml":
        return "" if path == DOCUMENT else xpath_problem(path, mapa.forma.espacios)
    return ""


def _seccion(mapa: Mapa, seccion: Seccion, where: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    name = seccion.nombre.upper()
    where = f"{where} ({name})"
    if name in vocabulary.free:
        fields: frozenset[str] | None = frozenset({TEXT})
    else:
        fields = vocabulary.fields.get(name)
        if fields is None:
            yield _unknown(f"{where}.nombre", name, (*vocabulary.fields, *vocabulary.free), "una sección")
    own = seccion.registro or mapa.documento or ROW
    yield from _record(mapa, seccion.registro, f"{where}.registro")
    yield from _conditions(mapa, seccion.cuando, own, f"{where}.cuando")
    for field, ways in seccion.campos.items():
        if fields and field.upper() not in fields and not field.upper().startswith("X_"):
            yield _unknown(f"{where}.campos", field.upper(), sorted(fields), f"un campo de [{name}]")
        for way in ways:
            yield from _way(mapa, way, own, f"{where}.campos.{field.upper()}")


def _way(mapa: Mapa, way: Campo, own: str, where: str) -> Iterator[Finding]:
    given = [name for name in ("columna", "columnas", "valor") if getattr(way, name)]
    if len(given) != 1:
        yield _bad(where, " y ".join(given) or "nada", _ONE_SOURCE)
    own = way.registro or own
    yield from _record(mapa, way.registro, f"{where}.registro")
    for column in way.names:
        yield from _column(mapa, own, column, where)
    yield from _conditions(mapa, way.cuando, own, f"{where}.cuando")
    if way.tabla and way.tabla not in mapa.tabla:
        yield _unknown(f"{where}.tabla", way.tabla, tuple(mapa.tabla), "una tabla")
    elif way.tabla and bool(way.toma) != bool(mapa.tabla[way.tabla].archivo):
        expected = "la columna que se toma de la tabla" if not way.toma else "nada: la tabla no es de un archivo"
        yield _bad(f"{where}.toma", way.toma, expected)


def _conditions(mapa: Mapa, conditions: Iterable[Condicion], own: str, where: str) -> Iterator[Finding]:
    for one in conditions:
        if all(test is None for test in (one.es, one.no_es, one.vacio, one.negativo)):
            clave = f"qué se le pide a «{one.columna}» en {where}: es, no_es, vacio o negativo"
            yield codes.MISSING_SETTING.at(clave=clave)
        yield from _record(mapa, one.registro, f"{where}.registro")
        yield from _column(mapa, one.registro or own, one.columna, where)


def _record(mapa: Mapa, kind: str, where: str) -> Iterator[Finding]:
    kinds = _kinds(mapa)
    if kind and kinds is not None and kind not in kinds:
        yield _unknown(where, kind, kinds, "un registro")
    elif kind and (problem := _path_problem(mapa, kind)):
        yield _bad(where, kind, problem)


def _column(mapa: Mapa, kind: str, column: str, where: str) -> Iterator[Finding]:
    if column == STEM:
        return
    if mapa.formato == "xml":
        if problem := xpath_problem(column, mapa.forma.espacios):
            yield _bad(where, column, problem)
        return
    declared = mapa.registro.get(kind)
    if declared is None or mapa.forma.layout(mapa.formato).header or not declared.columnas:
        return
    known = [name for name in declared.columnas if not name.startswith(UNWANTED)]
    if column not in known:
        yield _unknown(where, column, known, f"una columna del registro {kind}")


def _tables(mapa: Mapa) -> Iterator[Finding]:
    for name, valores in mapa.tabla.items():
        if bool(valores.valores) == bool(valores.archivo):
            yield _bad(f"tabla.{name}", "las dos cosas" if valores.archivo else "nada", "de valores o de un archivo")
        elif valores.archivo and not valores.clave:
            yield codes.MISSING_SETTING.at(clave=f"«clave» en [tabla.{name}]")


def _respuesta(mapa: Mapa) -> Iterator[Finding]:
    respuesta = mapa.respuesta
    wanted = {"linea": ("plantilla", bool(respuesta.plantilla)), "csv": ("campos", bool(respuesta.campos))}
    key, there = wanted.get(respuesta.formato, ("", True))
    if not there:
        yield codes.MISSING_SETTING.at(clave=f"«{key}» en [respuesta]")
    if respuesta.formato == "rsp" and respuesta.extension:
        yield _bad("respuesta.extension", respuesta.extension, "nada: la respuesta .rsp se llama siempre así")
    if mapa.lote and respuesta.reply().extension.lower() == "csv":
        yield _bad("respuesta.extension", "csv", "otra: un lote ya deja su tabla con esa extensión")
    for name, given in (("plantilla", respuesta.plantilla), ("campos", respuesta.campos)):
        if given and name != key:
            yield _bad(f"respuesta.{name}", "algo", f'nada: es de otro formato que "{respuesta.formato}"')


def _unknown(where: str, value: str, known: Iterable[str], what: str) -> Finding:
    upper = {name.upper(): name for name in known}
    near = nearest(value.upper(), upper)
    listed = f"¿«{upper[near]}»?" if near else ", ".join(upper.values()) or "ninguno"
    return codes.BAD_SETTING.at(clave=where, valor=value, esperado=f"{what} que exista ({listed})"[:600])


def _bad(where: str, value: str, expected: str) -> Finding:
    return codes.BAD_SETTING.at(clave=where, valor=value, esperado=expected)
