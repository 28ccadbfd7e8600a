"""The counter of sobres: what arrives is answered at once, its documents from an announced hour on."""

import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sincronizador.authorities.fake_acks import Answer, Motivo, Shipment, ack_cfes, ack_sobre
from sincronizador.authorities.fake_cfes import Counter, Verdict, verdict
from sincronizador.authorities.fake_codes import Faulted
from sincronizador.authorities.fake_notary import Holder
from sincronizador.authorities.fake_office import Office
from sincronizador.authorities.fake_reading import Documento, moment, parse_xml, read_documento, texts, whole
from sincronizador.countries.uy.received import CfeText, take_apart
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected

MAX_BYTES = 2_000_000
MAX_CFES = 250

_FORM = {
    "RutReceptor": r"\d{12}",
    "RUCEmisor": r"\d{12}",
    "Idemisor": r"\d{1,10}",
    "CantCFE": r"\d{1,3}",
    "Fecha": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "X509Certificate": r"[A-Za-z0-9+/=\s]+",
}
"""Caratula, in order. Formato Sobre v05."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sobre:
    """One that could be read."""

    caratula: Mapping[str, str]
    cfes: Sequence[CfeText]
    documentos: Sequence[Documento | ValueError]
    signer: Holder | None
    whole: bytes

    @property
    def readable(self) -> list[Documento]:
        return [one for one in self.documentos if isinstance(one, Documento)]


class Sobres:
    """Reception and consult of sobres; in the order in which they arrive."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def receive(self, caller: Holder, content: str, now: datetime) -> bytes:
        """The ACKSobre, signed. Raises `Faulted`."""
        sobre, motivos = self._read(content)
        caratula = sobre.caratula if sobre else {}
        named = caratula.get("Idemisor", "")
        cue = self._office.cues.take("sobre", rut=caller.rut, id_emisor=named)
        if sobre is not None:
            motivos += self._examined(sobre, caller, now)
        if cue is not None:
            motivos += [(code, cue.detail) for code in cue.codes]
        number = self._office.memory.next_shipment()
        effect = cue.efecto if cue else {}
        since = now + timedelta(seconds=effect.get("demora", self._office.registers.setting("demora")))
        token = b64encode(secrets.token_bytes(96)).decode()
        self._office.memory.keep(
            "sobre", id=number, rut=caller.rut, id_emisor=named, recibido=now.isoformat(),
            estado="BS" if motivos else "AS", motivos=json.dumps(motivos), cantidad=len(sobre.cfes) if sobre else 0,
            token="" if motivos else token, desde=since.isoformat(), parcial=effect.get("parcial"),
            consultas=0, xml=content.encode(),
        )  # fmt: skip
        if sobre is not None and not motivos:
            self._judge(number, sobre, now)
        shipment = self._shipment(caller.rut, named, number, now)
        count = len(sobre.cfes) if sobre else 0
        return self._office.notary.sign_document(ack_sobre(shipment, now, count, motivos, token, since))

    def consult(self, caller: Holder, content: str, now: datetime) -> bytes:
        """The ACKCFE of the sobre that ConsultaCFE names, signed. Raises `Faulted`: 1 to 4, 13, 104, 105."""
        number, token = _asked(content)
        named = self._office.archive.sobre_with(token)
        if named is not None and named["rut"] != caller.rut:
            raise Faulted(4)
        row = self._office.archive.sobre(number)
        if row is None or row["rut"] != caller.rut or row["estado"] != "AS":
            raise Faulted(104)
        if row["token"] != token:
            raise Faulted(3)
        if now < datetime.fromisoformat(row["desde"]):
            raise Faulted(13)
        times = row["consultas"] + 1
        self._office.memory.write("UPDATE sobre SET consultas = ? WHERE id = ?", times, number)
        if row["parcial"] == 0:
            # Held back: the hour came, the answer did not. The next consult has all of it.
            self._office.memory.write("UPDATE sobre SET parcial = NULL WHERE id = ?", number)
            raise Faulted(105)
        most = row["cantidad"] if row["parcial"] is None else row["parcial"] * times
        shipment = self._shipment(row["rut"], row["id_emisor"], number, datetime.fromisoformat(row["recibido"]))
        answers = self._office.archive.answers(number, most)
        return self._office.notary.sign_document(ack_cfes(shipment, now, row["cantidad"], answers))

    def _shipment(self, rut: str, named: str, number: int, received: datetime) -> Shipment:
        named = named if re.fullmatch(_FORM["Idemisor"], named, re.ASCII) else ""
        return Shipment(receptor=self._office.rut, emisor=rut, id_emisor=named, id_receptor=number, received=received)

    def _read(self, content: str) -> tuple[_Sobre | None, list[Motivo]]:
        raw = content.encode()
        if len(raw) > MAX_BYTES:
            return None, [("S07", f"{len(raw)} bytes; se admiten {MAX_BYTES}")]
        try:
            received = take_apart(undeclared(content))
            root = parse_xml(received.whole)
        except (Rejected, ValueError) as exc:
            return None, [("S01", str(exc))]
        first = root.find("{http://cfe.dgi.gub.uy}Caratula")
        if root.tag != "{http://cfe.dgi.gub.uy}EnvioCFE" or first is None:
            return None, [("S01", f"la raíz es {root.tag} y debe ser EnvioCFE, con su Caratula")]
        caratula = texts(first)
        documentos = [_documento(cfe) for cfe in received.cfes]
        signer, motivos = self._signer(caratula.get("X509Certificate", ""))
        motivos += _form(caratula)
        sobre = _Sobre(
            caratula=caratula, cfes=received.cfes, documentos=documentos, signer=signer, whole=received.whole
        )
        return sobre, motivos

    def _signer(self, text: str) -> tuple[Holder | None, list[Motivo]]:
        try:
            return self._office.notary.read(b64decode("".join(text.split()), validate=True)), []
        except ValueError:
            return None, [("S03", "el X509Certificate de la carátula no es un certificado")]

    def _examined(self, sobre: _Sobre, caller: Holder, now: datetime) -> Iterator[Motivo]:
        caratula, signer = sobre.caratula, sobre.signer
        if caratula.get("RutReceptor") != self._office.rut:
            yield "S04", f"RutReceptor es {caratula.get('RutReceptor')} y el de DGI es {self._office.rut}"
        yield from self._owned(sobre, caller)
        if signer is not None:
            yield from _dated(signer, sobre.readable, now)
        count = caratula.get("CantCFE", "")
        if count.isdigit() and int(count) != len(sobre.cfes):
            yield "S05", f"CantCFE dice {count} y hay {len(sobre.cfes)}"
        if not 1 <= len(sobre.cfes) <= MAX_CFES:
            yield "S04", f"hay {len(sobre.cfes)} CFE; van de 1 a {MAX_CFES}"
        others = [one for one in sobre.readable if signer and one.certificado not in ("", str(signer.serial))]
        if others:
            yield "S06", f"el CFE {others[0].serie} {others[0].numero} nombra el certificado {others[0].certificado}"
        named = caratula.get("Idemisor", "")
        earlier = self._office.archive.sobre_named(caller.rut, named) if named else None
        if earlier is not None:
            yield "S08", f"recibido como {earlier['id']}, estado {earlier['estado']}"
        if not any(self._office.schema(cfe.alone) for cfe in sobre.cfes):
            yield from (("S04", sentence) for sentence in self._office.schema(sobre.whole))

    def _owned(self, sobre: _Sobre, caller: Holder) -> Iterator[Motivo]:
        rut = sobre.caratula.get("RUCEmisor", "")
        if rut != caller.rut:
            yield "S02", f"el envío es de {caller.rut} y RUCEmisor es {rut}"
        if sobre.signer is not None and sobre.signer.rut != rut:
            yield "S02", "EL RUC del Emisor no corresponde con el del certificado. -"
        foreign = sorted({one.rut for one in sobre.readable if one.rut != rut})
        if foreign:
            yield "S02", f"hay CFE de {', '.join(foreign)}"

    def _judge(self, number: int, sobre: _Sobre, now: datetime) -> None:
        counter = Counter(office=self._office, now=now)
        for ordinal, (cfe, found) in enumerate(zip(sobre.cfes, sobre.documentos, strict=True), start=1):
            if isinstance(found, Documento) and sobre.signer is not None:
                self._judge_one(counter, number, ordinal, cfe, found, sobre.signer)
            else:
                motivos = [("E05", str(found))]
                unknown = Answer(
                    ordinal=ordinal, tipo="", serie="", numero="", fecha="", firmado="", estado="BE", motivos=motivos
                )
                self._office.archive.keep_answer(number, unknown, None)

    def _judge_one(
        self, counter: Counter, number: int, ordinal: int, cfe: CfeText, documento: Documento, signer: Holder
    ) -> None:
        decided = counter.judge(cfe.alone, documento, signer)
        cue = self._office.cues.take(
            "cfe", rut=documento.rut, tipo=documento.tipo, serie=documento.serie, numero=documento.numero
        )
        if cue is not None and not decided.motivos:
            told = [(code[1:], cue.detail) for code in cue.codes]
            decided = verdict(documento, told, estado=str(cue.efecto.get("estado", "")))
        answer = Answer(
            ordinal=ordinal, tipo=str(documento.tipo), serie=documento.serie, numero=str(documento.numero),
            fecha=documento.fecha, firmado=documento.firmado_texto, estado=decided.estado, motivos=decided.motivos,
        )  # fmt: skip
        self._office.archive.keep_answer(number, answer, decided.original)
        if decided.takes_the_number and not self._is_settled(documento):
            self._keep(number, ordinal, cfe, documento, decided)

    def _is_settled(self, documento: Documento) -> bool:
        known = self._office.archive.cfe(documento.rut, documento.tipo, documento.serie, documento.numero)
        return known is not None and known["estado"] != "CE"

    def _keep(self, number: int, ordinal: int, cfe: CfeText, documento: Documento, decided: Verdict) -> None:
        self._office.memory.keep(
            "cfe", rut=documento.rut, tipo=documento.tipo, serie=documento.serie, numero=documento.numero,
            sobre=number, ordinal=ordinal, estado=decided.estado,
            dia=documento.firmado.astimezone(ZONE).date().isoformat(), fecha=documento.fecha,
            firmado=documento.firmado.isoformat(), receptor=documento.receptor, xml=cfe.alone,
        )  # fmt: skip


def _asked(content: str) -> tuple[int, str]:
    """IdReceptor and token of a ConsultaCFE. Raises `Faulted` 1 and 2."""
    space = "{http://dgi.gub.uy}"
    try:
        root = parse_xml(undeclared(content))
    except ValueError as exc:
        raise Faulted(1, str(exc)) from exc
    token = "".join(root.findtext(f"{space}Token", "").split())
    if root.tag != f"{space}ConsultaCFE" or not token:
        raise Faulted(1)
    try:
        number = whole(root.findtext(f"{space}IdReceptor", "").strip())
    except ValueError as exc:
        raise Faulted(2, str(exc)) from exc
    if number == 0:
        raise Faulted(2)
    return number, token


def undeclared(content: str) -> bytes:
    """A text of an envelope as UTF-8: whatever encoding it declares, it is no longer in it."""
    return re.sub(r"\A\s*<\?xml\b[^>]*\?>", "", content).encode()


def _documento(cfe: CfeText) -> Documento | ValueError:
    try:
        return read_documento(cfe.alone)
    except ValueError as exc:
        return exc


def _form(caratula: Mapping[str, str]) -> Iterator[Motivo]:
    """What of the Caratula is not as the format says, its order included."""
    for name, form in _FORM.items():
        value = caratula.get(name)
        if value is None or not re.fullmatch(form, value, re.ASCII):
            yield "S04", f"{name} de la carátula falta o está mal escrito"
    if [name for name in caratula if name in _FORM] != [name for name in _FORM if name in caratula]:
        yield "S04", "los datos de la carátula no están en orden"
    try:
        moment(caratula.get("Fecha", ""))
    except ValueError:
        yield "S04", "Fecha de la carátula no es una fecha"


def _dated(signer: Holder, documentos: Sequence[Documento], now: datetime) -> Iterator[Motivo]:
    if not signer.is_valid(now):
        yield "S03", "el certificado de la carátula no está vigente"
    if any(one.firmado <= signer.not_before for one in documentos):
        yield "S03", "La fecha de emisión no corresponde con el certificado"
