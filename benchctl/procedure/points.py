"""Reads the points: their names, the quantities that make them, the bands to be kept."""

from __future__ import annotations

from collections import Counter

from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.core.units import Unit, unit
from benchctl.language import Expression, ExpressionError, parse_expression
from benchctl.procedure.applicability import check_stages
from benchctl.procedure.declared import LineRule, Point
from benchctl.procedure.dimensions import UNKNOWN, Dim, quantity_of, text_of
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.grammar import parse_seconds
from benchctl.procedure.model_points import PointPart
from benchctl.procedure.names import Names, check_point_name
from benchctl.procedure.reading import Path, Reader

_OWN_KEYS = frozenset(PointPart.model_fields)


class PointsReader:
    """Reads points in two steps: their names first, because others refer to them."""

    def __init__(self, reader: Reader, names: Names) -> None:
        self._reader = reader
        self._names = names
        self._rows = reader.sequence(("points",))
        self._dims: dict[str, Dim] = {}
        self.field_units: dict[str, str] = {}
        names.points = tuple(dict.fromkeys(self._point_names()))
        rows = [row.keys() - _OWN_KEYS for row in self._rows if isinstance(row, dict)]
        count = Counter(key for row in rows for key in sorted(row))
        self._expected = [key for key, n in count.items() if 2 * n > len(rows)]
        words = {name for name in count if any(self._is_text(i, name) for i in self._with(name))}
        names.texts = {name: self._all_texts(name) for name in words}
        names.fields = {n: text_of(names.texts[n]) if n in words else UNKNOWN for n in count}

    def _point_names(self) -> list[str]:
        document = self._reader.document
        paths: list[Path] = [("points", i, "point") for i in range(len(self._rows))]
        return [document.text(path) for path in paths if document.is_scalar(path)]

    def _with(self, name: str) -> list[int]:
        """Return the rows that have a quantity."""
        return [i for i, row in enumerate(self._rows) if isinstance(row, dict) and name in row]

    def _is_text(self, row: int, name: str) -> bool:
        """Return whether a quantity is words: by language, or in quotes and no formula."""
        document, path = self._reader.document, ("points", row, name)
        if isinstance(self._rows[row][name], dict):
            return True
        if not (document.is_scalar(path) and document.is_quoted(path)):
            return False
        try:
            formula = parse_expression(document.text(path), functions=FUNCTIONS)
        except ExpressionError:
            return True
        known = self._names.everywhere().names.keys() | self._reader.mapping(("where",)).keys()
        return bool(formula.names) and not formula.names & known

    def _all_texts(self, name: str) -> tuple[str, ...]:
        values = (self._rows[i][name] for i in self._with(name))
        words = (v if isinstance(v, dict) else {"en": v} for v in values)
        return tuple(dict.fromkeys(str(w.get("en", next(iter(w.values()), ""))) for w in words))

    def points(self, line: LineRule | None) -> tuple[Point, ...]:
        """Return the points; the quantities of `where` with one value per unit are known now."""
        reader = self._reader
        if not self._rows and "points" in reader.data:
            reader.wrong("E106", msg("procedure.no-points"), ("points",), key=True)
        self._check_clashes()
        targets = self._targets()
        keep_unit = self._unit_of_nominal(line)
        seen: dict[str, int] = {}
        points = []
        for i, row in enumerate(self._rows):
            path: Path = ("points", i)
            part = reader.part(PointPart, path, row)
            if part is None:
                continue
            if part.point in seen:
                also = (("points", seen[part.point], "point"), msg("procedure.first-here"))
                message = msg("procedure.point-twice", point=part.point)
                reader.wrong("E303", message, (*path, "point"), also=also)
            seen.setdefault(part.point, i)
            check_point_name(reader, part.point, (*path, "point"))
            fields = self._fields(part, path, targets)
            keep = self._keep(part, path, keep_unit)
            points.append(self._point(part, i, fields, keep))
        self._note_fields(targets)
        return tuple(points)

    def _point(
        self,
        part: PointPart,
        index: int,
        fields: dict[str, Expression],
        keep: tuple[Expression, Expression] | None,
    ) -> Point:
        """Return a point with what it says of whom it is for, and of how it is come to."""
        reader, path = self._reader, ("points", index)
        when = soak = None
        if part.when is not None:
            scope = self._names.everywhere()
            when = reader.expression(part.when, (*path, "when"), scope, condition=True)
        check_stages(reader, part.stages, (*path, "stages"))
        if part.soak is not None:
            soak = reader.sentence(parse_seconds, part.soak, (*path, "soak"))
        return Point(
            part.point,
            index,
            fields,
            keep,
            part.occasion,
            part.note,
            when=when,
            stages=tuple(part.stages),
            stroke=part.stroke or "",
            soak=soak,
            texts={
                name: reader.texts(text if isinstance(text, dict) else {"": text}, (*path, name))
                for name, text in (part.model_extra or {}).items()
                if name in self._names.texts
            },
        )

    def _check_clashes(self) -> None:
        """Report quantities of points whose name is taken: at a point they stand bare."""
        for name in sorted(self._names.fields.keys() & self._names.at_point().names.keys()):
            row = next(i for i, r in enumerate(self._rows) if isinstance(r, dict) and name in r)
            message = msg("procedure.name-twice", name=name)
            self._reader.wrong("E303", message, ("points", row, name), key=True)

    def _sets(self) -> dict[str, object]:
        """Return what `each_point` sets, unchecked."""
        each = self._reader.data.get("each_point")
        sets = each.get("set") if isinstance(each, dict) else None
        return sets if isinstance(sets, dict) else {}

    def _targets(self) -> dict[str, Unit]:
        """Return the unit of each field that `each_point` sets a role to as it is."""
        targets: dict[str, Unit] = {}
        for role, text in self._sets().items():
            need = self._names.needs.get(role)
            if isinstance(text, str) and text.strip() in self._names.fields and need:
                targets.setdefault(text.strip(), unit(need.unit))
        return targets

    def _unit_of_nominal(self, line: LineRule | None) -> Unit | None:
        roles = list(self._sets())
        role = line.shares if line and line.shares in roles else next(iter(roles), "")
        need = self._names.needs.get(role)
        return unit(need.unit) if need and not need.switch else None

    def _fields(
        self, part: PointPart, path: Path, targets: dict[str, Unit]
    ) -> dict[str, Expression]:
        reader, fields = self._reader, {}
        given: dict[str, str] = part.model_extra or {}
        self._check_fields(part, given, path)
        for name, text in given.items():
            here = (*path, name)
            if name in self._names.texts:
                continue
            expression = reader.formula(text, here)
            if expression is None:
                continue
            fields[name] = expression
            dim = reader.dimension(text, expression, here, self._names.everywhere())
            if dim.kind in {"truth", "text"}:
                reader.wrong("E204", msg("procedure.no-number"), here)
            elif name in targets:
                reader.fitting(dim, targets[name], here)
            else:
                self._like_the_others(name, dim.primary, here)
        return fields

    def _check_fields(self, part: PointPart, given: dict[str, str], path: Path) -> None:
        """Report quantities that the other points have, or have not; a misspelt one once."""
        missing = [name for name in self._expected if name not in given]
        for name in given:
            if name in self._expected:
                continue
            message = msg("procedure.field-alone", field=name)
            near = closest(name, missing)
            if near:
                missing.remove(near)
                hint = msg("procedure.did-you-mean", name=near)
                self._reader.wrong("E102", message, (*path, name), key=True, hint=hint)
            else:
                self._reader.wrong("E102", message, (*path, name), key=True)
        for name in missing:
            message = msg("procedure.field-missing", point=part.point, field=name)
            self._reader.wrong("E101", message, path)

    def _like_the_others(self, name: str, dim: Dim, path: Path) -> None:
        """Report a quantity whose unit differs from that at the points before."""
        first = self._dims.get(name)
        if first is None or first.kind in {"number", "unknown"}:
            self._dims[name] = dim
        elif dim.kind == "quantity" and not dim.like(first):
            message = msg("procedure.cannot-compare", a=dim.symbol, b=first.symbol)
            self._reader.wrong("E204", message, path)

    def _note_fields(self, targets: dict[str, Unit]) -> None:
        """Note what is known of each quantity, and in which unit its numbers are."""
        for name in [n for n in self._names.fields if n not in self._names.texts]:
            wanted = targets.get(name)
            dim = quantity_of(wanted) if wanted else self._dims.get(name, UNKNOWN)
            self._names.fields[name] = dim
            self.field_units[name] = "" if dim.symbol == "1" else dim.symbol

    def _keep(
        self, part: PointPart, path: Path, to: Unit | None
    ) -> tuple[Expression, Expression] | None:
        if part.keep is None:
            return None
        if len(part.keep) != 2:
            hint = msg("procedure.form", form="[0.9 * Q3, Q3]")
            self._reader.wrong("E206", msg("procedure.keep-two"), (*path, "keep"), hint=hint)
            return None
        scope = self._names.everywhere()
        low, high = (
            self._reader.expression(text, (*path, "keep", i), scope, to=to)
            for i, text in enumerate(part.keep)
        )
        return (low, high) if low is not None and high is not None else None
