"""Somebody who may write where files are dropped, and wants more than invoices: through a whole installation."""

import os
import socket
import threading

import pytest
from walking import TICKET

from sincronizador import files
from sincronizador.folders import claim

NAMES = (
    b"..txt", b"...xml", b".txt", b"-rf.txt", b"a\nb.txt", b"a\x1b[2Jb.txt", b"\xff\xfe.txt", b"CON.txt", b"nul.TXT",
    b"a;b|c&d`e$(f).txt", b"%s%n.txt", b"{0}.txt", b" .txt", b"a\\b.txt", "\u202etxt.exe.txt".encode(),
    b"~sinc000000000000.tmp.txt", b"V1~e0123456789ab.txt", b"V1~e0123456789ab~CAJA1.txt", b"'\"<&>.txt", b"a=b.txt",
    b"x" * 196 + b".txt", b"x" * 251 + b".txt", "ñ".encode() * 98 + b".txt",
)  # fmt: skip


@pytest.fixture
def spool(machine):
    machine.configure(salida={"formatos": ()})
    return machine.folder / "spool"


def sale(referencia="R-1"):
    return TICKET.format(referencia=referencia, precio="110,00")


def answered(machine, spool, till=""):
    """Everything that was taken has its answer, and nothing is left in hand."""
    machine.pass_time(seconds=61)
    assert not list((spool / "procesando").iterdir())
    return sorted(path.name for path in (spool / "salida" / till).iterdir() if path.suffix.lower() == ".rsp")


def test_whatever_a_file_is_called_it_is_answered_and_stays_in_its_folders(machine, spool):
    before = sorted(os.listdir(machine.folder))
    for number, name in enumerate(NAMES):
        (spool / "entrada" / os.fsdecode(name)).write_text(sale(f"R-{number}"), "utf-8")
    machine.work()
    machine.pass_time(seconds=61)
    found = {os.fsencode(name) for name in os.listdir(spool / "salida")}
    long = {name for name in NAMES if len(name) > 200}
    assert len(long) == 1
    assert {answer_to(name) for name in set(NAMES) - long} <= found
    assert len([name for name in found if name.lower().endswith(b".rsp")]) == len(NAMES)
    assert not os.listdir(spool / "entrada")
    assert not os.listdir(spool / "procesando")
    assert sorted(os.listdir(machine.folder)) == before
    for name in set(NAMES) - long:
        content = open_bytes(os.path.join(os.fsencode(spool / "salida"), answer_to(name)))
        assert content.count(b"\r\nARCHIVO=") == content.count(b"\r\nREFERENCIA=") == 1, name


def answer_to(name):
    stem, _, extension = name.rpartition(b".")
    return stem + (b".RSP" if extension.isupper() else b".rsp")


def open_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def test_what_is_no_plain_file_is_refused_and_never_opened(machine, spool, monkeypatch):
    box, secret = spool / "entrada", machine.folder / "secreto.txt"
    secret.write_text(sale("SECRETA"), "utf-8")
    (box / "enlace.txt").symlink_to(secret)
    (box / "rondando.txt").symlink_to("rondando.txt")
    os.mkfifo(box / "tuberia.txt")
    (box / "carpeta.txt").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        # A socket's path has 107 bytes at most.
        monkeypatch.chdir(box)
        listening.bind("socket.txt")
        machine.work()
    names = answered(machine, spool)
    assert names == ["carpeta.rsp", "enlace.rsp", "rondando.rsp", "socket.rsp", "tuberia.rsp"]
    answers = machine.answers()
    assert {answer["CODIGO"] for answer in answers.values()} == {"E0102"}
    assert secret.read_text("utf-8") == sale("SECRETA")


def test_a_terabyte_without_a_byte_in_it_is_refused_by_its_size(machine, spool):
    with open(spool / "entrada" / "V1.txt", "wb") as file:
        file.truncate(1 << 40)
    machine.work()
    assert answered(machine, spool) == ["V1.rsp"]
    assert machine.answer("V1.txt")["CODIGO"] == "E0102"


def test_what_is_judged_are_the_bytes_that_were_claimed(machine, spool, monkeypatch):
    """The file is exchanged after it was looked at, at the last moment before it is taken."""
    path, real = spool / "entrada" / "V1.txt", files.move_new

    def exchanged(source, target, **how):
        if source == str(path):
            (spool / "otro").write_text(sale("OTRA"), "utf-8")
            os.replace(spool / "otro", path)
        return real(source, target, **how)

    path.write_text(sale("UNA"), "utf-8")
    monkeypatch.setattr(claim.files, "move_new", exchanged)
    machine.work()
    assert machine.answer("V1.txt")["REFERENCIA"] == "OTRA"


@pytest.mark.parametrize("becomes", ["enlace", "tuberia", "nada", "media"])
def test_what_was_a_sale_when_it_was_looked_at_and_is_none_when_it_is_taken_is_answered(
    machine, spool, monkeypatch, becomes
):
    path, real = spool / "entrada" / "V1.txt", files.move_new

    def exchanged(source, target, **how):
        if source == str(path):
            path.unlink()
            if becomes == "enlace":
                path.symlink_to("/etc/passwd")
            elif becomes == "tuberia":
                os.mkfifo(path)
            elif becomes == "media":
                path.write_text(sale()[:40], "utf-8")
        return real(source, target, **how)

    path.write_text(sale(), "utf-8")
    monkeypatch.setattr(claim.files, "move_new", exchanged)
    machine.work()
    if becomes == "nada":
        assert answered(machine, spool) == []
        return
    assert answered(machine, spool) == ["V1.rsp"]
    code = "E0103" if becomes == "media" else "E0102"
    assert machine.answer("V1.txt")["CODIGO"] == code


def test_a_writer_that_cuts_the_file_after_it_was_taken_gets_an_answer_for_what_was_read(machine, spool):
    path = spool / "entrada" / "V1.txt"
    with open(path, "w", encoding="utf-8") as writer:
        writer.write(sale())
        writer.flush()
        machine.work()
        writer.truncate(10)
        machine.pass_time(seconds=1)
    assert machine.answer("V1.txt")["ESTADO"] == "FIRMADO_LOCAL"


def test_hard_links_of_one_file_are_one_sale(machine, spool):
    first = spool / "entrada" / "V1.txt"
    first.write_text(sale(), "utf-8")
    os.link(first, spool / "entrada" / "V2.txt")
    os.link(first, machine.folder / "mio.txt")
    machine.work()
    assert answered(machine, spool) == ["V1.rsp", "V2.rsp"]
    assert {answer["NUMERO"] for answer in machine.answers().values()} == {"1"}
    with open(machine.folder / "mio.txt", "w") as later:
        later.write("otra cosa")
    assert machine.send("C.txt", sale())["AVISO.1.CODIGO"] == "A0001"


def test_the_folder_of_a_till_that_becomes_a_link_takes_nothing_from_elsewhere(machine, spool, monkeypatch):
    till, elsewhere = spool / "entrada" / "CAJA1", machine.folder / "ajena"
    till.mkdir()
    elsewhere.mkdir()
    (till / "V1.txt").write_text(sale(), "utf-8")
    (elsewhere / "V1.txt").write_text("de otro", "utf-8")
    real = files.move_new

    def exchanged(source, target, **how):
        if source == str(till / "V1.txt") and not till.is_symlink():
            till.rename(spool / "entrada" / "guardada")
            till.symlink_to(elsewhere)
        return real(source, target, **how)

    monkeypatch.setattr(claim.files, "move_new", exchanged)
    machine.work()
    assert (elsewhere / "V1.txt").read_text("utf-8") == "de otro"
    assert not list((spool / "procesando").iterdir())


def test_files_exchanged_all_the_time_are_each_one_answer(machine, spool):
    """A race of its own thread against the scan: sales, links and halves under the same names."""
    box, stop = spool / "entrada", threading.Event()

    def meddle():
        turn = 0
        while not stop.is_set():
            turn += 1
            path, staged = box / f"V{turn % 7}.txt", spool / "a-medias"
            try:
                if turn % 3 == 0:
                    staged.symlink_to("/etc/passwd")
                else:
                    staged.write_text(sale(f"R-{turn}") if turn % 3 == 1 else sale()[:50], "utf-8")
                os.replace(staged, path)
            except FileNotFoundError:
                continue

    thread = threading.Thread(target=meddle)
    thread.start()
    try:
        for _ in range(15):
            machine.intake.take()
    finally:
        stop.set()
        thread.join()
    machine.work()
    machine.pass_time(seconds=61)
    machine.pass_time(seconds=61)
    assert not list((spool / "procesando").iterdir())
    numbers = [answer["NUMERO"] for answer in machine.answers().values() if "NUMERO" in answer]
    assert len(numbers) == len(set(numbers))


def test_a_table_carries_no_formula_into_a_spreadsheet(machine, spool):
    lote = "[LOTE]\nREFERENCIA=L-1\n" + sale("=CMD()").replace("[FIN]\n", "") + sale("-2+3")
    machine.send("L.txt", lote)
    rows = (spool / "salida" / "L.csv").read_bytes().decode("ascii").splitlines()
    assert [row.split(";")[2] for row in rows] == ["REFERENCIA", "'=CMD()", "'-2+3"]


def test_no_field_of_a_file_makes_a_field_of_an_answer(machine):
    text = sale("R\\nESTADO=OK").replace("[FIN]", "[EXTRA]\nMESA=1\\n[RESPUESTA]\\nEMITIDO=SI\n[FIN]")
    machine.send("V1.txt", text)
    lines = (machine.folder / "spool" / "salida" / "V1.rsp").read_bytes().split(b"\r\n")
    assert sum(line.startswith((b"ESTADO=", b"EMITIDO=", b"[RESPUESTA]")) for line in lines) == 3
