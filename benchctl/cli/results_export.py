"""`benchctl records results`: results of issued certificates for another system, as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain
from benchctl.cli.files import require_writable, write_bytes
from benchctl.cli.options import Group, lab_option, new_command, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

Entry = dict[str, Any]
if TYPE_CHECKING:
    from benchctl.exchange.collecting import Collected
    from benchctl.records import Lab

TABLES = ("csv", "xlsx")
"""Forms of `certificate RUN --format` that are one table for the run."""
ENDINGS = (".json", ".csv", ".xlsx")


def add_to(group: Group) -> None:
    """Add the command to a group."""
    group.add_command(results)


@new_command("results", "help-records-results")
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=known.runs)
@option("--since", default="", metavar="DATE", help="option-results-since")
@option("--until", default="", metavar="DATE", help="option-results-until")
@option("--order", default="", metavar="NO", help="option-results-order")
@option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE.json|.csv|.xlsx",
    help="option-results-out",
)
@option(
    "--files", type=click.Path(exists=True, file_okay=False, path_type=Path), help="option-files"
)
@option("--mapping", metavar="MAP.yaml|NAME", help="option-results-mapping")
@option(
    "--language",
    type=click.Choice(("zh", "en")),
    default="zh",
    help="option-results-language",
)
@lab_option
@click.pass_context
def results(ctx: click.Context, /, **options: Any) -> int:
    """Write the results of issued certificates; exit code 1 where there are none."""
    from benchctl.cli.commands.records import open_lab

    shell = shell_of(ctx)
    out: Path = options["out"]
    _require_ending(out, mapped=options["mapping"] is not None)
    require_writable(out)
    with open_lab(options["lab"]) as lab:
        found = _collected(lab, options)
    for path, data in files_of(found, out, options["language"], options["mapping"]).items():
        write_bytes(path, data)
        told = {"path": str(path), "count": len(found.certificates)}
        shell.out.line(shell.words(msg("exchange.results-written", **told)))
    if found.left_out:
        units = plain(", ".join(found.left_out))
        shell.err.line(shell.words(msg("exchange.results-left-out", units=units)))
    if not found.certificates:
        shell.err.line(shell.words(msg("exchange.results-none")))
    return int(not found.certificates)


def files_of(
    found: Collected, out: Path, language: str, mapping: str | None = None
) -> dict[Path, bytes]:
    """Return the files of results by the ending of a name: JSON, or its views CSV and XLSX.

    Raises:
        UsageError: there is no such mapping.
        FileError: the mapping has mistakes.
    """
    from benchctl.exchange import mapping_named
    from benchctl.exchange.views import csv_files, mapped_table, tables_of
    from benchctl.exchange.workbook import workbook

    if out.suffix == ".json":
        text = json.dumps(found.document(), ensure_ascii=False, indent=2, allow_nan=False)
        return {out: f"{text}\n".encode("utf-8", "backslashreplace")}
    if mapping is None:
        tables = tables_of(found.certificates, language)
    else:
        tables = [mapped_table(found.certificates, mapping_named(mapping))]
    return csv_files(tables, out) if out.suffix == ".csv" else {out: workbook(tables)}


def tables_written(lab: Lab, serials: Sequence[str], options: Mapping[str, Any]) -> list[Entry]:
    """Write the results of a run's certificates as tables into a folder; return what was written.

    Raises:
        RecordError: a file cannot be written.
    """
    from benchctl.certificates import lab_settings
    from benchctl.exchange.collecting import collect
    from benchctl.exchange.results import TYPES

    run, language = lab.find_run(options["run"]), options["language"]
    language = "zh" if language == "both" else language
    settings = lab_settings(lab.folder)
    wanted = {"language": language, "uuts": serials, "kind": options["kind"]}
    found = collect(lab, settings, [run], **wanted)
    out = options["out"] / f"{run}.{options['form']}"
    for path, data in files_of(found, out, language).items():
        write_bytes(path, data)
    kinds = {title: kind for kind, title in TYPES.items()}
    return [
        {
            "name": record["cert_no"],
            "path": str(out),
            "uut": record["serial_no"],
            "kind": kinds[record["cert_type"]],
            "number": record["cert_no"],
            "specimen": record["specimen"],
        }
        for record in found.certificates
    ]


def _require_ending(out: Path, *, mapped: bool) -> None:
    if out.suffix not in ENDINGS:
        raise UsageError(msg("exchange.results-ending", path=str(out)))
    if mapped and out.suffix == ".json":
        raise UsageError(msg("exchange.results-mapping-json"))


def _collected(lab: Lab, options: Mapping[str, Any]) -> Collected:
    from benchctl.certificates import lab_settings
    from benchctl.exchange.collecting import collect, runs_between

    since, until = _day(options["since"]), _day(options["until"])
    order = options["order"].strip()
    settings = lab_settings(lab.folder)
    runs = runs_between(lab, settings, since=since, until=until, order=order)
    named = {lab.find_run(run) for run in options["runs"]}
    if named:
        runs = [run for run in runs if run in named]
    return collect(
        lab, settings, runs, language=options["language"], order=order, files=options["files"]
    )


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError(msg("cli.not-a-day", text=text)) from error
