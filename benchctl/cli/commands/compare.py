"""`benchctl compare`: scores of a comparison between laboratories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from benchctl.cli.cells import plain, table
from benchctl.cli.commands.stats import text_of
from benchctl.cli.options import json_flag, new_command, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.metrology import Comparison, Participant

NOT_NEGATIVE = click.FloatRange(0)
POSITIVE = click.FloatRange(0, min_open=True)


@new_command("compare", "help-compare")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@option("--reference", default="", metavar="NAME", help="option-reference")
@option("--assigned", type=float, default=None, help="option-assigned")
@option("--u-assigned", "u_assigned", type=NOT_NEGATIVE, default=None, help="option-u-assigned")
@option("--s", "s", type=POSITIVE, default=None, help="option-s")
@json_flag
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    reference: str,
    assigned: float | None,
    u_assigned: float | None,
    s: float | None,
    as_json: bool,
) -> int:
    """Score a comparison: name, value, U (k = 2) per line; exit code 1 where somebody must act."""
    from benchctl.metrology import score_all

    if reference and assigned is not None:
        raise UsageError(msg("cli.exclusive", one="--reference", other="--assigned"))
    shell = shell_of(ctx)
    everybody = participants(text_of(file), file)
    if reference and reference not in {p.name for p in everybody}:
        raise UsageError(msg("cli.compare-no-lab", path=file, name=reference))
    if len(everybody) < 2:
        raise UsageError(msg("cli.compare-few", path=file))
    found = score_all(everybody, reference=reference, assigned=assigned, u_assigned=u_assigned, s=s)
    if as_json:
        shell.out.json(found.as_json())
    else:
        for line in _lines(shell, found):
            shell.out.line(line)
    scores = [score for r in found.scored for score in (r.en, r.z, r.zeta) if score is not None]
    return int(any(score.grade == "action" for score in scores))


def _lines(shell: Shell, found: Comparison) -> list[str]:
    figures = {"value": found.assigned, "u": found.u_assigned, "s": found.s}
    rows = [
        [
            plain(r.participant.name),
            f"{r.participant.value:.8g}",
            f"{r.participant.U:.3g}" if r.participant.U else "-",
            f"{r.difference:+.4g}",
            *("-" if score is None else f"{score.value:+.2f}" for score in (r.en, r.z, r.zeta)),
        ]
        for r in found.scored
    ]
    header = [shell.text("laboratory"), "x", "U", shell.text("difference"), "En", found.z_name]
    about = shell.text("compare-assigned", **{k: f"{v:.6g}" for k, v in figures.items()})
    return [about, "", *table([*header, "ζ"], rows, right={1, 2, 3, 4, 5, 6})]


def participants(text: str, name: str) -> list[Participant]:
    """Return who took part: name, value and, where it is given, U for k = 2.

    A first line whose second cell is no number is the header; empty lines are passed over.

    Raises:
        UsageError: a line is not of that form, or nobody is there.
    """
    import csv
    import io

    from benchctl.metrology import Participant

    first = text.lstrip().partition("\n")[0]
    delimiter = next((d for d in (";", "\t", ",") if d in first), ",")
    found: list[Participant] = []
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) not in (2, 3) or not cells[0]:
            raise UsageError(msg("cli.compare-columns", path=name))
        figures = [_figure(cell) for cell in cells[1:]]
        if figures[0] is None and not found and reader.line_num == 1:
            continue
        if None in figures or (len(figures) == 2 and (figures[1] or 0.0) < 0.0):
            shown = ",".join(cells)[:60]
            raise UsageError(msg("cli.compare-bad", path=name, line=reader.line_num, text=shown))
        found.append(Participant(cells[0], *(f for f in figures if f is not None)))
    if not found:
        raise UsageError(msg("cli.compare-few", path=name))
    return found


def _figure(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
