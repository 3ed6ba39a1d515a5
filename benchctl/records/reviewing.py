"""Who signs for a record: measured, checked and approved by different people; and the queue.

    review(lab, run, CHECKED, by="Wang")
    for waiting in queue(lab, APPROVED): ...

A review names the last record that its person saw. What is amended later needs a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import (
    NumberIssued,
    OperatorChanged,
    RunAmended,
    RunClosed,
    RunOpened,
    RunReviewed,
)
from benchctl.core.messages import msg
from benchctl.records.afterwards import APPROVED, CHECKED, RETURNED, Afterwards
from benchctl.records.amending import now_text
from benchctl.records.appending import after_end
from benchctl.records.rows import StoredEvent

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.settings import ReviewSettings

STEPS = {
    CHECKED: msg("records.step-checked"),
    APPROVED: msg("records.step-approved"),
    RETURNED: msg("records.step-returned"),
}
"""The steps in words."""
LISTED = 1000
"""Runs, newest first, among which the queue looks."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits for a signature; `since` says what came after the last one."""

    run: str
    procedure: str
    finished: str
    verdict: str | None
    operator: str
    signed: tuple[str, ...]
    """What holds already: "checked by Wang"."""
    returned: str
    """Why it was given back, "" where it was not."""
    since: tuple[str, ...]
    """Reasons of the amendments that nobody has signed for yet."""


_TOLD = (RunOpened, OperatorChanged, RunClosed, RunAmended, RunReviewed, NumberIssued)
"""The events that say who did what with a record."""


@dataclass(slots=True)
class Standing:
    """Who did what with a record; `seq` and `head` are its last record and that one's hash."""

    operators: list[str] = field(default_factory=list)
    later: Afterwards = field(default_factory=Afterwards)
    amended: dict[int, str] = field(default_factory=dict)
    """Reasons of the amendments, by their record."""
    seq: int = 0
    head: str = ""
    outcome: str = ""
    verdict: str | None = None
    service: str = ""

    @property
    def since(self) -> tuple[str, ...]:
        """Reasons of the amendments after the last signature."""
        signed = max((r.seen for r in self.later.reviews if r.step != RETURNED), default=0)
        return tuple(reason for seq, reason in self.amended.items() if seq > signed)

    def take(self, stored: StoredEvent) -> None:
        """Take one event."""
        match stored.event:
            case RunOpened() as opened:
                self.operators.append(opened.operator)
                self.service = opened.service
            case OperatorChanged() as change:
                self.operators.append(change.name)
            case RunClosed() as closed:
                self.outcome, self.verdict = closed.outcome, closed.verdict or None
            case RunAmended() as amended:
                self.verdict = amended.verdict or None
                self.amended[stored.seq] = amended.because
                self.later.take(amended)
            case RunReviewed() | NumberIssued():
                self.later.take(stored.event)


def standing(lab: Lab, run: str) -> Standing:
    """Return who measured, amended, checked and approved a run.

    Raises:
        RecordError: the record cannot be read.
    """
    found = Standing()
    told = [stored for kind in _TOLD for stored in lab.events(run, kind=kind.KIND)]
    for stored in sorted(told, key=lambda stored: stored.seq):
        found.take(stored)
    with lab.store.reading() as reader:
        last = reader.last(run)
    if last is not None:
        found.seq, found.head = last.seq, last.hash
    return found


def review(
    lab: Lab, run: str, step: str, *, by: str, note: str = "", account: str = ""
) -> RunReviewed:
    """Sign for a record, or give it back.

    Args:
        lab: the records.
        run: the run's id.
        step: checked, approved or returned.
        by: who signs.
        note: what this person says; why, where the record is given back.
        account: the account at the computer.

    Raises:
        UsageError: no name is given, or no reason to give it back.
        RefusedError: the run is not over or not finished, the step does not come next, or the same
            person would sign twice.
        RecordError: it cannot be written.
    """
    if not by.strip():
        raise UsageError(msg("records.review-needs-name"))
    if step == RETURNED and not note.strip():
        raise UsageError(msg("records.return-needs-reason"))
    with after_end(lab, run) as journal:
        found = standing(lab, run)
        _require_step(found, step, by, lab.notary.settings.review)
        event = RunReviewed(step, by, now_text(), found.seq, found.head, note, account)
        journal.emit(event)
    return event


def _require_step(found: Standing, step: str, by: str, settings: ReviewSettings) -> None:
    """Refuse a step that does not come next, and a second signature of one person."""
    if step == RETURNED:
        return
    if found.outcome != "finished":
        raise RefusedError(msg("records.review-not-finished", outcome=found.outcome))
    if found.later.passed(step) is not None:
        raise RefusedError(msg("records.review-done", step=STEPS[step]))
    if step == APPROVED and settings.checked and found.later.passed(CHECKED) is None:
        raise RefusedError(msg("records.review-unchecked"))
    if settings.same_person:
        return
    same = by.strip().casefold()
    if same in {name.strip().casefold() for name in found.operators}:
        raise RefusedError(msg("records.review-own", by=by), hint=msg("records.review-own-hint"))
    if same in {r.by.strip().casefold() for r in found.later.current}:
        raise RefusedError(msg("records.review-twice", by=by), hint=msg("records.review-own-hint"))
    if same in {a.by.strip().casefold() for a in found.later.amendments}:
        raise RefusedError(msg("records.review-amended", by=by))


def queue(lab: Lab, step: str) -> Iterator[Waiting]:
    """Give the finished verifications and calibrations that wait for `step`, newest first."""
    checking = lab.notary.settings.review.checked
    for info in lab.runs(LISTED):
        if info.outcome != "finished" or info.service == "test":
            continue
        found = standing(lab, info.run)
        passed = found.later.passed
        if passed(step) or passed(APPROVED):
            continue
        if step == APPROVED and checking and passed(CHECKED) is None:
            continue
        yield Waiting(
            run=info.run,
            procedure=info.procedure,
            finished=info.finished or "",
            verdict=found.verdict,
            operator=", ".join(dict.fromkeys(found.operators)),
            signed=tuple(f"{r.step}: {r.by}" for r in found.later.current),
            returned=_returned(found),
            since=found.since,
        )


def _returned(found: Standing) -> str:
    last = found.later.reviews[-1] if found.later.reviews else None
    return last.note if last is not None and last.step == RETURNED else ""
