"""When an event is safe: which are committed before `emit` returns, which may wait, which pass by.

Whatever waits is committed, in order and in one transaction, with the next event that does not: a
result is therefore never in the record without the raw readings that it rests on.
"""

from __future__ import annotations

from enum import StrEnum

from benchctl.core.events import AuditNoted, Event, LinkNoted, RawBlock, SettingWritten, Watched


class Keeping(StrEnum):
    """How the journal keeps a kind of event."""

    DURABLE = "durable"
    """On the disk when `emit` returns."""
    GROUPED = "grouped"
    """With the next durable event, or when enough has gathered."""
    SHOWN = "shown"
    """Given to the listeners, never kept."""


_OTHERWISE: dict[type[Event], Keeping] = {
    AuditNoted: Keeping.GROUPED,
    RawBlock: Keeping.GROUPED,
    LinkNoted: Keeping.GROUPED,
    SettingWritten: Keeping.GROUPED,
    Watched: Keeping.SHOWN,
}

GATHERED_EVENTS = 256
"""So many waiting events are committed without a durable one ..."""
GATHERED_BYTES = 4 << 20
"""... or so many bytes of raw readings ..."""
GATHERED_SECONDS = 2.0
"""... or when the first of them has waited so long (s of real time) at the next `emit`."""


def keeping(event: Event) -> Keeping:
    """Return how an event is kept; a kind that no rule names is durable."""
    return _OTHERWISE.get(type(event), Keeping.DURABLE)
