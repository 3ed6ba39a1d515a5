"""`benchctl records annul` and `attempts`: which run of a unit stands in an order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain, table
from benchctl.cli.options import Group, json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.wording import verdict_text

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Attempt

Orders = dict[str, dict[str, list["Attempt"]]]


def add_to(group: Group) -> None:
    """Add the commands to a group."""
    for command in (annul, attempts):
        group.add_command(command)


@new_command("annul", "help-records-annul")
@click.argument("run", shell_complete=known.runs)
@lab_option
@option("--uut", required=True, metavar="SERIAL", help="option-annul-uut")
@option("--because", required=True, metavar="TEXT", help="option-annul-because")
@option("--by", required=True, metavar="NAME", help="option-annul-by")
@option("--second", required=True, metavar="NAME", help="option-annul-second")
@click.pass_context
def annul(
    ctx: click.Context, run: str, lab: Path | None, uut: str, because: str, by: str, second: str
) -> int:
    """Annul what a run found of a unit."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.core.clock import RealClock
    from benchctl.core.events import UutAnnulled
    from benchctl.records import annul as add

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = records.find_run(run)
        event = UutAnnulled(uut, because.strip(), by.strip(), second.strip())
        add(records, found, event, RealClock())
    shell.out.line(shell.text("annulled", serial=plain(uut), run=found))
    return 0


@new_command("attempts", "help-records-attempts")
@lab_option
@option("--order", default=None, metavar="NO", help="option-attempts-order")
@json_flag
@click.pass_context
def attempts(ctx: click.Context, lab: Path | None, order: str | None, as_json: bool) -> int:
    """List orders with the runs of each unit."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import orders

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = {name: units for name, units in orders(records).items() if order in (None, name)}
    if as_json:
        shell.out.json(
            [
                {"name": f"{name}/{serial}", "order": name, "uut": serial, **_json(made)}
                for name, units in found.items()
                for serial, made in units.items()
            ]
        )
        return 0
    for line in _lines(shell, found):
        shell.out.line(line)
    return 0


def _json(made: list[Attempt]) -> dict[str, Any]:
    stands = _stands(made)
    return {
        "attempts": [a.as_json() for a in made],
        "stands": stands.run if stands else None,
        "verdict": stands.verdict if stands else None,
    }


def _stands(made: list[Attempt]) -> Attempt | None:
    """Return the attempt that stands; a later stage (after repair) does not undo an earlier."""
    return next((a for a in made if a.valid), None)


def _lines(shell: Shell, found: Orders) -> list[str]:
    if not found:
        return [shell.text("no-orders")]
    header = [shell.text(name) for name in ("order", "serial", "runs", "stands", "verdict")]
    rows = []
    for order, units in found.items():
        for serial, made in units.items():
            stands = _stands(made)
            verdict = verdict_text(shell, stands.verdict) if stands else "-"
            run = stands.run if stands else "-"
            rows.append([plain(order), plain(serial), str(len(made)), run, verdict])
    made_of = [made for units in found.values() for made in units.values()]
    summed = shell.text(
        "attempts-sum",
        orders=len(found),
        units=len(made_of),
        runs=sum(len(made) for made in made_of),
        annulled=sum(a.annulled is not None for made in made_of for a in made),
        first=sum((s := _stands(made)) is not None and s.verdict == "pass" for made in made_of),
    )
    return [*table(header, rows, right={2}), "", summed]
