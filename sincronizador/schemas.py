"""The folder of DGI's schemas, read and compiled."""

import os

from sincronizador.countries.uy.schema import BAD_SCHEMAS, Schemas
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of

_MAX_BYTES = 5_000_000
"""Of one file; DGI's largest has 141 kB."""
_MAX_FILES = 200
"""DGI's folder has 30."""


def load_schemas(folder: str) -> Schemas:
    """
    The schemas of ``esquemas.carpeta``: every ``.xsd`` directly in it.

    Raises `NeedsOperator` E9308 for a folder that cannot be read or holds no schemas that compile.
    """
    try:
        names = [name for name in sorted(os.listdir(folder)) if name.lower().endswith(".xsd")]
        if len(names) > _MAX_FILES:
            raise _useless(folder, f"tiene {len(names)} archivos .xsd y se admiten {_MAX_FILES}")
        files = {name: _read(folder, name) for name in names}
    except OSError as exc:
        raise _useless(folder, cause_of(exc)) from exc
    return Schemas(files, folder)


def _read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise _useless(folder, f"{name} tiene más de {_MAX_BYTES} bytes")
    return content


def _useless(folder: str, detail: str) -> NeedsOperator:
    return BAD_SCHEMAS.at(carpeta=folder, detalle=detail).as_error(NeedsOperator)
