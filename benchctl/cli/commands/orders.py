"""`benchctl orders`: work orders from files of other systems, and batches made of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.cells import plain, table
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.cli.requests import assignments
from benchctl.cli.wording import verdict_text
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.exchange import OrderFile
    from benchctl.language import Diagnostic, Diagnostics
    from benchctl.records import Taken

MOST_SHOWN = 20
"""Mistakes that are shown on a terminal; a program gets all of them."""

command = new_group("orders", "help-orders")
_file = click.Path(dir_okay=False, path_type=Path)


@new_command("import", "help-orders-import", command)
@click.argument("file", type=_file)
@option("--mapping", metavar="MAP.yaml|NAME", help="option-orders-mapping")
@option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="option-orders-set")
@option("--dry-run", is_flag=True, help="option-orders-dry-run")
@option("--because", default="", metavar="TEXT", help="option-orders-because")
@by_option
@lab_option
@json_flag
@click.pass_context
def import_(ctx: click.Context, /, **options: Any) -> int:
    """Take work orders from a file."""
    from benchctl.exchange import read_orders
    from benchctl.exchange.mapping import NO_MAPPING, mapping_named
    from benchctl.language import Diagnostics

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    mapping = mapping_named(options["mapping"]) if options["mapping"] else NO_MAPPING
    given = _given(options["sets"])
    found = read_orders(options["file"], diagnostics, mapping=mapping, given=given)
    if found is None:
        _show_mistakes(shell, diagnostics, as_json=options["as_json"])
        return 2
    taken = _take(found, options)
    if options["as_json"]:
        imported = {"imported": not options["dry_run"]}
        shell.out.json({**imported, **_document(found, taken), "mistakes": []})
        return 0
    for warning in diagnostics.items:
        shell.err.line(render_line(shell, warning))
    _tell(shell, found, taken)
    if options["dry_run"]:
        shell.out.line(shell.words(msg("exchange.dry-run")))
    return 0


@new_command("list", "help-orders-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List the orders that were imported."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.exchange import ordered_units
    from benchctl.records import work_orders

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = work_orders(records)
        units = ordered_units(records, *(order.order for order in found))
    rows = [(o, sum(u.stands is not None for u in units[o.order])) for o in found]
    if as_json:
        shell.out.json(
            [
                {
                    "name": o.order,
                    "units": o.units,
                    "measured": done,
                    "since": o.since,
                    "file": o.file,
                }
                for o, done in rows
            ]
        )
        return 0
    if not rows:
        shell.out.line(shell.words(msg("exchange.no-orders")))
        return 0
    heads = _heads(shell, ("order", "units", "measured", "since", "file"))
    cells = [[plain(o.order), str(o.units), str(d), o.since, plain(o.file)] for o, d in rows]
    for line in table(heads, cells, right={1, 2}):
        shell.out.line(line)
    return 0


@new_command("show", "help-orders-show", command)
@click.argument("order")
@lab_option
@json_flag
@click.pass_context
def show(ctx: click.Context, order: str, lab: Path | None, as_json: bool) -> int:
    """List the units of an order."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.exchange import ordered_units

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        units = ordered_units(records, order).get(order)
    if not units:
        raise UsageError(msg("exchange.no-order", order=order))
    if as_json:
        shell.out.json(
            [
                {
                    "name": unit.line.serial,
                    **unit.line.as_json(),
                    "run": unit.stands.run if unit.stands else None,
                    "verdict": unit.stands.verdict if unit.stands else None,
                }
                for unit in units
            ]
        )
        return 0
    names = ("device_name", "model", "maker")
    heads = _heads(shell, ("serial", "device", "model", "maker", "run", "verdict"))
    rows = [
        [
            plain(unit.line.serial),
            *(plain(unit.line.fields.get(name, "-")) for name in names),
            unit.stands.run if unit.stands else "-",
            verdict_text(shell, unit.stands.verdict) if unit.stands else "-",
        ]
        for unit in units
    ]
    for line in table(heads, rows):
        shell.out.line(line)
    return 0


@new_command("batch", "help-orders-batch", command)
@click.argument("order")
@option("--out", type=_file, required=True, help="option-order-out")
@option("--units", type=click.IntRange(1), metavar="N", help="option-orders-units")
@option("--procedure", metavar="PROCEDURE", help="option-orders-procedure")
@lab_option
@click.pass_context
def batch(
    ctx: click.Context,
    order: str,
    out: Path,
    units: int | None,
    procedure: str | None,
    lab: Path | None,
) -> int:
    """Write the units of an order that are left to measure as a batch; exit code 1 without any."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.exchange import batch_of, open_lines
    from benchctl.records import lines_of

    shell = shell_of(ctx)
    require_writable(out)
    with open_lab(lab) as records:
        if not lines_of(records, order):
            raise UsageError(msg("exchange.no-order", order=order))
        left = open_lines(records, order)[:units]
    if not left:
        shell.out.line(shell.words(msg("exchange.none-open", order=plain(order))))
        return 1
    write_text(out, batch_of(left, _parameters(shell, procedure, lab)).csv())
    told = {"path": str(out), "units": len(left), "order": plain(order)}
    shell.out.line(shell.words(msg("exchange.batch-written", **told)))
    return 0


def _parameters(
    shell: Shell, procedure: str | None, lab: Path | None
) -> dict[str, Sequence[str]] | None:
    """Return the parameters of a procedure with other headers that mean them."""
    if procedure is None:
        return None
    from benchctl.language import Diagnostics
    from benchctl.procedure import find_procedure, load_procedure

    diagnostics = Diagnostics()
    path = find_procedure(procedure, lab=lab, extra=shell.extra)
    found = load_procedure(path, diagnostics)
    diagnostics.raise_if_failed()
    assert found is not None
    return {name: parameter.also for name, parameter in found.parameters.items()}


def _given(sets: tuple[str, ...]) -> dict[str, str]:
    """Return what `--set` says.

    Raises:
        UsageError: one names no field.
    """
    from benchctl.core.suggest import closest
    from benchctl.exchange import FIELDS

    given = assignments(sets)
    for name in given:
        if name not in FIELDS:
            near = closest(name, FIELDS)
            hint = msg("exchange.did-you-mean", word=near) if near else None
            raise UsageError(msg("exchange.no-field", name=name), hint=hint)
    return given


def _take(found: OrderFile, options: dict[str, Any]) -> Taken:
    """Take the lines of a file, or only say what would change."""
    from benchctl.exchange import compare_orders, new_orders, take_orders
    from benchctl.records import Lab

    if options["dry_run"]:
        try:
            lab = Lab.open(options["lab"], create=False)
        except RecordError as error:
            if error.message.id != "records.no-lab":
                raise
            return new_orders(found)
        with lab:
            return compare_orders(lab, found)
    with Lab.open(options["lab"]) as lab:
        return take_orders(lab, found, by=person(options["by"]), because=options["because"])


def _tell(shell: Shell, found: OrderFile, taken: Taken) -> None:
    told = {
        "path": plain(found.name),
        "units": len(found.lines),
        "orders": len(found.orders),
        "added": len(taken.added),
        "changed": len(taken.changed),
        "known": len(taken.known),
    }
    shell.out.line(shell.words(msg("exchange.imported", **told)))
    for (order, serial), fields in taken.differences.items():
        for name, (old, new) in fields.items():
            change = f"{order} {serial} {name}: {old or '-'} -> {new or '-'}"
            shell.out.line(f"  {plain(change)}")
    if found.kept:
        headers = plain(", ".join(found.kept))
        shell.out.line(f"  {shell.words(msg('exchange.kept-columns', headers=headers))}")


def _document(found: OrderFile, taken: Taken) -> dict[str, Any]:
    units = [{"order": line.order, "serial": line.serial} for line in found.lines]
    return {
        "name": found.name,
        "sha256": found.sha256,
        "orders": list(found.orders),
        "units": len(units),
        "added": [_unit(line) for line in taken.added],
        "changed": [
            _unit(line)
            | {
                "differences": {
                    name: {"old": old, "new": new}
                    for name, (old, new) in taken.differences[line.order, line.serial].items()
                }
            }
            for line in taken.changed
        ],
        "known": [_unit(line) for line in taken.known],
        "kept_columns": list(found.kept),
    }


def _unit(line: Any) -> dict[str, Any]:
    return {"order": line.order, "serial": line.serial, "row": line.row, "sha256": line.sha256}


def _heads(shell: Shell, names: Sequence[str]) -> list[str]:
    return [shell.words(msg(f"exchange.column-{name}")) for name in names]


def render_line(shell: Shell, found: Diagnostic) -> str:
    """Return what is said of a file in one line."""
    from benchctl.language import render

    return render([found], format="concise", language=shell.language)


def _show_mistakes(shell: Shell, diagnostics: Diagnostics, *, as_json: bool) -> None:
    """Say what is wrong in the files: the first on a terminal, all of it to a program."""
    from benchctl.language import render

    items = [d for d in diagnostics.items if d.severity == "error"]
    if as_json:
        mistakes = [_mistake(shell, item) for item in items]
        shell.out.json({"imported": False, "mistakes": mistakes})
        return
    shown = render(items[:MOST_SHOWN], language=shell.language, color=shell.err.colour)
    shell.err.line(shown)
    if len(items) > MOST_SHOWN:
        more = msg("exchange.mistakes-more", count=len(items) - MOST_SHOWN)
        shell.err.line(f"\n{shell.words(more)}")


def _mistake(shell: Shell, item: Diagnostic) -> dict[str, Any]:
    problem = item.message.args.get("problem", item.message)
    return {
        "file": item.source.name,
        "row": item.span.line,
        "column": item.span.column,
        "header": item.message.args.get("header"),
        "code": item.code,
        "id": problem.id,
        "message": shell.words(item.message),
        "hint": shell.words(item.hint) if item.hint else None,
    }
