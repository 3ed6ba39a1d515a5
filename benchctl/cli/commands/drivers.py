"""`benchctl drivers`: the shelf of instrument drivers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, shell_of
from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.drivers import Shelf

command = new_group("drivers", "help-drivers")

TOPICS = ("bus", "reading", "safe", "document", "hardware")
"""What a driver's docstring says beyond its first paragraph."""


def shelf_of(lab: Path | None) -> Shelf:
    """Return the shelf of drivers that a lab sees."""
    from benchctl.engine import shelf_for

    return shelf_for(lab, None)


@new_command("list", "help-drivers-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List the drivers."""
    shell = shell_of(ctx)
    drivers = shelf_of(lab).list()
    if as_json:
        shell.out.json(
            [
                {
                    "name": d.name,
                    "path": d.path,
                    "origin": d.origin,
                    "summary": d.summary,
                    "shadows": list(d.shadows),
                    "problem": d.error or None,
                }
                for d in drivers
            ]
        )
        return 0
    header = [shell.text(name) for name in ("name", "summary", "from")]
    rows = [[d.name, d.error or d.summary, d.origin] for d in drivers]
    for line in table(header, rows):
        shell.out.line(line)
    return 0


@new_command("show", "help-drivers-show", command)
@click.argument("driver", shell_complete=known.drivers)
@lab_option
@json_flag
@click.pass_context
def show(ctx: click.Context, driver: str, lab: Path | None, as_json: bool) -> int:
    """Show a driver."""
    shell = shell_of(ctx)
    from benchctl.driver import describe

    declared = {"name": driver, **describe(shelf_of(lab).find(driver))}
    if as_json:
        shell.out.json(declared)
        return 0
    for line in _lines(shell, declared):
        shell.out.line(line)
    return 0


def _lines(shell: Shell, declared: Mapping[str, Any]) -> list[str]:
    rows = [
        [c["name"], _kind(shell, c), c["unit"], _range(c), c["doc"]] for c in declared["channels"]
    ]
    rows += [[a["name"], shell.text("action"), "", "", a["doc"]] for a in declared["actions"]]
    header = [shell.text(n) for n in ("channel", "kind", "unit", "range", "summary")]
    told = [f"{topic}: {declared[topic]}" for topic in TOPICS if declared.get(topic)]
    return [
        f"{declared['name']} ({declared['protocol']}): {declared['summary']}",
        *told,
        "",
        *table(header, rows),
    ]


def _kind(shell: Shell, channel: Mapping[str, Any]) -> str:
    return shell.text("setting" if channel["settable"] else "reading")


def _range(channel: Mapping[str, Any]) -> str:
    if channel.get("choices"):
        return ", ".join(str(c) for c in channel["choices"])
    low, high = channel.get("low"), channel.get("high")
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}"
