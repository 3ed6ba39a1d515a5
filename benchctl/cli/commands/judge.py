"""`benchctl judge`: one decision with its risks and the sentence why, without a bench."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, new_command, option, shell_of

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.metrology import Decision


class _Number(click.ParamType[float]):
    """A number; infinite ones only where they are no limit at all."""

    def __init__(self, *, infinite: bool = False) -> None:
        self.infinite = infinite
        self.name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that is written."""
        try:
            number = float(str(value).replace("−", "-").replace("∞", "inf"))
        except ValueError:
            number = math.nan
        if math.isnan(number) or (math.isinf(number) and not self.infinite):
            words = ctx and shell_of(ctx).text("answer-a-number", given=str(value)).strip()
            self.fail(words or str(value), param, ctx)
        return number


@new_command("judge", "help-judge")
@option("--value", type=_Number(), required=True, help="option-value")
@option("--U", "expanded", type=_Number(), required=True, help="option-U")
@option("--k", type=_Number(), default=2.0, show_default=True, help="option-k")
@option("--dof", type=_Number(infinite=True), help="option-dof")
@option("--mpe", type=_Number(infinite=True), nargs=2, required=True, help="option-mpe")
@option("--rule", help="option-rule")
@option("--unit", default="", help="option-unit")
@json_flag
@click.pass_context
def command(
    ctx: click.Context,
    value: float,
    expanded: float,
    k: float,
    dof: float | None,
    mpe: tuple[float, float],
    rule: str | None,
    unit: str,
    as_json: bool,
) -> int:
    """Judge a value."""
    from benchctl.core.errors import UsageError
    from benchctl.core.messages import msg
    from benchctl.metrology import RULES, decide

    shell = shell_of(ctx)
    if rule is None:
        raise UsageError(msg("cli.judge-no-rule", known=", ".join(RULES)))
    for name, number, least in (("--U", expanded, 0.0), ("--k", k, 0.0), ("--dof", dof, 0.0)):
        if number is not None and (number < least or (number == 0 and name != "--U")):
            raise UsageError(msg("cli.not-positive", name=name, number=f"{number:g}"))
    if mpe[0] > mpe[1] or mpe[0] == math.inf or mpe[1] == -math.inf:
        raise UsageError(msg("cli.limits-reversed", low=f"{mpe[0]:g}", high=f"{mpe[1]:g}"))
    dof = math.inf if dof is None else dof
    decision = decide(value, mpe, rule=rule, unit=unit, U=expanded, k=k, dof=dof)
    if as_json:
        shell.out.json(document(decision, shell))
    else:
        _show(decision, shell)
    return 0


def document(decision: Decision, shell: Shell) -> dict[str, Any]:
    """Return the decision as `judge --json` prints it; a limit that is none is null."""
    judgement = decision.judgement
    accept = judgement.accept
    return {
        "verdict": str(judgement.verdict),
        "statement": str(decision.statement),
        "rule": judgement.rule,
        "p_conform": decision.p_conform,
        "specific_risk": decision.specific_risk,
        "tur": decision.tur,
        "accept": None if accept is None else [a if math.isfinite(a) else None for a in accept],
        "why": {"id": judgement.why.id, "text": shell.words(judgement.why)},
    }


def _show(decision: Decision, shell: Shell) -> None:
    judgement = decision.judgement
    colour = {"pass": "green", "fail": "red"}.get(str(judgement.verdict), "yellow")
    head = shell.text(f"statement-{decision.statement}")
    shell.out.line(shell.out.paint(head, colour, "bold"))
    shell.out.line(shell.words(judgement.why))
    rejected = decision.statement in ("fail", "conditional_fail")
    accept = judgement.accept
    rows = [
        ["rule", judgement.rule or "-"],
        ["accept", "-" if accept is None else f"{accept[0]:.10g} … {accept[1]:.10g}"],
        ["p", _number(decision.p_conform)],
        ["risk-rejecting" if rejected else "risk-accepting", _number(decision.specific_risk)],
        ["tur", _number(decision.tur)],
    ]
    named = [[shell.text(f"judge-{name}"), text] for name, text in rows]
    for line in table(["", ""], named)[1:]:
        shell.out.line(line)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
