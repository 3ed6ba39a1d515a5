"""`records trace` on a screen: a number's way back, and the runs that relied on a standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from benchctl.cli.cells import plain, table
from benchctl.cli.wording import message_text, verdict_text
from benchctl.core.errors import UsageError
from benchctl.core.messages import catalog, message_from_json, msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab

JSON = Mapping[str, Any]
Options = Mapping[str, Any]
SHORT = 16
"""So many digits of a hash are shown on the screen; `--json` has them all."""


def show_trace(shell: Shell, lab: Lab, options: Options) -> None:
    """Print what a number rests on, or with neither unit nor point what a run rests on.

    Raises:
        UsageError: there is no such run, unit, point or number.
    """
    from benchctl.engine.audit import Evidence, overview, trace

    evidence = Evidence.read(lab, lab.find_run(options["run"]))
    serial, point, number = options["uut"], options["point"], options["number"]
    if bool(serial) != bool(point) or (number and not serial):
        raise UsageError(msg("audit.needs-point"))
    occasion = (options["occasion"] or "").replace("-", "_")
    found = (
        trace(evidence, serial, point, number, occasion=occasion) if serial else overview(evidence)
    )
    if options["as_json"]:
        shell.out.json(_worded(shell, found))
        return
    for line in _lines(shell, found, number) if serial else _whole(shell, found):
        shell.out.line(line)


def _worded(shell: Shell, data: Any) -> Any:
    """Return plain data with the wording of every sentence in it."""
    if isinstance(data, dict):
        if set(data) == {"id", "args"}:
            return {**data, "text": shell.words(message_from_json(data))}
        return {key: _worded(shell, value) for key, value in data.items()}
    return [_worded(shell, value) for value in data] if isinstance(data, list) else data


def _lines(shell: Shell, found: JSON, number: str | None) -> Iterator[str]:
    say = _speaker(shell)
    verdict = verdict_text(shell, found["verdict"])
    yield shell.out.paint(say("head", verdict=verdict, **_of(found, "uut", "point")), "bold")
    yield from _formula(shell, found)
    numbers = found["numbers"] or [
        n for run in found["runs"][-1:] for n in run["numbers"] if n["name"] == number
    ]
    yield ""
    for line in table(
        ["", "", ""],
        [[n["name"], _value(n["value"]), message_text(shell, n["how"])] for n in numbers],
    )[1:]:
        yield f"  {line}"
    for run in found["runs"]:
        yield ""
        yield from _run_lines(shell, run)


def _formula(shell: Shell, found: JSON) -> Iterator[str]:
    say, formula = _speaker(shell), found["formula"]
    quantity = f"{formula['quantity']} [{formula['unit']}]"
    yield f"  {say('formula', quantity=quantity, model=formula['model'])}"
    for step in formula["where"]:
        yield f"    {say('step', name=step['name'], value=step['value'])}"
    yield f"  {say('procedure', **_of(found['procedure'], 'name', 'standard', 'sha256'))}"


def _run_lines(shell: Shell, run: JSON) -> Iterator[str]:
    say = _speaker(shell)
    start, stop = (f"{t:.10g}" for t in run["window"])
    yield say("run", run=run["run"], seq=run["record"]["seq"], start=start, stop=stop)
    if run["problem"]:
        yield f"  {say('invalid', problem=message_text(shell, run['problem']))}"
    for found in run["inputs"]:
        yield from _input_lines(shell, found)
    if run["budget"]:
        yield from (f"  {line}" for line in budget_lines(shell, run["budget"]))
    if run["settings"]:
        yield f"  {say('settings')}"
    for s in run["settings"]:
        value = _value(s["value"])
        yield "    " + say("setting", **_of(s, "instrument", "channel", "unit", "t"), value=value,
                           seq=s["record"]["seq"])  # fmt: skip


def _input_lines(shell: Shell, found: JSON) -> Iterator[str]:
    say = _speaker(shell)
    yield f"  {say('input', **_of(found, 'name', 'unit'), value=_value(found['value']))}"
    if found["constant"]:
        yield f"    {say('figure')}"
    for source in found["sources"]:
        keys = ("instrument", "channel", "unit", "driver", "address", "serial")
        text = say("source", **_of(source, *keys))
        if (source["factor"], source["offset"]) != (1.0, 0.0):
            text += f"; {say('scaled', **_of(source, 'factor', 'offset'))}"
        yield f"    {text}"
    if found["standard"]:
        told = _of(found["standard"], "name", "serial", "certificate", "due")
        yield f"    {say('standard', **told)}"
    for block in found["raw"]:
        yield f"    {_block_text(shell, block)}"


def _block_text(shell: Shell, block: JSON) -> str:
    say = _speaker(shell)
    return say(
        "raw",
        series=block["series"],
        first=block["first"],
        last=block["first"] + block["rows"] - 1,
        seq=block["record"]["seq"],
        sha256=str(block["sha256"])[:SHORT],
    )


def budget_lines(shell: Shell, budget: list[JSON]) -> list[str]:
    """Return the table of a budget as a record has it."""
    names = ("input", "source", "value", "u", "distribution", "dof", "c", "part")
    rows = [
        [
            line["input"],
            _named(shell, "source", line["source"]),
            f"{line['value']:.10g}",
            f"{line['u']:.3g}",
            _named(shell, "distribution", line["distribution"]),
            "∞" if line["dof"] is None else f"{line['dof']:.4g}",
            f"{line['sensitivity']:.4g}",
            f"{line['contribution']:.3g}",
        ]
        for line in budget
    ]
    return table([shell.text(f"budget-{n}") for n in names], rows, right={2, 3, 5, 6, 7})


def _whole(shell: Shell, found: JSON) -> Iterator[str]:
    say = _speaker(shell)
    yield say("procedure", **_of(found["procedure"], "name", "standard", "sha256"))
    yield shell.out.paint(say("standards"), "bold")
    for s in found["standards"]:
        text = say("standard", **_of(s, "name", "serial", "certificate", "due"))
        yield f"  {s['role']}: {text}"
    yield shell.out.paint(say("instruments"), "bold")
    rows = [[i["instrument"], i["driver"], i["address"], i["serial"]] for i in found["instruments"]]
    yield from (f"  {line}" for line in table(["", "", "", ""], rows)[1:])
    yield say("blocks", count=len(found["raw"]))
    points = dict.fromkeys(p["point"] for p in found["points"])
    yield say("points", points=shell.text("comma").join(points))


# the other way round --------------------------------------------------------------------------


def show_reliance(shell: Shell, lab: Lab, options: Options) -> None:
    """Print which runs relied on a standard or an instrument."""
    from benchctl.records import reliance

    say = _speaker(shell)
    found = reliance(lab, standard=options["standard"], instrument=options["instrument"])
    if options["as_json"]:
        shell.out.json([{"name": r.run, **asdict(r)} for r in found])
        return
    if not found:
        shell.out.line(say("none-relied"))
        return
    header = [
        *(shell.text(name) for name in ("run", "started", "bench")),
        *(say(f"column-{name}") for name in ("roles", "certificate", "units", "bad")),
    ]
    rows = [
        [r.run, r.utc, r.bench, ", ".join(r.roles), str(r.what.get("certificate") or "-"),
         str(r.units), str(r.not_passed)]
        for r in found
    ]  # fmt: skip
    for line in table(header, rows, right={5, 6}):
        shell.out.line(line)
    units, bad = sum(r.units for r in found), sum(r.not_passed for r in found)
    shell.out.line(say("relied", runs=len(found), units=units, bad=bad))


class _Speaker(Protocol):
    def __call__(self, id_: str, /, **args: Any) -> str: ...


def _speaker(shell: Shell) -> _Speaker:
    return lambda id_, /, **args: plain(shell.words(msg(f"audit.{id_}", **args)))


def _named(shell: Shell, kind: str, name: str) -> str:
    """Return the word for a source or a distribution; a later program may have further ones."""
    words = catalog(shell.language, "cli")
    return words.get(f"{kind}-{name.replace(' ', '-')}", name)


def _of(data: JSON, *names: str) -> dict[str, Any]:
    return {name: "-" if data.get(name) in (None, "") else data[name] for name in names}


def _value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return " … ".join(_value(v) for v in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
