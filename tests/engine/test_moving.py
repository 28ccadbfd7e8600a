"""An installation goes on in another machine: one of them numbers, whatever falls in between and whatever people do."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from walking import NOON, TICKET, Crash, FallingJournal, Machine

from sincronizador import cli, sealed_file
from sincronizador.daemon import assembly, marks, moving, restored
from sincronizador.errors import NeedsOperator, Rejected, SincronizadorError
from sincronizador.journal import mark, move, post
from sincronizador.settings import load

PHRASE = "correcto caballo batería"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Guessing a passphrase need not be slow here."""
    monkeypatch.setattr(sealed_file, "_LOG_N", 4)


@pytest.fixture
def old(machine, tmp_path):
    """A machine that works, has a mapping and a template, and sold two."""
    machine.configure(salida={"formatos": ()})
    (machine.folder / "mapeos").mkdir()
    (machine.folder / "mapeos" / "viejo.toml").write_text('formato = "efactshell"\narchivos = ["*.efs"]\n', "utf-8")
    (machine.folder / "certificado" / "emisor.p12.siguiente").write_bytes(b"el siguiente")
    (machine.folder / "plantilla.toml").write_text('pie = ["Gracias"]\n', "utf-8")
    text = (machine.folder / "sincronizador.toml").read_text("utf-8")
    text = text.replace("[salida]", '[entrada]\nmapeos = "mapeos"\n[impresion]\nplantilla = "plantilla.toml"\n[salida]')
    (machine.folder / "sincronizador.toml").write_text(text, "utf-8")
    machine.settings = load(str(machine.folder / "sincronizador.toml"))
    machine.switch_on()
    machine.mark = restored.look_alone(machine.settings, machine.house)
    sell(machine, "V1", "V2")
    machine.mark = marks.keep_mark(machine.settings, machine.house.journal, machine.mark, closed=True)
    machine.house.journal.close()
    return machine


def sell(machine, *names):
    return [machine.send(f"{name}.TXT", TICKET.format(referencia=name, precio="89")) for name in names]


def export(machine, path):
    return moving.export(machine.settings, str(machine.folder / "sincronizador.toml"), str(path), PHRASE, NOON)


def run(toml, *words, typed=""):
    return CliRunner().invoke(cli.main, ["--config", str(toml), *words], input=typed)


def bring(path, folder):
    (folder.parent / "frase.txt").write_text(PHRASE + "\n", "utf-8")
    words = ("mudar", "importar", str(path), "--si", "--clave", str(folder.parent / "frase.txt"))
    return run(folder / "sincronizador.toml", *words)


def starts(machine):
    """Whether the daemon would begin to work; else it says why."""
    try:
        assembly.open_or_create(machine.settings, NOON).close()
    except NeedsOperator as error:
        if error.code != "E9262":
            raise
        return False
    return True


def begin(folder, monkeypatch):
    """The machine there, switched on as its first start would."""
    made = Machine(folder, monkeypatch)
    made.mark, account = restored.take_up(made.settings, made.house)
    return made, account


def test_the_new_one_goes_on_where_the_old_one_stopped_and_the_old_one_stays_down(old, tmp_path, monkeypatch):
    path, home = tmp_path / "usb" / "m.mudanza", tmp_path / "nueva"
    path.parent.mkdir()
    export(old, path)
    assert not starts(old)
    done = bring(path, home)
    assert (done.exit_code, "Sigue numerando" in done.output) == (0, True), done.output
    new, account = begin(home, monkeypatch)
    assert account is None
    (sold,) = sell(new, "V3")
    assert (sold["ESTADO"], sold["NUMERO"]) == ("FIRMADO_LOCAL", "3")
    assert sell(new, "V1")[0]["NUMERO"] == "1"
    for name in ("mapeos/viejo.toml", "plantilla.toml", "certificado/emisor.p12", "certificado/emisor.p12.siguiente"):
        assert (home / name).read_bytes() == (old.folder / name).read_bytes()
    secret = new.settings.certificado.clave
    assert secret.read() == old.settings.certificado.clave.read()
    assert os.stat(secret.path).st_mode & 0o777 == 0o600
    assert not list(home.glob(".mudanza*")) + list(home.glob("*.mudanza"))
    new.house.journal.close()


def test_nothing_of_it_can_be_read_without_the_phrase(old, tmp_path):
    path = tmp_path / "m.mudanza"
    export(old, path)
    content = path.read_bytes()
    secret = old.settings.certificado.clave.read()
    for plain in (secret, b"ALMAC", b"diario.db", b"PK\x03\x04"):
        assert plain not in content
    assert os.stat(path).st_mode & 0o777 == 0o600
    for damaged in (content[:-1], content[:-40], content[:5000] + b"x" + content[5001:], content + b"x", content[:60]):
        path.write_bytes(damaged)
        with pytest.raises(Rejected):
            list(sealed_file.unseal(str(path), PHRASE))
    path.write_bytes(content)
    with pytest.raises(Rejected, match="la frase es otra"):
        list(sealed_file.unseal(str(path), PHRASE + "x"))


def test_pieces_in_another_order_do_not_open(tmp_path):
    path = tmp_path / "f"
    with path.open("wb") as file:
        sealer = sealed_file.Sealer(file, PHRASE, "a" * 32)
        sealer.write(os.urandom(3 << 20) + b"end")
        sealer.close()
    whole = path.read_bytes()
    assert b"".join(sealed_file.unseal(str(path), PHRASE)).endswith(b"end")
    head, piece = sealed_file._HEAD, (1 << 20) + 16
    first, second, rest = whole[head : head + piece], whole[head + piece : head + 2 * piece], whole[head + 2 * piece :]
    for wrong in (second + first + rest, first + rest, first + second, first + first + rest):
        path.write_bytes(whole[:head] + wrong)
        with pytest.raises(Rejected):
            list(sealed_file.unseal(str(path), PHRASE))


@pytest.mark.parametrize("log_n", [0, 21, 255])
def test_a_file_that_asks_for_an_impossible_key_is_none_of_ours(tmp_path: Path, log_n: int) -> None:
    path = tmp_path / "raro"
    with open(path, "wb") as file:
        sealed_file.Sealer(file, PHRASE, "a" * 32).close()
    content = bytearray(path.read_bytes())
    content[sealed_file._HEAD - sealed_file._PREFIX - sealed_file._SALT - 1] = log_n
    path.write_bytes(content)
    with pytest.raises(Rejected, match="no es un archivo de mudanza"):
        list(sealed_file.unseal(str(path), PHRASE))


def test_wherever_an_export_falls_there_is_never_a_file_beside_a_machine_that_works(old, tmp_path, monkeypatch):
    def falling(path):
        journal = FallingJournal(path)
        journal.fate = old.fate
        return journal

    monkeypatch.setattr(moving, "open_journal", falling)
    kept = tmp_path / "before.db"
    shutil.copy(old.settings.diario, kept)
    seen = set()
    for number in range(1, 40):
        # Files of their own: a connection that a fall left open still writes into the earlier ones.
        for ending in ("", "-wal", "-shm"):
            Path(f"{old.settings.diario}{ending}").unlink(missing_ok=True)
        shutil.copy(kept, old.settings.diario)
        path = tmp_path / f"{number}.mudanza"
        old.fate.count, old.fate.fall_at = 0, number
        try:
            export(old, path)
        except Crash:
            old.fate.fall_at = None
            works = starts(old)
            seen.add((works, path.exists()))
            assert not (works and path.exists())
            # A person does it again: under that name if it is free, else under another.
            again = path if not path.exists() else tmp_path / f"{number}-otra.mudanza"
            export(old, again)
            assert not starts(old)
            done = bring(again, tmp_path / f"n{number}")
            assert done.exit_code == 0, done.output
            continue
        break
    old.fate.fall_at = None
    assert seen == {(True, False), (False, False), (False, True)}


def test_a_disk_that_is_full_leaves_a_machine_that_works(old, tmp_path, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(sealed_file.Sealer, "write", full)
        with pytest.raises(SincronizadorError):
            export(old, tmp_path / "m.mudanza")
    assert starts(old)


def test_a_stick_that_is_pulled_out_before_its_file_was_read_back_leaves_nobody_who_numbers(old, tmp_path, monkeypatch):
    path, stick = tmp_path / "m.mudanza", tmp_path / "llevado"

    def gone(*_):
        path.rename(stick)
        raise OSError(5, "Input/output error")
        yield

    with monkeypatch.context() as patched:
        patched.setattr(sealed_file, "unseal", gone)
        with pytest.raises(OSError, match="Input"):
            export(old, path)
    assert not starts(old)
    assert not moving.undo(old.settings, [], NOON).is_sure, "the stick may be in another machine"


def test_wherever_an_import_falls_it_is_done_again_and_numbers_go_on(old, tmp_path, monkeypatch):
    path = tmp_path / "m.mudanza"
    export(old, path)
    for number in range(1, 100, 1 if os.environ.get("FRONTERAS") else 6):
        home = tmp_path / f"n{number}"
        old.fate.count, old.fate.fall_at = 0, number
        try:
            assert bring(path, home).exit_code == 0
            old.fate.fall_at = None
            break
        except Crash:
            pass
        done = bring(path, home)
        assert done.exit_code == 0, done.output
        new, account = begin(home, monkeypatch)
        assert account is None
        assert sell(new, "V3")[0]["NUMERO"] == "3"
        new.house.journal.close()
    assert number > 10


def test_it_is_not_imported_over_an_installation(old, tmp_path, machine):
    path = tmp_path / "m.mudanza"
    export(old, path)
    done = bring(path, old.folder)
    assert (done.exit_code, "E9266" in done.output) == (78, True)
    home = tmp_path / "nueva"
    home.mkdir()
    (home / "diario.db").write_bytes(b"otro")
    done = bring(path, home)
    assert (done.exit_code, "E9266" in done.output) == (78, True)
    assert (home / "diario.db").read_bytes() == b"otro"
    assert not (home / "sincronizador.toml").exists()


def test_a_running_service_is_not_exported(old, tmp_path):
    locks = assembly.take_locks(old.settings, NOON)
    with pytest.raises(NeedsOperator) as refused:
        export(old, tmp_path / "m.mudanza")
    assert refused.value.code == "E9221"
    for lock in locks:
        lock.release()
    assert not (tmp_path / "m.mudanza").exists()
    assert starts(old)


def test_undone_with_its_file_the_old_one_goes_on_and_who_imports_it_is_asked_for_the_numbers(
    old, tmp_path, monkeypatch
):
    path = tmp_path / "m.mudanza"
    export(old, path)
    done = moving.undo(old.settings, [], NOON)
    assert (done.void, done.is_sure) == ((str(path),), True)
    assert starts(old)
    old.switch_on()
    assert restored.take_up(old.settings, old.house)[1] is None
    assert sell(old, "V3")[0]["NUMERO"] == "3"
    old.house.journal.close()
    brought = bring(path, tmp_path / "nueva")
    assert (brought.exit_code, "se deshizo" in brought.output) == (0, True), brought.output
    new, _ = begin(tmp_path / "nueva", monkeypatch)
    assert (sell(new, "V4")[0]["ESTADO"], sell(new, "V4")[0]["MOTIVO"]) == ("ESPERANDO", "SIN_NUMEROS")
    new.house.journal.close()


def test_undone_without_its_file_a_person_says_the_last_number(old, tmp_path):
    path = tmp_path / "m.mudanza"
    export(old, path)
    path.rename(tmp_path / "llevado")
    assert not moving.undo(old.settings, [], NOON).is_sure
    old.switch_on()
    _, account = restored.take_up(old.settings, old.house)
    assert account is not None
    assert account.waiting
    assert sell(old, "V3")[0]["MOTIVO"] == "SIN_NUMEROS"
    with pytest.raises(Rejected, match="no se mudó"):
        moving.undo(old.settings, [], NOON)


def test_undone_with_the_file_where_it_was_taken_to_is_as_good(old, tmp_path):
    path = tmp_path / "m.mudanza"
    export(old, path)
    path.rename(tmp_path / "llevado")
    assert moving.undo(old.settings, [str(tmp_path / "llevado")], NOON).is_sure
    assert sealed_file.read_head(str(tmp_path / "llevado")).is_void


def test_undone_with_a_copy_the_file_where_it_was_made_is_void_too(old, tmp_path):
    path, copy = tmp_path / "m.mudanza", tmp_path / "copia"
    export(old, path)
    shutil.copy(path, copy)
    done = moving.undo(old.settings, [str(copy)], NOON)
    assert (done.void, done.is_sure) == ((str(copy), str(path)), True)
    assert all(sealed_file.read_head(str(one)).is_void for one in (path, copy))


def test_what_took_the_place_of_its_file_is_left_alone_and_nobody_is_sure(old, tmp_path):
    path = tmp_path / "m.mudanza"
    export(old, path)
    path.write_bytes(b"otra cosa")
    done = moving.undo(old.settings, [], NOON)
    assert (done.void, done.is_sure, path.read_bytes()) == ((), False, b"otra cosa")


def test_the_file_of_another_move_undoes_nothing(old, tmp_path):
    export(old, tmp_path / "a")
    moving.undo(old.settings, [], NOON)
    export(old, tmp_path / "b")
    with pytest.raises(Rejected, match="otra mudanza"):
        moving.undo(old.settings, [str(tmp_path / "a")], NOON)
    assert not starts(old)


def test_with_a_cloud_the_new_one_takes_over_by_order(old, tmp_path):
    toml = old.folder / "sincronizador.toml"
    text = toml.read_text("utf-8").replace('ruta = "local"', 'ruta = "nube"')
    cloud = '[nube]\nurl = "http://127.0.0.1:1"\ntoken = "./certificado/token.txt"\n'
    toml.write_text(text.replace("[salida]", f"{cloud}[salida]"), "utf-8")
    (old.folder / "certificado" / "token.txt").write_text("secreto-1\n", "utf-8")
    os.chmod(old.folder / "certificado" / "token.txt", 0o600)
    old.settings = load(str(toml))
    export(old, tmp_path / "m.mudanza")
    done = bring(tmp_path / "m.mudanza", tmp_path / "nueva")
    assert done.exit_code == 0, done.output
    found = load(str(tmp_path / "nueva" / "sincronizador.toml"))
    assert found.nube.token.read() == b"secreto-1"
    assert mark.read(mark.path_of(found.diario)) is not None
    journal = assembly.open_or_create(found, NOON)
    with journal.reading() as db:
        assert (post.read(db).phase, post.read(db).ordered, move.read(db)) == (post.Phase.JOIN, True, None)
    journal.close()


def test_the_command_asks_twice_for_the_phrase_and_says_what_it_did(old, tmp_path):
    toml, path = old.folder / "sincronizador.toml", tmp_path / "m.mudanza"
    done = run(toml, "mudar", "exportar", str(path), typed="n\n")
    assert (done.exit_code, path.exists()) == (130, False)
    done = run(toml, "mudar", "exportar", str(path), typed="s\ncorta\ncorta\n")
    assert (done.exit_code, "al menos 10" in done.output, path.exists()) == (2, True, False)
    done = run(toml, "mudar", "exportar", str(path), typed=f"s\n{PHRASE}\nuna distinta\n{PHRASE}\n{PHRASE}\n")
    assert (done.exit_code, path.exists()) == (0, True), done.output
    assert "E9262" in run(toml, "verificar").output
    assert run(toml, "estado").output.startswith("Se mudó a otra máquina: aquí no se emite nada.")
    done = run(toml, "mudar", "deshacer", typed="s\n")
    assert (done.exit_code, "Anulado" in done.output) == (0, True)
    assert "Se mudó" not in run(toml, "estado").output
