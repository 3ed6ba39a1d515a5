"""The results of a lab that were issued: which runs, which units, which files.

found = collect(lab, settings, runs, files=Path("certificates"))
found.certificates[0]["cert_no"], found.left_out
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchctl.certificates.content import number_of
from benchctl.certificates.dates import local_day
from benchctl.core.errors import RefusedError
from benchctl.exchange.issued_files import about_files
from benchctl.exchange.results import SCHEMA, is_issued, result_of
from benchctl.records import TEST, orders

if TYPE_CHECKING:
    from benchctl.certificates import Kind, LabSettings
    from benchctl.records import Lab


@dataclass(frozen=True, slots=True)
class Collected:
    """Records of certificates, oldest run first; `left_out` are units that have none."""

    certificates: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return them as the JSON document `benchctl.results/1`."""
        return {"schema": SCHEMA, "certificates": list(self.certificates)}


def runs_between(
    lab: Lab, settings: LabSettings, *, since: str = "", until: str = "", order: str = ""
) -> list[str]:
    """Return the runs that are over and are no tests, oldest first.

    Args:
        lab: the records.
        settings: the lab's data: its days are those of its clock on the wall.
        since: the first day on which a run ended, `2026-01-31`; "" is from the beginning.
        until: the last day; "" is to the end.
        order: only runs with units of this order.

    Raises:
        RecordError: the records cannot be read.
    """
    of_order = None
    if order:
        units = orders(lab).get(order, {})
        of_order = {attempt.run for made in units.values() for attempt in made}
    found = []
    for info in reversed(lab.runs(None)):
        if info.finished is None or info.service == TEST:
            continue
        day = local_day(info.finished, settings.utc_offset).isoformat()
        if day < since or (until and day > until):
            continue
        if of_order is None or info.run in of_order:
            found.append(info.run)
    return found


def collect(
    lab: Lab,
    settings: LabSettings,
    runs: Iterable[str],
    *,
    language: str = "zh",
    uuts: Iterable[str] = (),
    order: str = "",
    kind: Kind | None = None,
    files: Path | None = None,
) -> Collected:
    """Return the records of all certificates of runs; simulated ones are marked as specimens.

    Args:
        lab: the records.
        settings: the lab's data.
        runs: the runs, in the order in which they shall stand.
        language: of names and titles.
        uuts: only these units; none named are all.
        order: only units of this order.
        kind: the kind of certificate; by default that of the register of issued certificates, else
            what the results bear.
        files: the folder of the issued files: their hashes and signatures are noted. Without it
            the hashes are those of the register.

    Raises:
        UsageError: a file there is no certificate.
        RefusedError: one is that of another number, or was changed.
        RecordError: the records cannot be read.
    """
    from benchctl.records.issued import originals

    wanted, register = frozenset(uuts), originals(lab)
    found, left_out = [], []
    for run in runs:
        document = lab.document(run, language)
        for unit in document["uuts"]:
            serial = str(unit["serial"])
            if (wanted and serial not in wanted) or (order and unit.get("order") != order):
                continue
            entry = register.get(number_of(document, serial))
            wanted_kind = kind or (cast("Kind", entry.issued.kind) if entry else None)
            record = _record(document, serial, settings, language, wanted_kind)
            if record is None:
                left_out.append(f"{serial} ({run})")
                continue
            if files is not None:
                record |= about_files(files, str(record["cert_no"]))
            elif entry is not None:
                record["pdf_sha256"] = entry.issued.pdf_sha256
                record["dcc_sha256"] = entry.issued.dcc_sha256
            found.append(record)
    return Collected(tuple(found), tuple(left_out))


def _record(
    document: Mapping[str, Any],
    serial: str,
    settings: LabSettings,
    language: str,
    kind: Kind | None,
) -> dict[str, Any] | None:
    """Return the record of a unit, None where no certificate was issued for it."""
    if not is_issued(document, serial):
        return None
    try:
        return result_of(document, serial, settings, language, kind=kind)
    except RefusedError:
        return None
