"""Many runs are checked side by side, by as many processes as the machine has processors."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchctl.verifier.chains import check_run
from benchctl.verifier.findings import Finding
from benchctl.verifier.heads import Statement
from benchctl.verifier.sources import LabSource, Run, Source

MANY = 100_000
"""Records from which on further processes are worth their start."""
MOST = 8
"""Processes."""
SHARES = 4
"""Shares of the work for each process, so that none waits long for the last."""

Stated = Mapping[str, Sequence[Statement]]


def check_runs(source: Source, rows: Sequence[Run], stated: Stated) -> Iterator[list[Finding]]:
    """Give what is wrong with each run, in order of the rows."""
    workers = min(os.cpu_count() or 1, MOST, len(rows))
    if workers < 2 or not isinstance(source, LabSource) or _few(source):
        for row in rows:
            yield list(check_run(source, row, stated.get(row.run, ())))
        return
    size = -(-len(rows) // (workers * SHARES))
    shares = [rows[at : at + size] for at in range(0, len(rows), size)]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        works = [
            (source.path, source.immutable, share, [list(stated.get(r.run, ())) for r in share])
            for share in shares
        ]
        for found in pool.map(_share, works):
            yield from found


Work = tuple[Path, bool, Sequence[Run], list[list[Statement]]]


def _share(work: Work) -> list[list[Finding]]:
    path, immutable, rows, stated = work
    source = LabSource.open(path, immutable=immutable)
    try:
        return [list(check_run(source, row, of)) for row, of in zip(rows, stated, strict=True)]
    finally:
        source.close()


def _few(source: LabSource) -> bool:
    return source.count() < MANY
