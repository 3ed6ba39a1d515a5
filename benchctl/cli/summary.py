"""The end of a run on a screen: units by items and points, why what is not a pass is none, where.

Everything comes from the result document, so that `records show` prints the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchctl.cli.cells import duration, plain, table
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal
from benchctl.cli.wording import error_text, message_text, ranges, verdict_text
from benchctl.core.verdicts import Verdict

JSON = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: an item, or a point with its quantity."""

    item: str
    point: str
    quantity: str | None
    unit: str

    @property
    def name(self) -> str:
        if self.quantity is None:
            return self.item
        return f"{self.point} {self.unit}".strip()


def show_result(shell: Shell, screen: Terminal, document: JSON) -> None:
    """Write the table of a run's units, the reasons, the totals and how it ended."""
    uuts: Sequence[JSON] = document.get("uuts", ())
    columns = _columns(uuts)
    folded = [c for c in columns if c.quantity is None and _all_pass(uuts, c)]
    shown = [c for c in columns if c not in folded]
    if uuts:
        screen.line()
        for line in _table(shell, screen, uuts, shown):
            screen.line(line)
    if folded:
        screen.line(
            shell.text("all-pass", items=", ".join(c.item for c in folded), count=len(uuts))
        )
    for line in _reasons(shell, uuts):
        screen.line(line)
    screen.line()
    for line in _ending(shell, screen, document):
        screen.line(line)


def ending_line(shell: Shell, document: JSON) -> str:
    """Return how a run ended in one line: outcome, verdict, units by verdict."""
    counts = Counter(u["verdict"] for u in document.get("uuts", ()))
    totals = ", ".join(f"{counts[v]} {verdict_text(shell, v)}" for v in Verdict if counts[v])
    outcome = document.get("outcome") or "open"
    text = shell.text(
        "ended",
        outcome=shell.text(f"outcome-{outcome}"),
        verdict=verdict_text(shell, document.get("verdict")),
        totals=totals or "-",
    )
    return f"{text} ({shell.text('simulated')})" if document.get("simulated") else text


def _columns(uuts: Sequence[JSON]) -> list[_Column]:
    found: dict[_Column, None] = {}
    for uut in uuts:
        for point in uut["points"]:
            found.setdefault(_column(point))
    return sorted(found, key=lambda c: c.quantity is not None)


def _column(point: JSON) -> _Column:
    quantity = point.get("quantity")
    name = str(point.get("point") or "")
    return _Column(str(point.get("item") or ""), name, quantity, str(point.get("unit") or ""))


def _cell(uut: JSON, column: _Column) -> JSON | None:
    return next((p for p in uut["points"] if _column(p) == column), None)


def _all_pass(uuts: Sequence[JSON], column: _Column) -> bool:
    cells = [_cell(u, column) for u in uuts]
    return all(c is not None and c.get("verdict") == Verdict.PASS for c in cells)


def _table(
    shell: Shell, screen: Terminal, uuts: Sequence[JSON], columns: Sequence[_Column]
) -> list[str]:
    header = [shell.text("position"), shell.text("serial"), *(c.name for c in columns)]
    header.append(shell.text("verdict"))
    beside = _extra_columns(uuts)
    rows = [
        [
            str(uut.get("position") or "-"),
            str(uut["serial"]),
            *(_cell_text(shell, _cell(uut, c), c) for c in columns),
            verdict_text(shell, uut["verdict"]),
            *(str(uut.get("extra", {}).get(name, "")) for name in beside),
        ]
        for uut in uuts
    ]
    limits = [shell.text("limits"), "", *(_limits_text(uuts, c) for c in columns), ""]
    limits += [""] * len(beside)
    right = {0, *range(2, len(header) - 1)}
    head, bounds, *lines = table([*header, *beside], [limits, *rows], right=right)
    painted = [
        screen.paint(line, *_style(uut["verdict"])) for line, uut in zip(lines, uuts, strict=True)
    ]
    return [screen.paint(head, "bold"), screen.paint(bounds, "dim"), *painted]


def _extra_columns(uuts: Sequence[JSON]) -> list[str]:
    """Return the columns of the batch that are no parameter and say something."""
    return list(dict.fromkeys(n for u in uuts for n, v in u.get("extra", {}).items() if v))


def _style(verdict: str | None) -> tuple[str, ...]:
    return {None: (), "pass": (), "fail": ("red",)}.get(verdict, ("yellow",))


def _cell_text(shell: Shell, point: JSON | None, column: _Column) -> str:
    """Return an error with its sign, and the verdict in words unless it is a pass."""
    if point is None:
        return ""
    verdict, error = point.get("verdict"), point.get("error")
    if verdict == Verdict.NOT_MEASURED and error is None:
        return "-"
    if column.quantity is None:
        return verdict_text(shell, verdict)
    value = "" if error is None else error_text(error, point.get("mpe"))
    if verdict in (None, Verdict.PASS):
        return value
    return f"{value} {verdict_text(shell, verdict)}".strip()


def _limits_text(uuts: Sequence[JSON], column: _Column) -> str:
    """Return the limits of a point where they are the same for all units that have it."""
    limits = {
        tuple(cell["mpe"])
        for uut in uuts
        if (cell := _cell(uut, column)) is not None and cell.get("mpe")
    }
    if len(limits) != 1:
        return "" if not limits else "*"
    low, high = limits.pop()
    return f"+-{high:g}" if low == -high else f"{low:g}..{high:g}"


def _reasons(shell: Shell, uuts: Sequence[JSON]) -> list[str]:
    """Return why something is not a pass; what is the same for several units is said once."""
    same: dict[tuple[tuple[str, ...], str, str], list[JSON]] = {}
    for uut in uuts:
        for (verdict, why), names in _not_passed(shell, uut).items():
            same.setdefault((tuple(names), verdict, why), []).append(uut)
    lines = [
        f"{_places(shell, units)}  {', '.join(names)}  {verdict_text(shell, verdict)}: {why}"
        for (names, verdict, why), units in same.items()
    ]
    return ["", *lines] if lines else []


def _not_passed(shell: Shell, uut: JSON) -> dict[tuple[str, str], list[str]]:
    """Return the points and items of a unit that are no pass, by verdict and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for point in uut["points"]:
        if point.get("verdict") in (None, Verdict.PASS):
            continue
        why = plain(message_text(shell, point.get("why")))
        name = str(point.get("point") or point.get("item"))
        found.setdefault((str(point["verdict"]), why), []).append(name)
    return found


def _places(shell: Shell, uuts: Sequence[JSON]) -> str:
    """Return which units are meant: position and serial number, or several positions."""
    if len(uuts) == 1:
        position = uuts[0].get("position") or "-"
        return shell.text("at-position", position=position, serial=plain(str(uuts[0]["serial"])))
    positions = ranges(int(u["position"]) for u in uuts if u.get("position"))
    return shell.text("at-positions", positions=positions)


def _ending(shell: Shell, screen: Terminal, document: JSON) -> list[str]:
    verdict = document.get("verdict")
    style = ("green", "bold") if verdict == Verdict.PASS else (*_style(verdict), "bold")
    lines = [screen.paint(ending_line(shell, document), *style)]
    started, finished = document.get("started"), document.get("finished")
    if started and finished:
        passed = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        lines.append(shell.text("took", time=duration(passed.total_seconds())))
    return lines
