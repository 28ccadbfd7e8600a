"""Copies of yesterday, second machines and second shops: whoever comes back, no sale gets two documents."""

import shutil
from pathlib import Path

import pytest
from outside import cloud_judge
from outside.installation import Installation, wait_for
from outside.proxy import PASSING, REFUSED
from outside.shop import case_of, wait_for_all
from outside.site import Site, owed

HERE, SENT = "FIRMADO_CONTINGENCIA", "ENVIADO"


@pytest.fixture
def second(site, prepared_cloud, tmp_path):
    """Another machine, prepared as the first one was, which speaks to the first one's cloud."""
    till = Installation.copied(prepared_cloud, tmp_path / "otra")
    till.toml.write_text(site.till.toml.read_text("utf-8").replace(str(site.till.folder), str(till.folder)), "utf-8")
    till.configure("nube", url=f'"http://127.0.0.1:{site.cloud.port}"', token=f'"{token_path(site.till)}"')
    yield till
    till.kill()
    print(till.tail())


def token_path(till: Installation) -> Path:
    """The file with its token."""
    return till.folder / till.settings["nube"]["token"]


def epoch(site: Site) -> int:
    """Of the installation, as the cloud knows it."""
    return site.cloud.call("GET", "/v1/health", token=site.token).json()["installation"]["epoch"]


def journal_files(till: Installation) -> list[Path]:
    """The journal alone, without the mark beside it: what a backup holds."""
    return [Path(path) for path in till.journal() if Path(path).name.endswith((".db", ".db-wal", ".db-shm"))]


def save(till: Installation, folder: Path) -> None:
    """A backup of the journal."""
    folder.mkdir()
    for path in journal_files(till):
        shutil.copy2(path, folder)


def restore(till: Installation, folder: Path) -> None:
    """The backup in place of the journal."""
    for path in journal_files(till):
        path.unlink()
    for path in folder.iterdir():
        shutil.copy2(path, till.folder)


def test_a_till_that_was_restored_takes_a_new_epoch_and_doubles_nothing(site, today, tmp_path):
    site.start()
    before = [owed("ANTES", today)]
    site.sell(before[0])
    assert site.faults(before) == []
    site.till.stop()
    save(site.till, tmp_path / "ayer")
    site.till.start()
    old = epoch(site)
    drops = [*before, owed("LUEGO1", today), owed("LUEGO2", today)]
    numbers = [site.sell(drop).number for drop in drops[1:2]]
    site.cloud.kill()
    numbers.append(site.sell(drops[2]).number)
    site.cloud.start()
    assert site.faults(drops) == []
    site.till.stop()
    restore(site.till, tmp_path / "ayer")
    site.till.start()
    wait_for("a new epoch", lambda: epoch(site) > old)
    for drop, number in zip(drops[1:], numbers, strict=True):
        answer = site.sell(drop)
        assert (answer.number, "A0001" in answer.codes("AVISO")) == (number, True)
    drops.append(owed("NUEVA", today))
    site.sell(drops[-1])
    wait_for("a lease of every type", site.leased, 30)
    assert site.faults(drops, doubtful=True) == []


def test_another_machine_does_not_begin_by_itself_and_takes_over_when_told(site, second, today):
    site.start()
    drops = [owed("VIEJA", today)]
    site.sell(drops[0])
    assert site.faults(drops) == []
    second.launch()
    second.drop("INTRUSA.txt", owed("INTRUSA", today).content)
    second.answer("INTRUSA.txt", until=lambda seen: seen["MOTIVO"] == "OPERADOR")
    assert not any(one.key == "INTRUSA" for one in site.documents())
    second.kill()
    old = epoch(site)
    second.start("--tomar")
    wait_for("the take-over", lambda: epoch(site) > old)
    again = second.ask("VIEJA.txt", drops[0].content)
    assert (again.number, again.codes("AVISO")) == (site.till.peek("VIEJA.txt").number, ["A0001"])
    assert second.peek("INTRUSA.txt")["ESTADO"] == "ESPERANDO"  # it is from before: whoever still wants it says so
    assert second.ask("INTRUSA.txt", owed("INTRUSA", today).content, patience=10).first == "OK"
    site.till.drop("FUERA.txt", owed("FUERA", today).content)
    wait_for("the word that it is fenced", lambda: "DETENIDO" in site.till.run("estado").stdout, 30)
    assert site.till.peek("FUERA.txt") is None
    assert not any(one.key == "FUERA" for one in site.documents())


def test_what_the_old_machine_signed_before_it_knew_is_kept(site, second, today):
    site.start()
    site.line.become(REFUSED)
    signed = owed("SOLA", today)
    assert site.sell(signed)["ESTADO"] == HERE
    old = epoch(site)
    second.start("--tomar")
    wait_for("the take-over", lambda: epoch(site) > old)
    fresh = owed("NUEVA", today)
    assert second.ask(fresh.name, fresh.content, patience=10).first == "OK"
    site.line.become(PASSING)
    wait_for_all(site.till, [signed])
    wait_for_all(second, [fresh])
    kept, table = site.documents(), site.numbers()
    cases = [case_of(till, [drop], alone=False) for till, drop in ((site.till, signed), (second, fresh))]
    found = [
        *cloud_judge.unsound(kept),
        *cloud_judge.disagreeing(cases, kept),
        *cloud_judge.uneven(table, doubtful=True),
        *cloud_judge.unfounded(table, kept),
    ]
    assert found == []


def test_a_cloud_that_was_restored_is_told_everything_again(site, today, tmp_path):
    site.start()
    drops = [owed("ANTES", today)]
    site.sell(drops[0])
    assert site.faults(drops) == []
    site.cloud.stop()
    site.cloud.save(tmp_path / "ayer")
    site.cloud.start()
    drops += [owed(f"PERDIDA{number}", today) for number in range(4)]
    for drop in drops[1:3]:
        site.sell(drop)
    assert site.faults(drops[:3]) == []
    site.cloud.stop()
    for drop in drops[3:]:
        assert site.sell(drop)["ESTADO"] == HERE
    site.cloud.restore(tmp_path / "ayer")
    site.cloud.start()
    wait_for("everything in the cloud again", lambda: len(site.documents()) >= len(drops), 30)
    wait_for("a cloud that numbers", lambda: site.cloud.call("GET", "/v1/health").json()["status"] == "ok", 30)
    drops.append(owed("DESPUES", today))
    site.sell(drops[-1])
    assert site.faults(drops, doubtful=True) == []


def test_two_shops_of_one_issuer_may_have_the_same_references(site, second, today):
    site.cloud.start()
    token = second.folder / "otra.txt"
    site.cloud.order("instalacion", "agregar", "S02", "--token-en", str(token))
    second.configure("instalacion", id='"S02"')
    second.configure("nube", token=f'"{token}"')
    other = Site(second, site.cloud, site.line)
    site.till.start()
    second.start()
    wait_for("leases of both", lambda: site.leased() and other.leased(), 30)
    mine = [owed(f"V{number}", today) for number in range(5)]
    theirs = [owed(f"V{number}", today, precio="244.00") for number in range(5)]
    for one, two in zip(mine, theirs, strict=True):
        site.till.drop(one.name, one.content)
        second.drop(two.name, two.content)
    site.cloud.kill()
    for drop in mine:
        assert site.till.answer(drop.name, patience=10).first == "OK"
        assert second.answer(drop.name, patience=10).first == "OK"
    site.cloud.start()
    wait_for_all(second, theirs)
    assert site.faults(mine, others=other.documents()) == []
    assert other.faults(theirs, others=site.documents()) == []
    assert {one.key for one in site.documents()} == {one.key for one in other.documents()}


def test_a_shop_that_ran_alone_joins_with_what_it_signed(site, today):
    till = site.till
    cae = next(path for path in till.caes() if "101" in path.name)
    till.configure("", ruta='"local"')
    done = till.run("cae", "importar", str(cae), "--ambiente", "prueba")
    assert done.returncode == 0, done.stdout + done.stderr
    till.start()
    drops = [owed(f"SOLA{number}", today) for number in range(3)]
    assert [site.sell(drop)["ESTADO"] for drop in drops] == ["FIRMADO_LOCAL"] * 3
    till.stop()
    till.configure("", ruta='"nube"')
    site.start()
    drops.append(owed("JUNTOS", today))
    answer = site.sell(drops[-1])
    assert answer.number == (101, "A", 4)
    assert site.faults(drops) == []
    assert {one.key for one in site.documents()} == {drop.referencia for drop in drops}
