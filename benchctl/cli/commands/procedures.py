"""`benchctl procedures`: the shelf of procedures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import table
from benchctl.cli.gallery import gallery
from benchctl.cli.options import (
    json_flag,
    lab_option,
    new_command,
    new_group,
    option,
    shell_of,
)
from benchctl.cli.procedure_diff import as_json as differences_as_json
from benchctl.cli.procedure_diff import lines, procedure_by_way
from benchctl.cli.shell import Shell
from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.procedure import Limit, Need, Procedure

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


@new_command("new", "help-procedures-new", command)
@click.argument("name")
@option("--like", metavar="NAME", shell_complete=known.procedures, help="option-like")
@lab_option
@click.pass_context
def new(ctx: click.Context, name: str, like: str | None, lab: Path | None) -> int:
    """Write a new procedure into a lab folder."""
    from benchctl.cli.starter.procedure import procedure_text
    from benchctl.procedure import find_procedure, picture_files

    shell = shell_of(ctx)
    folder = (lab or shell.lab or Path()) / "procedures"
    path = folder / f"{name}.yaml"
    other = find_procedure(like, lab, shell.extra) if like else None
    text = procedure_text(name, other.read_text(encoding="utf-8") if other else "")
    files = {path: text.encode()}
    if other is not None:
        procedure = procedure_by_way(shell, str(other), lab)
        files |= {folder / table: text.encode() for table, text in procedure.tables.items()}
        for picture in picture_files(procedure):
            files[folder / picture.relative_to(other.parent)] = picture.read_bytes()
    _write(files)
    shell.out.line(shell.text("procedure-written", path=str(path)))
    return 0


def _write(files: dict[Path, bytes]) -> None:
    """Write files of which none may be there.

    Raises:
        UsageError: one is.
        RecordError: one cannot be written.
    """
    for path in files:
        if path.exists():
            raise UsageError(msg("workshop.there-already", path=str(path)))
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            reason = error.strerror or str(error)
            raise RecordError(msg("cli.not-written", path=str(path), reason=reason)) from error


@new_command("diff", "help-procedures-diff", command)
@click.argument("before", shell_complete=known.procedures)
@click.argument("after", shell_complete=known.procedures)
@lab_option
@json_flag
@click.pass_context
def diff(ctx: click.Context, before: str, after: str, lab: Path | None, as_json: bool) -> int:
    """Show what differs between two procedures; exit code 1 where something does."""
    from benchctl.procedure import differences

    shell = shell_of(ctx)
    one, other = (procedure_by_way(shell, text, lab) for text in (before, after))
    found = differences(one, other)
    if as_json:
        shell.out.json(differences_as_json(found))
    else:
        for line in lines(shell, found, (before, after)):
            shell.out.line(line)
    return int(bool(found))


@new_command("gallery", "help-procedures-gallery", command)
@lab_option
@click.pass_context
def gallery_(ctx: click.Context, lab: Path | None) -> int:
    """Print a page that shows every procedure."""
    from benchctl.procedure import list_procedures

    shell = shell_of(ctx)
    paths = [found.path for found in list_procedures(lab, shell.extra)]
    for line in gallery(shell, [procedure_by_way(shell, str(path), lab) for path in paths]):
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
                "limits": [{"when": when, "mpe": mpe} for mpe, when in map(_limit, part.limits)],
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
    standards = {procedure.standard.title: procedure.standard}
    standards |= {v.standard.title: v.standard for v in procedure.variants.values()}
    lines = [
        f"{procedure.name}: {in_language(procedure.title, shell.language)}",
        *(
            f"{shell.text('standard')}: {title}"
            + (f" ({', '.join(s.see_also)})" if s.see_also else "")
            for title, s in standards.items()
        ),
        f"{shell.text('bench')}: {procedure.simulated_bench or '-'}",
        f"{shell.text('file')}: {path}",
        f"{shell.text('items')}: {', '.join(i.name for i in procedure.items)}",
        f"{shell.text('points')}: {', '.join(procedure.point_names())}",
        f"{shell.text('stages')}: {', '.join(procedure.stages_known())}",
        "",
    ]
    lines += [*_limits(shell, procedure), ""]
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


def _limits(shell: Shell, procedure: Procedure) -> list[str]:
    """Return the limits of every item as the file has them, the first that fits holds."""
    rows = []
    for part in procedure.measured:
        for n, limit in enumerate(part.limits):
            mpe, when = _limit(limit)
            unit = part.measurand.unit
            rows.append(["" if n else part.item or part.measurand.name, f"{mpe} {unit}", when])
    return table([shell.text("item"), shell.text("limits"), ""], rows)


def _limit(limit: Limit) -> tuple[str, str]:
    """Return a limit and when it holds, in the words of the file."""
    scale = "" if limit.factor == 1.0 else f"{limit.factor:g} * "
    high = limit.high.text
    if scale or (limit.low is None and limit.high.names):
        high = f"{scale}{high}" if high.startswith("(") else f"{scale}({high})"
    when = "" if limit.when is None else limit.when.text
    if limit.low is None:
        return f"±{high}", when
    low = f"{scale}({limit.low.text})" if scale else limit.low.text
    return f"[{low}, {high}]", when


def _kind(need: Need) -> str:
    if need.per_uut:
        return "per-uut"
    return "is-set" if need.settable else "is-read"


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
