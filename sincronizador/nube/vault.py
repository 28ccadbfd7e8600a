"""Secrets at rest: certificates with their keys, and CAE files."""

import secrets


def new_vault_key() -> bytes:
    """32 random bytes as 64 hexadecimal digits: what the key's file holds."""
    return secrets.token_hex(32).encode()


class Vault:
    """Seals with one key. `key` is what `new_vault_key` gave; raises `NeedsOperator` for anything else."""

    def __init__(self, key: bytes) -> None:
        raise NotImplementedError
