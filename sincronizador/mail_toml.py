"""``[correo]``: the mail server, as the TOML of an installation and that of the cloud name it."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator

from sincronizador.core import codes
from sincronizador.core.finding import Finding
from sincronizador.secret import Secret
from sincronizador.smtp import Cipher, MailServer, is_address
from sincronizador.toml import Ruta, Segundos, Tabla, Texto, secret_at

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def mail_address(value: str) -> str:
    """One address and nothing else. Raises ValueError."""
    if not is_address(value):
        raise ValueError("una dirección de correo sola, por ejemplo comprobantes@example.com")
    return value


Direccion = Annotated[Texto, AfterValidator(mail_address)]


class Correo(Tabla):
    """The mail server and who writes."""

    servidor: Texto
    puerto: Annotated[int, Field(ge=1, le=65_535)] = 587
    cifrado: Cipher = Field(default=Cipher.STARTTLS, strict=False)
    remitente: Direccion
    """Who writes, and whose domain the Message-IDs are of."""
    usuario: str = ""
    clave: Annotated[Secret | None, PlainValidator(secret_at("correo.clave"))] = None
    ca: Ruta | None = None
    """PEM of the authorities of the mail server, instead of the public ones."""
    espera: Segundos = 30.0
    """For a message, all in all."""

    @property
    def server(self) -> MailServer:
        """As the way out wants it."""
        return MailServer(
            host=self.servidor, port=self.puerto, cipher=self.cifrado, user=self.usuario,
            password=self.clave.read if self.clave else bytes, ca=self.ca or "", patience=self.espera,
        )  # fmt: skip


def contradictions(found: Correo) -> Iterator[Finding]:
    """What its keys say that cannot be together."""
    if found.cifrado is Cipher.NONE and found.servidor not in _THIS_MACHINE:
        expected = "«starttls» o «tls»: sin cifrar solo dentro de esta máquina"
        yield codes.BAD_SETTING.at(clave="correo.cifrado", valor=found.cifrado, esperado=expected)
    if (found.clave is None) != (not found.usuario):
        yield codes.MISSING_SETTING.at(clave="«usuario» y «clave» en [correo]: van los dos o ninguno")
