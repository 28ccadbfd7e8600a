"""LOOKUP: a taxpayer is asked for, once; without an answer, what was told before is told again, with its age."""

from datetime import date, datetime

from sincronizador.core import cloud_codes, codes
from sincronizador.core.answer import Estado
from sincronizador.core.contribuyente import Consulta, Fuente
from sincronizador.core.finding import Finding
from sincronizador.core.job import Job, Kind
from sincronizador.core.receipt import Reply, Said
from sincronizador.errors import SincronizadorError, Unavailable
from sincronizador.journal import events, jobs, tasks
from sincronizador.journal.jobs import Result
from sincronizador.journal.journal import Tx

from .asking import ask
from .house import House

_SECTION = "CONTRIBUYENTE"
_MOST_GIROS = 20


def look_up_next(house: House) -> bool:
    """Ask for the taxpayer that was asked for first; False when nobody asks."""
    if house.cloud is None:
        return False
    with house.journal.reading() as db:
        due = tasks.due(db, tasks.LOOKUP, house.clock.now().timestamp(), 1)
        job = jobs.get(db, due[0].job) if due else None
    if job is None:
        return False
    said = _asked(house, job.key)
    with house.journal.transaction() as db:
        if tasks.is_due(db, due[0].id):
            tasks.finish(db, due[0].id)
            _answer(house, db, job, said, house.clock.now())
    return True


def answer_without(db: Tx, job: Job, why: str, now: datetime) -> None:
    """There is nobody to ask: the newest answer to the same question, with its age, or that there is none."""
    earlier = jobs.ended(db, Kind.CONSULTA_RUT, job.key, Estado.RESUELTO)
    told = dict(earlier.result[0][1]) if earlier is not None and earlier.result else {}
    if not told:
        detail = why.partition(". ")[0].rstrip(".")
        finding = cloud_codes.NO_LOOKUP.at(field="RUT", value=job.key, detalle=detail)
        _unresolved(db, job, finding, now)
        return
    asked = datetime.fromisoformat(told["CONSULTADO"]).date()
    age = {"FUENTE": Fuente.CACHE.value, "EDAD_DIAS": str(_days(asked, now))}
    _resolved(db, job, tuple((told | age).items()), asked, now, old=True)


def _asked(house: House, rut: str) -> Consulta | Reply | SincronizadorError:
    cloud = house.cloud
    if cloud is None or house.line.link.contingency:
        # The probe knows that there is no line: nobody at the till waits to hear it again.
        return cloud_codes.UNREACHABLE.at(detalle="se trabaja en contingencia").as_error(Unavailable)
    return ask(house, "taxpayer", lambda: cloud.taxpayer(rut), by_the_way=True)


def _answer(house: House, db: Tx, job: Job, said: Consulta | Reply | SincronizadorError, now: datetime) -> None:
    if isinstance(said, Consulta):
        asked = said.consultado.astimezone(house.country.zone)
        _resolved(db, job, _fields(said, asked, now), asked.date(), now, old=said.sin_linea)
    elif isinstance(said, Reply) and said.said is Said.INVALID:
        _unresolved(db, job, _refusal(said, job.key), now)
    else:
        answer_without(db, job, said.message if isinstance(said, Reply) else str(said), now)


def _refusal(reply: Reply, rut: str) -> Finding:
    """Why the authority says nothing, as the cloud told it."""
    for remark in reply.remarks:
        if remark.rule.startswith("E"):
            return Finding(code=remark.rule, message=remark.message, field="RUT", value=rut)
    return cloud_codes.NO_LOOKUP.at(field="RUT", value=rut, detalle=reply.message.rstrip("."))


def _resolved(
    db: Tx, job: Job, fields: tuple[tuple[str, str], ...], asked: date, now: datetime, *, old: bool
) -> None:  # fmt: skip
    warning = codes.OLD_LOOKUP.at(fecha=f"{asked:%d/%m/%Y}", dias=_days(asked, now))
    result: Result = ((_SECTION, fields),)
    events.record(db, job.id, now, "answered", f"Consulta del RUT {job.key}.")
    jobs.settle(db, job.id, Estado.RESUELTO, at=now, findings=[warning] if old else [], result=result)


def _unresolved(db: Tx, job: Job, finding: Finding, now: datetime) -> None:
    events.record(db, job.id, now, "unknown", finding.message)
    jobs.settle(db, job.id, Estado.NO_RESUELTO, at=now, findings=[finding])


def _fields(said: Consulta, asked: datetime, now: datetime) -> tuple[tuple[str, str], ...]:
    """The section, in the order of the contract; what is not known is not there."""
    who = said.contribuyente
    fields = (
        ("RUT", who.rut),
        ("RAZON_SOCIAL", who.razon_social),
        ("NOMBRE_FANTASIA", who.nombre_fantasia),
        ("SITUACION", who.situacion),
        ("INICIO", who.inicio.isoformat() if who.inicio else ""),
        ("DIRECCION", who.direccion),
        ("CIUDAD", who.ciudad),
        ("DEPARTAMENTO", who.departamento),
        ("TELEFONO", next(iter(who.telefonos), "")),
        ("CORREO", next(iter(who.correos), "")),
        *((f"GIRO.{n}", giro) for n, giro in enumerate(who.giros[:_MOST_GIROS], 1)),
        ("FUENTE", said.fuente.value),
        ("CONSULTADO", asked.isoformat(timespec="seconds")),
        ("EDAD_DIAS", str(_days(asked.date(), now))),
    )
    return tuple((name, value) for name, value in fields if value)


def _days(asked: date, now: datetime) -> int:
    return max(0, (now.date() - asked).days)
