"""What a person's entries are held against at a point, and what a way for a time waits for."""

from __future__ import annotations

import math

from benchctl.core.messages import msg
from benchctl.language import ExpressionError
from benchctl.procedure.declared_readings import CHANGING, COUNTING, WAITING
from benchctl.procedure.evaluate import Env, Path, Trouble, number
from benchctl.procedure.procedure import Procedure

LASTS = {COUNTING: "for", WAITING: "at_most", CHANGING: "over"}
"""The key that says how long each of the ways looks."""


def windows_at(procedure: Procedure, env: Env) -> dict[str, tuple[float, float, float]]:
    """Return from where to where entries are plausible, and in which steps, by role.

    Raises:
        Trouble: a bound has no value, or they are the wrong way round.
    """
    found = {}
    plausible = procedure.each_point.plausible
    for need in procedure.needs.values():
        person, bounds = need.person, plausible.get(need.role)
        if bounds is None and (person is None or person.step is None):
            continue
        low, high, step = -math.inf, math.inf, 0.0
        if bounds is not None:
            path: Path = ("each_point", "plausible", need.role)
            low, high = number(bounds.low, env, (*path, 0)), number(bounds.high, env, (*path, 1))
            if not low < high:
                words = msg("procedure.wrong-way-round", low=f"{low:g}", high=f"{high:g}")
                raise Trouble(path, words)
        if person is not None and person.step is not None:
            path = ("needs", need.role, "person", "step")
            step = number(person.step, env, path)
            if not step > 0:
                raise Trouble(path, msg("procedure.not-positive", value=f"{step:g}"))
        found[need.role] = (low, high, step)
    return found


FEWEST = 5
"""Readings that a rate is told from at least."""


def spans_at(procedure: Procedure, env: Env) -> dict[str, float]:
    """Return how long a way for a time looks (`seconds`), and how often (`every`), in s.

    Raises:
        Trouble: a time has no value, or is too short.
    """
    way = procedure.each_point.timed
    if way is None:
        return {}
    key: Path = ("each_point", way.kind)
    lasts: Path = (*key, LASTS[way.kind])
    found = {
        "seconds": number(way.seconds, env, lasts),
        "every": number(way.every, env, (*key, "every")),
    }
    for name, path in (("seconds", lasts), ("every", (*key, "every"))):
        if not found[name] > 0:
            raise Trouble(path, msg("procedure.not-positive", value=f"{found[name]:g} s"))
    if way.kind == CHANGING and found["seconds"] < FEWEST * found["every"]:
        raise Trouble(lasts, msg("procedure.rate-few", n=FEWEST))
    return found


def reached_at(procedure: Procedure, env: Env, mpe: tuple[float, float]) -> dict[str, float]:
    """Return what a way for a time waits for, in the unit of its role, and its times in s.

    Raises:
        Trouble: there is no value, or what has not happened by then would be inside the limits.
    """
    way = procedure.each_point.timed
    if way is None:
        return {}
    key: Path = ("each_point", way.kind)
    found = spans_at(procedure, env)
    if way.amount is not None:
        end = "for" if way.kind == WAITING else "at_most"
        found["amount"] = number(way.amount, env, (*key, end))
    if way.begins is not None:
        found["begins"] = number(way.begins, env, (*key, "after"))
    model = procedure.measurand.model.known_at(env)
    if way.kind == WAITING and model.names == {"waited"}:
        try:
            value = float(model({"waited": found["seconds"]}))
        except ExpressionError as error:
            raise Trouble((*key, "at_most"), error.message) from error
        if mpe[0] <= value <= mpe[1]:
            raise Trouble((*key, "at_most"), msg("procedure.wait-short", value=f"{value:g}"))
    return found
