"""`benchctl bench scan`: what is connected to this computer, and which of it is known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.shop.places import shelf_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.workshop import Found


@new_command("scan", "help-bench-scan")
@click.argument("places", nargs=-1, metavar="[ADDRESS]...")
@option("--units", default="1-16", help="option-units")
@lab_option
@json_flag
@click.pass_context
def scan(
    ctx: click.Context, places: tuple[str, ...], units: str, lab: Path | None, as_json: bool
) -> int:
    """List what this computer can talk to; nothing is ever set."""
    from benchctl.core.clock import RealClock
    from benchctl.core.ports import NullSink
    from benchctl.links import LinkFactory
    from benchctl.workshop import scan as look

    shell = shell_of(ctx)
    asked = _units(units)
    factory = LinkFactory(RealClock(), NullSink())
    try:
        found = list(look(shelf_of(shell, lab), factory, [_place(p) for p in places], asked))
    finally:
        factory.close()
    if as_json:
        shell.out.json([one.as_json() for one in found])
    elif not found:
        shell.out.line(shell.text("nothing-found"))
    else:
        _show(shell, found)
    return 0


def _show(shell: Shell, found: list[Found]) -> None:
    names = [shell.text(n) for n in ("kind", "address", "driver", "serial", "answer")]
    rows = [
        [
            one.kind,
            one.address or one.name,
            ", ".join(one.drivers) or "-",
            one.serial or "-",
            one.identity or one.summary,
        ]
        for one in found
    ]
    for line in table(names, rows):
        shell.out.line(line)


def _place(text: str) -> str:
    """Return an address; the path of a serial port stands for a Modbus line at 9600 8N1."""
    return f"modbus+rtu://{text}?baud=9600&timeout=0.2" if text.startswith("/") else text


def _units(text: str) -> list[int]:
    """Return the unit numbers that `1-16,20` spells."""
    units: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= 247:
            raise UsageError(msg("workshop.bad-units", text=text))
        units += range(first, last + 1)
    return units
