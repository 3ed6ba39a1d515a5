"""Events on their way to the disk: as rows without a number yet, with the bytes that they carry."""

from __future__ import annotations

import dataclasses
import hashlib

from benchctl.core.clock import Clock
from benchctl.core.errors import RecordError
from benchctl.core.events import Event, RawBlock
from benchctl.core.messages import msg
from benchctl.records.rows import RecordRow


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is not yet on the disk; its `seq` and hash are given when it is written."""

    row: RecordRow
    event: Event
    blob: bytes


def utc_text(clock: Clock, t: float) -> str:
    """Return bench time `t` in s as the record writes it: ISO 8601, UTC, milliseconds."""
    return clock.utc(t).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def checked_block(event: RawBlock) -> RawBlock:
    """Return a block whose sha256 is that of its bytes.

    Raises:
        RecordError: it names another one.
    """
    sha256 = hashlib.sha256(event.blob).hexdigest()
    if not event.sha256:
        return dataclasses.replace(event, sha256=sha256)
    if event.sha256.removeprefix("sha256:") != sha256:
        raise RecordError(msg("records.block-differs", series=event.series))
    return event
