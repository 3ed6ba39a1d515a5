"""Verdicts, errors and messages of a record in the words of a person's screen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import plain
from benchctl.cli.requests import SERVICES, STAGES
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import spoken_json

if TYPE_CHECKING:
    from benchctl.core.events import PointJudged

_MOST_DIGITS = 9
_SMALL = 0.02
"""Limits below this are small beside two decimals."""


def extra_text(uut: Mapping[str, Any]) -> str:
    """Return what a batch says of a unit beyond the procedure: `owner: City; order: 17`."""
    said = [f"{name}: {value}" for name, value in uut.get("extra", {}).items() if value]
    return plain("; ".join(said))


def verdict_text(shell: Shell, verdict: str | None) -> str:
    """Return a verdict in capitals: `PASS`, `FAIL`, ..."""
    return shell.text(f"verdict-{verdict}") if verdict else "-"


def error_text(error: float, limits: Sequence[float] | None = None) -> str:
    """Return an error with its sign: `+0.41`.

    Where two decimals would put it on the other side of a limit, or a limit is small beside them,
    it has as many as are needed.
    """
    digits = 2
    if limits is not None:
        width = max(map(abs, limits))
        if 0.0 < width < _SMALL:
            digits = min(_MOST_DIGITS, 2 - math.floor(math.log10(width)))
        side = _inside(error, limits)
        while digits < _MOST_DIGITS and _inside(round(error, digits), limits) != side:
            digits += 1
    return f"{error:+.{digits}f}"


def stated_text(
    error: float, limits: Sequence[float] | None, reported: str | None, judged_on: str | None
) -> str:
    """Return an error as it was judged: where that was the reported value, this one."""
    if judged_on != "rounded" or not reported:
        return error_text(error, limits)
    return reported if reported[0] in "+-" else f"+{reported}"


def stated_of(point: Mapping[str, Any]) -> str:
    """Return the error of a document's point that has one, as it was judged."""
    return stated_text(
        point["error"], point.get("mpe"), point.get("reported"), point.get("judged_on")
    )


def judged_text(judged: PointJudged) -> str:
    """Return the error of a point that has one, as it was judged."""
    return stated_text(judged.error or 0.0, judged.mpe, judged.reported, judged.judged_on)


def limits_text(limits: Sequence[float]) -> str:
    """Return limits as `+-2`, or `-1..3` where they are not the same on both sides."""
    low, high = limits
    return f"+-{high:g}" if low == -high else f"{low:g}..{high:g}"


def four_digits(value: float) -> str:
    """Return a number with four digits, and a large one whole: `0.1234`, `15000`."""
    return f"{value:.4g}" if abs(value) < 1e4 or abs(value) >= 1e7 else f"{value:.0f}"


def _inside(error: float, limits: Sequence[float]) -> bool:
    return limits[0] <= error <= limits[1]


def ranges(positions: Iterable[int]) -> str:
    """Return positions as `1-4, 7`."""
    parts: list[list[int]] = []
    for position in sorted(positions):
        if parts and position == parts[-1][-1] + 1:
            parts[-1].append(position)
        else:
            parts.append([position])
    return ", ".join(f"{p[0]}-{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def message_text(shell: Shell, message: Mapping[str, Any] | None) -> str:
    """Return a message of the record (id and arguments, or already worded) as a sentence."""
    return spoken_json(message, shell.language)


def incident_text(shell: Shell, entry: Mapping[str, Any]) -> str:
    """Return what befell a run, as its document tells it, in a sentence."""
    told = entry.get("text")
    if isinstance(told, Mapping):
        return message_text(shell, told)
    if "id" in entry:
        return spoken_json(entry, shell.language)
    return str(told or entry.get("kind", ""))


def service_text(shell: Shell, service: str) -> str:
    """Return a service in words; one that this program does not know as it is."""
    return shell.text(f"service-{service}") if service in SERVICES else service or "-"


def stage_text(shell: Shell, stage: str) -> str:
    """Return a stage in words; one that this program does not know as it is."""
    return shell.text(f"stage-{stage}") if stage in STAGES else stage or "-"


def run_title(shell: Shell, plan: Mapping[str, Any]) -> str:
    """Return what is done: procedure, standard, service, stage, bench."""
    simulated = f" ({shell.text('simulated')})" if plan["simulated"] else ""
    what = [
        f"{plan['procedure']} ({plan['standard']})",
        service_text(shell, plan["service"]),
        stage_text(shell, plan["stage"]),
        f"{plan['bench']}{simulated}",
    ]
    return plain(shell.text("comma").join(what))
