"""What happens in a run, as typed and versioned events.

An event is a frozen dataclass whose `KIND` and `VERSION` never change meaning; a changed meaning is
a new version. `body(event)` gives plain data for the journal, `event_from(kind, version, body)` the
event back. The result document, the terminal and the page are folds of this stream.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from benchctl.core.events.afterwards import (
    AuditNoted,
    NumberIssued,
    RunAmended,
    RunReviewed,
    UutAnnulled,
)
from benchctl.core.events.base import JSON, Event
from benchctl.core.events.bench import (
    CheckOverridden,
    GateChecked,
    GateClosed,
    InstrumentOpened,
    LinkNoted,
    MadeSafe,
    SchemeApplied,
    SettingWritten,
    StandardBound,
    UndoRegistered,
)
from benchctl.core.events.judging import (
    ConsensusNoted,
    ItemJudged,
    PointJudged,
)
from benchctl.core.events.measuring import (
    COLUMNS,
    HEARD,
    ActionFinished,
    ActionStarted,
    EnvironmentSeen,
    RawBlock,
    RunMeasured,
    RunsSetAside,
    RunSuspended,
    Settled,
    SuspensionEnded,
    Watched,
)
from benchctl.core.events.people import (
    LeakReported,
    OperatorChanged,
    OrderTaken,
    PromptAnswered,
    PromptOpened,
    RunContinued,
    RunPaused,
    UutAdjusted,
    UutDropped,
)
from benchctl.core.events.run import (
    PlanResolved,
    RunClosed,
    RunOpened,
    RunRecovered,
    RunResumed,
    StopRequested,
    UutJudged,
)

KINDS: dict[tuple[str, int], type[Event]] = {
    (cls.KIND, cls.VERSION): cls
    for cls in (
        RunOpened,
        PlanResolved,
        StandardBound,
        CheckOverridden,
        SchemeApplied,
        InstrumentOpened,
        LinkNoted,
        UndoRegistered,
        MadeSafe,
        ActionStarted,
        ActionFinished,
        SettingWritten,
        Settled,
        RawBlock,
        Watched,
        PromptOpened,
        PromptAnswered,
        RunMeasured,
        RunsSetAside,
        PointJudged,
        ItemJudged,
        UutDropped,
        UutAdjusted,
        OrderTaken,
        UutAnnulled,
        ConsensusNoted,
        RunPaused,
        RunContinued,
        RunSuspended,
        SuspensionEnded,
        OperatorChanged,
        LeakReported,
        GateChecked,
        GateClosed,
        EnvironmentSeen,
        StopRequested,
        RunRecovered,
        RunResumed,
        UutJudged,
        RunClosed,
        RunAmended,
        RunReviewed,
        NumberIssued,
        AuditNoted,
    )
}
"""Every event by its kind and version."""

__all__ = [
    "COLUMNS",
    "HEARD",
    "JSON",
    "KINDS",
    "ActionFinished",
    "ActionStarted",
    "AuditNoted",
    "CheckOverridden",
    "ConsensusNoted",
    "EnvironmentSeen",
    "Event",
    "GateChecked",
    "GateClosed",
    "InstrumentOpened",
    "ItemJudged",
    "LeakReported",
    "LinkNoted",
    "MadeSafe",
    "NumberIssued",
    "OperatorChanged",
    "OrderTaken",
    "PlanResolved",
    "PointJudged",
    "PromptAnswered",
    "PromptOpened",
    "RawBlock",
    "RunAmended",
    "RunClosed",
    "RunContinued",
    "RunMeasured",
    "RunOpened",
    "RunPaused",
    "RunRecovered",
    "RunResumed",
    "RunReviewed",
    "RunSuspended",
    "RunsSetAside",
    "SchemeApplied",
    "SettingWritten",
    "Settled",
    "StandardBound",
    "StopRequested",
    "SuspensionEnded",
    "UndoRegistered",
    "UutAdjusted",
    "UutAnnulled",
    "UutDropped",
    "UutJudged",
    "Watched",
    "body",
    "event_from",
]


def body(event: Event) -> JSON:
    """Return the event's fields as plain data (a blob is left out.

    Its sha256 stands in the body).
    """
    return {
        f.name: _plain(getattr(event, f.name))
        for f in dataclasses.fields(event)
        if f.name != "blob"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def event_from(kind: str, version: int, data: JSON) -> Event:
    """Return the event whose `body` is `data`.

    Raises:
        KeyError: this program does not know the kind or the version.
    """
    cls = KINDS[kind, version]
    fields = {f.name for f in dataclasses.fields(cls)}
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in fields}
    return cls(**values)
