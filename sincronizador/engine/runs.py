"""Runs: every start tells the cloud that it is the one which goes on; a copy of this machine is refused, or we are."""

import secrets
import socket
from dataclasses import replace
from datetime import timedelta

from sincronizador.core import cloud_codes
from sincronizador.core.receipt import Health, Reply, Said
from sincronizador.errors import SincronizadorError
from sincronizador.journal import events, leases, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase, Post
from sincronizador.providers.door import Began, Cloud

from .asking import ask
from .fencing import fence
from .house import House

RENEW = timedelta(hours=1)
"""So often a new run begins, so that a copy of the running machine (a snapshot that is resumed) is found without a
start."""


def begin(house: House, cloud: Cloud, health: Health) -> bool:
    """
    This process is the run of its installation, if the cloud says so; False when that is not known yet.

    What an earlier process asked for without an answer is asked first: whoever has a copy of it may have asked too.
    """
    with house.journal.reading() as db:
        place = post.read(db)
    if place.phase in _WITHOUT or place.server_epoch != health.server_epoch or not house.fences:
        return True
    _see_clones(house, place, health)
    began, steady = house.line.run_began, house.clock.steady()
    if began is not None and steady < began + RENEW.total_seconds():
        return True
    if not place.run_asked:
        with house.journal.transaction() as db:
            place = replace(post.read(db), run_asked=secrets.token_hex(16))
            post.keep(db, place)
        house.line.run_asked = place.run_asked
    answer = ask(house, "run", lambda: _ask(cloud, place))
    if isinstance(answer, SincronizadorError):
        return False
    if isinstance(answer, Reply):
        # A cloud that knows nothing of runs; any other verdict is met again by what is asked next.
        house.line.run_began = steady if answer.said is Said.UNKNOWN else None
        return True
    with house.journal.transaction() as db:
        if post.read(db) != place:
            return False
        if not answer.granted:
            _refused(house, db, place, answer)
            return False
        _granted(house, db, place, steady)
    # What an earlier process asked for is no run of this one: who has a copy of it was granted it too.
    return house.line.run_began is not None or begin(house, cloud, health)


_WITHOUT = (Phase.JOIN, Phase.TAKEN, Phase.FENCED)
"""An epoch decides there."""


def _ask(cloud: Cloud, place: Post) -> Began | Reply:
    name = socket.gethostname()[:100]
    return cloud.begin_run(place.run_asked, place.run, place.turn + 1, name, replace(place.standing, run=""))


def _granted(house: House, db: Tx, place: Post, steady: float) -> None:
    post.keep(db, replace(place, run=place.run_asked, turn=place.turn + 1, run_asked=""))
    house.line.run_began = steady if place.run_asked == house.line.run_asked else None
    tasks.wake_lane(db, tasks.CLOUD)
    tasks.wake_lane(db, tasks.HAND_OVER)


def _refused(house: House, db: Tx, place: Post, answer: Began) -> None:
    now = house.clock.now()
    since = f", desde el {answer.since.astimezone(now.tzinfo):%d/%m/%Y %H:%M}" if answer.since else ""
    post.keep(db, replace(place, taken_by=f"{answer.name or 'otra máquina'}{since}"))
    fence(db, now)


def _see_clones(house: House, place: Post, health: Health) -> None:
    """A copy of this machine was refused: what it signed from our leases nobody knows, so they are left."""
    if health.clones is None or health.clones == place.clones:
        return
    with house.journal.transaction() as db:
        place = post.read(db)
        post.keep(db, replace(place, clones=health.clones))
        if place.clones < 0:
            return
        leases.lose_all(db)
        house.line.run_began, house.line.offer = None, (None, ())
        events.record(db, None, house.clock.now(), "cloned", cloud_codes.CLONED.message)
