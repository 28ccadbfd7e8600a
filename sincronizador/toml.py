"""
A TOML as a typed table: its keys keep their Spanish names; every path in it becomes absolute, relative to the file.

What is wrong is told all at once, a sentence each. A secret never stands in the TOML: see `Secret`.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)

from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of, printable
from sincronizador.secret import CREDENTIAL, Secret

_HIDDEN = frozenset(("base", "base_clave", "certificado", "clave", "nube", "token"))
"""Keys whose value is not repeated: somebody may have written the secret itself."""


def absolute(value: str, info: ValidationInfo) -> str:
    """A path of a TOML, relative to its file."""
    return os.path.normpath(os.path.join(str(info.context), value))


def _seconds(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


PATH_MARK = "ruta"
"""In the annotation of what is, or may be, a path."""
Ruta = Annotated[str, StringConstraints(min_length=1), AfterValidator(absolute), PATH_MARK]
Texto = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Segundos = Annotated[float, BeforeValidator(_seconds), Field(gt=0, le=86_400)]


class Tabla(BaseModel):
    """A table of a TOML: no key but those named here, and no value of another kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_T = TypeVar("_T", bound=Tabla)


LARGEST = 5_000_000
"""Bytes of a TOML; a mapping with a table of ten thousand customers has half a million."""
_TOO_DEEP = re.compile(r"""(?<![\w\\-])(?:(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""")
"""A key of more than a hundred parts: `tomllib` takes the square of their number."""


class Kind(Enum):
    """Whose TOML it is: what people call it, and keys that only this kind has."""

    INSTALLATION = ("una instalación", frozenset(("emisor", "instalacion", "spool", "ruta")))
    CLOUD = ("la nube", frozenset(("base", "escuchar", "administracion", "limites")))
    MAPPING = ("un mapeo", frozenset(("archivos", "formato", "seccion")))
    TEMPLATE = ("una plantilla", frozenset(("logo", "color", "encabezado", "pie", "ocultar", "orden", "extra")))


def secret_at(key: str) -> Callable[[object, ValidationInfo], Secret]:
    """What makes the value of that key, as ``certificado.clave``, a `Secret`."""

    def secret(value: object, info: ValidationInfo) -> Secret:
        expected = (
            f"la ruta de un archivo (con «/», por ejemplo ./clave.txt) o {CREDENTIAL}NOMBRE; nunca el secreto mismo"
        )
        if not isinstance(value, str) or not value:
            raise ValueError(expected)
        if value.startswith(CREDENTIAL):
            name = value.removeprefix(CREDENTIAL)
            if not re.fullmatch(r"[\w.-]+", name, re.ASCII) or name.startswith("."):
                raise ValueError(expected)
            return Secret(key=key, path="", credential=name)
        path = absolute(value, info)
        if "/" not in value and not os.path.exists(path):
            raise ValueError(expected)
        return Secret(key=key, path=path)

    return secret


def leaves(table: Tabla, within: str = "") -> Iterator[tuple[str, Any, bool]]:
    """Every value of a table of tables: its whole key (``nube.ca``), the value, whether it may be a path."""
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if isinstance(value, Tabla):
            yield from leaves(value, f"{within}{name}.")
        else:
            marks = [*field.metadata, *(mark for one in get_args(field.annotation) for mark in get_args(one))]
            yield f"{within}{name}", value, PATH_MARK in marks


def load(path: str, kind: Kind, table: type[_T], contradictions: Callable[[_T], Iterable[Finding]]) -> _T:
    """
    The `table` that a TOML of that kind holds, without `contradictions`.

    Raises `NeedsOperator` with every problem found, a sentence each: E9304, E9305 and E9307 for the file, E9301 to
    E9303 for its keys and values. Secrets are not opened here.
    """
    return load_text(_content(path), path, kind, table, contradictions)


def load_text(
    content: bytes, path: str, kind: Kind, table: type[_T], contradictions: Callable[[_T], Iterable[Finding]]
) -> _T:
    """The same of what is, or will be, the content of the TOML at `path`, which is absolute."""
    data = _parsed(content, path)
    if (found := kind_of(data)) not in (kind, None):
        raise refusal([codes.OTHER_TOML.at(archivo=path, es=found.value[0], esperado=kind.value[0])])
    try:
        made = table.model_validate(data, context=os.path.dirname(path))
    except ValidationError as exc:
        # A default that hangs on another key is wrong where that one is, and once is enough.
        errors = [error for error in exc.errors(include_url=False) if error["type"] != "default_factory_not_called"]
        raise refusal([_finding(error, table) for error in errors], path) from None
    if problems := list(contradictions(made)):
        raise refusal(problems, path)
    return made


def kind_of(data: Mapping[str, Any]) -> Kind | None:
    """The kind that these keys belong to; None when they belong to none or to several."""
    kinds = [kind for kind in Kind if kind.value[1] & data.keys()]
    return kinds[0] if len(kinds) == 1 else None


def parse(path: str) -> dict[str, Any]:
    """The bare contents of a TOML. Raises `NeedsOperator` E9304 and E9305."""
    return _parsed(_content(path), path)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST + 1)
    except OSError as exc:
        detail = f"no se puede leer «{path}» ({cause_of(exc)})"
        raise refusal([codes.NO_SETTINGS.at(detalle=detail)]) from exc


def _parsed(content: bytes, path: str) -> dict[str, Any]:
    try:
        if len(content) > LARGEST:
            raise refusal([codes.BROKEN_TOML.at(archivo=path, detalle=f"tiene más de {LARGEST} bytes")])
        text = content.decode("utf-8-sig")
        if _TOO_DEEP.search(text):
            raise refusal([codes.BROKEN_TOML.at(archivo=path, detalle="tiene demasiados niveles")])
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError as exc:
        raise refusal([codes.BROKEN_TOML.at(archivo=path, detalle="tiene demasiados niveles")]) from exc
    except ValueError as exc:  # also of a number that is too long, which is no TOMLDecodeError
        raise refusal([codes.BROKEN_TOML.at(archivo=path, detalle=_where(exc))]) from exc


def refusal(problems: list[Finding], path: str = "") -> NeedsOperator:
    """All `problems` as one error with the first one's code; with `path`, as a list about that file."""
    sentences = [" ".join(filter(None, (problem.message, problem.hint))) for problem in problems]
    if path:
        noun = "un problema" if len(sentences) == 1 else f"{len(sentences)} problemas"
        sentences = [f"El archivo «{path}» tiene {noun}:", *(f"  - {sentence}" for sentence in sentences)]
    return NeedsOperator(problems[0].code, "\n".join(sentences))


def _where(error: ValueError) -> str:
    place = re.search(r"line (\d+), column (\d+)", str(error))
    if place:
        return f"en la línea {place[1]}, columna {place[2]}"
    if isinstance(error, UnicodeDecodeError):
        return "no está en UTF-8"
    return "se corta antes del final" if isinstance(error, tomllib.TOMLDecodeError) else "tiene un número sin fin"


_EXPECTED = {
    "string_type": "un texto entre comillas",
    "string_too_short": "un texto que no esté vacío",
    "string_pattern_mismatch": "de 1 a 8 letras, cifras, guiones",
    "int_type": "un número entero",
    "int_parsing": "un año",
    "float_type": "un número de segundos",
    "bool_type": "true o false",
    "tuple_type": "una lista entre corchetes",
    "model_type": "una tabla",
    "mapping_type": "una tabla",
    "greater_than": "mayor que {gt}",
    "greater_than_equal": "{ge} o más",
    "less_than_equal": "{le} o menos",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "value_error": "{error}",
}
"""What was expected, by pydantic's name of the error."""


def _finding(error: Any, root: type[Tabla]) -> Finding:
    place = [part for part in error["loc"] if isinstance(part, str) and part != "[key]"]
    *table, key = place
    where = f"[{'.'.join(_numbered(error['loc'])[:-1])}]" if table else "el comienzo, antes de las tablas"
    if error["type"] == "extra_forbidden":
        return codes.UNKNOWN_SETTING.at(clave=key, donde=where, parecido=_nearest(root, table, key))
    if error["type"] == "missing":
        return codes.MISSING_SETTING.at(clave=f"la tabla [{key}]" if _keys(root, place) else f"«{key}» en {where}")
    details = {name: str(value) for name, value in error.get("ctx", {}).items()}
    expected = (
        _EXPECTED.get(error["type"], "un valor admitido").format_map(details).replace("'", '"').replace(" or ", " o ")
    )
    shown = "(oculto)" if key in _HIDDEN else _as_written(error["input"])
    return codes.BAD_SETTING.at(clave=".".join(_numbered(error["loc"])), valor=shown, esperado=expected)


def _numbered(place: Iterable[str | int]) -> list[str]:
    """The keys to a value; one of several of a list says which, counted from 1: ``seccion 2``."""
    names: list[str] = []
    for part in place:
        if isinstance(part, int) and names:
            names[-1] += f" {part + 1}"
        elif part != "[key]":
            names.append(str(part))
    return names


def _as_written(value: object) -> str:
    if isinstance(value, dict | list):
        return "una tabla" if isinstance(value, dict) else "una lista"
    return printable(str(value).lower() if isinstance(value, bool) else str(value))[:80]


def _nearest(root: type[Tabla], table: list[str], key: str) -> str:
    if table and key in root.model_fields:
        return "Esa clave va al comienzo, antes de las tablas."
    if home := next((name for name in root.model_fields if key in _keys(root, [name])), None):
        return f"Esa clave va en [{home}]."
    here = _keys(root, table)
    close = difflib.get_close_matches(key.lower(), here, n=1)
    return f"¿Quiso decir «{close[0]}»?" if close else f"Las que hay son: {', '.join(here)}."


def _keys(root: type[Tabla], table: list[str]) -> list[str]:
    kind: Any = root
    for name in table:
        kind = _bare(kind.model_fields[name].annotation if _is_table(kind) else get_args(kind)[1])
    kind = next((option for option in map(_bare, get_args(kind)) if _is_table(option)), kind)
    return list(kind.model_fields) if _is_table(kind) else []


def _bare(kind: Any) -> Any:
    """What an annotation annotates, a list holds, an option may be."""
    while get_origin(kind) in (Annotated, tuple, UnionType):
        kind = get_args(kind)[0]
    return kind


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Tabla)
