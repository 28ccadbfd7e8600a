"""An installation that numbers alone and is put back to yesterday: nothing is numbered twice, nothing is forgotten."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from walking import NOON, TICKET, Crash

from sincronizador import files
from sincronizador.daemon import assembly, backup, marks, restored
from sincronizador.engine.health import examine
from sincronizador.errors import NeedsOperator, Rejected
from sincronizador.folders.answers import parse_answer
from sincronizador.journal import doubts, leases, mark


def sell(machine, *names):
    return [machine.send(f"{name}.TXT", TICKET.format(referencia=name, precio="89")) for name in names]


def numbers(machine):
    with machine.house.journal.reading() as db:
        rows = db.execute("SELECT numero, referencia FROM document JOIN job ON job.id = job ORDER BY numero")
        return dict(rows.fetchall())


@pytest.fixture
def shop(machine):
    """A machine that started once, so that its mark lies there, with a mirror if it is wanted."""
    machine.configure(salida={"formatos": ()})
    machine.mark = restored.look_alone(machine.settings, machine.house)
    return machine


def back_up(machine):
    folder = machine.folder / "respaldos"
    return backup.create(machine.settings, str(machine.folder / "sincronizador.toml"), str(folder), NOON).path


def destroy(machine):
    """The disk of the journal; the mark told of what came before."""
    machine.mark = marks.keep_mark(machine.settings, machine.house.journal, machine.mark)
    machine.house.journal.close()
    for ending in ("", "-wal", "-shm"):
        if os.path.exists(machine.settings.diario + ending):
            os.unlink(machine.settings.diario + ending)


def put_back(machine, path):
    machine.house.journal.close()
    backup.restore(machine.settings, path, NOON)
    return start(machine)


def start(machine):
    machine.switch_on()
    machine.mark, account = restored.take_up(machine.settings, machine.house)
    return account


def use_mirror(machine):
    os.makedirs(machine.folder / "espejo", exist_ok=True)
    machine.configure(respaldo={"espejo": str(machine.folder / "espejo")})


def clear(machine, *folders):
    """What the reader of the answers, and who cleans up, has taken away."""
    for name in folders:
        for path in sorted((machine.folder / "spool" / name).rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()


def test_no_number_is_used_again_though_nothing_is_left_but_the_backup(shop):
    sell(shop, "V1", "V2")
    path = back_up(shop)
    sell(shop, "V3", "V4")
    destroy(shop)
    os.unlink(mark.path_of(shop.settings.diario))
    clear(shop, "salida", "procesados", "novedades")
    account = put_back(shop, path)
    assert (101, "A", 2) in account.waiting
    (answer,) = sell(shop, "V5")
    assert (answer["ESTADO"], answer["MOTIVO"], answer["CODIGO"]) == ("ESPERANDO", "SIN_NUMEROS", "E2009")
    refused = shop.order("confirmar", tipo="101", serie="A", ultimo="1")
    assert (refused.ok, "de 2 (el último conocido)" in refused.sentence) == (False, True)
    assert shop.order("confirmar", tipo="101", serie="A", ultimo="4").ok
    shop.pass_time(seconds=61)
    assert shop.answer("V5.TXT")["NUMERO"] == "5"
    assert numbers(shop) == {1: "V1", 2: "V2", 5: "V5"}


def test_the_mark_tells_what_was_given_though_the_folders_are_empty(shop):
    path = back_up(shop)
    sell(shop, "V1", "V2", "V3")
    destroy(shop)
    clear(shop, "salida", "procesados")
    account = put_back(shop, path)
    assert (101, "A", 3) in account.waiting
    assert shop.order("confirmar", encontrados="SI").ok
    (answer,) = sell(shop, "V9")
    assert answer["NUMERO"] == "4"


def test_what_the_mirror_has_comes_back_and_the_sale_dropped_again_is_the_same(shop):
    use_mirror(shop)
    path = back_up(shop)
    first = sell(shop, "V1", "V2")
    destroy(shop)
    clear(shop, "salida", "procesados")
    account = put_back(shop, path)
    assert (account.adopted, account.lost) == (2, ())
    (again,) = sell(shop, "V2")
    assert (again["NUMERO"], again["AVISO.1.CODIGO"]) == (first[1]["NUMERO"], "A0001")
    assert shop.order("reimprimir", que="V2", impresora="CAJA1").ok
    shop.work()
    assert shop.papers()[-1] == ("101-A-2", True)


def test_what_the_lost_journal_still_has_comes_back(shop):
    path = back_up(shop)
    sell(shop, "V1", "V2")
    clear(shop, "salida", "procesados")
    account = put_back(shop, path)
    assert (account.adopted, account.lost) == (2, ())
    assert numbers(shop) == {1: "V1", 2: "V2"}


def test_the_signed_xml_beside_an_answer_comes_back(shop):
    shop.configure(salida={"formatos": ("xml",)})
    path = back_up(shop)
    sell(shop, "V1", "V2")
    (shop.folder / "spool" / "salida" / "V2.XML").write_bytes(b"<CFE/>")
    destroy(shop)
    account = put_back(shop, path)
    assert (account.adopted, account.lost) == (1, (("V2", "101-A-2"),))
    assert any("V2.XML" in sentence for sentence in account.foreign)


def test_a_sale_that_was_answered_and_whose_document_is_lost_is_not_issued_twice(shop):
    path = back_up(shop)
    sell(shop, "V1")
    kept = (shop.folder / "spool" / "salida" / "V1.RSP").read_bytes()
    destroy(shop)
    account = put_back(shop, path)
    shop.work()
    assert account.lost == (("V1", "101-A-1"),)
    assert (shop.folder / "spool" / "salida" / "V1.RSP").read_bytes() == kept, "an OK is never taken back"
    shop.order("confirmar", encontrados="SI")
    (again,) = sell(shop, "V1")
    assert (again["ESTADO"], again["MOTIVO"], again["CODIGO"]) == ("ESPERANDO", "OPERADOR", "E2010")
    assert "101-A-1" in again["MENSAJE"]
    shop.pass_time(seconds=120)
    assert numbers(shop) == {}
    assert shop.order("reintentar", que="V1").ok
    shop.work()
    assert shop.answer("V1.TXT")["NUMERO"] == "2"
    with shop.house.journal.reading() as db:
        assert doubts.count(db) == 0


def test_the_news_say_what_a_person_has_to_look_at(shop):
    path = back_up(shop)
    sell(shop, "V1")
    destroy(shop)
    put_back(shop, path)
    shop.work()
    (page,) = (shop.folder / "spool" / "novedades").glob("*.RSP")
    _, blocks = parse_answer(page.read_bytes())
    told = {block.name: dict(block.fields) for block in blocks}
    assert told["RESPUESTA"]["ESTADO"] == "RECUPERADO"
    assert told["DUDOSA.1"] == {"REFERENCIA": "V1", "COMPROBANTE": "101-A-1"}
    assert {"TIPO": "101", "SERIE": "A", "ULTIMO": "1"} in told.values()


def test_what_was_under_way_waits_and_what_was_claimed_is_not_issued_by_itself(shop):
    shop.configure(certificado={"archivo": str(shop.folder / "no.p12")})
    sell(shop, "V1")
    path = back_up(shop)
    shop.configure(certificado={"archivo": str(shop.folder / "certificado" / "emisor.p12")})
    shop.house.journal.close()
    claimed = shop.folder / "spool" / "procesando"
    shutil.copy(next(claimed.glob("V1*")), claimed / "V2~e0123456789ab.TXT")
    account = put_back(shop, path)
    shop.order("confirmar", encontrados="SI")
    shop.pass_time(seconds=120)
    assert account.held == 2
    assert numbers(shop) == {}
    assert shop.answer("V1.TXT")["CODIGO"] == "E3008"


def test_a_cae_of_before_that_is_imported_again_is_confirmed_first(shop):
    cae = (shop.folder / "cae" / "cae-101.xml").read_bytes()
    with shop.house.journal.transaction() as db:
        db.execute("DELETE FROM rango")
    path = back_up(shop)
    assert shop.order("cae", cae, ambiente="prueba").ok
    sell(shop, "V1")
    destroy(shop)
    os.unlink(mark.path_of(shop.settings.diario))
    clear(shop, "salida", "procesados")
    put_back(shop, path)
    outcome = shop.order("cae", cae, ambiente="prueba")
    assert "cae confirmar" in outcome.sentence
    (answer,) = sell(shop, "V2")
    assert answer["CODIGO"] == "E2009"
    assert shop.order("confirmar", tipo="101", serie="a", ultimo="1").ok
    shop.pass_time(seconds=61)
    assert shop.answer("V2.TXT")["NUMERO"] == "2"


def test_a_journal_that_was_copied_over_by_hand_is_known_too(shop):
    sell(shop, "V1")
    shop.house.journal.close()
    yesterday = shutil.copy(shop.settings.diario, shop.folder / "ayer")
    shop.switch_on()
    sell(shop, "V2")
    destroy(shop)
    shutil.copy(yesterday, shop.settings.diario)
    account = start(shop)
    assert account is not None
    assert account.lost == (("V2", "101-A-2"),)
    assert start(shop) is None, "it is asked once"


def test_a_journal_of_another_machine_is_not_numbered_from(shop, tmp_path):
    other = tmp_path / "otra"
    sell(shop, "V1")
    shop.house.journal.close()
    shutil.copytree(shop.folder, other)
    os.unlink(mark.path_of(str(other / "diario.db")))
    settings = shop.settings.model_copy(update={"diario": str(other / "diario.db"), "spool": str(other / "spool")})
    shop.settings = settings
    assert "de otra máquina" in start(shop).why


def test_an_installation_that_never_had_a_mark_goes_on(machine):
    sell(machine, "V1")
    assert start(machine) is None
    assert sell(machine, "V2")[0]["NUMERO"] == "2"
    assert start(machine) is None


def test_ok_and_paper_wait_for_the_mirror_also_without_a_cloud(shop):
    use_mirror(shop)
    shutil.rmtree(shop.folder / "espejo")
    shop.drop("V1.TXT", TICKET.format(referencia="V1", precio="89"))
    shop.work()
    shop.pass_time(seconds=5)
    assert numbers(shop) == {1: "V1"}
    assert (shop.answers().get("V1", {}).get("", "PENDIENTE"), shop.papers()) == ("PENDIENTE", [])
    with shop.house.journal.reading() as db:
        alarms = [alarm.sentence for alarm in examine(shop.house, db, None, shop.clock.now()).alarms]
    assert any("espejo" in alarm for alarm in alarms)
    (shop.folder / "espejo").mkdir()
    shop.pass_time(seconds=61)
    assert (shop.answer("V1.TXT")[""], shop.papers()) == ("OK", [("101-A-1", False)])
    assert [path.name for path in (shop.folder / "espejo").iterdir()] == ["101-A-1.json"]


def test_a_backup_of_another_installation_is_refused_and_touches_nothing(shop):
    path = back_up(shop)
    shop.house.journal.close()
    before = Path(shop.settings.diario).read_bytes()
    other = shop.settings.model_copy(update={"instalacion": shop.settings.instalacion.model_copy(update={"id": "S02"})})
    for act in (lambda: backup.verify(other, path), lambda: backup.restore(other, path, NOON)):
        with pytest.raises(Rejected, match="instalacion = PRUEBA") as caught:
            act()
        assert caught.value.code == "E9243"
    assert Path(shop.settings.diario).read_bytes() == before


def test_a_document_that_is_not_the_signed_one_is_found(shop):
    sell(shop, "V1", "V2")
    with shop.house.journal.transaction() as db:
        db.execute(
            "UPDATE document SET signed = CAST(replace(CAST(signed AS TEXT), 'Pan', 'Pez') AS BLOB) WHERE numero = 2"
        )
    path = back_up(shop)
    with pytest.raises(Rejected, match="101-A-2 no es el que se firmó"):
        backup.verify(shop.settings, path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"diario" * 9000),
        lambda path: path.write_bytes(b"SQLite format 3\0" + bytes(90_000)),
        lambda path: path.write_bytes(path.read_bytes()[:150_000]),
        lambda path: path.unlink(),
    ],
    ids=["empty", "text", "zeros", "cut", "missing"],
)
def test_whatever_lies_there_is_kept_aside_as_it_is(shop, harm):
    sell(shop, "V1")
    path = back_up(shop)
    sell(shop, "V2")
    shop.mark = marks.keep_mark(shop.settings, shop.house.journal, shop.mark)
    shop.house.journal.close()
    journal = Path(shop.settings.diario)
    harm(journal)
    bad = journal.read_bytes() if journal.exists() else None
    done = backup.restore(shop.settings, path, NOON)
    assert done.whole is (bad is None)
    if bad is not None:
        assert (Path(done.aside) / "diario.db").read_bytes() == bad
    assert (101, "A", 2) in start(shop).waiting, "the mark, the answers or what could be read tell of it"


def test_a_running_daemon_keeps_restoring_away(shop):
    path = back_up(shop)
    taken = assembly.take_locks(shop.settings, NOON)
    try:
        with pytest.raises(NeedsOperator) as caught:
            backup.restore(shop.settings, path, NOON)
        # The lock is the kernel's: a second one of this process is refused as another's is.
        assert caught.value.code == "E9221"
    finally:
        for lock in taken:
            lock.release()


def refusal(shop):
    """Why a start refuses; empty when it does not."""
    try:
        assembly.open_or_create(shop.settings, NOON).close()
    except NeedsOperator as error:
        return f"{error.code}: {error}"
    return ""


def _fall_at(monkeypatch, boundary):
    """The machine falls at a boundary of the filesystem; how many there were."""
    count = [0]

    def falling(real):
        def step(*args, **kwargs):
            for when in ("before", "after"):
                count[0] += 1
                if count[0] == boundary:
                    raise Crash
                if when == "before":
                    done = real(*args, **kwargs)
            return done

        return step

    for name in ("replace", "unlink"):
        monkeypatch.setattr(os, name, falling(getattr(os, name)))
    for name in ("_rename_noreplace", "_fsync"):
        monkeypatch.setattr(files, name, falling(getattr(files, name)))
    return count


def test_falling_anywhere_while_restoring_loses_nothing_and_doing_it_again_completes_it(shop, tmp_path):
    sell(shop, "V1")
    path = back_up(shop)
    sell(shop, "V2")
    shop.mark = marks.keep_mark(shop.settings, shop.house.journal, shop.mark)
    shop.house.journal.checkpoint()
    shop.house.journal.close()
    template = tmp_path / "antes"
    shutil.copytree(shop.folder, template)
    boundary, seen = 0, set()
    while True:
        boundary += 1
        shutil.rmtree(shop.folder)
        shutil.copytree(template, shop.folder)
        with pytest.MonkeyPatch.context() as patch:
            count = _fall_at(patch, boundary)
            with suppress(Crash):
                backup.restore(shop.settings, path, NOON)
        if count[0] < boundary:
            break
        told = refusal(shop)
        seen.add(told.partition(":")[0])
        if told:
            assert "respaldo restaurar" in told
            backup.restore(shop.settings, path, NOON)
        start(shop)
        assert numbers(shop) == {1: "V1", 2: "V2"}, boundary
        with shop.house.journal.reading() as db:
            # What was there, or what came back: never a number that may be used again without asking.
            assert leases.unconfirmed(db) or shop.mark.last >= 1
            assert db.execute("SELECT min(siguiente) FROM rango WHERE tipo = 101").fetchone()[0] == 3, boundary
        shop.house.journal.close()
    assert boundary > 20
    assert seen == {"", "E9229"}
    shop.switch_on()


def test_falling_anywhere_while_a_backup_is_made_leaves_none_and_the_next_one_is_good(shop):
    sell(shop, "V1")
    boundary, folder = 0, shop.folder / "respaldos"
    while True:
        boundary += 1
        shutil.rmtree(folder, ignore_errors=True)
        with pytest.MonkeyPatch.context() as patch:
            count = _fall_at(patch, boundary)
            with suppress(Crash):
                back_up(shop)
        for path in folder.glob("*.zip"):
            backup.verify(shop.settings, str(path))
        if count[0] < boundary:
            break
        assert backup.verify(shop.settings, back_up(shop)).signatures == 1
    assert boundary > 4
