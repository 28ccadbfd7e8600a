"""The canonical TXT: what was understood of a dropped file, in the form that a person can check and drop again."""

from collections.abc import Iterable, Iterator

from sincronizador.core.sections import Section

from .txt import END, section_name


def write(sections: Iterable[Section]) -> str:
    """
    A TXT that reads back to the same sections, in their order: ``CAMPO=valor`` with its escapes, up to ``[FIN]``.

    A line of free text that the reader would take for a section gets a point behind it.
    """
    return "\n".join([*(line for section in sections for line in _lines(section)), f"[{END}]", ""])


def escaped(text: str) -> str:
    """A value as it stands on its line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _lines(section: Section) -> Iterator[str]:
    yield f"[{section.name}]"
    for entry in section.entries:
        yield f"{entry.name}={escaped(entry.text)}"
    if section.text:
        for line in section.text.split("\n"):
            yield f"{line}." if section_name(line) is not None else line
