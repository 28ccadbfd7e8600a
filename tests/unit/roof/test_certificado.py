"""`certificado`: what is installed, what is shown, and what a person is told when it cannot be."""

import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sincronizador.cli import main
from sincronizador.cli.installation import RUT
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.daemon import assembly
from sincronizador.journal.journal import open_journal
from sincronizador.settings import load
from sincronizador.signing.certificate import Identity, load_pkcs12, to_pkcs12
from sincronizador.signing.identity import Validity, issue, make_authority

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority() -> Identity:
    return make_authority(Validity(desde=NOW - 30 * DAY, hasta=NOW + 900 * DAY))


@pytest.fixture(scope="module")
def following(authority: Identity) -> Identity:
    """Valid in ten days, for three years more than what is installed."""
    return issue(authority, Validity(desde=NOW + 10 * DAY, hasta=NOW + 2000 * DAY), rut=RUT, titular="NUEVO (PRUEBA)")


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Path:
    """An installation of one's own."""
    folder = tmp_path / "i"
    shutil.copytree(prepared, folder)
    return folder


def run(place: Path, *args: str, typed: str = "") -> Result:
    toml = str(place / "sincronizador.toml")
    return CliRunner().invoke(main, ["--config", toml, "certificado", *args], input=typed, catch_exceptions=False)


def install(place: Path, identity: Identity, *options: str, password: str = "la de la autoridad") -> Result:  # noqa: S107 - of this test
    given, clave = place / "dado.p12", place / "dado.txt"
    given.write_bytes(to_pkcs12(identity, password.encode()))
    clave.write_text(f"{password}\n")
    return run(place, "instalar", str(given), "--clave-archivo", str(clave), "--ambiente", "prueba", *options)


def held(place: Path, name: str = "emisor.p12") -> str:
    """Whose certificate lies there, opened with the installation's own password."""
    password = (place / "certificado" / "clave.txt").read_bytes().rstrip(b"\n")
    return load_pkcs12((place / "certificado" / name).read_bytes(), password).certificate.titular


def signs(place: Path, at: datetime) -> str:
    """Whose key a daemon would sign with then, or why it would not."""
    found = load(str(place / "sincronizador.toml"))
    journal = open_journal(found.diario, read_only=True)
    try:
        pen = assembly.make_pen(found, journal)
        return pen.trouble(at) or pen.certificate_at(at).titular
    finally:
        journal.close()


def test_the_password_may_be_typed_piped_or_in_a_file(place: Path, authority: Identity) -> None:
    now = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 90 * DAY), rut=RUT, titular="OTRO (PRUEBA)")
    given = place / "dado.p12"
    given.write_bytes(to_pkcs12(now, "ñandú".encode()))
    for options, typed in (([], "ñandú\n"), (["--clave", "-"], "ñandú\n")):
        found = run(place, "instalar", str(given), "--ambiente", "prueba", *options, typed=typed)
        assert found.exit_code == 0, found.output
        assert "ñandú" not in found.output
        assert held(place) == "OTRO (PRUEBA)"
    assert run(place, "instalar", str(given), "--ambiente", "prueba", typed="no\n").exit_code == 78


def test_what_is_installed_is_one_file_under_the_password_that_is_there(place: Path, authority: Identity) -> None:
    clave = place / "certificado" / "clave.txt"
    before = clave.read_bytes()
    now = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 90 * DAY), rut=RUT, titular="OTRO (PRUEBA)")
    assert install(place, now).exit_code == 0
    assert clave.read_bytes() == before
    assert signs(place, NOW) == "OTRO (PRUEBA)"
    assert stat.S_IMODE((place / "certificado" / "emisor.p12").stat().st_mode) == 0o600


def test_where_there_is_no_password_yet_one_is_made_and_kept_for_its_owner_alone(
    place: Path, authority: Identity
) -> None:
    clave = place / "certificado" / "clave.txt"
    clave.unlink()
    now = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 90 * DAY), rut=RUT, titular="OTRO (PRUEBA)")
    assert install(place, now).exit_code == 0
    assert stat.S_IMODE(clave.stat().st_mode) == 0o600
    assert b"la de la autoridad" not in clave.read_bytes()
    assert signs(place, NOW) == "OTRO (PRUEBA)"


def test_the_next_one_lies_beside_the_present_one_and_signs_from_the_day_before_its_end(
    place: Path, following: Identity
) -> None:
    present = held(place)
    found = install(place, following, "--siguiente")
    assert found.exit_code == 0, found.output
    end = load_end(place)
    assert f"Firma desde el {(end - DAY).astimezone(ZONE):%d/%m/%Y %H:%M}" in found.output
    assert (held(place), held(place, "emisor.p12.siguiente")) == (present, "NUEVO (PRUEBA)")
    assert signs(place, end - DAY - timedelta(seconds=1)) == present
    assert signs(place, end - DAY) == "NUEVO (PRUEBA)"
    assert signs(place, end + 30 * DAY) == "NUEVO (PRUEBA)"


def load_end(place: Path) -> datetime:
    password = (place / "certificado" / "clave.txt").read_bytes().rstrip(b"\n")
    return load_pkcs12((place / "certificado" / "emisor.p12").read_bytes(), password).certificate.not_after


def test_a_person_gives_the_day(place: Path, following: Identity) -> None:
    day = (NOW + 40 * DAY).astimezone(ZONE)
    assert install(place, following, "--siguiente", "--desde", f"{day:%d/%m/%Y}").exit_code == 0
    midnight = day.replace(hour=0, minute=0, second=0)
    assert signs(place, midnight - timedelta(seconds=1)) != "NUEVO (PRUEBA)"
    assert signs(place, midnight) == "NUEVO (PRUEBA)"


@pytest.mark.parametrize(("days", "says"), [(5, "vale recién desde"), (5000, "vence antes, el")])
def test_a_day_on_which_one_of_them_is_not_valid_is_refused(
    place: Path, following: Identity, days: int, says: str
) -> None:
    found = install(place, following, "--siguiente", "--desde", f"{(NOW + days * DAY).astimezone(ZONE):%Y-%m-%d}")
    assert found.exit_code == 78
    assert "E2114" in found.output
    assert says in found.output
    assert not (place / "certificado" / "emisor.p12.siguiente").exists()


def test_what_cannot_follow_is_refused_in_words(place: Path, authority: Identity) -> None:
    sooner = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 9 * DAY), rut=RUT, titular="CORTO (PRUEBA)")
    assert "antes que el que firma ahora" in install(place, sooner, "--siguiente").output
    later = Validity(desde=NOW - DAY, hasta=NOW + 2000 * DAY)
    assert "E2109" in install(place, issue(authority, later, rut="211003420017", titular="X"), "--siguiente").output
    old = issue(authority, Validity(desde=NOW - 9 * DAY, hasta=NOW - DAY), rut=RUT, titular="VENCIDO (PRUEBA)")
    assert "E2107" in install(place, old).output
    assert run(place, "instalar", "x", "--ambiente", "prueba", "--desde", "1/1/2027").exit_code == 2


def test_both_are_shown_with_their_days_and_the_next_one_is_given_without_its_key(
    place: Path, following: Identity
) -> None:
    install(place, following, "--siguiente")
    found = run(place, "ver", "--pem", str(place / "s.pem"))
    assert found.exit_code == 0
    first, second = found.output.split("\n\n")
    assert first.startswith("El que firma:")
    assert "vence en 7" in first
    assert second.startswith("El siguiente, que firma desde el ")
    assert "CN=NUEVO (PRUEBA)" in second
    pem = (place / "s.pem").read_text()
    assert pem.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in pem


def test_installing_at_once_takes_the_waiting_one_away(place: Path, authority: Identity, following: Identity) -> None:
    install(place, following, "--siguiente")
    now = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 90 * DAY), rut=RUT, titular="OTRO (PRUEBA)")
    assert "El siguiente que había se quitó" in install(place, now).output
    assert not (place / "certificado" / "emisor.p12.siguiente").exists()


class Cut(BaseException):
    """The machine dies here."""


def die_at(patch: pytest.MonkeyPatch, step: int) -> list[str]:
    """The machine dies at that rename or unlink; the list of those that were done."""
    done: list[str] = []

    def falling(name: str) -> None:
        real = getattr(os, name)

        def wrapped(*args: object, **how: object) -> object:
            if ".p12" not in str(args):
                return real(*args, **how)
            if len(done) == step:
                raise Cut
            done.append(name)
            return real(*args, **how)

        patch.setattr(os, name, wrapped)

    for name in ("replace", "rename", "unlink"):
        falling(name)
    return done


def test_a_machine_that_dies_while_anything_is_installed_can_sign_ever_after(
    place: Path, authority: Identity, following: Identity, tmp_path: Path
) -> None:
    """A chain of three: the second one signs already when the third is installed to follow, and a fourth at once."""
    present = issue(authority, Validity(desde=NOW - 9 * DAY, hasta=NOW + 12 * DAY), rut=RUT, titular="UNO (PRUEBA)")
    second = issue(authority, Validity(desde=NOW - 2 * DAY, hasta=NOW + 300 * DAY), rut=RUT, titular="DOS (PRUEBA)")
    assert install(place, present).exit_code == 0
    today = f"{NOW.astimezone(ZONE):%d/%m/%Y}"
    assert install(place, second, "--siguiente", "--desde", today).exit_code == 0
    assert signs(place, NOW) == "DOS (PRUEBA)"
    falls = 0
    third = issue(authority, Validity(desde=NOW - DAY, hasta=NOW + 900 * DAY), rut=RUT, titular="TRES (PRUEBA)")
    for options, good in ((("--siguiente",), {"DOS (PRUEBA)"}), ((), {"DOS (PRUEBA)", "TRES (PRUEBA)"})):
        for step in range(9):
            copy = tmp_path / f"copy{len(options)}{step}"
            shutil.copytree(place, copy)
            with pytest.MonkeyPatch.context() as patch:
                done = die_at(patch, step)
                try:
                    install(copy, third, *options)
                except Cut:
                    falls += 1
            assert signs(copy, NOW + 11 * DAY) in good, done
            if len(done) < step:
                break
        assert signs(copy, NOW + 299.5 * DAY) == "TRES (PRUEBA)"
    assert falls == 4
