"""Slices of a CAE for installations that number by themselves."""

from dataclasses import dataclass

from sincronizador.core.receipt import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A lease, and whether this call made it."""

    lease: Lease
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLeases:
    """The open leases of an installation, and the types of document that it can lease."""

    leases: tuple[Lease, ...]
    types: tuple[int, ...]
