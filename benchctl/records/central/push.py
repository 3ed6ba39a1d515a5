"""Bringing a bench's records to the central database: resumable, idempotent, in order.

The outbox is what the bench's own database states of its records (the log of tree heads): the
server says which statement it has last; the runs that later statements name are compared record by
record number, what is missing is sent in pages, and the statements follow once their records are
there. Whatever is cut off in between is found again by the next call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from benchctl.core.errors import RecordError
from benchctl.core.events import RawBlock
from benchctl.core.messages import msg
from benchctl.records.central.server import Central, ForkError, Position
from benchctl.records.rows import HeadRow, RecordRow, RunRow
from benchctl.verifier.heads import read_statement

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

PAGE = 500
"""Records that are sent at a time ..."""
PAGE_BYTES = 4 << 20
"""... or so many bytes of raw readings."""
IN_PROCESS = " (in process)"


@dataclass(frozen=True, slots=True)
class Synced:
    """What one call brought over; `left_out` are runs of benches that lived in their process."""

    central: str
    runs: int
    records: int
    heads: int
    left_out: int


def sync(lab: Lab, central: Central) -> Synced:
    """Bring everything over that the central database lacks.

    Raises:
        CentralGoneError: the server cannot be reached; call again later.
        ForkError: the server holds something else than this database.
        RecordError: the records cannot be read, or the server refuses.
    """
    with lab.store.reading() as reader:
        last = reader.last_head()
    if last is None:
        return Synced(central.name, 0, 0, 0, 0)
    log = read_statement(last.text).lab
    known, text = central.last_head(log)
    heads = _after(lab, known, text)
    touched = {head.run for head in heads if head.run}
    with lab.store.reading() as reader:
        mine = [row for row in reader.runs() if row.run in touched]
    sent = Synced(central.name, 0, 0, 0, 0)
    for row in mine:
        if row.bench.endswith(IN_PROCESS):
            sent = replace(sent, left_out=sent.left_out + 1)
            continue
        count = _push_run(lab, central, row)
        sent = replace(sent, runs=sent.runs + bool(count), records=sent.records + count)
    for page in _pages(heads):
        central.add_heads(log, page)
    return replace(sent, heads=len(heads))


def _after(lab: Lab, known: int, text: str) -> list[HeadRow]:
    """Return the statements that the server lacks.

    Raises:
        ForkError: it has more, or others.
    """
    with lab.store.reading() as reader:
        mine = reader.heads(after=max(0, known - 1))
    if known:
        if not mine or mine[0].n != known:
            raise ForkError(
                msg("records.central-ahead", n=known), hint=msg("records.central-ahead-hint")
            )
        if mine[0].text != text:
            raise ForkError(
                msg("records.central-other", n=known), hint=msg("records.central-fork-hint")
            )
        mine = mine[1:]
    return mine


def _push_run(lab: Lab, central: Central, row: RunRow) -> int:
    """Send what the server lacks of a run; return how many records that was."""
    there = central.position(row.run)
    after = there.seq if there is not None else 0
    if there is not None and there.seq:
        _same(lab, row.run, there)
    count = 0
    new: RunRow | None = row if there is None else None
    for page, data in _record_pages(lab, row.run, after):
        central.add(new, page, data)
        new, count = None, count + len(page)
    return count


def _same(lab: Lab, run: str, there: Position) -> None:
    """Raise `ForkError` where the server's last record of a run is not the one here."""
    with lab.store.reading() as reader:
        mine = reader.record(run, there.seq)
    if mine is None:
        raise ForkError(
            msg("records.central-more", run=run, seq=there.seq),
            hint=msg("records.central-ahead-hint"),
        )
    if mine.hash != there.hash:
        raise ForkError(
            msg("records.central-differs", run=run, seq=there.seq),
            hint=msg("records.central-fork-hint"),
        )


def _record_pages(
    lab: Lab, run: str, after: int
) -> Iterator[tuple[list[RecordRow], list[tuple[int, bytes]]]]:
    page: list[RecordRow] = []
    data: list[tuple[int, bytes]] = []
    size = 0
    for record in lab.store.records(run, after=after):
        page.append(record)
        if record.kind == RawBlock.KIND:
            data.append((record.seq, _blob(lab, record)))
            size += len(data[-1][1])
        if len(page) >= PAGE or size >= PAGE_BYTES:
            yield page, data
            page, data, size = [], [], 0
    if page:
        yield page, data


def _blob(lab: Lab, record: RecordRow) -> bytes:
    with lab.store.reading() as reader:
        data = reader.blob(record.run, record.seq)
    if data is None:
        raise RecordError(msg("records.block-damaged", run=record.run, seq=record.seq))
    return data


def _pages(heads: Sequence[HeadRow]) -> Iterator[list[HeadRow]]:
    rest = iter(heads)
    while page := list(islice(rest, PAGE)):
        yield page
