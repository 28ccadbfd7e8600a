"""
DGI's own schemas, for who has them: whether a document is what they allow. They are not ours to give away.

The folder of them is read under the roof; here they are bytes by name, and nothing is fetched from anywhere.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any, cast

from lxml import etree

from sincronizador.core.finding import Finding, Rule
from sincronizador.core.numbering import Folio, Rango
from sincronizador.core.sections import Section
from sincronizador.countries.uy import compose
from sincronizador.countries.uy.comprobante import Comprobante
from sincronizador.countries.uy.fields import FIELDS
from sincronizador.errors import NeedsOperator

AGAINST_SCHEMA = Rule(
    "E1410",
    "No cumple el esquema de DGI",
    "{lugar} no cumple el esquema de DGI: {detalle}.",
    "Corrija ese dato; si el esquema de la carpeta de [esquemas] es viejo, baje el vigente del sitio de DGI.",
    "XSD de DGI",
)
BAD_SCHEMAS = Rule(
    "E9308",
    "Esquemas de DGI que no sirven",
    "Los esquemas de {carpeta} no sirven: {detalle}.",
    "Ponga en esquemas.carpeta los .xsd de DGI tal como vienen en su paquete, todos en una carpeta; o quite la clave.",
)

RULES = (AGAINST_SCHEMA, BAD_SCHEMAS)

ENTRY = "CFEDGI.xsd"
"""The schema of one CFE; it includes the others."""
ROOTS = {
    "CFE": (ENTRY,),
    "CFE_Adenda": ("CFEEmpresas.xsd",),
    "EnvioCFE": ("EnvioCFE.xsd",),
    "EnvioCFE_entreEmpresas": ("EnvioCFE_entreEmpresas.xsd",),
    "CAE": ("CAE.xsd",),
    "Reporte": ("ReporteDiarioCFE.xsd",),
    "ACKSobre": ("ACKSobre.xsd",),
    "ACKCFE": ("ACKCFE_DGI.xsd", "ACKCFE_Partes.xsd"),
    "ACKRepDiario": ("ACKRepDiario.xsd",),
    "CFEs_Anulados_x_RechazoDGI": ("CFEs_Anulados_x_RechazoDGI.xsd",),
}
"""Root element -> the schemas it may follow."""

MAX_PROBLEMS = 20
"""Told of one document; what follows is mostly their consequence."""

_BASE = "esquema:///"
_PLACEHOLDER = Folio(rango=Rango(id="1", tipo=101, serie="A", desde=1, hasta=1, vence=date(2026, 1, 1)), numero=1)
_THEN = datetime(2026, 1, 1, tzinfo=UTC)
_SIGNATURE = (
    b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>'
    b'<CanonicalizationMethod Algorithm="a"/><SignatureMethod Algorithm="a"/><Reference URI="">'
    b'<DigestMethod Algorithm="a"/><DigestValue>AA==</DigestValue></Reference></SignedInfo>'
    b"<SignatureValue>AA==</SignatureValue></Signature>"
)
_FIELDS = {row.path: row.name for row in FIELDS if row.element}
_COUNTED = ("Item", "DRG_Item", "STI_Item", "MedioPago", "Referencia", "CFE", "CFE_Adenda")
_NAMESPACED = re.compile(r"\{[^}]*\}")
_KIND = re.compile(r"^\[facet '(\w+)'\] ")


class Schemas:
    """
    DGI's schemas, compiled. Threads may share them.

    Raises `NeedsOperator` E9308 without CFEDGI.xsd, or when one that a document needs does not compile.
    """

    def __init__(self, files: Mapping[str, bytes], folder: str = "") -> None:
        self._files = {name.lower(): content for name, content in files.items()}
        self._folder = folder or "[esquemas]"
        self._compiled: dict[str, etree.XMLSchema] = {}
        self._lock = Lock()
        if ENTRY.lower() not in self._files:
            raise self._useless(f"falta {ENTRY}")
        self._schema(ENTRY)

    def problems(self, document: bytes) -> Sequence[Finding]:
        """Why these bytes, well-formed XML with one of `ROOTS` at the root, are not what the schema allows."""
        return [finding for finding, _ in self._judged(etree.fromstring(document, _parser()))]

    def knows(self, root: str) -> bool:
        """Whether there is a schema for documents with that root element."""
        return any(name.lower() in self._files for name in ROOTS.get(root, ()))

    def draft_problems(self, draft: bytes, comprobante: Comprobante, folio: Folio | None) -> Sequence[Finding]:
        """
        Why a draft could not become a valid document, each at the field that it comes from.

        What it lacks is made up: a number, unless its paper has one, a signing time and a signature.
        """
        numbered = compose.complete(draft, folio or _PLACEHOLDER, _THEN)
        root = etree.fromstring(numbered.replace(b"</CFE>", _SIGNATURE + b"</CFE>"), _parser())
        return [_at_field(finding, element, comprobante) for finding, element in self._judged(root)]

    def _judged(self, root: etree._Element) -> list[tuple[Finding, etree._Element]]:
        """What the schema says, with the element that it says it of; of several schemas the most lenient speaks."""
        names = ROOTS.get(etree.QName(root).localname, ())
        usable = [name for name in names if name.lower() in self._files]
        found = [self._errors(self._schema(name), root) for name in usable]
        return min(found, key=len, default=[])

    def _errors(self, schema: etree.XMLSchema, root: etree._Element) -> list[tuple[Finding, etree._Element]]:
        with self._lock:  # the log is the schema's, not the call's
            if schema.validate(root):
                return []
            entries: list[etree._LogEntry] = list(schema.error_log)  # type: ignore[call-overload] # stubs' omission
        told = [_told(root, entry.path or "", entry.message or "") for entry in entries[:MAX_PROBLEMS]]
        if len(entries) > MAX_PROBLEMS:
            told.append((_and_more(len(entries) - MAX_PROBLEMS), root))
        return told

    def _schema(self, name: str) -> etree.XMLSchema:
        with self._lock:
            if name not in self._compiled:
                self._compiled[name] = self._compile(name)
            return self._compiled[name]

    def _compile(self, name: str) -> etree.XMLSchema:
        parser = _parser()
        parser.resolvers.add(_InMemory(self._files))
        try:
            source = etree.fromstring(self._files[name.lower()], parser, base_url=_BASE + name)
            return etree.XMLSchema(source)
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError, LookupError, ValueError) as exc:
            raise self._useless(f"{name} no compila, {_plain(str(exc))}") from exc

    def _useless(self, detail: str) -> NeedsOperator:
        return BAD_SCHEMAS.at(carpeta=self._folder, detalle=detail).as_error(NeedsOperator)


class _InMemory(etree.Resolver):
    """Includes come from the same files, whatever address they give, and from nowhere else."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self._files = files

    def resolve(self, system_url: str | None, public_id: str | None, context: object) -> object:  # type: ignore[override] # noqa: ARG002 - lxml's door, not its stubs'
        """The file of that name. Raises LookupError when there is none."""
        name = (system_url or "").replace("\\", "/").rpartition("/")[2]
        if name.lower() not in self._files:
            raise LookupError(f"falta {name or system_url}")
        return self.resolve_string(self._files[name.lower()], context, base_url=_BASE + name)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _told(root: etree._Element, path: str, message: str) -> tuple[Finding, etree._Element]:
    element = _element(root, path)
    steps = _steps(element)
    finding = AGAINST_SCHEMA.at(
        field=steps[-1][0], value=(element.text or "").strip()[:80] or None if not len(element) else None,
        line=cast("int", element.sourceline), lugar=_place(steps), detalle=f"«{_plain(message)}»",
    )  # fmt: skip
    return finding, element


def _and_more(count: int) -> Finding:
    return AGAINST_SCHEMA.at(lugar="El documento", detalle=f"y {count} más como los anteriores")


def _element(root: etree._Element, path: str) -> etree._Element:
    """The element that the path names; its steps carry prefixes or, of a default namespace, no name at all."""
    space = {prefix: uri for node in root.iter("*") for prefix, uri in node.nsmap.items() if prefix}
    try:
        nodes: Any = root.getroottree().xpath(path, namespaces=space)
    except etree.XPathError:
        return root
    found: etree._Element = nodes[0] if nodes else root
    return found


def _steps(element: etree._Element) -> list[tuple[str, int]]:
    """Names from the root to the element, each with its place among its namesakes."""
    steps = []
    node: etree._Element | None = element
    while node is not None:
        before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
        steps.append((etree.QName(node).localname, before + 1))
        node = node.getparent()
    return steps[::-1]


def _place(steps: Sequence[tuple[str, int]]) -> str:
    """Where it is, for a person: ``PrecioUnitario (Item 3)``."""
    name = steps[-1][0]
    counted = next((f"{above} {place}" for above, place in reversed(steps) if above in _COUNTED), "")
    return counted if name in _COUNTED else f"{name} ({counted})" if counted else name


def _plain(message: str) -> str:
    """libxml2's sentence without namespaces and its last point."""
    return _KIND.sub("", _NAMESPACED.sub("", message)).replace("Element '", "'", 1).strip().rstrip(".")


def _at_field(finding: Finding, element: etree._Element, comprobante: Comprobante) -> Finding:
    """The same finding, at the field of the dropped file that the element came from, as far as that can be told."""
    steps = _steps(element)[2:]
    name = _FIELDS.get("/".join(step for step, _ in steps), finding.field or "")
    origen = _origin(comprobante, dict(steps))
    entry = origen.get(name) if origen else None
    line = entry.line if entry else origen.line if origen else None
    return replace(finding, field=name, line=line, value=entry.text if entry else finding.value)


def _origin(comprobante: Comprobante, zone: Mapping[str, int]) -> Section | None:
    """The section that an element below those comes from; None for what follows from others."""
    if place := zone.get("Item"):
        return comprobante.lineas[place - 1].origen if place <= len(comprobante.lineas) else None
    if place := zone.get("Referencia"):
        return comprobante.referencias[place - 1].origen
    if "Receptor" in zone:
        return comprobante.receptor.origen if comprobante.receptor else None
    if "Emisor" in zone:
        return comprobante.emisor.origen
    return comprobante.origen if "IdDoc" in zone or "Totales" in zone else None
