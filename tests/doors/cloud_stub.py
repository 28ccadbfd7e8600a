"""The open contract on a real socket of this machine, over the cloud in memory: what `OpenApi` is tried against."""

import json
import re
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sincronizador.core.emitido import Anexo
from sincronizador.core.receipt import Attempt, HandOver, Highest, Lease, Receipt, Reply, Said, Standing
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.providers.fake import FakeCloud

TOKEN = "secreto-de-la-caja"
STATUS = {
    Said.STORED: 200,
    Said.UNKNOWN: 404,
    Said.CONFLICT: 409,
    Said.OVERTAKEN: 410,
    Said.FENCED: 410,
    Said.STALE: 410,
    Said.INVALID: 422,
    Said.RESTORED: 425,
}


class CloudStub(ThreadingHTTPServer):
    """A server that answers for a `FakeCloud`; `requests` keeps what came in."""

    daemon_threads = True

    def __init__(self, cloud: FakeCloud) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cloud = cloud
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(cloud: FakeCloud) -> Iterator[CloudStub]:
    with CloudStub(cloud) as stub:
        thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield stub
        stub.shutdown()
        thread.join()


def document(receipt: Receipt) -> dict[str, Any]:
    """A document as the wire carries it."""
    return {
        "key": receipt.key,
        "kind": "documento",
        "attempt": {"epoch": receipt.attempt.epoch, "counter": receipt.attempt.counter},
        "state": receipt.state.value,
        "doc_type": receipt.tipo,
        "series": receipt.serie,
        "number": receipt.numero,
        "cae": {"id": "90260000001", "from": 1, "to": 9, "expires": "2028-11-21"},
        "signed_xml": b64encode(receipt.signed).decode(),
        "sha256": receipt.sha256,
        "content_sha256": receipt.content_sha256,
        "signed_at": receipt.signed_at.isoformat(),
        "epoch": receipt.epoch,
        "signed_by": "installation" if receipt.signed_here else "cloud",
        "extra": receipt.extra,
        "annex": {"adenda": receipt.anexo.adenda, "correo": receipt.anexo.correo},
        "authority": receipt.authority or None,
    }


def lease(given: Lease) -> dict[str, Any]:
    """A lease as the wire carries it."""
    return {
        "lease": given.id,
        "cae": {
            "id": given.cae,
            "from": given.cae_desde,
            "to": given.cae_hasta,
            "expires": given.vence.isoformat(),
            "special": given.especial,
            "reason": given.causal,
        },
        "doc_type": given.tipo,
        "series": given.serie,
        "from": given.desde,
        "to": given.hasta,
        "held": given.held,
        "closed": given.closed,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: CloudStub

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, *_: object) -> None: ...

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.error(401, "unauthorized", "El token no vale.")
        try:
            return self.route(urlsplit(self.path), body)
        except Unavailable as exc:
            return self.error(503, "no_numbers", str(exc))
        except Unanswered:
            self.close_connection = True
            return None

    do_GET = do_PUT = do_POST = answer  # noqa: N815 - the names that http.server calls

    def standing(self) -> Standing:
        return Standing(
            epoch=int(self.headers["Sincronizador-Epoch"]),
            server_epoch=self.headers["Sincronizador-Server-Epoch"],
            run=self.headers.get("Sincronizador-Run", ""),
            fenced=self.headers.get("Sincronizador-Fenced") == "1",
        )

    def route(self, url: Any, content: bytes) -> None:
        cloud, path = self.server.cloud, url.path
        if path == "/v1/health":
            return self.health()
        if path.startswith("/v1/taxpayers/uy/"):
            return self.taxpayer(cloud.taxpayer(unquote(path.rpartition("/")[2])))
        standing, query = self.standing(), {name: values[0] for name, values in parse_qs(url.query, True).items()}
        if path == "/v1/documents":
            read = cloud.pull if query.get("installation") == "self" else cloud.changes
            return self.page(read(query.get("cursor", query.get("changed_since", "")), int(query["limit"]), standing))
        body = json.loads(content) if content else {}
        if path == "/v1/installations/self/epoch":
            return self.raised(cloud.raise_epoch(body["machine"], body["from"], standing))
        if path == "/v1/installations/self/run":
            return self.began(cloud.begin_run(body["run"], body["known"], body["turn"], body["name"], standing))
        if path == "/v1/installations/self/recovered":
            told = (Highest(tipo=n["doc_type"], serie=n["series"], numero=n["number"]) for n in body["numbers"])
            return self.reply(cloud.recovered(tuple(told), standing), {})
        if path.startswith("/v1/leases"):
            return self.leases(path, body, standing)
        found = re.fullmatch(r"/v1/documents/([^/]+)(?:/(confirm|signed|void))?", path)
        assert found is not None, path
        return self.document(unquote(found[1]), found[2], body, content, standing)

    def document(self, key: str, verb: str | None, body: Any, content: bytes, standing: Standing) -> None:
        cloud = self.server.cloud
        attempt = Attempt(**body["attempt"]) if "attempt" in body else Attempt(0, 0)
        if verb == "confirm":
            return self.reply(cloud.confirm(key, body["number"], body["sha256"], standing))
        if verb == "void":
            return self.reply(cloud.void(key, attempt, body["reason"], standing), {"state": "voided"})
        if verb == "signed":
            return self.reply(cloud.hand_over(key, _hand_over(body, attempt), standing))
        if self.command == "PUT":
            return self.reply(cloud.submit(key, content, standing))
        return self.reply(cloud.find(key, standing))

    def leases(self, path: str, body: Any, standing: Standing) -> None:
        cloud = self.server.cloud
        if self.command == "GET":
            said = cloud.leases(standing)
            if isinstance(said, Reply):
                return self.reply(said)
            return self.say(200, {"leases": [lease(one) for one in said.open], "types": list(said.types)})
        if path == "/v1/leases/held":
            given = cloud.held(body["cae"], body["from"], body["to"], standing)
        elif path == "/v1/leases":
            name = self.headers["Idempotency-Key"]
            given = cloud.take(body["doc_type"], body["branch"], body["size"], name, standing)
        else:
            name = unquote(path.split("/")[3])
            closed = cloud.close(name, tuple(body["used"]), tuple(body["voided"]), standing)
            return self.reply(closed, lease(cloud.books.leases[name]) if name in cloud.books.leases else {})
        return self.reply(given) if isinstance(given, Reply) else self.say(201, lease(given))

    def health(self) -> None:
        told = self.server.cloud.health(Standing(epoch=0, server_epoch=""))
        since = told.recovering_since
        self.say(
            200,
            {
                "status": "ok" if told.ok else "recovering",
                "detail": told.detail,
                "time": told.time.isoformat(),
                "environment": told.environment,
                "server_epoch": told.server_epoch,
                "contingency": {"allowed": told.contingency_allowed, "reason": told.contingency_reason},
                "min_client": told.min_client,
                "installation": {"epoch": told.epoch, "recovered": told.ok, "clones": told.clones},
                "recovering_since": since.isoformat() if since else None,
            },
        )

    def page(self, said: Any) -> None:
        if isinstance(said, Reply):
            return self.reply(said)
        documents = [document(one) for one in said.receipts]
        return self.say(200, {"documents": documents, "cursor": said.cursor, "more": said.more})

    def taxpayer(self, said: Any) -> None:
        if isinstance(said, Reply):
            return self.reply(said)
        who = said.contribuyente
        facts = {
            "country": "uy", "rut": who.rut, "name": who.razon_social, "trade_name": who.nombre_fantasia,
            "kind": who.tipo_entidad, "status": who.situacion, "since": who.inicio.isoformat() if who.inicio else None,
            "address": who.direccion, "city": who.ciudad, "department": who.departamento,
            "phones": list(who.telefonos), "emails": list(who.correos), "activities": list(who.giros),
            "source": said.fuente.value, "asked_at": said.consultado.isoformat(), "offline": said.sin_linea,
        }  # fmt: skip
        return self.say(200, facts)

    def raised(self, said: Any) -> None:
        if isinstance(said, Reply):
            return self.reply(said)
        if said.granted:
            return self.say(200, {"epoch": said.epoch})
        return self.error(409, "epoch_conflict", "Otra máquina la subió antes.", epoch=said.epoch)

    def began(self, said: Any) -> None:
        if isinstance(said, Reply):
            return self.reply(said)
        facts = {"name": said.name, "since": said.since.isoformat() if said.since else None}
        if said.granted:
            return self.say(200, facts)
        return self.error(409, "run_conflict", "Otro arranque es el que sigue.", **facts)

    def reply(self, said: Reply, stored: dict[str, Any] | None = None) -> None:
        carried = document(said.receipt) if said.receipt is not None else None
        if said.said is Said.STORED:
            return self.say(200, stored if stored is not None else carried or {})
        details = [{"field": one.field, "rule": one.rule, "message": one.message} for one in said.remarks]
        return self.error(STATUS[said.said], said.code, said.message, details=details, document=carried)

    def error(self, status: int, code: str, message: str, details: Any = (), **more: Any) -> None:
        self.say(status, {"error": {"code": code, "message": message, "details": list(details)}, **more})

    def say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Sincronizador-Server-Epoch", str(self.server.cloud.books.server_epoch))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _hand_over(body: Any, attempt: Attempt) -> HandOver:
    told = body["contingency"]
    return HandOver(
        attempt=attempt,
        lease=body["lease"] or "",
        serie=body["series"],
        numero=body["number"],
        signed=b64decode(body["signed_xml"]),
        anexo=Anexo(**body["annex"]),
        signed_at=datetime.fromisoformat(body["signed_at"]),
        contingency_since=datetime.fromisoformat(told["started_at"]) if told else None,
        contingency_reason=told["reason"] if told else "",
    )
