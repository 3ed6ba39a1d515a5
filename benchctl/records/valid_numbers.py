"""Which certificate numbers of a run still hold after its record was amended.

An amendment counts for the whole run, but a certificate speaks of one unit: one whose results and
facts are what they were keeps its certificate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchctl.records.amending import states

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

JSON = dict[str, Any]


def kept_numbers(lab: Lab, run: str, document: JSON) -> dict[str, str]:
    """Return the numbers of earlier states that hold, by the unit's serial number.

    Nothing of these units was amended: they get no other number.

    Raises:
        RecordError: the record cannot be read.
    """
    now = int(document["revision"])
    before = {str(e["number"]) for e in document["numbers"] if int(e["revision"]) != now}
    return {u: n for u, n in valid_numbers(lab, run, document).items() if n in before}


def valid_numbers(lab: Lab, run: str, document: JSON) -> dict[str, str]:
    """Return the number that holds for each unit of a run, by its serial number; few have none.

    Args:
        lab: the records.
        run: the run's id.
        document: its result document as it is now.

    Raises:
        RecordError: the record cannot be read.
    """
    newest = {entry["uut"]: entry for entry in document["numbers"]}
    now = int(document["revision"])
    found = {u: str(e["number"]) for u, e in newest.items() if int(e["revision"]) == now}
    older = {u: e for u, e in newest.items() if int(e["revision"]) != now}
    if not older:
        return found
    told = {state.revision: state.document["uuts"] for state in states(lab, run)}
    for place, unit in enumerate(told[now]):
        entry = older.get(unit["serial"])
        if entry is not None and told[int(entry["revision"])][place] == unit:
            found[unit["serial"]] = str(entry["number"])
    return found
