"""One point of a unit in full: value, limits, rule, risks, check, budgets of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import plain, table
from benchctl.cli.result_table import style_of
from benchctl.cli.tracing import budget_lines
from benchctl.cli.wording import message_text, verdict_text
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell

JSON = Mapping[str, Any]


def points_of(document: JSON, serial: str | None, point: str | None) -> list[tuple[str, JSON]]:
    """Return the points that are meant, each with its unit's serial number.

    Raises:
        UsageError: there is no such unit or point.
    """
    units = [u for u in document["uuts"] if serial in (None, u["serial"])]
    if not units:
        raise UsageError(msg("audit.no-unit", run=document["run"], serial=serial))
    found = [
        (u["serial"], p)
        for u in units
        for p in u["points"]
        if p["point"] is not None and point in (None, p["point"])
    ]
    if not found:
        raise UsageError(
            msg("audit.no-point", run=document["run"], serial=serial or "-", point=point)
        )
    return found


def detail_lines(shell: Shell, serial: str, point: JSON) -> Iterator[str]:
    """Give the lines that tell a point in full."""
    head = f"{serial} {point['point']}: {verdict_text(shell, point['verdict'])}"
    yield shell.out.paint(plain(head), *style_of(point["verdict"]), "bold")
    yield f"  {plain(message_text(shell, point['why']))}"
    rows = [[shell.text(name), text] for name, text in _facts(shell, point)]
    yield from (f"  {line}" for line in table(["", ""], rows)[1:])
    for run in point["runs"]:
        yield ""
        yield f"  {_run_text(shell, run)}"
        if run["budget"]:
            yield from (f"    {line}" for line in budget_lines(shell, run["budget"]))


def _facts(shell: Shell, point: JSON) -> list[tuple[str, str]]:
    unit = point["unit"]
    rejects = point["statement"] in ("fail", "conditional_fail")
    facts = [
        ("point-value", _with(point["error"], unit)),
        ("point-reported", _reported(point, unit)),
        ("limits", _pair(point["mpe"], unit)),
        ("judge-accept", _pair(point["accept"], unit)),
        ("judge-rule", point["rule"] or "-"),
        ("judge-p", _number(point["p_conform"])),
        ("judge-risk-rejecting" if rejects else "judge-risk-accepting",
         _number(point["specific_risk"])),
        ("judge-tur", _number(point["tur"])),
        ("u-reference", _with(point["U_reference"], unit)),
    ]  # fmt: skip
    if point["statement"]:
        facts.insert(4, ("point-statement", shell.text(f"statement-{point['statement']}")))
    if point["method"]:
        facts.append(("point-method", shell.text(f"method-{point['method']}")))
    if point["check"]:
        facts.append(("point-check", _check(shell, point["check"], unit)))
    return facts


def _check(shell: Shell, check: JSON, unit: str) -> str:
    of = check["of"]
    return shell.text(
        "point-checked",
        method=shell.text(f"method-{check['method']}"),
        agrees=shell.text("budget-agrees" if check["agrees"] else "budget-differs"),
        stated=_pair(check["stated"], unit),
        interval=_pair(check["interval"], unit),
        of=plain(f"{of['uut']} {of['point']} {of['run']}"),
    )


def _run_text(shell: Shell, run: JSON) -> str:
    if not run["valid"]:
        why = plain(message_text(shell, run["problem"]))
        return shell.text("point-run-invalid", run=run["run"], why=why)
    dof = "∞" if run["dof"] is None else f"{run['dof']:.4g}"
    facts = {n: _number(run[n]) for n in ("indication", "reference", "error", "U", "k")}
    return shell.text("point-run", run=run["run"], dof=dof, **facts)


def _reported(point: JSON, unit: str) -> str:
    value, U = point["reported"], point["reported_U"]  # noqa: N806
    if value is None:
        return "-"
    text = value if U is None else f"{value} (U = {U})"
    return f"{text} {unit}"


def _pair(limits: Sequence[float | None] | None, unit: str) -> str:
    if limits is None:
        return "-"
    low, high = ("∞" if x is None else f"{x:.6g}" for x in limits)
    return f"{low} … {high} {unit}"


def _with(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.6g} {unit}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
