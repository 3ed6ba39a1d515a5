"""How long a bench takes to bring 100,000 records to the central database, several at a time.

    python benchmarks/records/sync.py URL [--benches 8] [--records 100000] [--break]

The URL is of an empty database of its own. With `--break` connections are cut while they work, as a
bad network does; in the end the chains must be identical all the same.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa
from lab import make

from benchctl.records import Lab
from benchctl.records.central import Central, CentralGoneError, sync, tables

RUN = 2000
"""Records of a run."""


def bring(folder: Path, url: str) -> tuple[int, int]:
    """Sync until it went through; return records, and how often the connection was cut."""
    cut = 0
    with Lab.open(folder) as lab, Central.open(url) as central:
        while True:
            try:
                sync(lab, central)
            except CentralGoneError:
                cut += 1
            else:
                return sum(info.events for info in lab.runs(None)), cut


def breaker(url: str, over: threading.Event) -> None:
    """Cut a connection now and then."""
    chance = random.Random(1)
    with Central.open(url) as central:
        while not over.wait(chance.uniform(0.5, 2.0)):
            with central.transaction() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                    "current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
                )


def identical(folders: list[Path], url: str) -> bool:
    """Return whether the server holds the same hashes as the benches."""
    there: dict[str, list[str]] = {}
    records = tables.records
    asked = sa.select(records.c.run, records.c.hash).order_by(records.c.run, records.c.seq)
    with Central.open(url) as central, central.transaction() as connection:
        for run, hash_ in connection.execute(asked):
            there.setdefault(run, []).append(hash_)
    here: dict[str, list[str]] = {}
    for folder in folders:
        with Lab.open(folder) as lab:
            here |= {i.run: [r.hash for r in lab.store.records(i.run)] for i in lab.runs(None)}
    return here == there


def main() -> int:
    """Make the benches, bring their records, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--benches", type=int, default=8)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--break", dest="cut", action="store_true")
    asked = parser.parse_args()
    over = threading.Event()
    with tempfile.TemporaryDirectory() as name, Central.open(asked.url) as central:
        central.init()
        folders = [Path(name, f"bench-{n}") for n in range(asked.benches)]
        for n, folder in enumerate(folders):
            make(folder, asked.records // RUN, RUN, bench=f"Line {n}", prefix=f"B{n}-")
        cutting = threading.Thread(target=breaker, args=(asked.url, over))
        if asked.cut:
            cutting.start()
        began = time.perf_counter()
        with ThreadPoolExecutor(asked.benches) as pool:
            done = list(pool.map(lambda folder: bring(folder, asked.url), folders))
        took = time.perf_counter() - began
        over.set()
        if asked.cut:
            cutting.join()
        same = identical(folders, asked.url)
    total, cuts = sum(n for n, _ in done), sum(cut for _, cut in done)
    rate = f"{took:.1f} s, {total / took:.0f} records/s, {cuts} connections cut"
    print(f"{total} records of {asked.benches} benches: {rate}; identical: {same}")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
