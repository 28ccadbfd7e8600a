"""The installation's post at its cloud: its epoch, the cloud's, and what has to be done before it may number."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from sincronizador.core.receipt import Standing

from .journal import Tx, meta, remember


class Phase(StrEnum):
    """What stands between the installation and its cloud; nothing is numbered online but in READY."""

    JOIN = "join"
    """An epoch has to be raised: the first contact, a restore, a take-over."""
    PULL = "pull"
    """Everything that the cloud has of this installation has to be read."""
    HOLD = "hold"
    """The cloud has to be told of the CAEs that this installation numbers from by itself, or it would do so too."""
    RESEND = "resend"
    """The cloud was restored: what it once acknowledged is sent again."""
    READY = "ready"
    TAKEN = "taken"
    """Another machine has the epoch, and no person said that this one takes over."""
    FENCED = "fenced"
    """Another machine took over: nothing is numbered, printed or answered here any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """As the journal keeps it."""

    epoch: int
    server_epoch: str
    phase: Phase
    pull_after: bool
    """After RESEND comes PULL."""
    ordered: bool
    """A person ordered the take-over."""
    last_job: int
    """Jobs up to this one are from before the restore: they wait to be dropped again. -1: there was none."""
    cursor: str
    """Of the cloud's changes, or of the pull."""
    run: str = ""
    """Of this machine as the cloud knows it."""
    turn: int = 0
    """How many runs there were in this epoch."""
    run_asked: str = ""
    """The run that the cloud was asked to begin; its answer may be lost."""
    taken_by: str = ""
    """Which copy of this machine goes on instead, and since when."""
    clones: int = -1
    """How many copies the cloud had refused when it was heard last."""

    @property
    def standing(self) -> Standing:
        """What it says in every call."""
        return Standing(
            epoch=self.epoch, server_epoch=self.server_epoch, run=self.run, fenced=self.phase is Phase.FENCED
        )

    @property
    def is_new(self) -> bool:
        """Whether this installation never worked with a cloud before."""
        return self.epoch == 0 and not self.ordered and self.last_job < 0

    @property
    def is_behind(self) -> bool:
        """Whether documents and papers may exist that it never knew of, and no new epoch guards against that."""
        return self.phase is Phase.TAKEN or (self.phase is Phase.JOIN and not self.is_new)

    @property
    def is_catching_up(self) -> bool:
        """Whether such documents were not all read yet."""
        return self.is_behind or (self.epoch > 0 and (self.phase is Phase.PULL or self.pull_after))


_FIRST = Post(epoch=0, server_epoch="", phase=Phase.JOIN, pull_after=False, ordered=False, last_job=-1, cursor="")


def read(db: Tx) -> Post:
    """The post; before the first contact it is to JOIN with epoch 0."""
    text = meta(db, "puesto")
    if not text:
        return _FIRST
    found = json.loads(text)
    return Post(**{**found, "phase": Phase(found["phase"])})


def keep(db: Tx, post: Post) -> None:
    """A new post."""
    remember(db, "puesto", json.dumps(asdict(post)))


def is_fenced(db: Tx) -> bool:
    """Whether another machine took over."""
    return read(db).phase is Phase.FENCED
