"""Syncing while a run is written, and either of the two killed at any moment: nothing is lost."""

from __future__ import annotations

import random
import signal
from pathlib import Path

from record_samples import clock, closed, python
from test_central_sync import chains, local_chains

from benchctl.core.clock import pause
from benchctl.records import Lab, verify
from benchctl.records.central import Central, sync

WRITER = """
import sys
from pathlib import Path
from record_samples import clock, measured, opened, raw_block
from benchctl.records import Lab
with Lab.open(Path(sys.argv[1])) as lab, lab.lock_bench("Line 2"):
    run = lab.open_runs("Line 2")
    if run:
        journal = lab.resume_journal(run[0], clock())
    else:
        journal = lab.begin_run("Line 2", clock=clock())
        journal.emit(opened(journal.run))
    journal.listeners.append(lambda stored: print(stored.run, stored.seq, flush=True))
    for n in range(100_000):
        journal.emit(raw_block(n, rows=20, series=f"{sys.argv[2]}-{n}"))
        journal.emit(measured("W-1", "Q3", n))
"""
SYNC = "import runpy; runpy.run_module('benchctl', run_name='__main__')"
ROUNDS = 5


def test_a_run_and_its_sync_are_killed_again_and_again_and_no_record_is_lost(
    tmp_path: Path, central: Central, database: object
) -> None:
    assert callable(database)
    chance = random.Random(7)
    folder = tmp_path / "lab"
    Lab.open(folder).close()
    acknowledged: dict[str, int] = {}
    for n in range(ROUNDS):
        bringing = python(
            SYNC, "records", "sync", database("keeper"), "--lab", folder, "--every", 1
        )
        writer = python(WRITER, folder, str(n))
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(chance.randrange(20, 200))]
        pause(chance.uniform(0.0, 2.0))
        first, second = (writer, bringing) if n % 2 else (bringing, writer)
        first.send_signal(signal.SIGKILL)
        second.send_signal(signal.SIGKILL)
        rest, errors = writer.communicate()
        assert errors == ""
        assert bringing.communicate()[1] == ""
        for line in "".join([*lines, rest[: rest.rfind("\n") + 1]]).splitlines():
            run, seq = line.split()
            acknowledged[run] = max(acknowledged.get(run, 0), int(seq))
        assert lines[-1]
    with Lab.open(folder) as lab:
        (run,) = acknowledged
        journal = lab.resume_journal(run, clock())
        journal.emit(closed())
        here = local_chains(lab)
        assert len(here[run]) > acknowledged[run]
        assert verify(lab) == []
        assert 0 < len(chains(central).get(run, [])) <= len(here[run])
        sync(lab, central)
        assert chains(central) == here
        assert sync(lab, central).records == 0
