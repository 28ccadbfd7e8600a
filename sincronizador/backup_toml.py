"""``[respaldo]``: where backups go by themselves, as the TOML of an installation and that of the cloud name it."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo

from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.errors import NeedsOperator
from sincronizador.secret import Secret
from sincronizador.storage import S3, Bucket, Folder, Storage, is_s3
from sincronizador.toml import Ruta, Tabla, absolute, secret_at


def _hour(value: str) -> str:
    if value and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value, re.ASCII):
        raise ValueError("una hora del día, por ejemplo 03:00")
    return value


def _place(value: str, info: ValidationInfo) -> str:
    if value.startswith(S3) and not is_s3(value):
        raise ValueError("una carpeta, o s3://BALDE/PREFIJO")
    return value if not value or is_s3(value) else absolute(value, info)


def _endpoint(value: str) -> str:
    if value and not re.fullmatch(r"https://[\w.-]+(:\d{1,5})?/?|http://(127[\d.]+|localhost)(:\d{1,5})?/?", value):
        raise ValueError("una dirección https, sin nada después del puerto")
    return value.rstrip("/")


class Respaldo(Tabla):
    """When, where to, and for how long."""

    automatico: Annotated[str, AfterValidator(_hour)] = ""
    """``03:00``; empty: never."""
    destino: Annotated[str, AfterValidator(_place)] = ""
    """A folder, or ``s3://BALDE/PREFIJO``; empty: the folder `respaldos` beside what is backed up."""
    conservar: Annotated[int, Field(ge=0, le=36_500)] = 30
    """Days; 0 for ever."""
    s3_servidor: Annotated[str, AfterValidator(_endpoint)] = ""
    """Of another S3 than Amazon's."""
    s3_region: Annotated[str, Field(min_length=1)] = "us-east-1"
    s3_usuario: str = ""
    """The name of the access key (access key id)."""
    s3_clave: Annotated[Secret | None, PlainValidator(secret_at("respaldo.s3_clave"))] = None
    s3_ca: Ruta | None = None
    """PEM of the authorities of the server, instead of the public ones."""

    @property
    def hour(self) -> time | None:
        """When, by the clock of the country."""
        return time.fromisoformat(self.automatico) if self.automatico else None

    def storage(self, where: str) -> Storage:
        """A folder, or the bucket or prefix that an s3:// address names, with the keys of this table."""
        if not is_s3(where):
            return Folder(where)
        if self.s3_clave is None:
            raise codes.MISSING_SETTING.at(clave="«s3_usuario» y «s3_clave» en [respaldo]").as_error(NeedsOperator)
        return Bucket(
            where, user=self.s3_usuario, key=self.s3_clave.read, server=self.s3_servidor, region=self.s3_region,
            ca=self.s3_ca or "",
        )  # fmt: skip

    @contextmanager
    def brought(self, archivo: str, folder: str) -> Iterator[str]:
        """The path of a backup; one at an s3:// address is brought into `folder` for as long as it takes."""
        if not is_s3(archivo):
            yield archivo
            return
        where, _, name = archivo.rpartition("/")
        with tempfile.TemporaryDirectory(prefix=".traido-", dir=folder) as work:
            path = os.path.join(work, name)
            self.storage(where).fetch(name, path)
            yield path


def contradictions(found: Respaldo) -> Iterator[Finding]:
    """What its keys say that cannot be together."""
    if is_s3(found.destino) and (not found.s3_usuario or found.s3_clave is None):
        yield codes.MISSING_SETTING.at(clave="«s3_usuario» y «s3_clave» en [respaldo], que exige un destino s3://")
