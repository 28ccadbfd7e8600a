"""
A DGI to test against: its services as DGI describes them, over what was really sent.

Made from the reference and from DGI's schemas, not from our client: each judges the other. It keeps books, checks
signatures, numbers, references and arithmetic, and on cue it answers badly, slowly or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sincronizador.authorities import fake_taxpayers
from sincronizador.authorities.fake_archive import Archive
from sincronizador.authorities.fake_codes import PERSONA as PERSONA_FAULTS
from sincronizador.authorities.fake_codes import SERVICIO, Faulted
from sincronizador.authorities.fake_cues import Cue, Cues
from sincronizador.authorities.fake_memory import Memory
from sincronizador.authorities.fake_notary import Notary
from sincronizador.authorities.fake_office import Office, Problems
from sincronizador.authorities.fake_queries import PREFIX, Queries
from sincronizador.authorities.fake_registers import Registers
from sincronizador.authorities.fake_reports import Reports
from sincronizador.authorities.fake_soap import DGI, PERSONA, Call, cdata, fault, open_envelope, seal
from sincronizador.authorities.fake_sobres import Sobres

RUT_DGI = "219999830019"
"""DGI's RUC in its testing environment."""
RECEPCION = "/ePrueba/ws_eprueba"
CONSULTAS = "/ePrueba/ws_consultasPrueba"
RUT = "/ePrueba/ws_personaGetActEmpresarialPrueba"
SERVICES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    RECEPCION: (DGI, ("http://dgi.gub.uyaction/AWS_EFACTURA.",)),
    CONSULTAS: (DGI, ("http://dgi.gub.uyaction/AWS_EFACTURA_CONSULTAS.", "http://dgi.gub.uyaction/AWS_EFACTURA.")),
    RUT: (PERSONA, (f"{PERSONA}action/AWS_PERSONAGETACTEMPRESARIAL.", f"{PERSONA}action/WS_PersonaGetActEmpresarial.")),
}
"""Path -> namespace, and what SOAPAction may begin with."""

_RECEPTION = "WS_eFactura."
_NO_EMISOR, _SECURITY = 103, 101
_SOAP_FAULT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back, and how it is spoiled."""

    status: int
    body: bytes
    spoil: Mapping[str, Any]
    """``lento`` and ``silencio`` in seconds, ``corte`` in bytes, ``cerrar``; empty: it arrives."""


class FakeDgi:
    """DGI without its wire. Threads may share it: all that it does is done one at a time."""

    def __init__(
        self, notary: Notary, clock: Callable[[], datetime], *, path: str = ":memory:", schema: Problems | None = None
    ) -> None:
        """`schema` says what DGI's XSDs have against a document; without it only what is looked at by hand is said."""
        self.memory = Memory(path)
        self.archive = Archive(self.memory)
        self.registers = Registers(self.memory)
        self.cues = Cues(self.memory)
        self.notary = notary
        self._clock = clock
        problems = schema or (lambda _: ())
        office = Office(
            memory=self.memory,
            archive=self.archive,
            registers=self.registers,
            cues=self.cues,
            notary=notary,
            schema=problems,
            rut=RUT_DGI,
        )
        self._sobres = Sobres(office)
        self.reports = Reports(office)
        self._queries = Queries(self.archive, self.registers, self.reports)

    def close(self) -> None:
        """Let its file go."""
        self.memory.close()

    def now(self) -> datetime:
        """DGI's hour."""
        return self.registers.now(self._clock())

    def call(self, path: str, action: str, content: bytes) -> Reply:
        """The answer of the service at `path` to a SOAP request; it counts once it is given, even if it is lost."""
        namespace, _ = SERVICES[path]
        now = self.now()
        try:
            call = open_envelope(content, self.notary, now)
            _check_action(path, action, call)
        except Faulted as trouble:
            return self._sealed(fault(trouble, namespace), _SOAP_FAULT, None)
        cue = self.cues.take("servicio", operacion=call.operation.rpartition(".")[2], rut=call.caller.rut)
        if cue is not None and not cue.is_after and (early := self._instead(cue, namespace)) is not None:
            return early
        inner, status = self._done(path, call, now)
        if cue is not None and cue.is_after and (late := self._instead(cue, namespace)) is not None:
            return late
        return self._sealed(inner, status, cue)

    def _done(self, path: str, call: Call, now: datetime) -> tuple[str, int]:
        """The Body's inside and the status. A fault is an answer too: what was written before it stays."""
        namespace, _ = SERVICES[path]
        with self.memory.transaction():
            try:
                return self._answered(path, call, now), 200
            except Faulted as trouble:
                return fault(trouble, namespace), _SOAP_FAULT

    def _answered(self, path: str, call: Call, now: datetime) -> str:
        if self.registers.has_left(call.caller.rut, now.date()):
            raise Faulted(_NO_EMISOR)
        inner = None
        if path == RUT and call.operation == fake_taxpayers.OPERATION and call.namespace == PERSONA:
            inner = fake_taxpayers.answer(call, self.registers)
        elif path == CONSULTAS and call.namespace == DGI:
            inner = self._queries.ask(call, now)
        elif path == RECEPCION and call.namespace == DGI and call.operation.startswith(_RECEPTION):
            inner = self._received(call, now)
        if inner is None:
            raise Faulted(_SECURITY, f"la operación {call.operation} no es de este servicio")
        return inner

    def _received(self, call: Call, now: datetime) -> str | None:
        name = call.operation.removeprefix(_RECEPTION)
        operations = {
            "EFACRECEPCIONSOBRE": self._sobres.receive,
            "EFACRECEPCIONREPORTE": self.reports.receive,
            "EFACCONSULTARESTADOENVIO": self._sobres.consult,
        }
        if name not in operations:
            return None
        answer = operations[name](call.caller, call.text("Datain", "xmlData"), now)
        return (
            f'<{_RECEPTION}{name}Response xmlns="{DGI}"><Dataout><xmlData>{cdata(answer.decode())}</xmlData></Dataout>'
            f"</{_RECEPTION}{name}Response>"
        )

    def _instead(self, cue: Cue, namespace: str) -> Reply | None:
        """What the cue answers in place of the service; None when it only spoils the answer."""
        effect = cue.efecto
        if "falla" in effect:
            told = PERSONA_FAULTS if namespace == PERSONA and effect["falla"] in PERSONA_FAULTS else SERVICIO
            trouble = Faulted(effect["falla"], str(effect.get("detalle", "")), told=told)
            return self._sealed(fault(trouble, namespace), _SOAP_FAULT, cue)
        if "http" in effect:
            page = f"<html><body>HTTP {effect['http']}</body></html>".encode()
            return Reply(status=int(effect["http"]), body=page, spoil=effect)
        if "silencio" in effect or "cerrar" in effect:
            return Reply(status=200, body=b"", spoil=effect)
        return None

    def _sealed(self, inner: str, status: int, cue: Cue | None) -> Reply:
        spoil = dict(cue.efecto) if cue else {}
        body = seal(inner, self.notary, self.registers.setting("firma"))
        return Reply(status=status, body=_unsealed(body, str(spoil.get("firma", ""))), spoil=spoil)


def _check_action(path: str, action: str, call: Call) -> None:
    """SOAPAction names the operation. Raises `Faulted`."""
    _, beginnings = SERVICES[path]
    name = call.operation.removeprefix(PREFIX).removeprefix(_RECEPTION).rpartition(".")[2]
    if action.strip().strip('"') not in {beginning + name for beginning in beginnings}:
        raise Faulted(_SECURITY, f"SOAPAction {action or '(ninguna)'} no es de la operación {name}")


def _unsealed(body: bytes, how: str) -> bytes:
    """An answer whose seal is missing (``falta``) or does not fit (``rota``); otherwise as it is."""
    if how == "falta":
        head, _, rest = body.partition(b"<soapenv:Header>")
        return head + rest.partition(b"</soapenv:Header>")[2]
    if how == "rota":
        return body.replace(b"<ds:DigestValue>", b"<ds:DigestValue>AAAA", 1)
    return body
