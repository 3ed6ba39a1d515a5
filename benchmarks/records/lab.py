"""A lab with many records, written as the journal writes them but without its waits."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchctl.records import Lab
from benchctl.records.heads import HeadList
from benchctl.records.rows import Facts
from benchctl.verifier import hashing
from benchctl.verifier.heads import CLOSED
from benchctl.verifier.merkle import Peaks, leaf

BODY = (
    '{"channel":"speed","instrument":"pump","t":%d.25,"unit":"Hz","value":%d.5}',
    '{"action":"load-1/Q3/settle","kind":"settle","t":%d.125,"expected":%d.0}',
)


def make(
    folder: Path, runs: int, records: int, *, bench: str = "Line 2", prefix: str = "R"
) -> None:
    """Make a lab of `runs` runs with `records` records each, chained, stated and signed."""
    digest = hashing.digest_of("sha256")
    with Lab.open(folder) as lab:
        database = sqlite3.connect(lab.path, isolation_level=None)
        previous: tuple[str, int, str] | None = None
        for number in range(runs):
            run = f"{prefix}{number:08d}"
            row = (
                run,
                bench,
                "2026-11-21T09:00:00.000Z",
                "sha256/json-1",
                *(previous or (None,) * 3),
            )
            hash_, tree, rows = hashing.origin(digest, row), Peaks(digest), []
            for seq in range(1, records + 1):
                kind = "run-closed" if seq == records else "setting-written"
                utc = f"2026-11-21T09:{seq // 60 % 60:02d}:{seq % 60:02d}.{seq % 1000:03d}Z"
                body = BODY[seq % 2] % (seq, seq)
                head = hashing.header(run, seq, kind, 1, utc, seq * 0.25)
                hash_ = hashing.chained(digest, hash_, head, body)
                rows.append((run, seq, kind, 1, utc, seq * 0.25, body, hash_.hex()))
            tree.extend([leaf(digest, bytes.fromhex(r[7])) for r in rows])
            database.execute("BEGIN")
            database.execute(
                "INSERT INTO runs (run, bench, utc, algorithm, previous_run, previous_seq, "
                "previous_hash) VALUES (?,?,?,?,?,?,?)",
                row,
            )
            database.executemany("INSERT INTO records VALUES (?,?,?,?,?,?,?,?)", rows)
            database.execute("COMMIT")
            facts = Facts(run, row[1], row[3], records, hash_.hex(), tree.root().hex())
            with lab.store.writing() as writer:
                lab.notary.state(writer, CLOSED, facts)
            previous = (run, records, hash_.hex())
        database.close()
        HeadList(lab.folder).catch_up(lab.store)
