"""The judge finds nothing wrong with a right installation, and each fault in a spoiled one."""

import base64
import io
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
import segno
from cryptography.x509 import load_der_x509_certificate
from lxml import etree
from outside import documents, judge
from outside.answers import form, parse
from outside.judge import Case, Drop

FILE = b"[DOCUMENTO]\r\nTIPO=101\r\n[ITEM]\r\nDETALLE=Yerba 1 kg\r\n[FIN]\r\n"
AMOUNTS = {
    "NETO_BASICA": "409.84",
    "IVA_BASICA": "90.16",
    "NETO_MINIMA": "109.09",
    "IVA_MINIMA": "10.91",
    "EXENTO": "300.00",
    "NO_FACTURABLE": "0.00",
    "TOTAL": "920.00",
    "A_PAGAR": "920.00",
}


def _answer(document: documents.Document, **changes: str) -> bytes:
    fields = {
        "CONTRATO": "1",
        "ESTADO": "FIRMADO_LOCAL",
        "EMITIDO": "SI",
        "FINAL": "NO",
        "ARCHIVO": "V1.TXT",
        "ENTRADA_SHA256": sha256(FILE).hexdigest(),
        "REFERENCIA": "V1",
        "TIPO": "101",
        "SERIE": "A",
        "NUMERO": "1",
        "FECHA": "2026-11-21",
        "FECHA_FIRMA": document.text("TmstFirma"),
        "MONEDA": "UYU",
        **AMOUNTS,
        "CAE": document.text("CAE_ID"),
        "CAE_DESDE": "1",
        "CAE_HASTA": "1000",
        "CAE_VENCE": "2028-11-21",
        "CODIGO_SEGURIDAD": document.hash[:6],
        "HASH": document.hash,
        "QR": document.qr(),
        "IMPRESION": "IMPRESO",
        "XML": "V1.xml",
        "PNG": "V1.png",
        "CODIGO": "0",
        "MENSAJE": "Documento firmado.",
    } | changes
    lines = ["OK", "[RESPUESTA]", *(f"{name}={value}" for name, value in fields.items() if value)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _picture(text: str) -> bytes:
    picture = io.BytesIO()
    segno.make(text, error="m").save(picture, kind="png", scale=4)
    return picture.getvalue()


def _page(text: str, mark: bytes = b"") -> bytes:
    stored = b"1P0" + text.encode()
    return b"\x1b@" + mark + b"\x1d(k" + len(stored).to_bytes(2, "little") + stored + b"\x1d(k\x03\x001Q0"


@pytest.fixture(scope="module")
def official() -> Path:
    folder = documents.reference()
    if folder is None:
        pytest.skip("needs the official schemas and samples: set SINCRONIZADOR_REFERENCIA to their folder")
    return folder / "uruguay" / "examples"


@pytest.fixture
def case(tmp_path: Path, official: Path) -> Case:
    """One sale, rightly answered: the signed sample, its answer, its pictures, its paper and its archived file."""
    raw = (official / "101_eticket.xml").read_bytes()
    document = documents.parse(raw)
    cae = etree.parse(official / "CAE_217777770013_90260000001_e-Ticket.xml")
    der = base64.b64decode(cae.findtext(f".//{documents.DSIG}X509Certificate"))
    pem = tmp_path / "judge.pem"
    pem.write_text(f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n")
    for name in ("entrada", "procesando", "salida", "procesados/2026-11-21", "rechazados", "papel"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "salida/V1.RSP").write_bytes(_answer(document))
    (tmp_path / "salida/V1.xml").write_bytes(raw)
    (tmp_path / "salida/V1.png").write_bytes(_picture(document.qr()))
    (tmp_path / "procesados/2026-11-21/V1.TXT").write_bytes(FILE)
    (tmp_path / "procesados/2026-11-21/V1.RSP").write_bytes(_answer(document))
    (tmp_path / "papel/1.bin").write_bytes(_page(document.qr()))
    (tmp_path / "papel/1.png").write_bytes(_picture(document.qr()))
    drop = Drop(
        name="V1.TXT",
        content=FILE,
        encoding="ascii",
        referencia="V1",
        tipo=101,
        importes={name: Decimal(value) for name, value in AMOUNTS.items()},
        detalle="Yerba 1 kg",
    )
    return Case(
        spool=tmp_path,
        drops=[drop],
        trays=[tmp_path / "papel"],
        certificate=load_der_x509_certificate(der),
        certificate_pem=str(pem),
    )


def _spoil(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_nothing_is_wrong_with_a_right_installation(case):
    assert judge.faults(case) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"TOTAL=920.00", b"TOTAL=921.00", "TOTAL=921.00"),
        (b"NUMERO=1", b"NUMERO=2", "the answer says"),
        (b"ESTADO=FIRMADO_LOCAL", b"ESTADO=FIRMADO", "expected OK FIRMADO_LOCAL"),
        (b"EMITIDO=SI", b"EMITIDO=NO", "EMITIDO=NO"),
        (b"REFERENCIA=V1", b"REFERENCIA=V2", "REFERENCIA=V2"),
        (b"CODIGO_SEGURIDAD=SVVgZ9", b"CODIGO_SEGURIDAD=SVVgZ8", "the digest"),
        (b"21/11/2026", b"20261121", "the norm makes"),
        (b"\r\n", b"\n", "CRLF"),
        (b"MENSAJE=D", b"MENSAJE=\xc3\xb3", "not in ascii"),
        (b"MENSAJE=D", b"MENSAJE=" + b"x" * 240, "a line of"),
        (b"XML=V1.xml", b"XML=V2.xml", "does not exist"),
        (b"PNG=V1.png", b"PNG=V2.png", "no such file"),
        (b"CAE=", b"CAI=", "lacks CAE"),
        (b"OK\r\n", b"PENDIENTE\r\n", "under PENDIENTE"),
    ],
)
def test_a_wrong_answer_is_found(case, old, new, fault):
    _spoil(case.spool / "salida/V1.RSP", old, new)
    assert any(fault in found for found in judge.faults(case)), judge.faults(case)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"Yerba 1 kg", b"Yerba 2 kg", "xmlsec1"),
        (b"<ns0:MntTotal>920<", b"<ns0:MntTotal>921<", "the lines make 920"),
        (b"<ns0:MontoItem>500<", b"<ns0:MontoItem>501<", "quantity and price make 500"),
        (b"<ns0:UniMed>kg</ns0:UniMed>", b"", "XSD"),
        (b"123456789012345", b"123456789012346", "X509SerialNumber"),
    ],
)
def test_a_wrong_document_is_found(case, old, new, fault):
    _spoil(case.spool / "salida/V1.xml", old, new)
    assert any(fault in found for found in judge.faults(case)), judge.faults(case)


def test_a_missing_answer_is_found(case):
    (case.spool / "salida/V1.RSP").unlink()
    assert any("no answer" in found for found in judge.faults(case))


def test_a_picture_of_another_document_is_found(case):
    (case.spool / "salida/V1.png").write_bytes(_picture("https://x?1,101,A,2,3"))
    assert any("V1.png shows the QR" in found for found in judge.faults(case))


def test_a_second_unmarked_paper_is_found_and_a_marked_one_is_not(case):
    qr = documents.parse((case.spool / "salida/V1.xml").read_bytes()).qr()
    for name, mark in (("2", b"COPIA"), ("3", b"")):
        (case.spool / f"papel/{name}.bin").write_bytes(_page(qr, mark))
        (case.spool / f"papel/{name}.png").write_bytes(_picture(qr))
        found = [fault for fault in judge.faults(case) if "unmarked" in fault]
        assert bool(found) is (name == "3")


def test_a_hole_in_the_numbers_is_found(case):
    second = replace(case.drops[0], name="V2.TXT", referencia="V2")
    document = documents.parse((case.spool / "salida/V1.xml").read_bytes())
    (case.spool / "salida/V2.RSP").write_bytes(_answer(document, REFERENCIA="V2", NUMERO="3", ARCHIVO="V2.TXT"))
    assert any("no sale has [2]" in found for found in judge.faults(replace(case, drops=[*case.drops, second])))


def test_two_sales_with_one_number_are_found(case):
    second = replace(case.drops[0], name="V2.TXT", referencia="V2")
    document = documents.parse((case.spool / "salida/V1.xml").read_bytes())
    (case.spool / "salida/V2.RSP").write_bytes(_answer(document, REFERENCIA="V2", ARCHIVO="V2.TXT"))
    assert any("belongs to ['V1', 'V2']" in found for found in judge.faults(replace(case, drops=[*case.drops, second])))


def test_a_changed_or_lost_dropped_file_is_found(case):
    (case.spool / "procesados/2026-11-21/V1.TXT").write_bytes(FILE + b" ")
    assert any("not kept unchanged" in found for found in judge.faults(case))


def test_what_is_left_over_is_found(case):
    (case.spool / "procesando/V9.TXT").write_bytes(b"")
    assert any("left over" in found for found in judge.faults(case))


def test_a_continued_line_is_read_as_one_value():
    answer = parse(b"OK\r\n[RESPUESTA]\r\nQR=https://x\r\nQR.2=/y\r\nQUEDAN.101=5\r\n")
    assert answer["QR"] == "https://x/y"
    assert answer["QUEDAN.101"] == "5"


def test_findings_out_of_order_are_found():
    one, two = (
        "[ERROR.1]\r\nCODIGO=E0205\r\nLINEA=9\r\nMENSAJE=x\r\n",
        "[ERROR.2]\r\nCODIGO=E0201\r\nLINEA=3\r\nMENSAJE=x\r\n",
    )
    text = (
        f"ERROR\r\n[RESPUESTA]\r\nESTADO=RECHAZADO\r\nEMITIDO=NO\r\nFINAL=SI\r\nCODIGO=E0205\r\nMENSAJE=x\r\n{one}{two}"
    )
    assert any("not in order" in fault for fault in form(parse(text.encode()), "ascii"))
