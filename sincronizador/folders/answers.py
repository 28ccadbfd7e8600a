"""
Answers as files: what a program of 1990 can read line by line.

CRLF, no BOM, in the request's own encoding, no line over 240 bytes; written whole and renamed into place. The files
that an answer names (its companions: XML, PDF, PNG, JSON) are there before it.
"""

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sincronizador import files
from sincronizador.core.answer import Answer, Block, First
from sincronizador.core.dialect import AnswerForm
from sincronizador.folders.layout import Layout
from sincronizador.formats.spelling import codec_of, one_line

LINE_BYTES = 240
"""The longest line of an answer, its CRLF included."""
TABLE = "csv"
"""Extension of the table beside the answer to a lote."""
HEARTBEAT = "LATIDO.TXT"
"""The sign of life of a till, beside its answers; no answer has this name, in whatever case."""
_NAME_LETTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An answer and where it goes."""

    name: str
    """Of the dropped file: ``V0000123.TXT``."""
    till: str
    only_check: bool
    answer: Answer
    beside: str = ""
    """The path of the archived file, beside which a copy of the answer is left; empty while it is in hand."""
    owned: bool = True
    """Whether no later drop has its name: only then the answer itself is written."""
    form: AnswerForm | None = None
    """How it is written, where that is not our ``.rsp``; what is only checked is always answered in ours."""
    table: bytes = b""
    """The CSV that it names: written before it, and beside its copy; empty: none."""

    @property
    def extension(self) -> str:
        """Of the answer's file."""
        if self.only_check:
            return "val"
        return self._own.extension if self._own is not None else "rsp"

    @property
    def page(self) -> bytes:
        """The bytes of the answer."""
        if self._own is None or self.only_check:
            return render(self.answer)
        return self._own.render(self.answer)

    @property
    def _own(self) -> AnswerForm | None:
        return None if self.form is None or is_heartbeat(self.name, self.form) else self.form


def deliver(layout: Layout, deliveries: Iterable[Delivery]) -> None:
    """
    Write answers, each after its copy, in order, one sync for all of them.

    May be repeated: the same content in the same place. Raises `NeedsOperator`; then some may have been written.
    """
    pages: list[tuple[str, bytes]] = []
    twins: list[tuple[str, str]] = []
    for delivery in deliveries:
        path, copy = _path(layout, delivery), _copy_path(delivery)
        pages += _tables(layout, delivery, copy)
        if copy or delivery.owned:
            pages.append((copy or path, delivery.page))
        if copy and delivery.owned:
            twins.append((path, copy))
    files.write_many(pages, twins)


def _tables(layout: Layout, delivery: Delivery, copy: str) -> Iterator[tuple[str, bytes]]:
    if delivery.table and copy:
        stem = copy.rpartition(".")[0]
        # Never over the dropped file or the answer, which may be a CSV themselves.
        taken = f"{stem}.{TABLE}".casefold() in (delivery.beside.casefold(), copy.casefold())
        yield f"{stem}.tabla.{TABLE}" if taken else f"{stem}.{TABLE}", delivery.table
    if delivery.table and delivery.owned:
        yield os.path.join(layout.salida_of(delivery.till), table_name(delivery.name, delivery.form)), delivery.table


def table_name(name: str, form: AnswerForm | None) -> str:
    """The name of the table beside the answer to a lote, which is another one where the answer itself is a CSV."""
    taken = form is not None and form.extension.casefold() == TABLE
    stem, dot, extension = companion_name(name, TABLE).rpartition(".")
    return f"{stem}.tabla{dot}{extension}" if taken else f"{stem}{dot}{extension}"


def is_heartbeat(name: str, form: AnswerForm) -> bool:
    """Whether the answer to a file of that name would be written over the heartbeat."""
    return companion_name(name, form.extension).upper() == HEARTBEAT


def rewrite(layout: Layout, deliveries: Iterable[Delivery]) -> list[bool]:
    """
    Write answers anew where their readers have not taken them away; whether each was still there.

    May be repeated. Raises `NeedsOperator`; then some may have been written.
    """
    return files.write_over((_path(layout, delivery), delivery.page) for delivery in deliveries)


def companion_path(layout: Layout, name: str, till: str, extension: str) -> str:
    """Where a companion of the answer is, or will be; who names it in an answer has written it before."""
    return os.path.join(layout.salida_of(till), companion_name(name, extension))


def publish_news(layout: Layout, till: str, number: int, answer: Answer) -> str:
    """
    Write ``NNNNNNNN.RSP`` into the till's ``novedades/``; its path.

    The number is the journal's: it grows for ever, also when the reader deletes what it has read.
    """
    path = os.path.join(layout.novedades_of(till), f"{number:08d}.RSP")
    files.write_atomic(path, render(answer))
    return path


def leave_received(layout: Layout, name: str, page: Answer, document: bytes) -> None:
    """
    Write ``NAME.RSP`` into ``recibidos/``, and before it ``NAME.XML``, where there are bytes of it.

    May be repeated: the same content in the same place. Raises `NeedsOperator`.
    """
    path = os.path.join(layout.recibidos(), name)
    xml = [(f"{path}.XML", document)] if document else []
    files.write_many([*xml, (f"{path}.RSP", render(page))])


def news_waiting(layout: Layout, till: str) -> int:
    """How many news of the till have not been read: NOVEDADES of the heartbeat. Raises `NeedsOperator`."""
    folder = layout.novedades_of(till)
    try:
        return sum(name.endswith(".RSP") for name in os.listdir(folder))
    except OSError as error:
        raise files.trouble(error, folder) from error


def answer_name(name: str, *, only_check: bool = False) -> str:
    """The name of the answer to a dropped file: ``V1.TXT`` -> ``V1.RSP``, ``v1.txt`` -> ``v1.rsp``, ``v1.val``."""
    return companion_name(name, "val" if only_check else "rsp")


def extension_of(kind: str) -> str:
    """The extension of a kind of companion: its own name, but the picture of the QR is a ``png``."""
    return "png" if kind == "qr" else kind


def label_of(kind: str) -> str:
    """The field of an answer that names a companion: ``PNG``, also for the picture of what was only checked."""
    return extension_of(kind).rpartition(".")[2].upper()


def companion_name(name: str, kind: str) -> str:
    """The name of what lies beside an answer, its extension in the case of the dropped file's."""
    stem, _, own = name.rpartition(".")
    extension = extension_of(kind)
    return f"{stem}.{extension.upper() if own.isupper() else extension.lower()}"


def render(answer: Answer) -> bytes:
    """The bytes of an answer."""
    return answer.first.encode() + b"\r\n" + b"".join(render_block(block, answer.encoding) for block in answer.blocks)


def render_block(block: Block, encoding: str) -> bytes:
    """The bytes of a section, its values kept to one line each; what the encoding lacks is transliterated."""
    codec = codec_of(encoding)
    lines = [f"[{one_line(block.name, codec)}]"]
    for name, value in block.fields:
        lines += _field(one_line(name, codec)[:_NAME_LETTERS], one_line(value, codec), codec)
    return "".join(f"{line}\r\n" for line in lines).encode(codec)


def parse_answer(content: bytes, encoding: str = "utf-8") -> tuple[First, tuple[Block, ...]]:
    """An answer read back, long values joined. Raises ValueError for bytes that are not an answer."""
    first, *lines = content.decode(encoding).split("\r\n")
    blocks: list[tuple[str, list[tuple[str, str]]]] = []
    for line in filter(None, lines):
        name, equals, value = line.partition("=")
        if not equals:
            blocks.append((line.strip("[]"), []))
        elif not blocks:
            raise ValueError(f"a field before any section: {line}")
        elif _continues(name, blocks[-1][1]):
            label, before = blocks[-1][1].pop()
            blocks[-1][1].append((label, before + value))
        else:
            blocks[-1][1].append((name, value))
    return First(first), tuple(Block(name, tuple(fields)) for name, fields in blocks)


def _copy_path(delivery: Delivery) -> str:
    """Where the copy beside the archived file goes, never over it; empty while there is none."""
    if not delivery.beside:
        return ""
    folder, name = os.path.split(delivery.beside)
    copy = companion_name(name, delivery.extension)
    return os.path.join(folder, answer_name(name) if copy == name else copy)


def _path(layout: Layout, delivery: Delivery) -> str:
    return companion_path(layout, delivery.name, delivery.till, delivery.extension)


def _field(name: str, value: str, codec: str) -> list[str]:
    """``NAME=value``, going on in ``NAME.2=`` where the line would be too long."""
    lines: list[str] = []
    at = 0
    while at < len(value) or not lines:
        label = f"{name}.{len(lines) + 1}=" if lines else f"{name}="
        room = LINE_BYTES - len("\r\n") - _size(label, codec)
        # One letter more than fits: where a line may end depends on the letter behind.
        cut = _cut(value[at : at + room + 1], room, codec)
        lines.append(label + value[at : at + cut])
        at += cut
    return lines


def _cut(value: str, room: int, codec: str) -> int:
    """How many letters fit, not breaking beside a blank: readers trim what they read, and a blank would be lost."""
    if _size(value, codec) <= room:
        return len(value)
    sizes = itertools.accumulate(_size(letter, codec) for letter in value)
    most = sum(1 for _ in itertools.takewhile(lambda size: size <= room, sizes))
    inside = (cut for cut in range(most, 0, -1) if " " not in value[cut - 1 : cut + 1])
    return next(inside, most)


def _size(text: str, codec: str) -> int:
    return len(text) if text.isascii() else len(text.encode(codec))


def _continues(name: str, fields: Sequence[tuple[str, str]]) -> bool:
    label, _, number = name.rpartition(".")
    return bool(fields) and number.isdigit() and int(number) > 1 and label == fields[-1][0]
