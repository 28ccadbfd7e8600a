"""A cloud that speaks the open contract over HTTP."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

from sincronizador.core.cloud_codes import LATER, NOT_ACCEPTED, UNANSWERED
from sincronizador.core.contribuyente import Consulta
from sincronizador.core.receipt import (
    Attempt,
    Changes,
    HandOver,
    Health,
    Highest,
    Lease,
    Receipt,
    Reply,
    Said,
    Standing,
    Submission,
)
from sincronizador.core.recibido import Recibidos
from sincronizador.errors import NeedsOperator, Unanswered, Unavailable
from sincronizador.providers import wire
from sincronizador.providers.door import Began, Capabilities, Certificates, Leases, Raised
from sincronizador.web import ANSWER_LIMIT, Carrier, Response

PULL_LIMIT = 32_000_000
"""Bytes of an answer that carries a page of documents."""

_EPOCH = "Sincronizador-Server-Epoch"
_SAID = {
    (404, "not_found"): Said.UNKNOWN,
    (409, ""): Said.CONFLICT,
    (410, "attempt_overtaken"): Said.OVERTAKEN,
    (410, "epoch_overtaken"): Said.FENCED,
    (410, "run_overtaken"): Said.STALE,
    (422, ""): Said.INVALID,
    (425, "server_restored"): Said.RESTORED,
}
"""Status and ``error.code`` (empty: any) -> the verdict."""
_ALWAYS = (Said.STORED, Said.FENCED, Said.STALE, Said.RESTORED)
_LATER = (429, 503)
_OURS_TO_MEND = (400, 401, 403, 413)

_T = TypeVar("_T")


PROBE_PATIENCE = 3.0
"""Seconds for an answer to the probe: whoever is slower is no line for a customer who waits."""


class OpenApi:
    """
    The door of a cloud, over HTTP (`cloud-api.md`, v1).

    *Unanswered* is the default verdict: an answer counts only with the cloud's header, the server_epoch that was
    asked with, and the shape of the contract.
    """

    capabilities = Capabilities(fences=True, idempotent=True, leases=True, lookup=True)

    def __init__(self, http: Carrier, token: str, *, patience: float = 10.0, patience_to_pull: float = 30.0) -> None:
        """`patience` seconds for an answer. Raises `NeedsOperator` for a token that cannot travel in a header."""
        if not re.fullmatch(r"[!-~]+", token):
            raise NOT_ACCEPTED.at(detalle="el token está vacío o tiene espacios o letras raras").as_error(NeedsOperator)
        self._http = http
        self._authorization = f"Bearer {token}"
        self._patience = patience
        self._patience_to_pull = patience_to_pull

    def compose(self, submission: Submission) -> bytes:
        """The exact bytes of a request to `submit`."""
        return wire.dump(wire.submission_body(submission))

    def submit(self, key: str, body: bytes, standing: Standing) -> Reply:
        """Hand over an unsigned document."""
        answer = self._call("PUT", _document(key), standing, body, may=(Said.CONFLICT, Said.OVERTAKEN, Said.INVALID))
        return answer.document(key)

    def find(self, key: str, standing: Standing) -> Reply:
        """The document of a key."""
        return self._call("GET", _document(key), standing, may=(Said.UNKNOWN,)).document(key)

    def confirm(self, key: str, numero: int, sha256: str, standing: Standing) -> Reply:
        """It was adopted."""
        body = wire.dump({"number": numero, "sha256": sha256})
        may = (Said.UNKNOWN, Said.CONFLICT)
        return self._call("POST", _document(key) + "/confirm", standing, body, may=may).acknowledged(
            key, numero, sha256
        )

    def hand_over(self, key: str, document: HandOver, standing: Standing) -> Reply:
        """Hand over a signed document."""
        told = wire.hand_over_body(document)
        may = (Said.CONFLICT, Said.OVERTAKEN, Said.INVALID)
        answer = self._call("PUT", _document(key) + "/signed", standing, wire.dump(told), may=may)
        return answer.acknowledged(key, document.numero, str(told["sha256"]))

    def void(self, key: str, attempt: Attempt, reason: str, standing: Standing) -> Reply:
        """What was prepared will not be adopted."""
        body = wire.dump({"attempt": wire.attempt_body(attempt), "reason": reason})
        may = (Said.CONFLICT, Said.OVERTAKEN)
        answer = self._call("POST", _document(key) + "/void", standing, body, may=may)
        if answer.reply.said is not Said.STORED:
            return answer.document(key)
        if answer.body.get("state") != "voided":
            raise _unanswered("la respuesta no es la de este pedido (state)")
        return answer.reply

    def changes(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """What changed since the cursor."""
        return self._page({"changed_since": cursor, "limit": str(limit)}, standing, self._patience)

    def pull(self, cursor: str, limit: int, standing: Standing) -> Changes | Reply:
        """All documents of this installation, page by page."""
        asked = {"installation": "self", "cursor": cursor, "limit": str(limit)}
        return self._page(asked, standing, self._patience_to_pull)

    def certificates(self, standing: Standing) -> Certificates | Reply:
        """With which certificates it signs for this issuer; none where it does not say."""
        answer = self._call("GET", "/v1/certificates", standing, may=(Said.UNKNOWN,))
        return Certificates(()) if answer.reply.said is Said.UNKNOWN else answer.value(wire.certificates)

    def health(self, standing: Standing) -> Health:  # noqa: ARG002 - of the door; health depends on nothing
        """The probe."""
        answer = self._call("GET", "/v1/health", None, patience=min(self._patience, PROBE_PATIENCE))
        health = answer.value(wire.health)
        if isinstance(health, Reply) or health.server_epoch != answer.server_epoch:
            raise _unanswered("la respuesta no es la de este pedido (server_epoch)")
        return health

    def raise_epoch(self, machine: str, known: int, standing: Standing) -> Raised | Reply:
        """Compare-and-set of the epoch."""
        body = wire.dump({"machine": machine, "from": known})
        answer = self._call("POST", "/v1/installations/self/epoch", standing, body, may=(Said.CONFLICT,))
        if answer.reply.said not in (Said.STORED, Said.CONFLICT):
            return answer.reply
        granted = answer.reply.said is Said.STORED
        return Raised(epoch=answer.read(lambda body: wire.field(body, "epoch", int)), granted=granted)

    def begin_run(self, run: str, known: str, turn: int, name: str, standing: Standing) -> Began | Reply:
        """Compare-and-set of the run."""
        body = wire.dump({"run": run, "known": known, "turn": turn, "name": name})
        may = (Said.CONFLICT, Said.UNKNOWN)
        answer = self._call("POST", "/v1/installations/self/run", standing, body, may=may)
        if answer.reply.said not in (Said.STORED, Said.CONFLICT):
            return answer.reply
        granted = answer.reply.said is Said.STORED
        return answer.read(lambda body: wire.began(body, granted=granted))

    def recovered(self, highest: tuple[Highest, ...], standing: Standing) -> Reply:
        """Everything that this installation knows was sent again."""
        body = wire.dump({"numbers": [wire.highest_body(one) for one in highest]})
        return self._call("POST", "/v1/installations/self/recovered", standing, body).reply

    def leases(self, standing: Standing) -> Leases | Reply:
        """The open leases of this installation."""
        return self._call("GET", "/v1/leases", standing).value(wire.leases)

    def take(self, tipo: int, branch: str, size: int, idempotency_key: str, standing: Standing) -> Lease | Reply:
        """A new lease."""
        body = wire.dump({"doc_type": tipo, "branch": branch, "size": size})
        more = {"Idempotency-Key": idempotency_key}
        return self._call("POST", "/v1/leases", standing, body, may=(Said.INVALID,), more=more).value(wire.lease)

    def held(self, cae: str, desde: int, hasta: int, standing: Standing) -> Lease | Reply:
        """A range that this installation numbers from already."""
        body = wire.dump({"cae": cae, "from": desde, "to": hasta})
        may = (Said.UNKNOWN, Said.CONFLICT, Said.INVALID)
        return self._call("POST", "/v1/leases/held", standing, body, may=may).value(wire.lease)

    def close(self, lease: str, used: tuple[int, ...], voided: tuple[int, ...], standing: Standing) -> Reply:
        """The lease was closed here for good."""
        body = wire.dump({"used": list(used), "voided": list(voided)})
        may = (Said.UNKNOWN, Said.CONFLICT, Said.INVALID)
        answer = self._call("POST", f"/v1/leases/{quote(lease, safe='')}/close", standing, body, may=may)
        closed = answer.value(wire.lease)
        if isinstance(closed, Lease) and (closed.id != lease or not closed.closed):
            raise _unanswered("la respuesta no es la de este pedido (lease)")
        return answer.reply

    def taxpayer(self, rut: str) -> Consulta | Reply:
        """What the authority has registered of a taxpayer."""
        path = f"/v1/taxpayers/uy/{quote(rut, safe='')}"
        found = self._call("GET", path, None, may=(Said.UNKNOWN, Said.INVALID)).value(wire.taxpayer)
        if isinstance(found, Consulta) and found.contribuyente.rut != rut:
            raise _unanswered("la respuesta es de otro contribuyente (rut)")
        return found

    def received(self, cursor: str, limit: int, standing: Standing) -> Recibidos | Reply:
        """What other issuers made out to ours; an older cloud knows of none."""
        path = "/v1/received?" + urlencode({"changed_since": cursor, "limit": str(limit)})
        patience = self._patience_to_pull
        found = self._call("GET", path, standing, may=(Said.UNKNOWN,), limit=PULL_LIMIT, patience=patience)
        return found.value(wire.received)

    def _page(self, asked: Mapping[str, str], standing: Standing, patience: float) -> Changes | Reply:
        path = "/v1/documents?" + urlencode(asked)
        return self._call("GET", path, standing, limit=PULL_LIMIT, patience=patience).value(wire.changes)

    def _call(
        self,
        method: str,
        path: str,
        standing: Standing | None,
        body: bytes | None = None,
        *,
        may: tuple[Said, ...] = (),
        more: Mapping[str, str] | None = None,
        limit: int = ANSWER_LIMIT,
        patience: float | None = None,
    ) -> "_Answer":
        headers = {"Authorization": self._authorization, "Accept": "application/json", **_standing(standing)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        response = self._http.request(
            method, path, {**headers, **(more or {})}, body, self._patience if patience is None else patience, limit
        )
        answer = _judged(response)
        said = answer.reply.said
        if said not in _ALWAYS + may:
            raise _unanswered(f"contestó {response.status} {answer.reply.code}, que no corresponde a este pedido")
        if standing is not None and (said is Said.RESTORED) is (answer.server_epoch == standing.server_epoch):
            raise _unanswered("contestó una nube de otra época")
        return answer


class _Answer:
    """An answer of the cloud itself."""

    def __init__(self, reply: Reply, body: wire.Object, server_epoch: str) -> None:
        self.reply = reply
        self.body = body
        self.server_epoch = server_epoch

    def document(self, key: str) -> Reply:
        """With the document that it carries, which must be of this key."""
        carried = self.body if self.reply.said is Said.STORED else self.read(_carried)
        if not carried:
            return self.reply
        receipt = self.read(lambda _: wire.receipt(carried))
        if receipt.key != key:
            raise _unanswered("la respuesta es de otro comprobante (key)")
        return _with(self.reply, receipt)

    def acknowledged(self, key: str, numero: int, sha256: str) -> Reply:
        """The same; what is stored must be the very document."""
        reply = self.document(key)
        if reply.said is Said.STORED and reply.receipt is not None:
            got = (reply.receipt.numero, reply.receipt.sha256)
            if got != (numero, sha256):
                raise _unanswered("la respuesta es de otro comprobante (number, sha256)")
        return reply

    def value(self, reader: Callable[[wire.Object], _T]) -> _T | Reply:
        """What it gives, or its other verdict."""
        return self.read(reader) if self.reply.said is Said.STORED else self.reply

    def read(self, reader: Callable[[wire.Object], _T]) -> _T:
        """What a reader finds in the body."""
        try:
            return reader(self.body)
        except wire.Strange as exc:
            raise _unanswered(f"la respuesta no tiene la forma del contrato ({exc})") from exc


def _judged(response: Response) -> _Answer:
    """The cloud's own answer and what it means; raises for every other."""
    server_epoch = response.headers.get(_EPOCH.lower(), "")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not server_epoch or kind != "application/json":
        raise _unanswered(f"contestó {response.status} alguien que no es la nube")
    try:
        body = wire.load(response.body)
        if response.status in (200, 201):
            return _Answer(Reply(said=Said.STORED), body, server_epoch)
        reply = _refusal(response, body)
    except wire.Strange as exc:
        raise _unanswered(f"contestó {response.status} sin la forma del contrato ({exc})") from exc
    return _Answer(reply, body, server_epoch)


def _refusal(response: Response, body: wire.Object) -> Reply:
    error = wire.field(body, "error", dict)
    code, message = wire.field(error, "code", str), wire.field(error, "message", str)
    if response.status in _OURS_TO_MEND:
        raise NOT_ACCEPTED.at(detalle=_end(message)).as_error(NeedsOperator)
    if response.status in _LATER:
        pause = response.headers.get("retry-after", "")
        asked = f" (pide esperar {pause} s)" if pause.isdecimal() else ""
        raise LATER.at(detalle=_end(message) + asked).as_error(Unavailable)
    said = _SAID.get((response.status, code)) or _SAID.get((response.status, ""))
    if said is None:
        raise _unanswered(f"contestó {response.status} {code}")
    return Reply(said=said, code=code, message=message, remarks=wire.remarks(error))


def _document(key: str) -> str:
    return f"/v1/documents/{quote(key, safe='~')}"


def _standing(standing: Standing | None) -> dict[str, str]:
    if standing is None:
        return {}
    said = {"Sincronizador-Epoch": str(standing.epoch), _EPOCH: standing.server_epoch}
    said |= {"Sincronizador-Run": standing.run} if standing.run else {}
    return said | ({"Sincronizador-Fenced": "1"} if standing.fenced else {})


def _carried(body: wire.Object) -> wire.Object:
    return wire.optional(body, "document", dict) or {}


def _with(reply: Reply, receipt: Receipt) -> Reply:
    return Reply(said=reply.said, receipt=receipt, code=reply.code, message=reply.message, remarks=reply.remarks)


def _end(sentence: str) -> str:
    """As the end of another sentence."""
    return sentence.strip().rstrip(".")


def _unanswered(why: str) -> Unanswered:
    return UNANSWERED.at(detalle=why).as_error(Unanswered)
