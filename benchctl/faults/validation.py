"""The validation report of this software, with this procedure and bench, on this computer.

    report = validation(Campaign(request, folder), runs=5, by="Li")

ISO/IEC 17025 7.11.2 wants software validated before use, in the form in which it is used. The
report says what was validated (the hashes of program, drivers, procedure and bench file, the
libraries and the system), what was tried (runs against the truth, faults), what came of it, and who
did it. It is plain data; `benchctl.records` signs it.
"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from typing import Any

from benchctl.core.clock import utc_now
from benchctl.engine import read_files, software_of
from benchctl.faults.accuracy import Agreement, agreements
from benchctl.faults.campaign import Campaign, Trial, run_campaign

SCHEMA = "benchctl.validation/1"
LIBRARIES = ("numpy", "scipy", "sqlalchemy", "pydantic", "cryptography", "pyserial", "pyvisa")

Told = Callable[[Agreement | Trial], None]


def validation(
    campaign: Campaign, *, runs: int, by: str, told: Told = lambda _: None
) -> dict[str, Any]:
    """Run everything and return the report; `told` hears of each part when it is over.

    Args:
        campaign: the faults to inject; its request says procedure, units, bench, service.
        runs: how many simulated runs are compared with the truth, each with another seed.
        by: the person who validates.
        told: called with each agreement and each trial.

    Raises:
        UsageError: the bench is not a simulated one in the run's own process.
        BenchctlError: the run cannot even begin.
    """
    files = read_files(campaign.request)
    began = _now()
    accuracy: list[Agreement] = []
    seeds = range(campaign.request.seed or 1, (campaign.request.seed or 1) + runs)
    for found in agreements(campaign.request, seeds, campaign.folder):
        accuracy.append(found)
        told(found)
    trials = run_campaign(campaign, told)
    wrong = sum(bool(a.wrong) for a in accuracy) + sum(bool(t.broken) for t in trials)
    procedure, bench = files.procedure, files.bench
    return {
        "schema": SCHEMA,
        "software": software_of(files),
        "system": _system(),
        "procedure": {"name": procedure.name, "sha256": procedure.sha256},
        "bench": {"name": bench.name, "sha256": bench.sha256, "simulated": True},
        "request": {
            "service": campaign.request.service,
            "stage": campaign.request.stage,
            "sets": dict(campaign.request.sets),
            "units": [subject.uut.serial for subject in files.subjects],
        },
        "by": by,
        "began": began,
        "ended": _now(),
        "accuracy": [asdict(a) for a in accuracy],
        "faults": [asdict(t) for t in trials],
        "wrong": wrong,
        "passed": not wrong,
    }


def _system() -> dict[str, Any]:
    """Return what the program runs on: computer, system, Python, libraries."""
    return {
        "node": platform.node(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "libraries": {name: v for name in LIBRARIES if (v := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _now() -> str:
    return utc_now().isoformat(timespec="seconds").replace("+00:00", "Z")
