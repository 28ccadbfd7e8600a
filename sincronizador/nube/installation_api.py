"""The calls of an installation about the cloud and itself: health, leases, epochs, numbers."""

from base64 import b64encode
from typing import Annotated, NoReturn

from fastapi import APIRouter, Header, Path, Request, Response

from sincronizador.core.finding import Finding
from sincronizador.core.receipt import Highest, Receipt, Remark, Reply, Said
from sincronizador.nube import bodies, codes, wire
from sincronizador.nube.auth import Door
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.contract import Raw, called, json_answer, opened
from sincronizador.nube.gate import invalid
from sincronizador.nube.leases import Granted
from sincronizador.nube.troubles import Trouble, bad_request

_LONGEST_KEY = 100

Rut = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{12}$"})]
LeaseId = Annotated[str, Path(json_schema_extra={"maxLength": 100})]


class Installations:
    """The calls that name no document."""

    def __init__(self, cloud: Cloud, door: Door) -> None:
        self._cloud = cloud
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        """Add the calls, with what their OpenAPI says."""
        add, own = router.add_api_route, "/installations/self"
        health = opened(bodies.Health, errors=(401, 403))
        health["openapi_extra"]["security"] = [{}]
        add("/health", self.health, methods=["GET"], **health)
        wish = called(bodies.Lease, body=bodies.LeaseWish, errors=(422,), created=True)
        add("/leases", self.take_lease, methods=["POST"], **wish)
        add("/leases", self.leases, methods=["GET"], **called(bodies.Leases))
        add("/certificates", self.certificates, methods=["GET"], **called(bodies.Certificates))
        held = called(bodies.Lease, body=bodies.HeldRange, errors=(404, 409, 422), created=True)
        add("/leases/held", self.hold, methods=["POST"], **held)
        ended = called(bodies.Lease, body=bodies.LeaseEnd, errors=(404, 409, 422))
        add("/leases/{lease}/close", self.close_lease, methods=["POST"], **ended)
        raised = called(bodies.Epoch, body=bodies.EpochWish, errors=(409, 422))
        add(f"{own}/epoch", self.raise_epoch, methods=["POST"], **raised)
        began = called(bodies.Run, body=bodies.RunWish, errors=(409, 422))
        add(f"{own}/run", self.begin_run, methods=["POST"], **began)
        recovered = called(bodies.Empty, body=bodies.Recovery, errors=(422,))
        add(f"{own}/recovered", self.recovered, methods=["POST"], **recovered)
        found = opened(bodies.Taxpayer, errors=(401, 403, 404, 422))
        add("/taxpayers/uy/{rut}", self.taxpayer, methods=["GET"], **found)
        add("/numbers", self.numbers, methods=["GET"], **opened(bodies.Numbers, errors=(401, 403)))

    def health(self, request: Request) -> Response:
        """Cómo está la nube; con el token de una instalación, también qué se sabe de ella."""
        who = self._door.identify(request) if "Authorization" in request.headers else None
        found = self._cloud.health(who)
        return json_answer(wire.health(found, recovered=who is not None and self._cloud.recovered_by(who)))

    def take_lease(
        self,
        request: Request,
        raw: Raw,
        idempotency_key: Annotated[str, Header(json_schema_extra={"minLength": 8, "maxLength": _LONGEST_KEY})] = "",
    ) -> Response:
        """Reserva un tramo de un CAE; con la misma Idempotency-Key, el mismo."""
        caller = self._door.caller(request)
        if not 8 <= len(idempotency_key) <= _LONGEST_KEY or not idempotency_key.isprintable():
            raise bad_request("falta el encabezado Idempotency-Key, de 8 a 100 letras y cifras al azar")
        body = bodies.parse(bodies.LeaseWish, raw)
        return _granted(self._cloud.take_lease(caller, body.doc_type, body.branch, body.size, idempotency_key))

    def leases(self, request: Request) -> Response:
        """Los tramos abiertos de la instalación, y los tipos que puede reservar."""
        found = self._cloud.leases(self._door.caller(request))
        if isinstance(found, Reply):
            raise _trouble(found)
        return json_answer({"leases": [wire.lease(lease) for lease in found.leases], "types": list(found.types)})

    def certificates(self, request: Request) -> Response:
        """Los certificados con los que puede estar firmado un comprobante del emisor."""
        found = self._cloud.signing_certificates(self._door.caller(request))
        if isinstance(found, Reply):
            raise _trouble(found)
        return json_answer({"certificates": [b64encode(der).decode() for der in found]})

    def hold(self, request: Request, raw: Raw) -> Response:
        """Registra un rango del que la instalación ya numera: la nube no lo usa nunca."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.HeldRange, raw)
        if body.last < body.first:
            raise bad_request("el rango termina antes de empezar")
        return _granted(self._cloud.held(caller, body.cae, body.first, body.last))

    def close_lease(self, request: Request, lease: LeaseId, raw: Raw) -> Response:
        """Cierra un tramo: lo que no se usó queda anulado."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.LeaseEnd, raw)
        found = self._cloud.close_lease(caller, lease, body.used, body.voided)
        if isinstance(found, Reply):
            raise _trouble(found)
        return json_answer(wire.lease(found))

    def raise_epoch(self, request: Request, raw: Raw) -> Response:
        """Otra máquina, u otro diario, toma la instalación."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.EpochWish, raw)
        found = self._cloud.raise_epoch(caller, body.machine, body.known)
        if isinstance(found, Reply):
            raise _trouble(found)
        if not found.granted:
            raise Trouble(409, "epoch_conflict", epoch=found.epoch)
        return json_answer({"epoch": found.epoch})

    def begin_run(self, request: Request, raw: Raw) -> Response:
        """Un arranque dice que es el que sigue; de dos copias de una máquina, solo una puede."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.RunWish, raw)
        found = self._cloud.begin_run(caller, body.run, body.known, body.turn, body.name)
        if isinstance(found, Reply):
            raise _trouble(found)
        since = found.since.isoformat() if found.since else None
        if not found.granted:
            raise Trouble(409, "run_conflict", name=found.name, since=since)
        return json_answer({"name": found.name, "since": since})

    def recovered(self, request: Request, raw: Raw) -> Response:
        """Después de restaurar la nube: la instalación ya entregó de nuevo todo lo que tiene."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Recovery, raw)
        highest = [Highest(tipo=one.doc_type, serie=one.series, numero=one.number) for one in body.numbers]
        reply = self._cloud.recovered(caller, highest)
        if reply.said is not Said.STORED:
            raise _trouble(reply)
        return json_answer({})

    def numbers(self, request: Request) -> Response:
        """Qué fue de cada número de cada CAE del emisor."""
        who = self._door.identify(request)
        return json_answer({"numbers": [wire.numbers(cae) for cae in self._cloud.numbers(who.rut)]})

    def taxpayer(self, request: Request, rut: Rut) -> Response:
        """Lo que DGI tiene registrado de un RUT; sin línea con DGI, lo último que dijo."""
        who = self._door.identify(request)
        found = self._cloud.taxpayer(who.rut, rut)
        if found is None:
            raise Trouble(404, "not_found", codes.NO_OFFICES.at().message)
        if isinstance(found, Finding):
            sentence = " ".join(filter(None, (found.message, found.hint)))
            raise _trouble(invalid(Remark(field="rut", rule=found.code, message=sentence)))
        return json_answer(wire.taxpayer(found))


def _granted(found: Granted | Reply) -> Response:
    if isinstance(found, Reply):
        raise _trouble(found)
    return json_answer(wire.lease(found.lease), 201 if found.created else 200)


def _trouble(reply: Reply) -> Trouble:
    return wire.trouble(reply, no_document)


def no_document(receipt: Receipt) -> NoReturn:
    """The document of a verdict about none."""
    raise AssertionError(f"a verdict about no document has one: {receipt.key}")
