"""`benchctl records sample`: a random sample of a list of units, that anybody can draw again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, new_command, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg


@new_command("sample", "help-records-sample")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--size", type=click.IntRange(1), required=True, help="option-sample-size")
@option("--seed", default=None, metavar="TEXT", help="option-sample-seed")
@option("--out", type=click.Path(dir_okay=False, path_type=Path), help="option-sample-out")
@json_flag
@click.pass_context
def sample(ctx: click.Context, /, **options: Any) -> int:
    """Draw a random sample of the serial numbers of a batch file."""
    from benchctl.language import Diagnostics, read_batch

    shell = shell_of(ctx)
    if options["out"] is not None:
        require_writable(options["out"])
    diagnostics = Diagnostics()
    batch = read_batch(options["file"], diagnostics)
    diagnostics.raise_if_failed()
    assert batch is not None
    serials = [row.serial for row in batch.rows]
    seed = options["seed"] if options["seed"] is not None else secrets.token_hex(8)
    drawn = draw(serials, options["size"], seed)
    if options["out"] is not None:
        write_text(options["out"], "\n".join(["serial", *map(_quoted, drawn)]) + "\n")
    if options["as_json"]:
        shell.out.json({"seed": seed, "of": len(serials), "sample": drawn})
        return 0
    told = msg("statistics.drawn", n=len(drawn), of=len(serials), seed=seed)
    shell.out.line(shell.words(told))
    for serial in () if options["out"] is not None else drawn:
        shell.out.line(serial)
    return 0


def draw(serials: Sequence[str], size: int, seed: str) -> list[str]:
    """Return a random sample; the same seed and list give the same sample, in any program.

    Serial numbers are put in the order of SHA-256 over seed, a line break and the serial number
    (UTF-8); the first ones are the sample. It depends neither on the order of the list nor on a
    generator of random numbers.

    Raises:
        UsageError: there are fewer units.
    """
    if size > len(serials):
        raise UsageError(msg("statistics.too-few", found=len(serials), wanted=size))
    ranked = sorted(serials, key=lambda s: hashlib.sha256(f"{seed}\n{s}".encode()).digest())
    return ranked[:size]


def _quoted(serial: str) -> str:
    return f'"{serial.replace(chr(34), chr(34) * 2)}"' if set(serial) & set(',"\r\n') else serial
