"""The cloud's calls without the ASGI machinery: the same functions, bodies and errors, ten times as fast."""

import re
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.datastructures import Headers
from world import NO_LIMITS

from sincronizador.errors import SincronizadorError
from sincronizador.nube.api import Documents
from sincronizador.nube.auth import Door
from sincronizador.nube.contract import json_answer
from sincronizador.nube.edge import SERVER_EPOCH
from sincronizador.nube.installation_api import Installations
from sincronizador.nube.troubles import Trouble, of_error
from sincronizador.web import Response

_HEALTH, _RECOVERED = "/v1/health", "/v1/installations/self/recovered"


class Switchboard:
    """Finds the function of a request and calls it."""

    def __init__(self, cloud):
        door = Door(cloud, NO_LIMITS)
        documents, own = Documents(cloud, door), Installations(cloud, door)
        self._calls = [
            ("PUT", r"/v1/documents/([^/]+)", documents.submit, True),
            ("GET", r"/v1/documents/([^/]+)", documents.find, False),
            ("POST", r"/v1/documents/([^/]+)/confirm", documents.confirm, True),
            ("PUT", r"/v1/documents/([^/]+)/signed", documents.hand_over, True),
            ("POST", r"/v1/documents/([^/]+)/void", documents.void, True),
            ("GET", r"/v1/documents", documents.several, False),
            ("GET", _HEALTH, own.health, False),
            ("GET", r"/v1/leases", own.leases, False),
            ("POST", r"/v1/leases", own.take_lease, True),
            ("POST", r"/v1/leases/held", own.hold, True),
            ("POST", r"/v1/leases/([^/]+)/close", own.close_lease, True),
            ("GET", r"/v1/certificates", own.certificates, False),
            ("POST", r"/v1/installations/self/epoch", own.raise_epoch, True),
            ("POST", r"/v1/installations/self/run", own.begin_run, True),
            ("POST", _RECOVERED, own.recovered, True),
        ]
        self._cloud = cloud

    def request(self, method, path, headers, body):
        """The answer, as the wire has it."""
        response = self._answer(method, urlsplit(path), Headers(headers), body)
        found = {**dict(response.headers), SERVER_EPOCH.lower(): self._cloud.server_epoch()}
        return Response(status=response.status_code, headers=found, body=response.body)

    def _answer(self, method, split, headers, body):
        request = SimpleNamespace(headers=headers, client=None, state=SimpleNamespace())
        try:
            for how, form, call, takes_body in self._calls:
                if how == method and (named := re.fullmatch(form, split.path)):
                    return call(
                        request, *map(unquote, named.groups()), *([body] if takes_body else []), **_more(split, headers)
                    )
            raise AssertionError(f"nobody serves {method} {split.path}")
        except Trouble as trouble:
            said = trouble
        except SincronizadorError as error:
            said = of_error(error)
        answer = json_answer(said.body, said.status)
        answer.headers.update(said.headers)
        return answer


def _more(split, headers):
    asked = dict(parse_qsl(split.query, keep_blank_values=True))
    if key := headers.get("Idempotency-Key"):
        asked["idempotency_key"] = key
    return asked
