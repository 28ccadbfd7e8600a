"""The desk: files that were read while others were being signed. Only a short cut: what is not on it is read again."""

from collections import deque

from .case import Prepared

ROOM = 512
"""Files that may lie on it."""


class Desk:
    """Hands prepared files from the thread that takes them in to the one that decides, in the order of their jobs."""

    def __init__(self) -> None:
        self._prepared: deque[Prepared] = deque()

    def put(self, prepared: Prepared) -> None:
        """Leave a file for the decision, if there is room."""
        if len(self._prepared) < ROOM:
            self._prepared.append(prepared)

    def clear(self) -> None:
        """Forget everything: the commit that gave these jobs their numbers failed, and others may get them."""
        self._prepared.clear()

    def take(self, job: int) -> Prepared | None:
        """The file of a job, if it is there; those of earlier jobs, which nobody asked for, are dropped."""
        while self._prepared and self._prepared[0].job.id <= job:
            prepared = self._prepared.popleft()
            if prepared.job.id == job:
                return prepared
        return None
