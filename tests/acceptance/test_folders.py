"""The working folders: tills, `validar`, companions, news, heartbeat, printers, and who waits for whom."""

import os
import shutil
import subprocess
import time
from datetime import datetime
from datetime import time as clock
from hashlib import sha256

import pytest
from outside import documents, papers
from outside.answers import form, parse
from outside.dialects import Style, write
from outside.dropping import by_rename
from outside.identity import DAY, write_cae
from outside.installation import Installation, txt, wait_for
from outside.legacy import mistake, simple
from outside.printer import TcpPrinter

UTF8 = Style()


def sale(referencia, today, **more):
    """The bytes of a small sale."""
    return write(simple(referencia, today, **more), UTF8)


def printer_names(own: Installation) -> list[str]:
    """The printers of the TOML."""
    return list(own.settings["impresora"])


def to_tcp(own: Installation, port: int) -> None:
    """Make every printer of the TOML this one."""
    for name in printer_names(own):
        own.configure(f"impresora.{name}", via='"tcp"', destino=f'"127.0.0.1:{port}"')


def free_port() -> int:
    """A port where nobody listens."""
    with TcpPrinter() as gone:
        return gone.port


# Answers


@pytest.mark.parametrize(
    ("name", "answer"),
    [("EXT1.TXT", "EXT1.RSP"), ("ext2.txt", "ext2.rsp"), ("Ext3.TXT", "Ext3.RSP"), ("EXT4.txt", "EXT4.rsp")],
)
def test_an_answers_extension_is_in_the_case_of_the_requests(running, today, name, answer):
    assert running.ask(name, sale(name, today)).path.endswith(f"/{answer}")


@pytest.mark.parametrize("name", ["MIXTA1.Txt", "MIXTA2.tXT", "MIXTA3.Xml"])
def test_an_extension_in_any_case_is_taken(running, today, name):
    style = Style(dialect="xml") if name.endswith("Xml") else UTF8
    running.drop(name, write(simple(name, today), style))
    stem = name.partition(".")[0]
    wait_for("any answer", lambda: next(running.box("salida").glob(f"{stem}.[rR][sS][pP]"), None))


def test_what_an_answer_names_is_there_before_it(running, today):
    for index in range(5):
        name = f"ANTES{index}.txt"
        running.drop(name, sale(f"ANTES{index}", today))
        answer = wait_for("an answer with companions", lambda name=name: _with_companions(running, name))
        documents.parse((running.box("salida") / answer["XML"]).read_bytes())


def _with_companions(own: Installation, name: str):
    """The answer once it names them all; whatever it names at any moment is there, whole."""
    seen = own.peek(name)
    if seen is None:
        return None
    named = [seen[companion] for companion in ("XML", "PDF", "PNG") if seen[companion]]
    assert all((own.box("salida") / path).stat().st_size > 100 for path in named), seen
    return seen if len(named) == 3 else None


def test_the_first_answer_comes_within_a_second(running, today):
    times = []
    for index in range(5):
        name = f"RAPIDO{index}.txt"
        start = time.monotonic()
        running.drop(name, sale(f"RAPIDO{index}", today))
        wait_for("any answer", lambda name=name: running.peek(name))
        times.append(time.monotonic() - start)
    assert sorted(times)[2] < 1.0, times


def test_an_answer_says_which_file_it_answers(running, today):
    content = sale("SHA1", today)
    answer = running.ask("SHA1.TXT", content)
    assert (answer["CONTRATO"], answer["ARCHIVO"], answer["AMBIENTE"]) == ("1", "SHA1.TXT", "PRUEBA")
    assert answer["ENTRADA_SHA256"] == sha256(content).hexdigest()
    assert answer["HORA"]
    assert not list(form(answer, "ascii"))


def test_a_decision_that_was_read_and_deleted_is_not_written_again(running, today):
    names = [f"BORRADA{index}.txt" for index in range(30)]
    for name in names:
        by_rename(str(running.box("entrada")), name, sale(name, today))
    for name in names:
        running.answer(name)
        running.find(name).unlink()
    running.settle()
    time.sleep(4)
    assert [name for name in names if running.find(name)] == []


def test_no_companions_are_written_where_none_are_asked_for(installation, today):
    installation.configure("salida", formatos="[]")
    installation.start()
    answer = installation.ask("SOLO1.txt", sale("SOLO1", today))
    assert (answer["XML"], answer["PDF"], answer["PNG"]) == ("", "", "")
    assert not [path for path in installation.box("salida").iterdir() if path.suffix in (".xml", ".pdf", ".png")]


def test_the_pdf_shows_the_same_qr(running, today, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("needs pdftoppm: apt-get install poppler-utils")
    for tipo in (101, 111):
        running.ask(f"PDF{tipo}.txt", sale(f"PDF{tipo}", today, tipo=tipo))
        answer = running.complete(f"PDF{tipo}.txt")
        pdf = running.box("salida") / answer["PDF"]
        subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", pdf, tmp_path / "hoja"], check=True)
        assert papers.picture_qr((tmp_path / "hoja.png").read_bytes()) == answer["QR"]


def test_papers_and_answers_of_a_trial_installation_say_so(running, today):
    answer = running.ask("PRUEBA1.txt", sale("PRUEBA1", today))
    assert answer["AMBIENTE"] == "PRUEBA"
    page = wait_for("its paper", lambda: _page_of(running, answer.number))
    assert b"PRUEBA" in page


def _page_of(own: Installation, number) -> bytes | None:
    pages = (path.read_bytes() for path in own.papers())
    return next((page for page in pages if papers.number_in(papers.printed_qr(page) or "?0,0,A,0") == number), None)


# Tills


@pytest.mark.parametrize("till", ["CAJA1", "nueva2"])
def test_a_tills_answers_go_to_its_own_folder(running, today, till):
    answer = running.ask("T1.txt", sale(f"TILL-{till}", today), till=till)
    assert answer.first == "OK"
    answer = running.complete("T1.txt", till)
    assert os.path.dirname(answer.path) == str(running.box("salida", till))
    assert (running.box("salida", till) / answer["XML"]).is_file()
    assert not (running.box("salida") / "T1.rsp").exists()


def test_two_tills_may_use_one_name(running, today):
    one = running.ask("MISMO.txt", sale("MISMO-A", today), till="CAJA1")
    two = running.ask("MISMO.txt", sale("MISMO-B", today), till="CAJA2")
    assert one.number != two.number
    assert parse(running.find("MISMO.txt", "CAJA1").read_bytes())["REFERENCIA"] == "MISMO-A"


def test_a_reference_is_the_installations_not_the_tills(running, today):
    one = running.ask("COMUN1.txt", sale("COMUN", today), till="CAJA1")
    two = running.ask("COMUN2.txt", sale("COMUN", today), till="CAJA2")
    assert one.number == two.number


def test_a_till_prints_on_the_printer_of_its_name(installation, today):
    tray = installation.folder / "otra-bandeja"
    tray.mkdir()
    installation.configure("impresora.CAJA9", via='"carpeta"', destino=f'"{tray}"')
    installation.start()
    installation.ask("P1.txt", sale("PCAJA9", today), till="CAJA9")
    wait_for("its paper in the other tray", lambda: list(tray.glob("*.bin")) or None)


def test_a_sales_own_printer_wins(installation, today):
    tray = installation.folder / "cocina"
    tray.mkdir()
    installation.configure("impresora.COCINA", via='"carpeta"', destino=f'"{tray}"')
    installation.start()
    content = sale("PCOCINA", today).replace(b"FORMA_PAGO", b"IMPRESORA=cocina\r\nFORMA_PAGO")
    installation.ask("P1.txt", content)
    wait_for("its paper in the kitchen", lambda: list(tray.glob("*.bin")) or None)


# Checking only


def test_a_checked_file_is_valid_and_takes_no_number(running, today):
    before = running.ask("ANTES-VAL.txt", sale("ANTES-VAL", today)).number
    running.drop("VAL1.txt", sale("VAL1", today), box="validar")
    answer = running.answer("VAL1.txt", suffix=".val")
    assert (answer.first, answer["ESTADO"], answer["EMITIDO"], answer["NUMERO"]) == ("OK", "VALIDO", "NO", "")
    assert running.find("VAL1.txt") is None
    after = running.ask("TRAS-VAL.txt", sale("TRAS-VAL", today)).number
    assert after[2] == before[2] + 1
    assert running.ask("VAL1.txt", sale("VAL1", today)).first == "OK"


def test_a_checked_file_with_mistakes_is_invalid_and_says_all(running, today):
    wrong = mistake("E0205", "VAL2", UTF8, today)
    running.drop(wrong.name, wrong.content(), box="validar")
    answer = running.answer(wrong.name, suffix=".val")
    assert (answer.first, answer["ESTADO"], answer["CODIGO"]) == ("ERROR", "INVALIDO", "E0205")


def test_the_command_checks_a_file_too(running, today, tmp_path):
    right, wrong = tmp_path / "bien.txt", tmp_path / "mal.txt"
    right.write_bytes(sale("CMD1", today))
    wrong.write_bytes(mistake("E0205", "CMD2", UTF8, today).content())
    assert running.run("validar", str(right)).returncode == 0
    told = running.run("validar", str(right), str(wrong))
    assert told.returncode == 1
    assert "E0205" in told.stdout + told.stderr


# Who waits


@pytest.fixture
def waiting(blank, today, tmp_path):
    """An installation without numbers, and how it gets some."""
    now = datetime.combine(today, clock(12))
    path = write_cae(
        tmp_path, blank.settings["emisor"]["rut"], 101, serie="A", first=1, last=100, expires=now + 300 * DAY, today=now
    )
    blank.start()
    blank.give = lambda: blank.run("cae", "importar", str(path), "--ambiente", "prueba")
    return blank


def _waits(own: Installation, name: str):
    return own.answer(name, until=lambda seen: seen["ESTADO"] == "ESPERANDO")


def test_a_file_waits_in_entrada_while_the_first_of_its_stem_is_undecided(waiting, today):
    waiting.drop("TURNO.txt", sale("TURNO-1", today))
    _waits(waiting, "TURNO.txt")
    by_rename(str(waiting.box("entrada")), "turno.TXT", sale("TURNO-2", today))
    time.sleep(3)
    assert (waiting.box("entrada") / "turno.TXT").exists()
    waiting.drop("TURNO.txt", sale("TURNO-3", today), till="CAJA1")
    waiting.answer("TURNO.txt", "CAJA1", until=lambda seen: seen["ESTADO"] == "ESPERANDO")
    assert waiting.give().returncode == 0
    second = wait_for("the second's decision", lambda: _referencia(waiting, "TURNO-2"))
    assert second.number


def _referencia(own: Installation, referencia: str):
    for path in own.box("salida").glob("*.[rR][sS][pP]"):
        answer = parse(path.read_bytes(), str(path))
        if answer["REFERENCIA"] == referencia and answer.decided:
            return answer
    return None


def test_a_decision_is_written_although_its_pending_answer_was_deleted(waiting, today):
    waiting.drop("PEND1.txt", sale("PEND1", today))
    _waits(waiting, "PEND1.txt")
    waiting.find("PEND1.txt").unlink()
    assert waiting.give().returncode == 0
    assert waiting.answer("PEND1.txt").first == "OK"


def test_what_waits_survives_the_daemon(waiting, today):
    waiting.drop("PEND2.txt", sale("PEND2", today))
    _waits(waiting, "PEND2.txt")
    waiting.kill()
    waiting.start()
    assert waiting.give().returncode == 0
    assert waiting.answer("PEND2.txt").first == "OK"


# Heartbeat


def test_the_heartbeat_grows_and_tells_the_state(running, today):
    running.ask("LAT.txt", sale("LAT", today), till="CAJA1")
    beat = _beat(running)
    assert int(beat["PULSO"]) >= 0
    for field in ("CONTRATO", "VERSION", "AMBIENTE", "MODO", "DESDE", "COLA_ENVIO", "COLA_IMPRESION", "DUDOSOS"):
        assert beat.get(field), (field, beat)
    assert (beat["MODO"], beat["AMBIENTE"]) == ("LOCAL", "PRUEBA")
    assert int(beat["QUEDAN.101"]) > 0
    assert int(beat["CERTIFICADO_DIAS"]) > 0
    later = wait_for("another pulse", lambda: _later(running, int(beat["PULSO"])), 25)
    assert int(later["PULSO"]) > int(beat["PULSO"])
    wait_for("the till's", lambda: (running.box("salida", "CAJA1") / "LATIDO.TXT").exists() or None)


def test_a_stopped_daemon_says_so_in_its_heartbeat(installation):
    installation.start()
    assert _beat(installation)["MODO"] == "LOCAL"
    assert installation.stop() == 0
    assert _beat(installation)["MODO"] == "DETENIDO"


def _beat(own: Installation):
    path = own.box("salida") / "LATIDO.TXT"
    raw = wait_for("LATIDO.TXT", lambda: path.exists() and path.read_bytes())
    return dict(line.split("=", 1) for line in raw.decode().split("\r\n") if "=" in line)


def _later(own: Installation, pulse: int):
    beat = _beat(own)
    return beat if int(beat["PULSO"]) > pulse else None


# Folders in trouble


def test_entrada_deleted_and_made_again_goes_on(installation, today):
    installation.start()
    shutil.rmtree(installation.box("entrada"))
    time.sleep(1)
    installation.box("entrada").mkdir(exist_ok=True)
    assert installation.ask("SIGUE1.txt", sale("SIGUE1", today)).first == "OK"


def test_salida_deleted_is_told_and_its_answers_come_once_it_is_back(installation, today):
    installation.start()
    installation.ask("ANTES1.txt", sale("ANTES1", today))
    shutil.rmtree(installation.box("salida"))
    by_rename(str(installation.box("entrada")), "SIGUE2.txt", sale("SIGUE2", today))
    time.sleep(2)
    assert installation.alive(), installation.tail()
    told = installation.run("verificar")
    assert told.returncode != 0 or installation.box("salida").exists(), told.stdout
    installation.box("salida").mkdir(exist_ok=True)
    assert installation.answer("SIGUE2.txt", patience=60).first == "OK"


def test_a_full_disk_loses_nothing(installation, today):
    spool = installation.spool
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", spool], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs leave to mount a small tmpfs: run as root")
    try:
        installation.start()
        first = installation.ask("LLENO0.txt", sale("LLENO0", today))
        for index in range(3):
            (installation.box("entrada") / f"LLENO{index + 1}.tmp").write_bytes(sale(f"LLENO{index + 1}", today))
        _fill(spool / "relleno")
        for index in range(3):
            path = installation.box("entrada") / f"LLENO{index + 1}.tmp"
            path.rename(path.with_suffix(".txt"))
        time.sleep(3)
        assert installation.alive(), installation.tail()
        told = installation.run("verificar")
        assert told.returncode != 0, told.stdout
        (spool / "relleno").unlink()
        answers = [installation.answer(f"LLENO{index + 1}.txt", patience=60) for index in range(3)]
        assert [answer.first for answer in answers] == ["OK"] * 3
        assert {answer.number[2] for answer in answers} == {first.number[2] + step for step in (1, 2, 3)}
    finally:
        installation.kill()
        subprocess.run(["umount", "-l", spool], check=False)


def _fill(path) -> None:
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


# Printers in trouble


def test_a_printer_that_is_off_delays_no_answer_and_prints_later(installation, today):
    port = free_port()
    to_tcp(installation, port)
    installation.start()
    start = time.monotonic()
    answer = installation.ask("APAGADA1.txt", sale("APAGADA1", today))
    assert (answer.first, answer["IMPRESION"]) == ("OK", "PENDIENTE")
    assert time.monotonic() - start < 5
    with TcpPrinter(port=port) as printer:
        wait_for("the paper", lambda: printer.pages or None, 60)
        later = installation.answer("APAGADA1.txt", until=lambda seen: seen["IMPRESION"] != "PENDIENTE")
        assert later["IMPRESION"] in ("IMPRESO", "ENTREGADO")
        assert [papers.is_copy(page) for page in printer.pages] == [False]


def test_a_printer_that_says_nothing_gives_entregado_and_allows_another_original(installation, today):
    with TcpPrinter(silent=True) as printer:
        to_tcp(installation, printer.port)
        installation.start()
        installation.ask("MUDA1.txt", sale("MUDA1", today))
        installation.answer("MUDA1.txt", until=lambda seen: seen["IMPRESION"] == "ENTREGADO")
        without = installation.ask("MUDA1-b.txt", txt("REIMPRIMIR", REFERENCIA="MUDA1", ORIGINAL="SI"))
        assert without.first == "ERROR", without
        again = txt("REIMPRIMIR", REFERENCIA="MUDA1", ORIGINAL="SI", MOTIVO="se tranco el papel")
        assert installation.ask("MUDA1-c.txt", again)["ESTADO"] == "RESUELTO"
        assert [papers.is_copy(page) for page in printer.pages] == [False, False]


def test_a_printer_that_dies_half_way_gives_dudoso_and_news(installation, today):
    with TcpPrinter(dies_after=40) as printer:
        to_tcp(installation, printer.port)
        installation.start()
        answer = installation.ask("MUERE1.txt", sale("MUERE1", today))
        assert (answer.first, answer["IMPRESION"]) == ("OK", "PENDIENTE")
        installation.find("MUERE1.txt").unlink()
        printer.may_die.set()
        news = wait_for("news", lambda: list(installation.box("novedades").glob("*.RSP")) or None, 60)
        told = parse(news[0].read_bytes(), str(news[0]))
        assert (told["REFERENCIA"], told["IMPRESION"], bool(told["NOVEDAD"])) == ("MUERE1", "DUDOSO", True), told
        assert len(news[0].stem) == 8
        assert news[0].stem.isdigit()
        assert installation.find("MUERE1.txt") is None


def test_an_invoice_is_not_printed_on_a_roll_unless_published(installation, today):
    installation.configure("publicacion", activa="false")
    installation.start()
    answer = installation.ask("A4.txt", sale("A4", today, tipo=111))
    assert (answer.first, answer.codes("AVISO")) == ("OK", ["A4102"])
    assert installation.answer("A4.txt", until=lambda seen: bool(seen["PDF"]))
    installation.ask("ROLLO.txt", sale("ROLLO", today))
    wait_for("the ticket's paper", lambda: installation.papers() or None)
    numbers = {papers.number_in(papers.printed_qr(path.read_bytes()))[0] for path in installation.papers()}
    assert numbers == {101}
