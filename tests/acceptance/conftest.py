"""The installed program, prepared once, copied for each test, run as a process of its own."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from outside.authority import Authority
from outside.cloud import Cloud, free_port
from outside.hands import Hands
from outside.installation import Installation, prepare
from outside.proxy import Proxy
from outside.site import Site
from outside.town import Town


@pytest.fixture(scope="session")
def today() -> date:
    """The day in Montevideo."""
    return datetime.now(timezone(timedelta(hours=-3))).date()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `demo --preparar` writes; nobody runs in it."""
    folder = tmp_path_factory.mktemp("demo") / "instalacion"
    prepare(folder)
    return folder


@pytest.fixture
def installation(prepared: Path, tmp_path: Path) -> Iterator[Installation]:
    """A prepared installation of this test's own, not started."""
    yield from _owned(prepared, tmp_path / "instalacion")


@pytest.fixture(scope="module")
def running(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that runs, shared by a module's tests: each uses names and REFERENCIAs of its own."""
    for own in _owned(prepared, tmp_path_factory.mktemp("shared") / "instalacion"):
        own.configure("entrada", incompleto="2")
        own.start()
        yield own


@pytest.fixture(scope="session")
def prepared_cloud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `demo --preparar --nube` writes; nobody runs in it."""
    folder = tmp_path_factory.mktemp("nube") / "instalacion"
    prepare(folder, "--nube", "--puerto-nube", str(free_port()))
    return folder


@pytest.fixture
def site(prepared_cloud: Path, tmp_path: Path) -> Iterator[Site]:
    """A till and its cloud of this test's own, a line that passes between them; neither runs. Waits are short."""
    yield from _site(prepared_cloud, tmp_path / "instalacion")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A till, its cloud and a DGI to test against, with one clock for the three: noon of today. None runs."""
    folder, port = tmp_path / "preparada", free_port()
    prepare(folder, "--nube", "--puerto-nube", str(free_port()), "--dgi", str(port))
    with closing(Authority(folder / "dgi", port)) as dgi:
        for site in _site(folder, tmp_path / "instalacion"):
            # Pictures cost a hundred times a signature.
            site.till.configure("salida", formatos='["xml"]')
            yield Town(site, dgi, Hands(tmp_path))


def _site(source: Path, folder: Path) -> Iterator[Site]:
    with Proxy(free_port()) as line:
        till = Installation.copied(source, folder)
        cloud = Cloud(till.folder)
        line.target = cloud.port
        own = Site(till, cloud, line)
        till.configure("salida", formatos='["xml", "png"]')
        till.configure("nube", paciencia="1", espera="2", sondeo="0.3", fallas="3", estable="1.5", reserva="50")
        try:
            yield own
        finally:
            own.end()
            print(till.tail(), "--- nube", cloud.tail(), sep="\n")  # pytest shows it beside a failure


@pytest.fixture
def blank(installation: Installation) -> Installation:
    """An installation that knows its certificate and no CAE."""
    installation.forget()
    archive, password = installation.identity()
    done = installation.run(
        *("certificado", "instalar", str(archive), "--clave", str(password), "--ambiente", "prueba")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return installation


@pytest.fixture
def import_cae(blank: Installation) -> Callable[[Path], None]:
    """Import a CAE file into the blank installation."""

    def run(path: Path) -> None:
        done = blank.run("cae", "importar", str(path), "--ambiente", "prueba")
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def _owned(source: Path, folder: Path) -> Iterator[Installation]:
    own = Installation.copied(source, folder)
    try:
        yield own
    finally:
        own.kill()
        print(own.tail())  # pytest shows it beside a failure
