"""`benchctl drivers record`: what goes over the wire between a driver and a real instrument."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli import names as known
from benchctl.cli.files import write_text
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.shop.places import shelf_of
from benchctl.core.messages import msg


@new_command("record", "help-drivers-record")
@click.argument("driver", shell_complete=known.drivers)
@option("--at", required=True, help="option-at")
@option(
    "--out", "out", type=click.Path(dir_okay=False, path_type=Path), help="option-transcript-out"
)
@option("--hardware/--simulated", default=None, help="option-hardware")
@lab_option
@json_flag
@click.pass_context
def record(
    ctx: click.Context,
    driver: str,
    at: str,
    out: Path | None,
    hardware: bool | None,
    lab: Path | None,
    as_json: bool,
) -> int:
    """Record a transcript; nothing is set."""
    from benchctl.core.clock import RealClock, utc_now
    from benchctl.core.ports import NullSink
    from benchctl.links import LinkFactory
    from benchctl.workshop import FOLDER, record, written

    shell = shell_of(ctx)
    cls = shelf_of(shell, lab).find(driver)
    links = LinkFactory(RealClock(), NullSink())
    try:
        facts = {"recorded": utc_now().isoformat(timespec="seconds")}
        transcript = record(cls, links, at, driver, facts, hardware=hardware)
    finally:
        links.close()
    path = out or (lab or Path()) / "drivers" / FOLDER / f"{driver}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, written(transcript))
    failed = [operation for operation in transcript.operations if operation.error]
    if as_json:
        shell.out.json(
            {
                "path": str(path),
                "identity": transcript.facts["identity"],
                "hardware": transcript.hardware,
                "failed": {op.channel or op.name: op.error for op in failed},
            }
        )
        return int(bool(failed))
    for operation in failed:
        shell.err.line(f"  {operation.channel or operation.name}: {operation.error}")
    name = "workshop.recorded" if transcript.hardware else "workshop.recorded-simulated"
    count = sum(op.name == "read" and not op.error for op in transcript.operations)
    shell.out.line(shell.words(msg(name, path=str(path), count=count)))
    return int(bool(failed))
