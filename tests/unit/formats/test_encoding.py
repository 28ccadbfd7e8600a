"""Telling the encoding of what a legacy system wrote."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sincronizador.errors import Rejected
from sincronizador.formats.encoding import decode, sniff

SPANISH = """
café azúcar jabón limón camión corazón teléfono plátano maíz raíz país día vía María Lucía García Fernández González
Rodríguez Martínez López Pérez Gómez Díaz Núñez Peña Muñoz Ibáñez Yáñez Ordóñez niño niña año paño leña piña mañana
español pequeño otoño baño señor compañía cigüeña pingüino vergüenza agüero Ángel Élida Íñigo Óscar Úrsula Ñandú
árbol índice último único éxito época álbum órgano útil ñoqui jamón atún melón pantalón edición atención razón
dirección código artículo crédito débito depósito público médico química física óptica máquina línea página número
lápiz fútbol inglés francés café, Paysandú Tacuarembó Río Bogotá Perú menú bambú té sí más también después aquí allí
así según través CAFÉ AZÚCAR JABÓN LIMÓN PEÑA MUÑOZ NÚÑEZ GARCÍA FERNÁNDEZ RODRÍGUEZ LÓPEZ PÉREZ DÍAZ AÑO NIÑO PIÑA
LEÑA COMPAÑÍA ESPAÑA ATÚN MENÚ PERÚ PAYSANDÚ RAÍZ MAÍZ PAÍS RÍO JAMÓN EDICIÓN ÁNGEL ÉXITO ÚLTIMO ÍNDICE ÓSCAR
VERGÜENZA PINGÜINO TELÉFONO CRÉDITO ¡Oferta! ¿Cuánto? 1º 2ª N° 3°
"""
WORDS = [word for word in SPANISH.split() if not word.isascii()]
SALE = "[DOCUMENTO]\r\nTIPO=101\r\nREFERENCIA=V1\r\n[ITEM]\r\nDETALLE={}\r\n[FIN]\r\n"


@pytest.mark.parametrize("encoding", ["cp850", "cp1252"])
def test_nine_in_ten_single_spanish_words_tell_their_code_page(encoding: str) -> None:
    missed = [word for word in WORDS if decode(word.encode(encoding))[0] != word]
    assert len(missed) <= len(WORDS) // 10, missed


@pytest.mark.parametrize("encoding", ["cp850", "cp1252"])
def test_a_line_of_several_words_tells_its_code_page_always(encoding: str) -> None:
    for first in range(len(WORDS) - 4):
        text = SALE.format(" ".join(WORDS[first : first + 4]))
        assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "utf-8", "utf-16"])
@pytest.mark.parametrize(
    "text",
    [
        "PEÑA Y CÍA.",
        "Café molido 250 g",
        "Muñoz, 18 de Julio N° 1234, 2º piso",
        "¡Gracias! ¿Vuelve?",
        "Você João",
        "a 20° – 5 €",
    ],
)
def test_what_a_till_writes_is_read_back(text: str, encoding: str) -> None:
    if encoding == "cp850" and "€" in text:
        text = text.replace("–", "-").replace("€", "$")
    assert decode(SALE.format(text).encode(encoding)) == (SALE.format(text), encoding)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("[FIN] ñ".encode("utf-8-sig"), "utf-8"),
        (codecs.BOM_UTF16_LE + "[FIN] ñ".encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + "[FIN] ñ".encode("utf-16-be"), "utf-16"),
        ("[FIN] ñ".encode("utf-16-le"), "utf-16"),
        ("[FIN] ñ".encode("utf-16-be"), "utf-16"),
        ("[FIN] ñ".encode(), "utf-8"),
    ],
)
def test_unicode_is_told_by_its_mark_or_its_bytes(content: bytes, encoding: str) -> None:
    assert decode(content) == ("[FIN] ñ", encoding)


@pytest.mark.parametrize("name", ["auto", "cp850", "utf-8", "latin-1"])
def test_pure_ascii_is_ascii_whatever_is_configured(name: str) -> None:
    assert decode(b"[FIN]\r\n", name) == ("[FIN]\r\n", "ascii")


def test_a_named_encoding_is_not_guessed() -> None:
    assert decode("é".encode("cp1252") * 3, "cp850") == ("ÚÚÚ", "cp850")
    assert decode(b"\xa4", "latin-1") == ("¤", "iso8859-1")


def test_a_byte_order_mark_rules_over_the_name() -> None:
    assert decode("ñ".encode("utf-8-sig"), "cp850") == ("ñ", "utf-8")


def test_decomposed_letters_are_composed() -> None:
    assert decode("Pen\u0303a".encode())[0] == "Peña"


def test_bytes_that_cp1252_does_not_have_are_cp850() -> None:
    assert decode("CAFÉ Ü".encode("cp850")) == ("CAFÉ Ü", "cp850")


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\0" * 512, b"\r\n\x1a", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected, match="vacío") as caught:
        decode(content)
    assert caught.value.code == "E0101"


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(1, 256)),
        b"\x7fELF\x02\x01\x01" + bytes(range(1, 40)),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(1, 32)),
    ],
)
def test_a_binary_file_is_refused(content: bytes) -> None:
    with pytest.raises(Rejected, match="binario"):
        decode(content)


@pytest.mark.parametrize("content", ["ñ".encode("cp1252"), b"\xef\xbb\xbf\xf1", b"\xff\xfea\0\xf1"])
def test_what_is_not_in_its_encoding_is_refused_with_the_place(content: bytes) -> None:
    with pytest.raises(Rejected, match=r"byte 0x.. en la posición"):
        decode(content, "utf-8")


def test_an_unknown_codec_is_no_fault_of_the_file() -> None:
    with pytest.raises(LookupError):
        decode(b"\xf1", "cp8500")


@pytest.mark.parametrize("content", [b"", b"\xff", b" \x00\x1a", "\u2003".encode()])
def test_blanks_of_any_kind_are_an_empty_file(content: bytes) -> None:
    with pytest.raises(Rejected, match="vacío"):
        decode(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    with suppress(Rejected):
        text, encoding = decode(content)
        assert text.strip()
        assert codecs.lookup(encoding)


@given(st.binary(max_size=8))
def test_sniffing_names_a_codec_or_nothing(content: bytes) -> None:
    assert sniff(content) == "" or codecs.lookup(sniff(content))
