"""The folder of DGI's schemas, read and compiled."""

import os

from sincronizador.countries.uy.schema import BAD_SCHEMAS, Schemas
from sincronizador.errors import NeedsOperator

_MAX_BYTES = 5_000_000
"""Of one file; DGI's largest has 141 kB."""
_MAX_FILES = 200


def load_schemas(folder: str) -> Schemas:
    """
    The schemas of ``esquemas.carpeta``: every ``.xsd`` directly in it.

    Raises `NeedsOperator` E9308 for a folder that cannot be read or holds no schemas that compile.
    """
    try:
        names = [name for name in sorted(os.listdir(folder)) if name.lower().endswith(".xsd")]
        files = {name: _read(os.path.join(folder, name)) for name in names[:_MAX_FILES]}
    except OSError as exc:
        detail = f"{os.strerror(exc.errno)}" if exc.errno else str(exc)
        raise BAD_SCHEMAS.at(carpeta=folder, detalle=detail).as_error(NeedsOperator) from exc
    return Schemas(files, folder)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_MAX_BYTES)
