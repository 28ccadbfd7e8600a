"""The answers to what was sent, as DGI composes them; canonical as written, so that they are signed as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from sincronizador.authorities.fake_codes import GLOSAS

Motivo = tuple[str, str]
"""A code, and what it found."""

_SPACE = "http://cfe.dgi.gub.uy"
_MOST = 30
_LONGEST = {"MotivosRechazo": 500, "MotivosRechazoCF": 500, "ObsCFC": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """What every answer says of what it answers."""

    receptor: str
    """DGI's RUC."""
    emisor: str
    id_emisor: str
    id_receptor: int
    received: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One document of a sobre, answered."""

    ordinal: int
    tipo: str
    serie: str
    numero: str
    fecha: str
    firmado: str
    estado: str
    """AE, BE, CE or FE."""
    motivos: Sequence[Motivo]
    original: Mapping[str, str] | None = None
    """The sobre that brought the document first, of an E02: IDRespSobre, IDEmisorSobre..."""

    @property
    def is_papel(self) -> bool:
        """Whether it is a CFC."""
        return self.tipo.startswith("2")


def ack_sobre(
    shipment: Shipment, now: datetime, count: int, motivos: Sequence[Motivo], token: str, since: datetime | None
) -> bytes:
    """ACKSobre: AS with token and hour, or BS with its reasons."""
    ask = f"<Token>{token}</Token><Fechahora>{stamp(since)}</Fechahora>" if since and not motivos else ""
    ask = f"<ParamConsulta>{ask}</ParamConsulta>" if ask else ""
    return _document(
        "ACKSobre",
        f"<Caratula>{_caratula(shipment)}<CantidadCFE>{min(count, 250)}</CantidadCFE>{_tag('Tmst', stamp(now))}"
        f"</Caratula><Detalle><Estado>{'BS' if motivos else 'AS'}</Estado>{_reasons('MotivosRechazo', motivos)}{ask}"
        "</Detalle>",
    )


def ack_cfes(shipment: Shipment, now: datetime, count: int, answers: Sequence[Answer]) -> bytes:
    """ACKCFE: as many documents of the sobre as are answered."""
    others = [one for one in answers if not one.tipo]
    known = [one for one in answers if one.tipo]
    counts = {
        "CantenSobre": count,
        "CantResponden": len(answers),
        "CantCFEAceptados": sum(not one.is_papel and one.estado in ("AE", "FE") for one in known),
        "CantCFERechazados": sum(not one.is_papel and one.estado == "BE" for one in known),
        "CantCFCAceptados": sum(one.is_papel and one.estado in ("AE", "FE") for one in known),
        "CantCFCObservados": sum(one.is_papel and one.estado == "CE" for one in known),
        "CantOtrosRechazados": len(others),
    }
    told = "".join(_tag(name, str(value)) for name, value in counts.items())
    return _document(
        "ACKCFE",
        f"<Caratula>{_caratula(shipment)}{told}{_tag('Tmst', stamp(now))}</Caratula>{''.join(map(_detail, answers))}",
    )


def ack_report(shipment: Shipment, now: datetime, motivos: Sequence[Motivo]) -> bytes:
    """ACKRepDiario: AR, or BR with its reasons."""
    return _document(
        "ACKRepDiario",
        f"<Caratula>{_caratula(shipment, numbered=False)}{_tag('Tmst', stamp(now))}</Caratula>"
        f"<Detalle><Estado>{'BR' if motivos else 'AR'}</Estado>{_reasons('MotivosRechazo', motivos)}</Detalle>",
    )


def stamp(moment: datetime) -> str:
    """Whole seconds with zone."""
    return moment.isoformat(timespec="seconds")


def _document(root: str, inside: str) -> bytes:
    return f'<{root} xmlns="{_SPACE}" version="1.0">{inside}</{root}>'.encode()


def _caratula(shipment: Shipment, *, numbered: bool = True) -> str:
    values = [("RUCReceptor", shipment.receptor), ("RUCEmisor", shipment.emisor)]
    if numbered:
        values.append(("IDRespuesta", str(shipment.id_receptor)))
    values += [
        ("NomArch", ""),
        ("FecHRecibido", stamp(shipment.received)),
        ("IDEmisor", shipment.id_emisor or "0"),
        ("IDReceptor", str(shipment.id_receptor)),
    ]
    return "".join(_tag(name, value) for name, value in values)


def _detail(answer: Answer) -> str:
    named = (
        ("TipoCFE", answer.tipo),
        ("Serie", answer.serie),
        ("NroCFE", answer.numero),
        ("FechaCFE", answer.fecha),
        ("TmstCFE", answer.firmado),
    )
    inside = _tag("Nro_ordinal", str(answer.ordinal))
    inside += "".join(_tag(name, value) for name, value in named if value)
    inside += _tag("Estado", answer.estado)
    inside += _reasons("ObsCFC" if answer.is_papel else "MotivosRechazoCF", answer.motivos)
    if answer.original:
        inside += "<InfoRespOri>" + "".join(_tag(*pair) for pair in answer.original.items()) + "</InfoRespOri>"
    return f"<ACKCFE_Det>{inside}</ACKCFE_Det>"


def _reasons(name: str, motivos: Iterable[Motivo]) -> str:
    most = 10 if name == "ObsCFC" else _MOST
    told = (
        _tag("Motivo", code) + _tag("Glosa", GLOSAS[code]) + _tag("Detalle", detail[: _LONGEST[name]])
        for code, detail in list(motivos)[:most]
    )
    return "".join(f"<{name}>{one}</{name}>" for one in told)


def _tag(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"
