"""A signed CFE as the official schema, xmlsec1 and the arithmetic of the norm see it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import quote

from cryptography.x509 import Certificate
from lxml import etree

from outside.sales import RATES, ZERO, cents

CFE = "{http://cfe.dgi.gub.uy}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
AMOUNTS = {
    "NETO_BASICA": "MntNetoIVATasaBasica",
    "IVA_BASICA": "MntIVATasaBasica",
    "NETO_MINIMA": "MntNetoIvaTasaMin",
    "IVA_MINIMA": "MntIVATasaMin",
    "EXENTO": "MntNoGrv",
    "NO_FACTURABLE": "MontoNF",
    "TOTAL": "MntTotal",
    "A_PAGAR": "MntPagar",
}
"""Name in the answer -> element."""
SAFE = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def reference() -> Path | None:
    """The folder of official schemas and samples; None when this machine has none."""
    home = Path(__file__).resolve().parents[3]
    folder = Path(os.environ.get("SINCRONIZADOR_REFERENCIA", home.parent / "shared" / "reference"))
    return folder if folder.is_dir() else None


@cache
def schema() -> etree.XMLSchema | None:
    """The official schema of a CFE; None when this machine has none."""
    folder = reference()
    return etree.XMLSchema(etree.parse(folder / "uruguay/xsd/1.44.2/CFEDGI.xsd")) if folder else None


@dataclass(frozen=True, slots=True)
class Document:
    """A signed CFE."""

    raw: bytes
    root: etree._Element

    def text(self, name: str) -> str:
        """The text of the first element of that name; empty when there is none."""
        found = self.root.find(f".//{CFE}{name}")
        return (found.text or "") if found is not None else ""

    def amount(self, name: str) -> Decimal:
        """The amount in the first element of that name; zero when there is none."""
        return Decimal(self.text(name) or 0)

    @property
    def number(self) -> tuple[int, str, int]:
        """Type, series and number."""
        return int(self.text("TipoCFE")), self.text("Serie"), int(self.text("Nro"))

    @property
    def family(self) -> str:
        """The element below CFE: ``eTck``."""
        return self.root[0].tag.removeprefix(CFE)

    @property
    def hash(self) -> str:
        """The whole digest, Base64."""
        return self.root.findtext(f".//{DSIG}DigestValue") or ""

    def qr(self) -> str:
        """The text that its QR must have, by the norm; the amount with two decimals or as short as it can be."""
        tipo, serie, numero = self.number
        year, month, day = self.text("TmstFirma")[:10].split("-")
        element = {"eResg": "MntTotRetenido", "eRem_Exp": "MntTotal"}.get(self.family, "MntPagar")
        fields = (
            self.text("RUCEmisor"),
            tipo,
            serie,
            numero,
            "0" if self.family == "eRem" else self.text(element),
            f"{day}/{month}/{year}",
            quote(self.hash, safe=""),
        )
        return "https://www.efactura.dgi.gub.uy/consultaQR/cfe?" + ",".join(map(str, fields))


def parse(raw: bytes) -> Document:
    """The document of these bytes."""
    return Document(raw, etree.fromstring(raw, SAFE))


def invalid(document: Document) -> Iterator[str]:
    """Where it breaks the official schema (nothing when the schema is not on this machine) or the norm's arithmetic."""
    rules = schema()
    # A fresh parse: a schema fills defaults in, and what was signed must not be touched.
    if rules and not rules.validate(etree.fromstring(document.raw, SAFE)):
        yield f"XSD: {rules.error_log.last_error}"
    yield from _sums(document)


def _sums(document: Document) -> Iterator[str]:
    base, withheld, credit = _bases(document), ZERO, ZERO
    for item in document.root.iter(f"{CFE}Item"):
        sign = -1 if item.findtext(f"{CFE}IndFact") == "9" else 1
        for table in item.iter(f"{CFE}RetencPercep"):
            value = sign * Decimal(table.findtext(f"{CFE}ValRetPerc") or 0)
            if (table.findtext(f"{CFE}CodRet") or "").startswith("2181"):
                credit += value
            else:
                withheld += value
    expected = {"CantLinDet": Decimal(len(document.root.findall(f".//{CFE}Item")))}
    if document.family != "eRem":
        expected |= {"MntTotRetenido": withheld, "MntTotCredFisc": credit}
    if document.family not in ("eRem", "eResg"):
        expected |= _billed(document, base)
    if document.family not in ("eRem", "eResg", "eRem_Exp"):
        expected["MontoNF"] = base[6] - base[7]
        expected["MntPagar"] = expected["MntTotal"] + withheld + expected["MontoNF"]
    for name, value in expected.items():
        if document.amount(name) != value:
            yield f"{name} is {document.text(name) or 'absent'}, the lines make {value}"


def _billed(document: Document, base: dict[int, Decimal]) -> dict[str, Decimal]:
    gross = document.text("MntBruto") == "1"
    billed = {
        "MntNoGrv": base[1] + base[13] + base[14] + base[15] + base[16] + base[17],
        # The lines of an export e-Remito have no IndFact, but for those that take off another.
        "MntExpoyAsim": base[10] + base[0] - base[8],
        "MntImpuestoPerc": base[11],
        "MntIVaenSusp": base[12],
        "MntNetoIvaTasaMin": cents(base[2] / (1 + RATES["MINIMA"])) if gross else base[2],
        "MntNetoIVATasaBasica": cents(base[3] / (1 + RATES["BASICA"])) if gross else base[3],
    }
    billed["MntIVATasaMin"] = cents(billed["MntNetoIvaTasaMin"] * RATES["MINIMA"])
    billed["MntIVATasaBasica"] = cents(billed["MntNetoIVATasaBasica"] * RATES["BASICA"])
    return billed | {"MntTotal": sum(billed.values(), ZERO)}


def _bases(document: Document) -> dict[int, Decimal]:
    base = dict.fromkeys(range(18), ZERO)
    for item in document.root.iter(f"{CFE}Item"):
        base[int(item.findtext(f"{CFE}IndFact") or 0)] += Decimal(item.findtext(f"{CFE}MontoItem") or 0)
    for line in document.root.iter(f"{CFE}DRG_Item"):
        sign = -1 if line.findtext(f"{CFE}TpoMovDR") == "D" else 1
        base[int(line.findtext(f"{CFE}IndFactDR") or 0)] += sign * Decimal(line.findtext(f"{CFE}ValorDR") or 0)
    return base


def lines(document: Document) -> Iterator[str]:
    """Lines whose amount is not quantity times price, less discount, plus surcharge."""
    for item in document.root.iter(f"{CFE}Item"):
        of = {child.tag.removeprefix(CFE): child.text or "" for child in item}
        if "PrecioUnitario" not in of:
            continue
        made = Decimal(of["Cantidad"]) * Decimal(of["PrecioUnitario"])
        made += Decimal(of.get("RecargoMnt", 0)) - Decimal(of.get("DescuentoMonto", 0))
        if cents(made) != Decimal(of["MontoItem"]):
            yield f"line {of['NroLinDet']}: MontoItem {of['MontoItem']}, quantity and price make {made}"


def unverified(paths: Sequence[str], certificate: str) -> Iterator[str]:
    """Files whose signature `xmlsec1` does not accept with this certificate (a PEM file)."""
    for start in range(0, len(paths), 50):
        batch = paths[start : start + 50]
        if not _xmlsec(batch, certificate):
            yield from (f"{path}: xmlsec1 does not verify it" for path in batch if not _xmlsec([path], certificate))


def _xmlsec(paths: Sequence[str], certificate: str) -> bool:
    command = ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, *paths]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def not_signed_by(document: Document, certificate: Certificate) -> Iterator[str]:
    """What of its KeyInfo and algorithms is not as the norm asks."""
    serial = document.root.findtext(f".//{DSIG}X509SerialNumber")
    if serial != str(certificate.serial_number):
        yield f"X509SerialNumber {serial}, the certificate has {certificate.serial_number}"
    if not document.root.findtext(f".//{DSIG}X509IssuerName"):
        yield "no X509IssuerName"
    method = document.root.find(f".//{DSIG}SignatureMethod")
    if method is None or method.get("Algorithm") != "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256":
        yield "not RSA-SHA256"
    if document.root[-1].tag != f"{DSIG}Signature":
        yield "Signature is not the last child"
