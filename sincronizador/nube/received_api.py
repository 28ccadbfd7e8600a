"""The calls of an installation about documents that other issuers made out to its own."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from sincronizador.core.receipt import Reply, Said
from sincronizador.nube import bodies, wire
from sincronizador.nube.auth import Door
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.contract import Raw, called, json_answer
from sincronizador.nube.inbound import PAGE
from sincronizador.nube.installation_api import Rut, no_document
from sincronizador.nube.troubles import bad_request

Cursor = Annotated[str, Query(json_schema_extra={"maxLength": 200})]
Kind = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{3}$"})]
Series = Annotated[str, Path(json_schema_extra={"pattern": "^[A-Z0-9]{1,2}$"})]
Number = Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{1,7}$"})]


class ReceivedDocuments:
    """Of the caller's issuer, whichever of its installations asks."""

    def __init__(self, cloud: Cloud, door: Door) -> None:
        self._cloud = cloud
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        """Add the calls, with what their OpenAPI says."""
        router.add_api_route("/received", self.page, methods=["GET"], **called(bodies.ReceivedPage))
        rejected = called(bodies.Empty, body=bodies.Rejection, errors=(404, 409, 422))
        path = "/received/{issuer}/{kind}/{series}/{number}/reject"
        router.add_api_route(path, self.reject, methods=["POST"], **rejected)

    def page(
        self,
        request: Request,
        changed_since: Cursor = "",
        limit: Annotated[str, Query(json_schema_extra={"pattern": "^[0-9]{1,3}$"})] = str(PAGE),
    ) -> Response:
        """Los comprobantes recibidos que llegaron o cambiaron desde el cursor; sin cursor, todos."""
        caller = self._door.caller(request)
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= PAGE):
            raise bad_request(f"«limit» va de 1 a {PAGE}")
        found = self._cloud.received(caller, changed_since, int(limit))
        if isinstance(found, Reply):
            raise wire.trouble(found, no_document)
        return json_answer(found)

    def reject(
        self, request: Request, issuer: Rut, kind: Kind, series: Series, number: Number, raw: Raw
    ) -> Response:  # fmt: skip
        """No se acepta un comprobante recibido: se le contesta a quien lo emitió. Repetido, no cambia nada."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Rejection, raw)
        if not (kind.isdecimal() and number.isdecimal() and len(kind) == 3 and len(number) <= 7):
            raise bad_request("el comprobante no tiene la forma acordada")
        which = (issuer, int(kind), series, int(number))
        reply = self._cloud.reject_received(caller, which, body.code, body.detail)
        if reply.said is not Said.STORED:
            raise wire.trouble(reply, no_document)
        return json_answer({})
