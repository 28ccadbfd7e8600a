"""Carries requests to the cloud's application in the same process; what goes wrong on the way is ordered."""

import asyncio
import json
import re
from enum import Enum, auto
from urllib.parse import unquote, urlsplit

from sincronizador.core.cloud_codes import UNANSWERED, UNREACHABLE
from sincronizador.errors import Unanswered, Unavailable
from sincronizador.web import ANSWER_LIMIT, Response

FOREVER = 10_000
"""More times than any test asks."""

_VERBS = (
    ("PUT", r"/v1/documents/[^/]+", "submit"),
    ("GET", r"/v1/documents/[^/]+", "find"),
    ("POST", r"/v1/documents/[^/]+/confirm", "confirm"),
    ("PUT", r"/v1/documents/[^/]+/signed", "hand_over"),
    ("POST", r"/v1/documents/[^/]+/void", "void"),
    ("GET", r"/v1/documents\?changed_since.*", "changes"),
    ("GET", r"/v1/documents\?installation.*", "pull"),
    ("GET", r"/v1/health", "health"),
    ("GET", r"/v1/leases", "leases"),
    ("POST", r"/v1/leases", "take"),
    ("POST", r"/v1/leases/held", "held"),
    ("POST", r"/v1/leases/[^/]+/close", "close"),
    ("GET", r"/v1/certificates", "certificates"),
    ("POST", r"/v1/installations/self/epoch", "epoch"),
    ("POST", r"/v1/installations/self/run", "run"),
    ("POST", r"/v1/installations/self/recovered", "recovered"),
    ("GET", r"/v1/received\?.*", "received"),
)
VERBS = tuple(verb for _, _, verb in _VERBS)


class Fault(Enum):
    """What goes wrong with one request."""

    UNAVAILABLE = auto()
    """Nothing leaves."""
    GONE = auto()
    """It never arrives, and nobody knows."""
    LOST = auto()
    """It is done, and the answer is lost."""
    DELAYED = auto()
    """It arrives later, when nobody waits for it any more: see `Carrier.arrive`."""
    TWICE = auto()
    """It is done, and arrives once more later."""
    GARBAGE = auto()
    """A captive portal answers in the cloud's place."""
    BROKEN = auto()
    """It is done, and something in between answers 500."""
    MIXED_UP = auto()
    """The answer carries the bytes of another document under this key."""


def verb_of(method, path):
    """The verb of the door that a request is."""
    return next(verb for how, form, verb in _VERBS if how == method and re.fullmatch(form, path))


class Carrier:
    """The network of a shop. Each `Line` of it belongs to one machine."""

    def __init__(self):
        self.app = None
        self.late = []
        """(verb, key, status) of what arrived late."""
        self.held = []
        self._runner = asyncio.Runner()
        self._documents = []
        """Documents that any answer carried."""

    def close(self):
        self._runner.close()

    def arrive(self, count=FOREVER):
        """What was held up in the network arrives now, oldest first."""
        for _ in range(min(count, len(self.held))):
            self.arrive_one(0)

    def arrive_one(self, which):
        verb, request = self.held.pop(which)
        response = self.deliver(*request)
        self.late.append((verb, key_of(request[1]), response.status))

    def deliver(self, method, path, headers, body):
        """The application's answer."""
        response = self._runner.run(_call(self.app, method, path, headers, body))
        if verb_of(method, path) == "submit" and response.status in (200, 201):
            self._documents.append(json.loads(response.body))
        return response

    def other_document(self, key):
        """One of another key, as if it were of this one."""
        return next(dict(one, key=key) for one in self._documents if one["key"] != key)


class Line:
    """The way of one machine to the cloud; the `Carrier` of its `OpenApi`."""

    def __init__(self, carrier):
        self._carrier = carrier
        self._faults = []
        self.down = False
        """Nothing leaves."""
        self.choose = lambda verb: None
        self.sent = []
        """(verb, key, body) of everything that left."""

    def fail(self, verb, *faults):
        """The next requests of this verb go wrong, in this order."""
        self._faults += [(verb, fault) for fault in faults]

    def cut(self):
        self.down = True

    def heal(self):
        self.down = False
        self._faults.clear()

    def bodies(self, verb, key):
        """What was sent."""
        return [body for said, of, body in self.sent if (said, of) == (verb, key)]

    def request(self, method, path, headers, body, deadline, limit=ANSWER_LIMIT):
        verb = verb_of(method, path)
        fault = Fault.UNAVAILABLE if self.down else self._next(verb)
        if fault is Fault.UNAVAILABLE:
            raise UNREACHABLE.at(detalle="no acepta conexiones").as_error(Unavailable)
        self.sent.append((verb, key_of(path), body))
        request = (method, path, dict(headers), body)
        if fault in (Fault.DELAYED, Fault.TWICE):
            self._carrier.held.append((verb, request))
        if fault in (Fault.GONE, Fault.DELAYED):
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered)
        if fault is Fault.GARBAGE:
            return Response(status=200, headers={"content-type": "text/html"}, body=b"<html>Bienvenido</html>")
        return self._answer(fault, request)

    def _answer(self, fault, request):
        response = self._carrier.deliver(*request)
        if fault is Fault.LOST:
            raise UNANSWERED.at(detalle="no contestó").as_error(Unanswered)
        if fault is Fault.BROKEN:
            return Response(status=500, headers={"content-type": "text/html"}, body=b"<html>Error</html>")
        if fault is Fault.MIXED_UP and response.status in (200, 201):
            other = self._carrier.other_document(json.loads(response.body)["key"])
            return Response(status=200, headers=response.headers, body=json.dumps(other).encode())
        return response

    def _next(self, verb):
        due = next((n for n, (failing, _) in enumerate(self._faults) if failing == verb), None)
        return self._faults.pop(due)[1] if due is not None else self.choose(verb)


def key_of(path):
    """The key that a path names; empty when it names none."""
    named = re.match(r"/v1/documents/([^/?]+)", path)
    return named[1] if named else ""


async def _call(app, method, path, headers, body):
    """One request and its whole answer, as ASGI."""
    split = urlsplit(path)
    sent = []
    received = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive():
        if received:
            return received.pop()
        await asyncio.sleep(3600)
        raise AssertionError("nobody hangs up")

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(split.path), "raw_path": split.path.encode(), "query_string": split.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8750), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Response(
        status=sent[0]["status"], headers=found, body=b"".join(message.get("body", b"") for message in sent[1:])
    )
