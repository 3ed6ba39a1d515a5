"""Units by items and points as a table that fits the screen, from a result document.

Where a table with verdicts in words is too wide, marks stand for them; where that is too wide, too,
there are several tables, one below the other. Many points of few units have a line each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.cli.cells import plain, table, width
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import Titles, spoken_item
from benchctl.cli.terminal import Terminal
from benchctl.cli.turned_table import turned
from benchctl.cli.wording import limits_text, stated_of, verdict_text
from benchctl.core.messages import msg, words
from benchctl.core.verdicts import Verdict

JSON = Mapping[str, Any]

MARKS: Mapping[str | None, str] = {
    Verdict.FAIL: "!",
    Verdict.INDETERMINATE: "?",
    Verdict.NOT_MEASURED: "-",
}
"""What stands for a verdict where there is no room for the word."""

WIDEST = 200
"""Cells of a line where nothing is known of who reads it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: an item, or a point with its quantity; `title` names the item."""

    item: str
    point: str
    quantity: str
    unit: str
    occasion: str
    title: str

    @property
    def is_point(self) -> bool:
        """Whether something was measured, not answered or observed."""
        return bool(self.quantity)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What tells it from another."""
        return self.item, self.point, self.quantity, self.unit, self.occasion

    @property
    def name(self) -> str:
        """What stands above the column."""
        return f"{self.title} {self.unit}".strip() if self.is_point else self.title


def columns_of(document: JSON, language: str) -> list[Column]:
    """Return the items, then the points, in the order of the document."""
    titles: Titles = document.get("titles") or {}
    found: dict[tuple[str, ...], Column] = {}
    for uut in document.get("uuts", ()):
        for point in uut["points"]:
            key = _key(point)
            if key not in found:
                title = key[1] if key[2] else plain(spoken_item(key[0], language, titles))
                if key[-1]:
                    title = words(msg("cli.as-left", what=title), language)
                found[key] = Column(*key, title=title)
    return sorted(found.values(), key=lambda c: c.is_point)


def _key(point: JSON) -> tuple[str, str, str, str, str]:
    """Return what tells a column from another; the occasion only once something was adjusted."""
    item, name, quantity, unit = (
        str(point.get(n) or "") for n in ("item", "point", "quantity", "unit")
    )
    occasion = "as_left" if point.get("occasion") == "as_left" else ""
    return item, name, quantity, unit, occasion


def all_pass(uuts: Sequence[JSON], column: Column) -> bool:
    """Return whether every unit passes in a column."""
    cells = [cell_of(u, column) for u in uuts]
    return all(c is not None and c.get("verdict") == Verdict.PASS for c in cells)


def folded(document: JSON, language: str) -> tuple[list[Column], list[Column]]:
    """Return the columns that are shown, and the items that all units pass: one line tells them."""
    uuts = document.get("uuts", ())
    columns = columns_of(document, language)
    passed = [c for c in columns if not c.is_point and all_pass(uuts, c)]
    return [c for c in columns if c not in passed], passed


def folded_line(shell: Shell, uuts: Sequence[JSON], passed: Sequence[Column]) -> str:
    """Return the line for the items that all units pass, "" where there are none."""
    if not passed:
        return ""
    items = shell.text("comma").join(c.title for c in passed)
    return shell.text("all-pass", items=items, count=len(uuts))


def cell_of(uut: JSON, column: Column) -> JSON | None:
    """Return what was found of a unit in a column, None where it has none."""
    return next((p for p in uut["points"] if _key(p) == column.key), None)


def limits_of(uuts: Sequence[JSON], column: Column) -> str:
    """Return the limits of a point, `*` where they are not the same for all units that have it."""
    limits = {
        tuple(cell["mpe"])
        for uut in uuts
        if (cell := cell_of(uut, column)) is not None and cell.get("mpe")
    }
    if len(limits) != 1:
        return "" if not limits else "*"
    return limits_text(limits.pop())


class ResultTable:
    """The table of a run's units."""

    def __init__(
        self,
        shell: Shell,
        screen: Terminal,
        uuts: Sequence[JSON],
        columns: Sequence[Column],
        titles: Titles | None = None,
    ) -> None:
        self._shell = shell
        self._titles: Titles = titles or {}
        self._screen = screen
        self._uuts = uuts
        self._columns = list(columns)
        self._beside = extra_columns(uuts)
        found: list[dict[tuple[str, ...], JSON]] = [
            {_key(point): point for point in reversed(u["points"])} for u in uuts
        ]
        self._cells: dict[str, dict[tuple[str, ...], JSON]] = dict(
            zip((str(u["serial"]) for u in uuts), found, strict=True)
        )
        self._limits = {c: limits_of(uuts, c) for c in self._columns}

    def lines(self) -> list[str]:
        """Return the lines, painted."""
        room = self._screen.room
        if lines := self._turned(WIDEST if room is None else room):
            return [*lines, *self._apart(())]
        for beside in dict.fromkeys((tuple(self._beside), ())):
            whole = self._one(self._columns, marks=False, verdict=True, beside=beside)
            if room is None or _widest(whole) < room:
                return [*self._painted(whole, marks=False), *self._apart(beside)]
        assert room is not None  # else the first fitted
        return [*self._parts(room), *self._apart(())]

    def _turned(self, room: int) -> list[str]:
        """Return a line for each point where that fits and a line for each unit would not."""
        if len(self._columns) <= len(self._uuts):
            return []
        if _widest(self._one(self._columns, marks=False, verdict=True)) < room:
            return []
        found = turned(self, self._shell, self._uuts, self._columns, self._titles)
        if _widest([line for line, _ in found]) >= room:
            return []
        return [self._screen.paint(line, *colours) for line, colours in found]

    def _apart(self, shown: Sequence[str]) -> list[str]:
        """Return a table of its own of the batch's further columns, where they were not shown."""
        if shown or not self._beside:
            return []
        header = [self._shell.text("position"), self._shell.text("serial"), *self._beside]
        rows = [
            [str(u.get("position") or "-"), str(u["serial"]), *_extras(u, self._beside)]
            for u in self._uuts
        ]
        return ["", *table(header, rows, right={0})]

    def _parts(self, room: int) -> list[str]:
        """Return tables with marks, each with as many columns as fit, at least one."""
        found: list[str] = []
        rest = self._columns
        while rest:
            counts = range(len(rest), 1, -1)
            fitting = (n for n in counts if _widest(self._part(rest, n)) < room)
            count = next(fitting, 1)
            last = count == len(rest)
            found += ["", *self._painted(self._part(rest, count), marks=last)]
            rest = rest[count:]
        return found[1:]

    def _part(self, columns: list[Column], count: int) -> list[str]:
        return self._one(columns[:count], marks=True, verdict=count == len(columns))

    def _one(
        self,
        columns: Sequence[Column],
        *,
        marks: bool,
        verdict: bool,
        beside: Sequence[str] = (),
    ) -> list[str]:
        """Return the heads, the limits and a line for each unit."""
        text = self._shell.text
        header = [text("position"), text("serial"), *(c.name for c in columns)]
        limits = ["", text("limits"), *(self.limits(c) for c in columns)]
        rows = [
            [
                str(uut.get("position") or "-"),
                str(uut["serial"]),
                *(self.cell(uut, c, marks=marks) for c in columns),
            ]
            for uut in self._uuts
        ]
        if verdict:
            header += [text("verdict"), *beside]
            limits += [""] * (1 + len(beside))
            rows = [
                [*row, verdict_text(self._shell, uut["verdict"]), *_extras(uut, beside)]
                for row, uut in zip(rows, self._uuts, strict=True)
            ]
        return table(header, [limits, *rows], right={0, *range(2, 2 + len(columns))})

    def limits(self, column: Column) -> str:
        """Return the limits of a point, where all units have the same."""
        return self._limits[column]

    def _point(self, uut: JSON, column: Column) -> JSON | None:
        return self._cells[uut["serial"]].get(column.key)

    def cell(self, uut: JSON, column: Column, *, marks: bool) -> str:
        """Return an error with its sign, and its verdict unless it is a pass."""
        point = self._point(uut, column)
        if point is None:
            return ""
        verdict, error = point.get("verdict"), point.get("error")
        if verdict == Verdict.NOT_MEASURED and error is None:
            return "- " if marks else "-"
        if not column.is_point:
            return verdict_text(self._shell, verdict)
        value = "" if error is None else stated_of(point)
        if marks:
            return f"{value}{MARKS.get(verdict, ' ')}"
        if verdict in (None, Verdict.PASS):
            return value
        return f"{value} {verdict_text(self._shell, verdict)}".strip()

    def _painted(self, lines: Sequence[str], *, marks: bool) -> list[str]:
        """Return the lines in colour; where marks were used, with what they mean."""
        head, bounds, *rows = lines
        screen = self._screen
        painted = [
            screen.paint(row, *style_of(uut["verdict"]))
            for row, uut in zip(rows, self._uuts, strict=True)
        ]
        legend = [screen.paint(self._legend(), "dim")] if marks else []
        return [screen.paint(head, "bold"), screen.paint(bounds, "dim"), *painted, *legend]

    def _legend(self) -> str:
        seen = {
            cell.get("verdict")
            for uut in self._uuts
            for column in self._columns
            if column.is_point and (cell := self._point(uut, column)) is not None
        }
        shown = [v for v in MARKS if v in seen]
        return "   ".join(f"{MARKS[v]} {verdict_text(self._shell, v)}" for v in shown)


def extra_columns(uuts: Sequence[JSON]) -> list[str]:
    """Return the columns of the batch that are no parameter and say something."""
    return list(dict.fromkeys(n for u in uuts for n, v in u.get("extra", {}).items() if v))


def _extras(uut: JSON, names: Sequence[str]) -> list[str]:
    return [plain(str(uut.get("extra", {}).get(name, ""))) for name in names]


def _widest(lines: Sequence[str]) -> int:
    return max(width(line) for line in lines)


def style_of(verdict: str | None) -> tuple[str, ...]:
    """Return the colours of a verdict."""
    return {None: (), "pass": (), "fail": ("red",)}.get(verdict, ("yellow",))
