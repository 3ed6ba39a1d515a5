"""Results as Parquet files, one folder per day: for DuckDB, Spark, pandas or any such engine.

    export_parquet(lab, Path("lake"))         # lake/date=2026-01-31/results.parquet ...

One row for each result: a point of a unit, or an item that was answered or observed. A day is
written whole, to a file beside and then renamed, so that an export can be cut off at any time and
repeated; a day that goes on is written again by the next one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg
from benchctl.records.rows import RunInfo

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

FILE = "results.parquet"
TEXT, NUMBER, WHOLE, FLAG = "string", "float64", "int32", "bool_"
COLUMNS: Mapping[str, str] = {
    "run": TEXT,
    "bench": TEXT,
    "procedure": TEXT,
    "standard": TEXT,
    "service": TEXT,
    "stage": TEXT,
    "simulated": FLAG,
    "started": TEXT,
    "finished": TEXT,
    "outcome": TEXT,
    "operator": TEXT,
    "serial": TEXT,
    "position": WHOLE,
    "unit_verdict": TEXT,
    "parameters": TEXT,
    "item": TEXT,
    "point": TEXT,
    "occasion": TEXT,
    "quantity": TEXT,
    "unit": TEXT,
    "nominal": NUMBER,
    "nominal_unit": TEXT,
    "runs": WHOLE,
    "error": NUMBER,
    "reported": TEXT,
    "U": NUMBER,
    "k": NUMBER,
    "dof": NUMBER,
    "U_reference": NUMBER,
    "mpe_low": NUMBER,
    "mpe_high": NUMBER,
    "accept_low": NUMBER,
    "accept_high": NUMBER,
    "rule": TEXT,
    "verdict": TEXT,
    "standards": TEXT,
    "root": TEXT,
}
"""The columns and their types in Arrow. `parameters` is JSON, `standards` the names with commas,
`root` what fixes the record; an error and U are in `unit`, limits too."""


def export_parquet(lab: Lab, folder: Path, *, since: str = "") -> dict[str, int]:
    """Write the results of all runs that are over, a folder for each day; return day -> rows.

    Args:
        lab: the records.
        folder: where the days' folders lie or are made.
        since: the first day, `2026-01-31`; "" is from the beginning.

    Raises:
        UsageError: the extra `parquet` is not installed.
        RecordError: the records cannot be read, or a file not be written.
    """
    runs = [i for i in lab.runs(None) if i.finished is not None and i.started[:10] >= since]
    days: dict[str, int] = {}
    for day, of_day in groupby(sorted(runs, key=lambda i: (i.started, i.run)), key=_day):
        days[day] = _write(folder / f"date={day}", _rows(lab, of_day))
    return days


def _day(info: RunInfo) -> str:
    return info.started[:10]


def _write(folder: Path, rows: Iterator[dict[str, Any]]) -> int:
    """Write the rows of a day; return how many."""
    try:
        import pyarrow as arrow
        import pyarrow.parquet as parquet
    except ModuleNotFoundError as error:
        hint = msg("records.parquet-extra-hint")
        raise UsageError(msg("records.parquet-extra"), hint=hint) from error
    fields = [arrow.field(name, getattr(arrow, kind)()) for name, kind in COLUMNS.items()]
    table = arrow.Table.from_pylist(list(rows), schema=arrow.schema(fields))
    path, beside = folder / FILE, folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, beside, compression="zstd")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise RecordError(msg("records.io", path=str(path), reason=reason)) from error
    return int(table.num_rows)


def _rows(lab: Lab, runs: Iterable[RunInfo]) -> Iterator[dict[str, Any]]:
    for info in runs:
        document = lab.document(info.run)
        of_run = _of_run(info, document)
        for uut in document["uuts"]:
            of_unit = {
                "serial": uut["serial"],
                "position": uut["position"],
                "unit_verdict": uut["verdict"],
                "parameters": json.dumps(uut["parameters"], ensure_ascii=False, sort_keys=True),
            }
            for point in uut["points"]:
                yield {**of_run, **of_unit, **_of_point(point)}


def _of_run(info: RunInfo, document: Mapping[str, Any]) -> dict[str, Any]:
    same = ("service", "stage", "simulated", "started", "finished", "outcome", "operator")
    names = dict.fromkeys(str(s.get("name", "")) for s in document["standards"])
    return {
        "run": info.run,
        "bench": info.bench,
        "procedure": document["procedure"]["name"],
        "standard": document["procedure"]["standard"],
        **{name: document[name] for name in same},
        "standards": ",".join(names),
        "root": document["log"]["root"],
    }


def _of_point(point: Mapping[str, Any]) -> dict[str, Any]:
    nominal = point["nominal"] or {}
    mpe, accept = point["mpe"] or (None, None), point["accept"] or (None, None)
    same = ("item", "point", "occasion", "quantity", "unit", "error", "reported", "U", "k", "dof")
    return {
        **{name: point[name] for name in (*same, "U_reference", "rule", "verdict")},
        "nominal": nominal.get("value"),
        "nominal_unit": nominal.get("unit"),
        "runs": len(point["runs"]),
        "mpe_low": mpe[0],
        "mpe_high": mpe[1],
        "accept_low": accept[0],
        "accept_high": accept[1],
    }
