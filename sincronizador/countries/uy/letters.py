"""Words as texts of a printed form, in the letters that the law asks for."""

from collections.abc import Iterable, Iterator

from sincronizador.core.ticket import Align, Row, Size, Text


def legend(text: str) -> tuple[Text, ...]:
    """What the issuer is obliged to say is as large as the law's own legends."""
    return (Text(text, size=Size.LARGE),) if text else ()


def large(lines: Iterable[str], align: Align = Align.LEFT) -> tuple[Text, ...]:
    """In letters of 3 mm."""
    return tuple(Text(line, align, Size.LARGE, bold=True) for line in lines)


def paragraphs(lines: Iterable[str], align: Align = Align.LEFT) -> Iterator[Text]:
    """In letters of 2 mm; empty ones are left out."""
    return (Text(line, align) for line in lines if line)


def sentence(row: Row) -> str:
    """A row in a running text: ``Moneda: UYU``."""
    return f"{row.left}: {row.right}" if row.right else row.left
