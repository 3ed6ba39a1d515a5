"""`benchctl drivers decode`: what a frame says, or why it is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, shell_of
from benchctl.cli.shell import Shell
from benchctl.cli.shop.places import shelf_of
from benchctl.core.errors import InstrumentError, UsageError
from benchctl.core.messages import msg

MOST = 1 << 16
"""Characters of a file of frames that are read."""


@new_command("decode", "help-drivers-decode")
@click.argument("protocol")
@click.argument("frame", nargs=-1, required=True, metavar="HEX|FILE|-")
@lab_option
@json_flag
@click.pass_context
def decode(
    ctx: click.Context, protocol: str, frame: tuple[str, ...], lab: Path | None, as_json: bool
) -> int:
    """Say what a frame means; exit code 1 where it is refused."""
    from benchctl.workshop import frame_bytes

    shell = shell_of(ctx)
    data = frame_bytes(_text(frame))
    try:
        fields = _fields(shell, protocol, data, lab)
    except InstrumentError as refused:
        problem = shell.words(refused.message)
        if as_json:
            shell.out.json({"ok": False, "protocol": protocol, "problem": problem})
        else:
            shell.out.line(shell.words(msg("workshop.frame-refused", what=problem)))
        return 1
    if as_json:
        shell.out.json({"ok": True, "protocol": protocol, "fields": fields})
        return 0
    header = [shell.words(msg(f"workshop.{name}")) for name in ("field", "value")]
    for line in table(header, [[name, _shown(value)] for name, value in _flat(fields)]):
        shell.out.line(line)
    return 0


def _fields(shell: Shell, protocol: str, data: bytes, lab: Path | None) -> dict[str, Any]:
    """Return what a protocol's decoder, or else a driver, takes the bytes for."""
    from benchctl.driver import DECODERS, decode_frame, known_protocol
    from benchctl.workshop import driver_for, reply_to

    if known_protocol(protocol) not in DECODERS:
        driver = driver_for(protocol, shelf_of(shell, lab))
        if driver is not None:
            return reply_to(driver, data)
    return decode_frame(protocol, data)


def _text(given: tuple[str, ...]) -> str:
    """Return what was given, or what lies in the file that was, or on standard input."""
    if given == ("-",):
        return sys.stdin.read(MOST)
    path = Path(given[0])
    try:
        if len(given) == 1 and _is_file(path):
            return path.read_text(encoding="ascii")[:MOST]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(msg("workshop.no-frame-file", path=str(path), what=str(error))) from error
    return " ".join(given)


def _is_file(path: Path) -> bool:
    """Return whether it is a file; a frame written out is often longer than a name may be."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _flat(fields: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields in order, nested ones under names with dots; a value with its unit."""
    for name, value in fields.items():
        if isinstance(value, dict) and {"value", "unit"} <= set(value):
            yield f"{before}{name}", f"{value['value']} {value['unit']}".strip()
            more = {what: said for what, said in value.items() if what not in ("value", "unit")}
            yield from _flat(more, f"{before}{name}.")
        elif isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                yield from _flat(one, f"{before}{name}.{number}.")
        else:
            yield f"{before}{name}", value


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)
