"""`benchctl stats`: what a column of readings says."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, new_command, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

LARGEST = 200 * 1024 * 1024
"""Bytes that a file of readings may have."""


@new_command("stats", "help-stats")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@json_flag
@click.pass_context
def command(ctx: click.Context, file: str, as_json: bool) -> int:
    """Describe readings."""
    from benchctl.acquire import describe

    shell = shell_of(ctx)
    values, times = readings(text_of(file), file)
    found = describe(values, times)
    if as_json:
        shell.out.json(found)
        return 0
    rows = [[shell.text(f"stats-{name}"), text] for name, text in _rows(found)]
    settled = shell.text("yes" if found["settled"] else "no")
    rows.append([shell.text("stats-settled"), settled])
    for line in table(["", ""], rows, right={1})[1:]:
        shell.out.line(line)
    return 0


def _rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    drift = found["drift"]
    outliers = ", ".join(str(i) for i in found["outliers"]) or "-"
    return [
        ("n", str(found["n"])),
        *((name, _number(found[name])) for name in ("mean", "s", "u", "n_eff", "lag1")),
        ("drift", _number(drift["slope"])),
        ("drift-u", _number(drift["u"])),
        ("outliers", outliers),
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.8g}"


def text_of(file: str) -> str:
    """Return the text of a file of readings, `-` for standard input.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        if file == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(msg("cli.cannot-read", path=file, reason=reason)) from error
    if len(data) > LARGEST:
        raise UsageError(msg("cli.too-large", path=file))
    return data.decode("utf-8-sig", errors="replace")


def readings(text: str, name: str) -> tuple[list[float], list[float] | None]:
    """Return values and, with two columns, times: `value` or `time,value` per line.

    A first line that holds no number is the header; empty lines are passed over.

    Raises:
        UsageError: a line is not of that form, or nothing is there.
    """
    rows = _numbered_rows(text)
    if rows and not all(_is_number(cell) for cell in rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise UsageError(msg("cli.no-readings", path=name))
    columns = len(rows[0][1])
    table_: list[list[float]] = []
    for line, cells in rows:
        if columns > 2 or len(cells) != columns or not all(_is_number(c) for c in cells):
            shown = ",".join(cells)[:60]
            raise UsageError(
                msg("cli.bad-reading", path=name, line=line, text=shown),
                hint=msg("cli.reading-hint"),
            )
        table_.append([float(c) for c in cells])
    values = [row[-1] for row in table_]
    return values, [row[0] for row in table_] if columns == 2 else None


def _numbered_rows(text: str) -> list[tuple[int, list[str]]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = next((d for d in (";", "\t", ",") if d in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    return [
        (reader.line_num, [cell.strip() for cell in row])
        for row in reader
        if any(cell.strip() for cell in row)
    ]


def _is_number(text: str) -> bool:
    import math

    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
