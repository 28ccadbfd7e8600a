"""The cloud's disk is full: its tills go on in contingency, and it goes on by itself when there is room."""

import contextlib
import shutil

import pytest
from outside.cloud import Cloud, free_port
from outside.installation import Installation, prepare, wait_for
from shop_talk import PATIENCE, SALE, told


@pytest.fixture
def site(disk, tmp_path):
    """A till, and its cloud whose base is alone on the small disk."""
    folder = tmp_path / "i"
    prepare(folder, "--nube", "--puerto-nube", str(free_port()))
    till, cloud = Installation(folder), Cloud(folder)
    base = cloud._place()
    for path in base.parent.glob(f"{base.name}*"):
        shutil.move(path, disk.folder / path.name)
    cloud.configure("", base=f'"{disk.folder / base.name}"')
    till.configure("salida", formatos='["xml"]')
    quick = {"paciencia": "1", "espera": "2", "sondeo": "0.3", "fallas": "3", "estable": "1.5", "reserva": "20"}
    till.configure("nube", url=f'"http://127.0.0.1:{cloud.port}"', **quick)
    with contextlib.ExitStack() as end:
        end.callback(lambda: print(till.tail(), "--- nube", cloud.tail(), sep="\n"))
        end.callback(till.kill)
        end.callback(cloud.kill)
        yield till, cloud


def sell(till, name):
    return till.ask(f"{name}.txt", SALE.format(name=name).encode(), patience=PATIENCE)


def test_a_full_cloud_is_one_that_is_not_there_and_comes_back_by_itself(site, disk):
    till, cloud = site
    cloud.start()
    till.start()
    told(till, "MODO=EN_LINEA")
    token = (till.folder / till.settings["nube"]["token"]).read_text().strip()
    wait_for("leases", lambda: cloud.ask(token, "GET", "/v1/leases")["leases"] or None, PATIENCE)
    assert sell(till, "V1")["ESTADO"] in ("FIRMADO", "ENVIADO")
    disk.fill()
    answers = [sell(till, f"V{number}") for number in range(2, 8)]
    assert answers[-1]["ESTADO"] == "FIRMADO_CONTINGENCIA", "sold here, without the cloud"
    assert cloud.process.poll() is None, cloud.tail()
    disk.make_room()
    for number in range(1, 8):
        till.answer(f"V{number}.txt", until=lambda answer: answer["ESTADO"] == "ENVIADO", patience=PATIENCE)
    assert sell(till, "V8")["EMITIDO"] == "SI"
    kept = {one.number: one.state for one in cloud.documents(token)}
    given = [(int(a["TIPO"]), a["SERIE"], int(a["NUMERO"])) for a in (till.answer(f"V{n}.txt") for n in range(1, 9))]
    assert len(set(given)) == 8
    assert set(given) <= set(kept), "what was answered, the cloud has"
    assert "Traceback" not in cloud.tail()
