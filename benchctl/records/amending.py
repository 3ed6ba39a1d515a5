"""Corrections after a run: new events with reason and person; every earlier state stays readable.

    amend(lab, run, Amendment(by="Li", because="typed wrong", facts=[Fact("W-1", "owner", "Ma")]))
    for state in states(lab, run): ...

An amendment is a `RunAmended` event and the judgements that follow it. A judgement replaces the
earlier one of its point or item in the fold; nothing that was recorded is touched.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchctl.core.clock import utc_now
from benchctl.core.errors import UsageError
from benchctl.core.events import Event, ItemJudged, PointJudged, RunAmended, UutJudged
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict, worst
from benchctl.records.afterwards import SERIAL
from benchctl.records.appending import after_end
from benchctl.records.compare_document import differences
from benchctl.records.fold import fold
from benchctl.records.rows import StoredEvent

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

JSON = dict[str, Any]
_PAPERWORK = ("revision", "amendments", "reviews", "numbers", "log", "notes")
"""What changes with every addition, and is no change of the results."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A corrected fact of a unit: its serial number, or one of its further columns."""

    uut: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is corrected, by whom and why.

    `judgements` are new `PointJudged` and `ItemJudged` events; `second` is the other person who
    agreed, where one had to.
    """

    by: str
    because: str
    facts: Sequence[Fact] = ()
    judgements: Sequence[PointJudged | ItemJudged] = ()
    second: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What a record said after an amendment (`revision` 0: at the end of the run)."""

    revision: int
    by: str
    at: str
    because: str
    verdict: str | None
    changed: tuple[str, ...]
    """The places of the document that differ from the state before."""
    document: JSON


def amend(lab: Lab, run: str, amendment: Amendment) -> JSON:
    """Add an amendment to a closed run; return the document as it is now.

    Raises:
        UsageError: no reason or person is given, or a unit or point is not in the record.
        RefusedError: the run is not over.
        RecordError: it cannot be written.
    """
    if not amendment.because.strip() or not amendment.by.strip():
        raise UsageError(msg("records.amend-needs-reason"))
    with after_end(lab, run) as journal:
        events = list(lab.events(run))
        before = fold(events)
        made = RunAmended(
            revision=before["revision"] + 1,
            by=amendment.by,
            because=amendment.because,
            at=now_text(),
            verdict="",
            changes=tuple(_change(lab, before, fact) for fact in amendment.facts),
            second=amendment.second,
        )
        verdicts = _verdicts(events, amendment.judgements)
        stated = [v for v in verdicts.values() if v]
        overall = worst(Verdict(v) for v in stated).value if stated else ""
        concerned = dict.fromkeys(j.uut for j in amendment.judgements)
        journal.emit(dataclasses.replace(made, verdict=overall))
        following: list[Event] = [*amendment.judgements]
        following += [UutJudged(serial, verdicts[serial] or "") for serial in concerned]
        for event in following:
            journal.emit(event)
    return lab.document(run)


def voided(lab: Lab, run: str, uut: str, point: str, because: str) -> list[PointJudged]:
    """Return the judgements that make a point of a unit not measured, for every occasion.

    Raises:
        UsageError: nothing was judged there.
    """
    serial = planned_serial(lab, run, uut)
    found: dict[str, PointJudged] = {}
    for stored in lab.events(run, kind=PointJudged.KIND):
        event = stored.event
        if isinstance(event, PointJudged) and (event.uut, event.point) == (serial, point):
            found[event.occasion] = event
    if not found:
        raise UsageError(msg("records.no-point", uut=uut, point=point))
    return [
        dataclasses.replace(
            event,
            error=None,
            reported=None,
            U=None,
            verdict=Verdict.NOT_MEASURED.value,
            why=msg("records.voided", because=because).as_json(),
        )
        for event in found.values()
    ]


def answered(
    lab: Lab, run: str, uut: str, item: str, verdict: Verdict, *, by: str, because: str
) -> ItemJudged:
    """Return the judgement of an item that was answered or observed, corrected.

    Raises:
        UsageError: there is no such item of that unit.
    """
    serial = planned_serial(lab, run, uut)
    last: ItemJudged | None = None
    for stored in lab.events(run, kind=ItemJudged.KIND):
        event = stored.event
        if isinstance(event, ItemJudged) and (event.uut, event.item) == (serial, item):
            last = event
    if last is None:
        raise UsageError(msg("records.no-item", uut=uut, item=item))
    why = msg("records.answered-anew", by=by, because=because)
    return dataclasses.replace(last, verdict=verdict.value, why=why.as_json())


def states(lab: Lab, run: str) -> Iterator[State]:
    """Give what the record said after the run and after each amendment, oldest first."""
    events = list(lab.events(run))
    ends = [at for at, stored in enumerate(events) if isinstance(stored.event, RunAmended)]
    before: JSON | None = None
    for revision, end in enumerate([*ends, len(events)]):
        document = fold(events[:end])
        made = document["amendments"][-1] if revision else None
        places: tuple[str, ...] = ()
        if before is not None:
            places = tuple(differences(_results(before), _results(document)))
        yield State(
            revision=revision,
            by=made["by"] if made else document["operator"],
            at=made["at"] if made else str(document["finished"] or ""),
            because=made["because"] if made else "",
            verdict=document["verdict"],
            changed=places,
            document=document,
        )
        before = document


def _results(document: JSON) -> JSON:
    return {key: value for key, value in document.items() if key not in _PAPERWORK}


def now_text() -> str:
    """Return the real date and time, UTC, to the second."""
    return utc_now().isoformat(timespec="seconds").replace("+00:00", "Z")


def _verdicts(
    events: Sequence[StoredEvent], judgements: Sequence[PointJudged | ItemJudged]
) -> dict[str, str | None]:
    """Return what each unit's verdict is once the judgements are added, by its serial number."""
    last = events[-1]
    kept = [s for s in events if not isinstance(s.event, UutJudged)]
    added = [
        dataclasses.replace(last, seq=last.seq + n, event=event)
        for n, event in enumerate(judgements, 1)
    ]
    concerned = {judgement.uut for judgement in judgements}
    now = {u["serial"]: u["verdict"] for u in _plain_fold([*kept, *added])}
    then = {u["serial"]: u["verdict"] for u in _plain_fold(events)}
    return {serial: (now if serial in concerned else then)[serial] for serial in then}


def _plain_fold(events: Sequence[StoredEvent]) -> list[JSON]:
    """Return the units under the serial numbers of the plan, whatever was corrected since."""
    uuts: list[JSON] = fold([s for s in events if not isinstance(s.event, RunAmended)])["uuts"]
    return uuts


def planned_serial(lab: Lab, run: str, serial: str) -> str:
    """Return the serial number by which the run knew a unit that has `serial` now."""
    for stored in lab.events(run, kind=RunAmended.KIND):
        if isinstance(stored.event, RunAmended):
            for change in stored.event.changes:
                if (change["field"], change["new"]) == (SERIAL, serial):
                    return str(change["uut"])
    return serial


def _change(lab: Lab, document: JSON, fact: Fact) -> JSON:
    uut = next((u for u in document["uuts"] if u["serial"] == fact.uut), None)
    if uut is None:
        raise UsageError(msg("records.no-uut", uut=fact.uut, run=document["run"]))
    old = uut["serial"] if fact.field == SERIAL else uut["extra"].get(fact.field, "")
    serial = planned_serial(lab, str(document["run"]), fact.uut)
    return {"uut": serial, "field": fact.field, "old": str(old), "new": fact.value}
