"""What the records of a lab must at least hold: a list of the first and last event of every run.

    heads = Heads(folder)
    heads.note("01J...", "closed", 1834, "ab...")       # by the journal, after the commit
    for head in heads.read(): ...                       # by verify

The list `heads.jsonl` lies beside the database and is only added to. Hash chains inside of the
database show that something within them was changed; that a whole run, or the end of one, is gone
shows only against what is kept outside. Every line is numbered and carries the hash of the line
before, so that a line that was taken out shows too. A line is written after the event is on the
disk: what the list names, the database must hold; what the database holds beyond it may have been
cut off just before the line was written. Somebody who alters both files is found out by a head
that was signed or kept elsewhere, which is not made yet.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from benchctl.core.clock import Deadline, pause
from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.records.folders import os_error
from benchctl.records.locks import _take

FILE = "heads.jsonl"
OPENED, CLOSED = "opened", "closed"
PATIENCE = 5.0
"""Real seconds that a writer waits for another one."""
_LAST = 4096
"""Bytes at the end of the file that surely hold its last line."""


@dataclass(frozen=True, slots=True)
class Head:
    """The event `seq` of a run with its hash, as it was when the run was `opened` or `closed`."""

    n: int
    run: str
    what: str
    seq: int
    hash: str
    before: str
    """SHA-256 (hex) of the line before, "" for the first."""


class Heads:
    """The list of a lab; `folder` is that of its database."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def note(self, run: str, what: str, seq: int, hash_: str) -> None:
        """Add a line; it is on the disk when this returns.

        Raises:
            RecordError: it cannot be written.
        """
        try:
            with self.path.open("a+", encoding="utf-8") as file:
                self._wait(file)
                last = _last_line(file)
                number = 0 if not last else _read(last).n
                before = hashlib.sha256(last.encode()).hexdigest() if last else ""
                line = json.dumps(asdict(Head(number + 1, run, what, seq, hash_, before)))
                file.write(f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise os_error(error, self.path) from error
        except ValueError as error:
            raise RecordError(msg("records.heads-damaged", path=str(self.path))) from error

    def read(self) -> list[Head] | None:
        """Return the lines, None where there is no list.

        Raises:
            RecordError: a line is damaged or was taken out.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise os_error(error, self.path) from error
        heads: list[Head] = []
        before = ""
        for number, line in enumerate(lines, 1):
            try:
                head = _read(line)
            except ValueError:
                if number == len(lines):  # cut off while it was written
                    break
                head = None
            if head is None or (head.n, head.before) != (number, before):
                raise RecordError(
                    msg("records.heads-changed", path=str(self.path), line=number)
                ) from None
            before = hashlib.sha256(line.encode()).hexdigest()
            heads.append(head)
        return heads

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


def _read(line: str) -> Head:
    """Return the line's head.

    Raises:
        ValueError: it is none.
    """
    data = json.loads(line)
    try:
        return Head(**data)
    except TypeError as error:
        raise ValueError(line) from error
