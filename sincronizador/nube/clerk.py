"""What the sweeps work with: the base, the clock, the law, the issuers' keys, each issuer's way to the authority."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Connection

from sincronizador.authorities.door import Authority
from sincronizador.countries.uy.uruguay import Uruguay
from sincronizador.errors import NeedsOperator, Unavailable
from sincronizador.nube import codes, issuers
from sincronizador.nube.certificates import Pens
from sincronizador.nube.post import Post
from sincronizador.nube.store import Store
from sincronizador.signing.certificate import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Threads may share it."""

    store: Store
    pens: Pens
    clock: Callable[[], datetime]
    authority: Callable[[Identity], Authority]
    """The way to the authority of who has this key: the authority knows an issuer by it."""
    receptor: str
    """RUT of the authority in this environment."""
    report_at: time
    """When on the day after the report of a day is sent."""
    is_vouched: Callable[[], bool]
    """Whether somebody keeps the clock right: what cannot be undone waits for it."""
    post: Post | None = None
    """The ways to receivers; None where nothing goes to them."""

    def now(self) -> datetime:
        """In the zone of the law."""
        return self.clock().astimezone(Uruguay.zone)

    def law(self, db: Connection, rut: str) -> Uruguay:
        """The law for an issuer. Raises `NeedsOperator` E3311 for one that is not here."""
        found = issuers.law_at(db, rut)
        if found is None:
            raise codes.UNKNOWN_ISSUER.at(value=rut).as_error(NeedsOperator)
        return found

    def identity(self, rut: str) -> Identity:
        """The key that an issuer signs with now. Raises `NeedsOperator` E3511 when there is none."""
        with self.store.reading() as db:
            found = self.pens.identity(db, rut, environment=self.store.environment, now=self.now())
        if isinstance(found, Unavailable):
            raise NeedsOperator(codes.NO_CERTIFICATE.code, str(found))
        return found

    def line(self, rut: str) -> Authority:
        """The issuer's way to the authority. Raises as `identity` does."""
        return self.authority(self.identity(rut))
