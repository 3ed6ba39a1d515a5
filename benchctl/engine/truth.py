"""What the simulated units under test really are: for tests and `benchctl sim truth` only."""

from __future__ import annotations

from typing import Any

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.engine.prepare import Files, read_files
from benchctl.engine.request import RunRequest
from benchctl.procedure import AcrossItem
from benchctl.simulation import SimulatedBench


def truth(request: RunRequest) -> list[dict[str, Any]]:
    """Return the true error of every unit at every declared point, and whether each item is good.

    Raises:
        UsageError: the bench is a real one; only a simulation knows the truth.
    """
    files = read_files(request)
    if files.simulation is None:
        raise UsageError(msg("engine.no-truth"))
    bench = files.simulation(VirtualClock(), seed=files.seed or 0, uuts=files.simulated_uuts())
    return [row for subject in range(len(files.subjects)) for row in _rows(files, bench, subject)]


def _rows(files: Files, bench: SimulatedBench, index: int) -> list[dict[str, Any]]:
    subject = files.subjects[index]
    measured = {part.item or part.measurand.name for part in files.procedure.measured}
    base = {"serial": subject.uut.serial, "position": subject.uut.position}
    rows: list[dict[str, Any]] = [
        base
        | {
            "item": i.name,
            "point": None,
            "quantity": None,
            "unit": None,
            "error": None,
            "good": bool(bench.truth(subject.uut.serial, i.name, i.name, {})),
        }
        for i in files.procedure.items
        if i.name not in measured
        and not isinstance(i, AcrossItem)
        and i.name not in subject.resolved.left_out
    ]
    for point in subject.resolved.points:
        part = files.procedure.part(point.name)
        item, measurand = part.result_item, part.measurand
        words = {name: texts.get("en", "") for name, texts in point.texts.items()}
        makes: dict[str, Any] = {"name": point.name, "unit": measurand.unit}
        makes |= point.fields | words
        error = float(bench.truth(subject.uut.serial, item, measurand.name, makes))
        rows.append(
            base
            | {
                "item": item,
                "point": point.name,
                "quantity": measurand.name,
                "unit": measurand.unit,
                "error": error,
            }
        )
    return rows
