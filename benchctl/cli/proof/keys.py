"""`benchctl records key`: the lab's public key, and a new one; `records anchor`: what to keep."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli import names as known
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

_file = click.Path(dir_okay=False, path_type=Path)
key = new_group("key", "help-records-key")


@new_command("export", "help-records-key-export", key)
@lab_option
@option("--out", type=click.Path(dir_okay=False, path_type=Path), help="option-out")
@click.pass_context
def export(ctx: click.Context, lab: Path | None, out: Path | None) -> int:
    """Write the public key that signs now, as PEM."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import public_key as lab_key
    from benchctl.verifier.signatures import public_key

    shell = shell_of(ctx)
    if out is not None:
        require_writable(out)
    with open_lab(lab) as records:
        pem = lab_key(records)
    if pem is None:
        raise UsageError(msg("cli.nothing-signed"))
    if out is None:
        shell.out.line(pem.rstrip("\n"))
    else:
        write_text(out, pem)
        shell.out.line(shell.text("key-written", key=public_key(pem).id, path=str(out)))
    return 0


@new_command("rotate", "help-records-key-rotate", key)
@lab_option
@click.pass_context
def rotate(ctx: click.Context, lab: Path | None) -> int:
    """Make a new signing key; the present one signs that it hands over."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import rotate_key

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        shell.out.line(shell.text("key-rotated", key=rotate_key(records)))
    return 0


@new_command("anchor", "help-records-anchor")
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@json_flag
@click.pass_context
def anchor(ctx: click.Context, run: str | None, lab: Path | None, as_json: bool) -> int:
    """Print the tree head that fixes the records, to be kept elsewhere."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import anchor as lab_anchor

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        head = lab_anchor(records, records.find_run(run) if run else None)
    if head is None:
        raise UsageError(msg("cli.nothing-signed"))
    if as_json:
        shell.out.json({"anchor": str(head), "n": head.n, "root": head.root})
    else:
        shell.out.line(str(head))
    return 0


@new_command("stamp", "help-records-stamp")
@lab_option
@option("--tsa", metavar="URL", help="option-tsa")
@option("--request", type=_file, metavar="FILE.tsq", help="option-tsq")
@option("--response", type=_file, metavar="FILE.tsr", help="option-tsr")
@click.pass_context
def stamp(
    ctx: click.Context,
    lab: Path | None,
    tsa: str | None,
    request: Path | None,
    response: Path | None,
) -> int:
    """Have the records so far stamped by a timestamp authority (RFC 3161)."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import stamping

    shell = shell_of(ctx)
    if sum(way is not None for way in (tsa, request, response)) != 1:
        raise UsageError(msg("cli.one-way-to-stamp"))
    with open_lab(lab) as records:
        if request is not None:
            require_writable(request)
            request.write_bytes(stamping.request_for(records))
            shell.out.line(shell.text("stamp-request", path=str(request)))
            return 0
        if response is not None:
            head, seen = stamping.take_response(records, read_file(response))
        else:
            head, seen = stamping.stamped(records, stamping.ask_by_http(tsa or ""))
    shell.out.line(shell.text("stamped", n=head.n, by=seen.by, at=seen.at))
    return 0


def read_file(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(msg("cli.not-read", path=str(path))) from error
