"""The errors of the wire: a status, a stable code, a Spanish sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from sincronizador.core.receipt import Said
from sincronizador.errors import NeedsOperator, Refused, Rejected, SincronizadorError, Unavailable

MESSAGES = {
    "unauthorized": "Falta el token de la instalación, o no es válido.",
    "forbidden": "Este token no puede pedir esto.",
    "not_found": "No existe lo que se pide.",
    "other_content": "Con esta referencia ya hay otro comprobante.",
    "already_confirmed": "El comprobante ya está confirmado.",
    "epoch_conflict": "La instalación tiene otra época: otra máquina la tomó antes.",
    "range_conflict": "El número o el rango ya está en uso.",
    "attempt_overtaken": "Ya se recibió un intento posterior de esta venta.",
    "run_overtaken": "Otro arranque de esta instalación es el que sigue.",
    "run_conflict": "Otro arranque de esta instalación, o una copia de su máquina, es el que sigue.",
    "epoch_overtaken": "Otra máquina tomó esta instalación.",
    "too_large": "El pedido es demasiado grande.",
    "invalid": "El contenido no es válido.",
    "bad_request": "El pedido está mal formado.",
    "method_not_allowed": "Este pedido no admite ese método.",
    "server_restored": "La nube se restauró de un respaldo: hay que preguntar primero cómo está.",
    "request_timeout": "El pedido no llegó completo a tiempo.",
    "too_many_requests": "Demasiados pedidos: hay que esperar.",
    "recovering": "La nube se está recuperando de un respaldo y todavía no numera.",
    "no_numbers": "No quedan números de este tipo de comprobante.",
    "no_certificate": "La nube no tiene un certificado vigente de este emisor.",
    "busy": "La nube está muy ocupada.",
    "not_ready": "La nube todavía no puede hacer esto.",
    "internal": "Error interno de la nube.",
}
"""Every ``error.code`` of the wire, with what it says where nobody says more."""

STATUS = {
    Said.UNKNOWN: 404,
    Said.CONFLICT: 409,
    Said.OVERTAKEN: 410,
    Said.FENCED: 410,
    Said.STALE: 410,
    Said.RESTORED: 425,
    Said.INVALID: 422,
}
"""Verdicts that are errors on the wire."""

_RETRY_SECONDS = 5


class Trouble(Exception):
    """An error on its way to the wire."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str = "",
        *,
        details: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.headers = dict(headers or {})
        facts = {"code": code, "message": message or MESSAGES[code], "details": list(details)}
        self.body: dict[str, Any] = {"error": facts, **more}


def bad_request(detail: str, details: Sequence[Mapping[str, str]] = ()) -> Trouble:
    """400: a bug of the client."""
    return Trouble(400, "bad_request", f"El pedido está mal formado: {detail}.", details=details)


def not_found() -> Trouble:
    """404."""
    return Trouble(404, "not_found")


def unauthorized() -> Trouble:
    """401, the same for a token that is missing, unknown or revoked."""
    return Trouble(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})


def later(status: int, code: str, seconds: float, message: str = "") -> Trouble:
    """429 or 503: try again after that many seconds."""
    return Trouble(status, code, message, headers={"Retry-After": str(max(1, round(seconds)))})


def of_error(error: SincronizadorError) -> Trouble:
    """
    What a call of an installation raised, as the wire tells it.

    Verdicts are values, so what is neither "later" nor "not you" is trouble of ours: 500, and the installation asks
    again. It must never look like a verdict about its document.
    """
    if isinstance(error, Unavailable):
        return later(503, error.code if error.code in MESSAGES else "not_ready", _RETRY_SECONDS, str(error))
    if isinstance(error, Refused):
        return Trouble(403, "forbidden", str(error))
    return Trouble(500, "internal")


def of_act(error: SincronizadorError) -> Trouble:
    """What an act of an administrator raised: a person reads the sentence."""
    if isinstance(error, Rejected | NeedsOperator):
        detail = {"field": "", "rule": error.code, "message": str(error)}
        return Trouble(422, "invalid", str(error), details=[detail])
    return of_error(error)
