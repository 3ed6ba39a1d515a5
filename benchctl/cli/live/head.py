"""The top of the screen: how many pass, how far it is, what goes on, what must not be missed.

Every line is a list of items, the most important first, from which whole items are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchctl.cli.cells import duration
from benchctl.cli.live.lines import Line, Piece, fitting, width, wrap
from benchctl.cli.live.state import (
    State,
    countdown,
    load_of,
    share_done,
    time_left,
    visit_of,
)
from benchctl.cli.live.words import STYLES, Words, number
from benchctl.core.verdicts import Verdict

STALE_S = 6.0
"""Real seconds without news after which values are called old; the slowest come every 2 s."""
LEAST_BAR = 10


def title_line(state: State, words: Words, room: int) -> Line:
    """Return the first line: simulated or not, units by verdict, and what run this is."""
    return fitting(_title(state, words), room)


def _title(state: State, words: Words) -> Iterator[Piece]:
    about = state.about
    if about.simulated:
        yield words.text("simulated"), "alarm"
    counts = Counter(unit.verdict for unit in state.units.values())
    for verdict in (Verdict.FAIL, Verdict.PASS, Verdict.NOT_MEASURED, Verdict.INDETERMINATE):
        if state.units and (counts[verdict] or verdict in (Verdict.FAIL, Verdict.PASS)):
            style = STYLES[verdict] if counts[verdict] else "dim"
            yield f"{words.verdict(verdict)} {counts[verdict]}", style
    if state.units:
        yield words.text("of-units", count=len(state.units)), ""
    visit = visit_of(state)
    if visit is not None:
        here = [v.id for v in state.visits.values() if v.load == visit.load]
        n = here.index(visit.id) + 1
        yield words.text("set-point-of", n=n, of=len(here)), "now"
    if len(state.loads) > 1:
        n = state.loads.index(load_of(state)) + 1
        yield words.text("load-of", n=n, of=len(state.loads)), "now"
    yield from _what_run(state, words)


def _what_run(state: State, words: Words) -> Iterator[Piece]:
    about = state.about
    if about.procedure:
        yield words.fit(f"{about.procedure} ({about.standard})"), "bold"
    if about.stage:
        known = (
            words.cli(f"{kind}-{name}")
            for kind, name in (("service", about.service), ("stage", about.stage))
        )
        yield words.cli("comma").join(known), ""
    for text in (about.bench, about.operator and words.text("operator", name=about.operator)):
        if text:
            yield words.fit(text), "dim"
    if about.run:
        yield words.text("run", run=about.run), "dim"


def bar_line(state: State, words: Words, room: int, age: float) -> Line:
    """Return how much of the whole run is done, as a bar and in per cent, and how long it takes."""
    share = min(1.0, max(0.0, share_done(state, age)))
    texts: list[Piece] = [(f"{share:.0%}".rjust(4), "bold")]
    left = time_left(state, age)
    if left > 0 and state.closed is None:
        texts.append((words.text("whole-left", time=duration(left)), ""))
    behind = fitting(texts, room - LEAST_BAR - 4)
    cells = max(LEAST_BAR, room - sum(width(text) for text, _ in behind) - 4)
    full = round(share * cells)
    return (("[", ""), ("#" * full, "good"), ("-" * (cells - full), "dim"), ("]  ", ""), *behind)


def now_lines(state: State, words: Words, room: int, age: float, most: int) -> list[Line]:
    """Return what goes on in at most `most` lines: action, countdown, flow, temperature, more."""
    items = list(_now(state, words, age))
    found: list[Line] = []
    while items and len(found) < most:
        line = fitting(items, room)
        found.append(line)
        items = items[max(1, (len(line) + 1) // 2) :]
    return found


def _now(state: State, words: Words, age: float) -> Iterator[Piece]:
    doing, closed = state.doing, state.closed
    if closed is not None:
        verdict, outcome = words.verdict(closed.verdict), words.cli(f"outcome-{closed.outcome}")
        text = words.text("outcome", outcome=outcome, verdict=verdict)
        yield text, STYLES[closed.verdict]
        return
    if doing is None:
        opening = words.text("opening", count=state.opened)
        yield (opening if state.opened else words.text("starting")), "now"
        return
    done = not state.left and not doing.conditional
    yield (words.text("finishing") if done else words.action(state, doing.action)), "now"
    left = countdown(state, age)
    if left is not None:
        yield words.cli("left", time=duration(left)), "bold"
    for text in _values(state, words):
        yield text, "dim" if _is_stale(state, age) else ""


def _values(state: State, words: Words) -> Iterator[str]:
    """Give the present values with their units, the flow with its set-point."""
    visit = visit_of(state)
    for role, value in _by_importance(state):
        name, unit = words.role(role), state.role_units[role]
        if visit is not None and unit == visit.unit:
            asked = words.quantity(visit.setpoint, unit)
            yield words.text("value-of", name=name, value=number(value), asked=asked)
            visit = None
        else:
            yield words.text("value", name=name, value=words.quantity(value, unit))


def _by_importance(state: State) -> list[tuple[str, float]]:
    """Return the present values whose unit is known: the flow, a temperature, then the others.

    The flow is what has the unit of the set-point, or where there is none what was told last.
    """
    known = [(r, v) for r, v in reversed(list(state.values.items())) if r in state.role_units]
    visit = visit_of(state)
    flow = visit.unit if visit is not None else state.role_units[known[0][0]] if known else ""
    warm = [role for role, _ in known if state.role_units[role] == "°C"]
    water = warm[-1] if warm else ""  # the first that was told: before the room

    def rank(item: tuple[str, float]) -> int:
        role, _ = item
        return 0 if state.role_units[role] == flow else 1 if role == water else 2

    return sorted(known, key=rank)


def _is_stale(state: State, age: float) -> bool:
    telling = state.doing is not None and state.told and state.asked is None
    return telling and state.about.rate > 0 and age > STALE_S


def alerts(
    state: State, words: Words, room: int, age: float, *, stopping: bool, gone: bool
) -> list[Line]:
    """Return the lines that must not be missed: not safe, stopping, a question, silence."""
    found: list[Piece] = []
    if state.unsafe:
        found.append((words.cli("not-safe", names=", ".join(state.unsafe)), "alarm"))
    if gone:
        found.append((words.text("gone"), "alarm"))
    elif (stopping or state.stopping) and state.closed is None:
        found.append((words.text("stopping"), "alarm"))
    else:
        found += _open_matters(state, words, age)
    return [((line, style),) for text, style in found for line in wrap(text, room)]


def _open_matters(state: State, words: Words, age: float) -> Iterator[Piece]:
    """Give what waits for somebody: a pause, a question, news."""
    if state.paused is not None and state.closed is None:
        passed = max(0.0, state.t - state.paused.t) + state.about.rate * age
        yield words.text("paused", by=state.paused.by, time=duration(passed)), "alarm"
    if state.asked is not None:
        question = words.message(state.asked.question)
        if state.asked.serial and state.asked.serial not in question:
            question = f"{words.place(state, state.asked.serial)}  {question}"
        yield words.text("asked", question=question), "now"
    elif _is_stale(state, age):
        yield words.text("stale", time=duration(age)), "alarm"
