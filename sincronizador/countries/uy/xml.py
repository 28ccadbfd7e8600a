"""A CFE as input: its elements as sections of fields, by the same table as a TXT."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import cast

from lxml import etree

from sincronizador.core import codes as form
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Entry, Reading, Section, Sections
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.fields import FIELDS, MAX_CODIGOS, SECCIONES
from sincronizador.countries.uy.tipos import Familia

_NS = "{http://cfe.dgi.gub.uy}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_DOCTYPES = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))

NUMBERED = ("TmstFirma", "Serie", "Nro", "CAEData")
"""What this installation adds."""
_NUMBERS = ("NroLinDet", "NroSTI", "NroLinDR", "NroLinMP", "NroLinRef")
_ZONES = {"SubTotInfo": "SUBTOTAL", "MediosPago": "PAGO", "Referencia": "REFERENCIA"}
_RATES = {"IVATasaMin": Decimal(10), "IVATasaBasica": Decimal(22)}


def _paths() -> dict[str, tuple[str, str]]:
    paths = {
        f"{SECCIONES[row.section].path}/{row.element}": (row.section, row.name)
        for row in FIELDS
        if row.element and row.section != "RECARGO"
    }
    paths["Encabezado/Receptor/DocRecepExt"] = ("RECEPTOR", "DOCUMENTO")
    return paths


PATHS = _paths()
"""Path below the root -> section and field."""


def from_xml(content: bytes) -> Reading:
    """
    The sections that a CFE or CFE_Adenda says; every value keeps the line of its element.

    What is no element of the table is a finding. Takes no DTD, no entities and nothing from the network.
    """
    encoding = "ascii" if content.isascii() else "utf-8"
    if any(doctype in content for doctype in _DOCTYPES):
        return _refused(form.XML_DTD.at(), encoding)
    parser = etree.XMLParser(
        load_dtd=False, no_network=True, resolve_entities=False, huge_tree=False,
        remove_comments=True, remove_pis=True, strip_cdata=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        return _refused(form.XML_MALFORMED.at(line=line, detalle=f"línea {line}, «{error.msg}»"), encoding)
    about = root.getroottree().docinfo
    if about.internalDTD is not None:
        return _refused(form.XML_DTD.at(), encoding)
    if encoding != "ascii":
        encoding = (about.encoding or "utf-8").lower()
    walk = _Walk()
    walk.document(root)
    return Reading(sections=Sections(tuple(walk.sections())), findings=tuple(walk.findings), encoding=encoding)


def _refused(finding: Finding, encoding: str) -> Reading:
    return Reading(sections=Sections(()), findings=(finding,), encoding=encoding)


def _name(element: etree._Element) -> str:
    """The local name of one of DGI's elements; a foreign one keeps its namespace, also when it has none."""
    tag = str(element.tag)
    return tag.removeprefix(_NS) if tag.startswith("{") else "{}" + tag


def _line(element: etree._Element) -> int:
    return cast("int", element.sourceline)  # every element of a parsed document has one


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


class _Walk:
    """One pass over a document."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.heads: dict[str, list[Entry]] = {}
        """Entries of the sections that come once."""
        self.seen: set[tuple[str, str]] = set()
        """Sections and fields of the heads."""
        self.rest: list[Section] = []
        self.withheld: dict[str, Decimal] = {}
        """Sums of the lines' RetencPercep by code, against those of the header."""

    def sections(self) -> Iterator[Section]:
        """All sections, those that come once first."""
        for name, entries in self.heads.items():
            yield Section(name, entries[0].line, tuple(entries))
        yield from self.rest

    def document(self, root: etree._Element) -> None:
        """A CFE, alone or beside its adenda."""
        name = _name(root)
        if name not in ("CFE", "CFE_Adenda"):
            return self._refuse(root, "se espera CFE o CFE_Adenda, en http://cfe.dgi.gub.uy")
        for child in root if name == "CFE_Adenda" else [root]:
            if _name(child) == "CFE" and "DOCUMENTO" not in self.heads:
                self._cfe(child)
            elif _name(child) == "Adenda":
                self._adenda(child)
            else:
                self._refuse(child, "CFE_Adenda lleva un CFE y su Adenda")
        return None

    def _cfe(self, cfe: etree._Element) -> None:
        if next(cfe.iter(_SIGNATURE), None) is not None:
            self.findings.append(form.ALREADY_SIGNED.at(line=_line(cfe)))
            return
        if cfe.get("version", "1.0") != "1.0":
            self._refuse(cfe, "la versión es 1.0")
        families = [familia.value for familia in Familia]
        bodies = list(cfe)
        if len(bodies) != 1 or _name(bodies[0]) not in families:
            self._refuse(bodies[0] if bodies else cfe, f"CFE lleva un solo {' o '.join(families)}")
            return
        line = _line(bodies[0])
        self.heads["DOCUMENTO"] = [Entry("DECIMAL", "PUNTO", line)]
        self._body(bodies[0])
        if not any(entry.name == "PRECIOS" for entry in self.heads["DOCUMENTO"]):
            self.heads["DOCUMENTO"].append(Entry("PRECIOS", "SIN_IVA", line))

    def _adenda(self, adenda: etree._Element) -> None:
        text = "".join(str(part) for part in adenda.itertext()).strip()
        if text:
            self.rest.append(Section("ADENDA", _line(adenda), text=text))

    def _body(self, body: etree._Element) -> None:
        header: dict[str, Entry] = {}
        for zone in body:
            name = _name(zone)
            if name == "Encabezado":
                for part in zone:
                    header |= self._head(part)
            elif name == "Detalle":
                for number, item in enumerate(zone, 1):
                    self._item(item, number)
            elif name == "DscRcgGlobal":
                for number, entry in enumerate(zone, 1):
                    self._global(entry, number)
            elif name in _ZONES:
                for number, entry in enumerate(zone, 1):
                    self._entry(entry, f"{name}/{_name(entry)}", _ZONES[name], number)
            else:
                self._unknown(zone)
        self._compare_withheld(header)

    def _head(self, part: etree._Element) -> dict[str, Entry]:
        """A part of Encabezado; gives the RetencPercep of Totales by code."""
        header: dict[str, Entry] = {}
        path = f"Encabezado/{_name(part)}"
        for leaf in part:
            name = _name(leaf)
            found = PATHS.get(f"{path}/{name}")
            if found and found not in self.seen:
                self.seen.add(found)
                self._add(self.heads.setdefault(found[0], []), found[1], leaf)
            elif found:
                self._refuse(leaf, "está dos veces")
            elif name == "RetencPercep" and path.endswith("Totales"):
                parts = {_name(child): child for child in leaf}
                code = _text(parts["CodRet"]) if "CodRet" in parts else ""
                value = _text(parts["ValRetPerc"]) if "ValRetPerc" in parts else ""
                header[code] = Entry("RETENCION", value, _line(leaf))
            elif name in _RATES:
                self._check_rate(leaf, _RATES[name])
            else:
                self._unknown(leaf)
        self.heads = {section: entries for section, entries in self.heads.items() if entries}
        return header

    def _item(self, item: etree._Element, number: int) -> None:
        entries: list[Entry] = []
        withheld: list[Section] = []
        coded = 0
        for leaf in item:
            name = _name(leaf)
            if name == "CodItem" and coded < MAX_CODIGOS:
                coded += 1
                end = "" if coded == 1 else f"_{coded}"
                entries += self._leaves(leaf, "Detalle/Item/CodItem", end)
            elif name == "RetencPercep":
                withheld.append(self._withheld(leaf))
            else:
                self._leaf(leaf, "Detalle/Item", entries, number)
        if _name(item) != "Item":
            self._unknown(item)
        self.rest += [Section("ITEM", _line(item), tuple(entries)), *withheld]

    def _leaves(self, group: etree._Element, path: str, end: str) -> list[Entry]:
        entries: list[Entry] = []
        for leaf in group:
            found = PATHS.get(f"{path}/{_name(leaf)}")
            if found:
                self._add(entries, found[1] + end, leaf)
            else:
                self._unknown(leaf)
        return entries

    def _withheld(self, group: etree._Element) -> Section:
        entries = self._leaves(group, "Detalle/Item/RetencPercep", "")
        section = Section("RETENCION", _line(group), tuple(entries))
        code = section.text_of("CODIGO")
        self.withheld[code] = self.withheld.get(code, Decimal(0)) + (_decimal(section.text_of("VALOR")) or 0)
        return section

    def _compare_withheld(self, header: dict[str, Entry]) -> None:
        """The header's RetencPercep say what the lines add up to."""
        for code, entry in header.items():
            ours = self.withheld.get(code, Decimal(0))
            if _decimal(entry.text) != ours:
                self.findings.append(
                    codes.TOTALS.at(
                        field=f"RetencPercep {code}", line=entry.line, value=entry.text,
                        dado=entry.text, calculado=ours, tolerancia="0",
                    )
                )  # fmt: skip

    def _global(self, entry: etree._Element, number: int) -> None:
        moves = entry.findtext(f"{_NS}TpoMovDR", "").strip()
        name = {"D": "DESCUENTO", "R": "RECARGO"}.get(moves)
        if name is None:
            self._refuse(entry, "TpoMovDR es D o R")
        else:
            self._entry(entry, "DscRcgGlobal/DRG_Item", name, number)

    def _entry(self, entry: etree._Element, path: str, section: str, number: int) -> None:
        entries: list[Entry] = []
        for leaf in entry:
            if _name(leaf) != "TpoMovDR":
                self._leaf(leaf, path, entries, number)
        self.rest.append(Section(section, _line(entry), tuple(entries)))

    def _leaf(self, leaf: etree._Element, path: str, entries: list[Entry], number: int) -> None:
        name = _name(leaf)
        found = PATHS.get(f"{path}/{name}")
        if found and any(entry.name == found[1] for entry in entries):
            self._refuse(leaf, "está dos veces")
        elif found:
            self._add(entries, found[1], leaf)
        elif name not in _NUMBERS:
            self._unknown(leaf)
        elif _text(leaf) != str(number):
            self._refuse(leaf, f"dice {_text(leaf)} y es el renglón {number}")

    def _add(self, entries: list[Entry], name: str, leaf: etree._Element) -> None:
        if len(leaf) or leaf.attrib:
            self._refuse(leaf, "lleva solo un texto")
        elif _text(leaf):
            entries.append(Entry(name, _text(leaf), _line(leaf)))

    def _check_rate(self, leaf: etree._Element, rate: Decimal) -> None:
        if _decimal(_text(leaf)) != rate:
            self._refuse(leaf, f"la tasa vigente es {rate}")

    def _unknown(self, element: etree._Element) -> None:
        name = _name(element)
        if name in NUMBERED:
            self.findings.append(codes.XML_NUMBERED.at(field=name, line=_line(element)))
        else:
            self._refuse(element, "no está en los comprobantes que emite esta instalación")

    def _refuse(self, element: etree._Element, detail: str) -> None:
        name = etree.QName(element).localname
        self.findings.append(codes.XML_ELEMENT.at(field=name, line=_line(element), detalle=detail))


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
