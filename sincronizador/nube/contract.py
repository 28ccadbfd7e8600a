"""What every call shares: how its body is read, how it is answered, and what its OpenAPI says."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from sincronizador.nube import bodies

_MEANINGS = {
    400: "El pedido está mal formado.",
    401: "Sin un token válido.",
    403: "El token es de otro ambiente, de otro emisor o de una instalación dada de baja.",
    404: "No existe.",
    405: "La ruta no admite ese método.",
    408: "El pedido no llegó a tiempo.",
    409: "Ya hay otro.",
    410: "Un intento, una época o un arranque posterior lo dejó atrás.",
    413: "Demasiado grande.",
    414: "La dirección es demasiado larga.",
    422: "El contenido no es válido.",
    425: "La nube se restauró; no cambió nada.",
    429: "Demasiados pedidos.",
    500: "Error interno.",
    503: "Más tarde.",
}
_ALWAYS = (400, 405, 408, 413, 414, 429, 500, 503)
_HEADERS: tuple[dict[str, Any], ...] = (
    {"name": "Sincronizador-Epoch", "in": "header", "required": True, "schema": {"type": "integer", "minimum": 0}},
    {"name": "Sincronizador-Server-Epoch", "in": "header", "required": True, "schema": {"type": "string"}},
    {"name": "Sincronizador-Run", "in": "header", "required": False, "schema": {"type": "string"}},
    {"name": "Sincronizador-Fenced", "in": "header", "required": False, "schema": {"enum": ["1"]}},
)


async def raw_body(request: Request) -> bytes:
    """The body as it came."""
    return await request.body()


Raw = Annotated[bytes, Depends(raw_body)]


class FileAnswer:
    """An answer that is a file of one of these media types."""

    def __init__(self, *media_types: str) -> None:
        self.content = {name: {"schema": {"type": "string", "format": "binary"}} for name in media_types}


Told = type[BaseModel] | FileAnswer
"""What a call answers when all is well."""


def json_answer(content: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json")


def answers(told: Told, *, errors: Iterable[int] = (), created: bool = False) -> dict[int | str, Any]:
    """The answers of a call: `told` with 200 (and 201), and its errors with those that every call has."""
    done: dict[str, Any] = {"description": "Hecho."}
    done |= {"content": told.content} if isinstance(told, FileAnswer) else {"model": told}
    found: dict[int | str, Any] = {200: done, 201: done} if created else {200: done}
    for status in sorted({*_ALWAYS, *errors}):
        found[status] = {"model": bodies.Failure, "description": _MEANINGS[status]}
    return found


def called(
    told: Told, *, body: type[BaseModel] | None = None, errors: Iterable[int] = (), created: bool = False
) -> dict[str, Any]:
    """What a call of an installation declares: headers, body, answers."""
    found = opened(told, body=body, errors=(401, 403, 410, 425, *errors), created=created)
    found["openapi_extra"]["parameters"] = list(_HEADERS)
    return found


def opened(
    told: Told, *, body: type[BaseModel] | None = None, errors: Iterable[int] = (), created: bool = False
) -> dict[str, Any]:
    """What a call without the headers of an installation declares."""
    return {
        "responses": answers(told, errors=errors, created=created),
        "openapi_extra": described(body),
        "response_model": None,
        "response_class": Response if isinstance(told, FileAnswer) else JSONResponse,
    }


def described(body: type[BaseModel] | None) -> dict[str, Any]:
    """The body of a call for its OpenAPI; the model's own schema is among the components."""
    if body is None:
        return {}
    schema = {"$ref": f"#/components/schemas/{body.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
