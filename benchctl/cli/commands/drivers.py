"""`benchctl drivers`: the shelf of instrument drivers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.shop import COMMANDS
from benchctl.cli.shop.places import checks_folder, shelf_of
from benchctl.core.messages import Message, msg

command = new_group("drivers", "help-drivers")
for _command in COMMANDS:
    command.add_command(_command)

TOPICS = ("bus", "reading", "safe", "document", "hardware")
"""What a driver's docstring says beyond its first paragraph."""


@new_command("list", "help-drivers-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List the drivers."""
    shell = shell_of(ctx)
    drivers = shelf_of(shell, lab).list()
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
    from benchctl.workshop import last_check, sightings, transcripts_of

    shelf = shelf_of(shell, lab)
    checked = last_check(driver, shelf.path(driver), checks_folder(lab))
    transcripts = transcripts_of(driver, shelf.folders)
    declared = {
        "name": driver,
        **describe(shelf.find(driver)),
        "last_check": None if checked is None else checked.as_json(),
        "transcripts": [str(path) for path in transcripts],
        "seen_on_hardware": [seen.as_json() for seen in sightings(transcripts)],
    }
    if as_json:
        shell.out.json(declared)
        return 0
    for line in _lines(shell, declared):
        shell.out.line(line)
    return 0


def _lines(shell: Shell, declared: Mapping[str, Any]) -> list[str]:
    rows = [
        [c["name"], _kind(shell, c), c["unit"], _range(c), _safe(c), c["doc"]]
        for c in declared["channels"]
    ]
    told = _told(shell, declared, len(rows))
    rows += [[a["name"], shell.text("action"), "", "", "", a["doc"]] for a in declared["actions"]]
    header = [shell.text(n) for n in ("channel", "kind", "unit", "range")]
    header += [shell.words(msg("workshop.safe")), shell.text("summary")]
    return [
        f"{declared['name']} ({declared['protocol']}): {declared['summary']}",
        *told,
        "",
        *table(header, rows),
    ]


def _told(shell: Shell, declared: Mapping[str, Any], channels: int) -> list[str]:
    """Return what is said of a driver: by its docstring, its transcripts, its last check."""
    seen = declared["seen_on_hardware"]
    topics = TOPICS[:-1] if seen else TOPICS  # a transcript is evidence, the docstring is not
    told = [f"{topic}: {declared[topic]}" for topic in topics if declared.get(topic)]
    for one in seen:
        facts = {"identity": one["identity"] or "-", "when": one["recorded"] or "-"}
        message = msg(
            "workshop.seen-on", **facts, seen=len(set(one["channels"])), channels=channels
        )
        told.append(shell.words(message))
    told.append(shell.words(_checked(declared["last_check"])))
    return told + [
        shell.words(msg("workshop.transcript", path=path)) for path in declared["transcripts"]
    ]


def _kind(shell: Shell, channel: Mapping[str, Any]) -> str:
    return shell.text("setting" if channel["settable"] else "reading")


def _safe(channel: Mapping[str, Any]) -> str:
    safe = channel.get("safe")
    return "" if safe is None else str(safe)


def _checked(last: Mapping[str, Any] | None) -> Message:
    """Return what is known of the driver's last check."""
    if last is None:
        return msg("workshop.never-checked")
    name = "workshop.checked-ok" if last["ok"] else "workshop.checked-failed"
    told = msg(name, when=last["when"], steps=last["steps"], failed=last["failed"])
    return msg("workshop.changed-since", told=told) if last["stale"] else told


def _range(channel: Mapping[str, Any]) -> str:
    if channel.get("choices"):
        return ", ".join(str(c) for c in channel["choices"])
    low, high = channel.get("low"), channel.get("high")
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}"
