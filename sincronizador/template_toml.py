"""The TOML of a template (``plantilla.toml``): what an issuer moves, adds or hides on its papers. It is never code."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, ValidationInfo

from sincronizador import toml
from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.core.template import ORDEN, Extra, Lugar, Template
from sincronizador.printing import logo
from sincronizador.toml import Kind, Tabla, Texto

MOST_OUTSIDE = 2
"""Lines that may stand outside the box of the adenda. Formato CFE v25.2, representación impresa, adenda."""


def _logo(value: object, info: ValidationInfo) -> bytes:
    if not isinstance(value, str) or not value:
        raise ValueError("la ruta de un archivo PNG o JPEG")
    path = os.path.join(str(info.context), value)
    try:
        if not os.path.isfile(path):
            raise FileNotFoundError
        with open(path, "rb") as file:
            content = file.read(logo.LARGEST + 1)
    except OSError:
        raise ValueError(f"un archivo que exista y se pueda leer (se buscó en «{path}»)") from None
    if expected := logo.problem(content):
        raise ValueError(expected)
    return content


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError(expected)
        return value

    return check


def _whole(value: tuple[str, ...]) -> tuple[str, ...]:
    if sorted(value) != sorted(ORDEN):
        raise ValueError(f"una lista con {', '.join(ORDEN)}, cada una una vez")
    return value


def _few(most: int) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def check(value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > most:
            raise ValueError(f"una lista de hasta {most} textos")
        return value

    return check


def _short(value: str) -> str:
    if len(value) > 200 or any(char < " " for char in value):
        raise ValueError("un texto de un solo renglón y de hasta 200 letras")
    return value


Renglon = Annotated[Texto, AfterValidator(_short)]
Color = Annotated[str, AfterValidator(_matching(r"#[0-9a-fA-F]{6}|", "un color como «#1a4d80»"))]
Campo = Annotated[
    str,
    StringConstraints(to_upper=True),
    AfterValidator(_matching(r"[A-Z0-9_]{1,50}", "el nombre de un campo de [EXTRA]: letras, cifras y «_»")),
]


class CampoExtra(Tabla):
    """``[[extra]]``: a field of ``[EXTRA]`` that is printed."""

    campo: Campo
    rotulo: Renglon
    lugar: Literal["cabeza", "adenda"] = "adenda"


class Plantilla(Tabla):
    """The whole TOML."""

    logo: Annotated[bytes, PlainValidator(_logo)] = b""
    color: Color = ""
    encabezado: Annotated[tuple[Renglon, ...], Field(strict=False), AfterValidator(_few(4))] = ()
    pie: Annotated[tuple[Renglon, ...], Field(strict=False), AfterValidator(_few(8))] = ()
    ocultar: Annotated[tuple[Texto, ...], Field(strict=False)] = ()
    orden: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(_whole)] = ORDEN
    extra: Annotated[tuple[CampoExtra, ...], Field(strict=False)] = ()


def load_template(path: str, free: Mapping[str, str], bound: Mapping[str, str]) -> Template:
    """
    The template of that TOML, its logo read and found to be one.

    `free` names what the country lets an issuer hide, `bound` what the law wants on paper. Raises `NeedsOperator` with
    every problem found, a sentence each: E9308 for a part that the law wants, else as `toml.load`.
    """

    def problems(found: Plantilla) -> Iterator[Finding]:
        yield from _hidden(found, free, bound)
        if sum(each.lugar == "cabeza" for each in found.extra) > MOST_OUTSIDE:
            expected = f'"adenda": fuera de su recuadro la ley deja {MOST_OUTSIDE} renglones'
            yield codes.BAD_SETTING.at(clave="extra.lugar", valor="cabeza", esperado=expected)

    found = toml.load(path, Kind.TEMPLATE, Plantilla, problems)
    return Template(
        logo=found.logo,
        color=found.color,
        encabezado=found.encabezado,
        pie=found.pie,
        ocultar=frozenset(found.ocultar),
        orden=found.orden,
        extra=tuple(Extra(campo=each.campo, rotulo=each.rotulo, lugar=Lugar(each.lugar)) for each in found.extra),
    )


def logo_of(path: str) -> str:
    """The path of the picture that a template names; empty without one. Raises `NeedsOperator` as `toml.parse`."""
    named = toml.parse(path).get("logo")
    return os.path.normpath(os.path.join(os.path.dirname(path), named)) if isinstance(named, str) and named else ""


def _hidden(found: Plantilla, free: Mapping[str, str], bound: Mapping[str, str]) -> Iterator[Finding]:
    for name in found.ocultar:
        if name in bound:
            yield codes.LEGAL_PART.at(parte=name, lugar=bound[name])
        elif name not in free:
            yield codes.BAD_SETTING.at(clave="ocultar", valor=name, esperado=f"una de estas partes: {', '.join(free)}")
