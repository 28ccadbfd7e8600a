"""Files that are monstrous in one way, of whatever size is asked for."""

# ruff: noqa: E501 - a shape is read best on one line

import io
import json
import zipfile
from collections.abc import Callable

from targets import MAPPINGS, TARGETS, signed_document

EAT = {target.name: target.eat for target in TARGETS}
HEAD = b"[DOCUMENTO]\nTIPO=101\nREFERENCIA=V1\nFORMA_PAGO=CONTADO\n"
ITEM = b"[ITEM]\nDETALLE=Pan\nPRECIO=1,00\nIVA=MINIMA\n"
CFE = b'<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck>'


def bomb(inside: bytes) -> bytes:
    """A document whose DTD does the harm."""
    return b'<?xml version="1.0"?>\n<!DOCTYPE CFE [' + inside + b"]>\n" + CFE + b"&a;</eTck></CFE>"


def deep(before: bytes, one: bytes, after: bytes, end: bytes) -> Callable[[int], bytes]:
    return lambda size: (
        before + one * (size // (len(one) + len(after))) + after * (size // (len(one) + len(after))) + end
    )


def repeated(before: bytes, one: bytes, end: bytes) -> Callable[[int], bytes]:
    return lambda size: before + one * (size // len(one)) + end


def numbered(before: bytes, one: str, end: bytes) -> Callable[[int], bytes]:
    """The same with a number in each, so that no two are alike."""
    return lambda size: before + b"".join((one % n).encode() for n in range(size // len(one % 1_000))) + end


def workbook(sheet: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Our example with another sheet in it."""

    def made(size: int) -> bytes:
        file = io.BytesIO()
        with (
            zipfile.ZipFile(MAPPINGS / "sale.order-2026-11-21.xlsx") as old,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in old.infolist():
                is_sheet = part.filename.startswith("xl/worksheets/sheet")
                new.writestr(part.filename, sheet(size) if is_sheet else old.read(part))
        return file.getvalue()

    return made


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_END = b"</sheetData></worksheet>"

SOAP = b'200\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
SOAP_END = b"</s:Body></s:Envelope>"
BODY = b'<s:Body xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'

SHAPES: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "items": ("txt", repeated(HEAD, ITEM, b"[FIN]\n")),
    "fields that nobody knows": ("txt", numbered(HEAD, "CAMPO%d=1\n", ITEM + b"[FIN]\n")),
    "sections that nobody knows": ("txt", numbered(HEAD, "[S%d]\nA=1\n", ITEM + b"[FIN]\n")),
    "one long line": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE=", b"x", b"\n[FIN]\n")),
    "one long number": ("txt", repeated(HEAD + b"[ITEM]\nPRECIO=", b"9", b"\n[FIN]\n")),
    "a number of commas": ("txt", repeated(HEAD + b"[ITEM]\nPRECIO=", b"1,", b"\n[FIN]\n")),
    "backslashes": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE=", b"\\", b"\n[FIN]\n")),
    "accents without end": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE=e", "\u0301".encode(), b"\n[FIN]\n")),
    "accents in disorder": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE=e", "\u0301\u0323".encode(), b"\n[FIN]\n")),
    "adenda": ("txt", repeated(HEAD + ITEM + b"[ADENDA]\n", b"Gracias por su compra.\n", b"[FIN]\n")),
    "brackets": ("txt", repeated(HEAD, b"[", b"\n[FIN]\n")),
    "empty lines": ("txt", repeated(HEAD, b"\n", b"[FIN]\n")),
    "NULs": ("txt", repeated(HEAD, b"\0", b"\n[FIN]\n")),
    "blanks before equals": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE", b" ", b"x\n[FIN]\n")),
    "a lote": ("txt", numbered(b"[LOTE]\nREFERENCIA=L\n", "[DOCUMENTO]\nTIPO=101\nREFERENCIA=V%d\n", b"[FIN]\n")),
    "high bytes": ("txt", repeated(HEAD + b"[ITEM]\nDETALLE=", b"\xe1\xa2", b"\n[FIN]\n")),
    "references": ("txt", repeated(HEAD + ITEM, b"[REFERENCIA]\nTIPO=101\nSERIE=A\nNUMERO=1\n", b"[FIN]\n")),
    "payments": ("txt", repeated(HEAD + ITEM, b"[PAGO]\nMEDIO=EFECTIVO\nVALOR=1\n", b"[FIN]\n")),
    "withholdings": ("txt", repeated(HEAD + ITEM, b"[RETENCION]\nCODIGO=2183165\nVALOR=5\n", b"[FIN]\n")),
    "deep xml": ("xml", deep(CFE, b"<a>", b"</a>", b"</eTck></CFE>")),
    "elements": ("xml", repeated(CFE, b"<Item/>", b"</eTck></CFE>")),
    "attributes": ("xml", lambda size: CFE[:-1] + numbered(b"", ' a%d=""', b"")(size) + b"/></CFE>"),
    "a huge attribute": ("xml", repeated(CFE[:-1] + b' a="', b"x", b'"/></CFE>')),
    "namespaces": ("xml", lambda size: CFE[:-1] + numbered(b"", ' xmlns:a%d="u"', b"")(size) + b"/></CFE>"),
    "a huge text": ("xml", repeated(CFE + b"<Adenda>", b"x", b"</Adenda></eTck></CFE>")),
    "references to characters": ("xml", repeated(CFE + b"<Adenda>", b"&#65;", b"</Adenda></eTck></CFE>")),
    "comments": ("xml", repeated(CFE, b"<!---->", b"</eTck></CFE>")),
    "instructions": ("xml", repeated(CFE, b"<?a b?>", b"</eTck></CFE>")),
    "an XML that never ends": ("xml", repeated(CFE, b"<a>", b"")),
    "entities": ("xml", lambda size: bomb(numbered(b"", '<!ENTITY e%d "x">', b"")(size))),
    "looked at: deep": ("verificar-xml", deep(CFE, b"<a>", b"</a>", b"</eTck></CFE>")),
    "looked at: many": ("verificar-xml", repeated(b"<EnvioCFE>", b"<CFE/>", b"</EnvioCFE>")),
    "looked at: many of ours": ("verificar-xml", lambda size: b"<EnvioCFE>" + signed_document() * (size // 4_000) + b"</EnvioCFE>"),
    "looked at: namespaces": ("verificar-xml", lambda size: b"<EnvioCFE" + numbered(b"", ' xmlns:a%d="u"', b"")(size) + b"><CFE/></EnvioCFE>"),
    "looked at: prefixes in each": ("verificar-xml", numbered(b"<EnvioCFE>", '<CFE xmlns:a%d="u"/>', b"</EnvioCFE>")),
    "looked at: puny": ("verificar-xml", repeated(b'<?xml version="1.0" encoding="punycode"?><a>', b"-z9", b"</a>")),
    "looked at: idna": ("verificar-xml", repeated(b'<?xml version="1.0" encoding="idna"?><a>', b"xn--a.", b"</a>")),
    "looked at: names": ("verificar-xml", numbered(b"<ACKSobre>", "<A%d>1</A%d>".replace("</A%d", "</A"), b"</ACKSobre>")),
    "json: deep": ("mapeo handy", deep(b'{"a":', b"[", b"]", b"}")),
    "json: deep objects": ("mapeo handy", deep(b"", b'{"a":', b"}", b"")),
    "json: names": ("mapeo handy", numbered(b'{"salesOrders":[{', '"a%d":1,', b'"z":1}]}')),
    "json: strings": ("mapeo handy", repeated(b'{"a":"', b'\\"', b'"}')),
    "json: one number": ("mapeo handy", repeated(b'{"a":', b"9", b"}")),
    "json: open quotes": ("mapeo handy", repeated(b'{"a":', b'"\\', b"")),
    "json: documents": ("mapeo handy", lambda size: json.dumps({"salesOrders": [{"number": n} for n in range(size // 14)]}).encode()),
    "csv: rows": ("mapeo odoo-csv", numbered((MAPPINGS / "sale.order-2026-11-21.csv").read_bytes(), "x%d,,,\r\n", b"")),
    "csv: columns": ("mapeo odoo-csv", numbered(b"", "a%d,", b"\r\n1\r\n")),
    "csv: quotes": ("mapeo odoo-csv", repeated(b"a,b\r\n", b'"', b"\r\n")),
    "pipes": ("mapeo clipper", repeated(b"C|", b"|", b"\r\n")),
    "records": ("mapeo clipper", repeated((MAPPINGS / "clipper.pip").read_bytes(), b"L|1|2|3\r\n", b"")),
    "records that nobody knows": ("mapeo clipper", numbered(b"", "X%d|1\r\n", b"")),
    "fixed: one line": ("mapeo cobol", repeated(b"", b"9", b"\r\n")),
    "fixed: lines": ("mapeo cobol", repeated((MAPPINGS / "LOTE0412.DAT").read_bytes(), b"2 000000001\r\n", b"")),
    "marked": ("mapeo secciones", numbered(b"", "->S%d<-\r\na=1\r\n", b"")),
    "efactshell: lines": ("mapeo efactshell", repeated(b"1|217777770013|12|2026-11-21\r\n", b"6|1|3|Pan|1|kg|89|||||89\r\n", b"")),
    "foreign xml: deep": ("mapeo erp-xml", deep(b"", b"<a>", b"</a>", b"")),
    "foreign xml: many": ("mapeo erp-xml", repeated(b"<a>", b"<b>1</b>", b"</a>")),
    "a sheet of rows": ("mapeo odoo-xlsx", workbook(repeated(_SHEET, b"<row><c><v>1</v></c></row>", _END))),
    "a sheet of cells": ("mapeo odoo-xlsx", workbook(repeated(_SHEET + b"<row>", b"<c><v>1</v></c>", b"</row>" + _END))),
    "a deep sheet": ("mapeo odoo-xlsx", workbook(deep(_SHEET, b"<row>", b"</row>", _END))),
    "toml: deep": ("toml de un mapeo", deep(b"a = ", b"[", b"]", b"")),
    "toml: dots": ("toml de un mapeo", repeated(b"[a", b".a", b"]")),
    "toml: quoted dots": ("toml de un mapeo", repeated(b"a", b'."\\".b"', b" = 1")),
    "toml: dots in each": ("toml de un mapeo", numbered(b"", "a%d" + ".a" * 98 + " = 1\n", b"")),
    "toml: quotes": ("toml de un mapeo", repeated(b'a = "', b'\\"', b'"')),
    "toml: quotes that never end": ("toml de un mapeo", repeated(b'a = "', b'\\"', b"")),
    "toml: a long word": ("toml de un mapeo", repeated(b'a = "', b"x", b'"')),
    "toml: keys": ("toml de un mapeo", numbered(b"", "a%d = 1\n", b"")),
    "toml: one number": ("toml de un mapeo", repeated(b"a = ", b"9", b"")),
    "toml: tables": ("toml de un mapeo", numbered(b"", "[a%d]\n", b"")),
    "cloud: deep": ("respuestas de la nube", deep(b"200\n", b"[", b"]", b"")),
    "cloud: base64": ("respuestas de la nube", repeated(b'200\n{"certificates":["', b"AAAA", b'"]}')),
    "cloud: details": ("respuestas de la nube", repeated(b'422\n{"error":{"code":"a","message":"b","details":[', b'{"message":"x"},', b'{"message":"x"}]}}')),
    "asked: deep": ("pedidos a la nube", deep(b"", b'{"attempt":', b"}", b"")),
    "asked: numbers": ("pedidos a la nube", repeated(b'{"used":[', b"1,", b'1],"voided":[]}')),
    "cae: fields": ("CAE", repeated(b'<CAE xmlns="http://cfe.dgi.gub.uy"><DA>', b"<NA>1</NA>", b"</DA></CAE>")),
    "signature: namespaces": ("firma", lambda size: b"<CFE" + numbered(b"", ' xmlns:a%d="u"', b"")(size) + b"/>"),
    "PEM": ("certificado", repeated(b"-----BEGIN CERTIFICATE-----\n", b"AAAA\n", b"-----END CERTIFICATE-----\n")),
    "PKCS#12": ("PKCS#12", repeated(b"\x30\x84\x7f\xff\xff\xff", b"\x30\x80", b"")),
    "elements of a message": ("mensajes de DGI", repeated(SOAP, b"<a>b</a>", SOAP_END)),
    "attributes of a message": ("mensajes de DGI", numbered(SOAP[:-1], " a%d='1'", b"/></s:Envelope>")),
    "namespaces of a message": ("mensajes de DGI", repeated(SOAP, b'<a xmlns:b="u"/>', SOAP_END)),
    "text of a message": ("mensajes de DGI", repeated(SOAP, b"&lt;\n", SOAP_END)),
    "elements of an answer of DGI": ("cuerpos de DGI", repeated(BODY, b"<a>b</a>", b"</s:Body>")),
}  # fmt: skip
"""What it is -> the target that eats it, and how it is made."""
