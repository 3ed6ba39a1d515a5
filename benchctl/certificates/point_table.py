"""The table of what was measured of one item: its columns, rows and error curve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchctl.certificates import numbers
from benchctl.certificates.drawing import error_curve, says_something
from benchctl.certificates.family import Layout
from benchctl.certificates.model import JSON, Table, Text
from benchctl.certificates.wording import Words

FONT = "Noto Sans CJK SC"
MOST_INPUTS = 3
"""So many readings of a point stand in its row, where nothing says which."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what stands above it, and what stands in it for a point."""

    head: Text
    cell: Callable[[JSON], Text]


def layout_of(words: Words, points: Sequence[JSON]) -> Layout:
    """Return how a family wants the table of some points of one item."""
    return words.family.layout(points[0]["item"], points[0]["quantity"])


def quantity_name(words: Words, points: Sequence[JSON]) -> Text:
    """Return what the result of some points is called."""
    given = layout_of(words, points).quantity
    return words.of(given) if given else words.say("error")


def nominal_name(words: Words, points: Sequence[JSON]) -> Text:
    """Return what the nominal values of some points are called."""
    given = layout_of(words, points).nominal
    return words.of(given) if given else words.say("nominal")


def point_table(words: Words, points: Sequence[JSON], title: Text) -> Table:
    """Return the table of points of one item, quantity, unit and occasion."""
    layout, unit = layout_of(words, points), points[0]["unit"] or ""
    columns = [*_about(words, points, layout), *_found(words, points, layout)]
    bad = [n for n, p in enumerate(points) if p["verdict"] not in (None, "pass")]
    quantity = quantity_name(words, points)
    drawn = says_something(points) if layout.curve is None else layout.curve
    curve = error_curve(
        points if drawn else (),
        font=FONT,
        relative="  ".join(words.say("relative")),
        axis="  ".join(_in_unit(words, quantity, unit)),
    )
    return Table(
        title,
        tuple(c.head for c in columns),
        tuple(tuple(c.cell(p) for c in columns) for p in points),
        tuple(bad),
        curve,
        words.say("curve"),
        tuple(_notes(words, points)),
    )


def _about(words: Words, points: Sequence[JSON], layout: Layout) -> Iterator[Column]:
    """Give the columns that say what a point is."""
    if layout.with_name or not (layout.with_nominal or layout.columns):
        yield Column(words.say("point"), lambda p: words.same(p["point"]))
    if layout.with_nominal:
        head = nominal_name(words, points)
        yield Column(head, lambda p: words.same(_quantity(p["nominal"])))
    for name in layout.columns:
        if any(name in p.get("values", {}) for p in points):
            yield Column(words.role(name), lambda p, n=name: _own(words, n, p))  # type: ignore[misc]


def _found(words: Words, points: Sequence[JSON], layout: Layout) -> Iterator[Column]:
    """Give the columns of what was found there."""
    unit, say = points[0]["unit"] or "", words.say
    if any(len(_valid(p)) > 1 for p in points):
        yield Column(say("runs"), lambda p: words.same(str(len(_valid(p)))))
    for role, of in _roles(points, layout).items():
        shown = _readings(points, role)
        head = _in_unit(words, words.role(role), of)
        yield Column(head, lambda p, s=shown: words.same(s[id(p)]))  # type: ignore[misc]
    yield Column(
        _in_unit(words, quantity_name(words, points), unit),
        lambda p: words.same(numbers.printed(p["reported"])),
    )
    limits = words.of(layout.limits) if layout.limits else say("mpe")
    yield Column(_in_unit(words, limits, unit), lambda p: words.same(numbers.limits(p["mpe"])))
    if any(p["U"] is not None for p in points):
        head = _in_unit(words, say("expanded"), unit)
        yield Column(head, lambda p: words.same(numbers.printed(p["reported_U"])))
        yield Column(("k",), lambda p: words.same("/" if p["k"] is None else f"{p['k']:.3g}"))
    if any(p["verdict"] is not None for p in points):
        yield Column(say("conclusion"), lambda p: verdict(words, p))


def _in_unit(words: Words, label: Text, unit: str) -> Text:
    return words.say("in-unit", label=label, unit=unit) if unit not in ("", "1") else label


def _valid(point: JSON) -> list[JSON]:
    return [r for r in point["runs"] if r["valid"]]


def _roles(points: Sequence[JSON], layout: Layout) -> dict[str, str]:
    """Return the readings that all points share, each with its unit."""
    shared: dict[str, str] | None = None
    for point in points:
        for run in _valid(point):
            units = run.get("units") or {}
            shared = units if shared is None else _common(shared, units)
    known = shared or {}
    if layout.readings is not None:
        return {role: known[role] for role in layout.readings if role in known}
    return dict(list(known.items())[:MOST_INPUTS])


def _common(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    return {role: unit for role, unit in one.items() if other.get(role) == unit}


def _own(words: Words, name: str, point: JSON) -> Text:
    """Return a quantity of the point itself: a value, what it is called, or words."""
    value = point.get("values", {}).get(name)
    if value is None:
        return ("/",)
    if "value" not in value:
        return words.of(value)
    return words.word(name, numbers.short(value["value"]), _quantity(value))


def _quantity(given: JSON | None) -> str:
    return "/" if given is None else numbers.quantity(given["value"], str(given["unit"]))


def _readings(points: Sequence[JSON], role: str) -> dict[int, str]:
    """Return a reading of each point, that of several runs as their mean, by identity.

    The largest says how many decimals make sense, so that nothing near zero gets many more.
    """
    means = {id(p): _mean(p, role) for p in points}
    known = [(p, mean) for p in points if (mean := means[id(p)]) is not None]
    most = 0
    if known:
        most = 1 + numbers.input_decimals(*max(known, key=lambda entry: abs(entry[1])))
    found = {id(p): "/" for p in points}
    for p, mean in known:
        decimals = numbers.input_decimals(p, mean)
        relative = p["unit"] == "%"
        text = numbers.fixed(mean, min(decimals, most) if relative else decimals)
        found[id(p)] = numbers.printed(text)
    return found


def _mean(point: JSON, role: str) -> float | None:
    known = [r["inputs"][role] for r in _valid(point) if r["inputs"].get(role) is not None]
    return sum(known) / len(known) if known else None


def verdict(words: Words, point: JSON) -> Text:
    """Return the verdict of a point in words."""
    return words.say(f"verdict-{point['verdict']}") if point["verdict"] else ("/",)


def _notes(words: Words, points: Sequence[JSON]) -> Iterator[Text]:
    rules = {(p["rule"], p["judged_on"]) for p in points if p["rule"]}
    for rule in sorted({str(rule) for rule, _ in rules}):
        yield words.say("rule", rule=_rule_text(words, rule))
    if any(p["U"] is not None for p in points):
        yield words.say("about-u")


def _rule_text(words: Words, rule: str) -> Text:
    id_ = rule.partition("/")[0]
    known = ("simple-acceptance", "ilac-g8-binary", "ilac-g8-non-binary", "jjf-1094")
    if id_ in known:
        return words.say("rule-named", name=words.say(f"rule-{id_}"), id=rule)
    return words.same(rule)
