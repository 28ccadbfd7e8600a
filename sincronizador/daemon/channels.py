"""Ways to those who are told of alarms: mail addresses, and a webhook whose requests are signed."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from sincronizador import __version__, smtp
from sincronizador.core import codes
from sincronizador.engine.notice import Notice, Place
from sincronizador.engine.telling import Channel, Manners
from sincronizador.errors import Unavailable
from sincronizador.mail import compose
from sincronizador.settings import Settings
from sincronizador.smtp import MailServer
from sincronizador.web import Http, Peer

SIGNATURE = "X-Sincronizador-Firma"
"""``sha256=`` and the HMAC-SHA256 of the body, in hexadecimal."""
_PATIENCE = 20.0
_ANSWER = 65_536
_PEER = Peer(
    unreachable=codes.HOOK_UNREACHABLE,
    unanswered=codes.HOOK_UNANSWERED,
    not_accepted=codes.HOOK_NOT_ACCEPTED,
    ca="avisos.webhook_ca",
)


def make_channels(settings: Settings) -> list[Channel]:
    """Everybody whom ``[avisos]`` names. Raises `NeedsOperator` for authorities that cannot be read."""
    avisos, correo, found = settings.avisos, settings.correo, list[Channel]()
    if correo is not None:
        found += [Address(correo.server, correo.remitente, recipient) for recipient in avisos.correo]
    if avisos.webhook and avisos.webhook_clave:
        found.append(Webhook(avisos.webhook, avisos.webhook_clave.read, ca=avisos.webhook_ca or ""))
    return found


def place_of(settings: Settings) -> Place:
    """Whose alarms they are."""
    emisor = settings.emisor
    return Place(
        rut=emisor.rut,
        razon_social=emisor.razon_social,
        instalacion=settings.instalacion.id,
        ambiente=settings.ambiente,
    )


def make_manners(settings: Settings) -> Manners:
    """When they are told."""
    avisos = settings.avisos
    return Manners(
        place=place_of(settings),
        espera=timedelta(seconds=avisos.espera),
        cola=timedelta(minutes=avisos.cola_minutos),
        contingencia=timedelta(hours=avisos.contingencia_horas),
        recordar=timedelta(hours=avisos.recordar) if avisos.recordar else None,
    )


class Address:
    """Somebody's mail."""

    def __init__(self, server: MailServer, sender: str, recipient: str) -> None:
        self._server = server
        self._sender = sender
        self.name = recipient

    def tell(self, told: Notice) -> None:
        """As `smtp.send` does it, and raises."""
        company = f"sincronizador {told.place.instalacion}"
        message = compose(
            self._sender, company, self.name, told.subject, told.text, name=f"aviso-{told.id}", at=told.at, trial=False
        )
        smtp.send(self._server, message, sender=self._sender, recipient=self.name)


class Webhook:
    """A POST of JSON to one address; 2xx is the only yes."""

    def __init__(self, url: str, key: Callable[[], bytes], *, ca: str = "") -> None:
        """`key` signs; it is read for every request."""
        parts = urlsplit(url)
        self.name = url
        self._key = key
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._http = Http(f"{parts.scheme}://{parts.netloc}", ca=ca, connect=10.0, peer=_PEER)

    def tell(self, told: Notice) -> None:
        """Raises `Unavailable`, `Unanswered`, `NeedsOperator`: E9270 to E9273."""
        body = json.dumps(told.facts, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"sincronizador/{__version__}",
            SIGNATURE: f"sha256={hmac.new(self._key(), body, hashlib.sha256).hexdigest()}",
        }
        response = self._http.request("POST", self._path, headers, body, _PATIENCE, _ANSWER)
        if not 200 <= response.status < 300:
            raise codes.HOOK_REFUSED.at(detalle=response.status).as_error(Unavailable)
