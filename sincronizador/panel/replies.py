"""Answers over HTTP: the answer file's own sections as JSON, or its very text; refusals in the same form."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from sincronizador.core.answer import Answer, Block, First
from sincronizador.core.finding import Finding
from sincronizador.folders.answers import render

from .site import site_of

MISDIRECTED = 421
"""It was meant for another name."""
Paths = Mapping[int, str]
"""Line of the TXT -> place in the JSON that it was made from."""


def reply(
    request: Request, status: int, answer: Answer, headers: Mapping[str, str] | None = None, paths: Paths | None = None
) -> Response:
    """An answer: as text for who accepts only that, else as JSON."""
    accepted = request.headers.get("accept", "")
    if "text/plain" in accepted and "json" not in accepted:
        kind = f"text/plain; charset={answer.encoding}"
        return Response(render(answer), status, dict(headers or {}), media_type=kind)
    body = json.dumps(facts(answer, paths or {}), ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return Response(body, status, dict(headers or {}), media_type="application/json")


def facts(answer: Answer, paths: Paths) -> dict[str, Any]:
    """
    ``{"RESULTADO": "OK", "RESPUESTA": {...}, "ERROR": [{...}], ...}``: the sections of the answer by their names.

    Those that are counted in the file (``ERROR.1``) are a list. What is wrong with a JSON says where, in RUTA.
    """
    found: dict[str, Any] = {"RESULTADO": answer.first.value}
    for block in answer.blocks:
        fields = dict(block.fields)
        name, dot, number = block.name.partition(".")
        if not (dot and number.isdigit()):
            found[block.name] = fields
            continue
        if (line := fields.get("LINEA", "")) and int(line) in paths:
            fields["RUTA"] = paths[int(line)]
        found.setdefault(name, []).append(fields)
    return found


def refused(finding: Finding) -> Answer:
    """The answer to what was not taken."""
    fields = (
        ("EMITIDO", "NO"), ("CODIGO", finding.code), ("MENSAJE", finding.message), ("SUGERENCIA", finding.hint or ""),
    )  # fmt: skip
    return Answer(
        first=First.ERROR,
        blocks=(Block("RESPUESTA", tuple((name, value) for name, value in fields if value)),),
        encoding="utf-8",
    )


def refusal(request: Request, status: int, finding: Finding, headers: Mapping[str, str]) -> Response:
    """What is refused before anything was done: for a system as an answer, for a person as a page."""
    if request.scope["path"].startswith("/v1/"):
        return reply(request, status, refused(finding), headers)
    if status == MISDIRECTED:
        # A stranger's page that gave this machine its name may read this: it is told nothing of whose panel it is.
        return PlainTextResponse(f"{finding.message}\n", status, dict(headers))
    page = site_of(request).page(request, "problema.html", status, mensaje=finding.message, codigo=finding.code)
    page.headers.update(headers)
    return page
