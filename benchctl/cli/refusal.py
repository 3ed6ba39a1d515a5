"""The result document of a run that never began: every member of the schema, with what is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchctl.cli.shell import Shell
from benchctl.core.errors import BenchctlError


def refusal_document(
    shell: Shell, options: Mapping[str, Any], error: BenchctlError
) -> dict[str, Any]:
    """Return the document: no run, nothing measured, the reason, the mistakes with their places.

    `options` are those of the command line.
    """
    from benchctl.core.clock import utc_now
    from benchctl.engine import software

    reason = {**error.message.as_json(), "text": shell.words(error.message)}
    now = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "schema": "benchctl.result/1",
        "run": None,
        "software": software(),
        "procedure": {
            "name": Path(str(options["procedure"])).stem,
            "title": "",
            "standard": "",
            "sha256": "",
        },
        "service": options["service"],
        "stage": options["stage"],
        "simulated": bool(options["simulate"]),
        "seed": options["seed"],
        "started": now,
        "finished": now,
        "outcome": "aborted" if error.exit_code == 4 else "refused",
        "verdict": "not_measured",
        "reason": reason,
        "operator": options["operator"],
        "operators": [],
        "follows": None,
        "bench": {"name": "", "sha256": ""},
        "environment": [],
        "standards": [],
        "scheme": None,
        "overrides": [],
        "instruments": [],
        "uuts": [_uut(serial, n, reason) for serial, n in _units(options)],
        "revision": 0,
        "amendments": [],
        "reviews": [],
        "numbers": [],
        "made_safe": None,
        "undone": [],
        "notes": [],
        "titles": {},
        "incidents": [],
        "retries": 0,
        "log": None,
        "mistakes": mistakes_in(shell, error),
    }


def mistakes_in(shell: Shell, error: BenchctlError) -> list[Any]:
    """Return what is wrong in files, each with its place, as plain data."""
    from benchctl.language import FileError, render

    if not isinstance(error, FileError):
        return []
    found: list[Any] = json.loads(render(error.diagnostics, format="json", language=shell.language))
    return found


def _uut(serial: str, position: int | None, reason: dict[str, Any]) -> dict[str, Any]:
    return {
        "serial": serial,
        "position": position,
        "load": None,
        "verdict": "not_measured",
        "parameters": {},
        "extra": {},
        "dropped": reason,
        "points": [],
    }


def _units(options: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Return serial number and position of the units that were named, as far as can be read."""
    from benchctl.language import Diagnostics, read_batch

    if options["uuts"]:
        return [(serial, n) for n, serial in enumerate(options["uuts"], 1)]
    batch = (
        read_batch(options["batch"], Diagnostics(), wrong_too=True) if options["batch"] else None
    )
    return [(row.serial, row.position) for row in batch.rows] if batch else []
