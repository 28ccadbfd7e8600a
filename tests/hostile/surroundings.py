"""What the targets stand in: an installation without threads, a test identity, DGI's files where they are present."""

import atexit
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from sincronizador.cli.installation import RUT, prepare_journal, write_installation
from sincronizador.daemon import assembly
from sincronizador.engine.house import House
from sincronizador.journal.journal import open_journal
from sincronizador.settings import load
from sincronizador.signing.certificate import Identity
from sincronizador.signing.identity import Validity, issue, make_authority

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=-3)))
PROJECT = Path(__file__).parents[2]
_VALIDITY = Validity(desde=datetime(2026, 1, 1, tzinfo=UTC), hasta=datetime(2028, 1, 1, tzinfo=UTC))


@cache
def private_folder() -> Path:
    """A folder in memory, for what must be a file; removed at the end of the process."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="hostil-", dir=base))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def a_house() -> House:
    """A whole installation with every mapping that we ship."""
    folder = private_folder() / "i"
    prepare_journal(write_installation(str(folder), "", NOW))
    shutil.copytree(PROJECT / "config" / "mapeos", folder / "mapeos")
    settings = load(str(folder / "sincronizador.toml"))
    entrada = settings.entrada.model_copy(update={"mapeos": str(folder / "mapeos")})
    settings = settings.model_copy(update={"entrada": entrada})
    return assembly.make_checker(settings, open_journal(settings.diario, read_only=True))


@cache
def an_identity() -> Identity:
    """Somebody who signs."""
    return issue(make_authority(_VALIDITY), _VALIDITY, rut=RUT, titular="EMPRESA INVENTADA (PRUEBA)")


def dgi(*patterns: str, largest: int = 40_000) -> list[bytes]:
    """DGI's samples, which are not part of the project; none where they are absent."""
    given = os.environ.get("SINCRONIZADOR_REFERENCIA")
    folder = (Path(given) if given else PROJECT.parent / "shared" / "reference") / "uruguay"
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    return [path.read_bytes() for path in found if path.stat().st_size <= largest]
