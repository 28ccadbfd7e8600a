"""
What DGI's query services answer: the state of a document, the envelopes and reports it has, the electronic issuers.

Servicios Web Externos DGI, Factura Electrónica, T-5.020.00.001-000005 v1.10. Each reader takes the element of the
answer (``Ackconsultaestadocfe``) or the ``...Response`` around it.
"""

import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from sincronizador.countries.uy.acks import AckReporte, Consulta, consulta_of, parse_ack_report
from sincronizador.countries.uy.answers import Answer, Said, local

MAX_REGISTER = 64_000_000
"""Bytes of the register of issuers, unpacked."""

_SERVICE = "WS_eFactura_Consultas.EFACCONSULTAR"
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_GZIP, _PACKED = 31, "H4sI"
"""zlib's wbits for gzip, and how gzip begins in Base64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstadoCfe:
    """What DGI has of a document: its state, and the first envelope that it received it in."""

    estado: str
    """``AE``, ``BE``, ``CE``; empty while it is not decided, and of a document that DGI does not have."""
    id_emisor: int
    id_receptor: int
    """Of that envelope; 0 when there is none."""
    consulta: Consulta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvioSobre:
    """An envelope that DGI has."""

    estado: str
    """``AS``, ``BS``."""
    enviado: datetime | None
    id_emisor: int
    id_receptor: int
    consulta: Consulta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvioReporte:
    """A report that DGI has."""

    estado: str
    """``AR`` received, ``BR`` rejected, ``DR`` processed, ``ER`` inconsistent, ``FR`` settled anew."""
    id_emisor: int
    id_receptor: int
    recibido: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmisorElectronico:
    """Somebody in DGI's register of electronic issuers."""

    rut: str
    denominacion: str
    desde: date | None
    fin_transicion: date | None = None
    hasta: date | None = None
    correo: str = ""
    """Where it takes the documents of other issuers."""
    web_service: str = ""
    """Its web service for the same; empty when it publishes none."""
    correo_tecnico: str = ""

    def is_issuer(self, day: date) -> bool:
        """Whether it is one on that day."""
        return (self.desde is None or self.desde <= day) and (self.hasta is None or day <= self.hasta)


def parse_estado_cfe(content: bytes) -> EstadoCfe:
    """The answer of EFACCONSULTARESTADOCFE. Raises `Rejected` E1911."""
    answer, found = _asked(content, "Ackconsultaestadocfe", "ESTADOCFE")
    said = Said(answer, found)
    return EstadoCfe(
        estado=said.estado("EstadoCFE") if said.text("EstadoCFE") else "",
        id_emisor=said.number("IdEmisor") if said.text("IdEmisor") else 0,
        id_receptor=said.number("IdReceptor") if said.text("IdReceptor") else 0,
        consulta=consulta_of(answer, found),
    )


def parse_envios_sobre(content: bytes) -> tuple[EnvioSobre, ...]:
    """The answer of EFACCONSULTARENVIOSSOBRE. Raises `Rejected` E1911."""
    answer, found = _asked(content, "Ackconsultaenviossobre", "ENVIOSSOBRE")
    return tuple(
        EnvioSobre(
            estado=said.estado("EstadoSobre"),
            enviado=said.moment("FechaHoraSobre"),
            id_emisor=said.number("IdEmisor"),
            id_receptor=said.number("IdReceptor"),
            consulta=consulta_of(answer, node),
        )
        for node in _rows(answer, found, "ColeccionDatosSobre", "DatosSobre")
        for said in (Said(answer, node),)
    )


def parse_envios_reporte(content: bytes) -> tuple[EnvioReporte, ...]:
    """The answer of EFACCONSULTARENVIOSREPORTE. Raises `Rejected` E1911."""
    answer, found = _asked(content, "Ackconsultaenviosreporte", "ENVIOSREPORTE")
    return tuple(
        EnvioReporte(
            estado=said.estado("Estado"),
            id_emisor=said.number("IdEmisor") if said.text("IdEmisor") else 0,
            id_receptor=said.number("IdReceptor"),
            recibido=said.moment("FechaHoraRecepcion"),
        )
        for node in _rows(answer, found, "ColeccionDatosReporte", "DatosReporte")
        for said in (Said(answer, node),)
    )


def parse_respuesta_reporte(content: bytes) -> AckReporte:
    """The answer of EFACCONSULTARRESPUESTAREPORTE: the ACKRepDiario inside it. Raises `Rejected` E1911."""
    answer, found = _asked(content, "Ackrepdiario", "RESPUESTAREPORTE", "ACKRepDiario")
    if local(found) == "ACKRepDiario":
        return parse_ack_report(content)
    if not (found.text or "").strip():
        raise answer.unreadable("no trae la respuesta del reporte")
    return parse_ack_report(_DECLARATION.sub("", found.text or "").encode())


def parse_emisores(content: bytes) -> Iterator[EmisorElectronico]:
    """
    Everybody in the answer of EFACCONSULTARRUCEMISORES, in any of its four forms, two of which are compressed.

    Raises `Rejected` E1911 for what is none.
    """
    answer = _register(content)
    for node in answer.root.iter(etree.Element):
        said = Said(answer, node)
        if said.text("RUC"):
            yield EmisorElectronico(
                rut=said.rut("RUC"),
                denominacion=said.text("DENOMINACION"),
                desde=said.day("FECHA_INICIO"),
                fin_transicion=said.day("FECHA_FIN_TRANSICION"),
                hasta=said.day("FECHA_FIN"),
                correo=said.text("MAIL"),
                web_service=said.text("URL_WEBSERVICE"),
                correo_tecnico=said.text("MAIL_CONTACTO_TECNICO"),
            )


def _register(content: bytes) -> Answer:
    """The register, unpacked: DGI writes its name in many ways, and of a compressed one the text is all there is."""
    answer = Answer(content, "Rucemisores", _is_register, most=MAX_REGISTER)
    packed = "".join(etree.ElementTextIterator(answer.root)).strip()
    if not packed.startswith(_PACKED):
        return answer
    try:
        unpacker = zlib.decompressobj(_GZIP)
        unpacked = unpacker.decompress(b64decode(packed), MAX_REGISTER)
    except (ValueError, zlib.error) as exc:
        raise answer.unreadable("no se puede descomprimir") from exc
    if not unpacker.eof:
        raise answer.unreadable(f"descomprimido tiene más de {MAX_REGISTER} bytes, o está cortado")
    return Answer(unpacked, "Rucemisores", _is_register, most=MAX_REGISTER)


def _is_register(root: str) -> bool:
    return "RUCEMISORES" in root.upper()


def _asked(content: bytes, what: str, operation: str, *others: str) -> tuple[Answer, etree._Element]:
    """The answer, and the element that says it, which is the root or the only thing in it."""
    around = f"{_SERVICE}{operation}Response"
    answer = Answer(content, what, (what, around, *others).__contains__)
    return answer, answer.zone(what) if local(answer.root) == around else answer.root


def _rows(answer: Answer, found: etree._Element, around: str, name: str) -> Iterator[etree._Element]:
    for collection in answer.zones(found, around):
        yield from answer.zones(collection, name)
