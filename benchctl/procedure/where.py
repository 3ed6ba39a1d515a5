"""Reads `where`: quantities that follow from the parameters, in the order in which they depend.

An entry is an expression, or a mapping with a value or a table by points, and bounds. It has one
value per point if it has a table, or names `point.<field>` or another such quantity.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import Expression
from benchctl.procedure.declared import Where
from benchctl.procedure.dimensions import PLAIN, UNKNOWN, Dim, quantity_of
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.model_points import WherePart
from benchctl.procedure.names import Names, base_of, check_name
from benchctl.procedure.reading import Path, Reader


@dataclass(slots=True)
class _Entry:
    """One entry with its expressions, not yet looked at for names and units."""

    name: str
    path: Path
    unit: Unit | None
    formulas: dict[Path, tuple[str, Expression]] = field(default_factory=dict)
    table: bool = False
    broken: bool = False
    unit_wrong: bool = False

    @property
    def uses(self) -> frozenset[str]:
        """Names that occur in its expressions."""
        return frozenset().union(*(e.names for _, e in self.formulas.values()))

    def expression(self, *key: str) -> Expression | None:
        """Return the expression at a key of the mapping."""
        found = self.formulas.get((*self.path, *key))
        return found[1] if found else None

    def at_point(self, point: str) -> Expression | None:
        """Return the expression of a point's row; one row may serve all cycles."""
        return self.expression("table", point) or self.expression("table", base_of(point))


class WhereReader:
    """Reads the entries in two steps, because points may use those that have one value only."""

    def __init__(self, reader: Reader, names: Names) -> None:
        self._reader = reader
        self._names = names
        taken: dict[str, Path] = {name: ("parameters", name) for name in names.parameters}
        taken |= {name: ("needs", name) for name in names.roles}
        self._entries: dict[str, _Entry] = {}
        for name, value in reader.mapping(("where",)).items():
            check_name(reader, name, ("where", name), FUNCTIONS, taken)
            self._entries[name] = self._entry(name, value)
        self._order = self._ordered()
        self._points = self._per_point()
        names.run_wide = {n: UNKNOWN for n in self._entries if n not in self._points}
        names.per_point = dict.fromkeys(self._points, UNKNOWN)

    def read_run_wide(self) -> list[Where]:
        """Return the quantities with one value for a unit under test."""
        wanted = [e for e in self._order if e.name not in self._points]
        return [self._where(entry, self._names.run_wide) for entry in wanted]

    def read_per_point(self) -> list[Where]:
        """Return the quantities with one value per point; the fields of points are known now."""
        wanted = [e for e in self._order if e.name in self._points]
        return [self._where(entry, self._names.per_point) for entry in wanted]

    # text to expressions

    def _entry(self, name: str, value: object) -> _Entry:
        path: Path = ("where", name)
        entry = _Entry(name, path, None)
        if not isinstance(value, dict | list) and value is not None:
            self._formula(entry, path, self._reader.document.text(path))
            return entry
        part = self._reader.part(WherePart, path, value)
        if part is None:
            entry.broken = True
            return entry
        if part.unit is not None:
            entry.unit = self._reader.unit(part.unit, (*path, "unit"))
            entry.unit_wrong = entry.unit is None
        if part.value is not None and part.table is not None:
            message = msg("procedure.value-and-table")
            self._reader.wrong("E106", message, (*path, "value"), key=True)
        if part.value is None and not part.table and part.at_least is None and part.at_most is None:
            self._reader.wrong("E101", msg("procedure.no-value", name=name), path, key=True)
        for key in ("value", "at_least", "at_most"):
            text = getattr(part, key)
            if text is not None:
                self._formula(entry, (*path, key), text)
        entry.table = bool(part.table)
        for point, text in (part.table or {}).items():
            self._formula(entry, (*path, "table", point), text)
        return entry

    def _formula(self, entry: _Entry, path: Path, text: str) -> None:
        expression = self._reader.formula(text, path)
        if expression is None:
            entry.broken = True
        else:
            entry.formulas[path] = (text, expression)

    # dependencies

    def _ordered(self) -> list[_Entry]:
        """Return the entries so that each comes after those it uses; cycles are reported once."""
        order: list[_Entry] = []
        done: set[str] = set()
        for name in self._entries:
            self._visit(name, (), done, order)
        return order

    def _visit(
        self, name: str, trail: tuple[str, ...], done: set[str], order: list[_Entry]
    ) -> None:
        if name in trail:
            cycle = [*trail[trail.index(name) :], name]
            first = min(cycle, key=list(self._entries).index)
            message = msg("procedure.cycle", names=" → ".join(cycle))
            self._reader.wrong("E304", message, ("where", first), key=True)
            for each in cycle:
                self._entries[each].broken = True
            return
        if name in done or name not in self._entries:
            return
        for used in sorted(self._entries[name].uses):
            self._visit(used, (*trail, name), done, order)
        if name not in done:
            done.add(name)
            order.append(self._entries[name])

    def _per_point(self) -> set[str]:
        points: set[str] = set()
        for entry in self._order:
            if entry.table or any(u in points or u.startswith("point.") for u in entry.uses):
                points.add(entry.name)
        return points

    # names and units

    def _where(self, entry: _Entry, known: dict[str, Dim]) -> Where:
        """Return an entry; what is known of its value is noted for those that follow."""
        per_point = entry.name in self._points
        scope = self._names.at_point() if per_point else self._names.everywhere()
        dims = {
            path: self._reader.dimension(text, expression, path, scope)
            for path, (text, expression) in entry.formulas.items()
        }
        dim = UNKNOWN if entry.broken else self._together(entry, dims)
        known[entry.name] = dim
        if entry.table:
            self._check_table(entry)
        return Where(
            name=entry.name,
            unit=entry.unit.symbol if entry.unit else dim.symbol,
            value=entry.expression() or entry.expression("value"),
            table={p: e for p in self._names.points if (e := entry.at_point(p))},
            at_least=entry.expression("at_least"),
            at_most=entry.expression("at_most"),
            per_point=per_point,
        )

    def _together(self, entry: _Entry, dims: Mapping[Path, Dim]) -> Dim:
        """Return what is known of the entry's value: its unit, or that of its first expression."""
        for path, dim in dims.items():
            if dim.kind in {"truth", "text"}:
                self._reader.wrong("E204", msg("procedure.no-number"), path)
                return UNKNOWN
        if entry.unit is not None:
            for path, dim in dims.items():
                self._reader.fitting(dim, entry.unit, path)
            return quantity_of(entry.unit)
        if entry.unit_wrong:
            return UNKNOWN
        quantities = [dim.primary for dim in dims.values() if dim.kind == "quantity"]
        if not quantities:
            unknown = any(dim.kind == "unknown" for dim in dims.values())
            return UNKNOWN if unknown else PLAIN
        first = quantities[0]
        for path, dim in dims.items():
            if dim.kind == "quantity" and not dim.primary.like(first):
                message = msg("procedure.cannot-choose", a=first.symbol, b=dim.symbol)
                hint = msg("procedure.declare-unit")
                self._reader.wrong("E204", message, path, hint=hint)
        return first

    def _check_table(self, entry: _Entry) -> None:
        """Report rows that are no points, and points that have no row."""
        path = (*entry.path, "table")
        table = self._reader.mapping(path)
        known = {*self._names.points, *map(base_of, self._names.points)}
        for point in table:
            if known and point not in known:
                message = msg("procedure.unknown-point", point=point)
                self._reader.unknown_name(
                    point, self._names.points, message, (*path, point), key=True
                )
        missing = [p for p in self._names.points if not {p, base_of(p)} & table.keys()]
        if missing:
            message = msg("procedure.row-missing", points=", ".join(missing))
            self._reader.wrong("E101", message, path)
