"""The real daemon and the real cloud while somebody moves the hands of the clock (libfaketime)."""

from pathlib import Path

import pytest
from outside.hands import MISSING, Hands
from outside.installation import Installation, txt, wait_for
from outside.site import Site

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.fixture
def hands(tmp_path: Path) -> Hands:
    return Hands(tmp_path)


def heartbeat(till: Installation) -> dict[str, str]:
    lines = (till.box("salida") / "LATIDO.TXT").read_text("ascii").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def start(till: Installation, hands: Hands) -> None:
    till.environment = hands.environment
    till.start()


def sale(name: str) -> bytes:
    return txt("DOCUMENTO", TIPO=101, REFERENCIA=name, FORMA_PAGO="CONTADO").replace(
        b"[FIN]", b"[ITEM]\r\nDETALLE=Pan\r\nPRECIO=89\r\nIVA=MINIMA\r\n[FIN]"
    )


def test_the_daemon_lives_through_jumps_and_signs_again_alone(installation: Installation, hands: Hands) -> None:
    till = installation
    start(till, hands)
    assert till.ask("A.txt", sale("A"))["ESTADO"] == "FIRMADO_LOCAL"
    hands.put("-3d")
    before = wait_for("a heartbeat of three days ago", lambda: _told(till, "el reloj marca"), 15)
    till.drop("B.txt", sale("B"))
    held = till.answer("B.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)
    assert (held["MOTIVO"], held["CODIGO"]) == ("RELOJ", "E2003")
    wait_for("the next heartbeat", lambda: int(heartbeat(till)["PULSO"]) > int(before["PULSO"]) or None, 15)
    hands.put("+0")
    assert till.answer("B.txt", patience=70)["ESTADO"] == "FIRMADO_LOCAL"
    hands.put("+2d")
    wait_for("the alarm of a jump ahead", lambda: _told(till, "saltó hasta el") or _told(till, "salto hasta el"), 15)
    till.drop("C.txt", sale("C"))
    assert till.answer("C.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)["MOTIVO"] == "RELOJ"
    till.kill()
    hands.put("@1970-01-02 00:00:00")
    start(till, hands)
    till.drop("D.txt", sale("D"))
    assert till.answer("D.txt", until=lambda seen: seen["ESTADO"] == "ESPERANDO", patience=15)["MOTIVO"] == "RELOJ"
    hands.put("+0")
    for name in ("C.txt", "D.txt"):
        assert till.answer(name, patience=70)["ESTADO"] == "FIRMADO_LOCAL"
    assert till.stop() == 0


def test_a_cloud_of_another_time_is_told_with_how_far_it_is(site: Site, tmp_path: Path) -> None:
    hands = Hands(tmp_path)
    site.cloud.start()
    start(site.till, hands)
    hands.put("-40m")
    told = wait_for("the alarm of the clocks", lambda: _told(site.till, "40 minutos"), 45)
    alarm = next(value for name, value in told.items() if name.startswith("ALARMA.") and "40 minutos" in value)
    assert "atrasado respecto del de la nube" in alarm
    assert "en hora" in alarm
    assert "40 minutos" in site.till.run("estado").stdout


def _told(till: Installation, words: str) -> dict[str, str] | None:
    """The heartbeat, once an alarm of it says that."""
    try:
        found = heartbeat(till)
    except FileNotFoundError:
        return None
    return found if any(words in value for name, value in found.items() if name.startswith("ALARMA.")) else None
