"""A queue of CUPS, by its own programs ``lp``, ``lpstat`` and ``cancel``: raw bytes in, and the job followed out."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass

from sincronizador.core.job import Impresion
from sincronizador.printing.door import Printed
from sincronizador.printing.status import State
from sincronizador.printing.transport import PATIENCE, misconfigured, unanswered, unavailable

_JOB = re.compile(r"request id is (\S+-\d+)")
_REFUSED = re.compile(
    r"(?m)^lp: (?:Error - )?(?:.*is not accepting jobs|The printer or class does not exist|.*[Uu]nable to connect)"
)
_UNREACHED = (
    "Connecting to printer", "may not exist or is unavailable", "unreachable", "is in use", "to become available",
    "Unable to open print file",
)  # fmt: skip
"""What CUPS says of a job while it has not reached the printer."""
_ASK_AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class _Job:
    """What CUPS tells about a job."""

    status: str | None
    """What its printer's program said last; None before that program started."""
    alerts: str

    @property
    def has_not_begun(self) -> bool:
        """Whether certainly no byte reached the printer."""
        return self.status is None or any(words in self.status for words in _UNREACHED)

    @property
    def failed(self) -> bool:
        """Whether it ended without being printed."""
        return "canceled" in self.alerts or "aborted" in self.alerts


class CupsQueue:
    """
    The page is a job of a queue, ``COLA`` or ``COLA@SERVIDOR:PUERTO``; it is delivered when the job left the queue.

    Nothing is left behind to come out on its own: a job that CUPS cannot print in time is taken back, and when it had
    not reached the printer it is as if it had never been sent. CUPS does not know about paper that came out.
    """

    def __init__(
        self, station: str, queue: str, server: str = "", *, patience: float = PATIENCE, pause: float = 5.0
    ) -> None:
        """`patience`: seconds to leave the queue. `pause`: seconds for CUPS to answer, and to reach the printer."""
        self._station = station
        self._queue = queue
        self._server = server
        self._patience = patience
        self._pause = pause

    def send(self, page: bytes, name: str) -> Printed:
        """Ask for the queue, hand the job over, follow it."""
        state = self.state()
        if state.trouble:
            raise unavailable(self._station, state.trouble)
        job = self._submit(page, name)
        if self._left_in_time(job):
            return self._delivered(job)
        return self._taken_back(job)

    def state(self) -> State:
        """What CUPS says about the queue."""
        if "is running" not in self._ask("lpstat", "-r").stdout:
            raise unavailable(self._station, "no responde el servicio de impresión CUPS")
        told = self._ask("lpstat", "-l", "-p", self._queue, "-a", self._queue)
        if told.returncode:
            raise misconfigured(self._station, f"CUPS no tiene la cola «{self._queue}»")
        alerts = " ".join(re.findall(r"(?m)^\s+Alerts: (.*)", told.stdout))
        return State(
            offline="offline" in alerts,
            cover_open="cover-open" in alerts or "door-open" in alerts,
            no_paper="media-empty" in alerts or "media-needed" in alerts,
            little_paper="media-low" in alerts,
            reason=self._closed(told.stdout),
            note="La cola acepta trabajos; del papel CUPS no sabe.",
        )

    def _closed(self, told: str) -> str:
        """Why the queue takes nothing, or keeps it."""
        closed = (
            (rf"printer {re.escape(self._queue)} disabled since .*-\n(.*)", "está detenida", "cupsenable"),
            (rf"{re.escape(self._queue)} not accepting requests since .*-\n(.*)", "no acepta trabajos", "cupsaccept"),
        )
        for pattern, words, remedy in closed:
            found = re.search(pattern, told)
            if found:
                return f"la cola de CUPS {words} ({found[1].strip()}); habilítela con «{remedy} {self._queue}»"
        return ""

    def _submit(self, page: bytes, name: str) -> str:
        told = self._run(
            "lp", "-d", self._queue, "-o", "raw", "-t", name or "pagina", "-", page=page, seconds=self._patience
        )
        if told is None:
            raise unanswered(self._station, "CUPS no dijo si recibió la página")
        job = _JOB.search(told.stdout)
        if told.returncode == 0 and job:
            return job[1]
        if _REFUSED.search(told.stderr):
            raise unavailable(self._station, f"CUPS no recibió la página: {_line(told.stderr)}")
        raise unanswered(self._station, f"CUPS contestó: {_line(told.stderr)}")

    def _left_in_time(self, job: str) -> bool:
        """Whether the job left the queue; False as soon as there is no use in waiting."""
        start = time.monotonic()
        while (found := self._job(job, "not-completed")) is not None:
            waited = time.monotonic() - start
            if waited > self._patience or (waited > self._pause and found.has_not_begun) or "stopped" in found.alerts:
                return False
            time.sleep(_ASK_AGAIN)
        return True

    def _delivered(self, job: str) -> Printed:
        """
        How a job ended that left the queue by itself.

        CUPS 2.4 says of one that was printed the same as of one cancelled while its queue was stopped
        (``processing-to-stop-point``): whether it had reached the printer tells them apart.
        """
        ended = self._job(job, "completed")
        if ended is not None and ended.has_not_begun:
            raise unavailable(self._station, "el trabajo se canceló en la cola de CUPS antes de llegar a ella")
        if ended is not None and ended.failed:
            raise unanswered(self._station, "el trabajo se canceló en la cola de CUPS")
        return Printed(outcome=Impresion.ENTREGADO, detail=f"CUPS la entregó (trabajo {job}); del papel no sabe.")

    def _taken_back(self, job: str) -> Printed:
        """What was known before the job was cancelled may have changed meanwhile: what counts is how it ended."""
        cancelled = self._run("cancel", job)
        ended = self._job(job, "completed")
        if ended is None or cancelled is None:
            raise unanswered(self._station, f"el trabajo {job} no salió de la cola de CUPS y no se pudo cancelar")
        if cancelled.returncode:
            return self._delivered(job)
        if ended.has_not_begun:
            raise unavailable(self._station, "CUPS no llega a ella; el trabajo se retiró de la cola")
        raise unanswered(self._station, "CUPS no terminó de enviar la página; el resto se retiró de la cola")

    def _job(self, job: str, which: str) -> _Job | None:
        """The job, when it is among those that are or are not completed. CUPS has it: its silence leaves doubt."""
        told = self._run("lpstat", "-l", "-W", which, "-o", self._queue)
        if told is None or told.returncode:
            raise unanswered(self._station, f"CUPS dejó de contestar con el trabajo {job} en su cola")
        found = re.search(rf"(?m)^{re.escape(job)}\s.*\n((?:\s+.*\n?)*)", told.stdout)
        if not found:
            return None
        status, alerts = (re.search(rf"(?m)^\s+{word}:(.*)$", found[1]) for word in ("Status", "Alerts"))
        return _Job(status[1].strip() if status else None, alerts[1] if alerts else "")

    def _ask(self, *command: str) -> "subprocess.CompletedProcess[str]":
        told = self._run(*command)
        if told is None:
            raise unavailable(self._station, "no responde el servicio de impresión CUPS")
        return told

    def _run(
        self, program: str, *arguments: str, page: bytes = b"", seconds: float = 0.0
    ) -> "subprocess.CompletedProcess[str] | None":
        """What the program said in plain English; None when it took too long."""
        path = shutil.which(program)
        if path is None:
            raise misconfigured(self._station, f"falta el programa {program} (paquete cups-client)")
        command = [program, *(("-h", self._server) if self._server else ()), *arguments]
        environment = {**os.environ, "LC_ALL": "C", "LANGUAGE": ""}
        try:
            done = subprocess.run(  # noqa: S603
                command,
                executable=path,
                input=page,
                capture_output=True,
                timeout=seconds or self._pause,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        out, err = (said.decode("utf-8", "replace") for said in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(command, done.returncode, out, err)


def _line(said: str) -> str:
    return " ".join(said.split()).rstrip(".") or "nada"
