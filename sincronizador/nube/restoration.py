"""
After the base was restored from a copy: nothing is numbered until the installations have told what they know.

What the copy forgot may be on paper, so counters jump: beyond every number that somebody knows, and by a margin that
grows with each restore. The numbers jumped over are doubtful.
"""

from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, insert, select, update

from sincronizador.core.receipt import Highest
from sincronizador.nube import filers
from sincronizador.nube.tables import base, cae, document, filer, highest, installation, issuer, lease

MARGIN = 500
"""Numbers by which the counter of each CAE jumps, for each restore that the base has seen."""


def begin(db: Connection, server_epoch: str, restores: int, now: datetime) -> None:
    """A new server_epoch; epochs from now on exceed all earlier ones; every issuer waits for its installations."""
    last = db.execute(select(func.max(issuer.c.touched))).scalar()
    floor = db.execute(select(base.c.epoch_floor)).scalar_one()
    db.execute(
        update(base).values(
            server_epoch=server_epoch,
            restores=restores,
            epoch_floor=max(floor + 1, int(now.timestamp())),
            recovering_since=last,
        )
    )
    # Whoever comes first goes on: what the copy knows of runs is of yesterday.
    db.execute(update(installation).values(run=""))
    db.execute(update(issuer).values(recovering=True))
    for rut in db.execute(select(filer.c.rut)).scalars().all():
        filers.jump(db, rut, restores, now)
    for rut in db.execute(select(issuer.c.rut)).scalars().all():
        finish_if_complete(db, rut)


def finish_if_complete(db: Connection, rut: str) -> bool:
    """When nobody is left to wait for, let the counters jump and the issuer number again; whether it was so."""
    if missing(db, rut):
        return False
    restores = db.execute(select(base.c.restores)).scalar_one()
    for row in db.execute(select(cae).where(cae.c.rut == rut)).all():
        known = max(row.next, first_unknown(db, rut, row.doc_type, row.series, row.first, row.last))
        db.execute(update(cae).where(cae.c.id == row.id).values(next=min(known + MARGIN * restores, row.last + 1)))
    db.execute(update(issuer).where(issuer.c.rut == rut).values(recovering=False))
    return True


def missing(db: Connection, rut: str) -> list[str]:
    """The codes of the living installations that have not sent everything again."""
    told = select(base.c.server_epoch).scalar_subquery()
    waiting = select(installation.c.code).where(
        installation.c.rut == rut, installation.c.dead.is_(None), installation.c.recovered != told
    )
    return list(db.execute(waiting.order_by(installation.c.code)).scalars())


def learn(db: Connection, rut: str, known: Highest) -> None:
    """Keep the highest number that an installation knows of, and never give it or a lower one again."""
    where = (highest.c.rut == rut, highest.c.doc_type == known.tipo, highest.c.series == known.serie)
    before = db.execute(select(highest.c.number).where(*where)).scalar()
    if before is None:
        db.execute(insert(highest).values(rut=rut, doc_type=known.tipo, series=known.serie, number=known.numero))
    elif before < known.numero:
        db.execute(update(highest).where(*where).values(number=known.numero))
    pass_by(db, rut, known.tipo, known.serie, known.numero)


def pass_by(db: Connection, rut: str, doc_type: int, series: str, number: int) -> None:
    """Move the counter of the CAE beyond `number`, unless an installation numbers there by itself."""
    held = exists().where(and_(lease.c.cae == cae.c.id, lease.c.held, lease.c.first <= number, lease.c.last >= number))
    db.execute(
        update(cae)
        .where(
            cae.c.rut == rut, cae.c.doc_type == doc_type, cae.c.series == series,
            cae.c.next <= number, cae.c.last >= number, ~held,
        )
        .values(next=number + 1)
    )  # fmt: skip


def first_unknown(db: Connection, rut: str, doc_type: int, series: str, first: int, last: int) -> int:
    """Where the counter of a CAE begins that is imported now: above whatever of it somebody knows already."""
    document_max = select(func.max(document.c.number)).where(
        document.c.rut == rut, document.c.doc_type == doc_type, document.c.series == series,
        document.c.number.between(first, last),
    )  # fmt: skip
    told = select(highest.c.number).where(
        highest.c.rut == rut, highest.c.doc_type == doc_type, highest.c.series == series
    )
    known = max(db.execute(found).scalar() or 0 for found in (document_max, told))
    return max(first, min(known, last) + 1)
