"""HAND_OVER: what was signed here reaches the cloud, oldest first, in the background."""

from datetime import datetime

from sincronizador.core import cloud_codes
from sincronizador.core.job import Job, Task
from sincronizador.core.receipt import Attempt, HandOver, Reply, Said, Standing, cloud_key
from sincronizador.errors import SincronizadorError
from sincronizador.journal import documents, episodes, events, intents, jobs, post, tasks
from sincronizador.journal.journal import Tx
from sincronizador.journal.post import Phase

from .asking import ask
from .documents import find
from .fencing import fence
from .house import House
from .issuing import acknowledged
from .pauses import pause_after
from .recalling import recall

_MAY_HAND = (Phase.READY, Phase.RESEND, Phase.PULL, Phase.HOLD, Phase.FENCED)


def hand_over_next(house: House) -> bool:
    """Hand over the oldest document that is due; False when there is none, or the cloud cannot be asked."""
    cloud = house.cloud
    if cloud is None or (house.line.link.failures and house.line.numbers):
        # Without a line nobody tries: the probe says when there is one. A cloud that waits for others takes it.
        return False
    with house.journal.reading() as db:
        place = post.read(db)
        due = tasks.due(db, tasks.HAND_OVER, house.clock.now().timestamp(), 1)
        if not due or place.phase not in _MAY_HAND:
            return False
        task, job = due[0], jobs.get(db, due[0].job)
        wait = _unsent_reference(house, db, job)
        document = _document(house, db, job)
        is_paper = house.country.transcribes(documents.type_of(db, job.id))
        intent = intents.of_job(db, job.id)
        key = intent.key if intent is not None else cloud_key(job.key)
    if wait:
        _pause(house, task, f"Espera a que se entregue {wait}.")
        return True
    if document.lease == "" and job.route != "nube" and not is_paper:
        _pause(house, task, "Su CAE todavía no está registrado en la nube.")
        return True
    reply = ask(house, "hand_over", lambda: cloud.hand_over(key, document, place.standing))
    with house.journal.transaction() as db:
        if post.read(db).standing != place.standing or not tasks.is_due(db, task.id):
            return True
        if isinstance(reply, SincronizadorError):
            tasks.pause(db, task.id, house.clock.now().timestamp() + pause_after(min(task.tries, 5)), str(reply))
            return False
        _settle(house, db, task, job, reply, place.standing, house.clock.now())
    return True


def _document(house: House, db: Tx, job: Job) -> HandOver:
    signed = documents.signed(db, job.id)
    if signed is None:
        raise AssertionError(f"job {job.id} has nothing to hand over")
    emitido, origin = house.country.emitted(*signed), documents.origin(db, job.id)
    lease = origin.lease or documents.lease_of(db, emitido.tipo, emitido.serie, emitido.numero)
    episode = episodes.get(db, origin.episode) if origin.episode is not None else None
    return HandOver(
        attempt=Attempt(origin.epoch, origin.counter),
        lease=origin.lease if job.route == "nube" else lease,
        serie=emitido.serie,
        numero=emitido.numero,
        signed=emitido.signed,
        anexo=emitido.anexo,
        signed_at=emitido.firmado,
        contingency_since=episode.started_at if episode else None,
        contingency_reason=episode.reason if episode else "",
    )


def _unsent_reference(house: House, db: Tx, job: Job) -> str:
    """A note is never there before what it references: the first document of ours that the cloud does not have yet."""
    content = jobs.content(db, job.id)
    if job.route == "firmado" or not content:
        return ""
    for target in recall(house, db, job).request.refers_to:
        found = find(db, target)
        if found is None:
            continue
        document = jobs.head(db, found)
        if document.id < job.id and documents.slug_of(db, document.id) and not documents.is_acked(db, document.id):
            return documents.slug_of(db, document.id)
    return ""


def _settle(house: House, db: Tx, task: Task, job: Job, reply: Reply, standing_: Standing, now: datetime) -> None:
    if reply.said is Said.STORED:
        acknowledged(house, db, job.id, now)
        events.record(db, job.id, now, "handed_over", "La nube lo tiene.")
    elif reply.said is Said.RESTORED:
        tasks.pause(db, task.id, now.timestamp() + 1, reply.message)
    elif reply.said is Said.FENCED and not standing_.fenced:
        fence(db, now)
    else:
        slug = documents.slug_of(db, job.id)
        finding = cloud_codes.NOT_TAKEN_OVER.at(documento=slug, detalle=_why(reply))
        events.record(db, job.id, now, "not_taken_over", finding.message)
        tasks.park(db, task.id, finding.message)


def _why(reply: Reply) -> str:
    return (reply.message or "; ".join(remark.message for remark in reply.remarks) or reply.said).rstrip(".")


def _pause(house: House, task: Task, note: str) -> None:
    with house.journal.transaction() as db:
        tasks.pause(db, task.id, house.clock.now().timestamp() + pause_after(min(task.tries, 3)), note)
