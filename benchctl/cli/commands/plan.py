"""`benchctl plan`: what a run will do, without touching anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from benchctl.cli.cells import duration, plain, table, width
from benchctl.cli.options import json_flag, new_command, shell_of
from benchctl.cli.requests import request_from, request_options
from benchctl.cli.shell import Shell
from benchctl.cli.wording import extra_text, four_digits, message_text, ranges, run_title

JSON = Mapping[str, Any]
FEW = 3
"""So many points are named, of more that are all of them it is said so."""


@new_command("plan", "help-plan")
@request_options
@json_flag
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Show the plan of a run."""
    from benchctl.engine import prepare

    shell = shell_of(ctx)
    prepared = prepare(request_from(ctx, options))
    plan = prepared.plan.as_json()
    if options["as_json"]:
        shell.out.json(plan)
        return 0
    for warning in prepared.warnings:
        shell.out.line(shell.out.paint(shell.words(warning), "yellow", "bold"))
    for line in plan_lines(shell, plan):
        shell.out.line(line)
    return 0


def plan_lines(shell: Shell, plan: JSON) -> list[str]:
    """Return the lines that tell a plan: units, visits by load, totals, what to check."""
    of_points = {str(p["point"]): str(p["unit"]) for u in plan["uuts"] for p in u["points"]}
    lines = [
        shell.text(
            "plan-line",
            title=run_title(shell, plan),
            units=len(plan["uuts"]),
            loads=len(plan["loads"]),
            visits=len(plan["visits"]),
            expected=duration(plan["expected_s"]),
        )
    ]
    for load in plan["loads"]:
        lines += ["", *_load_lines(shell, plan, load, of_points)]
    amounts = [a for a in plan["amount_total"] if a["unit"] not in ("", "s")]
    totals = ", ".join(f"{a['value']:.4g} {a['unit']}" for a in amounts)
    time = duration(plan["expected_s"])
    said = shell.text("plan-total", time=time, amount=totals)
    lines += ["", said if totals else shell.text("plan-time", time=time)]
    used = [
        f"{u['title'].get(shell.language) or u['name']} {u['value']:.4g} {u['unit']}"
        for u in plan["consumes"]
    ]
    if used:
        lines.append(shell.text("plan-uses", amounts=", ".join(map(plain, used))))
    if plan["notes"]:
        lines += [shell.text("plan-notes"), *(f"  {plain(str(n))}" for n in plan["notes"])]
    return lines


def _load_lines(shell: Shell, plan: JSON, load: JSON, of_points: Mapping[str, str]) -> list[str]:
    pairs = zip(load["positions"], load["serials"], strict=True)
    units = wrapped([plain(f"{position}: {serial}") for position, serial in pairs])
    said = [(u["position"], text) for u in plan["uuts"] if (text := extra_text(u))]
    beside = [f"{position}: {text}" for position, text in said if position in load["positions"]]
    others = [
        shell.text(f"action-{a['kind']}") + (f" {a['item']}" if a.get("item") else "")
        for a in plan["actions"]
        if a["load"] == load["id"] and not a.get("visit")
    ]
    header = [
        shell.text(name)
        for name in (
            "point",
            "set-point",
            "serials",
            "keep",
            "limits",
            "u-reference",
            "share",
            "u-expected",
            "tur",
            "amount",
            "time",
        )
    ]
    visits = [
        v
        for v in plan["visits"]
        if v["load"] == load["id"] and v.get("occasion", "as_found") == "as_found"
    ]
    rows = [row for v in visits for row in _rows(v, of_points[v["points"][0]])]
    return [
        str(load["id"]),
        *(f"  {line}" for line in units),
        *(f"  {line}" for line in beside),
        f"  {', '.join(dict.fromkeys(others))}",
        *(f"  {line}" for line in table(header, rows, right={1, 9, 10})),
        *(f"  {line}" for line in _readings(shell, visits)),
        *(f"  {line}" for line in _runs(shell, plan, visits)),
        *(f"  {line}" for line in _rules(shell, visits)),
    ]


def wrapped(words: Sequence[str], cells: int = 96) -> list[str]:
    """Return words with commas between them on as many lines as they need."""
    lines: list[str] = []
    for word in words:
        if lines and width(f"{lines[-1]}, {word}") <= cells:
            lines[-1] += f", {word}"
        else:
            lines.append(word)
    return lines


def _rows(visit: JSON, unit: str) -> list[list[str]]:
    """Return a row per group of members that share point, band and limits."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for m in visit["members"]:
        known = m.get("expected") or {}
        about = (known.get("U"), known.get("tur"))
        key = (m["point"], *m["keep"], *m["mpe"], m["U_reference"], m["share"], m["ratio"], *about)
        groups.setdefault(key, []).append(m["position"])
    rows: list[list[str]] = []
    for (point, low, high, *mpe, u, share, ratio, U, tur), positions in groups.items():  # noqa: N806
        first = not rows
        rows.append(
            [
                point,
                f"{four_digits(visit['setpoint'])} {visit['unit']}" if first else "",
                ranges(positions),
                f"{four_digits(low)} .. {four_digits(high)}",
                limits_text(mpe, unit),
                "-" if u is None else f"{u:.2g} {unit}",
                _share(share, ratio),
                "-" if U is None else f"{U:.2g} {unit}",
                "-" if tur is None else f"{tur:.3g}",
                f"{visit['amount']:.4g} {visit['amount_unit']}" if first else "",
                duration(visit["expected_s"]) if first else "",
            ]
        )
    return rows


def _readings(shell: Shell, visits: Sequence[JSON]) -> list[str]:
    """Return how many readings are taken, with the points for which that is the rule."""
    points: dict[str, dict[str, None]] = {}
    for m in (m for v in visits for m in v["members"] if m.get("how_many")):
        points.setdefault(message_text(shell, m["how_many"]), {})[m["point"]] = None
    return [
        line
        for rule, names in points.items()
        for line in wrapped(
            shell.text("plan-many", point=_at(shell, names, visits), rule=rule).split(", ")
        )
    ]


def _at(shell: Shell, names: Collection[str], visits: Sequence[JSON]) -> str:
    """Return the names of points, of many that are all of them in words."""
    every = {m["point"] for v in visits for m in v["members"]}
    whole = len(names) > FEW and set(names) == every
    return shell.text("plan-every-point") if whole else ", ".join(names)


def _runs(shell: Shell, plan: JSON, visits: Sequence[JSON]) -> list[str]:
    """Return how often points are measured that are measured more than once, or may be."""
    kinds: dict[str, list[str]] = {}
    for action in plan["actions"]:
        if action["kind"] in ("totalise", "measure", "more"):
            kinds.setdefault(action.get("visit", ""), []).append(action["kind"])
    points: dict[tuple[int, bool], dict[str, None]] = {}
    for visit in visits:
        made = kinds.get(visit["id"], [])
        further = "more" in made
        times = len(made) - further
        if times > 1 or further:
            points.setdefault((times, further), {}).update(dict.fromkeys(visit["points"]))
    return [
        line
        for (runs, further), names in points.items()
        for line in wrapped(
            shell.text(
                "plan-runs-more" if further else "plan-runs",
                point=_at(shell, names, visits),
                runs=runs,
            ).split(", ")
        )
    ]


def _rules(shell: Shell, visits: Sequence[JSON]) -> list[str]:
    """Return the rule by which a load is judged, and which points it could not decide, and why."""
    members = [m for v in visits for m in v["members"] if m.get("expected")]
    rules = dict.fromkeys(m["expected"]["rule"] for m in members)
    lines = [shell.text("plan-rule", rule=rule) for rule in rules]
    unfit: dict[tuple[str, str], list[int]] = {}
    for m in members:
        if m["expected"]["problem"]:
            why = message_text(shell, m["expected"]["problem"])
            unfit.setdefault((m["point"], why), []).append(m["position"])
    head = shell.text("warning")
    return lines + [
        shell.out.paint(f"{head}{point} ({ranges(places)}): {why}", "yellow", "bold")
        for (point, why), places in unfit.items()
    ]


def _share(share: float | None, ratio: float | None) -> str:
    """Return which part of the initial limit the reference takes, and may take."""
    if share is None:
        return "-"
    return f"{share:.3f}" if ratio is None else f"{share:.3f} <= {ratio:.3f}"


def limits_text(limits: Sequence[float], unit: str) -> str:
    """Return two limits as `+-2 %` or `-1 .. 2 %`."""
    low, high = limits
    return f"+-{high:g} {unit}" if low == -high else f"{low:g} .. {high:g} {unit}"
