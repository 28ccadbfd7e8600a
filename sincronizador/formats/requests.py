"""The requests that belong to no country: withdraw, undo, look up, list, print again, many documents in one file."""

from dataclasses import dataclass, replace

from sincronizador.core.codes import BAD_VALUE, MISSING, MIXED_REQUEST, NO_MOTIVE, NO_REFERENCE
from sincronizador.core.finding import Finding
from sincronizador.core.job import Kind
from sincronizador.core.request import Target
from sincronizador.core.sections import Section, Sections, Vocabulary
from sincronizador.formats import closing

_TARGET = frozenset({"REFERENCIA", "TIPO", "SERIE", "NUMERO"})

GENERIC = Vocabulary(
    fields={
        "CONSULTA": _TARGET,
        "REIMPRIMIR": _TARGET | {"ULTIMO", "IMPRESORA", "ORIGINAL", "MOTIVO"},
        "RETIRAR": frozenset({"REFERENCIA"}),
        "ANULAR": frozenset({"REFERENCIA", "VENTA", "TIPO", "SERIE", "NUMERO", "RAZON"}),
        "CONSULTA_RUT": frozenset({"RUT"}),
        "PAPEL": frozenset({"IMPRESORA"}),
        "ABRIR_CAJON": frozenset({"IMPRESORA", "MOTIVO"}),
        "LOTE": frozenset({"REFERENCIA", "CANTIDAD", "TOTAL", "TODO_O_NADA"}),
        **closing.FIELDS,
    },
    free=frozenset({"IMPRIMIR"}),
)
"""What a TXT may hold in every country."""

RESERVED = frozenset(
    {
        "ANULAR_COBRO",
        "CANCELAR_COBRO",
        "CIERRE_LOTE",
        "COBRO",
        "DEVOLVER_COBRO",
        "EXPORTACION",
        "MANDANTE",
        "TRASLADO",
    }
)
"""Sections whose names are taken by the contract but that this version does not know."""

_KINDS = {
    "DOCUMENTO": Kind.DOCUMENTO,
    "CONSULTA": Kind.CONSULTA,
    "REIMPRIMIR": Kind.REIMPRIMIR,
    "RETIRAR": Kind.RETIRAR,
    "ANULAR": Kind.ANULAR,
    "CONSULTA_RUT": Kind.CONSULTA_RUT,
    closing.LISTING: Kind.LISTADO,
    closing.CLOSING: Kind.CIERRE,
    "IMPRIMIR": Kind.IMPRIMIR,
    "ABRIR_CAJON": Kind.CAJON,
}
MOST_LINES = 500
"""Of a text to be printed: three metres of paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A generic request, read. With an error among its findings nothing else in it counts."""

    kind: Kind
    target: Target
    """Empty when `ultimo`."""
    ultimo: bool = False
    """The till's last document."""
    impresora: str = ""
    original: bool = False
    """Without the mark COPIA; `motivo` says why."""
    motivo: str = ""
    findings: tuple[Finding, ...] = ()


def vocabulary(country: Vocabulary) -> Vocabulary:
    """A country's vocabulary with the generic requests in it."""
    return Vocabulary(fields={**GENERIC.fields, **country.fields}, free=GENERIC.free | country.free, kin=country.kin)


def kind_of(sections: Sections) -> Kind | Finding:
    """What a file asks for; a finding (E0111) when it asks for nothing or for two things."""
    if sections.items and sections.items[0].name == "LOTE":
        return Kind.LOTE
    if (lote := sections.first("LOTE")) is not None:
        return MIXED_REQUEST.at(line=lote.line, detalle="[LOTE] va en la primera línea, una sola vez")
    asking = [section for section in sections if section.name in _KINDS]
    stray = next((section for section in sections if section.name in (closing.TOTAL, closing.SALE)), None)
    if stray is not None and not any(section.name == closing.CLOSING for section in asking):
        return MIXED_REQUEST.at(line=stray.line, detalle=f"[{stray.name}] va con [{closing.CLOSING}], que lleva FECHA")
    slip = sections.first("PAPEL")
    if slip is not None and not any(section.name == "IMPRIMIR" for section in asking):
        return MIXED_REQUEST.at(line=slip.line, detalle="[PAPEL] va con [IMPRIMIR], que lleva el texto")
    if not asking:
        wanted = ", ".join(f"[{name}]" for name in _KINDS)
        return MIXED_REQUEST.at(detalle=f"no trae {wanted} ni [LOTE] con algún dato")
    if len(asking) > 1:
        names = " y ".join(f"[{section.name}] (línea {section.line})" for section in asking[:2])
        return MIXED_REQUEST.at(line=asking[1].line, detalle=f"trae {names}")
    return _KINDS[asking[0].name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annulment:
    """An ``[ANULAR]``, read. With an error among its findings nothing else in it counts."""

    referencia: str
    """Of the note that will be issued."""
    target: Target
    """The sale."""
    razon: str
    line: int
    findings: tuple[Finding, ...]


def read_annulment(sections: Sections, *, otherwise: str = "") -> Annulment:
    """
    The request of a file whose `kind_of` is ANULAR; `otherwise` is its REFERENCIA when it has none.

    Findings: E0105, E0208, E0209. Raises StopIteration for another kind.
    """
    section = next(section for section in sections if section.name == "ANULAR")
    findings: list[Finding] = []
    referencia = section.text_of("REFERENCIA") or otherwise
    if not referencia:
        findings.append(NO_REFERENCE.at(field="REFERENCIA", line=section.line, seccion=section.name))
    target = replace(_target(section, findings), referencia=section.text_of("VENTA"))
    if not (target.referencia or (target.tipo and target.serie and target.numero) or findings):
        hint = "Escriba VENTA= con la REFERENCIA de la venta que se anula, o su TIPO, SERIE y NUMERO."
        findings.append(MISSING.at(field="VENTA", line=section.line, seccion=section.name, sugerencia=hint))
    return Annulment(
        referencia=referencia,
        target=target,
        razon=section.text_of("RAZON"),
        line=section.line,
        findings=tuple(sorted(findings, key=lambda finding: finding.place)),
    )


def read_lookup(sections: Sections) -> tuple[str, int]:
    """The RUT of a file whose `kind_of` is CONSULTA_RUT, as written, and its line. Raises StopIteration for another."""
    section = next(section for section in sections if section.name == "CONSULTA_RUT")
    entry = section.get("RUT")
    return (entry.text, entry.line) if entry is not None else ("", section.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """An ``[IMPRIMIR]`` or ``[ABRIR_CAJON]``, read. With an error among its findings nothing else in it counts."""

    impresora: str
    """As written, or empty: the till's."""
    line: int
    """On which that is asked for."""
    motivo: str
    findings: tuple[Finding, ...]


def read_slip(sections: Sections, kind: Kind) -> Slip:
    """The request of a file whose `kind_of` is IMPRIMIR or CAJON. Findings: E0208. Raises StopIteration for another."""
    section = next(section for section in sections if _KINDS.get(section.name) is kind)
    options = section if kind is Kind.CAJON else sections.first("PAPEL") or section
    wanted, count = options.get("IMPRESORA"), section.text.count("\n") + 1
    too_long = _refuse(
        "IMPRIMIR",
        section.line,
        f"{count} líneas",
        f"se admiten {MOST_LINES} líneas",
        "Reparta el texto en varios archivos.",
    )
    return Slip(
        impresora=wanted.text if wanted else "",
        line=wanted.line if wanted else section.line,
        motivo=section.text_of("MOTIVO"),
        findings=(too_long,) if count > MOST_LINES else (),
    )


def read_ask(sections: Sections, kind: Kind) -> Ask:
    """
    The request of a file whose `kind_of` is CONSULTA, REIMPRIMIR or RETIRAR.

    TIPO is the number of the type. Findings: E0105, E0208, E0209, E4003. Raises StopIteration for another kind.
    """
    section = next(section for section in sections if _KINDS.get(section.name) is kind)
    findings: list[Finding] = []
    ultimo = flag(section, "ULTIMO", findings)
    original = flag(section, "ORIGINAL", findings)
    target = _target(section, findings)
    if not (ultimo or target.referencia or (target.tipo and target.serie and target.numero)):
        findings += _untold(section, findings)
    motivo = section.text_of("MOTIVO")
    if original and not motivo:
        findings.append(NO_MOTIVE.at(field="MOTIVO", line=section.line))
    return Ask(
        kind=kind,
        target=target,
        ultimo=ultimo,
        impresora=section.text_of("IMPRESORA"),
        original=original,
        motivo=motivo,
        findings=tuple(sorted(findings, key=lambda finding: finding.place)),
    )


def _target(section: Section, findings: list[Finding]) -> Target:
    return Target(
        referencia=section.text_of("REFERENCIA"),
        tipo=_number(section, "TIPO", findings),
        serie=section.text_of("SERIE").upper(),
        numero=_number(section, "NUMERO", findings),
    )


def _untold(section: Section, findings: list[Finding]) -> list[Finding]:
    if findings:
        return []  # a bad value already says what is wrong
    if section.name == "RETIRAR":
        return [NO_REFERENCE.at(field="REFERENCIA", line=section.line, seccion=section.name)]
    absent = [name for name in ("TIPO", "SERIE", "NUMERO") if not section.get(name)]
    field = "REFERENCIA" if len(absent) == 3 else absent[0] if absent else "NUMERO"
    last = ", o ULTIMO=SI" if section.name == "REIMPRIMIR" else ""
    hint = f"Escriba REFERENCIA, o TIPO, SERIE y NUMERO{last}."
    return [MISSING.at(field=field, line=section.line, seccion=section.name, sugerencia=hint)]


def flag(section: Section, name: str, findings: list[Finding]) -> bool:
    """Whether a field says SI; anything but SI and NO is a finding (E0208)."""
    entry = section.get(name)
    if entry is None or entry.text.upper() in ("NO", "N", "0"):
        return False
    if entry.text.upper() in ("SI", "SÍ", "S", "1"):
        return True
    findings.append(_refuse(name, entry.line, entry.text, "se espera SI o NO", f"Escriba {name}=SI o quite la línea."))
    return False


def _number(section: Section, name: str, findings: list[Finding]) -> int:
    entry = section.get(name)
    if entry is None:
        return 0
    if entry.text.isascii() and entry.text.isdigit() and len(entry.text) <= 12:
        return int(entry.text)
    findings.append(
        _refuse(name, entry.line, entry.text, "se espera un número entero", f"Escriba {name} solo con cifras.")
    )
    return 0


def _refuse(name: str, line: int, text: str, expected: str, hint: str) -> Finding:
    return BAD_VALUE.at(field=name, line=line, value=text, esperado=expected, sugerencia=hint)
