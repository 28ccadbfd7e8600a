"""
Secrets at rest: certificates with their keys, and CAE files.

AES-256-GCM; what is sealed is bound to its place (``certificado:219999830019:...``), so a row copied elsewhere does not
open. The key is kept apart from the base: a copy of the base alone tells nothing.
"""

import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sincronizador.errors import NeedsOperator
from sincronizador.nube import codes

_NONCE = 12


def new_vault_key() -> bytes:
    """32 random bytes as 64 hexadecimal digits: what the key's file holds."""
    return secrets.token_hex(32).encode()


class Vault:
    """Seals with one key. `key` is what `new_vault_key` gave; raises `NeedsOperator` E3409 for anything else."""

    def __init__(self, key: bytes) -> None:
        if re.fullmatch(rb"[0-9a-fA-F]{64}", key.strip()) is None:
            raise codes.BAD_VAULT_KEY.at().as_error(NeedsOperator)
        self._key = AESGCM(bytes.fromhex(key.strip().decode()))

    def seal(self, content: bytes, place: str) -> bytes:
        """`content`, sealed for that place."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._key.encrypt(nonce, content, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for that place. Raises `NeedsOperator` E3410 with another key or another place."""
        try:
            return self._key.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except InvalidTag as exc:
            raise codes.WRONG_VAULT_KEY.at().as_error(NeedsOperator) from exc
