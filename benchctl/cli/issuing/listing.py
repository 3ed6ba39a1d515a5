"""`benchctl certificate list`: the register of issued certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.cells import plain, table
from benchctl.cli.issuing.choosing import day_of
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab
    from benchctl.records.issued import Entry

COLUMNS = (
    *("number", "copy", "uut", "kind", "verdict", "day", "valid_until", "client", "at", "by"),
    *("state", "replaces", "replaced_by", "because", "run", "revision", "file"),
    *("pdf_sha256", "dcc_sha256", "languages", "uuts", "signed", "issued_on"),
)
"""The columns of the register as CSV, in their order."""
VALID, REPLACED, ANNULLED, AMENDED = "valid", "replaced", "annulled", "amended"


@new_command("list", "help-certificate-list")
@lab_option
@option("--run", help="option-list-run")
@option("--uut", metavar="SERIAL", help="option-list-uut")
@option("--since", metavar="DATE", help="option-list-since")
@option("--until", metavar="DATE", help="option-list-until")
@option("--csv", "as_csv", is_flag=True, help="option-list-csv")
@option("--check", is_flag=True, help="option-list-check")
@json_flag
@click.pass_context
def list_(ctx: click.Context, /, **options: Any) -> int:
    """List what was issued; with --check exit code 1 where the register was changed."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records.issued import register_problems

    shell = shell_of(ctx)
    try:
        lab = open_lab(options["lab"])
    except UsageError as error:
        return _nothing(shell, options, error)
    with lab:
        found = entries_of(lab, options)
        wrong = register_problems(lab) if options["check"] else []
    if options["as_json"]:
        shell.out.json(found)
    elif options["as_csv"]:
        for line in csv_lines(found):
            shell.out.line(line)
    else:
        for line in _lines(shell, found):
            shell.out.line(line)
    if options["check"] and not (options["as_json"] or options["as_csv"]):
        name = "issuing.register-wrong" if wrong else "issuing.register-good"
        shell.out.line(shell.words(msg(name, rows=", ".join(map(str, wrong)))))
    return int(bool(wrong))


def _nothing(shell: Shell, options: Mapping[str, Any], error: UsageError) -> int:
    """Show the register of a lab that has no records yet."""
    if options["as_json"]:
        shell.out.json([])
    elif options["as_csv"]:
        shell.out.line(",".join(COLUMNS))
    else:
        shell.out.line(shell.words(error.message))
    return 0


def entries_of(lab: Lab, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the register as plain data, each certificate with its state now.

    Raises:
        UsageError: there is no such run, or a day is none.
    """
    from benchctl.certificates import lab_settings
    from benchctl.certificates.dates import local_day

    run = lab.find_run(options["run"]) if options["run"] else ""
    since, until = day_of(options["since"]), day_of(options["until"])
    offset = lab_settings(lab.folder).utc_offset
    entries = [
        entry.as_json() | {"state": state, "issued_on": str(local_day(entry.at, offset))}
        for entry, state in standings(lab, run=run, uut=options["uut"] or "")
    ]
    return [e for e in entries if since <= e["issued_on"] <= (until or e["issued_on"])]


def standings(lab: Lab, *, run: str = "", uut: str = "") -> list[tuple[Entry, str]]:
    """Return the register, each certificate with its state now.

    Raises:
        RecordError: it cannot be read.
    """
    from benchctl.records.issued import issued

    found = issued(lab, run=run, uut=uut)
    void = _void(lab, found)
    return [(entry, _state(entry, void)) for entry in found]


def _state(entry: Entry, void: Mapping[tuple[str, str], str]) -> str:
    if entry.replaced_by:
        return REPLACED
    return void.get((entry.issued.run, entry.issued.number), VALID)


def _void(lab: Lab, entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
    """Return the certificates whose results were annulled or amended since, and no new one made."""
    from benchctl.core.events import RunAmended, UutAnnulled
    from benchctl.records import valid_numbers

    with lab.store.reading() as reader:
        touched = {row.run for k in (RunAmended, UutAnnulled) for row in reader.of_kind(k.KIND)}
    found: dict[tuple[str, str], str] = {}
    for run in touched.intersection(e.issued.run for e in entries):
        document = lab.document(run)
        holding = set(valid_numbers(lab, run, document).values())
        annulled = {u["serial"] for u in document["uuts"] if u.get("annulled")}
        for entry in entries:
            if entry.issued.run != run:
                continue
            if entry.issued.number not in holding:
                found[run, entry.issued.number] = AMENDED
            if entry.issued.uut in annulled:
                found[run, entry.issued.number] = ANNULLED
    return found


def csv_lines(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the register as CSV; no cell is taken for a formula by a spreadsheet."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_cell(entry[name]) for name in COLUMNS])
    return text.getvalue().rstrip("\n").split("\n")


def _cell(value: object) -> str:
    text = ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = "" if value is None else plain(text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _lines(shell: Shell, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    if not entries:
        return [shell.words(msg("issuing.none-issued"))]
    rows = [
        [
            str(e["number"]) + (f" ({e['copy']})" if e["copy"] else ""),
            str(e["uut"] or ", ".join(e["uuts"])),
            shell.words(msg(f"certificates.title-{e['kind']}")),
            str(e["issued_on"]),
            shell.words(
                msg(f"issuing.state-{e['state']}", number=e["replaced_by"], replaces=e["replaces"])
            ),
            str(e["pdf_sha256"])[:12],
        ]
        for e in entries
    ]
    names = ("number", "unit", "kind", "day", "state", "sha256")
    return table([shell.words(msg(f"issuing.column-{name}")) for name in names], rows)
