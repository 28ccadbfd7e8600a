"""
Sweeps on PostgreSQL: any number of servers of one base share them, by procrastinate.

Its jobs are only bells: what is due stands in the tables, who sweeps an issuer holds a lock of the base's server, and
whatever became of a job, the next look at the tables makes another one. So its own tables may be thrown away at any
time, and lie in a schema of their own, named after its version.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from importlib.metadata import version

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from sincronizador.errors import SincronizadorError
from sincronizador.nube.sweeps import HANDS

STALLED_SECONDS = 30.0
"""Without a sign of life of its worker a job is nobody's."""
_SWEEP = "sweep"
_PAUSE = 5.0

log = logging.getLogger(__name__)


class Queue:
    """The queue of a base. `turn` does what is due for an issuer and says whether there is more at once."""

    def __init__(self, url: str, turn: Callable[[str], bool], trouble: Callable[[SincronizadorError], None]) -> None:
        """`url` is libpq's."""
        self._url = url
        self._turn = turn
        self._trouble = trouble
        self.schema = "procrastinate_" + "_".join(version("procrastinate").split(".")[:2])
        options = {"options": f"-c search_path={self.schema}"}
        self._bells = procrastinate.App(connector=self._connector(procrastinate.SyncPsycopgConnector, options))
        self._app = procrastinate.App(connector=self._connector(procrastinate.PsycopgConnector, options))
        self._app.task(name=_SWEEP)(self._sweep)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="dgi-cola")
        self._working: asyncio.Task[None] | None = None
        self._ends = False

    def start(self) -> None:
        """Make what is missing, and begin to work."""
        self._make()
        self._bells.open()
        self._thread.start()

    def tell(self, rut: str) -> bool:
        """Let some worker do what is due for an issuer; one bell for each is enough."""
        try:
            self._bells.configure_task(_SWEEP, queueing_lock=rut).defer(rut=rut)
        except AlreadyEnqueued:
            pass
        except ConnectorException:
            # The next look at the tables rings again.
            log.warning("event=trouble what=bell rut=%s", rut)
        return False

    def stop(self) -> None:
        """End; what is in hand is finished."""
        self._ends = True
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join()
        self._bells.close()

    def _connector(
        self, kind: Callable[..., procrastinate.BaseConnector], options: dict[str, str]
    ) -> procrastinate.BaseConnector:
        return kind(conninfo=self._url, kwargs=options, min_size=1, max_size=HANDS + 2)

    def _make(self) -> None:
        """Its tables, once; servers that start together wait for one another."""
        with psycopg.connect(self._url) as db:
            db.execute("SELECT pg_advisory_xact_lock(hashtextextended('dgi cola', 0))")
            db.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")
            db.execute(f"SET LOCAL search_path = {self.schema}")
            there = db.execute("SELECT to_regclass(%s)", (f"{self.schema}.procrastinate_jobs",)).fetchone()
            if there is None or there[0] is None:
                db.execute(procrastinate.schema.SchemaManager.get_schema())

    def _sweep(self, rut: str) -> None:
        try:
            if self._turn(rut):
                self.tell(rut)
        except SincronizadorError as exc:
            self._trouble(exc)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._ends:
            try:
                self._loop.run_until_complete(self._work())
            except (ConnectorException, psycopg.Error) as exc:
                log.error("event=trouble what=queue message=%r", str(exc))  # noqa: TRY400
                self._loop.run_until_complete(asyncio.sleep(_PAUSE))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _work(self) -> None:
        async with self._app.open_async():
            await self._bury()
            self._working = asyncio.current_task()
            if self._ends:
                return
            try:
                await self._app.run_worker_async(
                    concurrency=HANDS, install_signal_handlers=False, delete_jobs="always", listen_notify=True,
                    fetch_job_polling_interval=_PAUSE, name="dgi",
                )  # fmt: skip
            except asyncio.CancelledError:
                if not self._ends:
                    raise

    def _cancel(self) -> None:
        if self._working is not None:
            self._working.cancel()

    async def _bury(self) -> None:
        """Jobs of workers that died: the tables know what was due."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await manager.finish_job(job, Status.FAILED, delete_job=True)
