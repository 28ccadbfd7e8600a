"""A CFE as input: its elements as sections of fields, by the same table as a TXT."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import cast

from lxml import etree

from sincronizador.core import codes as form
from sincronizador.core.finding import Finding
from sincronizador.core.sections import Entry, Reading, Section, Sections
from sincronizador.countries.uy import codes
from sincronizador.countries.uy.fields import FIELDS, MAX_CODIGOS, MAX_PARTES
from sincronizador.countries.uy.read import SEALED
from sincronizador.countries.uy.shape import NS, misshapen
from sincronizador.countries.uy.tipos import Familia, TipoCfe

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}EncryptedData"
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_DOCTYPES = tuple("<!DOCTYPE".encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be"))

NUMBERED = ("TmstFirma", "Serie", "Nro", "CAEData")
"""What this installation adds; but for TmstFirma, a paper of contingency has it already."""
_NUMBERS = ("NroLinDet", "NroSTI", "NroLinDR", "NroLinMP", "NroLinRef")
_HEADS = ("IdDoc", "Emisor", "Receptor", "Totales")
_ZONES = {
    "SubTotInfo": ("SUBTOTAL", "STI_Item"),
    "MediosPago": ("PAGO", "MedioPago"),
    "Referencia": ("REFERENCIA", "Referencia"),
}
_RATES = {"IVATasaMin": Decimal(10), "IVATasaBasica": Decimal(22)}


_PARTS = {
    "SubDescuento": ("SUBDESCUENTO", "DescTipo", "DescVal"),
    "SubRecargo": ("SUBRECARGO", "RecargoTipo", "RecargoVal"),
}


_ROOTS = {str(int(tipo)): tipo.familia.value for tipo in TipoCfe}
_DECIMAL = re.compile(r"[+-]?([0-9]{1,17}\.?[0-9]{0,6}|\.[0-9]{1,6})")
"""A number that the schema could take: no exponents, no NaN."""
_MOST = {"CodItem": MAX_CODIGOS, **dict.fromkeys(_PARTS, MAX_PARTES)}


def _paths() -> dict[str, tuple[str, str]]:
    paths = {row.path: (row.section, row.name) for row in FIELDS if row.element and row.section != "RECARGO"}
    paths["Encabezado/Receptor/DocRecepExt"] = ("RECEPTOR", "DOCUMENTO")
    paths["Encabezado/IdDoc/DocPropExt"] = ("TRASLADO", "PROPIETARIO_DOCUMENTO")
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
    return tag.removeprefix(NS) if tag.startswith("{") else "{}" + tag


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
        self.rest: list[Section] = []
        self.familia = Familia.E_TCK
        self.is_papel = False
        self.withheld: dict[str, Decimal] = {}
        """Sums of the lines' RetencPercep by code, against those of the header."""

    def sections(self) -> Iterator[Section]:
        """All sections, those that come once first."""
        for name, entries in self.heads.items():
            if entries:
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
        if set(cfe.keys()) - {"version", _SCHEMA_LOCATION}:
            self._refuse(cfe, "no lleva más atributos que version")
        families = [familia.value for familia in Familia]
        bodies = list(cfe)
        if len(bodies) != 1 or _name(bodies[0]) not in families:
            self._refuse(bodies[0] if bodies else cfe, f"CFE lleva uno solo de {', '.join(families)}")
            return
        line = _line(bodies[0])
        self.familia = Familia(_name(bodies[0]))
        tipo = bodies[0].findtext(f"{NS}Encabezado/{NS}IdDoc/{NS}TipoCFE", "").strip()
        self.is_papel = tipo.startswith("2")
        if tipo in _ROOTS and _ROOTS[tipo] != _name(bodies[0]):
            self._refuse(bodies[0], f"un CFE de tipo {tipo} va en {_ROOTS[tipo]}")
        self.heads["DOCUMENTO"] = [Entry("DECIMAL", "PUNTO", line)]
        for element, detail in misshapen(bodies[0]):
            self._refuse(element, detail)
        self._body(bodies[0])
        is_gross = any(entry.name == "PRECIOS" for entry in self.heads["DOCUMENTO"])
        if self.familia in (Familia.E_TCK, Familia.E_FACT) and not is_gross:
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
                header |= self._encabezado(zone)
            elif name == "Detalle":
                for number, item in enumerate(zone, 1):
                    self._item(item, number)
            elif name == "CAEData" and self.is_papel:
                self._fields(zone, name)
            elif name == "Compl_Fiscal":
                self._complemento(zone)
            elif name == "DscRcgGlobal":
                for number, entry in enumerate(zone, 1):
                    self._global(entry, number)
            elif name in _ZONES:
                self._zone(zone, *_ZONES[name])
            else:
                self._unknown(zone)
        self._compare_withheld(header)

    def _encabezado(self, zone: etree._Element) -> dict[str, Entry]:
        header: dict[str, Entry] = {}
        for part in zone:
            if _name(part) in _HEADS:
                header |= self._head(part)
            else:
                self._unknown(part)
        return header

    def _zone(self, zone: etree._Element, section: str, inner: str) -> None:
        for number, entry in enumerate(zone, 1):
            if _name(entry) == inner:
                self._entry(entry, f"{_name(zone)}/{inner}", section, number)
            else:
                self._unknown(entry)

    def _head(self, part: etree._Element) -> dict[str, Entry]:
        """A part of Encabezado; gives the RetencPercep of Totales by code."""
        header: dict[str, Entry] = {}
        path = f"Encabezado/{_name(part)}"
        for leaf in part:
            name = _name(leaf)
            found = PATHS.get(f"{path}/{name}")
            if name == "Telefono" and any(entry.name == "TELEFONO" for entry in self.heads.get("EMISOR", ())):
                self._head_entry(("EMISOR", "TELEFONO_2"), leaf)
            elif found and not (name in NUMBERED and not self.is_papel):
                self._head_entry(found, leaf)
            elif name == "RetencPercep" and path.endswith("Totales"):
                parts = {_name(child): child for child in leaf}
                code = _text(parts["CodRet"]) if "CodRet" in parts else ""
                value = _text(parts["ValRetPerc"]) if "ValRetPerc" in parts else ""
                if code in header or set(parts) - {"CodRet", "ValRetPerc"}:
                    self._refuse(leaf, f"una vez cada código, con CodRet y ValRetPerc; este es {code}")
                header[code] = Entry("RETENCION", value, _line(leaf))
            elif name in _RATES:
                self._check_rate(leaf, _RATES[name])
            else:
                self._unknown(leaf)
        return header

    def _head_entry(self, field: tuple[str, str], leaf: etree._Element) -> None:
        self._add(self.heads.setdefault(field[0], []), field[1], leaf)

    def _fields(self, zone: etree._Element, path: str) -> None:
        for leaf in zone:
            if found := PATHS.get(f"{path}/{_name(leaf)}"):
                self._head_entry(found, leaf)
            else:
                self._unknown(leaf)

    def _complemento(self, zone: etree._Element) -> None:
        """For whom it is sold, in the clear or for DGI's eyes only."""
        if len(zone) != 1:
            self._refuse(zone, "lleva Compl_Fiscal_Data o EncryptedData")
        for part in zone:
            if part.tag == _ENCRYPTED:
                text = etree.tostring(part, method="c14n", exclusive=True, with_tail=False).decode()
                self.rest.append(Section(SEALED, _line(part), text=text))
            elif _name(part) == "Compl_Fiscal_Data":
                self._fields(part, "Compl_Fiscal/Compl_Fiscal_Data")
            else:
                self._unknown(part)

    def _item(self, item: etree._Element, number: int) -> None:
        entries: list[Entry] = []
        withheld: list[etree._Element] = []
        counts = dict.fromkeys(("CodItem", *_PARTS), 0)
        for leaf in item:
            name = _name(leaf)
            if name in counts and counts[name] < _MOST[name]:
                counts[name] += 1
                end = "" if counts[name] == 1 else f"_{counts[name]}"
                entries += (
                    self._leaves(leaf, "Detalle/Item/CodItem", end) if name == "CodItem" else self._part(leaf, end)
                )
            elif name == "RetencPercep":
                withheld.append(leaf)
            else:
                self._leaf(leaf, "Detalle/Item", entries, number)
        if _name(item) != "Item":
            self._unknown(item)
        if self.familia is Familia.E_RESG:
            self._resguardo(item, entries, withheld)
        else:
            self.rest += [Section("ITEM", _line(item), tuple(entries)), *(self._withheld(leaf, 1) for leaf in withheld)]

    def _resguardo(self, item: etree._Element, entries: list[Entry], withheld: list[etree._Element]) -> None:
        """A line of an e-Resguardo: one withholding, which may annul one of another e-Resguardo."""
        annuls = any(entry.name == "IND_FACT" and entry.text == "9" for entry in entries)
        if len(withheld) != 1 or any(entry.name != "IND_FACT" or not annuls for entry in entries):
            self._refuse(item, "un renglón de e-Resguardo lleva una RetencPercep, y a lo sumo IndFact 9")
        for leaf in withheld:
            section = self._withheld(leaf, -1 if annuls else 1)
            told = (Entry("ANULA", "SI", section.line),) if annuls else ()
            self.rest.append(replace(section, entries=(*section.entries, *told)))

    def _part(self, group: etree._Element, end: str) -> list[Entry]:
        """A SubDescuento or SubRecargo."""
        field, kind, value = _PARTS[_name(group)]
        names = {kind: f"{field}_CLASE{end}", value: f"{field}{end}"}
        entries: list[Entry] = []
        for leaf in group:
            if _name(leaf) in names:
                self._add(entries, names[_name(leaf)], leaf)
            else:
                self._unknown(leaf)
        return entries

    def _leaves(self, group: etree._Element, path: str, end: str) -> list[Entry]:
        entries: list[Entry] = []
        for leaf in group:
            found = PATHS.get(f"{path}/{_name(leaf)}")
            if found:
                self._add(entries, found[1] + end, leaf)
            else:
                self._unknown(leaf)
        return entries

    def _withheld(self, group: etree._Element, sign: int) -> Section:
        entries = self._leaves(group, "Detalle/Item/RetencPercep", "")
        section = Section("RETENCION", _line(group), tuple(entries))
        code = section.text_of("CODIGO")
        self.withheld[code] = self.withheld.get(code, Decimal(0)) + sign * (_decimal(section.text_of("VALOR")) or 0)
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
        if _name(entry) != "DRG_Item":
            return self._unknown(entry)
        moves = entry.findtext(f"{NS}TpoMovDR", "").strip()
        name = {"D": "DESCUENTO", "R": "RECARGO"}.get(moves)
        if name is None:
            return self._refuse(entry, "TpoMovDR es D o R")
        return self._entry(entry, "DscRcgGlobal/DRG_Item", name, number)

    def _entry(self, entry: etree._Element, path: str, section: str, number: int) -> None:
        entries: list[Entry] = []
        for leaf in entry:
            if _name(leaf) != "TpoMovDR":
                self._leaf(leaf, path, entries, number)
        self.rest.append(Section(section, _line(entry), tuple(entries)))

    def _leaf(self, leaf: etree._Element, path: str, entries: list[Entry], number: int) -> None:
        name = _name(leaf)
        found = PATHS.get(f"{path}/{name}")
        if found:
            self._add(entries, found[1], leaf)
        elif name not in _NUMBERS:
            self._unknown(leaf)
        elif _text(leaf) != str(number):
            self._refuse(leaf, f"dice {_text(leaf)} y es el renglón {number}")

    def _add(self, entries: list[Entry], name: str, leaf: etree._Element) -> None:
        if _text(leaf) and not any(entry.name == name for entry in entries):  # twice is misshapen
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
    return Decimal(text) if _DECIMAL.fullmatch(text) else None
