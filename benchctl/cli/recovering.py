"""Making the benches of runs that were cut off safe, before anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchctl.cli.shell import Shell
from benchctl.cli.signals import Deaf
from benchctl.cli.terminal import Terminal
from benchctl.core.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from benchctl.bench import BenchFile
    from benchctl.core.events import RunOpened
    from benchctl.engine import RunRequest
    from benchctl.records import Lab


def made_safe(
    shell: Shell, screen: Terminal, lab: Lab, who: RunRequest, text: str | None = None
) -> dict[str, str]:
    """Make the benches of the runs that were cut off safe, and say so; return run -> bench.

    The bench is "" where it ended with the run's process. With `text` only the run is meant that
    it names.

    Raises:
        UnsafeError: a bench could not be made safe.
        UsageError: no such run.
    """
    from benchctl.core.clock import RealClock
    from benchctl.core.events import RunOpened
    from benchctl.engine import recover_bench

    wanted = lab.find_run(text) if text else None
    found = {run: "" for run in lab.left_simulated() if wanted in (None, run)}
    for run in lab.open_runs():
        opened = next((e.event for e in lab.events(run, kind=RunOpened.KIND)), None)
        if run in found or wanted not in (None, run) or not isinstance(opened, RunOpened):
            continue
        name = str(opened.bench["name"])
        if run not in lab.open_runs(name):  # a plant in the process of a run that goes on
            continue
        try:
            file = _bench_file(opened, lab, who)
            with lab.lock_bench(name, file.addresses()):
                runs = recover_bench(lab, file, who, RealClock())
        except RefusedError as error:
            if error.message.id not in ("records.bench-taken", "records.bench-in-use"):
                raise
            shell.err.line(shell.text("still-running", run=run))
            continue
        for cut_off in runs:
            if wanted in (None, cut_off) and cut_off not in found:
                found[cut_off] = name
                screen.line(shell.text("recovered", run=cut_off, bench=name))
    return found


def resumed_request(shell: Shell, request: RunRequest, run: str) -> RunRequest:
    """Make the bench of a run safe, and return the request to go on with it.

    Raises:
        UnsafeError: the bench could not be made safe.
        RecordError: the record cannot be read or written.
    """
    from benchctl.records import Lab

    with Lab.open(request.lab, create=False) as lab, Deaf(shell):
        made_safe(shell, shell.err, lab, request, run)
    return replace(request, resumes=run)


def _bench_file(opened: RunOpened, lab: Lab, who: RunRequest) -> BenchFile:
    """Return the bench file of a run: the one at hand if it is the same, else the recorded one.

    Raises:
        FileError: it has mistakes, or refers to files that are not there.
    """
    from benchctl.bench import load_bench
    from benchctl.cli.benches import find_bench_file, read_bench_file
    from benchctl.language import Diagnostics, Source

    try:
        path = find_bench_file(who.bench, who.lab)
    except UsageError:  # the record has the text
        path = None
    if path is not None:
        file = read_bench_file(path, who.lab)
        if who.bench is not None or file.name == opened.bench["name"]:
            return file
    diagnostics = Diagnostics()
    place = str(lab.folder / "bench.yaml")
    recorded = load_bench(Source(place, str(opened.bench["text"])), diagnostics)
    diagnostics.raise_if_failed()
    assert recorded is not None
    return recorded
