"""`benchctl bench`: what is connected where, whether it answers, and making it safe."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.benches import find_bench_file, opened, read_bench_file
from benchctl.cli.cells import plain, table
from benchctl.cli.failures import show_error
from benchctl.cli.operator import TerminalOperator
from benchctl.cli.options import (
    bench_option,
    json_flag,
    lab_option,
    new_command,
    new_group,
    option,
    shell_of,
)
from benchctl.cli.shop.scan import scan
from benchctl.cli.signals import Deaf, StopSignals
from benchctl.cli.wording import message_text, verdict_text
from benchctl.core.errors import RecordError, UnsafeError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench import Bench, BenchFile, Undo
    from benchctl.cli.benches import Found
    from benchctl.cli.shell import Shell
    from benchctl.core.events import GateChecked, MadeSafe
    from benchctl.records import Lab, StoredEvent

command = new_group("bench", "help-bench")
command.add_command(scan)


@new_command("show", "help-bench-show", command)
@bench_option
@lab_option
@json_flag
@click.pass_context
def show(ctx: click.Context, bench: Path | None, lab: Path | None, as_json: bool) -> int:
    """Show a bench file."""
    shell = shell_of(ctx)
    file = read_bench_file(find_bench_file(bench, lab), lab)
    data = as_plain_data(file)
    if as_json:
        shell.out.json(data)
        return 0
    simulated = f" ({shell.text('simulated')})" if data["simulated"] else ""
    shell.out.line(f"{file.name}{simulated}")
    header = [shell.text(n) for n in ("instrument", "driver", "address", "serial", "standard")]
    rows = [
        [i["name"], i["driver"], i["at"], i["serial"] or "-", i["standard"] or "-"]
        for i in data["instruments"]
    ]
    roles = [[r["role"], r["channels"]] for r in data["roles"]]
    lines = ["", *table(header, rows), ""]
    lines += table([shell.text("role"), shell.text("channel")], roles)
    for line in lines:
        shell.out.line(line)
    return 0


def as_plain_data(file: BenchFile) -> dict[str, Any]:
    """Return what a bench file says, as plain data."""
    return {
        "name": file.name,
        "path": file.source.name,
        "sha256": file.sha256,
        "simulated": file.simulated is not None,
        "instruments": [
            {
                "name": i.name,
                "driver": i.driver,
                "at": i.at,
                "serial": i.serial,
                "standard": i.standard,
            }
            for i in file.instruments.values()
        ],
        "standards": [
            {
                "name": s.name,
                "model": s.model,
                "serial": s.serial,
                "certificate": s.certificate,
                "due": s.due.isoformat(),
            }
            for s in file.standards.values()
        ],
        "roles": [
            {"role": role, "channels": _channels(binding)} for role, binding in file.roles.items()
        ],
    }


def _channels(binding: Any) -> str:
    """Return the channels behind a role in one line."""
    if hasattr(binding, "ways"):
        return "; ".join(f"{name}: {_channels(way)}" for name, way in binding.ways.items())
    if hasattr(binding, "ranges"):
        return " / ".join(_channels(part) for part in binding.ranges)
    if hasattr(binding, "channels"):
        return " + ".join(str(channel) for channel in binding.channels)
    at = f" at {binding.at}" if hasattr(binding, "at") else ""
    return f"{binding.channel}{at}"


@new_command("check", "help-bench-check", command)
@bench_option
@lab_option
@json_flag
@click.pass_context
def check(ctx: click.Context, bench: Path | None, lab: Path | None, as_json: bool) -> int:
    """Identify every instrument; exit code 1 where one is not as named."""
    shell = shell_of(ctx)
    file = read_bench_file(find_bench_file(bench, lab), lab)
    with opened(shell, file, lab) as (_, found, _records):
        answers, errors = dict(found.answers), dict(found.errors)
    rows = [
        {
            "name": name,
            "address": entry.at,
            "identity": answers[name].identity if name in answers else None,
            "serial": answers[name].serial if name in answers else None,
            "problem": errors[name].words(shell.language) if name in errors else None,
        }
        for name, entry in file.instruments.items()
    ]
    if as_json:
        shell.out.json(rows)
        return int(bool(errors))
    header = [shell.text(n) for n in ("instrument", "address", "answer")]
    cells = [
        [str(r["name"]), str(r["address"]), plain(r["identity"] or r["problem"] or "-")]
        for r in rows
    ]
    for line in table(header, cells):
        shell.out.line(line)
    name = "bench-not-ok" if errors else "bench-ok"
    shell.out.line(shell.text(name, count=len(rows), failed=len(errors)))
    return int(bool(errors))


@new_command("gate", "help-bench-gate", command)
@bench_option
@option("--operator", default="", metavar="NAME", help="option-operator")
@option("--yes", is_flag=True, help="option-yes")
@option("--seed", type=click.IntRange(0), help="option-seed")
@option("--speed", default="max", metavar="max|real|FACTOR", help="option-speed")
@lab_option
@json_flag
@click.pass_context
def gate(ctx: click.Context, /, **options: Any) -> int:
    """Make the checks of a bench's gate; exit code 1 where one fails."""
    from benchctl.core.events import GateChecked, body
    from benchctl.engine import GateFailedError, RunRequest, run_gate

    shell = shell_of(ctx)
    lab, as_json = options["lab"], options["as_json"]
    path = find_bench_file(options["bench"], lab)
    file = read_bench_file(path, lab)
    made: list[dict[str, Any]] = []

    def tell(stored: StoredEvent) -> None:
        if isinstance(stored.event, GateChecked):
            made.append(body(stored.event))
            if not as_json:
                shell.out.line(gate_line(shell, file, stored.event))

    names = ("operator", "yes", "seed", "speed")
    request = RunRequest(
        "gate", path, lab=lab, language=shell.language, **{name: options[name] for name in names}
    )
    with StopSignals(shell) as signals:
        operator = TerminalOperator(
            shell, name=request.operator, yes=request.yes, stop=signals.stop
        )
        with closing(operator):
            report = run_gate(
                request, operator=operator, listeners=[tell], on_scheduler=signals.attach
            )
    if as_json:
        shell.out.json({"run": report.run, "passed": report.error is None, "checks": made})
    if report.error is not None:
        show_error(shell, report.error)
        return 1 if isinstance(report.error, GateFailedError) else report.exit_code
    if not as_json:
        assert file.gate is not None
        hours = f"{file.gate.valid_for / 3600.0:g} h"
        shell.out.line(shell.text("gate-passed", bench=file.name, hours=hours))
    return 0


def gate_line(shell: Shell, file: BenchFile, made: GateChecked) -> str:
    """Return what came of a check in one line."""
    from benchctl.bench import gate_titles

    titles = gate_titles(file.gate).get(made.check, {})
    return shell.text(
        "gate-check",
        verdict=verdict_text(shell, "pass" if made.passed else "fail"),
        check=plain(titles.get(shell.language) or made.check),
        why=message_text(shell, made.why),
    )


@new_command("safe", "help-bench-safe", command)
@bench_option
@lab_option
@click.pass_context
def safe(ctx: click.Context, bench: Path | None, lab: Path | None) -> int:
    """Make a bench safe, with the records or without; signals are ignored until it is."""
    shell = shell_of(ctx)
    file = read_bench_file(find_bench_file(bench, lab), lab)
    with Deaf(shell), opened(shell, file, lab, in_need=True) as (made, found, records):
        outcome, recovered = _made_safe(made, found, records)
    for error in [*found.errors.values(), *([found.lost] if found.lost else [])]:
        show_error(shell, error)
    failed = dict.fromkeys([*found.errors, *(str(f["instrument"]) for f in outcome.failed)])
    if failed:
        for failure in outcome.failed:
            shell.err.line(f"  {plain(str(failure['instrument']))}: {plain(str(failure['error']))}")
        raise UnsafeError(
            msg("engine.unsafe", names=", ".join(failed)), hint=msg("cli.unsafe-hint")
        )
    done = ", ".join(outcome.done) or "-"
    shell.out.line(shell.text("bench-safe", bench=file.name, done=done))
    for run in recovered:
        shell.out.line(shell.text("recovered", run=run, bench=file.name))
    return 0 if found.lost is None else found.lost.exit_code


def _made_safe(bench: Bench, found: Found, records: Lab | None) -> tuple[MadeSafe, list[str]]:
    """Bring everything to rest, what runs that were cut off left first, and note it there.

    Trouble with the records is kept in `found.lost`: it never comes before the safe state.
    """
    from benchctl.core.clock import RealClock
    from benchctl.engine import left_energised, note_open_runs

    undos: list[Undo] = []
    recovered: list[str] = []
    name = bench.file.name
    try:
        undos = left_energised(records, name) if records is not None else []
    except RecordError as lost:
        found.lost = lost
    outcome = bench.make_safe(undos, "bench safe")
    if records is not None and not (found.lost or found.errors or outcome.failed):
        try:
            recovered = note_open_runs(records, name, outcome, RealClock())
        except RecordError as lost:
            found.lost = lost
    return outcome, recovered
