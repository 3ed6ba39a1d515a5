"""One side of a limit, or both: `±(3 if accuracy_class == 1 else 5) %`, `-4 %`, `0.5 * e`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchctl.core.messages import msg
from benchctl.procedure.grammar import NAME, NUMBER, GrammarError, Part


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit: an expression with an optional unit, symmetric where it began with ±."""

    value: Part
    unit: Part | None
    symmetric: bool


def parse_bound(text: str) -> Bound:
    """Return what a limit says.

    `±(EXPR) UNIT`, `±NUMBER UNIT`, or without ± for one side; the unit may be absent. Other
    expressions need their parentheses before a unit.
    """
    start = len(text) - len(text.lstrip())
    body = text.rstrip()
    sign = re.compile(r"±|\+/-|\+-").match(body, start)
    if sign:
        start = sign.end()
        start += len(body[start:]) - len(body[start:].lstrip())
    if start >= len(body):
        raise GrammarError(msg("procedure.ends-early", expected="±2 %"), len(body), len(body) + 1)
    end = _operand_end(body, start)
    rest = body[end:].strip()
    if not rest:
        return Bound(Part(body[start:end], start), None, sign is not None)
    if end > start and _is_unit_like(rest):
        unit_start = body.index(rest, end)
        return Bound(Part(body[start:end], start), Part(rest, unit_start), sign is not None)
    if sign:
        raise GrammarError(
            msg("procedure.needs-parentheses"),
            start,
            len(body),
            hint=msg("procedure.form", form="±(0.5 * e) g"),
        )
    return Bound(Part(body[start:], start), None, symmetric=False)


def _operand_end(text: str, start: int) -> int:
    """Return where the number or the parenthesis that begins at `start` ends."""
    number = NUMBER.match(text, start)
    if number:
        return number.end()
    sign = 1 if text[start] in "+-" else 0
    if text[start + sign : start + sign + 1] != "(":
        name = NAME.match(text, start + sign)
        return name.end() if name and name.end() == len(text) else start
    depth = 0
    for at in range(start + sign, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    raise GrammarError(msg("procedure.open-parenthesis"), start + sign, start + sign + 1)


def _is_unit_like(text: str) -> bool:
    """Whether what follows an operand is meant as a unit: it begins with no operator."""
    return not re.match(r"[-+*/<>=!,)(]|(?:if|and|or|else|not|in)\b", text)
