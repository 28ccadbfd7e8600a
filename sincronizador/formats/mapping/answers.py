"""Answers in other forms than our ``.rsp``: a line, a table, JSON, XML. The same fields under the same names."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sincronizador.core.answer import Answer
from sincronizador.formats.spelling import codec_of, plain

SEPARATORS = ";|,\t~^#"
"""Signs that, where a line has them between its fields, stand in no value: a blank stands for them."""

_FIELD = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*(\.[A-Z0-9_]+)*")
_ELEMENT = re.compile(r"[^A-Za-z0-9_.-]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How a mapping wants its answers."""

    format: str
    """``rsp``, ``linea``, ``csv``, ``json``, ``xml``."""
    extension: str
    pending: bool = True
    template: str = ""
    """Of a line: ``{PRIMERA};{SERIE};{NUMERO}``."""
    fields: tuple[str, ...] = ()
    """Of a table."""
    separator: str = ";"
    encoding: str = "auto"
    """``auto``: the request's."""


@dataclass(frozen=True, slots=True)
class Form:
    """An `AnswerForm` made of a `Reply`."""

    reply: Reply

    @property
    def extension(self) -> str:
        """Of the answer's file."""
        return self.reply.extension

    @property
    def pending(self) -> bool:
        """Whether an answer is written before the decision."""
        return self.reply.pending

    def render(self, answer: Answer) -> bytes:
        """The bytes of an answer."""
        reply = self.reply
        encoding = answer.encoding if reply.encoding == "auto" else reply.encoding
        match reply.format:
            case "json":
                return json.dumps(_tree(answer), ensure_ascii=False, indent=1).encode("utf-8", "replace")
            case "xml":
                return _xml(answer).encode("utf-8", "replace")
            case "csv":
                return _table(reply, answer, encoding)
        return _line(reply, answer, encoding)


def template_problem(template: str) -> str:
    """Why that is no line of an answer, in Spanish; empty when it is one."""
    names = _FIELD.findall(template)
    rest = _FIELD.sub("", template)
    if not names or "{" in rest or "}" in rest or not all(_NAME.fullmatch(name) for name in names):
        return "una línea con campos de la respuesta, por ejemplo {PRIMERA};{SERIE};{NUMERO};{MENSAJE}"
    return ""


def name_problem(name: str) -> str:
    """Why that is no field of an answer, in Spanish; empty when it may be one."""
    return "" if _NAME.fullmatch(name) else "un campo de la respuesta, por ejemplo NUMERO o ERROR.1.MENSAJE"


def _values(answer: Answer) -> Mapping[str, str]:
    """Every field by its name; those after ``[RESPUESTA]`` by section and name: ``ERROR.1.MENSAJE``."""
    head, *others = answer.blocks
    named = {f"{block.name}.{name}": value for block in others for name, value in block.fields}
    return {**named, **dict(head.fields), "PRIMERA": answer.first.value}


def _line(reply: Reply, answer: Answer, encoding: str) -> bytes:
    values = _values(answer)
    signs = [sign for sign in SEPARATORS if sign in _FIELD.sub("", reply.template)]

    def value(found: re.Match[str]) -> str:
        text = plain(values.get(found[1], ""), encoding)
        for sign in signs:
            text = text.replace(sign, " ")
        return text

    lines = reply.template.strip("\n").split("\n")
    return "".join(f"{_FIELD.sub(value, line)}\r\n" for line in lines).encode(codec_of(encoding), "replace")


def _table(reply: Reply, answer: Answer, encoding: str) -> bytes:
    values = _values(answer)
    page = io.StringIO(newline="")
    writer = csv.writer(page, delimiter=reply.separator, lineterminator="\r\n")
    writer.writerow(reply.fields)
    writer.writerow([plain(values.get(name, ""), encoding) for name in reply.fields])
    return page.getvalue().encode(codec_of(encoding), "replace")


def _tree(answer: Answer) -> dict[str, object]:
    """``[ERROR.1]``, ``[ERROR.2]`` are the list ``ERROR``; the other sections are objects."""
    tree: dict[str, object] = {"PRIMERA": answer.first.value}
    for name, number, fields in _sections(answer):
        if number:
            listed = tree.setdefault(name, [])
            if isinstance(listed, list):
                listed.append(fields)
        else:
            tree[name] = fields
    return tree


def _xml(answer: Answer) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<SINCRONIZADOR PRIMERA="{answer.first.value}">']
    for name, number, fields in _sections(answer):
        lines.append(f' <{_element(name)} N="{number}">' if number else f" <{_element(name)}>")
        lines += (
            f"  <{_element(field)}>{escape(_UNWRITABLE.sub('', text))}</{_element(field)}>"
            for field, text in fields.items()
        )
        lines.append(f" </{_element(name)}>")
    return "\n".join([*lines, "</SINCRONIZADOR>", ""])


def _sections(answer: Answer) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, number where there are several, and fields of each section."""
    for block in answer.blocks:
        name, _, number = block.name.rpartition(".")
        counted = bool(name) and number.isdigit()
        yield (name, number, dict(block.fields)) if counted else (block.name, "", dict(block.fields))


def _element(name: str) -> str:
    """A name that an element may have."""
    bare = _ELEMENT.sub("_", name)
    return bare if bare[:1].isalpha() or bare[:1] == "_" else f"_{bare}"
