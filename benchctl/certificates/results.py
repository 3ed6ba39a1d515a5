"""The tables of a certificate: findings, what was measured item by item, budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from benchctl.certificates import numbers
from benchctl.certificates.model import JSON, Table, Text
from benchctl.certificates.point_table import point_table, verdict
from benchctl.certificates.wording import Words

FINDINGS = "findings"
"""Name of the table of what is answered or observed."""
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
        why = _finding(words, point, [u["points"][n]["why"] for u in units])
        rows.append(
            (
                _with_occasion(words, words.item(point["item"], titles), point),
                why,
                verdict(words, point),
            )
        )
        if point["verdict"] != "pass":
            bad.append(row)
    head = (words.say("item"), words.say("finding"), words.say("conclusion"))
    return Table(words.say("items"), head, tuple(rows), tuple(bad), name=FINDINGS)


def _finding(words: Words, point: JSON, said: Sequence[JSON | None]) -> Text:
    """Return what was found of an item; what a family asks of it in words, not as a formula."""
    required = words.family.requirements.get(str(point["item"]))
    if required is None or not said[0]:
        return words.sentence(said)
    observed = point["observed"]
    if observed.get("value") is None:
        return words.say("required", requirement=words.of(required))
    unit = str(observed.get("unit") or "").removesuffix("1")
    value = numbers.printed(numbers.short(observed["value"], 4 if unit else 7))
    found = f"{value} {unit}".strip()
    return words.say("found-required", found=found, requirement=words.of(required))


def _with_occasion(words: Words, title: Text, point: JSON) -> Text:
    if not point.get("superseded") and point["occasion"] != "as_left":
        return title
    stage = "as-left" if point["occasion"] == "as_left" else "as-found"
    return words.say("of-occasion", title=title, occasion=words.say(stage))


def point_tables(words: Words, units: Sequence[JSON]) -> Iterator[Table]:
    """Give one table for each quantity, unit and occasion that was measured."""
    for points in grouped(units[0]["points"]):
        first = points[0]
        key = str(first["item"] or first["quantity"])
        title = words.item(key, units[0]["titles"], first["quantity"])
        yield point_table(words, points, _with_occasion(words, title, first))


def said_once(tables: Sequence[Table]) -> tuple[tuple[Table, ...], tuple[Text, ...]]:
    """Return tables without the notes that several of them share, and these notes."""
    counts = Counter(note for table in tables for note in table.notes)
    shared = tuple(note for note, n in counts.items() if n > 1)
    left = [replace(t, notes=tuple(n for n in t.notes if n not in shared)) for t in tables]
    return tuple(left), shared


def grouped(points: Sequence[JSON]) -> list[list[JSON]]:
    """Return the points of each item, quantity, unit and occasion together, in their order."""
    groups: dict[Group, list[JSON]] = {}
    for point in points:
        if point["point"] is not None:
            key = (point["item"], point["quantity"], point["unit"], point["occasion"])
            groups.setdefault(key, []).append(point)
    return list(groups.values())


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
