"""Which lines of the package an input reaches: what tells a mutator that it found something new."""

import os
import sys
from contextlib import contextmanager
from types import CodeType

import sincronizador

_PACKAGE = os.path.dirname(sincronizador.__file__)
Line = tuple[CodeType, int]


class Reach:
    """
    Every line of the package that ran while it watched.

    A line is seen once: with ``sys.monitoring`` (3.12) it costs nothing afterwards, with ``sys.settrace`` a function is
    left alone once all of its lines were seen.
    """

    def __init__(self) -> None:
        self.lines: set[Line] = set()
        self._unseen: dict[CodeType, set[int]] = {}

    @contextmanager
    def watching(self):
        """Watch this thread, or with ``sys.monitoring`` the process."""
        if hasattr(sys, "monitoring"):
            with self._monitored():
                yield
            return
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    @contextmanager
    def _monitored(self):
        monitoring = sys.monitoring
        tool = monitoring.PROFILER_ID
        monitoring.use_tool_id(tool, "hostil")
        monitoring.restart_events()  # Lines that another one saw first were disabled for all.
        monitoring.register_callback(tool, monitoring.events.LINE, self._line)
        monitoring.set_events(tool, monitoring.events.LINE)
        try:
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.free_tool_id(tool)

    def _line(self, code: CodeType, line: int):
        if code.co_filename.startswith(_PACKAGE):
            self.lines.add((code, line))
        return sys.monitoring.DISABLE

    def _called(self, frame, event, _):
        code = frame.f_code
        unseen = self._unseen.get(code)
        if unseen is None:
            ours = code.co_filename.startswith(_PACKAGE)
            unseen = {line for _, _, line in code.co_lines() if line} if ours else set()
            self._unseen[code] = unseen
        return self._ran if unseen else None

    def _ran(self, frame, event, _):
        if event == "line":
            code, line = frame.f_code, frame.f_lineno
            unseen = self._unseen[code]
            if line in unseen:
                unseen.discard(line)
                self.lines.add((code, line))
        return self._ran
