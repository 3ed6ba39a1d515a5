"""Verdicts, errors and messages of a record in the words of a person's screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.cli.shell import Shell
from benchctl.core.messages import message_from_json


def verdict_text(shell: Shell, verdict: str | None) -> str:
    """Return a verdict in capitals: `PASS`, `FAIL`, ..."""
    return shell.text(f"verdict-{verdict}") if verdict else "-"


def error_text(error: float | None, unit: str) -> str:
    """Return an error with its sign: `+0.41 %`; a dash where there is none."""
    return "-" if error is None else f"{error:+.2f} {unit}".rstrip()


def message_text(shell: Shell, message: Mapping[str, Any] | None) -> str:
    """Return a message of the record (id and arguments, or already worded) as a sentence."""
    if not message:
        return ""
    if "text" in message:
        return str(message["text"])
    return shell.words(message_from_json(message))


def run_title(shell: Shell, plan: Mapping[str, Any]) -> str:
    """Return what is done: procedure, standard, service, stage, bench."""
    simulated = f" ({shell.text('simulated')})" if plan["simulated"] else ""
    return (
        f"{plan['procedure']} ({plan['standard']}), {plan['service']}, {plan['stage']}, "
        f"{plan['bench']}{simulated}"
    )
