"""
What DGI and receivers answer to what was sent, and what is answered to others. Formato Mensaje de Respuesta v19.

An answer is read for what must be known to go on: whose envelope it is about, and what was decided. Those must be there
and well written; what only describes may be missing. Whether its signature is good is `signing.verify`'s to tell.
"""

from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from sincronizador.countries.uy.answers import Answer, Said
from sincronizador.countries.uy.elements import NAMESPACE, elements, group, moment
from sincronizador.countries.uy.sobre import MAX_CFES, Anulado

MAX_MOTIVOS = 30
"""Reasons of one decision."""
MAX_MOTIVOS_PARTES = 10
"""Of one between companies. ACKCFE_Partes.xsd."""

_GLOSA, _DETALLE = 100, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Motivo:
    """Why something was rejected or observed."""

    codigo: str
    """``S05``, ``E02``, ``C10``, ``R05``."""
    glosa: str = ""
    detalle: str = ""

    @property
    def sentence(self) -> str:
        """Code and words."""
        return " ".join(filter(None, (self.codigo, ". ".join(filter(None, (self.glosa, self.detalle))))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulta:
    """How the answer about each document is asked for, and from when on."""

    token: str
    """Base64, as it came."""
    desde: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AckSobre:
    """The answer to an envelope."""

    ruc_receptor: str
    """Who answers."""
    ruc_emisor: str
    """To whom."""
    id_respuesta: int
    archivo: str = ""
    """Name of the file answered; empty over a web service."""
    recibido: datetime | None = None
    id_emisor: int
    """The Idemisor of the envelope."""
    id_receptor: int
    """The receiver's own number of it; what is asked with."""
    cantidad: int = 0
    firmado: datetime | None = None
    estado: str
    """``AS`` received, ``BS`` rejected."""
    motivos: tuple[Motivo, ...] = ()
    consulta: Consulta | None = None

    @property
    def is_received(self) -> bool:
        """Whether the envelope was taken in."""
        return self.estado == "AS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """InfoRespOri of an E02: the envelope with which the document was received the first time."""

    id_respuesta: int
    id_emisor: int
    id_receptor: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CfeAck:
    """What was decided about one document."""

    ordinal: int
    """Its place in the envelope, from 1 on."""
    tipo: int | None = None
    """None, as what follows, of what could not be read as a document."""
    serie: str = ""
    numero: int | None = None
    fecha: date | None = None
    firmado: datetime | None = None
    estado: str
    """``AE`` received, ``BE`` rejected, ``CE`` observed (papers of contingency), ``FE`` settled anew."""
    motivos: tuple[Motivo, ...] = ()
    original: Original | None = None

    @property
    def slug(self) -> str:
        """``101-A-1234``; empty where it is not said."""
        return f"{self.tipo}-{self.serie}-{self.numero}" if self.tipo and self.serie and self.numero else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckCfe:
    """The answer about documents of an envelope, all of them or those that were decided so far."""

    ruc_receptor: str
    ruc_emisor: str
    id_respuesta: int
    archivo: str = ""
    recibido: datetime | None = None
    id_emisor: int
    id_receptor: int
    en_sobre: int
    """Documents of the envelope."""
    firmado: datetime | None = None
    cfes: tuple[CfeAck, ...]

    @property
    def is_partial(self) -> bool:
        """Whether documents of the envelope are still to be answered."""
        return len({cfe.ordinal for cfe in self.cfes}) < self.en_sobre


@dataclass(frozen=True, slots=True, kw_only=True)
class AckReporte:
    """The answer to a daily report."""

    ruc_receptor: str
    ruc_emisor: str
    archivo: str = ""
    recibido: datetime | None = None
    id_emisor: int | None = None
    """None when the report had none."""
    id_receptor: int
    firmado: datetime | None = None
    estado: str
    """``AR`` received, ``BR`` rejected."""
    motivos: tuple[Motivo, ...] = ()

    @property
    def is_received(self) -> bool:
        """Whether the report was taken in."""
        return self.estado == "AR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechazos:
    """What an issuer tells us that DGI rejected of the documents that it had sent us."""

    ruc_emisor: str
    ruc_receptor: str
    anulados: tuple[Anulado, ...]


def parse_ack_sobre(content: bytes) -> AckSobre:
    """The ACKSobre in `content`, of DGI or of a receiver. Raises `Rejected` E1911."""
    answer = Answer(content, "ACKSobre")
    said, detalle = answer.said("Caratula"), answer.zone("Detalle")
    return AckSobre(
        ruc_receptor=said.rut("RUCReceptor"),
        ruc_emisor=said.rut("RUCEmisor"),
        id_respuesta=said.number("IDRespuesta"),
        archivo=said.text("NomArch"),
        recibido=said.moment("FecHRecibido"),
        id_emisor=said.number("IDEmisor"),
        id_receptor=said.number("IDReceptor"),
        cantidad=said.number("CantidadCFE"),
        firmado=said.moment("Tmst"),
        estado=Said(answer, detalle).estado("Estado"),
        motivos=_motivos(answer, detalle, "MotivosRechazo"),
        consulta=consulta_of(answer, detalle),
    )


def parse_ack_cfe(content: bytes) -> AckCfe:
    """The ACKCFE in `content`, of DGI or a receiver, perhaps about some of the documents. Raises `Rejected` E1911."""
    answer = Answer(content, "ACKCFE")
    said = answer.said("Caratula")
    found = answer.zones(answer.root, "ACKCFE_Det")
    if len(found) > MAX_CFES:
        raise answer.unreadable(f"trae {len(found)} comprobantes y un sobre tiene hasta {MAX_CFES}")
    return AckCfe(
        ruc_receptor=said.rut("RUCReceptor"),
        ruc_emisor=said.rut("RUCEmisor"),
        id_respuesta=said.number("IDRespuesta"),
        archivo=said.text("NomArch"),
        recibido=said.moment("FecHRecibido"),
        id_emisor=said.number("IDEmisor"),
        id_receptor=said.number("IDReceptor"),
        en_sobre=said.number("CantenSobre"),
        firmado=said.moment("Tmst"),
        cfes=tuple(_cfe_ack(answer, node) for node in found),
    )


def parse_ack_report(content: bytes) -> AckReporte:
    """The ACKRepDiario in `content`. Raises `Rejected` E1911."""
    answer = Answer(content, "ACKRepDiario")
    said, detalle = answer.said("Caratula"), answer.zone("Detalle")
    return AckReporte(
        ruc_receptor=said.rut("RUCReceptor"),
        ruc_emisor=said.rut("RUCEmisor"),
        archivo=said.text("NomArch"),
        recibido=said.moment("FecHRecibido"),
        id_emisor=said.number("IDEmisor") if said.text("IDEmisor") else None,
        id_receptor=said.number("IDReceptor"),
        firmado=said.moment("Tmst"),
        estado=Said(answer, detalle).estado("Estado"),
        motivos=_motivos(answer, detalle, "MotivosRechazo"),
    )


def parse_rechazos(content: bytes) -> Rechazos:
    """The CFEs_Anulados_x_RechazoDGI in `content`. Raises `Rejected` E1911."""
    answer = Answer(content, "CFEs_Anulados_x_RechazoDGI")
    caratula = answer.said("Caratula")
    found = [Said(answer, node) for node in answer.zones(answer.root, "CFEAnulado")[:MAX_CFES]]
    return Rechazos(
        ruc_emisor=caratula.rut("RUCEmisor"),
        ruc_receptor=caratula.rut("RUCReceptor"),
        anulados=tuple(
            Anulado(
                tipo=said.number("TipoCFE"), serie=said.text("Serie"), numero=said.number("NroCFE"),
                fecha=said.sure_day("FechaCFE"),
            )
            for said in found
        ),
    )  # fmt: skip


def consulta_of(answer: Answer, parent: etree._Element) -> Consulta | None:
    """
    What to ask with, as an answer says it below `parent`; None without a token, also where its element is there.

    Raises `Rejected` E1911 for a token that does not say from when on.
    """
    for found in answer.zones(parent, "ParamConsulta"):
        said = Said(answer, found)
        desde = said.moment("Fechahora")
        if said.text("Token") and desde is None:
            raise answer.unreadable("ParamConsulta no dice desde cuándo consultar")
        return Consulta(token=said.text("Token"), desde=desde) if desde and said.text("Token") else None
    return None


def _cfe_ack(answer: Answer, node: etree._Element) -> CfeAck:
    said = Said(answer, node)
    originals = [_original(Said(answer, found)) for found in answer.zones(node, "InfoRespOri")]
    return CfeAck(
        ordinal=said.number("Nro_ordinal"),
        tipo=said.number("TipoCFE") if said.text("TipoCFE") else None,
        serie=said.text("Serie"),
        numero=said.number("NroCFE") if said.text("NroCFE") else None,
        fecha=said.day("FechaCFE"),
        firmado=said.moment("TmstCFE"),
        estado=said.estado("Estado"),
        motivos=_motivos(answer, node, "MotivosRechazoCF") + _motivos(answer, node, "ObsCFC"),
        original=originals[0] if originals else None,
    )


def _original(said: Said) -> Original:
    return Original(
        id_respuesta=said.number("IDRespSobre"),
        id_emisor=said.number("IDEmisorSobre"),
        id_receptor=said.number("IDReceptorSobre"),
        token=said.text("IDTokenSobre"),
    )


def _motivos(answer: Answer, parent: etree._Element, name: str) -> tuple[Motivo, ...]:
    found = [Said(answer, node) for node in answer.zones(parent, name)[:MAX_MOTIVOS]]
    return tuple(
        Motivo(
            codigo=said.text("Motivo")[:3], glosa=said.text("Glosa")[:_GLOSA], detalle=said.text("Detalle")[:_DETALLE]
        )
        for said in found
    )


def compose_ack_sobre(ack: AckSobre) -> bytes:
    """An ACKSobre for an envelope that somebody sent us, canonical, to be signed. `recibido`, `firmado` are aware."""
    detalle = [
        elements((("Estado", ack.estado),)),
        *(_motivo("MotivosRechazo", motivo) for motivo in ack.motivos[:MAX_MOTIVOS]),
    ]
    if ack.consulta:
        asked = (("Token", ack.consulta.token), ("Fechahora", moment(ack.consulta.desde)))
        detalle.append(group("ParamConsulta", *asked))
    about = (("CantidadCFE", str(ack.cantidad)), ("Tmst", _moment(ack.firmado)))
    return _answer("ACKSobre", _head(ack) + elements(about), f"<Detalle>{''.join(detalle)}</Detalle>")


def compose_ack_cfe(ack: AckCfe) -> bytes:
    """
    An ACKCFE between companies for documents that somebody sent us, canonical, to be signed.

    Raises ValueError for none, or for a decision that is neither ``AE`` nor ``BE``.
    """
    if not ack.cfes or any(cfe.estado not in ("AE", "BE") for cfe in ack.cfes):
        raise ValueError("an answer about no document, or with a decision that only DGI takes")
    rejected = sum(cfe.estado == "BE" for cfe in ack.cfes)
    counts = (
        ("CantenSobre", str(ack.en_sobre)),
        ("CantResponden", str(len(ack.cfes))),
        ("CantCFEAceptados", str(len(ack.cfes) - rejected)),
        ("CantCFERechazados", str(rejected)),
        ("Tmst", _moment(ack.firmado)),
    )
    return _answer("ACKCFE", _head(ack) + elements(counts), "".join(_det(cfe) for cfe in ack.cfes))


def ack_name(id_respuesta: int, sobre: str) -> str:
    """``M_77_Sob_217777770013_20261121_1.xml``: the answer to the envelope of that name."""
    return f"M_{id_respuesta}_{sobre}"


def ack_cfe_name(id_respuesta: int, sobre: str) -> str:
    """``ME_78_Sob_217777770013_20261121_1.xml``: the answer about its documents."""
    return f"ME_{id_respuesta}_{sobre}"


def _answer(name: str, caratula: str, detail: str) -> bytes:
    return f'<{name} xmlns="{NAMESPACE}" version="1.0"><Caratula>{caratula}</Caratula>{detail}</{name}>'.encode()


def _head(ack: AckSobre | AckCfe) -> str:
    # An element that is always there, also empty.
    archivo = elements((("NomArch", ack.archivo),)) or "<NomArch></NomArch>"
    before = (
        ("RUCReceptor", ack.ruc_receptor),
        ("RUCEmisor", ack.ruc_emisor),
        ("IDRespuesta", str(ack.id_respuesta)),
    )
    after = (
        ("FecHRecibido", _moment(ack.recibido)),
        ("IDEmisor", str(ack.id_emisor)),
        ("IDReceptor", str(ack.id_receptor)),
    )
    return elements(before) + archivo + elements(after)


def _moment(at: datetime | None) -> str:
    if at is None:
        raise ValueError("an answer says when it received and when it was signed")
    return moment(at)


def _det(cfe: CfeAck) -> str:
    said = elements(
        (
            ("Nro_ordinal", str(cfe.ordinal)),
            ("TipoCFE", str(cfe.tipo or "")),
            ("Serie", cfe.serie),
            ("NroCFE", str(cfe.numero or "")),
            ("FechaCFE", cfe.fecha.isoformat() if cfe.fecha else ""),
            ("TmstCFE", moment(cfe.firmado) if cfe.firmado else ""),
            ("Estado", cfe.estado),
        )
    )
    motivos = (_motivo("MotivosRechazoCF", motivo) for motivo in cfe.motivos[:MAX_MOTIVOS_PARTES])
    return f"<ACKCFE_Det>{said}{''.join(motivos)}</ACKCFE_Det>"


def _motivo(name: str, motivo: Motivo) -> str:
    return group(
        name, ("Motivo", motivo.codigo), ("Glosa", motivo.glosa[:_GLOSA]), ("Detalle", motivo.detalle[:_DETALLE])
    )
