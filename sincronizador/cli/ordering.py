"""Orders from the command line: the daemon carries them out; without a daemon, this process does, under its locks."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sincronizador import native
from sincronizador.errors import NeedsOperator
from sincronizador.files import cause_of
from sincronizador.journal import orders

if TYPE_CHECKING:
    from sincronizador.journal.journal import Journal
    from sincronizador.settings import Settings


def carry_out(settings: "Settings", verb: str, args: dict[str, str], content: bytes = b"") -> str:
    """
    Have an order carried out; the sentence that says what was done.

    Raises `Rejected` with the sentence that says why not, `Unavailable` when the daemon does not answer.
    """
    from sincronizador.daemon import assembly

    try:
        taken = assembly.take_locks(settings, datetime.now(UTC))
    except NeedsOperator as error:
        if error.code != "E9221":
            raise
        return orders.ask(settings.diario, verb, args, content)
    try:
        journal = assembly.open_or_create(settings, datetime.now(UTC))
        return orders.sentence_of(_do_it_here(settings, journal, verb, args, content))
    finally:
        give_to_owner(settings)
        for lock in taken:
            lock.release()


def leave(settings: "Settings", verb: str, args: dict[str, str]) -> None:
    """Leave an order for the daemon, now or when it next starts. Raises `NeedsOperator` when that is impossible."""
    from sincronizador.journal.journal import open_journal

    journal = open_journal(settings.diario)
    try:
        with journal.transaction() as db:
            orders.place(db, verb, args, b"", datetime.now(UTC))
    finally:
        journal.close()


def give_to_owner(settings: "Settings") -> None:
    """What root made in somebody's installation is that user's: the service could not open it otherwise."""
    from sincronizador.daemon import assembly

    owner = os.stat(os.path.dirname(settings.diario))
    if not native.is_root() or owner.st_uid == 0:
        return
    journal = (f"{settings.diario}{ending}" for ending in ("", "-wal", "-shm"))
    locks = (lock.path for lock in assembly.locks(settings))
    for path in (*journal, *locks, settings.spool):
        if os.path.exists(path) and os.stat(path).st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
    for path in assembly.make_layout(settings).folders:
        if os.path.exists(path) and os.stat(path).st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid)
            # Root's umask knows nothing of those who drop files: as open to them as the folder above.
            os.chmod(path, os.stat(settings.spool).st_mode & 0o7777)


def _do_it_here(
    settings: "Settings", journal: "Journal", verb: str, args: dict[str, str], content: bytes
) -> orders.Outcome:
    from sincronizador.daemon import assembly
    from sincronizador.engine.orders import carry_out_next

    house, pen = assembly.make_house(settings, journal)
    with journal.transaction() as db:
        number = orders.place(db, verb, args, content, datetime.now(UTC))
    while carry_out_next(house, pen):
        pass
    with journal.reading() as db:
        outcome = orders.outcome(db, number)
    journal.close()
    if outcome is None:
        raise AssertionError(f"order {number} was not carried out")
    return outcome


def read_file(path: str) -> bytes:
    """The bytes of a file that a person names. Raises a usage error in Spanish."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as exc:
        raise click.UsageError(f"no se puede leer «{path}» ({cause_of(exc)}).") from exc
