"""`benchctl drivers check`: whether drivers do what they declare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.shop.places import checks_folder, shelf_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.workshop import Report, Subject

_STYLES = {"ok": "green", "failed": "red", "skipped": "dim"}


@new_command("check", "help-drivers-check")
@click.argument("drivers", nargs=-1, metavar="[NAME|FILE]...", shell_complete=known.drivers)
@option("--all", "all_", is_flag=True, help="option-drivers-all")
@lab_option
@json_flag
@click.pass_context
def check(
    ctx: click.Context, drivers: tuple[str, ...], all_: bool, lab: Path | None, as_json: bool
) -> int:
    """Check drivers; exit code 1 where one does not do what it declares."""
    from benchctl.core.clock import monotonic
    from benchctl.workshop import all_subjects, check_drivers, remember, subject_of

    shell = shell_of(ctx)
    if bool(drivers) == all_:
        raise UsageError(msg("workshop.name-or-all"))
    shelf = shelf_of(shell, lab)
    if all_:
        subjects: list[Subject] = all_subjects(shelf, lab, shell.extra)
    else:
        subjects = [subject_of(name, shelf, lab, shell.extra) for name in drivers]
    began = monotonic()
    reports: list[Report] = []
    for report in check_drivers(subjects):
        reports.append(report)
        remember(report, checks_folder(lab))
        if not as_json:
            _show(shell, report, every_step=len(subjects) == 1)
    seconds = monotonic() - began
    bad = [report for report in reports if not report.ok]
    if as_json:
        told = [report.as_json(shell.language) for report in reports]
        shell.out.json({"ok": not bad, "seconds": round(seconds, 1), "drivers": told})
    elif len(reports) > 1:
        name = "workshop.some-failed" if bad else "workshop.all-passed"
        count, failed = len(reports), len(bad)
        shell.out.line(shell.words(msg(name, count=count, failed=failed, seconds=f"{seconds:.0f}")))
    return int(bool(bad))


def _show(shell: Shell, report: Report, *, every_step: bool) -> None:
    """Write a table of all steps, or a line and what failed."""
    steps = report.steps if every_step else report.failed
    header = [shell.words(msg(f"workshop.{n}")) for n in ("step", "channel", "outcome", "what")]
    rows = [
        [
            shell.words(step.title),
            step.channel,
            shell.words(msg(f"workshop.{step.outcome}")),
            "" if step.what is None else shell.words(step.what),
        ]
        for step in steps
    ]
    if rows:
        lines = table(header, rows)
        shell.out.line(lines[0])
        for step, line in zip(steps, lines[1:], strict=True):
            shell.out.line(shell.out.paint(line, _STYLES[step.outcome]))
    seen = msg("workshop.seen", seen=len(report.seen), channels=report.channels)
    count, wrong = len(report.steps), len(report.failed)
    told = msg("workshop.not-proven", name=report.driver)
    if wrong:
        told = msg("workshop.not-passed", name=report.driver, steps=count, failed=wrong)
    elif report.proven:
        told = msg("workshop.passed", name=report.driver, steps=count)
    style = ("green" if report.proven else "yellow") if report.ok else "red"
    shell.out.line(f"{shell.out.paint(shell.words(told), style)} {shell.words(seen)}")
