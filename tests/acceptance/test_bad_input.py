"""Each trouble of a dropped file, its answer, and a daemon that lives on."""

import os
from dataclasses import replace
from random import Random

import pytest
from outside import documents
from outside.dialects import Style, write
from outside.dropping import slowly
from outside.installation import txt
from outside.legacy import MISTAKES, mistake, simple

UTF8 = Style()
ENTITY_BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE CFE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<CFE xmlns="http://cfe.dgi.gub.uy" version="1.0"><eTck>&d;</eTck></CFE>
"""


@pytest.fixture(autouse=True)
def lives(running, today):
    """After each trouble the next sale is answered."""
    yield
    assert running.alive(), running.tail()
    proof = f"VIVE{Random().randrange(10**9)}"
    assert running.ask(f"{proof}.txt", write(simple(proof, today), UTF8)).first == "OK"


def refused(running, name, content, *codes):
    """Drop it; the answer must be ERROR with one of these codes."""
    answer = running.ask(name, content)
    assert (answer.first, answer["ESTADO"]) == ("ERROR", "RECHAZADO"), answer
    assert answer["CODIGO"] in codes, answer
    assert answer.codes("ERROR"), answer
    assert all(fields.get("MENSAJE") for fields in answer.numbered("ERROR"))
    return answer


@pytest.mark.parametrize("code", sorted(MISTAKES))
def test_a_mistake_is_refused_with_its_code_its_sentence_and_its_hint(running, today, code):
    wrong = mistake(code, f"M{code}", UTF8, today)
    answer = refused(running, wrong.name, wrong.content(), code)
    first = next(answer.numbered("ERROR"))
    assert first.get("SUGERENCIA"), answer
    assert answer.codes("ERROR") == [code], answer


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [
        ("E0203", "FORMA_PAGO", "CONTADO"),
        ("E0205", "CANTIDAD", "dos"),
        ("E0206", "PRECIO", "1.175"),
        ("E0207", "FECHA", "31/02/2026"),
    ],
)
def test_a_mistake_is_told_with_its_line_its_field_and_its_value(running, today, code, field, value):
    wrong = mistake(code, f"L{code}", UTF8, today)
    content = wrong.content()
    first = next(refused(running, wrong.name, content, code).numbered("ERROR"))
    written = content.decode().split("\r\n")
    places = [number for number, line in enumerate(written, 1) if line == f"{field}={value}"]
    assert (first.get("CAMPO"), first.get("LINEA")) == (field, str(places[-1]))
    assert first.get("VALOR") in (value, None if code == "E0203" else value)


def test_all_mistakes_of_a_file_are_told_at_once_in_order_of_line(running, today):
    wrong = mistake("E0205", "TODOS1", UTF8, today)
    content = wrong.content().replace(b"FORMA_PAGO=CONTADO", b"FORMA_PAGO=FIADO\r\nCOLOR=ROJO")
    answer = refused(running, "TODOS1.txt", content, "E0208")
    assert answer.codes("ERROR") == ["E0208", "E0201", "E0205"], answer
    assert "3" in answer["MENSAJE"]


def test_an_unknown_name_is_answered_with_the_nearest_known_one(running, today):
    content = write(simple("CERCA1", today), UTF8).replace(b"FORMA_PAGO", b"FORMA_PAJO")
    answer = running.ask("CERCA1.txt", content)
    assert "E0201" in answer.codes("ERROR")
    assert b"FORMA_PAGO" in answer.raw


def test_an_empty_file_is_refused_once_it_never_grew(running):
    refused(running, "VACIO.TXT", b"", "E0101", "E0103")


def test_a_file_of_blanks_is_refused(running):
    refused(running, "BLANCO.TXT", b" \r\n\r\n \x1a", "E0101", "E0103")


def test_a_half_written_file_is_refused_once_it_stopped_growing(running, today):
    whole = write(simple("MEDIO1", today), UTF8)
    refused(running, "MEDIO1.TXT", whole[: len(whole) // 2], "E0103")


def test_a_txt_without_its_end_mark_is_refused(running, today):
    refused(running, "SINFIN.TXT", write(simple("SINFIN", today), UTF8).replace(b"[FIN]", b""), "E0103")


def test_a_file_that_goes_on_growing_is_waited_for(running, today):
    whole = write(simple("LENTO1", today), UTF8)
    parts = [whole[start : start + 40] for start in range(0, len(whole), 40)]
    slowly(str(running.box("entrada")), "LENTO1.TXT", parts, pause=0.9)
    assert running.answer("LENTO1.TXT").first == "OK"


@pytest.mark.parametrize("name", ["GRANDE1.TXT", "GRANDE2.XML"])
def test_a_file_over_five_megabytes_is_refused(running, today, name):
    content = write(simple("GRANDE1", today), UTF8).replace(b"[ITEM]", b"; " + b"x" * 5_300_000 + b"\r\n[ITEM]", 1)
    refused(running, name, content, "E0102")


@pytest.mark.parametrize("tail", [b"", b"\r\n[FIN]\r\n"])
def test_a_binary_file_is_refused(running, tail):
    content = Random(4).randbytes(20_000) + tail
    answer = running.ask(f"BINARIO{len(tail)}.TXT", content)
    assert answer.first == "ERROR"
    assert answer["CODIGO"].startswith(("E01", "E02")), answer


def test_what_is_not_spanish_in_any_encoding_still_gets_an_answer(running, today):
    content = write(simple("RARO1", today), UTF8).replace(b"Yerba", b"Yerba \x81\x8d\x9d\xff")
    assert running.ask("RARO1.TXT", content).decided


def test_a_configured_encoding_that_the_file_breaks_is_refused(installation, today):
    installation.configure("entrada", codificacion='"utf-8"')
    installation.start()
    content = write(simple("CODIF1", today), UTF8).replace(b"Yerba", b"Caf\xe9")
    refused(installation, "CODIF1.TXT", content, "E0101")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp850", "cp1252"])
@pytest.mark.parametrize(("newline", "mark"), [("\r\n", "crlf"), ("\r", "cr"), ("\n", "lf")])
def test_every_encoding_and_line_end_with_control_z_is_read(running, today, encoding, newline, mark):
    referencia = f"COD-{encoding}-{mark}".upper()
    sale = simple(referencia, today)
    sale = replace(sale, lines=(replace(sale.lines[0], detalle="Ñandú, café y ají"),))
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    content = bom + write(sale, Style(encoding=encoding, newline=newline, trailer="\n\x1a"))
    answer = running.ask(f"{referencia}.TXT", content)
    assert answer.first == "OK", answer
    answer = running.complete(f"{referencia}.TXT")
    document = documents.parse((running.box("salida") / answer["XML"]).read_bytes())
    assert document.text("NomItem") == "Ñandú, café y ají"


def test_an_xml_bomb_is_refused_at_once(running):
    refused(running, "BOMBA.xml", ENTITY_BOMB, "E0109")


def test_an_xml_that_reads_a_local_file_is_refused(running):
    content = b'<?xml version="1.0"?>\n<!DOCTYPE CFE [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<CFE>&x;</CFE>'
    answer = refused(running, "LADRON.xml", content, "E0109")
    with open("/etc/hostname", "rb") as file:
        assert file.read().strip() not in answer.raw


def test_a_malformed_xml_is_refused(running):
    refused(running, "ROTO.xml", b'<CFE xmlns="http://cfe.dgi.gub.uy"><eTck></CFE></eTck>', "E0107")


def test_a_cut_xml_is_refused_once_it_stopped_growing(running, today):
    whole = write(simple("CORTADO", today), Style(dialect="xml"))
    refused(running, "CORTADO.xml", whole[:-20], "E0103")


def test_an_xml_that_is_no_cfe_is_refused(running):
    answer = running.ask("OTRO.xml", b"<factura><total>1</total></factura>")
    assert answer.first == "ERROR", answer


def test_a_cfe_that_arrives_signed_is_refused(running):
    folder = documents.reference()
    if folder is None:
        pytest.skip("needs a signed official sample: set SINCRONIZADOR_REFERENCIA to the reference folder")
    refused(running, "FIRMADO.xml", (folder / "uruguay/examples/101_eticket.xml").read_bytes(), "E0110")


def test_a_symlink_is_refused_and_not_followed(running, tmp_path, today):
    target = tmp_path / "secreto.txt"
    target.write_bytes(write(simple("ENLACE1", today), UTF8))
    os.symlink(target, running.box("entrada") / "ENLACE1.TXT")
    answer = running.answer("ENLACE1.TXT")
    assert (answer.first, answer["CODIGO"]) == ("ERROR", "E0102")
    assert target.exists()
    assert not answer["REFERENCIA"]


def test_a_dangling_symlink_is_refused(running):
    os.symlink("/no/existe/nada.txt", running.box("entrada") / "ENLACE2.TXT")
    assert running.answer("ENLACE2.TXT")["CODIGO"] == "E0102"


def test_a_fifo_is_refused_and_blocks_nobody(running):
    os.mkfifo(running.box("entrada") / "TUBO.TXT")
    assert running.answer("TUBO.TXT")["CODIGO"] == "E0102"


@pytest.mark.parametrize("stem", ["V..1", "..V2", "..", "..\\..\\V4", "-rf", " V5 ", "V 6;x", "%s", "[FIN]", "CON"])
def test_a_strange_name_is_answered_under_that_name_and_nowhere_else(running, today, stem):
    outside = set(running.folder.parent.iterdir())
    referencia = f"NOMBRE-{stem.encode().hex()}"
    answer = running.ask(f"{stem}.TXT", write(simple(referencia, today), UTF8))
    assert (answer.first, answer["REFERENCIA"]) == ("OK", referencia), answer
    assert set(running.folder.parent.iterdir()) == outside


def test_a_name_of_two_hundred_characters_is_answered(running, today):
    name = "L" * 196 + ".TXT"
    assert running.ask(name, write(simple("LARGO200", today), UTF8)).first == "OK"


def test_a_name_too_long_for_its_answer_is_still_answered_or_refused(running, today):
    name = "M" * 251 + ".TXT"
    temporary = running.box("entrada") / "largo.tmp"
    temporary.write_bytes(write(simple("LARGO255", today), UTF8))
    os.rename(temporary, running.box("entrada") / name)
    assert running.answer(name).decided


def test_a_name_with_a_line_break_breaks_no_answer(running, today):
    answer = running.ask("DOS\nLINEAS.TXT", write(simple("SALTO1", today), UTF8))
    assert answer.first == "OK"
    assert answer["REFERENCIA"] == "SALTO1"


def test_a_name_in_another_encoding_is_answered_under_the_same_bytes_and_holds_up_nobody(installation, today):
    installation.start()
    name = os.fsdecode("PEÑA1.TXT".encode("cp1252"))
    assert installation.ask(name, write(simple("BYTES1", today), UTF8)).first == "OK"
    installation.ask("TRAS-BYTES1.TXT", write(simple("TRAS-BYTES1", today), UTF8))
    installation.complete("TRAS-BYTES1.TXT")
    assert installation.find(name)
    installation.settle()
    assert "event=bug" not in installation.tail()


def test_a_read_only_file_is_taken(running, today):
    path = running.box("entrada") / "SOLOLEER.tmp"
    path.write_bytes(write(simple("SOLOLEER", today), UTF8))
    path.chmod(0o444)
    os.rename(path, running.box("entrada") / "SOLOLEER.TXT")
    assert running.answer("SOLOLEER.TXT").first == "OK"


@pytest.mark.parametrize("ending", ["tmp", "TMP", "$$$", "part", "Part", "bak", "rsp"])
def test_a_temporary_name_is_never_taken(running, today, ending):
    path = running.box("entrada") / f"TEMPORAL-{ending}.{ending}"
    path.write_bytes(write(simple(f"TEMPORAL-{ending}", today), UTF8))
    running.ask(f"TRAS-{ending}.txt", write(simple(f"TRAS-{ending}", today), UTF8))
    assert path.exists()
    path.unlink()


def test_two_requests_in_one_file_are_refused(running, today):
    content = write(simple("DOBLE1", today), UTF8).replace(b"[FIN]", b"[CONSULTA]\r\nREFERENCIA=DOBLE1\r\n[FIN]")
    assert running.ask("DOBLE1.txt", content).first == "ERROR"


def test_a_request_for_nothing_is_refused(running):
    assert running.ask("NADA.txt", b"[FIN]\r\n").first == "ERROR"
    assert running.ask("NADA2.txt", txt("RECEPTOR", NOMBRE="Ana")).first == "ERROR"


@pytest.mark.parametrize(
    ("aviso", "old", "new"),
    [
        ("A0220", b"DETALLE=Yerba", b"DETALLE=" + b"Yerba mate de la buena " * 5),
        ("A0210", b"[FIN]", b"[TOTALES]\r\nA_PAGAR=121,50\r\n[FIN]"),
        ("A0211", b"PRECIO=122,00", b"PRECIO=122,00000004"),
    ],
)
def test_a_remark_does_not_refuse_the_sale(running, today, aviso, old, new):
    content = write(simple(f"AVISO-{aviso}", today), UTF8).replace(old, new)
    answer = running.ask(f"AVISO-{aviso}.txt", content)
    assert answer.first == "OK", answer
    assert answer.codes("AVISO") == [aviso], answer


def test_long_texts_are_an_error_where_so_configured(installation, today):
    installation.configure("textos", largos='"error"')
    installation.start()
    content = write(simple("LARGO1", today), UTF8).replace(b"Yerba", b"Yerba mate de la buena " * 5)
    refused(installation, "LARGO1.txt", content, "E0220")


@pytest.mark.parametrize(("setting", "expected"), [("COMA", "1175.00"), ("PUNTO", "1.18")])
def test_an_ambiguous_number_is_decided_by_decimal(running, today, setting, expected):
    sale = simple(f"AMBIGUO-{setting}", today)
    content = write(sale, UTF8).replace(b"PRECIO=122,00", b"PRECIO=1.175")
    content = content.replace(b"FORMA_PAGO", f"DECIMAL={setting}\r\nFORMA_PAGO".encode())
    assert running.ask(f"AMBIGUO-{setting}.txt", content)["A_PAGAR"] == expected


def test_what_is_empty_is_absent(running, today):
    content = write(simple("VACIOS1", today), UTF8).replace(
        b"[ITEM]",
        b"[RECEPTOR]\r\nTIPO_DOC=CI\r\nDOCUMENTO=00000000\r\nNOMBRE=\r\n"
        b"[REFERENCIA]\r\nTIPO=\r\nNUMERO=0\r\nFECHA=  /  /  \r\n"
        b"[PAGO]\r\nMEDIO=EFECTIVO\r\nVALOR=0,00\r\n[ITEM]",
        1,
    )
    answer = running.ask("VACIOS1.txt", content)
    assert answer.first == "OK", answer
    answer = running.complete("VACIOS1.txt")
    document = documents.parse((running.box("salida") / answer["XML"]).read_bytes())
    assert not document.text("DocRecep")
    assert not document.text("NroCFERef")
    assert not document.text("ValorPago")


def test_without_a_reference_the_name_serves_where_so_configured(installation, today):
    installation.configure("entrada", sin_referencia='"nombre"')
    installation.start()
    content = write(simple("X", today), UTF8).replace(b"REFERENCIA=X\r\n", b"")
    first = installation.ask("V777.TXT", content)
    assert (first.first, first["REFERENCIA"]) == ("OK", "V777")
    second = installation.ask("V777.TXT", content)
    assert (second.number, second.codes("AVISO")) == (first.number, ["A0001"])
