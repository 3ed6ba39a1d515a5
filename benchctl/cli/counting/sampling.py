"""`benchctl records sampling`: the sampling plan for a lot, and what it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.statistics import FoundPlan

SHOWN = (0.99, 0.95, 0.90, 0.50, 0.10, 0.05, 0.01)
"""Chances to accept whose qualities are shown."""


@new_command("sampling", "help-records-sampling")
@option("--lot-size", "size", type=click.IntRange(2), required=True, help="option-sampling-size")
@option("--plan", default="iso-2859-1", metavar="NAME|FILE", help="option-sampling-plan")
@option("--aql", type=float, default=1.0, help="option-sampling-aql")
@option("--level", default="II", help="option-sampling-level")
@option(
    "--severity",
    type=click.Choice(("normal", "tightened", "reduced")),
    default="normal",
    help="option-sampling-severity",
)
@option(
    "--kind",
    type=click.Choice(("single", "double", "variables")),
    default="single",
    help="option-sampling-kind",
)
@option("--good", type=click.FloatRange(0, 1), default=0.01, help="option-sampling-good")
@option("--alpha", type=click.FloatRange(0, 1), default=0.05, help="option-sampling-alpha")
@option("--bad", type=click.FloatRange(0, 1), default=0.08, help="option-sampling-bad")
@option("--beta", type=click.FloatRange(0, 1), default=0.05, help="option-sampling-beta")
@lab_option
@json_flag
@click.pass_context
def sampling(ctx: click.Context, /, **options: Any) -> int:
    """Show a sampling plan with its operating characteristic."""
    from benchctl.statistics import Sampling
    from benchctl.statistics.plans import plan_of

    shell = shell_of(ctx)
    names = ("plan", "aql", "level", "severity", "kind", "good", "alpha", "bad", "beta")
    wanted = Sampling(**{name: options[name] for name in names})
    lab: Path | None = options["lab"]
    document = _document(plan_of(wanted, options["size"], lab), options["size"])
    if options["as_json"]:
        shell.out.json(document)
        return 0
    for line in _lines(shell, document):
        shell.out.line(line)
    return 0


def _document(found: FoundPlan, size: int) -> dict[str, Any]:
    """Return a plan and what it does as plain data; qualities are shares."""
    from benchctl.statistics import DoublePlan, VariablesPlan
    from benchctl.statistics.attributes import quality_at
    from benchctl.statistics.lots import plan_json
    from benchctl.statistics.plans import curve

    plan = found.plan
    said = {
        "lot_size": size,
        "plan": plan_json(found),
        "quality_at": [[chance, quality_at(plan.accepts, chance)] for chance in SHOWN],
        "curve": [list(point) for point in curve(plan)],
    }
    if not isinstance(plan, VariablesPlan):
        most = min(size, plan.n)
        said["in_lot"] = [[bad, plan.accepts_lot(size, bad)] for bad in range(most + 1)]
    if isinstance(plan, DoublePlan):
        said["mean_sample"] = plan.mean_sample(quality_at(plan.accepts, 0.95))
    return said


def _lines(shell: Shell, document: dict[str, Any]) -> list[str]:
    from benchctl.statistics.report import plan_text

    plan = document["plan"]
    letter = f"{plan['letter']}: " if plan["letter"] else ""
    head = [shell.words(msg(f"statistics.{n}")) for n in ("axis-chance", "axis-share")]
    rows = [[f"{100 * c:g}", f"{100 * q:.3g}"] for c, q in document["quality_at"]]
    lines = [
        letter + plan_text(plan),
        shell.words(msg("statistics.plan-source", source=plan["source"])),
    ]
    if plan["matched"]:
        lines.append(shell.words(msg("statistics.about-matched")))
    if plan["whole"]:
        lines.append(shell.words(msg("statistics.whole-lot")))
    return [*lines, "", *table(head, rows, right={0, 1})]
