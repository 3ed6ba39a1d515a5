"""What a person must know of the standards behind a result: set aside, due soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from benchctl.cli.cells import plain
from benchctl.cli.shell import Shell
from benchctl.core.messages import Message, msg

JSON = Mapping[str, Any]

SOON = 30
"""Days before the due date of a standard of the register from which a person is told."""


def override_message(aside: JSON) -> Message:
    """Return who set a check aside, and why."""
    because = plain(str(aside["because"]))
    by = plain(str(aside["by"]))
    return msg("engine.overridden", operator=by, check=str(aside["check"]), because=because)


def standing_lines(shell: Shell, document: JSON) -> list[str]:
    """Return what is to be known, under a blank line; nothing where there is nothing."""
    lines = [shell.words(override_message(aside)) for aside in document.get("overrides") or ()]
    started = str(document.get("started") or "")[:10]
    for standard in document.get("standards") or ():
        if not started or standard.get("source") != "register" or not standard.get("due"):
            continue
        days = (date.fromisoformat(standard["due"]) - date.fromisoformat(started)).days
        if 0 <= days <= SOON:
            name = plain(str(standard["name"]))
            due = msg("engine.due-soon", standard=name, due=standard["due"], days=days)
            lines.append(shell.words(due))
    return ["", *dict.fromkeys(lines)] if lines else []
