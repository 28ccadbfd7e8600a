"""CAE files that an operator drops into ``cae/``: imported once, by the same rules as a command, answered in words."""

import os
import random
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from test_trouble import VALIDITY, cae_file
from walking import NOON, Crash

from sincronizador.engine.importing import import_dropped
from sincronizador.folders.answers import parse_answer
from sincronizador.folders.ranges import RangeFolder
from sincronizador.journal import documents
from sincronizador.signing.identity import make_authority


@pytest.fixture(scope="module")
def authority():
    return make_authority(VALIDITY)


class Cae:
    """The folder of a machine, in the hands of an operator."""

    def __init__(self, machine):
        self.machine = machine
        self.path = machine.house.layout.cae
        self.folder = RangeFolder(self.path, incompleto=60.0, clock=machine.clock.steady)
        self.look()

    def look(self):
        return import_dropped(self.machine.house, self.folder)

    def drop(self, name, content):
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(content)

    def rest(self, seconds=3):
        """The daemon looks now and then meanwhile."""
        for _ in range(seconds):
            self.look()
            self.machine.pass_time(seconds=1)
        self.look()

    def send(self, name, content):
        self.drop(name, content)
        self.rest()
        return self.answer(name)

    def answer(self, name):
        path = os.path.join(self.path, f"{name.rpartition('.')[0]}.{'RSP' if name.isupper() else 'rsp'}")
        with open(path, "rb") as file:
            first, (block,) = parse_answer(file.read())
        return {"": first.value, **dict(block.fields)}

    def ranges(self):
        with self.machine.house.journal.reading() as db:
            return [stock.rango.id for stock in documents.stocks(db)]

    def away(self, which):
        return sorted(os.listdir(os.path.join(self.path, which)))


@pytest.fixture
def cae(machine):
    return Cae(machine)


def test_a_file_is_imported_once_and_answered_in_words(cae, authority):
    answer = cae.send("CAE_101.xml", cae_file(authority))
    assert (answer[""], answer["CODIGO"], answer["AMBIENTE"]) == ("OK", "0", "PRUEBA")
    assert "CAE 90260000999: e-Ticket" in answer["MENSAJE"]
    assert cae.ranges().count("90260000999") == 1
    assert (cae.away("importados"), cae.away("rechazados")) == (["CAE_101.xml"], [])
    again = cae.send("otra vez.xml", cae_file(authority, cae="90260000998"))
    assert (again[""], again["CODIGO"]) == ("ERROR", "E2011"), "another file with the same numbers"
    with open(os.path.join(cae.path, "importados", "CAE_101.xml"), "rb") as file:
        same = cae.send("CAE_101.xml", file.read())
    assert same[""] == "OK"
    assert "ya estaba importado" in same["MENSAJE"]
    assert cae.ranges().count("90260000999") == 1
    assert cae.away("importados") == ["CAE_101.xml", "CAE_101~2.xml"]


def test_names_of_dos_are_answered_in_their_own_case(cae, authority):
    assert cae.send("CAE101.XML", cae_file(authority))[""] == "OK"
    assert "CAE101.RSP" in os.listdir(cae.path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"rut": "211003420017"}, "E2205"),
        ({"desde": 10, "hasta": 9}, "E2206"),
        ({"vence": NOON.date().replace(year=2025)}, "E2204"),
    ],
)
def test_what_a_command_would_refuse_is_refused_here(cae, authority, content, code):
    before = cae.ranges()
    answer = cae.send("X.xml", cae_file(authority, **content))
    assert (answer[""], answer["CODIGO"]) == ("ERROR", code)
    assert cae.ranges() == before
    assert cae.away("rechazados") == ["X.xml"]


def test_a_cae_of_the_other_environment_is_refused(cae, authority):
    house = cae.machine.house
    cae.machine.house = replace(house, rules=replace(house.rules, ambiente="produccion"))
    assert cae.send("X.xml", cae_file(authority))["CODIGO"] == "E2012"


def test_with_a_cloud_it_says_where_caes_are_imported(cae, authority):
    cae.machine.house = replace(cae.machine.house, cloud=object())
    before = cae.ranges()
    answer = cae.send("X.xml", cae_file(authority))
    assert answer["CODIGO"] == "E9280"
    assert "nube cae importar" in answer["MENSAJE"]
    assert cae.ranges() == before


def test_a_file_that_is_written_slowly_is_taken_when_it_is_whole(cae, authority):
    content = cae_file(authority)
    for end in range(200, len(content), 200):
        cae.drop("lento.xml", content[:end])
        cae.rest(1)
        assert not os.path.exists(os.path.join(cae.path, "lento.rsp"))
    cae.machine.pass_time(seconds=30)
    cae.drop("lento.xml", content)
    cae.rest()
    assert cae.answer("lento.xml")[""] == "OK"


def test_a_file_that_stays_cut_is_refused_after_a_minute(cae, authority):
    cae.drop("cortado.xml", cae_file(authority)[:900])
    cae.rest(55)
    assert not os.path.exists(os.path.join(cae.path, "cortado.rsp"))
    cae.rest(10)
    assert cae.answer("cortado.xml")["CODIGO"] == "E0103"


def test_strange_things_do_no_harm_and_stay_or_are_refused(cae, authority, tmp_path):
    secret = tmp_path / "secreto.xml"
    secret.write_bytes(cae_file(authority))
    os.symlink(secret, os.path.join(cae.path, "enlace.xml"))
    os.mkdir(os.path.join(cae.path, "carpeta.xml"))
    os.mkfifo(os.path.join(cae.path, "tubo.xml"))
    cae.drop("grande.xml", b"<CAE>" + b" " * 1_100_000 + b"</CAE>")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><CAE xmlns="http://cfe.dgi.gub.uy">&b;</CAE>'
    cae.drop("bomba.xml", bomb)
    cae.drop("orden\x1b[2J.xml", b"<CAE/>")
    cae.drop("notas.txt", b"x")
    cae.drop(".oculto.xml", cae_file(authority))
    before = cae.ranges()
    cae.rest(65)
    assert cae.ranges() == before
    left = {name for name in os.listdir(cae.path) if not name.lower().endswith(".rsp")}
    assert left == {"importados", "rechazados", "notas.txt", ".oculto.xml"}
    assert len(cae.away("rechazados")) == 6
    assert secret.exists()
    for name in os.listdir(cae.path):
        if name.endswith(".rsp"):
            assert cae.answer(name.replace(".rsp", ".xml"))[""] == "ERROR"
            with open(os.path.join(cae.path, name), "rb") as file:
                assert b"\x1b" not in file.read()


def test_random_damage_imports_nothing_and_stops_nothing(cae, authority):
    content, chance, before = cae_file(authority), random.Random(5), cae.ranges()
    for number in range(60):
        hurt = bytearray(content)
        for _ in range(chance.randrange(1, 4)):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        if bytes(hurt) != content:
            cae.drop(f"{number}.xml", bytes(hurt))
    cae.rest(63)
    # A changed byte outside of what is signed, as within the signature's own blanks, leaves it genuine.
    assert len(set(cae.ranges()) - set(before)) <= 1
    assert not [name for name in os.listdir(cae.path) if name.endswith(".xml")]


def test_a_fall_at_any_moment_imports_once_and_answers_ok(machine, authority):
    content, fate = cae_file(authority), machine.fate
    for step in range(1, 30):
        cae = Cae(machine)
        with machine.house.journal.transaction() as db:
            db.execute("DELETE FROM rango WHERE cae = '90260000999'")
        for which in ("importados", "rechazados"):
            shutil.rmtree(os.path.join(cae.path, which))
        cae.drop("A.xml", content)
        cae.rest(1)
        fate.count, fate.fall_at = 0, step
        with suppress(Crash):
            machine.clock.time += timedelta(seconds=3)
            cae.look()
        survived, fate.fall_at = fate.fall_at is not None, None
        machine.switch_on()
        cae = Cae(machine)
        cae.rest()
        assert cae.answer("A.xml")[""] == "OK"
        assert cae.ranges().count("90260000999") == 1
        assert cae.away("importados") == ["A.xml"]
        if survived:
            break
    assert step > 4


def test_who_invoices_cannot_write_into_the_folder(cae):
    assert os.stat(cae.path).st_mode & 0o022 == 0
    os.chmod(cae.path, 0o2770)
    cae.rest()
    assert os.stat(cae.path).st_mode & 0o7777 == 0o2770, "what the machine's owner granted is kept"


def test_the_orders_of_the_folder_are_among_the_others(cae, authority):
    cae.send("A.xml", cae_file(authority))
    cae.send("B.xml", b"<CAE/>")
    with cae.machine.house.journal.reading() as db:
        rows = db.execute("SELECT verb, args, ok FROM orders ORDER BY id").fetchall()
    assert [(row[0], bool(row[2])) for row in rows[-2:]] == [("cae", True), ("cae", False)]
    assert '"A.xml"' in rows[-2][1]


def test_nothing_is_made_where_the_disk_of_the_folders_belongs(machine):
    cae = Cae(machine)
    shutil.rmtree(machine.settings.spool)
    os.mkdir(machine.settings.spool)
    assert cae.look() == 0
    assert os.listdir(machine.settings.spool) == []
