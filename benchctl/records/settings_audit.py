"""Whether the lab's settings for its records are those of the last time, and who met the change.

    for notice in changed_settings(writer, notary, first_record): ...     # by the journal

The settings that hold are stated in the lab's signed log, each time that they are found to differ;
a run that begins after a change has it in its record. A lab whose log says nothing had the usual
ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchctl.core.events import RunOpened
from benchctl.core.messages import msg
from benchctl.records.audit import SETTINGS, Notice
from benchctl.records.settings import Settings
from benchctl.verifier.heads import NOTED, read_statement

if TYPE_CHECKING:
    from benchctl.records.notary import Notary
    from benchctl.records.rows import RecordRow
    from benchctl.records.sql import Writer


def changed_settings(
    writer: Writer, notary: Notary, first: RecordRow, *, new: bool
) -> list[Notice]:
    """State the settings where they are not those that were stated last; return what to note.

    Args:
        writer: the transaction in which a run begins or goes on.
        notary: who states, with the settings that hold.
        first: the first record that is written; where it opens a run, it says who runs.
        new: whether this is the lab's first run, so that nothing was otherwise before.

    Raises:
        RecordError: the statement cannot be kept.
    """
    now = _flat(asdict(notary.settings))
    before = _stated(writer)
    changes = list(_changes(_USUAL if before is None else before, now))
    if not changes:
        return []
    by = str(json.loads(first.body)["operator"]) if first.kind == RunOpened.KIND else ""
    notary.state(writer, NOTED, about={"what": SETTINGS, "settings": now, "by": by})
    if new:
        return []
    return [(SETTINGS, msg("records.settings-changed", changes="; ".join(changes), by=by or "-"))]


def _stated(writer: Writer) -> dict[str, str] | None:
    """Return the settings that were stated last, None where the log has none."""
    for row in reversed(writer.heads(what=NOTED)):
        about = read_statement(row.text).about
        if about.get("what") == SETTINGS:
            return {str(name): str(value) for name, value in about["settings"].items()}
    return None


def _changes(before: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name, "-"), now.get(name, "-")
        if old != new:
            yield f"{name}: {old} → {new}"


def _flat(data: dict[str, Any], above: str = "") -> dict[str, str]:
    """Return nested settings as texts by their path: `review.checked` as `true`."""
    found: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{above}{name}.")
        elif isinstance(value, list | tuple):
            found[above + name] = " ".join(map(str, value)) or "-"
        elif isinstance(value, bool):
            found[above + name] = "yes" if value else "no"
        else:
            found[above + name] = "-" if value in (None, "") else str(value)
    return found


_USUAL = _flat(asdict(Settings()))
