"""`benchctl rejudge`: what another rule or edition would have said of a recorded run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain, table
from benchctl.cli.commands.records import open_lab
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.wording import verdict_text
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.engine.audit import Rejudged, Unit


@new_command("rejudge", "help-rejudge")
@click.argument("run", default="latest", shell_complete=known.runs)
@lab_option
@option("--rule", help="option-rule")
@option(
    "--procedure",
    "edition",
    shell_complete=known.procedures,
    help="option-edition",
)
@json_flag
@click.pass_context
def command(
    ctx: click.Context,
    run: str,
    lab: Path | None,
    rule: str | None,
    edition: str | None,
    as_json: bool,
) -> int:
    """Judge a recorded run again; nothing is written."""
    from benchctl.engine.audit import Evidence, rejudge, units_of

    shell = shell_of(ctx)
    if rule is None and edition is None:
        raise UsageError(msg("audit.rule-or-edition"))
    source = None
    if edition is not None:
        from benchctl.procedure import find_procedure

        source = find_procedure(edition, lab=lab, extra=shell.extra)
    with open_lab(lab) as records:
        evidence = Evidence.read(records, records.find_run(run))
        points = rejudge(evidence, rule=rule, edition=source)
        units = units_of(evidence, points, shell.language)
    if as_json:
        shell.out.json(
            {
                "run": evidence.run,
                "rule": rule,
                "edition": None if source is None else str(source),
                "points": [_document(shell, p) for p in points],
                "units": [
                    {"serial": u.serial, "before": u.before, "after": u.after} for u in units
                ],
            }
        )
    else:
        _show(shell, points, units)
    return 0


def _document(shell: Shell, point: Rejudged) -> dict[str, object]:
    data = point.as_json()
    return data | {"why": {**data["why"], "text": shell.words(point.why)}}


def _show(shell: Shell, points: list[Rejudged], units: list[Unit]) -> None:
    header = [
        shell.text("serial"),
        shell.text("point"),
        *(shell.words(msg(f"audit.column-{n}")) for n in ("before", "after", "p-conform", "why")),
    ]
    rows = [
        [
            p.uut,
            _point(shell, p),
            _verdict(shell, p.before),
            f"{_verdict(shell, p.after)}{' *' if p.changed else ''}",
            "-" if p.p_conform is None else f"{p.p_conform:.4f}",
            plain(shell.words(p.why)),
        ]
        for p in points
    ]
    for line, p in zip(table(header, rows)[1:], points, strict=True):
        shell.out.line(shell.out.paint(line, "yellow") if p.changed else line)
    shell.out.line()
    changed = [u for u in units if u.before != u.after]
    for u in changed:
        before, after = _verdict(shell, u.before), _verdict(shell, u.after)
        shell.out.line(
            shell.words(msg("audit.unit-changes", serial=u.serial, before=before, after=after))
        )
    counts = {"points": sum(p.changed for p in points), "of": len(points), "units": len(changed)}
    shell.out.line(shell.words(msg("audit.changes", **counts)))


def _point(shell: Shell, point: Rejudged) -> str:
    """Return the name of a point; of what was left after an adjustment, with the word for it."""
    left = point.occasion != "as_found"
    return shell.text("as-left", what=point.point) if left else point.point


def _verdict(shell: Shell, verdict: str | None) -> str:
    return verdict_text(shell, verdict) if verdict else "-"
