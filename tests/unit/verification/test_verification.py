"""What is said of documents that somebody else signed: DGI's own samples, and copies with one thing wrong."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from emitidos import HOY, MOMENTO, VALIDITY

from sincronizador.cli.verification import Means, inspect
from sincronizador.core.inspection import Inspection, Juicio
from sincronizador.schemas import load_schemas
from sincronizador.signing.certificate import Certificate, Identity
from sincronizador.signing.identity import issue, make_authority

Firmar = Callable[..., bytes]
SOBRE = "Sob_219999830019_Ej_Mod_19072016.xml"


@pytest.fixture(scope="session")
def medios(referencia: Path) -> Means:
    return Means(today=HOY, schemas=load_schemas(str(referencia / "xsd" / "1.44.2")))


def mirar(
    content: bytes, qr: str = "", *, certificate: Certificate | None = None, own: Certificate | None = None
) -> Inspection:
    return inspect(content, "x.xml", Means(today=HOY, qr=qr, certificate=certificate, own=own))


def males(one: Inspection) -> list[tuple[str, str]]:
    """Everything wrong with it and with what is in it."""
    own = [(check.que, check.texto) for check in one.checks if check.juicio is Juicio.MAL]
    return own + [wrong for part in one.parts for wrong in males(part)]


def dichos(one: Inspection, que: str) -> list[str]:
    """What is said of one thing, in all of it."""
    return [check.texto for check in one.checks if check.que == que] + [
        text for part in one.parts for text in dichos(part, que)
    ]


def test_each_cfe_of_dgis_sobre_verifies_as_the_text_that_was_signed(referencia: Path, medios: Means) -> None:
    seen = inspect((referencia / "dgi" / SOBRE).read_bytes(), SOBRE, medios)
    assert [part.titulo.partition(":")[0] for part in seen.parts] == [
        "101-A-1", "102-A-1", "103-A-1", "111-A-1", "112-A-1", "181-A-1", "281-XA-953001", "182-A-1",
    ]  # fmt: skip
    assert dichos(seen, "esquema") == ["cumple el esquema de DGI"]
    assert dichos(seen, "carátula") == ["CantCFE dice 8 y hay 8"]
    for part in seen.parts:
        good, old = dichos(part, "firma")
        assert good.startswith("es buena, de DGI-RUC PRUEBA CEDE")
        assert "SHA-1" in old
        assert "vale del 26/01/2016 a 26/01/2017" in dichos(part, "certificado")[0]
        assert dichos(part, "totales") == ["las líneas y los totales cierran"]
    # The sample was signed in 2016 with numbers that had expired in 2012, and its paper is of another booklet.
    wrong = [(que, re.sub(r"\s+", " ", text)) for que, text in males(seen)]
    expired = ("CAE", "1234567890 venció el 31/12/2012 y el CFE se firmó el 19/07/2016 (E07)")
    assert wrong.count(expired) == 7
    assert [text for que, text in wrong if que != "CAE"] == [
        "E1008 El número 953001 no es de la libreta, que va del 1 al 100."
    ]


def test_the_code_of_dgis_sample_is_the_beginning_of_its_digest(referencia: Path, medios: Means) -> None:
    content = (referencia / "dgi" / SOBRE).read_bytes()
    first = inspect(content, SOBRE, medios).parts[0]
    digest = re.findall(rb"<DigestValue>([^<]+)<", content)[0].decode()
    assert dichos(first, "código") == [f"el código de seguridad es {digest[:6]}"]
    assert dichos(first, "QR")[0].endswith(f",101,A,1,168816.00,19/07/2016,{digest.replace('=', '%3D')}")


@pytest.mark.parametrize(
    "name", ["Sob_219999830019_fac-Cta_Ajena-enc.xml", "Sob_219999830019_fac-Cta_Ajena-no-enc.xml"]
)
def test_the_wrong_totals_of_dgis_sample_of_sales_for_others_are_told(
    referencia: Path, medios: Means, name: str
) -> None:
    seen = inspect((referencia / "dgi" / name).read_bytes(), name, medios)
    assert dichos(seen, "firma")[0].startswith("es buena")
    assert dichos(seen, "totales") == [
        "E1210 A_PAGAR dice 5280.00 y las líneas dan 6331.60.",
        "E1210 EXENTO dice 5280.00 y las líneas dan 500.00.",
        "E1210 TOTAL dice 5280.00 y las líneas dan 6331.60.",
    ]
    assert {que for que, _ in males(seen)} == {"CAE", "totales"}


def test_a_cae_of_2012_is_good_and_old(referencia: Path, medios: Means) -> None:
    name = "CAE_219999830019_90120000194_e-Ticket.xml"
    seen = inspect((referencia / "dgi" / name).read_bytes(), name, medios)
    assert seen.titulo.startswith("CAE 90120000194: e-Ticket, B 1 a 145778")
    assert males(seen) == []
    assert dichos(seen, "vigencia") == ["El CAE venció el 24/08/2014."]
    assert "no trae TA" in dichos(seen, "TA")[0]
    assert "vale del 27/02/2012 a 27/02/2013" in dichos(seen, "certificado")[0]


def test_dgis_daily_report_adds_up(referencia: Path, medios: Means) -> None:
    name = "Rep_219000090011_20120511_01_Ej_Mod_27032014.xml"
    content = (referencia / "dgi" / name).read_bytes()
    seen = inspect(content, name, medios)
    assert males(seen) == []
    assert dichos(seen, "carátula") == ["CantComprobantes dice 28 y los resúmenes suman 28"]
    wrong = males(inspect(content.replace(b"CantComprobantes>28<", b"CantComprobantes>29<"), name, medios))
    assert [que for que, _ in wrong] == ["firma", "carátula"]


def test_every_example_of_the_reference_is_right(referencia: Path, medios: Means) -> None:
    examples = sorted((referencia / "examples").glob("*.xml"))
    assert len(examples) == 16
    for path in examples:
        assert males(inspect(path.read_bytes(), path.name, medios)) == [], path.name


def test_one_changed_byte_of_a_sobre_breaks_one_signature(referencia: Path, medios: Means) -> None:
    content = (referencia / "dgi" / SOBRE).read_bytes()
    changed = content.replace(b"Juan Perez", b"Juan Peres", 1)
    assert changed != content
    wrong = [check.texto for part in inspect(changed, SOBRE, medios).parts for check in part.checks
             if check.que == "firma" and check.juicio is Juicio.MAL]  # fmt: skip
    assert wrong == ["E2121 La firma no corresponde al documento: su contenido cambió."]


def test_a_document_of_ours_is_right(firmar: Firmar) -> None:
    seen = mirar(firmar())
    assert males(seen) == []
    assert seen.parts[0].titulo == (
        "101-A-7: e-Ticket del 21/11/2026, firmado el 21/11/2026 15:04, emisor 217777770013, $ 235,00"
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b"<MntTotal>235.00<", b"<MntTotal>245.00<", "TOTAL dice 245.00"),
        (b"<MontoItem>235.00<", b"<MontoItem>236.00<", "E1211"),
        (b"<MntIVATasaBasica>42.38<", b"<MntIVATasaBasica>52.38<", "IVA_BASICA dice 52.38"),
        (b"<FmaPago>1<", b"<FmaPago>3<", "E0208"),
        (b"<HNro>1000<", b"<HNro>6<", "el número 7 no está en 90260000001 (A 1 a 6)"),
        (b"<FecVenc>2028-11-21<", b"<FecVenc>2026-11-20<", "venció el 20/11/2026"),
        (b"<RUCEmisor>217777770013<", b"<RUCEmisor>215555550010<", "el certificado es del RUT 217777770013"),
    ],
)
def test_what_is_wrong_in_a_document_is_told_though_it_was_signed_so(
    firmar: Firmar, before: bytes, after: bytes, words: str
) -> None:
    def change(document: bytes) -> bytes:
        assert before in document
        return document.replace(before, after)

    seen = mirar(firmar(change))
    assert dichos(seen, "firma")[0].startswith("es buena")
    assert any(words in text for _, text in males(seen))


def test_the_limit_of_anonymous_tickets_is_judged_where_the_ui_is_known(firmar: Firmar) -> None:
    assert "aquí no se sabe el valor de la UI" in dichos(mirar(firmar()), "reglas")[0]
    for ui, wrong in (("6.40", False), ("0.01", True)):
        seen = inspect(firmar(), "x.xml", Means(today=HOY, ui={2026: Decimal(ui)}))
        assert any("E1104" in text for _, text in males(seen)) is wrong


def test_a_change_after_signing_is_told_whoever_looks(firmar: Firmar, identidad: Identity) -> None:
    for embedded in (True, False):
        changed = firmar(embedded=embedded).replace(b"<MntPagar>235.00<", b"<MntPagar>225.00<")
        for certificate in (None, identidad.certificate):
            assert ("firma" in dict(males(mirar(changed, certificate=certificate)))) is True


def test_without_the_certificate_only_the_content_can_be_vouched_for(firmar: Firmar, identidad: Identity) -> None:
    signed = firmar(embedded=False)
    assert "use --certificado" in dichos(mirar(signed), "firma")[0]
    for known in ({"certificate": identidad.certificate}, {"own": identidad.certificate}):
        assert dichos(mirar(signed, **known), "firma") == ["es buena, de EMPRESA INVENTADA (PRUEBA)"]
    stranger = issue(make_authority(VALIDITY), VALIDITY, rut="215555550010", titular="OTRA (PRUEBA)").certificate
    assert "use --certificado" in dichos(mirar(signed, own=stranger), "firma")[0]
    assert "la clave del certificado no la confirma" in males(mirar(signed, certificate=stranger))[0][1]


def test_a_certificate_that_was_not_valid_then_is_told(firmar: Firmar) -> None:
    seen = mirar(firmar(at=datetime(2025, 12, 31, 12, tzinfo=UTC)))
    assert any("no valía el 31/12/2025, cuando firmó" in text for que, text in males(seen) if que == "certificado")


QR = "https://www.efactura.dgi.gub.uy/consultaQR/cfe?217777770013,101,A,{numero},{monto},{fecha},{hash}"


def test_a_printed_qr_is_compared_as_people_print_it(firmar: Firmar) -> None:
    signed = firmar()
    digest = re.findall(rb"<DigestValue>([^<]+)<", signed)[0].decode()
    encoded = digest.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    for monto, fecha, code in (("235.00", "21/11/2026", encoded), ("235", "20261121", digest)):
        text = QR.format(numero=7, monto=monto, fecha=fecha, hash=code)
        assert dichos(mirar(signed, text), "QR") == ["es el de este CFE"]
    for numero, monto, code, words in (
        (8, "235.00", encoded, "número dice 8 y es 7"),
        (7, "335.00", encoded, "monto dice 335.00"),
        (7, "235.00", encoded[1:], "hash dice"),
    ):
        text = QR.format(numero=numero, monto=monto, fecha="21/11/2026", hash=code)
        assert any(words in wrong for que, wrong in males(mirar(signed, text)) if que == "QR")
    assert "no es el de un QR" in dict(males(mirar(signed, "https://example.com/?a,b")))["QR"]


def sobre(identidad: Identity, *cfes: bytes, count: int = 0) -> bytes:
    certificate = b64encode(identidad.certificate.der)
    head = (
        b'<?xml version="1.0"?>\n<D:EnvioCFE xmlns:D="http://cfe.dgi.gub.uy" version="1.0"><D:Caratula version="1.0">'
        b"<D:RutReceptor>219999830019</D:RutReceptor><D:RUCEmisor>217777770013</D:RUCEmisor><D:Idemisor>1</D:Idemisor>"
        b"<D:CantCFE>%d</D:CantCFE><D:X509Certificate>%s</D:X509Certificate></D:Caratula>"
    ) % (count or len(cfes), certificate)
    return head + b"\n".join(cfes) + b"</D:EnvioCFE>"


def test_a_sobre_is_counted_and_its_certificate_serves_all(firmar: Firmar, identidad: Identity) -> None:
    two = [firmar(numero=n, embedded=False) for n in (7, 8)]
    assert males(mirar(sobre(identidad, *two))) == []
    assert ("carátula", "CantCFE dice 3 y hay 2") in males(mirar(sobre(identidad, *two, count=3)))
    assert ("números", "están más de una vez: 101-A-7") in males(mirar(sobre(identidad, two[0], two[0])))
    text = QR.format(
        numero=8, monto="235", fecha="20261121", hash=re.findall(rb"<DigestValue>([^<]+)<", two[1])[0].decode()
    )
    assert dichos(mirar(sobre(identidad, *two), text), "QR")[0] == "el texto dado es el de 101-A-8"


def test_another_certificate_in_the_envelope_or_in_the_signature_is_told(firmar: Firmar, identidad: Identity) -> None:
    stranger = issue(make_authority(VALIDITY), VALIDITY, rut=identidad.certificate.rut, titular="OTRA (PRUEBA)")
    wrong = males(mirar(sobre(stranger, firmar())))
    assert wrong == [("certificado", "el de la carátula es otro, de OTRA (PRUEBA) (S06)")]
    own = str(identidad.certificate.serial).encode()
    renamed = firmar().replace(b"Number>" + own, b"Number>123")
    assert [que for que, _ in males(mirar(renamed))] == ["certificado"]


def test_a_cfe_whose_signature_hangs_on_its_envelope_is_told_apart(firmar: Firmar, identidad: Identity) -> None:
    declared = b' xmlns:D="http://cfe.dgi.gub.uy"'
    alone = firmar(lambda document: document.replace(b"<CFE ", b"<CFE" + declared + b" ", 1).replace(
        b'<CFE xmlns:D="http://cfe.dgi.gub.uy" xmlns="http://cfe.dgi.gub.uy"',
        b'<CFE xmlns="http://cfe.dgi.gub.uy" xmlns:D="http://cfe.dgi.gub.uy"'))  # fmt: skip
    seen = mirar(sobre(identidad, alone.replace(declared, b"", 1)))
    assert [text for que, text in males(seen) if que == "firma"] == [
        "es buena solo con los espacios de nombres del sobre; DGI controla el CFE suelto (E04)"
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "E0107"),
        (b"hola", "E0107"),
        (b"<CFE>", "E0107"),
        (b'<?xml version="1.0" encoding="klingon"?><CFE/>', "E0107"),
        (b'<?xml version="1.0" encoding="undefined"?><CFE/>', "E0107"),
        (b'<?xml version="1.0" encoding="punycode"?><CFE/>', "E0107"),
        (b'<?xml version="1.0" encoding="utf-7"?><CFE>+2AA- x</CFE>', "E0107"),
        (b'<?xml version="1.0" encoding="unicode_escape"?><CFE>\\ud800</CFE>', "E0107"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><CFE>&a;</CFE>', "E0109"),
        (b"<html/>", "la raíz es «html»"),
        (b"<CFE/>", "E1901"),
        (b"<EnvioCFE><CFE><CFE/></CFE></EnvioCFE>", "E1901"),
        (b"<CAE/>", "E2201"),
        (b"<" + b"a>" * 300, "E0107"),
    ],
)
def test_what_is_no_document_is_said_to_be_none(content: bytes, words: str) -> None:
    assert any(words in text for _, text in males(mirar(content)))


def test_encodings_do_not_change_what_was_signed(firmar: Firmar) -> None:
    text = firmar().decode()
    for encoding in ("utf-16", "iso-8859-1", "utf-8"):
        assert males(mirar(f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding))) == []


def test_an_answer_of_dgi_says_what_was_decided() -> None:
    ack = """<ACKSobre xmlns="http://cfe.dgi.gub.uy" version="1.0">
    <Caratula><RUCEmisor>214844360018</RUCEmisor></Caratula>
    <Detalle><Estado>BS</Estado><MotivosRechazo><Motivo>S02</Motivo><Glosa>RUC</Glosa></MotivosRechazo></Detalle>
    </ACKSobre>"""
    seen = mirar(ack.encode())
    assert dichos(seen, "estado") == ["BS, sobre rechazado: S02 RUC"]
    assert [que for que, _ in males(seen)] == ["firma"]


def test_moments_are_told_in_the_documents_own_hour(firmar: Firmar) -> None:
    assert "15:04" in mirar(firmar()).parts[0].titulo
    assert MOMENTO.hour == 18


@pytest.mark.parametrize(
    "before", ["", "\n\n", '<?xml version="1.0"?>\n', '<?xml version="1.0"\n encoding="utf-8"?>\r\n\n']
)
def test_lines_are_those_of_the_file(before: str) -> None:
    broken = f"{before}<CFE>\n<eTck>\n</CFE>\n"
    assert f"línea {before.count(chr(10)) + 3}," in mirar(broken.encode()).checks[0].texto


def test_the_line_of_what_the_schema_says_is_the_files(firmar: Firmar, medios: Means) -> None:
    signed = firmar().replace(b"<NomItem>", b"\n<NomItem>").replace(b"</NomItem>", b"</NomItem><Nada/>")
    for before in (b"", b'<?xml version="1.0"?>\n\n'):
        told = dichos(inspect(before + signed, "x.xml", medios), "esquema")
        assert [f"línea {before.count(10) + 2}:" in text for text in told] == [True], told
