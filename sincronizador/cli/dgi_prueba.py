"""A DGI on this machine, in a folder of its own: to try the whole way without telling anything to the real one."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime

from sincronizador.authorities import fake
from sincronizador.authorities.fake_server import Server
from sincronizador.cli.dgi_notary import AUTHORITY, open_identity
from sincronizador.countries.uy.tipos import ZONE
from sincronizador.errors import Rejected
from sincronizador.files import make_folder, write_atomic, write_many
from sincronizador.schemas import load_schemas

IDENTITY, TRUSTED, CAES, BOOK = "identidad", "confianza", "cae", "libro.db"
"""What the fake DGI's folder holds: who it is, whom it trusts, the CAEs that it gave, what it was told."""

_SETTINGS = """\
[dgi]
recepcion = "{url}{recepcion}"
consultas = "{url}{consultas}"
contribuyentes = "{url}{rut}"
ca = "{ca}"
ruc = "{ruc}"
"""


def settings_text(url: str, folder: str) -> str:
    """What the cloud's TOML says to talk to it."""
    return _SETTINGS.format(
        url=url, recepcion=fake.RECEPCION, consultas=fake.CONSULTAS, rut=fake.RUT, ruc=fake.RUT_DGI,
        ca=os.path.join(os.path.abspath(folder), IDENTITY, AUTHORITY),
    )  # fmt: skip


def prepare(folder: str, port: int, *, trusted: bytes, caes: Sequence[str], now: datetime) -> str:
    """
    Write the folder of a fake DGI that trusts these authorities (PEM) and gave these CAEs (paths of their files).

    Gives what the cloud's TOML says to talk to it on that port.
    """
    server = open_server(folder, port, clock=lambda: now)
    server.dgi.close()
    write_atomic(os.path.join(folder, TRUSTED, "emisores.pem"), trusted)
    write_many((os.path.join(folder, CAES, os.path.basename(path)), _read(path)) for path in caes)
    return settings_text(server.url, folder)


def open_server(folder: str, port: int, schemas: str = "", *, clock: Callable[[], datetime] | None = None) -> Server:
    """The fake DGI of a folder, made the first time; down. Raises `NeedsOperator` E9308 for bad schemas."""
    clock = clock or (lambda: datetime.now(ZONE))
    for name in ("", TRUSTED, CAES):
        make_folder(os.path.join(folder, name), parents=True)
    notary, tls = open_identity(os.path.join(folder, IDENTITY), clock())
    schema = schema_of(schemas) if schemas else None
    dgi = fake.FakeDgi(notary, clock, path=os.path.join(folder, BOOK), schema=schema)
    return Server(dgi, tls, port)


def schema_of(folder: str) -> Callable[[bytes], Sequence[str]]:
    """What the XSDs of a folder have against a document. Raises `NeedsOperator` E9308."""
    schemas = load_schemas(folder)
    return lambda document: [finding.message for finding in schemas.problems(document)]


class Intake:
    """The files that people drop beside it: authorities to trust, CAEs that it gave."""

    def __init__(self, server: Server, folder: str) -> None:
        self._dgi = server.dgi
        self._folder = folder
        self._seen: set[tuple[str, int, int]] = set()

    def look(self) -> list[str]:
        """Take up what is new; a sentence for each, also for what is of no use."""
        told = []
        for name, take in ((TRUSTED, self._trust), (CAES, self._keep)):
            folder = os.path.join(self._folder, name)
            for found in sorted(os.scandir(folder), key=lambda entry: entry.name):
                mark = (found.path, found.stat().st_mtime_ns, found.stat().st_size)
                if found.is_file() and not found.name.startswith(".") and mark not in self._seen:
                    self._seen.add(mark)
                    told.append(take(found.path))
        return told

    def _trust(self, path: str) -> str:
        try:
            self._dgi.notary.trust(_read(path))
        except ValueError:
            return f"No se entendió {path}: debe ser el certificado de una autoridad, en PEM."
        return f"Se confía en la autoridad de {path}."

    def _keep(self, path: str) -> str:
        if path.endswith(".json"):
            return self._keep_constancias(path)
        try:
            return f"Registrado: {self._dgi.registers.keep_cae(_read(path))}."
        except Rejected as exc:
            return f"No se registró {path}: {exc}"

    def _keep_constancias(self, path: str) -> str:
        try:
            said = json.loads(_read(path))
            several = said if isinstance(said, list) else [said]
            for one in several:
                self._dgi.registers.keep_constancia(one)
        except (ValueError, TypeError, KeyError) as exc:
            return f"No se registró {path}: {exc!r}"
        return f"Registradas {len(several)} constancias de papel, de {path}."


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
