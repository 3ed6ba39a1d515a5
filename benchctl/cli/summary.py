"""The end of a run on a screen: units by items and points, why what is not a pass is none, where.

Everything comes from the result document, so that `records show` prints the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchctl.cli.cells import duration, plain
from benchctl.cli.result_table import ResultTable, folded, folded_line, style_of
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import Titles, spoken_item
from benchctl.cli.standing import standing_lines
from benchctl.cli.terminal import Terminal
from benchctl.cli.wording import incident_text, message_text, ranges, verdict_text
from benchctl.core.verdicts import Verdict

JSON = Mapping[str, Any]

OF_A_UNIT = ("drop", "retest")
"""Incidents of which the sentence does not say where they were."""


def show_result(shell: Shell, screen: Terminal, document: JSON) -> None:
    """Write the table of a run's units, the reasons, the totals and how it ended."""
    uuts: Sequence[JSON] = document.get("uuts", ())
    shown, passed = folded(document, shell.language)
    if uuts:
        screen.line()
        titles = document.get("titles")
        for line in ResultTable(shell, screen, uuts, shown, titles).lines():
            screen.line(line)
    if told := folded_line(shell, uuts, passed):
        screen.prose(told, indent=2)
    for line in [*reason_lines(shell, document), *incident_lines(shell, document)]:
        screen.prose(line, indent=2)
    for line in standing_lines(shell, document):
        screen.prose(screen.paint(line, "yellow"), indent=2)
    screen.line()
    for line in _ending(shell, screen, document):
        screen.prose(line, indent=2)


def incident_lines(shell: Shell, document: JSON) -> list[str]:
    """Return what befell the run, in order of time, under a blank line; nothing if nothing did."""
    units = {str(uut["serial"]): uut for uut in document.get("uuts", ())}
    lines = []
    for entry in document.get("incidents") or ():
        unit = units.get(str(entry.get("uut"))) if entry.get("kind") in OF_A_UNIT else None
        place = f"{_places(shell, [unit])}  " if unit is not None else ""
        when = duration(float(entry.get("at") or 0.0))
        lines.append(f"{when:>7}  {place}{plain(incident_text(shell, entry))}")
    return ["", *lines] if lines else []


def ending_line(shell: Shell, document: JSON) -> str:
    """Return how a run ended in one line: outcome, verdict, units by verdict."""
    counts = Counter(u["verdict"] for u in document.get("uuts", ()))
    totals = [f"{counts[v]} {verdict_text(shell, v)}" for v in Verdict if counts[v]]
    outcome = document.get("outcome") or "open"
    text = shell.text(
        "ended",
        outcome=shell.text(f"outcome-{outcome}"),
        verdict=verdict_text(shell, document.get("verdict")),
        totals=shell.text("comma").join(totals) or "-",
    )
    return shell.text("ended-simulated", ended=text) if document.get("simulated") else text


def reason_lines(shell: Shell, document: JSON) -> list[str]:
    """Return why something is not a pass; what is the same for several units is said once."""
    same: dict[tuple[tuple[str, ...], str, str], list[JSON]] = {}
    titles: Titles = document.get("titles") or {}
    for uut in document.get("uuts", ()):
        for (verdict, why), names in _not_passed(shell, uut, titles).items():
            same.setdefault((tuple(names), verdict, why), []).append(uut)
    comma = shell.text("comma")
    lines = [
        shell.text(
            "no-pass",
            places=_places(shell, units),
            names=comma.join(names),
            verdict=verdict_text(shell, verdict),
            why=why,
        )
        for (names, verdict, why), units in same.items()
    ]
    return ["", *lines] if lines else []


def _not_passed(shell: Shell, uut: JSON, titles: Titles) -> dict[tuple[str, str], list[str]]:
    """Return the points and items of a unit that are no pass, by verdict and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for point in uut["points"]:
        if point.get("verdict") in (None, Verdict.PASS):
            continue
        why = plain(message_text(shell, point.get("why")))
        item = spoken_item(str(point.get("item")), shell.language, titles)
        name = plain(str(point.get("point") or item))
        found.setdefault((str(point["verdict"]), why), []).append(name)
    return found


def _places(shell: Shell, uuts: Sequence[JSON]) -> str:
    """Return which units are meant: position and serial number, or several positions."""
    if len(uuts) == 1:
        position = uuts[0].get("position") or "-"
        return shell.text("at-position", position=position, serial=plain(str(uuts[0]["serial"])))
    positions = ranges(int(u["position"]) for u in uuts if u.get("position"))
    return shell.text("at-positions", positions=positions)


def _ending(shell: Shell, screen: Terminal, document: JSON) -> list[str]:
    verdict = document.get("verdict")
    style = ("green", "bold") if verdict == Verdict.PASS else (*style_of(verdict), "bold")
    lines = [screen.paint(ending_line(shell, document), *style)]
    started, finished = document.get("started"), document.get("finished")
    if started and finished:
        passed = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        lines.append(shell.text("took", time=duration(passed.total_seconds())))
    return lines
