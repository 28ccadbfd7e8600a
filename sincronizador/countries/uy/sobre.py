"""
Envelopes of signed documents: what is sent to DGI, and between companies. Formato Sobre v05.

A CFE was signed as a document of its own. Its bytes are put in as they are, and the envelope declares nothing but the
namespace that they declare themselves: so their signatures are good cut out, and good where they stand.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sincronizador.core.finding import Rule
from sincronizador.countries.uy.elements import NAMESPACE, element, elements, group, moment
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected

MAX_SOBRE = 2_000_000
"""Bytes."""
MAX_CFES = 250
"""Documents of one envelope."""
MAX_ID = 9_999_999_999
"""Idemisor has up to ten digits."""
AROUND = 12_000
"""Bytes that `pack` leaves for the Caratula, whose certificate is the most of it."""

TOO_LARGE = Rule(
    "E1921",
    "Comprobante que no entra en un sobre",
    "El sobre tendría {bytes} bytes y DGI admite {maximo}.",
    "Un comprobante así no se puede enviar uno a uno: anúlelo y divida la venta en varios.",
    "Formato Sobre v05, característica del archivo",
)

RULES = (TOO_LARGE,)

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OPENS, _CLOSES = b"<CFE_Adenda>", b"</CFE_Adenda>"
_CFE = re.compile(rb"<((?:[\w.-]+:)?CFE)[\s>]")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anulado:
    """A document that DGI rejected after its receiver had it."""

    tipo: int
    serie: str
    numero: int
    fecha: date
    """FchEmis."""


def room(document: bytes, adenda: str = "") -> int:
    """Bytes that a signed document takes in an envelope, between companies with its adenda."""
    return len(document) + len(_adenda(adenda)) + len(_OPENS) + len(_CLOSES)


def pack(documents: Iterable[tuple[int, object]]) -> Iterator[range]:
    """
    Which documents go together, in their order: up to 250 and 2 MB, all signed with the same certificate.

    `documents`: the `room` that each one takes, and what tells its certificate from another. Gives ranges of places.
    One that is larger than an envelope stands alone; composing it tells.
    """
    first = size = count = 0
    of: object = None
    for place, (more, certificate) in enumerate(documents):
        if count and (count == MAX_CFES or certificate != of or AROUND + size + more > MAX_SOBRE):
            yield range(first, place)
            first, size, count = place, 0, 0
        of, size, count = certificate, size + more, count + 1
    if count:
        yield range(first, first + count)


def compose_sobre(
    documents: Sequence[bytes], *, ruc_emisor: str, ruc_receptor: str, idemisor: int, fecha: datetime,
    certificate: bytes,
) -> bytes:  # fmt: skip
    """
    An ``EnvioCFE``: signed documents on their way to DGI, whose RUC is `ruc_receptor`.

    `certificate`: DER, of who signed them all. `fecha` is aware. Raises ValueError for none or too many documents, or
    for bytes that are not a CFE alone; `Rejected` E1921 for what is larger than DGI takes.
    """
    caratula = _caratula(len(documents), ruc_emisor, ruc_receptor, idemisor, fecha, certificate)
    return _envelope("EnvioCFE", caratula, [_alone(document) for document in documents])


def compose_sobre_empresas(
    documents: Sequence[tuple[bytes, str]], *, ruc_emisor: str, ruc_receptor: str, idemisor: int, fecha: datetime,
    certificate: bytes,
) -> bytes:  # fmt: skip
    """
    An ``EnvioCFE_entreEmpresas``: signed documents on their way to who received them, each with its adenda or ``""``.

    Raises as `compose_sobre`.
    """
    caratula = _caratula(len(documents), ruc_emisor, ruc_receptor, idemisor, fecha, certificate)
    inside = [b"".join((_OPENS, _alone(document), _adenda(adenda), _CLOSES)) for document, adenda in documents]
    return _envelope("EnvioCFE_entreEmpresas", caratula, inside)


def compose_rechazos(
    anulados: Sequence[Anulado], *, ruc_emisor: str, ruc_receptor: str, id_comunicacion: int, tmst: datetime
) -> bytes:
    """
    A ``CFEs_Anulados_x_RechazoDGI``, canonical, to be signed: tells a receiver what DGI rejected of what it has.

    Never sent to DGI. Raises ValueError for none or more than 250. Formato Mensaje de Respuesta v19, 3.4.
    """
    if not 1 <= len(anulados) <= MAX_CFES:
        raise ValueError(len(anulados))
    caratula = group(
        "Caratula",
        ("RUCEmisor", ruc_emisor),
        ("RUCReceptor", ruc_receptor),
        ("IDComunicacion", str(id_comunicacion)),
        ("CantCFEAnulados", str(len(anulados))),
        ("Tmst", moment(tmst)),
    )
    name = "CFEs_Anulados_x_RechazoDGI"
    inside = "".join(_anulado(anulado) for anulado in anulados)
    return f'<{name} xmlns="{NAMESPACE}" version="1.0">{caratula}{inside}</{name}>'.encode()


def sobre_name(rut: str, fecha: datetime, idemisor: int) -> str:
    """``Sob_217777770013_20261121_1.xml``: issuer, day on which it was made, Idemisor."""
    return f"Sob_{rut}_{fecha.astimezone(ZONE):%Y%m%d}_{idemisor}.xml"


def rechazos_name(rut: str, id_comunicacion: int) -> str:
    """``Rech_217777770013_5.xml``."""
    return f"Rech_{rut}_{id_comunicacion}.xml"


def _caratula(
    count: int, ruc_emisor: str, ruc_receptor: str, idemisor: int, fecha: datetime, certificate: bytes
) -> str:
    if not 1 <= count <= MAX_CFES:
        raise ValueError(f"an envelope of {count} documents")
    if not 0 <= idemisor <= MAX_ID:
        raise ValueError(f"Idemisor {idemisor}")
    inside = elements(
        (
            ("RutReceptor", ruc_receptor),
            ("RUCEmisor", ruc_emisor),
            ("Idemisor", str(idemisor)),
            ("CantCFE", str(count)),
            ("Fecha", moment(fecha)),
            ("X509Certificate", b64encode(certificate).decode()),
        )
    )
    return f'<Caratula version="1.0">{inside}</Caratula>'


def _envelope(name: str, caratula: str, inside: Sequence[bytes]) -> bytes:
    opening = f'{_DECLARATION}<{name} xmlns="{NAMESPACE}" version="1.0">{caratula}'.encode()
    sobre = b"".join((opening, *inside, f"</{name}>".encode()))
    if len(sobre) > MAX_SOBRE:
        raise TOO_LARGE.at(bytes=len(sobre), maximo=MAX_SOBRE).as_error(Rejected)
    return sobre


def _alone(document: bytes) -> bytes:
    """The document, if it is a CFE and nothing else: a declaration or a byte after it would break the envelope."""
    opening = _CFE.match(document)
    if opening is None or not document.endswith(b"</" + opening[1] + b">"):
        raise ValueError("not a CFE alone")
    return document


def _adenda(text: str) -> bytes:
    """The element of an adenda, with blanks for the characters that no XML may hold."""
    return element("Adenda", _NOT_XML.sub(" ", text)).encode()


def _anulado(anulado: Anulado) -> str:
    return group(
        "CFEAnulado",
        ("TipoCFE", str(anulado.tipo)),
        ("Serie", anulado.serie),
        ("NroCFE", str(anulado.numero)),
        ("FechaCFE", anulado.fecha.isoformat()),
        ("Motivo_Cod", "RD"),
        ("Motivo_Glosa", "Comprobante anulado por rechazo de DGI"),
    )
