"""A password or a token by where it is kept: the TOML never holds one, no message repeats one."""

import os
import stat
import subprocess
from dataclasses import dataclass

from sincronizador import native
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of

CREDENTIAL = "credencial:"
"""A secret that begins so is a systemd credential: ``credencial:certificado.clave``."""
STORE = "/etc/credstore.encrypted"
"""Where encrypted credentials lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a password or a token is kept; never what it is."""

    key: str
    """The TOML's name for it, for sentences: ``certificado.clave``."""
    path: str
    """Of the file that holds it; empty for a credential."""
    credential: str = ""

    def read(self) -> bytes:
        """
        The secret, without the line end that editors add.

        Raises `NeedsOperator` (E9306) when it is not there, cannot be read, or anybody on this machine could read it.
        """
        folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
        if not self.path and not folder:
            return self._decrypted()
        path = self.path or os.path.join(folder, self.credential)
        try:
            with open(path, "rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if self.path and mode & stat.S_IROTH:
                    raise self._trouble(f"cualquier usuario puede leer «{path}»; ciérrelo con «chmod 600»")
                return file.read().rstrip(b"\r\n")
        except OSError as exc:
            # A path may be a password that somebody wrote here: it is not repeated.
            raise self._trouble(f"no se puede leer el archivo que nombra ({cause_of(exc)})") from exc

    def is_kept(self) -> bool:
        """Whether there is anything to read, as far as this user can see."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY", STORE)
        return os.path.exists(self.path or os.path.join(folder, self.credential))

    def weakness(self) -> str | None:
        """A sentence when others than the owner may read it; None when all is well or `read` will say more."""
        if not self.path or not os.path.exists(self.path):
            return None
        if os.stat(self.path).st_mode & (stat.S_IRGRP | stat.S_IROTH):
            return f"{self.key}: otros usuarios pueden leer «{self.path}»; ciérrelo con «chmod 600»."
        return None

    def _decrypted(self) -> bytes:
        """Outside of its service, the credential is for root, who may read everything."""
        path = os.path.join(STORE, self.credential)
        if not native.is_root() or not os.path.exists(path):
            who = "solo la leen el servicio y root" if not native.is_root() else f"no está «{path}»"
            raise self._trouble(f"no hay credenciales de systemd para leer «{self.credential}» ({who})")
        command = ["systemd-creds", "decrypt", f"--name={self.credential}", path, "-"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as exc:
            raise self._trouble(f"«systemd-creds» no abre «{path}»: se guardó en otra máquina, o está dañado") from exc
        return done.stdout.rstrip(b"\r\n")

    def _trouble(self, detail: str) -> NeedsOperator:
        finding = codes.BAD_SECRET.at(clave=self.key, detalle=detail)
        return NeedsOperator(finding.code, finding.message)
