"""The desk: files that were read while others were being signed. Only a short cut: what is not on it is read again."""

from .case import Prepared

ROOM = 512
"""Files that may lie on it."""


class Desk:
    """Hands prepared files from the thread that takes them in to the one that decides. For one of each."""

    def __init__(self) -> None:
        self._prepared: dict[int, Prepared] = {}

    def put(self, prepared: Prepared) -> None:
        """Leave a file for the decision, if there is room."""
        if len(self._prepared) < ROOM:
            self._prepared[prepared.job.id] = prepared

    def take(self, job: int) -> Prepared | None:
        """The file of a job, if it is there; it is there once."""
        return self._prepared.pop(job, None)
