"""The tables of a certificate: items, points with their error curve, budgets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchctl.certificates import numbers
from benchctl.certificates.drawing import error_curve
from benchctl.certificates.model import JSON, Table, Text
from benchctl.certificates.wording import Words

FONT = "Noto Sans CJK SC"
FINDINGS = "findings"
"""Name of the table of what is answered or observed."""
MOST_INPUTS = 3
"""So many readings of a point stand in its row."""

Group = tuple[str | None, str | None, str | None, str | None]


def item_table(words: Words, units: Sequence[JSON]) -> Table | None:
    """Return the items that are answered or observed; `units` is the unit in each language."""
    found = [n for n, p in enumerate(units[0]["points"]) if p["point"] is None]
    if not found:
        return None
    rows, bad = [], []
    titles = units[0]["titles"]
    for row, n in enumerate(found):
        point = units[0]["points"][n]
        why = words.sentence([u["points"][n]["why"] for u in units])
        rows.append(
            (
                _with_occasion(words, words.item(point["item"], titles), point),
                why,
                _verdict(words, point),
            )
        )
        if point["verdict"] != "pass":
            bad.append(row)
    head = (words.say("item"), words.say("finding"), words.say("conclusion"))
    return Table(words.say("items"), head, tuple(rows), tuple(bad), name=FINDINGS)


def _with_occasion(words: Words, title: Text, point: JSON) -> Text:
    if not point.get("superseded") and point["occasion"] != "as_left":
        return title
    stage = "as-left" if point["occasion"] == "as_left" else "as-found"
    return words.say("of-occasion", title=title, occasion=words.say(stage))


def point_tables(words: Words, units: Sequence[JSON]) -> Iterator[Table]:
    """Give one table for each quantity, unit and occasion that was measured."""
    for points in grouped(units[0]["points"]):
        yield _point_table(words, points, units[0]["titles"])


def grouped(points: Sequence[JSON]) -> list[list[JSON]]:
    """Return the points of each item, quantity, unit and occasion together, in their order."""
    groups: dict[Group, list[JSON]] = {}
    for point in points:
        if point["point"] is not None:
            key = (point["item"], point["quantity"], point["unit"], point["occasion"])
            groups.setdefault(key, []).append(point)
    return list(groups.values())


def _point_table(words: Words, points: Sequence[JSON], titles: JSON) -> Table:
    first = points[0]
    title = words.item(str(first["item"] or first["quantity"]), titles)
    roles = _roles(points)
    unit = first["unit"] or ""
    judged = any(p["verdict"] is not None for p in points)
    head = [
        words.say("point"),
        words.say("nominal"),
        *(_in_unit(words, words.role(role), u) for role, u in roles.items()),
        _in_unit(words, words.say("error"), unit),
        _in_unit(words, words.say("mpe"), unit),
        _in_unit(words, words.say("expanded"), unit),
        ("k",),
    ]
    if judged:
        head.append(words.say("conclusion"))
    rows = [_point_row(words, p, roles, judged=judged) for p in points]
    bad = [n for n, p in enumerate(points) if p["verdict"] not in (None, "pass")]
    axis = "  ".join(_in_unit(words, words.say("error"), unit))
    return Table(
        _with_occasion(words, title, first),
        tuple(head),
        tuple(rows),
        tuple(bad),
        error_curve(
            [p for p in points if p["quantity"]],
            font=FONT,
            relative="  ".join(words.say("relative")),
            axis=axis,
        ),
        words.say("curve"),
        tuple(_why_rows(words, points)),
    )


def _in_unit(words: Words, label: Text, unit: str) -> Text:
    return words.say("in-unit", label=label, unit=unit) if unit else label


def _roles(points: Sequence[JSON]) -> dict[str, str]:
    """Return the readings that all points share, each with its unit."""
    shared: dict[str, str] | None = None
    for point in points:
        for run in point["runs"]:
            units = run.get("units") or {}
            if run["valid"]:
                shared = units if shared is None else _common(shared, units)
    return dict(list((shared or {}).items())[:MOST_INPUTS])


def _common(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    return {role: unit for role, unit in one.items() if other.get(role) == unit}


def _point_row(
    words: Words, point: JSON, roles: dict[str, str], *, judged: bool
) -> tuple[Text, ...]:
    """Return the row of a point; the readings of several runs are their mean."""
    nominal = point["nominal"] or {}
    at = f"{numbers.short(nominal['value'])} {nominal['unit']}" if nominal else "/"
    valid = [r for r in point["runs"] if r["valid"]]
    name = words.same(point["point"])
    if len(valid) > 1:
        name = words.say("mean-of", point=str(point["point"]), n=len(valid))
    cells = [name, words.same(at), *(words.same(_reading(point, valid, r)) for r in roles)]
    cells += [
        words.same(numbers.printed(point["reported"])),
        words.same(numbers.limits(point["mpe"])),
        words.same(numbers.printed(point["reported_U"])),
        words.same("/" if point["k"] is None else f"{point['k']:.3g}"),
    ]
    if judged:
        cells.append(_verdict(words, point))
    return tuple(cells)


def _reading(point: JSON, runs: Sequence[JSON], role: str) -> str:
    known = [r["inputs"][role] for r in runs if r["inputs"].get(role) is not None]
    if not known:
        return "/"
    mean = sum(known) / len(known)
    return numbers.printed(numbers.fixed(mean, numbers.input_decimals(point, mean)))


def _verdict(words: Words, point: JSON) -> Text:
    return words.say(f"verdict-{point['verdict']}") if point["verdict"] else ("/",)


def _why_rows(words: Words, points: Sequence[JSON]) -> Iterator[Text]:
    rules = {(p["rule"], p["judged_on"]) for p in points if p["rule"]}
    for rule, _ in sorted(rules, key=str):
        yield words.say("rule", rule=_rule_text(words, str(rule)))
    probabilities = {p["k"] for p in points if p["U"] is not None}
    if probabilities:
        yield words.say("about-u")


def _rule_text(words: Words, rule: str) -> Text:
    id_ = rule.partition("/")[0]
    known = ("simple-acceptance", "ilac-g8-binary", "ilac-g8-non-binary", "jjf-1094")
    if id_ in known:
        return words.say("rule-named", name=words.say(f"rule-{id_}"), id=rule)
    return words.same(rule)


def budget_tables(words: Words, uut: JSON) -> Iterator[Table]:
    """Give the budget of every point, that of its last valid run."""
    head = (
        words.say("input"),
        words.say("source"),
        words.say("standard-u"),
        words.say("distribution"),
        words.say("sensitivity"),
        words.say("contribution"),
        words.say("share"),
    )
    for point in uut["points"]:
        runs = [r for r in point["runs"] if r["valid"] and r["budget"]]
        if point["point"] is None or not runs:
            continue
        run = runs[-1]
        rows = tuple(_budget_row(words, line, run) for line in run["budget"])
        title = words.say("budget-of", point=str(point["point"]), unit=point["unit"] or "1")
        yield Table(title, head, rows, notes=(_combined(words, run, point),))


def _budget_row(words: Words, line: JSON, run: JSON) -> tuple[Text, ...]:
    unit = (run.get("units") or {}).get(line["input"], "")

    def number(name: str, unit: str = "") -> Text:
        value = line.get(name)
        return words.same(f"{numbers.figure(value)} {unit if value is not None else ''}".strip())

    return (
        words.role(line["input"]),
        words.known("source", str(line.get("source") or "")),
        number("u", unit),
        words.known("distribution", str(line.get("distribution") or "")),
        number("sensitivity"),
        number("contribution"),
        words.same(f"{100 * line['share']:.1f} %"),
    )


def _combined(words: Words, run: JSON, point: JSON) -> Text:
    known = {name: numbers.figure(run[name]) for name in ("u", "U", "k")}
    return words.say("combined", **known, unit=point["unit"] or "")
