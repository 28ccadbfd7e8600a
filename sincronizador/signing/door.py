"""The door of signing."""

from typing import Protocol

from sincronizador.core.signature import SignaturePlan


class Signer(Protocol):
    """Signs with a key that was loaded once. Repeating is free of consequences: the same bytes give the same signature."""

    def sign(self, document: bytes, plan: SignaturePlan) -> bytes:
        """The document, canonical, with its Signature as last child. Raises `NeedsOperator` when the key cannot be used."""
        ...
