"""`benchctl central`: the central database of a lab with many benches, and its work orders."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.cells import plain, table
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, new_command, new_group, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.records.central import Order

command = new_group("central", "help-central")
order = new_group("order", "help-central-order")
command.add_command(order)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_ROLES = click.Choice(["bench", "reader", "clerk"])


@new_command("init", "help-central-init", command)
@click.argument("url")
@click.pass_context
def init(ctx: click.Context, url: str) -> int:
    """Make the tables of a central database, or bring them up to date."""
    from benchctl.records.central import Central

    shell = shell_of(ctx)
    with Central.open(url) as central:
        revision = central.init()
        shell.out.line(shell.text("central-made", central=central.name, revision=revision))
    return 0


@new_command("grant", "help-central-grant", command)
@click.argument("url")
@option("--login", required=True, metavar="NAME", help="option-login")
@option("--role", type=_ROLES, required=True, help="option-role")
@option("--for-bench", "benches", multiple=True, metavar="BENCH", help="option-for-bench")
@click.pass_context
def grant(ctx: click.Context, url: str, login: str, role: str, benches: tuple[str, ...]) -> int:
    """Let a login of the server be a bench, a reader or a clerk."""
    from benchctl.records.central import Central

    shell = shell_of(ctx)
    if (role == "bench") != bool(benches):
        raise UsageError(msg("cli.grant-benches"))
    with Central.open(url) as central:
        central.grant(login, role=role, benches=benches)
    shell.out.line(shell.text("central-granted", login=plain(login), role=role))
    return 0


@new_command("status", "help-central-status", command)
@click.argument("url")
@json_flag
@click.pass_context
def status(ctx: click.Context, url: str, as_json: bool) -> int:
    """List the benches with what is there of them."""
    from benchctl.records.central import Central

    shell = shell_of(ctx)
    with Central.open(url) as central:
        benches = central.benches()
    if as_json:
        shell.out.json(benches)
        return 0
    rows = [[plain(b["name"]), str(b["runs"]), str(b["records"]), b["last"]] for b in benches]
    heads = ("bench", "column-runs", "column-records", "column-last-run")
    for line in table([shell.text(name) for name in heads], rows, right=(1, 2)):
        shell.out.line(line)
    return 0


@new_command("standard", "help-central-standard", command)
@click.argument("url")
@click.argument("standard")
@option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="option-since-day")
@json_flag
@click.pass_context
def standard_(
    ctx: click.Context, url: str, standard: str, since: datetime | None, as_json: bool
) -> int:
    """List all runs of a standard, on all benches."""
    from benchctl.records.central import Central, runs_of_standard

    shell = shell_of(ctx)
    day = since.date().isoformat() if since is not None else ""
    with Central.open(url) as central:
        uses = runs_of_standard(central, standard, since=day)
    if as_json:
        shell.out.json([{"name": use.run, **asdict(use)} for use in uses])
        return 0
    if not uses:
        shell.out.line(shell.words(msg("audit.none-relied")))
        return 0
    heads = [shell.text(name) for name in ("run", "started", "bench")]
    heads += [shell.words(msg(f"audit.column-{name}")) for name in ("roles", "certificate")]
    rows = [[u.run, u.utc, u.bench, ", ".join(u.roles), u.certificate or "-"] for u in uses]
    for line in table(heads, [[plain(cell) for cell in row] for row in rows]):
        shell.out.line(line)
    return 0


@new_command("add", "help-central-order-add", order)
@click.argument("url")
@click.argument("file", type=_file)
@option("--name", required=True, metavar="ORDER", help="option-order-name")
@option("--procedure", required=True, metavar="PROCEDURE", help="option-order-procedure")
@option("--for-bench", "bench", metavar="BENCH", help="option-order-bench")
@click.pass_context
def add(
    ctx: click.Context, url: str, file: Path, name: str, procedure: str, bench: str | None
) -> int:
    """Add the units of a batch file as a work order."""
    from benchctl.language import Diagnostics, read_batch
    from benchctl.records.central import Central, Order, add_order

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    batch = read_batch(file, diagnostics)
    diagnostics.raise_if_failed()
    assert batch is not None
    rows = tuple({header: cell.text for header, cell in row.cells.items()} for row in batch.rows)
    with Central.open(url) as central:
        new = add_order(central, Order(name, procedure, rows, bench))
    text = "order-added" if new else "order-there"
    shell.out.line(shell.text(text, name=plain(name), units=len(rows)))
    return 0


@new_command("list", "help-central-order-list", order)
@click.argument("url")
@option("--open", "open_only", is_flag=True, help="option-order-open")
@json_flag
@click.pass_context
def list_(ctx: click.Context, url: str, open_only: bool, as_json: bool) -> int:
    """List work orders."""
    from benchctl.records.central import Central, list_orders

    shell = shell_of(ctx)
    with Central.open(url) as central:
        orders = list_orders(central, open_only=open_only)
    if as_json:
        shell.out.json([asdict(o) for o in orders])
        return 0
    heads = ("column-order", "procedure", "column-units", "bench", "run")
    rows = [
        [plain(o.name), plain(o.procedure), str(len(o.rows)), plain(_where(o)), o.run or "-"]
        for o in orders
    ]
    for line in table([shell.text(name) for name in heads], rows, right=(2,)):
        shell.out.line(line)
    return 0


@new_command("claim", "help-central-order-claim", order)
@click.argument("url")
@option("--as-bench", "bench", required=True, metavar="BENCH", help="option-order-as")
@option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="option-order-out"
)
@click.pass_context
def claim(ctx: click.Context, url: str, bench: str, out: Path) -> int:
    """Take the next order for a bench and write its units as a batch; exit code 1 without one."""
    from benchctl.records.central import Central, claim_order

    shell = shell_of(ctx)
    require_writable(out)
    with Central.open(url) as central:
        found = claim_order(central, bench)
    if found is None:
        shell.out.line(shell.text("order-none", bench=plain(bench)))
        return 1
    write_text(out, _batch(found))
    told = {"name": plain(found.name), "procedure": plain(found.procedure), "path": str(out)}
    shell.out.line(shell.text("order-claimed", units=len(found.rows), **told))
    return 0


@new_command("done", "help-central-order-done", order)
@click.argument("url")
@click.argument("name")
@click.argument("run")
@option("--as-bench", "bench", required=True, metavar="BENCH", help="option-order-as")
@click.pass_context
def done(ctx: click.Context, url: str, name: str, run: str, bench: str) -> int:
    """Note which run did an order."""
    from benchctl.records.central import Central, finish_order

    shell = shell_of(ctx)
    with Central.open(url) as central:
        finish_order(central, name, bench, run)
    shell.out.line(shell.text("order-done", name=plain(name), run=plain(run)))
    return 0


def _where(order: Order) -> str:
    """Return who has an order, or who may take it."""
    return order.claimed_by or (f"({order.bench})" if order.bench else "-")


def _batch(order: Order) -> str:
    """Return the units of an order as a batch file."""
    headers = list(dict.fromkeys(header for row in order.rows for header in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) for row in order.rows)
    return text.getvalue()
