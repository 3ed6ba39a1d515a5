"""The list of statements beside the database: what the records of a lab must at least hold.

    HeadList(folder).catch_up(store)        # by the journal, after the commit

`heads.jsonl` has a line `[n, text, signature]` for each statement of the database (`notary`) and is
only added to. It is written after the commit, and a line that is missing at its end (the power went
in between) is added the next time: what the list names, the database must hold.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from benchctl.core.clock import Deadline, pause
from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.records.folders import os_error
from benchctl.records.locks import _take
from benchctl.verifier.heads import MIRROR

if TYPE_CHECKING:
    from benchctl.records.store import Store

PATIENCE = 5.0
"""Real seconds that a writer waits for another one."""
_LAST = 1 << 16
"""Bytes at the end of the file that surely hold its last line."""
_EARLIER = "heads-before.jsonl"
"""Where the list goes that a benchctl without statements wrote."""


class HeadList:
    """The list of a lab; `folder` is that of its database."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MIRROR

    def catch_up(self, store: Store, *, sync: bool = True) -> None:
        """Add the statements that the list does not have; on the disk then where `sync` is set.

        Raises:
            RecordError: it cannot be written, or its last line is damaged.
        """
        try:
            with self.path.open("a+", encoding="utf-8") as file:
                self._wait(file)
                known = self._last(file)
                with store.reading() as reader:
                    rows = reader.heads(after=known)
                for row in rows:
                    line = json.dumps([row.n, row.text, row.signature], ensure_ascii=False)
                    file.write(f"{line}\n")
                file.flush()
                if sync:
                    os.fsync(file.fileno())
        except OSError as error:
            raise os_error(error, self.path) from error

    def _last(self, file: TextIO) -> int:
        """Return the number in the last whole line, 0 for an empty list."""
        last = _last_line(file)
        if not last:
            return 0
        try:
            found = json.loads(last)
            if isinstance(found, dict):
                self._put_away(file)
                return 0
            return int(found[0])
        except (ValueError, TypeError, IndexError) as error:
            raise RecordError(msg("records.heads-damaged", path=str(self.path))) from error

    def _put_away(self, file: TextIO) -> None:
        """Keep a list from before there were statements under another name."""
        file.seek(0)
        self.path.with_name(_EARLIER).write_text(file.read(), encoding="utf-8")
        file.truncate(0)

    def _wait(self, file: TextIO) -> None:
        deadline = Deadline(PATIENCE)
        while True:
            try:
                _take(file)
            except OSError:
                if deadline.over:
                    raise
                pause(0.005)
            else:
                return


def _last_line(file: TextIO) -> str:
    """Return the last whole line; one that was cut off while it was written is taken away."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LAST))
    tail = file.read()
    whole, end, torn = tail.rpartition("\n")
    if torn:
        file.truncate(size - len(torn.encode()))
    file.seek(0, os.SEEK_END)
    return whole.rpartition("\n")[2] if end else ""
