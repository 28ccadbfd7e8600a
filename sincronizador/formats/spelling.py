"""How a text is written in an encoding that lacks some of its letters."""

import codecs
import functools
import unicodedata

from sincronizador.core.letters import normal

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("«»“”„″", '"'),
        **dict.fromkeys("‘’‚‹›′´`", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•·", "*"),
        "⁄": "/",
        **dict.fromkeys("¿¡", ""),
        "…": "...",
        "€": "EUR",
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "×": "x",
        "°": "o",
    }
)
"""What is written for a sign that an encoding lacks, besides a letter without its accent."""


def plain(text: str, encoding: str) -> str:
    """A text on one line, as an answer in that encoding can write it."""
    return one_line(text, codec_of(encoding))


def codec_of(encoding: str) -> str:
    """The codec an answer is written with: UTF-8 for UTF-16, without a BOM; ASCII when nothing is known."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return "ascii"
    return "utf-8" if name.startswith("utf") else name


def one_line(text: str, codec: str) -> str:
    """The text as one line without control characters, every letter of it in the codec."""
    text = normal("NFC", text.replace("\r\n", "\n"))
    if not text.isprintable():
        text = "".join(_visible(letter) for letter in text)
    if not _encodable(text, codec):
        text = "".join(_transliterated(letter, codec) for letter in text)
    return text.strip()


def _visible(letter: str) -> str:
    match unicodedata.category(letter):
        case "Cc" | "Zl" | "Zp":
            return " " if letter.isspace() else ""
        case "Cf":
            return ""
        case "Cs":  # an undecodable byte of a file's name
            return "?"
        case _:
            return letter


@functools.lru_cache(maxsize=4096)
def _transliterated(letter: str, codec: str) -> str:
    for written in (letter, _PLAIN.get(ord(letter)), _without_accents(letter)):
        if written is not None and _encodable(written, codec):
            return written
    return "?"


def _without_accents(letter: str) -> str | None:
    parts = unicodedata.normalize("NFKD", letter).translate(_PLAIN)
    return "".join(part for part in parts if not unicodedata.combining(part)) or None


def _encodable(text: str, codec: str) -> bool:
    try:
        return text.isascii() or bool(text.encode(codec))
    except UnicodeEncodeError:
        return False
