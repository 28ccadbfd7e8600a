"""The back door of the fake DGI, ``/prueba/``: what it knows beforehand, what it has, and its cues. JSON both ways."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sincronizador.authorities.fake import FakeDgi
from sincronizador.authorities.fake_acks import stamp
from sincronizador.errors import Rejected

DOOR = "/prueba/"

_JSON = "application/json; charset=utf-8"
_XML = "application/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer of the back door."""

    status: int
    body: bytes
    content_type: str = _JSON


class Control:
    """Everything that tests and people do to DGI or look up in it, but for its line, which is the server's."""

    def __init__(self, dgi: FakeDgi) -> None:
        self._dgi = dgi
        registers = dgi.registers
        self._posts: Mapping[str, Callable[[bytes], object]] = {
            "guion": lambda body: {"id": dgi.cues.add(_object(body))},
            "cae": lambda body: {"cae": registers.keep_cae(body)},
            "confianza": dgi.notary.trust,
            "constancias": lambda body: _each(body, registers.keep_constancia),
            "emisores": lambda body: _each(body, lambda said: registers.keep_issuer(said, dgi.now())),
            "contribuyentes": lambda body: _each(body, registers.keep_taxpayer),
            "cotizaciones": lambda body: _each(body, registers.keep_rate),
            "ajustes": lambda body: registers.set(_object(body)),
        }

    def handle(self, method: str, path: str, body: bytes) -> Told:
        """The answer to one request; what makes no sense is 400 with a sentence."""
        name, _, rest = path.removeprefix(DOOR).partition("/")
        try:
            with self._dgi.memory.transaction():
                return self._handled(method, name, rest, body)
        except (ValueError, TypeError, OverflowError, Rejected) as exc:
            return _told({"error": str(exc)}, 400)
        except KeyError as exc:
            return _told({"error": f"falta o no existe «{exc.args[0]}»"}, 400)

    def _handled(self, method: str, name: str, rest: str, body: bytes) -> Told:
        if method == "POST" and name in self._posts and not rest:
            return _told(self._posts[name](body) or {"hecho": True})
        if method == "DELETE" and name == "guion":
            self._dgi.cues.remove(int(rest) if rest else None)
            return _told({"hecho": True})
        if method == "GET":
            return self._shown(name, rest)
        return _told({"error": f"no existe {method} {DOOR}{name}; lo que hay está en docs/dgi-prueba.md"}, 404)

    def _shown(self, name: str, rest: str) -> Told:
        if name == "estado" and not rest:
            return _told(self.state())
        if name == "guion" and not rest:
            return _told({"guion": self._dgi.cues.listed()})
        parts = rest.split("/")
        found = None
        if name in ("sobre", "reporte") and len(parts) == 1:
            found = getattr(self._dgi.archive, name if name == "sobre" else "report")(int(parts[0]))
        elif name == "cfe" and len(parts) == 4:
            found = self._dgi.archive.cfe(parts[0], int(parts[1]), parts[2], int(parts[3]))
        if found is None:
            return _told({"error": f"DGI no tiene {name} {rest}"}, 404)
        return Told(status=200, body=bytes(found["xml"]), content_type=_XML)

    def state(self) -> dict[str, Any]:
        """All that DGI has, so that it can be compared from outside."""
        memory, registers = self._dgi.memory, self._dgi.registers
        now = self._dgi.now()
        reports = [
            {**_plain(row, "id", "rut", "dia", "secuencia", "id_emisor", "recibido"),
             "estado": self._dgi.reports.state(row, now), "motivos": json.loads(row["motivos"])}
            for row in memory.rows("SELECT * FROM reporte ORDER BY id")
        ]  # fmt: skip
        for report, row in zip(reports, memory.rows("SELECT * FROM reporte ORDER BY id"), strict=True):
            report["diferencias"] = json.loads(row["diferencias"])
        return {
            "hora": stamp(now),
            "ajustes": registers.settings(),
            "caes": [dict(row) for row in memory.rows("SELECT * FROM cae ORDER BY rut, tipo, serie, desde")],
            "emisores": [dict(row) for row in registers.issuers()],
            "sobres": [
                {**_plain(row, "id", "rut", "id_emisor", "recibido", "estado", "cantidad", "desde", "consultas"),
                 "motivos": json.loads(row["motivos"])}
                for row in memory.rows("SELECT * FROM sobre ORDER BY id")
            ],
            "comprobantes": [
                {**_plain(row, "rut", "tipo", "serie", "numero", "sobre", "ordinal", "estado", "dia", "fecha"),
                 "receptor": row["receptor"], "sha256": hashlib.sha256(row["xml"]).hexdigest()}
                for row in memory.rows("SELECT * FROM cfe ORDER BY sobre, ordinal")
            ],
            "respuestas": [
                {**_plain(row, "sobre", "ordinal", "tipo", "serie", "numero", "estado"),
                 "motivos": json.loads(row["motivos"])}
                for row in memory.rows("SELECT * FROM respuesta ORDER BY sobre, ordinal")
            ],
            "reportes": reports,
            "rangos": [dict(row) for row in memory.rows("SELECT * FROM rango ORDER BY rut, dia, tipo, serie, desde")],
            "guion": self._dgi.cues.listed(),
        }  # fmt: skip


def _told(value: object, status: int = 200) -> Told:
    return Told(status=status, body=json.dumps(value, ensure_ascii=False, indent=1).encode())


def _plain(row: Any, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _object(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("se esperaba un objeto JSON")  # noqa: TRY004 - of the request, not of the argument
    return found


def _each(body: bytes, keep: Callable[[Mapping[str, Any]], None]) -> dict[str, int]:
    """Keep one object, or a list of them."""
    found = json.loads(body)
    several = found if isinstance(found, list) else [found]
    for said in several:
        keep(said)
    return {"guardados": len(several)}
