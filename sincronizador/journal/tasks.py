"""Tasks: the due steps of jobs, in lanes, with their pauses kept here so that a restart does not forget them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sincronizador.core.job import Step, Task

from .journal import Tx

DECISION = "decision"
"""The lane of reading, numbering and signing."""
HAND_OVER = "entrega"
"""The lane of handing over to a cloud."""
CLOUD = "nube"
"""The lane of what the cloud is asked."""
LOOKUP = "consultas"
"""The lane of questions about taxpayers."""
MIRROR = "espejo"
"""The lane of copies that must exist before a paper leaves."""
REPRESENT = "representacion"
"""The lane of the files beside the answers."""
PRINT_LANES = "impresora:"
"""Before the name of a print station: its lane."""
LONGEST_PAUSE = 60.0
"""Seconds. Whatever the clock says, nothing waits longer than this for its next try."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How a lane stands."""

    lane: str
    due: int
    parked: int
    tries: int
    """The most tries that any of its tasks has seen."""
    note: str
    """Why its first task waits."""
    held: int = 0
    """Papers besides, too old to come out by themselves."""


def print_lane(printer: str) -> str:
    """The lane of a print station."""
    return f"{PRINT_LANES}{printer}"


def drawer_lane(printer: str) -> str:
    """The lane of a station's drawer: it waits behind no paper."""
    return f"cajon:{printer}"


def add(db: Tx, job: int, step: Step, lane: str, *, state: str = "due") -> None:
    """A step becomes due (or waits, or is parked). Adding it again changes nothing."""
    db.execute(
        "INSERT OR IGNORE INTO task (job, step, lane, state, aside)"
        " SELECT id, ?, ?, ?, parent IS NOT NULL FROM job WHERE id = ?",
        (step, lane, state, job),
    )


def put_aside(db: Tx, job: int, step: Step) -> None:
    """It is done after everybody else's of its lane."""
    db.execute("UPDATE task SET aside = 1 WHERE job = ? AND step = ?", (job, step))


def due(db: Tx, lane: str, now: float, limit: int, *, aside: bool | None = None) -> list[Task]:
    """
    Tasks of a lane whose time has come; those that pause are stepped over.

    Oldest first, those of a lote after all others; only these, or only the others, where `aside` says so.
    """
    low, high = (0, 1) if aside is None else (int(aside), int(aside))
    rows = db.execute(
        "SELECT id, job, step, lane, tries, aside FROM task WHERE lane = ? AND aside BETWEEN ? AND ?"
        " AND state = 'due' AND (due <= ? OR due > ?) ORDER BY aside, id LIMIT ?",
        (lane, low, high, now, now + LONGEST_PAUSE, limit),
    )
    return [_task(row) for row in rows]


def due_parts(db: Tx, lane: str, now: float, limit: int, *, parts: bool) -> list[Task]:
    """Of what is done after everybody else's: the documents of lotes, or the files that are to be opened."""
    rows = db.execute(
        "SELECT task.id, job, step, lane, tries, aside FROM task JOIN job ON job.id = task.job"
        " WHERE lane = ? AND aside = 1 AND state = 'due' AND (due <= ? OR due > ?) AND (parent IS NOT NULL) = ?"
        " ORDER BY task.id LIMIT ?",
        (lane, now, now + LONGEST_PAUSE, int(parts), limit),
    )
    return [_task(row) for row in rows]


def head(db: Tx, lane: str, now: float) -> Task | None:
    """The first task of a lane if its time has come: while it pauses, the lane waits with it and keeps its order."""
    row = db.execute(
        "SELECT id, job, step, lane, tries, aside, due FROM task WHERE lane = ? AND state = 'due'"
        " ORDER BY aside, id LIMIT 1",
        (lane,),
    ).fetchone()
    if row is None or now < row[6] <= now + LONGEST_PAUSE:
        return None
    return _task(row[:6])


def print_head(db: Tx, printer: str, now: float) -> Task | None:
    """What a station does next: its drawer, then its papers in order."""
    return head(db, drawer_lane(printer), now) or head(db, print_lane(printer), now)


def is_due(db: Tx, task: int) -> bool:
    """Whether it is still to be done."""
    return db.execute("SELECT 1 FROM task WHERE id = ? AND state = 'due'", (task,)).fetchone() is not None


def finish(db: Tx, task: int) -> None:
    """The step is done for good."""
    db.execute("UPDATE task SET state = 'done', note = '' WHERE id = ?", (task,))


def pause(db: Tx, task: int, until: float, note: str) -> None:
    """Try again later; `note` is a sentence for people."""
    db.execute("UPDATE task SET due = ?, tries = tries + 1, note = ? WHERE id = ?", (until, note, task))


def park(db: Tx, task: int, note: str) -> None:
    """A person must act."""
    db.execute("UPDATE task SET state = 'parked', note = ? WHERE id = ?", (note, task))


def park_step(db: Tx, job: int, step: Step, note: str) -> None:
    """The same for a step of a job."""
    db.execute("UPDATE task SET state = 'parked', note = ? WHERE job = ? AND step = ?", (note, job, step))


def cancel(db: Tx, job: int) -> None:
    """Nothing of this job is due any more."""
    db.execute("UPDATE task SET state = 'done', note = '' WHERE job = ? AND state <> 'done'", (job,))


def wake(db: Tx, job: int | None = None) -> int:
    """Make pausing and parked tasks due at once, of a job or of all. Returns how many."""
    where = "state <> 'done' AND state IN ('due', 'parked') AND (due > 0 OR state = 'parked')"
    if job is None:
        return db.execute(f"UPDATE task SET state = 'due', due = 0 WHERE {where}").rowcount  # noqa: S608 - constant
    return db.execute(f"UPDATE task SET state = 'due', due = 0 WHERE {where} AND job = ?", (job,)).rowcount  # noqa: S608


def hurry(db: Tx, job: int, step: Step) -> None:
    """A step that waits for its time is due now."""
    db.execute("UPDATE task SET due = 0 WHERE job = ? AND step = ? AND state = 'due'", (job, step))


def delay(db: Tx, job: int, step: Step, until: float) -> None:
    """A step is not due before."""
    db.execute("UPDATE task SET due = ? WHERE job = ? AND step = ? AND state = 'due'", (until, job, step))


def reopen(db: Tx, job: int, step: Step, lane: str) -> None:
    """A step that may have been done in that lane is due again."""
    db.execute(
        "INSERT INTO task (job, step, lane, state, aside) SELECT id, ?, ?, 'due', parent IS NOT NULL FROM job"
        " WHERE id = ? ON CONFLICT (job, step, lane)"
        " DO UPDATE SET state = 'due', due = 0, tries = 0, note = ''",
        (step, lane, job),
    )


def finish_step(db: Tx, job: int, step: Step) -> None:
    """A step of a job is done for good, or not wanted any more."""
    db.execute("UPDATE task SET state = 'done', note = '' WHERE job = ? AND step = ?", (job, step))


def release(db: Tx, lane: str) -> int:
    """What waited silently for somebody to do it is due. Returns how many."""
    # What seems to be said twice is how the planner finds the index of what is open.
    waiting = "UPDATE task SET state = 'due' WHERE lane = ? AND state = 'waiting' AND state <> 'done'"
    return db.execute(waiting, (lane,)).rowcount


def wake_lane(db: Tx, lane: str) -> int:
    """What pauses in a lane is due now."""
    return db.execute("UPDATE task SET due = 0 WHERE lane = ? AND state = 'due' AND due > 0", (lane,)).rowcount


def count_due(db: Tx, lane: str) -> int:
    """How many steps of a lane are to be done."""
    return int(db.execute("SELECT count(*) FROM task WHERE lane = ? AND state = 'due'", (lane,)).fetchone()[0])


def oldest(db: Tx, lane: str) -> datetime | None:
    """When the file of the first step that is to be done in a lane arrived."""
    row = db.execute(
        "SELECT claimed_at FROM job WHERE id = (SELECT job FROM task WHERE lane = ? AND state = 'due'"
        " ORDER BY aside, id LIMIT 1)",
        (lane,),
    ).fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def pressing(db: Tx, lane: str, now: datetime, since: datetime, limit: int) -> int:
    """How many steps of a lane, at most `limit`, could be done now for files that arrived since then."""
    # The newest: thousands which have waited for long are not even looked at.
    rows = db.execute(
        "SELECT job.claimed_at, task.due FROM task JOIN job ON job.id = task.job"
        " WHERE lane = ? AND aside = 0 AND state = 'due' ORDER BY task.id DESC LIMIT ?",
        (lane, 4 * limit),
    ).fetchall()
    return min(limit, len([at for at, due in rows if due <= now.timestamp() and at >= since.isoformat()]))


def jobs_with(db: Tx, step: Step, lane: str) -> list[int]:
    """The jobs for which a step is to be done."""
    rows = db.execute("SELECT job FROM task WHERE lane = ? AND state = 'due' AND step = ? ORDER BY id", (lane, step))
    return [row[0] for row in rows]


def count_steps(db: Tx, steps: Iterable[Step], lane: str) -> int:
    """How many of these steps are to be done in a lane."""
    wanted = list(steps)
    marks = ", ".join("?" * len(wanted))
    found = db.execute(
        f"SELECT count(*) FROM task WHERE lane = ? AND state = 'due' AND step IN ({marks})",  # noqa: S608 - marks
        (lane, *wanted),
    )
    return int(found.fetchone()[0])


def is_parked(db: Tx, job: int, step: Step) -> bool:
    """Whether a step of a job waits for a person."""
    found = db.execute("SELECT 1 FROM task WHERE job = ? AND step = ? AND state = 'parked'", (job, step))
    return found.fetchone() is not None


def is_open(db: Tx, job: int, step: Step) -> bool:
    """Whether a step of a job is still to be done."""
    found = db.execute("SELECT 1 FROM task WHERE job = ? AND step = ? AND state <> 'done'", (job, step))
    return found.fetchone() is not None


def reopen_print(db: Tx, job: int, printer: str) -> None:
    """A job has something to print at a station, whatever it had before."""
    reopen(db, job, Step.PRINT, print_lane(printer))


def hold(db: Tx, task: int, note: str) -> None:
    """It leaves its lane until a person lets it go: no general retry does. `note` is a sentence for people."""
    db.execute("UPDATE task SET state = 'waiting', due = 0, note = ? WHERE id = ?", (note, task))


def print_tasks(db: Tx, job: int) -> dict[str, tuple[Task, str, str]]:
    """What a job still has to print: by lane the task, its state and its note."""
    rows = db.execute(
        "SELECT id, job, step, lane, tries, aside, state, note FROM task"
        " WHERE job = ? AND step = ? AND state <> 'done'",
        (job, Step.PRINT),
    )
    return {row[3]: (_task(row[:6]), row[6], row[7]) for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job with something to print at a station."""

    job: int
    lane: str
    state: str
    note: str


def waiting_to_print(db: Tx) -> list[Waiting]:
    """What waits at all stations, in the order in which each prints it."""
    # One question for drawers and one for papers: with both in one, the planner reads all that is open everywhere.
    asked = (
        "SELECT job, lane, state, note FROM task WHERE state <> 'done' AND lane BETWEEN ? AND ? AND step = ?"
        " ORDER BY lane, aside, id"
    )
    lanes = ((lane(""), lane("\U0010ffff")) for lane in (drawer_lane, print_lane))
    return [Waiting(*row) for ends in lanes for row in db.execute(asked, (*ends, Step.PRINT)).fetchall()]


def is_pausing(db: Tx, lane: str) -> bool:
    """Whether somebody waits in it for another try."""
    found = db.execute("SELECT 1 FROM task WHERE lane = ? AND state = 'due' AND due > 0 LIMIT 1", (lane,))
    return found.fetchone() is not None


def lanes(db: Tx) -> list[str]:
    """The lanes with work in them, in order: a step of the index for each, however long they are."""
    step = "SELECT lane FROM task WHERE state <> 'done' AND lane > ? ORDER BY lane LIMIT 1"
    found: list[str] = []
    while row := db.execute(step, (found[-1] if found else "",)).fetchone():
        found.append(row[0])
    return found


def queues(db: Tx) -> list[Queue]:
    """Every lane with work in it."""
    # In the order of the index, counted as they come: of a machine without a cloud every sale waits to be handed over.
    counted = "SELECT lane, state, count(*), max(tries) FROM task WHERE state <> 'done' GROUP BY lane, state"
    lanes: dict[str, dict[str, tuple[int, int]]] = {}
    for lane, state, count, tries in db.execute(counted):
        lanes.setdefault(lane, {})[state] = count, tries
    return [_queue(db, lane, states) for lane, states in lanes.items()]


def queue_of(db: Tx, lane: str) -> Queue:
    """One lane."""
    counted = "SELECT state, count(*), max(tries) FROM task WHERE lane = ? AND state <> 'done' GROUP BY state"
    return _queue(db, lane, {state: (count, tries) for state, count, tries in db.execute(counted, (lane,))})


def _queue(db: Tx, lane: str, states: dict[str, tuple[int, int]]) -> Queue:
    noted = "SELECT note FROM task WHERE lane = ? AND note <> '' AND state <> 'waiting' ORDER BY id LIMIT 1"
    note = db.execute(noted, (lane,)).fetchone()
    held = states.get("waiting", (0, 0))[0] if lane.startswith(PRINT_LANES) else 0
    return Queue(
        lane=lane,
        due=sum(count for state, (count, _) in states.items() if state != "parked") - held,
        parked=states.get("parked", (0, 0))[0],
        held=held,
        tries=max((tries for _, tries in states.values()), default=0),
        note=note[0] if note else "",
    )


def notes(db: Tx, job: int) -> list[tuple[Step, str, str]]:
    """Step, state and note of a job's tasks."""
    rows = db.execute("SELECT step, state, note FROM task WHERE job = ? ORDER BY id", (job,))
    return [(Step(step), state, note) for step, state, note in rows]


def _task(row: tuple[int, int, str, str, int, int]) -> Task:
    id_, job, step, lane, tries, aside = row
    return Task(id=id_, job=job, step=Step(step), lane=lane, tries=tries, aside=bool(aside))
