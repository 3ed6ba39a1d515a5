"""What is new of a run that goes on in another process: journaled events, and present values.

The database is read at most four times per second, the present values whenever asked. Nothing here
writes or holds a lock, so that the run does not notice.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from benchctl.core.clock import monotonic, utc_now

if TYPE_CHECKING:
    from benchctl.records import Lab, StoredEvent

JOURNAL_EVERY = 0.25
"""Real seconds between two looks into the database."""


class Follower:
    """Reads one run of an open lab, from its beginning on."""

    def __init__(self, lab: Lab, run: str) -> None:
        self.run = run
        self._lab = lab
        self._seq = 0
        self._written = 0.0
        self._looked = -JOURNAL_EVERY

    def news(self, *, all_of_it: bool = False) -> list[StoredEvent]:
        """Return what is new, oldest first; the latest `Watched` comes last.

        Args:
            all_of_it: look into the database even if that was done a moment ago.

        Raises:
            RecordError: the record cannot be read.
        """
        found: list[StoredEvent] = []
        now = monotonic()
        if all_of_it or now - self._looked >= JOURNAL_EVERY:
            self._looked = now
            found += self._lab.events(self.run, after=self._seq)
            self._seq = found[-1].seq if found else self._seq
        found += self._present()
        return found

    def _present(self) -> list[StoredEvent]:
        from benchctl.records import present_values

        present = present_values(self._lab.folder, self.run)
        if present is None or present.written == self._written:
            return []
        self._written = present.written
        return [present.stored]

    def lives(self) -> bool:
        """Return whether the run's process lives; False where it ended or was cut off."""
        from benchctl.records import goes_on

        return goes_on(self._lab.folder, self.run)

    def age(self, latest: StoredEvent) -> float:
        """Return the real seconds since an event of a run whose bench time is real time."""
        if latest.seq == 0:
            return max(0.0, utc_now().timestamp() - self._written)
        return max(0.0, (utc_now() - datetime.fromisoformat(latest.utc)).total_seconds())
