"""The sheet of ``impresora codigos``: every code page under every number known for it, for a person to look at."""

from collections.abc import Iterator

from sincronizador.printing.escpos import initialised
from sincronizador.printing.paper import CODE_PAGES, CodePage, CutMode, Paper

SAMPLE = "áéíóúñÑ¿¡€ºÁÉÍÓÚ"
_NUMBERS = {
    "CP858": (19, 4, 6, 13, 14, 31, 53),
    "CP850": (2, 1),
    "CP1252": (16, 8, 9, 11, 32, 49, 71),
    "CP437": (0, 1, 3, 50),
}
"""Epson's number first, then those of other makers and of the clones; as python-escpos' profiles have them."""
_FEED = b"\x1bd\x06"
_CUT = b"\x1dV\x00"


def settings() -> Iterator[CodePage]:
    """Each page under each of its numbers, as `pagina_codigos` may name it."""
    for name, numbers in _NUMBERS.items():
        for number in numbers:
            yield CodePage(name=name, number=number, framed=False)


def code_sheet(name: str, paper: Paper) -> bytes:
    """
    The page's bytes: a line for each setting, with the letters that it should print.

    The words of the sheet are ASCII: they are read on whatever printer. What a page lacks is printed as it would be
    on a ticket (``EUR`` for ``€``).
    """
    page = CODE_PAGES["CP858"]
    lines = [_words(f"PAGINAS DE CODIGOS DE {name}"), b"", *map(_words, _HELP), b""]
    lines += [_line(page) for page in settings()]
    lines += [b"", *map(_words, _LAST)]
    return (
        initialised(page)
        + b"".join(line + b"\n" for line in lines)
        + _FEED
        + (b"" if paper.cut is CutMode.NONE else _CUT)
    )


_HELP = (
    "Elija el primer renglon con todas",
    "las letras bien: vocales con tilde,",
    "enie, aperturas ? y !, euro.",
    "Ponga en el TOML lo que dice a su",
    'izquierda: pagina_codigos = "..."',
)
_LAST = ("Si ninguno esta bien:", 'pagina_codigos = "ascii"', "(sale sin tildes)")


def _words(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _line(page: CodePage) -> bytes:
    label = f"{page.name}:{page.number}".ljust(11)
    return _words(label) + b"\x1bt" + bytes([page.number or 0]) + page.fit(SAMPLE).encode(page.codec)
