"""The trials of a campaign: what is spoilt where, and whether the promises hold.

Promised of every trial: what was acknowledged is in the record and its chain is whole; a run that
was cut off can be gone on with, and then nothing that counts is measured twice, errors agree with
those of the unspoilt run within their uncertainties, and verdicts are the same wherever the true
error is further than 2 U from the limit; whatever is not known to be safe is named.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchctl.core.clock import monotonic
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.events import ActionStarted, MadeSafe, RunMeasured, RunResumed
from benchctl.core.messages import msg
from benchctl.engine import RunRequest, read_files, truth
from benchctl.faults.comparing import differences
from benchctl.faults.served import ServedBench
from benchctl.records import Lab, verify

SECONDS = 1800.0
"""Real seconds that a process may take."""
CUT_OFF = -9


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is tried: kills at actions (None: at all) and at random events, cables, disk, clock."""

    request: RunRequest
    folder: Path
    actions: int | None = 8
    events: int = 8
    cables: bool = True
    disk: bool = True
    clock: bool = True
    seed: int = 1
    served: float = 0.0
    """The rate of a bench in a process of its own, which the kills leave standing; 0: in the run's
    process and in virtual time."""
    units: int = 2
    """So many units are on a served bench."""


@dataclass(slots=True)
class Trial:
    """One trial and what came of it; `broken` are promises that did not hold."""

    fault: str
    place: str
    exit_code: int = 0
    outcome: str = ""
    resumed: bool = False
    lost: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Usual:
    """The unspoilt run: its document, its actions in order, how many events, how large."""

    document: dict[str, Any]
    truths: list[dict[str, Any]]
    actions: tuple[str, ...]
    events: int
    size: int


def run_campaign(campaign: Campaign, told: Callable[[Trial], None] = lambda _: None) -> list[Trial]:
    """Run all trials, one after the other; `told` hears of each when it is over.

    Raises:
        UsageError: the bench is not a simulated one in the run's own process.
        BenchctlError: the run cannot even begin.
    """
    files = read_files(campaign.request)
    if files.simulation is None or files.served:
        raise UsageError(msg("faults.not-simulated"))
    usual = _usual(campaign)
    buses: dict[str, set[str]] = {}
    for name, entry in files.bench.instruments.items():
        buses.setdefault(_bus(entry.at), set()).add(name)
    trials = []
    if campaign.served:  # cables, disk and clock are those of the run's own process
        campaign = replace(campaign, cables=False, disk=False, clock=False)
    for number, (trial, fault) in enumerate(_planned(campaign, usual, buses)):
        began = monotonic()
        lab = campaign.folder / f"trial-{number:03}"
        with _bench(campaign, lab) as bench:
            _try(campaign, usual, trial, fault, lab, bench)
        trial.seconds = monotonic() - began
        trials.append(trial)
        told(trial)
    return trials


def _bus(address: str) -> str:
    """Return the bus of an address: `sim.drive` of `modbus+tcp://sim.drive?unit=3`."""
    return address.split("?", 1)[0].rpartition("://")[2].removeprefix("visa:")


def _planned(
    campaign: Campaign, usual: _Usual, buses: Mapping[str, set[str]]
) -> Iterator[tuple[Trial, dict[str, Any]]]:
    count = len(usual.actions)
    for n in _spread(count, campaign.actions):
        yield Trial("kill -9", f"{n} {usual.actions[n - 1]}"), {"kill_at": n}
    chance = random.Random(campaign.seed)
    for n in sorted(chance.sample(range(1, usual.events), min(campaign.events, usual.events - 1))):
        yield Trial("kill -9", f"event {n}"), {"kill": n}
    middle = 1 + count // 2
    for bus in sorted(buses) if campaign.cables else ():
        place = f"{bus} at {usual.actions[middle - 1]}"
        there = sorted(buses[bus])
        yield Trial("unplugged", place), {"unplug": [bus, middle], "instruments": there}
    for share in (0.3, 0.8) if campaign.disk else ():
        yield Trial("disk full", f"{share:.0%} written"), {"disk": int(usual.size * share)}
    for step in (-7200.0, 86400.0) if campaign.clock else ():
        place = f"{step:+.0f} s at {usual.actions[middle - 1]}"
        yield Trial("clock", place), {"clock": [step, middle]}


def _spread(count: int, wanted: int | None) -> list[int]:
    """Return `wanted` numbers from 1 to `count`, evenly spread; all of them with None."""
    if wanted is None or wanted >= count:
        return list(range(1, count + 1))
    return sorted({1 + round(i * (count - 1) / max(1, wanted - 1)) for i in range(wanted)})


@contextmanager
def _bench(campaign: Campaign, lab: Path) -> Iterator[ServedBench | None]:
    """Serve a bench for a trial, where it is to have a process of its own."""
    lab.mkdir(parents=True)
    if not campaign.served:
        yield None
        return
    found = read_files(campaign.request).simulation
    assert found is not None
    seed = campaign.request.seed or 0
    files = lab.with_name(f"{lab.name}-bench")
    with ServedBench(
        found.name, files, seed=seed, rate=campaign.served, units=campaign.units
    ) as bench:
        yield bench


def _usual(campaign: Campaign) -> _Usual:
    lab = campaign.folder / "unspoilt"
    with _bench(campaign, lab) as bench:
        ended = _start(campaign, lab, {}, bench)
    if ended.document is None:
        raise UsageError(msg("faults.cannot-run", said=ended.said))
    with Lab.open(lab, create=False) as records:
        run = records.find_run("latest")
        events = [s.event for s in records.events(run)]
        size = records.path.stat().st_size
    actions = tuple(e.action for e in events if isinstance(e, ActionStarted))
    return _Usual(ended.document, truth(campaign.request), actions, len(events), size)


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    acknowledged: int
    document: dict[str, Any] | None
    said: str


def _start(
    campaign: Campaign, lab: Path, fault: Mapping[str, Any], bench: ServedBench | None
) -> _Ended:
    """Run in a process of its own, spoilt as told."""
    wanted = campaign.request if bench is None else bench.request(campaign.request)
    request = asdict(wanted) | {"lab": str(lab)}
    for name in ("bench", "batch"):
        request[name] = None if request[name] is None else str(Path(request[name]).resolve())
    asked = json.dumps({"request": request, "fault": fault})
    done = subprocess.run(
        [sys.executable, "-m", "benchctl.faults.spoiling", asked],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    numbers = [int(line) for line in done.stdout.split() if line.isdigit()]
    last = done.stderr.strip().splitlines()[-1:] or [""]
    document = json.loads(last[0])["document"] if last[0].startswith('{"exit_code"') else None
    return _Ended(done.returncode, max(numbers, default=0), document, last[0][:500])


def _try(
    campaign: Campaign,
    usual: _Usual,
    trial: Trial,
    fault: dict[str, Any],
    lab: Path,
    bench: ServedBench | None,
) -> None:
    ended = _start(campaign, lab, fault, bench)
    trial.exit_code = ended.code
    document = ended.document
    run, kept = _recorded(lab)
    trial.lost = max(0, ended.acknowledged - kept)
    _promise(trial, trial.lost == 0, f"{trial.lost} acknowledged records are lost")
    if "kill" in fault or "kill_at" in fault:
        _promise(trial, ended.code == CUT_OFF, f"the run was not killed: {ended.said}")
        document = _gone_on_with(trial, lab)
    if document is None and "disk" in fault and not run:
        trial.outcome = "not opened"
        _promise(trial, trial.exit_code == 5, f"exit code {trial.exit_code}, not 5")
        return
    if document is None:
        _promise(trial, False, f"no result document: {ended.said}")
        return
    trial.outcome = str(document["outcome"])
    if run:
        _whole(trial, lab, run)
        if bench is not None and trial.resumed:
            _safe_first(trial, lab, run)
    _judge(trial, usual, fault, document)


def _recorded(lab: Path) -> tuple[str, int]:
    """Return the last run of a lab folder and how many events it has; ("", 0) without any."""
    try:
        with Lab.open(lab, create=False) as records:
            run = records.find_run("latest")
            return run, sum(1 for _ in records.events(run))
    except (UsageError, RecordError):  # it came to nothing before anything was acknowledged
        return "", 0


def _gone_on_with(trial: Trial, lab: Path) -> dict[str, Any] | None:
    """Let `benchctl resume` go on with the run that was killed; return its document."""
    result = lab / "resumed.json"
    argv = ["resume", "--lab", str(lab), "--json", str(result), "--quiet", "--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "benchctl", *argv],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    trial.exit_code, trial.resumed = done.returncode, done.returncode in (0, 1)
    _promise(trial, trial.resumed, f"it could not go on: {done.stderr.strip()[-300:]}")
    document: dict[str, Any] | None = None
    if result.exists():
        document = json.loads(result.read_text(encoding="utf-8"))
    return document


def _whole(trial: Trial, lab: Path, run: str) -> None:
    """Check the chain, and that no run of a unit counts twice."""
    with Lab.open(lab, create=False) as records:
        problems = verify(records, run)
        _promise(trial, not problems, f"the record is not whole: {problems[:2]}")
        counted: dict[tuple[str, str, int, str], int] = {}
        for stored in records.events(run, kind=RunMeasured.KIND):
            event = stored.event
            if isinstance(event, RunMeasured) and event.valid:
                key = (event.uut, event.point, event.run, event.occasion)
                counted[key] = counted.get(key, 0) + 1
        twice = [key for key, n in counted.items() if n > 1]
        _promise(trial, not twice, f"measured twice: {twice[:3]}")


def _safe_first(trial: Trial, lab: Path, run: str) -> None:
    """Check that the record has the bench safe before the run goes on."""
    with Lab.open(lab, create=False) as records:
        kinds = [s.event.KIND for s in records.events(run)]
    resumed = kinds.index(RunResumed.KIND) if RunResumed.KIND in kinds else len(kinds)
    _promise(trial, MadeSafe.KIND in kinds[:resumed], "it went on before the bench was safe")


def _judge(
    trial: Trial, usual: _Usual, fault: Mapping[str, Any], document: Mapping[str, Any]
) -> None:
    """Compare the result with the unspoilt one, as far as it was reached."""
    finished = document["outcome"] == "finished"
    if "kill" in fault or "kill_at" in fault or "clock" in fault:
        _promise(trial, finished, f"it did not finish: {document['reason']}")
    if "disk" in fault:
        _promise(trial, trial.exit_code == 5, f"exit code {trial.exit_code}, not 5")
        return
    if "unplug" in fault:
        known = trial.exit_code in (0, 1, 3, 5)
        _promise(trial, known, f"exit code {trial.exit_code}")
        failed = {f["instrument"] for f in (document["made_safe"] or {}).get("failed", ())}
        others = failed - set(fault["instruments"])
        _promise(trial, not others, f"not safe though it answers: {', '.join(sorted(others))}")
    for difference in differences(document, usual.document, usual.truths):
        _promise(trial, False, difference)


def _promise(trial: Trial, kept: bool, what: str) -> None:
    if not kept:
        trial.broken.append(what)
