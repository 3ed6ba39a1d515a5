"""`benchctl records statistics`: rates, errors, drift with age and lots, over many runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import table
from benchctl.cli.files import write_bytes, write_text
from benchctl.cli.issuing.choosing import day_of, output_folder
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab, RunInfo
    from benchctl.statistics import Lot, Unit

FILTERS = ("since", "until", "procedure", "stage", "type", "batch")
HTML, PDF = "statistics.html", "statistics.pdf"


@new_command("statistics", "help-records-statistics")
@option("--since", metavar="DATE", help="option-issue-since")
@option("--until", metavar="DATE", help="option-issue-until")
@option("--procedure", metavar="NAME", help="option-statistics-procedure")
@option("--stage", metavar="NAME", help="option-statistics-stage")
@option("--type", metavar="MODEL", help="option-statistics-type")
@option("--batch", metavar="NAME", help="option-statistics-batch")
@option(
    "--lots",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="option-statistics-lots",
)
@option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="option-statistics-out",
)
@option("--html", is_flag=True, help="option-statistics-html")
@option("--pdf", is_flag=True, help="option-statistics-pdf")
@option("--language", type=click.Choice(("zh", "en")), help="option-statistics-language")
@lab_option
@json_flag
@click.pass_context
def statistics(ctx: click.Context, /, **options: Any) -> int:
    """Count results; exit code 1 where a lot is rejected."""
    from benchctl.certificates import lab_settings
    from benchctl.cli.commands.records import open_lab
    from benchctl.statistics import statistics_of
    from benchctl.statistics.lots_file import read_lots

    shell = shell_of(ctx)
    language = options["language"] or shell.language
    lots: list[Lot] = read_lots(options["lots"]) if options["lots"] else []
    with open_lab(options["lab"]) as lab:
        settings = lab_settings(lab.folder)
        units = list(units_in(lab, settings, options, language))
        folder = lab.folder
    asked = {name: str(options[name]) for name in FILTERS if options[name]}
    found = statistics_of(units, lots=lots, folder=folder, asked=asked)
    if options["out"] is not None:
        files = _write(found, settings, language, options)
        if not options["as_json"]:
            for file in files:
                shell.out.line(str(file))
    if options["as_json"]:
        shell.out.json(found)
    elif options["out"] is None:
        for line in _lines(shell, found):
            shell.out.line(line)
    return int(any(lot["verdict"] == "rejected" for lot in found["lots"]))


def units_in(
    lab: Lab, settings: LabSettings, options: Mapping[str, Any], language: str
) -> Iterator[Unit]:
    """Give the units that are asked for, oldest first; only real ones, where there is one.

    Raises:
        UsageError: a day is none.
    """
    from benchctl.certificates.order import ordered
    from benchctl.records.outcomes import outcomes
    from benchctl.statistics import units_of

    wanted = {"procedure": "procedure", "stage": "stage", "type": "model", "batch": "batch"}
    runs = _runs(lab, options, settings.utc_offset)
    for document in outcomes(lab, [info.run for info in runs], language):
        for unit in units_of(document, ordered, utc_offset=settings.utc_offset):
            if all(
                options.get(name) in (None, getattr(unit, fact)) for name, fact in wanted.items()
            ):
                yield unit


def _runs(lab: Lab, options: Mapping[str, Any], offset: int) -> list[RunInfo]:
    from benchctl.certificates.dates import local_day

    since, until = day_of(options["since"]), day_of(options["until"])
    found = []
    for info in lab.runs(None):
        if info.finished is None or info.service == "test":
            continue
        day = local_day(info.finished, offset).isoformat()
        if day >= since and (not until or day <= until):
            found.append(info)
    real = [info for info in found if not info.simulated]
    return (real or found)[::-1]


def _write(
    found: Mapping[str, Any], settings: LabSettings, language: str, options: Mapping[str, Any]
) -> list[Path]:
    """Write the report as page and as PDF, both where neither is asked for alone.

    Raises:
        UsageError: there is nothing to report.
    """
    from importlib import resources

    from benchctl.certificates.pdf import set_pages
    from benchctl.statistics import html_of, report_data, report_of
    from benchctl.statistics.report import PDF_FONT

    if not found["units"]:
        raise UsageError(msg("statistics.nothing"))
    folder = output_folder(options["out"])
    both = not (options["html"] or options["pdf"])
    said = settings.name
    name = said if isinstance(said, str) else said.get(language) or next(iter(said.values()), "")
    files = []
    if options["html"] or both:
        files.append(folder / HTML)
        write_text(files[-1], html_of(report_of(found, language, lab=name)))
    if options["pdf"] or both:
        files.append(folder / PDF)
        report = report_of(found, language, lab=name, font=PDF_FONT)
        source = resources.files("benchctl.statistics").joinpath("report.typ").read_bytes()
        day = date.fromisoformat(found["last_day"])
        write_bytes(files[-1], set_pages(source, report_data(report), day=day, name=PDF))
    return files


def _lines(shell: Shell, found: Mapping[str, Any]) -> list[str]:
    """Return what is shown on a terminal: rates by type, and the lots."""
    from benchctl.statistics import report_of

    if not found["units"]:
        return [shell.words(msg("statistics.nothing"))]
    report = report_of(found, shell.language)
    lines = [f"{name}: {value}" for name, value in report.facts]
    if report.specimen:
        lines.append(report.specimen)
    lots = report.sections[-1:] if found["lots"] else ()
    for section in (report.sections[0], *lots):
        lines += ["", section.title]
        for shown in section.tables:
            lines += _table(shown.title, shown.head, shown.rows)
    return lines


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["", *([title] if title else []), *table(head, rows)]
