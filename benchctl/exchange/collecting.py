"""The results of a lab that were issued: which runs, which units, which files.

found = collect(lab, settings, runs, files=Path("certificates"))
found.certificates[0]["cert_no"], found.left_out
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.certificates.dates import local_day
from benchctl.core.errors import RefusedError
from benchctl.exchange.results import SCHEMA, is_issued, result_of
from benchctl.records import TEST, orders

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
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
        files: the folder of the issued files, whose hashes are noted.

    Raises:
        RecordError: the records cannot be read.
    """
    wanted = frozenset(uuts)
    found, left_out = [], []
    for run in runs:
        document = lab.document(run, language)
        for unit in document["uuts"]:
            serial = str(unit["serial"])
            if (wanted and serial not in wanted) or (order and unit.get("order") != order):
                continue
            try:
                if not is_issued(document, serial):
                    left_out.append(f"{serial} ({run})")
                    continue
                record = result_of(document, serial, settings, language)
            except RefusedError:
                left_out.append(f"{serial} ({run})")
                continue
            if files is not None:
                record |= _hashes(files, str(record["cert_no"]))
            found.append(record)
    return Collected(tuple(found), tuple(left_out))


def _hashes(folder: Path, number: str) -> dict[str, str]:
    """Return the hashes of the issued files of a certificate, "" for one that is not there."""
    stem = re.sub(r"[^\w.-]+", "_", number).strip(".") or "certificate"
    pdf, dcc = _bytes(folder / f"{stem}.pdf"), _bytes(folder / f"{stem}.xml")
    if dcc is None and pdf is not None:
        from benchctl.certificates.attached import dcc_in

        dcc = dcc_in(pdf, f"{stem}.pdf")
    return {"pdf_sha256": _digest(pdf), "dcc_sha256": _digest(dcc)}


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
