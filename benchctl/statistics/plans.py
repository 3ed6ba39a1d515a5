"""Sampling plans from tables: code letter by lot size, plan by letter and AQL, arrows followed.

    tables = load_plans("iso-2859-1")
    found = find_plan(tables, Sampling(aql=1.0, level="II"), size=1200)
    found.letter, found.plan                # "J", SinglePlan(n=80, ac=2)

The tables are data (`plans/*.yaml`, or a lab's own file) and say where each of them is from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.statistics.attributes import (
    AttributesPlan,
    DoublePlan,
    SinglePlan,
    quality_at,
    two_point_single,
)
from benchctl.statistics.variables import VariablesPlan, matched, two_point_variables

FOLDER = Path(__file__).parent / "plans"
TWO_POINTS = "two-points"
"""The plan that no table has: computed between a good and a bad quality."""
UP, DOWN, SINGLE = "^", "v", "*"
Cell = int | str | tuple[int, int, int, int]
Plan = AttributesPlan | VariablesPlan


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: the sample size of a letter, and a cell for each AQL."""

    n: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A master table; `source` says where its numbers are from."""

    source: str
    lines: Mapping[str, Line]


@dataclass(frozen=True, slots=True)
class PlanTables:
    """A sampling system: `lots` are pairs of the largest lot (None: no end) and its letters."""

    name: str
    title: Mapping[str, str]
    source: str
    letters_source: str
    levels: tuple[str, ...]
    lots: tuple[tuple[int | None, tuple[str, ...]], ...]
    aql: tuple[float, ...]
    single: Mapping[str, Table]
    double: Mapping[str, Table]
    variables: Mapping[str, Mapping[str, Mapping[float, VariablesPlan]]] = field(
        default_factory=dict
    )
    variables_source: str = ""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a lot is sampled; qualities are shares, the AQL is in percent.

    `kind` is single, double or variables. With the plan `two-points` the sample follows from `good`
    and `bad` and the risks there, and nothing from a table.
    """

    plan: str = "iso-2859-1"
    level: str = "II"
    aql: float = 1.0
    severity: str = "normal"
    kind: str = "single"
    good: float = 0.01
    alpha: float = 0.05
    bad: float = 0.08
    beta: float = 0.05


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """A plan with where it is from; `letter` is "" where no table was asked.

    `whole` says that the sample would be as large as the lot: every unit is measured; `matched`
    that it is no plan of the source itself, but one by variables that does what that one does.
    """

    plan: Plan
    letter: str
    source: str
    whole: bool = False
    matched: bool = False


def load_plans(name: str, folder: Path | None = None) -> PlanTables:
    """Return the tables of a name: a file, one of the lab's `sampling/`, or what comes with us.

    Raises:
        UsageError: there is none.
        FileError: the file has mistakes.
    """
    from benchctl.statistics.plan_file import read_plans

    here = Path(name)
    places = [here] if here.suffix in (".yaml", ".yml") else []
    places += [] if folder is None else [folder / "sampling" / f"{name}.yaml"]
    places.append(FOLDER / f"{name}.yaml")
    for path in places:
        if path.is_file():
            return read_plans(path)
    known = ", ".join([TWO_POINTS, *sorted(p.stem for p in FOLDER.glob("*.yaml"))])
    raise UsageError(msg("statistics.no-plan", name=name, known=known))


def plan_of(wanted: Sampling, size: int, folder: Path | None = None) -> FoundPlan:
    """Return the plan for a lot of `size` units.

    Raises:
        UsageError: there is no such plan.
        FileError: the file of the tables has mistakes.
    """
    if wanted.plan == TWO_POINTS:
        return _between(wanted, size)
    return find_plan(load_plans(wanted.plan, folder), wanted, size)


def find_plan(tables: PlanTables, wanted: Sampling, size: int) -> FoundPlan:
    """Return the plan that the tables name for a lot of `size` units.

    Raises:
        UsageError: the tables have no such level, AQL, severity or kind.
    """
    column = _column(tables, wanted.aql)
    letter = code_letter(tables, size, wanted.level)
    if wanted.kind == "variables":
        return _by_variables(tables, wanted, letter, column, size)
    kinds = {"single": tables.single, "double": tables.double}
    table = kinds.get(wanted.kind, {}).get(wanted.severity)
    if table is None:
        raise UsageError(
            msg("statistics.no-table", kind=wanted.kind, severity=wanted.severity, name=tables.name)
        )
    letter, cell = _followed(table, letter, column)
    line = table.lines[letter]
    if cell == SINGLE:
        found = find_plan(tables, _as_single(wanted), size)
        return FoundPlan(found.plan, letter, found.source, found.whole)
    plan: AttributesPlan
    if isinstance(cell, tuple):
        plan = DoublePlan(line.n, *cell)
        whole = 2 * line.n >= size
    else:
        plan = SinglePlan(line.n, int(cell))
        whole = line.n >= size
    return FoundPlan(plan, letter, table.source, whole)


def _as_single(wanted: Sampling) -> Sampling:
    from dataclasses import replace

    return replace(wanted, kind="single")


def code_letter(tables: PlanTables, size: int, level: str) -> str:
    """Return the code letter of a lot size.

    Raises:
        UsageError: there is no such level, or the lot is too small.
    """
    if level not in tables.levels:
        known = ", ".join(tables.levels)
        raise UsageError(msg("statistics.no-level", level=level, known=known))
    if size < 2:
        raise UsageError(msg("statistics.small-lot", size=size))
    for largest, letters in tables.lots:
        if largest is None or size <= largest:
            return letters[tables.levels.index(level)]
    raise UsageError(msg("statistics.small-lot", size=size))


def _column(tables: PlanTables, aql: float) -> int:
    for n, known in enumerate(tables.aql):
        if abs(known - aql) <= 1e-9:
            return n
    shown = ", ".join(f"{a:g}" for a in tables.aql)
    raise UsageError(msg("statistics.no-aql", aql=f"{aql:g}", known=shown))


def _followed(table: Table, letter: str, column: int) -> tuple[str, Cell]:
    """Return the letter and cell at which the arrows end.

    Raises:
        UsageError: the table ends before.
    """
    letters = list(table.lines)
    n = letters.index(letter) if letter in letters else -1
    for _ in letters:
        if not 0 <= n < len(letters):
            break
        cell = table.lines[letters[n]].cells[column]
        if cell not in (UP, DOWN):
            return letters[n], cell
        n += 1 if cell == DOWN else -1
    raise UsageError(msg("statistics.arrow-ends", letter=letter))


def _by_variables(
    tables: PlanTables, wanted: Sampling, letter: str, column: int, size: int
) -> FoundPlan:
    """Return the plan that the tables print, or the one that matches the single plan."""
    printed = tables.variables.get(wanted.severity, {}).get(letter, {})
    plan = printed.get(tables.aql[column])
    if plan is not None:
        return FoundPlan(plan, letter, tables.variables_source, plan.n >= size)
    single = find_plan(tables, _as_single(wanted), size)
    assert isinstance(single.plan, SinglePlan | DoublePlan)
    made = matched(single.plan)
    if made is None:
        raise UsageError(msg("statistics.no-match", letter=letter))
    return FoundPlan(made, single.letter, single.source, made.n >= size, matched=True)


def _between(wanted: Sampling, size: int) -> FoundPlan:
    points = (wanted.good, wanted.alpha, wanted.bad, wanted.beta)
    if not 0 <= wanted.good < wanted.bad < 1:
        raise UsageError(msg("statistics.two-points"))
    kinds = {"single": two_point_single, "variables": two_point_variables}
    if wanted.kind not in kinds:
        raise UsageError(
            msg("statistics.no-table", kind=wanted.kind, severity="-", name=TWO_POINTS)
        )
    plan = kinds[wanted.kind](*points)
    if plan is None:
        raise UsageError(msg("statistics.no-plan-between"))
    return FoundPlan(plan, "", TWO_POINTS, plan.n >= size)


def curve(plan: Plan, points: int = 60) -> list[tuple[float, float]]:
    """Return the OC curve: shares nonconforming and the chances to accept there."""
    last = min(1.0, 1.15 * quality_at(plan.accepts, 0.01))
    shares: Sequence[float] = [last * n / points for n in range(points + 1)]
    return [(p, plan.accepts(p)) for p in shares]
