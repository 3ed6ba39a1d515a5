"""Which runs relied on a standard or an instrument: the way from a certificate to the results.

    reliance(lab, standard="MM-014")       # by its name, serial number or certificate
    reliance(lab, instrument="14077123")   # by its serial number or its name in the bench file

Standards are found by the table that notes which record binds which (`standards_used`), instruments
in the events themselves, over the index of their kinds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchctl.core.events import InstrumentOpened, UutJudged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchctl.records.lab import Lab

JSON = dict[str, Any]
_STANDARD = ("name", "serial", "certificate")
_INSTRUMENT = ("instrument", "serial")


@dataclass(frozen=True, slots=True)
class Reliance:
    """A run that relied on it: as what, and how many units were judged in it, and not passed.

    `roles` are those of a standard, the names of an instrument in the bench file; `what` is what
    the run's record says of the standard or instrument.
    """

    run: str
    utc: str
    bench: str
    roles: tuple[str, ...]
    what: JSON
    units: int
    not_passed: int


def reliance(
    lab: Lab, *, standard: str | None = None, instrument: str | None = None
) -> list[Reliance]:
    """Return the runs that relied on a standard or an instrument, oldest first.

    Raises:
        RecordError: the records cannot be read.
    """
    found: dict[str, tuple[str, str, list[str], JSON]] = {}
    word = (standard or "") if instrument is None else instrument
    with lab.store.reading() as reader:
        if instrument is None:
            rows = reader.binding(word)
        else:
            text = json.dumps(word, ensure_ascii=False)
            rows = reader.containing(InstrumentOpened.KIND, text)
        for run, utc, bench, text in rows:
            body = json.loads(text)
            role, what = _meant(body, word, of_standard=instrument is None)
            if role:
                found.setdefault(run, (utc, bench, [], what))[2].append(role)
        judged = reader.bodies(list(found), UutJudged.KIND)
    counts = {run: _counts(bodies) for run, bodies in judged.items()}
    return [
        Reliance(run, utc, bench, tuple(dict.fromkeys(roles)), what, *counts[run])
        for run, (utc, bench, roles, what) in found.items()
    ]


def _meant(body: JSON, word: str, *, of_standard: bool) -> tuple[str, JSON]:
    """Return as what the word is meant in the body of an event; "" where it only occurs there."""
    if of_standard:
        what = body.get("standard", {})
        return (str(body["role"]), what) if word in _named(what, _STANDARD) else ("", {})
    return (str(body["instrument"]), body) if word in _named(body, _INSTRUMENT) else ("", {})


def _named(what: JSON, keys: Iterable[str]) -> list[str]:
    return [str(what.get(key) or "") for key in keys]


def _counts(bodies: Iterable[str]) -> tuple[int, int]:
    """Return how many units were judged, and how many of them are no pass."""
    verdicts = {body["uut"]: body["verdict"] for body in map(json.loads, bodies)}
    return len(verdicts), sum(verdict not in ("", "pass") for verdict in verdicts.values())
