"""`benchctl procedures`: the shelf of procedures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.options import json_flag, lab_option, new_command, new_group, shell_of
from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.procedure import Need, Procedure

command = new_group("procedures", "help-procedures")


@new_command("list", "help-procedures-list", command)
@lab_option
@json_flag
@click.pass_context
def list_(ctx: click.Context, lab: Path | None, as_json: bool) -> int:
    """List the procedures that can be found."""
    from benchctl.procedure import list_procedures

    shell = shell_of(ctx)
    rows = [_row(shell, found.path) for found in list_procedures(lab, shell.extra)]
    if as_json:
        shell.out.json(rows)
        return 0
    header = [shell.text(name) for name in ("name", "title", "standard", "from")]
    cells = [[r["name"], r["title"] or r["problem"], r["standard"], r["path"]] for r in rows]
    for line in table(header, cells):
        shell.out.line(line)
    return 0


def _row(shell: Shell, path: Path) -> dict[str, Any]:
    from benchctl.language import Diagnostics
    from benchctl.procedure import load_procedure

    diagnostics = Diagnostics()
    procedure = load_procedure(path, diagnostics)
    row: dict[str, Any] = {"name": path.stem, "path": str(path)}
    if procedure is None or diagnostics.failed:
        problem = shell.text("has-mistakes", path=str(path))
        return row | {"title": "", "standard": "", "problem": problem}
    return row | {
        "title": in_language(procedure.title, shell.language),
        "standard": procedure.standard.title,
        "points": list(procedure.point_names()),
        "stages": list(procedure.stages_known()),
        "simulated_bench": procedure.simulated_bench,
        "sha256": procedure.sha256,
        "problem": None,
    }


def in_language(texts: Any, language: str) -> str:
    """Return a text that a file gives per language, in `language` if it is there."""
    return str(texts.get(language) or next(iter(texts.values()), ""))


@new_command("show", "help-procedures-show", command)
@click.argument("procedure", shell_complete=known.procedures)
@lab_option
@json_flag
@click.pass_context
def show(ctx: click.Context, procedure: str, lab: Path | None, as_json: bool) -> int:
    """Show what a procedure measures, asks and judges."""
    from benchctl.language import Diagnostics
    from benchctl.procedure import find_procedure, load_procedure

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    path = find_procedure(procedure, lab, shell.extra)
    loaded = load_procedure(path, diagnostics)
    diagnostics.raise_if_failed()
    assert loaded is not None
    if as_json:
        shell.out.json(_as_json(loaded, path))
        return 0
    for line in _lines(shell, loaded, path):
        shell.out.line(line)
    return 0


def _as_json(procedure: Procedure, path: Path) -> dict[str, Any]:
    return {
        "name": procedure.name,
        "path": str(path),
        "title": dict(procedure.title),
        "standard": procedure.standard.title,
        "in_force": procedure.standard.in_force,
        "see_also": list(procedure.standard.see_also),
        "simulated_bench": procedure.simulated_bench,
        "parameters": [
            {
                "name": p.name,
                "unit": p.unit,
                "choices": list(p.choices),
                "at_least": p.at_least,
                "at_most": p.at_most,
                "default": p.default,
            }
            for p in procedure.parameters.values()
        ],
        "needs": [
            {
                "role": n.role,
                "unit": n.unit,
                "settable": n.settable,
                "per_uut": n.per_uut,
                "optional": n.optional,
            }
            for n in procedure.needs.values()
        ],
        "items": [item.name for item in procedure.items],
        "variants": _variants(procedure),
        "points": list(procedure.point_names()),
        "stages": list(procedure.stages_known()),
        "rule": procedure.decision.rule,
        "measured": [
            {
                "item": part.result_item,
                "quantity": part.measurand.name,
                "unit": part.measurand.unit,
                "rule": part.decision.rule,
                "points": [point.name for point in part.points],
            }
            for part in procedure.measured
        ],
        "notes": list(procedure.notes),
        "sha256": procedure.sha256,
    }


def _variants(procedure: Procedure) -> dict[str, list[Any]]:
    """Return by parameter the choices that lay something over the file."""
    return {axis: list(procedure.parameters[axis].choices) for axis in procedure.axes}


def _lines(shell: Shell, procedure: Procedure, path: Path) -> list[str]:
    standard = procedure.standard
    also = f" ({', '.join(standard.see_also)})" if standard.see_also else ""
    lines = [
        f"{procedure.name}: {in_language(procedure.title, shell.language)}",
        f"{shell.text('standard')}: {standard.title}{also}",
        f"{shell.text('file')}: {path}",
        f"{shell.text('items')}: {', '.join(i.name for i in procedure.items)}",
        f"{shell.text('points')}: {', '.join(procedure.point_names())}",
        f"{shell.text('stages')}: {', '.join(procedure.stages_known())}",
        "",
    ]
    header = [shell.text(n) for n in ("parameter", "unit", "default", "choices")]
    rows = [
        [p.name, p.unit, _shown(p.default), ", ".join(_shown(c) for c in p.choices)]
        for p in procedure.parameters.values()
    ]
    lines += [*table(header, rows), ""]
    roles = [[n.role, n.unit, shell.text(_kind(n))] for n in procedure.needs.values()]
    lines += table([shell.text("role"), shell.text("unit"), ""], roles)
    if procedure.notes:
        lines += ["", shell.text("plan-notes"), *(f"  {note}" for note in procedure.notes)]
    return lines


def _kind(need: Need) -> str:
    if need.per_uut:
        return "per-uut"
    return "is-set" if need.settable else "is-read"


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
