"""`benchctl assets`: the register of reference standards, their certificates, and what they did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.cells import table
from benchctl.cli.files import require_writable, write_bytes
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.cli.register import COMMANDS
from benchctl.cli.register.common import (
    FILE,
    open_register,
    operator_option,
    read_file,
    say_entered,
)
from benchctl.cli.register.showing import due_json, entry_json, known_json, shown
from benchctl.core.clock import utc_now
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench.assets import Known
    from benchctl.cli.shell import Shell

command = new_group("assets", "help-assets")
for _command in COMMANDS:
    command.add_command(_command)


@new_command("list", "help-assets-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List what the register knows."""
    shell = shell_of(ctx)
    try:
        with open_register(lab) as register:
            everything = list(register.all().values())
    except UsageError as error:
        if as_json:
            shell.out.json([])
        else:
            shell.out.line(shell.words(error.message))
        return 0
    today = utc_now().date()
    if as_json:
        shell.out.json([known_json(known, today) for known in everything])
        return 0
    _table(shell, everything)
    return 0


def _table(shell: Shell, everything: list[Known]) -> None:
    """Show assets as a table, one per line."""
    today = utc_now().date()
    names = ("name", "model", "serial", "certificate", "due", "state")
    rows = [
        [
            *(known.name, known.current.model, known.current.serial),
            *(known.current.certificate or "-", known.current.due or "-"),
            shell.words(msg(f"assets.state-{known_json(known, today)['state']}")),
        ]
        for known in everything
    ]
    for line in table([shell.words(msg(f"assets.head-{name}")) for name in names], rows):
        shell.out.line(line)


@new_command("due", "help-assets-due", command)
@lab_option
@option("--days", type=click.IntRange(0), default=30, show_default=True, help="option-due-days")
@json_flag
@click.pass_context
def due(ctx: click.Context, lab: Path | None, days: int, as_json: bool) -> int:
    """List what is due, or soon."""
    shell = shell_of(ctx)
    with open_register(lab) as register:
        everything = register.all().values()
    today = utc_now().date()
    found = [(known, left) for known in everything if (left := due_json(known, today)) is not None]
    soon = sorted((p for p in found if p[1]["days"] <= days), key=lambda p: p[1]["days"])
    if as_json:
        shell.out.json([left for _, left in soon])
        return 0
    for _, left in soon:
        name = "assets.was-due" if left["days"] < 0 else "assets.is-due"
        line = msg(name, name=left["name"], due=left["due"], days=abs(left["days"]))
        colour = "red" if left["days"] < 0 else "yellow"
        shell.out.line(shell.out.paint(shell.words(line), colour))
    if not soon:
        shell.out.line(shell.words(msg("assets.nothing-due", days=days)))
    return 0


@new_command("add", "help-assets-add", command)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)
@lab_option
@operator_option
@option("--because", default="", metavar="TEXT", help="option-entered-because")
@option("--certificate-file", "scan", type=FILE, metavar="FILE.pdf", help="option-certificate-file")
@option("--superseded", is_flag=True, help="option-superseded")
@click.pass_context
def add(
    ctx: click.Context,
    files: tuple[Path, ...],
    lab: Path | None,
    operator: str,
    because: str,
    scan: Path | None,
    superseded: bool,
) -> int:
    """Enter assets, or new certificates of known ones."""
    from benchctl.engine import default_operator
    from benchctl.language import Diagnostics

    shell = shell_of(ctx)
    if scan is not None and len(files) > 1:
        raise UsageError(msg("assets.one-scan"))
    diagnostics = Diagnostics()
    assets = [read_file(file, diagnostics) for file in files]
    diagnostics.raise_if_failed()
    attached = None if scan is None else (scan.name, _bytes_of(scan))
    with open_register(lab, create=True) as register:
        for asset in assets:
            assert asset is not None
            entry = register.add(
                asset,
                at=utc_now(),
                by=operator or default_operator(),
                because=because,
                file=attached,
                superseded=superseded,
            )
            say_entered(shell, entry)
    return 0


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(msg("assets.no-file", file=str(file), why=why)) from error


@new_command("show", "help-assets-show", command)
@click.argument("name")
@lab_option
@json_flag
@click.pass_context
def show(ctx: click.Context, name: str, lab: Path | None, as_json: bool) -> int:
    """Show an asset: what its certificate states, its drift, what belongs to it."""
    shell = shell_of(ctx)
    with open_register(lab) as register:
        known = register.known(name)
        asset = known.asset()
    if as_json:
        shell.out.json(known_json(known, utc_now().date(), asset))
        return 0
    for line in shown(shell, known, asset):
        shell.out.line(line)
    return 0


@new_command("history", "help-assets-history", command)
@click.argument("name")
@lab_option
@json_flag
@click.pass_context
def history(ctx: click.Context, name: str, lab: Path | None, as_json: bool) -> int:
    """Show everything that was ever entered of an asset."""
    shell = shell_of(ctx)
    with open_register(lab) as register:
        known = register.known(name)
    if as_json:
        shell.out.json([entry_json(entry) for entry in known.entries])
        return 0
    names = ("when", "what", "certificate", "issued", "due", "who", "why")
    rows = [
        [
            *(e.utc, shell.words(msg(f"assets.what-{e.what}")), e.certificate or "-"),
            *(e.issued or "-", e.due or "-", e.by, e.because),
        ]
        for e in known.entries
    ]
    for line in table([shell.words(msg(f"assets.head-{n}")) for n in names], rows):
        shell.out.line(line)
    return 0


@new_command("withdraw", "help-assets-withdraw", command)
@click.argument("name")
@lab_option
@operator_option
@option("--because", required=True, metavar="TEXT", help="option-withdrawn-because")
@option("--back", is_flag=True, help="option-back")
@click.pass_context
def withdraw(
    ctx: click.Context, name: str, lab: Path | None, operator: str, because: str, back: bool
) -> int:
    """Take an asset out of service, or put it back."""
    from benchctl.engine import default_operator

    shell = shell_of(ctx)
    by = operator or default_operator()
    if not because.strip():
        raise UsageError(msg("assets.blank", key="--because"))
    with open_register(lab) as register:
        say = register.put_back if back else register.withdraw
        entry = say(name, at=utc_now(), by=by, because=because)
    shell.out.line(shell.words(msg(f"assets.said-{entry.what}", name=name, because=because)))
    return 0


@new_command("certificate", "help-assets-certificate", command)
@click.argument("name")
@option("--number", default="", metavar="NUMBER", help="option-certificate-number")
@option("--out", type=FILE, help="option-out")
@lab_option
@click.pass_context
def certificate(
    ctx: click.Context, name: str, number: str, out: Path | None, lab: Path | None
) -> int:
    """Write the file of a certificate, or say which there are."""
    shell = shell_of(ctx)
    if out is not None:
        require_writable(out)
    with open_register(lab) as register:
        known = register.known(name)
        chosen = [e for e in known.certificates if e.certificate == number or not number]
        if not chosen:
            raise UsageError(msg("assets.no-such-certificate", name=name, number=number))
        data = register.file(chosen[-1])
    if out is None:
        for entry in chosen:
            file = entry.file_name or "-"
            shell.out.line(f"{entry.certificate}  {entry.issued}  {file}  {entry.file_sha256}")
        return 0
    if data is None:
        raise UsageError(msg("assets.no-scan", number=chosen[-1].certificate))
    write_bytes(out, data)
    return 0
