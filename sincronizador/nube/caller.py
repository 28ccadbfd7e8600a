"""Who speaks to the cloud, and how it is answered."""

from dataclasses import dataclass

from sincronizador.core.receipt import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Whose token it is."""

    installation: int
    rut: str
    """Of the issuer."""
    code: str
    """Of the installation within its issuer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose token it is, and what the headers of the call say."""

    installation: int
    rut: str
    code: str
    epoch: int
    server_epoch: str
    run: str = ""
    """Empty: a client that knows nothing of runs."""
    fenced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A verdict, and whether the call made what it tells of: 201 instead of 200."""

    reply: Reply
    created: bool = False
