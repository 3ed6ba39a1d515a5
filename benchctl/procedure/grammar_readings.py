"""The small sentences that say how many readings are taken.

20 readings                                    parse_how_many
60 s                                           parse_how_many
u_A <= mpe / 10                                parse_precision
2 %                                            parse_share
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchctl.core.messages import msg
from benchctl.procedure.grammar import GrammarError, Part, Scanner, parse_ratio

MOST_READINGS = 100_000
"""Of one unit at one point."""


@dataclass(frozen=True, slots=True)
class Plain:
    """So many `readings`, or those of so many `seconds`."""

    readings: int = 0
    seconds: float | None = None


def parse_how_many(text: str) -> Plain:
    """Return what `20 readings`, `1 reading` or `60 s` says."""
    scan = Scanner(text, "20 readings  |  60 s")
    if re.fullmatch(r"\s*\d+\s+readings?\s*", text):
        start = scan.at
        count = scan.whole("a number of readings")
        if not 1 <= count <= MOST_READINGS:
            message = msg("procedure.readings-range", most=MOST_READINGS)
            raise GrammarError(message, start, start + len(str(count)))
        return Plain(readings=count)
    seconds = scan.quantity("s", "20 readings")
    scan.end()
    if not seconds.value > 0:
        raise GrammarError(msg("procedure.not-positive", value=text.strip()), 0, len(text))
    return Plain(seconds=seconds.value * seconds.unit.factor)


def parse_precision(text: str) -> Part:
    """Return the bound of what `u_A <= mpe / 10` says."""
    scan = Scanner(text, "u_A <= mpe / 10")
    scan.words("u_A", "<", "=")
    if scan.over:
        raise scan.wrong("a bound")
    return Part(text[scan.at :].rstrip(), scan.at)


def parse_share(text: str) -> float:
    """Return a probability given as `2 %`, `0.02` or `1/50`; it lies between 0 and 1."""
    value = parse_ratio(text)
    if value >= 1:
        body = text.strip()
        start = text.index(body)
        raise GrammarError(msg("procedure.ratio-range", found=body), start, start + len(body))
    return value
