"""An answer file as its reader sees it, and what is wrong with its form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FIRST = {
    "OK": {
        "FIRMADO",
        "FIRMADO_LOCAL",
        "FIRMADO_CONTINGENCIA",
        "ENVIADO",
        "ACEPTADO",
        "INFORMADO",
        "OBSERVADO",
        "VALIDO",
        "RESUELTO",
    },
    "PENDIENTE": {"RECIBIDO", "ESPERANDO", "PARCIAL"},
    "ERROR": {"RECHAZADO", "RECHAZADO_DGI", "RETIRADO", "DESCARTADO", "NO_COBRADO", "INVALIDO", "NO_RESUELTO"},
}
NEVER_EMITIDO = {"VALIDO", "RESUELTO"}
FINAL_OK = {"ACEPTADO", "INFORMADO", "VALIDO", "RESUELTO"}
AMOUNTS = (
    "NETO_BASICA",
    "IVA_BASICA",
    "NETO_MINIMA",
    "IVA_MINIMA",
    "EXENTO",
    "NO_FACTURABLE",
    "TOTAL",
    "A_PAGAR",
)
DOCUMENT = (
    *("REFERENCIA", "TIPO", "SERIE", "NUMERO", "FECHA", "FECHA_FIRMA", "MONEDA"),
    *AMOUNTS,
    *("CAE", "CAE_DESDE", "CAE_HASTA", "CAE_VENCE", "CODIGO_SEGURIDAD", "HASH", "QR", "IMPRESION"),
)
"""What the answer of an issued document always holds."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00")
ALWAYS = ("ESTADO", "EMITIDO", "FINAL", "CODIGO", "MENSAJE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer file, decoded."""

    path: str
    raw: bytes
    first: str
    sections: tuple[tuple[str, Mapping[str, str]], ...]

    def __getitem__(self, field: str) -> str:
        """A field of ``[RESPUESTA]``; empty when it is not there."""
        return self.section("RESPUESTA").get(field, "")

    def section(self, name: str) -> Mapping[str, str]:
        """The fields of a section; none when it is not there."""
        return next((fields for section, fields in self.sections if section == name), {})

    def numbered(self, prefix: str) -> Iterator[Mapping[str, str]]:
        """``[ERROR.1]``, ``[ERROR.2]`` ... in file order."""
        return (fields for section, fields in self.sections if re.fullmatch(rf"{prefix}\.\d+", section))

    def codes(self, prefix: str) -> list[str]:
        """The CODIGO of each of those."""
        return [fields.get("CODIGO", "") for fields in self.numbered(prefix)]

    @property
    def decided(self) -> bool:
        """Whether it is OK or ERROR."""
        return self.first in ("OK", "ERROR")

    @property
    def number(self) -> tuple[int, str, int] | None:
        """Type, series and number of its document."""
        return (int(self["TIPO"]), self["SERIE"], int(self["NUMERO"])) if self["NUMERO"] else None

    def __str__(self) -> str:
        return f"{self.path}: {self.raw.decode('utf-8', 'backslashreplace')}"


def parse(raw: bytes, path: str = "", encoding: str = "latin-1") -> Answer:
    """The answer; ``NAME.2=`` goes on where ``NAME=`` stopped. Reads leniently: `form` is what judges."""
    lines = raw.decode(encoding, "replace").split("\r\n")
    sections: list[tuple[str, dict[str, str]]] = []
    for line in lines[1:]:
        if line.startswith("["):
            sections.append((line.strip("[]"), {}))
        elif "=" in line and sections:
            name, _, value = line.partition("=")
            _store(sections[-1][1], name, value)
    return Answer(path=path, raw=raw, first=lines[0], sections=tuple(sections))


def _store(fields: dict[str, str], name: str, value: str) -> None:
    head, dot, part = name.rpartition(".")
    if dot and part.isdigit() and int(part) > 1 and head in fields:
        fields[head] += value
    else:
        fields[name] = value


def form(answer: Answer, encoding: str) -> Iterator[str]:
    """What is wrong with an answer whose request asks for this encoding."""
    raw = answer.raw
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as wrong:
        yield f"not in {encoding}: {wrong}"
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield "begins with a BOM"
    if raw.replace(b"\r\n", b"").strip(b"\r\n") != raw.replace(b"\r\n", b"") or b"\n" in raw.replace(b"\r\n", b""):
        yield "a line does not end in CRLF"
    if not raw.endswith(b"\r\n"):
        yield "does not end in CRLF"
    longest = max(len(line) for line in raw.split(b"\r\n"))
    if longest > 240:
        yield f"a line of {longest} bytes"
    yield from _state(answer)


def _state(answer: Answer) -> Iterator[str]:
    estado = answer["ESTADO"]
    if estado not in FIRST.get(answer.first, ()):
        yield f"ESTADO={estado} under {answer.first}"
    if not answer.sections or answer.sections[0][0] != "RESPUESTA":
        yield "[RESPUESTA] is not the first section"
    missing = [field for field in ALWAYS if not answer[field]]
    issued = answer.first == "OK" and estado not in NEVER_EMITIDO
    if issued:
        missing += [field for field in DOCUMENT if not answer[field]]
    if missing:
        yield f"lacks {', '.join(missing)}"
    if answer["EMITIDO"] != ("SI" if issued or answer["ESTADO"] == "RECHAZADO_DGI" else "NO"):
        yield f"EMITIDO={answer['EMITIDO']} with {estado}"
    final = answer.decided and (not issued or estado in FINAL_OK)
    if answer["FINAL"] != ("SI" if final else "NO"):
        yield f"FINAL={answer['FINAL']} with {estado}"
    errors = answer.codes("ERROR")
    if errors and answer["CODIGO"] != errors[0]:
        yield f"CODIGO={answer['CODIGO']} but the first error is {errors[0]}"
    for field in ("HORA", "FECHA_FIRMA"):
        if answer[field] and not MOMENT.fullmatch(answer[field]):
            yield f"{field}={answer[field]}"
    yield from _places(answer)


def _places(answer: Answer) -> Iterator[str]:
    for prefix in ("ERROR", "AVISO"):
        found = list(answer.numbered(prefix))
        places = [(int(fields.get("LINEA", 1 << 30)), fields.get("CODIGO", "")) for fields in found]
        if places != sorted(places):
            yield f"[{prefix}.n] not in order of line, then code: {places}"
        if any(not fields.get("CODIGO") or not fields.get("MENSAJE") for fields in found):
            yield f"an [{prefix}.n] without CODIGO or MENSAJE"
