"""The door of signing."""

from typing import Protocol

from sincronizador.core.signature import SignaturePlan


class Signer(Protocol):
    """Signs with a key that was loaded once. May be repeated: the same bytes give the same signature."""

    def sign(self, document: bytes, plan: SignaturePlan) -> bytes:
        """The canonical document with its Signature as last child. Raises `NeedsOperator` when the key is unusable."""
        ...
