"""`benchctl records review|approve|return|number`: signatures under a record, and its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.cells import plain, table
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.wording import verdict_text

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Waiting

note_option = option("--note", metavar="TEXT", default="", help="option-note")


@new_command("review", "help-records-review")
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@by_option
@note_option
@json_flag
@click.pass_context
def review(
    ctx: click.Context, run: str | None, lab: Path | None, by: str | None, note: str, as_json: bool
) -> int:
    """Sign that a record was checked; without RUN list what waits for it."""
    from benchctl.records import CHECKED

    return _step(shell_of(ctx), CHECKED, run, lab, by, note, as_json=as_json)


@new_command("approve", "help-records-approve")
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@by_option
@note_option
@json_flag
@click.pass_context
def approve(
    ctx: click.Context, run: str | None, lab: Path | None, by: str | None, note: str, as_json: bool
) -> int:
    """Sign that a record is approved; without RUN list what waits for it."""
    from benchctl.records import APPROVED

    return _step(shell_of(ctx), APPROVED, run, lab, by, note, as_json=as_json)


@new_command("return", "help-records-return")
@click.argument("run", shell_complete=known.runs)
@lab_option
@by_option
@option("--because", metavar="TEXT", required=True, help="option-because")
@click.pass_context
def give_back(ctx: click.Context, run: str, lab: Path | None, by: str | None, because: str) -> int:
    """Give a record back; every signature under it is void."""
    from benchctl.records import RETURNED

    return _step(shell_of(ctx), RETURNED, run, lab, by, because, as_json=False)


def _step(
    shell: Shell,
    step: str,
    run: str | None,
    lab: Path | None,
    by: str | None,
    note: str,
    *,
    as_json: bool,
) -> int:
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import queue, review

    with open_lab(lab) as records:
        if run is None:
            return _list(shell, list(queue(records, step)), as_json=as_json)
        found = records.find_run(run)
        made = review(records, found, step, by=person(by), note=note, account=person(None))
    shell.out.line(shell.text(f"signed-{step}", run=found, by=made.by, at=made.at))
    return 0


def _list(shell: Shell, waiting: list[Waiting], *, as_json: bool) -> int:
    if as_json:
        shell.out.json([{"name": w.run, **asdict(w)} for w in waiting])
        return 0
    if not waiting:
        shell.out.line(shell.text("nothing-waits"))
        return 0
    rows = [
        [
            w.run,
            w.finished,
            w.procedure,
            verdict_text(shell, w.verdict),
            w.operator,
            plain("; ".join([*w.signed, *filter(None, [w.returned]), *w.since])),
        ]
        for w in waiting
    ]
    names = ("run", "finished", "procedure", "verdict", "operator", "since")
    for line in table([shell.text(name) for name in names], rows):
        shell.out.line(line)
    return 0


@new_command("number", "help-records-number")
@click.argument("run", shell_complete=known.runs)
@lab_option
@option("--uut", "uuts", metavar="SERIAL", multiple=True, help="option-uut-number")
@by_option
@json_flag
@click.pass_context
def number(
    ctx: click.Context,
    run: str,
    lab: Path | None,
    uuts: tuple[str, ...],
    by: str | None,
    as_json: bool,
) -> int:
    """Give the results of units their certificate numbers, once and for all."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import issue

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = records.find_run(run)
        wanted = uuts or _with_a_result(records.document(found))
        issued = {uut: issue(records, found, uut, by=person(by)) for uut in wanted}
    if as_json:
        shell.out.json(
            [
                {"name": n.number, "uut": uut, "number": n.number, "replaces": n.replaces}
                for uut, n in issued.items()
            ]
        )
        return 0
    for uut, n in issued.items():
        after = shell.text("number-replaces", number=n.replaces) if n.replaces else ""
        shell.out.line(f"{uut}  {n.number}  {after}".rstrip())
    return 0


def _with_a_result(document: Mapping[str, Any]) -> list[str]:
    """Return the units that may have a number; all where none may, so that it is said why."""
    without = {"not_measured"}
    if document["service"] != "calibration":
        without.add("indeterminate")
    units = document["uuts"]
    return [u["serial"] for u in units if u["verdict"] not in without] or [
        u["serial"] for u in units
    ]
