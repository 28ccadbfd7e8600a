"""Who speaks: the bearer token and the headers of the contract."""

import hashlib
import hmac
import re

from fastapi import Request

from sincronizador.nube.caller import Caller, Identified
from sincronizador.nube.cloud import Cloud
from sincronizador.nube.configuration import Limites
from sincronizador.nube.limits import Buckets
from sincronizador.nube.troubles import bad_request, later, unauthorized

_EPOCH = re.compile(r"[0-9]{1,15}")


class Door:
    """Lets in who has a token. Raises `Trouble` 401, 403, 429."""

    def __init__(self, cloud: Cloud, limits: Limites, admin_token: bytes = b"") -> None:
        self._cloud = cloud
        self._admin = hashlib.sha256(admin_token).digest() if admin_token else None
        self._callers = Buckets(limits.por_minuto)
        self._strangers = Buckets(limits.rechazos)

    def caller(self, request: Request) -> Caller:
        """The installation that speaks, with the headers of its call."""
        who = self.identify(request)
        epoch = request.headers.get("Sincronizador-Epoch", "")
        if not _EPOCH.fullmatch(epoch):
            raise bad_request("falta el encabezado Sincronizador-Epoch, o no es un número")
        server_epoch = request.headers.get("Sincronizador-Server-Epoch")
        if server_epoch is None:
            raise bad_request("falta el encabezado Sincronizador-Server-Epoch")
        return Caller(
            installation=who.installation,
            rut=who.rut,
            code=who.code,
            epoch=int(epoch),
            server_epoch=server_epoch,
            run=request.headers.get("Sincronizador-Run", ""),
            fenced=request.headers.get("Sincronizador-Fenced") == "1",
        )

    def identify(self, request: Request) -> Identified:
        """The installation whose token this is."""
        who = self._cloud.authenticate(token) if (token := _token(request)) else None
        if who is None:
            raise self._strange(request)
        request.state.who = f"{who.rut}/{who.code}"
        if wait := self._callers.take(who.installation):
            raise later(429, "too_many_requests", wait)
        return who

    def administrator(self, request: Request) -> str:
        """Who administers: a name for the audit."""
        given = hashlib.sha256(_token(request).encode()).digest()
        if self._admin is None or not hmac.compare_digest(given, self._admin):
            raise self._strange(request)
        request.state.who = "administracion"
        return f"API de administración, desde {_address(request)}"

    def _strange(self, request: Request) -> Exception:
        wait = self._strangers.take(_address(request))
        return later(429, "too_many_requests", wait) if wait else unauthorized()


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
