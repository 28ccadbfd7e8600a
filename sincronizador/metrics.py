"""
The installation in figures, as Prometheus reads them; each is explained in ``docs/metricas.md``.

From the journal, the heartbeat's file and the disk alone: whoever asks needs neither the service nor its keys.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sincronizador import __version__
from sincronizador.core import codes
from sincronizador.errors import NeedsOperator
from sincronizador.folders.answers import HEARTBEAT
from sincronizador.journal import alarms, backups, documents, episodes, jobs, papers, tallies
from sincronizador.journal.journal import CERTIFICATE_ENDS, Tx, meta
from sincronizador.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.core import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATELY = timedelta(hours=1)
QUANTILES = (0.5, 0.9, 0.99)
_P = "sincronizador_"


def text(settings: Settings, db: Tx, now: datetime) -> bytes:
    """What a scrape is answered, at the aware moment `now`. Raises `NeedsOperator` E9276 without prometheus-client."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector
    except ImportError as exc:
        raise codes.MISSING_EXTRA.at(detalle="las métricas", extra="panel").as_error(NeedsOperator) from exc

    class Once(Collector):
        def collect(self) -> Iterable["Metric"]:
            return _families(settings, db, now)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry)


def _families(settings: Settings, db: Tx, now: datetime) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    info = GaugeMetricFamily(f"{_P}build_info", "Version and place; always 1.", labels=("version", *_place(settings)))
    info.add_metric([__version__, *_place(settings).values()], 1)
    yield info
    yield from _work(db)
    yield from _queues(settings, db, now)
    yield from _stock(settings, db, now)
    yield from _standing(db, now)
    yield from _machine(settings, now)


def _place(settings: Settings) -> dict[str, str]:
    return {
        "rut": settings.emisor.rut,
        "installation": settings.instalacion.id,
        "environment": settings.ambiente,
        "route": settings.ruta,
    }


def _work(db: Tx) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily

    issued = CounterMetricFamily(
        f"{_P}documents", "Documents in the journal, by type and by who signed them.", labels=("type", "route")
    )
    for tipo, route, count in tallies.documents(db):
        issued.add_metric([str(tipo), route or "other"], count)
    yield issued
    decided = CounterMetricFamily(f"{_P}decisions", "Dropped files and documents of lotes decided.", labels=("result",))
    for estado, count in tallies.decisions(db):
        decided.add_metric([estado], count)
    yield decided
    yield _gauge("undecided_files", "Dropped files that are not decided.", jobs.count_undecided(db))
    yield _gauge("doubtful_prints", "Papers of which nobody knows whether they came out.", papers.doubtful(db))


def _queues(settings: Settings, db: Tx, now: datetime) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    length = GaugeMetricFamily(f"{_P}queue_length", "Steps that are not done, by lane.", labels=("lane", "state"))
    oldest = GaugeMetricFamily(
        f"{_P}queue_oldest_seconds", "Age of the oldest file with a step in a lane.", labels=("lane", "state")
    )
    for lane, state, count, since in tallies.lanes(db, alone=settings.ruta == "local"):
        length.add_metric([lane, state], count)
        oldest.add_metric([lane, state], max((now - since).total_seconds(), 0.0))
    yield length
    yield oldest
    waits = tallies.waits(db, now - LATELY)
    latency = GaugeMetricFamily(
        f"{_P}decision_seconds", "From the claim of a file to its decision, in the last hour.", labels=("quantile",)
    )
    for share in QUANTILES if waits else ():
        latency.add_metric([str(share)], tallies.quantile(waits, share))
    yield latency
    yield _gauge("decisions_last_hour", "Files that decision_seconds is about, at most 5000.", len(waits))


def _stock(settings: Settings, db: Tx, now: datetime) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    left = GaugeMetricFamily(f"{_P}numbers_left", "Numbers that may be given here, by type.", labels=("type",))
    by_type: dict[int, int] = {}
    for stock in documents.stocks(db):
        if stock.closing or (settings.ruta == "nube" and not stock.lease):
            continue
        usable = stock.left if stock.rango.vence >= now.date() else 0
        by_type[stock.rango.tipo] = by_type.get(stock.rango.tipo, 0) + usable
    for tipo, count in sorted(by_type.items()):
        left.add_metric([str(tipo)], count)
    yield left
    if ends := meta(db, CERTIFICATE_ENDS):
        moment = datetime.fromisoformat(ends).timestamp()
        yield _gauge("certificate_not_after_timestamp_seconds", "When the certificate ends.", moment)


def _standing(db: Tx, now: datetime) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    episode = episodes.current(db)
    seconds = max((now - episode.started_at).total_seconds(), 0.0) if episode else 0.0
    yield _gauge("contingency", "1 while sales are signed here for want of a line.", int(episode is not None))
    yield _gauge("contingency_seconds", "How long the contingencia of now lasts; 0 without one.", seconds)
    standing = GaugeMetricFamily(f"{_P}alarm", "1 for each alarm that stands.", labels=("key", "level"))
    for one in alarms.current(db):
        standing.add_metric([one.alarm.clave, one.alarm.nivel.value], 1)
    yield standing
    last = backups.last(db)
    if last.made is not None:
        yield _gauge("backup_last_success_timestamp_seconds", "When the last backup was made.", last.made.timestamp())
    yield _gauge("backup_failed", "1 when the last try of the service failed.", int(bool(last.trouble)))


def _machine(settings: Settings, now: datetime) -> Iterator["Metric"]:
    from prometheus_client.core import GaugeMetricFamily

    folder = settings.salida.carpeta or os.path.join(settings.spool, "salida")
    with suppress(OSError):
        age = now.timestamp() - os.stat(os.path.join(folder, HEARTBEAT)).st_mtime
        yield _gauge("heartbeat_age_seconds", "Age of LATIDO.TXT: above 30 the service is stopped.", max(age, 0.0))
    free = GaugeMetricFamily(f"{_P}disk_free_bytes", "Room on the disk of a folder.", labels=("folder",))
    for name, path in (("spool", settings.spool), ("journal", os.path.dirname(settings.diario))):
        with suppress(OSError):
            free.add_metric([name], shutil.disk_usage(path).free)
    yield free
    with suppress(OSError):
        yield _gauge("journal_bytes", "Size of the journal's file.", os.path.getsize(settings.diario))


def _gauge(name: str, documentation: str, value: float) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    return GaugeMetricFamily(f"{_P}{name}", documentation, value=value)
