"""The calls of an installation about its documents. Each is one verb of `Cloud`; nothing is decided here."""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from sincronizador.core.emitido import Emitido
from sincronizador.core.receipt import Changes, Receipt, Reply, Said
from sincronizador.nube import bodies, forms, wire
from sincronizador.nube.auth import Door
from sincronizador.nube.caller import Caller, Outcome
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.contract import FileAnswer, Raw, called, json_answer
from sincronizador.nube.troubles import bad_request, not_found

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}|~[A-Za-z0-9_-]{43}")
_PAGE = 500

Key = Annotated[str, Path(json_schema_extra={"pattern": f"^({_KEY.pattern})$"})]
Cursor = Annotated[str | None, Query(json_schema_extra={"maxLength": 200})]
Kind = Annotated[str, Query(json_schema_extra={"enum": ["documento"]})]


class Documents:
    """The calls that name a document, or list documents."""

    def __init__(self, cloud: Cloud, door: Door) -> None:
        self._cloud = cloud
        self._door = door

    def add_to(self, router: APIRouter) -> None:
        """Add the calls, with what their OpenAPI says."""
        told, path, missing = bodies.Document, "/documents/{key}", (404, 409, 422)
        add = router.add_api_route
        add(path, self.submit, methods=["PUT"], **called(told, body=bodies.Submission, errors=missing, created=True))
        add(path, self.find, methods=["GET"], **called(told, errors=(404,)))
        add(f"{path}/confirm", self.confirm, methods=["POST"], **called(told, body=bodies.Confirmation, errors=missing))
        signed = called(told, body=bodies.HandOver, errors=missing, created=True)
        add(f"{path}/signed", self.hand_over, methods=["PUT"], **signed)
        add(f"{path}/void", self.void, methods=["POST"], **called(bodies.Voided, body=bodies.Voiding, errors=missing))
        add(f"{path}/xml", self.xml, methods=["GET"], **called(FileAnswer("application/xml"), errors=(404,)))
        pictures = FileAnswer("application/pdf", "image/png")
        add(f"{path}/representation", self.representation, methods=["GET"], **called(pictures, errors=(404,)))
        add("/documents", self.several, methods=["GET"], **called(bodies.Documents))
        add("/validate", self.validate, methods=["POST"], **called(bodies.Judgement, body=bodies.Validation))

    def submit(self, request: Request, key: Key, raw: Raw) -> Response:
        """Entrega un comprobante sin firmar: la nube lo numera y lo firma."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Submission, raw)
        outcome = self._cloud.submit(caller, _checked(key), wire.submission_of(body), body.sha256)
        return stored(outcome, self._reader(caller))

    def confirm(self, request: Request, key: Key, raw: Raw) -> Response:
        """La instalación adoptó el comprobante: desde ahora cuenta."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Confirmation, raw)
        outcome = self._cloud.confirm(caller, _checked(key), body.number, body.sha256)
        return stored(outcome, self._reader(caller))

    def hand_over(self, request: Request, key: Key, raw: Raw) -> Response:
        """Entrega un comprobante firmado en la instalación, o devuelve uno que firmó la nube."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.HandOver, raw)
        outcome = self._cloud.hand_over(caller, _checked(key), wire.hand_over_of(body), body.sha256)
        return stored(outcome, self._reader(caller))

    def void(self, request: Request, key: Key, raw: Raw) -> Response:
        """Lo preparado no se va a adoptar."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Voiding, raw)
        outcome = self._cloud.void(caller, _checked(key), wire.attempt_of(body.attempt), body.reason)
        judged(outcome.reply, self._reader(caller))
        return json_answer({"state": "voided"})

    def validate(self, request: Request, raw: Raw) -> Response:
        """Un ensayo: dice qué está mal y no cambia nada."""
        caller = self._door.caller(request)
        body = bodies.parse(bodies.Validation, raw)
        reply = self._cloud.validate(caller, wire.submission_of(body), body.sha256)
        if reply.said is not Said.INVALID:
            judged(reply, self._reader(caller))
        return json_answer({"valid": reply.said is Said.STORED, "details": wire.remarks(reply.remarks)})

    def find(self, request: Request, key: Key, kind: Kind = "documento") -> Response:
        """El comprobante de una clave de esta instalación."""
        caller = self._door.caller(request)
        return json_answer(wire.document(self._found(caller, key, kind), self._reader(caller)))

    def xml(self, request: Request, key: Key) -> Response:
        """Los bytes firmados, exactos."""
        return Response(self._found(self._door.caller(request), key).signed, media_type="application/xml")

    def representation(
        self,
        request: Request,
        key: Key,
        form: Annotated[str, Query(alias="format", json_schema_extra={"enum": ["pdf", "roll"]})] = "pdf",
    ) -> Response:
        """La forma impresa: un PDF, o el ticket como imagen."""
        caller = self._door.caller(request)
        if form not in forms.MEDIA_TYPES:
            raise bad_request("«format» es pdf o roll")
        receipt = self._found(caller, key)
        country = self._cloud.country(caller.rut, forms.branch_of(receipt.signed))
        document = country.emitted(receipt.signed, receipt.anexo)
        return Response(forms.render(country, document, form), media_type=forms.MEDIA_TYPES[form])

    def several(
        self,
        request: Request,
        *,
        doc_type: Annotated[str | None, Query(alias="type", json_schema_extra={"pattern": "^[0-9]{1,4}$"})] = None,
        series: Annotated[str | None, Query(json_schema_extra={"pattern": "^[A-Z]{1,2}$"})] = None,
        number: Annotated[str | None, Query(json_schema_extra={"pattern": "^[0-9]{1,9}$"})] = None,
        installation: Annotated[str | None, Query(json_schema_extra={"enum": ["self"]})] = None,
        changed_since: Cursor = None,
        cursor: Cursor = None,
        limit: Annotated[str, Query(json_schema_extra={"pattern": "^[0-9]{1,3}$"})] = str(_PAGE),
        kind: Kind = "documento",
    ) -> Response:
        """Varios: por número (type, series, number), todos (installation=self), o los que cambiaron (changed_since)."""
        caller = self._door.caller(request)
        _only_documents(kind)
        read = self._reader(caller)
        if changed_since is not None:
            return page(self._cloud.changes(caller, changed_since, _number(limit, "limit", most=_PAGE)), read)
        if installation == "self":
            return page(self._cloud.pull(caller, cursor or "", _number(limit, "limit", most=_PAGE)), read)
        if doc_type is None or series is None or number is None:
            raise bad_request("hace falta type, series y number, o installation=self, o changed_since")
        tipo, numero = _number(doc_type, "type", most=9_999), _number(number, "number", most=999_999_999)
        found = self._cloud.find_number(caller, tipo, series, numero)
        if isinstance(found, Reply):
            raise wire.trouble(found, read)
        return json_answer({"documents": [wire.document(receipt, read) for receipt in found]})

    def _found(self, caller: Caller, key: str, kind: str = "documento") -> Receipt:
        _only_documents(kind)
        receipt = judged(self._cloud.find(caller, _checked(key)), self._reader(caller))
        if receipt is None:
            raise not_found()
        return receipt

    def _reader(self, caller: Caller) -> wire.Reader:
        """What a document says: its bytes, read by the law of the caller's issuer."""

        def read(receipt: Receipt) -> Emitido:
            return self._cloud.country(caller.rut).emitted(receipt.signed, receipt.anexo)

        return read


def judged(reply: Reply, read: wire.Reader) -> Receipt | None:
    """The document of a verdict. Raises `Trouble` for those that are errors on the wire."""
    if reply.said is not Said.STORED:
        raise wire.trouble(reply, read)
    return reply.receipt


def stored(outcome: Outcome, read: wire.Reader) -> Response:
    """The document that a call stored, or found stored."""
    receipt = judged(outcome.reply, read)
    if receipt is None:
        raise AssertionError("what was stored has no receipt")
    return json_answer(wire.document(receipt, read), 201 if outcome.created else 200)


def page(found: Changes | Reply, read: wire.Reader) -> Response:
    """A page of documents."""
    if isinstance(found, Reply):
        raise wire.trouble(found, read)
    return json_answer(wire.page(found, read))


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise bad_request("la clave no tiene la forma acordada")
    return key


def _only_documents(kind: str) -> None:
    if kind != "documento":
        raise bad_request("«kind» es documento")


def _number(text: str, name: str, *, most: int) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise bad_request(f"«{name}» va de 1 a {most}")
    return int(text)
