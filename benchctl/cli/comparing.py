"""`benchctl records chart` and `compare`: a check standard over time, two runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain, table
from benchctl.cli.options import Group, json_flag, lab_option, new_command, option, shell_of

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab

STRIP = 25
"""Characters of the strip on which values are drawn, from -4 s to 4 s."""


def add_to(group: Group) -> None:
    """Add the commands to a group."""
    for command in (chart, compare):
        group.add_command(command)


@new_command("chart", "help-records-chart")
@click.argument("name")
@lab_option
@option("--point", default=None, metavar="NAME", help="option-chart-point")
@option("--group", default=None, metavar="run|day|N", help="option-chart-group")
@option("--baseline", type=click.IntRange(5), default=20, help="option-baseline")
@option("--limit", type=float, default=None, help="option-chart-limit")
@json_flag
@click.pass_context
def chart(
    ctx: click.Context,
    name: str,
    lab: Path | None,
    point: str | None,
    group: str | None,
    baseline: int,
    limit: float | None,
    as_json: bool,
) -> int:
    """Show a control chart; exit code 1 where something is not in control."""
    from benchctl.cli.commands.records import open_lab

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        document = _chart_of(records, name, point, group, baseline=baseline, limit=limit)
    if as_json:
        shell.out.json({"name": name, "point": point, "group": group, **document})
    else:
        for line in _chart_lines(shell, f"{name} {point or ''}".strip(), document, limit):
            shell.out.line(line)
    return int(not document["in_control"])


def _chart_of(
    records: Lab, name: str, point: str | None, group: str | None, **about: Any
) -> dict[str, Any]:
    """Return the chart of single values, or that of subgroups where they are asked for."""
    from benchctl.records import (
        chart_document,
        check_history,
        grouped,
        run_history,
        subgroup_document,
        unit_history,
    )

    if group is None:
        entries = unit_history(records, name, point) if point else check_history(records, name)
        return chart_document(entries, **about)
    each = run_history(records, name, point) if point else check_history(records, name)
    return subgroup_document(grouped(each, group), **about)


def _chart_lines(shell: Shell, name: str, chart: dict[str, Any], limit: float | None) -> list[str]:
    low, high = chart["limits"]
    about = {"name": plain(name), "n": chart["n"], "unit": chart["unit"]}
    figures = {"centre": chart["centre"], "s": chart["s"], "low": low, "high": high}
    lines = [shell.text("chart-title", **about, **{k: f"{v:.5g}" for k, v in figures.items()})]
    if chart["simulated"]:
        lines.append(shell.text("chart-simulated"))
    if "s_between" in chart:
        between = f"{chart['s_between']:.3g}"
        lines.append(shell.text("chart-groups", between=between, unit=chart["unit"]))
        return [*lines, "", *_subgroup_lines(shell, chart), "", *_chart_end(shell, chart, limit)]
    rows = [
        [
            e["at"][:16].replace("T", " "),
            f"{e['value']:.5g}",
            f"{e['ewma']:.5g}",
            _strip(e["value"], chart["centre"], chart["s"]),
            shell.text("comma").join(shell.text(f"signal-{s}") for s in e["signals"]),
        ]
        for e in chart["entries"]
    ]
    header = [shell.text("at"), chart["unit"], shell.text("ewma"), "", shell.text("signals")]
    return [*lines, "", *table(header, rows, right={1, 2}), "", *_chart_end(shell, chart, limit)]


def _subgroup_lines(shell: Shell, chart: dict[str, Any]) -> list[str]:
    """Return the table of subgroups: mean, its place between its own limits, s, signals."""
    rows = [
        [
            e["at"][:16].replace("T", " "),
            str(e["n"]),
            f"{e['value']:.5g}",
            "-" if e["s"] is None else f"{e['s']:.3g}",
            _strip(e["value"], chart["centre"], chart["s"] / e["n"] ** 0.5),
            shell.text("comma").join(shell.text(f"signal-{s}") for s in e["signals"]),
        ]
        for e in chart["entries"]
    ]
    mean = shell.text("chart-mean", unit=chart["unit"])
    header = [shell.text("at"), "n", mean, "s", "", shell.text("signals")]
    return table(header, rows, right={1, 2, 3})


def _chart_end(shell: Shell, chart: dict[str, Any], limit: float | None) -> list[str]:
    lines = []
    if chart["drift"]:
        slope, u = (f"{chart['drift'][k]:.3g}" for k in ("per_day", "u"))
        lines.append(shell.text("chart-drift", slope=slope, u=u, unit=chart["unit"]))
    if chart["interval_days"] is not None:
        days, most = f"{chart['interval_days']:.0f}", f"{limit:g}"
        lines.append(shell.text("chart-interval", days=days, limit=most, unit=chart["unit"]))
    return [*lines, shell.text("chart-good" if chart["in_control"] else "chart-bad")]


def _strip(value: float, centre: float, s: float) -> str:
    """Return a strip with the centre, the limits of 3 s and the value."""
    middle = STRIP // 2
    cells = list("." * STRIP)
    for place, mark in ((middle, "|"), (middle - 9, ":"), (middle + 9, ":")):
        cells[place] = mark
    away = (value - centre) / s if s > 0 else 0.0
    cells[min(max(round(middle + 3 * away), 0), STRIP - 1)] = "*"
    return "".join(cells)


@new_command("compare", "help-records-compare")
@click.argument("one", shell_complete=known.runs)
@click.argument("other", shell_complete=known.runs)
@lab_option
@json_flag
@click.pass_context
def compare(ctx: click.Context, one: str, other: str, lab: Path | None, as_json: bool) -> int:
    """Compare two runs; exit code 1 where an |En| is above 1 or nothing could be compared."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import compare_runs

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        runs = [records.document(records.find_run(run), shell.language) for run in (one, other)]
    found = compare_runs(*runs)
    if as_json:
        shell.out.json(found)
        return int(not found["satisfactory"])
    for line in _compared_lines(shell, found):
        shell.out.line(line)
    return int(not found["satisfactory"])


def _compared_lines(shell: Shell, found: dict[str, Any]) -> list[str]:
    if not found["points"]:
        return [shell.text("compare-nothing")]
    lines = []
    if found["simulated"]:
        lines.append(shell.text("simulated"))
    if found["shared_standards"]:
        names = plain(", ".join(found["shared_standards"]))
        lines.append(shell.text("compare-shared", standards=names))
    rows = [
        [
            plain(row["uut"]),
            plain(f"{row['point']} {row['unit']}"),
            *(_number(v, ".4g") for v in row["values"]),
            *(_number(v, ".2g") for v in row["U"]),
            _number(row["difference"], "+.3g"),
            _number(row["en"], "+.2f"),
        ]
        for row in found["points"]
    ]
    ends = [run[-6:] for run in found["runs"]]
    header = [shell.text("serial"), shell.text("point"), *ends, "U", "U"]
    header += [shell.text("difference"), "En"]
    return [*lines, *table(header, rows, right={2, 3, 4, 5, 6, 7})]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
