"""`benchctl budget`: an uncertainty budget from a model and its inputs, without a bench."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, new_command, option, shell_of
from benchctl.core.messages import Message

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.metrology.budget import Budget, Check, Method, Outcome


@new_command("budget", "help-budget")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--method", type=click.Choice(("gum", "monte-carlo")), help="option-method")
@option("--seed", type=click.IntRange(0, 2**63 - 1), help="option-trial-seed")
@json_flag
@click.pass_context
def command(
    ctx: click.Context, file: Path, method: Method | None, seed: int | None, as_json: bool
) -> int:
    """Evaluate a budget."""
    from benchctl.language import Diagnostics, render
    from benchctl.metrology.budget import SEED, evaluate
    from benchctl.metrology.budget_file import read_budget

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    budget = read_budget(file, diagnostics)
    diagnostics.raise_if_failed()
    assert budget is not None
    if diagnostics.items:
        shell.err.line(render(diagnostics.items, language=shell.language))
    outcome = evaluate(budget, method, seed=SEED if seed is None else seed)
    if as_json:
        shell.out.json(document(outcome, budget, shell))
    else:
        _show(outcome, budget, shell)
    return 0


def document(outcome: Outcome, budget: Budget, shell: Shell) -> dict[str, Any]:
    """Return the outcome as `budget --json` prints it; what is infinite or unknown is null."""
    from benchctl.metrology import rounded_to_u

    result, units = outcome.result, dict(budget.units)
    y, u_text = rounded_to_u(result.value, result.U) if result.U > 0 else (None, None)
    return {
        "y": result.value,
        "unit": result.unit,
        "u": result.u,
        "U": result.U,
        "k": result.k,
        "p": result.p,
        "dof": _finite(result.dof),
        "method": outcome.method,
        "interval": list(outcome.interval),
        "reported": {"y": y, "U": u_text},
        "budget": [
            {
                "input": line.input,
                "source": line.source,
                "unit": units.get(line.input, result.unit),
                "value": line.value,
                "u": line.u,
                "distribution": line.distribution,
                "dof": _finite(line.dof),
                "sensitivity": line.sensitivity,
                "contribution": line.contribution,
                "share": outcome.share(line),
            }
            for line in result.budget
        ],
        "correlations": [
            {"between": [a, b], "r": r, "share": share} for a, b, r, share in outcome.shared
        ],
        "second_order": outcome.second_order,
        "trials": outcome.trials,
        "seed": outcome.seed,
        "check": _check(outcome.check),
        "warnings": [_worded(w, shell) for w in outcome.warnings],
    }


def _check(check: Check | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "method": check.method,
        "u": check.u,
        "interval": list(check.interval),
        "tolerance": check.tolerance,
        "agrees": check.agrees,
    }


def _worded(message: Message, shell: Shell) -> dict[str, str]:
    return {"id": message.id, "text": shell.words(message)}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _show(outcome: Outcome, budget: Budget, shell: Shell) -> None:
    """Print the table of the budget and what it comes to."""
    units = dict(budget.units)
    names = ("input", "source", "value", "u", "distribution", "dof", "c", "part", "share")
    header = [shell.text(f"budget-{name}") for name in names]
    rows = [
        [
            line.input,
            shell.text(f"source-{line.source.replace(' ', '-')}"),
            _with_unit(f"{line.value:.10g}", units.get(line.input, "")),
            f"{line.u:.3g}",
            shell.text(f"distribution-{line.distribution}"),
            f"{line.dof:.4g}" if math.isfinite(line.dof) else "∞",
            f"{line.sensitivity:.4g}",
            f"{line.contribution:.3g}",
            f"{100 * outcome.share(line):.1f} %",
        ]
        for line in outcome.result.budget
    ]
    rows += [
        [f"{a}, {b}", f"r = {r:.3g}", *[""] * 6, f"{100 * share:.1f} %"]
        for a, b, r, share in outcome.shared
    ]
    for text in table(header, rows, right={2, 3, 5, 6, 7, 8}):
        shell.out.line(text)
    shell.out.line()
    for text in _sentences(outcome, shell):
        shell.out.line(text)


def _sentences(outcome: Outcome, shell: Shell) -> list[str]:
    from benchctl.metrology import rounded_to_u

    result = outcome.result
    unit = result.unit
    y, u_text = rounded_to_u(result.value, result.U) if result.U > 0 else (f"{result.value:g}", "0")
    said = {
        "y": _with_unit(y, unit),
        "U": _with_unit(u_text, unit),
        "k": f"{result.k:.3g}",
        "p": f"{100 * result.p:.4g} %",
        "u": _with_unit(f"{result.u:.3g}", unit),
        "low": f"{outcome.interval[0]:.6g}",
        "high": _with_unit(f"{outcome.interval[1]:.6g}", unit),
    }
    lines = []
    if outcome.method == "gum":
        dof = f"{result.dof:.4g}" if math.isfinite(result.dof) else "∞"
        lines.append(shell.text("budget-gum", dof=dof, **said))
    else:
        trials, seed = str(outcome.trials), str(outcome.seed)
        lines.append(shell.text("budget-monte-carlo", trials=trials, seed=seed, **said))
    if outcome.check is not None:
        low, high = outcome.check.interval
        agrees = shell.text("budget-agrees" if outcome.check.agrees else "budget-differs")
        method = shell.text(f"method-{outcome.check.method}")
        interval = f"{low:.6g} … {_with_unit(f'{high:.6g}', unit)}"
        lines.append(shell.text("budget-check", method=method, interval=interval, agrees=agrees))
    head = shell.text("warning")
    return [*lines, *(f"{head}{shell.words(w)}" for w in outcome.warnings)]


def _with_unit(number: str, unit: str) -> str:
    return number if unit in ("", "1") else f"{number} {unit}"
