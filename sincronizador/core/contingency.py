"""
Online or contingencia, out of a stream of probes: opened by failures in a row, closed by a link that stays up.

Pure: times come in as arguments. Per sale there is a second way (`nube.paciencia`), which needs no mode.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Hysteresis:
    """When the mode changes."""

    failures: int = 3
    """In a row, until contingencia opens."""
    stable: timedelta = timedelta(seconds=60)
    """Without a failure, until it closes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """How the line to the cloud stands. Kept in the journal, so that a restart does not forget it."""

    contingency: bool = False
    since: datetime | None = None
    """When this mode began; None before the first change."""
    reason: str = ""
    """Why contingencia is open, the end of a Spanish sentence."""
    forced: bool = False
    """A person opened it: only a person closes it."""
    failures: int = 0
    good_since: datetime | None = None
    """Since when no probe has failed."""

    def failed(self, at: datetime, why: str, rules: Hysteresis) -> "Link":
        """After one more failure."""
        seen = replace(self, failures=self.failures + 1, good_since=None)
        if seen.contingency or seen.failures < rules.failures:
            return seen
        return replace(seen, contingency=True, since=at, reason=why, forced=False)

    def answered(self, at: datetime, rules: Hysteresis) -> "Link":
        """After an answer that is the cloud's own."""
        good_since = self.good_since if self.good_since is not None and self.good_since <= at else at
        seen = replace(self, failures=0, good_since=good_since)
        if not seen.contingency or seen.forced or at - good_since < rules.stable:
            return seen
        return replace(seen, contingency=False, since=at, reason="")

    def force(self, at: datetime, why: str) -> "Link":
        """After a person's order to open it."""
        since = self.since if self.contingency else at
        return replace(self, contingency=True, since=since, reason=why, forced=True)

    def release(self, at: datetime) -> "Link":
        """After a person's order to close it; failures open it again."""
        if not self.contingency:
            return self
        return replace(self, contingency=False, since=at, reason="", forced=False, failures=0)
