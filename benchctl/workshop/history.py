"""What the last check of a driver found, kept in a small file per driver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchctl.core.clock import utc_now
from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.workshop.report import Report


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The outcome of a check: `when` in UTC (ISO 8601), `stale` if the driver changed since."""

    when: str
    ok: bool
    steps: int
    failed: int
    seen: tuple[str, ...]
    stale: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "when": self.when,
            "ok": self.ok,
            "steps": self.steps,
            "failed": self.failed,
            "seen_on_hardware": list(self.seen),
            "stale": self.stale,
        }


def remember(report: Report, folder: Path) -> None:
    """Keep the outcome of a check in `folder`.

    Raises:
        RecordError: the file cannot be written.
    """
    kept = {
        "when": utc_now().isoformat(timespec="seconds"),
        "ok": report.ok,
        "steps": len(report.steps),
        "failed": len(report.failed),
        "seen": list(report.seen),
        "path": report.path,
        "sha256": _digest(report.path),
    }
    path = folder / f"{report.driver}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordError(msg("cli.not-written", path=str(path), reason=reason)) from error


def last_check(name: str, path: Path | None, folder: Path) -> LastCheck | None:
    """Return the outcome of the last check of the driver in the file `path`, None if none is known.

    A file that cannot be read is no outcome.
    """
    try:
        kept: Mapping[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        return LastCheck(
            str(kept["when"]),
            bool(kept["ok"]),
            int(kept["steps"]),
            int(kept["failed"]),
            tuple(map(str, kept["seen"])),
            kept["sha256"] != _digest("" if path is None else str(path)),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(path: str) -> str:
    return sha256(Path(path).read_bytes()).hexdigest() if path else ""
