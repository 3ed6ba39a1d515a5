"""What the database holds, row by row, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from benchctl.core.events import Event


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a bench, and the record that was the last of the bench when it began.

    `previous_*` are None for the first run of a bench.
    """

    run: str
    bench: str
    utc: str
    algorithm: str
    previous_run: str | None = None
    previous_seq: int | None = None
    previous_hash: str | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """An event as it is kept; `body` is canonical JSON, `t` bench time in s, `hash` hex."""

    run: str
    seq: int
    kind: str
    version: int
    utc: str
    t: float
    body: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stated of a run: its first `size` records, the last hash, the tree's root (hex)."""

    run: str
    bench: str
    algorithm: str
    size: int
    hash: str
    root: str


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A statement of the lab's log as it is kept (see `benchctl.verifier.heads`).

    `text` is canonical JSON, `signature` hex ("" where it was not signed), `peaks` the subtrees
    over all statements up to this one, hex with commas: a cache from which the next goes on.
    """

    n: int
    run: str | None
    what: str
    text: str
    signature: str
    peaks: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with its place in the record.

    `seq` counts from 1 within the run; an event that is only shown (`Watched`) has 0. `utc` is ISO
    8601, `t` bench time in s, `hash` (hex) the chain's hash up to and including this event.
    """

    seq: int
    run: str
    utc: str
    t: float
    event: Event
    hash: str = ""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A line of the list of runs; `outcome`, `verdict`, `finished` are None while it is open."""

    run: str
    bench: str
    started: str
    events: int
    procedure: str
    service: str
    stage: str
    operator: str
    simulated: bool
    outcome: str | None
    verdict: str | None
    finished: str | None
